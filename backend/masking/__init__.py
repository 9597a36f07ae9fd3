"""The masking room: the sealed randomisation list. Nothing in it opens the seal yet."""

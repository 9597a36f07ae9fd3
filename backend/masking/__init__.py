"""The masking room: the sealed randomisation list, whose line belongs to whom, and what one physician may know in an emergency."""

"""The trial folder: what is true of one trial, as data that people approve."""

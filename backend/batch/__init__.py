"""The execution of an approved master record: one batch, its steps in order, every reading as it was left, and who checked it."""

"""Custody: containers and what became of them, labels and their lives, places, and who holds what now."""

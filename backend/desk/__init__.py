"""The desk: what a person sees first. A code and what it is, work that waits, a subject at a glance, the history, and whether it verifies."""

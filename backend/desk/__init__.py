"""The desk: what a person sees first: a code and what it is, work that waits, a subject at a glance, the history and its proof."""

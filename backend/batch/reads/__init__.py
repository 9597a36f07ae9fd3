"""What may be known of a batch: its rows for acts, and frozen views for people who look, with what is covered left out."""

from backend.batch.reads.rows import (
    batch_of,
    course_of,
    covered_entry,
    deviation_steps,
    expected,
    is_batch,
    is_received,
    opened_from,
    shown_step,
)

__all__ = [
    "batch_of", "course_of", "covered_entry", "deviation_steps", "expected", "is_batch", "is_received", "opened_from", "shown_step",
]  # fmt: skip

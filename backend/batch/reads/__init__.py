"""What may be known of a batch: its rows for acts, and frozen views for people who look, with what is covered left out."""

from backend.batch.reads.bench import StepView, step_view
from backend.batch.reads.growing import growth
from backend.batch.reads.overview import BatchView, batch_view, batches, href_of, in_play
from backend.batch.reads.rows import (
    batch_of,
    course_of,
    covered_entry,
    deviation_steps,
    expected,
    is_batch,
    is_received,
    opened_from,
    shown_correction,
    shown_step,
)
from backend.batch.reads.waiting import WaitingStep, waiting_steps

__all__ = [
    "BatchView", "StepView", "WaitingStep", "batch_of", "batch_view", "batches", "course_of", "covered_entry", "deviation_steps",
    "expected", "growth", "href_of", "in_play", "is_batch", "is_received", "opened_from", "shown_correction", "shown_step", "step_view",
    "waiting_steps",
]  # fmt: skip

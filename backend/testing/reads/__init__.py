"""What may be known of samples and results: outcomes for rules downstream, rows for acts, frozen views for people who look."""

from backend.testing.reads.outcomes import dose_outcomes, outcomes, positives, released_batches
from backend.testing.reads.rows import (
    asked_of,
    decisions_of,
    in_force,
    is_sample,
    is_waiting,
    may_be_received,
    may_be_taken,
    reference_profiles,
    result_of,
    results_of,
    shown_result,
)
from backend.testing.reads.views import AskedView, SampleView, sample_view
from backend.testing.reads.waiting import WaitingSample, WaitingTest, samples, to_receive, to_record, to_review

__all__ = [
    "AskedView", "SampleView", "WaitingSample", "WaitingTest", "asked_of", "decisions_of", "dose_outcomes", "in_force", "is_sample",
    "is_waiting", "may_be_received", "may_be_taken", "outcomes", "positives", "reference_profiles", "released_batches", "result_of",
    "results_of", "sample_view", "samples", "shown_result", "to_receive", "to_record", "to_review",
]  # fmt: skip

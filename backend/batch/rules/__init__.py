"""What must be true of a batch: which step is next, what stands against it, and how readings are compared, worked out and judged.

Pure functions over the rows of one batch and its master record: no session, no clock, no HTTP.
"""

from backend.batch.rules.against import (
    FOREIGN,
    again,
    against_correcting,
    against_handling,
    against_lifting,
    against_sitting,
    against_value,
    against_verifying,
    against_working,
    asked,
    foreign,
    hands,
    misplaced,
    not_asked_for,
    seat_of,
    unfilled,
    unread,
    unscanned,
    unstored,
)
from backend.batch.rules.balancing import Contents, Held, unbalanced
from backend.batch.rules.counting import counted, in_record, miscounted, of_record
from backend.batch.rules.course import CORRECTION, Course, Where, place
from backend.batch.rules.settling import (
    Found,
    Result,
    changed,
    filled,
    mismatches,
    out_of_limits,
    overruns,
    said_of,
    spelled,
    worked_out,
)

__all__ = [
    "CORRECTION", "FOREIGN", "Contents", "Course", "Found", "Held", "Result", "Where", "again", "against_correcting",
    "against_handling", "against_lifting", "against_sitting", "against_value", "against_verifying", "against_working", "asked",
    "changed", "counted", "filled", "foreign", "hands", "in_record", "miscounted", "mismatches", "misplaced", "not_asked_for",
    "of_record", "out_of_limits", "overruns", "place", "said_of", "seat_of", "spelled", "unbalanced", "unfilled", "unread", "unscanned",
    "unstored", "worked_out",
]  # fmt: skip

"""What may be known of containers, labels and places: rows for acts, frozen views for people who look."""

from backend.custody.reads.containers import (
    amount_of,
    awaited,
    container_of,
    container_view,
    on_its_way,
    subject_number,
    usable,
    whereabouts,
)
from backend.custody.reads.descent import family, family_view
from backend.custody.reads.labelling import live_label, one_label_pdf, print_pdf, print_view, prints, reconciliation
from backend.custody.reads.storage import box_view, claim_of, exposed_seconds, tanks_of, tree

__all__ = [
    "amount_of", "awaited", "box_view", "claim_of", "container_of", "container_view", "exposed_seconds", "family", "family_view",
    "live_label", "on_its_way", "one_label_pdf", "print_pdf", "print_view", "prints", "reconciliation", "subject_number", "tanks_of",
    "tree", "usable", "whereabouts",
]  # fmt: skip

"""What may be known of routes, orders and doses: rows for acts, frozen views made for one viewer."""

from backend.dose.reads.ordering import bank_of, collected_on, given, live_order, route_of, windows
from backend.dose.reads.preparing import DoseView, dose_view, masked_undecided, to_prepare, to_release
from backend.dose.reads.progress import dose_for, dose_in, dose_of, progress_of

__all__ = [
    "DoseView", "bank_of", "collected_on", "dose_for", "dose_in", "dose_of", "dose_view", "given", "live_order", "masked_undecided",
    "progress_of", "route_of", "to_prepare", "to_release", "windows",
]  # fmt: skip

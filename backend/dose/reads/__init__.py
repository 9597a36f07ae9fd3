"""What may be known of routes, orders and doses: rows for acts, frozen views made for one viewer."""

from backend.dose.reads.ordering import bank_of, collected_on, given, live_order, route_of, windows
from backend.dose.reads.preparing import DoseView, dose_view
from backend.dose.reads.progress import dose_for, dose_in, dose_of, progress_of, shown_dose
from backend.dose.reads.waiting import masked_undecided, to_lift, to_prepare, to_release

__all__ = [
    "DoseView", "bank_of", "collected_on", "dose_for", "dose_in", "dose_of", "dose_view", "given", "live_order", "masked_undecided",
    "progress_of", "route_of", "shown_dose", "to_lift", "to_prepare", "to_release", "windows",
]  # fmt: skip

"""What may be known of routes, orders and doses: rows for acts, frozen views made for one viewer."""

from backend.dose.reads.progress import dose_for, dose_in, dose_of, progress_of

__all__ = ["dose_for", "dose_in", "dose_of", "progress_of"]

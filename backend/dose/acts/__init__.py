"""What may be done with routes, orders and doses: prepare one, release it, dispose of one that is not given."""

from backend.dose.acts import ordering, preparing, reading, releasing

__all__ = ["ordering", "preparing", "reading", "releasing"]

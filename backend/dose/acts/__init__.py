"""What may be done with routes, orders and doses: prepare one, correct that, release it, dispose of one that is not given."""

from backend.dose.acts import correcting, ordering, preparing, reading, releasing

__all__ = ["correcting", "ordering", "preparing", "reading", "releasing"]

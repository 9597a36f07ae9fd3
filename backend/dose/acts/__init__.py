"""What may be done about doses: open a route, order an infusion, prepare it, decide about it, dispose of one that is not given."""

from backend.dose.acts import ordering, preparing, reading, releasing

__all__ = ["ordering", "preparing", "reading", "releasing"]

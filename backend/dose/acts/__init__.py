"""What may be done about doses: open a route, order an infusion, prepare, decide."""

from backend.dose.acts import ordering

__all__ = ["ordering"]

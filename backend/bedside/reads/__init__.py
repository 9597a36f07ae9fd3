"""What may be known at the bedside: the facts that the stops ask, read from rows, and the pages' views, made for one viewer."""

from backend.bedside.reads.facts import Asked, facts_of, given_for, is_cleared, meant
from backend.bedside.reads.views import (
    AfterView,
    CheckedView,
    Line,
    OrderView,
    after_view,
    checked_view,
    confirmed_by,
    lines,
    order_view,
    without_order,
)

__all__ = [
    "AfterView", "Asked", "CheckedView", "Line", "OrderView", "after_view", "checked_view", "confirmed_by", "facts_of", "given_for",
    "is_cleared", "lines", "meant", "order_view", "without_order",
]  # fmt: skip

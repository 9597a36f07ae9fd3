"""When the dose compartment of an order may be opened."""

from collections.abc import Iterable, Iterator

from backend.dose.models import Dose, Order


def against_opening(
    order: Order, route_open: bool, bank: str, exists: bool, given: bool, withdrawn: bool, trial: str, holds: Iterable[str]
) -> Iterator[str]:  # fmt: skip
    """Every reason why no dose is prepared for this order now."""
    if order.ended_at:
        yield f"This order has ended: {order.ended_why}"
    if not route_open:
        yield "The route of this subject is not opened yet."
    if bank != "released":
        yield f"The bank that was ordered from is {bank or 'not decided about'}; it must be released."
    if exists:
        yield Dose.says["coi, infusion"]
    if given:
        yield f"Infusion {order.infusion} has been given already."
    if withdrawn:
        yield "The subject has withdrawn; nothing more is prepared for them."
    if trial != "active":
        yield f"The trial is {trial}; no dose is prepared until it is active."
    for why in holds:
        yield f"It is on hold: {why}"

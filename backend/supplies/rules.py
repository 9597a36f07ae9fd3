"""What must be true of lots and equipment, from rows to sentences. Whether they may be used in a step is asked by the step."""

from collections.abc import Iterator
from datetime import date

from backend.supplies.models import Equipment, Lot


def against_receiving(expires_on: date, today: date) -> Iterator[str]:
    """Every reason why a lot cannot be received."""
    if expires_on < today:
        yield f"This lot expired on {expires_on}; today is {today}."


def against_lot(lot: Lot, today: date) -> Iterator[str]:
    """Every reason why this lot cannot be used today."""
    if lot.ended_at:
        yield f"{lot.item}, lot {lot.lot_number}, was taken out of use: {lot.ended_why}"
    if lot.expires_on < today:
        yield f"{lot.item}, lot {lot.lot_number}, expired on {lot.expires_on}; today is {today}."


def against_equipment(equipment: Equipment, until: date | None, today: date) -> Iterator[str]:
    """Every reason why this equipment cannot be used today; `until` is the last day of its calibration."""
    if equipment.ended_at:
        yield f"{equipment.name} was taken out of use: {equipment.ended_why}"
    if until is None:
        yield f"{equipment.name} has never been calibrated."
    elif until < today:
        yield f"The calibration of {equipment.name} counts until {until}; today is {today}."

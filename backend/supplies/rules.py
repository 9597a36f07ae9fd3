"""What must be true of lots and equipment, from rows to sentences. Whether they may be used in a step is asked by the step."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from backend.supplies.models import Equipment, Lot
from labels.templates import LabelTemplate, Line

_NAME, _CODE = Line(text="{place_name}", size_pt=Decimal(10), bold=True), Line(text="{code}", size_pt=Decimal(8), bold=True)


def _label(title: str, *above: Line) -> LabelTemplate:
    return LabelTemplate(
        code="supply", title=title, stock="place-60x25", stage="place", size_pt=Decimal("6.5"), lines=(*above[:1], _NAME, *above[1:], _CODE)
    )


LOT_LABEL = _label("Material lot", Line(text="{place_path}"), Line(text="Use before {expires_on}"))
EQUIPMENT_LABEL = _label("Equipment", Line(text="{place_path}"))
"""The labels of a lot and a piece of equipment. They belong to the site and not to a trial, so no trial folder holds them."""


class Supply(NamedTuple):
    """A lot or a piece of equipment that was scanned into a step: its part and kind, what it is called, every reason against it today."""

    part: str  # equipment or material
    kind: str
    named: str
    against: tuple[str, ...]


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

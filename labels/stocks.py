"""The papers that labels are printed on, as data, in millimetres.

One idea: a stock says where the symbol and the text go and how large one module of the symbol is; a template says
only what is printed. A sheet says where the cells of an A4 page are.
"""

from decimal import Decimal
from typing import NamedTuple


def _mm(text: str) -> Decimal:
    return Decimal(text)


class Stock(NamedTuple):
    """One label: its size, margin, the module of its symbol, and where the symbol boxes begin (left, top; quiet zone included)."""

    code: str
    title: str
    width_mm: Decimal
    height_mm: Decimal
    margin_mm: Decimal
    module_mm: Decimal
    symbols_mm: tuple[tuple[Decimal, Decimal], ...]
    text_left_mm: Decimal
    text_width_mm: Decimal


class Sheet(NamedTuple):
    """A page of A4 with columns × rows of cells; left and top are the outer margins, the steps go from cell to cell."""

    code: str
    columns: int
    rows: int
    cell_width_mm: Decimal
    cell_height_mm: Decimal
    left_mm: Decimal
    top_mm: Decimal
    step_x_mm: Decimal
    step_y_mm: Decimal


A4_MM = (_mm("210"), _mm("297"))

STOCKS = {
    stock.code: stock
    for stock in (
        # Two dots of a 203 dpi printer and three of a 300 dpi one make a module of 0.25 mm: 5.25 mm, 48° of a 12.5 mm vial.
        Stock("cryovial-33x13", "Cryovial wrap", _mm("33"), _mm("13"), _mm("0.5"), _mm("0.25"), ((_mm("0.2"), _mm("0.2")),), _mm("7.5"), _mm("25")),
        Stock("container-50x30", "Container, bag, syringe", _mm("50"), _mm("30"), _mm("1"), _mm("0.5"), ((_mm("0"), _mm("0")),), _mm("14.5"), _mm("34.5")),
        # The symbol twice, so that one is on top however the wrist lies.
        Stock(
            "wristband-280x25", "Wristband", _mm("280"), _mm("25"), _mm("2"), _mm("0.625"),
            ((_mm("16"), _mm("3.4")), (_mm("150"), _mm("3.4"))), _mm("35"), _mm("114"),
        ),
        Stock("place-60x25", "Location plate", _mm("60"), _mm("25"), _mm("1.5"), _mm("0.75"), ((_mm("0.5"), _mm("1.6")),), _mm("22.5"), _mm("36")),
        Stock("badge-86x54", "Badge card", _mm("86"), _mm("54"), _mm("4"), _mm("0.875"), ((_mm("1"), _mm("1")),), _mm("27"), _mm("55")),
    )
}
"""The stocks by code."""

SHEETS = {
    sheet.code: sheet
    for sheet in (
        Sheet("a4-24", 3, 8, _mm("63.5"), _mm("33.9"), _mm("7.25"), _mm("12.9"), _mm("66"), _mm("33.9")),
        Sheet("a4-65", 5, 13, _mm("38.1"), _mm("21.2"), _mm("4.75"), _mm("10.7"), _mm("40.6"), _mm("21.2")),
    )
}
"""The sheets by code: labels cut from A4 for a desk printer."""

"""The papers that labels are printed on, as data, in millimetres.

One idea: a stock says where the symbol and the text go and how large one module of the symbol is; a template says
only what is printed. A sheet says where the cells of an A4 page are.
"""

from decimal import Decimal
from typing import NamedTuple


class Stock(NamedTuple):
    """One label: its size and margins, the module of its symbol, where each symbol's quiet zone begins (left, top), its text column."""

    code: str
    title: str
    width_mm: Decimal
    height_mm: Decimal
    side_mm: Decimal
    margin_mm: Decimal
    module_mm: Decimal
    symbols_mm: tuple[tuple[Decimal, Decimal], ...]
    text_left_mm: Decimal
    text_width_mm: Decimal


def _stock(code: str, title: str, size: str, margins: str, module: str, symbols: tuple[str, ...], column: str) -> Stock:
    """A stock from pairs of millimetres: width and height, side and top margin, left and top of each symbol, left and width of the text."""
    return Stock(code, title, *_pair(size), *_pair(margins), Decimal(module), tuple(_pair(symbol) for symbol in symbols), *_pair(column))


def _pair(text: str) -> tuple[Decimal, Decimal]:
    first, second = text.split()
    return Decimal(first), Decimal(second)


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


A4_MM = _pair("210 297")

STOCKS = {
    stock.code: stock
    for stock in (
        # Two dots of a 203 dpi printer and three of a 300 dpi one make a module of 0.25 mm: 5.25 mm, 48° of a 12.5 mm vial.
        _stock("cryovial-33x13", "Cryovial wrap", "33 13", "1.2 0.4", "0.25", ("0.2 0.2",), "7.5 24.3"),
        _stock("container-50x30", "Container, bag, syringe", "50 30", "2 1", "0.5", ("0 0",), "14.5 33.5"),
        # As wide as the sleeve over a syringe, so that the route is read from the end of the bed.
        _stock("dose-76x40", "Syringe in its sleeve", "76 40", "2 1", "0.5", ("0 0",), "14.5 59.5"),
        # The symbol twice, so that one is on top however the wrist lies.
        _stock("wristband-280x25", "Wristband", "280 25", "16 2", "0.625", ("16 3.4", "150 3.4"), "35 114"),
        _stock("place-60x25", "Location plate", "60 25", "2 1.5", "0.75", ("0 1.6",), "22.5 36"),
        _stock("badge-86x54", "Badge card", "86 54", "4 4", "0.875", ("2 14.3",), "28 54"),
    )
}
"""The stocks by code."""

SHEETS = {
    sheet.code: sheet
    for sheet in (
        Sheet("a4-24", 3, 8, *_pair("63.5 33.9"), *_pair("7.25 12.9"), *_pair("66 33.9")),
        Sheet("a4-65", 5, 13, *_pair("38.1 21.2"), *_pair("4.75 10.7"), *_pair("40.6 21.2")),
    )
}
"""The sheets by code: labels cut from A4 for a desk printer."""

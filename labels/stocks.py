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

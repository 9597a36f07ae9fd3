"""The QR symbol of a code: version 1, error correction Q, 21 × 21 modules, with nothing in it but the code.

One idea: the dark modules are runs, drawn as one path, on paper and on web pages alike: smaller and quicker than an
image, and sharp at every size.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any

import qrcode
from qrcode.constants import ERROR_CORRECT_Q

from labels import codes

MODULES = 21
QUIET = 4
"""Modules of white that the symbol needs on each side."""
BOX = MODULES + 2 * QUIET
SMALLEST_MODULE_MM = Decimal("0.25")
"""Below this a scanner at arm's length fails on a vial, and a 203 dpi printer has fewer than two dots for a module."""
VIEW_BOX = f"0 0 {BOX} {BOX}"

Run = tuple[int, int, int]


@lru_cache(maxsize=4096)
def runs(code: str) -> tuple[Run, ...]:
    """The dark runs (column, row, length) of the symbol in modules, without the quiet zone; what is not a code raises NotACode."""
    symbol = qrcode.QRCode(version=1, error_correction=ERROR_CORRECT_Q, border=0)
    symbol.add_data(codes.read(code), optimize=0)  # one segment; capitals and digits make it alphanumeric
    symbol.make(fit=False)
    return tuple(_runs(symbol.modules))


def svg_path(code: str) -> str:
    """The `d` of one SVG path in a view box of 0 0 29 29, quiet zone included."""
    return "".join(f"M{column + QUIET} {row + QUIET}h{length}v1h-{length}z" for column, row, length in runs(code))


def draw_on(canvas: Any, code: str, left: float, top: float, module: float) -> None:
    """The symbol is on the reportlab canvas as one filled path; lengths in points, `left` and `top` are the corner of its quiet zone."""
    drawn = " ".join(f"{column + QUIET} {row + QUIET} {length} 1 re" for column, row, length in runs(code))
    canvas.addLiteral(f"q {module:.5f} 0 0 {-module:.5f} {left:.5f} {top:.5f} cm {drawn} f Q")


def _runs(modules: Any) -> Iterator[Run]:
    for row, line in enumerate(modules):
        column = 0
        for dark, group in groupby(line):
            length = len(list(group))
            if dark:
                yield column, row, length
            column += length

"""Where everything on one label goes: each text measured with the font it will be drawn in, before anything is drawn.

One idea: a text that does not fit is refused by the name of its field and is never clipped and never shrunk. A label is
the symbol at the left, lines beside it, and the statutory texts in a band at the bottom.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from labels import symbol
from labels.fields import FIELDS, CannotPrint, printed
from labels.fonts import Face, Faces, GlyphMissing, Piece, code_piece, pieces
from labels.stocks import Stock

MM = 72 / 25.4
LEADING = 1.1
"""Line to line at the least, as a part of the text size; Vera is 1.0 from its highest capital to its lowest tail."""
_LOOSEST = 0.25
"""Room that is left over loosens the lines by up to this part of their size."""
_ASCENT = 0.77
_BAND_GAP = 0.2 * MM
_DEMO = "DEMO"


class Part(NamedTuple):
    """A stretch of a line: a field's value, or literal text under the name of its line."""

    name: str
    text: str


class Text(NamedTuple):
    """One line as it will be printed."""

    parts: tuple[Part, ...]
    size_pt: Decimal
    bold: bool

    @property
    def whole(self) -> str:
        """The line as it is read."""
        return "".join(part.text for part in self.parts)


class Filled(NamedTuple):
    """One label ready to be printed: its paper, its code, its lines, its statutory texts, and whether it is a demonstration."""

    stock: Stock
    code: str
    lines: tuple[Text, ...]
    band: tuple[Text, ...]
    demo: bool


class Placed(NamedTuple):
    """A piece of text with the left end of its base line, in points from the lower left corner of the label."""

    x: float
    y: float
    size: float
    piece: Piece


class Row(NamedTuple):
    """One line with its pieces where they go, and how it is read."""

    whole: str
    placed: tuple[Placed, ...]


class Mark(NamedTuple):
    """The word DEMO, white in a black box."""

    left: float
    bottom: float
    width: float
    height: float
    row: Row


class Layout(NamedTuple):
    """Everything of one label, in points."""

    rows: tuple[Row, ...]
    rule: tuple[float, float, float] | None
    mark: Mark | None


def place(label: Filled, faces: Faces) -> Layout:
    """Where everything goes; CannotPrint names the field that cannot be drawn or does not fit, with the lengths in mm."""
    stock = label.stock
    if stock.module_mm < symbol.SMALLEST_MODULE_MM:
        raise CannotPrint("code", f"One module of the symbol is {stock.module_mm} mm; it must be at least {symbol.SMALLEST_MODULE_MM} mm.")
    width, height, margin, side = _pt(stock.width_mm), _pt(stock.height_mm), _pt(stock.margin_mm), _pt(stock.side_mm)
    band_height = sum(_pitch(text) for text in label.band)
    band_top = margin + band_height + (_BAND_GAP if label.band else 0)
    spare = height - margin - band_top - sum(_pitch(text) for text in label.lines)
    if spare < -0.01:
        raise _too_high(label, height - margin - band_top - spare, height - margin - band_top)
    loose = min(_LOOSEST, max(0.0, spare) / sum(float(text.size_pt) for text in label.lines))
    rows: list[Row] = []
    top = height - margin - (0 if label.band else (spare - loose * sum(float(text.size_pt) for text in label.lines)) / 2)
    mark = _mark(label, faces, top) if label.demo else None
    for number, text in enumerate(label.lines):
        room = _pt(stock.text_width_mm) - (mark.width + _pt(Decimal("0.6")) if mark and number == 0 else 0)
        rows.append(_line(text, _pt(stock.text_left_mm), top, room, faces, stock))
        top -= _pitch(text) + loose * float(text.size_pt)
    lowest_symbol = min(height - _pt(y) for _, y in stock.symbols_mm) - symbol.BOX * _pt(stock.module_mm)
    if lowest_symbol < (band_top - 0.01 if label.band else -0.01):
        raise CannotPrint("code", f"The texts at the bottom take {band_top / MM:.1f} mm, which runs into the quiet zone of the symbol.")
    rule = (side, band_top, width - side) if label.band else None
    top = margin + band_height
    for text in label.band:
        rows.append(_line(text, side, top, width - 2 * side, faces, stock))
        top -= _pitch(text)
    return Layout(tuple(rows), rule, mark)


def measured(text: Text, faces: Faces) -> tuple[list[Piece], float]:
    """The pieces of the line and its width in points; CannotPrint names the field with a character that cannot be drawn."""
    found = [piece for part in text.parts for piece in _part(part, _chain(text, faces))]
    return found, sum(piece.width for piece in found) * float(text.size_pt) / 1000


def _line(text: Text, left: float, top: float, room: float, faces: Faces, stock: Stock) -> Row:
    found, width = measured(text, faces)
    if width > room:
        raise CannotPrint(
            _culprit(text, faces),
            f"“{_short(text.whole)}” is {width / MM:.1f} mm long at {text.size_pt} pt; "
            f"this line of a {stock.width_mm} × {stock.height_mm} mm label has {room / MM:.1f} mm.",
        )
    size = float(text.size_pt)
    return Row(text.whole, tuple(_placed(found, left, top - _ASCENT * size - (LEADING - 1) * size / 2, size)))


def _placed(found: list[Piece], x: float, y: float, size: float) -> Iterator[Placed]:
    for piece in found:
        yield Placed(x, y, size, piece)
        x += piece.width * size / 1000


def _part(part: Part, chain: tuple[Face, ...]) -> list[Piece]:
    if part.name in FIELDS and FIELDS[part.name].is_code:
        return [code_piece(part.text, chain[0])]
    try:
        return pieces(part.text, chain)
    except GlyphMissing as missing:
        raise CannotPrint(part.name, missing.sentence) from missing


def _culprit(text: Text, faces: Faces) -> str:
    """The field that is longest beyond its sample; the line itself when it holds no field."""
    chain = _chain(text, faces)

    def beyond(part: Part) -> float:
        sample = printed(part.name, FIELDS[part.name].sample)
        return sum(piece.width for piece in _part(part, chain)) - sum(piece.width for piece in _part(Part(part.name, sample), chain))

    fields = [part for part in text.parts if part.name in FIELDS]
    return max(fields, key=beyond).name if fields else text.parts[0].name


def _mark(label: Filled, faces: Faces, top: float) -> Mark:
    """The word DEMO at the right end of the first line, which begins at `top`."""
    stock = label.stock
    first = label.lines[0]
    size = min(8.0, max(4.0, 0.62 * float(first.size_pt)))
    found = pieces(_DEMO, faces.bold)
    width = sum(piece.width for piece in found) * size / 1000 + 0.6 * size
    height = 1.1 * size
    left = _pt(stock.text_left_mm + stock.text_width_mm) - width
    bottom = top - (_pitch(first) + height) / 2
    return Mark(left, bottom, width, height, Row(_DEMO, tuple(_placed(found, left + 0.3 * size, bottom + 0.19 * size, size))))


def _too_high(label: Filled, needs: float, has: float) -> CannotPrint:
    last = label.lines[-1]
    name = next((part.name for part in last.parts if part.name in FIELDS), last.parts[0].name)
    return CannotPrint(
        name,
        f"The {len(label.lines)} lines are {needs / MM:.1f} mm high; beside the symbol there are {has / MM:.1f} mm above the bottom texts.",
    )


def _chain(text: Text, faces: Faces) -> tuple[Face, ...]:
    return faces.bold if text.bold else faces.regular


def _pitch(text: Text) -> float:
    return LEADING * float(text.size_pt)


def _pt(mm: Decimal) -> float:
    return float(mm) * MM


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"

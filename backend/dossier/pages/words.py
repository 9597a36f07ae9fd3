"""Text of a document as it is drawn: measured with the fonts of the labels, wrapped, and never with a glyph that is not there.

A character that no configured font can draw is written out as [U+4E2D]: a record is immutable, so it must always be printable, and nothing
may vanish from it without a word.
"""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from reportlab.lib.colors import Color, HexColor
from reportlab.platypus import Flowable

from labels.fonts import RAISED_BY, RAISED_SIZE, Face, Faces, GlyphMissing, Piece, code_piece, pieces

INK, QUIET, RULE, SUNK = HexColor("#14181c"), HexColor("#5d646a"), HexColor("#c9ccc5"), HexColor("#efefe8")
GO, STOP, WARN = HexColor("#0a6237"), HexColor("#a90f1c"), HexColor("#7d4a00")
SPOKEN = str.maketrans({"\u202f": "\u00a0", "→": "–", "\t": " ", "\r": None} | dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)))
"""What reads the same in another sign that every font has: CO2 for CO₂, a dash for an arrow."""


CODE = re.compile(r"(\b[SCLWPETBDK][0-9A-Z]{3}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b)")


class Ink(NamedTuple):
    """How a text is written."""

    chain: tuple[Face, ...]
    size: int = 8
    leading: int = 10
    colour: Color = INK
    struck: bool = False


class Inks:
    """The few ways in which a document writes, in the configured fonts."""

    def __init__(self, faces: Faces) -> None:
        plain, bold = faces
        self.plain, self.bold = Ink(plain), Ink(bold)
        self.quiet, self.struck = Ink(plain, colour=QUIET), Ink(plain, 7, 9, QUIET, True)
        self.small, self.head = Ink(plain, 6, 8, QUIET), Ink(bold, 6, 8, QUIET)
        self.go, self.warn, self.stop = Ink(plain, colour=GO), Ink(bold, colour=WARN), Ink(bold, colour=STOP)
        self.masked = Ink(bold, colour=QUIET)
        self.block, self.step, self.section = Ink(bold, 8, 11), Ink(bold, 11, 14), Ink(bold, 17, 22)
        self.title, self.lead = Ink(bold, 30, 36), Ink(bold, 14, 19)

    def tone(self, tone: str) -> Ink:
        known = {"go": self.go, "warn": self.warn, "stop": self.stop, "masked": self.masked, "quiet": self.quiet}
        return known.get(tone, self.plain)


@lru_cache(maxsize=20_000)
def legible(text: str, chain: tuple[Face, ...]) -> str:
    """The text with every character that cannot be drawn written out by its number."""
    text = text.translate(SPOKEN)
    try:
        pieces(text, chain)
    except GlyphMissing:
        return "".join(_legible(character, chain) for character in text)
    return text


def _legible(character: str, chain: tuple[Face, ...]) -> str:
    try:
        pieces(character, chain)
    except GlyphMissing:
        return f"[U+{ord(character):04X}]"
    return character


@lru_cache(maxsize=20_000)
def measured(text: str, chain: tuple[Face, ...]) -> tuple[tuple[Piece, ...], float]:
    """The pieces of a text and its width in parts of its size. All codes are equally wide, so no layout depends on a code's letters."""
    found = tuple(
        piece
        for n, part in enumerate(CODE.split(text))
        if part
        for piece in ([code_piece(part, chain[0])] if n % 2 else pieces(part, chain))
    )
    return found, sum(piece.width for piece in found) / 1000


def wrapped(text: str, ink: Ink, width: float) -> list[str]:
    """The text in lines that are not wider than `width` points; a word that is wider is cut."""
    lines: list[str] = []
    for given in text.split("\n"):
        line = ""
        for word in legible(given, ink.chain).split(" "):
            longer = f"{line} {word}" if line else word
            if measured(longer, ink.chain)[1] * ink.size <= width:
                line = longer
                continue
            lines += [line] if line else []
            *cut, line = _cut(word, ink, width)
            lines += cut
        lines.append(line)
    return lines


def _cut(word: str, ink: Ink, width: float) -> list[str]:
    found, part = [], ""
    for character in word:
        if part and measured(part + character, ink.chain)[1] * ink.size > width:
            found.append(part)
            part = ""
        part += character
    return [*found, part]


def write(canvas: Any, x: float, y: float, text: str, ink: Ink, *, right: bool = False) -> float:
    """One line of text with its base line at (x, y), which is its right end when `right`; its width."""
    text = legible(text, ink.chain)
    found, share = measured(text, ink.chain)
    width = share * ink.size
    x = x - width if right else x
    canvas.setFillColor(ink.colour)
    raised = any(piece.raised for piece in found)
    if raised:  # who copies or hears the text must get 10⁶ and not 106
        canvas.addLiteral(f"/Span <</ActualText <FEFF{text.encode('utf-16-be').hex().upper()}>>> BDC")
    at = x
    for piece in found:
        size = ink.size * RAISED_SIZE if piece.raised else ink.size
        spread = (piece.width - piece.natural) * ink.size / 1000 / max(len(piece.text) - 1, 1)
        canvas.setFont(piece.face.name, size)
        canvas.drawString(at, y + (RAISED_BY * ink.size if piece.raised else 0), piece.text, charSpace=spread)
        at += piece.width * ink.size / 1000
    if raised:
        canvas.addLiteral("EMC")
    if ink.struck:
        canvas.setStrokeColor(ink.colour)
        canvas.setLineWidth(0.6)
        canvas.line(x, y + 0.3 * ink.size, x + width, y + 0.3 * ink.size)
    return width


class Words(Flowable):
    """A text that wraps and can go on on the next page."""

    def __init__(self, text: str, ink: Ink, lines: list[str] | None = None) -> None:
        super().__init__()
        self.text, self.ink, self.lines = text, ink, lines
        self.cut = lines is not None

    def wrap(self, width: float, _: float) -> tuple[float, float]:
        if not self.cut or self.lines is None:
            self.lines = wrapped(self.text, self.ink, width)
        self.width, self.height = width, len(self.lines) * self.ink.leading
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        self.wrap(width, height)
        lines, room = self.lines or [], int(height // self.ink.leading)
        if room <= 0 or room >= len(lines):  # a table that asks for two parts of what fits is wrong by a rounding, and gets none
            return []
        return [Words(self.text, self.ink, lines[:room]), Words(self.text, self.ink, lines[room:])]

    def draw(self) -> None:
        y = self.height - self.ink.leading + 0.24 * self.ink.leading
        for line in self.lines or []:
            write(self.canv, 0, y, line, self.ink)
            y -= self.ink.leading

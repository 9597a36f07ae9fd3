"""The fonts that labels and documents are drawn with, and whether they can draw a character.

One idea: a glyph that a font lacks vanishes without a word, so every character is looked up before it is drawn, down
to its outline: some fonts map a character to an empty box. The default font is Bitstream Vera, which ships with reportlab.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from labels.codes import ALPHABET, LENGTH

ONE_AT_A_TIME = Lock()
"""reportlab reads a font file while it subsets it, and the font is shared by all threads: one document is drawn at a time."""

_SHIPPED = Path(reportlab.__file__).parent / "fonts"
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+−")
RAISED_SIZE = 0.62
RAISED_BY = 0.36
"""Powers are drawn as smaller raised digits (size and rise as parts of the text size): most fonts have ² and lack ⁶."""


class FontMissing(ValueError):
    """A configured font cannot be used; `sentence` says which and why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class GlyphMissing(ValueError):
    """A character cannot be drawn; `sentence` says which and why."""

    def __init__(self, character: str, why: str) -> None:
        self.sentence = f"“{character}” (U+{ord(character):04X}) {why}" if character.isprintable() else f"U+{ord(character):04X} {why}"
        super().__init__(self.sentence)


@dataclass(frozen=True, slots=True)
class Fonts:
    """The configured font files; None is the shipped font, and for `han` no font for Chinese at all."""

    regular: Path | None = None
    bold: Path | None = None
    han: Path | None = None
    han_index: int = 0


class Face:
    """One font file ready for reportlab: its registered name and the width of every character it can draw."""

    def __init__(self, name: str, face: Any) -> None:
        self.name = name
        self._face = face
        self._widths: dict[str, float | None] = {}

    def width(self, character: str) -> float | None:
        """The width of the character in thousandths of the text size; None when the font cannot draw it."""
        if character not in self._widths:
            self._widths[character] = self._look_up(character)
        return self._widths[character]

    def _look_up(self, character: str) -> float | None:
        glyph = self._face.charToGlyph.get(ord(character), 0)
        if glyph == 0:  # not in the font, or mapped to its box for "no such glyph"
            return None
        outline = self._face.glyphPos[glyph + 1] - self._face.glyphPos[glyph]
        if outline == 0 and unicodedata.category(character) != "Zs":
            return None
        return float(self._face.charWidths[ord(character)])


class Faces(NamedTuple):
    """The chains of fonts for plain and for bold text; each character is drawn with the first that has it."""

    regular: tuple[Face, ...]
    bold: tuple[Face, ...]


class Piece(NamedTuple):
    """A stretch of text in one font; a raised piece is a power and `text` holds its plain digits.

    `width` is what it takes on the line and `natural` what its glyphs take by themselves, in thousandths of the text size.
    """

    text: str
    face: Face
    width: float
    natural: float
    raised: bool = False


def load_fonts(fonts: Fonts) -> Faces:
    """The fonts, read and known to reportlab; FontMissing says which configured file is missing or cannot be embedded."""
    regular = _face(fonts.regular or _SHIPPED / "Vera.ttf", 0, "plain text")
    bold = _face(fonts.bold or _SHIPPED / "VeraBd.ttf", 0, "bold text")
    han = (_face(fonts.han, fonts.han_index, "Chinese"),) if fonts.han else ()
    return Faces((regular, *han), (bold, regular, *han))


def pieces(text: str, chain: tuple[Face, ...]) -> list[Piece]:
    """The text in stretches of one font each, widths in thousandths of the text size; GlyphMissing names what cannot be drawn."""
    found: list[Piece] = []
    run, run_face, run_width, run_raised = "", chain[0], 0.0, False
    for character in text:
        refuse_unprintable(character)
        plain = character.translate(_RAISED)
        raised = plain != character
        face, width = _first_with(plain, chain)
        if run and (face is not run_face or raised != run_raised):
            found.append(Piece(run, run_face, run_width, run_width, run_raised))
            run, run_width = "", 0.0
        run, run_face, run_raised = run + plain, face, raised
        run_width += width * RAISED_SIZE if raised else width
    if run:
        found.append(Piece(run, run_face, run_width, run_width, run_raised))
    return found


def code_piece(text: str, face: Face) -> Piece:
    """A shown code, as wide as every other code in this font, so that whether it fits does not depend on its letters.

    W is three times as wide as J: a wider code is condensed and a narrower one spaced, at the same height.
    """
    width = _code_width(face)
    return Piece(text, face, width, sum(face.width(character) or 0 for character in text))


@cache
def _code_width(face: Face) -> float:
    letters = [face.width(character) or 0 for character in ALPHABET]
    return LENGTH * sum(letters) / len(letters) + 3 * (face.width("-") or 0)


@cache
def refuse_unprintable(character: str) -> None:
    """Nothing, for a character that one glyph from left to right can show; GlyphMissing for every other."""
    category = unicodedata.category(character)
    if category in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        raise GlyphMissing(character, "is a control or invisible character; a label has visible characters only.")
    if category.startswith("M"):
        raise GlyphMissing(character, "is a combining mark; letter and mark must be one character.")
    if unicodedata.bidirectional(character) in {"R", "AL", "AN"}:
        raise GlyphMissing(character, "is written from right to left; labels are drawn from left to right.")


def _first_with(character: str, chain: tuple[Face, ...]) -> tuple[Face, float]:
    for face in chain:
        width = face.width(character)
        if width is not None:
            return face, width
    raise GlyphMissing(character, "is not in the font; a font that has it must be configured.")


@cache
def _face(path: Path, index: int, purpose: str) -> Face:
    if not path.is_file():
        raise FontMissing(f"The font for {purpose} is configured as {path}, but there is no such file.")
    name = f"{path}#{index}"
    try:
        font = TTFont(name, str(path), subfontIndex=index)
    except (TTFError, OSError) as error:
        raise FontMissing(f"The font for {purpose}, {path}, cannot be embedded; it must have TrueType outlines. ({error})") from error
    pdfmetrics.registerFont(font)
    return Face(name, font.face)

"""The record of a subject on paper: the content of one edition drawn as a PDF, the same bytes for the same content, row and fonts.

One idea: nothing is known here but the content. A masked value reads “masked” before it comes here, so no trace of it can be in the file.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Spacer,
    Table,
    TableStyle,
)

from backend.dossier.pages.words import INK, QUIET, RULE, SUNK, Inks, Words, write
from backend.dossier.reads.record import Content
from backend.dossier.reads.record.parts import Block, Cell, Facts, Heading, Section, Sentences
from backend.dossier.reads.record.parts import Table as Rows
from labels import symbol
from labels.codes import shown
from labels.fonts import ONE_AT_A_TIME, Fonts, load_fonts

WIDTH, HEIGHT = A4
MARGIN, TOP, BOTTOM = 16 * mm, 24 * mm, 20 * mm
ROOM = WIDTH - 2 * MARGIN
LABEL = 52 * mm


@dataclass(frozen=True)
class Printed:
    """The row of the print: which document this is, who asked for it, and the hashes of both editions' contents."""

    code: str
    at: datetime
    at_words: str
    by: str
    role: str
    content_sha256: str
    other_sha256: str
    salt: str  # empty in the masked edition: with it a hash could be tried against both arms
    demo: bool


def pdf(content: Content, printed: Printed, fonts: Fonts | None = None) -> bytes:
    """The document. The same arguments give the same bytes: no clock, and the dates of the file are those of the row."""
    inks, out = Inks(load_fonts(fonts or Fonts())), BytesIO()
    paper = _Paper(out, content, printed, inks)
    story: list[Flowable] = [*_front(content, printed, inks), PageBreak()]
    for number, section in enumerate(content.sections, 1):
        story += _section(number, section, inks)
    with ONE_AT_A_TIME:
        paper.build(story, canvasmaker=paper.canvas)
    return out.getvalue()


# ---- pages ----


class _Paper(BaseDocTemplate):
    """A4 with a head and a foot that say whose record it is, which edition, and which page of how many."""

    def __init__(self, out: BytesIO, content: Content, printed: Printed, inks: Inks) -> None:
        super().__init__(
            out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=TOP, bottomMargin=BOTTOM, author="", subject="",
            title=f"Record of subject {content.number}, {content.edition} edition", creator="Marrowline", producer="Marrowline",
        )  # fmt: skip
        self.content, self.printed, self.inks = content, printed, inks
        self.pages_of: dict[int, int] = {}
        frame = Frame(MARGIN, BOTTOM, ROOM, HEIGHT - TOP - BOTTOM, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
        self.addPageTemplates(PageTemplate("page", [frame], onPage=self._edge))

    def canvas(self, out: Any, **given: Any) -> Canvas:
        """A canvas without a clock: the dates of the file are those of the row."""
        given.pop("invariant", None)
        made = Canvas(out, **(given | {"invariant": 1, "pageCompression": 1}))
        stamp = f"D:{self.printed.at.astimezone(UTC):%Y%m%d%H%M%S}Z"
        made.setDateFormatter(lambda *_: stamp)
        return made

    def _edge(self, canvas: Canvas, _: Any) -> None:
        inks, content, y = self.inks, self.content, HEIGHT - 14 * mm
        canvas.saveState()
        write(canvas, MARGIN, y, f"{content.number}   {shown(content.coi)}", inks.bold)
        write(canvas, WIDTH - MARGIN, y, f"{content.edition.upper()} EDITION", inks.bold, right=True)
        if self.printed.demo:
            write(canvas, WIDTH / 2 + 20, y, "DEMO – not a real subject", inks.stop, right=False)
        _rule(canvas, HEIGHT - 17 * mm, INK, 1)
        _rule(canvas, 15 * mm, RULE, 0.5)
        y = 11 * mm
        write(
            canvas, MARGIN, y, f"Document {shown(self.printed.code)}   entry {content.seq} of the chain, {content.head[:16]}…", inks.small
        )
        canvas.saveState()
        canvas.translate(WIDTH - MARGIN, y)
        canvas.doForm("total")
        canvas.restoreState()
        total = 13
        write(canvas, WIDTH - MARGIN - total, y, f"page {canvas.getPageNumber()} of", inks.small, right=True)
        canvas.restoreState()

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802  # reportlab's name
        if isinstance(flowable, _Begins):
            self.pages_of[flowable.number] = self.page
            self.canv.bookmarkPage(f"section-{flowable.number}")
            self.canv.addOutlineEntry(flowable.title, f"section-{flowable.number}", 0)

    def _endBuild(self) -> None:  # noqa: N802  # reportlab's name; the total and the contents are known only now
        for name, text in [("total", str(self.page)), *((f"at-{n}", str(page)) for n, page in self.pages_of.items())]:
            ink = self.inks.small if name == "total" else self.inks.plain
            self.canv.beginForm(name, lowerx=-40, lowery=-4, upperx=4, uppery=14)
            write(self.canv, 0, 0, text, ink, right=True)
            self.canv.endForm()
        super()._endBuild()  # type: ignore[misc]


def _rule(canvas: Canvas, y: float, colour: Any, width: float) -> None:
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(width)
    canvas.line(MARGIN, y, WIDTH - MARGIN, y)


class _Begins(Words):
    """The heading of a section, which the table of contents leads to."""

    def __init__(self, number: int, title: str, inks: Inks) -> None:
        super().__init__(f"{number}  {title}", inks.section)
        self.number, self.title = number, title


class _Line(Flowable):
    """One line of the table of contents, with the number of its page at the right end."""

    def __init__(self, number: int, title: str, inks: Inks) -> None:
        super().__init__()
        self.number, self.title, self.inks = number, title, inks

    def wrap(self, width: float, _: float) -> tuple[float, float]:
        self.width, self.height = width, 14
        return width, 14

    def draw(self) -> None:
        canvas = self.canv
        write(canvas, 0, 4, str(self.number), self.inks.quiet)
        write(canvas, 18, 4, self.title, self.inks.plain)
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        canvas.line(0, 0, self.width, 0)
        canvas.saveState()
        canvas.translate(self.width, 4)
        canvas.doForm(f"at-{self.number}")
        canvas.restoreState()
        canvas.linkRect("", f"section-{self.number}", (0, 0, self.width, 13), relative=1, thickness=0)


class _Mark(Flowable):
    """The mark of the program, and the document's own code to be scanned."""

    def __init__(self, code: str, inks: Inks) -> None:
        super().__init__()
        self.code, self.inks = code, inks

    def wrap(self, width: float, _: float) -> tuple[float, float]:
        self.width, self.height = width, 22 * mm
        return width, self.height

    def draw(self) -> None:
        canvas, y = self.canv, self.height - 12
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(2)
        canvas.circle(9, y, 7, stroke=1, fill=0)
        canvas.line(16, y, 40, y)
        write(canvas, 46, y - 5, "Marrowline", self.inks.lead)
        canvas.setFillColor(INK)
        symbol.draw_on(canvas, self.code, self.width - 20 * mm, self.height, 0.66 * mm)


def _front(content: Content, printed: Printed, inks: Inks) -> list[Flowable]:
    """The first page: whose record, which edition, up to which entry, and what the document says of itself."""
    full = bool(printed.salt)
    rows = [
        ("Trial", Cell(text=content.trial, small=content.protocol)), ("Product", Cell(text=content.product)),
        ("Site", Cell(text=content.site)), ("State of the record", Cell(text=content.state)),
        ("Shown as of", Cell(text=f"entry {content.seq}, {content.head_at}", small=f"SHA-256 of that entry: {content.head}")),
        ("Document", Cell(text=shown(printed.code))),
        ("Printed", Cell(text=f"{printed.at_words}, by {printed.by} ({printed.role})")),
        ("Content of this edition", Cell(text=_grouped(printed.content_sha256), tone="code")),
        (f"Content of the {'masked' if full else 'full'} edition", Cell(text=_grouped(printed.other_sha256), tone="code")),
        *([("Salt of both hashes", Cell(text=_grouped(printed.salt), tone="code"))] if full else []),
    ]  # fmt: skip
    told = [
        f"Times are those of {content.zone}; each stands with its offset. Identities are sealed and stand in no edition.",
        "Values that were changed are struck out and stay, with the reason. “masked” stands where a value would tell which arm the subject "
        "is in." if not full else "This edition shows what is masked. It must not reach anybody who may not know the arm.",
        "A value in square brackets such as [U+4E2D] is a character that the font of this document lacks, by its Unicode number.",
    ]  # fmt: skip
    story: list[Flowable] = [
        _Mark(printed.code, inks), Spacer(0, 30), Words(f"Record of subject {content.number}", inks.title),
        Words(f"{shown(content.coi)}", inks.lead), Spacer(0, 10),
        _edition(content.edition, full, inks), Spacer(0, 14), _facts(Facts(rows=tuple(rows)), inks), Spacer(0, 10),
    ]  # fmt: skip
    story += [Words(one, inks.quiet) for one in told]
    story += [Spacer(0, 14), Words("Contents", inks.block)]
    return story + [_Line(number, section.title, inks) for number, section in enumerate(content.sections, 1)]


def _edition(edition: str, full: bool, inks: Inks) -> Table:
    warning = "shows the arm: for unmasked people only" if full else "does not show the arm"
    table = Table([[Words(f"{edition.upper()} EDITION – {warning}", inks.stop if full else inks.bold)]], colWidths=[ROOM])
    table.setStyle(TableStyle([
        ("BACKGROUND", (0, 0), (-1, -1), SUNK), ("LINEBEFORE", (0, 0), (0, -1), 3, inks.stop.colour if full else INK),
        ("LEFTPADDING", (0, 0), (-1, -1), 8),
    ]))  # fmt: skip
    return table


def _grouped(digest: str) -> str:
    return " ".join(digest[n : n + 8] for n in range(0, len(digest), 8))


# ---- parts ----


def _section(number: int, section: Section, inks: Inks) -> list[Flowable]:
    story: list[Flowable] = [CondPageBreak(60 * mm), _Begins(number, section.title, inks), Spacer(0, 6)]
    waits: list[Flowable] = []
    for block in section.blocks:
        drawn = _block(block, inks)
        if isinstance(block, Heading):
            waits += drawn
        elif waits:
            head, *rest = drawn
            story += [CondPageBreak(62 * mm), *waits, head, *rest]
            waits = []
        else:
            story += drawn
    return [*story, *waits, Spacer(0, 16)]


def _block(block: Block, inks: Inks) -> list[Flowable]:
    if isinstance(block, Heading):
        return _heading(block, inks)
    if isinstance(block, Facts):
        return [_facts(block, inks), Spacer(0, 8)]
    if isinstance(block, Sentences):
        title = [Words(block.title, inks.block)] if block.title else []
        return [KeepTogether([*title, *(part for line in block.lines for part in _lines(line, inks))]), Spacer(0, 6)]
    return _table(block, inks)


def _heading(block: Heading, inks: Inks) -> list[Flowable]:
    parts: list[Flowable] = [Words(f"{block.number}  {block.text}" if block.number else block.text, inks.step)]
    if block.note:
        parts.append(Words(block.note, inks.small))
    table = Table([[parts]], colWidths=[ROOM])
    table.setStyle(TableStyle([
        ("LINEABOVE", (0, 0), (-1, 0), 1, INK), ("LEFTPADDING", (0, 0), (-1, -1), 0), ("TOPPADDING", (0, 0), (-1, -1), 4),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]))  # fmt: skip
    return [Spacer(0, 6), table, Spacer(0, 3)]


def _lines(said: Cell, inks: Inks) -> list[Flowable]:
    """One cell: what it was, struck out with the reason; what it is; who says so."""
    parts: list[Flowable] = []
    for old, why in said.was:
        parts += [Words(old, inks.struck), Words(why, inks.small)]
    parts.append(Words(said.text, inks.tone(said.tone)))
    if said.small:
        parts.append(Words(said.small, inks.small))
    return parts


def _facts(block: Facts, inks: Inks) -> Table:
    rows = [[Words(label, inks.quiet), _lines(said, inks)] for label, said in block.rows]
    table = Table(rows, colWidths=[LABEL, ROOM - LABEL], splitInRow=1)
    table.setStyle(TableStyle(_GRID))
    return table


_GRID: list[Any] = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 6),
    ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3), ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
]  # fmt: skip


def _table(block: Rows, inks: Inks) -> list[Flowable]:
    title: list[Flowable] = [Words(block.title, inks.block), Spacer(0, 1)] if block.title else []
    if not block.rows:
        return [KeepTogether([*title, Words(block.empty, inks.quiet)]), Spacer(0, 8)]
    whole = sum(block.widths)
    rows: list[list[Any]] = [[Words(head, inks.head) for head in block.heads]]
    rows += [[_lines(one, inks) for one in row] for row in block.rows]
    table = Table(rows, colWidths=[ROOM * width / whole for width in block.widths], repeatRows=1, splitInRow=1)
    table.setStyle(TableStyle([*_GRID, ("LINEBELOW", (0, 0), (-1, 0), 0.8, QUIET), ("BOTTOMPADDING", (0, 0), (-1, 0), 1)]))
    return [CondPageBreak(24 * mm), *title, table, Spacer(0, 8)]

"""Labels as a PDF: one label per page at the size of its stock, or cells of an A4 sheet.

One idea: everything is placed and measured before anything is drawn, so that a label is printed whole or refused by the
name of the field; and the same labels give the same bytes, with no clock, no name and no arm in the file.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from labels import symbol
from labels.fields import SAMPLES
from labels.fields import CannotPrint as CannotPrint
from labels.fonts import ONE_AT_A_TIME, RAISED_BY, RAISED_SIZE, Fonts, load_fonts
from labels.layout import MM, Filled, Layout, Placed, Row, place
from labels.stocks import A4_MM, SHEETS, Sheet
from labels.templates import LabelTemplate, fill

_SAMPLE_CODES = {"wristband": "W8B3D87Z3DSXF", "place": "PYD26S4R3886Y", "badge": "BV9931RTJNEGJ"}
"""Where the label's own code is of another kind than L."""


def pdf(labels: Sequence[Filled], fonts: Fonts | None = None, *, sheet: str | None = None, skip: int = 0) -> bytes:
    """The labels as a PDF, the same bytes for the same labels and fonts; CannotPrint names the field that cannot be printed.

    Without `sheet` each label is a page of the size of its stock. With `sheet` (a code of SHEETS) they fill the cells of
    A4 pages row by row, after `skip` cells that were used before. Nothing to print raises ValueError.
    """
    if not labels:
        raise ValueError("There is nothing to print; at least one label must be given.")
    faces = load_fonts(fonts or Fonts())
    placed = [(label, place(label, faces)) for label in labels]
    out = BytesIO()
    with ONE_AT_A_TIME:
        canvas = Canvas(out, invariant=1, pageCompression=1)
        canvas.setTitle("Labels")
        canvas.setAuthor("")
        canvas.setSubject("")
        if sheet is None:
            for label, layout in placed:
                canvas.setPageSize((float(label.stock.width_mm) * MM, float(label.stock.height_mm) * MM))
                _draw(canvas, label, layout)
                canvas.showPage()
        else:
            _on_sheets(canvas, placed, SHEETS[sheet], skip)
        canvas.save()
    return out.getvalue()


def preview(template: LabelTemplate, fonts: Fonts | None = None) -> bytes:
    """One label of this template with the sample values, marked DEMO, as a PDF."""
    code = _SAMPLE_CODES.get(template.stage, SAMPLES["code"])
    return pdf([fill(template, {**SAMPLES, "code": code}, demo=True)], fonts)


def _on_sheets(canvas: Any, placed: Sequence[tuple[Filled, Layout]], sheet: Sheet, skip: int) -> None:
    cells = sheet.columns * sheet.rows
    if not 0 <= skip < cells:
        raise ValueError(f"{skip} cells are to be left free; a sheet has {cells}, so it must be 0 to {cells - 1}.")
    canvas.setPageSize((float(A4_MM[0]) * MM, float(A4_MM[1]) * MM))
    for number, (label, layout) in enumerate(placed, skip):
        spare_x, spare_y = sheet.cell_width_mm - label.stock.width_mm, sheet.cell_height_mm - label.stock.height_mm
        if spare_x < 0 or spare_y < 0:
            raise CannotPrint(
                "stock",
                f"A label of {label.stock.width_mm} × {label.stock.height_mm} mm does not fit a cell of "
                f"{sheet.cell_width_mm} × {sheet.cell_height_mm} mm on the sheet {sheet.code}.",
            )
        row, column = divmod(number % cells, sheet.columns)
        if number > skip and number % cells == 0:
            canvas.showPage()
        left = sheet.left_mm + column * sheet.step_x_mm + spare_x / 2
        bottom = A4_MM[1] - sheet.top_mm - row * sheet.step_y_mm - sheet.cell_height_mm + spare_y / 2
        canvas.saveState()
        canvas.translate(float(left) * MM, float(bottom) * MM)
        _draw(canvas, label, layout)
        canvas.restoreState()
    canvas.showPage()


def _draw(canvas: Any, label: Filled, layout: Layout) -> None:
    stock = label.stock
    for left, top in stock.symbols_mm:
        symbol.draw_on(canvas, label.code, float(left) * MM, float(stock.height_mm - top) * MM, float(stock.module_mm) * MM)
    if layout.rule:
        start, height, end = layout.rule
        canvas.setLineWidth(0.15 * MM)
        canvas.line(start, height, end, height)
    for row in layout.rows:
        _draw_row(canvas, row)
    if layout.mark:
        canvas.rect(layout.mark.left, layout.mark.bottom, layout.mark.width, layout.mark.height, stroke=0, fill=1)
        canvas.setFillGray(1)
        _draw_row(canvas, layout.mark.row)
        canvas.setFillGray(0)


def _draw_row(canvas: Any, row: Row) -> None:
    raised = any(placed.piece.raised for placed in row.placed)
    if raised:  # who copies or hears the text must get 10⁶ and not 106
        canvas.addLiteral(f"/Span <</ActualText <FEFF{row.whole.encode('utf-16-be').hex().upper()}>>> BDC")
    for placed in row.placed:
        _draw_piece(canvas, placed)
    if raised:
        canvas.addLiteral("EMC")


def _draw_piece(canvas: Any, placed: Placed) -> None:
    piece = placed.piece
    if piece.width != piece.natural:
        _draw_fitted(canvas, placed)
    elif piece.raised:
        canvas.setFont(piece.face.name, placed.size * RAISED_SIZE)
        canvas.drawString(placed.x, placed.y + RAISED_BY * placed.size, piece.text)
    else:
        canvas.setFont(piece.face.name, placed.size)
        canvas.drawString(placed.x, placed.y, piece.text)


def _draw_fitted(canvas: Any, placed: Placed) -> None:
    """A code in its fixed width: condensed when its letters are wide, spaced when they are narrow."""
    piece = placed.piece
    text = canvas.beginText(placed.x, placed.y)
    text.setFont(piece.face.name, placed.size)
    if piece.natural > piece.width:
        text.setHorizScale(100 * piece.width / piece.natural)
    else:
        text.setCharSpace((piece.width - piece.natural) * placed.size / 1000 / (len(piece.text) - 1))
    text.textOut(piece.text)
    text.setHorizScale(100)  # both outlive the text object
    text.setCharSpace(0)
    canvas.drawText(text)

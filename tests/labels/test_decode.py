"""Every label read back as a scanner reads it: from the picture that a printer makes, and from what wear makes of it."""

import pytest
from PIL import Image, ImageDraw, ImageFilter

from labels import codes, symbol
from labels.codes import NotACode, read
from labels.sheet import fill, pdf
from labels.stocks import SHEETS, STOCKS
from tests.labels.paper import KIND_OF, TEMPLATES, bent, cut, decoded, on_paper, pages, values

DPI = (203, 300)
WORN = {"L": "LT7KDRNQMRSFG", "W": "W8B3D87Z3DSXF", "P": "PYD26S4R3886Y", "B": "BV9931RTJNEGJ"}
"""The same codes in every run, because wear is at the edge of what can be read; fresh ones are read without wear."""


def printed(template: str, dpi: int) -> tuple[str, Image.Image]:
    """A code and its label as a thermal printer makes it: black or white, nothing between."""
    given = values(template, code=WORN[KIND_OF.get(template, "L")])
    picture = pages(pdf([fill(TEMPLATES[template], given)]), dpi)[0]
    return given["code"], picture.point(lambda grey: 255 if grey > 127 else 0)


def camera(picture: Image.Image) -> Image.Image:
    """What a camera has of it: three pixels for each dot of the printer."""
    return on_paper(picture.resize((picture.width * 3, picture.height * 3), Image.Resampling.NEAREST))


@pytest.mark.parametrize("dpi", DPI)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_printed_label_decodes_to_its_code(template: str, dpi: int) -> None:
    given = [values(template) for _ in range(10)]
    found = [decoded(picture) for picture in pages(pdf([fill(TEMPLATES[template], one) for one in given]), dpi)]
    assert found == [[one["code"]] for one in given]


@pytest.mark.parametrize("dpi", DPI)
@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("degrees", [90, 180, 270, 4, -7, 15])
def test_a_turned_label_decodes(template: str, dpi: int, degrees: int) -> None:
    code, picture = printed(template, dpi)
    assert decoded(camera(picture).rotate(degrees, Image.Resampling.BILINEAR, expand=True, fillcolor=150)) == [code]


@pytest.mark.parametrize("dpi", DPI)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_blurred_label_decodes(template: str, dpi: int) -> None:
    code, picture = printed(template, dpi)
    assert decoded(camera(picture).filter(ImageFilter.GaussianBlur(2))) == [code]


def damaged(template: str, dpi: int, ink: int, blot: tuple[float, float, float, float]) -> tuple[str, Image.Image]:
    """A label with a rectangle (left, top, width, height in modules) of its symbol covered or torn off."""
    code, picture = printed(template, dpi)
    stock = STOCKS[TEMPLATES[template].stock]
    module = float(stock.module_mm) * dpi / 25.4
    for left_mm, top_mm in stock.symbols_mm:
        left = float(left_mm) * dpi / 25.4 + (symbol.QUIET + blot[0]) * module
        top = float(top_mm) * dpi / 25.4 + (symbol.QUIET + blot[1]) * module
        ImageDraw.Draw(picture).rectangle((left, top, left + blot[2] * module, top + blot[3] * module), fill=ink)
    return code, camera(picture)


@pytest.mark.parametrize("dpi", DPI)
@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("ink", [0, 255], ids=["dirt", "hole"])
@pytest.mark.parametrize("blot", [(15, 13.65, 6, 7.35), (13, 13.65, 6, 7.35), (9, 10, 4, 11)], ids=["corner", "bottom", "middle"])
def test_a_label_with_a_tenth_of_its_symbol_gone_decodes(
    template: str, dpi: int, ink: int, blot: tuple[float, float, float, float]
) -> None:
    """Error correction Q restores 6 of the 26 code words: a tenth of the area where it falls on no more than these."""
    code, picture = damaged(template, dpi, ink, blot)
    assert decoded(picture) == [code]


@pytest.mark.parametrize("ink", [0, 255], ids=["dirt", "hole"])
@pytest.mark.parametrize("left", range(0, 15, 2))
@pytest.mark.parametrize("top", range(0, 15, 2))
def test_a_damaged_label_is_read_right_or_not_at_all(left: int, top: int, ink: int) -> None:
    """Dirt can look like a symbol of another kind; what is read from it is no code, so it stands for nothing."""
    code, picture = damaged("cryovial", 300, ink, (left, top, 6.64, 6.64))
    for found in set(decoded(picture)) - {code}:
        with pytest.raises(NotACode):
            read(found)


@pytest.mark.parametrize("dpi", DPI)
@pytest.mark.parametrize("turned", [0.0, 0.2, -0.2])
def test_a_label_bent_round_a_vial_decodes(dpi: int, turned: float) -> None:
    stock = STOCKS["cryovial-33x13"]
    centre = float(stock.symbols_mm[0][0] + stock.module_mm * symbol.BOX / 2)
    code, picture = printed("cryovial", dpi)
    large = picture.resize((picture.width * 3, picture.height * 3), Image.Resampling.NEAREST)
    assert decoded(bent(large, dpi * 3, centre, turned)) == [code]


def test_the_symbol_of_a_vial_spans_less_than_sixty_degrees() -> None:
    stock = STOCKS["cryovial-33x13"]
    assert float(stock.module_mm) * symbol.MODULES / (12.5 / 2) < 60 * 3.14159 / 180


@pytest.mark.parametrize("dpi", DPI)
@pytest.mark.parametrize(("sheet", "template"), [("a4-65", "cryovial"), ("a4-24", "container"), ("a4-24", "place")])
def test_every_label_on_a_sheet_decodes(sheet: str, template: str, dpi: int) -> None:
    """Each in its own cell, as it is cut and scanned; a decoder that is given 65 symbols at once may overlook one."""
    cells = SHEETS[sheet].columns * SHEETS[sheet].rows
    given = [values(template) for _ in range(cells + 2)]
    sheets = pages(pdf([fill(TEMPLATES[template], one) for one in given], sheet=sheet, skip=1), dpi)
    assert len(sheets) == 2
    found = [decoded(cell) for picture in sheets for cell in cut(picture, SHEETS[sheet], dpi)]
    assert found[0] == []
    assert found[1 : len(given) + 1] == [[one["code"]] for one in given]
    assert not any(found[len(given) + 1 :])


def test_the_symbol_is_version_1_and_holds_the_code_only() -> None:
    code = codes.draw("C")
    cells = {(column + step, row) for column, row, length in symbol.runs(code) for step in range(length)}
    assert {max(axis) for axis in zip(*cells, strict=True)} == {20}
    picture = Image.new("L", (290, 290), 255)
    for column, row in cells:
        ImageDraw.Draw(picture).rectangle((40 + column * 10, 40 + row * 10, 49 + column * 10, 49 + row * 10), fill=0)
    assert decoded(picture) == [code]
    assert {(column, row) for column in range(7) for row in (0, 6)} <= cells  # a finder in its corner


def test_the_web_path_draws_the_same_modules() -> None:
    code = codes.draw("C")
    drawn = [part.split("h")[0].split() for part in symbol.svg_path(code).split("M")[1:]]
    lengths = [int(part.split("h")[1].split("v")[0]) for part in symbol.svg_path(code).split("M")[1:]]
    runs = [(int(x) - 4, int(y) - 4, length) for (x, y), length in zip(drawn, lengths, strict=True)]
    assert tuple(runs) == symbol.runs(code)
    assert symbol.VIEW_BOX == "0 0 29 29"


@pytest.mark.parametrize("text", ["", "hello", "SK0KPKFMV0A15", "https://example.org"])
def test_a_symbol_of_anything_but_a_code_is_refused(text: str) -> None:
    with pytest.raises(codes.NotACode):
        symbol.svg_path(text)

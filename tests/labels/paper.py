"""Paper for the tests of labels: templates of the trial folder, pages as pictures, and what a camera sees of them."""

import math
import os
from pathlib import Path

import pypdfium2
import pytest
import yaml
import zxingcpp
from PIL import Image
from pypdfium2 import raw

from labels import codes
from labels.fields import SAMPLES
from labels.fonts import Fonts
from labels.stocks import Sheet
from labels.templates import LabelTemplate

ROOT = Path(__file__).parents[2]
LABELS = ROOT / "batch_templates" / "nct06997939" / "labels.yaml"
TEMPLATES = {
    template.code: template
    for template in map(LabelTemplate.model_validate, yaml.load(LABELS.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["labels"])
}
KIND_OF = {"wristband": "W", "place": "P", "place-long": "P", "badge": "B"}
HAN = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def values(template: str = "container", **changed: str) -> dict[str, str]:
    """Sample values with a fresh code of the right kind, and these changes."""
    return {**SAMPLES, "code": codes.draw(KIND_OF.get(template, "L")), "coi": codes.draw("S"), **changed}


def installed(path: Path) -> Path:
    """The font file; without it the test is skipped, or fails where everything is mandatory."""
    if not path.exists():
        sentence = f"{path} is not installed, so labels in this font are not tested."
        if os.environ.get("MARROWLINE_MANDATORY") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return path


def chinese() -> Fonts:
    return Fonts(han=installed(HAN))


def pages(data: bytes, dpi: int = 300) -> list[Image.Image]:
    """Each page as grey picture at this resolution."""
    document = pypdfium2.PdfDocument(data)
    return [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]


def cut(page: Image.Image, sheet: Sheet, dpi: int) -> list[Image.Image]:
    """The cells of a printed sheet, row by row."""
    dot = dpi / 25.4
    width, height = float(sheet.cell_width_mm) * dot, float(sheet.cell_height_mm) * dot
    corners = [
        (float(sheet.left_mm + column * sheet.step_x_mm) * dot, float(sheet.top_mm + row * sheet.step_y_mm) * dot)
        for row in range(sheet.rows)
        for column in range(sheet.columns)
    ]
    return [page.crop((int(left), int(top), math.ceil(left + width), math.ceil(top + height))) for left, top in corners]


def texts(data: bytes) -> list[str]:
    """What each page reads when its text is copied."""
    document = pypdfium2.PdfDocument(data)
    return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def sizes(data: bytes) -> list[tuple[str, float]]:
    """Each piece of text on the first page, and the size in points at which it stands on the paper."""
    with pypdfium2.PdfDocument(data) as document:
        page = document[0]
        drawn = [item for item in page.get_objects(textpage=page.get_textpage()) if item.type == raw.FPDF_PAGEOBJ_TEXT]
        return [(item.extract().strip(), item.get_font_size() * item.get_matrix().d) for item in drawn]


def decoded(picture: Image.Image) -> list[str]:
    """The distinct contents of the symbols in the picture."""
    return sorted({found.text for found in zxingcpp.read_barcodes(picture)})


def on_paper(picture: Image.Image, border: int = 60) -> Image.Image:
    """The label in front of something grey, so that its edge and a turned corner are not white for free."""
    grey = Image.new("L", (picture.width + 2 * border, picture.height + 2 * border), 150)
    grey.paste(picture, (border, border))
    return grey


def bent(picture: Image.Image, dpi: int, centre_mm: float, turned: float = 0.0, diameter_mm: float = 12.5) -> Image.Image:
    """The label round an upright cylinder, seen from the front: its point `centre_mm` is `turned` radians off the middle."""
    radius = diameter_mm / 2 * dpi / 25.4
    seen = Image.new("L", (int(2 * radius), picture.height), 150)
    for x in range(seen.width):
        angle = math.asin(max(-1.0, min(1.0, (x + 0.5 - radius) / radius))) - turned
        source = round(centre_mm * dpi / 25.4 + angle * radius)
        if 0 <= source < picture.width:
            seen.paste(picture.crop((source, 0, source + 1, picture.height)), (x, 0))
    return on_paper(seen)

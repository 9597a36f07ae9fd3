"""What is printed is what was given, whole; what cannot be printed so is refused by the name of its field."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdfium2 import raw

from labels.codes import shown
from labels.fonts import FontMissing, Fonts, load_fonts
from labels.layout import Part, Text, measured
from labels.sheet import CannotPrint, fill, pdf, preview
from labels.stocks import STOCKS
from labels.templates import LabelTemplate, Line
from tests.labels.paper import DEJAVU, KIND_OF, ROOT, TEMPLATES, chinese, decoded, installed, pages, sizes, texts, values

CONTAINER = TEMPLATES["container"]


def one_line(text: str, size: str = "6", bold: bool = False) -> LabelTemplate:
    """A plate with one line."""
    return LabelTemplate(code="x", title="x", stock="place-60x25", stage="place", size_pt=size, lines=(Line(text=text, bold=bold),))


def read_back(text: str, fonts: Fonts | None = None, **changed: str) -> str:
    return texts(pdf([fill(one_line(text), values(**changed))], fonts))[0].strip()


@pytest.mark.parametrize("code", TEMPLATES)
def test_every_value_of_a_label_reads_back_from_the_page(code: str) -> None:
    given_values = values(code, reactive_for="HBsAg")
    [page] = texts(pdf([fill(TEMPLATES[code], given_values)]))
    assert shown(given_values["code"]) in page
    for line in TEMPLATES[code].lines:
        expected = line.text.format(**{**given_values, "code": shown(given_values["code"]), "coi": shown(given_values["coi"])})
        assert " ".join(expected.split()) in " ".join(page.split())
    for text in TEMPLATES[code].statutory:
        assert text.text.format(**given_values) in page


@pytest.mark.parametrize("route", ["ICA", "OMM"])
def test_the_route_stands_in_large_type_on_the_label_of_a_dose(route: str) -> None:
    """At least 16 pt, and nothing else on the label is as large: it is read from the end of the bed."""
    dose = TEMPLATES["dose"]
    asked = {line.text: line.size_pt or dose.size_pt for line in (*dose.lines, *dose.statutory)}
    largest = asked.pop("{route}")
    assert largest >= 16 > max(asked.values())
    drawn = sizes(pdf([fill(dose, values("dose", route=route, reactive_for="HBsAg"))]))
    (said,) = [size for text, size in drawn if text == route]
    assert round(said, 3) == largest
    assert all(size < 16 for text, size in drawn if text != route)


def test_a_reactive_result_is_on_the_label_and_without_one_its_warning_is_not() -> None:
    assert "WARNING: Reactive test results for HBsAg" in texts(pdf([fill(CONTAINER, values(reactive_for="HBsAg"))]))[0]
    assert "WARNING" not in texts(pdf([fill(CONTAINER, values(reactive_for=""))]))[0]


def test_a_whole_donor_evaluation_takes_the_text_away_and_nothing_else_does() -> None:
    assert "NOT EVALUATED" not in texts(pdf([fill(CONTAINER, values(evaluation_missing=""))]))[0]
    with pytest.raises(CannotPrint) as refused:
        fill(CONTAINER, {name: value for name, value in values().items() if name != "evaluation_missing"})
    assert refused.value.field == "evaluation_missing"


@pytest.mark.parametrize("code", TEMPLATES)
def test_a_demonstration_label_says_so(code: str) -> None:
    assert "DEMO" in texts(pdf([fill(TEMPLATES[code], values(code), demo=True)]))[0]
    assert "DEMO" not in texts(pdf([fill(TEMPLATES[code], values(code))]))[0]


@pytest.mark.parametrize("code", TEMPLATES)
def test_a_preview_is_one_page_of_the_size_of_the_stock_and_decodes(code: str) -> None:
    data = preview(TEMPLATES[code])
    [page] = list(pypdfium2.PdfDocument(data))
    stock = STOCKS[TEMPLATES[code].stock]
    assert [round(length / 72 * 25.4, 2) for length in page.get_size()] == [float(stock.width_mm), float(stock.height_mm)]
    assert decoded(pages(data)[0])[0][0] == KIND_OF.get(code, "L")


@pytest.mark.parametrize(
    "text", ["2.5×10⁶", "−150 °C", "≤ −150 °C", "10⁻³", "37.0 ± 0.5 °C", "≥ 70 %", "5 µm", "1.0×10⁷/mL", "R²⁰", "a·b", "1.0x10^6"]
)
@pytest.mark.parametrize("bold", [True, False])
def test_units_and_powers_read_back_as_they_were_given(text: str, bold: bool) -> None:
    data = pdf([fill(one_line("{contents}", bold=bold), values(contents=text))])
    assert texts(data)[0].strip() == text


def test_a_power_of_ten_is_drawn_raised_and_smaller() -> None:
    """The shipped font has no ⁶: it must not come out as 2.5×10 nor as 2.5×106."""
    document = pypdfium2.PdfDocument(pdf([fill(one_line("{contents}", size="12"), values(contents="2.5×106⁶"))]))
    drawn = [item for item in document[0].get_objects() if item.type == raw.FPDF_PAGEOBJ_TEXT]
    assert len(drawn) == 2
    plain, power = (item.get_bounds() for item in drawn)
    assert power[1] > plain[1] + 3  # its foot is raised
    assert power[3] - power[1] < 0.75 * (plain[3] - plain[1])


@pytest.mark.parametrize(
    ("value", "character"),
    [
        ("王伟", "“王” (U+738B)"),
        ("Gdańsk", "“ń” (U+0144)"),
        ("a→b", "“→” (U+2192)"),
        ("Đorđe", "“Đ” (U+0110)"),  # the shipped font maps it to its empty box
        ("1\u202f000", "U+202F"),
        ("tick ✓", "“✓”"),
        ("🧬", "“🧬”"),
    ],
)  # fmt: skip
def test_a_character_that_the_font_lacks_is_refused_by_field_and_character(value: str, character: str) -> None:
    label = fill(one_line("{place_name} {contents}"), values(contents=value))
    with pytest.raises(CannotPrint) as refused:
        pdf([label])
    assert refused.value.field == "contents"
    assert character in refused.value.sentence
    assert "is not in the font" in refused.value.sentence


@pytest.mark.parametrize(
    "value",
    [
        "a\x00b", "a\nb", "a\tb", "a\x1bb", "\x7f", "a\x85b", "a\u200bb", "a\u202eb", "a\u2028b", "a\ufeffb", "a\u00adb", "e\u0301",
        "שלום", "مرحبا", "\ue000", "\ud800",
    ],
    ids=ascii,
)  # fmt: skip
def test_a_control_or_invisible_character_is_refused_by_field(value: str) -> None:
    with pytest.raises(CannotPrint) as refused:
        fill(one_line("{contents}"), values(contents=value))
    assert refused.value.field == "contents"
    assert "U+" in refused.value.sentence
    assert refused.value.sentence.encode()


@pytest.mark.parametrize("value", ["", " ", "  "])
def test_an_empty_value_is_refused_by_field(value: str) -> None:
    with pytest.raises(CannotPrint) as refused:
        fill(CONTAINER, values(subject_number=value))
    assert refused.value.field == "subject_number"


@pytest.mark.parametrize("field", ["code", "coi"])
def test_a_code_field_that_holds_no_code_is_refused(field: str) -> None:
    with pytest.raises(CannotPrint) as refused:
        fill(CONTAINER, values(**{field: "SK0KPKFMV0A15"}))
    assert refused.value.field == field
    assert "check character" in refused.value.sentence


def test_a_text_too_long_is_refused_by_field_with_both_lengths() -> None:
    with pytest.raises(CannotPrint) as refused:
        pdf([fill(CONTAINER, values(contents="Flask 12 of the second passage, third shelf"))])
    assert refused.value.field == "contents"
    assert "mm long at 6.5 pt; this line of a 50 × 30 mm label has 33.5 mm." in refused.value.sentence


def test_of_two_fields_in_a_line_the_one_that_is_too_long_is_named() -> None:
    for long in ("product_short", "passage"):
        with pytest.raises(CannotPrint) as refused:
            pdf([fill(TEMPLATES["cryovial"], values("cryovial", **{long: "MMMMMMMMMMMMMMMMMMMM"}))])
        assert refused.value.field == long


def test_the_largest_text_that_fits_is_printed_and_one_more_letter_is_refused() -> None:
    fits = 0
    for length in range(1, 80):
        try:
            data = pdf([fill(one_line("{contents}"), values(contents="m" * length))])
        except CannotPrint:
            break
        fits = length
        assert texts(data)[0].strip() == "m" * length
    assert 15 < fits < 30
    page = pypdfium2.PdfDocument(pdf([fill(one_line("{contents}"), values(contents="m" * fits))]))[0]
    right = max(item.get_bounds()[2] for item in page.get_objects() if item.type == raw.FPDF_PAGEOBJ_TEXT)
    stock = STOCKS["place-60x25"]
    assert right / 72 * 25.4 <= float(stock.text_left_mm + stock.text_width_mm)


@pytest.mark.parametrize("widest", ["WWWWWWWWWWWWW", "JJJJJJJJJJJJJ", "1111111111111"])
def test_whether_a_label_fits_does_not_depend_on_the_letters_of_its_code(widest: str) -> None:
    faces = load_fonts(Fonts())
    wide = Text((Part("coi", shown(widest)),), Decimal(8), True)
    usual = Text((Part("coi", shown("SK0KPKFMV0A14")),), Decimal(8), True)
    assert measured(wide, faces)[1] == measured(usual, faces)[1]


def test_a_module_too_small_is_refused() -> None:
    label = fill(CONTAINER, values())
    with pytest.raises(CannotPrint, match=r"One module of the symbol is 0\.24 mm; it must be at least 0\.25 mm\."):
        pdf([label._replace(stock=label.stock._replace(module_mm=Decimal("0.24")))])


def test_texts_that_reach_the_quiet_zone_are_refused() -> None:
    label = fill(CONTAINER, values())
    with pytest.raises(CannotPrint, match="quiet zone") as refused:
        pdf([label._replace(lines=label.lines[:1], band=label.band * 3)])
    assert refused.value.field == "code"


def test_an_unknown_stock_is_refused_when_filling() -> None:
    with pytest.raises(CannotPrint, match="“napkin” is no stock"):
        fill(CONTAINER.model_copy(update={"stock": "napkin"}), values())


def test_a_label_larger_than_the_cells_of_the_sheet_is_refused() -> None:
    with pytest.raises(CannotPrint, match=r"50 × 30 mm does not fit a cell of 38.1 × 21.2 mm"):
        pdf([fill(CONTAINER, values())], sheet="a4-65")


@pytest.mark.parametrize("skip", [-1, 24])
def test_more_free_cells_than_a_sheet_has_are_refused(skip: int) -> None:
    with pytest.raises(ValueError, match="must be 0 to 23"):
        pdf([fill(CONTAINER, values())], sheet="a4-24", skip=skip)


def test_nothing_to_print_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to print"):
        pdf([])


def test_the_same_labels_give_the_same_bytes_in_another_process() -> None:  # N4
    program = (
        "import sys, hashlib; from labels.sheet import pdf, fill; from tests.labels.paper import TEMPLATES;"
        "from labels.fields import SAMPLES;"
        "order = sys.argv[1:];"
        "done = {name: pdf([fill(TEMPLATES[name], {**SAMPLES, 'contents': '2×10⁶'})] * 3) for name in order};"
        "print(*(hashlib.sha256(done[name]).hexdigest() for name in sorted(order)))"
    )
    answers = {
        subprocess.run([sys.executable, "-c", program, *order], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for order in (("container", "cryovial"), ("cryovial", "container"))
    }
    assert len(answers) == 1
    assert len(next(iter(answers)).split()) == 2


def test_many_at_once_print_what_each_would_print_alone() -> None:
    """A web server prints in several threads, and reportlab's fonts are shared between them."""
    kinds = ("container", "cryovial", "place") * 8
    jobs = [[fill(TEMPLATES[kind], values(kind, contents=f"Flask {number}"))] for number, kind in enumerate(kinds)]
    alone = [pdf(job) for job in jobs]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(pdf, jobs)) == alone


def test_the_file_tells_nothing_but_the_labels() -> None:
    data = pdf([fill(CONTAINER, values(subject_number="S99"))])
    metadata = pypdfium2.PdfDocument(data).get_metadata_dict()
    assert metadata["Title"] == "Labels"
    assert not metadata["Author"] and not metadata["Subject"] and not metadata["Keywords"]
    assert metadata["CreationDate"].startswith("D:2000")
    assert b"S99" not in data
    assert str(Path(sys.prefix)).encode() not in data


def test_every_font_is_embedded() -> None:
    data = pdf([fill(CONTAINER, values())])
    assert data.count(b"/FontFile2") == 2  # plain and bold; nothing is left to the printer


def test_chinese_is_printed_and_read_back() -> None:
    assert read_back("{subject_name}", chinese(), subject_name="王伟 (Wang Wei)") == "王伟 (Wang Wei)"
    assert read_back("{contents}", chinese(), contents="自体骨髓间充质干细胞 2.5×10⁶") == "自体骨髓间充质干细胞 2.5×10⁶"


def test_chinese_leaves_ink() -> None:
    font = chinese()
    given_values = values()

    def ink(name: str) -> int:
        page = pages(pdf([fill(one_line("{subject_name}"), {**given_values, "subject_name": name})], font))[0]
        return sum(page.histogram()[:128])

    assert ink(".王伟") > ink(".") + 50


def test_a_configured_font_is_used_for_what_the_shipped_one_lacks() -> None:
    fonts = Fonts(regular=installed(DEJAVU))
    assert read_back("{contents}", fonts, contents="a→b ✓ Đ") == "a→b ✓ Đ"


@pytest.mark.parametrize(
    ("fonts", "sentence"),
    [
        (Fonts(han=Path("/nowhere/song.ttf")), "The font for Chinese is configured as /nowhere/song.ttf, but there is no such file."),
        (Fonts(regular=Path("/nowhere/a.ttf")), "The font for plain text is configured"),
        (Fonts(bold=Path("/nowhere/b.ttf")), "The font for bold text is configured"),
        (Fonts(bold=Path(__file__)), "cannot be embedded; it must have TrueType outlines"),
    ],
)
def test_a_font_that_cannot_be_used_is_said_when_it_is_loaded(fonts: Fonts, sentence: str) -> None:
    with pytest.raises(FontMissing) as refused:
        load_fonts(fonts)
    assert sentence in refused.value.sentence


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        alphabet=st.one_of(
            st.characters(), st.sampled_from("aW19 .×≤−·⁶⁻²°Łđ中\u202f\u200b\x07(<^~\\"), st.characters(max_codepoint=0x24F)
        ),
        min_size=1,
        max_size=12,
    )
)
def test_any_value_is_printed_whole_or_refused_by_its_field(value: str) -> None:
    try:
        data = pdf([fill(one_line("|{contents}|"), values(contents=value))])
    except CannotPrint as refused:
        assert refused.field == "contents"
    else:
        seen = texts(data)[0].replace("\u00a0", " ")
        assert "".join(seen.split()) == "".join(f"|{value}|".replace("\u00a0", " ").split())

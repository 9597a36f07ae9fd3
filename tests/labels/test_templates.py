"""What a template must carry, and what a template is refused for before anybody needs its label."""

from decimal import Decimal
from typing import get_args

import pytest
from pydantic import ValidationError

from labels.fields import FIELDS, SAMPLES, printed
from labels.stocks import A4_MM, SHEETS, STOCKS
from labels.templates import MANDATORY, LabelTemplate, Line, Stage, Statutory, faults, fields_of, needed
from tests.labels.paper import TEMPLATES, chinese

CRYOVIAL = TEMPLATES["cryovial"]
CONTAINER = TEMPLATES["container"]


def without(template: LabelTemplate, wanted: str) -> LabelTemplate:
    """The template without the lines and statutory texts that hold this."""
    return template.model_copy(
        update={
            "lines": tuple(line for line in template.lines if wanted not in line.text),
            "statutory": tuple(text for text in template.statutory if wanted not in text.text),
        }
    )


def with_line(template: LabelTemplate, text: str, **more: object) -> LabelTemplate:
    return template.model_copy(update={"lines": (*template.lines, Line(text=text, **more))})


@pytest.mark.parametrize("code", TEMPLATES)
def test_a_shipped_template_has_no_fault(code: str) -> None:
    assert list(faults(TEMPLATES[code])) == []


def test_every_stage_has_its_mandatory_elements_and_a_shipped_template() -> None:
    assert set(MANDATORY) == set(get_args(Stage)) == {template.stage for template in TEMPLATES.values()}


@pytest.mark.parametrize(
    ("template", "wanted", "sentence"),
    [
        ("cryovial", "{coi}", "must carry the chain-of-identity code"),
        ("cryovial", "{subject_number}", "must carry the subject number"),
        ("cryovial", "{passage}", "must carry the passage"),
        ("cryovial", "FOR AUTOLOGOUS", "must carry FOR AUTOLOGOUS USE ONLY (21 CFR 1271.90(c)(1))"),
        ("cryovial", "NOT EVAL.", "must carry NOT EVALUATED FOR INFECTIOUS SUBSTANCES (21 CFR 1271.90(c)(2))"),
        ("cryovial", "{reactive_for}", "must carry the warning of reactive results"),
        ("cryovial", "{filled_on}", "must carry the date of filling"),
        ("cryovial", "{expires_on}", "must carry the expiry date"),
        ("cryovial", "{storage_short}", "must carry the storage condition"),
        ("container", "{trial}", "must carry the trial number"),
        ("container", "{contact}", "must carry the main contact"),
        ("container", "{contents}", "must carry the product or contents"),
        ("container", "For clinical trial", "must carry For clinical trial use only"),
        ("collection", "Collected", "must carry room for time, date and volume of the collection"),
        ("wristband", "{coi}", "must carry the chain-of-identity code"),
        ("place", "{place_name}", "must carry the name of the place"),
        ("badge", "{person_name}", "must carry the name of the person"),
    ],
)
def test_a_template_without_a_mandatory_element_is_refused_with_the_clause(template: str, wanted: str, sentence: str) -> None:  # N3
    found = list(faults(without(TEMPLATES[template], wanted)))
    assert any(sentence in fault for fault in found), found


def test_a_cryovial_carries_what_was_decided_for_it() -> None:  # N3
    assert needed(CRYOVIAL) == {
        "code", "coi", "subject_number", "product_short", "passage", "filled_on", "expires_on", "storage_short",
        "evaluation_missing", "reactive_for",
    }  # fmt: skip


def test_a_mandatory_text_that_depends_on_something_is_refused() -> None:
    shy = tuple(text.model_copy(update={"when": "reactive_for"}) for text in CRYOVIAL.statutory)
    found = list(faults(CRYOVIAL.model_copy(update={"statutory": shy})))
    assert any("must carry FOR AUTOLOGOUS USE ONLY" in fault for fault in found)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{arm}", "names the field “arm”, which does not exist"),
        ("{subject_number!r}", "“{subject_number}” must be the name of a field"),
        ("{subject_number:>40}", "“{subject_number}” must be the name of a field"),
        ("{}", "“{}” must be the name of a field"),
        ("{coi.__class__}", "must be the name of a field"),
        ("{coi", "cannot be read"),
    ],
)
def test_a_placeholder_that_is_not_a_field_is_refused(text: str, sentence: str) -> None:
    found = list(faults(with_line(CONTAINER, text)))
    assert any(sentence in fault for fault in found), found


def test_a_condition_on_an_unknown_field_is_refused() -> None:
    odd = Statutory(text="x", clause="y", when="moon")
    assert list(faults(CONTAINER.model_copy(update={"statutory": (*CONTAINER.statutory, odd)}))) == [
        "“x” depends on the field “moon”, which does not exist."
    ]


@pytest.mark.parametrize("size", ["3.9", "0", "1"])
def test_a_text_below_four_points_is_refused(size: str) -> None:
    found = list(faults(CRYOVIAL.model_copy(update={"size_pt": Decimal(size)})))
    assert f"Line 3 is {size} pt; it must be at least 4 pt." in found


def test_an_unknown_stock_is_refused() -> None:
    assert "“napkin” is no stock" in next(faults(CONTAINER.model_copy(update={"stock": "napkin"})))


def test_a_line_whose_sample_does_not_fit_is_refused_by_its_field() -> None:
    found = list(faults(with_line(without(CRYOVIAL, "{storage_short}"), "{storage} {code}")))
    assert any(fault.startswith("storage: ") and "24.3 mm" in fault for fault in found), found


def test_nine_lines_of_four_points_do_not_fit_a_cryovial() -> None:  # N3
    nine = CRYOVIAL.model_copy(update={"lines": tuple(Line(text="{subject_number}", size_pt=Decimal(4)) for _ in range(9))})
    assert any("The 9 lines are 14.0 mm high" in fault for fault in faults(nine))


def test_a_template_in_chinese_needs_the_font() -> None:
    bilingual = with_line(without(TEMPLATES["box"], "{contact}"), "联系电话 {contact}")
    assert list(faults(bilingual)) == ["line 8: “联” (U+8054) is not in the font; a font that has it must be configured."]
    assert list(faults(bilingual, chinese())) == []


@pytest.mark.parametrize(
    "wrong", [{"lines": []}, {"stage": "moon"}, {"size_pt": "big"}, {"colour": "red"}, {"code": ""}, {"lines": [{"text": ""}]}], ids=str
)
def test_a_template_of_another_shape_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LabelTemplate.model_validate({**CONTAINER.model_dump(), **wrong})


def test_a_size_is_read_as_it_was_written() -> None:
    assert str(CRYOVIAL.statutory[0].size_pt) == "4.5"


def test_no_field_names_an_arm_a_dose_or_a_route() -> None:
    """But for the route on the syringe, which the bedside compares with the access; nothing before it knows one."""
    words = " ".join(f"{name} {field.meaning}" for name, field in FIELDS.items() if name not in {"route", "route_name"}).lower()
    assert not any(word in words.split() for word in ("arm", "dose", "route", "cells/dose", "group"))
    assert {code for code, template in TEMPLATES.items() if "route" in needed(template)} == {"dose"}


def test_every_sample_can_be_printed() -> None:
    assert {name for name in FIELDS if not printed(name, SAMPLES[name])} == {"reactive_for"}


def test_the_fields_of_a_text_are_named_in_order() -> None:
    assert fields_of("{coi} and {code} {{not this}}") == ("coi", "code")


@pytest.mark.parametrize("stock", STOCKS.values(), ids=lambda stock: stock.code)
def test_the_text_column_and_the_symbols_of_a_stock_are_on_it_and_apart(stock) -> None:  # type: ignore[no-untyped-def]
    boxes = [(left, left + 29 * stock.module_mm) for left, _ in stock.symbols_mm]
    column = (stock.text_left_mm, stock.text_left_mm + stock.text_width_mm)
    for start, end in boxes:
        assert 0 <= start < end <= stock.width_mm
        assert end <= column[0] or start >= column[1]
    assert all(top >= 0 and top + 29 * stock.module_mm <= stock.height_mm for _, top in stock.symbols_mm)
    assert column[1] <= stock.width_mm
    assert stock.module_mm >= Decimal("0.25")


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.code)
def test_the_cells_of_a_sheet_are_on_the_page_and_apart(sheet) -> None:  # type: ignore[no-untyped-def]
    assert sheet.left_mm + (sheet.columns - 1) * sheet.step_x_mm + sheet.cell_width_mm <= A4_MM[0]
    assert sheet.top_mm + (sheet.rows - 1) * sheet.step_y_mm + sheet.cell_height_mm <= A4_MM[1]
    assert sheet.step_x_mm >= sheet.cell_width_mm
    assert sheet.step_y_mm >= sheet.cell_height_mm
    assert sheet.columns * sheet.rows == int(sheet.code.removeprefix("a4-"))

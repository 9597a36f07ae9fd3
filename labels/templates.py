"""What a label says: a template, its lines and its statutory texts, and what is wrong with it.

One idea: the mandatory elements of each stage are a table with the clause they come from, and a template that lacks
one is refused when the template is approved, not when the label is needed.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from string import Formatter
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from labels import codes
from labels.fields import FIELDS, SAMPLES, CannotPrint, printed
from labels.fonts import Fonts, GlyphMissing, load_fonts, refuse_unprintable
from labels.layout import Filled, Part, Text, place
from labels.stocks import STOCKS

Stage = Literal["collected", "in_process", "frozen", "box", "dose", "wristband", "place", "badge"]

SMALLEST_PT = Decimal(4)
"""No text on a label is smaller than this."""


class Line(BaseModel):
    """One printed line: text with {field} placeholders; without a size it takes the template's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1)
    size_pt: Decimal | None = None
    bold: bool = False


class Statutory(BaseModel):
    """A text that a rule demands, with its clause; printed always, or when the field named by `when` is not empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1)
    clause: str = Field(min_length=1)
    when: str = "always"
    size_pt: Decimal | None = None
    bold: bool = False


class LabelTemplate(BaseModel):
    """One kind of label: the paper it is printed on, the stage it is for, its lines and its statutory texts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(min_length=1)
    title: str = Field(min_length=1)
    stock: str
    stage: Stage
    size_pt: Decimal
    lines: tuple[Line, ...] = Field(min_length=1)
    statutory: tuple[Statutory, ...] = ()


def fields_of(text: str) -> tuple[str, ...]:
    """The names of the fields in a text, in order; a placeholder that is more than {name} raises ValueError."""
    names = []
    for _, name, form, conversion in Formatter().parse(text):
        if name is None:
            continue
        if form or conversion or not name.isidentifier():
            raise ValueError(f"“{{{name}}}” must be the name of a field in braces and nothing else")
        names.append(name)
    return tuple(names)


def needed(template: LabelTemplate) -> frozenset[str]:
    """The fields that `fill` must be given for this template: `code`, and every field in its texts and conditions."""
    names = {"code"}
    for line in template.lines:
        names.update(fields_of(line.text))
    for statutory in template.statutory:
        names.update(fields_of(statutory.text))
        if statutory.when != "always":
            names.add(statutory.when)
    return frozenset(names)


class Element(NamedTuple):
    """Something a label must carry: one of these fields, or one of these texts among its statutory texts."""

    name: str
    clause: str
    fields: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    when: tuple[str, ...] = ("always",)


_COI = Element("the chain-of-identity code", "Directive 2006/86/EC annex II D", ("coi",))
_SUBJECT = Element("the subject number", "EU CTR annex VI A.2.2", ("subject_number",))
_TRIAL = Element("the trial number", "EU CTR annex VI A.2.2", ("trial",))
_CONTACT = Element("the main contact", "EU CTR annex VI A.2.2", ("contact",))
_PRODUCT = Element("the product or contents", "21 CFR 1271.370(b)", ("product_name", "product_short", "contents"))
_STORAGE = Element("the storage condition", "21 CFR 1271.370(c)", ("storage", "storage_short"))
_FILLED = Element("the date of filling", "EU GMP Part IV, labelling of the immediate package", ("filled_on", "filled_at"))
_EXPIRY = Element("the expiry date", "21 CFR 1271.370(b)", ("expires_on",))
_EXPIRES_AT = Element("the time of expiry with its zone", "21 CFR 1271.370(b)", ("expires_at",))
_ROUTE = Element("the route of administration", "EU CTR annex VI A.2.2", ("route",))
_STRENGTH = Element("the strength, with the name of the comparators", "EU CTR annex VI A.2.2", ("strength",))
_AUTOLOGOUS = Element("FOR AUTOLOGOUS USE ONLY", "21 CFR 1271.90(c)(1)", texts=("FOR AUTOLOGOUS USE ONLY", "仅供自体使用"))
_EVALUATION = Element(
    "NOT EVALUATED FOR INFECTIOUS SUBSTANCES",
    "21 CFR 1271.90(c)(2)",
    texts=("NOT EVALUATED FOR INFECTIOUS SUBSTANCES", "NOT EVAL. FOR INFECT. SUBST.", "未进行传染性物质评估"),
    when=("always", "evaluation_missing"),
)
_REACTIVE = Element("the warning of reactive results", "21 CFR 1271.90(c)(5)", texts=("{reactive_for}",), when=("reactive_for",))
_TRIAL_USE = Element("For clinical trial use only", "EU CTR annex VI A.1", texts=("For clinical trial use only", "仅用于临床试验"))
_COLLECTED = Element("room for time, date and volume of the collection", "FACT-JACIE label table", ("filled_at",), ("Collected",))

_EVERY_CONTAINER = (_COI, _SUBJECT, _PRODUCT, _STORAGE, _AUTOLOGOUS, _EVALUATION, _REACTIVE)

MANDATORY: dict[str, tuple[Element, ...]] = {
    "collected": (*_EVERY_CONTAINER, _COLLECTED, _TRIAL, _CONTACT, _TRIAL_USE),
    "in_process": (*_EVERY_CONTAINER, _FILLED, _TRIAL, _CONTACT, _TRIAL_USE),
    # A 2 mL vial has no room for more; trial, contact and the full texts are on its box and on the accompanying document.
    "frozen": (*_EVERY_CONTAINER, Element("the passage", "the sponsor's draft", ("passage",)), _FILLED, _EXPIRY),
    "box": (*_EVERY_CONTAINER, _FILLED, _EXPIRY, _TRIAL, _CONTACT, _TRIAL_USE),
    "dose": (*_EVERY_CONTAINER, _ROUTE, _STRENGTH, _FILLED, _EXPIRES_AT, _TRIAL, _CONTACT, _TRIAL_USE),
    "wristband": (_COI, _SUBJECT, _TRIAL, _CONTACT),
    "place": (Element("the name of the place", "21 CFR 1271.265", ("place_name",)),),
    "badge": (Element("the name of the person", "21 CFR 11.100(a)", ("person_name",)),),
}
"""Stage to what a label of that stage must carry, with the clause it comes from; every label carries its symbol."""


def fill(template: LabelTemplate, values: Mapping[str, str], *, demo: bool = False) -> Filled:
    """The label with these values; CannotPrint names a field without a value, or with a character that a label cannot show.

    `values` has every field of `needed(template)`, codes as 13 characters; a field that only a condition names may be empty.
    """
    if template.stock not in STOCKS:
        raise CannotPrint("stock", f"“{template.stock}” is no stock; the stocks are {', '.join(STOCKS)}.")
    conditions = {statutory.when for statutory in template.statutory}
    for name in sorted(needed(template)):
        _refuse_value(name, values.get(name), may_be_empty=name in conditions)
    lines = tuple(
        _text(f"line {number}", line.text, line.size_pt or template.size_pt, line.bold, values)
        for number, line in enumerate(template.lines, 1)
    )
    band = tuple(
        _text(f"statutory text {number}", text.text, text.size_pt or template.size_pt, text.bold, values)
        for number, text in enumerate(template.statutory, 1)
        if text.when == "always" or values[text.when]
    )
    return Filled(STOCKS[template.stock], codes.read(values["code"]), lines, band, demo)


def faults(template: LabelTemplate, fonts: Fonts | None = None) -> Iterator[str]:
    """Every reason this template may not be approved; none means that its sample can be printed with these fonts."""
    if template.stock not in STOCKS:
        yield f"“{template.stock}” is no stock; the stocks are {', '.join(STOCKS)}."
    sound = True
    for where, text, size in _sizes(template):
        if size < SMALLEST_PT:
            yield f"{where} is {size} pt; it must be at least {SMALLEST_PT} pt."
        try:
            unknown = [name for name in fields_of(text) if name not in FIELDS]
        except ValueError as error:
            yield f"{where} cannot be read: {error}."
            sound = False
            continue
        for name in unknown:
            yield f"{where} names the field “{name}”, which does not exist; the fields are {', '.join(FIELDS)}."
            sound = False
    for statutory in template.statutory:
        if statutory.when != "always" and statutory.when not in FIELDS:
            yield f"“{statutory.text}” depends on the field “{statutory.when}”, which does not exist."
            sound = False
    if sound:
        yield from _missing(template)
        if template.stock in STOCKS:
            yield from _unprintable(template, fonts or Fonts())


def _missing(template: LabelTemplate) -> Iterator[str]:
    lines = {name for line in template.lines for name in fields_of(line.text)}
    always = lines | {name for text in template.statutory if text.when == "always" for name in fields_of(text.text)}
    for element in MANDATORY[template.stage]:
        written = [line.text for line in template.lines] + [text.text for text in template.statutory if text.when in element.when]
        said = any(wanted in text for wanted in element.texts for text in written)
        if not said and not always.intersection(element.fields):
            yield f"A label of the stage {template.stage} must carry {element.name} ({element.clause}); this one does not."


def _unprintable(template: LabelTemplate, fonts: Fonts) -> Iterator[str]:
    """Whether the samples fit, and fit as well with every conditional text printed and the word DEMO on it."""
    faces = load_fonts(fonts)
    fullest = {**SAMPLES, **{text.when: SAMPLES.get(text.when) or "HBsAg" for text in template.statutory if text.when != "always"}}
    try:
        place(fill(template, fullest, demo=True), faces)
    except CannotPrint as refused:
        yield f"{refused.field}: {refused.sentence}"


def _sizes(template: LabelTemplate) -> Iterator[tuple[str, str, Decimal]]:
    for number, line in enumerate(template.lines, 1):
        yield f"Line {number}", line.text, line.size_pt or template.size_pt
    for number, text in enumerate(template.statutory, 1):
        yield f"Statutory text {number}", text.text, text.size_pt or template.size_pt


def _refuse_value(name: str, value: str | None, *, may_be_empty: bool) -> None:
    if value is None or not (value.strip() or (may_be_empty and not value)):
        raise CannotPrint(name, "There is no value for this field; the label must carry it.")
    for character in value:
        try:
            refuse_unprintable(character)
        except GlyphMissing as refused:
            raise CannotPrint(name, refused.sentence) from refused


def _text(where: str, text: str, size_pt: Decimal, bold: bool, values: Mapping[str, str]) -> Text:
    parts = []
    for literal, name, _, _ in Formatter().parse(text):
        if literal:
            parts.append(Part(where, literal))
        if name is not None:
            parts.append(Part(name, printed(name, values[name])))
    return Text(tuple(parts), size_pt, bold)

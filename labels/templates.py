"""What a label says: a template, its lines and its statutory texts, and what is wrong with it.

One idea: the mandatory elements of each stage are a table with the clause they come from, and a template that lacks
one is refused when the template is approved, not when the label is needed.
"""

from collections.abc import Iterator
from decimal import Decimal
from string import Formatter
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Stage = Literal["collected", "in_process", "frozen", "box", "wristband", "place", "badge"]

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
    """The names of the fields in a text, in order; a brace that is not part of a placeholder raises ValueError."""
    return tuple(name for _, name, _, _ in Formatter().parse(text) if name is not None)


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

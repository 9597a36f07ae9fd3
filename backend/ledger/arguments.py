"""What comes in from outside, made into values or refused by field name before anything is recorded.

Text is NFC without control characters, numbers are written out in digits, codes are checked by their grammar, times carry a zone.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from backend.ledger.errors import Nonsense
from labels.codes import NotACode, expect, read

LONGEST = 4_000
SEALED_MARKS = ("~identity.", "~masked.")  # whatever begins so in the record is ciphertext
_WRITTEN = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?")  # \d would take the digits of every script


@dataclass(frozen=True)
class Scanned:
    """An argument that is a code of one of these kinds."""

    kinds: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def _check(self, value: str) -> str:
        try:
            return expect(value, self.kinds[0]) if len(self.kinds) == 1 else self._one_of(read(value))
        except NotACode as no:
            raise PydanticCustomError("code", "{sentence}", {"sentence": str(no)}) from no

    def _one_of(self, code: str) -> str:
        return code if code[0] in self.kinds else expect(code, self.kinds[0])


SubjectCode = Annotated[str, Scanned(("S",))]
ContainerCode = Annotated[str, Scanned(("C", "L"))]  # a printed label resolves to its container (decision C3)
LabelCode = Annotated[str, Scanned(("L",))]
WristbandCode = Annotated[str, Scanned(("W",))]
PlaceCode = Annotated[str, Scanned(("P",))]
EquipmentCode = Annotated[str, Scanned(("E",))]
LotCode = Annotated[str, Scanned(("T",))]
SupplyCode = Annotated[str, Scanned(("T", "E"))]  # a lot or a piece of equipment
BadgeCode = Annotated[str, Scanned(("B",))]
RecordCode = Annotated[str, Scanned(("K",))]
AnyCode = Annotated[str, Scanned(("S", "C", "L", "W", "P", "E", "T", "B", "D", "K"))]


def ask(title: str, *, unit: str = "", hint: str = "", **more: Any) -> Any:
    """What a form calls an argument, its unit and its hint; `more` are pydantic's own bounds."""
    return Field(title=title, description=hint or None, json_schema_extra={"unit": unit} if unit else None, **more)


class Arguments(BaseModel):
    """Base of every act's arguments. They are made by `read_arguments`, which cleans what came in."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def clean(text: str) -> bool:
    """Whether there is no control character in it, nor one that is no character at all; line ends and tabs are welcome."""
    if text.isascii() and text.isprintable():  # nearly all that is typed
        return True
    return not any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"} and c not in "\r\n\t" for c in text)


@cache
def _is_number(model: type[BaseModel], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is not None and (field.annotation in (int, Decimal) or bool({int, Decimal} & set(get_args(field.annotation))))


def _cleaned(value: Any, number: bool) -> Any:
    if isinstance(value, float):
        raise PydanticCustomError("float", "A number is written as text here, so that it keeps its digits.")
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value).strip()
        if not clean(text):
            raise PydanticCustomError("control", "There is a character in it that is no letter, digit or sign; type it again.")
        if text.startswith(SEALED_MARKS):
            raise PydanticCustomError("mark", "It begins like a sealed value; begin it with something else.")
        if len(text) > LONGEST:
            raise PydanticCustomError("long", "It has {n} characters; at most {most} can be kept.", {"n": len(text), "most": LONGEST})
        if number and not _WRITTEN.fullmatch(text):
            raise PydanticCustomError("number", "“{text}” is not a number written out in digits.", {"text": text[:40]})
        return text
    if isinstance(value, Mapping):
        return {_cleaned(k, False): _cleaned(v, False) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cleaned(v, False) for v in value]
    return value


def read_arguments(model: type[Arguments], raw: Mapping[str, Any]) -> Arguments:
    """The arguments of an act, or Nonsense with a sentence for each field that is none."""
    faults: dict[str, str] = {}
    cleaned: dict[str, Any] = {}
    for name, value in raw.items():  # one field's control character must not hide another field's fault
        try:
            cleaned[name] = _cleaned(value, _is_number(model, name))
        except PydanticCustomError as no:
            faults[name] = f"{_called(model, name)}: {no.message()}"
    if not faults:
        try:
            return model.model_validate(cleaned)
        except ValidationError as no:
            for error in no.errors():
                name = str(error["loc"][0]) if error["loc"] else ""
                faults.setdefault(name, _sentence(_called(model, name), error["type"], error["msg"], error.get("ctx", {})))
    raise Nonsense(faults)


def _called(model: type[BaseModel], name: str) -> str:
    field = model.model_fields.get(name)
    return (field.title if field else None) or name.replace("_", " ").capitalize()


_MUST = {
    "missing": "is missing", "int_parsing": "must be a whole number", "int_type": "must be a whole number",
    "decimal_parsing": "must be a number", "decimal_type": "must be a number", "bool_parsing": "must be yes or no",
    "date_from_datetime_parsing": "must be a date such as 2026-11-22", "date_parsing": "must be a date such as 2026-11-22",
    "datetime_from_date_parsing": "must be a time such as 2026-11-22T14:06+08:00",
    "datetime_parsing": "must be a time such as 2026-11-22T14:06+08:00", "timezone_aware": "needs its time zone",
    "extra_forbidden": "is not asked for here", "string_type": "must be text", "list_type": "must be a list",
    "string_too_short": "is missing", "string_too_long": "may have at most {max_length} characters",
    "greater_than_equal": "must be {ge} or more", "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less", "less_than": "must be less than {lt}",
    "literal_error": "must be {expected}", "enum": "must be {expected}",
    "too_short": "must have at least {min_length}", "too_long": "may have at most {max_length}",
}  # fmt: skip


def _sentence(called: str, kind: str, message: str, bounds: Mapping[str, Any]) -> str:
    return f"{called} {_MUST[kind].format(**bounds)}." if kind in _MUST else f"{called}: {message}"

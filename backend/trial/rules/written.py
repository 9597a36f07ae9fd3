"""How the trial folder writes a value: number, unit, quantity, duration, time limit between steps.

Every value has one spelling that a process engineer can read aloud. `read` makes it from text or says in a
sentence why it cannot; `str` gives the spelling back. Numbers are Decimal, and no unit turns into another.
"""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

Unit = Literal[
    "mL", "cells", "cells/mL", "cells/cm²", "cells/vial", "cm²", "%", "°C", "°C/min", "× g", "g/mL", "IU/mL", "EU/mL", "EU/kg/h", "EU",
    "s", "min", "h", "d", "months", "years", "vials", "labels", "flasks", "tubes", "doublings", "colonies", "events", "viable cells",
    "mmHg", "points", "kg", "times", "loci", "cells/dose", "ng/dose", "metaphases", "g", "mg", "clumps",
]  # fmt: skip
UNITS: tuple[str, ...] = get_args(Unit)
BELOW_ZERO = frozenset({"°C", "°C/min"})  # every other unit counts or measures something that cannot be less than nothing

_DIGITS = r"[0-9]{1,15}(?:\.[0-9]{1,12})?"
NUMBER = rf"[+-]?{_DIGITS}(?:[eE][+-]?[0-9]{{1,2}})?"
_STEP = r"[A-Z]{3}-[0-9]{1,2}"
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "day": 86400, "days": 86400}


class Page(BaseModel):
    """A part of a file: frozen, and a key it does not know is a fault. Each type reads its own spelling and no other."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def number_of(text: str) -> Decimal:
    """The Decimal that the files write as `text` (`12.0`, `-150`, `1.75e8`); anything else is refused with ValueError."""
    if not re.fullmatch(NUMBER, text):
        raise ValueError(f"{text!r} is not a number; write 12.0, -150 or 1.75e8")
    return Decimal(text)


def _number(value: object) -> object:
    return number_of(value) if isinstance(value, str) else value


def _whole(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError(f"{value!r} is not a whole number")
    return int(value)


def _yes_no(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value not in ("yes", "no"):
        raise ValueError(f"{value!r} is neither yes nor no")
    return value == "yes"


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Number = Annotated[Decimal, BeforeValidator(_number), WithJsonSchema({"type": ["number", "string"], "examples": ["1.75e8"]})]
Whole = Annotated[int, BeforeValidator(_whole), WithJsonSchema({"type": "integer", "minimum": 0})]
# YAML 1.1 editors hand `yes` to the schema as a boolean, 1.2 editors as text
YesNo = Annotated[bool, BeforeValidator(_yes_no), WithJsonSchema({"enum": ["yes", "no", True, False]})]
OneOrMore = BeforeValidator(_one_or_more)


def one_or_more_of(item: dict[str, Any]) -> WithJsonSchema:
    """The schema of a key that takes one value or a list of them."""
    return WithJsonSchema({"anyOf": [item, {"type": "array", "items": item}]})


class Written(ABC):
    """A value with one spelling. `pattern` is that spelling for editors, `form` is how a sentence names it."""

    pattern: ClassVar[str]
    form: ClassVar[str]

    @classmethod
    @abstractmethod
    def read(cls, text: str) -> Self:
        """The value that `text` spells; ValueError with a sentence when it spells none."""

    @classmethod
    def _match(cls, text: str) -> re.Match[str]:
        found = re.fullmatch(cls.pattern, text)
        if found is None:
            raise ValueError(f"{text!r} is not {cls.form}")
        return found

    @classmethod
    def _accept(cls, value: object) -> Self:
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls.read(value)
        raise ValueError(f"it is a list or a block of keys; it must be {cls.form}")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._accept, serialization=core_schema.to_string_ser_schema())

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": ["string", "number"], "pattern": f"^(?:{cls.pattern})$", "description": cls.form}


@dataclass(frozen=True)
class Quantity(Written):
    """A number with its unit: `30 mL`, `1.5e7 cells/vial`."""

    number: Decimal
    unit: str

    pattern: ClassVar[str] = rf"({NUMBER}) (\S.*)"
    form: ClassVar[str] = "a number and a unit, as in 30 mL"

    @classmethod
    def read(cls, text: str) -> Self:
        """The quantity; refused when the unit is not on the closed list."""
        found = cls._match(text)
        if found[2] not in UNITS:
            raise ValueError(f"{found[2]!r} is not a unit on the list")
        return cls(number_of(found[1]), found[2])

    def __str__(self) -> str:
        return f"{self.number} {self.unit}"


@dataclass(frozen=True)
class Duration(Written):
    """A length of time: `30 min`, `4 h`, `14 d`; `AtMost` and `AtLeast` say which way it limits."""

    number: Decimal
    unit: str

    prefix: ClassVar[str] = ""
    pattern: ClassVar[str] = rf"({_DIGITS}) (s|min|h|days?|d)"
    form: ClassVar[str] = "a length of time, as in 30 min"

    @classmethod
    def read(cls, text: str) -> Self:
        """The duration; zero is refused, for nothing can be done within no time."""
        found = cls._match(text)
        if number_of(found[1]) == 0:
            raise ValueError(f"{text!r} is no time at all")
        return cls(number_of(found[1]), found[2])

    @property
    def length(self) -> timedelta:
        """The duration as a timedelta, exact to the microsecond."""
        return timedelta(microseconds=int(self.number * _SECONDS[self.unit] * 1_000_000))

    def __str__(self) -> str:
        return f"{self.prefix}{self.number} {self.unit}"


@dataclass(frozen=True)
class AtMost(Duration):
    """A longest time: `at most 4 h`. Exactly 4 h is still within it."""

    prefix: ClassVar[str] = "at most "
    pattern: ClassVar[str] = "at most " + Duration.pattern
    form: ClassVar[str] = "a longest time, as in at most 4 h"


@dataclass(frozen=True)
class AtLeast(Duration):
    """A shortest time: `at least 28 d`. Exactly 28 days is enough."""

    prefix: ClassVar[str] = "at least "
    pattern: ClassVar[str] = "at least " + Duration.pattern
    form: ClassVar[str] = "a shortest time, as in at least 28 d"


@dataclass(frozen=True)
class CalendarMonths(Written):
    """A number of calendar months, counted by date and clamped at the end of a month."""

    number: int

    pattern: ClassVar[str] = r"([0-9]{1,2}) calendar months?"
    form: ClassVar[str] = "a number of months, as in 6 calendar months"

    @classmethod
    def read(cls, text: str) -> Self:
        """The number of months."""
        return cls(int(cls._match(text)[1]))

    def __str__(self) -> str:
        return f"{self.number} calendar month{'' if self.number == 1 else 's'}"


@dataclass(frozen=True)
class Within(Written):
    """A time limit between steps: `30 min after MNC-3`, `96 h after MNC-7 or previous CUL-9` (the later of the two counts)."""

    duration: Duration
    after: tuple[str, ...]  # step codes; `previous` in front means the round before this one

    pattern: ClassVar[str] = rf"({_DIGITS} (?:s|min|h|days?|d)) after ((?:previous )?{_STEP}(?: or (?:previous )?{_STEP})*)"
    form: ClassVar[str] = "a time limit, as in 30 min after MNC-3"

    @classmethod
    def read(cls, text: str) -> Self:
        """The time limit; whether the steps exist is for the folder to say."""
        found = cls._match(text)
        return cls(Duration.read(found[1]), tuple(found[2].split(" or ")))

    def __str__(self) -> str:
        return f"{self.duration} after {' or '.join(self.after)}"


@dataclass(frozen=True)
class Reference(Written):
    """What a formula is worked out from.

    `volume` is a reading of the same step, `MNC-3.volume` one of an earlier step, `previous CUL-9.seeded` one of the round
    before, `every CUL-8.doublings` one of each round so far, `1.5e7 cells/vial` a fixed quantity.
    """

    which: Literal["here", "step", "previous", "every", "quantity"]
    step: str | None = None
    reading: str = ""
    quantity: Quantity | None = None

    pattern: ClassVar[str] = rf"(?:(?:(previous|every) )?({_STEP})\.)?([a-z][a-z0-9_]*)|({NUMBER} \S.*)"
    form: ClassVar[str] = "a reading, as in volume or MNC-3.volume, or a number and a unit"

    @classmethod
    def read(cls, text: str) -> Self:
        """The reference; whether what it names exists is for the folder to say."""
        found = cls._match(text)
        if found[4] is not None:
            return cls("quantity", quantity=Quantity.read(found[4]))
        if found[2] is None:
            return cls("here", reading=found[3])
        return cls({"previous": "previous", "every": "every"}.get(found[1], "step"), found[2], found[3])  # type: ignore[arg-type]

    def __str__(self) -> str:
        if self.which == "quantity":
            return str(self.quantity)
        if self.which == "here":
            return self.reading
        return f"{'' if self.which == 'step' else self.which + ' '}{self.step}.{self.reading}"

"""What a step asks for: the kinds of reading, how a typed value is read, and how two independent readings become one.

Forms reject nonsense, never bad news: a value is refused only when it cannot be what was asked for (no number, less than nothing,
a moment without its zone). Everything else is recorded and judged.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, StringConstraints, Tag

from backend.trial.rules.formulas import EXACT, Count, mean_count, recount_agrees
from backend.trial.rules.limits import Limit, Limits, NoGrowth, Verdict, judge
from backend.trial.rules.written import BELOW_ZERO, Number, OneOrMore, Page, Reference, Unit, Whole, YesNo, one_or_more_of

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=400)]
ManyLimits = Annotated[tuple[Limit, ...], OneOrMore, one_or_more_of({"type": ["string", "number"]})]
ManyOptions = Annotated[tuple[Words, ...], OneOrMore, one_or_more_of({"type": "string"})]
ManyAnswers = Annotated[tuple[Literal["yes", "no"], ...], OneOrMore, one_or_more_of({"enum": ["yes", "no"]})]

Value: TypeAlias = Decimal | Count | str | bool | datetime | NoGrowth
CLOCK_SKEW = timedelta(minutes=2)  # a bench clock may run ahead of the record's by this much before a time is called future
LONGEST_AGO = timedelta(days=366)  # nobody reads a clock of another year at the bench; a year typed wrong is nonsense, not bad news


class Asked(Page):
    """What every reading has: a code said aloud, the question, and the round from which on it is asked."""

    code: Code
    ask: Words
    from_round: str | None = Field(default=None, alias="from", description="the round from which on it is asked, as in P1")
    optional: YesNo = False

    @property
    def limits(self) -> Limits:
        """The limits by level; none unless the kind has them."""
        return Limits()

    @property
    def read_twice(self) -> bool:
        """Whether a second person reads it too: everything but free text and what the program works out."""
        return True


class Limited(Asked):
    """A reading with limits on a number."""

    unit: Unit
    target: Limit | None = None
    alert: ManyLimits = ()
    decide: ManyLimits = ()
    stop: ManyLimits = ()

    @property
    def limits(self) -> Limits:
        return Limits(self.alert, self.decide, self.stop)


class Counted(Page):
    """What the record counts as well: the labels of one kind of container by what became of them, or the containers themselves."""

    kind: Words = Field(description="a kind of container")
    what: Literal[
        "labels printed", "labels applied", "labels specimen", "labels void", "labels destroyed",
        "stored", "tested", "retained", "discarded",
    ]  # fmt: skip


class NumberReading(Limited):
    """A number that a person types or an instrument shows."""

    kind: Literal["number"] = "number"
    possible: Limit | None = Field(default=None, description="outside this the value is nonsense and is refused at entry")
    counts: Counted | None = Field(default=None, description="what is counted by hand here and must be as the record has it")


class FormulaReading(Limited):
    """A value that the program works out from others; `viability` is version 1 of the formula, `viability 2` the second."""

    kind: Literal["formula"] = "formula"
    ask: Words = Field(description="what it is")
    formula: Words
    of: tuple[Reference, ...] = Field(min_length=1)

    @property
    def read_twice(self) -> bool:
        return False


class CountReading(Asked):
    """Cells counted per square of a chamber, in a sample diluted `dilution` times."""

    kind: Literal["count"]
    squares: Whole = Field(gt=0)
    dilution: Number = Field(gt=0)
    compare: YesNo = Field(default=True, description="no: counted again and averaged, but not held to the 15 %")


class ChoiceReading(Asked):
    """One of the options listed; limits name options."""

    kind: Literal["choice"]
    of: tuple[Words, ...] = Field(min_length=2)
    target: ManyOptions = ()
    alert: ManyOptions = ()
    decide: ManyOptions = ()
    stop: ManyOptions = ()

    @property
    def limits(self) -> Limits:
        return Limits(self.alert, self.decide, self.stop)


class YesNoReading(Asked):
    """Yes or no; limits name the answer."""

    kind: Literal["yes/no"]
    target: Literal["yes", "no"] | None = None
    alert: ManyAnswers = ()
    decide: ManyAnswers = ()
    stop: ManyAnswers = ()

    @property
    def limits(self) -> Limits:
        return Limits(self.alert, self.decide, self.stop)


class TextReading(Asked):
    """Free text, at most 400 characters."""

    kind: Literal["text"]

    @property
    def read_twice(self) -> bool:
        return False


class TimeReading(Asked):
    """A moment, with its zone."""

    kind: Literal["time"]


class CodeReading(Asked):
    """A printed code outside this program that is scanned or typed: a seal, a logger file's hash, a run number."""

    kind: Literal["code"]


def _kind(value: object) -> str:
    """Which kind of reading this is: a formula where one is named, a number where nothing else is said.

    The = in front keeps the kind apart from the key `formula` where a fault is placed in the file.
    """
    if isinstance(value, Mapping):
        return "=formula" if "formula" in value else f"={value.get('kind', 'number')}"
    return f"={getattr(value, 'kind', 'number')}"


Reading = Annotated[
    Annotated[NumberReading, Tag("=number")]
    | Annotated[FormulaReading, Tag("=formula")]
    | Annotated[CountReading, Tag("=count")]
    | Annotated[ChoiceReading, Tag("=choice")]
    | Annotated[YesNoReading, Tag("=yes/no")]
    | Annotated[TextReading, Tag("=text")]
    | Annotated[TimeReading, Tag("=time")]
    | Annotated[CodeReading, Tag("=code")],
    Discriminator(_kind),
]


def unit_of(reading: Reading) -> str:
    """What a formula takes this reading for: its unit, `count`, `time`, or nothing for words."""
    if isinstance(reading, NumberReading | FormulaReading):
        return reading.unit
    return reading.kind if isinstance(reading, CountReading | TimeReading) else ""


def typed(reading: Reading, text: str, *, now: datetime) -> Value:
    """The value that a person typed; ValueError with a sentence when it cannot be what was asked for.

    Numbers are written with digits and a point, without exponent; counts as one whole number per square; times as ISO 8601 with a
    zone, not later than `now`; yes/no as the word.
    """
    text = text.strip()
    if not text:
        raise ValueError(f"{reading.ask} is empty.")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise ValueError(f"{reading.ask} contains a control character; it must be plain text.")
    if isinstance(reading, NumberReading):
        return _typed_number(reading, text)
    if isinstance(reading, CountReading):
        return _typed_count(reading, text)
    if isinstance(reading, TimeReading):
        return _typed_time(reading, text, now)
    if isinstance(reading, YesNoReading):
        return _one_of(reading.ask, text, ("yes", "no")) == "yes"
    if isinstance(reading, ChoiceReading):
        return _one_of(reading.ask, text, reading.of)
    if isinstance(reading, FormulaReading):
        raise ValueError(f"{reading.ask} is worked out by the program; nobody types it.")
    longest = 400 if isinstance(reading, TextReading) else 120
    if len(text) > longest:
        raise ValueError(f"{reading.ask} has {len(text)} characters; it may have at most {longest}.")
    return text


def _one_of(ask: str, text: str, options: tuple[str, ...]) -> str:
    if text not in options:
        raise ValueError(f"{ask} is {text[:60]!r}; it must be one of: {', '.join(options)}.")
    return text


def _typed_number(reading: NumberReading, text: str) -> Decimal:
    if not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,12})?", text):
        how = "written with digits and a point, as in 12.5"
        raise ValueError(f"{reading.ask} is {text[:40]!r}; it must be a number in {reading.unit}, {how}.")
    value = Decimal(text)
    if value < 0 and reading.unit not in BELOW_ZERO:
        raise ValueError(f"{reading.ask} is {text} {reading.unit}; it cannot be less than nothing.")
    if reading.possible is not None and not reading.possible.met_by(value):
        raise ValueError(f"{reading.ask} is {text} {reading.unit}; only {reading.possible} {reading.unit} is possible.")
    return value


def _typed_count(reading: CountReading, text: str) -> Count:
    parts = [part for part in re.split(r"[\s,;]+", text) if part]
    if not all(re.fullmatch(r"[0-9]{1,5}", part) for part in parts):
        raise ValueError(f"{reading.ask} is {text[:60]!r}; it must be one whole number for each square.")
    if len(parts) != reading.squares:
        raise ValueError(f"{reading.ask} has {len(parts)} squares; it must have {reading.squares}.")
    seen = sum(int(part) for part in parts)
    return Count(EXACT.divide(Decimal(seen), Decimal(reading.squares)), seen, reading.dilution)


def _typed_time(reading: TimeReading, text: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{reading.ask} is {text[:40]!r}; it must be a date and time, as in 2026-03-02T14:05+08:00.") from None
    if moment.tzinfo is None:
        raise ValueError(f"{reading.ask} is {text}, without a time zone; it must have one, as in 2026-03-02T14:05+08:00.")
    if moment < now - LONGEST_AGO:
        raise ValueError(f"{reading.ask} is {text}, which is more than a year before now, {now.isoformat(timespec='minutes')}.")
    if moment > now + CLOCK_SKEW:
        raise ValueError(f"{reading.ask} is {text}, which is later than now, {now.isoformat(timespec='minutes')}.")
    return moment


def judged(reading: Reading, value: Value) -> Verdict:
    """What a settled value is worth against the reading's limits; counts and times have none and are in limits."""
    if isinstance(value, Count | datetime):
        return judge(Limits(), Decimal(0))
    return judge(reading.limits, value)


def agree(reading: Reading, first: Value, second: Value, *, recount: bool) -> bool:
    """Whether two independent readings match: counts within 15 % of their mean when recounted, everything else equal."""
    if recount and isinstance(first, Count) and isinstance(second, Count) and isinstance(reading, CountReading):
        return not reading.compare or recount_agrees(first.mean, second.mean)
    return first == second


def settled(first: Value, second: Value | None, *, recount: bool) -> Value:
    """The value in force: after a recount the unrounded mean of two agreeing counts, else the first person's."""
    if recount and isinstance(first, Count) and isinstance(second, Count):
        return mean_count(first, second)
    return first

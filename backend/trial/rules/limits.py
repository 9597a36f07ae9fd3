"""Limits of a reading, and what a value is worth against them.

A limit is a comparison with a number, or `a to b` with both ends included. A value is judged in the order stop, decide, alert;
a value that meets none of them is in limits. `target` is shown and never judged. Values are compared unrounded.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from typing import ClassVar, Self

from backend.trial.rules.written import NUMBER, Written, number_of

WORDS = {"<": "at least", "<=": "above", ">": "at most", ">=": "below"}  # what a value must be that must not meet the comparison


class Level(StrEnum):
    """How far out a value is. `decide` waits for QA with a deviation; after `stop` nobody may go on."""

    IN_LIMITS = "in limits"
    ALERT = "alert"
    DECIDE = "decide"
    STOP = "stop"


JUDGED = (Level.STOP, Level.DECIDE, Level.ALERT)


@dataclass(frozen=True)
class NoGrowth:
    """The answer of a growth formula when the cells have not increased: never infinite, never negative."""

    def __str__(self) -> str:
        return "no growth"


NO_GROWTH = NoGrowth()


@dataclass(frozen=True)
class Limit(Written):
    """A set of numbers between two ends, each of them open, closed or absent: `< 85`, `>= 90`, `5.0 to 15.0`, `14`."""

    low: Decimal | None
    low_included: bool
    high: Decimal | None
    high_included: bool
    text: str

    pattern: ClassVar[str] = rf"(<=|>=|<|>)? ?({NUMBER})|({NUMBER}) to ({NUMBER})"
    form: ClassVar[str] = "a limit, as in < 85, >= 90 or 5.0 to 15.0"

    @classmethod
    def read(cls, text: str) -> Self:
        """The limit; a range whose ends are in the wrong order is refused."""
        found = cls._match(text)
        if found[3] is not None:
            low, high = number_of(found[3]), number_of(found[4])
            if low > high:
                raise ValueError(f"the range {text!r} runs from {low} down to {high}; write the smaller number first")
            return cls(low, True, high, True, text)
        sign, number = found[1], number_of(found[2])
        if sign in ("<", "<="):
            return cls(None, False, number, sign == "<=", text)
        if sign in (">", ">="):
            return cls(number, sign == ">=", None, False, text)
        return cls(number, True, number, True, text)

    def met_by(self, value: Decimal) -> bool:
        """Whether the unrounded value lies in this set."""
        above = self.low is None or value > self.low or (self.low_included and value == self.low)
        below = self.high is None or value < self.high or (self.high_included and value == self.high)
        return above and below

    def within(self, other: "Limit") -> bool:
        """Whether every value of this set lies in the other too."""
        low = other.low is None or (
            self.low is not None and (self.low > other.low or (self.low == other.low and (other.low_included or not self.low_included)))
        )
        high = other.high is None or (
            self.high is not None
            and (self.high < other.high or (self.high == other.high and (other.high_included or not self.high_included)))
        )
        return low and high

    def meets(self, other: "Limit") -> bool:
        """Whether some value lies in both sets."""
        return _before(self, other) and _before(other, self)

    def __str__(self) -> str:
        return self.text


def _before(one: Limit, two: Limit) -> bool:
    """Whether the set `one` begins before the set `two` ends."""
    if one.low is None or two.high is None:
        return True
    return one.low < two.high or (one.low == two.high and one.low_included and two.high_included)


@dataclass(frozen=True)
class Verdict:
    """The level of one value, and the limit or option that put it there (None when it is in limits)."""

    level: Level
    limit: Limit | str | None = None


@dataclass(frozen=True)
class Limits:
    """The limits of one reading by level; numbers are judged by Limit, choices by the options listed."""

    alert: tuple[Limit | str, ...] = ()
    decide: tuple[Limit | str, ...] = ()
    stop: tuple[Limit | str, ...] = ()

    def at(self, level: Level) -> tuple[Limit | str, ...]:
        """What is written for this level."""
        return {Level.STOP: self.stop, Level.DECIDE: self.decide, Level.ALERT: self.alert}.get(level, ())


def judge(limits: Limits, value: Decimal | NoGrowth | str | bool) -> Verdict:
    """What the value is worth: stop, decide, alert, else in limits, the value unrounded.

    No growth is as bad as the strictest level that the reading has, and an alert where it has none: it cannot be compared.
    """
    if isinstance(value, NoGrowth):
        worst = next((level for level in JUDGED if limits.at(level)), Level.ALERT)
        return Verdict(worst, str(NO_GROWTH))
    if isinstance(value, bool):
        value = "yes" if value else "no"
    for level in JUDGED:
        for limit in limits.at(level):
            met = limit.met_by(value) if isinstance(limit, Limit) and isinstance(value, Decimal) else limit == value
            if met:
                return Verdict(level, limit)
    return Verdict(Level.IN_LIMITS)


def shown(value: Decimal, *limits: Limit) -> str:
    """The value rounded for people to four significant digits, or to as many more as keep it on its side of every limit given.

    Rounding is for the eye: 79.9996 against `< 80` is shown as 79.9996, because 80.00 would contradict its own verdict.
    """
    roundings = (Context(prec=digits, rounding=ROUND_HALF_UP).plus(value) for digits in range(4, 40))
    true = (rounded for rounded in roundings if all(limit.met_by(rounded) == limit.met_by(value) for limit in limits))
    text = f"{next(true, value):f}"
    exact = f"{value:f}"
    return exact if len(exact) <= len(text) else text


def must_be(limit: Limit | str) -> str:
    """What a value must be that may not meet this limit, in words: `< 70` gives `at least 70`."""
    found = re.fullmatch(r"(<=|>=|<|>) ?(.+)", str(limit))
    return f"{WORDS[found[1]]} {found[2]}" if found else f"anything but {limit}"


def sentence(what: str, value: Decimal | NoGrowth | str | bool, verdict: Verdict, unit: str = "") -> str:
    """What is and what must be, with both values: `Viability is 61.0 %; it must be at least 70 %.` Empty when in limits."""
    if verdict.limit is None:
        return ""
    room = f" {unit}" if unit else ""
    if isinstance(value, NoGrowth):
        return f"{what} shows no growth; the cells must increase."
    if isinstance(value, Decimal) and isinstance(verdict.limit, Limit):
        return f"{what} is {shown(value, verdict.limit)}{room}; it must be {must_be(verdict.limit)}{room}."
    said = ("yes" if value else "no") if isinstance(value, bool) else value
    return f"{what} is {said}; it must be {must_be(verdict.limit)}."

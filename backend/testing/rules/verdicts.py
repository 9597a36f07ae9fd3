"""What a value is worth against the limit that its sample carries: in, out, inconclusive, or only reported.

A censored value stands for every number that it leaves open. Only when all of them meet the limit is it in, only when none does is it out;
what cannot be told is inconclusive and never in. Values are compared as they were typed, unrounded.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from backend.batch.rules.saying import SIGNS, either
from backend.testing.models import IN, INCONCLUSIVE, OUT, REPORTED
from backend.trial.rules import Limit

POSITIVE = frozenset({"growth", "detected"})
"""What a test for germs finds when there are some; a word that the limit accepts is none of these."""
LONGEST = 400
_NUMBER = re.compile(r"(<=|>=|<|>)? ?([0-9]{1,12}(?:\.[0-9]{1,12})?)")


@dataclass(frozen=True)
class Asked:
    """One test of one sample, as whoever took the sample asked for it. A reference sample has neither batch nor limit."""

    container_code: str
    test: str
    title: str
    kind: str
    stage: str
    unit: str = ""
    method: str = ""
    options: tuple[str, ...] = ()
    limit: str = ""
    override: str = "by QA"
    batch_code: str = ""
    dose_code: str | None = None
    due_at: datetime | None = None

    @property
    def room(self) -> str:
        """The unit as it follows a number in a sentence."""
        return f" {self.unit}" if self.unit else ""


@dataclass(frozen=True)
class Verdict:
    """What a value is worth, and the sentence that says what is and what must be; empty when in or only reported."""

    verdict: str
    sentence: str = ""


def typed(asked: Asked, value: str) -> str:
    """The value as it is kept; what is no value of this test raises ValueError with a sentence."""
    if asked.kind == "choice":
        if value not in asked.options:
            raise ValueError(f"“{value[:60]}” is no answer of {asked.title}; it is {' or '.join(asked.options)}.")
        return value
    if asked.kind == "number":
        found = _NUMBER.fullmatch(value)
        if found is None:
            raise ValueError(f"“{value[:60]}” is no value of {asked.title}; it is a number, or < or > and a number.")
        return f"{found[1]} {found[2]}" if found[1] else found[2]
    if not value.strip():
        raise ValueError(f"{asked.title} is reported in words; nothing was said.")
    return value.strip()


def judged(asked: Asked, value: str) -> Verdict:
    """What a value that `typed` let pass is worth against the limit of its test."""
    if not asked.limit or asked.kind == "report":
        return Verdict(REPORTED)
    said = f"{asked.title} is {value}{asked.room if asked.kind == 'number' else ''}; it must be {must_be(asked)}"
    if asked.kind == "choice":
        return Verdict(IN) if value in asked.limit.splitlines() else Verdict(OUT, f"{said}.")
    limit, left_open = Limit.read(asked.limit), Limit.read(value)
    if left_open.within(limit):
        return Verdict(IN)
    if left_open.meets(limit):
        return Verdict(INCONCLUSIVE, f"{said}, and this value does not show whether it is.")
    return Verdict(OUT, f"{said}.")


def must_be(asked: Asked) -> str:
    """What is accepted, in words: `<= 2.0` of endotoxin gives `at most 2.0 EU/mL`."""
    if asked.kind != "number":
        return either(asked.limit.splitlines())
    found = re.fullmatch(r"(<=|>=|<|>) ?(.+)", asked.limit)
    return SIGNS[found[1]](f"{found[2]}{asked.room}") if found else f"{asked.limit}{asked.room}" if asked.limit else ""


def is_positive(value: str, verdict: str) -> bool:
    """Whether germs were found: this is told at once and holds everything of the subject."""
    return verdict == OUT and value in POSITIVE

"""Values that took the place of others: who sees the change, and what is said of it.

A change is covered as its new value is: both are told once two people have read the same (decision W3).
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from backend.batch.models import Reading
from backend.batch.rules.course import Course, Where, place
from backend.batch.rules.saying import say
from backend.trial.rules import spoken


@dataclass(frozen=True)
class Change:
    """One value that followed another in one person's readings; `signed`: whether the one before it had been signed."""

    where: Where
    old: Reading
    new: Reading
    signed: bool
    sentence: str


def changes(course: Course, reader: str) -> Iterator[Change]:
    """Every change that this reader may see."""
    attempts = {row.code: row for row in course.attempts}
    found: dict[tuple[str, str], list[Reading]] = {}
    for row in sorted(course.readings, key=lambda row: row.number):
        found.setdefault((row.attempt_code, row.field), []).append(row)
    for (attempt, _), rows in found.items():
        where = place(attempts[attempt])
        signed = [one.at for one in course.performed if one.attempt_code == attempt]
        signed += [one.at for one in course.verified if one.attempt_code == attempt]
        for old, new in pairwise(rows):
            if course.shows(where, new, reader):
                yield Change(where, old, new, any(at < new.at for at in signed), _said(course, where, old, new))


def _said(course: Course, where: Where, old: Reading, new: Reading) -> str:
    was, now = with_unit(old.value, old.unit), with_unit(new.value, new.unit)
    return f"{asked_in(course, where, new.field)} was {was} and is {now}. Reason: {new.why.rstrip('.')}."


def asked_in(course: Course, where: Where, field: str) -> str:
    """The step and the question of a field, as people say them."""
    reading = course.step(where).reading(field)
    return f"{spoken(where[1], where[0])}: {reading.ask.rstrip('?') if reading else field}"


def with_unit(value: str, unit: str) -> str:
    """A value as it is said; words, a choice and a time as they were typed."""
    with suppress(ArithmeticError):
        value = say(Decimal(value))
    return f"{value} {unit}".strip()

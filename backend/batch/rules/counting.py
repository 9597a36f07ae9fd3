"""What is counted by hand beside what the record counts: labels of containers, and containers by what became of them.

Two people who count the same agree with each other; only the record can say that both are wrong. The record's number is kept when the step
is first settled, so that a correction a year later is held against what there was then, and not against what is left.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from backend.batch.rules.course import Course, Where
from backend.batch.rules.saying import say
from backend.batch.rules.settling import Found, Result
from backend.trial.rules import Level, Value, Verdict, spoken
from backend.trial.rules.readings import NumberReading


def counted(course: Course, where: Where) -> list[NumberReading]:
    """The readings of a step that the record counts as well."""
    return [one for one in course.step(where).asked_in(where[1]) if isinstance(one, NumberReading) and one.counts is not None]


def in_record(field: str) -> str:
    """The name under which the record's own number is kept beside what was counted by hand."""
    return f"{field}, in the record"


def of_record(course: Course, where: Where, numbers: Mapping[str, int]) -> list[Result]:
    """What the record has, by reading, to be kept like a value that was worked out."""
    found = Verdict(Level.IN_LIMITS)
    return [
        Result(in_record(one.code), str(numbers[one.code]), one.unit, "counted in the record", found, "") for one in counted(course, where)
    ]


def miscounted(course: Course, where: Where, values: Mapping[str, Value]) -> Iterator[Found]:
    """Every count that lies further from the record than the master record allows, in one sentence with both numbers of each."""
    limit, kept, differ = course.master.balance.counts, course.worked(), []
    for one in counted(course, where):
        value, row = values.get(one.code), kept.get((where[0], where[1] or "", in_record(one.code)))
        if row and isinstance(value, Decimal) and not limit.met_by(abs(value - Decimal(row.value))):
            differ.append(f"{one.ask} {say(value)} and {row.value}")
    if differ:
        must = f"each may differ by {limit}" if limit.high else "they must be the same"
        said = f"By hand and by the record: {'; '.join(differ)}; {must}."
        yield Found(Level.DECIDE, said, f"{spoken(where[1], where[0])} count")

"""Two readings become one, values are worked out, and everything out of limits is said in a sentence.

A reading is judged as it is, never rounded; a recount counts with the unrounded mean of both (decision W2).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from backend.batch.models import Calculated
from backend.batch.rules.against import asked
from backend.batch.rules.course import Course, Where
from backend.batch.rules.saying import out_words
from backend.trial.rules import (
    Level,
    NoGrowth,
    Reading,
    Value,
    Verdict,
    Worked,
    agree,
    calculated,
    formula_named,
    judged,
    spoken,
    start_by,
)
from backend.trial.rules.readings import FormulaReading


@dataclass(frozen=True)
class Found:
    """Something out of the ordinary: how far out, and what is said of it."""

    level: Level
    sentence: str
    rule: str


@dataclass(frozen=True)
class Result:
    """One value that the program works out, before it is kept."""

    field: str
    value: str
    unit: str
    formula: str
    verdict: Verdict
    why: str


def mismatches(course: Course, where: Where, first: Mapping[str, Value], second: Mapping[str, Value]) -> list[str]:
    """The fields in which two independent readings do not match."""
    recount = course.step(where).second == "recount"
    both = [one for one in asked(course.step(where), where[1], "second") if one.code in first or one.code in second]
    return [
        one.code
        for one in both
        if one.code not in first or one.code not in second or not agree(one, first[one.code], second[one.code], recount=recount)
    ]


def worked_out(course: Course, where: Where, own: Mapping[str, Value]) -> list[Result]:
    """Every calculated value of the step, from these readings and what is in force elsewhere."""

    def answer(step: str, passage: str | None, field: str) -> Value | None:
        return own.get(field) if (step, passage) == where else course.answer(step, passage, field)

    worked: Worked = calculated(course.master, where[0], where[1], answer)
    found = []
    for reading in course.step(where).asked_in(where[1]):
        if not isinstance(reading, FormulaReading):
            continue
        formula = formula_named(reading.formula)
        named = f"{formula.name} {formula.version}" if formula else reading.formula
        if reading.code in worked.values:
            value = worked.values[reading.code]
            found.append(Result(reading.code, str(value), reading.unit, named, judged(reading, value), ""))
        elif reading.code in worked.reasons:
            why = worked.reasons[reading.code]
            found.append(Result(reading.code, "", reading.unit, named, Verdict(Level.DECIDE, why), why))
    return found


def out_of_limits(course: Course, where: Where, values: Mapping[str, Value], results: list[Result]) -> Iterator[Found]:
    """Every reading and calculated value at its decide or stop limit; an alert is on the value itself and opens nothing."""
    step, named = course.step(where), spoken(where[1], where[0])
    for reading in step.asked_in(where[1]):
        if reading.code in values and reading.kind != "formula":
            value = values[reading.code]
            verdict = judged(reading, value)
            if verdict.level in (Level.DECIDE, Level.STOP) and isinstance(value, Decimal | str | bool | NoGrowth):
                yield Found(verdict.level, out_words(reading, value, verdict), f"{named} {reading.code}")
    for result in results:
        reading = next(one for one in step.readings if one.code == result.field)
        if result.verdict.level in (Level.DECIDE, Level.STOP):
            yield Found(result.verdict.level, said_of(reading, result), f"{named} {result.field}")


def said_of(reading: Reading, result: Result) -> str:
    """The sentence of a calculated value that is out of limits, or that could not be worked out."""
    if not result.value:
        return f"{reading.ask} could not be worked out: {result.why}"
    value = NoGrowth() if result.value == str(NoGrowth()) else Decimal(result.value)
    return out_words(reading, value, result.verdict)


def overruns(course: Course, where: Where, ended: datetime) -> Iterator[Found]:
    """A step that was begun after its time, and a phase that lay open too long: recorded, never blocked."""
    step, named = course.step(where), spoken(where[1], where[0])
    latest, begun = start_by(course.master, where[0], where[1], course.finished), course.begun(where)
    if latest and begun and begun > latest:
        late = spelled(begun - latest)
        yield Found(Level.ALERT, f"{named} was begun {late} late; it must begin within {step.within}.", f"{named} within")
    phase = course.master.phase_of(where[0])
    if phase.open_time is None or phase.steps[-1].code != where[0]:
        return
    opened = min((a.at for a in course.attempts if a.step in {one.code for one in phase.steps}), default=ended)
    if ended - opened > phase.open_time.length:
        yield Found(
            Level.ALERT, f"{phase.title} lay open for {spelled(ended - opened)}; it must be {phase.open_time}.", f"{phase.code} open time"
        )


def spelled(span: timedelta) -> str:
    """A length of time as people say it: `2 h 41 min`, `45 s`."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes % 60} min" if minutes % 60 and not days else ""]
    return " ".join(part for part in parts if part)


def changed(course: Course, where: Where) -> list[Result]:
    """The calculated values of a finished step that come out otherwise now, because something before it was corrected."""
    kept = course.worked()
    own = course.settled(where)

    def same(result: Result) -> bool:
        row: Calculated | None = kept.get((where[0], where[1] or "", result.field))
        return row is not None and row.value == result.value

    return [result for result in worked_out(course, where, own) if not same(result)]


def filled(course: Course, where: Where, values: Mapping[str, Value], results: list[Result]) -> dict[str, int]:
    """How many containers of each kind the step makes."""
    found = {}
    for makes in course.step(where).makes:
        number: object = makes.number
        if isinstance(number, str):
            number = values.get(number) or next((r.value for r in results if r.field == number and r.value), None)
        if number is not None:
            found[makes.kind] = int(Decimal(str(number)))
    return found

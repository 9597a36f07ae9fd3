"""Working a step out: its formulas from the readings in force, and the moment by which it must begin.

The caller says what is in force by `answer(step, passage, reading)`; nothing is read or written here. In a repeated phase a plain
reference means the same passage, `previous` the one before, `every` all so far; from outside it means the last passage that was done.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, TypeAlias

from backend.trial.rules.formulas import Argument, Result, formula_named, work_out
from backend.trial.rules.master_record import Answer, MasterRecord, without_previous
from backend.trial.rules.readings import FormulaReading, Value
from backend.trial.rules.written import Reference

Finished: TypeAlias = Callable[[str, str | None], datetime | None]  # (step, passage) to the moment it was finished


class Worked(NamedTuple):
    """The formulas of a step: values by reading code, and why a value could not be worked out although everything was read."""

    values: dict[str, Result]
    reasons: dict[str, str]


def calculated(record: MasterRecord, step: str, passage: str | None, answer: Answer) -> Worked:
    """Every formula of the step that can be worked out now, in the order written, unrounded.

    A formula that lacks a reading is absent from both parts; one that cannot be worked out (a chamber without cells, a time that runs
    backwards) has its reason, so that the bad news is told and recorded.
    """
    worked = Worked({}, {})

    def look(code: str, when: str | None, reading: str) -> Value | None:
        own = worked.values.get(reading) if (code, when) == (step, passage) else None
        return own if own is not None else answer(code, when, reading)

    for reading in record.step(step).asked_in(passage):
        if not isinstance(reading, FormulaReading):
            continue
        found = formula_named(reading.formula)
        arguments = [_argument(record, step, passage, reading, reference, look) for reference in reading.of]
        if found is None or any(one is None for one in arguments):
            continue
        given = arguments[0] if found.spread else arguments
        try:
            worked.values[reading.code] = work_out(reading.formula, given)  # type: ignore[arg-type]
        except ValueError as error:
            worked.reasons[reading.code] = str(error)
    return worked


def start_by(record: MasterRecord, step: str, passage: str | None, finished: Finished) -> datetime | None:
    """The last moment at which the step may begin, inclusive: the later of the ends it counts from, plus its time; None without one."""
    within = record.step(step).within
    if within is None:
        return None
    ends = []
    for after in within.after:
        code = without_previous(after)
        for candidate in _passages(record, step, passage, code, "step" if code == after else "previous"):
            moment = finished(code, candidate)
            if moment is not None:
                ends.append(moment)
                break
    return max(ends) + within.duration.length if ends else None


def _argument(
    record: MasterRecord, step: str, passage: str | None, reading: FormulaReading, reference: Reference, look: Answer
) -> Argument | list[Argument] | None:
    """What one reference stands for; None while it has not been read."""
    if reference.quantity is not None:
        return reference.quantity.number
    code = reference.step or step
    if reference.which == "every":
        passages = [one for one in _passages(record, step, passage, code, "every") if one and one >= (reading.from_round or "")]
        values = [look(code, one, reference.reading) for one in passages]
        return None if any(value is None for value in values) else [value for value in values if _usable(value)]  # type: ignore[misc]
    for candidate in _passages(record, step, passage, code, reference.which):
        value = look(code, candidate, reference.reading)
        if value is not None:
            return value if _usable(value) else None  # type: ignore[return-value]
    return None


def _usable(value: Value | None) -> bool:
    return not isinstance(value, bool | str)


def _passages(record: MasterRecord, step: str, passage: str | None, code: str, which: str) -> list[str | None]:
    """The passages in which to look for another step, the likeliest first."""
    repeat = record.phase_of(code).repeat
    if repeat is None:
        return [None]
    every = list(repeat.passages())
    if passage is None or record.phase_of(step).code != record.phase_of(code).code:
        return [*reversed(every)]
    at = every.index(passage)
    if which == "previous":
        return [*every[at - 1 : at]] if at else []
    return [*every[: at + 1]] if which == "every" else [passage]

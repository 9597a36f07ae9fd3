"""What can be wrong with the limits and the formulas of a step, each said so that it can be put right without asking.

A limit that a good value meets, a limit that can never be reached, a formula whose arguments are missing, later, or in another unit:
all of these would be found on a bench at night, so they are found when the file is read.
"""

from collections.abc import Iterator
from typing import TypeAlias

from backend.trial.rules.formulas import formula_named
from backend.trial.rules.limits import JUDGED, Level, Limit
from backend.trial.rules.master_record import MasterRecord, Phase, Step
from backend.trial.rules.preparation_file import Judged
from backend.trial.rules.readings import ChoiceReading, CountReading, FormulaReading, Limited, Reading, YesNoReading, unit_of
from backend.trial.rules.written import Reference
from backend.trial.rules.yaml_text import Path

Finding: TypeAlias = tuple[str, Path, str]  # file, path of the part that is wrong, sentence
RECORD = "master-record.yaml"
WOULD = {Level.ALERT: "would alert", Level.DECIDE: "would wait for QA", Level.STOP: "would stop the batch"}
SEVERER = ((Level.DECIDE, Level.ALERT), (Level.STOP, Level.ALERT), (Level.STOP, Level.DECIDE))


def limit_findings(reading: Reading | Judged, named: str) -> Iterator[tuple[Path, str]]:
    """Everything wrong with the limits of one reading, each with the key that is wrong."""
    if isinstance(reading, Limited | Judged):
        yield from _against_target(reading, named)
        yield from _between_levels(reading, named)
    elif isinstance(reading, ChoiceReading | YesNoReading):
        yield from _options(reading, named)


def _against_target(reading: Limited | Judged, named: str) -> Iterator[tuple[Path, str]]:
    target = reading.target
    for level in JUDGED:
        for limit in reading.limits.at(level):
            if target is None or not isinstance(limit, Limit) or not limit.meets(target):
                continue
            if target.within(limit) or target.low == target.high:
                how = "covers"
            elif limit.high is not None and (target.high is None or limit.high < target.high):
                how = "reaches above the low end of"
            else:
                how = "reaches below the high end of"
            every = "every" if target.within(limit) else "a"
            yield (level.value,), f"{named}: {level.value} is {limit} and {how} the target {target}, so {every} good value {WOULD[level]}."


def _between_levels(reading: Limited | Judged, named: str) -> Iterator[tuple[Path, str]]:
    for severe, mild in SEVERER:
        for strict in reading.limits.at(severe):
            for loose in reading.limits.at(mild):
                if not isinstance(strict, Limit) or not isinstance(loose, Limit) or not strict.meets(loose):
                    continue
                if loose.within(strict):
                    why = f"lies within {severe.value} {strict}, which is judged first, so it is never met"
                    yield (mild.value,), f"{named}: {mild.value} is {loose} and {why}."
                elif not strict.within(loose):
                    why = "overlap, and neither lies within the other; one of them is wrong"
                    yield (severe.value,), f"{named}: {severe.value} {strict} and {mild.value} {loose} {why}."


def _options(reading: ChoiceReading | YesNoReading, named: str) -> Iterator[tuple[Path, str]]:
    of = reading.of if isinstance(reading, ChoiceReading) else ("yes", "no")
    if len(set(of)) < len(of):
        yield ("of",), f"{named}: an option is listed twice."
    target = (reading.target,) if isinstance(reading.target, str) else reading.target or ()
    seen = dict.fromkeys(target, "target")
    for option in target:
        if option not in of:
            yield ("target",), f"{named}: the target {option!r} is not among the options {', '.join(of)}."
    for level in JUDGED:
        for option in map(str, reading.limits.at(level)):
            if option not in of:
                yield (level.value,), f"{named}: {level.value} {option!r} is not among the options {', '.join(of)}."
            if option in seen:
                yield (level.value,), f"{named}: {option!r} is both {seen[option]} and {level.value}; it must be one of them."
            seen[option] = level.value


class Formulas:
    """The formulas of one record: whether each exists, and whether what it is worked out from exists, is earlier, and has its units."""

    def __init__(self, record: MasterRecord) -> None:
        self.record = record
        self.order = {step.code: number for number, step in enumerate(record.steps())}

    def findings(self, step: Step, number: int, named: str) -> Iterator[tuple[Path, str]]:
        """Everything wrong with the formula reading in this place of the step."""
        reading = step.readings[number]
        if not isinstance(reading, FormulaReading):
            return
        found = formula_named(reading.formula)
        if found is None:
            yield ("formula",), f"{named}: there is no formula {reading.formula!r} in the catalogue."
            return
        if reading.unit != found.unit:
            yield ("unit",), f"{named}: the unit is {reading.unit}; {found.name} gives {found.unit}."
        if len(reading.of) != len(found.arguments):
            wanted = ", ".join(name for name, _ in found.arguments)
            yield ("of",), f"{named}: {found.name} is given {len(reading.of)} values; it takes {len(found.arguments)}: {wanted}."
            return
        for place, (reference, (name, unit)) in enumerate(zip(reading.of, found.arguments, strict=True)):
            if (reference.which == "every") != found.spread:
                takes = "a value of each round so far, written with every" if found.spread else "one value here"
                yield ("of", place), f"{named}: {found.name} is given {reference}; it takes {takes}."
                continue
            says = self._reference(step, number, reference, name, unit)
            if says:
                yield ("of", place), f"{named}: {says}"

    def _reference(self, step: Step, number: int, reference: Reference, name: str, unit: str) -> str | None:
        """What is wrong with one argument, if anything."""
        if reference.quantity is not None:
            given = reference.quantity.unit
            return None if given == unit else f"{name} is {reference}; it must be in {unit}."
        source = step if reference.step in (None, step.code) else self._step(reference.step)
        if source is None:
            return f"there is no step {reference.step}."
        reading = source.reading(reference.reading)
        if reading is None:
            return f"{source.code} has no reading {reference.reading}."
        return self._misplaced(step, number, reference, source, reading) or _unfit(reference, reading, name, unit)

    def _misplaced(self, step: Step, number: int, reference: Reference, source: Step, reading: Reading) -> str | None:
        """Whether the reading is not yet there when the formula needs it."""
        own, phase = step.readings[number], self.record.phase_of(step.code)
        together = phase.repeat is not None and self.record.phase_of(source.code) is phase
        if reference.which in ("previous", "every") and not together:
            return f"{reference} looks into another round, but {step.code} and {source.code} are not steps of one repeated phase."
        if reference.which == "previous":
            return _no_round_before(phase, own, reference)
        later = self.order[source.code] > self.order[step.code]
        if later or (source is step and reading not in step.readings[:number]):
            return f"{reference} comes later; a formula is worked out from what was read before it."
        if together and (reading.from_round or "P0") > (own.from_round or "P0"):
            return f"{reference} is asked from {reading.from_round} on, but this is worked out before; write from: {reading.from_round}."
        return None

    def _step(self, code: str | None) -> Step | None:
        return next((step for step in self.record.steps() if step.code == code), None)


def _no_round_before(phase: Phase, own: Reading, reference: Reference) -> str | None:
    first = phase.repeat.first if phase.repeat else ""
    if (own.from_round or first) <= first:
        return f"{reference} does not exist in {first}, which has no round before it; write from: P{int(first[1:]) + 1}."
    return None


def _unfit(reference: Reference, reading: Reading, name: str, unit: str) -> str | None:
    """Whether the reading is of another unit or may be missing."""
    if reading.optional:
        return f"{reference} is optional, so it may be missing; what a formula needs must be read."
    given = unit_of(reading)
    if given == unit:
        return None
    has = {"count": "a count", "time": "a moment", "": f"{reading.kind}, not a number"}.get(given, f"in {given}")
    wants = {"count": "a count", "time": "a moment"}.get(unit, f"in {unit}")
    return f"{name} is {reference}, which is {has}; it must be {wants}."


def recounted(step: Step) -> bool:
    """Whether anything in the step can be counted again."""
    return any(isinstance(reading, CountReading) for reading in step.readings)

"""What can be wrong with the master record: steps, people, what goes in and comes out, time limits, rounds.

Read in the order of the file. A step that makes or stores containers is a two-person step: a container that gets the wrong label is
the one mistake that nobody sees afterwards.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from backend.trial.rules.balance_checks import balance_findings, counting_findings, holding_findings, unfit
from backend.trial.rules.limit_checks import RECORD, Finding, Formulas, limit_findings, recounted
from backend.trial.rules.master_record import (
    PERFORMER,
    VERIFIER,
    WITNESS,
    Condition,
    Containers,
    MasterRecord,
    Phase,
    Step,
    Supplied,
    without_previous,
)
from backend.trial.rules.readings import ChoiceReading, NumberReading, YesNoReading
from backend.trial.rules.yaml_text import Path

COUNTED_IN = ("flasks", "vials", "tubes")


def record_findings(record: MasterRecord, labels: frozenset[str] | None, tests: frozenset[str] | None) -> Iterator[Finding]:
    """Everything wrong with the master record, given the labels and the tests that exist (None while that is not known)."""
    for path, says in _record(record, labels, tests):
        yield RECORD, path, says


def twice(codes: Iterable[str]) -> frozenset[str]:
    """The codes that are written more than once."""
    return frozenset(code for code, number in Counter(codes).items() if number > 1)


def _record(record: MasterRecord, labels: frozenset[str] | None, tests: frozenset[str] | None) -> Iterator[tuple[Path, str]]:
    for kind, container in record.containers.items():
        if labels is not None and container.label not in labels:
            yield ("containers", kind, "label"), f"{kind}: there is no label {container.label!r} in labels.yaml."
    yield from balance_findings(record)
    yield from _unused(record)
    phases = twice(phase.code for phase in record.phases)
    steps = twice(step.code for step in record.steps())
    formulas = Formulas(record)
    known = {kind for kind, container in record.containers.items() if container.comes_from}
    for p, phase in enumerate(record.phases):
        here: Path = ("phases", p)
        if phase.code in phases:
            yield (*here, "code"), f"{phase.code}: two phases have this code."
        yield from _at((*here, "repeat"), _repeat(record, phase))
        for s, step in enumerate(phase.steps):
            there = (*here, "steps", s)
            if step.code in steps:
                yield (*there, "code"), f"{step.code}: two steps have this code."
            if not step.code.startswith(phase.code + "-"):
                yield (*there, "code"), f"{step.code}: a step of {phase.code} must have a code that begins with {phase.code}-."
            yield from _at(there, _people(step))
            yield from _at(there, _kinds(record, step, known, tests))
            yield from _at(there, holding_findings(step))
            yield from _at(there, counting_findings(step, known))
            yield from _at(there, _order(record, phase, step))
            yield from _at(there, _readings(phase, step, formulas))
            known |= {makes.kind for makes in step.makes} | {sample.kind for sample in step.samples}


def _at(where: Path, findings: Iterator[tuple[Path, str]]) -> Iterator[tuple[Path, str]]:
    for path, says in findings:
        yield (*where, *path), says


def _unused(record: MasterRecord) -> Iterator[tuple[Path, str]]:
    """Kinds that are defined and that no step names."""
    steps = list(record.steps())
    named = {
        "equipment": {kind for step in steps for kind in step.equipment},
        "materials": {use.item for step in steps for use in step.materials},
        "containers": {one.kind for step in steps for part in (step.uses, step.makes, step.samples, step.stores) for one in part},
    }
    for part, used in named.items():
        for kind in getattr(record, part):
            if kind not in used:
                yield (part, kind), f"{kind} is defined under {part}, but no step names it."


def _people(step: Step) -> Iterator[tuple[Path, str]]:
    """Who does it, and whether the second person's way fits."""
    if PERFORMER not in step.people or twice(step.people) or {VERIFIER, WITNESS} <= set(step.people):
        yield ("people",), f"{step.code}: people are {', '.join(step.people)}; they must be one performer, and at most one other."
    way = {VERIFIER: "reread or recount", WITNESS: "witnessed"}
    other = next((person for person in step.people if person != PERFORMER), None)
    if other is None and step.second is not None:
        yield ("second",), f"{step.code}: second is {step.second}, but there is no second person."
    if other is not None and (step.second is None or step.second not in way[other]):
        said = step.second or "not said"
        yield ("people",), f"{step.code}: the second person is {other}, so second must be {way[other]}; it is {said}."
    if step.second == "recount" and not recounted(step):
        yield ("second",), f"{step.code}: second is recount, but nothing is counted; it must be reread."
    if other is None and (step.makes or step.stores):
        does = f"makes {step.makes[0].kind}" if step.makes else f"stores {step.stores[0].kind}"
        yield ("people",), f"{step.code}: no verifier, but it {does}, and filling, seeding and storing are two-person steps."


def undefined_supplies(record: MasterRecord, supplied: Supplied, named: str) -> Iterator[tuple[Path, str]]:
    """Equipment and materials that are to be scanned and that the master record does not define."""
    for number, kind in enumerate(supplied.equipment):
        if kind not in record.equipment:
            yield ("equipment", number), f"{named}: the equipment {kind!r} is not defined under equipment."
    for number, use in enumerate(supplied.materials):
        if use.item not in record.materials:
            yield ("materials", number, "item"), f"{named}: the material {use.item!r} is not defined under materials."


def _kinds(record: MasterRecord, step: Step, known: set[str], tests: frozenset[str] | None) -> Iterator[tuple[Path, str]]:
    """Equipment, materials and containers: defined, and there when they are used."""
    yield from undefined_supplies(record, step, step.code)
    for part in ("uses", "makes", "samples", "stores"):
        containers: tuple[Containers, ...] = getattr(step, part)
        for number, one in enumerate(containers):
            if one.kind not in record.containers:
                yield (part, number, "kind"), f"{step.code}: the container {one.kind!r} is not defined under containers."
            elif part in ("uses", "stores") and one.kind not in known:
                yield (part, number, "kind"), f"{step.code}: it uses {one.kind}, but no step before it makes one."
            elif part == "makes" and record.containers[one.kind].comes_from:
                origin = record.containers[one.kind].comes_from
                yield (part, number, "kind"), f"{step.code}: it makes {one.kind}, which comes from {origin}."
    in_hand = {one.kind for one in (*step.uses, *step.makes)}
    for number, sample in enumerate(step.samples):
        if sample.of not in in_hand:
            yield ("samples", number, "of"), f"{step.code}: the sample is taken from {sample.of}, which the step neither uses nor makes."
        if sample.amount.unit != "mL":
            yield ("samples", number, "amount"), f"{step.code}: the sample is {sample.amount}; it must be in mL."
        for place, test in enumerate(sample.tests):
            if tests is not None and test not in tests:
                yield ("samples", number, "tests", place), f"{step.code}: there is no test {test!r} in specifications.yaml."
    for number, stores in enumerate(step.stores):
        if stores.kind not in in_hand:
            yield ("stores", number, "kind"), f"{step.code}: it stores {stores.kind}, which the step neither uses nor makes."
    yield from _makes(step)


def _makes(step: Step) -> Iterator[tuple[Path, str]]:
    """How many come out."""
    for number, makes in enumerate(step.makes):
        if makes.number == 0:
            yield ("makes", number, "number"), f"{step.code}: it makes 0 {makes.kind}; it must make at least 1."
        if isinstance(makes.number, str):
            for says in unfit(step, makes.number, COUNTED_IN, f"the number of {makes.kind}"):
                yield ("makes", number, "number"), says


def _order(record: MasterRecord, phase: Phase, step: Step) -> Iterator[tuple[Path, str]]:
    """Time limits, conditions and rounds: they name steps that are there, and earlier."""
    codes = [one.code for one in record.steps()]
    own = {one.code for one in phase.steps} if phase.repeat else set()
    for after in step.within.after if step.within else ():
        code = without_previous(after)
        if code not in codes:
            yield ("within",), f"{step.code}: within {step.within}, but there is no step {code}."
        elif after != code and code not in own:
            yield ("within",), f"{step.code}: {after} looks into another round, but they are not steps of one repeated phase."
        elif after == code and codes.index(code) >= codes.index(step.code):
            yield ("within",), f"{step.code}: within {step.within}, but {code} is not before {step.code}."
    if step.when:
        yield from _condition(record, step.when, ("when",), step.code)
        if step.when.step in codes and codes.index(step.when.step) >= codes.index(step.code):
            yield ("when",), f"{step.code}: it depends on {step.when.step}, which is not before it."
    passages = phase.repeat.passages() if phase.repeat else ()
    if step.from_round and step.from_round not in passages:
        yield ("from",), f"{step.code}: from is {step.from_round}, which is no passage of {phase.code}."
    for number, makes in enumerate(step.makes):
        if makes.passage == "next" and not phase.repeat:
            yield ("makes", number, "passage"), f"{step.code}: the passage is next, but {phase.code} does not repeat."


def _condition(record: MasterRecord, condition: Condition, path: Path, named: str) -> Iterator[tuple[Path, str]]:
    """Whether an answer that something depends on can be given."""
    step = next((step for step in record.steps() if step.code == condition.step), None)
    reading = step.reading(condition.reading) if step else None
    if reading is None:
        yield path, f"{named}: {condition} names a reading that does not exist."
        return
    options = reading.of if isinstance(reading, ChoiceReading) else ("yes", "no") if isinstance(reading, YesNoReading) else ()
    if condition.answer not in options:
        yield path, f"{named}: {condition} can never be so; the options are {', '.join(options) or 'none, for it is no choice'}."


def _repeat(record: MasterRecord, phase: Phase) -> Iterator[tuple[Path, str]]:
    """The rounds of a repeated phase: an end that can be reached, within bounds in the right order."""
    repeat = phase.repeat
    if repeat is None:
        return
    bounds = [("from", repeat.first), ("earliest", repeat.earliest), ("alert", repeat.alert or repeat.at_most), ("at_most", repeat.at_most)]
    for (lower, low), (upper, high) in pairwise(bounds):
        if low > high:
            yield (upper,), f"{phase.code}: {upper} is {high}, before {lower} {low}."
    if repeat.until.step not in {step.code for step in phase.steps}:
        yield ("until",), f"{phase.code}: it repeats until {repeat.until}, which is not one of its steps, so it would never end."
        return
    yield from _condition(record, repeat.until, ("until",), phase.code)


def _readings(phase: Phase, step: Step, formulas: Formulas) -> Iterator[tuple[Path, str]]:
    """Every reading of a step: codes once, limits that make sense, formulas that can be worked out."""
    again = twice(reading.code for reading in step.readings)
    passages = phase.repeat.passages() if phase.repeat else ()
    for number, reading in enumerate(step.readings):
        where: Path = ("readings", number)
        named = f"{step.code} {reading.code}"
        if reading.code in again:
            yield (*where, "code"), f"{named}: two readings of the step have this code."
        if reading.from_round and reading.from_round not in passages:
            yield (*where, "from"), f"{named}: from is {reading.from_round}, which is no passage of {phase.code}."
        if isinstance(reading, NumberReading) and reading.target and reading.possible and not reading.target.meets(reading.possible):
            yield (*where, "possible"), f"{named}: possible is {reading.possible}, which leaves out the target {reading.target}."
        yield from _at(where, limit_findings(reading, named))
        yield from _at(where, formulas.findings(step, number, named))

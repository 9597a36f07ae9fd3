"""Whether the four files of a trial folder agree, with themselves and with each other.

Every finding is a file, a path in it and a sentence; nothing stops at the first. The one rule above the others: no arm is named
anywhere but in the part of trial.yaml that the dose alone reads.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from backend.settings import settings
from backend.trial.rules.formulas import formula_named
from backend.trial.rules.labels_file import LabelsFile
from backend.trial.rules.limit_checks import Finding, limit_findings
from backend.trial.rules.limits import Limit
from backend.trial.rules.master_record import MasterRecord
from backend.trial.rules.preparation_file import JUDGED, preparation_findings
from backend.trial.rules.readings import FormulaReading, NumberReading
from backend.trial.rules.record_checks import record_findings, twice, undefined_supplies
from backend.trial.rules.specifications import Specification, Specifications
from backend.trial.rules.trial_file import Criterion, TrialFile
from backend.trial.rules.yaml_text import Path
from labels import templates

TRIAL, RECORD, SPECIFICATIONS, LABELS = "trial.yaml", "master-record.yaml", "specifications.yaml", "labels.yaml"


def disagreements(
    trial: TrialFile | None, master: MasterRecord | None, specifications: Specifications | None, labels: LabelsFile | None
) -> Iterator[Finding]:
    """Everything in which the files contradict themselves or each other; None for a file that could not be read, so the rest is told."""
    if trial:
        yield from _in(TRIAL, _trial(trial))
    if master:
        yield from record_findings(master, labels.codes() if labels else None, specifications.tests() if specifications else None)
    if trial and master:
        yield from _in(RECORD, _bank_in_record(trial, master))
        for step, supplied in trial.preparation.supplies.items():
            for path, says in undefined_supplies(master, supplied, f"preparation {step}"):
                yield TRIAL, ("preparation", "supplies", step, *path), says
    if specifications:
        yield from _in(SPECIFICATIONS, _specifications(specifications))
    if labels:
        yield from _in(LABELS, _labels(labels))
    if trial:
        yield from _arms_before_the_dose(trial, master, labels)


def _in(file: str, findings: Iterator[tuple[Path, str]]) -> Iterator[Finding]:
    for path, says in findings:
        yield file, path, says


def _trial(trial: TrialFile) -> Iterator[tuple[Path, str]]:
    try:
        ZoneInfo(trial.time_zone)
    except (KeyError, ValueError, OSError):
        yield ("time_zone",), f"There is no time zone {trial.time_zone!r}."
    try:
        re.compile(trial.enrolment.subject_number)
    except re.error as error:
        yield ("enrolment", "subject_number"), f"The pattern {trial.enrolment.subject_number!r} cannot be read: {error}."
    for name in trial.draft:
        node: Any = trial
        for part in name.split("."):
            node = getattr(node, part, None)
        if node is None:
            yield ("draft", trial.draft.index(name)), f"draft names {name}, which is not in this file."
    yield from _bank(trial)
    yield from _arms(trial)
    for path, says in preparation_findings(trial.preparation, trial.routes, trial.arms):
        yield ("preparation", *path), says
    for key in JUDGED:
        for path, says in limit_findings(getattr(trial.preparation, key), f"preparation {key}"):
            yield ("preparation", key, *path), says
    codes = twice(criterion.code for criterion in trial.eligibility)
    for number, criterion in enumerate(trial.eligibility):
        for key, says in _criterion(criterion, codes):
            yield ("eligibility", number, key), f"{criterion.code}: {says}"
    analytes = twice(analyte.code for analyte in trial.serology.analytes)
    for number, analyte in enumerate(trial.serology.analytes):
        where: Path = ("serology", "analytes", number)
        if analyte.code in analytes:
            yield (*where, "code"), f"{analyte.code}: two analytes have this code."
        if not set(analyte.accept) <= set(analyte.of):
            yield (*where, "accept"), f"{analyte.code}: accept is {', '.join(analyte.accept)}; the options are {', '.join(analyte.of)}."
    readings = twice(reading.code for reading in trial.collection.readings)
    for number, reading in enumerate(trial.collection.readings):
        where = ("collection", "readings", number)
        if reading.code in readings:
            yield (*where, "code"), f"collection {reading.code}: two readings have this code."
        if isinstance(reading, FormulaReading):
            yield (*where, "formula"), f"collection {reading.code}: nothing is worked out at the bedside."
        if isinstance(reading, NumberReading) and reading.counts is not None:
            yield (*where, "counts"), f"collection {reading.code}: the record counts nothing at the bedside."
        for path, says in limit_findings(reading, f"collection {reading.code}"):
            yield (*where, *path), says


def _bank(trial: TrialFile) -> Iterator[tuple[Path, str]]:
    bank = trial.bank
    if not 0 < bank.fewest <= bank.vials:
        yield ("bank", "fewest"), f"The fewest vials are {bank.fewest}; they must be at least 1 and at most {bank.vials}."
    for key in ("per_vial", "for_tests", "minimum"):
        if getattr(bank, key).unit != "viable cells":
            yield ("bank", key), f"{key} is {getattr(bank, key)}; it must be in viable cells."
    needed = bank.fewest * bank.per_vial.number + bank.for_tests.number
    if bank.minimum.number != needed:
        sum_of = f"{bank.fewest} vials of {bank.per_vial} and {bank.for_tests} for tests"
        yield ("bank", "minimum"), f"The minimum is {bank.minimum}; {sum_of} are {needed}."
    months = trial.infusions.window
    if months.opens.number > months.closes.number:
        yield ("infusions", "window"), f"The window opens after {months.opens} and closes after {months.closes}; it must open first."


def _arms(trial: TrialFile) -> Iterator[tuple[Path, str]]:
    arms = list(trial.arms.items())
    for name, dose in arms:
        if dose.route not in trial.routes:
            yield ("arms", name, "route"), f"{name}: there is no route {dose.route}."
        if dose.dose.unit != "viable cells" or dose.volume.unit != "mL":
            yield ("arms", name), f"{name}: the dose is {dose.dose} in {dose.volume}; it must be in viable cells and mL."
        if not dose.accept.met_by(dose.dose.number):
            yield ("arms", name, "accept"), f"{name}: the dose is {dose.dose}, which {dose.accept} does not accept."
    for number, (name, dose) in enumerate(arms):
        for other, second in arms[number + 1 :]:
            if dose.route == second.route and dose.accept.meets(second.accept):
                yield ("arms", other, "accept"), f"{other}: {second.accept} overlaps {dose.accept} of {name}, so a dose could be either."
    for number, group in enumerate(trial.masked_together):
        for name in group:
            if name not in trial.arms:
                yield ("masked_together", number), f"masked_together names {name}, which is not an arm."


def _criterion(criterion: Criterion, codes: frozenset[str]) -> Iterator[tuple[str, str]]:
    if criterion.code in codes:
        yield "code", "two criteria have this code."
    if set(re.findall(r"\{[^}]*\}", criterion.otherwise)) - {"{answer}"}:
        yield "otherwise", "only {answer} may stand in braces."
    if criterion.kind in ("integer", "months", "years"):
        if not isinstance(criterion.accept, Limit):
            yield "accept", f"accept is {', '.join(criterion.accept)}; it must be a limit, as in 5 to 12."
        return
    options = criterion.of if criterion.kind == "choice" else ("yes", "no")
    accept = (str(criterion.accept),) if isinstance(criterion.accept, Limit) else criterion.accept
    if not set(accept) <= set(options):
        yield "accept", f"accept is {', '.join(accept)}; the options are {', '.join(options) or 'not listed'}."


def _bank_in_record(trial: TrialFile, master: MasterRecord) -> Iterator[tuple[Path, str]]:
    """Vials, cells in a vial and cells for tests are facts of trial.yaml; the record may repeat them and never change them."""
    bank = trial.bank
    wanted = {1: ("cells in a vial", bank.per_vial.number), 2: ("cells for tests", bank.for_tests.number), 3: ("vials", bank.vials)}
    for p, phase in enumerate(master.phases):
        for s, step in enumerate(phase.steps):
            for number, stores in enumerate(step.stores):
                if stores.tanks != trial.storage.tanks:
                    path: Path = ("phases", p, "steps", s, "stores", number, "tanks")
                    yield path, f"{step.code}: it stores in {stores.tanks} tanks; trial.yaml says {trial.storage.tanks}."
            for r, reading in enumerate(step.readings):
                if not isinstance(reading, FormulaReading) or reading.formula.split()[0] != "vials_to_fill":
                    continue
                for place, (what, fact) in wanted.items():
                    given = reading.of[place].quantity if place < len(reading.of) else None
                    if given is not None and given.number != fact:
                        path = ("phases", p, "steps", s, "readings", r, "of", place)
                        yield path, f"{step.code} {reading.code}: {what} are {given.number}; trial.yaml says {fact}."


def _specifications(specifications: Specifications) -> Iterator[tuple[Path, str]]:
    for part in ("bank", "dose", "in_process"):
        tests: tuple[Specification, ...] = getattr(specifications, part)
        again = twice(one.test for one in tests)
        for number, one in enumerate(tests):
            if one.test in again:
                yield (part, number, "test"), f"{part} {one.test}: two tests have this name."
            for key, says in _specification(part, one):
                yield (part, number, key), f"{part} {one.test}: {says}"


def _specification(part: str, one: Specification) -> Iterator[tuple[str, str]]:
    limits = [one.accept is not None, one.formula is not None, one.from_arm]
    if one.kind != "report" and sum(limits) != 1:
        yield "test", "it must say exactly one of accept, formula and from_arm."
    if part != "dose" and (one.from_arm or one.formula):
        yield "test", "its limit depends on the dose, which is not known here."
    if one.formula is not None and formula_named(one.formula) is None:
        yield "formula", f"there is no formula {one.formula!r} in the catalogue."
    if one.kind == "number":
        if one.unit is None:
            yield "test", "a number must have a unit."
        if one.accept is not None and not isinstance(one.accept, Limit):
            yield "accept", f"accept is {', '.join(one.accept)}; it must be a limit, as in <= 2.0."
    elif one.kind == "choice":
        accept = (str(one.accept),) if isinstance(one.accept, Limit) else one.accept or ()
        if not set(accept) <= set(one.of):
            yield "accept", f"accept is {', '.join(accept)}; the options are {', '.join(one.of) or 'not listed'}."


def _labels(labels: LabelsFile) -> Iterator[tuple[Path, str]]:
    codes = twice(label.code for label in labels.labels)
    for number, label in enumerate(labels.labels):
        if label.code in codes:
            yield ("labels", number, "code"), f"{label.code}: two labels have this code."
        for says in _label(label):
            yield ("labels", number), f"{label.code}: {says}"


@lru_cache(maxsize=64)
def _label(label: templates.LabelTemplate) -> tuple[str, ...]:
    # a label is measured with its fonts, which takes a quarter of a second for the folder, and gives the same answer each time
    return tuple(templates.faults(label, settings().fonts))


def _arms_before_the_dose(trial: TrialFile, master: MasterRecord | None, labels: LabelsFile | None) -> Iterator[Finding]:
    """Every text outside `arms` that names an arm or a route, in any spelling: nothing before the dose may know one."""
    words = {re.escape(name).replace("_", "[ _-]") for name in trial.arms} | {re.escape(code) for code in trial.routes}
    named = re.compile(rf"(?<![A-Za-z0-9])({'|'.join(sorted(words, key=len, reverse=True))})(?![A-Za-z0-9])", re.IGNORECASE)
    places: list[tuple[str, Path, BaseModel | None]] = [(RECORD, (), master), (LABELS, (), labels)]
    places += [(TRIAL, ("collection",), trial.collection)]
    places += [(TRIAL, ("eligibility", number), criterion) for number, criterion in enumerate(trial.eligibility)]
    for file, start, model in places:
        for path, text in _texts(model.model_dump(mode="json", by_alias=True) if model else {}, start):
            found = named.search(text)
            if found:
                yield file, path, f"{text[:60]!r} names {found[0]}; arms and routes are known from the dose on, and not before."


def _texts(node: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text in a part of a file, keys included, with its path."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield (*path, key), str(key)
            yield from _texts(value, (*path, key))
    elif isinstance(node, list | tuple):
        for number, value in enumerate(node):
            yield from _texts(value, (*path, number))
    elif isinstance(node, str):
        yield path, node

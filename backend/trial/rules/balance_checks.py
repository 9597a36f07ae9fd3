"""What can be wrong with how a master record balances: its limits, what containers are said to hold, and what is counted by hand.

A balance that lets twice of what there was pass, or that makes every good step wait, is found when the file is read. So is an account of
labels or vials whose numbers are compared with each other alone: two people can agree on a number that was never true.
"""

from collections.abc import Iterator
from decimal import Decimal

from backend.trial.rules.limits import Limit
from backend.trial.rules.master_record import Each, MasterRecord, Step
from backend.trial.rules.readings import FormulaReading, NumberReading, unit_of
from backend.trial.rules.yaml_text import Path

VOLUMES, CELLS = ("mL",), ("cells", "cells/vial")
WHOLE, TWICE = Decimal(100), Decimal(200)
ACCOUNTS = ("label_balance", "vial_balance")
"""Formulas that account for labels or vials."""


def balance_findings(record: MasterRecord) -> Iterator[tuple[Path, str]]:
    """Everything wrong with the limits of the balance."""
    for key in ("volume", "cells"):
        for says in _share(getattr(record.balance, key)):
            yield ("balance", key), f"balance: {key} is {getattr(record.balance, key)}{says}"
    counts = record.balance.counts
    if counts.high is None:
        yield ("balance", "counts"), f"balance: counts is {counts}; it must say how far a count may be out at most, as in 0 or <= 1."
    elif not counts.met_by(Decimal(0)):
        yield ("balance", "counts"), f"balance: counts is {counts}, so a count that is as the record has it would wait for QA."


def _share(limit: Limit) -> Iterator[str]:
    if limit.low is not None or limit.high is None:
        yield "; it must say how much may come out at most, as in <= 105."
    elif not limit.met_by(WHOLE):
        yield " %, so a step in which nothing is lost would wait for QA."
    elif limit.met_by(TWICE):
        yield " %, so twice of what there was would pass."


def holding_findings(step: Step) -> Iterator[tuple[Path, str]]:
    """What is said of how much containers hold: readings of the step in the right unit, and only of what still holds something."""
    for number, uses in enumerate(step.uses):
        yield from _each(step, uses.each, ("uses", number, "each"), uses.kind)
        if uses.each != Each() and uses.then == "used up":
            yield ("uses", number, "each"), f"{step.code}: it says what {uses.kind} holds, but it is used up; it must be kept."
    for number, makes in enumerate(step.makes):
        yield from _each(step, makes.each, ("makes", number, "each"), makes.kind)
        yield from _each(step, makes.out_of, ("makes", number, "out_of"), f"what {makes.kind} comes out of")


def _each(step: Step, held: Each, where: Path, of: str) -> Iterator[tuple[Path, str]]:
    for key, code, units in (("volume", held.volume, VOLUMES), ("cells", held.cells, CELLS)):
        if code is not None:
            for says in unfit(step, code, units, f"the {key} of {of}"):
                yield (*where, key), says


def unfit(step: Step, code: str, units: tuple[str, ...], what: str) -> Iterator[str]:
    """Why this reading of the step cannot say so: it is not there, or is in another unit."""
    reading = step.reading(code)
    if reading is None:
        yield f"{step.code}: {what} is {code}, but the step has no such reading."
    elif unit_of(reading) not in units:
        yield f"{step.code}: {what} is {code}, in {unit_of(reading) or 'words'}; it must be in {' or '.join(units)}."


def counting_findings(step: Step, known: set[str]) -> Iterator[tuple[Path, str]]:
    """What is counted by hand: containers that are there, in their unit; and no number of an account that nothing is held against."""
    accounts = [one for one in step.readings if isinstance(one, FormulaReading) and one.formula.split()[0] in ACCOUNTS]
    accounted = {reference.reading for one in accounts for reference in one.of if reference.which == "here"}
    for number, reading in enumerate(step.readings):
        if not isinstance(reading, NumberReading):
            continue
        where, named = ("readings", number), f"{step.code} {reading.code}"
        if reading.counts is None:
            if reading.code in accounted:
                yield where, f"{named}: it is counted by hand for an account, and nothing says what it counts in the record."
            continue
        unit = "labels" if reading.counts.what.startswith("labels ") else "vials"
        if reading.counts.kind not in known:
            yield (*where, "counts", "kind"), f"{named}: it counts {reading.counts.kind}, but no step before it makes one."
        if reading.unit != unit:
            yield (*where, "unit"), f"{named}: the unit is {reading.unit}; {reading.counts.what} are counted in {unit}."

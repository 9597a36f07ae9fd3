"""How the cells were made: every step of every batch as it was recorded, with what was read, scanned, worked out, made and signed.

A value that was changed keeps its old values beside it with their reasons. A reading that no second person has matched yet is covered in
the record as it is on every page (decision W3).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from backend.batch.models import (
    FIRST,
    SECOND,
    Attempt,
    Batch,
    BatchDecision,
    Calculated,
    Reading,
    StepDeviation,
    StepMismatched,
    StepPerformed,
    StepScan,
    StepVerified,
)
from backend.batch.reads.bench import total_of
from backend.batch.rules import Course, Where
from backend.batch.rules.saying import KINDS, in_words, level_words, limits_in_words, say, with_powers
from backend.custody.models import Container
from backend.custody.reads.containers import counted
from backend.dossier.reads.record.parts import Block, Cell, Facts, Heading, Section, Sentences, Table, Tone, cell
from backend.dossier.reads.record.scribe import Scribe
from backend.quality.models import DeviationDecided
from backend.trial.reads import folder
from backend.trial.rules import Count, Level, Step, spoken
from backend.trial.rules import Reading as Asked
from labels.codes import shown

TONES: dict[str, Tone] = {"go": "go", "warn": "warn", "stop": "stop"}
PARTS = {"equipment": "equipment", "material": "material", "uses": "used", "makes": "filled"}
COVERED = Cell(text="covered until the second person has read", tone="masked")


def batches(s: Scribe) -> list[Section]:
    """One section for each batch."""
    return [_batch(s, one) for one in s.rows.all(Batch)]


def course_then(s: Scribe, batch: Batch) -> Course:
    """The course of a batch as it was when the chain ended at the head that is shown."""

    def of(found: Iterable[object]) -> list[object]:
        return [one for one in found if getattr(one, "batch_code", "") == batch.code]

    rows = s.rows
    deviations = [one for one in rows.all(StepDeviation) if one.batch_code == batch.code]
    decided = {one.deviation_code: one for one in rows.all(DeviationDecided)}
    mine = [one.deviation_code for one in deviations if one.deviation_code in decided]
    return Course(
        master=folder(s.session, batch.folder_code).master,
        attempts=of(rows.all(Attempt)), readings=of(rows.all(Reading)), calculated=of(rows.all(Calculated)),  # type: ignore[arg-type]
        scans=of(rows.all(StepScan)), performed=of(rows.all(StepPerformed)), verified=of(rows.all(StepVerified)),  # type: ignore[arg-type]
        mismatched=of(rows.all(StepMismatched)), deviations=deviations, decided=frozenset(mine),  # type: ignore[arg-type]
        refused=frozenset(code for code in mine if not decided[code].accepted),
        decision=next((one for one in rows.all(BatchDecision) if one.batch_code == batch.code), None),
    )  # fmt: skip


def _batch(s: Scribe, batch: Batch) -> Section:
    course = course_then(s, batch)
    master = course.master
    facts = Facts(rows=(
        ("Batch", s.code(batch.code)), ("Opened", cell(s.by(batch.by, batch.at))), ("Made from collection", s.code(batch.collection_code)),
        ("Master record", Cell(text=f"{master.record}, version {master.version}", small=master.title)),
        ("Steps finished", cell(str(len(course.done)))),
    ))  # fmt: skip
    blocks: list[Block] = [facts]
    for where in walked(course):
        blocks += _step(s, batch, course, where)
    return Section(title="Batch record", blocks=tuple(blocks))


def walked(course: Course) -> list[Where]:
    """Every step that somebody sat down to, in the order in which it was first begun."""
    begun: dict[Where, datetime] = {}
    for one in course.attempts:
        where = (one.step, one.passage or None)
        begun[where] = min(one.at, begun.get(where, one.at))
    order = [step.code for step in course.master.steps()]
    return sorted(begun, key=lambda where: (begun[where], order.index(where[0])))


def _step(s: Scribe, batch: Batch, course: Course, where: Where) -> list[Block]:
    step, phase = course.step(where), course.master.phase_of(where[0])
    begun = course.begun(where)
    done = course.finished(*where)
    state = f"finished {s.at(done)}" if done else "not finished"
    note = f"{phase.title} · begun {s.at(begun)} · {state}"
    blocks: list[Block] = [Heading(number=spoken(where[1], where[0]), text=step.title, level=2, note=note)]
    if step.do:
        blocks.append(Sentences(lines=tuple(Cell(text=with_powers(one), tone="quiet") for one in step.do)))
    readings = _readings(s, course, where, step)
    if readings.rows:
        blocks.append(readings)
    worked = [_worked_row(s, course, where, step, one) for one in _latest(course, where)]
    if worked:
        heads = ("Calculated", "Value", "Formula", "Limits", "Judged")
        blocks.append(Table(title="Calculated values", heads=heads, widths=(38, 34, 40, 32, 24), rows=tuple(worked)))
    scans = [one for one in course.scans if (one.step, one.passage or None) == where]
    if scans:
        part = ("As", lambda one: PARTS.get(one.part, one.part))
        blocks.append(scans_table(s, "Equipment, materials and containers scanned", scans, part))
    made = [one for one in s.rows.all(Container) if one.batch_code == batch.code and one.step == spoken(where[1], where[0])]
    if made:
        names = [f"{one.name} ({shown(one.code)})" for one in sorted(made, key=lambda one: counted(one.name))]
        blocks.append(Sentences(title="Containers made", lines=(cell(", ".join(names)),)))
    return [*blocks, *_unusual(s, course, where), *_signed(s, course, where)]


def scans_table(s: Scribe, title: str, scans: Sequence[Any], first: tuple[str, Callable[[Any], str]]) -> Table:
    """What was scanned into steps, by whom, how, and what was taken out again; `first` heads and fills the first column."""
    return s.table(
        title, scans, (first[0], 20, first[1]), ("Kind", 38, lambda one: one.kind),
        ("What was scanned", 58, lambda one: s.thing(one.code)),
        ("By", 38, lambda one: Cell(text=s.by(one.by, one.at), small="" if one.how == "scan" else "typed, not scanned")),
        ("Taken out", 24, lambda one: s.by(one.ended_by, one.ended_at) if one.ended_at else None),
    )  # fmt: skip


# ---- readings ----


def _readings(s: Scribe, course: Course, where: Where, step: Step) -> Table:
    """Everything that was read: by the first person, and beside it by the second where two people check."""
    seats = (FIRST, SECOND) if step.checked else (FIRST,)
    rows = []
    for asked in step.asked_in(where[1]):
        if asked.kind == "formula":
            continue
        read = [_read(s, course, where, asked, seat) for seat in seats]
        if not any(read):
            continue
        judged = next((one for one in (_in_force(course, where, asked.code, seat) for seat in seats) if one is not None), None)
        visible = judged is not None and course.shows(where, judged, "")
        unit = "cells per square" if asked.kind == "count" else getattr(asked, "unit", "")
        limits = limits_in_words(asked)
        verdict = _judged(judged) if visible and limits else cell(None)
        rows.append((Cell(text=asked.ask, small=unit), *(cell(one) for one in read), cell(limits or None), verdict))
    heads = ("Read", "First person", "Second person") if step.checked else ("Read", "Value")
    widths = (42, 36, 36, 34, 22) if step.checked else (52, 52, 40, 26)
    return Table(title="Readings", heads=(*heads, "Limits", "Judged"), widths=widths, rows=tuple(rows))


def _seated(course: Course, where: Where, seat: str) -> list[Attempt]:
    """Everybody who sat in this seat of the step, the last one last."""
    return sorted((one for one in course.attempts if (one.step, one.passage or None) == where and one.seat == seat), key=lambda one: one.at)


def _in_force(course: Course, where: Where, code: str, seat: str) -> Reading | None:
    for attempt in reversed(_seated(course, where, seat)):
        if row := course.kept(attempt).get(code):
            return row
    return None


def _read(s: Scribe, course: Course, where: Where, asked: Asked, seat: str) -> Cell | None:
    """The value in force in one seat with everything that stood there before it: corrected values, and readings that did not match."""
    seated = {one.code: one for one in _seated(course, where, seat)}
    rows = [one for one in course.readings if one.attempt_code in seated and one.field == asked.code]
    rows.sort(key=lambda one: (list(seated).index(one.attempt_code), one.number))
    if not rows:
        return None
    if not all(course.shows(where, one, "") for one in rows):
        return COVERED
    last = rows[-1]
    was = tuple(
        (_said(s, course, where, old), f"{new.why or 'read again, because the two readings did not match'} ({s.by(old.by, old.at)})")
        for old, new in pairwise(rows)
    )
    return Cell(text=_said(s, course, where, last), was=was, small=s.by(last.by, last.at), tone="warn" if was else "")


def _said(s: Scribe, course: Course, where: Where, row: Reading) -> str:
    """A reading as it was typed, with its unit; a moment in the site's zone, a count with its sum, a large number in words."""
    value = course.value(where, row)
    if isinstance(value, datetime):
        return s.minute(value)
    if isinstance(value, Count):
        return f"{row.value} ({total_of(value)})"
    words = in_words(value) if isinstance(value, Decimal) else ""
    return " ".join([row.value, row.unit] if row.unit else [row.value]) + (f" ({words})" if words else "")


def _judged(row: Reading | Calculated | None) -> Cell:
    if row is None:
        return cell(None)
    tone = TONES[KINDS[Level(row.level)]]
    return Cell(text=level_words(row.level, row.limit, row.unit) or "in limits", tone=tone)


# ---- calculated values ----


def _latest(course: Course, where: Where) -> list[Calculated]:
    """The calculated value in force of each field, in the order of the master record."""
    order = [one.code for one in course.step(where).asked_in(where[1])]
    found = [row for (step, passage, _), row in course.worked().items() if (step, passage or None) == where]
    return sorted(found, key=lambda row: order.index(row.field) if row.field in order else len(order))


def _worked_row(s: Scribe, course: Course, where: Where, step: Step, row: Calculated) -> tuple[Cell, ...]:
    asked = step.reading(row.field)
    earlier = sorted(
        (one for one in course.calculated if (one.step, one.passage or None, one.field) == (*where, row.field) and one.number < row.number),
        key=lambda one: one.number,
    )
    was = tuple((_number(one), f"worked out anew after a correction ({s.at(one.at)})") for one in earlier)
    given = ", ".join(str(one) for one in getattr(asked, "of", ()))
    value = Cell(text=_number(row), was=was, small=f"unrounded {row.value}" if row.value else row.why, tone="warn" if was else "")
    limits = limits_in_words(asked) if asked else ""
    return (
        Cell(text=asked.ask if asked else row.field, small=row.unit), value, Cell(text=row.formula, small=f"of {given}" if given else ""),
        cell(limits or None), _judged(row),
    )  # fmt: skip


def _number(row: Calculated) -> str:
    try:
        said = say(Decimal(row.value)) if row.value else "cannot be worked out"
    except InvalidOperation:
        return row.value
    return f"{said} {row.unit}" if row.value and row.unit not in ("cells", "doublings") else said


# ---- what was out of the ordinary, and who signed ----


def _unusual(s: Scribe, course: Course, where: Where) -> list[Block]:
    lines = [
        Cell(text=f"{one.sentence} ({one.level})", small=f"{s.at(one.at)}, deviation {shown(one.deviation_code)}", tone="stop")
        for one in course.deviations if (one.step, one.passage or None) == where
    ]  # fmt: skip
    for miss in course.mismatched:
        if (miss.step, miss.passage or None) == where:
            called = {one.code: one.ask for one in course.step(where).asked_in(where[1])}
            what = ", ".join(called.get(one, one) for one in miss.fields.split(","))
            lines.append(Cell(text=f"The two readings did not match: {what}.", small=s.by(miss.by, miss.at), tone="warn"))
    return [Sentences(title="Out of the ordinary", lines=tuple(lines))] if lines else []


def _signed(s: Scribe, course: Course, where: Where) -> list[Block]:
    """The signatures of the step; one that a correction or a mismatch ended stands apart."""
    signed = [one for one in course.performed if (one.step, one.passage or None) == where]
    checks = [one for one in course.verified if (one.step, one.passage or None) == where]
    stands = [s.rows.made_by(StepPerformed, one.code) for one in signed if one.ended_at is None]
    stands += [s.rows.made_by(StepVerified, one.code) for one in checks if one.ended_at is None]
    gone = [s.rows.made_by(StepPerformed, one.code) for one in signed if one.ended_at]
    gone += [s.rows.made_by(StepVerified, one.code) for one in checks if one.ended_at]
    blocks: list[Block] = [s.signatures(stands)]
    if gone:
        blocks.append(s.signatures(gone, "Signatures on a superseded version", note="on a superseded version"))
    return blocks

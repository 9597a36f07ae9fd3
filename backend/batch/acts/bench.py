"""What is done at the bench before anybody signs: sit down to a step, note a value, scan a thing in, take it out, give the step back.

Each field that is left is one act (decision F1). Values out of limits are recorded as read; only nonsense is turned away.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints
from sqlmodel import Session

from backend.access.reads import names_of, roles_of
from backend.access.rules import Role
from backend.batch.models import FIRST, Attempt, Batch, Reading, StepScan
from backend.batch.reads import batch_of, course_of, covered_entry, expected, is_batch
from backend.batch.rules import (
    Course,
    Where,
    against_handling,
    against_sitting,
    against_value,
    against_working,
    asked,
    foreign,
    misplaced,
    seat_of,
)
from backend.custody.models import Container
from backend.custody.reads import container_of, usable
from backend.ledger import AnyCode, Nonsense, Now, Open, RecordCode, Refused, act, ask, refuse
from backend.quality.reads import open_holds
from backend.subject.reads import subject_of
from backend.supplies.reads import supply_of
from backend.trial.reads import folder, local_day
from backend.trial.rules import judged, spoken, typed, unit_of

StepCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-[0-9]{1,2}$"), ask("Step")]
Passage = Annotated[
    str, StringConstraints(pattern=r"^(P[0-9])?$"), ask("Passage", hint="P0, P1 and so on; empty outside the culture phase")
]
Field = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"), ask("Reading")]
Typed = Annotated[str, StringConstraints(min_length=1), ask("Value")]
Why = Annotated[str, StringConstraints(max_length=400), ask("Reason", hint="why the value is replaced")]
BENCH = {Role.TECHNICIAN, Role.QA}


def where_of(course: Course, step: str, passage: str) -> Where:
    """The step that is meant; Refused when the master record has no such step in this passage."""
    phase = next((p for p in course.master.phases if any(one.code == step for one in p.steps)), None)
    if phase is None:
        raise Refused(f"The master record has no step {step}.")
    passages = phase.repeat.passages() if phase.repeat else ("",)
    if passage not in passages:
        raise Refused(f"{step} is done in {' or '.join(passages)}." if phase.repeat else f"{step} is done once, in no passage.")
    return step, passage or None


def at_work(now: Now, batch: str, step: str, passage: str) -> tuple[Batch, Course, Where]:
    """The batch, its course and the step, when this person may work on it now; otherwise Refused with every reason."""
    row = batch_of(now.session, batch)
    course = course_of(now.session, row)
    where = where_of(course, step, passage)
    refuse(against_working(course, where, roles_of(now.session, [now.by], now.at)[now.by]))
    return row, course, where


def sit(now: Now, batch: Batch, course: Course, where: Where) -> Attempt:
    """The attempt of this person in the seat that is free; begun now if it was not."""
    names = names_of(now.session, {one.person for one in course.attempts})
    refuse(against_sitting(course, where, now.by, names))
    seat = seat_of(course, where)
    return course.attempt(where, seat) or now.add(Attempt(
        code=now.draw("K"), batch_code=batch.code, step=where[0], passage=where[1] or "", seat=seat, person=now.by, at=now.at,
    ))  # fmt: skip


@act(
    "batch.note", roles=BENCH, title="Note a value", tells="{by} noted {field} in {passage} {step}.", covers=covered_entry,
    page="/batches/{batch}/steps/{step}",
)  # fmt: skip
def note(
    now: Now, batch: RecordCode, step: Open[StepCode], field: Open[Field], value: Open[Typed], passage: Open[Passage] = "",
    why: Open[Why] = "",
) -> None:  # fmt: skip
    """One value is in the record as it was typed, judged by its limits. A later value replaces it with a reason; both stay.

    Nonsense (no number, less than nothing, a time to come) is turned away and not recorded; bad news is recorded.
    """
    row, course, where = at_work(now, batch, step, passage)
    attempt = sit(now, row, course, where)
    reading = next((one for one in asked(course.step(where), where[1], attempt.seat) if one.code == field), None)
    if reading is None:
        raise Refused(f"{spoken(where[1], step)} does not ask this person for {field}.")
    keep(now, course, where, attempt, field, value, why)


def keep(now: Now, course: Course, where: Where, attempt: Attempt, field: str, value: str, why: str) -> Reading:
    """A value is kept in an attempt beside those before it. Nonsense raises Nonsense; a second value without a reason is Refused."""
    reading = course.step(where).reading(field)
    if reading is None:
        raise Refused(f"{where[0]} has no {field}.")
    try:
        read = typed(reading, value, now=now.at)
    except ValueError as no:
        raise Nonsense({"value": str(no)}) from no
    refuse(against_value(course, where, field, read))
    before = course.kept(attempt).get(field)
    if before is not None and before.value == value:
        return before
    if before is not None and not why:
        raise Refused(f"{reading.ask.rstrip('?')} has a value already; another one needs a reason, and both stay.")
    verdict = judged(reading, read)
    return now.add(Reading(
        attempt_code=attempt.code, field=field, number=before.number + 1 if before else 1, batch_code=attempt.batch_code, value=value,
        unit=unit_of(reading), level=str(verdict.level), limit=str(verdict.limit or ""), why=why if before else "", at=now.at, by=now.by,
    ))  # fmt: skip


@act(
    "batch.scan", roles=BENCH, title="Scan into a step", tells="{by} scanned {code} into {passage} {step}.", relies={"supplies"},
    page="/batches/{batch}/steps/{step}",
)  # fmt: skip
def scan(
    now: Now, batch: RecordCode, step: Open[StepCode], code: AnyCode, passage: Open[Passage] = "",
    how: Open[Literal["scan", "typed"]] = "typed",
) -> StepScan:  # fmt: skip
    """A lot, a piece of equipment or a container is part of the step.

    Refused: what the step does not ask for, a container of another subject (a hard stop), one that is used up, on its way, on hold, or
    whose label is void or was never scanned back.
    """
    row, course, where = at_work(now, batch, step, passage)
    refuse(against_handling(course))
    if course.signature(where):
        raise Refused(f"{spoken(where[1], step)} is signed; nothing more is scanned into it.")
    thing, part, kind = _thing(now.session, row, course, where, code, now.at)
    if any(one.code == thing for one in course.scanned(where)):
        raise Refused(f"This {kind} is in {spoken(where[1], step)} already.")
    sit(now, row, course, where)
    number = 1 + sum(1 for one in course.scans if (one.step, one.passage, one.code) == (step, passage, thing))
    return now.add(StepScan(
        batch_code=batch, step=step, passage=passage, code=thing, number=number, scanned=code, part=part, kind=kind, how=how, at=now.at,
        by=now.by,
    ), row.coi)  # fmt: skip


def _thing(session: Session, batch: Batch, course: Course, where: Where, code: str, at: datetime) -> tuple[str, str, str]:
    """What was scanned: its own code, which part of the step it is, and what the master record calls it."""
    if code[0] in "ET":
        trial = folder(session, batch.folder_code).trial
        thing = supply_of(session, code, local_day(trial, at), course.master.equipment)
        asked_for = (thing.part, thing.kind) in course.step(where).supplies
        refuse(None if asked_for else misplaced(course, where, thing.named))
        refuse(thing.against)
        return code, thing.part, thing.kind
    if code[0] in "CL":
        return _container(session, batch, course, where, code)
    named = {"P": "a place", "B": "a badge", "W": "a wristband", "S": "a subject", "D": "a document"}.get(code[0], "a record")
    raise Refused(*misplaced(course, where, named))


def _container(session: Session, batch: Batch, course: Course, where: Where, code: str) -> tuple[str, str, str]:
    found = container_of(session, code)
    if found.chain != batch.coi:
        raise Refused(foreign(_subject(session, found.chain), _subject(session, batch.coi)))
    usable(session, code)
    refuse(f"{found.name} is on hold: {hold.why}" for hold in open_holds(session, found.code))
    step = course.step(where)
    for kind, there in expected(session, batch, course, where).items():
        if found.code in {one.code for one in there}:
            return found.code, "uses", kind
    first = {makes.kind for makes in step.makes if makes.label_first}
    if found.kind in first and found.batch_code == batch.code and found.step == spoken(where[1], step.code):
        return found.code, "makes", found.kind
    raise Refused(*misplaced(course, where, _said(found, batch)))


def _said(container: Container, batch: Batch) -> str:
    other = " of another batch" if container.batch_code and container.batch_code != batch.code else ""
    return f"{container.name}{other}"


def _subject(session: Session, coi: str) -> tuple[str, str]:
    return subject_of(session, coi).number, coi


@act(
    "batch.unscan", roles=BENCH, title="Take out of a step", tells="{by} took {code} out of {passage} {step} again.", reason="open",
    page="/batches/{batch}/steps/{step}",
)  # fmt: skip
def unscan(now: Now, batch: RecordCode, step: Open[StepCode], code: AnyCode, passage: Open[Passage] = "") -> None:
    """What was scanned by mistake is no longer part of the step; that it was stays in the record."""
    _, course, where = at_work(now, batch, step, passage)
    refuse(against_handling(course))
    if course.signature(where):
        raise Refused(f"{spoken(where[1], step)} is signed; nothing is taken out of it.")
    row = next((one for one in course.scanned(where) if code in (one.code, one.scanned)), None)
    if row is None:
        raise Refused(f"This was not scanned into {spoken(where[1], step)}.")
    row.ended_at, row.ended_by = now.at, now.by


@act(
    "batch.give_back", roles=BENCH, title="Give the step back", tells="{by} gave {passage} {step} back.",
    page="/batches/{batch}/steps/{step}",
)  # fmt: skip
def give_back(now: Now, batch: RecordCode, step: Open[StepCode], passage: Open[Passage] = "") -> None:
    """The step is free for somebody else, who reads everything anew; what was read so far stays in the record.

    Only whoever began may give back, or QA when that person is gone. What is signed is not given back.
    """
    row = batch_of(now.session, batch)
    course = course_of(now.session, row)
    where = where_of(course, step, passage)
    mine = course.attempt(where, seat_of(course, where))  # of a re-opened step the first; the second waits for it with what it read before
    if mine is None or where in course.done or (mine.seat == FIRST and course.signature(where)):
        raise Refused(f"Nobody is reading {spoken(where[1], step)} now.")
    if mine.person != now.by and Role.QA not in roles_of(now.session, [now.by], now.at)[now.by]:
        raise Refused(f"{names_of(now.session, [mine.person])[mine.person]} began {spoken(where[1], step)}; they or QA give it back.")
    mine.ended_at, mine.ended_by = now.at, now.by


__all__ = ["at_work", "give_back", "is_batch", "keep", "note", "scan", "unscan", "where_of"]

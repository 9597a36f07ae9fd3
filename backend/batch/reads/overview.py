"""A batch as a whole: its line of steps, what came out of it, how it grew, what waits for whom. One list for each who looks."""

from datetime import datetime

from sqlmodel import Session, col, select

from backend.access.reads import names_of
from backend.access.rules import Viewer
from backend.batch.models import FIRST, Batch, SampleTaken
from backend.batch.reads.bench import Frozen
from backend.batch.reads.growing import Chart, Growth, chart, growth
from backend.batch.reads.rows import batch_of, course_of, courses_of
from backend.batch.rules import Course, Where, spelled
from backend.batch.rules.correcting import changes
from backend.batch.rules.saying import say
from backend.collection.reads import collected
from backend.custody.models import Container, Label, UsedUp
from backend.custody.reads.containers import amounts_of
from backend.custody.reads.labelling import states_of
from backend.ledger import rows_of
from backend.ledger.words import Text, words
from backend.subject.models import Subject
from backend.subject.reads import subject_of
from backend.trial.reads import folder
from backend.trial.rules import Phase, Step, spoken

SIZE = 25
LIVES = {
    "requested": ("wait", words("To print")), "printed": ("wait", words("To scan back")), "verified": ("wait", words("Not on yet")),
    "applied": ("go", words("On")),
}  # fmt: skip
"""By the state of a live label, its pill."""


class Stop(Frozen):
    """One station on the line of steps."""

    code: str
    passage: str
    title: str
    kind: str  # done, now, next
    note: Text
    href: str


class Stretch(Frozen):
    """The stations of one phase, or of one passage of a repeated one."""

    title: str
    passage: str
    stops: tuple[Stop, ...]


class InPlay(Frozen):
    """A container of the batch that still holds something, with its label."""

    code: str
    name: str
    label: str
    kind: str
    state: Text
    amount: str
    sample: bool  # drawn for a test, and no part of what goes on


class Event(Frozen):
    """A deviation that a step opened, and whether QA has decided it."""

    code: str
    sentence: str
    level: str
    at: datetime
    decided: bool


class Corrected(Frozen):
    """A value that was changed after it had been signed."""

    sentence: str
    at: datetime
    by: str
    href: str


class BatchLine(Frozen):
    """A batch in a list."""

    code: str
    coi: str
    subject: str
    opened_at: datetime
    at_step: str
    title: str
    state: Text
    kind: str


class BatchView(Frozen):
    """A batch."""

    code: str
    coi: str
    subject: str
    collection: str
    record: str
    opened_at: datetime
    opened_by: str
    since_collection: str
    open_time: str
    open_limit: str
    next_step: str
    next_title: str
    next_href: str
    waits_for: Text
    stretches: tuple[Stretch, ...]
    containers: tuple[InPlay, ...]
    growth: tuple[Growth, ...]
    chart: Chart | None
    events: tuple[Event, ...]
    corrected: tuple[Corrected, ...]
    holds: tuple[str, ...]
    decision: str
    decided: str
    done: int


def href_of(batch: str, where: Where) -> str:
    return f"/batches/{batch}/steps/{where[0]}" + (f"/{where[1]}" if where[1] else "")


def passages_so_far(course: Course, phase: Phase) -> list[str | None]:
    """The passages of a phase that were begun; the first one before any was, and [None] for a phase that does not repeat."""
    if phase.repeat is None:
        return [None]
    codes = {step.code for step in phase.steps}
    seen = {row.passage for row in course.attempts if row.step in codes} | (
        {course.next[1]} if course.next and course.next[0] in codes else set()
    )
    return [p for p in phase.repeat.passages() if p in seen] or [phase.repeat.first]


def line_of(course: Course, batch: str, phase: Phase, passage: str | None, names: dict[str, str]) -> Stretch:
    """The stations of one phase, in one passage."""
    stops = tuple(_stop(course, batch, (step.code, passage), step, names) for step in phase.steps if not _left_out(course, step, passage))
    return Stretch(title=phase.title, passage=passage or "", stops=stops)


def _left_out(course: Course, step: Step, passage: str | None) -> bool:
    """A step that is not done in this passage: its condition was answered otherwise."""
    if step.when is None or (step.code, passage) in course.done:
        return False
    answer = course.answer(step.when.step, passage, step.when.reading)
    return answer is not None and answer != step.when.answer


def _stop(course: Course, batch: str, where: Where, step: Step, names: dict[str, str]) -> Stop:
    begun = course.begun(where) is not None
    if where in course.done:
        kind, note = "done", _done_by(course, where, names)
    elif where == course.to_do:
        kind, note = "now", now_words(course, where)
    else:
        kind, note = "next", words("two persons") if step.second in {"reread", "recount", "witnessed"} else ""
        note = "QA" if step.role == "qa" else note
    href = href_of(batch, where) if begun or where == course.next else ""
    return Stop(code=where[0], passage=where[1] or "", title=step.title, kind=kind, note=note, href=href)


def _done_by(course: Course, where: Where, names: dict[str, str]) -> str:
    signed, checked = course.signature(where), course.check(where)
    people = [signed.by, signed.witness or ""] if signed else []
    people += [checked.by] if checked else []
    return ", ".join(names.get(one, one) for one in people if one)


def now_words(course: Course, where: Where) -> str:
    """What the step that is next waits for."""
    holds, undecided = course.barred(where)
    if undecided:
        return words("waits for QA")
    if holds:
        return words("on hold")
    if course.signature(where):
        return words("waits for the second person")
    if course.settled_before(where):
        return words("corrected, to be signed again")
    return words("begun") if course.attempt(where, FIRST) else ""


def batches(session: Session, page: int = 1, coi: str = "") -> tuple[list[BatchLine], bool]:
    """One page of the batches, the newest first, and whether there are more."""
    query = select(Batch).order_by(col(Batch.at).desc(), col(Batch.code))
    query = query.where(Batch.coi == coi) if coi else query
    rows = session.exec(query.offset((page - 1) * SIZE).limit(SIZE + 1)).all()
    courses = courses_of(session, [row.code for row in rows[:SIZE]])
    subjects = rows_of(session, Subject, [row.coi for row in rows[:SIZE]])
    return [_line(row, courses[row.code], subjects[row.coi]) for row in rows[:SIZE]], len(rows) > SIZE


def _line(row: Batch, course: Course, subject: Subject) -> BatchLine:
    where = course.to_do
    state, kind = _state(course, where)
    return BatchLine(
        code=row.code, coi=row.coi, subject=subject.number, opened_at=row.at,
        at_step=spoken(where[1], where[0]) if where else "", title=course.step(where).title if where else "", state=state, kind=kind,
    )  # fmt: skip


def _state(course: Course, where: Where | None) -> tuple[str, str]:
    """Where the batch stands, in words and as a kind of pill."""
    if course.decision and course.decision.decision == "rejected":
        return words("rejected"), "stop"
    if course.decision:
        return (words("released, on hold"), "hold") if course.holds else (words("released"), "go")
    if where is None:
        return words("waits for release"), "wait"
    now = now_words(course, where)
    return now or words("in work"), {"waits for QA": "stop", "on hold": "hold"}.get(now, "wait")


def batch_view(session: Session, code: str, viewer: Viewer, now: datetime) -> BatchView:
    """A batch as anybody may see it who sees subjects; covered values are in none of its parts (decision W3)."""
    batch = batch_of(session, code)
    course = course_of(session, batch)
    people = {row.by for row in course.performed} | {row.witness or "" for row in course.performed} | {row.by for row in course.verified}
    names = names_of(session, people | {batch.by})
    where = course.to_do
    stretches = [
        line_of(course, code, phase, passage, names) for phase in course.master.phases for passage in passages_so_far(course, phase)
    ]
    took, opened = collected(session, batch.collection_code), open_since(course)
    phase = course.master.phase_of(where[0]) if where else None
    return BatchView(
        code=code, coi=batch.coi, subject=subject_of(session, batch.coi).number, collection=batch.collection_code,
        record=f"{course.master.record} {course.master.version}", opened_at=batch.at, opened_by=names.get(batch.by, batch.by),
        since_collection=spelled(now - took.ended_at) if took else "", open_time=spelled(now - opened) if opened else "",
        open_limit=f"{phase.open_time.number} {phase.open_time.unit}" if phase and phase.open_time and opened else "",
        next_step=spoken(where[1], where[0]) if where else "", next_title=course.step(where).title if where else "",
        next_href=href_of(code, where) if where else "", waits_for=now_words(course, where) if where else "",
        stretches=tuple(stretches), containers=tuple(in_play(session, code)), growth=tuple(growth(course)),
        chart=chart(course, took.ended_at if took else batch.at, folder(session, batch.folder_code).trial.bank.minimum.number),
        events=tuple(
            Event(code=d.deviation_code, sentence=d.sentence, level=d.level, at=d.at, decided=d.deviation_code in course.decided)
            for d in course.deviations
        ),
        corrected=tuple(
            Corrected(sentence=one.sentence, at=one.new.at, by=names_of(session, [one.new.by]).get(one.new.by, one.new.by),
                      href=href_of(code, one.where))
            for one in changes(course, viewer.person) if one.signed
        ),
        holds=tuple(course.holds), decision=course.decision.decision if course.decision else "",
        decided=course.decision.why if course.decision else "", done=len(course.done),
    )  # fmt: skip


def open_since(course: Course) -> datetime | None:
    """Since when the phase lies open that limits its open time; None when the next step is of no such phase or it has not begun."""
    if course.next is None:
        return None
    phase = course.master.phase_of(course.next[0])
    if phase.open_time is None:
        return None
    codes = {step.code for step in phase.steps}
    return min((row.at for row in course.attempts if row.step in codes), default=None)


def in_play(session: Session, batch: str) -> list[InPlay]:
    """The containers of a batch that still hold something, the newest first, each with its label and how far its life is."""
    rows = session.exec(
        select(Container, Label)
        .join(Label, (col(Label.of_code) == Container.code) & col(Label.ended_at).is_(None), isouter=True)
        .join(UsedUp, col(UsedUp.container_code) == Container.code, isouter=True)
        .where(Container.batch_code == batch, col(UsedUp.container_code).is_(None))
        .order_by(col(Container.at).desc(), col(Container.name))
    ).all()
    states = states_of(session, [label for _, label in rows if label])
    amounts = amounts_of(session, [box.code for box, _ in rows])
    samples = set(session.exec(select(SampleTaken.container_code).where(SampleTaken.batch_code == batch)))
    found = []
    for box, label in rows:
        kind, state = LIVES[states[label.code]] if label else ("plain", words("No label"))
        held = amounts.get(box.code)
        amount = [f"{say(held.volume_ml)} mL"] if held and held.volume_ml is not None else []
        amount += [say(held.cells)] if held and held.cells is not None else []
        found.append(InPlay(
            code=box.code, name=box.name, label=label.code if label else "", kind=kind, state=state, amount=", ".join(amount),
            sample=box.code in samples,
        ))  # fmt: skip
    return found

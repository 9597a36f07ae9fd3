"""Steps that wait for somebody: one for each batch that is under way, with what it waits for."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, or_, select

from backend.access.rules import Role, Viewer
from backend.batch.models import FIRST, SECOND, Batch, BatchDecision
from backend.batch.reads.rows import courses_of
from backend.batch.rules import CORRECTION, Course, Where
from backend.ledger.words import Text, words
from backend.quality.models import Hold


class WaitingStep(BaseModel):
    """The step that is next in one batch. `kind` and `word` are the pill."""

    model_config = ConfigDict(frozen=True)
    batch: str
    coi: str
    step: str
    passage: str
    title: str
    kind: str
    word: Text
    note: Text
    since: datetime
    href: str


def waiting_steps(session: Session, viewer: Viewer) -> list[WaitingStep]:
    """The steps that this person's roles may work on, the longest waiting first."""
    corrected = select(Hold.about).where(Hold.cause == CORRECTION, col(Hold.ended_at).is_(None))  # after a decision too (decision F2)
    rows = session.exec(
        select(Batch)
        .join(BatchDecision, col(BatchDecision.batch_code) == Batch.code, isouter=True)
        .where(or_(col(BatchDecision.batch_code).is_(None), col(Batch.code).in_(corrected)))
    ).all()
    courses = courses_of(session, [batch.code for batch in rows])
    found = [one for batch in rows if (one := _waiting(batch, courses[batch.code], viewer))]
    return sorted(found, key=lambda one: (one.since, one.batch))


def _waiting(batch: Batch, course: Course, viewer: Viewer) -> WaitingStep | None:
    where = course.to_do
    if where is None:
        return None
    step, passage = course.step(where), where[1] or ""
    role = Role.QA if step.role == "qa" else Role.TECHNICIAN
    if role not in viewer.roles and not course.waiting():
        return None
    kind, word, note = _for_what(course, where, viewer)
    return WaitingStep(
        batch=batch.code, coi=batch.coi, step=step.code, passage=passage, title=step.title + (f", {passage}" if passage else ""), kind=kind,
        word=word, note=note, since=max([batch.at, *(row.at for row in course.performed), *(row.at for row in course.verified)]),
        href=f"/batches/{batch.code}/steps/{step.code}" + (f"/{passage}" if passage else ""),
    )  # fmt: skip


def _for_what(course: Course, where: Where, viewer: Viewer) -> tuple[str, str, str]:
    first, second = course.attempt(where, FIRST), course.attempt(where, SECOND)
    holds, undecided = course.barred(where)
    if holds:
        return "hold", words("On hold"), holds[0]
    if undecided:
        return "stop", words("Waits for QA"), words("a deviation must be decided before anybody goes on")
    if course.signature(where) is None:
        if course.settled_before(where):
            return "warn", words("Corrected"), words("a value was corrected; it is signed again")
        if first is None:
            return "go", words("Ready"), ""
        return "wait", words("Begun"), _by(first.person, viewer)
    if second is None:
        mine = first is not None and first.person == viewer.person
        return "warn", words("Second person"), words("somebody else reads this again") if mine else words("read it again on your own")
    return "wait", words("Second reading begun"), _by(second.person, viewer)


def _by(person: str, viewer: Viewer) -> str:
    return words("by you") if person == viewer.person else words("by %(who)s", who=person)

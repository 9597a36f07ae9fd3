"""Banks that wait for QA: the master record is carried out and nobody has decided."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.access.rules import Viewer
from backend.batch.models import Batch, BatchDecision
from backend.batch.reads.rows import course_of, courses_of
from backend.release.reads.review import all_reasons


class WaitingBank(BaseModel):
    """One bank that is to be released or rejected, and how much stands against it for this viewer."""

    model_config = ConfigDict(frozen=True)
    batch: str
    coi: str
    reasons: int
    first: str
    since: datetime
    href: str


def carried_out(session: Session, code: str) -> bool:
    """Whether this code is a batch's whose master record is carried out and that QA has not decided about."""
    batch = session.get(Batch, code)
    return batch is not None and session.get(BatchDecision, code) is None and course_of(session, batch).next is None


def waiting_banks(session: Session, viewer: Viewer) -> list[WaitingBank]:
    """The banks that wait for a decision, those that can be released first, then the longest waiting."""
    rows = session.exec(
        select(Batch).join(BatchDecision, col(BatchDecision.batch_code) == Batch.code, isouter=True)
        .where(col(BatchDecision.batch_code).is_(None)).order_by(col(Batch.at))
    ).all()  # fmt: skip
    courses = courses_of(session, [batch.code for batch in rows])
    done = [batch for batch in rows if courses[batch.code].next is None]
    against = all_reasons(session, done, viewer.person) if done else {}
    found = []
    for batch in done:
        course, said = courses[batch.code], against[batch.code]
        found.append(WaitingBank(
            batch=batch.code, coi=batch.coi, reasons=len(said), first=said[0].sentence if said else "",
            since=max([batch.at, *(row.at for row in course.performed), *(row.at for row in course.verified)]),
            href=f"/batches/{batch.code}/release",
        ))  # fmt: skip
    return sorted(found, key=lambda one: (one.reasons > 0, one.since, one.batch))

"""What waits in the laboratory of the analysts: samples to receive, results to record by when they read out, results to review."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from backend.batch.models import Batch, BatchDecision, SampleTaken, SampleTest
from backend.custody.models import Container
from backend.ledger.words import Text
from backend.subject.models import ReferenceSample, Subject, Withdrawn
from backend.testing.models import Result, ResultReviewed, SampleReceived
from backend.testing.reads.rows import REFERENCE, REFERENCE_TITLE, STR

SIZE = 25


class WaitingTest(BaseModel):
    """One test that somebody must deal with: whose, of which sample, by when."""

    model_config = ConfigDict(frozen=True)
    subject: str
    coi: str
    sample: str
    name: str
    test: str
    title: Text
    stage: Text
    since: datetime
    due_at: datetime | None
    overdue: bool
    mine: bool
    href: str


class WaitingSample(BaseModel):
    """One sample in the list: how many tests it is for, how many have a result, how many are reviewed."""

    model_config = ConfigDict(frozen=True)
    subject: str
    coi: str
    sample: str
    name: str
    stage: Text
    taken_at: datetime
    received: bool
    tests: int
    results: int
    reviewed: int
    due_at: datetime | None
    overdue: bool


def to_receive(session: Session) -> list[WaitingTest]:
    """Samples that no analyst has taken over, of batches that QA has not rejected; and a subject's reference until one tube is here."""
    taken = session.exec(
        select(SampleTaken, Container, Subject.number).join(Container, col(Container.code) == SampleTaken.container_code)
        .join(Subject, col(Subject.code) == SampleTaken.chain)
        .join(SampleReceived, col(SampleReceived.container_code) == SampleTaken.container_code, isouter=True)
        .where(col(SampleReceived.container_code).is_(None), col(SampleTaken.batch_code).not_in(_rejected()))
        .order_by(col(SampleTaken.at), col(SampleTaken.container_code))
    ).all()  # fmt: skip
    found = [_waiting(number, box, taken.at, f"{taken.passage} {taken.step}".strip()) for taken, box, number in taken]
    return found + [_waiting(number, box, own.at, own.material) for own, box, number in _references(session, received=False)]


def _waiting(number: str, box: Container, since: datetime, stage: str) -> WaitingTest:
    return WaitingTest(
        subject=number, coi=box.chain, sample=box.code, name=box.name, test="", title=box.name, stage=stage, since=since, due_at=None,
        overdue=False, mine=False, href=f"/testing/{box.code}",
    )  # fmt: skip


def _rejected() -> SelectOfScalar[str]:
    return select(BatchDecision.batch_code).where(BatchDecision.decision == "rejected")


def _references(session: Session, received: bool) -> Iterable[tuple[ReferenceSample, Container, str]]:
    """For each subject who takes part and has no profile yet: the reference tube that is here, or the first one that is to come."""
    rows = session.exec(
        select(ReferenceSample, Container, Subject.number, SampleReceived.container_code)
        .join(Container, col(Container.code) == ReferenceSample.container_code)
        .join(Subject, col(Subject.code) == ReferenceSample.subject_code)
        .join(Withdrawn, col(Withdrawn.subject_code) == Subject.code, isouter=True)
        .join(SampleReceived, col(SampleReceived.container_code) == ReferenceSample.container_code, isouter=True)
        .where(col(Withdrawn.subject_code).is_(None)).order_by(col(ReferenceSample.at), col(Container.name))
    ).all()  # fmt: skip
    known = set(session.exec(select(Result.chain).join(ReferenceSample, col(ReferenceSample.container_code) == Result.container_code)))
    here = {own.subject_code for own, _, _, came in rows if came}
    told: set[str] = set()
    for own, box, number, came in rows:
        wanted = own.subject_code not in known | told and bool(came) == received and (received or own.subject_code not in here)
        if wanted:
            told.add(own.subject_code)
            yield own, box, number


def to_record(session: Session, at: datetime) -> list[WaitingTest]:
    """Tests of received samples without a result, the first to read out first."""
    rows = session.exec(
        select(SampleTest, Container, Subject.number, SampleReceived)
        .join(SampleReceived, col(SampleReceived.container_code) == SampleTest.container_code)
        .join(Container, col(Container.code) == SampleTest.container_code).join(Subject, col(Subject.code) == SampleTest.chain)
        .join(Result, (col(Result.container_code) == SampleTest.container_code) & (col(Result.test) == SampleTest.test), isouter=True)
        .where(col(Result.code).is_(None), col(SampleTest.batch_code).not_in(_rejected()))
        .order_by(col(SampleTest.due_at), col(SampleTest.container_code), col(SampleTest.test))
    ).all()  # fmt: skip
    found = [
        WaitingTest(
            subject=number, coi=test.chain, sample=box.code, name=box.name, test=test.test, title=test.title, stage=test.stage,
            since=received.at, due_at=test.due_at, overdue=test.due_at < at, mine=False, href=f"/testing/{box.code}?test={test.test}",
        )
        for test, box, number, received in rows
    ]  # fmt: skip
    for own, box, number in _references(session, received=True):
        found.append(_waiting(number, box, own.at, own.material).model_copy(
            update={"test": STR, "title": REFERENCE_TITLE, "href": f"/testing/{box.code}?test={STR}"},
        ))  # fmt: skip
    return found


def to_review(session: Session, person: str) -> list[WaitingTest]:
    """Results in force that nobody has reviewed, the longest waiting first; `mine` are those that this person recorded."""
    newest = (
        select(col(Result.container_code).label("sample"), col(Result.test).label("test"), func.max(Result.number).label("number"))
        .group_by(col(Result.container_code), col(Result.test)).subquery()
    )  # fmt: skip
    rows = session.exec(
        select(Result, Container, Subject.number, SampleTest)
        .join(newest, (newest.c.sample == Result.container_code) & (newest.c.test == Result.test) & (newest.c.number == Result.number))
        .join(Container, col(Container.code) == Result.container_code).join(Subject, col(Subject.code) == Result.chain)
        .join(ResultReviewed, col(ResultReviewed.result_code) == Result.code, isouter=True)
        .join(SampleTest, (col(SampleTest.container_code) == Result.container_code) & (col(SampleTest.test) == Result.test), isouter=True)
        .where(col(ResultReviewed.result_code).is_(None)).order_by(col(Result.at), col(Result.code))
    ).all()  # fmt: skip
    return [
        WaitingTest(
            subject=number, coi=row.chain, sample=box.code, name=box.name, test=row.test, title=asked.title if asked else row.test,
            stage=asked.stage if asked else REFERENCE, since=row.at, due_at=None, overdue=False, mine=row.by == person,
            href=f"/testing/{box.code}?test={row.test}",
        )
        for row, box, number, asked in rows
    ]  # fmt: skip


def samples(session: Session, at: datetime, page: int = 1, batch: str = "") -> tuple[list[WaitingSample], bool]:
    """One page of the samples by subject number, the newest first within each, and whether there are more."""
    query = (
        select(SampleTaken, Container, Subject.number).join(Container, col(Container.code) == SampleTaken.container_code)
        .join(Batch, col(Batch.code) == SampleTaken.batch_code).join(Subject, col(Subject.code) == Batch.coi)
        .order_by(col(Subject.number), col(SampleTaken.at).desc(), col(SampleTaken.container_code))
    )  # fmt: skip
    query = query.where(SampleTaken.batch_code == batch) if batch else query
    rows = session.exec(query.offset((page - 1) * SIZE).limit(SIZE + 1)).all()
    codes = [taken.container_code for taken, _, _ in rows]
    tests = session.exec(select(SampleTest).where(col(SampleTest.container_code).in_(codes))).all()
    found = session.exec(
        select(Result, ResultReviewed.result_code).join(ResultReviewed, col(ResultReviewed.result_code) == Result.code, isouter=True)
        .where(col(Result.container_code).in_(codes)).order_by(col(Result.number))
    ).all()  # fmt: skip
    newest = {(row.container_code, row.test): bool(reviewed) for row, reviewed in found}
    here = set(session.exec(select(SampleReceived.container_code).where(col(SampleReceived.container_code).in_(codes))))
    lines = []
    for taken, box, number in rows[:SIZE]:
        own = [one for one in tests if one.container_code == box.code]
        open_ones = [one.due_at for one in own if (box.code, one.test) not in newest]
        due = min(open_ones, default=None)
        lines.append(WaitingSample(
            subject=number, coi=box.chain, sample=box.code, name=box.name, stage=own[0].stage if own else "", taken_at=taken.at,
            received=box.code in here, tests=len(own), results=len(own) - len(open_ones),
            reviewed=sum(newest.get((box.code, one.test), False) for one in own), due_at=due, overdue=due is not None and due < at,
        ))  # fmt: skip
    return lines, len(rows) > SIZE

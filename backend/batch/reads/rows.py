"""The rows of one batch, loaded at once and handed to the rules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from backend.batch.models import (
    FIRST,
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
from backend.batch.rules import Course, Where, seat_of
from backend.collection.models import Collection, Received
from backend.custody.models import Container, UsedUp
from backend.ledger import REGISTRY, Shown, UnknownCode, each, rows_of
from backend.ledger.spelling import instant
from backend.quality.models import DeviationDecided
from backend.quality.reads import open_holds
from backend.trial.reads import folder


def batch_of(session: Session, code: str) -> Batch:
    """The batch with this code; UnknownCode when there is none."""
    found = session.get(Batch, code)
    if found is None:
        raise UnknownCode(code)
    return found


def is_batch(session: Session, code: str) -> bool:
    """Whether this code is a batch's that QA has not decided about."""
    return session.get(Batch, code) is not None and session.get(BatchDecision, code) is None


def opened_from(session: Session, collection_code: str) -> Batch | None:
    """The batch that was opened from a collection."""
    return session.exec(select(Batch).where(Batch.collection_code == collection_code)).first()


def is_received(session: Session, collection_code: str) -> bool:
    """Whether the laboratory has received this collection."""
    return session.get(Collection, collection_code) is not None and session.get(Received, collection_code) is not None


def course_of(session: Session, batch: Batch) -> Course:
    """Everything that is recorded of a batch, with the master record it was opened under."""
    return courses_of(session, [batch.code])[batch.code]


@each
def courses_of(session: Session, codes: list[str]) -> Mapping[str, Course]:
    """By batch, everything that is recorded of it."""
    batches, decisions = rows_of(session, Batch, codes), rows_of(session, BatchDecision, codes)

    def rows(kind: Any) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {code: [] for code in codes}
        for row in session.exec(select(kind).where(kind.batch_code.in_(codes)).order_by(kind.at)):
            found[row.batch_code].append(row)
        return found

    attempts, readings, calculated, scans, performed, verified, mismatched, deviations = map(rows, BENCH)
    decided = rows_of(session, DeviationDecided, [row.deviation_code for many in deviations.values() for row in many])
    holds: dict[str, list[str]] = {code: [] for code in codes}
    for hold in open_holds(session, codes):
        holds[hold.about].append(hold.why)
    return {
        code: Course(
            master=folder(session, batches[code].folder_code).master, attempts=attempts[code], readings=readings[code],
            calculated=calculated[code], scans=scans[code], performed=performed[code], verified=verified[code], mismatched=mismatched[code],
            deviations=deviations[code],
            decided=frozenset(row.deviation_code for row in deviations[code] if row.deviation_code in decided),
            refused=frozenset(
                row.deviation_code for row in deviations[code] if row.deviation_code in decided and not decided[row.deviation_code].accepted
            ),
            holds=holds[code], decision=decisions.get(code),
        )
        for code in codes
    }  # fmt: skip


BENCH = (Attempt, Reading, Calculated, StepScan, StepPerformed, StepVerified, StepMismatched, StepDeviation)
"""What people do at the bench, table by table."""


def deviation_steps(session: Session, deviation_code: str) -> StepDeviation | None:
    """The step that opened a deviation."""
    return session.get(StepDeviation, deviation_code)


def expected(session: Session, batch: Batch, course: Course, where: Where) -> dict[str, list[Container]]:
    """For each kind of container that the step uses or stores: those of the batch that are not used up."""
    step = course.step(where)
    kinds = {one.kind for one in (*step.uses, *step.stores)}
    rows = session.exec(
        select(Container)
        .join(UsedUp, col(UsedUp.container_code) == Container.code, isouter=True)
        .where(Container.batch_code == batch.code, col(UsedUp.container_code).is_(None))
        .order_by(col(Container.at), col(Container.code))
    ).all()
    found = {kind: [row for row in rows if row.kind == kind] for kind in kinds}
    for kind in kinds:
        if course.master.containers[kind].comes_from == "collection":
            bag = session.get(Container, session.get_one(Collection, batch.collection_code).container_code)
            gone = bag is None or session.get(UsedUp, bag.code) is not None
            found[kind] = [] if gone or bag is None else [bag]
    return found


def shown_step(session: Session, *, batch: str, step: str, passage: str = "", **_: object) -> Shown:
    """What the page of a step shows to whoever signs it: every reading in force in their seat, and every scan."""
    found = session.get(Batch, batch)
    if found is None:
        return []
    course, where = course_of(session, found), (step, passage or None)
    if step not in {one.code for one in course.master.steps()}:
        return []
    attempt = course.attempt(where, seat_of(course, where))
    readings = [("reading", [r.attempt_code, r.field, str(r.number)], r.version) for r in course.kept(attempt).values()]
    scans = [("step_scan", [s.batch_code, s.step, s.passage, s.code, str(s.number)], s.version) for s in course.scanned(where)]
    return readings + (scans if attempt is None or attempt.seat == FIRST else [])


def shown_correction(session: Session, batch: str) -> Shown:
    """What lifting the hold of a correction rests on: the signatures of the batch that stand, and every value that was worked out."""
    course = course_of(session, batch_of(session, batch))
    signed = [("step_performed", [row.code], row.version) for row in course.performed]
    checked = [("step_verified", [row.code], row.version) for row in course.verified]
    worked = [
        ("calculated", [row.batch_code, row.step, row.passage, row.field, str(row.number)], row.version) for row in course.worked().values()
    ]
    return signed + checked + worked


def covered_entry(session: Session, body: Mapping[str, Any], reader: str) -> bool:
    """Whether an entry's values are covered for this reader: somebody else's reading in a check that was not matched since (W3)."""
    inputs = body["inputs"]
    batch = session.get(Batch, inputs.get("batch") or "")
    if body["by"] == reader or batch is None:
        return False
    course = course_of(session, batch)
    step = next((one for one in course.master.steps() if one.code == inputs.get("step")), None)
    if step is None or not step.checked or course.closed((step.code, inputs.get("passage") or None)):
        return False
    return not _matched_since(course, step.code, inputs.get("passage") or "", instant(body["at"]))


def foresee(session: Session, bodies: list[dict[str, Any]]) -> None:
    """Look up the course of every batch whose entries may be covered."""
    named = {body["inputs"].get("batch") for body in bodies if (act := REGISTRY.get(body["act"])) and act.covers is covered_entry}
    courses_of(session, rows_of(session, Batch, named - {None}))


def _matched_since(course: Course, step: str, passage: str, at: datetime) -> bool:
    return any((row.step, row.passage) == (step, passage) and row.at >= at for row in course.verified)

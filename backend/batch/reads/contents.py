"""What a batch's containers hold by its readings, and what the record counts of them, for the rules that hold the two together."""

from collections import Counter

from sqlmodel import Session, col, select

from backend.batch.models import Batch, SampleTaken
from backend.batch.rules import Contents, Course, Held, Where, counted
from backend.custody.models import Amount, Container
from backend.custody.reads import reconciliation
from backend.custody.reads.keeping import kept_of
from backend.custody.rules import fate
from backend.trial.rules import spoken


def contents_of(session: Session, batch: Batch, course: Course) -> Contents:
    """What is in every container of the batch by the values in force; what no step made holds what was first said of it."""
    places = {spoken(where[1], where[0]): where for where in course.in_order}
    made: dict[tuple[Where, str], list[str]] = {}
    boxes = _boxes(session, batch, course)
    for box in boxes:
        if box.step in places:
            made.setdefault((places[box.step], box.kind), []).append(box.code)
    others = {row.code for row in course.scans if row.part == "uses"} - {box.code for box in boxes}
    began: dict[str, Held] = {}
    for row in session.exec(select(Amount).where(col(Amount.container_code).in_(others)).order_by(col(Amount.at))):
        began.setdefault(row.container_code, Held(row.volume_ml, row.cells))
    return Contents(course, made, began)


def _boxes(session: Session, batch: Batch, course: Course) -> list[Container]:
    """The containers of the batch that something went into: those labelled first only when they were filled."""
    first = {makes.kind for step in course.master.steps() for makes in step.makes if makes.label_first}
    filled = {row.code for row in course.scans if row.part == "makes" and row.ended_at is None}
    rows = session.exec(select(Container).where(Container.batch_code == batch.code).order_by(col(Container.at), col(Container.code)))
    return [box for box in rows if box.kind not in first or box.code in filled]


def counts_of(session: Session, batch: Batch, course: Course, where: Where) -> dict[str, int]:
    """What the record has now of everything that the step counts by hand, by reading."""
    asked = {one.code: one.counts for one in counted(course, where) if one.counts is not None}
    found = {kind: _counts(session, batch, course, kind) for kind in {one.kind for one in asked.values()}}
    return {code: found[one.kind].get(one.what, 0) for code, one in asked.items()}


def _counts(session: Session, batch: Batch, course: Course, kind: str) -> dict[str, int]:
    printed, ended, _ = reconciliation(session, batch.code, kind)
    samples = set(session.exec(select(SampleTaken.container_code).where(SampleTaken.batch_code == batch.code)))
    codes = {box.code for box in _boxes(session, batch, course) if box.kind == kind}
    fates = [fate(one) for one in kept_of(session, [batch.code], samples)[batch.code] if one.container.code in codes]
    return {"labels printed": printed} | {f"labels {how}": number for how, number in ended.items()} | Counter(fates)

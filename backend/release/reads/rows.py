"""The rows that a decision about a bank rests on, gathered in so many questions as there are tables, however long the record is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect
from sqlmodel import Session, col, select

from backend.access.reads import names_of
from backend.batch.models import Batch, BatchDecision, SampleTaken, SampleTest
from backend.batch.reads import course_of
from backend.batch.rules import Course
from backend.collection.models import Collection
from backend.custody.models import Container, Disposed, Exposed, HandedOver, Label, Occupancy, UsedUp
from backend.custody.reads import reconciliation
from backend.custody.reads.keeping import kept_of
from backend.ledger import REGISTRY, Shown
from backend.ledger.reads import refusals
from backend.ledger.spelling import instant
from backend.quality.models import CheckClosed, Deviation, DeviationDecided, DeviationDescribed, Hold
from backend.quality.rules import covered
from backend.release.rules import Record, Refusal
from backend.subject.reads import is_withdrawn, subject_of
from backend.testing.models import Result, ResultReviewed, SampleReceived
from backend.testing.reads import outcomes
from backend.trial.reads import folder, status

Gathered = dict[type[Any], list[Any]]


@dataclass(frozen=True)
class Loaded:
    """The rows of one bank: those of the bench, and those of everything beside it by their table."""

    batch: Batch
    course: Course
    found: Gathered


def load(session: Session, batch: Batch) -> Loaded:
    """Every row that a decision about a bank rests on."""
    return Loaded(batch, course_of(session, batch), gathered(session, batch))


def record(session: Session, own: Loaded, person: str) -> Record:
    """The whole record of a bank, for this person: what is covered for them is marked as such."""
    batch, found, trial = own.batch, own.found, folder(session, own.batch.folder_code)
    refused = _refusals(session, own, person)
    samples = [one.container_code for one in found[SampleTaken]]
    return Record(
        batch=batch, course=own.course, trial=trial.trial, subject=subject_of(session, batch.coi).number,
        specifications=trial.specifications.bank, withdrawn=is_withdrawn(session, batch.coi), status=status(session),
        outcomes=outcomes(session, batch.code), results=found[Result],
        sample_tests=found[SampleTest], deviations=found[Deviation],
        decisions={row.deviation_code: row for row in found[DeviationDecided]},
        hidden=_hidden(session, found[Deviation], person), holds=found[Hold], labels=found[Label],
        reconciled=reconciliation(session, batch.code), kept=kept_of(session, batch.code, samples),
        exposures=found[Exposed], hand_overs=found[HandedOver], refusals=refused, names=_names(session, own, refused),
    )  # fmt: skip


def gathered(session: Session, batch: Batch) -> Gathered:
    """Every row of the record that is no row of the bench, by its table."""

    def rows(kind: Any, column: Any, codes: Iterable[str]) -> list[Any]:
        return list(session.exec(select(kind).where(col(column).in_(list(codes))).order_by(*inspect(kind).primary_key)))

    found: Gathered = {}
    bag = session.get_one(Collection, batch.collection_code).container_code
    found[Container] = rows(Container, Container.batch_code, [batch.code])
    boxes = [one.code for one in found[Container]]
    found[Label] = rows(Label, Label.batch_code, [batch.code])
    found[SampleTaken] = rows(SampleTaken, SampleTaken.batch_code, [batch.code])
    tests = rows(SampleTest, SampleTest.batch_code, [batch.code])
    found[SampleTest] = [one for one in tests if one.dose_code is None]
    tested = {one.container_code for one in found[SampleTest]}
    found[Result] = rows(Result, Result.container_code, tested)
    found[ResultReviewed] = rows(ResultReviewed, ResultReviewed.result_code, [one.code for one in found[Result]])
    found[SampleReceived] = rows(SampleReceived, SampleReceived.container_code, tested)
    for kind in (Occupancy, Exposed, UsedUp, Disposed):
        found[kind] = rows(kind, kind.container_code, boxes)
    found[HandedOver] = rows(HandedOver, HandedOver.container_code, [*boxes, bag])
    about = {batch.code, batch.coi, batch.collection_code, bag, *_codes(found)}
    found[Deviation] = rows(Deviation, Deviation.about, about)
    codes = [one.code for one in found[Deviation]]
    found[DeviationDescribed] = rows(DeviationDescribed, DeviationDescribed.deviation_code, codes)
    found[DeviationDecided] = rows(DeviationDecided, DeviationDecided.deviation_code, codes)
    found[Hold] = rows(Hold, Hold.about, about)
    return found


def _codes(found: Gathered) -> set[str]:
    """Every code of the batch that something can be about: its containers, their labels, their results."""
    return {one.code for kind in (Container, Label, Result) for one in found[kind]}


def _hidden(session: Session, deviations: list[Deviation], person: str) -> frozenset[str]:
    """The deviations that a second reading still covers for this person (decision W3)."""
    checks = [row.covered_for for row in deviations if row.covered_for]
    closed = set(session.exec(select(CheckClosed.check_code).where(col(CheckClosed.check_code).in_(checks)))) if checks else set()
    return frozenset(row.code for row in deviations if covered(row, row.covered_for in closed, person))


def _refusals(session: Session, own: Loaded, person: str) -> list[Refusal]:
    """Every act about this batch, or about what came out of it, that was refused; those of the review itself are in the history alone."""
    about, found = _codes(own.found) | {own.batch.code}, []
    for body in refusals(session, own.batch.coi, own.batch.at):
        act = REGISTRY.get(body["act"])
        if act is None or act.room == "release" or not _mentions(body["inputs"], about):
            continue
        hidden = bool(act.covers and act.covers(session, body, person))
        found.append(Refusal(body["seq"], act.name, act.title, tuple(body["refused"]), instant(body["at"]), body["by"], hidden))
    return found


def _mentions(inputs: dict[str, Any], codes: set[str]) -> bool:
    values = [one for value in inputs.values() for one in (value if isinstance(value, list) else [value])]
    return any(isinstance(one, str) and one in codes for one in values)


def _names(session: Session, own: Loaded, refused: list[Refusal]) -> dict[str, str]:
    """The printed name of everybody of the record."""
    course = own.course
    rows = [row for many in own.found.values() for row in many]
    rows += [*course.performed, *course.verified, *course.readings, *course.scans]
    people = {getattr(row, name, None) for row in rows for name in ("by", "ended_by", "witness")}
    people |= {own.batch.by} | {row.person for row in course.attempts} | {row.by for row in refused}
    people |= {course.decision.by} if course.decision else set()
    return names_of(session, {one for one in people if one})


# ---- what is signed ----


def record_of(session: Session, *, batch: str, **_: object) -> Shown:
    """What the page of a bank shows to whoever signs it: every row of its record, with its version, and every act that was refused."""
    row = session.get(Batch, batch)
    return shown(session, load(session, row)) if row else []


def shown(session: Session, own: Loaded) -> Shown:
    """The same of rows that are loaded already."""
    course = own.course
    bench = (
        course.attempts, course.readings, course.calculated, course.scans, course.performed, course.verified, course.mismatched,
        course.deviations,
    )  # fmt: skip
    lines = [_line(own.batch), *(_line(one) for rows in (*bench, *own.found.values()) for one in rows)]
    return lines + [("entry", [own.batch.coi, str(one.seq)], 1) for one in _refusals(session, own, "")]


def _line(row: Any) -> tuple[str, list[str], int]:
    mapper = inspect(type(row))
    return mapper.local_table.name, [str(one) for one in mapper.primary_key_from_instance(row)], row.version


def is_released(session: Session, batch_code: str) -> bool:
    """Whether QA has released this bank for its subject."""
    made = session.get(BatchDecision, batch_code)
    return made is not None and made.decision == "released"

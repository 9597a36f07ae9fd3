"""The rows that a decision about a bank rests on, gathered in so many questions as there are tables, however long the record is."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect
from sqlmodel import Session, col, select

from backend.access.reads import names_of
from backend.batch.models import Batch, BatchDecision, SampleTaken, SampleTest
from backend.batch.reads.rows import courses_of
from backend.batch.rules import Course
from backend.collection.models import Collection
from backend.custody.models import Container, Disposed, Exposed, HandedOver, Label, Occupancy, UsedUp
from backend.custody.reads.keeping import kept_of
from backend.custody.reads.labelling import reconciliations
from backend.ledger import REGISTRY, Shown, rows_of
from backend.ledger.reads import refusals
from backend.ledger.spelling import instant
from backend.quality.models import CheckClosed, Deviation, DeviationDecided, DeviationDescribed, Hold
from backend.quality.rules import covered
from backend.release.rules import Record, Refusal
from backend.subject.models import Subject, Withdrawn
from backend.testing.models import Result, ResultReviewed, SampleReceived
from backend.testing.reads.outcomes import all_outcomes
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
    return load_all(session, [batch])[0]


def load_all(session: Session, batches: Sequence[Batch]) -> list[Loaded]:
    """Every row that a decision about each of these banks rests on."""
    courses, found = courses_of(session, [batch.code for batch in batches]), _gathered(session, batches)
    return [Loaded(batch, courses[batch.code], found[batch.code]) for batch in batches]


def record(session: Session, own: Loaded, person: str) -> Record:
    """The whole record of a bank, for this person: what is covered for them is marked as such."""
    return records(session, [own], person)[0]


def records(session: Session, owns: Sequence[Loaded], person: str) -> list[Record]:
    """The whole records of these banks, for this person."""
    batches = [own.batch for own in owns]
    codes = [batch.code for batch in batches]
    cois = [batch.coi for batch in batches]
    subjects, gone = rows_of(session, Subject, cois), rows_of(session, Withdrawn, cois)
    results, labels, refused = all_outcomes(session, batches), reconciliations(session, codes), _refusals(session, owns, person)
    kept = kept_of(session, codes, {one.container_code for own in owns for one in own.found[SampleTaken]})
    hidden = _hidden(session, [row for own in owns for row in own.found[Deviation]], person)
    made = []
    for own in owns:
        batch, found, trial = own.batch, own.found, folder(session, own.batch.folder_code)
        made.append(Record(
            batch=batch, course=own.course, trial=trial.trial, subject=subjects[batch.coi].number,
            specifications=trial.specifications.bank, withdrawn=batch.coi in gone, status=status(session),
            outcomes=results[batch.code], results=found[Result],
            sample_tests=found[SampleTest], deviations=found[Deviation],
            decisions={row.deviation_code: row for row in found[DeviationDecided]},
            hidden=hidden, holds=found[Hold], labels=found[Label],
            reconciled=labels[batch.code], kept=kept[batch.code],
            exposures=found[Exposed], hand_overs=found[HandedOver], refusals=refused[batch.code],
            names=_names(session, own, refused[batch.code]),
        ))  # fmt: skip
    return made


def _gathered(session: Session, batches: Sequence[Batch]) -> dict[str, Gathered]:
    """By batch, every row of the record that is no row of the bench, by its table."""
    found: dict[str, Gathered] = {batch.code: {} for batch in batches}

    def take(kind: Any, column: Any, codes_of: Callable[[Batch, Gathered], Iterable[str]]) -> None:
        """The rows of a kind whose `column` holds one of the codes of a batch."""
        whose: dict[str, set[str]] = defaultdict(set)
        for batch in batches:
            found[batch.code][kind] = []
            for code in codes_of(batch, found[batch.code]):
                whose[code].add(batch.code)
        for row in session.exec(select(kind).where(col(column).in_(list(whose))).order_by(*inspect(kind).primary_key)):
            for batch_code in whose[getattr(row, column.key)]:
                found[batch_code][kind].append(row)

    bags = {one.code: one.container_code for one in rows_of(session, Collection, [batch.collection_code for batch in batches]).values()}

    def about(batch: Batch, own: Gathered) -> Iterable[str]:
        return {batch.code, batch.coi, batch.collection_code, bags[batch.collection_code], *_codes(own)}

    kind: Any
    for kind in (Container, Label, SampleTaken, SampleTest):
        take(kind, kind.batch_code, lambda batch, _: [batch.code])
    for own in found.values():
        own[SampleTest] = [one for one in own[SampleTest] if one.dose_code is None]
    take(Result, Result.container_code, _tested)
    take(ResultReviewed, ResultReviewed.result_code, lambda _, own: [one.code for one in own[Result]])
    take(SampleReceived, SampleReceived.container_code, _tested)
    for kind in (Occupancy, Exposed, UsedUp, Disposed):
        take(kind, kind.container_code, lambda _, own: [one.code for one in own[Container]])
    take(HandedOver, HandedOver.container_code, lambda batch, own: [bags[batch.collection_code], *(one.code for one in own[Container])])
    take(Deviation, Deviation.about, about)
    for kind in (DeviationDescribed, DeviationDecided):
        take(kind, kind.deviation_code, lambda _, own: [one.code for one in own[Deviation]])
    take(Hold, Hold.about, about)
    return found


def _tested(_: Batch, own: Gathered) -> set[str]:
    return {one.container_code for one in own[SampleTest]}


def _codes(found: Gathered) -> set[str]:
    """Every code of the batch that something can be about: its containers, their labels, their results."""
    return {one.code for kind in (Container, Label, Result) for one in found[kind]}


def _hidden(session: Session, deviations: list[Deviation], person: str) -> frozenset[str]:
    """The deviations that a second reading still covers for this person (decision W3)."""
    checks = [row.covered_for for row in deviations if row.covered_for]
    closed = set(session.exec(select(CheckClosed.check_code).where(col(CheckClosed.check_code).in_(checks)))) if checks else set()
    return frozenset(row.code for row in deviations if covered(row, row.covered_for in closed, person))


def _refusals(session: Session, owns: Sequence[Loaded], person: str) -> dict[str, list[Refusal]]:
    """By batch, every act about it, or about what came out of it, that was refused; those of the review itself are in the history alone."""
    told = refusals(session, {coi: min(own.batch.at for own in owns if own.batch.coi == coi) for coi in {own.batch.coi for own in owns}})
    return {
        own.batch.code: list(_refused(session, own, [one for one in told[own.batch.coi] if instant(one["at"]) >= own.batch.at], person))
        for own in owns
    }  # fmt: skip


def _refused(session: Session, own: Loaded, bodies: Iterable[dict[str, Any]], person: str) -> Iterator[Refusal]:
    about = _codes(own.found) | {own.batch.code}
    for body in bodies:
        act = REGISTRY.get(body["act"])
        if act is None or act.room == "release" or not _mentions(body["inputs"], about):
            continue
        hidden = bool(act.covers and act.covers(session, body, person))
        yield Refusal(body["seq"], act.name, act.title, tuple(body["refused"]), instant(body["at"]), body["by"], hidden)


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
    return lines + [("entry", [own.batch.coi, str(one.seq)], 1) for one in _refusals(session, [own], "")[own.batch.code]]


def _line(row: Any) -> tuple[str, list[str], int]:
    mapper = inspect(type(row))
    return mapper.local_table.name, [str(one) for one in mapper.primary_key_from_instance(row)], row.version


def is_released(session: Session, batch_code: str) -> bool:
    """Whether QA has released this bank for its subject."""
    made = session.get(BatchDecision, batch_code)
    return made is not None and made.decision == "released"

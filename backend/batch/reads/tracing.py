"""Where a lot went: every subject, batch, step and container that it touched, for the day on which a maker recalls it.

A lot touches a container that a step made with it or worked on with it, the marrow that it was drawn into, and whatever came out of these
afterwards. What came out before is left out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.batch.models import Batch, StepScan
from backend.collection.models import Collected, Collection
from backend.custody.models import Container
from backend.custody.reads.containers import all_whereabouts, counted
from backend.custody.reads.descent import descents
from backend.ledger import gathered, rows_of
from backend.ledger.words import Text, words
from backend.subject.models import Subject
from backend.supplies.reads import lot_of
from backend.trial.reads import folder
from backend.trial.rules import spoken


class View(BaseModel):
    """Base of what a trace shows."""

    model_config = ConfigDict(frozen=True)


class StepTouched(View):
    """One use of the lot: in a step of a batch, in a step of a `dose`, or at the bedside in a `collection` (then `step` is empty)."""

    batch: str
    collection: str
    dose: str = ""
    step: str
    passage: str
    title: Text
    material: str
    at: datetime


class ContainerTouched(View):
    """One container with cells that the lot touched, and where it is now."""

    code: str
    kind: str
    name: str
    batch: str
    step: str
    where: Text


class SubjectTouched(View):
    """One subject whose cells the lot touched."""

    coi: str
    subject: str
    steps: tuple[StepTouched, ...]
    containers: tuple[ContainerTouched, ...]


class LotTrace(View):
    """Everything that one lot touched, subject by subject."""

    code: str
    item: str
    maker: str
    lot_number: str
    subjects: tuple[SubjectTouched, ...]


def lot_trace(session: Session, lot_code: str) -> LotTrace:
    """What the lot with this code touched; UnknownCode when it is of something else."""
    lot = lot_of(session, lot_code)
    uses: dict[str, list[StepTouched]] = {}
    since: dict[str, dict[str, datetime]] = {}
    for use, coi, touched in (one for of in USES for one in of(session, lot_code)):
        uses.setdefault(coi, []).append(use)
        for code, at in touched.items():
            first = since.setdefault(coi, {})
            first[code] = min(at, first.get(code, at))
    numbers = {coi: one.number for coi, one in rows_of(session, Subject, uses).items()}
    containers = _seen(session, _spread(session, since))
    return LotTrace(
        code=lot.code, item=lot.item, maker=lot.maker, lot_number=lot.lot_number,
        subjects=tuple(
            SubjectTouched(
                coi=coi, subject=numbers.get(coi, ""), steps=tuple(sorted(uses[coi], key=lambda use: use.at)),
                containers=tuple(containers.get(coi, ())),
            )
            for coi in sorted(uses, key=lambda one: (numbers.get(one, ""), one))
        ),
    )  # fmt: skip


Use = tuple[StepTouched, str, dict[str, datetime]]


def _at_the_bedside(session: Session, lot_code: str) -> Iterable[Use]:
    """The collections whose syringes were coated from this lot: each with its subject and its bag."""
    rows = session.exec(
        select(Collected, Collection).join(Collection, col(Collection.code) == Collected.collection_code)
        .where(Collected.heparin_lot == lot_code)
    )  # fmt: skip
    for taken, order in rows:
        title = words("Collection %(number)s", number=order.ordinal)
        use = StepTouched(
            batch="", collection=order.code, step="", passage="", title=title, material="heparin", at=taken.ended_at,
        )  # fmt: skip
        yield use, order.subject_code, {taken.container_code: taken.started_at}


def _in_steps(session: Session, lot_code: str) -> Iterable[Use]:
    """The steps into which this lot was scanned and not taken out again: each with its subject and what it made or worked on."""
    found = session.exec(
        select(StepScan, Batch).join(Batch, col(Batch.code) == StepScan.batch_code)
        .where(StepScan.code == lot_code, StepScan.part == "material", col(StepScan.ended_at).is_(None))
    )  # fmt: skip
    rows = found.all()
    worked_on = _worked_on(session, [scan for scan, _ in rows])
    for (scan, batch), touched in zip(rows, worked_on, strict=True):
        titles = {one.code: one.title for one in folder(session, batch.folder_code).master.steps()}
        use = StepTouched(
            batch=batch.code, collection="", step=scan.step, passage=scan.passage, title=titles.get(scan.step, ""), material=scan.kind,
            at=scan.at,
        )  # fmt: skip
        yield use, batch.coi, dict.fromkeys(touched, scan.at)


def _worked_on(session: Session, scans: Sequence[StepScan]) -> list[set[str]]:
    """For each of these scans, the containers that its step made, and those that were scanned into it."""
    batches = {scan.batch_code for scan in scans}
    made: dict[tuple[str | None, str], set[str]] = defaultdict(set)
    for batch, step, code in session.exec(
        select(Container.batch_code, Container.step, Container.code).where(col(Container.batch_code).in_(batches))
    ):
        made[batch, step].add(code)
    used: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in session.exec(
        select(StepScan).where(col(StepScan.batch_code).in_(batches), StepScan.part == "uses", col(StepScan.ended_at).is_(None))
    ):
        used[row.batch_code, row.step, row.passage].add(row.code)
    return [
        made[one.batch_code, spoken(one.passage or None, one.step)] | used[one.batch_code, one.step, one.passage] for one in scans
    ]  # fmt: skip


USES: list[Callable[[Session, str], Iterable[Use]]] = [_at_the_bedside, _in_steps]
"""Each yields the uses of one lot with the containers it touched and since when. Rooms downstream add theirs, as the gate is filled."""


def _spread(session: Session, touched: Mapping[str, Mapping[str, datetime]]) -> set[str]:
    """By subject these containers, and everything that came out of them after they were touched."""
    made = descents(session, touched)
    boxes = rows_of(session, Container, [one.child for many in made.values() for one in many])
    found: set[str] = set()
    for coi, first in touched.items():
        since, todo = dict(first), dict(first)
        while todo:
            came = [(one.parent, one.child, boxes[one.child].at) for one in made.get(coi, ()) if one.parent in todo]
            todo = {child: at for parent, child, at in came if at >= todo[parent] and (child not in since or at < since[child])}
            since |= todo
        found |= since.keys()
    return found


def _seen(session: Session, codes: Iterable[str]) -> dict[str, list[ContainerTouched]]:
    """By subject, these containers and where each is now."""
    rows = sorted(rows_of(session, Container, codes).values(), key=lambda one: (one.at, counted(one.name), one.code))
    where = all_whereabouts(session, rows)
    return gathered(
        (row.chain, ContainerTouched(
            code=row.code, kind=row.kind, name=row.name, batch=row.batch_code or "", step=row.step, where=where[row.code],
        ))
        for row in rows
    )  # fmt: skip

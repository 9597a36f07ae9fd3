"""Where a lot went: every subject, batch, step and container that it touched, for the day on which a maker recalls it.

A lot touches a container that a step made with it or worked on with it, the marrow that it was drawn into, and whatever came out of these
afterwards. What came out before is left out.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.batch.models import Batch, StepScan
from backend.collection.models import Collected, Collection
from backend.custody.models import Container, ContainerParent
from backend.custody.reads.containers import counted, whereabouts
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
    numbers = {row.code: row.number for row in session.exec(select(Subject).where(col(Subject.code).in_(uses)))}
    return LotTrace(
        code=lot.code, item=lot.item, maker=lot.maker, lot_number=lot.lot_number,
        subjects=tuple(
            SubjectTouched(
                coi=coi, subject=numbers.get(coi, ""), steps=tuple(sorted(uses[coi], key=lambda use: use.at)),
                containers=tuple(_seen(session, _spread(session, since.get(coi, {})))),
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
    rows = session.exec(
        select(StepScan, Batch).join(Batch, col(Batch.code) == StepScan.batch_code)
        .where(StepScan.code == lot_code, StepScan.part == "material", col(StepScan.ended_at).is_(None))
    )  # fmt: skip
    for scan, batch in rows:
        titles = {one.code: one.title for one in folder(session, batch.folder_code).master.steps()}
        use = StepTouched(
            batch=batch.code, collection="", step=scan.step, passage=scan.passage, title=titles.get(scan.step, ""), material=scan.kind,
            at=scan.at,
        )  # fmt: skip
        yield use, batch.coi, dict.fromkeys(_worked_on(session, scan), scan.at)


def _worked_on(session: Session, scan: StepScan) -> set[str]:
    """The containers that a step made, and those that were scanned into it."""
    step = spoken(scan.passage or None, scan.step)
    made = select(Container.code).where(Container.batch_code == scan.batch_code, Container.step == step)
    used = select(StepScan.code).where(
        StepScan.batch_code == scan.batch_code, StepScan.step == scan.step, StepScan.passage == scan.passage, StepScan.part == "uses",
        col(StepScan.ended_at).is_(None),
    )  # fmt: skip
    return {*session.exec(made), *session.exec(used)}


USES: list[Callable[[Session, str], Iterable[Use]]] = [_at_the_bedside, _in_steps]
"""Each yields the uses of one lot with the containers it touched and since when. Rooms downstream add theirs, as the gate is filled."""


def _spread(session: Session, touched: Mapping[str, datetime]) -> set[str]:
    """These containers and everything that came out of them after they were touched."""
    since, todo = dict(touched), dict(touched)
    while todo:
        rows = session.exec(
            select(ContainerParent.parent, Container.code, Container.at)
            .join(Container, col(Container.code) == ContainerParent.child).where(col(ContainerParent.parent).in_(todo))
        ).all()  # fmt: skip
        todo = {child: at for parent, child, at in rows if at >= todo[parent] and (child not in since or at < since[child])}
        since |= todo
    return set(since)


def _seen(session: Session, codes: Iterable[str]) -> list[ContainerTouched]:
    rows = session.exec(select(Container).where(col(Container.code).in_(list(codes)))).all()
    return [
        ContainerTouched(
            code=row.code, kind=row.kind, name=row.name, batch=row.batch_code or "", step=row.step, where=whereabouts(session, row),
        )
        for row in sorted(rows, key=lambda one: (one.at, counted(one.name)))
    ]  # fmt: skip

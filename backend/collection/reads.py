"""What may be known of harvests: rows for acts, frozen views for people who look. A date here counts the infusion window (decision D2)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, case, col, select

from backend.access.reads import names_of
from backend.collection import rules
from backend.collection.models import Collected, Collection, Packed, Received
from backend.custody.models import Container, HandedOver, Label, LabelApplied, LabelPrinted, LabelVerified, UsedUp
from backend.custody.reads import on_its_way, whereabouts
from backend.ledger import UnknownCode, each, gathered
from backend.ledger.words import Text
from backend.quality.models import Deviation
from backend.subject.models import Subject, Wristband
from backend.supplies.models import Lot
from backend.trial.reads import current, folder

PAGE = 25


class Frozen(BaseModel):
    """A view: values only."""

    model_config = ConfigDict(frozen=True)


class CollectionLine(Frozen):
    """A collection in a list, with the word for how far it is."""

    code: str
    coi: str
    subject: str
    ordinal: int
    planned_at: datetime
    state: str


class LabelState(Frozen):
    """The bag's label and how far its life is."""

    code: str
    printed: bool
    verified: bool
    applied: bool


class CollectedView(Frozen):
    """What was taken at the bedside; `short` is too little for a bank, `again` that another collection was ordered since."""

    site: str
    passes: int
    heparin_lot: str
    heparin_lot_number: str
    heparin_iu_per_ml: Decimal
    volume_ml: Decimal
    started_at: datetime
    ended_at: datetime
    by: str
    witness: str
    short: bool
    again: bool


class PackedView(Frozen):
    """The transport box as it was closed."""

    box: str
    seal: str
    logger: str
    temperature_c: Decimal
    at: datetime
    by: str


class ReceivedView(Frozen):
    """The transport box as it arrived."""

    seal: str
    temperature_c: Decimal
    minutes: int
    at: datetime
    by: str


class CollectionView(Frozen):
    """One harvest from order to receipt."""

    code: str
    coi: str
    subject: str
    ordinal: int
    planned_at: datetime
    ordered_at: datetime
    ordered_by: str
    because: str
    bag: str
    where: Text
    away: bool
    label: LabelState | None
    collected: CollectedView | None
    packed: PackedView | None
    received: ReceivedView | None
    deviations: tuple[tuple[str, str, str], ...]
    state: str


def collection_of(session: Session, code: str) -> Collection:
    """The collection with this code; UnknownCode when there is none."""
    row = session.get(Collection, code)
    if row is None:
        raise UnknownCode(code)
    return row


def collections_of(session: Session, coi: str) -> list[Collection]:
    """Every collection of a subject, the first one first."""
    return list(session.exec(select(Collection).where(Collection.subject_code == coi).order_by(col(Collection.ordinal))))


@each
def all_collected(session: Session, cois: list[str]) -> Mapping[str, list[Collected]]:
    """By subject, what was taken in each of their collections, the first one first."""
    return gathered(session.exec(
        select(Collection.subject_code, Collected).join(Collected, col(Collected.collection_code) == Collection.code)
        .where(col(Collection.subject_code).in_(cois)).order_by(col(Collection.ordinal))
    ))  # fmt: skip


def latest(session: Session, coi: str) -> Collection | None:
    """The collection ordered last for this subject."""
    found = collections_of(session, coi)
    return found[-1] if found else None


def collected(session: Session, code: str) -> Collected | None:
    """What was taken in this collection; None while it is only ordered. Its `ended_at` opens the infusion window (decision D2)."""
    return session.get(Collected, code)


def too_little(session: Session, order: Collection, took: Collected) -> bool:
    """Whether this marrow is too little for a bank, by the trial folder that it was ordered under."""
    return rules.is_short(folder(session, order.folder_code).trial, took.volume_ml)


def to_collect_again(session: Session) -> list[tuple[Collection, Collected]]:
    """The last collection of each subject whose marrow is too little, the first one first, while the trial allows another order."""
    later = aliased(Collection)
    after = and_(col(later.subject_code) == col(Collection.subject_code), col(later.ordinal) > col(Collection.ordinal))
    rows = session.exec(
        select(Collection, Collected).join(Collected, col(Collected.collection_code) == Collection.code)
        .join(later, after, isouter=True).where(col(later.code).is_(None)).order_by(col(Collected.at))
    ).all()  # fmt: skip
    short = [(order, took) for order, took in rows if too_little(session, order, took)]
    return [(order, took) for order, took in short if order.ordinal < current(session).trial.collection.at_most]


def is_set_aside(session: Session, order: Collection, took: Collected) -> bool:
    """Whether nobody packs this marrow any more: it is used up or destroyed, or it is too little and collected again or handed over."""
    if session.get(UsedUp, order.container_code):
        return True
    if not too_little(session, order, took):
        return False
    given = session.exec(select(HandedOver.code).where(HandedOver.container_code == order.container_code)).first()
    return given is not None or _was_ordered_again(session, order)


def _was_ordered_again(session: Session, order: Collection) -> bool:
    return collections_of(session, order.subject_code)[-1].code != order.code


def meant(session: Session, code: str) -> Collection | None:
    """The collection that somebody means by this code: its own, its bag's, its bag's label's, or the latest of a wristband or a CoI."""
    if code[:1] in {"W", "S"}:
        band = session.get(Wristband, code)
        return latest(session, band.subject_code if band else code)
    label = session.get(Label, code) if code.startswith("L") else None
    bag = label.of_code if label else code
    if code.startswith("K"):
        return session.get(Collection, code)
    return session.exec(select(Collection).where(Collection.container_code == bag)).first()


def is_at(state: str, kinds: str) -> Callable[[Session, str], bool]:
    """For `ready=`: whether what this code means is a collection that has come so far."""

    def ready(session: Session, code: str) -> bool:
        row = meant(session, code) if code[:1] in kinds else None
        return row is not None and state_of(session, row.code) == state

    return ready


def marrow_bag(session: Session, code: str) -> Container:
    """The bag with the marrow of this collection."""
    return session.get_one(Container, collection_of(session, code).container_code)


def live_label(session: Session, container_code: str) -> Label | None:
    return session.exec(select(Label).where(Label.of_code == container_code, col(Label.ended_at).is_(None))).first()


def label_facts(session: Session, code: str) -> tuple[bool, bool, bool]:
    """Whether a label is printed, scanned back, applied."""
    return tuple(session.get(kind, code) is not None for kind in (LabelPrinted, LabelVerified, LabelApplied))  # type: ignore[return-value]


def state_of(session: Session, code: str) -> str:
    """How far a collection is: ordered, collected, packed or received."""
    return states_of(session, [code]).get(code, "ordered")


@each
def states_of(session: Session, codes: list[str]) -> Mapping[str, str]:
    """By collection, how far it is."""
    far = case(
        (col(Received.collection_code).is_not(None), "received"), (col(Packed.collection_code).is_not(None), "packed"),
        (col(Collected.collection_code).is_not(None), "collected"), else_="ordered",
    )  # fmt: skip
    rows = session.exec(
        select(Collection.code, far).join(Collected, col(Collected.collection_code) == Collection.code, isouter=True)
        .join(Packed, col(Packed.collection_code) == Collection.code, isouter=True)
        .join(Received, col(Received.collection_code) == Collection.code, isouter=True).where(col(Collection.code).in_(codes))
    )  # fmt: skip
    return dict(rows.all())


def collections(session: Session, page: int = 1) -> tuple[list[CollectionLine], bool]:
    """One page of all collections, the newest first, and whether there is another."""
    rows = session.exec(
        select(Collection, Subject.number)
        .join(Subject, col(Subject.code) == Collection.subject_code)
        .order_by(col(Collection.at).desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    ).all()
    states = states_of(session, [row.code for row, _ in rows[:PAGE]])
    lines = [
        CollectionLine(
            code=row.code, coi=row.subject_code, subject=number, ordinal=row.ordinal, planned_at=row.planned_at, state=states[row.code],
        )
        for row, number in rows[:PAGE]
    ]  # fmt: skip
    return lines, len(rows) > PAGE


def collection_view(session: Session, code: str) -> CollectionView:
    """One harvest as everybody who sees subjects may see it: it holds no name and nothing masked."""
    row = collection_of(session, code)
    bag = session.get_one(Container, row.container_code)
    news = session.exec(select(Deviation).where(Deviation.about == code, col(Deviation.covered_for).is_(None)).order_by(col(Deviation.at)))
    return CollectionView(
        code=code, coi=row.subject_code, subject=session.get_one(Subject, row.subject_code).number, ordinal=row.ordinal,
        planned_at=row.planned_at, ordered_at=row.at, ordered_by=_name(session, row.by), because=row.because or "", bag=bag.code,
        where=whereabouts(session, bag), away=on_its_way(session, bag.code) is not None, label=_label(session, bag.code),
        collected=_collected(session, row), packed=_packed(session, code), received=_received(session, code),
        deviations=tuple((d.code, d.sentence, d.grade) for d in news), state=state_of(session, code),
    )  # fmt: skip


def _name(session: Session, person: str) -> str:
    return names_of(session, [person]).get(person, person)


def _label(session: Session, bag: str) -> LabelState | None:
    label = live_label(session, bag)
    if label is None:
        return None
    printed, verified, applied = label_facts(session, label.code)
    return LabelState(code=label.code, printed=printed, verified=verified, applied=applied)


def _collected(session: Session, row: Collection) -> CollectedView | None:
    took = session.get(Collected, row.code)
    if took is None:
        return None
    return CollectedView(
        site=took.site, passes=took.passes, heparin_lot=took.heparin_lot,
        heparin_lot_number=session.get_one(Lot, took.heparin_lot).lot_number,
        heparin_iu_per_ml=took.heparin_iu_per_ml, volume_ml=took.volume_ml, started_at=took.started_at, ended_at=took.ended_at,
        by=_name(session, took.by), witness=_name(session, took.witness),
        short=too_little(session, row, took), again=_was_ordered_again(session, row),
    )  # fmt: skip


def _packed(session: Session, code: str) -> PackedView | None:
    row = session.get(Packed, code)
    if row is None:
        return None
    return PackedView(
        box=row.box, seal=row.seal, logger=row.logger, temperature_c=row.temperature_c, at=row.at, by=_name(session, row.by)
    )  # fmt: skip


def _received(session: Session, code: str) -> ReceivedView | None:
    row = session.get(Received, code)
    if row is None:
        return None
    return ReceivedView(
        seal=row.seal, temperature_c=row.temperature_c, minutes=row.minutes_since_collection, at=row.at, by=_name(session, row.by)
    )  # fmt: skip

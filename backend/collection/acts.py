"""What may be done about a harvest: order it with its kit, take the marrow at the bedside, pack it, receive it at the laboratory.

Between packing and receipt the bag travels by the custody room's hand-overs, which both sides scan.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, StringConstraints
from sqlmodel import Session, col, select

from backend.access.rules import Role
from backend.collection import rules
from backend.collection.models import Collected, Collection, Packed, Received
from backend.collection.reads import collection_of, collections_of, is_at, label_facts, marrow_bag
from backend.custody.acts import apply_label, make_container, measure, request_labels, take_over
from backend.custody.models import Label
from backend.custody.models import Received as TakenOver
from backend.custody.reads import container_of, on_its_way
from backend.custody.rules import against_applying
from backend.ledger import ContainerCode, LabelCode, LotCode, Nonsense, Now, Open, RecordCode, SubjectCode, WristbandCode, act, ask, refuse
from backend.quality.acts import open_deviation
from backend.quality.reads import open_holds
from backend.subject.reads import against_taking_part, against_wristband, is_bound, label_values, serology_of, subject_of
from backend.supplies.reads import lot_of
from backend.trial.reads import current, folder_in_force_code, local_day, local_time, status
from backend.trial.rules import TrialFile, against_serology

BEDSIDE = {Role.PHYSICIAN, Role.NURSE}
PAGE = "/collections/{code}"
Why = Annotated[str, StringConstraints(max_length=400), ask("Why it is collected again")]
Temperature = Annotated[Decimal, ask("Temperature of the transport box", unit="°C", ge=-80, le=60)]
Seal = Annotated[str, StringConstraints(min_length=1, max_length=60), ask("Seal")]
Condition = Annotated[str, StringConstraints(min_length=1, max_length=200), ask("Condition", hint="Intact, or what is wrong")]


def _tell(now: Now, collection: str, news: Iterable[rules.News]) -> None:
    """Everything that is out of limits is a deviation of the collection, in the same act."""
    for one in news:
        open_deviation(now, about=collection, sentence=one.sentence, grade=one.grade, rule=one.rule)


def _against_subject(now: Now, coi: str, trial: TrialFile) -> list[str]:
    """Every reason why no marrow is taken from this subject: not bound, withdrawn, consent, trial, a hold."""
    held = [f"The subject is on hold: {hold.why}" for hold in open_holds(now.session, coi)]
    return [*against_taking_part(now.session, coi, trial, status(now.session)), *held]


def _orderable(session: Session, coi: str) -> bool:
    """For `ready=`: whether the subject is bound, and no collection is under way."""
    return is_bound(session, coi) and all(session.get(Collected, one.code) for one in collections_of(session, coi))


@act(
    "collection.order", roles={Role.PHYSICIAN, Role.COORDINATOR}, title="Order the marrow harvest", relies={"site"},
    signed="I order this harvest and its kit.", tells="{by} ordered the harvest for {planned_at}.", offers=("S",),
    ready=_orderable, page="/collections/order/{code}",
)  # fmt: skip
def order(
    now: Now, subject: SubjectCode, planned_at: Open[Annotated[AwareDatetime, ask("Planned for")]], because: Open[Why | None] = None,
) -> Collection:  # fmt: skip
    """The harvest is ordered; its kit has a bag, and the bag a label to print and scan back before it goes to the ward.

    A second order is a re-collection under the same CoI: the first marrow must be in the record, and the order says why.
    """
    subject_of(now.session, subject)
    trial = current(now.session).trial
    before = collections_of(now.session, subject)
    done = all(now.session.get(Collected, one.code) for one in before)
    refuse(
        _against_subject(now, subject, trial),
        rules.against_ordering(trial, len(before), done, because, local_time(trial, planned_at), local_time(trial, now.at)),
    )
    ordinal = len(before) + 1
    bag = make_container(now, "bag", "Bone marrow" if ordinal == 1 else f"Bone marrow, no. {ordinal}", step="BMH")
    now.session.flush()
    box = rules.reading(trial, "box_temperature")
    storage = f"Keep at {getattr(box, 'target', '')} °C"
    request_labels(now, "collection", [(bag.code, label_values(now.session, subject, trial) | {"storage": storage})])
    return now.add(Collection(
        code=now.draw("K"), subject_code=subject, ordinal=ordinal, planned_at=planned_at, container_code=bag.code,
        folder_code=folder_in_force_code(now.session), because=because, at=now.at, by=now.by,
    ))  # fmt: skip


@dataclass(frozen=True)
class _Taken:
    """What the bedside says of the marrow."""

    site: str
    passes: int
    heparin_iu_per_ml: Decimal
    volume_ml: Decimal
    started_at: datetime
    ended_at: datetime


@act(
    "collection.collect", roles={Role.PHYSICIAN}, witness_roles={Role.NURSE}, title="Record the harvest at the bedside", relies={"site"},
    signed="I took this marrow from the subject who wears the scanned wristband; its label was put on at the bedside.",
    witness="I read wristband and label at the bedside: they are of one subject, and the label was put on there.",
    tells="{by} collected {volume_ml} mL of marrow ({site}).", offers=("W", "L"), ready=is_at("ordered", "WL"), page=PAGE,
)  # fmt: skip
def collect(
    now: Now, collection: RecordCode, wristband: WristbandCode, label: LabelCode, site: Open[Annotated[str, ask("Site of puncture")]],
    passes: Open[Annotated[int, ask("Needle passes", ge=1, le=60)]], heparin_lot: LotCode,
    heparin_iu_per_ml: Open[Annotated[Decimal, ask("Heparin in the marrow", unit="IU/mL")]],
    volume_ml: Open[Annotated[Decimal, ask("Volume of marrow by weight", unit="mL")]],
    started_at: Open[Annotated[AwareDatetime, ask("Start of collection")]],
    ended_at: Open[Annotated[AwareDatetime, ask("End of collection")]],
) -> Collected:  # fmt: skip
    """The marrow is in the record and its label on the bag. Volume, heparin and lot out of limits are recorded and open deviations.

    Refused when wristband, label, subject, serology (age on the day), trial or times are not as they must be, with every reason.
    """
    row = collection_of(now.session, collection)
    trial, lot = current(now.session).trial, lot_of(now.session, heparin_lot)
    taken = _Taken(site, passes, heparin_iu_per_ml, volume_ml, started_at, ended_at)
    _sense(trial, taken, now.at)
    scanned = now.get(Label, label, f"{label} is no label.")
    today = local_day(trial, ended_at)
    refuse(
        Collected.says["collection_code"] if now.session.get(Collected, collection) else None,
        against_wristband(now.session, wristband, row.subject_code),
        rules.against_bag(scanned.of_code, row.container_code),
        against_applying(scanned, *label_facts(now.session, label)),
        _against_subject(now, row.subject_code, trial),
        against_serology(trial, serology_of(now.session, row.subject_code), today),
        rules.against_heparin(lot.item),
        rules.against_times(*(local_time(trial, at) for at in (started_at, ended_at, row.at, now.at))),
    )
    apply_label(now, label)
    bag = marrow_bag(now.session, collection)
    measure(now, bag, volume_ml)
    _tell(now, collection, rules.news_of(trial, "volume", volume_ml))
    _tell(now, collection, rules.news_of(trial, "heparin", heparin_iu_per_ml))
    _tell(now, collection, rules.news_of_lot(lot.lot_number, lot.expires_on, today))
    return now.add(Collected(
        collection_code=collection, container_code=bag.code, label_code=label, wristband_code=wristband, site=site, passes=passes,
        heparin_lot=heparin_lot, heparin_iu_per_ml=heparin_iu_per_ml, volume_ml=volume_ml, started_at=started_at, ended_at=ended_at,
        at=now.at, by=now.by, witness=now.witness or "",
    ))  # fmt: skip


def _sense(trial: TrialFile, taken: _Taken, at: datetime) -> None:
    """A value that cannot be one is Nonsense by its field; a bad one is a value."""
    asked = {
        "site": ("site", taken.site),
        "volume_ml": ("volume", taken.volume_ml),
        "heparin_iu_per_ml": ("heparin", taken.heparin_iu_per_ml),
    }
    faults = {field: said for field, (code, value) in asked.items() if (said := rules.value_fault(trial, code, str(value), at))}
    if faults:
        raise Nonsense(faults)


def _kit(now: Now, collection: str, scanned: str) -> Collection:
    """The collection, when the scanned code is its own bag's and the marrow is in it."""
    row = collection_of(now.session, collection)
    refuse(
        rules.against_bag(container_of(now.session, scanned).code, row.container_code),
        None if now.session.get(Collected, collection) else "The marrow is not in the record yet; it must be collected first.",
    )
    return row


@act(
    "collection.pack", roles=BEDSIDE, title="Pack the marrow", relies={"site"}, tells="{by} packed the marrow in box {box}, seal {seal}.",
    offers=("C", "L"), ready=is_at("collected", "CL"), page=PAGE,
)  # fmt: skip
def pack(
    now: Now, collection: RecordCode, bag: ContainerCode,
    box: Open[Annotated[str, StringConstraints(min_length=1, max_length=60), ask("Transport box")]], seal: Open[Seal],
    logger: Open[Annotated[str, StringConstraints(min_length=1, max_length=60), ask("Temperature logger")]],
    temperature_c: Open[Temperature],
) -> Packed:  # fmt: skip
    """The bag is in its sealed box. A temperature out of limits is recorded and opens a deviation."""
    _kit(now, collection, bag)
    if now.session.get(Packed, collection):
        refuse(Packed.says["collection_code"])
    _tell(now, collection, rules.news_of(current(now.session).trial, "box_temperature", temperature_c))
    return now.add(Packed(
        collection_code=collection, box=box, seal=seal, logger=logger, temperature_c=temperature_c, at=now.at, by=now.by,
    ))  # fmt: skip


@act(
    "collection.receive", roles={Role.TECHNICIAN}, title="Receive the marrow at the laboratory", relies={"site"},
    tells="{by} received the marrow at the laboratory, seal {seal}.", offers=("C", "L"), ready=is_at("packed", "CL"), page=PAGE,
)  # fmt: skip
def receive(
    now: Now, collection: RecordCode, bag: ContainerCode, seal: Open[Seal], temperature_c: Open[Temperature], condition: Open[Condition],
) -> Received:  # fmt: skip
    """The marrow is in the laboratory's hands, with the time since its collection. Another seal or a long journey opens a deviation.

    The bag must have been packed and handed over, by somebody else; receiving it here is the receiving side of that hand-over.
    """
    row = _kit(now, collection, bag)
    trial = current(now.session).trial
    packed = now.get(Packed, collection, "The marrow is not packed; box and seal must be in the record before it is received.")
    took = now.session.get_one(Collected, collection)
    refuse(Received.says["collection_code"] if now.session.get(Received, collection) else None)
    if not _taken_over(now, row.container_code):
        take_over(now, marrow_bag(now.session, collection), condition, temperature_c, seal)
    elapsed = now.at - took.ended_at
    _tell(now, collection, rules.news_of_journey(trial, packed.seal, seal, elapsed))
    _tell(now, collection, rules.news_of(trial, "box_temperature", temperature_c))
    return now.add(Received(
        collection_code=collection, seal=seal, temperature_c=temperature_c, minutes_since_collection=int(elapsed.total_seconds() // 60),
        at=now.at, by=now.by,
    ))  # fmt: skip


def _taken_over(now: Now, bag: str) -> bool:
    """Whether this person has scanned the bag as received in the custody room already."""
    if on_its_way(now.session, bag):
        return False
    last = select(TakenOver).where(TakenOver.container_code == bag).order_by(col(TakenOver.at).desc()).limit(1)
    found = now.session.exec(last).first()
    return found is not None and found.by == now.by

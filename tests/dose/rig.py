"""What other rooms do to a bank and a dose, in one act each: QA releases, the bedside gives and clears, a dose is begun or decided.

Its acts are in the registry only while a test of ordering runs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import AwareDatetime
from sqlmodel import select

from backend.access.rules import Role
from backend.batch.models import BatchDecision
from backend.dose.models import Administration, Cleared, Dose, DoseDecision, Order
from backend.ledger import REGISTRY, Declared, Ledger, Now, Open, RecordCode, SubjectCode, act
from backend.subject.reads import live_wristband
from tests import story
from tests.conftest import Clock
from tests.people import by, sign

MASKED_TEXT = Declared("masked", 4096)
QA, CARE, PREP = {Role.QA}, {Role.PHYSICIAN}, {Role.PREPARER}


@act("rig.decide", roles=QA, title="Rig", tells="")
def decide(now: Now, batch: RecordCode, decision: Open[str]) -> BatchDecision:
    """QA has decided about the batch."""
    return now.add(BatchDecision(batch_code=batch, decision=decision, why="", at=now.at, by=now.by))


@act("rig.dose", roles=PREP, title="Rig", tells="")
def dose(now: Now, order: RecordCode, decision: Open[str] = "") -> Dose:
    """A dose is begun for an order, and decided when that is said."""
    row = now.session.get_one(Order, order)
    made = now.add(Dose(
        code=now.draw("K"), order_code=order, coi=row.coi, infusion=row.infusion, batch_code=row.batch_code, at=now.at, by=now.by,
    ))  # fmt: skip
    if decision:
        now.add(DoseDecision(dose_code=made.code, decision=decision, why=now.seal("", MASKED_TEXT), at=now.at, by=now.by))
    return made


@act("rig.lose", roles=PREP, title="Rig", tells="")
def lose(now: Now, code: RecordCode) -> None:
    """A dose is disposed of."""
    row = now.session.get_one(Dose, code)
    row.ended_at, row.ended_by, row.ended_why = now.at, now.by, "broken"


@act("rig.give", roles=CARE, title="Rig", tells="")
def give(now: Now, code: RecordCode, started_at: Open[AwareDatetime]) -> Administration:
    """The dose was given."""
    row = now.session.get_one(Dose, code)
    return now.add(Administration(
        code=now.draw("K"), dose_code=code, order_code=row.order_code, coi=row.coi, infusion=row.infusion, wristband_code="", access="",
        started_at=started_at, by=now.by, second="NURS1",
    ))  # fmt: skip


@act("rig.annul", roles=CARE, title="Rig", tells="")
def annul(now: Now, code: RecordCode) -> None:
    """Nothing was delivered."""
    row = now.session.get_one(Administration, code)
    row.annulled_at, row.annulled_by, row.annulled_witness = now.at, now.by, "NURS1"


@act("rig.clear", roles=CARE, title="Rig", tells="")
def clear(now: Now, subject: SubjectCode, infusion: Open[int]) -> Cleared:
    """The subject is cleared for the next infusion."""
    return now.add(Cleared(code=now.draw("K"), coi=subject, infusion=infusion, found="well", at=now.at, by=now.by))


RIG = {name: REGISTRY.pop(name) for name in [n for n in REGISTRY if n.startswith("rig.")]}


@contextmanager
def rigged() -> Iterator[None]:
    """The rig's acts can be done."""
    added = RIG.keys() - REGISTRY.keys()
    REGISTRY.update(RIG)
    try:
        yield
    finally:
        for name in added:
            REGISTRY.pop(name, None)


def do(ledger: Ledger, act_name: str, person: str, /, **given: Any) -> Any:
    with rigged():
        return ledger.do(f"rig.{act_name}", given, by=by(person)).result


@dataclass(frozen=True)
class Bank:
    """A subject whose bank is in the record: the CoI, the batch, the collection."""

    coi: str
    batch: str
    collection: str


def opened(ledger: Ledger) -> Bank:
    """A batch is open and nobody has decided about it. (Releasing asks for more; ordering asks only for the decision.)"""
    harvest = story.received(ledger)
    code = ledger.do("batch.open", {"collection": harvest.collection}, by=by("TECH1")).result
    return Bank(harvest.coi, code, harvest.collection)


def opened_from(ledger: Ledger, folder: str, who: story.Somebody = story.PEOPLE[0]) -> Bank:
    """The same for somebody under a folder that is in force."""
    coi = story.enrol(ledger, who)
    band, collection = story.bind(ledger, coi, who), story.order(ledger, coi)
    bag, label = story.bag_of(ledger, collection)
    story.print_and_verify(ledger, label)
    harvest = story.Harvest(folder, coi, who, band, collection, bag, label, story.heparin(ledger, f"2030-01-{who.number[1:]}"))
    story.collect(ledger, harvest)
    story.pack(ledger, harvest)
    story.receive(ledger, harvest)
    code = ledger.do("batch.open", {"collection": harvest.collection}, by=by("TECH1")).result
    return Bank(coi, code, harvest.collection)


def released_without_list(ledger: Ledger) -> Bank:
    """Nobody imported the randomisation list."""
    bank = opened_from(ledger, story.folder_approved(ledger))
    do(ledger, "decide", "QA1", batch=bank.batch, decision="released")
    return bank


def two_released(ledger: Ledger) -> list[Bank]:
    """Two subjects' banks are released at the same time."""
    folder = story.list_imported(ledger)
    banks = [opened_from(ledger, folder, who) for who in story.PEOPLE[:2]]
    for bank in banks:
        do(ledger, "decide", "QA1", batch=bank.batch, decision="released")
    return banks


def folder_with(ledger: Ledger, old: bytes, new: bytes) -> str:
    """A changed trial folder is in force; its code."""
    files = dict(story.folder_files())
    files["trial.yaml"] = files["trial.yaml"].replace(old, new)
    code: str = ledger.do("trial.propose_folder", {"files": files}, by=by("TECH3"), signatures=sign("TECH3")).result
    story.approve(ledger, code)
    return code


def released_under_other_arms(ledger: Ledger) -> Bank:
    """The arms were given other names after the list was imported."""
    story.list_imported(ledger)
    bank = opened_from(ledger, folder_with(ledger, b"ica_", b"carotid_"))
    do(ledger, "decide", "QA1", batch=bank.batch, decision="released")
    return bank


def waiting_warned(ledger: Ledger) -> Bank:
    """As `waiting`, under a folder by which fever warns and does not refuse."""
    folder = folder_with(ledger, b"unfit: refuse", b"unfit: warn")
    given = {"text": story.LIST, "checksum": story.checksum()}
    ledger.do("masking.import_list", given, by=by("RAND1"), signatures=sign("RAND1", "UQA1"))
    bank = opened_from(ledger, folder)
    do(ledger, "decide", "QA1", batch=bank.batch, decision="released")
    open_route(ledger, bank.coi)
    assert isinstance(ledger.clock, Clock)
    ledger.clock.at = datetime(2026, 4, 3, 1, 0, tzinfo=UTC)
    return bank


def released_again(ledger: Ledger) -> Bank:
    """The first bank was rejected; marrow was collected again twenty days later, and that bank is released."""
    first = opened(ledger)
    do(ledger, "decide", "QA1", batch=first.batch, decision="rejected")
    story.advance(ledger, days=20)
    collection = story.order(ledger, first.coi, "The first bank was rejected.")
    bag, label = story.bag_of(ledger, collection)
    story.print_and_verify(ledger, label)
    band, lot = _worn(ledger, first.coi), story.heparin(ledger, "2031-01-31")
    harvest = story.Harvest("", first.coi, story.PEOPLE[0], band, collection, bag, label, lot)
    story.collect(ledger, harvest)
    story.pack(ledger, harvest)
    story.receive(ledger, harvest)
    code = ledger.do("batch.open", {"collection": collection}, by=by("TECH1")).result
    do(ledger, "decide", "QA1", batch=code, decision="released")
    return Bank(first.coi, code, collection)


def _worn(ledger: Ledger, coi: str) -> str:
    with ledger.read() as session:
        band = live_wristband(session, coi)
    assert band is not None
    return band.code


def hold(ledger: Ledger, about: str) -> None:
    """QA holds something."""
    ledger.do("quality.place_hold", {"about": about, "why": "A vial was dropped."}, by=by("QA1"), signatures=sign("QA1"))


def doses(ledger: Ledger) -> list[Dose]:
    return rows(ledger, Dose)


def released(ledger: Ledger) -> Bank:
    """The bank is released and the route is not open."""
    bank = opened(ledger)
    do(ledger, "decide", "QA1", batch=bank.batch, decision="released")
    return bank


def routed(ledger: Ledger) -> Bank:
    """The route is open: the first line of the list, which is for the carotid."""
    bank = released(ledger)
    open_route(ledger, bank.coi)
    return bank


def waiting(ledger: Ledger) -> Bank:
    """The window has been open for a day."""
    bank = routed(ledger)
    assert isinstance(ledger.clock, Clock)
    ledger.clock.at = datetime(2026, 4, 3, 1, 0, tzinfo=UTC)
    return bank


def infused(ledger: Ledger) -> Bank:
    """The first infusion was given and cleared."""
    bank = waiting(ledger)
    infuse(ledger, bank.coi)
    return bank


def open_route(ledger: Ledger, coi: str, *people: str) -> Any:
    who = people or ("PREP1", "UQA1")
    return ledger.do("dose.open_route", {"subject": coi}, by=by(who[0]), signatures=sign(*who))


def asking(ledger: Ledger, coi: str, infusion: int = 1, **changed: Any) -> dict[str, Any]:
    """An order for an hour from now, of somebody who was weighed today."""
    now = ledger.clock()
    return {
        "subject": coi, "infusion": infusion, "planned_at": (now + timedelta(hours=1)).isoformat(), "weight_kg": "61.5",
        "weighed_on": (now + timedelta(hours=8)).date().isoformat(), "temperature_c": "36.8", "infection": "no",
    } | changed  # fmt: skip


def order(ledger: Ledger, coi: str, infusion: int = 1, **changed: Any) -> str:
    code: str = ledger.do("dose.order", asking(ledger, coi, infusion, **changed), by=by("PHYS1"), signatures=sign("PHYS1")).result
    return code


def infuse(ledger: Ledger, coi: str, infusion: int = 1, clear_it: bool = True) -> str:
    """Infusion n is ordered, prepared and given now; and cleared."""
    dosed = do(ledger, "dose", "PREP1", order=order(ledger, coi, infusion), decision="released")
    code: str = do(ledger, "give", "PHYS1", code=dosed, started_at=ledger.clock().isoformat())
    if clear_it:
        do(ledger, "clear", "PHYS1", subject=coi, infusion=infusion)
    return code


def rows(ledger: Ledger, table: Any, /, **wanted: Any) -> list[Any]:
    """The rows of a table with these values."""
    with ledger.read() as session:
        return list(session.exec(select(table).filter_by(**wanted)))

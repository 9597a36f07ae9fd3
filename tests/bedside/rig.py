"""Subjects whose dose is on the ward, made in two acts that write every row the bedside asks about. No batch is played.

The acts are in the registry only while they run, so that nothing else ever sees them. `twelve` makes the whole trial, `ready` one subject.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pydantic import AwareDatetime
from sqlmodel import select

from backend.access.rules import Role
from backend.batch.models import Batch, BatchDecision
from backend.collection.models import Collected, Collection
from backend.custody.acts import give, make_container, request_labels, take_over
from backend.custody.models import Label, LabelApplied, LabelPrinted, LabelVerified, Print
from backend.dose.models import Dose, DoseDecision, DoseFilled, DoseVial, Order, RouteOpened, Thawed
from backend.dose.rules.timing import expiry
from backend.ledger import REGISTRY, Code, Declared, Ledger, Now, Open, SubjectCode, act
from backend.subject.models import Bound, Consent, Subject, Wristband, WristbandPrinted, WristbandVerified
from backend.supplies.models import Lot
from backend.trial.reads import current, folder_in_force_code
from tests import story
from tests.people import by, sign

IDENTITY, MASKED, TEXT = Declared("identity"), Declared("masked"), Declared("masked", 4096)
ACCESS = {"ICA": "internal carotid catheter", "OMM": "Ommaya reservoir"}
ROUTES = ("OMM", "ICA", "ICA")  # as the three arms go
LIFE = timedelta(hours=4)
ALL = frozenset(
    {"wristband verified", "consent", "route", "label verified", "label applied", "decision", "bank", "handed over", "received"}
)


@dataclass(frozen=True)
class Ready:
    """One subject at the bedside: the codes that the ward scans, and what they stand for."""

    coi: str
    number: str
    wristband: str
    order: str
    dose: str
    syringe: str
    label: str
    batch: str
    vials: tuple[str, ...]
    infusion: int
    access: str

    def asked(self, **other: str) -> dict[str, str]:
        """What check, confirm and give are given, with what `other` changes."""
        return {"order": self.order, "access": self.access, "wristband": self.wristband, "dose": self.label} | other


@act("bedrig.subject", roles={Role.PHYSICIAN}, title="Rig", tells="", founds=True)
def subject(
    now: Now, number: Open[str], name: Open[str], born: Open[str], route: Open[str], collected_at: Open[AwareDatetime], lot: Open[str],
    without: Open[list[str]],
) -> dict[str, str]:  # fmt: skip
    """A subject is enrolled, bound and wears a wristband; their marrow was collected, their bank released, their route opened."""
    coi, at, there = now.subject or "", now.at, ALL - set(without)
    now.add(Code(code=coi, kind="S", chain=""))
    sealed = [now.seal(text, IDENTITY) for text in (name, f"MRN-{number}", born, "female")]
    folder = folder_in_force_code(now.session)
    now.add(Subject(
        code=coi, number=number, full_name=sealed[0], record_number=sealed[1], birth_date=sealed[2], sex=sealed[3], folder_code=folder,
        at=at, by="COOR1",
    ))  # fmt: skip
    consent = ("ICF 1.0", "1.0") if "consent" in there else ("ICF 0.9", "0.9")
    now.add(Consent(
        code=now.draw("K"), subject_code=coi, form=consent[0], protocol=consent[1], given_by="subject", given_on=at.date(), at=at,
        by="COOR1",
    ))  # fmt: skip
    now.add(Bound(subject_code=coi, at=at, by="COOR1", witness="NURS1"))
    band = now.draw("W")
    now.add(Wristband(code=band, subject_code=coi, at=at, by="COOR1", witness="NURS1"))
    now.add(WristbandPrinted(wristband_code=band, at=at, by="COOR1"))
    if "wristband verified" in there:
        now.add(WristbandVerified(wristband_code=band, at=at, by="COOR1"))
    batch = _bank(now, coi, folder, band, collected_at, lot, "bank" in there)
    if "route" in there:
        now.add(RouteOpened(coi=coi, batch_code=batch, route=route, at=at, by="PREP1", witness="UQA1"))
    return {"coi": coi, "wristband": band, "batch": batch}


def _bank(now: Now, coi: str, folder: str, band: str, collected_at: Any, lot: str, released: bool) -> str:
    bag = make_container(now, "bag", "Bone marrow", step="BMH")
    code, label = now.draw("K"), now.draw("L")
    now.add(Label(code=label, template="collection", folder=folder, values_text="", at=now.at, by="COOR1"))
    now.add(Collection(
        code=code, subject_code=coi, ordinal=1, planned_at=collected_at, container_code=bag.code, folder_code=folder, at=now.at, by="PHYS1"
    ))  # fmt: skip
    now.add(Collected(
        collection_code=code, container_code=bag.code, label_code=label, wristband_code=band, site="left iliac crest", passes=6,
        heparin_lot=lot, heparin_iu_per_ml=Decimal(40), volume_ml=Decimal("31.5"), started_at=collected_at, ended_at=collected_at,
        at=now.at, by="PHYS1", witness="NURS1",
    ))  # fmt: skip
    batch = now.draw("K")
    now.add(Batch(code=batch, coi=coi, collection_code=code, folder_code=folder, at=now.at, by="TECH1"))
    if released:
        now.add(BatchDecision(batch_code=batch, decision="released", why="", at=now.at, by="QA1"))
    return batch


@act("bedrig.dose", roles={Role.PHYSICIAN}, title="Rig", tells="", relies={"site"})
def dose(
    now: Now, subject: SubjectCode, batch: Open[str], infusion: Open[int], route: Open[str], thawed_at: Open[AwareDatetime],
    without: Open[list[str]], order: Open[str] = "", decision: Open[str] = "released",
) -> dict[str, Any]:  # fmt: skip
    """An infusion is ordered; its dose is prepared, labelled, decided about, and in the hands of the ward."""
    at, there = now.at, ALL - set(without)
    if not order:
        order = now.draw("K")
        now.add(Order(
            code=order, coi=subject, infusion=infusion, batch_code=batch, route=route, planned_at=at, weight_kg=Decimal(62),
            weighed_on=at.date().isoformat(), temperature_c=Decimal("36.8"), infection="no", at=at, by="PHYS1",
        ))  # fmt: skip
    made = now.draw("K")
    now.add(Dose(code=made, order_code=order, coi=subject, infusion=infusion, batch_code=batch, at=at, by="PREP1"))
    vials = [make_container(now, "cryovial", f"Vial {n}", batch=batch, step="CRY-2", passage=2) for n in range(1, 3)]
    for vial in vials:
        now.add(DoseVial(code=now.draw("K"), dose_code=made, container_code=vial.code, at=at, by="PREP1"))
        now.add(Thawed(
            container_code=vial.code, dose_code=made, started_at=thawed_at, seconds=now.seal("90", MASKED), at=at, by="PREP1",
            witness="PREP2",
        ))  # fmt: skip
    syringe = make_container(now, "syringe", f"Dose {infusion}", parents=vials, batch=batch, step="PREP-9")
    label_ml = Decimal("2.0") if route == "OMM" else Decimal("10.0")
    now.add(DoseFilled(
        dose_code=made, container_code=syringe.code, label_ml=label_ml, expires_at=expiry(thawed_at, LIFE), at=at, by="PREP1",
        second="PREP2",
    ))  # fmt: skip
    label = _label(now, subject, syringe.code, there)
    if "decision" in there:
        now.add(DoseDecision(dose_code=made, decision=decision, why=now.seal("", TEXT), at=at, by="UQA1"))
    _deliver(now, syringe, there)
    return {"order": order, "dose": made, "syringe": syringe.code, "label": label, "vials": [vial.code for vial in vials]}


def _label(now: Now, coi: str, syringe: str, there: Iterable[str]) -> str:
    number = now.session.exec(select(Subject.number).where(Subject.code == coi)).one()
    values = {"subject_number": number, "filled_on": now.at.date().isoformat(), "storage": "Keep at 2 to 8 °C", "contents": "Dose"}
    (label,) = request_labels(now, "container", [(syringe, values)])
    job = now.add(Print(code=now.draw("K"), sheet="", at=now.at, by="PREP1"))
    now.add(LabelPrinted(label_code=label.code, print_code=job.code, place_on_sheet=1, at=now.at, by="PREP1"))
    for kind, word in ((LabelVerified, "label verified"), (LabelApplied, "label applied")):
        if word in there:
            now.add(kind(label_code=label.code, at=now.at, by="PREP2"))
    return label.code


def _deliver(now: Now, syringe: Any, there: Iterable[str]) -> None:
    """The preparer gives, the nurse takes: rows of two people, written in one go."""
    me = now.by
    if "handed over" in there:
        now.by = "PREP1"
        give(now, syringe, now.draw("K"), "Ward 3", "intact", Decimal(5), "S-1", "LG-1", 30)
        now.session.flush()
    if {"handed over", "received"} <= set(there):
        now.by = "NURS2"
        take_over(now, syringe, "intact", Decimal(5), "S-1")
    now.by = me


@act("bedrig.end_label", roles={Role.PHYSICIAN}, title="Rig", tells="", relies={"site"})
def end_label(now: Now, subject: SubjectCode, label: Open[str], how: Open[str]) -> None:
    """The label is void, destroyed or a specimen."""
    row = now.session.get_one(Label, label)
    row.ended_at, row.ended_by, row.ended_how, row.ended_why = now.at, now.by, how, "it was smudged"


@act("bedrig.end", roles={Role.PHYSICIAN}, title="Rig", tells="", relies={"site"})
def end(now: Now, subject: SubjectCode, order: Open[str] = "", dose: Open[str] = "", why: Open[str] = "cancelled") -> None:
    """The order or the dose is over."""
    for row in (now.session.get(Order, order), now.session.get(Dose, dose)):
        if row is not None:
            row.ended_at, row.ended_by, row.ended_why = now.at, now.by, why


RIG = {name: REGISTRY.pop(name) for name in [n for n in REGISTRY if n.startswith("bedrig.")]}


@contextmanager
def rigged() -> Iterator[None]:
    """The rig's acts can be done."""
    REGISTRY.update(RIG)
    try:
        yield
    finally:
        for name in RIG:
            REGISTRY.pop(name, None)


def do(ledger: Ledger, name: str, /, **given: Any) -> Any:
    """Something of the rig is done."""
    with rigged():
        return ledger.do(f"bedrig.{name}", given, by=by("PHYS1")).result


@dataclass(frozen=True)
class Someone:
    """A subject of the rig: the codes that a dose is made for."""

    coi: str
    number: str
    wristband: str
    batch: str
    route: str


def someone(ledger: Ledger, number: str = "S01", *, route: str = "ICA", months: int = 3, without: Iterable[str] = ()) -> Someone:
    """A subject whose marrow was collected so many times 30 days ago and whose bank is released; a heparin lot is there already."""
    collected = ledger.clock() - timedelta(days=30 * months)
    with ledger.read() as session:
        lot = session.exec(select(Lot.code)).first()
    made = do(
        ledger, "subject", number=number, name=f"Somebody {number}", born="1969-04-12", route=route, collected_at=collected.isoformat(),
        lot=lot or "", without=list(without),
    )  # fmt: skip
    return Someone(made["coi"], number, made["wristband"], made["batch"], route)


def dosed(
    ledger: Ledger, who: Someone, infusion: int = 1, *, minutes: float = 60, without: Iterable[str] = (), order: str = "",
    decision: str = "released",
) -> Ready:  # fmt: skip
    """A dose for this subject is on the ward; the thaw of its first vial began so many minutes ago."""
    thawed = ledger.clock() - timedelta(minutes=minutes)
    made = do(
        ledger, "dose", subject=who.coi, batch=who.batch, infusion=infusion, route=who.route, thawed_at=thawed.isoformat(),
        without=list(without), order=order, decision=decision,
    )  # fmt: skip
    return Ready(
        who.coi, who.number, who.wristband, made["order"], made["dose"], made["syringe"], made["label"], who.batch, tuple(made["vials"]),
        infusion, ACCESS[who.route],
    )  # fmt: skip


def built(ledger: Ledger) -> str:
    """What every subject needs: the folder in force, the list, a lot of heparin."""
    folder = story.list_imported(ledger)
    story.heparin(ledger)
    return folder


def ready(ledger: Ledger) -> Ready:
    """One subject, one dose on the ward, an hour after its thaw began."""
    built(ledger)
    return dosed(ledger, someone(ledger))


def twelve(ledger: Ledger) -> tuple[Ready, ...]:
    """The whole trial at one moment: twelve subjects, each with one dose on the ward and in date."""
    built(ledger)
    return tuple(dosed(ledger, someone(ledger, f"S{n:02}", route=ROUTES[n % 3])) for n in range(1, 13))


def trial_of(ledger: Ledger) -> Any:
    """The trial file in force."""
    with ledger.read() as session:
        return current(session).trial


def stops_of(ledger: Ledger, asked: dict[str, str], person: str = "PHYS1") -> list[str]:
    """What a check comes to: every reason to stop; none is GIVE."""
    result = ledger.do("bedside.check", asked, by=by(person)).result
    assert (result["verdict"] == "GIVE") is (result["stops"] == [])
    said: list[str] = result["stops"]
    return said


def given(ledger: Ledger, one: Ready, person: str = "PHYS1", second: str = "NURS1") -> str:
    """Confirmed and started; the code of the infusion."""
    ledger.do("bedside.confirm", one.asked(), by=by(second))
    code: str = ledger.do("bedside.give", one.asked(), by=by(person)).result
    return code


def ending(ledger: Ledger, administration: str, **changed: str) -> dict[str, str]:
    """What the end of an infusion is told with: all of the 10.0 mL."""
    at = ledger.clock() - timedelta(seconds=30)
    return {
        "administration": administration, "ended_at": at.isoformat(), "given_ml": "10.0", "left_ml": "0.2", "stopped_because": "",
        "events": "none",
    } | changed  # fmt: skip


def finished(ledger: Ledger, one: Ready) -> str:
    """Given in 20 minutes, and its end recorded; the code of the infusion."""
    code = given(ledger, one)
    story.advance(ledger, minutes=20)
    ledger.do("bedside.finish", ending(ledger, code), by=by("PHYS1"), signatures=sign("PHYS1", "NURS1"))
    return code


def cleared(ledger: Ledger, one: Ready) -> None:
    """The infusion is over and the subject may have the next when its time has come."""
    finished(ledger, one)
    asked = {"subject": one.coi, "infusion": one.infusion, "found": "no new deficit"}
    ledger.do("bedside.clear", asked, by=by("PHYS1"), signatures=sign("PHYS1"))


def who(one: Ready) -> Someone:
    """The subject of a dose, to make another for."""
    route = next(route for route, access in ACCESS.items() if access == one.access)
    return Someone(one.coi, one.number, one.wristband, one.batch, route)

"""A subject with a released bank and an order, put there by an act that only these tests know; and the ways of preparing a dose.

Its acts are in the registry only while a test of the dose runs, so that nothing else ever sees them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from backend.access.rules import Role
from backend.batch.models import Batch, BatchDecision, SampleTest
from backend.custody.acts import make_container, request_labels
from backend.custody.models import Label
from backend.custody.reads import live_label
from backend.dose.models import DoseFilled, Order, RouteOpened
from backend.ledger import REGISTRY, Declared, Ledger, Now, Open, RecordCode, Refused, SubjectCode, act, digest_of
from backend.masking.models import Assigned
from tests import story
from tests.people import by, sign

TECH = {Role.TECHNICIAN}
MASKED, MASKED_TEXT = Declared("masked"), Declared("masked", 4096)
ROUTES = {"ommaya": "OMM", "ica_low": "ICA", "ica_high": "ICA"}
VIALS = {"ommaya": 3, "ica_low": 2, "ica_high": 2}


@act("rig.bank", roles=TECH, title="Rig", tells="")
def bank(now: Now, coi: SubjectCode, collection: RecordCode, folder: Open[str], arm: Open[str], decision: Open[str]) -> dict[str, Any]:
    """A batch with so many labelled vials and a decision, a line drawn, a route opened."""
    batch = now.draw("K")
    now.add(Batch(code=batch, coi=coi, collection_code=collection, folder_code=folder, at=now.at, by="TECH1"))
    now.session.flush()
    made = [make_container(now, "cryovial", f"cryovial {n}", batch=batch, step="CRY-2", passage=2) for n in range(1, 15)]
    values = {"subject_number": "S01", "filled_on": "2026-03-02", "expires_on": "2027-03-02", "storage": "Keep at -150 °C"}
    labels = request_labels(now, "cryovial", [(one.code, values) for one in made])
    if decision:
        now.add(BatchDecision(batch_code=batch, decision=decision, why="", at=now.at, by="QA1"))
    sealed = now.seal(now.seal(arm, MASKED), MASKED_TEXT)
    now.add(Assigned(coi=coi, arm=sealed, at=now.at, by="PREP1", witness="UQA1"))
    now.add(RouteOpened(coi=coi, batch_code=batch, route=ROUTES[arm], at=now.at, by="PREP1", witness="UQA1"))
    return {"batch": batch, "vials": [one.code for one in made], "labels": [one.code for one in labels]}


@act("rig.order", roles=TECH, title="Rig", tells="")
def order(now: Now, coi: SubjectCode, infusion: Open[int], batch: RecordCode, route: Open[str], weight: Open[str]) -> str:
    """Infusion n is ordered for an hour from now."""
    row = now.add(Order(
        code=now.draw("K"), coi=coi, infusion=infusion, batch_code=batch, route=route, planned_at=now.at + timedelta(hours=1),
        weight_kg=Decimal(weight), weighed_on="2026-05-01", temperature_c=Decimal("36.8"), infection="no", at=now.at, by="PHYS1",
    ))  # fmt: skip
    return row.code


@act("rig.end_order", roles=TECH, title="Rig", tells="")
def end_order(now: Now, order: RecordCode) -> None:
    """The order is cancelled."""
    row = now.session.get_one(Order, order)
    row.ended_at, row.ended_by, row.ended_why = now.at, now.by, "The physician cancelled it."


RIG = {name: REGISTRY.pop(name) for name in [n for n in REGISTRY if n.startswith("rig.")]}


@contextmanager
def rigged() -> Iterator[None]:
    """The rig's acts can be done."""
    REGISTRY.update(RIG)
    try:
        yield
    finally:
        for name in RIG:
            REGISTRY.pop(name, None)


@dataclass
class Bank:
    """A subject whose bank is released, in one box of one tank, and whose route is opened."""

    arm: str
    coi: str
    batch: str
    vials: list[str]
    positions: dict[str, str] = field(default_factory=dict)
    order: str = ""
    dose: str = ""
    folder: str = ""
    wristband: str = ""

    @property
    def taken(self) -> list[str]:
        return self.vials[: VIALS[self.arm]]


def harvest(ledger: Ledger) -> story.Harvest:
    """The subject's marrow was collected; places stand."""
    return story.collected(ledger)


def banked(ledger: Ledger, first: story.Harvest, arm: str, decision: str = "released") -> Bank:
    """The first subject's bank of fourteen vials is stored and decided about; two months have gone by; infusion 1 is ordered."""
    boxes = story.places_built(ledger)
    given = {"coi": first.coi, "collection": first.collection, "folder": first.folder, "arm": arm, "decision": decision}
    made = ledger.do("rig.bank", given, by=by("TECH1")).result
    job = ledger.do("custody.print_labels", {"label": made["labels"]}, by=by("TECH1")).result
    for one in made["labels"]:
        ledger.do("custody.verify_label", {"print_code": job, "label": one}, by=by("TECH2"))
    ledger.do("custody.apply_label", {"label": made["labels"]}, by=by("TECH1"))
    positions = boxes.positions[0][:14]
    into = {"container": made["vials"], "position": positions, "exposure_s": "40"}
    ledger.do("custody.store", into, by=by("TECH1"), signatures=sign("TECH1", "TECH2"))
    story.advance(ledger, days=60)
    here = Bank(arm, first.coi, made["batch"], made["vials"], dict(zip(made["vials"], positions, strict=True)), folder=first.folder)
    here.wristband = first.wristband
    here.order = ordered(ledger, here)
    return here


def ordered(ledger: Ledger, here: Bank, infusion: int = 1, weight: str = "54") -> str:
    asked = {"coi": here.coi, "infusion": infusion, "batch": here.batch, "route": ROUTES[here.arm], "weight": weight}
    code: str = ledger.do("rig.order", asked, by=by("TECH1")).result
    return code


def do(ledger: Ledger, name: str, here: Bank, who: str = "PREP1", with_: str = "", **given: Any) -> Any:
    """An act on the dose, signed by whoever does it."""
    signers = sign(who, with_) if with_ else sign(who)
    extra = {"reason": given.pop("reason")} if "reason" in given else {}
    return ledger.do(f"dose.{name}", {"dose": here.dose} | given, by=by(who), signatures=signers, **extra).result


def opened(ledger: Ledger, here: Bank) -> Bank:
    """The dose compartment is open."""
    here.dose = ledger.do("dose.open", {"order": here.order}, by=by("PREP1"), signatures=sign("PREP1")).result
    return here


def picked(ledger: Ledger, here: Bank) -> Bank:
    """The vials are set aside and out of their positions."""
    do(ledger, "allocate", here, vials=here.taken)
    out = {"container": here.taken, "position": [here.positions[one] for one in here.taken], "exposure_s": "30"}
    ledger.do("custody.pick", out, by=by("PREP1"), signatures=sign("PREP1", "PREP2"), reason="For infusion 1.")
    return here


def thawed(ledger: Ledger, here: Bank, seconds: str = "95") -> Bank:
    began = ledger.clock()
    story.advance(ledger, minutes=3)
    do(ledger, "thaw", here, with_="PREP2", vials=here.taken, started_at=began.isoformat(), seconds=seconds)
    return here


WASH = {"thawed_ml": "2.0", "wash_ml": "40.0", "left_ml": "0.5", "resuspended_ml": "2.5", "strained": "1", "clumps": "0"}
OMMAYA_WASH = WASH | {"thawed_ml": "3.0"}
FIRST = {"live": "84 80 88 84", "dead": "6 7 5 6", "dilution": "10"}  # 8.4e6/mL in 2.5 mL: 2.1e7
SECOND = {"live": "80 84 84 88", "dead": "6 6 6 6", "dilution": "10"}
OMMAYA_FIRST = {"live": "160 158 162 160", "dead": "10 9 11 10", "dilution": "10"}  # 1.6e7/mL in 2.5 mL: 4.0e7
OMMAYA_SECOND = {"live": "158 160 160 162", "dead": "10 10 10 10", "dilution": "10"}

VOLUMES = {  # 2.1e7 cells make 4.2 mL of working stock; 4.0e7 make 4.0 mL of the dose
    "ica_low": {"suspension_ml": "2.5", "stock_diluent_ml": "1.7", "drawn_ml": "0.600", "diluent_ml": "11.400"},
    "ica_high": {"suspension_ml": "2.5", "stock_diluent_ml": "1.7", "drawn_ml": "2.400", "diluent_ml": "9.600"},
    "ommaya": {"suspension_ml": "2.5", "diluent_ml": "1.5"},
}
FILLS = {
    "ica_low": {"net_g": "10.40", "live": " ".join(["12 13"] * 8), "dead": " ".join(["1"] * 16), "dilution": "2"},  # 200 cells at the least
    "ica_high": {"net_g": "10.40", "live": "51 49 50 50", "dead": "3 3 3 3", "dilution": "2"},
    "ommaya": {"net_g": "2.22", "live": "100 99 101 100", "dead": "6 6 6 6", "dilution": "10"},
}


def washed(ledger: Ledger, here: Bank) -> Bank:
    wash = OMMAYA_WASH if here.arm == "ommaya" else WASH
    do(ledger, "wash", here, **wash)
    do(ledger, "wash_again", here, "PREP2", **wash)
    return here


def counted(ledger: Ledger, here: Bank) -> Bank:
    first, second = (OMMAYA_FIRST, OMMAYA_SECOND) if here.arm == "ommaya" else (FIRST, SECOND)
    do(ledger, "count", here, **first)
    do(ledger, "recount", here, "PREP2", **second)
    return here


def formulated(ledger: Ledger, here: Bank) -> Bank:
    do(ledger, "formulate", here, **VOLUMES[here.arm])
    do(ledger, "formulate_again", here, "PREP2", **VOLUMES[here.arm])
    return here


def filled(ledger: Ledger, here: Bank, **changed: str) -> Bank:
    given = FILLS[here.arm] | changed
    do(ledger, "fill", here, **given)
    do(ledger, "fill_again", here, "PREP2", **given)
    return here


def sampled(ledger: Ledger, here: Bank) -> Bank:
    do(ledger, "take_samples", here)
    do(ledger, "destroy_surplus", here, with_="PREP2")
    return here


def label(ledger: Ledger, here: Bank) -> str:
    """The label of the syringe."""
    with ledger.read() as session:
        filled = session.get_one(DoseFilled, here.dose)
        found = live_label(session, filled.container_code)
    assert found is not None
    return found.code


def labelled(ledger: Ledger, here: Bank, until: str = "apply") -> Bank:
    """The label is printed, scanned back, and on the syringe."""
    code = label(ledger, here)
    job = ledger.do("custody.print_labels", {"label": [code]}, by=by("PREP1")).result
    if until in {"verify", "apply"}:
        ledger.do("custody.verify_label", {"print_code": job, "label": code}, by=by("PREP2"))
    if until == "apply":
        ledger.do("custody.apply_label", {"label": [code]}, by=by("PREP1"))
    return here


RESULTS = {"gram": "no organisms", "endotoxin": "0.5", "appearance": "no visible clumps"}


def tested(ledger: Ledger, here: Bank, review: bool = True, only: tuple[str, ...] = tuple(RESULTS), **changed: str) -> Bank:
    """The rapid tests are in, and reviewed by another analyst."""
    with ledger.read() as session:
        rows = {row.test: row.container_code for row in session.exec(select(SampleTest).where(SampleTest.dose_code == here.dose))}
        labels = {}
        for code in rows.values():
            found = session.exec(select(Label).where(Label.of_code == code, col(Label.ended_at).is_(None))).one()
            labels[code] = found.code
    for test in only:
        code = rows[test]
        job = ledger.do("custody.print_labels", {"label": [labels[code]]}, by=by("PREP1")).result
        ledger.do("custody.verify_label", {"print_code": job, "label": labels[code]}, by=by("PREP2"))
        ledger.do("custody.apply_label", {"label": [labels[code]]}, by=by("PREP1"))
        over = {"container": [code], "to": "Quality control", "condition": "intact", "temperature_c": "5"}
        ledger.do("custody.hand_over", over, by=by("PREP1"))
        ledger.do("custody.receive", {"container": [code], "condition": "intact", "temperature_c": "5"}, by=by("ANA1"))
        ledger.do("testing.receive", {"sample": code, "condition": "intact"}, by=by("ANA1"))
        value = (RESULTS | changed)[test]
        given = {"sample": code, "test": test, "value": value, "method": "as specified"}
        result = ledger.do("testing.record", given, by=by("ANA1"), signatures=sign("ANA1")).result
        if review:
            reviewed(ledger, result)
    return here


def reviewed(ledger: Ledger, result: str) -> None:
    from backend.testing.reads import shown_result

    with ledger.read() as session:
        shown = digest_of(shown_result(session, result=result))
    ledger.do("testing.review", {"result": result}, by=by("ANA2"), signatures=sign("ANA2"), shown=shown)


def decide(ledger: Ledger, here: Bank, name: str = "release", who: str = "UQA1", **more: Any) -> Any:
    """Unmasked QA decides on what the page shows."""
    from backend.dose.reads.progress import shown_dose

    with ledger.read() as session:
        shown = digest_of(shown_dose(session, dose=here.dose))
    return ledger.do(f"dose.{name}", {"dose": here.dose}, by=by(who), signatures=sign(who), shown=shown, **more).result


def ready(ledger: Ledger, first: story.Harvest, arm: str) -> Bank:
    """A dose of this arm waits for its release, and nothing speaks against it."""
    here = opened(ledger, banked(ledger, first, arm))
    for step in (picked, thawed, washed, counted, formulated, filled, sampled, labelled, tested):
        here = step(ledger, here)
    return here


def rows(ledger: Ledger, table: Any, /, **wanted: Any) -> list[Any]:
    """The rows of a table with these values."""
    with ledger.read() as session:
        return list(session.exec(select(table).filter_by(**wanted)))


def suspend(ledger: Ledger) -> None:
    """The trial is suspended."""
    given = {"status_is": "suspended", "why": "A safety question."}
    ledger.do("trial.set_status", given, by=by("QA1"), signatures=sign("QA1"))


def hold(ledger: Ledger, about: str, why: str = "A late result.") -> None:
    """QA put something on hold."""
    ledger.do("quality.place_hold", {"about": about, "why": why}, by=by("QA1"), signatures=sign("QA1"))


def refused(ledger: Ledger, name: str, here: Bank, who: str = "PREP1", with_: str = "", **given: Any) -> Refused:
    """What an act is refused with."""
    try:
        do(ledger, name, here, who, with_, **given)
    except Refused as no:
        return no
    raise AssertionError(f"dose.{name} was not refused")

"""The second half of the story: a route is opened, infusions ordered, doses prepared by the unmasked, checked and given at the bedside.

Each function is what one or two people do, through acts only, and returns the codes that the next ones need.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from backend.batch.models import Batch
from backend.custody.models import Label, LabelApplied
from backend.dose.models import Dose, DoseFilled, Order, RouteOpened
from backend.dose.reads import shown_dose
from backend.dose.reads.correcting import shown_correction
from backend.dose.reads.progress import folder_of_dose
from backend.dose.rules.arithmetic import Recipe, counts_of, of_counts, of_wash, plan, recipe
from backend.ledger import Ledger, digest_of
from backend.masking.acts import arm_of
from backend.rehearsal.bank import pick, receive_samples, record, usual, vials_of, wait_for
from backend.rehearsal.cast import by, sign
from backend.rehearsal.player import Laboratory, Player
from backend.supplies.models import Equipment, Lot
from backend.trial.reads import folder
from backend.trial.rules.preparation_file import PrepStep

WASH: Mapping[str, Mapping[str, str]] = {
    "OMM": {"thawed_ml": "3.0", "wash_ml": "40.0", "left_ml": "0.4", "resuspended_ml": "2.0", "strained": "1", "clumps": "0"},
    "ICA": {"thawed_ml": "2.0", "wash_ml": "40.0", "left_ml": "0.5", "resuspended_ml": "2.0", "strained": "1", "clumps": "0"},
}
MISREAD = {"wash_ml": "42.0"}
COUNTED: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "OMM": (
        {"live": "168 170 167 171", "dead": "18 17 19 18", "dilution": "10"},
        {"live": "171 166 169 168", "dead": "17 19 18 18", "dilution": "10"},
    ),
    "ICA": (
        {"live": "113 111 114 112", "dead": "12 13 11 12", "dilution": "10"},
        {"live": "112 114 110 114", "dead": "13 11 12 12", "dilution": "10"},
    ),
}
"""Cells in four squares of each person's own sample, three or two vials after the wash."""


@dataclass(frozen=True)
class Prepared:
    """A dose that is ready for the ward: its order, itself, its syringe and the label on it."""

    order: str
    dose: str
    syringe: str
    label: str


def open_route(ledger: Ledger, coi: str) -> str:
    """The route of a subject is open, by two unmasked people; which it is."""
    ledger.do("dose.open_route", {"subject": coi}, by=by("PREP1"), signatures=sign("PREP1", "UQA1"))
    with ledger.read() as session:
        return session.get_one(RouteOpened, coi).route


def order(ledger: Ledger, coi: str, infusion: int, planned_at: datetime | None = None, weight_kg: str = "61.5") -> str:
    """Infusion n is ordered by a physician who examined the subject today; its code. They were weighed the day before."""
    planned = planned_at or ledger.clock() + timedelta(hours=3)
    given = {
        "subject": coi, "infusion": infusion, "planned_at": planned.isoformat(), "weight_kg": weight_kg,
        "weighed_on": (ledger.clock() - timedelta(days=1)).date().isoformat(), "temperature_c": "36.6", "infection": "no",
    }  # fmt: skip
    code: str = ledger.do("dose.order", given, by=by("PHYS1"), signatures=sign("PHYS1")).result
    return code


def recipe_of(ledger: Ledger, dose: str) -> Recipe:
    """What the unmasked preparers read on their page: what this dose is made of."""
    with ledger.read() as session:
        row = session.get_one(Dose, dose)
        trial = folder(session, session.get_one(Batch, row.batch_code).folder_code).trial
        arm = arm_of(session, ledger.keyring, row.coi)
    if arm is None:
        raise LookupError(f"no line is drawn for the subject of {dose}")
    return recipe(trial, arm)


def twice(ledger: Ledger, step: str, again: str, dose: str, first: Mapping[str, str], second: Mapping[str, str]) -> None:
    """Two preparers read one step of the preparation, each on their own sign-in."""
    ledger.do(f"dose.{step}", {"dose": dose, **first}, by=by("PREP1"), signatures=sign("PREP1"))
    ledger.do(f"dose.{again}", {"dose": dose, **second}, by=by("PREP2"), signatures=sign("PREP2"))


def scan_in(ledger: Ledger, dose: str, step: PrepStep) -> None:
    """What the laboratory has of what this step asks for is scanned into it."""
    with ledger.read() as session:
        supplies = folder_of_dose(session, session.get_one(Dose, dose)).trial.preparation.supplies[step].supplies
        queries = (select(Lot.code).where(Lot.item == kind) if part == "material" else select(Equipment.code).where(Equipment.kind == kind)
                   for part, kind in supplies)  # fmt: skip
        found = [session.exec(query).first() for query in queries]
    for code in found:
        if code is not None:
            ledger.do("dose.scan", {"dose": dose, "step": step, "code": code}, by=by("PREP1"))


def thaw(ledger: Ledger, order_code: str) -> tuple[str, Recipe]:
    """The dose compartment is open and the vials of a dose are thawed: its clock runs; the dose and what it is made of."""
    with ledger.read() as session:
        asked = session.get_one(Order, order_code)
    made: str = ledger.do("dose.open", {"order": order_code}, by=by("PREP1"), signatures=sign("PREP1")).result
    found = recipe_of(ledger, made)
    pairs = vials_of(ledger, asked.batch_code)[: found.route.vials]
    vials = [vial for vial, _ in pairs]
    ledger.do("dose.allocate", {"dose": made, "vials": vials}, by=by("PREP1"))
    pick(ledger, pairs, "For a dose.", "PREP1", "PREP2")
    scan_in(ledger, made, "thaw")
    given = {"dose": made, "vials": vials, "started_at": ledger.clock().isoformat(), "seconds": "95"}
    ledger.do("dose.thaw", given, by=by("PREP1"), signatures=sign("PREP1", "PREP2"))
    return made, found


def fill(ledger: Ledger, made: str, found: Recipe, misread: bool = False) -> None:
    """Thawed cells are washed, counted, made up and filled, each step read by two people; both may have misread the wash."""
    pass_minutes(ledger, 12)
    washed = {**WASH[found.arm.route], **MISREAD} if misread else WASH[found.arm.route]
    scan_in(ledger, made, "wash")
    twice(ledger, "wash", "wash_again", made, washed, washed)
    pass_minutes(ledger, 20)
    counts = COUNTED[found.arm.route]
    scan_in(ledger, made, "count")
    twice(ledger, "count", "recount", made, *counts)
    pass_minutes(ledger, 8)
    volumes = made_up(found, counts)
    scan_in(ledger, made, "formulate")
    twice(ledger, "formulate", "formulate_again", made, volumes, volumes)
    pass_minutes(ledger, 10)
    scan_in(ledger, made, "fill")
    twice(ledger, "fill", "fill_again", made, *filled(found))


def correct_wash(ledger: Ledger, dose: str, found: Recipe) -> None:
    """The wash was misread and matched so; it is corrected, read again by two people, and unmasked QA lifts the hold (decision F2)."""
    given, why = {"dose": dose, "step": "wash"}, "The line of the cylinder was read from above."
    ledger.do("dose.correct", given, by=by("PREP2"), signatures=sign("PREP2"), reason=why)
    pass_minutes(ledger, 3)
    right = WASH[found.arm.route]
    twice(ledger, "wash", "wash_again", dose, right, right)
    pass_minutes(ledger, 2)
    with ledger.read() as session:
        shown = digest_of(shown_correction(session, dose=dose))
    why = "Both read the same now, and what follows from it conforms."
    ledger.do("dose.lift_hold", {"dose": dose}, by=by("UQA1"), signatures=sign("UQA1"), reason=why, shown=shown)


def prepare(ledger: Ledger, order_code: str, misread: bool = False) -> Prepared:
    """The dose of an order is made and released for its subject."""
    made = make(ledger, order_code, misread)
    release(ledger, made)
    return ready(ledger, made)


def make(ledger: Ledger, order_code: str, misread: bool = False) -> str:
    """The dose of an order is thawed, washed, counted, made up, filled, sampled and tested, and waits for its release; its code.

    When the wash was `misread`, it is corrected.
    """
    made, found = thaw(ledger, order_code)
    fill(ledger, made, found, misread)
    with ledger.read() as session:
        batch = session.get_one(Dose, made).batch_code
    ledger.do("dose.take_samples", {"dose": made}, by=by("PREP1"), signatures=sign("PREP1"))
    Player(Laboratory({}, {}, ()), performer="PREP1").put_labels_on(ledger, batch)
    with ledger.read() as session:
        tests = wait_for(session, batch, made)
    receive_samples(ledger, {one.container_code for one in tests})
    pass_minutes(ledger, 40)
    for one in tests:
        if one.test != "sterility":
            record(ledger, one.container_code, one.test, one.method, usual(one))
    ledger.do("dose.destroy_surplus", {"dose": made}, by=by("PREP1"), signatures=sign("PREP1", "PREP2"))
    if misread:
        correct_wash(ledger, made, found)
    return made


def ready(ledger: Ledger, made: str) -> Prepared:
    """A released dose with its syringe and the label on it."""
    with ledger.read() as session:
        syringe = session.get_one(DoseFilled, made).container_code
        label = session.exec(
            select(Label.code).join(LabelApplied, col(LabelApplied.label_code) == Label.code)
            .where(Label.of_code == syringe, col(Label.ended_at).is_(None))
        ).one()  # fmt: skip
        return Prepared(session.get_one(Dose, made).order_code, made, syringe, label)


def release(ledger: Ledger, dose: str) -> None:
    """Unmasked QA has read the preparation and releases the dose."""
    with ledger.read() as session:
        shown = digest_of(shown_dose(session, dose=dose))
    ledger.do("dose.release", {"dose": dose}, by=by("UQA1"), signatures=sign("UQA1"), shown=shown)


def made_up(found: Recipe, counts: tuple[Mapping[str, str], Mapping[str, str]]) -> dict[str, str]:
    """The volumes that are pipetted for this dose, as the preparers' page works them out, to the microlitre."""
    first, second = (counts_of(one["live"], one["dead"], Decimal(one["dilution"])) for one in counts)
    suspension = Decimal("2.0")
    worked = plan(found, of_wash(found, of_counts(first, second), suspension), suspension)
    return {"suspension_ml": str(suspension)} | {name: str(value.quantize(Decimal("0.001"))) for name, value in worked.items()}


def filled(found: Recipe) -> tuple[dict[str, str], dict[str, str]]:
    """The weight of the filled syringe, and what two people count in nine squares of what is left."""
    net = str((found.route.fill.number * found.preparation.density.number).quantize(Decimal("0.001")))
    dilution = 10 if found.target >= Decimal(5_000_000) else 1
    per_square = int(found.target / 10_000 / dilution)
    live = " ".join(str(per_square + n) for n in (0, 1, -1, 0, 1, -1, 0, 1, -1))
    again = " ".join(str(per_square + n) for n in (1, 0, -1, 1, 0, -1, 1, 0, -1))
    dead = " ".join(["2", "3", "2"] * 3)
    same = {"net_g": net, "dead": dead, "dilution": str(dilution)}
    return same | {"live": live}, same | {"live": again}


def pass_minutes(ledger: Ledger, minutes: int) -> None:
    """Time passes, on a clock that can be moved."""
    advance = getattr(ledger.clock, "advance", None)
    if advance is not None:
        advance(minutes=minutes)


# ---- the ward ----


def bring(ledger: Ledger, made: Prepared) -> None:
    """The dose goes from the preparer's hands into the nurse's."""
    over = {"container": [made.label], "condition": "intact", "temperature_c": "5.0", "seal": "D-17"}
    ledger.do("custody.hand_over", over | {"to": "Ward", "logger": "LG-2", "within_minutes": 30}, by=by("PREP1"))
    pass_minutes(ledger, 15)
    ledger.do("custody.receive", over, by=by("NURS1"))


def stated(ledger: Ledger, made: Prepared, wristband: str) -> dict[str, Any]:
    """What is stated and scanned at the bedside: the access in place, the wristband, the dose."""
    with ledger.read() as session:
        asked = session.get_one(Order, made.order)
        trial = folder(session, session.get_one(Batch, asked.batch_code).folder_code).trial
    return {"order": made.order, "access": trial.routes[asked.route].access, "wristband": wristband, "dose": made.label}


def give(ledger: Ledger, made: Prepared, wristband: str) -> str:
    """The check says GIVE, a second person confirms it on their own, and the infusion starts; its code."""
    given = stated(ledger, made, wristband)
    ledger.do("bedside.check", given, by=by("NURS1"))
    ledger.do("bedside.confirm", given, by=by("NURS2"))
    code: str = ledger.do("bedside.give", given, by=by("NURS1")).result
    return code


def finish(ledger: Ledger, administration: str, given_ml: str, left_ml: str, because: str = "", events: str = "none") -> None:
    """The infusion is over, and two people say what went in and what was left."""
    given = {
        "administration": administration, "ended_at": ledger.clock().isoformat(), "given_ml": given_ml, "left_ml": left_ml,
        "stopped_because": because, "events": events,
    }  # fmt: skip
    ledger.do("bedside.finish", given, by=by("NURS1"), signatures=sign("NURS1", "NURS2"))


def clear(ledger: Ledger, coi: str, infusion: int) -> None:
    """A physician examined the subject after infusion n and clears them for the next."""
    given = {"subject": coi, "infusion": infusion, "found": "Well, no fever, no new deficit."}
    ledger.do("bedside.clear", given, by=by("PHYS1"), signatures=sign("PHYS1"))


def read_sterility(ledger: Ledger, batch: str, dose: str, value: str | None = None) -> None:
    """The day-14 sterility of a dose is read and reviewed."""
    with ledger.read() as session:
        (asked,) = [one for one in wait_for(session, batch, dose) if one.test == "sterility"]
    record(ledger, asked.container_code, asked.test, asked.method, {"value": value} if value else usual(asked))


def label_ml(ledger: Ledger, made: Prepared) -> Decimal:
    """What the label of a dose says is given, mL."""
    with ledger.read() as session:
        return session.get_one(DoseFilled, made.dose).label_ml


def lose(ledger: Ledger, made: Prepared) -> None:
    """The syringe broke before anything was given: the dose is disposed of by two people, and its order stays for another."""
    given = {"dose": made.dose, "because": "broken", "order": "stays"}
    why = "The syringe fell and broke; everything was wiped up and destroyed."
    ledger.do("dose.dispose", given, by=by("NURS1"), signatures=sign("NURS1", "NURS2"), reason=why)

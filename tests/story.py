"""Points of the story that tests begin from. Each builder tells it so far with the permanent cast and returns the codes it made.

Use them as stages: `at("bound", story.bound)` builds the record once per engine and gives every test a copy.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from backend.access.reads import live_badge
from backend.ledger import Ledger
from backend.rehearsal.player import Player, furnish
from backend.trial.reads import current
from tests.people import by, sign

FOLDER = Path(__file__).parent.parent / "batch_templates" / "nct06997939"


# ---- the trial ----


@cache
def folder_files() -> Mapping[str, bytes]:
    """The files of the trial folder that comes with the program."""
    return {path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.yaml"))}


def folder_proposed(ledger: Ledger) -> str:
    """The trial folder waits for its approval; its code."""
    code: str = ledger.do("trial.propose_folder", {"files": folder_files()}, by=by("TECH3"), signatures=sign("TECH3")).result
    return code


def approve(ledger: Ledger, folder: str, people: tuple[str, str] = ("QA1", "PHYS1")) -> None:
    """A proposed folder is in force, signed by these two."""
    from backend.ledger import digest_of
    from backend.trial.reads import shown_folder

    with ledger.read() as session:
        shown = digest_of(shown_folder(session, folder=folder))
    ledger.do("trial.approve_folder", {"folder": folder}, by=by(people[0]), signatures=sign(*people), shown=shown)


def folder_approved(ledger: Ledger) -> str:
    """A trial folder is in force; its code."""
    folder = folder_proposed(ledger)
    approve(ledger, folder)
    return folder


def badge(ledger: Ledger, person: str) -> str:
    """The badge of somebody, printed and scanned back, once a trial folder is in force; its code."""
    with ledger.read() as session:
        live = live_badge(session, person)
        assert live is not None
    ledger.do("custody.print_badge", {"badge": live.code}, by=by("ADM1"))
    ledger.do("access.verify_badge", {"badge": live.code}, by=by("ADM1"))
    return live.code


ARMS = ("ommaya", "ica_low", "ica_high")
LIST = "line,arm\n" + "".join(f"{n},{ARMS[n * 7 % 3]}\n" for n in range(1, 13))


def checksum(text: str = LIST) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def list_imported(ledger: Ledger) -> str:
    """The folder is in force and the randomisation list is sealed; the folder's code."""
    folder = folder_approved(ledger)
    given = {"text": LIST, "checksum": checksum()}
    ledger.do("masking.import_list", given, by=by("RAND1"), signatures=sign("RAND1", "UQA1"))
    return folder


# ---- places and supplies ----


@dataclass(frozen=True)
class Boxes:
    """Two boxes, one in each of two tanks, and the positions of each from A1 to I9."""

    codes: list[str]
    positions: list[list[str]]


def places_built(ledger: Ledger) -> Boxes:
    """Two tanks stand in the cryo room, each with a rack for quarantine and a box in it."""
    from sqlmodel import select

    from backend.custody.models import Place

    def add(kind: str, name: str, parent: str | None = None, **more: str) -> str:
        given = {"kind": kind, "name": name} | ({"parent": parent} if parent else {}) | more
        code: str = ledger.do("custody.add_place", given, by=by("ADM1")).result
        return code

    room = add("room", "Cryo room", add("building", "Building 3", add("site", "Cell laboratory")))
    codes = []
    for number in (1, 2):
        rack = add("rack", f"Rack R{number}", add("tank", f"Tank {number}", room), zone="quarantine")
        codes.append(ledger.do("custody.add_box", {"rack": rack, "name": f"Box {number}"}, by=by("ADM1")).result)
    with ledger.read() as session:
        found = [list(session.exec(select(Place.code).where(Place.parent_code == box).order_by(Place.name))) for box in codes]
    return Boxes(codes, found)


def lots_received(ledger: Ledger) -> dict[str, str]:
    """A lot of every material and a piece of every equipment that the master record names; what it is called to its code."""
    from backend.trial.rules import folder_of

    record = folder_of(folder_files()).master
    made: dict[str, str] = {}
    for number, item in enumerate(record.materials, 1):
        given = {"item": item, "maker": "Example Reagents", "lot_number": f"26-{number:03}", "expires_on": "2028-12-31", "grade": "GMP"}
        made[item] = ledger.do("supplies.receive_lot", given, by=by("TECH1")).result
    for number, kind in enumerate(record.equipment, 1):
        given = {"kind": kind, "name": f"EQ-{number}", "serial_number": f"SN {number}", "calibrated_until": "2027-12-31"}
        made[kind] = ledger.do("supplies.register_equipment", given, by=by("TECH1")).result
    return made


# ---- subjects ----


@dataclass(frozen=True)
class Somebody:
    """An invented person who may be enrolled."""

    number: str
    full_name: str
    record_number: str
    birth_date: str
    sex: str


PEOPLE = (
    Somebody("S01", "Gao Lihua", "MRN-204417", "1969-04-12", "female"),
    Somebody("S02", "Ma Jianguo", "MRN-198850", "1964-11-30", "male"),
    Somebody("S03", "Yan Xiu", "MRN-221073", "1975-02-08", "female"),
)


def answers(ledger: Ledger, **changed: str) -> dict[str, str]:
    """An answer to every criterion that refuses nobody, with these changed (`END_STAGE="yes"` for END-STAGE)."""
    from backend.subject.rules import asked
    from backend.trial.reads import current

    with ledger.read() as session:
        trial = current(session).trial
    kinds = {c.code: c for c in trial.eligibility}
    good = {
        "STROKE": (ledger.clock() - timedelta(days=180)).date().isoformat(),
        "NIHSS": "8",
        "MRS": "4",
        "SYSTOLIC": "138",
        "DIASTOLIC": "84",
    }
    for code in asked(trial):
        accept = kinds[code].accept
        if code not in good:
            good[code] = accept[0] if isinstance(accept, tuple) else "no"
    return good | {code.replace("_", "-"): value for code, value in changed.items()}


def enrolling(ledger: Ledger, who: Somebody = PEOPLE[0], **changed: str) -> dict[str, Any]:
    """What the enrolment form sends for somebody; `changed` answers as in `answers`."""
    return {
        "number": who.number, "full_name": who.full_name, "record_number": who.record_number, "birth_date": who.birth_date, "sex": who.sex,
        "answers": answers(ledger, **changed), "consent_form": "ICF 1.0", "consent_protocol": "1.0", "consent_by": "subject",
        "consent_on": ledger.clock().date().isoformat(),
    }  # fmt: skip


def enrol(ledger: Ledger, who: Somebody = PEOPLE[0]) -> str:
    """Somebody is enrolled; their CoI."""
    coi: str = ledger.do("subject.enrol", enrolling(ledger, who), by=by("COOR1"), signatures=sign("COOR1")).result
    return coi


def serology(ledger: Ledger, coi: str, days_ago: int = 5, **outcomes: str) -> dict[str, Any]:
    """What the serology form sends: everything non-reactive but what `outcomes` changes (`anti_HBc="reactive"` for anti-HBc)."""
    found = dict.fromkeys(("HBsAg", "anti-HBc", "anti-HBs", "anti-HCV", "HIV", "syphilis"), "non-reactive")
    found |= {code.replace("_", "-"): value for code, value in outcomes.items()}
    return {
        "subject": coi, "laboratory": "Central laboratory", "sampled_on": (ledger.clock() - timedelta(days=days_ago)).date().isoformat(),
        "outcomes": found, "assays": dict.fromkeys(found, "CLIA"), "references": dict.fromkeys(found, "non-reactive"),
    }  # fmt: skip


def stated(coi: str, who: Somebody) -> dict[str, str]:
    return {"subject": coi, "stated_name": who.full_name, "stated_birth_date": who.birth_date}


def bind(ledger: Ledger, coi: str, who: Somebody = PEOPLE[0]) -> str:
    """Serology is there, the reference sample is taken, the subject is bound and wears a wristband; its code."""
    ledger.do("subject.record_serology", serology(ledger, coi), by=by("NURS1"), signatures=sign("NURS1"))
    tubes = {"subject": coi, "material": "blood", "tubes": 2, "taken_at": ledger.clock().isoformat()}
    ledger.do("subject.take_reference", tubes, by=by("NURS2"), signatures=sign("NURS2", "PHYS1"))
    band: str = ledger.do("subject.bind", stated(coi, who), by=by("COOR1"), signatures=sign("COOR1", "NURS1")).result
    wear(ledger, band)
    return band


def wear(ledger: Ledger, band: str) -> None:
    """A wristband is printed, scanned back and worn."""
    for name in ("subject.print_wristband", "subject.verify_wristband"):
        ledger.do(name, {"wristband_code": band}, by=by("COOR1"))


@dataclass(frozen=True)
class Enrolled:
    """A subject so far: the folder in force, the CoI, and who they are."""

    folder: str
    coi: str
    who: Somebody = PEOPLE[0]
    wristband: str = ""


def enrolled(ledger: Ledger) -> Enrolled:
    """The first subject is enrolled."""
    folder = list_imported(ledger)
    return Enrolled(folder, enrol(ledger))


def bound(ledger: Ledger) -> Enrolled:
    """The first subject is bound to the CoI and wears a wristband."""
    first = enrolled(ledger)
    return replace(first, wristband=bind(ledger, first.coi))


# ---- collections ----


@dataclass(frozen=True)
class Harvest:
    """A subject whose marrow is on its way: what is bound, ordered, labelled; and the lot of heparin."""

    folder: str
    coi: str
    who: Somebody
    wristband: str
    collection: str
    bag: str
    label: str
    heparin: str


def heparin(ledger: Ledger, expires_on: str = "2030-01-31") -> str:
    """A lot of heparin is received; its code."""
    lot = {"item": "heparin", "maker": "Invented Pharma", "lot_number": f"H-{expires_on}", "expires_on": expires_on, "grade": "Ph. Eur."}
    code: str = ledger.do("supplies.receive_lot", lot, by=by("TECH1")).result
    return code


def bag_of(ledger: Ledger, collection: str) -> tuple[str, str]:
    """The bag of a collection's kit and its live label."""
    from backend.collection.reads import live_label, marrow_bag

    with ledger.read() as session:
        bag = marrow_bag(session, collection).code
        label = live_label(session, bag)
    assert label is not None
    return bag, label.code


def print_and_verify(ledger: Ledger, label: str) -> None:
    """A label is on paper and was scanned back."""
    job = ledger.do("custody.print_labels", {"label": [label]}, by=by("COOR1")).result
    ledger.do("custody.verify_label", {"print_code": job, "label": label}, by=by("COOR1"))


def order(ledger: Ledger, coi: str, because: str | None = None) -> str:
    """The harvest is ordered for the next hour; its code."""
    asked = {"subject": coi, "planned_at": (ledger.clock() + timedelta(hours=1)).isoformat(), "because": because}
    code: str = ledger.do("collection.order", asked, by=by("PHYS1"), signatures=sign("PHYS1")).result
    return code


def harvested(ledger: Ledger, first: Enrolled) -> Harvest:
    """The harvest of a bound subject is ordered, its kit made up and its label printed and scanned back."""
    collection = order(ledger, first.coi)
    bag, label = bag_of(ledger, collection)
    print_and_verify(ledger, label)
    return Harvest(first.folder, first.coi, first.who, first.wristband, collection, bag, label, heparin(ledger))


def ordered(ledger: Ledger) -> Harvest:
    """The first subject's harvest is ordered and the kit is on the ward."""
    return harvested(ledger, bound(ledger))


def bedside(ledger: Ledger, now: Harvest, **changed: Any) -> dict[str, Any]:
    """What the bedside form sends, half an hour after the order."""
    advance(ledger, minutes=45)
    ended = ledger.clock() - timedelta(minutes=5)
    return {
        "collection": now.collection, "wristband": now.wristband, "label": now.label, "site": "left iliac crest", "passes": 6,
        "heparin_lot": now.heparin, "heparin_iu_per_ml": "40", "volume_ml": "31.5",
        "started_at": (ended - timedelta(minutes=25)).isoformat(), "ended_at": ended.isoformat(),
    } | changed  # fmt: skip


def advance(ledger: Ledger, **by: float) -> None:
    """Time passes: the clock of a test can be moved."""
    from tests.conftest import Clock

    assert isinstance(ledger.clock, Clock)
    ledger.clock.advance(**by)


def collect(ledger: Ledger, now: Harvest, **changed: Any) -> None:
    """The marrow is taken at the bedside."""
    ledger.do("collection.collect", bedside(ledger, now, **changed), by=by("PHYS1"), signatures=sign("PHYS1", "NURS1"))


def collected(ledger: Ledger) -> Harvest:
    """The first subject's marrow is in its labelled bag: 31.5 mL."""
    now = ordered(ledger)
    collect(ledger, now)
    return now


def pack(ledger: Ledger, now: Harvest, seal: str = "8841", temperature_c: str = "20.5") -> None:
    """The bag is sealed in its box and given to the courier, who gives it to the laboratory."""
    given = {"collection": now.collection, "bag": now.label, "box": "TB-3", "seal": seal, "logger": "LG-17", "temperature_c": temperature_c}
    ledger.do("collection.pack", given, by=by("NURS1"))
    over = {"container": [now.label], "condition": "intact", "temperature_c": temperature_c, "seal": seal}
    ledger.do("custody.hand_over", over | {"to": "Courier Kong Bo", "logger": "LG-17"}, by=by("NURS1"))
    ledger.do("custody.receive", over, by=by("COUR1"))
    advance(ledger, minutes=40)
    ledger.do("custody.hand_over", over | {"to": "Cell laboratory", "logger": "LG-17", "within_minutes": 60}, by=by("COUR1"))


def receive(ledger: Ledger, now: Harvest, seal: str = "8841", temperature_c: str = "19.8") -> None:
    """The laboratory receives the bag."""
    found = {"collection": now.collection, "bag": now.label, "seal": seal, "temperature_c": temperature_c, "condition": "intact"}
    ledger.do("collection.receive", found, by=by("TECH1"))


def received(ledger: Ledger) -> Harvest:
    """The first subject's marrow is in the laboratory's hands."""
    now = collected(ledger)
    pack(ledger, now)
    receive(ledger, now)
    return now


# ---- a batch ----


@dataclass
class Run:
    """A batch at a point of its record: the harvest it came from, its code, and the people who play it."""

    harvest: Harvest
    batch: str
    player: Player


def batch_opened(ledger: Ledger) -> Run:
    """A batch is open from the first subject's marrow; the laboratory has everything its master record names."""
    harvest = received(ledger)
    with ledger.read() as session:
        master = current(session).master
    boxes = places_built(ledger)
    laboratory = furnish(ledger, master, tuple(tuple(one) for one in boxes.positions))
    player = Player(laboratory)
    return Run(harvest, player.open(ledger, harvest.collection), player)


def batch_at(step: str, passage: str = "") -> Callable[[Ledger], Run]:
    """A batch that has come as far as this step: `at("at MNC-4", story.batch_at("MNC-4"))`."""

    def told(ledger: Ledger) -> Run:
        run = batch_opened(ledger)
        run.player.play_until(ledger, run.batch, step, passage)
        return run

    return told


def frozen(ledger: Ledger) -> Run:
    """Fourteen vials are in two tanks and the master record is carried out."""
    run = batch_opened(ledger)
    run.player.play_until(ledger, run.batch)
    return run


@dataclass
class TwoRuns(Run):
    """Two subjects' batches side by side; `other` is the second subject's harvest."""

    other: Harvest


def two_batches(ledger: Ledger) -> TwoRuns:
    """The first subject's batch is at REC-2; the second subject's marrow lies in the same laboratory."""
    run = batch_opened(ledger)
    who = PEOPLE[1]
    coi = enrol(ledger, who)
    band = bind(ledger, coi, who)
    collection = order(ledger, coi)
    bag, label = bag_of(ledger, collection)
    print_and_verify(ledger, label)
    other = Harvest(run.harvest.folder, coi, who, band, collection, bag, label, run.harvest.heparin)
    collect(ledger, other)
    pack(ledger, other)
    receive(ledger, other)
    run.player.play_until(ledger, run.batch, "REC-2")
    return TwoRuns(run.harvest, run.batch, run.player, other)


def opened_twice(ledger: Ledger) -> Run:
    """A first marrow and a re-collection, each with its batch, under one CoI."""
    run = batch_opened(ledger)
    again = replace(run.harvest, collection=order(ledger, run.harvest.coi, "The first marrow was short."))
    bag, label = bag_of(ledger, again.collection)
    print_and_verify(ledger, label)
    again = replace(again, bag=bag, label=label)
    collect(ledger, again)
    pack(ledger, again)
    receive(ledger, again)
    return Run(again, run.player.open(ledger, again.collection), run.player)

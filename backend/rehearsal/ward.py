"""The hospital's half of the story: a trial is set up, a subject enrolled and bound, marrow harvested and brought to the laboratory.

Each function is what one or two people do, through acts only, and returns the codes that the next ones need.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from sqlmodel import select

from backend.collection.reads import live_label, marrow_bag
from backend.custody.models import Place
from backend.ledger import Ledger, digest_of
from backend.rehearsal.cast import by, sign
from backend.rehearsal.scripts import Somebody
from backend.subject.rules import asked
from backend.trial.reads import current, shown_folder

SEAL, LOGGER = "8841", "LG-17"


# ---- the trial is set up ----


def propose_folder(ledger: Ledger, files: Mapping[str, bytes]) -> str:
    """The trial folder waits for its approval; its code."""
    code: str = ledger.do("trial.propose_folder", {"files": files}, by=by("TECH3"), signatures=sign("TECH3")).result
    return code


def approve_folder(ledger: Ledger, folder: str) -> None:
    """A proposed folder is in force."""
    with ledger.read() as session:
        shown = digest_of(shown_folder(session, folder=folder))
    ledger.do("trial.approve_folder", {"folder": folder}, by=by("QA1"), signatures=sign("QA1", "PHYS1"), shown=shown)


def import_list(ledger: Ledger, rng: Random) -> None:
    """The randomisation list is sealed: every arm equally often, in an order from the seed."""
    with ledger.read() as session:
        trial = current(session).trial
    arms = [arm for arm in trial.arms for _ in range(trial.enrolment.at_most // len(trial.arms))]
    rng.shuffle(arms)
    text = "line,arm\n" + "".join(f"{n},{arm}\n" for n, arm in enumerate(arms, 1))
    given = {"text": text, "checksum": hashlib.sha256(text.encode()).hexdigest()}
    ledger.do("masking.import_list", given, by=by("RAND1"), signatures=sign("RAND1", "UQA1"))


def build_places(ledger: Ledger, boxes: int) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Two tanks with a quarantine rack each, and for each subject a box in either; the positions of each pair of boxes."""

    def add(kind: str, name: str, parent: str | None = None, **more: str) -> str:
        given = {"kind": kind, "name": name} | ({"parent": parent} if parent else {}) | more
        code: str = ledger.do("custody.add_place", given, by=by("ADM1")).result
        return code

    room = add("room", "Cryo room", add("building", "Building 3", add("site", "Cell laboratory")))
    racks = [add("rack", f"Rack R{n}", add("tank", f"Tank {n}", room), zone="quarantine") for n in (1, 2)]
    pairs = []
    for number in range(1, boxes + 1):
        made = [ledger.do("custody.add_box", {"rack": rack, "name": f"Box {number:02}"}, by=by("ADM1")).result for rack in racks]
        pairs.append((_positions(ledger, made[0]), _positions(ledger, made[1])))
    return pairs


def _positions(ledger: Ledger, box: str) -> tuple[str, ...]:
    with ledger.read() as session:
        return tuple(session.exec(select(Place.code).where(Place.parent_code == box).order_by(Place.name)))


def receive_heparin(ledger: Ledger, expires_on: str = "2030-01-31") -> str:
    """A lot of heparin is received; its code."""
    lot = {"item": "heparin", "maker": "Invented Pharma", "lot_number": f"H-{expires_on}", "expires_on": expires_on, "grade": "Ph. Eur."}
    code: str = ledger.do("supplies.receive_lot", lot, by=by("TECH1")).result
    return code


# ---- a subject ----


def answers(ledger: Ledger) -> dict[str, str]:
    """An answer to every criterion that refuses nobody."""
    with ledger.read() as session:
        trial = current(session).trial
    kinds = {c.code: c for c in trial.eligibility}
    stroke = (ledger.clock() - timedelta(days=180)).date().isoformat()
    good = {"STROKE": stroke, "NIHSS": "8", "MRS": "4", "SYSTOLIC": "138", "DIASTOLIC": "84"}
    for code in asked(trial):
        accept = kinds[code].accept
        good.setdefault(code, accept[0] if isinstance(accept, tuple) else "no")
    return good


def enrolling(ledger: Ledger, who: Somebody) -> dict[str, Any]:
    """What the enrolment form sends for somebody."""
    with ledger.read() as session:
        consent = current(session).trial.consent
    return {
        "number": who.number, "full_name": who.full_name, "record_number": who.record_number, "birth_date": who.birth_date, "sex": who.sex,
        "answers": answers(ledger), "consent_form": consent.form, "consent_protocol": consent.protocol, "consent_by": "subject",
        "consent_on": ledger.clock().date().isoformat(),
    }  # fmt: skip


def enrol(ledger: Ledger, who: Somebody) -> str:
    """Somebody is enrolled; their CoI."""
    coi: str = ledger.do("subject.enrol", enrolling(ledger, who), by=by("COOR1"), signatures=sign("COOR1")).result
    return coi


def enrol_similar(ledger: Ledger, who: Somebody) -> str:
    """Somebody is enrolled who has the name and birth date of somebody else; two people saw a third identifier."""
    given = enrolling(ledger, who) | {"third_identifier": who.third_identifier}
    why = "The identity card and the record number are another person's."
    coi: str = ledger.do("subject.enrol_similar", given, by=by("COOR1"), signatures=sign("COOR1", "NURS1"), reason=why).result
    return coi


def screen(ledger: Ledger, coi: str) -> None:
    """Serology is there, and blood for the STR reference."""
    with ledger.read() as session:
        found = {one.code: (one.accept or one.of)[0] for one in current(session).trial.serology.analytes}
    given = {
        "subject": coi, "laboratory": "Central laboratory", "sampled_on": (ledger.clock() - timedelta(days=5)).date().isoformat(),
        "outcomes": found, "assays": dict.fromkeys(found, "CLIA"), "references": dict.fromkeys(found, "non-reactive"),
    }  # fmt: skip
    ledger.do("subject.record_serology", given, by=by("NURS1"), signatures=sign("NURS1"))
    tubes = {"subject": coi, "material": "blood", "tubes": 2, "taken_at": ledger.clock().isoformat()}
    ledger.do("subject.take_reference", tubes, by=by("NURS2"), signatures=sign("NURS2", "PHYS1"))


def bind(ledger: Ledger, coi: str, who: Somebody) -> str:
    """The subject is bound to the CoI and wears a wristband; its code."""
    stated = {"subject": coi, "stated_name": who.full_name, "stated_birth_date": who.birth_date}
    band: str = ledger.do("subject.bind", stated, by=by("COOR1"), signatures=sign("COOR1", "NURS1")).result
    for name in ("subject.print_wristband", "subject.verify_wristband"):
        ledger.do(name, {"wristband_code": band}, by=by("COOR1"))
    return band


# ---- a harvest ----


@dataclass(frozen=True)
class Kit:
    """What is on the ward for one harvest: its order, the bag, the bag's label."""

    collection: str
    bag: str
    label: str


def order(ledger: Ledger, coi: str, because: str | None = None) -> Kit:
    """The harvest is ordered for the next hour and its label printed and scanned back."""
    planned = {"subject": coi, "planned_at": (ledger.clock() + timedelta(hours=1)).isoformat(), "because": because}
    collection = ledger.do("collection.order", planned, by=by("PHYS1"), signatures=sign("PHYS1")).result
    with ledger.read() as session:
        bag = marrow_bag(session, collection).code
        label = live_label(session, bag)
    if label is None:
        raise LookupError(f"the bag {bag} has no label")
    job = ledger.do("custody.print_labels", {"label": [label.code]}, by=by("COOR1")).result
    ledger.do("custody.verify_label", {"print_code": job, "label": label.code}, by=by("COOR1"))
    return Kit(collection, bag, label.code)


def collect(ledger: Ledger, kit: Kit, wristband: str, heparin: str, volume_ml: str) -> None:
    """The marrow is taken at the bedside and its label put on there."""
    ended = ledger.clock() - timedelta(minutes=5)
    given = {
        "collection": kit.collection, "wristband": wristband, "label": kit.label, "site": "left iliac crest", "passes": 6,
        "heparin_lot": heparin, "heparin_iu_per_ml": "40", "volume_ml": volume_ml,
        "started_at": (ended - timedelta(minutes=25)).isoformat(), "ended_at": ended.isoformat(),
    }  # fmt: skip
    ledger.do("collection.collect", given, by=by("PHYS1"), signatures=sign("PHYS1", "NURS1"))


def pack(ledger: Ledger, kit: Kit, temperature_c: str = "20.5") -> None:
    """The bag is sealed in its box and in the courier's hands."""
    given = {"collection": kit.collection, "bag": kit.label, "box": "TB-3", "seal": SEAL, "logger": LOGGER, "temperature_c": temperature_c}
    ledger.do("collection.pack", given, by=by("NURS1"))
    ledger.do("custody.hand_over", _over(kit, temperature_c) | {"to": "Courier Kong Bo", "logger": LOGGER}, by=by("NURS1"))
    ledger.do("custody.receive", _over(kit, temperature_c), by=by("COUR1"))


def bring(ledger: Ledger, kit: Kit, temperature_c: str = "20.5") -> None:
    """The courier hands the box to the laboratory."""
    to = {"to": "Cell laboratory", "logger": LOGGER, "within_minutes": 60}
    ledger.do("custody.hand_over", _over(kit, temperature_c) | to, by=by("COUR1"))


def _over(kit: Kit, temperature_c: str) -> dict[str, Any]:
    return {"container": [kit.label], "condition": "intact", "temperature_c": temperature_c, "seal": SEAL}


def receive(ledger: Ledger, kit: Kit, temperature_c: str = "19.8") -> None:
    """The laboratory receives the bag."""
    found = {"collection": kit.collection, "bag": kit.label, "seal": SEAL, "temperature_c": temperature_c, "condition": "intact"}
    ledger.do("collection.receive", found, by=by("TECH1"))

"""Points of the story that tests begin from. Each builder tells it so far with the permanent cast and returns the codes it made.

Use them as stages: `at("bound", story.bound)` builds the record once per engine and gives every test a copy.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from backend.ledger import Ledger
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


def approve(ledger: Ledger, folder: str) -> None:
    """A proposed folder is in force."""
    from backend.ledger import digest_of
    from backend.trial.reads import shown_folder

    with ledger.read() as session:
        shown = digest_of(shown_folder(session, folder=folder))
    ledger.do("trial.approve_folder", {"folder": folder}, by=by("QA1"), signatures=sign("QA1", "PHYS1"), shown=shown)


def folder_approved(ledger: Ledger) -> str:
    """A trial folder is in force; its code."""
    folder = folder_proposed(ledger)
    approve(ledger, folder)
    return folder


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
    ledger.do("subject.print_wristband", {"wristband_code": band}, by=by("COOR1"))
    return band


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

"""Every act of the registry done through the API by somebody: with codes of the record and some value for each other argument.

Most are refused. What is said then, and what the record says of it, is compared between twins; so is what a few of them do.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from fastapi.testclient import TestClient

from backend.access.rules import may
from backend.ledger import Act, Ledger
from tests.journeys.compared import TELLING, acts, client_of, hider, said
from tests.journeys.twins import Telling, alike, codes
from tests.people import CAST, PASSWORD

FIRST = ("bedside", "dose", "testing", "release", "dossier", "masking")  # before anything of the dose is void, used up or on hold
BARRED = ("QA1", "ASSE1")
OF_A_DOSE = {
    "sample": "SELECT container_code FROM sample_test WHERE dose_code IS NOT NULL ORDER BY container_code",
    "result": "SELECT r.code FROM result r JOIN sample_test s ON s.container_code = r.container_code AND s.test = r.test "
    "WHERE s.dose_code IS NOT NULL ORDER BY r.code",
    "vial": "SELECT container_code FROM dose_vial ORDER BY container_code",
    "vials": "SELECT container_code FROM dose_vial ORDER BY container_code",
    "deviation": "SELECT deviation_code FROM dose_deviation",
    "print_code": "SELECT max(code) FROM print",
    "hold_code": "SELECT max(code) FROM hold",
    "position": "SELECT max(code) FROM place WHERE kind = 'position'",
}


def tried(ledger: Ledger, told: Telling, person: str, without: str = "") -> dict[str, str]:
    """What each act answers, what is said when it is done, and then the history: every act that this person may do, but one.

    QA and an assessor try those of a dose too, which they may not do.
    """
    found = {}
    with alike(f"acts of {person}"), client_of(ledger, person) as client:
        roles = frozenset(role for who in CAST if who.person == person for role in who.roles)
        for act in sorted(acts(), key=lambda act: FIRST.index(act.room) if act.room in FIRST else len(FIRST)):
            if act.room == "access" or act.name == without or not (may(roles, act.roles) or (person in BARRED and act.room in TELLING)):
                continue
            for number, given in enumerate(_tries(ledger, told, act)):
                answer = _send(client, act, person, given)
                found[f"{act.name} {number}"] = said(answer)
                if answer.status_code == 200:
                    found[f"{act.name} {number} done"] = said(client.get(f"/done/{answer.json()['act_id']}"))
        for address in ("/history", "/api/v1/history", f"/history?chain={told.run.harvest.coi}", "/alerts", "/deviations", "/holds", "/"):
            found[address] = said(client.get(address))
        hide = hider(ledger)
    return {what: hide(answer) for what, answer in found.items()}


def _send(client: TestClient, act: Act, person: str, given: Mapping[str, Any]) -> Any:
    signed = [person] if act.signed else []
    if act.witness:
        signed += [next(who.person for who in CAST if act.witness_roles & set(who.roles) and who.person != person)]
    body = {"args": given, "signatures": [{"person": who, "password": PASSWORD} for who in signed], "reason": "R" if act.reason else ""}
    if act.shows:
        body["shown"] = client.get(f"/api/v1/acts/{act.name}/shown", params=given).json().get("shown")
    return client.post(f"/api/v1/acts/{act.name}", json=body)


def _tries(ledger: Ledger, told: Telling, act: Act) -> Iterator[dict[str, Any]]:
    known = _known(ledger, told)
    schema = act.arguments.model_json_schema()
    given = {}
    for name, asked in schema.get("properties", {}).items():
        if name in act.codes:
            code = known.get(name) or next((known[kind] for kind in act.codes[name] if kind in known), known["K"])
            if name == "dose" and "L" in act.codes[name]:
                code = known["L"]
            given[name] = [code] if _kind(asked) == "array" else code
        else:
            given[name] = _some(asked, ledger.clock())
    if act.name.startswith("bedside.") and "access" in given:
        given |= {"wristband": told.run.harvest.wristband, "dose": known["L"]}
        yield from (given | {"access": access} for access in ("Ommaya reservoir", "internal carotid catheter"))
        yield given | {"access": "internal carotid catheter", "wristband": "W", "dose": known["sample"]}
    yield given


def _known(ledger: Ledger, told: Telling) -> dict[str, str]:
    """The code that stands for an argument of this name, or of this kind; before there is a dose, the bank and a vial stand for it."""
    found = {name: made[0] for name, sql in OF_A_DOSE.items() if (made := [one for one in codes(ledger, sql) if one != "None"])}
    batch, vial = told.run.batch, codes(ledger, "SELECT min(code) FROM container WHERE kind = 'cryovial'")[0]
    order, dose, syringe, label = told.of_dose or (batch, batch, vial, codes(ledger, f"SELECT code FROM label WHERE of_code = '{vial}'")[0])
    return {"sample": syringe} | found | {
        "order": order, "dose": dose, "batch": batch, "subject": told.run.harvest.coi, "code": told.run.harvest.coi,
        "collection": told.run.harvest.collection, "administration": told.administration or order,
        "S": told.run.harvest.coi, "C": syringe, "L": label, "W": told.run.harvest.wristband, "K": dose,
        "P": found.get("position", dose),
    }  # fmt: skip


def _kind(asked: Mapping[str, Any]) -> str:
    parts = asked.get("anyOf", [asked])
    return str(next((one.get("type") for one in parts if one.get("type") != "null"), ""))


def _some(asked: Mapping[str, Any], at: datetime) -> Any:
    """A value that is one of its kind."""
    parts = [one for one in asked.get("anyOf", [asked]) if one.get("type") != "null"] or [{}]
    for one in parts:
        if "enum" in one or "const" in one:
            return one.get("const") or one["enum"][0]
    first = parts[0]
    known = {"integer": 1, "number": "1", "boolean": True, "object": {}, "array": []}
    if first.get("type") in known:
        return known[first["type"]]
    return {"date-time": at.isoformat(), "date": at.date().isoformat()}.get(first.get("format", ""), "1")

"""Codes that are nobody's, and codes that are somebody's and not yours, from every door: pages, addresses, acts (decision P4)."""

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from backend.ledger import REGISTRY, Code, Ledger, offered
from backend.ledger.acts import _recent
from backend.ledger.registry import SYSTEM, Act
from labels.codes import KINDS, draw
from tests import story
from tests.conftest import At
from tests.people import CAST, PASSWORD
from tests.visit import routes_of, signed_in, words

V1 = "/api/v1"
OUTSIDE = {"RAND1": "randomiser", "ADM1": "administrator", "ASSE1": "assessor", "COUR1": "courier"}
READERS = ("TECH1", "QA1", "COOR1", "PHYS1", "NURS1", "ANA1", "PREP1", "UQA1", "INSP1")


@pytest.fixture
def counting(at: Callable[..., At]) -> At:
    return at("at MNC-4", story.batch_at("MNC-4"))


def codes_of(ledger: Ledger, coi: str) -> dict[str, list[str]]:
    """Every code of one subject, by its kind."""
    found: dict[str, list[str]] = {}
    with ledger.read() as session:
        for row in session.exec(select(Code).where(Code.chain == coi)):
            found.setdefault(row.kind, []).append(row.code)
    return found


def addresses(client: TestClient) -> Iterator[tuple[str, str]]:
    """Every address of a page that takes one code, with the name it has there."""
    for route in routes_of(client.app):
        path, methods = getattr(route, "path", ""), getattr(route, "methods", None) or set()
        if "GET" in methods and path.count("{") == 1 and not path.startswith((V1, "/static", "/act/")):
            yield path, path[path.index("{") : path.index("}") + 1]
    for path in (
        "/scan?code={}",
        "/act/custody.put?container={}",
        "/storage?box={}",
        "/places?under={}",
        "/history?code={}",
        "/labels?coi={}",
    ):
        yield path, "{}"


@pytest.mark.enough_on_postgresql("ASSE1")
@pytest.mark.parametrize("person", OUTSIDE)
def test_every_address_answers_a_code_that_is_not_theirs_as_an_unknown_one(counting: At, person: str) -> None:
    """Decision P4. A page that they may see at all is no matter here; none may tell by its answer that a code exists."""
    ledger = counting.ledger
    client, faults, tried = signed_in(ledger, person), [], 0
    found = codes_of(ledger, counting.told.harvest.coi)  # type: ignore[attr-defined]
    for path, name in addresses(client):
        for kind, many in found.items():
            code, strange = many[0], draw(kind)
            known, unknown = client.get(path.replace(name, code)), client.get(path.replace(name, strange))
            tried += 1
            if 500 in (known.status_code, unknown.status_code):
                faults.append(f"{path} with a code of kind {kind} answers 500")
            if known.status_code not in {200, 303} and (known.status_code, words(known)) != (
                unknown.status_code, words(unknown).replace(strange, code).replace(_grouped(strange), _grouped(code)),
            ):  # fmt: skip
                faults.append(f"{path} with a code of kind {kind}: {known.status_code} {unknown.status_code}")
    assert faults == []
    assert tried > 100


@pytest.mark.enough_on_postgresql("QA1")
@pytest.mark.parametrize("person", ["TECH1", "QA1", "COOR1", "UQA1"])
def test_no_address_breaks_on_a_code_of_another_kind_or_of_nobody(counting: At, person: str) -> None:
    """Decision P4: what is unknown has an answer in words everywhere, also where a reader would see what is known."""
    ledger = counting.ledger
    client, faults = signed_in(ledger, person), []
    found = codes_of(ledger, counting.told.harvest.coi)  # type: ignore[attr-defined]
    for path, name in addresses(client):
        for code in [*(many[0] for many in found.values()), *(draw(kind) for kind in KINDS), "rubbish"]:
            status = client.get(path.replace(name, code)).status_code
            if status not in {200, 303, 403, 404, 409, 422}:
                faults.append(f"{path} with {code} answers {status}")
    assert faults == []


def _grouped(code: str) -> str:
    return "-".join(code[n : n + 4] for n in range(0, len(code), 4))


def about_codes() -> list[Act]:
    return [one for one in REGISTRY.values() if one.codes and one.roles != {SYSTEM} and not one.name.startswith(("test.", "rig."))]


@pytest.mark.enough_on_postgresql("ASSE1")
@pytest.mark.parametrize("person", OUTSIDE)
def test_an_act_that_is_not_for_somebody_is_refused_whether_the_code_exists_or_not(counting: At, person: str) -> None:
    """Decision P4: what a role does not allow says nothing about a code."""
    ledger, client = counting.ledger, _program(counting.ledger, person)
    found, faults = codes_of(ledger, counting.told.harvest.coi), []  # type: ignore[attr-defined]
    shut = [one for one in about_codes() if not one.roles & {OUTSIDE[person], "everybody"}]
    assert len(shut) > 20
    for act in shut:
        name, kinds = next(iter(act.codes.items()))
        kind = next((one for one in kinds if one in found), None)
        if kind is None:
            continue
        answers = [_asked(client, act, name, code) for code in (found[kind][0], draw(kind))]
        if answers[0] != answers[1]:
            faults.append((act.name, *answers))
    assert faults == []


def _program(ledger: Ledger, person: str) -> TestClient:
    client = signed_in(ledger, person)
    token = client.post(f"{V1}/session", json={"person": person, "password": PASSWORD}).json()["token"]
    client.headers["authorization"] = f"Bearer {token}"
    return client


def _asked(client: TestClient, act: Act, name: str, code: str) -> tuple[int, object]:
    """The act with everything that it asks for, as well as its schema alone can say."""
    others = {one: code if one in act.codes else _made_up(act, one) for one in act.arguments.model_fields if one != name}
    args = {one: value for one, value in others.items() if value is not None}
    many = "list" in str(act.arguments.model_fields[name].annotation)
    answer = client.post(f"{V1}/acts/{act.name}", json={"args": args | {name: [code] if many else code}})
    return answer.status_code, answer.json().get("refused")


def _made_up(act: Act, name: str) -> object:
    """Something that this argument takes; the fields that need more are left to the schema, which answers before any code is looked up."""
    field = act.arguments.model_fields[name]
    return None if not field.is_required() else "x"


@pytest.mark.parametrize("person", ["ASSE1", "COUR1"])
def test_who_does_not_read_the_record_is_told_no_volume_no_cells_and_no_place(counting: At, person: str) -> None:
    """An assessor must not learn how the cells are; a courier knows what they carry and whose it is."""
    ledger = counting.ledger
    found = codes_of(ledger, counting.told.harvest.coi)  # type: ignore[attr-defined]
    client, program, known = signed_in(ledger, person), _program(ledger, person), 0
    for code in (one for kind in "CLK" for one in found[kind]):
        page, answer = client.get(f"/scan?code={code}"), program.get(f"{V1}/codes/{code}")
        assert page.status_code in {200, 404}
        known += page.status_code == 200
        for text in (words(page).split("Next")[0], answer.text):
            assert not [word for word in (" mL", "Volume", "Cells", "incubator", "Tank") if word in text], (code, text)
    assert (known == 0) == (person == "ASSE1")


def test_an_assessor_scans_a_subject_and_learns_the_number_alone(counting: At) -> None:
    coi = counting.told.harvest.coi  # type: ignore[attr-defined]
    seen = words(signed_in(counting.ledger, "ASSE1").get(f"/scan?code={coi}"))
    assert story.PEOPLE[0].number in seen
    assert not [name for name in story.PEOPLE[0].full_name.split() if name in seen]
    with counting.ledger.read() as session:
        assert offered(session, coi, "S", frozenset({"assessor"})) == []


@pytest.mark.parametrize("person", READERS)
def test_those_who_read_the_record_are_told_what_a_container_is(counting: At, person: str) -> None:
    bag = counting.told.harvest.bag  # type: ignore[attr-defined]
    assert "31.5" in words(signed_in(counting.ledger, person).get(f"/scan?code={bag}"))


def test_the_cast_has_everybody_these_tests_speak_of() -> None:
    roles = {one.person: one.role for one in CAST}
    assert {person: roles[person] for person in OUTSIDE} == OUTSIDE


@pytest.mark.parametrize(("person", "status"), [("QA1", 404), ("COUR1", 403)])
def test_an_unknown_code_in_an_act_is_in_the_record_whoever_gave_it(counting: At, person: str, status: int) -> None:
    """Decision P4: what is answered alike is still noted, because a wrong label lying about is worth knowing."""
    _recent.clear()  # the limit is the process's
    ledger, client, strange = counting.ledger, _program(counting.ledger, person), draw("K")
    act = REGISTRY["batch.reject"]
    assert client.post(f"{V1}/acts/{act.name}", json={"args": {"batch": strange}, "reason": "None."}).status_code == status
    with ledger.engine.connect() as conn:
        bodies = [bytes(row[0]).decode() for row in conn.exec_driver_sql("SELECT body FROM entry WHERE act = 'ledger.unknown_code'")]
    assert [strange in body and person in body for body in bodies] == [True]

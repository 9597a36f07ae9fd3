"""The JSON API: signing in, acting, reading; the same refusals as the pages, as sentences, and never more than a page says."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.ledger import REGISTRY, Ledger
from backend.web.addresses import open_acts
from labels.codes import draw
from tests import story
from tests.people import PASSWORD, by, sign
from tests.visit import SETTINGS, signed_in, visit, words

V1 = "/api/v1"


def caller(ledger: Ledger, person: str) -> TestClient:
    """A program signed in as somebody."""
    client = visit(ledger)
    answer = client.post(f"{V1}/session", json={"person": person, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    client.headers["authorization"] = f"Bearer {answer.json()['token']}"
    return client


def seq(ledger: Ledger, chain: str = "access") -> int:
    with ledger.engine.connect() as conn:
        return int(conn.exec_driver_sql(f"SELECT seq FROM head WHERE chain = '{chain}'").scalar_one())


def test_a_token_says_who_and_until_when(ledger: Ledger) -> None:
    said = visit(ledger).post(f"{V1}/session", json={"person": "TECH1", "password": PASSWORD}).json()
    assert set(said) == {"token", "person", "roles", "expires_at"}
    assert (said["person"], said["roles"]) == ("TECH1", ["technician"])


def test_a_wrong_password_is_401_and_counted(ledger: Ledger) -> None:
    answer = visit(ledger).post(f"{V1}/session", json={"person": "TECH1", "password": "not my password"})
    assert (answer.status_code, answer.json()) == (401, {"refused": ["Person and password do not fit."]})
    with ledger.engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM sign_in_failed").scalar() == 1


@pytest.mark.parametrize("path", ["/acts", "/subjects", "/history", "/verify", "/codes/C7K3QX9M2PD44"])
def test_nothing_is_answered_without_a_token(ledger: Ledger, path: str) -> None:
    answer = visit(ledger).get(V1 + path)
    assert (answer.status_code, answer.json()) == (401, {"refused": ["Sign in first."]})
    assert answer.headers["www-authenticate"] == "Bearer"
    assert visit(ledger).get(V1 + path, headers={"authorization": "Bearer made-up"}).status_code == 401


def test_a_cookie_opens_nothing_here(ledger: Ledger) -> None:
    client = visit(ledger)
    client.post("/sign-in", data={"person": "TECH1", "password": PASSWORD})
    assert client.get("/about").status_code == 200
    assert client.get(f"{V1}/acts").status_code == 401


def test_a_token_that_was_given_back_opens_nothing(ledger: Ledger) -> None:
    client = caller(ledger, "TECH1")
    assert client.delete(f"{V1}/session").status_code == 204
    assert client.get(f"{V1}/acts").status_code == 401


def test_a_token_ends_after_its_hours(at: Callable[..., Any]) -> None:
    here = at("founded")
    client = caller(here.ledger, "TECH1")
    here.clock.advance(hours=SETTINGS.session_hours, minutes=1)
    assert client.get(f"{V1}/acts").status_code == 401


def test_every_open_act_is_listed_with_the_schema_of_its_arguments(ledger: Ledger) -> None:
    listed = {one["name"]: one for one in caller(ledger, "TECH1").get(f"{V1}/acts").json()}
    assert set(listed) == {one.name for one in open_acts()}
    grant = listed["access.grant"]
    assert (grant["roles"], grant["signed"]) == (["administrator"], "")
    assert {"person", "role"} <= set(grant["arguments"]["required"])
    assert listed["access.countersign"]["signed"] == REGISTRY["access.countersign"].signed


def test_an_act_is_done_and_answers_with_its_entries(ledger: Ledger) -> None:
    answer = caller(ledger, "ADM1").post(f"{V1}/acts/access.add_person", json={"args": {"person": "NEW1", "name": "New Person"}})
    assert answer.status_code == 200
    said = answer.json()
    assert said["result"] == "NEW1"
    assert [(one["chain"], one["seq"]) for one in said["entries"]] == [("access", seq(ledger))]


def test_r5_how_long_the_chain_of_a_subject_is_is_told_to_those_who_read_the_record(at: Callable[..., Any]) -> None:
    here = at("enrolled", story.enrolled)
    given = {"about": here.told.coi, "why": "A question."}
    hold = here.ledger.do("quality.place_hold", given, by=by("QA1"), signatures=sign("QA1")).result
    for person, told in (("ASSE1", False), ("COUR1", False), ("TECH1", True)):
        client = caller(here.ledger, person)
        answer = client.post(f"{V1}/acts/quality.acknowledge_hold", json={"args": {"hold_code": hold}}).json()
        assert [one["chain"] for one in answer["entries"]] == ([here.told.coi] if told else [])
        page = signed_in(here.ledger, person).get(f"/done/{answer['act_id']}")
        assert (f"{here.told.coi} {seq(here.ledger, here.told.coi)}" in words(page)) is told
        assert page.status_code == 200


def test_the_same_key_gets_the_same_answer_and_no_second_entry(ledger: Ledger) -> None:
    client = caller(ledger, "ADM1")
    call = {"args": {"person": "NEW1", "name": "New Person"}}
    first = client.post(f"{V1}/acts/access.add_person", json=call, headers={"idempotency-key": "once"})
    before = seq(ledger)
    second = client.post(f"{V1}/acts/access.add_person", json=call, headers={"idempotency-key": "once"})
    assert (second.status_code, second.json(), seq(ledger)) == (200, first.json(), before)
    other = {"args": {"person": "NEW2", "name": "Another"}}
    third = client.post(f"{V1}/acts/access.add_person", json=other, headers={"idempotency-key": "once"})
    assert (third.status_code, third.json()) == (409, {"refused": ["This form was already used for something else. Open it again."]})


def test_a_refusal_is_409_with_every_reason_and_is_recorded(ledger: Ledger) -> None:
    before = seq(ledger)
    asked = {"args": {"person": "TECH1", "role": "preparer"}}
    answer = caller(ledger, "ADM1").post(f"{V1}/acts/access.grant", json=asked)
    assert answer.status_code == 409
    assert len(answer.json()["refused"]) == 2
    assert seq(ledger) == before + 2  # the sign-in and the refusal


def test_a_role_is_403_with_its_sentence(ledger: Ledger) -> None:
    answer = caller(ledger, "TECH1").post(f"{V1}/acts/access.grant", json={"args": {"person": "TECH2", "role": "qa"}})
    assert answer.status_code == 403
    assert answer.json()["refused"] == ["Give a role: this is for administrator; you are technician."]


def test_signatures_come_with_the_call(ledger: Ledger) -> None:
    ledger.do("access.add_person", {"person": "NEW1", "name": "New Person"}, by=by("ADM1"))
    granted = ledger.do("access.grant", {"person": "NEW1", "role": "technician"}, by=by("ADM1")).result
    client, asked = caller(ledger, "QA1"), {"args": {"grant": granted}}
    bare = client.post(f"{V1}/acts/access.countersign", json=asked)
    assert (bare.status_code, "0 of 1 signatures are there" in bare.text) == (409, True)
    signed = client.post(f"{V1}/acts/access.countersign", json=asked | {"signatures": [{"person": "QA1", "password": PASSWORD}]})
    assert signed.status_code == 200


NONSENSE = {
    "a float": ({"args": {"person": 1.5, "name": "N"}}, "person"),
    "an unknown field": ({"args": {"person": "NEW1", "name": "N", "extra": "x"}}, "extra"),
    "a missing field": ({"args": {"person": "NEW1"}}, "name"),
    "an unknown field beside the arguments": ({"arguments": {}}, "arguments"),
    "a control character": ({"args": {"person": "NEW1", "name": "N\x00"}}, "name"),
    "half a character": ({"args": {"person": "NEW1", "name": "N\ud800"}}, "name"),
    "a control character in the reason": ({"args": {"person": "NEW1", "name": "N"}, "reason": "why\x00"}, "reason"),
    "a time to come": ({"args": {"person": "NEW1", "name": "N"}, "occurred_at": "2099-01-01T00:00:00Z"}, "occurred_at"),
    "a time without a zone": ({"args": {"person": "NEW1", "name": "N"}, "occurred_at": "2026-01-01T00:00:00"}, "occurred_at"),
    "a name too long": ({"args": {"person": "NEW1", "name": "N" * 5_000}}, "name"),
    "a list": ([], "body"),
}


@pytest.mark.parametrize("case", sorted(NONSENSE))
def test_nonsense_is_422_by_field_and_nothing_is_recorded(ledger: Ledger, case: str) -> None:
    asked, field = NONSENSE[case]
    client = caller(ledger, "ADM1")
    before = seq(ledger)
    answer = client.post(f"{V1}/acts/access.add_person", content=json.dumps(asked), headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert field in answer.json()["fields"]
    assert seq(ledger) == before


@pytest.mark.parametrize("body", [b"{", b'{"args": {"person": NaN}}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_422(ledger: Ledger, body: bytes) -> None:
    answer = caller(ledger, "ADM1").post(f"{V1}/acts/access.add_person", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text


def test_an_act_that_does_not_exist_and_one_of_the_programs_own_are_404(ledger: Ledger) -> None:
    client = caller(ledger, "ADM1")
    assert client.post(f"{V1}/acts/no.such", json={}).status_code == 404
    own = client.post(f"{V1}/acts/access.fail", json={"args": {"person": "TECH1", "where": "here"}})
    assert own.status_code == 404


def test_p4_an_unknown_code_and_one_that_is_not_theirs_answer_alike(at: Callable[..., Any]) -> None:
    here = at("founded")
    client = caller(here.ledger, "ADM1")
    unknown = client.get(f"{V1}/codes/{draw('S')}")
    assert unknown.status_code == 404
    assert list(unknown.json()) == ["refused"]
    assert client.get(f"{V1}/codes/not-a-code").status_code == 404


def test_a_badge_is_answered_with_its_person(ledger: Ledger) -> None:
    story.folder_approved(ledger)
    badge = story.badge(ledger, "TECH1")
    said = caller(ledger, "QA1").get(f"{V1}/codes/{badge}").json()
    assert "Lin Yue" in str(said["code"])


def test_the_history_is_paged_and_refused_to_who_may_not_read_it(ledger: Ledger) -> None:
    client = caller(ledger, "QA1")
    first = client.get(f"{V1}/history?chain=access").json()
    assert len(first["entries"]) == 25 and first["after"]
    second = client.get(f"{V1}/history", params={"chain": "access", "after": first["after"]}).json()
    assert second["entries"][0]["seq"] == first["entries"][-1]["seq"] - 1
    few = client.get(f"{V1}/history?chain=access&limit=3").json()
    assert few["entries"] == first["entries"][:3] and few["after"]
    for limit in ("0", "101", "x"):
        assert client.get(f"{V1}/history?limit={limit}").status_code == 422
    assert caller(ledger, "ASSE1").get(f"{V1}/history").status_code == 403
    assert client.get(f"{V1}/history?after=rubbish").status_code == 422


def test_the_last_verification_is_for_who_proves(ledger: Ledger) -> None:
    said = caller(ledger, "QA1").get(f"{V1}/verify").json()
    assert set(said) == {"at", "by", "entries", "faults", "first", "since"}
    assert caller(ledger, "TECH1").get(f"{V1}/verify").status_code == 403


def test_subjects_are_not_for_who_sees_none(ledger: Ledger) -> None:
    assert caller(ledger, "TECH1").get(f"{V1}/subjects").json() == {"subjects": [], "page": 1, "more": False}
    assert caller(ledger, "ADM1").get(f"{V1}/subjects").status_code == 403
    assert caller(ledger, "RAND1").get(f"{V1}/subjects").status_code == 403


def test_an_old_schema_is_not_healthy(ledger: Ledger) -> None:
    answer = visit(ledger).get(f"{V1}/health")
    assert answer.status_code == 503  # the test's tables carry no migration number
    assert set(answer.json()) == {"status", "schema", "version"}


def test_the_description_names_every_call_and_every_act(ledger: Ledger) -> None:
    client = visit(ledger)
    said = client.get("/api/openapi.json").json()
    assert said["openapi"].startswith("3.")
    assert {f"/acts/{one.name}" for one in open_acts()} < set(said["paths"])
    assert {"/session", "/acts", "/codes/{code}", "/subjects", "/subjects/{coi}", "/history", "/verify", "/health"} < set(said["paths"])
    assert not [path for path in said["paths"] if path.startswith(("/people", "/sign-in"))]
    for path, calls in said["paths"].items():
        for call in calls.values():
            assert call["responses"], path


def test_the_description_can_be_browsed_under_the_strict_policy(ledger: Ledger) -> None:
    page = visit(ledger).get("/api/docs")
    assert page.status_code == 200
    assert "POST /acts/access.grant" in words(page)
    assert "<script" not in page.text.replace('<script type="module" src="/static/app.js"></script>', "")


def test_a_foreign_page_cannot_call(ledger: Ledger) -> None:
    client = caller(ledger, "ADM1")
    call = {"args": {"person": "NEW1", "name": "New"}}
    answer = client.post(f"{V1}/acts/access.add_person", json=call, headers={"origin": "https://evil.example"})
    assert (answer.status_code, answer.json()) == (403, {"refused": ["This came from another site. Nothing was done."]})


def test_a_station_is_named_by_its_header(ledger: Ledger) -> None:
    from backend.access import sessions

    ledger.do("access.register_station", {"name": "Printer 1", "token_sha256": sessions.hashed("printer-token")}, by=by("ADM1"))
    client = caller(ledger, "ADM1")
    client.post(
        f"{V1}/acts/access.add_person", json={"args": {"person": "NEW1", "name": "New"}}, headers={"x-marrowline-station": "printer-token"}
    )
    with ledger.engine.connect() as conn:
        body = bytes(conn.exec_driver_sql("SELECT body FROM entry WHERE act = 'access.add_person' ORDER BY seq DESC LIMIT 1").scalar_one())
    assert b'"station":"Printer 1"' in body



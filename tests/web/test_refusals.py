"""What is said when something does not happen: in words, with the frame around it, under the strict policy, to our own pages alone."""

from typing import Any

import pytest
from fastapi import FastAPI

from backend.app import application
from backend.ledger import Ledger, UnknownCode
from backend.web.shield import POLICY
from tests.people import PASSWORD
from tests.visit import SETTINGS, THERE, signed_in, visit, words


def test_an_unknown_address_is_answered_in_words_with_the_frame_around_it(ledger: Ledger) -> None:
    answer = signed_in(ledger, "TECH1").get("/no/such/page")
    assert answer.status_code == 404
    assert "There is no such page." in words(answer) and "Lin Yue" in words(answer)
    assert visit(ledger).get("/no/such/page").status_code == 404


def test_the_wrong_way_to_ask_is_said_in_words(ledger: Ledger) -> None:
    answer = signed_in(ledger, "TECH1").get("/unlock")
    assert answer.status_code == 405
    assert "This address is for sending a form" in words(answer)


def test_the_api_answers_the_same_as_json(ledger: Ledger) -> None:
    answer = visit(ledger).get("/api/v1/no-such")
    assert (answer.status_code, answer.json()) == (404, {"refused": ["There is no such page."]})


def test_a_page_asked_without_signing_in_leads_to_the_door_and_back(ledger: Ledger) -> None:
    answer = visit(ledger).get("/people?page=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/people%3Fpage%3D2")


@pytest.mark.parametrize("path", ["/sign-in", "/no/such", "/static/app.css", "/api/v1/health", "/broken"])
def test_every_answer_carries_the_policy(ledger: Ledger, path: str) -> None:
    app = application(ledger, SETTINGS)
    _break(app)
    answer = _browser(app).get(path)
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == ("public, max-age=3600" if path.startswith("/static/") else "no-store")


def test_the_policy_runs_no_script_but_ours() -> None:
    assert "default-src 'none'" in POLICY and "script-src 'self'" in POLICY
    assert "unsafe" not in POLICY


def _break(app: FastAPI) -> None:
    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("a bug of ours")

    @app.get("/nobody")
    def nobody() -> None:
        raise UnknownCode("C7K3QX9M2PD44")


def _browser(app: FastAPI) -> Any:
    from fastapi.testclient import TestClient

    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


def test_our_fault_has_a_number_and_tells_nothing_else(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    app = application(ledger, SETTINGS)
    _break(app)
    answer = _browser(app).get("/broken")
    assert answer.status_code == 500
    assert "a bug of ours" not in answer.text
    number = caplog.records[-1].args[0]  # type: ignore[index]
    assert str(number) in words(answer)


def test_an_unknown_code_has_a_page_of_its_own(ledger: Ledger) -> None:
    app = application(ledger, SETTINGS)
    _break(app)
    answer = _browser(app).get("/nobody")
    assert answer.status_code == 404
    assert "No record was found for “C7K3QX9M2PD44”." in words(answer)


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}],
)
def test_a_write_from_another_site_does_nothing(ledger: Ledger, headers: dict[str, str]) -> None:
    client = signed_in(ledger, "ADM1")
    answer = client.post("/act/access.add_person", data={"person": "NEW1", "name": "New"}, headers=headers)
    assert answer.status_code == 403
    assert "This came from another site. Nothing was done." in words(answer)
    with ledger.engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM person WHERE code = 'NEW1'").scalar() == 0


def test_a_write_from_our_own_page_is_done(ledger: Ledger) -> None:
    client = signed_in(ledger, "ADM1")
    headers = {"origin": THERE, "sec-fetch-site": "same-origin"}
    assert client.post("/act/access.add_person", data={"person": "NEW1", "name": "New"}, headers=headers).status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/act/access.add_person", "/api/v1/session"])
def test_ten_megabytes_are_refused_in_words(ledger: Ledger, path: str) -> None:
    answer = visit(ledger).post(path, content=b"name=" + b"x" * 10_000_000, headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 413
    assert "This form is larger than 2 MB; nothing in it was kept." in words(answer)


def test_ten_megabytes_that_do_not_say_how_long_they_are_are_refused_too(ledger: Ledger) -> None:
    def piecemeal() -> Any:
        yield b"person=TECH1&password="
        for _ in range(100):
            yield b"x" * 100_000

    client = visit(ledger)
    answer = client.post("/sign-in", content=piecemeal(), headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 413


def test_a_refusal_is_shown_alone_when_no_page_of_ours_sent_the_form(ledger: Ledger) -> None:
    client = signed_in(ledger, "ADM1")
    form = {"person": "TECH1", "name": "Again", "password": PASSWORD}
    for referer in ("https://evil.example/act/access.add_person", ""):
        answer = client.post("/act/access.add_person", data=form, headers={"referer": referer} if referer else {})
        assert answer.status_code == 409
        assert "This staff number belongs to somebody already" in words(answer) and "Again" in words(answer)
        assert PASSWORD not in answer.text


def test_a_thousand_fields_are_the_most(ledger: Ledger) -> None:
    answer = visit(ledger).post("/sign-in", data={f"f{n}": "1" for n in range(1_200)})
    assert answer.status_code == 400

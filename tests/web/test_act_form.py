"""Any act as a form: what it asks, what comes back after a refusal, and that whatever can be done can be done in a browser."""

import re
from typing import Any

import pytest

from backend.ledger import REGISTRY, Ledger
from backend.web.addresses import of_act, of_act_on, open_acts
from backend.web.pages.act_form import fields_of
from tests.people import BY_ROLE, PASSWORD, by
from tests.visit import send, signed_in, words
from tests.web.drawn import Reader


def test_every_act_that_a_person_can_do_has_a_form(ledger: Ledger) -> None:
    clients: dict[str, Any] = {}
    people = BY_ROLE | {"everybody": "INSP1"}
    for act in open_acts():
        who = next(people[role] for role in sorted(act.roles) if role in people)
        client = clients.setdefault(who, signed_in(ledger, who))
        shown = client.get(f"/act/{act.name}")
        assert shown.status_code == 200, (act.name, shown.text[:500])
        page = Reader(shown.text)
        assert page.faults == [], act.name
        asked = set(page.all("name"))
        assert set(act.arguments.model_fields) <= asked, act.name
        if act.shows is None:
            assert {"key", *(["password"] if act.signed else []), *(["second_person"] if act.witness else [])} <= asked, act.name


def test_the_programs_own_acts_have_no_form(ledger: Ledger) -> None:
    client = signed_in(ledger, "ADM1")
    assert client.get("/act/access.fail").status_code == 404
    assert client.get("/act/no.such").status_code == 404
    assert client.post("/act/access.fail", data={"person": "TECH1", "where": "here"}).status_code == 404


def test_a_form_is_not_shown_to_who_may_not_and_says_for_whom_it_is(ledger: Ledger) -> None:
    shown = signed_in(ledger, "TECH1").get("/act/access.add_person")
    assert shown.status_code == 403
    assert "This page is for administrator; you are technician." in words(shown)


def test_an_act_is_done_and_says_what_it_left_behind(ledger: Ledger) -> None:
    client = signed_in(ledger, "ADM1")
    done = send(client, "/act/access.add_person?person=NEW1&next=/people", {"person": "NEW1", "name": "New Person", "next": "/people"})
    assert done.status_code == 303
    shown = client.get(done.headers["location"])
    assert "Add a person" in words(shown) and 'href="/people"' in shown.text
    assert re.search(r"Time \d{4}-\d\d-\d\d \d\d:\d\d UTC\+8", words(shown))
    with ledger.engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT name FROM person WHERE code = 'NEW1'").scalar() == "New Person"
    other = signed_in(ledger, "QA1")
    assert other.get(done.headers["location"]).status_code == 404


def test_sending_the_same_form_twice_does_it_once(ledger: Ledger) -> None:
    client = signed_in(ledger, "ADM1")
    page = client.get("/act/access.add_person").text
    key = re.findall(r'name="key" value="([^"]+)"', page)[-1]
    form = {"person": "NEW1", "name": "New Person", "key": key}
    first, second = client.post("/act/access.add_person", data=form), client.post("/act/access.add_person", data=form)
    assert first.headers["location"] == second.headers["location"]
    other = client.post("/act/access.add_person", data=form | {"name": "Somebody else"})
    assert other.status_code == 409
    assert "This form was already used for something else." in words(other)


def test_a_refused_form_comes_back_with_every_reason_and_what_was_typed(ledger: Ledger) -> None:
    client = signed_in(ledger, "ADM1")
    refused = send(client, "/act/access.grant", {"person": "TECH1", "role": "preparer", "ends_at": "2020-01-01 10:00"})
    assert refused.status_code == 409
    said = words(refused)
    assert "before it starts" in said and "which is masked; nobody is masked and preparer" in said
    page = Reader(refused.text)
    values = {attrs.get("name"): attrs.get("value") for tag, attrs in page.elements if tag == "input"}
    assert (values["person"], values["ends_at"]) == ("TECH1", "2020-01-01 10:00")
    assert '<option value="preparer" selected>' in refused.text


def test_nonsense_is_said_at_its_field_and_nothing_is_recorded(ledger: Ledger) -> None:
    client = signed_in(ledger, "ADM1")
    with ledger.engine.connect() as conn:
        before = conn.exec_driver_sql("SELECT seq FROM head WHERE chain = 'access'").scalar()
    answer = send(client, "/act/access.grant", {"person": "tech one", "role": "pilot", "starts_at": "tomorrow"})
    assert answer.status_code == 422
    page = Reader(answer.text)
    wrong = {attrs.get("name") for _, attrs in page.elements if attrs.get("aria-invalid") == "true"}
    assert {"person", "starts_at"} <= wrong
    assert "Starts at must be a time" in words(answer)
    with ledger.engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT seq FROM head WHERE chain = 'access'").scalar() == before


def test_a_script_in_a_name_is_text(ledger: Ledger) -> None:
    client = signed_in(ledger, "ADM1")
    name = "<script>alert('x')</script>"
    send(client, "/act/access.add_person", {"person": "NEW1", "name": name})
    again = send(client, "/act/access.add_person", {"person": "NEW1", "name": name})
    assert again.status_code == 409
    assert "<script>alert" not in again.text and "&lt;script&gt;" in again.text
    assert "<script>alert" not in client.get("/people").text


@pytest.mark.parametrize("bad", ["\x00", "\x1b[2J"])
def test_control_characters_are_refused_by_field(ledger: Ledger, bad: str) -> None:
    answer = send(signed_in(ledger, "ADM1"), "/act/access.add_person", {"person": "NEW1", "name": f"New{bad}Person"})
    assert answer.status_code == 422
    assert "no letter, digit or sign" in words(answer)


def test_a_signed_act_asks_for_its_meaning_and_reason(ledger: Ledger) -> None:
    ledger.do("access.add_person", {"person": "NEW1", "name": "New Person"}, by=by("ADM1"))
    granted = ledger.do("access.grant", {"person": "NEW1", "role": "technician"}, by=by("ADM1")).result
    client = signed_in(ledger, "QA1")
    page = client.get(f"/act/access.countersign?grant={granted}")
    assert "I agree that this person has this role." in words(page)
    assert f'value="{granted}"' in page.text
    wrong = send(client, f"/act/access.countersign?grant={granted}", {"grant": granted, "password": "not my own password"})
    assert wrong.status_code == 409 and "The password of Chen Min is not right. Nothing was signed." in words(wrong)
    assert "not my own password" not in wrong.text
    assert send(client, f"/act/access.countersign?grant={granted}", {"grant": granted, "password": PASSWORD}).status_code == 303


def test_an_acts_address_is_its_page_when_it_can_be_filled_and_its_form_otherwise() -> None:
    assert of_act(REGISTRY["access.grant"], person="NEW 1") == "/people/NEW%201"
    assert of_act(REGISTRY["access.grant"]) == "/act/access.grant"
    assert of_act_on(REGISTRY["access.countersign"], "K7K3QX9M2PD44") in {"/people", "/act/access.countersign?grant=K7K3QX9M2PD44"}


def test_every_argument_of_every_act_can_be_typed() -> None:
    for act in open_acts():
        for field in fields_of(act):
            assert field.title and field.kind, (act.name, field.name)
            assert field.kind not in {"choice", "choices"} or field.options, (act.name, field.name)


def test_every_moment_is_asked_as_one_with_its_now_button() -> None:
    kinds = {f"{act.name} {one.name}": one.kind for act in open_acts() for one in fields_of(act) if one.name.endswith("_at")}
    assert kinds and set(kinds.values()) == {"moment"}

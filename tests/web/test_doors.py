"""The doors: who gets in, who is locked out, and what waits behind a lock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import select

from backend.access import sessions
from backend.access.models import Alert, Draft, PersonLocked, Session, SignInFailed
from backend.access.rules import STATEMENT
from backend.ledger import SYSTEM, Caller, Ledger
from tests import story
from tests.people import PASSWORD, by, sign
from tests.visit import SETTINGS, THERE, send, signed_in, visit, words

WRONG = "not my password at all"


def test_the_right_password_opens_and_signing_in_is_an_entry(ledger: Ledger) -> None:
    client = visit(ledger)
    answer = client.post("/sign-in", data={"person": "tech1", "password": PASSWORD, "next": "/statement"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/statement")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert client.get("/statement").status_code == 200
    with ledger.engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM signed_in WHERE person = 'TECH1'").scalar() == 1


def test_a_token_is_kept_only_as_its_hash(ledger: Ledger) -> None:
    client = signed_in(ledger, "TECH1")
    with ledger.read() as session:
        rows = session.exec(select(Session)).all()
    assert [row.token_sha256 for row in rows] == [sessions.hashed(client.cookies[sessions.COOKIE])]


def test_a_badge_signs_in_as_its_person(ledger: Ledger) -> None:
    story.folder_approved(ledger)
    badge = story.badge(ledger, "TECH1")
    assert visit(ledger).post("/sign-in", data={"person": badge, "password": PASSWORD}).status_code == 303


def test_a_wrong_password_and_an_unknown_person_are_answered_alike(ledger: Ledger) -> None:
    client = visit(ledger)
    known = client.post("/sign-in", data={"person": "TECH1", "password": WRONG})
    unknown = client.post("/sign-in", data={"person": "NOBODY", "password": WRONG})
    assert known.status_code == unknown.status_code == 401
    assert words(known) == words(unknown)
    assert "Person and password do not fit." in words(known)


def test_an_unknown_person_costs_as_much_work_as_a_wrong_password(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[Any] = []
    real = sessions.unseal

    def counted(person: str, public: str, sealed: bytes, password: str, cost: Any) -> Any:
        spent.append((cost, len(sealed)))
        return real(person, public, sealed, password, cost)

    monkeypatch.setattr(sessions, "unseal", counted)
    for person in ("TECH1", "NOBODY"):
        sessions.sign_in(ledger, SETTINGS, person, WRONG, "")
    assert spent[0] == spent[1]


def test_the_fifth_wrong_password_locks_the_person_and_alerts(ledger: Ledger) -> None:
    client = visit(ledger)
    for _ in range(4):
        client.post("/sign-in", data={"person": "TECH1", "password": WRONG})
    with ledger.read() as session:
        assert not session.exec(select(PersonLocked)).all()
    client.post("/sign-in", data={"person": "TECH1", "password": WRONG})
    with ledger.read() as session:
        assert [row.person for row in session.exec(select(PersonLocked))] == ["TECH1"]
        assert "TECH1 was locked: 5 wrong passwords in a row." in session.exec(select(Alert)).one().sentence
    right = client.post("/sign-in", data={"person": "TECH1", "password": PASSWORD})
    assert right.status_code == 401
    assert "You are locked after too many wrong passwords." in words(right)


def test_a_right_password_starts_the_count_again(ledger: Ledger) -> None:
    client = visit(ledger)
    for password in (WRONG, WRONG, WRONG, WRONG, PASSWORD, WRONG):
        answer = client.post("/sign-in", data={"person": "TECH1", "password": password})
    assert answer.status_code == 401
    assert client.post("/sign-in", data={"person": "TECH1", "password": PASSWORD}).status_code == 303


def test_wrong_passwords_at_signing_count_too_and_end_the_session(ledger: Ledger) -> None:
    client = signed_in(ledger, "QA1")
    granted = _grant_to_somebody_new(ledger)
    for _ in range(5):
        send(client, f"/act/access.countersign?grant={granted}", {"grant": granted, "password": WRONG}, "/act/access.countersign")
    assert client.get("/statement").headers["location"].startswith("/sign-in")
    ledger.do("access.unlock", {"person": "QA1"}, by=by("ADM1"), reason="It was them.")
    assert client.get("/statement").headers["location"].startswith("/sign-in"), "unlocking brings no old session back"


def _grant_to_somebody_new(ledger: Ledger) -> str:
    ledger.do("access.add_person", {"person": "NEW1", "name": "New Person"}, by=by("ADM1"))
    granted: str = ledger.do("access.grant", {"person": "NEW1", "role": "technician"}, by=by("ADM1")).result
    return granted


def test_nobody_can_flood_the_record_with_names_that_do_not_exist(ledger: Ledger) -> None:
    for n in range(40):
        sessions.sign_in(ledger, SETTINGS, f"GHOST{n}", WRONG, "")
    with ledger.engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM entry WHERE act = 'access.fail'").scalar() <= 30


def test_a_name_with_control_characters_is_only_a_wrong_name(ledger: Ledger) -> None:
    assert visit(ledger).post("/sign-in", data={"person": "TE\x00CH\x1b1", "password": WRONG}).status_code == 401


def test_a_token_from_before_the_sign_in_opens_nothing_after_it(ledger: Ledger) -> None:
    client = visit(ledger)
    client.cookies.set(sessions.COOKIE, "chosen-by-somebody-else")
    client.post("/sign-in", data={"person": "TECH1", "password": PASSWORD})
    first = client.cookies.get(sessions.COOKIE, domain="testserver.local")
    assert first not in {None, "chosen-by-somebody-else"}
    client.post("/sign-in", data={"person": "TECH2", "password": PASSWORD})
    other = visit(ledger)
    other.cookies.set(sessions.COOKIE, str(first))
    assert other.get("/statement").headers["location"].startswith("/sign-in")


def test_the_way_on_after_signing_in_is_never_another_site(ledger: Ledger) -> None:
    for foreign in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = visit(ledger).post("/sign-in", data={"person": "TECH1", "password": PASSWORD, "next": foreign})
        assert answer.headers["location"] == "/"


def test_signing_out_ends_the_session_for_everybody_who_holds_its_token(ledger: Ledger) -> None:
    client = signed_in(ledger, "TECH1")
    token = client.cookies[sessions.COOKIE]
    assert client.post("/sign-out").headers["location"] == "/sign-in"
    other = visit(ledger)
    other.cookies.set(sessions.COOKIE, token)
    assert other.get("/statement").headers["location"].startswith("/sign-in")


def test_a_session_ends_after_its_hours(at: Callable[..., Any]) -> None:
    here = at("founded")
    client = signed_in(here.ledger, "TECH1")
    here.clock.advance(hours=SETTINGS.session_hours, minutes=1)
    assert client.get("/statement").headers["location"] == "/sign-in?next=/statement"


def test_an_idle_session_locks_and_the_form_that_met_the_lock_comes_back(at: Callable[..., Any]) -> None:
    here = at("founded")
    client = signed_in(here.ledger, "ADM1")
    page = "/act/access.add_person"
    client.get(page)
    here.clock.advance(minutes=SETTINGS.idle_minutes + 1)
    typed = {"person": "NEW1", "name": "Newly <b>Come</b>", "password": PASSWORD, "key": "k"}
    sent = client.post(page, data=typed, headers={"referer": THERE + page})
    assert sent.headers["location"] == "/locked?next=/act/access.add_person"
    assert "The form you were filling in is kept." in words(client.get(sent.headers["location"]))
    assert client.get("/statement").headers["location"].startswith("/locked")
    wrong = client.post("/unlock", data={"password": WRONG, "next": page})
    assert wrong.status_code == 401 and "stays locked" in words(wrong)
    opened = client.post("/unlock", data={"password": PASSWORD, "next": page})
    assert opened.headers["location"] == page
    again = client.get(page)
    assert 'value="NEW1"' in again.text and "Newly &lt;b&gt;Come&lt;/b&gt;" in again.text
    assert PASSWORD not in again.text
    assert "What you typed before is here again." in words(again)
    assert send(client, page, {"person": "NEW1", "name": "New"}).status_code == 303
    assert 'value="NEW1"' not in client.get(page).text
    with here.ledger.read() as session:
        assert session.exec(select(Draft)).all() == []


def test_a_form_that_met_an_expired_session_comes_back_after_signing_in_and_for_nobody_else(at: Callable[..., Any]) -> None:
    here = at("founded")
    client = signed_in(here.ledger, "ADM1")
    page = "/act/access.add_person"
    here.clock.advance(hours=SETTINGS.session_hours + 1)
    sent = client.post(page, data={"person": "NEW1", "name": "Newly Come"}, headers={"referer": THERE + page})
    assert sent.headers["location"] == "/sign-in?next=/act/access.add_person"
    assert "Newly Come" not in signed_in(here.ledger, "QA1").get("/about").text
    assert "Newly Come" in signed_in(here.ledger, "ADM1").get(page).text


def test_a_draft_is_not_readable_in_the_database(at: Callable[..., Any]) -> None:
    here = at("founded")
    client = signed_in(here.ledger, "ADM1")
    field = {"name": "surname", "value": "Unmistakable", "key": "k"}
    kept = client.post("/draft", data=field, headers={"referer": THERE + "/act/access.grant"})
    assert kept.json()["at"]
    with here.ledger.engine.connect() as conn:
        box = bytes(conn.exec_driver_sql("SELECT box FROM draft").scalar_one())
    assert b"Unmistakable" not in box
    with here.ledger.read() as session:
        assert sessions.kept_form(session, here.ledger, "ADM1", "/act/access.grant") == {"surname": ["Unmistakable"]}


def test_a_draft_is_thrown_away_after_seven_days(at: Callable[..., Any]) -> None:
    here = at("founded")
    sessions.keep_form(here.ledger, "ADM1", "/a", {"x": ["1"]})
    here.clock.advance(days=7, minutes=1)
    with here.ledger.read() as session:
        assert sessions.kept_form(session, here.ledger, "ADM1", "/a") == {}
    sessions.keep_form(here.ledger, "ADM1", "/b", {"x": ["1"]})
    with here.ledger.read() as session:
        assert [row.path for row in session.exec(select(Draft))] == ["/b"]


def test_a_touch_keeps_the_session_open_and_lock_closes_it(at: Callable[..., Any]) -> None:
    here = at("founded")
    client = signed_in(here.ledger, "TECH1")
    for _ in range(3):
        here.clock.advance(minutes=SETTINGS.idle_minutes - 1)
        assert client.post("/touch").status_code == 204
    assert "Locked" in words(client.get("/lock?next=/statement"))
    assert client.get("/statement").headers["location"].startswith("/locked")


def test_a_link_sets_a_password_once_and_leads_to_the_statement(ledger: Ledger) -> None:
    _grant_to_somebody_new(ledger)
    token = sessions.issue_link(ledger, "NEW1", by("ADM1"))
    client = visit(ledger)
    assert "Welcome, New Person." in words(client.get(f"/set-password?token={token}"))
    short = client.post("/set-password", data={"token": token, "password": "short", "again": "short"})
    assert short.status_code == 422 and "it must have at least 12" in words(short)
    differ = client.post("/set-password", data={"token": token, "password": PASSWORD, "again": WRONG})
    assert differ.status_code == 422 and "The two are not the same." in words(differ)
    opened = client.post("/set-password", data={"token": token, "password": PASSWORD, "again": PASSWORD})
    assert opened.headers["location"] == "/statement"
    assert STATEMENT in words(client.get("/statement"))
    assert client.get(f"/set-password?token={token}").status_code == 410
    signed = send(client, "/statement", {"password": PASSWORD})
    assert signed.status_code == 303
    assert "You have signed this statement." in words(client.get("/statement"))


def test_an_old_link_opens_nothing(at: Callable[..., Any]) -> None:
    here = at("founded")
    token = sessions.issue_link(here.ledger, "TECH1", Caller(SYSTEM))
    here.clock.advance(hours=72, minutes=1)
    answer = visit(here.ledger).get(f"/set-password?token={token}")
    assert answer.status_code == 410 and "older than 72 hours" in words(answer)


def test_who_has_left_can_neither_sign_in_nor_sign(ledger: Ledger) -> None:
    client = signed_in(ledger, "TECH1")
    ledger.do("access.leave", {"person": "TECH1"}, by=by("ADM1"), reason="Moved to another town.")
    assert client.get("/statement").headers["location"].startswith("/sign-in")
    answer = visit(ledger).post("/sign-in", data={"person": "TECH1", "password": PASSWORD})
    assert answer.status_code == 401
    with pytest.raises(Exception, match="no signing key"):
        ledger.do("access.accept_statement", by=by("TECH1"), signatures=sign("TECH1"))


def test_failed_sign_ins_say_at_which_station(ledger: Ledger) -> None:
    visit(ledger).post("/sign-in", data={"person": "TECH1", "password": WRONG})
    with ledger.read() as session:
        assert session.exec(select(SignInFailed)).one().where == "sign-in, unregistered station"


def test_eight_people_at_once_come_in_touch_and_go(at: Callable[..., Any]) -> None:
    """The tables beside the record are written by everybody all the time; nobody is turned away because somebody else was writing."""
    here = at("founded")
    people = ["TECH1", "TECH2", "TECH3", "QA1", "QA2", "COOR1", "COOR2", "PHYS1"]
    patient = SETTINGS.model_copy(update={"idle_minutes": 60})  # all of them move one clock, and one who waits must not look idle

    def come_and_go(person: str) -> list[int]:
        client = signed_in(here.ledger, person, patient)
        seen = []
        for n in range(4):
            here.clock.advance(seconds=21)
            seen.append(client.get("/statement").status_code)
            seen.append(client.post("/draft", data={"name": "x", "value": str(n), "key": "k"}).status_code)
        return [*seen, client.post("/sign-out").status_code]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(come_and_go, people)) == [[200] * 8 + [303]] * 8
    with here.ledger.read() as session:
        assert session.exec(select(Session)).all() == []

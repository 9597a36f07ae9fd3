"""A badge: printed once, scanned back before it stands for anybody, replaced with a reason, and void for good after that."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend.access.models import Badge, BadgePrinted, BadgeVerified
from backend.access.reads import live_badge, person_of
from backend.ledger import Ledger, NotAllowed, Refused, UnknownCode
from labels.codes import draw, shown
from tests import story
from tests.api.test_calls import V1, caller
from tests.people import CAST, PASSWORD, by, sign
from tests.visit import paper, send, signed_in, visit, words

VOID = "This badge is void since 2026-03-02 0"


@pytest.fixture
def ledger(at: Callable[..., Any]) -> Ledger:
    """A trial folder is in force, so that badges can be printed."""
    made: Ledger = at("folder_approved", story.folder_approved).ledger
    return made


def live(ledger: Ledger, person: str = "TECH2") -> str:
    with ledger.read() as session:
        found = live_badge(session, person)
        assert found is not None
        return found.code


def told(ledger: Ledger, act: str) -> list[dict[str, Any]]:
    """What the record says of every time this was done or refused, the newest first."""
    with ledger.engine.connect() as conn:
        return [json.loads(bytes(one[0])) for one in conn.exec_driver_sql(f"SELECT body FROM entry WHERE act = '{act}' ORDER BY seq DESC")]


def replaced(ledger: Ledger, person: str = "TECH2") -> tuple[str, str]:
    """A badge that was in use, and the one that took its place."""
    old = story.badge(ledger, person)
    return old, ledger.do("access.replace_badge", {"person": person}, by=by("ADM1"), reason="on bus 7").result


def test_printing_a_badge_is_a_row_and_an_entry_of_who_printed_which_code(ledger: Ledger) -> None:
    admin, code = signed_in(ledger, "ADM1"), live(ledger)
    assert "To be printed" in words(admin.get("/people/TECH2"))
    made = paper(admin, "/people/TECH2", "/people/TECH2/badge")
    assert made.content.startswith(b"%PDF")
    with ledger.read() as session:
        row = session.get_one(BadgePrinted, code)
        assert row.by == "ADM1" and "person_name=Zhou Ke" in row.values_text and "roles=technician" in row.values_text
    (entry,) = told(ledger, "custody.print_badge")
    assert (entry["by"], entry["inputs"]["badge"], entry["chain"]) == ("ADM1", code, "access")
    assert f"printed the badge {shown(code)}" in words(signed_in(ledger, "QA1").get("/history"))


def test_a_badge_is_printed_once(ledger: Ledger) -> None:
    ledger.do("custody.print_badge", {"badge": live(ledger)}, by=by("ADM1"))
    with pytest.raises(Refused, match="printed already; replace it"):
        ledger.do("custody.print_badge", {"badge": live(ledger)}, by=by("ADM1"))


def test_the_paper_of_a_badge_is_given_to_who_printed_it_for_two_minutes(at: Callable[..., Any]) -> None:
    here = at("folder_approved", story.folder_approved)
    here.ledger.do("access.add_person", {"person": "ADM2", "name": "Other Administrator"}, by=by("ADM1"))
    grant = here.ledger.do("access.grant", {"person": "ADM2", "role": "administrator"}, by=by("ADM1")).result
    here.ledger.do("access.countersign", {"grant": grant}, by=by("QA1"), signatures=sign("QA1"))
    admin, other, pdf = signed_in(here.ledger, "ADM1"), signed_in_without_password(here.ledger, "ADM2"), "/people/TECH2/badge.pdf"
    assert admin.get(pdf).status_code == 409 and "never printed" in words(admin.get(pdf))
    first = paper(admin, "/people/TECH2", "/people/TECH2/badge")
    assert admin.get(pdf).content == first.content
    assert pdf in admin.get("/people/TECH2").text and pdf not in other.get("/people/TECH2").text
    refused = other.get(pdf)
    assert refused.status_code == 409 and "ADM1 printed this, so nobody else is given its paper; you are ADM2." in words(refused)
    here.clock.advance(minutes=2)
    late = admin.get(pdf)
    assert late.status_code == 409 and "it is given out once" in words(late) and "is replaced; the one before is void" in words(late)
    assert pdf not in admin.get("/people/TECH2").text


def signed_in_without_password(ledger: Ledger, person: str) -> Any:
    """A browser behind the door of somebody who has not set a password."""
    from backend.access import sessions
    from tests.visit import SETTINGS

    client = visit(ledger)
    client.cookies.set(sessions.COOKIE, sessions.begin(ledger, SETTINGS, person, "")[0])
    return client


def test_no_paper_is_given_after_the_scan_back(ledger: Ledger) -> None:
    admin = signed_in(ledger, "ADM1")
    paper(admin, "/people/TECH2", "/people/TECH2/badge")
    ledger.do("access.verify_badge", {"badge": live(ledger)}, by=by("ADM1"))
    refused = admin.get("/people/TECH2/badge.pdf")
    assert refused.status_code == 409 and "scanned back" in words(refused)


def test_a_badge_is_scanned_back_by_the_code_that_was_printed(ledger: Ledger) -> None:
    admin, code = signed_in(ledger, "ADM1"), live(ledger)
    paper(admin, "/people/TECH2", "/people/TECH2/badge")
    other = send(admin, "/people/TECH2", {"badge": live(ledger, "TECH1")}, "/people/TECH2/badge/back")
    assert other.status_code == 409 and "not the badge that was printed for this person. Stop" in words(other)
    assert send(admin, "/people/TECH2", {"badge": f"]Q3{shown(code)}"}, "/people/TECH2/badge/back").status_code == 303
    assert "Scanned back" in words(admin.get("/people/TECH2"))
    with ledger.read() as session:
        assert session.get_one(BadgeVerified, code).by == "ADM1"
    (entry,) = told(ledger, "access.verify_badge")
    assert entry["inputs"] == {"badge": code}
    with pytest.raises(Refused, match="scanned back already"):
        ledger.do("access.verify_badge", {"badge": code}, by=by("ADM1"))


def test_a_badge_that_was_never_printed_is_not_scanned_back(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="never printed"):
        ledger.do("access.verify_badge", {"badge": live(ledger)}, by=by("ADM1"))
    for act in ("custody.print_badge", "access.verify_badge"):
        with pytest.raises(UnknownCode):
            ledger.do(act, {"badge": draw("B")}, by=by("ADM1"))


def test_a_scan_of_a_fresh_badge_names_nobody_and_offers_the_next_thing(ledger: Ledger) -> None:
    admin, code = signed_in(ledger, "ADM1"), live(ledger)
    fresh = words(admin.get(f"/scan?code={code}"))
    assert "Badge that stands for nobody yet" in fresh and "Print the badge" in fresh and "Zhou Ke" not in fresh
    ledger.do("custody.print_badge", {"badge": code}, by=by("ADM1"))
    printed = words(admin.get(f"/scan?code={code}"))
    assert "Scan the badge back" in printed and "Print the badge" not in printed and "Zhou Ke" not in printed
    ledger.do("access.verify_badge", {"badge": code}, by=by("ADM1"))
    used = words(admin.get(f"/scan?code={code}"))
    assert "Zhou Ke" in used and "Scan the badge back" not in used


def test_a_replaced_badge_is_void_with_its_reason_and_the_new_one_has_another_code(ledger: Ledger) -> None:
    admin, old = signed_in(ledger, "ADM1"), story.badge(ledger, "TECH2")
    without = send(admin, "/people/TECH2", {"reason": ""}, "/people/TECH2/badge/new")
    assert without.status_code == 409 and "A reason is needed" in words(without)
    assert send(admin, "/people/TECH2", {"reason": "Left on the bus."}, "/people/TECH2/badge/new").status_code == 303
    new = live(ledger)
    assert new != old
    with ledger.read() as session:
        row = session.get_one(Badge, old)
        assert (row.ended_by, row.ended_why, row.ended_at is not None) == ("ADM1", "Left on the bus.", True)
        assert (person_of(session, old), person_of(session, new)) == (old, new)
    seen = words(admin.get("/people/TECH2"))
    assert "Left on the bus." in seen and "To be printed" in seen
    entry, refused = told(ledger, "access.replace_badge")
    assert (entry["reason"], entry["refused"], len(refused["refused"])) == ("Left on the bus.", [], 1)


def test_a_void_badge_is_neither_printed_nor_scanned_back(ledger: Ledger) -> None:
    code = live(ledger)
    ledger.do("access.replace_badge", {"person": "TECH2"}, by=by("ADM1"), reason="lost")
    for act in ("custody.print_badge", "access.verify_badge"):
        with pytest.raises(Refused, match=VOID):
            ledger.do(act, {"badge": code}, by=by("ADM1"))


@pytest.mark.parametrize("state", ["void", "never scanned back"])
def test_a_badge_that_stands_for_nobody_signs_nobody_in_and_that_is_recorded(ledger: Ledger, state: str) -> None:
    code = replaced(ledger)[0] if state == "void" else live(ledger)
    said = VOID if state == "void" else "This badge was never scanned back after it was printed; it stands for nobody yet."
    for given in (code, shown(code).lower()):
        answer = visit(ledger).post("/sign-in", data={"person": given, "password": PASSWORD})
        assert answer.status_code == 401 and said in words(answer)
        assert "Zhou Ke" not in answer.text and "TECH2" not in answer.text and "bus 7" not in answer.text
    program = visit(ledger).post(f"{V1}/session", json={"person": code, "password": PASSWORD})
    assert program.status_code == 401 and said in program.text
    first, *_ = entries = told(ledger, "access.refuse_badge")
    assert len(entries) == 3
    assert (first["inputs"]["badge"], first["inputs"]["where"]) == (code, "sign-in, unregistered station")
    assert said in first["inputs"]["why"]
    assert told(ledger, "access.sign_in") == [] and told(ledger, "access.fail") == []


def test_the_new_badge_signs_in_once_it_was_scanned_back(ledger: Ledger) -> None:
    replaced(ledger)
    new = story.badge(ledger, "TECH2")
    assert visit(ledger).post("/sign-in", data={"person": new, "password": PASSWORD}).status_code == 303
    assert [one["by"] for one in told(ledger, "access.sign_in")] == ["TECH2"]


@pytest.mark.parametrize("state", ["void", "never scanned back"])
def test_a_badge_that_stands_for_nobody_signs_for_nobody(ledger: Ledger, state: str) -> None:
    """The refusal of the act says why, and is in the record."""
    code = replaced(ledger)[0] if state == "void" else live(ledger)
    story.heparin(ledger)
    coi = ledger.do("subject.enrol", story.enrolling(ledger, story.PEOPLE[0]), by=by("COOR1"), signatures=sign("COOR1")).result
    form = {"material": "blood", "tubes": "2", "taken_at": "2026-03-02 08:00", "password": PASSWORD}
    two = {"second_person": code, "second_password": PASSWORD}
    answer = send(signed_in(ledger, "NURS1"), f"/act/subject.take_reference?subject={coi}", form | two | {"subject": coi})
    said = VOID if state == "void" else "This badge was never scanned back"
    assert answer.status_code == 409 and said in words(answer)
    (entry,) = told(ledger, "subject.take_reference")
    assert len(entry["refused"]) == 1 and entry["refused"][0].startswith(said)


def test_the_scan_of_a_void_badge_is_a_stop_that_says_since_when_and_is_recorded(ledger: Ledger) -> None:
    old, _ = replaced(ledger)
    seen = words(signed_in(ledger, "TECH1").get(f"/scan?code={old}"))
    assert "STOP" in seen and VOID in seen and "Give it to an administrator" in seen and "Zhou Ke" not in seen and "bus 7" not in seen
    assert told(ledger, "access.refuse_badge")[0]["inputs"]["where"] == "the scan of TECH1, unregistered station"
    said = caller(ledger, "TECH1").get(f"{V1}/codes/{old}").json()
    assert VOID in said["code"]["stop"] and said["next"] == [] and "Zhou Ke" not in str(said) and said["code"]["page"] == ""


def test_who_leaves_has_a_void_badge_and_gets_no_other(ledger: Ledger) -> None:
    code = story.badge(ledger, "TECH2")
    ledger.do("access.leave", {"person": "TECH2"}, by=by("ADM1"), reason="moved away")
    assert VOID in words(visit(ledger).post("/sign-in", data={"person": code, "password": PASSWORD}))
    with pytest.raises(Refused, match="TECH2 no longer works here"):
        ledger.do("access.replace_badge", {"person": "TECH2"}, by=by("ADM1"), reason="lost")
    admin = signed_in(ledger, "ADM1")
    assert "Void" in words(admin.get("/people/TECH2")) and "/badge" not in admin.get("/people/TECH2").text
    assert admin.get("/people/TECH2/badge.pdf").status_code == 404


def test_nobody_is_given_a_badge_by_a_number_that_is_nobodys(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="Nobody has the staff number NOBODY"):
        ledger.do("access.replace_badge", {"person": "NOBODY"}, by=by("ADM1"), reason="lost")


@pytest.mark.parametrize("person", [one.person for one in CAST if "administrator" not in one.roles])
def test_nobody_but_an_administrator_has_to_do_with_badges(ledger: Ledger, person: str) -> None:
    code = live(ledger, "ADM1")
    for act, given in (("custody.print_badge", {"badge": code}), ("access.verify_badge", {"badge": code}),
                       ("access.replace_badge", {"person": "ADM1"})):  # fmt: skip
        with pytest.raises(NotAllowed, match="this is for administrator"):
            ledger.do(act, given, by=by(person), reason="lost")
    client = signed_in(ledger, person)
    assert client.get("/people/TECH2/badge.pdf").status_code == 403
    assert client.post("/people/TECH2/badge").status_code == 403
    assert "/badge" not in client.get("/people/TECH2").text

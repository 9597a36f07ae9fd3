"""Every way in which an act about people and stations is refused, and what it leaves behind when it is not."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from sqlmodel import select

from backend.access import sessions
from backend.access.models import Alert, LinkIssued, PersonLeft, PersonLocked, RoleGranted, Station
from backend.ledger import SYSTEM, Caller, Ledger, Refused
from backend.ledger.keys import CHEAP
from backend.ledger.models import SigningKey
from tests.conftest import At
from tests.people import PASSWORD, by, sign

GONE = "TECH1 no longer works here."
LINK = sha256(b"a link").hexdigest()
OTHER = sha256(b"another link").hexdigest()


def do(ledger: Ledger, name: str, /, who: str = "ADM1", reason: str = "", signed: bool = False, **given: Any) -> Any:
    extra = {"reason": reason} if reason else {}
    return ledger.do(f"access.{name}", given, by=by(who), signatures=sign(who) if signed else (), **extra).result


def rows(ledger: Ledger, kind: Any, **wanted: Any) -> list[Any]:
    with ledger.read() as session:
        return list(session.exec(select(kind).filter_by(**wanted)))


def refused(ledger: Ledger, name: str, /, who: str = "ADM1", reason: str = "", signed: bool = False, **given: Any) -> tuple[str, ...]:
    with pytest.raises(Refused) as no:
        do(ledger, name, who, reason, signed, **given)
    return no.value.reasons


def test_who_has_left_gets_neither_role_nor_link_and_leaves_once(ledger: Ledger) -> None:
    do(ledger, "issue_link", person="TECH1", token_sha256=LINK)
    do(ledger, "leave", person="TECH1", reason="Moved away.")
    assert [one.by for one in rows(ledger, PersonLeft)] == ["ADM1"]
    for kind in (RoleGranted, LinkIssued, SigningKey):
        assert all(one.ended_at for one in rows(ledger, kind, person="TECH1")), kind
    assert refused(ledger, "grant", person="TECH1", role="qa") == (GONE,)
    assert refused(ledger, "issue_link", person="TECH1", token_sha256=OTHER) == (GONE,)
    assert refused(ledger, "leave", person="TECH1", reason="Again.") == (PersonLeft.says["person"],)


def test_nobody_gives_themselves_a_role_or_countersigns_their_own(ledger: Ledger) -> None:
    assert refused(ledger, "grant", person="ADM1", role="qa") == ("You cannot give yourself a role.",)
    granted = do(ledger, "grant", person="QA1", role="inspector")
    assert refused(ledger, "countersign", who="QA1", signed=True, grant=granted) == ("You cannot countersign your own role.",)
    do(ledger, "countersign", who="QA2", signed=True, grant=granted)
    assert len(refused(ledger, "countersign", who="QA3", signed=True, grant=granted)) == 1


def test_nobody_records_that_they_leave_themselves(ledger: Ledger) -> None:
    assert refused(ledger, "leave", person="ADM1", reason="Enough.") == (
        "You cannot record that you leave yourself; another administrator does it.",
    )  # fmt: skip
    assert rows(ledger, PersonLeft) == []


def test_a_new_link_ends_the_one_before(ledger: Ledger) -> None:
    do(ledger, "issue_link", person="TECH1", token_sha256=LINK)
    do(ledger, "issue_link", person="TECH1", token_sha256=OTHER)
    assert {one.token_sha256: one.ended_by for one in rows(ledger, LinkIssued, person="TECH1") if one.token_sha256 in {LINK, OTHER}} == {
        LINK: "ADM1", OTHER: None,
    }  # fmt: skip


def test_a_link_is_used_once_by_the_person_it_is_for_and_within_72_hours(at: Callable[..., At]) -> None:
    here = at("founded")
    ledger = here.ledger
    used = "This link has been used or replaced. Ask an administrator for a new one."
    first = sessions.issue_link(ledger, "TECH1", by("ADM1"))
    token = sha256(first.encode()).hexdigest()
    made = {"token_sha256": token, "public": LINK, "sealed_sha256": LINK}
    assert refused(ledger, "set_password", who="TECH2", **made) == (used,)
    assert refused(ledger, "set_password", who="TECH1", **made) == ("The new key is not there; set the password again.",)
    sessions.set_password(ledger, "TECH1", first, PASSWORD, CHEAP)
    assert refused(ledger, "set_password", who="TECH1", **made) == (used,)
    late = sessions.issue_link(ledger, "TECH1", by("ADM1"))
    here.clock.advance(hours=72)
    assert refused(ledger, "set_password", who="TECH1", **(made | {"token_sha256": sha256(late.encode()).hexdigest()})) == (
        "This link is older than 72 hours. Ask an administrator for a new one.",
    )  # fmt: skip


def test_only_who_is_locked_is_unlocked_and_an_alert_is_acknowledged_once(ledger: Ledger) -> None:
    assert refused(ledger, "unlock", person="TECH1", reason="They called.") == ("TECH1 is not locked.",)
    for _ in range(5):
        ledger.do("access.fail", {"person": "TECH1", "where": "here"}, by=Caller(SYSTEM))
    do(ledger, "unlock", person="TECH1", reason="They called.")
    assert [one.ended_by for one in rows(ledger, PersonLocked, person="TECH1")] == ["ADM1"]
    (alert,) = rows(ledger, Alert)
    do(ledger, "acknowledge", who="QA1", alert=alert.code, comment="Called them.")
    assert len(refused(ledger, "acknowledge", who="ADM1", alert=alert.code, comment="I too.")) == 1


def test_a_station_has_its_name_alone_and_ends_once(ledger: Ledger) -> None:
    station = do(ledger, "register_station", name="Bench 9", token_sha256=LINK)
    assert refused(ledger, "register_station", name="Bench 9", token_sha256=OTHER) == (Station.says["name"],)
    do(ledger, "end_station", station=station, reason="Broken.")
    assert refused(ledger, "end_station", station=station, reason="Broken.") == ("This station has ended already.",)

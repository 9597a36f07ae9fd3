"""How a vial stands, from the decision about its bank and every open hold; and into which boxes it may go (decision L1)."""

from typing import Any

import pytest
from sqlmodel import select

from backend.batch.rules.standing import stands
from backend.custody.models import Container, Place
from backend.custody.reads.standing import JUDGES, standing
from backend.custody.rules import against_storing
from backend.desk.reads.codes import answer
from backend.ledger import Ledger, Refused
from tests.batch.test_acts import MNC3, correct, rows, told
from tests.conftest import At
from tests.people import by, sign
from tests.release.acting import decide, lift_all, place_hold, stored
from tests.visit import signed_in, words


@pytest.mark.parametrize(
    ("kind", "decision", "held", "word"),
    [
        ("cryovial", "", False, "quarantine"), ("cryovial", "released", False, "released"), ("cryovial", "rejected", False, "rejected"),
        ("cryovial", "", True, "on hold"), ("cryovial", "released", True, "on hold"), ("cryovial", "rejected", True, "rejected"),
        ("culture flask", "released", False, "quarantine"), ("culture flask", "released", True, "on hold"),
    ],
)  # fmt: skip
def test_a_container_stands_as_was_decided_and_a_hold_outweighs_a_release(kind: str, decision: str, held: bool, word: str) -> None:
    assert stands(kind, decision, held) == word


@pytest.mark.parametrize(
    ("zone", "how", "said"),
    [
        ("released", "released", []), ("quarantine", "released", []), ("quarantine", "quarantine", []), ("quarantine", "rejected", []),
        ("quarantine", "on hold", []),
        ("released", "quarantine", ["T1 · A1 is for released vials; Vial 1 is not released and must go into quarantine."]),
        ("released", "rejected", ["T1 · A1 is for released vials; Vial 1 is rejected and must go into quarantine."]),
        ("released", "on hold", ["T1 · A1 is for released vials; Vial 1 is on hold and must go into quarantine."]),
    ],
)  # fmt: skip
def test_a_released_vial_may_stand_in_either_zone_and_any_other_in_quarantine_alone(zone: str, how: str, said: list[str]) -> None:
    vial = Container(code="C1", kind="cryovial", name="Vial 1")
    position = Place(code="P1", kind="position", name="A1", path="T1 · A1", zone=zone)
    assert list(against_storing(vial, position, True, False, how)) == said


def released_box(ledger: Ledger) -> list[str]:
    """The positions of a box for released vials."""
    tank = rows(ledger, Place, Place.kind == "tank")[0].code
    rack = ledger.do("custody.add_place", {"kind": "rack", "name": "Rack R9", "parent": tank, "zone": "released"}, by=by("QA1")).result
    box = ledger.do("custody.add_box", {"rack": rack, "name": "Box 1"}, by=by("QA1")).result
    return sorted(one.code for one in rows(ledger, Place, Place.parent_code == box))


def move(ledger: Ledger, vial: str, position: str, to: str) -> Any:
    given = {"container": vial, "position": position, "to": to, "exposure_s": "20"}
    return ledger.do("custody.move", given, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="Sorted.")


def said_of(ledger: Ledger, code: str) -> tuple[str, str]:
    """What the scan field and the page of the container say of it."""
    with ledger.read() as session:
        from backend.access.reads import viewer_of

        found = answer(session, code, viewer_of(session, "TECH1", ledger.clock()), ledger.keyring)
    assert found is not None
    page = words(signed_in(ledger, "TECH1").get(f"/containers/{code}"))
    return found.pill[1], next(one for one in ("Released", "Rejected", "On hold", "Quarantine") if one in page)


def test_a_vial_says_how_it_stands_wherever_it_is_scanned_or_shown(tested: At) -> None:
    ledger, batch, _ = told(tested)
    (vial, position), (other, place), *_ = stored(ledger, tested.told)  # type: ignore[arg-type]
    assert said_of(ledger, vial) == ("Quarantine", "Quarantine")
    decide(ledger, batch)
    assert said_of(ledger, vial) == ("Released", "Released")
    with ledger.read() as session:
        box = session.get_one(Place, place).parent_code
    assert ", released" in signed_in(ledger, "TECH1").get(f"/storage?box={box}").text
    held = place_hold(ledger, vial)
    assert said_of(ledger, vial) == ("On hold", "On hold")
    assert said_of(ledger, other) == ("Released", "Released")
    assert ", on hold" in signed_in(ledger, "TECH1").get(f"/storage?box={box}").text
    lift_all(ledger, vial)
    correct(ledger, batch, MNC3, "volume", "6.5")
    assert said_of(ledger, vial) == ("On hold", "On hold")
    assert "On hold" in words(signed_in(ledger, "TECH1").get(f"/subjects/{tested.told.harvest.coi}"))  # type: ignore[attr-defined]
    assert held and position


def test_a_vial_of_a_rejected_bank_says_so_and_stays_in_quarantine(tested: At) -> None:
    ledger, batch, _ = told(tested)
    (vial, position), *_ = stored(ledger, tested.told)  # type: ignore[arg-type]
    decide(ledger, batch, "release.reject", reason="The medium was recalled.")
    assert said_of(ledger, vial) == ("Rejected", "Rejected")
    with pytest.raises(Refused, match="is rejected and must go into quarantine"):
        move(ledger, vial, position, released_box(ledger)[0])


def test_released_vials_are_moved_to_a_released_box_and_those_on_hold_are_not(tested: At) -> None:
    ledger, batch, _ = told(tested)
    (vial, position), (other, place), (third, last), *_ = stored(ledger, tested.told)  # type: ignore[arg-type]
    free = released_box(ledger)
    with pytest.raises(Refused, match="is not released and must go into quarantine"):
        move(ledger, vial, position, free[0])
    decide(ledger, batch)
    move(ledger, vial, position, free[0])
    move(ledger, vial, free[0], position)  # and back: a released vial may stand in either zone
    place_hold(ledger, other)
    with pytest.raises(Refused, match="is on hold and must go into quarantine"):
        move(ledger, other, place, free[1])
    correct(ledger, batch, MNC3, "volume", "6.5")
    with pytest.raises(Refused, match="is on hold and must go into quarantine"):
        move(ledger, third, last, free[2])


def test_a_hold_on_the_label_or_the_subject_counts_too(tested: At) -> None:
    ledger, batch, player = told(tested)
    (vial, _), (other, _), *_ = stored(ledger, tested.told)  # type: ignore[arg-type]
    decide(ledger, batch)
    place_hold(ledger, player.label_of(ledger, vial))
    with ledger.read() as session:
        boxes = {code: session.exec(select(Container).where(Container.code == code)).one() for code in (vial, other)}
        assert (standing(session, boxes[vial]), standing(session, boxes[other])) == ("on hold", "released")
    place_hold(ledger, tested.told.harvest.coi)  # type: ignore[attr-defined]
    with ledger.read() as session:
        assert standing(session, boxes[other]) == "on hold"


def test_without_a_room_that_knows_of_decisions_everything_is_in_quarantine(tested: At, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, batch, _ = told(tested)
    decide(ledger, batch)
    monkeypatch.setattr("backend.custody.reads.standing.JUDGES", [])
    with ledger.read() as session:
        vial = session.get_one(Container, stored(ledger, tested.told)[0][0])  # type: ignore[arg-type]
        assert standing(session, vial) == "quarantine"
    assert len(JUDGES) == 1

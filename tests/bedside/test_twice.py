"""The same infusion can never be given twice, by any path; the locks, the stops and the database each say so (decision T4)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from backend.dose.models import Administration
from backend.ledger import Ledger, Refused
from tests.bedside import rig
from tests.people import by


def rows(ledger: Ledger) -> list[Administration]:
    with ledger.read() as session:
        return list(session.exec(select(Administration)))


def test_the_same_dose_again(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    rig.given(ledger, one)
    for person in ("PHYS1", "NURS1", "NURS2"):
        with pytest.raises(Refused, match="each dose is given once"):
            ledger.do("bedside.give", one.asked(), by=by(person))
        with pytest.raises(Refused, match="each infusion is given once"):
            ledger.do("bedside.confirm", one.asked(), by=by(person))
    assert len(rows(ledger)) == 1


def test_a_replacement_dose(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    rig.given(ledger, one)
    rig.do(ledger, "end", subject=one.coi, dose=one.dose, why="said to be lost")
    other = rig.dosed(ledger, rig.who(one), order=one.order)
    (said,) = rig.stops_of(ledger, other.asked())
    assert said.endswith("each infusion is given once.")
    with pytest.raises(Refused, match="each infusion is given once"):
        ledger.do("bedside.give", other.asked(), by=by("PHYS1"))
    assert len(rows(ledger)) == 1


def test_a_second_order(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    rig.given(ledger, one)
    rig.do(ledger, "end", subject=one.coi, dose=one.dose, order=one.order)
    other = rig.dosed(ledger, rig.who(one))
    assert any("each infusion is given once" in said for said in rig.stops_of(ledger, other.asked()))
    with pytest.raises(Refused, match="each infusion is given once"):
        ledger.do("bedside.give", other.asked(), by=by("PHYS1"))
    assert len(rows(ledger)) == 1


def test_the_same_dose_by_a_second_order(ward: Any) -> None:
    """A dose is given by the order that it was made for and by no other, given before or not."""
    ledger, one = ward.ledger, ward.told
    rig.do(ledger, "end", subject=one.coi, dose=one.dose, order=one.order)
    other = rig.dosed(ledger, rig.who(one))
    (said,) = rig.stops_of(ledger, other.asked(dose=one.label))[:1]
    assert "it must be given by its own order" in said


@pytest.mark.parametrize("turn", range(2))
def test_two_clinicians_at_once(ward: Any, turn: int) -> None:
    """Each has confirmed for the other, both press start: one infusion, and the other is told every reason."""
    ledger, one = ward.ledger, ward.told
    for person in ("PHYS1", "NURS1", "NURS2"):
        ledger.do("bedside.confirm", one.asked(), by=by(person))
    people = ["PHYS1", "NURS1", "NURS2", "PHYS1"]
    with ThreadPoolExecutor(len(people)) as pool:
        came = [pool.submit(ledger.do, "bedside.give", one.asked(), by=by(person)) for person in people]
        faults = [one.exception() for one in came]
    lost = [fault for fault in faults if fault is not None]
    assert len(lost) == 3 and all(isinstance(fault, Refused) for fault in lost), faults
    assert all("each infusion is given once" in str(fault) and "each dose is given once" in str(fault) for fault in lost)
    assert len(rows(ledger)) == 1


def test_i1_a_retry_after_a_lost_answer_is_answered_and_gives_nothing(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    ledger.do("bedside.confirm", one.asked(), by=by("NURS1"))
    first = ledger.do("bedside.give", one.asked(), by=by("PHYS1"), key="the form")
    again = ledger.do("bedside.give", one.asked(), by=by("PHYS1"), key="the form")
    assert (again.act_id, again.result) == (first.act_id, first.result)
    with pytest.raises(Refused, match="each infusion is given once"):
        ledger.do("bedside.give", one.asked(), by=by("PHYS1"), key="another form")
    assert len(rows(ledger)) == 1


def test_i1_four_retries_at_once(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    ledger.do("bedside.confirm", one.asked(), by=by("NURS1"))
    with ThreadPoolExecutor(4) as pool:
        came = [pool.submit(ledger.do, "bedside.give", one.asked(), by=by("PHYS1"), key="one form") for _ in range(4)]
        found = {one.result().result for one in came}
    assert len(found) == 1
    assert len(rows(ledger)) == 1


def test_t4_the_database_itself_holds_it(ward: Any) -> None:
    """Were every rule lost: a second row of the same dose, or of the same subject and infusion, cannot be written."""
    ledger, one = ward.ledger, ward.told
    rig.given(ledger, one)
    other = rig.dosed(ledger, rig.someone(ledger, "S02"))
    (row,) = rows(ledger)
    kept = row.model_dump() | {"code": other.dose}
    table = Administration.__table__  # type: ignore[attr-defined]
    for changed in ({}, {"dose_code": other.dose}, {"dose_code": one.dose, "infusion": 2}):
        with pytest.raises(IntegrityError), ledger.engine.begin() as conn:
            conn.execute(table.insert().values(**kept | changed))
    assert len(rows(ledger)) == 1

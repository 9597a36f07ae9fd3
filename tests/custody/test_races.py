"""Several people at once: the unique indexes of open rows decide between subjects, the lock of the chain within one (decision T2)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from backend.custody.models import BoxClaim, Occupancy, UsedUp
from backend.ledger import Refused
from tests.custody import rig
from tests.people import by


def _all_at_once(*doing: Any) -> list[BaseException | None]:
    """What each of these came to: None, or the exception."""
    with ThreadPoolExecutor(len(doing)) as pool:
        return [one.exception() for one in [pool.submit(what) for what in doing]]


@pytest.mark.parametrize("turn", range(3))
def test_two_subjects_vials_to_one_box_at_once_and_the_loser_is_told_who(labelled: Any, turn: int) -> None:
    made, ledger = labelled.told, labelled.ledger
    other = rig.labelled(ledger, "S04", 1)
    first, second = made.boxes.positions[0][:2]
    came = _all_at_once(
        lambda: rig.store(ledger, made.labels[:1], [first]), lambda: rig.store(ledger, other.labels, [second], "TECH3", "TECH2")
    )
    refused = [one for one in came if one is not None]
    assert len(refused) == 1 and isinstance(refused[0], Refused), came
    claims = rig.rows(ledger, BoxClaim)
    assert len(claims) == 1
    winner = "S08" if claims[0].coi == made.coi else "S04"
    assert f"holds vials of subject {winner} (" in str(refused[0])
    assert len(rig.rows(ledger, Occupancy)) == 1


def test_two_subjects_vials_to_one_position_at_once(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    other = rig.labelled(ledger, "S04", 1)
    where = made.boxes.positions[0][:1]
    came = _all_at_once(lambda: rig.store(ledger, made.labels[:1], where), lambda: rig.store(ledger, other.labels, where, "TECH3", "TECH2"))
    refused = [one for one in came if one is not None]
    assert len(refused) == 1 and isinstance(refused[0], Refused), came
    assert "holds" in str(refused[0])
    assert len(rig.rows(ledger, Occupancy)) == 1


def test_eight_people_use_up_one_vial_at_once_and_one_does(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    came = _all_at_once(*[lambda: ledger.do("rig.use_up", {"container": made.containers[0]}, by=by("TECH1"))] * 8)
    refused = [one for one in came if one is not None]
    assert len(refused) == 7 and all(isinstance(one, Refused) for one in refused)
    assert len(rig.rows(ledger, UsedUp)) == 1
    with ledger.engine.connect() as conn:
        query = "SELECT COUNT(*) FROM entry WHERE act = 'rig.use_up'"
        assert conn.exec_driver_sql(query).scalar_one() == 8

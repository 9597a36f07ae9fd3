"""A hold on the bank, as a correction places one, stops a dose wherever it is (decision F2).

That the route, the compartment, the release and the bedside stop too is tested where each of them is.
"""

from collections.abc import Callable
from typing import Any

import pytest

from backend.ledger import Refused
from tests.conftest import At
from tests.dose import bench, rig
from tests.people import by, sign

Reach = Callable[[str, str], At]
LATE = "It is on hold: A late result."


def test_f2_a_hold_on_the_bank_stops_the_order(waiting: Any) -> None:
    ledger, bank = waiting.ledger, waiting.told
    rig.hold(ledger, bank.batch)
    with pytest.raises(Refused, match="There is an open hold: A vial was dropped"):
        rig.order(ledger, bank.coi)


def test_f2_a_hold_on_the_bank_stops_the_compartment(reach: Reach) -> None:
    here = reach("ica_low", "banked")
    bench.hold(here.ledger, here.told.batch)
    with pytest.raises(Refused, match=LATE):
        here.ledger.do("dose.open", {"order": here.told.order}, by=by("PREP1"), signatures=sign("PREP1"))


@pytest.mark.parametrize(("until", "act"), [("opened", "allocate"), ("picked", "thaw")])
def test_f2_a_hold_on_the_bank_stops_its_vials(reach: Reach, until: str, act: str) -> None:
    here = reach("ica_low", until)
    bench.hold(here.ledger, here.told.batch)
    more = {"with_": "PREP2", "started_at": here.ledger.clock().isoformat(), "seconds": "95"} if act == "thaw" else {}
    said = bench.refused(here.ledger, act, here.told, vials=here.told.taken, **more).reasons
    assert said == ("This dose is on hold: A late result.",)

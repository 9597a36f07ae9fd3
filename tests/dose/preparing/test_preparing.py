"""A dose of each arm from its order to its release."""

from collections.abc import Callable

import pytest

from backend.dose.models import DoseDecision
from tests.conftest import At
from tests.dose.preparing import rig

ARMS = ("ommaya", "ica_low", "ica_high")


@pytest.mark.parametrize("arm", ARMS)
def test_a_dose_of_each_arm_is_prepared_and_released(reach: Callable[[str, str], At], arm: str) -> None:
    here = reach(arm, "tested")
    rig.decide(here.ledger, here.told)
    assert [row.decision for row in rig.rows(here.ledger, DoseDecision)] == ["released"]

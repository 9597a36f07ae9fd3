"""Acts at the bedside."""

from typing import Any

from backend.bedside.models import Checked
from tests.bedside import rig
from tests.people import by


def test_thread(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    assert ledger.do("bedside.check", one.asked(), by=by("PHYS1")).result["stops"] == []
    ledger.do("bedside.confirm", one.asked(), by=by("NURS1"))
    code = ledger.do("bedside.give", one.asked(), by=by("PHYS1")).result
    print(code)

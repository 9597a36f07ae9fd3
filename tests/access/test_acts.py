"""People: what an administrator can do to them, and what they must do themselves."""

import pytest

from backend.ledger import Ledger, NotAllowed, Refused
from tests.people import by, sign


def test_a_staff_number_is_never_given_twice(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="belongs to somebody already"):
        ledger.do("access.add_person", {"person": "TECH1", "name": "Another"}, by=by("ADM1"))


def test_nobody_grants_a_role_but_an_administrator(ledger: Ledger) -> None:
    with pytest.raises(NotAllowed, match="you are technician"):
        ledger.do("access.grant", {"person": "TECH1", "role": "qa"}, by=by("TECH2"))


def test_a_role_counts_only_after_qa_countersigned_it(ledger: Ledger) -> None:
    ledger.do("access.add_person", {"person": "NEW1", "name": "New Person"}, by=by("ADM1"))
    granted = ledger.do("access.grant", {"person": "NEW1", "role": "technician"}, by=by("ADM1")).result
    with pytest.raises(NotAllowed, match="without a role"):
        ledger.do("access.grant", {"person": "TECH1", "role": "qa"}, by=by("NEW1"))
    ledger.do("access.countersign", {"grant": granted}, by=by("QA1"), signatures=sign("QA1"))
    with pytest.raises(NotAllowed, match="you are technician"):
        ledger.do("access.grant", {"person": "TECH1", "role": "qa"}, by=by("NEW1"))

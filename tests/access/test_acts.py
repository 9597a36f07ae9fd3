"""People: what an administrator can do to them, and what they must do themselves."""

import pytest

from backend.access import sessions
from backend.ledger import Ledger, NotAllowed, Refused
from backend.ledger.keys import CHEAP
from tests import story
from tests.people import PASSWORD, by, sign


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


@pytest.mark.parametrize("who", ["the first signer", "the second signer"])
def test_nobody_signs_anything_before_the_accountability_statement(ledger: Ledger, who: str) -> None:
    """Neither alone nor as somebody's second; the right password changes nothing, and after the statement the act is done."""
    folder = story.folder_proposed(ledger)
    ledger.do("access.add_person", {"person": "NEW1", "name": "New Person"}, by=by("ADM1"))
    role = "qa" if who == "the first signer" else "physician"
    granted = ledger.do("access.grant", {"person": "NEW1", "role": role}, by=by("ADM1")).result
    ledger.do("access.countersign", {"grant": granted}, by=by("QA1"), signatures=sign("QA1"))
    sessions.set_password(ledger, "NEW1", sessions.issue_link(ledger, "NEW1", by("ADM1")), PASSWORD, CHEAP)
    people = ("NEW1", "PHYS1") if who == "the first signer" else ("QA1", "NEW1")
    with pytest.raises(Refused) as no:
        story.approve(ledger, folder, people)
    assert no.value.reasons == ("New Person must sign the accountability statement before the first signature.",)
    with ledger.engine.connect() as conn:
        signed = conn.exec_driver_sql("SELECT signatures FROM entry WHERE act = 'trial.approve_folder'").all()
    assert [bytes(row[0]) for row in signed] == [b""]
    ledger.do("access.accept_statement", by=by("NEW1"), signatures=sign("NEW1"))
    story.approve(ledger, folder, people)


def test_the_statement_is_signed_once_and_only_for_oneself(ledger: Ledger) -> None:
    with pytest.raises(Refused, match=r"You have signed the accountability statement already\."):
        ledger.do("access.accept_statement", by=by("TECH1"), signatures=sign("TECH1"))
    with pytest.raises(Refused, match="the first signature must be yours"):
        ledger.do("access.accept_statement", by=by("TECH1"), signatures=sign("TECH2"))

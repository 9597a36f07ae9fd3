"""A corrected value keeps its batch on hold until the corrected record stands, and for good where nobody may override (decision F2)."""

from collections.abc import Callable
from typing import Any

import pytest

from backend.ledger import Ledger, Refused, digest_of
from backend.quality.models import Deviation, Hold
from backend.quality.reads import shown_deviation, shown_hold
from tests.batch.test_acts import MNC3, MNC4, args, correct, lift, note, rows, told
from tests.conftest import At
from tests.people import by, sign

Open = Callable[..., At]
MNC9 = ("MNC-9", None)


def read_again(ledger: Ledger, batch: str, player: Any, volume: str) -> None:
    """Both sign the corrected step."""
    player.sign(ledger, batch, MNC3, "TECH1")
    note(ledger, batch, MNC3, "TECH2", "read again", volume=volume)
    ledger.do("batch.verify", args(batch, MNC3), by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, MNC3))


def test_the_hold_of_a_correction_stays_until_both_have_signed_again(reach: Open) -> None:
    ledger, batch, player = told(reach("at MNC-4"))
    correct(ledger, batch, MNC3, "volume", "7.0")
    (held,) = rows(ledger, Hold)
    again = "MNC-3 was corrected and is not signed again; both must sign it before the hold is lifted"
    with pytest.raises(Refused, match=again):
        lift(ledger, held.code)
    player.sign(ledger, batch, MNC3, "TECH1")
    with pytest.raises(Refused, match=again):
        lift(ledger, held.code)
    note(ledger, batch, MNC3, "TECH2", "read again", volume="7.0")
    ledger.do("batch.verify", args(batch, MNC3), by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, MNC3))
    lift(ledger, held.code)
    note(ledger, batch, MNC4, volume="7.0")


def test_a_hold_is_lifted_over_the_record_as_it_is_now(reach: Open) -> None:
    """The digest that QA signs is of the corrected record: what was read before the step was signed again is stale."""
    ledger, batch, player = told(reach("at MNC-4"))
    correct(ledger, batch, MNC3, "volume", "7.0")
    (held,) = rows(ledger, Hold)
    with ledger.read() as session:
        early = digest_of(shown_hold(session, held.code))
    read_again(ledger, batch, player, "7.0")
    with pytest.raises(Refused, match="The record changed while you were reading it"):
        lifted = {"by": by("QA1"), "signatures": sign("QA1"), "reason": "read again by both"}
        ledger.do("quality.lift_hold", {"hold_code": held.code}, shown=early, **lifted)
    lift(ledger, held.code)


def test_the_hold_of_a_correction_that_nobody_may_override_is_never_lifted(reach: Open) -> None:
    ledger, batch, player = told(reach("at P0 CUL-8"))
    correct(ledger, batch, MNC9, "empty", "no")
    (held,) = rows(ledger, Hold)
    player.sign(ledger, batch, MNC9, "TECH1")
    if player.course(ledger, batch).step(MNC9).checked:
        note(ledger, batch, MNC9, "TECH2", "read again", empty="no")
        ledger.do("batch.verify", args(batch, MNC9), by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, MNC9))
    for one in rows(ledger, Deviation):
        _decide(ledger, one.code)
    with pytest.raises(Refused, match="is at its stop limit; this hold stays"):
        lift(ledger, held.code)


def _decide(ledger: Ledger, code: str) -> None:
    told_of = {"cause": "Left over.", "impact": "None seen.", "action": "Cleared."}
    ledger.do("quality.describe", {"deviation": code} | told_of, by=by("TECH3"))
    with ledger.read() as session:
        shown = digest_of(shown_deviation(session, code))
    given = {"deviation": code, "decision": "accept"}
    ledger.do("quality.decide", given, by=by("QA1"), signatures=sign("QA1"), shown=shown, reason="Seen.")

"""A value of a bank that QA decided about is corrected: the bank is on hold until the corrected record stands (decision F2)."""

from collections.abc import Callable
from typing import Any

import pytest

from backend.batch.models import Calculated, StepPerformed
from backend.custody.models import Container
from backend.ledger import Ledger, Nonsense, Refused
from backend.quality.models import Deviation, Hold
from backend.rehearsal.usual import usual
from tests import story
from tests.api.test_calls import V1, caller
from tests.batch.test_acts import CRY2, MNC3, MNC4, args, correct, lift, note, rows, told
from tests.conftest import At
from tests.people import by, sign
from tests.release.acting import decide, settle, settle_all
from tests.visit import signed_in, words

MNC9 = ("MNC-9", None)
HELD = "Volume of suspension by weight of MNC-3 was corrected after it was signed."


@pytest.fixture
def released(tested: At) -> At:
    decide(tested.ledger, told(tested)[1])
    return tested


def again(here: At, volume: str, second: str = "", where: Any = MNC3) -> None:
    """Both sign the corrected step, the second person with what they read now."""
    ledger, batch, player = told(here)
    player.sign(ledger, batch, where, "TECH1")
    note(ledger, batch, where, "TECH2", "read again", volume=second or volume)
    ledger.do("batch.verify", args(batch, where), by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, where))


def refused(ledger: Ledger, act: str, given: dict[str, Any], person: str = "TECH1", **more: Any) -> tuple[str, ...]:
    with pytest.raises(Refused) as no:
        ledger.do(act, given, by=by(person), **more)
    return no.value.reasons


def test_f2_a_released_value_is_corrected_signed_again_and_lifted(released: At) -> None:
    ledger, batch, _ = told(released)
    boxes = len(rows(ledger, Container))
    correct(ledger, batch, MNC3, "volume", "6.5")
    (held,) = rows(ledger, Hold)
    assert (held.about, held.why, held.cause, held.chain) == (batch, HELD, "batch.correct", released.told.harvest.coi)  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="MNC-3 was corrected and is not signed again; both must sign it"):
        lift(ledger, held.code)
    again(released, "6.5")
    settle_all(ledger, batch)
    lift(ledger, held.code)
    assert len(rows(ledger, Container)) == boxes
    assert [one.number for one in rows(ledger, Calculated, Calculated.step == "MNC-4", Calculated.field == "tnc")] == [1]


def test_f2_nothing_else_is_done_at_the_bench_of_a_decided_batch(released: At) -> None:
    """No other step opens, no container comes out a second time, and nothing is scanned into the corrected step or taken out of it."""
    ledger, batch, player = told(released)
    correct(ledger, batch, CRY2, "volume", "14.5")
    closed = "nothing more is recorded in it"
    assert closed in refused(ledger, "batch.note", args(batch, MNC3) | {"field": "volume", "value": "9"})[0]
    stays = "a corrected step is read and signed again, and what went into it stays as it is"
    assert stays in refused(ledger, "batch.prepare_labels", args(batch, CRY2) | {"number": "1"})[0]
    thing = next(one.code for one in player.course(ledger, batch).scanned(CRY2))
    assert stays in refused(ledger, "batch.scan", args(batch, CRY2) | {"code": thing})[0]
    assert stays in refused(ledger, "batch.unscan", args(batch, CRY2) | {"code": thing}, reason="It was the other one.")[0]


def test_w3_a_correction_after_the_decision_is_covered_until_it_is_matched(released: At) -> None:
    """On the pages, in the history and by program, for everybody but who read it."""
    ledger, batch, _ = told(released)
    correct(ledger, batch, MNC3, "volume", "6.537")
    seen = [f"/batches/{batch}", f"/batches/{batch}/steps/MNC-3", f"/batches/{batch}/release", f"/history?code={batch}"]
    readers = ("QA1", "TECH2", "INSP1")

    def found(person: str) -> list[str]:
        pages = [("", one) for one in seen] + [(V1, one) for one in seen]
        page, api = signed_in(ledger, person), caller(ledger, person)
        return [at + one for at, one in pages if "6.537" in (api if at else page).get(at + one).text]

    assert [found(one) for one in readers] == [[], [], []]
    assert f"/batches/{batch}/steps/MNC-3" in found("TECH1")
    player = told(released)[2]
    player.sign(ledger, batch, MNC3, "TECH1")
    assert [found(one) for one in readers] == [[], [], []]
    note(ledger, batch, MNC3, "TECH2", "read again", volume="6.537")
    ledger.do("batch.verify", args(batch, MNC3), by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, MNC3))
    assert len(found("QA1")) >= 6
    page = words(signed_in(ledger, "QA1").get(f"/batches/{batch}"))
    assert "Corrected after it was signed" in page
    assert "Reason: misread the balance." in page


def test_f2_the_pages_of_a_corrected_bank_say_that_it_is_on_hold(released: At) -> None:
    ledger, batch, _ = told(released)
    qa, bench = signed_in(ledger, "QA1"), signed_in(ledger, "TECH1")
    assert "It may be used, for S01 only." in words(qa.get(f"/batches/{batch}/release"))
    correct(ledger, batch, MNC3, "volume", "6.5")
    page = words(qa.get(f"/batches/{batch}/release"))
    assert "This bank is on hold since it was decided upon; nothing of it may be used." in page
    assert "It may be used, for" not in page
    assert HELD in page
    assert HELD in words(qa.get(f"/batches/{batch}"))
    assert "released, on hold" in words(qa.get("/batches"))
    step = f"/batches/{batch}/steps/MNC-3"
    assert f'href="{step}"' in bench.get(f"/batches/{batch}").text
    assert f'href="{step}"' in bench.get("/").text
    again(released, "6.5")
    assert f'class="btn main big" href="{step}"' not in bench.get(f"/batches/{batch}").text
    assert "Volume of suspension by weight was" in words(qa.get(f"/batches/{batch}/release"))


def test_w4_after_a_mismatch_the_corrected_step_is_read_again_and_stays_covered(released: At) -> None:
    """The hold does not keep anybody from reading again, however often it takes; after the second mismatch QA decides first."""
    ledger, batch, player = told(released)
    correct(ledger, batch, MNC3, "volume", "6.5")
    again(released, "6.5", "7.9")
    course = player.course(ledger, batch)
    assert course.reopened(MNC3)
    assert not any(course.shows(MNC3, one, "QA1") for one in course.readings if one.value in ("6.5", "7.9") and one.by != "QA1")
    note(ledger, batch, MNC3, "TECH1", **usual("MNC-3", "") | {"volume": "6.5"})
    player.sign(ledger, batch, MNC3, "TECH1")
    note(ledger, batch, MNC3, "TECH2", **usual("MNC-3", "") | {"volume": "7.9"})
    ledger.do("batch.verify", args(batch, MNC3), by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, MNC3))
    (twice,) = rows(ledger, Deviation, Deviation.about == batch, Deviation.rule == "two readings match")
    with pytest.raises(Refused, match="MNC-3 waits for QA"):
        note(ledger, batch, MNC3, "TECH1", volume="6.5")
    settle(ledger, twice.code)
    note(ledger, batch, MNC3, "TECH1", **usual("MNC-3", "") | {"volume": "6.5"})
    player.sign(ledger, batch, MNC3, "TECH1")
    note(ledger, batch, MNC3, "TECH2", **usual("MNC-3", "") | {"volume": "6.5"})
    ledger.do("batch.verify", args(batch, MNC3), by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, MNC3))
    settle_all(ledger, batch)
    lift(ledger, rows(ledger, Hold)[0].code)


def test_f2_a_corrected_step_is_given_back_and_read_by_somebody_else(released: At) -> None:
    ledger, batch, player = told(released)
    correct(ledger, batch, MNC3, "volume", "6.5")
    ledger.do("batch.give_back", args(batch, MNC3), by=by("TECH1"))
    note(ledger, batch, MNC3, "TECH3", volume="6.5")
    assert not player.course(ledger, batch).shows(MNC3, max(player.course(ledger, batch).readings, key=lambda one: one.at), "QA1")


def test_f2_a_corrected_value_at_its_stop_limit_holds_a_released_bank_for_good(released: At) -> None:
    ledger, batch, player = told(released)
    correct(ledger, batch, MNC9, "empty", "no")
    player.sign(ledger, batch, MNC9, "TECH1")
    if player.course(ledger, batch).step(MNC9).checked:
        note(ledger, batch, MNC9, "TECH2", "read again", empty="no")
        ledger.do("batch.verify", args(batch, MNC9), by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, MNC9))
    settle_all(ledger, batch)
    with pytest.raises(Refused, match="is at its stop limit; this hold stays"):
        lift(ledger, rows(ledger, Hold)[0].code)


def test_f2_what_qa_does_not_accept_keeps_the_hold_for_good(released: At) -> None:
    """Nobody releases over a deviation that QA did not accept; nobody lifts over one either."""
    ledger, batch, _ = told(released)
    where = ("HAR-2", None)
    correct(ledger, batch, where, "volume", "10.0")
    again(released, "10.0", where=where)
    opened = [one for one in rows(ledger, Deviation, Deviation.about == batch) if one.sentence.startswith("HAR-3: Viable cells is")]
    assert opened
    for one in opened:
        settle(ledger, one.code, "reject")
    settle_all(ledger, batch)
    with pytest.raises(Refused, match="QA did not accept this deviation, so this hold stays: HAR-3: Viable cells is"):
        lift(ledger, rows(ledger, Hold)[0].code)


def test_f2_a_correction_months_later_is_no_phase_that_lay_open_for_months(released: At) -> None:
    ledger, batch, player = told(released)
    before, course = {one.code for one in rows(ledger, Deviation)}, player.course(ledger, batch)
    phase = next(one for one in course.master.phases if one.open_time)
    where = (phase.steps[-1].code, None)
    field, row = next(iter(course.kept(course.attempt(where, "first")).items()))
    story.advance(ledger, days=90)
    correct(ledger, batch, where, field, {"yes": "no"}.get(row.value, row.value + " "))
    player.sign(ledger, batch, where, "TECH1")
    if course.step(where).checked:
        note(ledger, batch, where, "TECH2", "read again", **{field: {"yes": "no"}.get(row.value, row.value + " ")})
        ledger.do("batch.verify", args(batch, where), by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, where))
    assert [one.sentence for one in rows(ledger, Deviation) if one.code not in before and "lay open" in one.sentence] == []


def test_f2_nobody_but_the_bench_corrects_and_nonsense_corrects_nothing(released: At) -> None:
    ledger, batch, _ = told(released)
    with pytest.raises(Refused, match="you are coordinator"):
        correct(ledger, batch, MNC3, "volume", "6.5", "COOR1")
    with pytest.raises(Nonsense):
        correct(ledger, batch, MNC3, "volume", "six")
    assert rows(ledger, Hold) == []


def test_f2_a_rejected_batch_is_corrected_where_a_step_was_finished_and_nowhere_else(reach: Callable[..., At]) -> None:
    here = reach("at MNC-4")
    ledger, batch, _ = told(here)
    note(ledger, batch, MNC4, volume="6.0")
    ledger.do("batch.reject", {"batch": batch}, by=by("QA1"), signatures=sign("QA1"), reason="The tube broke.")
    with pytest.raises(Refused, match="QA rejected this batch before MNC-4 was finished"):
        correct(ledger, batch, MNC4, "volume", "7.0")
    assert "6.0" in signed_in(ledger, "QA1").get(f"/batches/{batch}/steps/MNC-4").text  # nobody reads it a second time any more
    correct(ledger, batch, MNC3, "volume", "6.5")
    again(here, "6.5")
    settle_all(ledger, batch)
    lift(ledger, rows(ledger, Hold)[0].code)
    assert [one.ended_at is None for one in rows(ledger, StepPerformed, StepPerformed.step == "MNC-3")] == [False, True]


def test_f2_a_corrected_course_that_would_have_gone_on_otherwise_holds_for_good(released: At) -> None:
    """The cells were to be seeded once more, and were harvested: no step is done any more, so nothing makes this bank right."""
    ledger, batch, player = told(released)
    where = ("CUL-8", "P2")
    correct(ledger, batch, where, "next", "re-seed")
    player.sign(ledger, batch, where, "TECH1")
    if player.course(ledger, batch).step(where).checked:
        note(ledger, batch, where, "TECH2", "read again", next="re-seed")
        ledger.do("batch.verify", args(batch, where), by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, where))
    settle_all(ledger, batch)
    with pytest.raises(Refused, match=r"By the corrected record P2 CUL-9 .* would have come next, and it was never done; this hold stays"):
        lift(ledger, rows(ledger, Hold)[0].code)

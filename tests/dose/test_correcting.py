"""A finished step is corrected: it is read again blind, what follows is worked out anew, and unmasked QA alone lifts the hold (F2)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from backend.access.rules import Role, Viewer
from backend.bedside.models import Checked
from backend.custody.models import Container, HandedOver, Label
from backend.desk.reads.history import reader_for
from backend.dose.models import (
    Administration,
    DoseDecision,
    DoseDeviation,
    DoseFilled,
    DoseHoldLifted,
    PrepCorrected,
    PrepMatched,
    PrepMismatched,
    PrepReading,
)
from backend.dose.reads import dose_view, to_lift, to_prepare
from backend.dose.reads.correcting import shown_correction
from backend.dose.rules.correcting import NO_VOLUME, STAYS, STAYS_TOO_FEW, hold_words
from backend.ledger import Nonsense, NotAllowed, Refused, digest_of
from backend.ledger.reads import entries
from backend.quality.models import Deviation, Hold
from backend.quality.reads import shown_hold
from tests import story
from tests.conftest import KEYRING, At
from tests.dose import bench as rig
from tests.dose import rig as ordering
from tests.people import by, sign

Reach = Callable[[str, str], At]
HELD = hold_words(1)
CHANGED = "The record changed while you were reading it. Read it again, then decide."
WAITS = "The wash was corrected and is not read again by two people yet."
DMSO = rig.WASH | {"wash_ml": "10", "left_ml": "4.0"}  # 0.3 % would be left in the largest dose
RIGHT = rig.WASH | {"wash_ml": "42.0"}


def correct(here: At, step: str = "wash", who: str = "PREP2", why: str = "The cylinder holds 42.0 mL.") -> Any:
    return rig.do(here.ledger, "correct", here.told, who, step=step, reason=why)


def again(here: At, step: str = "wash", values: dict[str, str] | None = None) -> None:
    """Both read the step once more, the same."""
    second = {"wash": "wash_again", "count": "recount", "formulate": "formulate_again", "fill": "fill_again"}[step]
    rig.do(here.ledger, step, here.told, **(values or RIGHT))
    rig.do(here.ledger, second, here.told, "PREP2", **(values or RIGHT))


def lift(here: At, who: str = "UQA1", shown: str = "") -> Any:
    with here.ledger.read() as session:
        seen = digest_of(shown_correction(session, dose=here.told.dose))
    given: dict[str, Any] = {"by": by(who), "signatures": sign(who), "reason": "42.0 changes little.", "shown": shown or seen}
    return here.ledger.do("dose.lift_hold", {"dose": here.told.dose}, **given).result


def refused(here: At, what: Callable[[At], Any]) -> Refused:
    with pytest.raises(Refused) as no:
        what(here)
    return no.value


def held(here: At) -> list[str]:
    return [one.why for one in rig.rows(here.ledger, Hold) if one.ended_at is None]


def opened(here: At, sealed: str) -> str:
    with here.ledger.read() as session:
        return KEYRING.open(session, here.told.coi, sealed) or ""


def worked(here: At, step: str) -> list[dict[str, Decimal]]:
    """What was worked out in a step: superseded, and last what is in force."""
    rows = sorted(rig.rows(here.ledger, PrepMatched, step=step), key=lambda one: (one.ended_at is None, one.at))
    return [{name: Decimal(value) for name, value in (line.split("=") for line in opened(here, one.worked).splitlines())} for one in rows]


def seen(here: At, person: str, role: Role) -> Any:
    with here.ledger.read() as session:
        return dose_view(session, here.ledger, here.told.dose, Viewer(person, person, frozenset({role})), here.ledger.clock())


def history(here: At, person: str, role: Role, act: str = "") -> list[Any]:
    with here.ledger.read() as session:
        found = entries(session, reader_for(here.ledger, Viewer(person, person, frozenset({role}))), limit=300)
    return [one for one in found if not act or one.act == act]


def deviations(here: At, decision: str = "accept") -> list[str]:
    """Every open masked deviation is decided; what each says."""
    said = []
    for row in rig.rows(here.ledger, DoseDeviation):
        said.append(opened(here, row.sentence))
        given = {"deviation": row.deviation_code, "decision": decision}
        here.ledger.do("dose.decide_deviation", given, by=by("UQA1"), signatures=sign("UQA1"), reason="It is known why.")
    return said


# ---- correcting ----


def test_f2_a_correction_reopens_the_step_and_holds_the_dose(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    correct(here)
    [row], [old] = rig.rows(here.ledger, PrepCorrected), rig.rows(here.ledger, PrepMatched, step="wash")
    assert (row.step, row.by, row.matched_code, opened(here, row.why)) == ("wash", "PREP2", old.code, "The cylinder holds 42.0 mL.")
    assert (old.ended_by, old.ended_at) == ("PREP2", row.at)
    [hold] = rig.rows(here.ledger, Hold)
    assert (hold.about, hold.why, hold.cause, hold.by) == (here.told.dose, HELD, "dose.correct", "PREP2")
    assert not any(one.isdigit() for one in HELD.replace("infusion 1", ""))
    [told] = history(here, "UQA1", Role.UNMASKED_QA, "dose.correct")
    assert told.sentence.endswith(f"corrected the preparation of the dose {here.told.dose}.")
    assert [(one.meaning, one.by) for one in told.signed] == [
        ("I correct this step; the reason is true, and what was read before stays in the record.", "PREP2")
    ]


@pytest.mark.parametrize("who", ["UQA1", "QA1", "PHYS1", "NURS1", "TECH1", "ANA1", "COOR1"])
def test_f2_a_preparer_alone_corrects(reach: Reach, who: str) -> None:
    here = reach("ica_low", "washed")
    with pytest.raises(NotAllowed):
        correct(here, who=who)
    assert rig.rows(here.ledger, PrepCorrected) == []


def test_f2_what_is_not_matched_is_not_corrected_and_nothing_is_corrected_twice(reach: Reach) -> None:
    here = reach("ica_low", "washed")
    assert refused(here, lambda one: correct(one, "count")).reasons == (
        "The cells are not counted by two people yet. Only what two people have matched is corrected.",
    )
    correct(here)
    assert refused(here, correct).reasons == (f"{WAITS} Until then there is nothing new to correct.",)
    with pytest.raises(Nonsense):
        correct(here, "thaw")
    with pytest.raises(Refused, match="A reason is needed"):
        correct(here, why=" ")


def test_f2_a_dose_that_is_gone_is_not_corrected(reach: Reach) -> None:
    here = reach("ica_low", "washed")
    rig.do(here.ledger, "dispose", here.told, with_="PREP2", because="broken", order="stays", reason="It fell.")
    said = "This dose has ended: It was disposed of: broken. Its readings stay as they are."
    assert refused(here, correct).reasons == (said,)


def test_f2_two_people_who_correct_at_once_correct_once(reach: Reach) -> None:
    here = reach("ica_low", "washed")

    def tried(who: str) -> str:
        try:
            correct(here, who=who)
        except Refused as no:
            return no.reasons[0]
        return "done"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(tried, ("PREP1", "PREP2")))
    assert answers == [f"{WAITS} Until then there is nothing new to correct.", "done"]
    assert len(rig.rows(here.ledger, PrepCorrected)) == len(rig.rows(here.ledger, Hold)) == 1


def test_f2_one_hold_stands_for_every_correction_until_it_is_lifted(reach: Reach) -> None:
    here = reach("ica_low", "counted")
    correct(here)
    correct(here, "count")
    assert held(here) == [HELD]
    again(here)
    no = rig.refused(here.ledger, "wash", here.told, **rig.WASH)
    assert no.reasons == (f"This dose is on hold: {HELD}",)  # it is not open any more
    again(here, "count", rig.FIRST)
    lift(here)
    correct(here)
    assert held(here) == [HELD] and len(rig.rows(here.ledger, Hold)) == 2


# ---- what the hold bars ----


def test_f2_only_the_corrected_step_goes_on_while_the_hold_stands(reach: Reach) -> None:
    here = reach("ica_low", "filled")
    correct(here)
    assert rig.refused(here.ledger, "take_samples", here.told).reasons == (f"This dose is on hold: {HELD}",)
    again(here)
    assert rig.refused(here.ledger, "take_samples", here.told).reasons == (f"This dose is on hold: {HELD}",)
    lift(here)
    rig.sampled(here.ledger, here.told)


def test_f2_a_correction_while_the_next_step_is_read_once_makes_that_wait(reach: Reach) -> None:
    here = reach("ica_low", "washed")
    rig.do(here.ledger, "count", here.told, **rig.FIRST)
    correct(here, who="PREP1")
    no = rig.refused(here.ledger, "recount", here.told, "PREP2", **rig.SECOND)
    assert no.reasons == (f"This dose is on hold: {HELD}",)
    again(here)
    lift(here)
    rig.do(here.ledger, "recount", here.told, "PREP2", **rig.SECOND)
    assert {one.step for one in rig.rows(here.ledger, PrepMatched) if one.ended_at is None} == {"wash", "count"}


def test_f2_a_held_dose_is_not_released(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    correct(here)
    assert refused(here, lambda one: rig.decide(one.ledger, one.told)).reasons == (WAITS, f"It is on hold: {HELD}")
    again(here)
    assert refused(here, lambda one: rig.decide(one.ledger, one.told)).reasons == (f"It is on hold: {HELD}",)
    lift(here)
    rig.decide(here.ledger, here.told)


def test_f2_at_the_bedside_the_hold_is_named_and_a_hand_over_is_as_with_any_hold(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    rig.decide(here.ledger, here.told)
    correct(here, "fill")
    label = rig.label(here.ledger, here.told)
    band = here.told.wristband or here.told.coi
    given = {"order": here.told.order, "access": "internal carotid catheter", "wristband": band, "dose": label}
    here.ledger.do("bedside.check", given, by=by("NURS1"))
    said = f"The dose is on hold ({HELD}); QA must lift the hold first."
    assert said in rig.rows(here.ledger, Checked)[-1].stops.splitlines()
    for name in ("bedside.confirm", "bedside.give"):
        assert said in refused(here, lambda one, act=name: one.ledger.do(act, given, by=by("NURS1"))).reasons  # type: ignore[misc]
    assert rig.rows(here.ledger, Administration) == []
    over = {"container": [label], "to": "Ward", "condition": "intact", "temperature_c": "5.0"}
    here.ledger.do("custody.hand_over", over, by=by("PREP1"))  # a hold bars use, and never that a box is carried out of harm's way
    assert len(rig.rows(here.ledger, HandedOver, container_code=rig.rows(here.ledger, DoseFilled)[0].container_code)) == 1


# ---- reading again ----


def test_f2_the_step_is_read_again_and_every_later_one_worked_out_anew(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    before = {one.code for one in rig.rows(here.ledger, PrepMatched)}
    filled, labels = rig.rows(here.ledger, DoseFilled)[0], rig.rows(here.ledger, Label)
    correct(here)
    again(here, values=rig.WASH | {"resuspended_ml": "2.0"})
    rows = rig.rows(here.ledger, PrepMatched)
    assert {one.code for one in rows if one.ended_at} == before
    assert {one.step: (one.number, one.first, one.second) for one in rows if one.ended_at is None} == {
        "wash": (2, "PREP1", "PREP2"), "count": (1, "PREP1", "PREP2"), "formulate": (1, "PREP1", "PREP2"), "fill": (1, "PREP1", "PREP2"),
    }  # fmt: skip
    assert [one["total"] for one in worked(here, "count")] == [Decimal(21000000), Decimal(16800000)]
    assert [one["calculated"] for one in worked(here, "formulate")] == [Decimal(250000), Decimal(200000)]
    assert worked(here, "fill")[0] == worked(here, "fill")[1]
    now = rig.rows(here.ledger, DoseFilled)
    assert (len(now), now[0].version, now[0].expires_at) == (1, filled.version, filled.expires_at)
    assert len(rig.rows(here.ledger, Container, kind="syringe")) == 1
    assert len(rig.rows(here.ledger, Label)) == len(labels)
    assert len(rig.rows(here.ledger, PrepReading, step="wash")) == 24  # those before stay


@pytest.mark.parametrize("arm", ["ommaya", "ica_low", "ica_high"])
@pytest.mark.parametrize(("step", "rows"), [("wash", 8), ("count", 7), ("formulate", 6), ("fill", 5)])
def test_f2_how_many_rows_a_correction_leaves_depends_on_the_step_and_on_no_arm(reach: Reach, arm: str, step: str, rows: int) -> None:
    here = reach(arm, "filled")
    values = {
        "wash": rig.OMMAYA_WASH if arm == "ommaya" else rig.WASH, "count": rig.OMMAYA_FIRST if arm == "ommaya" else rig.FIRST,
        "formulate": rig.VOLUMES[arm], "fill": rig.FILLS[arm],
    }[step]  # fmt: skip
    correct(here, step)
    again(here, step, values)
    assert len(rig.rows(here.ledger, PrepMatched)) == rows
    assert len(rig.rows(here.ledger, DoseFilled)) == 1
    assert rig.rows(here.ledger, Deviation) == []
    lift(here)


def test_f2_two_corrected_steps_are_read_in_their_order(reach: Reach) -> None:
    here = reach("ica_low", "filled")
    correct(here, "formulate")
    correct(here, "wash")
    no = rig.refused(here.ledger, "formulate", here.told, **rig.VOLUMES["ica_low"])
    assert no.reasons == (WAITS,)
    again(here, values=rig.WASH | {"resuspended_ml": "2.0"})
    assert {one.step for one in rig.rows(here.ledger, PrepMatched) if one.ended_at is None} == {"wash", "count", "fill"}
    again(here, "formulate", rig.VOLUMES["ica_low"])
    assert worked(here, "formulate")[-1]["calculated"] == Decimal(200000)


def test_w4_two_who_do_not_read_the_same_again_read_once_more_and_nothing_is_worked_out(reach: Reach) -> None:
    here = reach("ica_low", "filled")
    correct(here)
    rig.do(here.ledger, "wash", here.told, **RIGHT)
    rig.do(here.ledger, "wash_again", here.told, "PREP2", **rig.WASH)
    assert len(rig.rows(here.ledger, PrepMismatched)) == 1
    assert len(rig.rows(here.ledger, PrepMatched)) == 4
    again(here)
    assert {one.number for one in rig.rows(here.ledger, PrepMatched, step="wash")} == {1, 3}


def test_f2_out_of_limits_after_a_correction_is_said_once(reach: Reach) -> None:
    here = reach("ica_high", "filled")
    correct(here)
    again(here, values=DMSO)
    [said] = deviations(here)
    assert said.startswith("Residual DMSO")
    assert [one.sentence for one in rig.rows(here.ledger, Deviation)] == ["A value of the preparation of infusion 1 is out of its limit."]
    correct(here)
    again(here, values=DMSO)
    assert len(rig.rows(here.ledger, Deviation)) == 1
    lift(here)


@pytest.mark.parametrize("arm", ["ica_low", "ica_high"])
def test_f2_a_volume_beside_the_plan_is_the_truth_when_it_is_corrected_and_a_deviation(reach: Reach, arm: str) -> None:
    here = reach(arm, "filled")
    drawn = Decimal(rig.VOLUMES[arm]["drawn_ml"])
    wrong = rig.VOLUMES[arm] | {"drawn_ml": f"{drawn * Decimal('1.1'):f}"}
    correct(here, "formulate")
    nothing = rig.VOLUMES[arm] | {"drawn_ml": "0", "diluent_ml": "0"}
    assert rig.refused(here.ledger, "formulate", here.told, **nothing).reasons == (NO_VOLUME,)
    for _ in (1, 2):
        again(here, "formulate", wrong)
        [row] = rig.rows(here.ledger, Deviation)
        assert (row.sentence, row.masked) == ("A value of the preparation of infusion 1 is out of its limit.", True)
        assert "Volume drawn from the working stock is" in opened(here, rig.rows(here.ledger, DoseDeviation)[0].sentence)
        correct(here, "formulate")


# ---- nobody reads with another's eyes ----


@pytest.mark.parametrize("decided", [False, True])
def test_w3_what_is_read_again_is_covered_as_before_although_the_dose_is_decided(reach: Reach, decided: bool) -> None:
    here = reach("ica_low", "tested")
    if decided:
        rig.decide(here.ledger, here.told)
    correct(here, why="It is 47.31 mL.")
    rig.do(here.ledger, "wash", here.told, "PREP2", **(rig.WASH | {"wash_ml": "47.31"}))
    for person, role in (("PREP1", Role.PREPARER), ("UQA1", Role.UNMASKED_QA), ("QA1", Role.QA)):
        told, one = history(here, person, role), seen(here, person, role)
        assert "47.31" not in str(told) and "47.31" not in one.model_dump_json(), person
        assert [entry.covered for entry in told if entry.act == "dose.wash"] == [True, False], person
        assert [entry.covered for entry in told if entry.act == "dose.correct"] == [True], person
    assert "47.31" in str(history(here, "PREP2", Role.PREPARER)) and "47.31" in seen(here, "PREP2", Role.PREPARER).model_dump_json()
    rig.do(here.ledger, "wash_again", here.told, "PREP1", **(rig.WASH | {"wash_ml": "47.31"}))
    assert "47.31" in str(history(here, "PREP1", Role.PREPARER, "dose.wash"))
    [line] = seen(here, "PREP1", Role.PREPARER).steps[0].corrections
    assert line.why == "It is 47.31 mL."
    assert "47.31" not in str(history(here, "QA1", Role.QA))


def test_w3_a_correction_that_was_refused_tells_its_reason_to_nobody_who_still_reads(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    rig.do(here.ledger, "wash", here.told, **RIGHT)
    refused(here, lambda one: correct(one, who="PREP1"))
    assert "42.0" not in str(history(here, "PREP2", Role.PREPARER))


def test_f2_unmasked_people_see_what_is_superseded_and_masked_ones_that_something_is(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    correct(here)
    masked, unmasked = seen(here, "QA1", Role.QA).steps[0], seen(here, "UQA1", Role.UNMASKED_QA).steps[0]
    assert (masked.state, masked.reopened, unmasked.state) == ("open", True, "open")
    [one], [other] = masked.corrections, unmasked.corrections
    assert (one.by, one.typed, one.worked, one.why) == (other.by, (), (), "")
    assert {value.title: value.text for value in other.typed}["Volume of the wash"] == "40.0"
    assert other.why == "" and seen(here, "PREP2", Role.PREPARER).steps[0].corrections[0].why == "The cylinder holds 42.0 mL."


def test_f2_a_formulation_is_read_again_without_the_plan_beside_it(reach: Reach) -> None:
    here = reach("ica_low", "filled")
    correct(here, "formulate")
    assert seen(here, "PREP1", Role.PREPARER).plan == ()
    correct(here, "wash")
    assert seen(here, "PREP1", Role.PREPARER).plan == ()


# ---- after the release, after the infusion ----


def test_f2_what_was_given_can_be_corrected_and_the_hold_stays_when_it_did_not_conform(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    rig.decide(here.ledger, here.told)
    given = ordering.do(here.ledger, "give", "PHYS1", code=here.told.dose, started_at=here.ledger.clock().isoformat())
    correct(here, "fill")
    few = rig.FILLS["ica_low"] | {"live": " ".join(["9 9"] * 8)}
    again(here, "fill", few)
    assert refused(here, lift).reasons[0].startswith("A masked deviation is not decided")
    assert "Viable cells in the dose are 1.8×10⁶; they must be 2×10⁶ to 3×10⁶." in deviations(here)
    no = refused(here, lift)
    assert (no.reasons, no.sealed) == ((STAYS,), ("Viable cells in the dose are 1.8×10⁶; they must be 2×10⁶ to 3×10⁶.",))
    assert held(here) == [HELD]
    assert [one.decision for one in rig.rows(here.ledger, DoseDecision)] == ["released"]
    [waits] = seen(here, "UQA1", Role.UNMASKED_QA).against_lifting
    assert waits.startswith("Viable cells in the dose are 1.8")
    assert seen(here, "QA1", Role.QA).against_lifting == ()
    assert [one.code for one in rig.rows(here.ledger, Administration)] == [given]
    correct(here, "fill")  # it was the second reading that was wrong
    again(here, "fill", rig.FILLS["ica_low"])
    lift(here)
    assert held(here) == []


def test_r3_too_few_cells_after_the_wash_hold_it_for_good(reach: Reach) -> None:
    here = reach("ica_high", "filled")
    correct(here, "count")
    again(here, "count", {"live": "60 60 60 60", "dead": "4 4 4 4", "dilution": "10"})
    deviations(here)
    assert refused(here, lift).reasons == (STAYS_TOO_FEW,)


# ---- lifting ----


def test_f2_unmasked_qa_lifts_it_for_a_sealed_reason(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    correct(here)
    assert refused(here, lift).reasons == (WAITS,)
    again(here)
    lift(here)
    [row] = rig.rows(here.ledger, Hold)
    assert (row.ended_by, row.ended_why) == ("UQA1", "Lifted by unmasked QA; the reason is masked.")
    [kept] = rig.rows(here.ledger, DoseHoldLifted)
    assert (kept.hold_code, kept.dose_code, opened(here, kept.why)) == (row.code, here.told.dose, "42.0 changes little.")
    assert [one.why for one in seen(here, "UQA1", Role.UNMASKED_QA).lifted] == ["42.0 changes little."]
    assert [one.why for one in seen(here, "QA1", Role.QA).lifted] == [""]
    assert refused(here, lift).reasons == ("No correction of its preparation holds this dose.",)


@pytest.mark.parametrize("who", ["QA1", "PREP1", "PHYS1", "TECH1", "NURS1"])
def test_f2_nobody_but_unmasked_qa_lifts_it(reach: Reach, who: str) -> None:
    here = reach("ica_low", "washed")
    correct(here)
    again(here)
    with pytest.raises(NotAllowed):
        lift(here, who)


def test_f2_masked_qa_is_told_who_lifts_it(reach: Reach) -> None:
    here = reach("ica_low", "washed")
    correct(here)
    again(here)
    [row] = rig.rows(here.ledger, Hold)
    with here.ledger.read() as session:
        shown = digest_of(shown_hold(session, hold_code=row.code))
    given: dict[str, Any] = {"by": by("QA1"), "signatures": sign("QA1"), "reason": "It is fine.", "shown": shown}
    no = refused(here, lambda one: one.ledger.do("quality.lift_hold", {"hold_code": row.code}, **given))
    assert no.reasons == ("A correction of a preparation placed this hold; unmasked QA lifts it on the page of the dose.",)


def test_f2_whoever_was_there_does_not_lift_it(reach: Reach) -> None:
    here = reach("ica_low", "picked")
    began = here.ledger.clock().isoformat()
    rig.do(here.ledger, "thaw", here.told, with_="UQA1", vials=here.told.taken, started_at=began, seconds="90")
    rig.washed(here.ledger, here.told)
    correct(here)
    again(here)
    assert refused(here, lift).reasons == ("You took part in the preparation of this dose, so somebody else must lift its hold.",)


def test_f2_a_page_that_was_read_before_the_step_was_read_again_lifts_nothing(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    correct(here)
    with here.ledger.read() as session:
        stale = digest_of(shown_correction(session, dose=here.told.dose))
    again(here)
    assert refused(here, lambda one: lift(one, shown=stale)).reasons == (CHANGED,)
    with here.ledger.read() as session:
        stale = digest_of(shown_correction(session, dose=here.told.dose))
    correct(here, "fill")
    again(here, "fill", rig.FILLS["ica_low"])
    assert refused(here, lambda one: lift(one, shown=stale)).reasons == (CHANGED,)


def test_f2_a_masked_deviation_that_is_undecided_or_not_accepted_keeps_it(reach: Reach) -> None:
    here = reach("ica_high", "filled")
    correct(here)
    again(here, values=DMSO)
    out = "A value of the preparation of infusion 1 is out of its limit."
    assert refused(here, lift).reasons == (f"A masked deviation is not decided: {out}",)
    deviations(here, "reject")
    assert refused(here, lift).reasons == (f"A masked deviation was not accepted: {out}",)


def test_f2_the_hold_of_a_dose_that_is_gone_can_be_lifted_so_that_its_subject_can_be_closed(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    correct(here)
    rig.do(here.ledger, "dispose", here.told, with_="PREP2", because="expired", order="stays", reason="Too late.")
    lift(here)
    assert held(here) == []


def test_f2_a_hold_by_hand_beside_it_stays_with_qa(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    rig.hold(here.ledger, here.told.dose, "A late result.")
    correct(here)
    again(here)
    lift(here)
    assert held(here) == ["A late result."]


# ---- what waits ----


def test_f2_a_reopened_step_waits_for_preparers_and_the_hold_for_unmasked_qa(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    rig.decide(here.ledger, here.told)
    correct(here)
    with here.ledger.read() as session:
        assert [(one.what, one.href) for one in to_prepare(session)] == [("Read again what was corrected", f"/doses/{here.told.dose}")]
        assert [(one.what, one.href) for one in to_lift(session)] == [("Lift the hold of a correction", f"/doses/{here.told.dose}")]
    again(here)
    with here.ledger.read() as session:
        assert (to_prepare(session), len(to_lift(session))) == ([], 1)
    lift(here)
    with here.ledger.read() as session:
        assert to_lift(session) == []


def test_f2_time_may_pass_before_the_hold_is_lifted(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    rig.decide(here.ledger, here.told)
    story.advance(here.ledger, days=30)
    correct(here)
    again(here)
    lift(here)
    assert held(here) == []

"""A dose from its order to its samples: each act leaves its row and its entry, and says why it does not happen."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from backend.access.rules import Role
from backend.batch.models import SampleTaken, SampleTest
from backend.custody.models import Amount, Container, ContainerParent, Disposed, Label, UsedUp
from backend.custody.reads import live_label
from backend.dose.models import (
    Dose,
    DoseDecision,
    DoseDeviation,
    DoseFilled,
    DoseVial,
    PrepMatched,
    PrepMismatched,
    PrepReading,
    Thawed,
)
from backend.dose.reads import dose_in
from backend.dose.rules.preparing import SLIP, TOO_FEW, open_words
from backend.ledger import REGISTRY, Ledger, Nonsense, NotAllowed, Refused
from backend.ledger.reads import entries
from backend.quality.models import Deviation
from tests import story
from tests.conftest import KEYRING, At
from tests.dose import bench as rig
from tests.people import by, sign

ARMS = ("ommaya", "ica_low", "ica_high")
Reach = Callable[[str, str], At]


def opened(here: At, sealed: str) -> str:
    """The plain text of a sealed value of the subject."""
    with here.ledger.read() as session:
        return KEYRING.open(session, here.told.coi, sealed) or ""


def last(ledger: Ledger, who: str = "UQA1") -> Any:
    """The newest entry, as an unmasked person reads it."""
    from backend.access.rules import Viewer
    from backend.desk.reads.history import reader_for

    with ledger.read() as session:
        return entries(session, reader_for(ledger, Viewer(who, who, frozenset({Role.UNMASKED_QA}))), limit=1)[0]


@pytest.mark.parametrize("arm", ARMS)
def test_a_dose_of_each_arm_is_prepared_and_released(reach: Reach, arm: str) -> None:
    here = reach(arm, "tested")
    rig.decide(here.ledger, here.told)
    assert [row.decision for row in rig.rows(here.ledger, DoseDecision)] == ["released"]
    assert rig.rows(here.ledger, Deviation) == []
    assert last(here.ledger).act == "dose.release"


# ---- open ----


def open_(here: At, who: str = "PREP1") -> Any:
    return here.ledger.do("dose.open", {"order": here.told.order}, by=by(who), signatures=sign(who)).result


def test_a_named_preparer_opens_the_dose_compartment(reach: Reach) -> None:
    here = reach("ica_low", "banked")
    code = open_(here)
    row = rig.rows(here.ledger, Dose)[0]
    assert (row.code, row.order_code, row.infusion, row.by) == (code, here.told.order, 1, "PREP1")
    told = last(here.ledger)
    assert (told.act, told.sentence) == ("dose.open", f"Peng Fei opened the dose compartment of {here.told.coi}.")


@pytest.mark.parametrize("who", ["TECH1", "QA1", "UQA1", "PHYS1", "ANA1"])
def test_nobody_but_a_preparer_opens_it(reach: Reach, who: str) -> None:
    with pytest.raises(NotAllowed):
        open_(reach("ica_low", "banked"), who)


def test_a_second_dose_for_the_same_infusion_is_refused(reach: Reach) -> None:
    with pytest.raises(Refused, match="A dose for this infusion exists already; it must be disposed of first"):
        open_(reach("ica_low", "opened"))


def test_an_order_that_ended_a_hold_or_a_trial_that_stopped_keeps_it_closed(reach: Reach) -> None:
    here = reach("ica_low", "banked")
    given = {"about": here.told.batch, "why": "A late result."}
    here.ledger.do("quality.place_hold", given, by=by("QA1"), signatures=sign("QA1"))
    rig.suspend(here.ledger)
    here.ledger.do("rig.end_order", {"order": here.told.order}, by=by("TECH1"))
    with pytest.raises(Refused) as no:
        open_(here)
    assert no.value.reasons == (
        "This order has ended: The physician cancelled it.",
        "The trial is suspended; no dose is prepared until it is active.", "It is on hold: A late result.",
    )  # fmt: skip


# ---- vials ----


def test_exactly_the_vials_of_the_route_are_set_aside(reach: Reach) -> None:
    here = reach("ica_low", "opened")
    rig.do(here.ledger, "allocate", here.told, vials=here.told.taken)
    assert {row.container_code for row in rig.rows(here.ledger, DoseVial)} == set(here.told.taken)
    assert last(here.ledger).act == "dose.allocate"


@pytest.mark.parametrize(
    ("take", "says"),
    [
        (slice(0, 1), "1 vials were scanned; a dose of this route takes 2."),
        (slice(0, 3), "3 vials were scanned; a dose of this route takes 2."),
    ],
)
@pytest.mark.parametrize("arm", ["ica_low", "ica_high"])
def test_r2_either_carotid_arm_takes_two_vials(reach: Reach, arm: str, take: slice, says: str) -> None:
    here = reach(arm, "opened")
    assert rig.refused(here.ledger, "allocate", here.told, vials=here.told.vials[take]).reasons == (says,)


def test_an_intraventricular_dose_takes_three(reach: Reach) -> None:
    here = reach("ommaya", "opened")
    no = rig.refused(here.ledger, "allocate", here.told, vials=here.told.vials[:2])
    assert no.reasons == ("2 vials were scanned; a dose of this route takes 3.",)


def test_a_vial_that_is_on_hold_is_not_set_aside(reach: Reach) -> None:
    here = reach("ica_low", "opened")
    given = {"about": here.told.vials[0], "why": "Frost in the cap."}
    here.ledger.do("quality.place_hold", given, by=by("QA1"), signatures=sign("QA1"))
    assert rig.refused(here.ledger, "allocate", here.told, vials=here.told.taken).reasons == ("A vial is on hold: Frost in the cap.",)


def test_a_vial_whose_label_is_on_hold_is_not_set_aside(reach: Reach) -> None:
    here = reach("ica_low", "opened")
    with here.ledger.read() as session:
        label = live_label(session, here.told.vials[0])
    assert label is not None
    given = {"about": label.code, "why": "The label is loose."}
    here.ledger.do("quality.place_hold", given, by=by("QA1"), signatures=sign("QA1"))
    assert rig.refused(here.ledger, "allocate", here.told, vials=here.told.taken).reasons == ("A vial is on hold: The label is loose.",)


def test_a_retained_vial_is_not_set_aside(reach: Reach) -> None:
    here = reach("ica_low", "opened")
    code = here.told.vials[0]
    with here.ledger.read() as session:
        name = session.get_one(Container, code).name
    kept = {"container": [code], "how": "retained"}
    here.ledger.do("dossier.dispose", kept, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="Kept for thirty years.")
    assert rig.refused(here.ledger, "allocate", here.told, vials=here.told.taken).reasons == (f"{name} is retained; it goes into no dose.",)


def test_one_vial_is_for_one_dose_until_it_is_exchanged(reach: Reach) -> None:
    here = reach("ica_low", "picked")
    one, two, three = here.told.vials[:3]
    rig.do(here.ledger, "allocate", here.told, vials=[one, three])
    rows = {row.container_code: row.ended_by for row in rig.rows(here.ledger, DoseVial)}
    assert rows == {one: None, two: "PREP1", three: None}


def test_another_subjects_vial_is_mixed_with_nothing(reach: Reach) -> None:
    here = reach("ica_low", "opened")
    who = story.PEOPLE[1]
    coi = story.enrol(here.ledger, who)
    tubes = {"subject": coi, "material": "blood", "tubes": 1, "taken_at": here.ledger.clock().isoformat()}
    here.ledger.do("subject.take_reference", tubes, by=by("NURS2"), signatures=sign("NURS2", "PHYS1"))
    foreign = rig.rows(here.ledger, Container, chain=coi)[0].code
    no = rig.refused(here.ledger, "allocate", here.told, vials=[here.told.vials[0], foreign])
    assert no.reasons == ("Cells of two subjects are never mixed.",)


# ---- thaw ----


def thaw(here: At, **changed: Any) -> Any:
    given = {"vials": here.told.taken, "started_at": here.ledger.clock().isoformat(), "seconds": "95"} | changed
    return rig.do(here.ledger, "thaw", here.told, with_="PREP2", **given)


def test_a_thaw_starts_the_clock_and_cannot_be_undone(reach: Reach) -> None:
    here = reach("ica_high", "picked")
    thaw(here)
    rows = rig.rows(here.ledger, Thawed)
    assert {row.container_code for row in rows} == set(here.told.taken)
    assert {row.witness for row in rows} == {"PREP2"}
    assert {row.container_code for row in rig.rows(here.ledger, UsedUp)} == set(here.told.taken)
    cells = rig.rows(here.ledger, Container, kind="suspension")[0]
    assert {row.parent for row in rig.rows(here.ledger, ContainerParent, child=cells.code)} == set(here.told.taken)
    assert opened(here, rows[0].seconds) == "95"
    with pytest.raises(Refused, match="is used up since"):
        thaw(here)


def test_a_vial_in_its_position_is_not_thawed(reach: Reach) -> None:
    here = reach("ica_low", "opened")
    rig.do(here.ledger, "allocate", here.told, vials=here.told.taken)
    with pytest.raises(Refused, match="cryovial 1 is in a position; it must be picked first"):
        thaw(here)


def test_only_the_vials_that_were_set_aside_are_thawed_and_all_of_them(reach: Reach) -> None:
    here = reach("ica_low", "picked")
    with pytest.raises(Refused) as no:
        thaw(here, vials=here.told.vials[2:4])
    assert no.value.reasons == ("cryovial 3 is not set aside for this dose.", "cryovial 4 is not set aside for this dose.")
    with pytest.raises(Refused, match="1 of the 2 vials of this dose were not scanned"):
        thaw(here, vials=here.told.vials[:1])


def test_a_thaw_is_neither_in_the_future_nor_before_the_dose_was_opened(reach: Reach) -> None:
    here = reach("ica_low", "picked")
    with pytest.raises(Refused, match="The thaw would begin at"):
        thaw(here, started_at="2026-12-01T00:00+00:00")
    with pytest.raises(Refused, match="before this dose was opened"):
        thaw(here, started_at="2026-03-01T00:00+00:00")


def test_a_thaw_that_took_too_long_is_recorded_and_opens_a_masked_deviation(reach: Reach) -> None:
    here = reach("ica_low", "picked")
    thaw(here, seconds="181")
    row = rig.rows(here.ledger, Deviation)[0]
    assert (row.sentence, row.masked, row.grade) == ("A value of the preparation of infusion 1 is out of its limit.", True, "critical")
    assert opened(here, rig.rows(here.ledger, DoseDeviation)[0].sentence) == "Time in the water bath is 181 s; it must be at most 180 s."


def test_a_thawed_vial_goes_into_no_other_position_and_no_other_dose(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    back = {"container": [here.told.vials[0]], "position": [here.told.positions[here.told.vials[0]]], "exposure_s": "10"}
    with pytest.raises(Refused, match="is used up"):
        here.ledger.do("custody.store", back, by=by("PREP1"), signatures=sign("PREP1", "PREP2"))
    no = rig.refused(here.ledger, "allocate", here.told, vials=here.told.vials[2:4])
    assert no.reasons == ("A vial of this dose has been thawed already; its vials cannot change any more.",)


# ---- two readings ----


def test_the_first_reading_is_sealed_and_waits(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    rig.do(here.ledger, "wash", here.told, **rig.WASH)
    rows = rig.rows(here.ledger, PrepReading)
    assert {row.field: opened(here, row.value) for row in rows} == rig.WASH
    assert all(row.value.startswith("~masked.") for row in rows)
    assert rig.rows(here.ledger, PrepMatched) == []
    no = rig.refused(here.ledger, "wash", here.told, "PREP2", **rig.WASH)
    assert no.reasons == ("This step has been read once; it waits for the second person, on their own sign-in.",)


def test_w2_nobody_reads_a_step_twice(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    assert rig.refused(here.ledger, "wash_again", here.told, **rig.WASH).reasons == ("Nobody has read this step for the first time yet.",)
    rig.do(here.ledger, "wash", here.told, **rig.WASH)
    no = rig.refused(here.ledger, "wash_again", here.told, **rig.WASH)
    assert no.reasons == ("You read this step yourself, so somebody else must read it the second time.",)


def test_w3_the_second_person_sees_no_first_value_although_they_are_unmasked(reach: Reach) -> None:
    from backend.access.rules import Viewer
    from backend.desk.reads.history import reader_for
    from backend.dose.reads import dose_view

    here = reach("ica_low", "thawed")
    rig.do(here.ledger, "wash", here.told, **rig.WASH)
    second, first = (Viewer(one, one, frozenset({Role.PREPARER})) for one in ("PREP2", "PREP1"))
    with here.ledger.read() as session:
        told = entries(session, reader_for(here.ledger, second), act="dose.wash")[0]
        own = entries(session, reader_for(here.ledger, first), act="dose.wash")[0]
        seen = [dose_view(session, here.ledger, here.told.dose, one, here.ledger.clock()) for one in (first, second)]
    assert told.covered
    assert "40.0" not in str(told)
    assert not own.covered
    assert [bool(one.steps[0].typed) for one in seen] == [True, False]
    rig.do(here.ledger, "wash_again", here.told, "PREP2", **rig.WASH)
    with here.ledger.read() as session:
        assert not entries(session, reader_for(here.ledger, second), act="dose.wash")[-1].covered
        assert dose_view(session, here.ledger, here.told.dose, second, here.ledger.clock()).steps[0].typed


def test_w4_two_readings_that_differ_are_both_read_again_and_the_second_time_unmasked_qa_decides(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    other = rig.WASH | {"wash_ml": "41.0"}
    for times in (1, 2):
        rig.do(here.ledger, "wash", here.told, **rig.WASH)
        rig.do(here.ledger, "wash_again", here.told, "PREP2", **other)
        assert len(rig.rows(here.ledger, PrepMismatched)) == times
        assert len(rig.rows(here.ledger, Deviation)) == times - 1
    said = "Two independent readings in the preparation of infusion 1 did not match twice."
    no = rig.refused(here.ledger, "wash", here.told, **rig.WASH)
    assert no.reasons == (f"{said} Unmasked QA decides before anybody reads again.",)
    deviation = rig.rows(here.ledger, Deviation)[0]
    assert (deviation.sentence, deviation.masked) == (said, True)
    decide = {"deviation": deviation.code, "decision": "accept"}
    here.ledger.do("dose.decide_deviation", decide, by=by("UQA1"), signatures=sign("UQA1"), reason="A misread pipette.")
    rig.washed(here.ledger, here.told)
    assert [row.step for row in rig.rows(here.ledger, PrepMatched)] == ["wash"]


def test_a_mismatch_that_was_not_accepted_ends_the_preparation(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    for _ in (1, 2):
        rig.do(here.ledger, "wash", here.told, **rig.WASH)
        rig.do(here.ledger, "wash_again", here.told, "PREP2", **(rig.WASH | {"left_ml": "0.6"}))
    decide = {"deviation": rig.rows(here.ledger, Deviation)[0].code, "decision": "reject"}
    here.ledger.do("dose.decide_deviation", decide, by=by("UQA1"), signatures=sign("UQA1"), reason="Nobody knows the volume.")
    no = rig.refused(here.ledger, "wash", here.told, **rig.WASH)
    assert no.reasons[0].endswith("Unmasked QA did not accept it; this dose goes no further.")


def test_steps_are_read_in_their_order(reach: Reach) -> None:
    here = reach("ica_low", "picked")
    no = rig.refused(here.ledger, "count", here.told, **rig.FIRST)
    assert no.reasons == ("The vials of this dose are not thawed yet.", "The wash is not read by two people yet.")


def test_a_finished_step_is_not_read_again(reach: Reach) -> None:
    here = reach("ica_low", "washed")
    assert rig.refused(here.ledger, "wash", here.told, **rig.WASH).reasons == ("This step of the preparation is finished already.",)
    assert rig.refused(here.ledger, "wash_again", here.told, **rig.WASH).reasons == ("This step of the preparation is finished already.",)


def test_nothing_is_done_to_a_dose_that_is_on_hold(reach: Reach) -> None:
    here = reach("ica_low", "washed")
    given = {"about": here.told.coi, "why": "A positive culture."}
    here.ledger.do("quality.place_hold", given, by=by("QA1"), signatures=sign("QA1"))
    assert rig.refused(here.ledger, "count", here.told, **rig.FIRST).reasons == ("This dose is on hold: A positive culture.",)


@pytest.mark.parametrize(("clumps", "opened_ones"), [("0", 0), ("2", 1)])
def test_clumps_that_straining_did_not_take_away_are_a_masked_deviation(reach: Reach, clumps: str, opened_ones: int) -> None:
    here = reach("ica_low", "thawed")
    seen = rig.WASH | {"strained": "2", "clumps": clumps}
    rig.do(here.ledger, "wash", here.told, **seen)
    rig.do(here.ledger, "wash_again", here.told, "PREP2", **seen)
    found = rig.rows(here.ledger, Deviation)
    assert [(one.grade, one.sentence) for one in found] == [("critical", open_words(1))] * opened_ones
    assert all("still seen after straining" in opened(here, one.sentence) for one in rig.rows(here.ledger, DoseDeviation))


def test_nonsense_is_not_recorded(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    with pytest.raises(Nonsense) as no:
        rig.do(here.ledger, "wash", here.told, **(rig.WASH | {"resuspended_ml": "25"}))
    assert no.value.faults == {"resuspended_ml": "Volume after the wash is 25; only 0.5 to 10 is possible."}
    assert rig.rows(here.ledger, PrepReading) == []


def test_what_is_worked_out_is_sealed(reach: Reach) -> None:
    here = reach("ica_low", "counted")
    row = rig.rows(here.ledger, PrepMatched, step="count")[0]
    found = dict(line.split("=") for line in opened(here, row.worked).splitlines())
    assert {name: Decimal(found[name]) for name in ("concentration", "total", "counted")} == {
        "concentration": Decimal(8400000), "total": Decimal(21000000), "counted": Decimal(360),
    }  # fmt: skip
    assert (row.first, row.second) == ("PREP1", "PREP2")


def test_low_viability_is_recorded_and_opens_a_masked_deviation(reach: Reach) -> None:
    here = reach("ica_low", "washed")
    bad = {"live": "84 80 88 84", "dead": "22 22 22 22", "dilution": "10"}
    rig.do(here.ledger, "count", here.told, **bad)
    rig.do(here.ledger, "recount", here.told, "PREP2", **bad)
    assert opened(here, rig.rows(here.ledger, DoseDeviation)[0].sentence) == "Viability is 79.25 %; it must be at least 80 %."
    assert rig.rows(here.ledger, Deviation)[0].sentence == "A value of the preparation of infusion 1 is out of its limit."


# ---- guards ----


@pytest.mark.parametrize("arm", ["ica_low", "ica_high"])
@pytest.mark.parametrize("factor", ["10", "0.1", "4", "0.25"])
def test_a_slip_is_refused_in_the_same_open_words_for_both_arms(reach: Reach, arm: str, factor: str) -> None:
    here = reach(arm, "counted")
    typed = rig.VOLUMES[arm] | {"drawn_ml": f"{Decimal(rig.VOLUMES[arm]['drawn_ml']) * Decimal(factor):f}"}
    no = rig.refused(here.ledger, "formulate", here.told, **typed)
    assert no.reasons == (SLIP,)
    assert "it must be" in no.sealed[0]
    assert last(here.ledger, "PREP1").refused == (SLIP, *no.sealed)
    assert last(here.ledger, "PREP2").refused == ("covered",)


@pytest.mark.parametrize("arm", ["ica_low", "ica_high"])
def test_r3_too_few_cells_stop_both_arms_in_the_same_words(reach: Reach, arm: str) -> None:
    here = reach(arm, "washed")
    few = {"live": "60 60 60 60", "dead": "4 4 4 4", "dilution": "10"}  # 1.5e7 in 2.5 mL
    rig.do(here.ledger, "count", here.told, **few)
    rig.do(here.ledger, "recount", here.told, "PREP2", **few)
    assert [row.sentence for row in rig.rows(here.ledger, Deviation)] == ["A value of the preparation of infusion 1 is out of its limit."]
    no = rig.refused(here.ledger, "formulate", here.told, **rig.VOLUMES[arm])
    assert (no.reasons, no.sealed) == ((TOO_FEW,), ("Viable cells after the wash are 1.5×10⁷; they must be at least 1.6×10⁷.",))


# ---- the syringe ----


def test_the_syringe_holds_what_its_label_says_and_no_cells_openly(reach: Reach) -> None:
    here = reach("ica_low", "filled")
    filled = rig.rows(here.ledger, DoseFilled)[0]
    box = rig.rows(here.ledger, Container, code=filled.container_code)[0]
    assert (box.kind, box.name, box.batch_code) == ("syringe", "Dose of infusion 1", here.told.batch)
    amounts = rig.rows(here.ledger, Amount, container_code=box.code)
    assert [(one.volume_ml, one.cells) for one in amounts] == [(Decimal("10.0"), None)]
    began = rig.rows(here.ledger, Thawed)[0].started_at
    assert filled.expires_at == began.replace(hour=began.hour + 4, second=0, microsecond=0)  # D1
    assert (filled.by, filled.second, filled.label_ml) == ("PREP1", "PREP2", Decimal("10.0"))
    with here.ledger.read() as session:
        assert dose_in(session, box.code).code == here.told.dose  # type: ignore[union-attr]
        assert dose_in(session, here.told.vials[0]) is None


@pytest.mark.parametrize(
    ("arm", "strength"),
    [
        ("ica_low", "2.5×10⁶ or 1.0×10⁷ viable cells in 10 mL, per randomisation code"),
        ("ica_high", "2.5×10⁶ or 1.0×10⁷ viable cells in 10 mL, per randomisation code"), ("ommaya", "2.0×10⁷ viable cells in 2 mL"),
    ],
)  # fmt: skip
def test_the_label_names_route_time_and_strength(reach: Reach, arm: str, strength: str) -> None:
    here = reach(arm, "filled")
    with here.ledger.read() as session:
        label = session.exec(select(Label).where(Label.code == rig.label(here.ledger, here.told))).one()
    said = dict(line.split("=", 1) for line in label.values_text.splitlines())
    assert (said["route"], said["strength"], said["subject_number"]) == (rig.ROUTES[arm], strength, "S01")
    assert said["expires_at"].endswith("UTC+8")
    assert said["coi"] == here.told.coi


def test_a_fill_out_of_its_limits_is_recorded(reach: Reach) -> None:
    here = reach("ica_high", "formulated")
    rig.filled(here.ledger, here.told, net_g="9.8")
    assert opened(here, rig.rows(here.ledger, DoseDeviation)[0].sentence) == (
        "Filled volume beside its target is -5.796 %; it must be at least -5 %."
    )


# ---- samples and surplus ----


@pytest.mark.parametrize(("arm", "limit"), [("ica_low", "<= 27"), ("ica_high", "<= 27"), ("ommaya", "<= 3.6")])
def test_l2_each_sample_carries_its_limit_resolved(reach: Reach, arm: str, limit: str) -> None:
    here = reach(arm, "sampled")
    tests = {row.test: row for row in rig.rows(here.ledger, SampleTest, dose_code=here.told.dose)}
    assert set(tests) == {"gram", "endotoxin", "sterility", "appearance"}
    assert (tests["endotoxin"].limit, tests["gram"].limit, tests["endotoxin"].stage) == (limit, "no organisms", "dose")
    assert len(rig.rows(here.ledger, SampleTaken, step="PREP-10")) == 4
    assert rig.refused(here.ledger, "take_samples", here.told).reasons == ("The samples of this dose are taken already.",)


def test_nothing_is_sampled_before_it_is_filled(reach: Reach) -> None:
    here = reach("ica_low", "formulated")
    assert rig.refused(here.ledger, "take_samples", here.told).reasons == ("The dose is not filled yet.",)


def test_the_surplus_is_destroyed_by_two_people_after_the_samples(reach: Reach) -> None:
    here = reach("ica_low", "filled")
    no = rig.refused(here.ledger, "destroy_surplus", here.told, with_="PREP2")
    assert no.reasons == ("The samples of this dose are not taken yet; they are taken from the surplus.",)
    rig.sampled(here.ledger, here.told)
    cells = rig.rows(here.ledger, Container, kind="suspension")[0]
    row = rig.rows(here.ledger, Disposed, container_code=cells.code)[0]
    assert (row.how, row.by, row.witness) == ("destroyed", "PREP1", "PREP2")
    assert rig.rows(here.ledger, UsedUp, container_code=cells.code)
    no = rig.refused(here.ledger, "destroy_surplus", here.told, with_="PREP2")
    assert no.reasons == ("The surplus of this dose is destroyed already.",)


def test_s2_every_value_of_the_preparation_is_declared_masked() -> None:
    open_ones = {"dose", "order", "vials", "deviation", "decision", "because", "started_at", "step"}
    for act in (one for one in REGISTRY.values() if one.name.split(".")[1] in {
        "open", "allocate", "thaw", "wash", "wash_again", "count", "recount", "formulate", "formulate_again", "fill", "fill_again",
        "take_samples", "destroy_surplus", "release", "reject", "decide_deviation", "dispose", "correct", "lift_hold",
    } and one.room == "dose"):  # fmt: skip
        wrong = [name for name, kept in act.secrecy.items() if (kept.secrecy == "masked") == (name in open_ones)]
        assert wrong == [], act.name

"""The release of a dose: nothing speaks against a good one; take away any one condition, and exactly that one is named."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backend.access.rules import Role, Viewer
from backend.custody.models import Container, Disposed, Label
from backend.dose.models import (
    Dose,
    DoseDecision,
    DoseDeviation,
    DoseDeviationDecided,
    DoseFilled,
    DoseVial,
    Order,
    PrepMatched,
    Thawed,
)
from backend.dose.reads import dose_view, masked_undecided, to_prepare, to_release
from backend.dose.rules.arithmetic import recipe
from backend.dose.rules.preparing import STEPS, DeviationOf, Progress
from backend.dose.rules.releasing import NOT_CONFORMING, Around, Labelled, against_deciding, against_disposing, against_release
from backend.ledger import NotAllowed, Refused
from backend.quality.models import Deviation, DeviationDecided
from backend.trial.rules import read_folder
from tests import story
from tests.conftest import KEYRING, At
from tests.dose import bench as rig
from tests.people import by, sign

Reach = Callable[[str, str], At]
TRIAL = read_folder(Path(story.FOLDER)).trial
LOW = recipe(TRIAL, "ica_low")
SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 5, 1, 14, 0, tzinfo=SHANGHAI)

# ---- the rule, without a database ----

DOSE = Dose(code="K1", order_code="K2", coi="S1", infusion=2, batch_code="K3", at=AT, by="PREP1")
ORDER = Order(
    code="K2", coi="S1", infusion=2, batch_code="K3", route="ICA", planned_at=AT, weight_kg=Decimal(54), weighed_on="2026-05-01",
    temperature_c=Decimal(37), infection="no", at=AT, by="PHYS1",
)  # fmt: skip
GOOD = Progress(
    dose=DOSE, vials=[DoseVial(code="K4", dose_code="K1", container_code="C1", at=AT, by="PREP1")],
    thawed=[Thawed(container_code="C1", dose_code="K1", started_at=AT, seconds="~", at=AT, by="PREP1", witness="PREP2")],
    matched={
        one: PrepMatched(code=f"K{one}", dose_code="K1", step=one, number=1, first="PREP1", second="PREP2", worked="~", at=AT)
        for one in STEPS
    },
    filled=DoseFilled(
        dose_code="K1", container_code="C2", label_ml=Decimal(10), expires_at=datetime(2026, 5, 1, 9, 46, tzinfo=UTC), at=AT, by="PREP1",
        second="PREP2",
    ),
    surplus_gone=True, sampled=frozenset({"gram", "endotoxin", "appearance", "sterility"}), hands=frozenset({"PREP1", "PREP2"}),
)  # fmt: skip
ROUND = Around(
    order=ORDER, bank="released", label=Labelled(True, True, True), tests=(), deviations=(), withdrawn=False, trial="active",
    collected_on=date(2026, 3, 2), before=(1, date(2026, 4, 3)), day=date(2026, 5, 1), at=AT, cells=Decimal("2.5e6"),
)  # fmt: skip
OPEN = DeviationOf("K9", "limit", "A value of the preparation of infusion 2 is out of its limit.", None, "~")


def said(progress: Progress = GOOD, around: Around = ROUND, who: str = "UQA1") -> list[str]:
    return [one.open for one in against_release(progress, around, LOW, TRIAL, who)]


def test_nothing_speaks_against_a_good_dose() -> None:
    assert said() == []


def without(step: str) -> dict[str, PrepMatched]:
    return {name: row for name, row in GOOD.matched.items() if name != step}


DOSES: list[tuple[Mapping[str, Any], str]] = [
    ({"dose": Dose(**(DOSE.model_dump() | {"ended_at": AT, "ended_why": "It broke."}))}, "This dose has ended: It broke."),
    (
        {"decision": DoseDecision(dose_code="K1", decision="rejected", why="~", at=AT, by="UQA1")},
        "This dose has been decided about already.",
    ),
    ({"hands": frozenset({"UQA1"})}, "You took part in the preparation of this dose, so somebody else must release it."),
    ({"thawed": []}, "The vials of this dose are not thawed yet."),
    ({"matched": without("wash")}, "The wash is not read by two people yet."),
    ({"matched": without("count")}, "The cells are not counted by two people yet."),
    ({"matched": without("formulate")}, "The formulation is not read by two people yet."),
    ({"matched": without("fill")}, "The dose is not filled yet."),
    ({"surplus_gone": False}, "The surplus of this dose is not destroyed yet."),
    ({"holds": ["A positive culture."]}, "It is on hold: A positive culture."),
    ({"deviations": [OPEN]}, f"A masked deviation is not decided: {OPEN.sentence}"),
    ({"deviations": [OPEN._replace(accepted=False)]}, f"A masked deviation was not accepted: {OPEN.sentence}"),
    ({"sampled": frozenset({"gram", "appearance"})}, "No sample was taken for endotoxin."),
]
AROUND: list[tuple[Mapping[str, Any], str]] = [
    ({"tests": ("Gram stain has no result.",)}, "Gram stain has no result."),
    ({"deviations": ("The bag leaked.",)}, "A deviation is not decided: The bag leaked."),
    ({"label": None}, "The syringe has no label."),
    ({"label": Labelled(True, True, True, "It smeared.")}, "The label of the syringe has ended: It smeared."),
    ({"label": Labelled(False, False, False)}, "The label of the syringe is not printed yet."),
    ({"label": Labelled(True, False, False)}, "The label of the syringe was not scanned back since it was printed."),
    ({"label": Labelled(True, True, False)}, "The label is not on the syringe yet."),
    (
        {"order": Order(**(ORDER.model_dump() | {"ended_at": AT, "ended_why": "It was cancelled."}))},
        "Its order has ended: It was cancelled.",
    ),
    ({"bank": "rejected"}, "The bank it was made from is rejected; it must be released."),
    ({"bank": ""}, "The bank it was made from is not decided about; it must be released."),
    ({"withdrawn": True}, "The subject has withdrawn; nothing more is given to them."),
    ({"trial": "suspended"}, "The trial is suspended; no dose is released until it is active."),
    (
        {"day": date(2026, 4, 30), "before": (1, date(2026, 4, 3))},
        "Infusion 1 was given on 2026-04-03; the next may be given from 2026-05-01 on, and the day is 2026-04-30.",
    ),
    (
        {"collected_on": None},
        "The collection that the bank came from is not in the record; the window counts from it, so it must be.",
    ),
    (
        {"collected_on": date(2026, 4, 2)},
        "The window opens on 2026-05-02, 1 calendar month after the collection of 2026-04-02; the day is 2026-05-01.",
    ),
    (
        {"collected_on": date(2025, 10, 31)},
        "The window closed on 2026-04-30, 6 calendar months after the collection of 2025-10-31; the day is 2026-05-01.",
    ),
    ({"cells": Decimal(1999999)}, NOT_CONFORMING),
    ({"cells": Decimal(3000001)}, NOT_CONFORMING),
]


@pytest.mark.parametrize(("changed", "sentence"), DOSES, ids=[row[1][:48] for row in DOSES])
def test_one_condition_of_the_dose_taken_away_is_named_alone(changed: Mapping[str, Any], sentence: str) -> None:
    assert said(replace(GOOD, **changed)) == [sentence]


@pytest.mark.parametrize(("changed", "sentence"), AROUND, ids=[f"{n} {row[1][:48]}" for n, row in enumerate(AROUND)])
def test_one_condition_around_the_dose_taken_away_is_named_alone(changed: Mapping[str, Any], sentence: str) -> None:
    assert said(around=replace(ROUND, **changed)) == [sentence]


def test_d1_the_last_minute_passes_and_the_next_does_not() -> None:
    last = datetime(2026, 5, 1, 17, 16, 59, tzinfo=SHANGHAI)  # 17:46 less 20 minutes and 10
    assert said(around=replace(ROUND, at=last)) == []
    assert said(around=replace(ROUND, at=last + timedelta(seconds=1))) == [
        ("It is too late to finish before the dose expires at 2026-05-01 17:46 UTC+8: the infusion had to start by "
        "2026-05-01 17:16 UTC+8; it is 2026-05-01 17:17 UTC+8.")
    ]
    expired = datetime(2026, 5, 1, 17, 47, tzinfo=SHANGHAI)
    assert said(around=replace(ROUND, at=expired)) == ["The dose expired at 2026-05-01 17:46 UTC+8; it is 2026-05-01 17:47 UTC+8."]


def test_a_dose_that_is_not_filled_is_not_asked_for_its_label_or_its_time() -> None:
    bare = Progress(dose=DOSE)
    found = said(bare, replace(ROUND, label=None, cells=None))
    assert found == [
        "The vials of this dose are not thawed yet.",
        "The wash is not read by two people yet.",
        "The cells are not counted by two people yet.",
        "The formulation is not read by two people yet.",
        "The dose is not filled yet.",
        "No sample was taken for gram, endotoxin, appearance.",
    ]


def test_cells_are_said_under_seal_alone() -> None:
    [found] = against_release(GOOD, replace(ROUND, cells=Decimal("1.9e6")), LOW, TRIAL, "UQA1")
    assert (found.open, found.sealed) == (NOT_CONFORMING, "Viable cells in the dose are 1.9×10⁶; they must be 2×10⁶ to 3×10⁶.")


def test_who_decides_a_masked_deviation_and_when_a_dose_is_disposed_of() -> None:
    assert list(against_deciding("PREP2", None, {"PREP1"}, "UQA1")) == []
    assert list(against_deciding("PREP2", True, {"PREP1"}, "UQA1")) == ["This deviation has been decided already."]
    mine = "You took part in the preparation of this dose, so somebody else must decide about it."
    assert list(against_deciding("UQA1", None, set(), "UQA1")) == [mine]
    assert list(against_deciding("PREP1", None, {"UQA1"}, "UQA1")) == [mine]
    assert list(against_disposing(GOOD)) == []
    assert list(against_disposing(replace(GOOD, given=True))) == [
        "This dose is being given or was given; what is left of it is accounted for at the bedside."
    ]


# ---- the act, in the database ----


def against(here: At, who: str = "UQA1") -> tuple[str, ...]:
    with pytest.raises(Refused) as no:
        rig.decide(here.ledger, here.told, who=who)
    assert rig.rows(here.ledger, DoseDecision) == []
    return no.value.reasons


def withdraw(here: At) -> None:
    here.ledger.do("subject.withdraw", {"subject": here.told.coi}, by=by("COOR1"), signatures=sign("COOR1"), reason="They moved away.")


def void(here: At) -> None:
    code = rig.label(here.ledger, here.told)
    here.ledger.do("custody.void_label", {"label": code}, by=by("PREP1"), reason="It smeared.")


def late(here: At) -> None:
    story.advance(here.ledger, hours=4)


def a_month(here: At) -> None:
    story.advance(here.ledger, days=200)


TAKEN: list[tuple[Callable[[At], None], str]] = [
    (withdraw, "The subject has withdrawn; nothing more is given to them."),
    (void, "The label of the syringe has ended: It smeared."),
    (late, "The dose expired at"),
    (lambda here: rig.suspend(here.ledger), "The trial is suspended; no dose is released until it is active."),
    (lambda here: rig.hold(here.ledger, here.told.dose), "It is on hold: A late result."),
    (lambda here: rig.hold(here.ledger, here.told.batch), "It is on hold: A late result."),
    (lambda here: rig.hold(here.ledger, here.told.coi), "It is on hold: A late result."),
    (
        lambda here: here.ledger.do("rig.end_order", {"order": here.told.order}, by=by("TECH1")) and None,
        "Its order has ended: The physician cancelled it.",
    ),
]


@pytest.mark.parametrize(("take", "says"), TAKEN, ids=[str(n) for n, _ in enumerate(TAKEN)])
def test_taken_away_from_a_dose_in_the_record_it_is_named_alone(reach: Reach, take: Callable[[At], None], says: str) -> None:
    here = reach("ica_high", "tested")
    take(here)
    found = against(here)
    assert len(found) == 1
    assert found[0].startswith(says)


def test_after_the_window_it_is_not_released(reach: Reach) -> None:
    here = reach("ica_high", "tested")
    a_month(here)
    assert [one[:17] for one in against(here)] == ["The dose expired ", "The window closed"]


@pytest.mark.parametrize(
    ("until", "says"),
    [
        ("", "The label of the syringe is not printed yet."),
        ("print", "The label of the syringe was not scanned back since it was printed."),
        ("verify", "The label is not on the syringe yet."),
    ],
)
def test_a_label_on_its_way_is_named_alone(reach: Reach, until: str, says: str) -> None:
    here = reach("ica_low", "sampled")
    if until:
        rig.labelled(here.ledger, here.told, until)
    rig.tested(here.ledger, here.told)
    assert against(here) == (says,)


def test_a_rapid_test_that_is_missing_unreviewed_or_failing_is_named_alone(reach: Reach) -> None:
    here = reach("ica_low", "labelled")
    rig.tested(here.ledger, here.told, only=("gram", "appearance"))
    [missing] = against(here)
    assert missing.startswith("Endotoxin (dose) has no result")
    rig.tested(here.ledger, here.told, review=False, only=("endotoxin",))
    [unread] = against(here)
    assert "nobody has reviewed" in unread


def test_a_gram_stain_with_organisms_is_never_set_aside(reach: Reach) -> None:
    here = reach("ica_low", "labelled")
    rig.tested(here.ledger, here.told, gram="organisms")
    assert any("Gram stain" in one and "never set aside" in one for one in against(here))


def test_surplus_that_is_still_there_is_named_alone(reach: Reach) -> None:
    here = reach("ica_low", "filled")
    rig.do(here.ledger, "take_samples", here.told)
    rig.labelled(here.ledger, here.told)
    rig.tested(here.ledger, here.told)
    assert against(here) == ("The surplus of this dose is not destroyed yet.",)


def out_of_limits(here: At) -> str:
    """A low-dose syringe holds too few cells; the deviation of it."""
    few = " ".join(["9 9"] * 8)
    rig.filled(here.ledger, here.told, live=few)
    for step in (rig.sampled, rig.labelled, rig.tested):
        step(here.ledger, here.told)
    return str(rig.rows(here.ledger, Deviation)[0].code)


def decide_all(here: At, decision: str) -> None:
    for row in rig.rows(here.ledger, Deviation):
        given = {"deviation": row.code, "decision": decision}
        here.ledger.do("dose.decide_deviation", given, by=by("UQA1"), signatures=sign("UQA1"), reason="Counted anew; 1.8 million.")


def test_s2_too_few_cells_are_refused_without_a_value_even_when_the_deviation_is_accepted(reach: Reach) -> None:
    here = reach("ica_low", "formulated")
    out_of_limits(here)
    undecided = "A masked deviation is not decided: A value of the preparation of infusion 1 is out of its limit."
    assert against(here) == (undecided, NOT_CONFORMING)
    decide_all(here, "accept")
    with pytest.raises(Refused) as no:
        rig.decide(here.ledger, here.told)
    assert no.value.reasons == (NOT_CONFORMING,)
    assert no.value.sealed == ("Viable cells in the dose are 1.8×10⁶; they must be 2×10⁶ to 3×10⁶.",)


def test_p2_masked_qa_sees_that_there_is_a_masked_deviation_and_decides_nothing_of_it(reach: Reach) -> None:
    here = reach("ica_high", "picked")
    began = here.ledger.clock().isoformat()
    rig.do(here.ledger, "thaw", here.told, with_="PREP2", vials=here.told.taken, started_at=began, seconds="200")
    code = rig.rows(here.ledger, Deviation)[0].code
    with here.ledger.read() as session:
        from backend.ledger import digest_of
        from backend.quality.reads import shown_deviation

        shown = digest_of(shown_deviation(session, deviation=code))
        assert [one.what for one in masked_undecided(session)] == ["A value of the preparation of infusion 1 is out of its limit."]
    given = {"deviation": code, "decision": "accept"}
    with pytest.raises(Refused, match="What this deviation says is masked; unmasked QA reads and decides it"):
        here.ledger.do("quality.decide", given, by=by("QA1"), signatures=sign("QA1"), shown=shown, reason="It is fine.")
    told = {"deviation": code, "cause": "a", "impact": "b", "action": "c"}
    with pytest.raises(Refused, match="What this deviation says is masked"):
        here.ledger.do("quality.describe", told, by=by("QA1"))
    with pytest.raises(NotAllowed):
        here.ledger.do("dose.decide_deviation", given, by=by("QA1"), signatures=sign("QA1"), reason="It is fine.")
    here.ledger.do("dose.decide_deviation", given, by=by("UQA1"), signatures=sign("UQA1"), reason="The bath was cold.")
    row = rig.rows(here.ledger, DeviationDecided)[0]
    assert (row.accepted, row.why) == (True, "Decided by unmasked QA; the reason is masked.")
    kept = rig.rows(here.ledger, DoseDeviationDecided)[0]
    with here.ledger.read() as session:
        assert KEYRING.open(session, here.told.coi, kept.why) == "The bath was cold."
        assert masked_undecided(session) == []
    with pytest.raises(Refused, match="This deviation has been decided already"):
        here.ledger.do("dose.decide_deviation", given, by=by("UQA1"), signatures=sign("UQA1"), reason="Again.")


@pytest.mark.parametrize("who", ["QA1", "PREP1", "PHYS1", "TECH1"])
def test_nobody_but_unmasked_qa_releases_or_rejects(reach: Reach, who: str) -> None:
    here = reach("ica_low", "tested")
    for name in ("release", "reject"):
        with pytest.raises(NotAllowed):
            rig.decide(here.ledger, here.told, name, who, reason="No.")


def test_whoever_was_there_does_not_release(reach: Reach) -> None:
    here = reach("ica_low", "picked")
    rig.do(
        here.ledger, "thaw", here.told, with_="UQA1", vials=here.told.taken, started_at=here.ledger.clock().isoformat(), seconds="90"
    )
    for step in (rig.washed, rig.counted, rig.formulated, rig.filled, rig.sampled, rig.labelled, rig.tested):
        step(here.ledger, here.told)
    mine = "You took part in the preparation of this dose, so somebody else must"
    assert against(here) == (f"{mine} release it.",)
    with pytest.raises(Refused, match=f"{mine} decide about it"):
        rig.decide(here.ledger, here.told, "reject", reason="No.")


def test_it_is_decided_once(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    rig.decide(here.ledger, here.told)
    for name in ("release", "reject"):
        with pytest.raises(Refused, match="This dose has been decided about already"):
            rig.decide(here.ledger, here.told, name, reason="No.")


def test_a_page_that_changed_since_it_was_read_is_not_signed(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    with pytest.raises(Refused, match="The record changed while you were reading it"):
        here.ledger.do("dose.release", {"dose": here.told.dose}, by=by("UQA1"), signatures=sign("UQA1"), shown="0" * 64)


def test_a_rejected_dose_is_disposed_of_by_two_and_its_reason_is_sealed(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    rig.decide(here.ledger, here.told, "reject", reason="The syringe leaks.")
    row = rig.rows(here.ledger, DoseDecision)[0]
    assert row.decision == "rejected"
    with here.ledger.read() as session:
        assert KEYRING.open(session, here.told.coi, row.why) == "The syringe leaks."
    rig.do(here.ledger, "dispose", here.told, with_="PREP2", because="rejected", order="stays", reason="As QA decided.")
    dose, order = rig.rows(here.ledger, Dose)[0], rig.rows(here.ledger, Order)[0]
    assert (dose.ended_by, dose.ended_why, order.ended_at) == ("PREP1", "It was disposed of: rejected.", None)
    box = rig.rows(here.ledger, Container, kind="syringe")[0]
    gone = rig.rows(here.ledger, Disposed, container_code=box.code)[0]
    assert (gone.how, gone.by, gone.witness) == ("destroyed", "PREP1", "PREP2")
    assert [row.ended_how for row in rig.rows(here.ledger, Label, of_code=box.code)] == ["void"]


def test_nothing_is_decided_about_a_dose_that_was_disposed_of(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    rig.do(here.ledger, "dispose", here.told, with_="PREP2", because="broken", order="stays", reason="It fell.")
    for name, more in (("release", {}), ("reject", {"reason": "It leaks."})):
        with pytest.raises(Refused, match=r"This dose has ended: It was disposed of: broken\."):
            rig.decide(here.ledger, here.told, name, **more)


def test_a_dose_that_broke_at_the_bedside_is_disposed_of_by_the_ward_and_another_one_is_prepared(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    rig.decide(here.ledger, here.told)
    rig.do(here.ledger, "dispose", here.told, "NURS1", "PHYS1", because="broken", order="stays", reason="It fell.")
    again = here.ledger.do("dose.open", {"order": here.told.order}, by=by("PREP1"), signatures=sign("PREP1")).result
    here.told.dose = again
    here.told.vials = here.told.vials[2:]
    rig.picked(here.ledger, here.told)
    with pytest.raises(Refused, match="This dose has ended already"):
        first = rig.rows(here.ledger, Dose, infusion=1)
        here.told.dose = next(one.code for one in first if one.ended_at)
        rig.do(here.ledger, "dispose", here.told, with_="PREP2", because="broken", order="ends", reason="Twice.")


def test_before_the_thaw_the_vials_are_free_again_and_the_order_may_end(reach: Reach) -> None:
    here = reach("ica_low", "picked")
    rig.do(here.ledger, "dispose", here.told, with_="PREP2", because="order withdrawn", order="ends", reason="A fever.")
    assert {row.ended_by for row in rig.rows(here.ledger, DoseVial)} == {"PREP1"}
    assert rig.rows(here.ledger, Order)[0].ended_why == "Its dose was disposed of: order withdrawn."
    assert rig.rows(here.ledger, Disposed) == []
    back = {"container": here.told.taken, "position": [here.told.positions[one] for one in here.told.taken], "exposure_s": "10"}
    here.ledger.do("custody.store", back, by=by("PREP1"), signatures=sign("PREP1", "PREP2"))


def test_an_undecided_deviation_of_the_dose_before_it_stands_in_the_way(reach: Reach) -> None:
    here = reach("ica_low", "picked")
    rig.do(
        here.ledger, "thaw", here.told, with_="PREP2", vials=here.told.taken, started_at=here.ledger.clock().isoformat(), seconds="200"
    )
    rig.do(here.ledger, "dispose", here.told, with_="PREP2", because="not prepared to the end", order="stays", reason="Too warm.")
    here.told.vials = here.told.vials[2:]
    rig.opened(here.ledger, here.told)
    for step in (rig.picked, rig.thawed, rig.washed, rig.counted, rig.formulated, rig.filled, rig.sampled, rig.labelled, rig.tested):
        step(here.ledger, here.told)
    assert against(here) == ("A deviation is not decided: A value of the preparation of infusion 1 is out of its limit.",)
    decide_all(here, "accept")
    rig.decide(here.ledger, here.told)


# ---- who sees what ----

MASKED_ROLES = (Role.TECHNICIAN, Role.PHYSICIAN, Role.NURSE, Role.QA, Role.ANALYST, Role.COORDINATOR, Role.INSPECTOR)


def seen(here: At, role: Role, person: str = "SOME1") -> Any:
    with here.ledger.read() as session:
        return dose_view(session, here.ledger, here.told.dose, Viewer(person, person, frozenset({role})), here.ledger.clock())


@pytest.mark.parametrize("role", MASKED_ROLES)
def test_s2_masked_people_see_steps_people_and_times_and_no_value(reach: Reach, role: Role) -> None:
    here = reach("ica_low", "tested")
    rig.decide(here.ledger, here.told)
    one = seen(here, role)
    assert (one.conforms, len(one.vials), one.route) == ("yes", 2, "ICA")
    assert [step.state for step in one.steps] == ["done"] * 4
    assert (one.plan, one.treatment, one.against, one.why) == ((), (), (), "")
    assert [step.typed + step.worked for step in one.steps] == [()] * 4
    assert one.expires_at is not None and one.start_by == one.expires_at - timedelta(minutes=30)


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.COURIER, Role.ADMINISTRATOR, Role.RANDOMISER])
def test_p4_who_does_not_read_the_record_finds_no_dose(reach: Reach, role: Role) -> None:
    from backend.ledger import UnknownCode

    here = reach("ica_low", "opened")
    with pytest.raises(UnknownCode):
        seen(here, role)


def test_unmasked_people_see_what_is_pipetted_and_what_was_worked_out(reach: Reach) -> None:
    here = reach("ica_low", "counted")
    one = seen(here, Role.PREPARER)
    assert {value.title: value.text for value in one.plan} == {
        "Volume of the suspension": "2.500", "Diluent for the working stock": "1.700", "Volume drawn from the working stock": "0.600",
        "Diluent": "11.400",
    }  # fmt: skip
    assert {value.title: value.text for value in one.steps[1].worked}["Viable cells after the wash"] == "2.1×10⁷"
    assert {value.title: value.text for value in one.treatment}["Dose"] == "2.5×10⁶"
    assert seen(here, Role.UNMASKED_QA).against[0] == "The formulation is not read by two people yet."


def test_the_lists_of_unmasked_people(reach: Reach) -> None:
    here = reach("ica_low", "banked")
    with here.ledger.read() as session:
        assert (to_prepare(session), to_release(session)) == ([], [])
    for point, what in (("opened", "Prepare the dose"), ("filled", "Samples, label, surplus")):
        here = reach("ica_low", point)
        with here.ledger.read() as session:
            assert [(one.what, one.href) for one in to_prepare(session)] == [(what, f"/doses/{here.told.dose}")]
            assert [one.what for one in to_release(session)] == (["Release the dose"] if point == "filled" else [])


def test_a_deviation_says_what_it_is_about_to_unmasked_people_alone(reach: Reach) -> None:
    here = reach("ica_high", "formulated")
    rig.filled(here.ledger, here.told, net_g="11.2")
    [masked], [unmasked] = seen(here, Role.QA).deviations, seen(here, Role.UNMASKED_QA).deviations
    assert (masked.sentence, masked.sealed) == ("A value of the preparation of infusion 1 is out of its limit.", "")
    assert unmasked.sealed == "Filled volume beside its target is 7.661 %; it must be at most 5 %."
    assert len(rig.rows(here.ledger, DoseDeviation)) == 1

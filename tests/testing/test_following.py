"""What follows from a result: identity by STR, corrections after a decision, and germs found late, all in the act that records it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from backend.access.models import Alert, AlertAcknowledged
from backend.bedside.models import Checked
from backend.dose.models import Administration
from backend.dose.reads import shown_dose
from backend.ledger import Ledger, NotAllowed, Refused, digest_of
from backend.quality.models import Deviation, Hold
from backend.quality.reads import open_holds
from backend.rehearsal import bank, doses
from backend.testing.models import Result, ResultDeviation
from backend.testing.reads import dose_outcomes, outcomes
from backend.testing.rules import against_outcomes
from tests import story
from tests.conftest import At
from tests.people import by, sign
from tests.testing.lab import OTHER, PROFILE, Lab


def reasons(lab: Lab, dose: str = "") -> list[str]:
    with lab.ledger.read() as session:
        found = dose_outcomes(session, dose) if dose else outcomes(session, lab.batch)
    return list(against_outcomes(found, missing=False))


def holds(lab: Lab, about: str) -> list[Hold]:
    with lab.ledger.read() as session:
        return open_holds(session, about)


# ---- identity ----


def test_a_profile_is_compared_with_a_reviewed_reference_only(lab: Lab) -> None:
    sample = lab.sample("STR")
    lab.receive(sample)
    with pytest.raises(Refused, match="No STR profile of the subject's own reference sample is reviewed"):
        lab.record(sample, "STR", PROFILE)
    tube = lab.reference()
    lab.receive(tube)
    reference = lab.record(tube, "STR", PROFILE)
    with pytest.raises(Refused, match="recorded and reviewed before a product is compared"):
        lab.record(sample, "STR", PROFILE)
    lab.review(reference)
    lab.review(lab.record(sample, "STR", PROFILE))
    assert not reasons(lab)
    found = {row.container_code: row for row in lab.rows(Result)}
    assert (found[tube].verdict, found[tube].limit, found[sample].verdict, found[sample].value) == ("reported", "", "in", "4 loci")


def test_a_profile_is_sealed_wherever_it_is_kept(lab: Lab) -> None:
    lab.reference_known()
    (row,) = lab.rows(Result)
    assert row.profile.startswith("~identity.")
    assert lab.last("testing.record")["inputs"]["profile"].startswith("~identity.")
    assert "9.3" not in str(lab.last("testing.record"))


def test_another_persons_cells_are_named_by_locus_and_can_never_be_used(lab: Lab) -> None:
    lab.reference_known()
    code = lab.found("STR", OTHER)
    lab.review(code)
    (row,) = lab.rows(Result, Result.code == code)
    assert row.verdict == "out"
    where = "differs from the subject's own reference sample at D3S1358 and TH01"
    assert row.sentence == f"STR profile {where}; it must be equal at every locus."
    (link,) = lab.rows(ResultDeviation)
    assert lab.rows(Deviation, Deviation.code == link.deviation_code)[0].grade == "critical"
    lab.decide(link.deviation_code)
    assert reasons(lab) == [f"{row.sentence} A failure of this test is never set aside."]
    lab.review(lab.repeat(lab.sample("STR"), "STR", PROFILE))
    assert reasons(lab) == [f"{row.sentence} A failure of this test is never set aside."]


def test_a_corrected_reference_makes_the_comparison_void_until_it_is_made_again(lab: Lab) -> None:
    reference = lab.reference_known(OTHER)
    wrong = lab.found("STR", PROFILE)
    lab.review(wrong)
    right = lab.correct(reference, "STR", PROFILE, reason="The tubes were swapped in the rack.")
    assert any("was compared with a reference profile that was corrected since" in one for one in reasons(lab))
    lab.review(right)
    again = lab.correct(wrong, "STR", PROFILE, reason="Compared with the corrected reference.")
    lab.review(again)
    assert reasons(lab) == []
    with pytest.raises(Refused, match="the value that the result has already"):
        lab.correct(again, "STR", PROFILE)


def test_a_stale_comparison_is_not_reviewed(lab: Lab) -> None:
    reference = lab.reference_known()
    code = lab.found("STR", PROFILE)
    lab.correct(reference, "STR", OTHER)
    with pytest.raises(Refused, match="must be compared again before it is reviewed"):
        lab.review(code)


def test_a_reference_that_is_corrected_after_release_holds_the_batch(lab: Lab) -> None:
    reference = lab.reference_known()
    lab.review(lab.found("STR", PROFILE))
    lab.release()
    lab.correct(reference, "STR", OTHER)
    (held,) = holds(lab, lab.batch)
    assert held.why == "STR profile of the reference sample (reference) was corrected after it was decided upon."


# ---- corrections after a decision (decision F2) ----


def test_a_correction_after_release_holds_the_batch_until_the_record_may_stand(lab: Lab) -> None:
    """Decision F2."""
    first = lab.found("CD34", "1.2")
    lab.review(first)
    lab.release()
    second = lab.correct(first, "CD34", "1.4")
    (held,) = holds(lab, lab.batch)
    assert (held.cause, held.why) == ("testing.correct", "CD34 positive (harvest) was corrected after it was decided upon.")
    with pytest.raises(Refused, match="nobody has reviewed"):
        lab.lift(held.code)
    lab.review(second)
    lab.lift(held.code)
    assert holds(lab, lab.batch) == []


def test_a_correction_that_fails_is_lifted_only_when_qa_sets_it_aside(lab: Lab) -> None:
    first = lab.found("CD34", "1.2")
    lab.review(first)
    lab.release()
    second = lab.correct(first, "CD34", "3.1")
    lab.review(second)
    (held,) = holds(lab, lab.batch)
    with pytest.raises(Refused, match="A deviation of what is held is not decided"):
        lab.lift(held.code)
    lab.decide(lab.rows(ResultDeviation, ResultDeviation.result_code == second)[0].deviation_code)
    lab.lift(held.code)


def test_a_correction_that_fails_and_has_no_override_is_never_lifted(lab: Lab) -> None:
    """Decision F2."""
    lab.reference_known()
    first = lab.found("STR", PROFILE)
    lab.review(first)
    lab.release()
    second = lab.correct(first, "STR", OTHER)
    lab.review(second)
    lab.decide(lab.rows(ResultDeviation)[0].deviation_code)
    (held,) = holds(lab, lab.batch)
    with pytest.raises(Refused, match="A failure of this test is never set aside"):
        lab.lift(held.code)


def test_two_corrections_place_one_hold(lab: Lab) -> None:
    first = lab.found("CD34", "1.2")
    lab.release()
    lab.correct(lab.correct(first, "CD34", "1.3"), "CD34", "1.4")
    assert len(holds(lab, lab.batch)) == 1


def test_a_repeat_that_is_out_after_release_holds_the_batch_too(lab: Lab) -> None:
    lab.review(lab.found("CD34", "1.2"))
    lab.release()
    lab.repeat(lab.sample("CD34"), "CD34", "1.3")
    assert holds(lab, lab.batch) == []
    lab.repeat(lab.sample("CD34"), "CD34", "2.3")
    assert [one.why for one in holds(lab, lab.batch)] == ["CD34 positive (harvest) is out after it was decided upon."]


def test_a_corrected_result_of_a_dose_holds_the_dose(lab: Lab) -> None:
    dose, sample = lab.dose("endotoxin", "<= 5.4")
    first = lab.record(sample, "endotoxin", "< 2")
    assert lab.rows(Result)[0].verdict == "in"
    unreviewed = lab.correct(first, "endotoxin", "< 3")
    assert holds(lab, dose) == []  # nothing rests on what nobody has reviewed
    lab.review(unreviewed)
    last = lab.correct(unreviewed, "endotoxin", "< 4")
    assert [one.cause for one in holds(lab, dose)] == ["testing.correct"]
    assert holds(lab, lab.batch) == []
    with pytest.raises(Refused, match="nobody has reviewed"):
        lab.lift(holds(lab, dose)[0].code)
    lab.review(last)
    lab.lift(holds(lab, dose)[0].code)


def test_a_dose_is_judged_by_its_own_limit_and_its_deviation_is_its_own(lab: Lab) -> None:
    dose, sample = lab.dose("endotoxin", "<= 5.4")
    lab.record(sample, "endotoxin", "< 10")
    (row,) = lab.rows(Result)
    assert (row.verdict, row.limit) == ("inconclusive", "<= 5.4")
    assert lab.rows(Deviation, Deviation.about == dose)[0].sentence == row.sentence
    with lab.ledger.read() as session:
        assert [one.asked.stage for one in dose_outcomes(session, dose)] == ["dose"]
        assert all(one.asked.dose_code is None for one in outcomes(session, lab.batch))


# ---- germs ----


@pytest.mark.parametrize(
    ("test", "stage", "value"),
    [("sterility", "harvest", "growth"), ("passage-sterility", "in process", "growth"), ("mycoplasma", "harvest", "detected")],
)
def test_germs_hold_batch_and_subject_and_are_told_at_once(lab: Lab, test: str, stage: str, value: str) -> None:
    """Decision S3."""
    lab.found(test, value, stage)
    act_id = lab.last("testing.record")["act_id"]
    for about in (lab.batch, lab.coi):
        (held,) = holds(lab, about)
        assert (held.cause, "Nothing of this subject may be used." in held.why) == ("testing.positive", True)
    told = lab.rows(Alert)
    assert {one.roles for one in told} == {"physician", "qa", "coordinator"}
    assert all("S01" in one.sentence and value in one.sentence and one.chain == lab.coi for one in told)
    assert lab.last("testing.record")["act_id"] == act_id
    assert re.search(r"(Sterility|Mycoplasma)", told[0].sentence)


def test_germs_of_a_dose_hold_the_subject_and_the_bank_until_qa_accepts_and_lifts(lab: Lab) -> None:
    lab.release()
    _, sample = lab.dose("sterility")
    first = lab.record(sample, "sterility", "growth")
    assert [one.cause for one in holds(lab, lab.coi)] == ["testing.positive"]
    assert [one.cause for one in holds(lab, lab.batch)] == ["testing.positive"]
    with pytest.raises(Refused, match="QA has not accepted its deviation"):
        lab.lift(holds(lab, lab.coi)[0].code)
    lab.decide(lab.rows(ResultDeviation, ResultDeviation.result_code == first)[0].deviation_code)
    lab.lift(holds(lab, lab.coi)[0].code)


GREW = "Sterility (dose): growth. Nothing of this subject may be used."


@dataclass(frozen=True)
class Given:
    """Infusion 1 was given a month ago and cleared; its sample waits to be read. `wristband` is the subject's."""

    lab: Lab
    wristband: str
    sample: str

    def grows(self) -> None:
        """The culture of the first dose is read on day 14 or later; nobody has reviewed it yet."""
        self.lab.record(self.sample, "sterility", "growth")
        assert [one.why for about in (self.lab.coi, self.lab.batch) for one in holds(self.lab, about)] == [GREW, GREW]


@pytest.fixture
def given(frozen: At, at: Callable[..., At]) -> Given:
    run = frozen.told
    assert isinstance(run, story.Run)
    here = at("infusion 1 given", partial(first_given, run=run), after="frozen")
    return Given(Lab(here.ledger, run.batch, run.harvest.coi), run.harvest.wristband, str(here.told))


def first_given(ledger: Ledger, run: story.Run) -> str:
    """The bank is tested and released, and its first dose given; the sample of that dose for sterility."""
    coi = run.harvest.coi
    story.advance(ledger, days=35)
    bank.type_reference(ledger, coi)
    bank.test_bank(ledger, run.batch)
    bank.release(ledger, run.batch)
    doses.open_route(ledger, coi)
    made = doses.prepare(ledger, doses.order(ledger, coi, 1))
    doses.bring(ledger, made)
    infusion = doses.give(ledger, made, run.harvest.wristband)
    story.advance(ledger, minutes=20)
    doses.finish(ledger, infusion, str(doses.label_ml(ledger, made)), "0.0")
    story.advance(ledger, days=29)
    doses.clear(ledger, coi, 1)
    with ledger.read() as session:
        return next(one.container_code for one in bank.wait_for(session, run.batch, made.dose) if one.test == "sterility")


def refused(ledger: Ledger, act: str, given: dict[str, Any], who: str, shown: str | None = None) -> set[str]:
    with pytest.raises(Refused) as no:
        ledger.do(act, given, by=by(who), signatures=sign(who), shown=shown)
    return set(no.value.reasons)


def test_s3_after_germs_of_a_dose_the_next_infusion_is_not_ordered_and_its_dose_not_opened(given: Given) -> None:
    """Decision S3; each refusal names the hold and nothing else."""
    lab, ledger = given.lab, given.lab.ledger
    ordered = doses.order(ledger, lab.coi, 2)
    given.grows()
    assert refused(ledger, "dose.open", {"order": ordered}, "PREP1") == {f"It is on hold: {GREW}"}
    ledger.do("dose.cancel_order", {"order": ordered}, by=by("PHYS1"), reason="The culture grew.")
    with pytest.raises(Refused) as no:
        doses.order(ledger, lab.coi, 2)
    assert set(no.value.reasons) == {f"There is an open hold: {GREW}"}


def test_s3_after_germs_of_a_dose_its_sibling_on_the_bench_is_not_released(given: Given) -> None:
    """Decision S3: the dose of the next infusion, of the same bank, is made and tested when the culture of the one before it grows."""
    ledger = given.lab.ledger
    made = doses.make(ledger, doses.order(ledger, given.lab.coi, 2))
    given.grows()
    with ledger.read() as session:
        shown = digest_of(shown_dose(session, dose=made))
    assert refused(ledger, "dose.release", {"dose": made}, "UQA1", shown) == {f"It is on hold: {GREW}"}


def test_s3_after_germs_of_a_dose_its_sibling_on_the_ward_is_not_given(given: Given) -> None:
    """Decision S3: check says STOP, and who was told GIVE a minute before does not give it."""
    lab, ledger = given.lab, given.lab.ledger
    made = doses.prepare(ledger, doses.order(ledger, lab.coi, 2))
    doses.bring(ledger, made)
    stated = doses.stated(ledger, made, given.wristband)
    ledger.do("bedside.check", stated, by=by("NURS1"))
    ledger.do("bedside.confirm", stated, by=by("NURS2"))
    given.grows()
    wanted = {f"{what} is on hold ({GREW}); QA must lift the hold first." for what in ("The subject", "The bank")}
    with pytest.raises(Refused) as no:
        ledger.do("bedside.give", stated, by=by("NURS1"))
    assert set(no.value.reasons) == wanted
    ledger.do("bedside.check", stated, by=by("NURS1"))
    first, second = sorted(lab.rows(Checked, Checked.dose == made.label), key=lambda one: one.at)
    assert (first.stops, set(second.stops.splitlines())) == ("", wanted)
    assert len(lab.rows(Administration)) == 1


def test_germs_that_are_never_set_aside_can_be_corrected_and_never_lifted(lab: Lab) -> None:
    first = lab.found("sterility", "growth")
    lab.decide(lab.rows(ResultDeviation)[0].deviation_code)
    with pytest.raises(Refused, match=r"Sterility is growth; it must be no growth\. A failure of this test is never set aside"):
        lab.lift(holds(lab, lab.coi)[0].code)
    second = lab.correct(first, "sterility", "no growth", reason="The bottle of another sample was read.")
    with pytest.raises(Refused, match="nobody has reviewed the result that says otherwise"):
        lab.lift(holds(lab, lab.coi)[0].code)
    lab.review(second)
    lab.lift(holds(lab, lab.coi)[0].code)


def test_an_alert_is_answered_by_those_whom_it_concerns(lab: Lab) -> None:
    lab.found("sterility", "growth")
    told = {one.roles: one.code for one in lab.rows(Alert)}
    given = {"comment": "The ward is told."}
    with pytest.raises(Refused, match="This alert is for physician; you are coordinator"):
        lab.ledger.do("access.acknowledge", {"alert": told["physician"]} | given, by=by("COOR1"))
    with pytest.raises(NotAllowed):
        lab.ledger.do("access.acknowledge", {"alert": told["physician"]} | given, by=by("NURS1"))
    for role, who in (("physician", "PHYS1"), ("coordinator", "COOR1"), ("qa", "QA1")):
        lab.ledger.do("access.acknowledge", {"alert": told[role]} | given, by=by(who))
    assert {one.chain for one in lab.rows(AlertAcknowledged)} == {lab.coi}


def test_a_bank_that_passes_gives_no_reason(lab: Lab) -> None:
    with lab.ledger.read() as session:
        before = list(against_outcomes(outcomes(session, lab.batch)))
    assert "Viability after thaw of the test vial (bank vial) has no sample; it must be at least 70 %." in before
    lab.all_pass()
    with lab.ledger.read() as session:
        assert list(against_outcomes(outcomes(session, lab.batch))) == []

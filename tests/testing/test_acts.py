"""Results through their acts, on both engines: the row and the entry of each, and one test for every refusal."""

from decimal import Decimal

import pytest

from backend.batch.models import SampleTaken, SampleTest
from backend.custody.models import Container, Disposed, Exposed, Label, UsedUp
from backend.ledger import Nonsense, NotAllowed, Refused, UnknownCode
from backend.quality.models import Deviation, Hold
from backend.testing.models import Result, ResultDeviation, ResultReviewed, SampleReceived
from backend.testing.reads import outcomes
from backend.testing.rules import against_outcomes
from labels.codes import draw
from tests.people import by, sign
from tests.testing.lab import Lab, vial_tests

# ---- samples ----


def test_each_test_of_a_sample_has_the_limit_of_the_batchs_own_folder(lab: Lab) -> None:
    """Decision L2."""
    found = {(row.test, row.stage): row for row in lab.rows(SampleTest)}
    endotoxin = found["endotoxin", "harvest"]
    assert (endotoxin.limit, endotoxin.unit, endotoxin.kind, endotoxin.override) == ("<= 2.0", "EU/mL", "number", "by QA")
    assert endotoxin.censored == "inconclusive above limit"
    assert (found["sterility", "harvest"].limit, found["sterility", "harvest"].override) == ("no growth", "never")
    assert (found["passage-sterility", "in process"].override, found["retained-MNC", "in process"].limit) == ("never", "")
    assert found["STR", "harvest"].limit == "equals screening sample"
    assert (found["potency", "harvest"].kind, found["potency", "harvest"].limit) == ("report", "")
    assert (found["sterility", "harvest"].due_at - found["sterility", "harvest"].at).days == 14
    taken = {row.container_code: set(row.tests.split(",")) for row in lab.rows(SampleTaken)}
    assert all(row.test in taken[row.container_code] for row in found.values())


def test_a_sample_is_received_once_with_its_label_on(lab: Lab) -> None:
    sample = lab.sample("endotoxin")
    lab.receive(sample)
    (row,) = lab.rows(SampleReceived)
    assert (row.container_code, row.condition, row.by, row.chain) == (sample, "intact", "ANA1", lab.coi)
    assert lab.last("testing.receive")["inputs"] == {"sample": sample, "condition": "intact"}
    with pytest.raises(Refused, match="received already"):
        lab.receive(sample, "ANA2")


def test_the_label_of_a_sample_means_the_sample(lab: Lab) -> None:
    sample = lab.sample("endotoxin")
    (label,) = lab.rows(Label, Label.of_code == sample)
    lab.receive(label.code)
    assert lab.rows(SampleReceived)[0].container_code == sample


def test_what_is_no_sample_is_not_received(lab: Lab) -> None:
    vial = lab.rows(Container, Container.kind == "cryovial")[0].code
    with pytest.raises(Refused, match="and no sample; only samples are tested"):
        lab.receive(vial)


def test_a_sample_without_its_label_is_not_received(lab: Lab) -> None:
    made = lab.ledger.do("rig.dose_sample", {"batch": lab.batch, "test": "gram", "limit": ""}, by=by("TECH1")).result
    with pytest.raises(Refused, match="no applied label"):
        lab.receive(made["sample"])


def test_a_sample_on_its_way_is_received_by_whoever_it_was_given_to_first(lab: Lab) -> None:
    sample = lab.sample("endotoxin")
    away = {"container": [sample], "to": "Quality control", "condition": "intact", "temperature_c": "5"}
    lab.ledger.do("custody.hand_over", away, by=by("TECH1"))
    with pytest.raises(Refused, match="handed over and is not received"):
        lab.receive(sample)


# ---- recording ----


def test_a_result_is_kept_as_it_was_typed_with_its_verdict(lab: Lab) -> None:
    code = lab.found("endotoxin", "1.90")
    (row,) = lab.rows(Result)
    assert (row.code, row.number, row.kind, row.value, row.unit, row.limit) == (code, 1, "first", "1.90", "EU/mL", "<= 2.0")
    assert (row.verdict, row.sentence, row.why, row.by, row.profile) == ("in", "", "", "ANA1", None)
    body = lab.last("testing.record")
    assert (body["result"], body["inputs"]["value"], body["inputs"]["profile"]) == (code, "1.90", None)
    assert [one["by"] for one in body["signed"]] == ["ANA1"]
    assert lab.rows(ResultDeviation) == []


def test_a_result_needs_a_received_sample(lab: Lab) -> None:
    with pytest.raises(Refused, match="was not received by an analyst"):
        lab.record(lab.sample("endotoxin"), "endotoxin", "1.9")


def test_a_result_is_of_a_test_that_the_sample_is_for(lab: Lab) -> None:
    sample = lab.sample("endotoxin")
    lab.receive(sample)
    with pytest.raises(Refused, match="is not for CD73; it is for endotoxin"):
        lab.record(sample, "CD73", "99")


@pytest.mark.parametrize(("test", "value"), [("endotoxin", "low"), ("endotoxin", "-1"), ("karyotype", "normal"), ("potency", " ")])
def test_what_is_no_value_of_the_test_is_turned_away_and_not_recorded(lab: Lab, test: str, value: str) -> None:
    sample = lab.sample(test)
    lab.receive(sample)
    with pytest.raises(Nonsense):
        lab.record(sample, test, value)
    assert lab.rows(Result) == []


def test_a_profile_is_given_as_a_profile_and_nothing_else_is(lab: Lab) -> None:
    lab.reference_known()
    for test, given in (("STR", {"value": "16 loci"}), ("endotoxin", {"profile": "TH01: 6"})):
        sample = lab.sample(test)
        lab.receive(sample)
        with pytest.raises(Nonsense, match="profile"):
            told = {"sample": sample, "test": test, "method": "x"} | given
            lab.ledger.do("testing.record", told, by=by("ANA1"), signatures=sign("ANA1"))


def test_what_is_no_profile_is_turned_away_and_no_allele_of_it_is_kept(lab: Lab) -> None:
    tube = lab.reference()
    lab.receive(tube)
    with pytest.raises(Nonsense) as no:
        lab.record(tube, "STR", "TH01: 6, nine")
    assert no.value.faults == {
        "profile": "What was read at TH01 is no allele; write a locus and its alleles on each line, as in TH01: 6, 9.3."
    }
    assert lab.rows(Result) == []


def test_the_first_result_stays_and_a_second_is_no_first(lab: Lab) -> None:
    lab.found("endotoxin", "1.9")
    with pytest.raises(Refused, match="has a result, which stays"):
        lab.record(lab.sample("endotoxin"), "endotoxin", "0.1")


def test_a_value_out_of_its_limit_is_recorded_and_opens_a_deviation_of_the_batch(lab: Lab) -> None:
    code = lab.found("CD34", "3.1")
    (row,), (link,), (deviation,) = lab.rows(Result), lab.rows(ResultDeviation), lab.rows(Deviation, Deviation.rule == "CD34, harvest")
    assert (row.verdict, row.sentence) == ("out", "CD34 positive is 3.1 %; it must be at most 2 %.")
    assert (link.result_code, link.deviation_code) == (code, deviation.code)
    assert (deviation.about, deviation.sentence, deviation.grade) == (lab.batch, row.sentence, "major")
    assert lab.rows(Hold) == []


def test_a_censored_value_that_shows_nothing_is_inconclusive_and_a_deviation(lab: Lab) -> None:
    lab.found("endotoxin", "< 10")
    (row,) = lab.rows(Result)
    assert row.verdict == "inconclusive"
    assert row.sentence == "Endotoxin is < 10 EU/mL; it must be at most 2.0 EU/mL, and this value does not show whether it is."
    assert lab.rows(Deviation, Deviation.rule == "endotoxin, harvest")[0].grade == "minor"


@pytest.mark.parametrize("who", ["TECH1", "QA1", "COUR1", "ASSE1"])
def test_only_analysts_record(lab: Lab, who: str) -> None:
    sample = lab.sample("endotoxin")
    lab.receive(sample)
    with pytest.raises(NotAllowed):
        lab.record(sample, "endotoxin", "1.9", who)


def test_a_result_is_signed(lab: Lab) -> None:
    sample = lab.sample("endotoxin")
    lab.receive(sample)
    given = {"sample": sample, "test": "endotoxin", "value": "1.9", "method": "x"}
    with pytest.raises(Refused):
        lab.ledger.do("testing.record", given, by=by("ANA1"))


# ---- review ----


def test_another_analyst_reviews_what_the_page_showed(lab: Lab) -> None:
    code = lab.found("endotoxin", "1.9")
    lab.review(code)
    (row,) = lab.rows(ResultReviewed)
    assert (row.result_code, row.by) == (code, "ANA2")
    assert lab.last("testing.review")["shown"]


def test_nobody_reviews_their_own_result(lab: Lab) -> None:
    code = lab.found("endotoxin", "1.9")
    with pytest.raises(Refused, match="recorded this result yourself"):
        lab.review(code, "ANA1")


def test_a_result_is_reviewed_once(lab: Lab) -> None:
    code = lab.found("endotoxin", "1.9")
    lab.review(code)
    with pytest.raises(Refused, match="reviewed already"):
        lab.review(code)


def test_a_result_that_changed_while_it_was_read_is_not_reviewed(lab: Lab) -> None:
    code = lab.found("endotoxin", "1.9")
    with pytest.raises(Refused, match="changed while you were reading"):
        lab.review(code, shown="0" * 64)


def test_what_was_followed_by_another_result_is_not_reviewed(lab: Lab) -> None:
    code = lab.found("endotoxin", "1.9")
    lab.correct(code, "endotoxin", "1.8")
    with pytest.raises(Refused, match="followed by a correction; only the newest one, number 2"):
        lab.review(code)


def test_what_is_no_result_is_neither_reviewed_nor_corrected(lab: Lab) -> None:
    with pytest.raises(Refused, match="no result with this code"):
        lab.review(lab.batch)
    with pytest.raises(Refused, match="no result with this code"):
        lab.correct(lab.batch, "endotoxin", "1")
    with pytest.raises(UnknownCode):
        lab.review(draw("K"))


# ---- corrections ----


def test_a_correction_leaves_the_first_result_and_must_be_reviewed_anew(lab: Lab) -> None:
    first = lab.found("endotoxin", "1.9")
    lab.review(first)
    second = lab.correct(first, "endotoxin", "1.7", reason="I read the wrong well.")
    one, two = sorted(lab.rows(Result), key=lambda row: row.number)
    assert (one.code, one.value, one.number, one.kind) == (first, "1.9", 1, "first")
    assert (two.code, two.value, two.number, two.kind, two.method) == (second, "1.7", 2, "correction", one.method)
    assert two.why == "I read the wrong well."
    assert [row.result_code for row in lab.rows(ResultReviewed)] == [first]
    with lab.ledger.read() as session:
        said = list(against_outcomes(one for one in outcomes(session, lab.batch) if one.asked.test == "endotoxin"))
    assert said == ["Endotoxin (harvest) has a result that nobody has reviewed; a second analyst must."]


def test_a_correction_needs_a_reason(lab: Lab) -> None:
    code = lab.found("endotoxin", "1.9")
    with pytest.raises(Refused, match="A reason is needed"):
        lab.correct(code, "endotoxin", "1.7", reason="")


def test_a_correction_changes_the_value_of_the_newest_result(lab: Lab) -> None:
    code = lab.found("endotoxin", "1.9")
    with pytest.raises(Refused, match="the value that the result has already"):
        lab.correct(code, "endotoxin", "1.9")
    lab.correct(code, "endotoxin", "1.8")
    with pytest.raises(Refused, match="followed by a correction"):
        lab.correct(code, "endotoxin", "1.7")


def test_a_correction_before_the_batch_is_decided_holds_nothing(lab: Lab) -> None:
    lab.correct(lab.found("endotoxin", "1.9"), "endotoxin", "1.8")
    assert lab.rows(Hold) == []


# ---- repeats ----


def test_a_repeat_stands_beside_the_first_result(lab: Lab) -> None:
    lab.found("CD73", "96")
    lab.repeat(lab.sample("CD73"), "CD73", "97")
    assert [(row.number, row.kind, row.value) for row in sorted(lab.rows(Result), key=lambda row: row.number)] == [
        (1, "first", "96"), (2, "repeat", "97"),
    ]  # fmt: skip


def test_there_is_nothing_to_repeat_before_the_first_result(lab: Lab) -> None:
    sample = lab.sample("CD73")
    lab.receive(sample)
    with pytest.raises(Refused, match="nothing to repeat"):
        lab.repeat(sample, "CD73", "97")


def test_a_result_that_is_out_is_repeated_only_after_qa_accepted_it(lab: Lab) -> None:
    code, sample = lab.found("CD34", "3.1"), lab.sample("CD34")
    with pytest.raises(Refused, match=r"CD34 positive is 3\.1 %; it must be at most 2 %\. QA has not decided"):
        lab.repeat(sample, "CD34", "1.2")
    (link,) = lab.rows(ResultDeviation, ResultDeviation.result_code == code)
    lab.decide(link.deviation_code)
    lab.review(lab.repeat(sample, "CD34", "1.2"))
    with lab.ledger.read() as session:
        (now,) = (one for one in outcomes(session, lab.batch) if one.asked.test == "CD34")
    assert (now.passes, now.value, now.results) == (True, "1.2", 2)


def test_a_result_whose_deviation_qa_rejected_stands(lab: Lab) -> None:
    code = lab.found("CD34", "3.1")
    lab.decide(lab.rows(ResultDeviation, ResultDeviation.result_code == code)[0].deviation_code, "reject")
    with pytest.raises(Refused, match="the result stands and the test is not repeated"):
        lab.repeat(lab.sample("CD34"), "CD34", "1.2")


def test_an_inconclusive_result_is_repeated_at_once(lab: Lab) -> None:
    lab.found("endotoxin", "< 10")
    lab.review(lab.repeat(lab.sample("endotoxin"), "endotoxin", "< 0.5"))
    with lab.ledger.read() as session:
        (now,) = (one for one in outcomes(session, lab.batch) if one.asked.test == "endotoxin")
    assert now.passes


# ---- a vial of the bank ----


def test_a_picked_vial_becomes_the_sample_of_the_bank_and_is_used_up(lab: Lab) -> None:
    vial = lab.picked_vial()
    lab.ledger.do("testing.take_vial", {"vial": vial, "seconds": 75}, by=by("ANA1"))
    tests = lab.rows(SampleTest, SampleTest.container_code == vial)
    assert {row.test for row in tests} == set(vial_tests(lab.ledger, lab.batch)) == {"sterility", "viability", "recovery"}
    assert {row.stage for row in tests} == {"bank vial"}
    (taken,) = lab.rows(SampleTaken, SampleTaken.container_code == vial)
    assert taken.amount_ml == Decimal("1.0")
    assert [row.how for row in lab.rows(Disposed, Disposed.container_code == vial)] == ["tested"]
    assert lab.rows(UsedUp, UsedUp.container_code == vial)[0].why == "thawed for its tests"
    assert 75 in [row.seconds for row in lab.rows(Exposed, Exposed.container_code == vial)]
    lab.review(lab.record(vial, "viability", "84"))
    with pytest.raises(Refused, match="is used up"):
        lab.ledger.do("testing.take_vial", {"vial": vial, "seconds": 75}, by=by("ANA1"))


def test_a_vial_in_its_position_is_picked_first(lab: Lab) -> None:
    vial = lab.rows(Container, Container.kind == "cryovial")[0].code
    with pytest.raises(Refused, match="in a position; it must be picked first"):
        lab.ledger.do("testing.take_vial", {"vial": vial, "seconds": 75}, by=by("ANA1"))


def test_only_a_cryovial_of_a_bank_is_taken(lab: Lab) -> None:
    with pytest.raises(Refused, match="only a cryovial of a bank"):
        lab.ledger.do("testing.take_vial", {"vial": lab.sample("STR"), "seconds": 75}, by=by("ANA1"))
    with pytest.raises(Refused) as no:
        lab.ledger.do("testing.take_vial", {"vial": lab.reference(), "seconds": 75}, by=by("ANA1"))
    assert len(no.value.reasons) == 2

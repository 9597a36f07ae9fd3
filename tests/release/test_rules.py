"""What stands against a bank and what was out of the ordinary, on plain rows: every way that each rule can go."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.batch.models import BatchDecision
from backend.custody.models import Disposed, Exposed, HandedOver, Label, UsedUp
from backend.release.reads.review import pill_of
from backend.release.rules import KINDS, Record, Refusal, against, exceptions, hands, is_near
from backend.release.rules.record import newest
from backend.testing.rules import Outcome
from backend.trial.rules import Folder
from tests.batch.rows import NOW, Told
from tests.release.rows import a_record, carried_out, decision, deviation, hold, result, sample_test, vial

IN_HANDS = "cryovial P2-1 is in no position since 2026-03-02 08:00 UTC; Ann Ash had it last."
LATER = NOW + timedelta(days=20)


@pytest.fixture(scope="module")
def good(folder: Folder) -> Record:
    return a_record(folder)


def said(record: Record, signer: str = "QA2") -> list[tuple[str, str, str]]:
    return [(one.part, one.sentence, one.href) for one in against(record, signer)]


def test_nothing_speaks_against_a_good_bank(good: Record) -> None:
    assert said(good) == []
    assert exceptions(good, "QA2") == {}


def _outcome(record: Record, test: str = "sterility", **changed: Any) -> list[Outcome]:
    first = next(one for one in record.outcomes if one.asked.test == test)
    return [replace(one, **changed) if one is first else one for one in record.outcomes]


def _away(number: int) -> Any:
    way = HandedOver(
        code="W", consignment="C", container_code=f"V{number}", to="Laboratory 2", condition="intact", temperature_c="-180", seal="",
        logger="", within_minutes=30, at=NOW, by="ANN",
    )  # fmt: skip
    return vial(number, position="", on_its_way=way)


def _ended(number: int, how: str) -> Any:
    gone = Disposed(container_code=f"V{number}", how=how, why="It fell.", at=NOW, by="ANN")
    return vial(number, position="", disposed=gone)


def _kept(*first: Any) -> list[Any]:
    return [*first, *(vial(n) for n in range(len(first) + 1, 15))]


CONDITIONS: dict[str, tuple[Callable[[Record], dict[str, Any]], str, str, str]] = {
    "an open deviation": (
        lambda r: {"deviations": [deviation()]}, "deviations",
        "This deviation is open; QA must decide it: CRY-5: the curve left the template.", "/deviations/D1",
    ),
    "a covered deviation": (
        lambda r: {"deviations": [deviation(covered_for="K")], "hidden": frozenset({"D1"})}, "deviations",
        "A second reading is open and covers a deviation; it must be closed, and QA must decide the deviation.", "/batches/B",
    ),
    "a deviation not accepted": (
        lambda r: {"deviations": [deviation()], "decisions": {"D1": decision(False)}}, "deviations",
        "QA did not accept this deviation: CRY-5: the curve left the template.", "/deviations/D1",
    ),
    "a test without a result": (
        lambda r: {"outcomes": _outcome(r, code="")}, "tests", "Sterility (harvest) has no result; it must be no growth.",
        "/testing/SAMPLE?test=sterility",
    ),
    "a test that is to be sampled": (
        lambda r: {"outcomes": _outcome(r, code="", asked=replace(r.outcomes[0].asked, container_code=""))}, "tests",
        "Sterility (harvest) has no sample; it must be no growth.", "/testing?batch=B",
    ),
    "a test without a sample": (
        lambda r: {"outcomes": r.outcomes[1:]}, "tests",
        "Sterility (harvest): no sample was taken for it; each test of the specification must be reported.", "/batches/B",
    ),
    "a result that nobody reviewed": (
        lambda r: {"outcomes": _outcome(r, reviewed_by="")}, "tests",
        "Sterility (harvest) has a result that nobody has reviewed; a second analyst must.", "/testing/SAMPLE?test=sterility",
    ),
    "a failing test": (
        lambda r: {"outcomes": _outcome(r, verdict="out", sentence="Sterility is growth; it must be no growth.")}, "tests",
        "Sterility is growth; it must be no growth. A failure of this test is never set aside.", "/testing/SAMPLE?test=sterility",
    ),
    "an inconclusive test": (
        lambda r: {
            "outcomes": _outcome(r, "endotoxin", verdict="inconclusive", sentence="Endotoxin is < 10 EU/mL; it must be at most 2.0 EU/mL.")
        },
        "tests", "Endotoxin is < 10 EU/mL; it must be at most 2.0 EU/mL.", "/testing/SAMPLE?test=endotoxin",
    ),
    "a hold on the batch": (
        lambda r: {"holds": [hold()]}, "holds", "The batch is on hold, and QA must lift the hold first: The incubator alarmed.",
        "/holds/H1",
    ),
    "a hold on the subject": (
        lambda r: {"holds": [hold("S")]}, "holds", "Subject S01 is on hold, and QA must lift the hold first: The incubator alarmed.",
        "/holds/H1",
    ),
    "a hold on a vial": (
        lambda r: {"holds": [hold("V3")]}, "holds", "cryovial P2-3 is on hold, and QA must lift the hold first: The incubator alarmed.",
        "/holds/H1",
    ),
    "labels that do not come out even": (
        lambda r: {"reconciled": (40, {"applied": 39, "specimen": 0, "void": 0, "destroyed": 0}, 1)}, "labels",
        "40 labels of this batch were printed: 39 applied. The difference is 1; it must be 0.", "/labels/of-batch/B",
    ),
    "a vial that is in no position": (
        lambda r: {"kept": _kept(vial(1, position=""))}, "custody",
        f"{IN_HANDS} It must be in its position, given to a test, or disposed of.", "/containers/V1",
    ),
    "a vial that nobody received": (
        lambda r: {"kept": _kept(_away(1))}, "custody",
        "cryovial P2-1 was handed over to Laboratory 2 at 2026-03-02 08:00 UTC and is not received; somebody must receive it.",
        "/containers/V1",
    ),
    "too few vials": (
        lambda r: {"kept": [_ended(n, "destroyed") for n in range(1, 5)] + [vial(n) for n in range(5, 15)]}, "custody",
        "The bank has 10 vials that are stored or were given to tests; it must have at least 11.", "/batches/B",
    ),
    "a subject who withdrew": (
        lambda r: {"withdrawn": True}, "subject", "Subject S01 has withdrawn; a bank is released for its own subject alone.", "/subjects/S",
    ),
    "a trial that is suspended": (
        lambda r: {"status": "suspended"}, "subject", "The trial is suspended; it must be active.", "/trial",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CONDITIONS)
def test_one_thing_wrong_is_one_reason_that_names_exactly_that_one(good: Record, case: str) -> None:
    wrong, part, sentence, href = CONDITIONS[case]
    assert said(replace(good, **wrong(good))) == [(part, sentence, href)]


def test_everything_wrong_is_every_reason(good: Record) -> None:
    """Reasons of different rules add up; none hides another."""
    together: dict[str, Any] = {}
    for case in ("an open deviation", "a test without a sample", "a hold on the batch", "labels that do not come out even",
                 "too few vials", "a subject who withdrew"):  # fmt: skip
        together |= CONDITIONS[case][0](good)
    found = said(replace(good, status="stopped", **together), "BEN")
    assert [part for part, _, _ in found] == ["deviations", "tests", "holds", "labels", "custody", "subject", "subject", "hands"]


# ---- steps ----


def test_the_step_that_is_next_must_be_finished(folder: Folder) -> None:
    told = carried_out(folder)
    last = told.rows["performed"].pop()
    told.rows["verified"].pop()
    told.rows["attempts"] = told.rows["attempts"][:-2]
    wanted = f"{last.step}, {folder.master.step(last.step).title}, is not finished; every step of the master record must be."
    assert said(a_record(folder, told)) == [("steps", wanted, f"/batches/B/steps/{last.step}")]


def test_a_corrected_step_must_be_signed_again(folder: Folder) -> None:
    """Two steps whose signatures a correction took away are two reasons, also when neither is the last."""
    told = carried_out(folder)
    for row in (*told.rows["performed"], *told.rows["verified"]):
        if row.step in ("CRY-1", "REC-3"):
            row.ended_at, row.ended_by = LATER, "ANN"
    found = said(a_record(folder, told))
    assert [(part, sentence.split(",")[0], href) for part, sentence, href in found] == [
        ("steps", "CRY-1", "/batches/B/steps/CRY-1"), ("steps", "REC-3", "/batches/B/steps/REC-3"),
    ]  # fmt: skip


def test_a_value_at_its_stop_limit_is_a_reason_wherever_it_is(folder: Folder) -> None:
    told = carried_out(folder)
    told.calculate(("CRY-7", None), "unaccounted", "1", "stop")
    assert said(a_record(folder, told)) == [(
        "steps", "CRY-7 Vials without an account is at its stop limit; nothing that was made after it can be released.",
        "/batches/B/steps/CRY-7",
    )]  # fmt: skip


# ---- custody ----


def test_vials_that_were_tested_or_retained_still_count(good: Record) -> None:
    used = UsedUp(container_code="V1", why="thawed for its tests", at=NOW, by="ANN")
    kept = [vial(1, position="", sample=True, used_up=used), _ended(2, "retained"), _ended(3, "tested")]
    kept += [_ended(n, "lost") for n in range(4, 7)] + [vial(n) for n in range(7, 15)]
    assert said(replace(good, kept=kept)) == []
    assert [one[0] for one in said(replace(good, kept=kept[:-1]))] == ["custody"]


def test_what_is_no_vial_may_be_in_somebodys_hands(good: Record) -> None:
    tube = vial(1, position="")
    tube.container.kind = "sample tube"
    assert said(replace(good, kept=[*good.kept, tube])) == []


# ---- hands ----


@pytest.mark.parametrize("part", ["attempt", "reading", "scan", "witness", "verified", "mismatched", "superseded"])
def test_a_hand_in_the_batch_is_a_hand_however_it_was_lent(folder: Folder, part: str) -> None:
    told = carried_out(folder)
    where = ("CRY-5", None)
    if part == "attempt":
        told.sit(where, "QA9").ended_at = LATER
    elif part == "reading":
        told.rows["readings"][-1].by = "QA9"
        where = ("CRY-7", None)
    elif part == "scan":
        told.scan(where, "equipment", "controlled-rate freezer", "E1").by = "QA9"
    elif part == "witness":
        next(row for row in told.rows["performed"] if row.step == "CRY-5").witness = "QA9"
    elif part == "verified":
        told.rows["verified"][-1].by = "QA9"
        where = (told.rows["verified"][-1].step, None)
    elif part == "mismatched":
        first = told.rows["attempts"][0]
        told.mismatch(where, first, first, "run")
        told.rows["mismatched"][-1].by = "QA9"
    else:
        row = next(row for row in told.rows["performed"] if row.step == "CRY-5")
        told.rows["performed"].append(type(row)(**(row.model_dump() | {"code": "OLD", "by": "QA9", "ended_at": LATER, "ended_by": "QA9"})))
    record = a_record(folder, told)
    assert hands(record, "QA9") == {where}
    sentence = f"You worked on this batch ({where[0]}), so somebody else must release it."
    assert ("hands", sentence, f"/batches/B/steps/{where[0]}") in said(record, "QA9")
    assert said(record, "QA2") == [] or part == "attempt"


def test_many_steps_are_named_by_the_first_ones(good: Record) -> None:
    (part, sentence, _), = said(good, "BEN")
    assert part == "hands"
    assert sentence.startswith("You worked on this batch (CRY-1, CRY-2, CRY-3, CRY-7 and ")


def test_who_opened_the_batch_has_a_hand_in_it(good: Record) -> None:
    assert said(good, "TECH1") == [("hands", "You opened this batch, so somebody else must release it.", "/batches/B")]


# ---- decided ----


@pytest.mark.parametrize("word", ["released", "rejected"])
def test_a_decided_bank_has_one_reason(folder: Folder, word: str) -> None:
    told = carried_out(folder)
    told.more["decision"] = BatchDecision(batch_code="B", decision=word, why="", at=LATER, by="ANN")
    record = replace(a_record(folder, told), withdrawn=True, holds=[hold()])
    sentence = f"QA has decided about this batch already: Ann Ash {word} it on {LATER:%Y-%m-%d}."
    assert said(record) == [("decision", sentence, "/batches/B")]


# ---- out of the ordinary ----


def only(record: Record, kind: str, reader: str = "QA2") -> list[str]:
    return [one.sentence for one in KINDS[kind](record, reader)]


@pytest.fixture
def told(folder: Folder) -> Told:
    return carried_out(folder)


def attempt_of(told: Told, step: str, seat: str = "first") -> Any:
    return next(row for row in told.rows["attempts"] if row.step == step and row.seat == seat)


def test_alerts_are_said_with_value_and_limit(folder: Folder, told: Told) -> None:
    first = attempt_of(told, "CRY-5")
    told.read(first, {"spike": "6.5"}, why="read again", level="alert", limit="> 5", unit="°C")
    told.calculate(("HAR-3", None), "recovery", "78.4567", "alert")
    told.rows["calculated"][-1].limit, told.rows["calculated"][-1].unit = "< 80", "%"
    assert only(a_record(folder, told), "alert") == [
        "CRY-5: Rise at the release of heat is 6.5 °C; the alert limit is above 5 °C.",
        "HAR-3: Recovered by the wash is 78.46 %; the alert limit is below 80 %.",
    ]


def test_a_value_that_is_covered_is_no_exception_for_the_others(folder: Folder) -> None:
    """Decision W3: what a second reading covers is not in the review, not even that it is there."""
    told = Told(folder.master)
    while (where := told.course().next) is not None and where[0] != "CRY-1":
        told.finish(where, {})
        if where[0] == "CUL-8":
            told.read(attempt_of(told, "CUL-8"), {"next": "harvest"})
    first = told.sit(("CRY-1", None))
    told.read(first, {"temperature": "12.0"}, level="alert", limit="> 8", unit="°C")
    told.read(first, {"temperature": "11.0"}, why="slip", level="alert", limit="> 8", unit="°C")
    record = a_record(folder, told)
    for kind in ("alert", "replaced"):
        assert len(only(record, kind, "ANN")) == 1
        assert only(record, kind, "QA2") == []


def test_a_change_is_a_correction_once_it_was_signed(folder: Folder, told: Told) -> None:
    first = attempt_of(told, "CRY-5")
    told.read(first, {"lowest": "-118"}, why="A digit was misread.", unit="°C")
    again = told.sit(("CRY-5", None), "DAN")
    told.read(again, {"lowest": "-120"}, unit="°C")
    told.read(again, {"lowest": "-121"}, why="slip", unit="°C")
    record = a_record(folder, told)
    assert only(record, "corrected") == [
        "CRY-5: Temperature at the end of the run was -120 and is -118 °C. Reason: A digit was misread."
    ]
    assert only(record, "replaced") == ["CRY-5: Temperature at the end of the run was -120 °C and is -121 °C. Reason: slip."]


def test_w4_a_mismatch_names_fields_and_no_values(folder: Folder, told: Told) -> None:
    told.mismatch(("CRY-1", None), attempt_of(told, "CRY-1"), attempt_of(told, "CRY-1", "second"), "dmso,temperature")
    assert only(a_record(folder, told), "mismatch") == [
        "CRY-1: two independent readings did not match (DMSO in the cryomedium, Temperature of the cryomedium); both read again."
    ]


def test_overruns_are_apart_from_other_deviations(good: Record) -> None:
    slow = deviation("D2", rule="HAR-3 within", sentence="HAR-3 was begun 40 min late.", grade="minor")
    open_one = deviation("D3", rule="HAR open time", sentence="Harvest lay open for 5 h.", grade="minor")
    record = replace(good, deviations=[deviation(), slow, open_one], decisions={"D2": decision(code="D2")})
    assert [(one.sentence, one.todo) for one in KINDS["overrun"](record, "QA2")] == [
        ("HAR-3 was begun 40 min late.", False), ("Harvest lay open for 5 h.", True),
    ]  # fmt: skip
    assert only(record, "open deviation") == ["Major. CRY-5: the curve left the template."]
    assert only(record, "decided deviation") == []


def test_deviations_are_told_with_what_qa_decided_and_why(good: Record) -> None:
    record = replace(good, deviations=[deviation(), deviation("D2"), deviation("D3")], hidden=frozenset({"D3"}),
                     decisions={"D1": decision(), "D2": decision(False, "D2")})  # fmt: skip
    sentence = "Major. CRY-5: the curve left the template. QA"
    assert only(record, "decided deviation") == [
        f"{sentence} accepted it: It is plausible.", f"{sentence} did not accept it: It is plausible.",
    ]  # fmt: skip
    assert only(record, "open deviation") == ["A deviation that a second reading covers until it is closed."]


def test_holds_are_told_lifted_or_not(good: Record) -> None:
    lifted = hold("COL", ended_at=LATER, ended_by="QA2", ended_why="The logger was wrong.")
    lifted.code = "H2"
    record = replace(good, holds=[hold(), lifted])
    assert [(one.sentence, one.todo) for one in KINDS["hold"](record, "QA2")] == [
        ("The batch is on hold: The incubator alarmed.", True),
        ("The marrow was on hold: The incubator alarmed. QA lifted it: The logger was wrong.", False),
    ]


def test_refused_acts_are_told_with_their_reasons(good: Record) -> None:
    said_no = Refusal(7, "batch.scan", "Scan into a step", ("This belongs to another subject.",), NOW, "ANN")
    record = replace(good, refusals=[said_no, replace(said_no, covered=True)])
    assert only(record, "refused") == [
        "Scan into a step: This belongs to another subject.", "Scan into a step: what was said is covered by an open second reading.",
    ]


def label(code: str, **changed: Any) -> Label:
    return Label(code=code, of_code="V1", batch_code="B", template="cryovial", folder="F", values_text="", at=NOW, by="ANN", **changed)


def test_a_reprint_is_told_once_and_other_ends_by_themselves(good: Record) -> None:
    ends = {"ended_at": LATER, "ended_by": "ANN"}
    old = label("L1", ended_how="void", ended_why="Replaced: It is smeared.", **ends)
    spoilt = label("L3", ended_how="destroyed", ended_why="It tore.", **ends)
    spare = label("L4", ended_how="void", ended_why="Not filled.", **ends)
    spare.of_code = None
    kept = label("L5", ended_how="specimen", ended_why="Filed: page 3", **ends)
    record = replace(good, labels=[old, label("L2", replaces="L1"), spoilt, spare, kept])
    assert only(record, "reprinted") == ["The label of cryovial P2-1 was printed anew: It is smeared."]
    assert only(record, "ended label") == [
        "A label of cryovial P2-1 was destroyed: It tore.", "A label of no container is void: Not filled.",
    ]  # fmt: skip


def test_time_out_of_the_cold_is_told_from_the_limit_on_and_once_for_each_act(good: Record) -> None:
    def out(code: str, vial_code: str, seconds: int, at: datetime = NOW) -> Exposed:
        return Exposed(code=code, container_code=vial_code, seconds=seconds, doing="stored", at=at, by="ANN")

    record = replace(good, exposures=[out("1", "V1", 60), out("2", "V2", 61), out("3", "V3", 61), out("4", "V4", 90, LATER)])
    assert only(record, "exposed") == [
        "2 vials: out of the cold for 61 s (stored); it must be at most 60 s.",
        "Cryovial P2-4: out of the cold for 90 s (stored); it must be at most 60 s.",
    ]


def test_a_hand_over_is_told_when_it_took_too_long_or_was_not_intact(good: Record) -> None:
    def way(code: str, seconds: int | None, condition: str = "intact") -> HandedOver:
        ends = {} if seconds is None else {"ended_at": NOW + timedelta(seconds=seconds), "ended_by": "BEN"}
        return HandedOver(
            code=code, consignment="C", container_code="BAG" if code == "1" else "V1", to="the courier", condition=condition,
            temperature_c="20", seal="", logger="", within_minutes=30, at=NOW, by="ANN", **ends,
        )  # fmt: skip

    record = replace(good, hand_overs=[way("1", 1820), way("2", 1800), way("3", None), way("4", 5, "The seal is broken.")])
    assert only(record, "hand-over") == [
        "The marrow was 30 min 20 s on its way to the courier; it must be at most 30 min.",
        "cryovial P2-1 was handed over to the courier and was not intact: The seal is broken.",
    ]


def test_a_second_reading_is_late_from_the_limit_of_the_trial_on(folder: Folder, told: Told) -> None:
    signed, checked = told.rows["performed"][0], told.rows["verified"][0]
    checked.at = signed.at + timedelta(minutes=5)
    assert only(a_record(folder, told), "late") == []
    checked.at = signed.at + timedelta(minutes=5, seconds=1)
    assert only(a_record(folder, told), "late") == ["REC-1 was read a second time 5 min 1 s after the first; it must be at most 5 min."]
    checked.at = signed.at + timedelta(hours=2, minutes=3, seconds=1)
    assert only(a_record(folder, told), "late") == ["REC-1 was read a second time 2 h 3 min after the first; it must be at most 5 min."]


def test_scans_that_were_typed_or_taken_out_again_are_told(folder: Folder, told: Told) -> None:
    told.scan(("CRY-5", None), "equipment", "controlled-rate freezer", "E1").how = "typed"
    out = told.scan(("CRY-5", None), "equipment", "centrifuge", "E2")
    out.ended_at, out.ended_by = LATER, "ANN"
    record = a_record(folder, told)
    assert only(record, "typed") == ["CRY-5: the code of the controlled-rate freezer was typed, not scanned."]
    assert only(record, "taken out") == ["CRY-5: the centrifuge was taken out of the step again."]


def test_a_step_that_was_given_back_is_told_and_a_mismatch_is_none(folder: Folder, told: Told) -> None:
    back, first, second = (told.sit(("CRY-1", None), "ANN"), told.sit(("CRY-1", None), "ANN"), told.sit(("CRY-1", None), "BEN", "second"))
    for row in (back, first, second):
        row.ended_at, row.ended_by = LATER, "QA1"
    told.mismatch(("CRY-1", None), first, second, "dmso")
    assert only(a_record(folder, told), "given back") == ["CRY-1 was begun by Ann Ash and given back."]


# ---- results ----


def test_results_that_follow_another_are_told_with_both_values(good: Record) -> None:
    rows = [
        result(1, "91.0"), result(2, "97.0", kind="correction", why="A digit was misread."),
        result(3, "98.0", kind="repeat", why="A second tube."),
    ]  # fmt: skip
    record = replace(good, results=rows, sample_tests=[sample_test()])
    assert only(record, "repeated result") == [
        "CD73 positive (harvest) was corrected: 91.0 % before, 97.0 % now. Reason: A digit was misread.",
        "CD73 positive (harvest) was tested again: 97.0 % before, 98.0 % now. Reason: A second tube.",
    ]
    assert newest(rows)["SAMPLE", "CD73"].number == 3


def test_results_that_fail_or_decide_nothing_are_told_whether_set_aside_or_not(good: Record) -> None:
    low = result(1, "91.0", verdict="out", sentence="CD73 positive is 91.0 %; it must be at least 95 %.")
    aside = replace(good.outcomes[0], code="R1", set_aside=True)
    record = replace(good, results=[low])
    assert [(one.sentence, one.todo) for one in KINDS["unclear result"](record, "QA2")] == [(low.sentence, True)]
    record = replace(record, outcomes=[aside])
    assert [(one.sentence, one.todo) for one in KINDS["unclear result"](record, "QA2")] == [(f"{low.sentence} QA set it aside.", False)]


@pytest.mark.parametrize(("changed", "pill"), [
    ({"code": ""}, ("wait", "Missing")), ({"verdict": "out"}, ("stop", "Out of limits")),
    ({"verdict": "inconclusive"}, ("stop", "Inconclusive")), ({"for_good": "It was growth."}, ("stop", "Out of limits")),
    ({"reviewed_by": ""}, ("wait", "Not reviewed")), ({"stale": True}, ("wait", "To compare anew")),
    ({"verdict": "out", "set_aside": True}, ("warn", "Set aside")), ({"verdict": "reported"}, ("plain", "Reported")),
    ({}, ("go", "In limits")),
])  # fmt: skip
def test_a_test_has_one_pill(good: Record, changed: dict[str, Any], pill: tuple[str, str]) -> None:
    assert pill_of(replace(good.outcomes[0], **changed)) == pill


@pytest.mark.parametrize(("value", "limit", "unit", "near"), [
    ("95.0", ">= 95", "%", True), ("95.5", ">= 95", "%", True), ("95.6", ">= 95", "%", False),
    ("1.8", "<= 2.0", "EU/mL", True), ("1.79", "<= 2.0", "EU/mL", False), ("0", "<= 2", "%", False),
    ("5.0", "5.0 to 15.0", "mL", True), ("6.1", "5.0 to 15.0", "mL", False), ("14.0", "5.0 to 15.0", "mL", True),
    ("110", ">= 100", "cells", True), ("111", ">= 100", "cells", False),
    ("< 0.1", "<= 2.0", "EU/mL", False), ("no growth", "no growth", "", False), ("5", "", "", False), ("3", "3", "", False),
])  # fmt: skip
def test_a_value_is_near_within_a_tenth_of_its_room(value: str, limit: str, unit: str, near: bool) -> None:
    assert is_near(value, limit, unit) is near


def test_a_value_in_force_close_to_its_limit_is_told(good: Record) -> None:
    record = replace(good, results=[result(1, "95.2"), result(2, "99.0", kind="repeat"), result(3, "95.1", kind="repeat")])
    assert only(record, "near limit") == ["CD73 is 95.1 %, which is close to its limit: at least 95 %."]


# ---- the whole ----


def test_what_waits_for_somebody_comes_first_and_nothing_after_the_decision(folder: Folder) -> None:
    told = carried_out(folder)
    told.more["decision"] = BatchDecision(batch_code="B", decision="released", why="", at=LATER, by="QA2")
    early, late_one = hold("V1"), hold("V2")
    late_one.code, late_one.at = "H2", LATER + timedelta(days=1)
    record = replace(a_record(folder, told), holds=[early, late_one])
    assert [one.sentence for one in exceptions(record, "QA2")["hold"]] == ["cryovial P2-1 is on hold: The incubator alarmed."]


def test_there_are_at_least_eleven_kinds_and_each_has_a_rule_of_its_own() -> None:
    assert len(KINDS) >= 11
    assert len(set(KINDS.values())) == len(KINDS)

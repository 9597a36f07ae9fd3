"""Where a batch stands and what stands against working on it: tables over rows, no database."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backend.batch.rules import (
    again,
    against_correcting,
    against_sitting,
    against_value,
    against_verifying,
    against_working,
    changed,
    filled,
    foreign,
    hands,
    mismatches,
    misplaced,
    out_of_limits,
    overruns,
    said_of,
    seat_of,
    spelled,
    unfilled,
    unread,
    unscanned,
    unstored,
    worked_out,
)
from backend.trial.rules import Level
from tests.batch.rows import Told

TECHNICIAN = {"technician"}
REC1, REC2, REC3, REC4, REC5 = (("REC-1", None), ("REC-2", None), ("REC-3", None), ("REC-4", None), ("REC-5", None))
MNC3, MNC4, CRY2, CRY6 = ("MNC-3", None), ("MNC-4", None), ("CRY-2", None), ("CRY-6", None)
RECEIPT = {"seal": "A", "seal_intact": "yes", "coldest": "18", "warmest": "22"}
COUNT = {"volume": "8.0", "live": "52 48 55 45", "dead": "5 5 5 5"}


def until(told: Told, stop: str) -> None:
    """Every step before `stop` is done, without values (outside the repeated phase)."""
    for step in told.master.steps():
        if step.code == stop:
            return
        told.finish((step.code, "P0" if step.code.startswith("CUL") else None))


# ---- where it stands ----


def test_the_first_step_is_next_in_a_new_batch(told: Told) -> None:
    assert told.course().next == REC1
    assert list(against_working(told.course(), REC1, TECHNICIAN)) == []


def test_a_checked_step_is_done_only_when_it_is_verified(told: Told) -> None:
    first = told.sit(REC1)
    told.read(first, RECEIPT)
    signed = told.sign(REC1, first)
    assert told.course().next == REC1
    assert told.course().finished(*REC1) is None
    second = told.sit(REC1, "BEN", "second")
    check = told.check(REC1, signed, second)
    assert told.course().next == REC2
    assert told.course().finished(*REC1) == check.at


def test_an_unchecked_step_is_done_when_it_is_signed(told: Told) -> None:
    until(told, "REC-3")
    told.finish(REC3)
    assert told.course().next == REC4


def test_the_latest_number_of_a_value_is_in_force_and_the_others_stay(told: Told) -> None:
    first = told.sit(REC3)
    told.read(first, {"volume": "31.5"})
    told.read(first, {"volume": "30.5"}, why="slip")
    course = told.course()
    assert course.values(first) == {"volume": Decimal("30.5")}
    assert [row.value for row in course.readings] == ["31.5", "30.5"]


def test_two_agreeing_counts_are_in_force_as_their_unrounded_mean(told: Told) -> None:
    until(told, "MNC-4")
    first = told.sit(MNC4)
    told.read(first, COUNT)
    signed = told.sign(MNC4, first)
    second = told.sit(MNC4, "BEN", "second")
    told.read(second, COUNT | {"live": "51 50 52 50"})
    told.check(MNC4, signed, second)
    live = told.course().answer("MNC-4", None, "live")
    assert (live.mean, live.seen) == (Decimal("50.375"), 403)  # type: ignore[union-attr]


# ---- what stands against working ----


def test_a_step_that_is_not_next_says_what_comes_first(told: Told) -> None:
    assert list(against_working(told.course(), REC3, TECHNICIAN)) == ["REC-3 is not next: REC-1 Open the transport box comes first."]


def test_a_finished_step_is_only_corrected(told: Told) -> None:
    told.finish(REC1)
    assert "REC-1 is finished. A value in it is corrected with a reason and a signature." in against_working(
        told.course(), REC1, TECHNICIAN
    )


def test_a_step_of_qa_is_not_a_technicians(told: Told) -> None:
    until(told, "REC-5")
    assert list(against_working(told.course(), REC5, TECHNICIAN)) == ["REC-5 is for QA; you are technician."]
    assert list(against_working(told.course(), REC5, {"qa"})) == []


def test_a_hold_stops_every_step_until_it_is_lifted(told: Told) -> None:
    told.more["holds"] = ["A value was corrected."]
    assert list(against_working(told.course(), REC1, TECHNICIAN)) == [
        "The batch is on hold: A value was corrected. QA must lift the hold first."
    ]


def test_a_corrected_step_is_signed_again_while_the_batch_is_on_hold(told: Told) -> None:
    until(told, "REC-4")
    signed = told.rows["performed"][-1]
    signed.ended_at, signed.ended_by = told.at, "ANN"
    told.more["holds"] = ["A value was corrected."]
    course = told.course()
    assert course.reopened(REC3)
    assert list(against_working(course, REC3, TECHNICIAN)) == []


@pytest.mark.parametrize(("level", "waits"), [("alert", False), ("decide", True), ("stop", True)])
def test_a_deviation_waits_for_qa_unless_it_is_an_alert(told: Told, level: str, waits: bool) -> None:
    told.finish(REC1)
    told.deviate(REC1, level, "REC-1: Coldest is 12 °C.")
    said = list(against_working(told.course(), REC2, TECHNICIAN))
    assert bool(said) == waits
    if waits:
        assert said == ["REC-1 waits for QA: REC-1: Coldest is 12 °C."]
    told.more["decided"] = frozenset({"D1"})
    assert list(against_working(told.course(), REC2, TECHNICIAN)) == []


def test_a_deviation_that_qa_did_not_accept_ends_the_work(told: Told) -> None:
    told.finish(REC1)
    told.deviate(REC1, "decide", "REC-1: the seal was broken.")
    told.more |= {"decided": frozenset({"D1"}), "refused": frozenset({"D1"})}
    assert list(against_working(told.course(), REC2, TECHNICIAN)) == [
        "QA did not accept this deviation, so nobody may go on with this batch: REC-1: the seal was broken."
    ]


def test_after_a_stop_nobody_goes_on(told: Told) -> None:
    until(told, "REC-2")
    first = told.sit(REC2)
    told.read(first, {"label_agrees": "no"}, level="stop")
    signed = told.sign(REC2, first)
    told.check(REC2, signed, told.sit(REC2, "BEN", "second"))
    assert list(against_working(told.course(), REC3, TECHNICIAN)) == [
        "REC-2 Do label, order and chain of identity agree is at its stop limit; nobody may go on with this batch."
    ]


def test_a_calculated_value_can_stop_too(told: Told) -> None:
    until(told, "MNC-2")
    told.calculate(REC4, "viability", "10", level="stop")
    assert any("REC-4 Viability is at its stop limit" in one for one in against_working(told.course(), ("MNC-2", None), TECHNICIAN))


def test_nothing_is_recorded_in_a_rejected_batch(told: Told) -> None:
    told.decide()
    assert list(against_working(told.course(), REC1, TECHNICIAN)) == [
        f"QA rejected this batch on {told.at:%Y-%m-%d}; nothing more is recorded in it."
    ]
    assert next(against_correcting(told.course(), REC1, "seal", "ANN")) == (
        "QA rejected this batch before REC-1 was finished; nothing more is recorded in it."
    )


# ---- who sits where ----


def test_the_second_seat_opens_with_the_performers_signature(told: Told) -> None:
    first = told.sit(REC1)
    assert seat_of(told.course(), REC1) == "first"
    told.sign(REC1, first)
    assert seat_of(told.course(), REC1) == "second"


def test_a_checked_step_is_one_persons_until_they_give_it_back(told: Told) -> None:
    first = told.sit(REC1)
    told.read(first, {"seal": "A"})
    said = list(against_sitting(told.course(), REC1, "BEN", {"ANN": "Ann Early"}))
    assert said == ["Ann Early has begun it; REC-1 is theirs until they give it back."]
    first.ended_at, first.ended_by = told.at, "ANN"
    assert list(against_sitting(told.course(), REC1, "BEN", {})) == []


def test_an_unchecked_step_may_be_shared(told: Told) -> None:
    told.sit(REC3)
    assert list(against_sitting(told.course(), REC3, "BEN", {})) == []


def test_whoever_had_a_hand_in_the_first_reading_is_not_the_second(told: Told) -> None:
    first = told.sit(REC1)
    told.read(first, {"seal": "A"}, by="CAT")
    told.sign(REC1, first)
    assert hands(told.course(), REC1) == {"ANN", "CAT"}
    for person in ("ANN", "CAT"):
        assert list(against_sitting(told.course(), REC1, person, {})) == [
            "You performed REC-1; the second reading must be somebody else's, on their own sign-in."
        ]
        assert list(against_verifying(told.course(), REC1, person)) == ["You performed REC-1, so somebody else must verify it."]


def test_one_second_person_at_a_time(told: Told) -> None:
    told.sign(REC1, told.sit(REC1))
    told.sit(REC1, "BEN", "second")
    assert list(against_sitting(told.course(), REC1, "CAT", {})) == [
        "BEN is reading it a second time; REC-1 is theirs until they give it back."
    ]
    assert list(against_verifying(told.course(), REC1, "CAT")) == ["REC-1 is being read a second time by BEN."]


def test_a_step_is_verified_only_after_it_was_handed_over(told: Told) -> None:
    assert list(against_verifying(told.course(), REC1, "BEN")) == ["REC-1 has not been handed over; the performer signs first."]
    assert list(against_verifying(told.course(), REC3, "BEN")) == ["REC-3 is not verified by a second person."]


# ---- what is missing ----


def test_every_missing_value_is_said_and_words_are_optional(told: Told) -> None:
    first = told.sit(REC3)
    told.read(first, {"clots": "none"})
    assert list(unread(told.course(), REC3, "first", first)) == ["Volume by weight is empty.", "Does it leak is empty."]


def test_the_second_person_is_not_asked_for_what_is_worked_out(told: Told) -> None:
    assert list(unread(told.course(), MNC4, "second", None)) == [
        "Volume of suspension is empty.", "Live cells is empty.", "Dead cells is empty.",
    ]  # fmt: skip


def test_everything_that_the_step_asks_for_must_be_scanned(told: Told) -> None:
    assert list(unscanned(told.course(), MNC4, {"cell tube": ["C1"]})) == [
        "No cell counter has been scanned.", "No lot of trypan blue has been scanned.", "0 of 1 cell tube scanned; 1 must be.",
    ]  # fmt: skip
    told.scan(MNC4, "equipment", "cell counter", "E1")
    told.scan(MNC4, "material", "trypan blue", "T1")
    taken = told.scan(MNC4, "uses", "cell tube", "C1")
    assert list(unscanned(told.course(), MNC4, {"cell tube": ["C1"]})) == []
    taken.ended_at, taken.ended_by = told.at, "ANN"
    assert list(unscanned(told.course(), MNC4, {"cell tube": ["C1"]})) == ["0 of 1 cell tube scanned; 1 must be."]


def test_all_means_every_one_that_is_left(told: Told) -> None:
    where = ("CUL-6", "P0")
    told.scan(where, "uses", "culture flask", "C1")
    assert "1 of 3 culture flask scanned; all must be." in unscanned(told.course(), where, {"culture flask": ["C1", "C2", "C3"]})


def test_as_many_labels_are_scanned_as_vials_were_filled(told: Told) -> None:
    told.scan(CRY2, "makes", "cryovial", "C1")
    assert list(unfilled(told.course(), CRY2, {"cryovial": 14})) == ["1 cryovial labels were scanned; 14 were filled, so as many must be."]
    assert list(unfilled(told.course(), CRY2, {"cryovial": 1})) == []


@pytest.mark.parametrize(
    ("tanks", "number", "said"),
    [
        ({"a": "T1", "b": "T2"}, 2, []),
        ({"a": "T1", "b": "T2", "c": "T2"}, 3, []),
        ({}, 0, ["0 of 0 cryovial are stored; all must be.", "They are in 0 tanks; they must be in 2."]),
        ({"a": "T1", "b": "T2"}, 3, ["2 of 3 cryovial are stored; all must be."]),
        ({"a": "T1", "b": "T1"}, 2, ["They are in 1 tank; they must be in 2."]),
        (dict.fromkeys("abc", "T1") | {"d": "T2"}, 4, ["The tanks hold 1 and 3; they must be shared as evenly as can be."]),
    ],
)
def test_vials_are_stored_in_two_tanks_as_evenly_as_can_be(told: Told, tanks: dict[str, str], number: int, said: list[str]) -> None:
    assert list(unstored(told.course(), CRY6, tanks, number)) == said


def test_what_is_misplaced_is_told_what_the_step_asks_for(told: Told) -> None:
    assert list(misplaced(told.course(), MNC4, "a place")) == [
        "MNC-4 does not ask for a place; it asks for cell counter, trypan blue, cell tube."
    ]
    assert list(misplaced(told.course(), REC1, "a badge")) == ["REC-1 does not ask for a badge; it asks for nothing that is scanned."]


def test_another_subjects_container_is_named_by_number_and_code_only() -> None:
    said = foreign(("S07", "SK0KPKFMV0A14"), ("S11", "SZZZZZZZZZZZ1"))
    assert said == (
        "This belongs to another subject: it is of S07 (SK0KPKFMV0A14), and this batch is of S11 (SZZZZZZZZZZZ1). "
        "Cells of two subjects are never mixed."
    )


@pytest.mark.parametrize(("passage", "value", "refused"), [("P0", "harvest", True), ("P2", "harvest", False), ("P4", "re-seed", True)])
def test_only_what_a_passage_offers_is_chosen(told: Told, passage: str, value: str, refused: bool) -> None:
    assert bool(list(against_value(told.course(), ("CUL-8", passage), "next", value))) == refused
    assert list(against_value(told.course(), REC1, "seal", "A")) == []


def test_a_value_is_corrected_only_once_it_is_signed_and_while_a_check_is_open_only_by_its_reader(told: Told) -> None:
    assert list(against_correcting(told.course(), REC1, "seal", "ANN")) == [
        "REC-1 is not signed; until then a value is replaced on the step itself, with a reason."
    ]
    first = told.sit(REC1)
    told.read(first, RECEIPT)
    signed = told.sign(REC1, first)
    assert list(against_correcting(told.course(), REC1, "seal", "ANN")) == []
    assert list(against_correcting(told.course(), REC1, "seal", "BEN")) == [
        "REC-1 is being read a second time; until both agree only its performer corrects it."
    ]
    told.check(REC1, signed, told.sit(REC1, "BEN", "second"))
    assert list(against_correcting(told.course(), REC1, "seal", "CAT")) == []
    assert list(against_correcting(told.course(), REC1, "colour", "CAT")) == ["REC-1 has no reading colour."]


# ---- comparing, working out, judging ----


@pytest.mark.parametrize(
    ("live", "matches"),
    [
        ("50 50 50 50", True),
        ("43 43 43 43", False),  # 15.05 % of the mean
        ("58 58 58 58", True),  # 14.8 %
        ("0 0 0 0", False),
    ],
)
def test_two_counts_match_within_fifteen_per_cent_of_their_mean(told: Told, live: str, matches: bool) -> None:
    first, second = told.sit(MNC4), told.sit(MNC4, "BEN", "second")
    told.read(first, COUNT | {"live": "50 50 50 50"})
    told.read(second, COUNT | {"live": live, "dead": "20 1 1 1"})
    course = told.course()
    assert mismatches(course, MNC4, course.values(first), course.values(second)) == ([] if matches else ["live"])


def test_a_second_reading_is_equal_or_does_not_match(told: Told) -> None:
    first, second = told.sit(REC1), told.sit(REC1, "BEN", "second")
    told.read(first, RECEIPT)
    told.read(second, RECEIPT | {"warmest": "22.1", "coldest": "18.0"})
    course = told.course()
    assert mismatches(course, REC1, course.values(first), course.values(second)) == ["warmest"]


def test_a_value_that_only_one_has_read_does_not_match(told: Told) -> None:
    first = told.sit(REC1)
    told.read(first, {"seal": "A"})
    assert mismatches(told.course(), REC1, told.course().values(first), {}) == ["seal"]


def test_the_vectors_of_the_process_come_out_of_a_step(told: Told) -> None:
    first = told.sit(MNC4)
    told.read(first, {"volume": "12.0", "live": "104 96 110 90", "dead": "10 10 10 10"})
    values = told.course().values(first)
    found = {one.field: Decimal(one.value) for one in worked_out(told.course(), MNC4, values)}
    assert found["concentration"] == Decimal("1.00e7")  # mean 100 × dilution 10 × 1e4
    assert found["tnc"] == Decimal("1.2e8")
    assert round(found["viability"], 2) == Decimal("90.91")
    assert round(found["error"], 1) == Decimal("5.0")


def test_a_limit_is_judged_on_the_unrounded_value(told: Told) -> None:
    first = told.sit(REC4)
    told.read(first, {"live": "7996 0 0 0", "dead": "2004 0 0 0"})
    values = told.course().values(first)
    results = worked_out(told.course(), REC4, values)
    viability = next(one for one in results if one.field == "viability")
    assert (Decimal(viability.value), viability.verdict.level) == (Decimal("79.96"), Level.ALERT)


def test_out_of_limits_says_both_values_and_an_alert_opens_nothing(told: Told) -> None:
    first = told.sit(REC3)
    told.read(first, {"volume": "9.5", "clots": "few", "leak": "yes"})
    found = list(out_of_limits(told.course(), REC3, told.course().values(first), []))
    assert [(one.level, one.sentence) for one in found] == [
        (Level.DECIDE, "Volume by weight is 9.5 mL; it must be at least 10 mL."),
        (Level.DECIDE, "Does it leak? The answer is yes; it must be no."),
    ]


def test_one_threshold_decides_the_harvest_whoever_the_subject_is(told: Told) -> None:
    told.finish(("HAR-2", None), {"washes": "2", "volume": "20.0"})
    first = told.sit(("HAR-3", None))
    told.read(first, {"live": "44 43 44 43", "dead": "1 1 1 1"})  # 1.74e8
    course = told.course()
    results = worked_out(course, ("HAR-3", None), course.values(first))
    said = [one.sentence for one in out_of_limits(course, ("HAR-3", None), course.values(first), results)]
    assert said[0] == "Viable cells is 1.74×10⁸ cells; it must be at least 1.75×10⁸ cells."


def test_a_chamber_without_cells_is_bad_news_and_not_a_fault(told: Told) -> None:
    first = told.sit(REC4)
    told.read(first, {"live": "0 0 0 0", "dead": "0 0 0 0"})
    course = told.course()
    results = worked_out(course, REC4, course.values(first))
    viability = next(one for one in results if one.field == "viability")
    reading = told.master.step("REC-4").reading("viability")
    assert reading is not None
    assert (viability.value, viability.verdict.level) == ("", Level.DECIDE)
    assert "could not be worked out" in said_of(reading, viability)
    assert [one.level for one in out_of_limits(course, REC4, course.values(first), results)] == [Level.DECIDE]


def test_a_step_begun_after_its_time_is_said_and_not_blocked(told: Told) -> None:
    until(told, "MNC-4")
    told.at += timedelta(minutes=31)
    told.sit(MNC4)
    course = told.course()
    assert list(against_working(course, MNC4, TECHNICIAN)) == []
    assert [(one.level, one.sentence) for one in overruns(course, MNC4, told.at)] == [
        (Level.ALERT, "MNC-4 was begun 2 min late; it must begin within 30 min after MNC-3.")
    ]


def test_a_phase_that_lay_open_too_long_is_said_at_its_last_step(told: Told) -> None:
    until(told, "MNC-9")
    told.at += timedelta(hours=4)
    told.sit(("MNC-9", None))
    assert [one.sentence for one in overruns(told.course(), ("MNC-9", None), told.at) if "open" in one.rule] == [
        "Isolation and P0 seeding lay open for 4 h 19 min; it must be at most 4 h."
    ]
    assert list(overruns(told.course(), ("MNC-8", None), told.at)) == []


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=2, minutes=41), "2 h 41 min"),
        (timedelta(hours=4), "4 h"),
        (timedelta(days=3, hours=2, minutes=5), "3 d 2 h"),
    ],
)
def test_a_length_of_time_is_said_as_people_do(span: timedelta, words: str) -> None:
    assert spelled(span) == words


def test_a_corrected_volume_changes_what_later_steps_worked_out(told: Told) -> None:
    until(told, "HAR-2")
    told.finish(("HAR-2", None), {"washes": "2", "volume": "20.0"})
    told.finish(("HAR-3", None), {"live": "60 60 60 60", "dead": "1 1 1 1"})
    told.calculate(("HAR-3", None), "total", "2.4E+8")
    told.calculate(("HAR-3", None), "concentration", "1.2E+7")
    fields = {one.field: one.value for one in changed(told.course(), ("HAR-3", None))}
    assert "concentration" not in fields or Decimal(fields["concentration"]) == Decimal("1.2e7")
    first = next(a for a in told.rows["attempts"] if a.step == "HAR-2" and a.seat == "first")
    told.read(first, {"volume": "10.0"}, why="misread")
    assert Decimal({one.field: one.value for one in changed(told.course(), ("HAR-3", None))}["total"]) == Decimal("1.2e8")


def test_a_step_says_how_many_it_makes(told: Told) -> None:
    first = told.sit(("MNC-5", None))
    told.read(first, {"flasks": "3", "area_each": "175", "seeded": "60000000", "volume_each": "35.0"})
    course = told.course()
    values = course.values(first)
    results = worked_out(course, ("MNC-5", None), values)
    assert filled(course, ("MNC-5", None), values, results) == {"culture flask": 3}


# ---- covering (decision W3) ----


def test_an_open_check_is_covered_for_everybody_but_its_reader(told: Told) -> None:
    first = told.sit(MNC4)
    told.read(first, COUNT)
    row = told.rows["readings"][0]
    signed = told.sign(MNC4, first)
    assert told.course().shows(MNC4, row, "ANN")
    assert not told.course().shows(MNC4, row, "BEN")
    assert not told.course().shows(MNC4, row, "QA1")
    second = told.sit(MNC4, "BEN", "second")
    told.read(second, COUNT)
    assert not told.course().shows(MNC4, told.rows["readings"][-1], "ANN")
    told.check(MNC4, signed, second)
    assert told.course().shows(MNC4, row, "BEN")
    assert told.course().shows(MNC4, row, "QA1")


def test_a_mismatch_uncovers_nothing(told: Told) -> None:
    first = told.sit(MNC4)
    told.read(first, COUNT)
    signed, second = told.sign(MNC4, first), told.sit(MNC4, "BEN", "second")
    for row in (first, signed, second):
        row.ended_at, row.ended_by = told.at, "BEN"
    told.mismatch(MNC4, first, second, "live")
    assert again(told.course(), MNC4) == 1
    assert not told.course().shows(MNC4, told.rows["readings"][0], "BEN")


def test_a_correction_is_covered_until_it_is_matched_again(told: Told) -> None:
    first = told.sit(REC1)
    told.read(first, RECEIPT)
    signed, second = told.sign(REC1, first), told.sit(REC1, "BEN", "second")
    told.read(second, RECEIPT)
    check = told.check(REC1, signed, second)
    told.read(first, {"warmest": "22.5"}, why="misread")
    signed.ended_at = check.ended_at = told.at
    old, new = told.rows["readings"][3], told.rows["readings"][-1]
    assert told.course().shows(REC1, old, "QA1")
    assert not told.course().shows(REC1, new, "QA1")


def test_what_one_person_reads_alone_is_not_covered(told: Told) -> None:
    told.read(told.sit(REC3), {"volume": "31.5"})
    assert told.course().shows(REC3, told.rows["readings"][0], "BEN")


def test_a_rejected_batch_covers_nothing_any_more(told: Told) -> None:
    told.read(told.sit(MNC4), COUNT)
    told.decide()
    assert told.course().shows(MNC4, told.rows["readings"][0], "QA1")

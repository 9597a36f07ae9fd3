"""Who is whom, who may be enrolled, who may be bound: the rules alone, without a database."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.subject import rules
from backend.subject.rules import SAME_RECORD_NUMBER, SIMILAR, Identity
from backend.trial.rules import Folder, SerologyResult, read_folder
from tests import story

TODAY = date(2026, 3, 2)
GAO = Identity("Gao Lihua", "MRN-204417", "1969-04-12")


@pytest.fixture(scope="module")
def folder() -> Folder:
    return read_folder(story.FOLDER)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Gao Lihua", "gao  lihua"),
        ("Gao Lihua", "LIHUA GAO"),
        ("Gao Lihua", "Ｇａｏ Ｌｉｈｕａ"),
        ("Gao Lihua", "Gao, Lihua"),
        ("Gao Lihua", "Gao Li-hua"),
        ("Gao Lihua", "Gaolihua"),
        ("Gao Lihua", "Gao Lihau"),
        ("Gāo Lìhuá", "Gao Lihua"),
        ("高丽华", "高麗华"),
        ("高丽华", "高丽华"),
        ("Straße Max", "STRASSE MAX"),
    ],
)
def test_one_name_written_in_two_ways_is_alike(one: str, two: str) -> None:
    assert rules.alike(one, two)
    assert rules.alike(two, one)


@pytest.mark.parametrize(("one", "two"), [("Gao Lihua", "Ma Jianguo"), ("Yan Xiu", "Gao Xiu"), ("高丽华", "马建国"), ("Li Na", "Wu Min")])
def test_two_names_are_not_alike(one: str, two: str) -> None:
    assert not rules.alike(one, two)


@given(st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=30))
def test_a_name_is_always_like_itself_in_any_order_and_case(name: str) -> None:
    assert rules.alike(name, " ".join(reversed(name.split())))
    assert rules.alike(name, name)


@given(st.text("ab", max_size=6), st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_the_distance_is_a_distance(a: str, b: str, c: str) -> None:
    assert rules.distance(a, b) == rules.distance(b, a)
    assert (rules.distance(a, b) == 0) == (a == b)
    assert rules.distance(a, c) <= rules.distance(a, b) + rules.distance(b, c)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (Identity("Ma Jianguo", "mrn 204417", "1964-11-30"), [SAME_RECORD_NUMBER]),
        (Identity("Ma Jianguo", "ＭＲＮ２０４４１７", "1964-11-30"), [SAME_RECORD_NUMBER]),
        (Identity("Lihua Gao", "MRN-1", "1969-04-12"), [SIMILAR]),
        (Identity("Lihua Gao", "MRN-204417", "1969-04-12"), [SAME_RECORD_NUMBER, SIMILAR]),
        (Identity("Gao Lihua", "MRN-1", "1969-04-13"), []),
        (Identity("Ma Jianguo", "MRN-1", "1969-04-12"), []),
    ],
)
def test_a_similar_person_needs_a_second_look_and_the_same_number_is_refused(new: Identity, said: list[str]) -> None:
    assert list(rules.against_identity(new, [GAO], confirmed=False)) == said
    assert list(rules.against_identity(new, [GAO], confirmed=True)) == [one for one in said if one == SAME_RECORD_NUMBER]


def test_what_is_said_of_somebody_similar_names_nobody() -> None:
    for sentence in (SAME_RECORD_NUMBER, SIMILAR):
        assert not any(word in sentence for word in ("Gao", "Lihua", "204417", "1969", "S01"))


TOO_OLD_OR_YOUNG = "“Date of birth” speaks against enrolment: the age must be 18 to 65 years, and it is not."


@pytest.mark.parametrize(
    ("born", "said"),
    [
        (date(2008, 3, 2), []),  # eighteen today
        (date(2008, 3, 3), [TOO_OLD_OR_YOUNG]),
        (date(1960, 3, 3), []),  # sixty-six tomorrow
        (date(1960, 3, 2), [TOO_OLD_OR_YOUNG]),
    ],
)
def test_age_is_completed_years_on_the_day(folder: Folder, born: date, said: list[str]) -> None:
    good = dict.fromkeys(rules.asked(folder.trial), "no")
    sentences = list(rules.against_enrolling(folder.trial, good, born, "female", TODAY))
    assert [one for one in sentences if "Date of birth" in one] == said


def test_every_criterion_is_asked_and_an_unanswered_one_is_named(folder: Folder) -> None:
    sentences = list(rules.against_enrolling(folder.trial, {}, date(1980, 1, 1), "male", TODAY))
    assert len(sentences) == len(rules.asked(folder.trial)) == len(folder.trial.eligibility) - 2
    assert all("has no answer" in one for one in sentences)


def test_age_and_sex_are_not_answered_apart(folder: Folder) -> None:
    said = " ".join(rules.against_enrolling(folder.trial, {"AGE": "1980-01-01", "SEX": "male"}, date(1950, 1, 1), "female", TODAY))
    assert "AGE follows from who the subject is" in said
    assert TOO_OLD_OR_YOUNG in said


@pytest.mark.parametrize(
    ("enrolled", "withdrawn", "status", "words"),
    [
        (11, 0, "active", ""),
        (12, 0, "active", "12 subjects are enrolled; the trial has at most 12, and who withdrew is not replaced."),
        (12, 3, "active", "12 subjects are enrolled"),
        (0, 0, "suspended", "The trial is suspended"),
        (0, 0, "stopped", "The trial is stopped"),
    ],
)
def test_the_thirteenth_subject_and_an_inactive_trial_are_refused(
    folder: Folder, enrolled: int, withdrawn: int, status: str, words: str
) -> None:
    """Decision D3."""
    said = " ".join(rules.against_room(folder.trial, enrolled, withdrawn, status))
    assert said == "" if not words else words in said


def test_where_the_trial_replaces_those_who_withdrew_their_places_are_free(folder: Folder) -> None:
    replacing = folder.trial.model_copy(update={"enrolment": folder.trial.enrolment.model_copy(update={"replace_withdrawn": True})})
    assert list(rules.against_room(replacing, 12, 1, "active")) == []
    assert list(rules.against_room(replacing, 13, 1, "active")) == ["12 subjects are enrolled; the trial has at most 12."]
    closed = folder.trial.model_copy(update={"enrolment": folder.trial.enrolment.model_copy(update={"status": "closed"})})
    assert list(rules.against_room(closed, 0, 0, "active")) == ["The trial folder says that enrolment is closed; it must be open."]


@pytest.mark.parametrize(
    ("form", "protocol", "given_by", "given_on", "words"),
    [
        ("ICF 1.0", "1.0", "subject", TODAY, ""),
        ("ICF 1.0", "1.0", "legal guardian", date(2026, 1, 1), ""),
        ("ICF 0.9", "1.0", "subject", TODAY, "the form in force is ICF 1.0"),
        ("ICF 1.0", "2.0", "subject", TODAY, "the protocol in force is 1.0"),
        ("ICF 1.0", "1.0", "neighbour", TODAY, "must be given by: subject or legal guardian"),
        ("ICF 1.0", "1.0", "subject", date(2026, 3, 3), "must have been given by now"),
    ],
)
def test_consent_is_to_the_versions_in_force(folder: Folder, form: str, protocol: str, given_by: str, given_on: date, words: str) -> None:
    said = " ".join(rules.against_consent(folder.trial, form, protocol, given_by, given_on, TODAY))
    assert said == "" if not words else words in said


@pytest.mark.parametrize(("number", "fits"), [("S01", True), ("S1", False), ("X01", False), ("S012", False), ("07^FS", False)])
def test_a_subject_number_looks_as_the_trial_says(number: str, fits: bool) -> None:
    assert (rules.against_number(number, "S[0-9]{2}") is None) == fits


GOOD = {code: SerologyResult("non-reactive", TODAY) for code in ("HBsAg", "anti-HBc", "anti-HBs", "anti-HCV", "HIV", "syphilis")}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, []),
        ({"anti-HBs": SerologyResult("reactive", TODAY)}, []),  # a vaccinated subject has it
        ({"HIV": SerologyResult("reactive", TODAY)}, ["HIV is reactive; it must be non-reactive."]),
        ({"HBV-DNA": SerologyResult("detected", TODAY)}, ["HBV-DNA is detected; it must be not detected."]),
        ({"HIV": SerologyResult("non-reactive", date(2025, 1, 1))}, []),  # age is judged at harvest
    ],
)
def test_binding_needs_each_analyte_on_the_right_side(folder: Folder, changed: dict[str, SerologyResult], words: list[str]) -> None:
    assert list(rules.against_screening(folder.trial, GOOD | changed)) == words


def test_every_missing_analyte_is_named(folder: Folder) -> None:
    said = list(rules.against_screening(folder.trial, {}))
    assert len(said) == 6
    assert all("has no result" in one for one in said)


def test_results_must_be_results(folder: Folder) -> None:
    assert list(rules.against_results(folder.trial, {"HIV": "reactive"}, TODAY, TODAY)) == []
    said = " ".join(rules.against_results(folder.trial, {"HIV": "perhaps", "XYZ": "reactive"}, date(2026, 3, 3), TODAY))
    assert "HIV is “perhaps”; it must be one of: non-reactive, reactive." in said
    assert "XYZ is not an analyte" in said
    assert "must have been taken by now" in said
    assert list(rules.against_results(folder.trial, {}, TODAY, TODAY)) == ["There is no result; at least one analyte must have one."]


def test_a_wristband_must_be_the_live_one_of_this_subject() -> None:
    assert list(rules.against_wristband("S1", "S1", None, True, "S01")) == []
    assert "another subject's" in " ".join(rules.against_wristband("S1", "S2", None, True, "S01"))
    assert "is void" in " ".join(rules.against_wristband("S1", "S1", datetime.now(UTC), True, "S01"))
    assert "never scanned back" in " ".join(rules.against_wristband("S1", "S1", None, False, "S01"))


@pytest.mark.parametrize(
    ("bound", "withdrawn", "consent", "status", "count"),
    [(True, False, True, "active", 0), (False, True, False, "suspended", 4), (False, False, True, "active", 1)],
)
def test_every_reason_against_taking_part_is_given(bound: bool, withdrawn: bool, consent: bool, status: str, count: int) -> None:
    assert len(list(rules.against_taking_part(bound, withdrawn, consent, status))) == count

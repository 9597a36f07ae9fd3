"""Every criterion of the trial is asked, and each wrong answer refuses with its own sentence and both values."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.trial.rules import Folder, SerologyResult, add_months, against_answer, against_eligibility, against_serology, completed_months

ON = date(2026, 6, 30)
GOOD = {
    "AGE": "1970-05-04",
    "SEX": "female",
    "STROKE": "2026-01-31",
    "NIHSS": "8",
    "MRS": "4",
    "CONSENT": "yes",
    "COMPLY": "yes",
    "HIV": "non-reactive",
    "SYPHILIS": "non-reactive",
    "HBV": "non-reactive",
    "HCV": "non-reactive",
    "SYSTOLIC": "140",
    "DIASTOLIC": "85",
}


@pytest.fixture(scope="module")
def good(folder: Folder) -> dict[str, str]:
    return {one.code: GOOD.get(one.code, "no") for one in folder.trial.eligibility}


def test_a_subject_who_meets_every_criterion_is_not_refused(folder: Folder, good: dict[str, str]) -> None:
    assert list(against_eligibility(folder.trial, good, ON)) == []


ROWS = [
    ("AGE", "2008-07-01", "Age is 17 years; it must be 18 to 65."),
    ("AGE", "2008-06-30", ""),
    ("AGE", "1960-07-01", ""),  # 65 until tomorrow
    ("AGE", "1960-06-30", "Age is 66 years; it must be 18 to 65."),
    ("STROKE", "2026-03-30", ""),  # three months to the day
    ("STROKE", "2026-03-31", ""),  # clamped: three months after 31 March is 30 June
    ("STROKE", "2026-04-01", "The ischemic stroke was confirmed 2 months and 29 days ago; it must be 3 to 12 months before enrolment."),
    ("STROKE", "2025-06-30", ""),  # twelve months to the day
    ("STROKE", "2025-06-29", "The ischemic stroke was confirmed 12 months and 1 day ago; it must be 3 to 12 months before enrolment."),
    ("NIHSS", "4", "The NIHSS score is 4; it must be 5 to 12."),
    ("NIHSS", "5", ""),
    ("NIHSS", "12", ""),
    ("NIHSS", "13", "The NIHSS score is 13; it must be 5 to 12."),
    ("MRS", "2", "The mRS score is 2; it must be 3 to 5."),
    ("MRS", "3", ""),
    ("MRS", "6", "The mRS score is 6; it must be 3 to 5."),
    ("SYSTOLIC", "179", ""),
    ("SYSTOLIC", "180", "The systolic blood pressure is 180 mmHg despite treatment; it must be below 180."),
    ("DIASTOLIC", "110", "The diastolic blood pressure is 110 mmHg despite treatment; it must be below 110."),
    ("HIV", "reactive", "HIV serology is reactive; it must be non-reactive."),
    ("SYPHILIS", "reactive", "Syphilis serology is reactive; it must be non-reactive."),
    ("HBV", "reactive", "Hepatitis B serology is reactive; HBsAg and anti-HBc must both be non-reactive."),
    ("HCV", "reactive", "Hepatitis C serology is reactive; it must be non-reactive."),
    ("SEX", "male", ""),
    ("CONSENT", "no", "There is no informed consent in writing; the subject or the legal guardian must have given it."),
    ("COMPLY", "no", "The subject is not able to comply with history taking, storage of their data and follow-up; they must be."),
    ("DIABETES", "yes", "There is poorly controlled diabetes with advanced complications; there must be none."),
    ("LIMBS", "yes", "An earlier condition limits the mobility of the limbs; there must be none."),
]


@pytest.mark.parametrize(("code", "answer", "says"), ROWS, ids=[f"{row[0]}-{row[1]}" for row in ROWS])
def test_one_answer_decides_by_its_own_limit(folder: Folder, good: dict[str, str], code: str, answer: str, says: str) -> None:
    assert list(against_eligibility(folder.trial, {**good, code: answer}, ON)) == ([says] if says else [])


def test_every_criterion_can_refuse_alone_except_sex(folder: Folder, good: dict[str, str]) -> None:
    wrong = {
        "AGE": "2020-01-01",
        "STROKE": "2020-01-01",
        "NIHSS": "0",
        "MRS": "0",
        "CONSENT": "no",
        "COMPLY": "no",
        "SYSTOLIC": "200",
        "DIASTOLIC": "120",
    }
    for one in folder.trial.eligibility:
        bad = wrong.get(one.code, "reactive" if one.kind == "choice" else "yes")
        reasons = list(against_eligibility(folder.trial, {**good, one.code: bad}, ON))
        assert len(reasons) == 1, one.code
        assert "{" not in reasons[0]


def test_all_reasons_are_given_at_once(folder: Folder, good: dict[str, str]) -> None:
    reasons = list(against_eligibility(folder.trial, {**good, "NIHSS": "20", "HIV": "reactive", "SURGERY": "yes"}, ON))
    assert len(reasons) == 3


def test_an_answer_that_is_missing_or_unasked_is_a_reason(folder: Folder, good: dict[str, str]) -> None:
    asked = {code: answer for code, answer in good.items() if code != "NIHSS"}
    assert list(against_eligibility(folder.trial, {**asked, "MRS": " ", "HAIR": "grey"}, ON)) == [
        "“NIHSS score at screening” has no answer; every criterion must be answered.",
        "“mRS score at screening” has no answer; every criterion must be answered.",
        "HAIR is not a criterion of this trial.",
    ]


@pytest.mark.parametrize(
    ("code", "answer", "says"),
    [
        ("NIHSS", "8.5", "it must be a whole number"),
        ("NIHSS", "-8", "it must be a whole number"),
        ("NIHSS", "NaN", "it must be a whole number"),
        ("AGE", "56", "it must be a date, as in 2026-03-02"),
        ("AGE", "1970-02-30", "which is no day of the calendar"),
        ("AGE", "1870-02-03", "more than 130 years ago"),
        ("AGE", "2026-07-01", "it must be on that day or before"),
        ("STROKE", "last winter", "it must be a date, as in 2026-03-02"),
        ("STROKE", "2026-07-01", "it must be on that day or before"),
        ("CONSENT", "perhaps", "it must be one of: yes, no."),
        ("HIV", "<b>", "it must be one of: non-reactive, reactive."),
    ],
)
def test_an_answer_that_cannot_be_one_is_refused(folder: Folder, good: dict[str, str], code: str, answer: str, says: str) -> None:
    criterion = next(one for one in folder.trial.eligibility if one.code == code)
    with pytest.raises(ValueError, match=says.replace(".", r"\.")):
        against_answer(criterion, answer, ON)
    reasons = list(against_eligibility(folder.trial, {**good, code: answer}, ON))
    assert len(reasons) == 1
    assert says in reasons[0]


def serology(folder: Folder, **changes: SerologyResult | None) -> dict[str, SerologyResult]:
    results = {one.code: SerologyResult(one.of[0], ON) for one in folder.trial.serology.analytes}
    for code, result in changes.items():
        name = code.replace("_", "-")
        if result is None:
            del results[name]
        else:
            results[name] = result
    return results


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, []),
        ({"anti_HBs": SerologyResult("reactive", ON)}, []),  # a vaccinated subject
        ({"HBV_DNA": None}, []),
        ({"HBV_DNA": SerologyResult("detected", ON)}, ["HBV-DNA is detected; it must be not detected."]),
        ({"HBsAg": SerologyResult("reactive", ON)}, ["HBsAg is reactive; it must be non-reactive."]),
        ({"anti_HBc": SerologyResult("reactive", ON)}, ["anti-HBc is reactive; it must be non-reactive."]),
        ({"anti_HCV": None}, ["Antibody to hepatitis C virus (anti-HCV) has no result; it must have one."]),
        ({"HIV": SerologyResult("unclear", ON)}, ["HIV is 'unclear'; it must be one of: non-reactive, reactive."]),
        ({"HIV": SerologyResult("non-reactive", date(2026, 5, 31))}, []),
        ({"HIV": SerologyResult("non-reactive", date(2026, 5, 30))}, ["HIV was sampled 31 days before; it must be at most 30 d."]),
        (
            {"HIV": SerologyResult("non-reactive", date(2026, 7, 1))},
            ["HIV was sampled on 2026-07-01, after 2026-06-30; it must be before."],
        ),
        ({"HTLV": SerologyResult("reactive", ON)}, ["HTLV is not an analyte of this trial."]),
    ],
)
def test_serology_is_judged_per_analyte(folder: Folder, changes: dict[str, SerologyResult | None], reasons: list[str]) -> None:
    assert list(against_serology(folder.trial, serology(folder, **changes), ON)) == reasons


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        ("2026-09-30", 1, "2026-10-30"),
        ("2026-09-30", 6, "2027-03-30"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 6, "2026-07-31"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-12-31", 12, "2027-12-31"),
    ],
)
def test_months_are_counted_by_date_and_clamped(day: str, months: int, result: str) -> None:
    assert add_months(date.fromisoformat(day), months).isoformat() == result


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 1500))
def test_completed_months_are_the_most_that_fit(day: date, days: int) -> None:
    on = date.fromordinal(day.toordinal() + days)
    months = completed_months(day, on)
    assert add_months(day, months) <= on < add_months(day, months + 1)

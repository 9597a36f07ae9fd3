"""Where a test stands after all its results, without a database; and every reason that release is told."""

from datetime import UTC, datetime

import pytest

from backend.testing.models import Result
from backend.testing.rules import Asked, Outcome, against_outcomes, measurements, outcome_of

AT = datetime(2026, 3, 2, tzinfo=UTC)


def asked(override: str = "by QA", limit: str = "<= 2", container: str = "C1") -> Asked:
    return Asked(container, "CD34", "CD34 positive", "number", "harvest", unit="%", limit=limit, override=override, batch_code="K1")


def result(number: int, verdict: str, kind: str = "first", value: str = "3.1") -> Result:
    said = "" if verdict == "in" else f"CD34 positive is {value} %; it must be at most 2 %."
    return Result(
        code=f"K{number}", container_code="C1", test="CD34", number=number, kind=kind, value=value, unit="%", method="flow", limit="<= 2",
        verdict=verdict, sentence=said, why="", at=AT, by="ANA1",
    )  # fmt: skip


def stands(*results: Result, override: str = "by QA", accepted: str = "", reviewed: bool = True, stale: bool = False) -> Outcome:
    seen = {one.code: "ANA2" for one in results} if reviewed else {}
    return outcome_of(asked(override), results, seen, accepted.split(), stale)


FIRST_OUT = result(1, "out")
CASES = [
    # results, override, accepted deviations, passes
    ([result(1, "in")], "by QA", "", True),
    ([result(1, "in")], "never", "", True),
    ([FIRST_OUT], "by QA", "", False),
    ([FIRST_OUT], "by QA", "K1", True),
    ([FIRST_OUT], "never", "K1", False),
    ([result(1, "inconclusive")], "by QA", "", False),
    ([result(1, "inconclusive")], "by QA", "K1", True),
    ([result(1, "inconclusive")], "never", "K1", False),
    ([result(1, "inconclusive"), result(2, "in", "repeat")], "never", "", True),
    ([FIRST_OUT, result(2, "in", "repeat")], "by QA", "K1", True),
    ([FIRST_OUT, result(2, "in", "repeat")], "never", "K1", False),  # a repeat undoes no failure that is never set aside
    ([FIRST_OUT, result(2, "in", "correction")], "never", "", True),  # it was never out: the value was typed wrong
    ([result(1, "in"), result(2, "out", "correction")], "never", "K2", False),
    ([result(1, "in"), result(2, "out", "correction")], "by QA", "K2", True),
    ([FIRST_OUT, result(2, "out", "repeat")], "by QA", "K1", False),
    ([FIRST_OUT, result(2, "in", "repeat"), result(3, "out", "correction")], "by QA", "K1", False),
    ([result(1, "reported")], "by QA", "", True),
]  # fmt: skip


@pytest.mark.parametrize(("results", "override", "accepted", "passes"), CASES)
def test_a_test_passes_as_the_table_says(results: list[Result], override: str, accepted: str, passes: bool) -> None:
    found = stands(*results, override=override, accepted=accepted)
    assert found.passes == passes
    assert (not list(against_outcomes([found]))) == passes


def test_the_order_in_which_results_come_is_of_no_matter() -> None:
    rows = [result(3, "in", "correction"), result(1, "out"), result(2, "out", "repeat")]
    assert [[one.number for one in many] for many in measurements(rows)] == [[1], [2, 3]]


def said(one: Outcome, missing: bool = True) -> list[str]:
    return list(against_outcomes([one], missing))


def test_every_reason_is_given() -> None:
    out = stands(FIRST_OUT, reviewed=False, stale=True)
    assert said(out) == [
        "CD34 positive is 3.1 %; it must be at most 2 %.",
        "CD34 positive (harvest) has a result that nobody has reviewed; a second analyst must.",
        "CD34 positive (harvest) was compared with a reference profile that was corrected since; it must be compared again.",
    ]


def test_a_failure_that_is_never_set_aside_says_so() -> None:
    wanted = ["CD34 positive is 3.1 %; it must be at most 2 %. A failure of this test is never set aside."]
    assert said(stands(FIRST_OUT, override="never", accepted="K1")) == wanted
    assert said(stands(result(1, "inconclusive"), override="never", accepted="K1")) == wanted


@pytest.mark.parametrize(
    ("of", "sentence"),
    [
        (asked(), "CD34 positive (harvest) has no result; it must be at most 2 %."),
        (asked(container=""), "CD34 positive (harvest) has no sample; it must be at most 2 %."),
        (asked(limit=""), "CD34 positive (harvest) has no result; it must be reported."),
    ],
)
def test_what_is_missing_is_a_reason_unless_it_is_not_due(of: Asked, sentence: str) -> None:
    assert said(Outcome(of)) == [sentence]
    assert said(Outcome(of), missing=False) == []


def test_each_reason_leads_to_where_it_is_dealt_with() -> None:
    assert Outcome(asked()).href == "/testing/C1?test=CD34"
    assert Outcome(asked(container="")).href == "/testing?batch=K1"


def test_germs_are_positive_until_qa_accepts_what_may_be_accepted() -> None:
    wash = Asked("C1", "wash", "Sterility", "choice", "in process", options=("no growth", "growth"), limit="no growth", batch_code="K1")
    grew = result(1, "out", value="growth")
    assert outcome_of(wash, [grew], {}, []).positive
    assert not outcome_of(wash, [grew], {}, ["K1"]).positive
    assert not outcome_of(wash, [result(1, "out", value="clonal abnormality")], {}, []).positive
    corrected = [grew, result(2, "in", "correction", "no growth")]
    assert outcome_of(wash, corrected, {}, []).positive
    assert not outcome_of(wash, corrected, {"K2": "ANA2"}, []).positive

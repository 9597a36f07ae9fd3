"""The rules of quality, without a database."""

from datetime import UTC, datetime

import pytest

from backend.quality import rules
from backend.quality.models import Deviation, DeviationDescribed, Hold

AT = datetime(2026, 3, 2, tzinfo=UTC)


def deviation(covered_for: str | None = None) -> Deviation:
    return Deviation(code="K1", about="C1", sentence="Too warm.", grade="minor", covered_for=covered_for, at=AT, by="TECH1")


@pytest.mark.parametrize(("covered_for", "closed", "person", "want"), [
    (None, False, "TECH2", False), ("K2", False, "TECH2", True), ("K2", False, "TECH1", False), ("K2", True, "TECH2", False),
])  # fmt: skip
def test_a_deviation_is_covered_for_all_but_its_author_while_its_check_is_open(
    covered_for: str | None, closed: bool, person: str, want: bool
) -> None:
    assert rules.covered(deviation(covered_for), closed, person) is want


def test_every_reason_against_a_decision_is_said_at_once() -> None:
    mine = DeviationDescribed(code="K3", deviation_code="K1", cause="a", impact="b", action="c", at=AT, by="TECH1")
    found = list(rules.against_deciding(deviation("K2"), [mine], None, True, "TECH1"))
    said = ["still open", "opened on what you did", "described"]
    assert [part in sentence for part, sentence in zip(said, found, strict=True)] == [True] * 3


def test_a_hold_is_lifted_by_somebody_else_than_whose_act_placed_it() -> None:
    def hold(cause: str) -> Hold:
        return Hold(code="K1", about="K2", why="x", cause=cause, at=AT, by="QA1")

    (said,) = rules.against_lifting(hold("batch.correct"), [], "QA1")
    assert said == "What you did yourself placed this hold, so somebody else must lift it."
    (said,) = rules.against_lifting(hold(""), [], "QA1")
    assert said == "You placed this hold yourself, so somebody else must lift it."
    assert not any(list(rules.against_lifting(hold(cause), [], "QA2")) for cause in ("batch.correct", ""))

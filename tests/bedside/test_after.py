"""The rules after the start, without a record: volumes at their bounds, times to the minute."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from backend.bedside.rules import against_clearing, against_finishing, against_nothing, is_partial, news_of_end

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 6, 10, 10, 0, 40, tzinfo=ZONE)
NOW = START + timedelta(minutes=30)
LABEL = Decimal("10.0")


@pytest.mark.parametrize(("ml", "partial"), [("9.5", False), ("9.49", True), ("10.0", False), ("0.1", True)])
def test_t4_what_is_partial(ml: str, partial: bool) -> None:
    assert is_partial(Decimal(ml), LABEL) is partial
    said = list(against_finishing(START, NOW, NOW, Decimal(ml), LABEL, ""))
    assert said == ([f"{ml} mL of 10.0 mL were given; it must be said why the infusion was stopped."] if partial else [])
    assert list(against_finishing(START, NOW, NOW, Decimal(ml), LABEL, "a seizure")) == []


@pytest.mark.parametrize(
    ("ended_at", "phrase"),
    [
        (START.replace(second=0), ""), (START.replace(second=0) - timedelta(seconds=1), "it must end after it starts"),
        (NOW, ""), (NOW + timedelta(seconds=1), "must not be later than now"),
    ],
)  # fmt: skip
def test_when_an_infusion_can_have_ended(ended_at: datetime, phrase: str) -> None:
    said = list(against_finishing(START, ended_at, NOW, LABEL, LABEL, ""))
    assert [phrase in sentence for sentence in said] == ([True] if phrase else [])


def test_every_reason_against_an_end_is_given() -> None:
    assert len(list(against_finishing(START, NOW + timedelta(days=1), NOW, Decimal(0), LABEL, ""))) == 2


@pytest.mark.parametrize(
    ("late", "given", "left", "rules"),
    [
        (59, "10.0", "0", []), (60, "10.0", "0", ["bedside.late"]), (0, "10.5", "0", []), (0, "10.51", "0", ["bedside.volume"]),
        (0, "9.0", "0.5", []), (0, "9.0", "0.49", ["bedside.volume"]), (60, "11", "0", ["bedside.late", "bedside.volume"]),
    ],
)  # fmt: skip
def test_what_of_an_end_is_news(late: int, given: str, left: str, rules: list[str]) -> None:
    expires = START.replace(second=0)
    found = list(news_of_end(expires + timedelta(seconds=late), expires, Decimal(given), Decimal(left), LABEL))
    assert [one.rule for one in found] == rules


@pytest.mark.parametrize(
    ("given", "second", "code", "left", "loss", "many"),
    [
        ("0.0", "0.0", "C1", "10.0", "", 0), ("0.0", "0.0", "C1", "9.5", "", 0), ("0.0", "0.0", "C1", "9.49", "", 1),
        ("0.0", "0.0", "C1", "10.5", "", 0), ("0.0", "0.0", "C1", "10.51", "", 1), ("0.0", "0.0", "C1", "0", "it broke", 0),
        ("0.1", "0.0", "C1", "10.0", "", 1), ("0.0", "0.1", "C1", "10.0", "", 1), ("0.0", "0.0", "C2", "10.0", "", 1),
        ("0.1", "0.1", "C2", "5", "", 4),
    ],
)  # fmt: skip
def test_t5_when_it_may_be_said_that_nothing_was_given(given: str, second: str, code: str, left: str, loss: str, many: int) -> None:
    said = list(against_nothing(Decimal(given), Decimal(second), "C1", code, Decimal(left), LABEL, loss))
    assert len(said) == many


def test_t4_nothing_at_all_is_no_end_of_an_infusion() -> None:
    for reason in ("", "a seizure"):
        (said,) = against_finishing(START, NOW, NOW, Decimal("0.0"), LABEL, reason)
        assert said == "0.0 mL were given; when nothing went in, a physician and a second person record that nothing was given."


def test_t5_how_much_may_be_lost_is_said() -> None:
    (said,) = against_nothing(Decimal("0.0"), Decimal("0.0"), "C1", "C1", Decimal("9.4"), LABEL, "")
    assert "9.4 mL are left, and the label says 10.0 mL; what is left must be within 5 % of that" in said


@pytest.mark.parametrize(("given", "finished", "phrase"), [(True, True, ""), (True, False, "is not recorded"), (False, False, "not given")])
def test_what_may_be_cleared(given: bool, finished: bool, phrase: str) -> None:
    said = list(against_clearing(2, given, finished))
    assert [phrase in sentence for sentence in said] == ([True] if phrase else [])

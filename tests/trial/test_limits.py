"""A value is judged stop, decide, alert, in this order and unrounded (decision N2)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.trial.rules import NO_GROWTH, Level, Limit, judge, must_be, sentence, shown
from backend.trial.rules.limits import Limits

VIABILITY = Limits(alert=(Limit.read("< 85"),), decide=(Limit.read("< 70"),), stop=(Limit.read("< 50"),))
NUMBERS = st.decimals(min_value=-100, max_value=100, places=1, allow_nan=False)


@st.composite
def limits(draw: st.DrawFn) -> Limit:
    low, high = sorted([draw(NUMBERS), draw(NUMBERS)])
    return Limit.read(draw(st.sampled_from([f"< {low}", f"<= {low}", f"> {low}", f">= {low}", f"{low} to {high}", f"{low}"])))


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("< 85", ["84.999", "-1"], ["85", "85.0", "86"]),
        ("<= 85", ["85.00", "0"], ["85.0001"]),
        ("> 85", ["85.0001"], ["85"]),
        (">= 1.75e8", ["175000000"], ["174999999.99"]),
        ("5.0 to 15.0", ["5", "15", "10"], ["4.99", "15.01"]),
        ("-1.5 to -0.5", ["-1.5", "-1"], ["-0.4", "1"]),
        ("14", ["14", "14.0"], ["13", "14.1"]),
    ],
)
def test_a_limit_holds_exactly_the_values_it_says(text: str, inside: list[str], outside: list[str]) -> None:
    limit = Limit.read(text)
    assert all(limit.met_by(Decimal(value)) for value in inside)
    assert not any(limit.met_by(Decimal(value)) for value in outside)
    assert str(limit) == text


@pytest.mark.parametrize("text", ["", "about 5", "5 to", "to 5", "=< 5", "< 5 %", "5..6", "NaN", "< inf", "1,5", "٣", "5 to 4"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a limit|runs from"):
        Limit.read(text)


@given(limits(), limits(), NUMBERS)
def test_sets_relate_as_their_values_do(one: Limit, two: Limit, value: Decimal) -> None:
    if one.met_by(value) and two.met_by(value):
        assert one.meets(two)
        assert two.meets(one)
    if one.within(two) and one.met_by(value):
        assert two.met_by(value)
    assert one.within(one)


@given(limits(), limits())
def test_sets_that_do_not_meet_have_no_end_in_common(one: Limit, two: Limit) -> None:
    ends = [end for end in (one.low, one.high, two.low, two.high) if end is not None]
    near = [end + step for end in ends for step in (Decimal(0), Decimal("0.01"), Decimal("-0.01"))]
    assert one.meets(two) == any(one.met_by(value) and two.met_by(value) for value in [*near, Decimal(-999), Decimal(999)])


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ("49.99", "stop"),
        ("50", "decide"),
        ("69.99", "decide"),
        ("70", "alert"),
        ("84.9999", "alert"),
        ("85", "in limits"),
        ("100", "in limits"),
    ],
)
def test_the_severest_limit_that_is_met_decides(value: str, level: str) -> None:
    assert judge(VIABILITY, Decimal(value)).level == level


def test_a_value_is_compared_unrounded() -> None:
    assert judge(Limits(decide=(Limit.read("< 80"),)), Decimal("79.96")).level is Level.DECIDE


def test_a_choice_and_an_answer_are_judged_by_name() -> None:
    assert judge(Limits(alert=("few", "many")), "many").level is Level.ALERT
    assert judge(Limits(stop=("yes",)), True).level is Level.STOP
    assert judge(Limits(stop=("yes",)), False).level is Level.IN_LIMITS


@pytest.mark.parametrize(
    ("given_limits", "level"),
    [
        (Limits(), Level.ALERT),
        (Limits(alert=(Limit.read("> 72"),)), Level.ALERT),
        (Limits(decide=(Limit.read("> 120"),)), Level.DECIDE),
        (VIABILITY, Level.STOP),
    ],
)
def test_no_growth_is_as_bad_as_the_severest_limit(given_limits: Limits, level: Level) -> None:
    assert judge(given_limits, NO_GROWTH).level is level


@pytest.mark.parametrize(
    ("value", "limit", "text"),
    [
        ("90.90909090909090909", None, "90.91"),
        ("79.9996", "< 80", "79.9996"),
        ("79.96", "< 80", "79.96"),
        ("32", None, "32"),
        ("70.0", None, "70.0"),
        ("79.99999999999999999999999999999999", "< 80", "79.99999999999999999999999999999999"),
        ("12345678", None, "12345678"),
        ("0.00012345678", None, "0.0001235"),
    ],
)
def test_a_shown_value_never_contradicts_its_verdict(value: str, limit: str | None, text: str) -> None:
    assert shown(Decimal(value), *([Limit.read(limit)] if limit else [])) == text


@given(st.decimals(min_value=0, max_value=10**10, places=9, allow_nan=False), limits())
def test_rounding_for_the_eye_stays_on_its_side_of_the_limit(value: Decimal, limit: Limit) -> None:
    assert limit.met_by(Decimal(shown(value, limit))) == limit.met_by(value)


def test_a_sentence_says_what_is_and_what_must_be() -> None:
    verdict = judge(VIABILITY, Decimal("61.0"))
    assert sentence("Viability", Decimal("61.0"), verdict, "%") == "Viability is 61.0 %; it must be at least 70 %."
    assert sentence("Viability", Decimal(99), judge(VIABILITY, Decimal(99)), "%") == ""
    assert sentence("Clots", "many", judge(Limits(alert=("many",)), "many")) == "Clots is many; it must be anything but many."
    assert sentence("Turbid", True, judge(Limits(stop=("yes",)), True)) == "Turbid is yes; it must be anything but yes."
    assert (
        sentence("Doubling time", NO_GROWTH, judge(VIABILITY, NO_GROWTH), "h") == "Doubling time shows no growth; the cells must increase."
    )


@pytest.mark.parametrize(
    ("limit", "words"),
    [("< 70", "at least 70"), ("> 45", "at most 45"), ("<= 5", "above 5"), (">= 5", "below 5"), ("3 to 4", "anything but 3 to 4")],
)
def test_what_must_be_is_the_other_side_of_the_limit(limit: str, words: str) -> None:
    assert must_be(Limit.read(limit)) == words

"""How values and limits are said: powers of ten, words, bars."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.batch.rules.saying import gauge, in_words, level_words, limit_words, limits_in_words, say
from backend.trial.rules import Folder, Limit

LIMITS = {"<": Limit.read("< 80"), "threshold": Limit.read("< 1.75e8")}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("68.4", "68.4"),
        ("0", "0"),
        ("46500000", "4.65×10⁷"),
        ("100000", "1×10⁵"),
        ("99999", "99999"),
        ("17499999.6", "1.75×10⁷"),
        ("-120", "-120"),
        ("1000000000", "1×10⁹"),
    ],
)
def test_a_number_is_said_as_people_read_it(value: str, text: str) -> None:
    assert say(Decimal(value)) == text


def test_rounding_never_puts_a_value_on_the_other_side_of_its_limit() -> None:
    assert say(Decimal("79.9996"), [LIMITS["<"]]) == "79.9996"
    assert say(Decimal(174999999), [LIMITS["threshold"]]) == "1.74999999×10⁸"


@given(st.decimals("1e5", "9e17", places=0))
def test_a_power_of_ten_says_its_value_to_four_digits(value: Decimal) -> None:
    mantissa, power = say(value).split("×10")
    found = Decimal(mantissa).scaleb(int(power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))))
    assert abs(found - value) / value < Decimal("0.0006")


@pytest.mark.parametrize(
    ("value", "words"), [("30000000", "30 million"), ("2500000", "2.5 million"), ("79000", ""), ("1234567891", "about 1.23 billion")]
)
def test_a_large_number_is_said_in_words_too(value: str, words: str) -> None:
    assert in_words(Decimal(value)) == words


@pytest.mark.parametrize(
    ("limit", "unit", "words"),
    [
        ("< 70", "%", "below 70 %"),
        ("<= 20", "doublings", "at most 20 doublings"),
        (">= 1e8", "cells", "at least 1×10⁸ cells"),
        ("> 24", "h", "above 24 h"),
        ("1e5 to 2e5", "", "1×10⁵ to 2×10⁵"),
        ("few", "", "few"),
    ],
)
def test_a_limit_is_said_in_words(limit: str, unit: str, words: str) -> None:
    assert limit_words(limit, unit) == words


@pytest.mark.parametrize(
    ("level", "limit", "words"),
    [("in limits", "", ""), ("alert", "< 85", "Alert: below 85 %"), ("decide", "< 70", "QA decides: below 70 %"), ("stop", "", "Stop")],
)
def test_a_level_is_a_word_and_a_limit(level: str, limit: str, words: str) -> None:
    assert level_words(level, limit, "%") == words


def test_every_limit_of_a_reading_is_in_one_line(folder: Folder) -> None:
    viability = folder.master.step("MNC-4").reading("viability")
    clots = folder.master.step("REC-3").reading("clots")
    assert viability is not None
    assert clots is not None
    assert limits_in_words(viability) == "target at least 90 %; alert below 85 %; QA decides below 70 %"
    assert limits_in_words(clots) == "target none; alert few or many"


def test_a_bar_has_a_band_for_every_level_and_the_value_lies_in_its_own(folder: Folder) -> None:
    viability = folder.master.step("MNC-4").reading("viability")
    assert viability is not None
    drawn = gauge(viability, Decimal("68.4"))
    assert drawn is not None
    assert [(str(a), str(b), kind) for a, b, kind in drawn.bands] == [
        ("58.0", "70", "stop"), ("70", "85", "warn"), ("85", "90", "go"), ("90", "100", "go"),
    ]  # fmt: skip
    assert (drawn.kind, drawn.at) == ("stop", Decimal("68.4"))


def test_a_wide_range_is_drawn_by_powers_of_ten(folder: Folder) -> None:
    tnc = folder.master.step("MNC-4").reading("tnc")
    assert tnc is not None
    drawn = gauge(tnc, Decimal(0))
    assert drawn is not None
    assert [text for _, text in drawn.ticks] == ["2×10⁷", "5×10⁷", "1×10⁸"]
    assert (drawn.at, drawn.kind) == (drawn.low, "stop")


def test_every_bar_of_the_master_record_can_be_drawn(folder: Folder) -> None:
    for step in folder.master.steps():
        for reading in step.readings:
            drawn = gauge(reading, Decimal(1))
            if drawn is not None:
                assert drawn.low < drawn.high, f"{step.code} {reading.code}"
                assert all(a < b for a, b, _ in drawn.bands)


def test_words_have_no_bar(folder: Folder) -> None:
    seal = folder.master.step("REC-1").reading("seal")
    assert seal is not None
    assert gauge(seal) is None

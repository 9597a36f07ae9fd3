"""Every value of the files has one spelling: what is read is written back, and what is not that spelling is refused."""

from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from backend.trial.rules.master_record import Condition, MaterialUse
from backend.trial.rules.written import AtLeast, AtMost, CalendarMonths, Duration, Quantity, Reference, Within, Written, number_of


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Quantity, "30 mL"),
        (Quantity, "-150 °C"),
        (Duration, "30 min"),
        (AtMost, "at most 4 h"),
        (AtLeast, "at least 28 days"),
        (CalendarMonths, "1 calendar month"),
        (CalendarMonths, "6 calendar months"),
        (Within, "30 min after MNC-3"),
        (Within, "96 h after MNC-7 or previous CUL-9"),
        (Reference, "volume"),
        (Reference, "MNC-3.volume"),
        (Reference, "previous CUL-9.seeded"),
        (Reference, "every CUL-8.doublings"),
        (Reference, "14 vials"),
        (Condition, "CUL-8.next is harvest"),
        (Condition, "REC-5.decision is accept with conditions"),
    ],
)
def test_a_value_is_written_back_as_it_was_read(kind: type[Written], text: str) -> None:
    assert str(kind.read(text)) == text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Quantity, "30"),
        (Quantity, "30mL"),
        (Quantity, "mL 30"),
        (Quantity, "30 ml"),
        (Duration, "at most 4 h"),
        (Duration, "4 hours"),
        (Duration, "-4 h"),
        (Duration, "0 h"),
        (AtMost, "4 h"),
        (AtMost, "at least 4 h"),
        (AtLeast, "at most 28 d"),
        (CalendarMonths, "6 months"),
        (Within, "30 min"),
        (Within, "30 min after lunch"),
        (Within, "30 min after MNC-3 and MNC-4"),
        (Reference, "Volume"),
        (Reference, "next CUL-9.seeded"),
        (Reference, "every doublings"),
        (Reference, "__class__"),
        (Condition, "CUL-8 is harvest"),
        (Condition, "CUL-8.next = harvest"),
    ],
)
def test_another_spelling_is_refused(kind: type[Written], text: str) -> None:
    with pytest.raises(ValueError, match=r"is not|no time"):
        kind.read(text)


def test_a_quantity_is_taken_as_it_is_or_as_text() -> None:
    amount = Quantity(Decimal("0.1"), "mL")
    assert MaterialUse(item="trypan blue", amount=amount) == MaterialUse.model_validate({"item": "trypan blue", "amount": "0.1 mL"})


def test_a_page_cannot_be_changed_after_it_was_read() -> None:
    use = MaterialUse(item="trypan blue")
    with pytest.raises(ValidationError, match="frozen"):
        use.item = "water"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30 s", timedelta(seconds=30)),
        ("1.5 h", timedelta(minutes=90)),
        ("28 days", timedelta(days=28)),
        ("0.1 s", timedelta(milliseconds=100)),
    ],
)
def test_a_duration_has_its_length(text: str, length: timedelta) -> None:
    assert Duration.read(text).length == length


@pytest.mark.parametrize(("text", "number"), [("1.75e8", "175000000"), ("-150", "-150"), ("+3", "3"), ("12.0", "12.0"), ("2E-3", "0.002")])
def test_numbers_of_the_files_may_have_exponents(text: str, number: str) -> None:
    assert number_of(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "1,000", "1 000", ".5", "5.", "1e", "1e100", "0x1F", "NaN", "Infinity", "١", "1_000", "--1"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        number_of(text)

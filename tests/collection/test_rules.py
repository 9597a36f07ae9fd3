"""The harvest: every way an order, a scan, a time or a value can be wrong, and what is news rather than nonsense."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from backend.collection import rules
from backend.trial.rules import Folder, read_folder
from tests import story

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def folder() -> Folder:
    return read_folder(story.FOLDER)


@pytest.mark.parametrize(
    ("before", "done", "because", "planned", "words"),
    [
        (0, True, None, NOW + HOUR, []),
        (1, True, "The marrow was short.", NOW + HOUR, []),
        (1, True, None, NOW + HOUR, ["must say why it is collected again"]),
        (1, False, "Again.", NOW + HOUR, ["must be in the record before another is ordered"]),
        (2, True, "Again.", NOW + HOUR, ["2 collections were ordered; one subject has at most 2."]),
        (0, True, None, NOW, ["it must be planned for later than now"]),
        (2, True, None, NOW - HOUR, ["at most 2", "later than now"]),
    ],
)
def test_an_order_is_refused_with_every_reason(
    folder: Folder, before: int, done: bool, because: str | None, planned: datetime, words: list[str]
) -> None:
    said = list(rules.against_ordering(folder.trial, before, done, because, planned, NOW))
    assert len(said) == len(words)
    assert all(word in sentence for word, sentence in zip(words, said, strict=True))


@pytest.mark.parametrize(
    ("volume", "grade"),
    [("40.0", None), ("20.0", None), ("19.9", "minor"), ("10.0", "minor"), ("9.99", "major"), ("0", "major"), ("60", None)],
)
def test_a_short_marrow_is_news_by_how_short_it_is(folder: Folder, volume: str, grade: str | None) -> None:
    news = list(rules.news_of(folder.trial, "volume", Decimal(volume)))
    assert [one.grade for one in news] == ([grade] if grade else [])
    assert rules.is_short(folder.trial, Decimal(volume)) == (grade == "major")


def test_what_is_said_of_a_short_marrow_has_both_values(folder: Folder) -> None:
    [news] = rules.news_of(folder.trial, "volume", Decimal("8.4"))
    assert news.sentence == "Volume of marrow by weight is 8.4 mL; it must be at least 10 mL."
    assert news.rule == "collection.volume"


@pytest.mark.parametrize(("heparin", "count"), [("40", 0), ("100", 0), ("100.5", 1)])
def test_too_much_heparin_is_news(folder: Folder, heparin: str, count: int) -> None:
    assert len(list(rules.news_of(folder.trial, "heparin", Decimal(heparin)))) == count


@pytest.mark.parametrize(
    ("degrees", "grade"), [("20", None), ("15", None), ("14.9", "minor"), ("26", "minor"), ("12.9", "major"), ("28", "major")]
)
def test_the_box_is_neither_too_cold_nor_too_warm(folder: Folder, degrees: str, grade: str | None) -> None:
    assert [one.grade for one in rules.news_of(folder.trial, "box_temperature", Decimal(degrees))] == ([grade] if grade else [])


@pytest.mark.parametrize(
    ("code", "text", "words"),
    [
        ("volume", "-1", "less than nothing"),
        ("volume", "201", "only 0 to 200 mL is possible"),
        ("volume", "31.5", ""),
        ("site", "left iliac crest", ""),
        ("site", "sternum", "must be one of"),
        ("heparin", "-0.1", "less than nothing"),
    ],
)
def test_a_value_that_cannot_be_one_is_nonsense(folder: Folder, code: str, text: str, words: str) -> None:
    said = rules.value_fault(folder.trial, code, text, NOW)
    assert said is None if not words else words in (said or "")


def test_the_times_are_in_order() -> None:
    good = (NOW - HOUR, NOW - HOUR / 2, NOW - 2 * HOUR, NOW)
    assert list(rules.against_times(*good)) == []
    assert "must start before it ends" in " ".join(rules.against_times(NOW, NOW, NOW, NOW))
    assert "must not be later than now" in " ".join(rules.against_times(NOW, NOW + HOUR, NOW, NOW))
    assert "must start after that" in " ".join(rules.against_times(NOW - HOUR, NOW, NOW, NOW))


def test_a_start_in_the_minute_of_the_order_is_after_it() -> None:
    ordered = NOW.replace(second=40)
    assert list(rules.against_times(NOW, NOW + timedelta(minutes=10), ordered, NOW + HOUR)) == []


def test_the_label_must_be_of_the_kits_bag() -> None:
    assert rules.against_bag("C1", "C1") is None
    assert "not of this collection's kit" in (rules.against_bag("C2", "C1") or "")
    assert "not of this collection's kit" in (rules.against_bag(None, "C1") or "")


def test_the_anticoagulant_is_heparin_and_an_expired_lot_is_news() -> None:
    assert rules.against_heparin("Heparin sodium") is None
    assert rules.against_heparin("DPBS") == "This lot is DPBS; the anticoagulant must be heparin."
    assert list(rules.news_of_lot("H-1", date(2026, 3, 2), date(2026, 3, 2))) == []
    assert [one.grade for one in rules.news_of_lot("H-1", date(2026, 3, 1), date(2026, 3, 2))] == ["major"]


@pytest.mark.parametrize(
    ("sent", "found", "elapsed", "said"),
    [
        ("8841", "8841", 24 * HOUR, []),
        ("8841", "8814", HOUR, ["The seal is 8814; it was 8841 when the box was packed."]),
        (
            "8841",
            "8841",
            24 * HOUR + timedelta(minutes=5),
            ["The marrow arrived 24 h 5 min after its collection; it must be at most 24 h."],
        ),
    ],
)
def test_the_journey_is_judged_by_seal_and_time(folder: Folder, sent: str, found: str, elapsed: timedelta, said: list[str]) -> None:
    assert [one.sentence for one in rules.news_of_journey(folder.trial, sent, found, elapsed)] == said

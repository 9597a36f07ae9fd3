"""When an infusion may start, to the minute and to the day: decisions D1 and D2, in Shanghai and where clocks are changed."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.dose.rules.timing import MARGIN, against_interval, against_start, against_window, expiry, last_start, window
from backend.trial.reads import local_day
from backend.trial.rules import TrialFile, read_folder
from tests import story

TRIAL = read_folder(Path(story.FOLDER)).trial
LIFE = TRIAL.infusions.life_after_thaw.length
OMM, ICA = (TRIAL.routes[route].planned.length for route in ("OMM", "ICA"))
SHANGHAI, NEW_YORK, BERLIN = (ZoneInfo(name) for name in ("Asia/Shanghai", "America/New_York", "Europe/Berlin"))
MINUTE = timedelta(minutes=1)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


# ---- the life of a dose (D1) ----


@pytest.mark.parametrize(
    ("zone", "thawed", "expires", "last_omm", "last_ica"),
    [
        (SHANGHAI, "2026-11-22 13:46:59", "2026-11-22 17:46", "17:31", "17:16"),  # the seconds are cut, never rounded up
        (SHANGHAI, "2026-11-22 13:46:00", "2026-11-22 17:46", "17:31", "17:16"),
        (SHANGHAI, "2026-12-31 21:10:30", "2027-01-01 01:10", "00:55", "00:40"),
        (SHANGHAI, "2028-02-28 22:00:00", "2028-02-29 02:00", "01:45", "01:30"),
        (NEW_YORK, "2026-03-08 00:30:00", "2026-03-08 05:30", "05:15", "05:00"),  # 02:00 became 03:00 in between
        (NEW_YORK, "2026-11-01 00:30:00", "2026-11-01 03:30", "03:15", "03:00"),  # 02:00 became 01:00 in between
        (BERLIN, "2026-03-29 01:15:00", "2026-03-29 06:15", "06:00", "05:45"),
        (BERLIN, "2026-10-25 01:15:00", "2026-10-25 04:15", "04:00", "03:45"),
    ],
)
def test_a_dose_lives_four_hours_whatever_the_clocks_do(zone: ZoneInfo, thawed: str, expires: str, last_omm: str, last_ica: str) -> None:
    """Decision D1: an instant later, cut to the minute; last start = expiry − planned − 10 min."""
    until = expiry(at(thawed, zone), LIFE)
    assert f"{until:%Y-%m-%d %H:%M}" == expires
    assert [f"{last_start(until, planned):%H:%M}" for planned in (OMM, ICA)] == [last_omm, last_ica]
    assert timedelta() <= at(thawed, zone).astimezone(UTC) + LIFE - until.astimezone(UTC) < MINUTE
    assert until.astimezone(UTC) - last_start(until, ICA).astimezone(UTC) == ICA + MARGIN


@pytest.mark.parametrize("zone", [SHANGHAI, NEW_YORK, BERLIN])
@pytest.mark.parametrize("planned", [OMM, ICA])
@pytest.mark.parametrize("day", ["2026-11-22", "2026-03-08", "2026-11-01", "2026-03-29", "2026-10-25", "2028-02-29"])
def test_the_last_minute_passes_and_the_next_one_does_not(zone: ZoneInfo, planned: timedelta, day: str) -> None:
    """Decision D1, around the hours in which clocks are changed."""
    until = expiry(at(f"{day} 00:10:20", zone), LIFE)
    last = last_start(until, planned).astimezone(UTC)
    for passes in (last - 2 * LIFE, last - MINUTE, last, last + timedelta(seconds=59, microseconds=999_999)):
        assert list(against_start(passes, until, planned)) == []
        assert list(against_start(passes.astimezone(zone), until, planned)) == []
    for late in (last + MINUTE, until.astimezone(UTC), until.astimezone(UTC) + MINUTE, until.astimezone(UTC) + 2 * LIFE):
        assert len(list(against_start(late, until, planned))) == 1
        assert len(list(against_start(late.astimezone(zone), until, planned))) == 1


def test_too_late_and_expired_are_told_apart_with_every_time() -> None:
    until = expiry(at("2026-11-22 13:46"), LIFE)
    assert list(against_start(at("2026-11-22 17:17").astimezone(UTC), until, ICA)) == [
        ("It is too late to finish before the dose expires at 2026-11-22 17:46 UTC+8: the infusion had to start by "
        "2026-11-22 17:16 UTC+8; it is 2026-11-22 17:17 UTC+8.")
    ]
    assert list(against_start(at("2026-11-22 17:46:40"), until, ICA)) == [
        ("It is too late to finish before the dose expires at 2026-11-22 17:46 UTC+8: the infusion had to start by "
        "2026-11-22 17:16 UTC+8; it is 2026-11-22 17:46 UTC+8.")
    ]
    assert list(against_start(at("2026-11-22 17:47"), until, ICA)) == [
        "The dose expired at 2026-11-22 17:46 UTC+8; it is 2026-11-22 17:47 UTC+8."
    ]


@given(st.integers(min_value=0, max_value=3 * 365 * 24 * 60 * 60), st.sampled_from([SHANGHAI, NEW_YORK, BERLIN]))
def test_whoever_counts_in_another_zone_comes_to_the_same_answer(seconds: int, zone: ZoneInfo) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    there, here = expiry(start.astimezone(zone), LIFE), expiry(start, LIFE)
    assert there.astimezone(UTC) == here
    assert last_start(there, ICA).astimezone(UTC) == last_start(here, ICA)
    for minutes in (-1, 0, 1):
        now = last_start(here, ICA) + minutes * MINUTE
        assert bool(list(against_start(now, there, ICA))) == bool(list(against_start(now.astimezone(zone), here, ICA))) == (minutes > 0)


# ---- the window and the interval (D2) ----


@pytest.mark.parametrize(
    ("collected", "opens", "closes"),
    [
        ("2026-09-30", "2026-10-30", "2027-03-30"),
        ("2026-01-31", "2026-02-28", "2026-07-31"),
        ("2026-08-31", "2026-09-30", "2027-02-28"),
        ("2027-08-31", "2027-09-30", "2028-02-29"),
        ("2028-01-31", "2028-02-29", "2028-07-31"),
        ("2028-01-30", "2028-02-29", "2028-07-30"),
        ("2028-02-29", "2028-03-29", "2028-08-29"),
        ("2026-12-31", "2027-01-31", "2027-06-30"),
        ("2026-10-31", "2026-11-30", "2027-04-30"),
    ],
)
def test_the_window_is_one_to_six_calendar_months_clamped_at_the_end_of_a_month(collected: str, opens: str, closes: str) -> None:
    """Decision D2; both dates are included, the days beside them are not."""
    first, last = window(TRIAL, date.fromisoformat(collected))
    assert (str(first), str(last)) == (opens, closes)
    one = timedelta(days=1)
    for inside in (first, last, first + one, last - one):
        assert list(against_window(TRIAL, date.fromisoformat(collected), inside)) == []
    early, late = (list(against_window(TRIAL, date.fromisoformat(collected), day)) for day in (first - one, last + one))
    assert early == [f"The window opens on {opens}, 1 calendar month after the collection of {collected}; the day is {first - one}."]
    assert late == [f"The window closed on {closes}, 6 calendar months after the collection of {collected}; the day is {last + one}."]


def test_without_a_collection_there_is_no_window_and_no_day_is_in_it() -> None:
    assert list(against_window(TRIAL, None, date(2026, 5, 1))) == [
        "The collection that the bank came from is not in the record; the window counts from it, so it must be."
    ]


def test_the_window_of_the_trial_has_its_number_of_days() -> None:
    first, last = window(TRIAL, date(2026, 1, 31))
    assert (first - date(2026, 1, 31)).days == 28
    assert (last - date(2026, 1, 31)).days == 181
    assert (window(TRIAL, date(2026, 8, 31))[1] - date(2026, 8, 31)).days == 181


@pytest.mark.parametrize(
    ("before", "first"),
    [("2026-04-02", "2026-04-30"), ("2026-01-31", "2026-02-28"), ("2028-02-01", "2028-02-29"), ("2028-02-02", "2028-03-01")],
)
def test_the_interval_counts_whole_days_and_the_first_permitted_day_passes(before: str, first: str) -> None:
    """Decision D2: at least 28 days, by date."""
    given_on, day = date.fromisoformat(before), date.fromisoformat(first)
    assert list(against_interval(TRIAL, 1, given_on, day)) == []
    assert list(against_interval(TRIAL, 1, given_on, day - timedelta(days=1))) == [
        f"Infusion 1 was given on {before}; the next may be given from {first} on, and the day is {day - timedelta(days=1)}."
    ]


def in_zone(name: str) -> TrialFile:
    return TRIAL.model_copy(update={"time_zone": name})


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("Asia/Shanghai", "2026-02-28T15:59:59+00:00", "2026-02-28"),
        ("Asia/Shanghai", "2026-02-28T16:00:00+00:00", "2026-03-01"),
        ("America/New_York", "2026-03-08T04:59:59+00:00", "2026-03-07"),  # winter time until 02:00 of that night
        ("America/New_York", "2026-03-09T03:59:59+00:00", "2026-03-08"),  # summer time
        ("America/New_York", "2026-03-09T04:00:00+00:00", "2026-03-09"),
        ("Europe/Berlin", "2026-10-25T22:30:00+00:00", "2026-10-25"),
        ("Europe/Berlin", "2026-10-24T22:30:00+00:00", "2026-10-25"),
    ],
)
def test_a_day_is_the_sites_own(zone: str, instant: str, day: str) -> None:
    """Decision D2: to the minute at which the site's clock begins another date."""
    assert str(local_day(in_zone(zone), datetime.fromisoformat(instant))) == day


@pytest.mark.parametrize(("zone", "opens_at", "closed_at"), [
    ("Asia/Shanghai", "2026-02-27T16:00+00:00", "2026-07-31T16:00+00:00"),
    ("America/New_York", "2026-02-28T05:00+00:00", "2026-08-01T04:00+00:00"),  # the two ends are an hour apart by the clocks
    ("Europe/Berlin", "2026-02-27T23:00+00:00", "2026-07-31T22:00+00:00"),
])  # fmt: skip
def test_the_window_opens_and_closes_at_the_sites_midnight(zone: str, opens_at: str, closed_at: str) -> None:
    """Decision D2: collected on 2026-01-31; the last minute before and the first minute after."""
    trial, collected = in_zone(zone), date(2026, 1, 31)
    for first, inside_after in ((datetime.fromisoformat(opens_at), True), (datetime.fromisoformat(closed_at), False)):
        before, after = (not list(against_window(trial, collected, local_day(trial, t))) for t in (first - MINUTE, first))
        assert (before, after) == (not inside_after, inside_after)

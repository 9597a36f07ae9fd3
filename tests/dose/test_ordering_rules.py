"""The rules of routes and orders without a database: one row for each way they can go."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backend.dose.rules.ordering import (
    Past,
    Wanted,
    against_cancelling,
    against_opening,
    against_ordering,
    against_subject,
    days_of,
    next_infusion,
    state,
    unfit,
    value_faults,
)
from backend.trial.rules import read_folder
from tests import story

TRIAL = read_folder(Path(story.FOLDER)).trial
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 4, 20, 9, 0, 30, tzinfo=ZONE)
EVENING_BEFORE = datetime(2026, 4, 1, 23, 59, tzinfo=ZONE)
GOOD = Wanted(1, NOW + timedelta(hours=1), NOW, date(2026, 4, 20), Decimal("36.8"), "no")
PAST = Past(collected_on=date(2026, 3, 2))


def wanted(**changed: Any) -> Wanted:
    return Wanted(**(vars(GOOD) | changed))


def past(**changed: Any) -> Past:
    return Past(**(vars(PAST) | changed))


def test_a_good_order_has_nothing_against_it() -> None:
    assert list(against_ordering(TRIAL, GOOD, PAST)) == []


@pytest.mark.parametrize(
    ("asked", "before", "said"),
    [
        (wanted(infusion=0), PAST, "There is no infusion 0"),
        (wanted(infusion=4), PAST, "There is no infusion 4; the trial has infusions 1 to 3."),
        (GOOD, past(ordered={1}), "is ordered already"),
        (GOOD, past(given_on={1: date(2026, 4, 10)}, ordered={1}), "Infusion 1 was given on 2026-04-10; it is given once."),
        (wanted(planned_at=NOW - timedelta(minutes=1)), PAST, "planned for now or later"),
        (wanted(planned_at=EVENING_BEFORE, now=EVENING_BEFORE, weighed_on=date(2026, 4, 1)), PAST, "The window opens on 2026-04-02"),
        (wanted(planned_at=datetime(2026, 9, 3, tzinfo=ZONE)), PAST, "The window closed on 2026-09-02"),
        (wanted(infusion=2), past(given_on={1: date(2026, 4, 2)}, cleared={1}), "may be given from 2026-04-30 on"),
        (wanted(infusion=2), past(given_on={1: date(2026, 3, 20)}), "is not cleared; a physician must clear it before infusion 2."),
        (wanted(infusion=2), PAST, "Infusion 1 has not been given"),
        (wanted(weighed_on=date(2026, 4, 12)), PAST, "it must be at most 7 d old"),
        (wanted(weighed_on=date(2026, 4, 21)), PAST, "it must have been taken by now"),
        (wanted(temperature_c=Decimal("38.01")), PAST, "Temperature is 38.01 °C; it must be at most 38.0 °C."),
        (wanted(infection="cough"), PAST, "Signs of infection were seen: cough."),
    ],
)  # fmt: skip
def test_each_reason_against_an_order_is_said(asked: Wanted, before: Past, said: str) -> None:
    assert any(said in one for one in against_ordering(TRIAL, asked, before)), list(against_ordering(TRIAL, asked, before))


@pytest.mark.parametrize(
    ("asked", "before"),
    [
        (wanted(planned_at=NOW), PAST),
        (wanted(planned_at=NOW.replace(second=0)), PAST),  # the minute that is running
        (wanted(weighed_on=date(2026, 4, 13)), PAST),
        (wanted(temperature_c=Decimal("38.0")), PAST),
        (wanted(infection=" No "), PAST),
        (wanted(infection="none"), PAST),
        (wanted(infusion=2), past(given_on={1: date(2026, 3, 23)}, cleared={1})),
        (GOOD, Past()),  # before a collection no window is known; that there is no bank is said elsewhere
    ],
)
def test_each_edge_passes(asked: Wanted, before: Past) -> None:
    assert list(against_ordering(TRIAL, asked, before)) == []


@pytest.mark.parametrize(("weight", "temperature", "wrong"), [
    ("30", "33.0", []), ("200", "43.0", []), ("29.99", "36.8", ["weight_kg"]), ("200.1", "36.8", ["weight_kg"]),
    ("61", "32.9", ["temperature_c"]), ("61", "43.1", ["temperature_c"]), ("0", "0", ["weight_kg", "temperature_c"]),
])  # fmt: skip
def test_what_cannot_be_a_weight_or_a_temperature(weight: str, temperature: str, wrong: list[str]) -> None:
    assert list(value_faults(TRIAL, Decimal(weight), Decimal(temperature))) == wrong


def test_a_folder_that_warns_refuses_for_no_fever() -> None:
    warns = TRIAL.infusions.model_copy(update={"fitness": TRIAL.infusions.fitness.model_copy(update={"unfit": "warn"})})
    trial = TRIAL.model_copy(update={"infusions": warns})
    sick = wanted(temperature_c=Decimal(39), infection="cough")
    assert list(against_ordering(trial, sick, PAST)) == []
    assert len(list(unfit(trial, sick.temperature_c, sick.infection))) == 2


@pytest.mark.parametrize(
    ("before", "following"),
    [
        (PAST, 1),
        (past(ordered={1}), None),
        (past(given_on={1: date(2026, 4, 2)}, ordered={1}), None),
        (past(given_on={1: date(2026, 4, 2)}, ordered={1}, cleared={1}), 2),
        (past(given_on={1: date(2026, 4, 2)}, ordered={1, 2}, cleared={1}), None),
        (past(given_on={1: date(2026, 4, 2), 2: date(2026, 5, 1)}, ordered={1, 2}, cleared={1, 2}), 3),
        (past(given_on=dict.fromkeys((1, 2, 3), date(2026, 4, 2)), ordered={1, 2, 3}, cleared={1, 2, 3}), None),
    ],
)
def test_what_can_be_ordered_next(before: Past, following: int | None) -> None:
    assert next_infusion(TRIAL, before) == following


@pytest.mark.parametrize(
    ("before", "ready", "word"),
    [
        (PAST, (), "not ordered"),
        (past(ordered={1}), (), "ordered"),
        (past(ordered={1}), {1}, "prepared"),
        (past(ordered={1}, given_on={1: date(2026, 4, 2)}), {1}, "given"),
        (past(ordered={1}, given_on={1: date(2026, 4, 2)}, cleared={1}), {1}, "cleared"),
    ],
)
def test_how_far_an_infusion_is(before: Past, ready: Any, word: str) -> None:
    assert state(1, before, ready) == word


def test_on_which_days_an_infusion_may_start() -> None:
    assert days_of(TRIAL, 1, Past()) is None
    assert days_of(TRIAL, 1, PAST) == (date(2026, 4, 2), date(2026, 9, 2))
    assert [days_of(TRIAL, n, PAST) for n in (2, 3)] == [(date(2026, 4, 30), date(2026, 9, 2)), (date(2026, 5, 28), date(2026, 9, 2))]
    assert days_of(TRIAL, 2, past(given_on={1: date(2026, 4, 10)})) == (date(2026, 5, 8), date(2026, 9, 2))


def test_every_reason_against_opening_a_route_is_said() -> None:
    assert list(against_opening(False, False, True, "active", [])) == []
    said = list(against_opening(True, True, False, "stopped", ["A.", "B."]))
    assert len(said) == 6 and said[-2:] == ["There is an open hold: A.", "There is an open hold: B."]


def test_every_reason_against_giving_anything_is_said() -> None:
    assert list(against_subject(True, False, True, "active", [])) == []
    assert len(list(against_subject(False, True, False, "stopped", ["A."]))) == 5


@pytest.mark.parametrize(
    ("ended", "given", "in_preparation", "said"),
    [
        (False, False, False, []), (True, False, False, ["ended"]), (False, True, True, ["given"]), (False, False, True, ["prepared"]),
        (True, True, True, ["ended", "given"]),
    ],
)  # fmt: skip
def test_when_an_order_cannot_be_cancelled(ended: bool, given: bool, in_preparation: bool, said: list[str]) -> None:
    found = list(against_cancelling(ended, given, in_preparation))
    assert len(found) == len(said) and all(word in one for word, one in zip(said, found, strict=True))

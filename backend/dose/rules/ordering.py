"""What must be true when a route is opened, an infusion is ordered, an order is cancelled. No sentence tells a route, an arm or a dose."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from backend.dose.rules.timing import against_interval, against_window, window
from backend.trial.rules import Limit, TrialFile, must_be

NO_INFECTION = frozenset({"no", "none"})
NOT_RELEASED = "No bank of this subject is released; QA must release it first."
NOT_OPEN = "The route of this subject is not open; a preparer and unmasked QA must open it first."
NOT_ORDERED, ORDERED, PREPARED, GIVEN, CLEARED = "not ordered", "ordered", "prepared", "given", "cleared"


@dataclass(frozen=True)
class Past:
    """What has happened to one subject so far: the day of the collection and of each infusion, what is cleared, what is ordered."""

    collected_on: date | None = None
    given_on: Mapping[int, date] = field(default_factory=dict)
    cleared: Collection[int] = ()
    ordered: Collection[int] = ()


@dataclass(frozen=True)
class Wanted:
    """An order as it is asked for; `planned_at` and `now` are by the site's clock."""

    infusion: int
    planned_at: datetime
    now: datetime
    weighed_on: date
    temperature_c: Decimal
    infection: str


def against_opening(is_open: bool, withdrawn: bool, released: bool, status: str, holds: Iterable[str]) -> Iterator[str]:
    """Every reason why the route of this subject cannot be opened now (decision R1)."""
    if is_open:
        yield "The route of this subject is open already."
    if withdrawn:
        yield "The subject has withdrawn; no line of the randomisation list is used for them."
    if not released:
        yield NOT_RELEASED
    if status != "active":
        yield f"The trial is {status}; it must be active."
    for why in holds:
        yield f"There is an open hold: {why}"


def against_subject(bound: bool, withdrawn: bool, consent_is_current: bool, status: str, holds: Iterable[str]) -> Iterator[str]:
    """Every reason why nothing is given to this subject now, whatever the infusion."""
    if withdrawn:
        yield "The subject has withdrawn; nothing is given to them any more."
    if not bound:
        yield "The subject is not bound to their chain of identity; two people must bind them first."
    if not consent_is_current:
        yield "The latest consent is not to the form and protocol in force; the subject must consent to these first."
    if status != "active":
        yield f"The trial is {status}; it must be active."
    for why in holds:
        yield f"There is an open hold: {why}"


def value_faults(trial: TrialFile, weight_kg: Decimal, temperature_c: Decimal) -> dict[str, str]:
    """The sentence of each field whose value cannot be one at all."""
    fit = trial.infusions.fitness
    said = {
        "weight_kg": _beyond("Weight", weight_kg, fit.weight, "kg"),
        "temperature_c": _beyond("Temperature", temperature_c, fit.temperature, "°C"),
    }
    return {name: fault for name, fault in said.items() if fault}


def _beyond(what: str, value: Decimal, possible: Limit, unit: str) -> str:
    return "" if possible.met_by(value) else f"{what} is {value} {unit}; it must be {possible} {unit}. Read it again."


def against_ordering(trial: TrialFile, wanted: Wanted, past: Past) -> Iterator[str]:
    """Every reason why this infusion cannot be ordered for that time; the planned start is judged, by the site's days (decision D2)."""
    count, day = trial.infusions.count, wanted.planned_at.date()
    if not 1 <= wanted.infusion <= count:
        yield f"There is no infusion {wanted.infusion}; the trial has infusions 1 to {count}."
        return
    if (given_on := past.given_on.get(wanted.infusion)) is not None:
        yield f"Infusion {wanted.infusion} was given on {given_on}; it is given once."
    elif wanted.infusion in past.ordered:
        yield f"Infusion {wanted.infusion} is ordered already; that order must be cancelled first."
    yield from against_order_of(wanted.infusion, past)
    if _minute(wanted.planned_at) < _minute(wanted.now):
        yield (
            f"The infusion is planned for {wanted.planned_at:%Y-%m-%d %H:%M}; it is {wanted.now:%Y-%m-%d %H:%M}, "
            "and it must be planned for now or later."
        )
    if past.collected_on is not None:
        yield from against_window(trial, past.collected_on, day)
    before = max((n for n in past.given_on if n < wanted.infusion), default=0)
    if before:
        yield from against_interval(trial, before, past.given_on[before], day)
    yield from _against_weighing(trial, wanted.weighed_on, wanted.now.date(), day)
    if trial.infusions.fitness.unfit == "refuse":
        yield from unfit(trial, wanted.temperature_c, wanted.infection)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def against_order_of(infusion: int, past: Past) -> Iterator[str]:
    """Every earlier infusion that was not given, or is not cleared."""
    for n in range(1, infusion):
        if n not in past.given_on:
            yield f"Infusion {n} has not been given; it must be given and cleared before infusion {infusion}."
        elif n not in past.cleared:
            yield f"Infusion {n} was given on {past.given_on[n]} and is not cleared; a physician must clear it before infusion {infusion}."


def _against_weighing(trial: TrialFile, weighed_on: date, today: date, day: date) -> Iterator[str]:
    most = trial.infusions.fitness.weighed
    if weighed_on > today:
        yield f"The weight is dated {weighed_on}; today is {today}, and it must have been taken by now."
    elif weighed_on + most.length < day:
        yield f"The weight is of {weighed_on}; on the day of the infusion, {day}, it must be {most} old."


def unfit(trial: TrialFile, temperature_c: Decimal, infection: str) -> Iterator[str]:
    """Everything about the subject today that speaks against cells going in; the trial folder says whether it refuses or warns."""
    fever = trial.infusions.fitness.fever
    if fever.met_by(temperature_c):
        yield f"Temperature is {temperature_c} °C; it must be {must_be(fever)} °C."
    if infection.strip().casefold() not in NO_INFECTION:
        yield f"Signs of infection were seen: {infection}. There must be none."


def against_cancelling(ended: bool, given: bool, in_preparation: bool) -> Iterator[str]:
    """Every reason why this order cannot be cancelled."""
    if ended:
        yield "This order has ended already."
    if given:
        yield "This infusion was given; its order stays."
    elif in_preparation:
        yield "A dose is being prepared for this order, or is ready; it must be disposed of first."


def state(infusion: int, past: Past, prepared: Collection[int]) -> str:
    """How far one infusion is, in a word that everybody may know."""
    steps = ((CLEARED, past.cleared), (GIVEN, past.given_on), (PREPARED, prepared), (ORDERED, past.ordered))
    return next((word for word, which in steps if infusion in which), NOT_ORDERED)


def next_infusion(trial: TrialFile, past: Past) -> int | None:
    """The infusion that may be ordered next; None while one is ordered or not cleared, and when all were given."""
    following = max(past.given_on, default=0) + 1
    waits = following in past.ordered or any(against_order_of(following, past))
    return None if waits or following > trial.infusions.count else following


def days_of(trial: TrialFile, infusion: int, past: Past) -> tuple[date, date] | None:
    """The first and the last day on which this infusion may start: window, and interval after the one before at its earliest."""
    if past.collected_on is None:
        return None
    first, last = window(trial, past.collected_on)
    for n in range(1, infusion):
        first = max(first, past.given_on.get(n, first) + trial.infusions.interval.length)
    return first, last

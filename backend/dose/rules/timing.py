"""When an infusion may start: the life of a thawed dose, the window after the collection, the interval between infusions (D1, D2).

Days are the site's own local dates; the life of a dose is counted in instants and cut to the whole minute. Both ends are included.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from backend.ledger.spelling import to_the_minute
from backend.trial.rules import TrialFile, add_months

MARGIN = timedelta(minutes=10)
"""Between the latest end of an infusion and the expiry of its dose (draft record, TRN)."""


def expiry(thaw_started_at: datetime, life: timedelta) -> datetime:
    """The last instant at which cells may be going in: start of the first thaw + `life`, cut to the whole minute (decision D1)."""
    return _later(thaw_started_at, life).replace(second=0, microsecond=0)


def last_start(expires_at: datetime, planned: timedelta) -> datetime:
    """The last minute, inclusive, at which an infusion of this planned length may start (decision D1)."""
    return _later(expires_at, -(planned + MARGIN))


def _later(at: datetime, span: timedelta) -> datetime:
    """The instant so much later, in the same zone: a clock that is set back or forward in between lengthens no dose's life."""
    return (at.astimezone(UTC) + span).astimezone(at.tzinfo)


def against_start(at: datetime, expires_at: datetime, planned: timedelta) -> Iterator[str]:
    """Why an infusion cannot start now; times are said in the zone that `expires_at` carries. The last minute itself passes."""
    last = last_start(expires_at, planned)
    minute = at.astimezone(UTC).replace(second=0, microsecond=0)  # one zone compares its clock, not its instants, where hours repeat
    if minute > last.astimezone(UTC):
        said = at.astimezone(expires_at.tzinfo)
        if minute > expires_at.astimezone(UTC):
            yield f"The dose expired at {to_the_minute(expires_at)}; it is {to_the_minute(said)}."
        else:
            yield (
                f"It is too late to finish before the dose expires at {to_the_minute(expires_at)}: the infusion had to start by "
                f"{to_the_minute(last)}; it is {to_the_minute(said)}."
            )


def window(trial: TrialFile, collected_on: date) -> tuple[date, date]:
    """The first and the last day on which an infusion may start, both included; month ends are clamped (decision D2)."""
    months = trial.infusions.window
    return add_months(collected_on, months.opens.number), add_months(collected_on, months.closes.number)


def against_window(trial: TrialFile, collected_on: date | None, day: date) -> Iterator[str]:
    """Why this day is outside the window that counts from the end of the collection, or why there is none to count from (decision D2)."""
    if collected_on is None:
        yield "The collection that the bank came from is not in the record; the window counts from it, so it must be."
        return
    first, last = window(trial, collected_on)
    if day < first:
        yield f"The window opens on {first}, {trial.infusions.window.opens} after the collection of {collected_on}; the day is {day}."
    if day > last:
        yield f"The window closed on {last}, {trial.infusions.window.closes} after the collection of {collected_on}; the day is {day}."


def against_interval(trial: TrialFile, before: int, given_on: date, day: date) -> Iterator[str]:
    """Why this day is too soon after the infusion before (decision D2); the first permitted day passes."""
    first = given_on + trial.infusions.interval.length
    if day < first:
        yield f"Infusion {before} was given on {given_on}; the next may be given from {first} on, and the day is {day}."

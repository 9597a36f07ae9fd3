"""What must be true of a harvest: when it may be ordered again, what the bedside must scan, which values are news and which nonsense.

Bad news is never refused: a short marrow, too much heparin or a broken seal is recorded and opens a deviation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from backend.trial.rules import Level, Reading, TrialFile, judged, sentence, typed, unit_of

GRADES = {Level.ALERT: "minor", Level.DECIDE: "major", Level.STOP: "critical"}
"""How serious a value beyond each kind of limit is, until QA decides."""


@dataclass(frozen=True)
class News:
    """Something out of limits: what is said of it, how serious it is, and the rule that says so."""

    sentence: str
    grade: str
    rule: str


def reading(trial: TrialFile, code: str) -> Reading:
    """The reading of this code in the trial's collection; a trial without it cannot be harvested."""
    return next(one for one in trial.collection.readings if one.code == code)


def value_fault(trial: TrialFile, code: str, text: str, now: datetime) -> str | None:
    """Why this cannot be a value of the reading at all; None when it can."""
    try:
        typed(reading(trial, code), text, now=now)
    except ValueError as no:
        return str(no)
    return None


def news_of(trial: TrialFile, code: str, value: Decimal | str) -> Iterator[News]:
    """The deviation that a value opens, if it is out of limits."""
    asked = reading(trial, code)
    verdict = judged(asked, value)
    if verdict.level in GRADES:
        unit = unit_of(asked)
        yield News(sentence(asked.ask, value, verdict, unit), GRADES[verdict.level], f"collection.{code}")


def is_short(trial: TrialFile, volume_ml: Decimal) -> bool:
    """Whether this marrow is so little that it is asked for again, under the same CoI."""
    return judged(reading(trial, "volume"), volume_ml).level in {Level.DECIDE, Level.STOP}


def against_ordering(
    trial: TrialFile, before: int, all_collected: bool, because: str | None, planned_at: datetime, now: datetime
) -> Iterator[str]:
    """Every reason why no harvest can be ordered now."""
    most = trial.collection.at_most
    if before >= most:
        yield f"{before} collections were ordered; one subject has at most {most}."
    elif before and not all_collected:
        yield "A collection is ordered already; its marrow must be in the record before another is ordered."
    elif before and not because:
        yield "Marrow was collected before; the order must say why it is collected again."
    if planned_at <= now:
        yield f"The harvest is planned for {_minute(planned_at)}; it must be planned for later than now, {_minute(now)}."


def against_bag(label_of: str | None, bag: str) -> str | None:
    """Why the label at the bedside is not the one of this collection's kit."""
    return (
        None if label_of == bag else "This label is not of this collection's kit. Stop; scan the label on the bag that came with the kit."
    )


def against_times(started_at: datetime, ended_at: datetime, ordered_at: datetime, now: datetime) -> Iterator[str]:
    """Every reason why these cannot be the times of the harvest."""
    if started_at >= ended_at:
        yield f"The collection started at {_minute(started_at)} and ended at {_minute(ended_at)}; it must start before it ends."
    if ended_at > now:
        yield f"The end of the collection is {_minute(ended_at)}; it must not be later than now, {_minute(now)}."
    if started_at < ordered_at.replace(second=0, microsecond=0):  # people type minutes
        yield f"The collection started at {_minute(started_at)}; it was ordered at {_minute(ordered_at)} and must start after that."


def against_heparin(item: str) -> str | None:
    """Why this lot is not the anticoagulant."""
    return None if "heparin" in item.casefold() else f"This lot is {item}; the anticoagulant must be heparin."


def news_of_lot(lot_number: str, expires_on: date, today: date) -> Iterator[News]:
    """The deviation that an expired lot opens: it is in the marrow by now."""
    if expires_on < today:
        yield News(f"The heparin lot {lot_number} expired on {expires_on}; it was used on {today}.", "major", "collection.heparin_lot")


def news_of_journey(trial: TrialFile, sent_seal: str, found_seal: str, elapsed: timedelta) -> Iterator[News]:
    """What is wrong with how the marrow arrived: another seal than was put on, or too long on the way."""
    if sent_seal != found_seal:
        yield News(f"The seal is {found_seal}; it was {sent_seal} when the box was packed.", "critical", "collection.seal")
    longest = trial.collection.to_processing
    if elapsed > longest.length:
        yield News(f"The marrow arrived {_span(elapsed)} after its collection; it must be {longest}.", "major", "collection.elapsed")


def _span(elapsed: timedelta) -> str:
    minutes = int(elapsed.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min"


def _minute(at: datetime) -> str:
    """An instant as the ward writes it, with its offset: 2026-03-02 14:06 UTC+08:00."""
    return f"{at:%Y-%m-%d %H:%M} UTC{at.isoformat()[-6:]}"

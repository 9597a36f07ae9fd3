"""What must be true once an infusion has started: its end, that nothing was given after all, and its clearance for the next.

Anything above 0 mL counts as given and is never topped up (decision T4). Bad news is recorded and opens a deviation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backend.ledger.spelling import to_the_minute as said

LOSS = Decimal("0.05")
"""The share of the label volume by which what is measured may differ before it must be accounted for (decision T5)."""


@dataclass(frozen=True)
class News:
    """Something that was not as it must be at the end of an infusion: what is said of it, how serious it is, and the rule."""

    sentence: str
    grade: str
    rule: str


def against_finishing(
    started_at: datetime, ended_at: datetime, at: datetime, given_ml: Decimal, label_ml: Decimal, stopped_because: str
) -> Iterator[str]:
    """Every reason why this cannot be the end of an infusion. Times are in the site's zone."""
    if ended_at < started_at.replace(second=0, microsecond=0):  # people type minutes
        yield f"The infusion started at {said(started_at)} and would have ended at {said(ended_at)}; it must end after it starts."
    if ended_at > at:
        yield f"The end of the infusion is {said(ended_at)}; it must not be later than now, {said(at)}."
    if given_ml <= 0:
        yield f"{given_ml} mL were given; when nothing went in, a physician and a second person record that nothing was given."
    elif is_partial(given_ml, label_ml) and not stopped_because:
        yield f"{given_ml} mL of {label_ml} mL were given; it must be said why the infusion was stopped."


def is_partial(given_ml: Decimal, label_ml: Decimal) -> bool:
    """Whether less was given than the label says, by more than may be lost on the way."""
    return given_ml < label_ml * (1 - LOSS)


def news_of_end(ended_at: datetime, expires_at: datetime, given_ml: Decimal, left_ml: Decimal, label_ml: Decimal) -> Iterator[News]:
    """The deviations that the end of an infusion opens."""
    if ended_at.replace(second=0, microsecond=0) > expires_at:
        yield News(
            f"The infusion ended at {said(ended_at)}; it had to end by {said(expires_at)}, when the dose expired.", "major", "bedside.late"
        )
    if given_ml > label_ml * (1 + LOSS):
        yield News(f"{given_ml} mL were given; the label says {label_ml} mL.", "major", "bedside.volume")
    elif given_ml + left_ml < label_ml * (1 - LOSS):
        yield News(f"{given_ml} mL were given and {left_ml} mL are left; the label says {label_ml} mL.", "minor", "bedside.volume")


def against_nothing(
    given_ml: Decimal, second_ml: Decimal, started_code: str, scanned_code: str, left_ml: Decimal, label_ml: Decimal, loss: str
) -> Iterator[str]:
    """Every reason why it cannot be said that nothing was given (decision T5). The codes are those of the dose."""
    for who, ml in (("The physician", given_ml), ("The second person", second_ml)):
        if ml != 0:
            yield f"{who} typed {ml} mL as given; it must be 0.0 mL, because anything above counts as given."
    if scanned_code != started_code:
        yield "The label that was scanned is not on the dose that was started; it must be."
    if abs(left_ml - label_ml) > label_ml * LOSS and not loss:
        yield (
            f"{left_ml} mL are left, and the label says {label_ml} mL; what is left must be within {LOSS * 100:.0f} % of that, or it must "
            "be said where the rest went."
        )


def against_clearing(infusion: int, given: bool, finished: bool) -> Iterator[str]:
    """Every reason why this infusion cannot be cleared for the next."""
    if not given:
        yield f"Infusion {infusion} was not given; only an infusion that was given is cleared."
    elif not finished:
        yield f"The end of infusion {infusion} is not recorded; it must be, before the infusion is cleared."

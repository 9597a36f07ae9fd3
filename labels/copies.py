"""How often there may be paper: a print is given out once, to who printed it; what carries a code of its own may be printed again.

Two things with the same label are worse than none, so what did not come out is printed anew and never fetched a second time.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

GIVEN_OUT_FOR = timedelta(minutes=2)
"""For so long the same person is given the same paper: a browser asks once to show a PDF and once more to print it."""
FIRST = "for the first time"
"""Why something is printed that never was."""
AGAIN = "Print it again and say why; each print is counted."
SAID = "%Y-%m-%d %H:%M UTC"


class Copy(NamedTuple):
    """The newest print of something that carries a code of its own; `number` counts them all, `back_at` is its scan back."""

    code: str
    number: int
    why: str
    at: datetime
    by: str
    back_at: datetime | None


def against_printing(newest: Copy | None, why: str) -> Iterator[str]:
    """Why something that carries a code of its own cannot be printed now: a reprint must say why."""
    if newest and why == FIRST:
        times = "once" if newest.number == 1 else f"{newest.number} times"
        yield f"It was printed {times}, the last time at {newest.at:{SAID}} by {newest.by}; a reprint must say why."


def against_scanning_back(newest: Copy | None) -> Iterator[str]:
    """Why nothing was scanned back: it is not on paper, or was scanned already."""
    if newest is None:
        yield "It was never printed; it must be printed before it is scanned back."
    elif newest.back_at:
        yield f"The newest print of it was scanned back already, at {newest.back_at:{SAID}}."


def against_fetching(by: str, person: str, since: datetime | None, at: datetime, *, back: bool, again: str) -> Iterator[str]:
    """Every reason why this person is not given the paper that `by` printed, and then what to do instead.

    since: when it was given out first; None when it never was. back: whether any of it was scanned back or has ended.
    """
    against = [
        f"{by} printed this, so nobody else is given its paper; you are {person}." if person != by else "",
        "This was scanned back or has ended, so it is on paper; two things with the same label are worse than none." if back else "",
        f"The paper was given out at {since:{SAID}}; it is given out once." if since and at - since > GIVEN_OUT_FOR else "",
        "Nobody has asked for this paper yet; the page of the print has a button for it." if since is None else "",
    ]
    if any(against):
        yield from filter(None, against)
        yield again


def against_paper(newest: Copy | None, person: str, at: datetime, again: str = AGAIN) -> Iterator[str]:
    """The same for something that carries a code of its own: its print gives the paper out."""
    if newest is None:
        yield "It was never printed, so there is no paper of it."
    else:
        yield from against_fetching(newest.by, person, newest.at, at, back=newest.back_at is not None, again=again)

"""The demonstration: twelve subjects at different stages, told up to one minute before now, so that the served clock runs on from it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from backend.ledger import Ledger
from backend.ledger.perform import utc_now
from backend.rehearsal.cast import CAST, PASSWORD
from backend.rehearsal.clock import StoryClock
from backend.rehearsal.scripts import SCRIPTS, Script
from backend.rehearsal.story import Stage, hurry, play, refuse_the_old_man, set_up, trial_files
from backend.settings import Settings

LASTS = timedelta(days=150)
BEFORE_NOW = timedelta(minutes=1)
SCREENING = timedelta(days=4)

UNTIL: dict[str, tuple[str, timedelta | None]] = {
    "S02": ("infused", None),
    "S03": ("thawed", None),
    "S05": ("tested", None),
    "S06": ("CUL-1", timedelta(hours=44)),
    "S07": ("CUL-3", timedelta(days=5)),
    "S08": ("MNC-8", timedelta(hours=3, minutes=20)),
    "S09": ("MNC-4", timedelta(hours=2, minutes=56)),
    "S10": ("ordered", timedelta(minutes=50)),
    "S11": ("enrolled", timedelta(hours=5)),
}
"""Where a subject stands when the story ends, and how long before that the harvest was ordered. The others play to the end."""


def story_clock() -> StoryClock:
    """The clock of a demonstration that ends one minute before now."""
    return StoryClock(utc_now() - BEFORE_NOW - LASTS)


def parts() -> list[Script]:
    """Eleven of the twelve subjects; the twelfth is left to be enrolled by whoever looks at the demonstration."""
    found = []
    for script in SCRIPTS[:-1]:
        until, before = UNTIL.get(script.who.number, ("", None))
        days = script.days if before is None else (LASTS - before - SCREENING).days
        found.append(replace(script, until=until, ends_now=before, days=days))
    return found


def play_into(ledger: Ledger, settings: Settings, say: Callable[[str], None]) -> None:
    """The story is in the record, whose clock is a story's; then who is in it, and where to look."""
    clock = ledger.clock
    if not isinstance(clock, StoryClock):
        raise TypeError("a demonstration is told on a story's clock")
    begins_at = clock.at
    hurry(ledger.engine)
    stage = Stage(ledger, clock, Random(7), begins_at + LASTS, say)
    set_up(stage, trial_files(settings), len(SCRIPTS))
    refuse_the_old_man(stage)
    play(stage, parts(), clock.at)
    if clock.at > stage.ends_at:
        raise ValueError(f"the story ended at {clock.at}, after {stage.ends_at}")
    ledger.engine.dispose()
    say(f"{SCRIPTS[-1].who.number}: free. Enrol somebody as the coordinator.")
    say("")
    say(f"Everybody's password is: {PASSWORD}")
    for one in CAST:
        say(f"  {one.person:<6} {one.name:<11} {', '.join(one.roles)}")
    say("")
    say("Begin as TECH1: subject S09 is at MNC-4, the count. As TECH2, read it a second time. As QA3, review the bank of S05.")
    say("As PREP1, wash the dose of S03, which was thawed just now. As PHYS1, see what waits at the bedside.")

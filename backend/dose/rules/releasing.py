"""When a dose may be released, and when it may be disposed of: every reason, each from a fact of its own.

What would tell an arm is said openly without its value and sealed with it, in the same open words for each arm of a route.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from backend.dose.models import DoseDecision, Order
from backend.dose.rules.arithmetic import Recipe
from backend.dose.rules.preparing import DONE, STEPS, Progress, Said, in_dose, unread
from backend.dose.rules.timing import against_interval, against_start, against_window
from backend.trial.rules import TrialFile

RAPID = ("gram", "endotoxin", "appearance")
"""The tests that are read before a dose is released; its sterility reads out a fortnight later."""
NOT_CONFORMING = "The viable cells in the syringe do not conform to the assigned specification."


@dataclass(frozen=True)
class Labelled:
    """How far the life of the syringe's label is, and why it ended ("" while it is live)."""

    printed: bool
    verified: bool
    applied: bool
    ended: str = ""


@dataclass(frozen=True)
class Around:
    """What stands around a dose at the moment of its release, from the rooms upstream."""

    order: Order
    bank: str  # released, rejected or nothing
    label: Labelled | None
    tests: tuple[str, ...]  # every reason against the results of the rapid tests
    deviations: tuple[str, ...]  # of the syringe, the order and earlier doses of this infusion, not decided
    withdrawn: bool
    trial: str
    collected_on: date | None
    before: tuple[int, date] | None  # the infusion before and its day
    day: date
    at: datetime
    cells: Decimal | None


def against_release(progress: Progress, around: Around, recipe: Recipe, trial: TrialFile, by: str) -> Iterator[Said]:
    """Every reason why this person does not release this dose now. None means that they may."""
    for sentence in _against_dose(progress, by):
        yield Said(sentence)
    yield from _against_deviations(progress, around)
    if missing := [test for test in RAPID if test not in progress.sampled]:
        yield Said(f"No sample was taken for {', '.join(missing)}.")
    for sentence in (*around.tests, *_against_label(around.label if progress.filled else None, progress)):
        yield Said(sentence)
    for sentence in _against_time(progress, around, trial):
        yield Said(sentence)
    if around.cells is not None and not recipe.arm.accept.met_by(around.cells):
        yield Said(NOT_CONFORMING, in_dose(recipe, around.cells))


def _against_dose(progress: Progress, by: str) -> Iterator[str]:
    if progress.dose.ended_at:
        yield f"This dose has ended: {progress.dose.ended_why}"
    if progress.decision:
        yield DoseDecision.says["dose_code"]
    if by in progress.hands:
        yield "You took part in the preparation of this dose, so somebody else must release it."
    if not progress.all_thawed:
        yield DONE["thaw"]
    for step in STEPS:
        if step not in progress.matched:
            yield unread(progress, step)
    if progress.filled and not progress.surplus_gone:
        yield "The surplus of this dose is not destroyed yet."
    for why in progress.holds:
        yield f"It is on hold: {why}"


def _against_deviations(progress: Progress, around: Around) -> Iterator[Said]:
    for one in progress.deviations:
        if one.accepted is None:
            yield Said(f"A masked deviation is not decided: {one.sentence}")
        elif not one.accepted:
            yield Said(f"A masked deviation was not accepted: {one.sentence}")
    for sentence in around.deviations:
        yield Said(f"A deviation is not decided: {sentence}")


def _against_label(label: Labelled | None, progress: Progress) -> Iterator[str]:
    if progress.filled is None:
        return
    if label is None or label.ended:
        yield f"The label of the syringe has ended: {label.ended}" if label else "The syringe has no label."
    elif not label.printed:
        yield "The label of the syringe is not printed yet."
    elif not label.verified:
        yield "The label of the syringe was not scanned back since it was printed."
    elif not label.applied:
        yield "The label is not on the syringe yet."


def _against_time(progress: Progress, around: Around, trial: TrialFile) -> Iterator[str]:
    order = around.order
    if order.ended_at:
        yield f"Its order has ended: {order.ended_why}"
    if around.bank != "released":
        yield f"The bank it was made from is {around.bank or 'not decided about'}; it must be released."
    if around.withdrawn:
        yield "The subject has withdrawn; nothing more is given to them."
    if around.trial != "active":
        yield f"The trial is {around.trial}; no dose is released until it is active."
    if progress.filled:
        zone = around.at.tzinfo
        until = progress.filled.expires_at.astimezone(zone)
        yield from against_start(around.at, until, trial.routes[order.route].planned.length)
    yield from against_window(trial, around.collected_on, around.day)
    if around.before:
        yield from against_interval(trial, *around.before, around.day)


def against_deciding(one_by: str, accepted_before: bool | None, hands: Iterable[str], by: str) -> Iterator[str]:
    """Every reason why this person does not decide this masked deviation."""
    if accepted_before is not None:
        yield "This deviation has been decided already."
    if by == one_by or by in set(hands):
        yield "You took part in the preparation of this dose, so somebody else must decide about it."


def against_disposing(progress: Progress) -> Iterator[str]:
    """Every reason why this dose cannot be disposed of."""
    if progress.dose.ended_at:
        yield f"This dose has ended already: {progress.dose.ended_why}"
    if progress.given:
        yield "This dose is being given or was given; what is left of it is accounted for at the bedside."

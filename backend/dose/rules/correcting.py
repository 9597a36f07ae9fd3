"""When a finished step of the preparation may be corrected, what is read then, and when its hold may be lifted (decision F2).

The truth of what was made, and of what was given, can be corrected at any time; what does not conform then has no override.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from backend.dose.rules.arithmetic import Recipe
from backend.dose.rules.preparing import (
    COUNT,
    DONE,
    FILL,
    TOO_FEW,
    Progress,
    Said,
    after_wash,
    against_fields,
    against_formulating,
    enough,
    in_dose,
    unread,
)

STAYS = "The viable cells in the syringe do not conform to the assigned specification; this hold stays."
STAYS_TOO_FEW = "Too few viable cells were left after the wash to prepare a dose of this route; this hold stays."
NO_VOLUME = "A volume that was typed is no volume that a dose is made of; it must be read again."


def hold_words(infusion: int) -> str:
    """Why the dose is on hold, for everybody: the same for every arm, with no value in it."""
    return f"A reading of the preparation of infusion {infusion} was corrected after two people had matched it."


def against_correcting(progress: Progress, step: str) -> Iterator[str]:
    """Every reason why this step is not corrected now. Neither a decision, nor a hold, nor that the dose was given is one."""
    if progress.dose.ended_at:
        yield f"This dose has ended: {progress.dose.ended_why} Its readings stay as they are."
    if step in progress.reopened:
        yield f"{unread(progress, step)} Until then there is nothing new to correct."
    elif step not in progress.matched:
        yield f"{DONE[step]} Only what two people have matched is corrected."


def against_reading_again(recipe: Recipe, typed: Mapping[str, Decimal]) -> Iterator[Said]:
    """Why a corrected formulation is not kept: what this route needs and was not typed, or volumes that make nothing.

    A volume beside the plan is no reason any more: it was pipetted, so it is recorded, and a masked deviation says it (`off_plan`).
    """
    yield from against_fields(recipe, typed)
    made = typed.get("diluent_ml", Decimal(0)) + typed.get("drawn_ml", typed.get("suspension_ml", Decimal(0)))
    if not made:
        yield Said(NO_VOLUME)


def off_plan(recipe: Recipe, counted: Mapping[str, Decimal], typed: Mapping[str, Decimal]) -> str:
    """What is said under seal of volumes that were pipetted and are not those worked out from the count; nothing when they are.

    Too few cells are said of the count.
    """
    found = against_formulating(recipe, counted, typed)
    return " ".join(one.sealed or one.open for one in found if one.open != TOO_FEW)


def against_lifting(
    progress: Progress, held_by: str, recipe: Recipe, worked: Mapping[str, Mapping[str, Decimal]], by: str
) -> Iterator[Said]:  # fmt: skip
    """Every reason why this person does not lift the hold of a correction. `worked` has the values in force of each finished step.

    `held_by` placed the hold. A dose that was disposed of is not read again, and nothing of it must conform any more.
    """
    if by == held_by or by in progress.hands:
        yield Said("You took part in the preparation of this dose, so somebody else must lift its hold.")
    over = progress.dose.ended_at is not None
    for step in () if over else progress.reopened:
        yield Said(unread(progress, step))
    for one in progress.deviations:
        if one.accepted is None:
            yield Said(f"A masked deviation is not decided: {one.sentence}")
        elif not one.accepted and not over:
            yield Said(f"A masked deviation was not accepted: {one.sentence}")
    if over:
        return
    if COUNT in worked and not enough(recipe).met_by(worked[COUNT]["total"]):
        yield Said(STAYS_TOO_FEW, after_wash(recipe, worked[COUNT]["total"]))
    if FILL in worked and not recipe.arm.accept.met_by(worked[FILL]["cells"]):
        yield Said(STAYS, in_dose(recipe, worked[FILL]["cells"]))

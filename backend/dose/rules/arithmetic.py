"""From what two people read to what is drawn, filled and given: Decimals only, never rounded before they are compared.

Every number comes from the formula catalogue and from the trial folder. Both arms of a route pass through the same lines: only the dose
that stands in them differs (decision R2).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import NamedTuple, TypeAlias

from backend.trial.rules import Count, TrialFile, work_out
from backend.trial.rules.formulas import EXACT, mean_count
from backend.trial.rules.preparation_file import Dose, Preparation, PreparedRoute

Worked: TypeAlias = dict[str, Decimal]


@dataclass(frozen=True)
class Recipe:
    """What is made for one subject: the preparation, the part of it that is the route's, the dose that is the arm's."""

    preparation: Preparation
    route: PreparedRoute
    arm: Dose
    per_vial: Decimal
    doses: tuple[Decimal, ...]  # of every arm of the route, to notice that another one's was drawn

    @property
    def target(self) -> Decimal:
        """Viable cells per mL that the dose is made to."""
        return EXACT.divide(self.arm.dose.number, self.arm.volume.number)


class Counts(NamedTuple):
    """What one person counted in one sample: the living and the dead."""

    live: Count
    dead: Count

    @property
    def seen(self) -> int:
        return self.live.seen + self.dead.seen


def recipe(trial: TrialFile, arm: str) -> Recipe:
    """What is made for a subject of this arm."""
    dose = trial.arms[arm]
    doses = tuple(one.dose.number for one in trial.arms.values() if one.route == dose.route)
    return Recipe(trial.preparation, trial.preparation.routes[dose.route], dose, trial.bank.per_vial.number, doses)


def squares(text: str) -> list[int]:
    """What was counted in each square, as it was typed."""
    return [int(one) for one in re.split(r"[\s,;]+", text.strip()) if one]


def counts_of(live: str, dead: str, dilution: Decimal) -> Counts:
    """The counts of one person from the squares that they typed."""

    def count(text: str) -> Count:
        found = squares(text)
        return Count(EXACT.divide(Decimal(sum(found)), Decimal(len(found))), sum(found), dilution)

    return Counts(count(live), count(dead))


def worked(name: str, *given: Decimal | Count) -> Decimal:
    """The unrounded result of a formula of the catalogue; ValueError with a sentence when it cannot be worked out."""
    result = work_out(name, list(given))
    if not isinstance(result, Decimal):  # no formula of a dose tells of growth
        raise ValueError(f"{name} gave {result}")
    return result


def of_counts(first: Counts, second: Counts) -> Worked:
    """Viable concentration and viability by the unrounded mean of both people, and the fewest cells that one of them counted."""
    live, dead = mean_count(first.live, second.live), mean_count(first.dead, second.dead)
    none = not live.seen and not dead.seen  # a chamber without cells has no living cell in it
    return {
        "concentration": worked("viable_concentration", live), "viability": Decimal(0) if none else worked("viability", live, dead),
        "counted": Decimal(min(first.seen, second.seen)),
    }  # fmt: skip


def of_wash(recipe: Recipe, counts: Worked, resuspended_ml: Decimal) -> Worked:
    """All viable cells after the wash, and how many of those that were frozen they are."""
    total = worked("total_viable", counts["concentration"], resuspended_ml)
    return counts | {"total": total, "recovery": worked("recovery", recipe.route.vials * recipe.per_vial, total)}


def plan(recipe: Recipe, counted: Mapping[str, Decimal], suspension_ml: Decimal) -> Worked:
    """The volumes that must be pipetted for this dose. ValueError when the suspension is thinner than what is made of it."""
    route, arm = recipe.route, recipe.arm
    if route.stock is None or route.made is None:
        volume = worked("formulated_volume", counted["total"], Decimal(1), recipe.target)
        return {"diluent_ml": worked("diluent", volume, suspension_ml)}
    stock_ml = worked("volume_of_cells", counted["total"], route.stock.number)
    drawn = worked("stock_draw", arm.dose.number, route.made.number, arm.volume.number, route.stock.number)
    return {
        "stock_diluent_ml": worked("diluent", stock_ml, suspension_ml), "drawn_ml": drawn,
        "diluent_ml": worked("diluent", route.made.number, drawn),
    }  # fmt: skip


def of_formulation(
    recipe: Recipe, washed: Mapping[str, Decimal], counted: Mapping[str, Decimal], typed: Mapping[str, Decimal]
) -> Worked:  # fmt: skip
    """Volume, concentration and residual DMSO of what was made, from the volumes that were pipetted.

    `dmso_at_most` is the residual DMSO of the largest dose of the route: it is what is judged, for every arm of the route alike.
    """
    carried = (recipe.preparation.cryomedium_dmso.number, washed["thawed_ml"], washed["wash_ml"], washed["left_ml"])
    if recipe.route.stock is None or recipe.route.made is None:
        made = typed["suspension_ml"] + typed["diluent_ml"]
        concentration, dmso = EXACT.divide(counted["total"], made), worked("residual_dmso", *carried, made)
        at_most = dmso
    else:
        stock_ml, made = typed["suspension_ml"] + typed["stock_diluent_ml"], typed["drawn_ml"] + typed["diluent_ml"]
        share, in_stock = EXACT.divide(typed["drawn_ml"], made), worked("residual_dmso", *carried, stock_ml)
        concentration = EXACT.multiply(EXACT.divide(counted["total"], stock_ml), share)
        most = worked("stock_draw", max(recipe.doses), Decimal(1), recipe.arm.volume.number, recipe.route.stock.number)
        dmso, at_most = EXACT.multiply(in_stock, share), EXACT.multiply(in_stock, most)
    return {
        "made_ml": made, "calculated": concentration, "dmso": dmso, "dmso_at_most": at_most,
        "dmso_mg": worked("dmso_mass", dmso, recipe.arm.volume.number),
    }  # fmt: skip


def of_fill(recipe: Recipe, counts: Worked, net_g: Decimal) -> Worked:
    """What is in the syringe: its volume by weight, the viable cells in the volume that is given, and how far both lie from their aims."""
    volume = worked("volume_by_weight", net_g, recipe.preparation.density.number)
    return counts | {
        "filled_ml": volume, "filled": off(volume, recipe.route.fill.number),
        "cells": worked("cells_delivered", counts["concentration"], recipe.arm.volume.number),
        "off_target": off(counts["concentration"], recipe.target),
    }  # fmt: skip


def off(value: Decimal, wanted: Decimal) -> Decimal:
    """How far a value lies from what was wanted, in per cent; less than nothing when it is too little."""
    return worked("difference_from", value, wanted)


def endotoxin(recipe: Recipe, per_hour: Decimal, weight_kg: Decimal) -> str:
    """The endotoxin limit of this dose as limits are written, cut down to four digits after the point and never up."""
    flush = recipe.route.flush.number if recipe.route.flush else Decimal(0)
    limit = worked("endotoxin_limit", per_hour, weight_kg, recipe.arm.volume.number + flush)
    return f"<= {limit.quantize(Decimal('0.0001'), ROUND_FLOOR).normalize():f}"


def pipetted(volume: Decimal) -> str:
    """A volume as it is set on a pipette: to the microlitre."""
    return f"{volume.quantize(Decimal('0.001'), ROUND_HALF_UP):f}"

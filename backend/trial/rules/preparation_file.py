"""The preparation of a dose as trial.yaml says it: vials, volumes, limits. Read by the dose room and by nothing before it.

Nothing here differs between arms of one route but what follows from the dose itself, so both take the same steps and the same words.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from backend.trial.rules.formulas import work_out
from backend.trial.rules.limits import Limit, Limits
from backend.trial.rules.master_record import Supplied
from backend.trial.rules.readings import Code, ManyLimits, Words
from backend.trial.rules.written import Page, Quantity, Unit, Whole
from backend.trial.rules.yaml_text import Path

Short = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{1,19}$")]
PrepStep = Literal["thaw", "wash", "count", "formulate", "fill"]
Arm = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,19}$")]


class Dose(Page):
    """What one arm receives per infusion. Only the dose room reads this."""

    route: Short
    dose: Quantity
    volume: Quantity
    accept: Limit = Field(description="viable cells per dose that dose release accepts")


class Judged(Page):
    """A number of the preparation and its limits; whatever is at `decide` or `stop` is recorded and opens a masked deviation."""

    ask: Words
    unit: Unit
    target: Limit | None = None
    alert: ManyLimits = ()
    decide: ManyLimits = ()
    stop: ManyLimits = ()

    @property
    def limits(self) -> Limits:
        """The limits by level."""
        return Limits(self.alert, self.decide, self.stop)


class PreparedRoute(Page):
    """How a dose of one route is made: either thinned to its concentration, or drawn from a working stock and made up."""

    vials: Whole = Field(gt=0, description="vials thawed for one dose, the same for every arm of the route")
    minimum: Quantity = Field(description="fewer viable cells after the wash than this and no arm of the route is prepared")
    stock: Quantity | None = Field(default=None, description="working stock that every arm of the route is drawn from")
    made: Quantity | None = Field(default=None, description="volume to which what is drawn from the stock is made up")
    fill: Quantity = Field(description="volume in the syringe, dead space included")
    flush: Quantity | None = Field(default=None, description="volume that follows within the hour; it counts for the endotoxin limit")
    strength: Words = Field(description="what the label says is in the syringe, the same for every arm of the route")


class Preparation(Page):
    """Thaw, wash, count, formulate and fill, with every number that they need."""

    routes: dict[Short, PreparedRoute]
    cryomedium_dmso: Quantity
    strainer: Words = Field(description="mesh that the washed cells go through")
    squares: Whole = Field(gt=0, description="squares of the chamber that each person counts at the least")
    density: Quantity = Field(description="of the filled suspension, to read its volume from its weight")
    smallest_pipetted: Quantity
    slip: Quantity = Field(description="how far a volume that is typed may lie from the one that was worked out")
    keep: Words
    sample: Quantity = Field(description="volume of each sample of a dose")
    supplies: dict[PrepStep, Supplied] = Field(default={}, description="what is scanned into a step, as the master record calls it")
    possible: dict[Code, Limit] = Field(description="outside this a typed value is nonsense and is refused at entry")
    thaw: Judged
    clumps: Judged
    viability: Judged
    counted: Judged
    dmso: Judged
    concentration: Judged
    filled: Judged


JUDGED = ("thaw", "clumps", "viability", "counted", "dmso", "concentration", "filled")
UNITS = {"minimum": "viable cells", "stock": "cells/mL", "made": "mL", "fill": "mL", "flush": "mL"}
WHOLE = {"cryomedium_dmso": "%", "density": "g/mL", "smallest_pipetted": "mL", "slip": "%", "sample": "mL"}


def preparation_findings(preparation: Preparation, routes: Mapping[str, object], arms: Mapping[str, Dose]) -> Iterator[tuple[Path, str]]:
    """Everything in which the preparation contradicts itself, the routes or the arms; limits are checked where all limits are."""
    if set(preparation.routes) != set(routes):
        yield ("routes",), f"The preparation knows {_all(preparation.routes)}; the routes are {_all(routes)}."
    yield from _units(preparation)
    for name, arm in arms.items():
        route = preparation.routes.get(arm.route)
        if route is None:
            continue
        if not arm.volume.number < route.fill.number:
            yield ("routes", arm.route, "fill"), f"{arm.route}: the fill is {route.fill}; it must be more than the {arm.volume} given."
        if route.stock is not None and route.made is not None:
            yield from _drawn(preparation, name, arm, route, route.stock.number, route.made.number)


def _all(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names))


def _units(preparation: Preparation) -> Iterator[tuple[Path, str]]:
    for key, unit in WHOLE.items():
        if (found := getattr(preparation, key)).unit != unit:
            yield (key,), f"{key} is {found}; it must be in {unit}."
    for name, route in preparation.routes.items():
        for key, unit in UNITS.items():
            if (found := getattr(route, key)) is not None and found.unit != unit:
                yield ("routes", name, key), f"{name}: {key} is {found}; it must be in {unit}."
        if (route.stock is None) != (route.made is None):
            yield ("routes", name), f"{name}: a working stock and the volume made from it belong together; one of them is missing."


def _drawn(
    preparation: Preparation, name: str, arm: Dose, route: PreparedRoute, stock: Decimal, made: Decimal
) -> Iterator[tuple[Path, str]]:  # fmt: skip
    """Whether this arm can be drawn from the working stock that the smallest permitted number of cells makes."""
    where: Path = ("routes", arm.route)
    drawn = work_out("stock_draw", [arm.dose.number, made, arm.volume.number, stock])
    least, most = preparation.smallest_pipetted.number, route.minimum.number / stock
    if not isinstance(drawn, Decimal) or not least <= drawn <= made - least:
        yield (*where, "stock"), f"{name}: {drawn} mL would be drawn from the stock; at least {least} mL are pipetted."
    elif drawn > most:
        yield (*where, "minimum"), f"{name}: {drawn} mL are drawn; the fewest cells allowed make {most} mL of stock."
    if made < route.fill.number:
        yield (*where, "made"), f"{arm.route}: {route.made} are made; {route.fill} are filled."

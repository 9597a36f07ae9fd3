"""The formula catalogue: every calculation of the record, by name and version.

A formula is a pure function of Decimals that declares the unit of each argument and of its result, so that a template can be checked
before anybody relies on it. What it gives is never rounded. A formula that was used is never changed: a correction is a new version.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Clamped, Context, Decimal, DivisionByZero, InvalidOperation, Overflow, Underflow
from typing import Any, TypeAlias

from backend.trial.rules.limits import NO_GROWTH, NoGrowth

EXACT = Context(prec=34, traps=[DivisionByZero, InvalidOperation, Overflow, Underflow, Clamped], Emin=-999, Emax=999)
SQUARES_PER_ML = Decimal(10_000)  # one large square of an improved Neubauer chamber holds 1e-4 mL
RECOUNT_LIMIT = Decimal(15)  # two independent counts may differ by this many per cent of their mean, inclusive


@dataclass(frozen=True)
class Count:
    """Cells counted in a chamber: the unrounded mean per square, how many cells were seen in all, and the dilution of the sample."""

    mean: Decimal
    seen: int
    dilution: Decimal


Argument: TypeAlias = Decimal | Count | datetime | NoGrowth
Result: TypeAlias = Decimal | NoGrowth


@dataclass(frozen=True)
class Formula:
    """One version of one formula: the unit of each argument in order, the unit of the result, and the source in its docstring."""

    name: str
    version: int
    arguments: tuple[tuple[str, str], ...]  # name, unit; `count` and `time` stand for what is counted and for a moment
    unit: str
    compute: Callable[..., Result]
    spread: bool = False  # the single argument is one value per round

    @property
    def source(self) -> str:
        """What the formula is and where it comes from."""
        return (self.compute.__doc__ or "").strip()


CATALOGUE: dict[str, Formula] = {}


def formula(name: str, unit: str, *, version: int = 1, spread: bool = False, **arguments: str) -> Callable[[Callable[..., Result]], Any]:
    """Enter a function in the catalogue as `name version`, with the units of its arguments in order and of its result."""

    def enter(compute: Callable[..., Result]) -> Callable[..., Result]:
        key = f"{name} {version}"
        if key in CATALOGUE:
            raise ValueError(f"{key} is in the catalogue already")
        CATALOGUE[key] = Formula(name, version, tuple(arguments.items()), unit, compute, spread)
        return compute

    return enter


def formula_named(written: str) -> Formula | None:
    """The formula that a file calls `viability` (its first version) or `viability 2`; None when there is none."""
    return CATALOGUE.get(written if " " in written else f"{written} 1")


def work_out(written: str, arguments: Sequence[Argument]) -> Result:
    """The unrounded result, or no growth. ValueError refuses NaN, infinite and negative numbers, and a division by nothing."""
    found = formula_named(written)
    if found is None:
        raise ValueError(f"There is no formula {written!r} in the catalogue.")
    for argument in arguments:
        if isinstance(argument, Decimal) and (not argument.is_finite() or argument < 0):
            raise ValueError(f"{found.name} was given {argument}; it takes finite numbers that are not negative.")
        if isinstance(argument, Count) and (not argument.mean.is_finite() or argument.mean < 0 or argument.dilution <= 0):
            raise ValueError(f"{found.name} was given a count of {argument.mean} per square at dilution {argument.dilution}.")
    try:
        return found.compute(*([arguments] if found.spread else arguments))
    except (DivisionByZero, InvalidOperation) as error:
        raise ValueError(f"{found.name} cannot be worked out: it would divide by nothing.") from error


def recount_difference(first: Decimal, second: Decimal) -> Decimal:
    """How far two independent counts lie apart, in per cent of their mean: |a - b| / mean. Two counts of nothing agree."""
    mean = EXACT.divide(EXACT.add(first, second), Decimal(2))
    return EXACT.multiply(EXACT.divide(abs(EXACT.subtract(first, second)), mean), Decimal(100)) if mean else Decimal(0)


def recount_agrees(first: Decimal, second: Decimal) -> bool:
    """Whether two independent counts differ by at most 15 % of their mean, compared unrounded."""
    # multiplied out, so that a difference of exactly 15 % is not lost to a division
    return 200 * abs(first - second) <= RECOUNT_LIMIT * (first + second)


def mean_count(first: Count, second: Count) -> Count:
    """The count that formulas use after an agreeing recount: the unrounded mean of both, with all cells that were seen."""
    return Count(EXACT.divide(EXACT.add(first.mean, second.mean), Decimal(2)), first.seen + second.seen, first.dilution)


@formula("viable_concentration", "cells/mL", live="count")
def viable_concentration(live: Count) -> Decimal:
    """Mean live cells per 1e-4 mL square × dilution × 1e4 (counting chamber, trypan blue exclusion)."""
    return EXACT.multiply(EXACT.multiply(live.mean, live.dilution), SQUARES_PER_ML)


@formula("viability", "%", live="count", dead="count")
def viability(live: Count, dead: Count) -> Decimal:
    """Live ÷ (live + dead) × 100 (trypan blue exclusion). A chamber without cells has no viability."""
    return EXACT.multiply(EXACT.divide(live.mean, EXACT.add(live.mean, dead.mean)), Decimal(100))


@formula("count_error", "%", live="count")
def count_error(live: Count) -> Decimal:
    """100 ÷ √N: the standard error of N cells seen at random (Poisson)."""
    return EXACT.divide(Decimal(100), EXACT.sqrt(Decimal(live.seen)))


@formula("total_viable", "cells", concentration="cells/mL", volume="mL")
def total_viable(concentration: Decimal, volume: Decimal) -> Decimal:
    """Concentration × volume."""
    return EXACT.multiply(concentration, volume)


@formula("population_doublings", "doublings", seeded="cells", harvested="cells")
def population_doublings(seeded: Decimal, harvested: Decimal) -> Result:
    """log2(harvested ÷ seeded); no growth when not more were harvested than seeded."""
    if harvested <= seeded:
        return NO_GROWTH
    return EXACT.divide(EXACT.ln(EXACT.divide(harvested, seeded)), EXACT.ln(Decimal(2)))


@formula("doubling_time", "h", seeded="cells", harvested="cells", elapsed="h")
def doubling_time(seeded: Decimal, harvested: Decimal, elapsed: Decimal) -> Result:
    """Elapsed hours × ln 2 ÷ ln(harvested ÷ seeded); no growth when not more were harvested than seeded."""
    if harvested <= seeded:
        return NO_GROWTH
    return EXACT.divide(EXACT.multiply(elapsed, EXACT.ln(Decimal(2))), EXACT.ln(EXACT.divide(harvested, seeded)))


@formula("cumulative_doublings", "doublings", spread=True, doublings="doublings")
def cumulative_doublings(doublings: Sequence[Result]) -> Decimal:
    """Sum of the population doublings of each passage from P1 on: what was seeded into P0 cannot be counted. No growth adds nothing."""
    total = Decimal(0)
    for one in doublings:
        total = total if isinstance(one, NoGrowth) else EXACT.add(total, one)
    return total


@formula("seed_density", "cells/cm²", seeded="cells", area="cm²")
def seed_density(seeded: Decimal, area: Decimal) -> Decimal:
    """Cells seeded ÷ growth area of all vessels."""
    return EXACT.divide(seeded, area)


@formula("growth_area", "cm²", flasks="flasks", each="cm²")
def growth_area(flasks: Decimal, each: Decimal) -> Decimal:
    """Vessels × growth area of one."""
    return EXACT.multiply(flasks, each)


@formula("cells_per_flask", "cells", seeded="cells", flasks="flasks")
def cells_per_flask(seeded: Decimal, flasks: Decimal) -> Decimal:
    """Cells seeded ÷ vessels."""
    return EXACT.divide(seeded, flasks)


@formula("cells_per_vial", "cells/vial", concentration="cells/mL", fill="mL")
def cells_per_vial(concentration: Decimal, fill: Decimal) -> Decimal:
    """Concentration of the final suspension × mean fill volume."""
    return EXACT.multiply(concentration, fill)


@formula("vials_to_fill", "vials", total="cells", per_vial="cells/vial", tests="cells", most="vials")
def vials_to_fill(total: Decimal, per_vial: Decimal, tests: Decimal, most: Decimal) -> Decimal:
    """Whole vials from what is left after the release tests, at most `most`: the same question for every subject."""
    left = EXACT.subtract(total, tests)
    whole = EXACT.divide(max(left, Decimal(0)), per_vial).to_integral_value(ROUND_FLOOR)
    return min(whole, most)


@formula("suspension_volume", "mL", vials="vials", per_vial="cells/vial", concentration="cells/mL")
def suspension_volume(vials: Decimal, per_vial: Decimal, concentration: Decimal) -> Decimal:
    """Volume that holds the cells of all vials: vials × cells per vial ÷ concentration."""
    return EXACT.divide(EXACT.multiply(vials, per_vial), concentration)


@formula("recovery", "%", before="cells", after="cells")
def recovery(before: Decimal, after: Decimal) -> Decimal:
    """Viable cells after ÷ viable cells before × 100 (washing, thawing)."""
    return EXACT.multiply(EXACT.divide(after, before), Decimal(100))


@formula("vial_balance", "vials", filled="vials", stored="vials", tested="vials", discarded="vials")
def vial_balance(filled: Decimal, stored: Decimal, tested: Decimal, discarded: Decimal) -> Decimal:
    """Vials without an account, or counted twice: |filled - (stored + tested + discarded)|; it must be 0."""
    return abs(filled - (stored + tested + discarded))


@formula(
    "vial_balance", "vials", version=2, filled="vials", dosed="vials", tested="vials", retained="vials", discarded="vials", stored="vials"
)
def vial_balance_to_the_bedside(
    filled: Decimal, dosed: Decimal, tested: Decimal, retained: Decimal, discarded: Decimal, stored: Decimal
) -> Decimal:
    """Vials without an account, or counted twice: |filled - (dosed + tested + retained + discarded + still stored)|; it must be 0."""
    return abs(filled - (dosed + tested + retained + discarded + stored))


@formula("label_balance", "labels", printed="labels", applied="labels", specimen="labels", void="labels", destroyed="labels")
def label_balance(printed: Decimal, applied: Decimal, specimen: Decimal, void: Decimal, destroyed: Decimal) -> Decimal:
    """Labels without an account, or counted twice: |printed - (applied + specimen + void + destroyed)|; it must be 0."""
    return abs(printed - (applied + specimen + void + destroyed))


@formula("endotoxin_limit", "EU/mL", per_hour="EU/kg/h", weight="kg", volume="mL")
def endotoxin_limit(per_hour: Decimal, weight: Decimal, volume: Decimal) -> Decimal:
    """K × body weight ÷ volume given within one hour, flush included (USP <85>, K by route)."""
    return EXACT.divide(EXACT.multiply(per_hour, weight), volume)


@formula("maximum_valid_dilution", "times", limit="EU/mL", sensitivity="EU/mL")
def maximum_valid_dilution(limit: Decimal, sensitivity: Decimal) -> Decimal:
    """Endotoxin limit ÷ sensitivity of the reagent: further dilution could hide a failing sample (USP <85>, MVD)."""
    return EXACT.divide(limit, sensitivity)


@formula("formulated_volume", "mL", concentration="cells/mL", volume="mL", target="cells/mL")
def formulated_volume(concentration: Decimal, volume: Decimal, target: Decimal) -> Decimal:
    """Concentration × volume ÷ concentration wanted: the volume that the cells make when they are thinned to it (draft record, PREP-8)."""
    return EXACT.divide(EXACT.multiply(concentration, volume), target)


@formula("diluent", "mL", total="mL", present="mL")
def diluent(total: Decimal, present: Decimal) -> Decimal:
    """Volume wanted - volume there. Less than nothing is refused: the cells must be concentrated first (draft record, PREP-8)."""
    if present > total:
        raise ValueError(f"There are {present} mL and only {total} mL are wanted; the cells must be concentrated first.")
    return EXACT.subtract(total, present)


@formula("volume_of_cells", "mL", cells="cells", concentration="cells/mL")
def volume_of_cells(cells: Decimal, concentration: Decimal) -> Decimal:
    """Cells ÷ concentration: the volume that holds them (v = D ÷ c)."""
    return EXACT.divide(cells, concentration)


@formula("stock_draw", "mL", dose="cells", made="mL", given="mL", stock="cells/mL")
def stock_draw(dose: Decimal, made: Decimal, given: Decimal, stock: Decimal) -> Decimal:
    """Dose × volume made ÷ volume given ÷ working stock: drawn and made up, the volume given holds the dose (decision R2)."""
    return EXACT.divide(EXACT.divide(EXACT.multiply(dose, made), given), stock)


@formula("residual_dmso", "%", cryomedium="%", thawed="mL", wash="mL", left="mL", final="mL")
def residual_dmso(cryomedium: Decimal, thawed: Decimal, wash: Decimal, left: Decimal, final: Decimal) -> Decimal:
    """c0 · v ÷ (v + w) · r ÷ Vf in % v/v: thawed v, washed with w, r left over the pellet, made up to Vf (draft record, PREP-4)."""
    after = EXACT.divide(EXACT.multiply(cryomedium, thawed), EXACT.add(thawed, wash))
    return EXACT.divide(EXACT.multiply(after, left), final)


DMSO_MG_PER_ML = Decimal(1100)  # 1.10 g/mL at 20 °C


@formula("dmso_mass", "mg", residual="%", volume="mL")
def dmso_mass(residual: Decimal, volume: Decimal) -> Decimal:
    """DMSO in a volume: % v/v × mL × 1.10 g/mL."""
    return EXACT.divide(EXACT.multiply(EXACT.multiply(residual, volume), DMSO_MG_PER_ML), Decimal(100))


SPARE = Decimal("1.1")  # cells prepared for each cell that is given


@formula("bank_need", "cells", dose="cells", tests="cells", recovered="%")
def bank_need(dose: Decimal, tests: Decimal, recovered: Decimal) -> Decimal:
    """(1.1 × dose + cells for tests) ÷ recovery after thaw: frozen cells that one dose takes (draft record, section 5)."""
    wanted = EXACT.add(EXACT.multiply(SPARE, dose), tests)
    return EXACT.divide(EXACT.multiply(wanted, Decimal(100)), recovered)


@formula("vials_needed", "vials", cells="cells", per_vial="cells/vial")
def vials_needed(cells: Decimal, per_vial: Decimal) -> Decimal:
    """Whole vials that hold at least so many cells."""
    return EXACT.divide(cells, per_vial).to_integral_value(ROUND_CEILING)


@formula("volume_by_weight", "mL", weight="g", density="g/mL")
def volume_by_weight(weight: Decimal, density: Decimal) -> Decimal:
    """Net weight ÷ density (draft record, PREP-9: 1.01 g/mL)."""
    return EXACT.divide(weight, density)


@formula("difference_from", "%", value="mL", wanted="mL")
def difference_from(value: Decimal, wanted: Decimal) -> Decimal:
    """(Value - wanted) ÷ wanted × 100, below nothing when it is too little."""
    return EXACT.multiply(EXACT.divide(EXACT.subtract(value, wanted), wanted), Decimal(100))


@formula("cells_delivered", "cells", concentration="cells/mL", volume="mL")
def cells_delivered(concentration: Decimal, volume: Decimal) -> Decimal:
    """Measured viable concentration × volume delivered (draft record, ADM)."""
    return EXACT.multiply(concentration, volume)


def _elapsed(begun: datetime, ended: datetime, microseconds: int) -> Decimal:
    """Time from one moment to a later one, in units of so many microseconds; backwards is refused."""
    span = ended.astimezone(UTC) - begun.astimezone(UTC)
    if span.total_seconds() < 0:
        raise ValueError(f"It ended at {ended.isoformat()}, before it began at {begun.isoformat()}.")
    whole = (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds
    return EXACT.divide(Decimal(whole), Decimal(microseconds))


@formula("minutes_between", "min", begun="time", ended="time")
def minutes_between(begun: datetime, ended: datetime) -> Decimal:
    """Minutes from one moment to a later one."""
    return _elapsed(begun, ended, 60_000_000)


@formula("hours_between", "h", begun="time", ended="time")
def hours_between(begun: datetime, ended: datetime) -> Decimal:
    """Hours from one moment to a later one."""
    return _elapsed(begun, ended, 3_600_000_000)

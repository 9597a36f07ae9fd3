"""What must be true while a dose is prepared: the order of steps, two people who read alone, volumes that are no slip, limits.

A sentence that would tell an arm is said twice: openly without a value, and sealed with it. The open one is the same for both arms.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from backend.batch.rules.saying import limit_words, say
from backend.custody.models import Container
from backend.custody.rules import MIXED, is_vial
from backend.dose.models import Dose, DoseDecision, DoseFilled, DoseScan, DoseVial, PrepCorrected, PrepMatched, PrepReading, Thawed
from backend.dose.rules.arithmetic import Recipe, Worked, counts_of, pipetted, plan, squares
from backend.dose.rules.naming import TITLES
from backend.trial.rules import Level, Limit, judge, recount_agrees, sentence
from backend.trial.rules.preparation_file import Judged, Preparation

WASH, COUNT, FORMULATE, FILL = STEPS = ("wash", "count", "formulate", "fill")
DONE = {
    "thaw": "The vials of this dose are not thawed yet.",
    WASH: "The wash is not read by two people yet.",
    COUNT: "The cells are not counted by two people yet.",
    FORMULATE: "The formulation is not read by two people yet.",
    FILL: "The dose is not filled yet.",
}
NAMES = {WASH: "The wash", COUNT: "The count", FORMULATE: "The formulation", FILL: "The filling"}
COUNTS = ("live", "dead")
GRADES = {Level.DECIDE: "major", Level.STOP: "critical"}
MISMATCH = "two readings match"
LIMIT = "a value of the preparation is in its limits"
TOO_FEW = "Too few viable cells are left after the wash; no dose of this route is prepared from them."
TOO_THIN = "The suspension is thinner than what is made of it; it must be concentrated first."
TOO_SMALL = "The diluent would be less than what is pipetted here; the suspension must be concentrated first."
SLIP = "A volume that was typed is not the one that was worked out; it must be read again."
"""One sentence for every slip: whether a slip is too small to pipette depends on the dose, so nobody may read that it was."""


class Said(NamedTuple):
    """One reason twice: for everybody, and with its values for those who may know the arm."""

    open: str
    sealed: str = ""


class DeviationOf(NamedTuple):
    """A masked deviation of a dose: the rule that opened it, what everybody may read, and what QA decided (None: not yet)."""

    code: str
    rule: str
    sentence: str
    accepted: bool | None
    sealed: str  # ciphertext


@dataclass(frozen=True)
class Progress:
    """Everything that is recorded of one dose; nothing in it is opened."""

    dose: Dose
    vials: list[DoseVial] = field(default_factory=list)
    thawed: list[Thawed] = field(default_factory=list)
    readings: list[PrepReading] = field(default_factory=list)
    matched: Mapping[str, PrepMatched] = field(default_factory=dict)  # in force
    superseded: list[PrepMatched] = field(default_factory=list)
    scans: list[DoseScan] = field(default_factory=list)
    corrected: list[PrepCorrected] = field(default_factory=list)
    mismatched: Counter[str] = field(default_factory=Counter)
    filled: DoseFilled | None = None
    decision: DoseDecision | None = None
    deviations: list[DeviationOf] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    given: bool = False
    surplus_gone: bool = False
    sampled: frozenset[str] = frozenset()
    hands: frozenset[str] = frozenset()

    @property
    def thaw_started_at(self) -> datetime | None:
        return min((one.started_at for one in self.thawed), default=None)

    @property
    def all_thawed(self) -> bool:
        return bool(self.vials) and {v.container_code for v in self.vials} <= {t.container_code for t in self.thawed}

    @property
    def reopened(self) -> tuple[str, ...]:
        """The steps that were corrected and are not read again by two people yet (decision F2)."""
        again = {one.step for one in self.corrected}
        return tuple(step for step in STEPS if step in again and step not in self.matched)

    def scanned(self, step: str) -> list[DoseScan]:
        """What has been scanned into a step and not been taken out again."""
        return [one for one in self.scans if one.step == step and one.ended_at is None]

    def rests_on_reopened(self, step: str) -> bool:
        """Whether this step is finished and one before it is being read again: then it is worked out anew when both have read that."""
        return step in self.matched and any(STEPS.index(one) < STEPS.index(step) for one in self.reopened)

    def number(self, step: str) -> int:
        """Which try of a step is open: one more than how often its two readings did not match or were corrected."""
        return self.mismatched[step] + sum(one.step == step for one in self.corrected) + 1

    def entered(self, step: str, seat: str, number: int | None = None) -> list[PrepReading]:
        """What one seat read in a try of a step, by default the one that is open."""
        wanted = (step, seat, number or self.number(step))
        return [one for one in self.readings if (one.step, one.seat, one.number) == wanted]

    @property
    def next(self) -> str:
        """What comes next: thaw, a step, or nothing when the dose is filled."""
        if not self.all_thawed:
            return "thaw"
        return next((step for step in STEPS if step not in self.matched), "")


def against_working(progress: Progress, step: str = "") -> Iterator[str]:
    """Every reason why nothing more is done to this dose. A step that was corrected is read again whatever holds or was decided (F2)."""
    if progress.dose.ended_at:
        yield f"This dose has ended: {progress.dose.ended_why}"
    if step in progress.reopened:
        return
    if progress.decision:
        yield f"This dose is {progress.decision.decision} already."
    for why in progress.holds:
        yield f"This dose is on hold: {why}"


def against_step(progress: Progress, step: str) -> Iterator[str]:
    """Every reason why it is not this step's turn."""
    if step in progress.matched:
        yield PrepMatched.says["dose_code, step"]
    before = ("thaw", *STEPS)[: STEPS.index(step) + 1]
    for one in before:
        if not (progress.all_thawed if one == "thaw" else one in progress.matched):
            yield unread(progress, one)
    for deviation in progress.deviations:
        if deviation.rule == MISMATCH and deviation.accepted is None:
            yield f"{deviation.sentence} Unmasked QA decides before anybody reads again."
        elif deviation.rule == MISMATCH and not deviation.accepted:
            yield f"{deviation.sentence} Unmasked QA did not accept it; this dose goes no further."


def unread(progress: Progress, step: str) -> str:
    """What is said of a step that is not finished, or not any more."""
    return f"{NAMES[step]} was corrected and is not read again by two people yet." if step in progress.reopened else DONE[step]


def against_first(progress: Progress, step: str) -> Iterator[str]:
    """Why nobody reads this step for the first time now."""
    if step not in progress.matched and progress.entered(step, "first"):
        yield "This step has been read once; it waits for the second person, on their own sign-in."


def against_second(progress: Progress, step: str, by: str) -> Iterator[str]:
    """Why this person does not read this step for the second time now."""
    first = progress.entered(step, "first")
    if step in progress.matched:
        return
    if not first:
        yield "Nobody has read this step for the first time yet."
    elif first[0].by == by:
        yield "You read this step yourself, so somebody else must read it the second time."


def nonsense(preparation: Preparation, values: Mapping[str, str]) -> dict[str, str]:
    """Field to the sentence why its value cannot be what was asked for; bad news is none."""
    faults = {}
    for name, text in values.items():
        possible = preparation.possible.get(name)
        if name in COUNTS:
            if (many := len(squares(text))) < preparation.squares:
                faults[name] = f"{TITLES[name]}: {many} were counted; at least {preparation.squares} squares are counted."
        elif possible is not None and not possible.met_by(Decimal(text)):
            faults[name] = f"{TITLES[name]} is {text}; only {possible} is possible."
    if set(COUNTS) <= values.keys() and not faults and len(squares(values["live"])) != len(squares(values["dead"])):
        faults["dead"] = "The living and the dead are counted in the same squares; the two rows have different lengths."
    return faults


def differing(first: Mapping[str, str], second: Mapping[str, str]) -> list[str]:
    """The fields in which two people did not read the same: the living within 15 % of their mean, the dead as they are, the rest equal."""
    found = [name for name in first if name not in COUNTS and (name not in second or Decimal(first[name]) != Decimal(second[name]))]
    found += [name for name in second if name not in first]
    if "live" in first and "live" in second:
        one, two = (counts_of(each["live"], each["dead"], Decimal(each["dilution"])) for each in (first, second))
        if not recount_agrees(one.live.mean, two.live.mean):
            found.append("live")
    return found


def against_vials(
    progress: Progress, vials: Iterable[Container], wanted: int, tested: Iterable[str], disposed: Mapping[str, str]
) -> Iterator[str]:  # fmt: skip
    """Every reason why these are not the vials of this dose. How many a route takes is the same for each of its arms.

    `disposed`: of those that have a final disposition, which (retained, destroyed).
    """
    vials, dose = list(vials), progress.dose
    if any(one.chain != dose.coi for one in vials):
        yield MIXED
        return
    if len({one.code for one in vials}) < len(vials):
        yield "A vial was scanned twice."
    if len(vials) != wanted:
        yield f"{len(vials)} vials were scanned; a dose of this route takes {wanted}."
    if progress.thawed:
        yield "A vial of this dose has been thawed already; its vials cannot change any more."
    for one in vials:
        if not is_vial(one.kind):
            yield f"{one.name} is a {one.kind}; a dose is made from vials of the bank."
        if one.batch_code != dose.batch_code:
            yield f"{one.name} is not of the released bank that was ordered from."
        if one.code in tested:
            yield f"{one.name} was taken for tests; it goes into no dose."
        if one.code in disposed:
            yield f"{one.name} is {disposed[one.code]}; it goes into no dose."


def against_thawing(progress: Progress, vials: Iterable[tuple[Container, bool]], started_at: datetime, at: datetime) -> Iterator[str]:
    """Every reason why these vials are not thawed now; each comes with whether it is still in its position."""
    mine = {one.container_code for one in progress.vials}
    done = {one.container_code for one in progress.thawed}
    for vial, stored in vials:
        if vial.code not in mine:
            yield f"{vial.name} is not set aside for this dose."
        elif vial.code in done:
            yield Thawed.says["container_code"]
        elif stored:
            yield f"{vial.name} is in a position; it must be picked first."
    if started_at > at:
        yield f"The thaw would begin at {started_at:%H:%M:%S} UTC; it is {at:%H:%M:%S} UTC."
    if started_at < progress.dose.at:
        yield f"The thaw would have begun at {started_at:%H:%M:%S} UTC, before this dose was opened at {progress.dose.at:%H:%M:%S} UTC."


def against_formulating(recipe: Recipe, counted: Mapping[str, Decimal], typed: Mapping[str, Decimal]) -> Iterator[Said]:
    """Every reason against these volumes: too few cells (decision R3), too thin, too small to pipette, or not what was worked out."""
    if not enough(recipe).met_by(counted["total"]):
        yield Said(TOO_FEW, after_wash(recipe, counted["total"]))
        return
    try:
        wanted = plan(recipe, counted, typed["suspension_ml"])
    except ValueError as thin:
        yield Said(TOO_THIN, str(thin))
        return
    yield from against_fields(recipe, typed)
    smallest = recipe.preparation.smallest_pipetted.number
    for name, volume in wanted.items():
        if volume < smallest:
            yield Said(TOO_SMALL, f"{TITLES[name]} would be {pipetted(volume)} mL; at least {smallest} mL is pipetted.")
        elif name in typed and (typed[name] < smallest or off_by_a_slip(recipe, volume, typed[name])):
            whose = _whose(recipe, name, volume, typed[name])
            yield Said(SLIP, f"{TITLES[name]} is {typed[name]} mL; it must be {pipetted(volume)} mL.{whose}")


def against_fields(recipe: Recipe, typed: Mapping[str, Decimal]) -> Iterator[Said]:
    """Every volume of a formulation that this route needs and was not typed, or has none of and was."""
    stock = recipe.route.stock is not None and recipe.route.made is not None
    wanted = {"suspension_ml", "diluent_ml"} | ({"stock_diluent_ml", "drawn_ml"} if stock else set())
    for name in sorted(wanted - typed.keys()):
        yield Said(f"{TITLES[name]} was not typed; this route needs it.")
    for name in sorted(typed.keys() - wanted):
        yield Said(f"{TITLES[name]} was typed; this route has none.")


def off_by_a_slip(recipe: Recipe, wanted: Decimal, typed: Decimal) -> bool:
    """Whether a typed volume lies further from the one that was worked out than a pipette does."""
    return abs(typed - wanted) * 100 > recipe.preparation.slip.number * wanted


def _whose(recipe: Recipe, name: str, wanted: Decimal, typed: Decimal) -> str:
    """Whether a power of ten or the dose of the other arm was typed, for whoever may read it."""
    for power in (Decimal("0.1"), Decimal(10), Decimal(100)):
        if not off_by_a_slip(recipe, wanted * power, typed):
            return " The point is in the wrong place."
    others = [wanted * dose / recipe.arm.dose.number for dose in recipe.doses if dose != recipe.arm.dose.number]
    if name == "drawn_ml" and any(not off_by_a_slip(recipe, other, typed) for other in others):
        return " It is the volume of another dose of this route."
    return ""


class Found(NamedTuple):
    """A value out of its limits: how far, and what is said of it under seal."""

    level: Literal[Level.DECIDE, Level.STOP]
    sentence: str


def out_of_limits(recipe: Recipe, step: str, values: Worked) -> Iterator[Found]:
    """Every value of a step at its decide or stop limit. An alert is shown to whoever prepares and opens nothing.

    That a deviation is open, everybody may see; so nothing is judged here that would be out for one arm of a route and in for the other.
    """
    preparation = recipe.preparation
    judged: dict[str, Judged] = {
        WASH: {"clumps": preparation.clumps}, FORMULATE: {"dmso_at_most": preparation.dmso},
        COUNT: {"viability": preparation.viability, "counted": preparation.counted},
        FILL: {"filled": preparation.filled, "viability": preparation.viability, "off_target": preparation.concentration},
    }[step]  # fmt: skip
    for name, limits in judged.items():
        yield from beyond(limits, values[name])
    if step == COUNT and not enough(recipe).met_by(values["total"]):
        yield Found(Level.STOP, after_wash(recipe, values["total"]))
    if step == FILL and not recipe.arm.accept.met_by(values["cells"]):
        yield Found(Level.STOP, in_dose(recipe, values["cells"]))


def enough(recipe: Recipe) -> Limit:
    """The viable cells after the wash that a dose of this route takes: one threshold for its arms (decision R3)."""
    return Limit.read(f">= {recipe.route.minimum.number}")


def after_wash(recipe: Recipe, cells: Decimal) -> str:
    """What is said under seal of the viable cells after the wash that are too few."""
    return _cells("after the wash", cells, enough(recipe))


def in_dose(recipe: Recipe, cells: Decimal) -> str:
    """What is said under seal of the viable cells in a syringe that are too few or too many."""
    return _cells("in the dose", cells, recipe.arm.accept)


def _cells(where: str, cells: Decimal, limit: Limit) -> str:
    return f"Viable cells {where} are {say(cells, [limit])}; they must be {limit_words(str(limit))}."


def beyond(limits: Judged, value: Decimal) -> Iterator[Found]:
    """What is said of one value that is at its decide or stop limit."""
    verdict = judge(limits.limits, value)
    if verdict.level in (Level.DECIDE, Level.STOP):
        yield Found(verdict.level, sentence(limits.ask, value, verdict, limits.unit))


def open_words(infusion: int) -> str:
    """What everybody may read of a masked deviation: the same for every arm, with no value in it."""
    return f"A value of the preparation of infusion {infusion} is out of its limit."


def mismatch_words(infusion: int) -> str:
    """What everybody may read when two people did not read the same for the second time."""
    return f"Two independent readings in the preparation of infusion {infusion} did not match twice."


def accepted(limit: Limit) -> str:
    """A range of cells in words."""
    return limit_words(str(limit))

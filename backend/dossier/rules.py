"""What must be true at the end: one disposition for every vial and dose (C8), labels that balance, nothing open when a subject is closed.

What became of a vial is read off its facts: cells that went into a subject were administered, whoever else says anything about the vial.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.access.rules import Role
from backend.bedside.models import Finished
from backend.custody.models import Disposed
from backend.custody.rules import HERE, RETAINED, reconciled
from backend.dose.models import Administration, Dose
from backend.ledger.words import words

ADMINISTERED, PARTLY, TESTED = "administered", "partly administered", "tested"
DESTROYED, RETURNED, LOST, TRANSFERRED = "destroyed", "returned", "lost", "transferred"
DISPOSITIONS = (ADMINISTERED, PARTLY, TESTED, RETAINED, DESTROYED, RETURNED, LOST, TRANSFERRED)
BY_HAND = frozenset({TESTED, RETAINED, DESTROYED, RETURNED, LOST, TRANSFERRED})
"""What two people may say; what was given to a subject follows from the record of the infusion."""
STAYS = frozenset({RETAINED, LOST})
"""A retained vial stays where it is, and a lost one is not where it should be: neither can be picked first."""
NEEDS_DETAIL = {
    DESTROYED: "How it was destroyed must be said: the method and the bag.",
    RETURNED: "Where it was returned to must be said.",
    TRANSFERRED: "Where it was transferred to must be said, and by which consent.",
}
MASKED_EDITION, FULL_EDITION = "masked", "full"


@dataclass(frozen=True)
class Fate:
    """What became of a vial or a dose in the end."""

    how: str
    why: str
    detail: str
    at: datetime
    by: str
    witness: str = ""


def of_row(row: Disposed) -> Fate:
    """The fate that two people recorded."""
    return Fate(row.how, row.why, row.detail, row.at, row.by, row.witness or "")


def of_dose(given: Administration | None, finished: Finished | None, row: Disposed | None, dose: Dose) -> Fate | None:
    """The fate of a dose, and so of its syringe and of the vials thawed for it; None while it is open or its infusion runs.

    `given` is an administration that was not annulled; `row` the disposition of the syringe.
    """
    if given is not None:
        if finished is None:
            return None
        how = PARTLY if finished.stopped_because else ADMINISTERED
        why = words("%(ml)s mL went in at infusion %(number)s.", ml=finished.given_ml, number=given.infusion)
        detail = f"Stopped: {finished.stopped_because}" if finished.stopped_because else ""
        return Fate(how, why, detail, finished.ended_infusion_at, given.by, given.second)
    if row is not None:
        return of_row(row)
    if dose.ended_at is not None:
        return Fate(DESTROYED, dose.ended_why or "", "Disposed of as a dose that was not given.", dose.ended_at, dose.ended_by or "")
    return None


def fate(dose: Fate | None, in_dose: bool, row: Disposed | None, tested_at: tuple[datetime, str] | None) -> Fate | None:
    """The one fate of a container: that of its dose, else what was recorded, else that all its tests are reviewed.

    A vial in an open dose has none yet, unless two people recorded one (a vial that was lost).
    """
    if dose is not None:
        return dose
    if row is not None:
        return of_row(row)
    if in_dose or tested_at is None:
        return None
    return Fate(TESTED, "Used for tests; every result is reviewed.", "", *tested_at)


@dataclass(frozen=True)
class Disposing:
    """One container that somebody wants to dispose of, with what stands around it."""

    name: str
    is_vial: bool
    fate: Fate | None
    position: str  # the path of the position it is in, "" when it is in none
    on_its_way: bool
    set_aside: bool  # for a dose that is still open
    in_dose: bool  # thawed for a dose, or a dose itself, that is still open
    for_tests: bool


def against_disposing(one: Disposing, how: str, detail: str) -> Iterator[str]:
    """Every reason why this cannot be the disposition of this container."""
    if one.fate is not None:
        yield f"{one.name} has a disposition already: {one.fate.how} since {one.fate.at:{HERE}}; each vial and dose has exactly one."
        return
    if how == TESTED and not one.for_tests:
        yield f"{one.name} was never taken for a test; a vial is tested only when its tests are in the record."
    if one.on_its_way:
        yield f"{one.name} was handed over and is not received; it must be received first."
    if one.set_aside:
        yield f"{one.name} is set aside for a dose; that must end first."
    if one.in_dose and how != LOST:
        yield f"{one.name} is part of a dose that is still open; the dose must be given or disposed of, and it follows."
    if one.position and how not in STAYS:
        yield f"{one.name} is in {one.position}; it must be picked first."
    if how == RETAINED and one.is_vial and not one.position:
        yield f"{one.name} is in no position; a retained vial stays in the cold where it is."
    if how in NEEDS_DETAIL and not detail.strip():
        yield NEEDS_DETAIL[how]


def against_scanned(codes: list[str]) -> Iterator[str]:
    """Every reason why these scans are not a list of different containers."""
    if not codes:
        yield "Nothing was scanned; at least one container must be named."
    for code in sorted({one for one in codes if codes.count(one) > 1}):
        yield f"{code} was scanned twice."


@dataclass(frozen=True)
class Sum:
    """What must come out even: so many vials were filled, and each is somewhere."""

    filled: int
    fates: Mapping[str, int]
    stock: int

    @property
    def difference(self) -> int:
        return self.filled - sum(self.fates.values()) - self.stock


def balance(vials: Iterable[str], fates: Mapping[str, Fate]) -> Sum:
    """The vials of a subject, each in one disposition or in stock (process record, vial balance)."""
    vials = set(vials)
    counted = Counter(fates[one].how for one in vials if one in fates)
    return Sum(len(vials), {how: counted[how] for how in DISPOSITIONS}, sum(one not in fates for one in vials))


def labels_sum(states: Collection[str]) -> tuple[int, dict[str, int], int]:
    """Of the printed labels: how many, what became of them, and the difference, which must be 0."""
    return reconciled(Counter(states) | Counter({"printed": len(states)}))


@dataclass(frozen=True)
class Ending:
    """Everything that is asked before a subject is closed."""

    closed: bool
    withdrawn: bool
    given: int
    planned: int
    vials: tuple[tuple[str, str], ...]  # name and place of each vial without a disposition
    doses: tuple[int, ...]  # infusion numbers of doses without one
    running: tuple[int, ...]
    orders: tuple[int, ...]
    batches: int
    deviations: tuple[str, ...]  # the sentence of each that is not decided; "" for one that a check still covers
    holds: tuple[str, ...]
    on_its_way: tuple[str, ...]
    sterility: tuple[tuple[int, str], ...]  # infusion number, and what is missing of the sterility of its dose
    labels: tuple[int, Mapping[str, int], int]


def against_closing(end: Ending) -> Iterator[str]:
    """Every reason why this subject cannot be closed."""
    if end.closed:
        yield "This subject is closed already."
        return
    if not end.withdrawn and end.given < end.planned:
        yield f"{end.given} of {end.planned} infusions were given and the subject has not withdrawn; one or the other must be so."
    for name, where in end.vials:
        yield f"{name} has no disposition ({_inside(where)}); every vial must have exactly one."
    for number in end.doses:
        yield f"The dose of infusion {number} has no disposition; it must be given or disposed of."
    for number in end.running:
        yield f"Infusion {number} is running; its end must be in the record."
    for number in end.orders:
        yield f"The order of infusion {number} is live; it must be carried out or cancelled."
    if end.batches:
        yield f"{_many(end.batches, 'batch is', 'batches are')} not decided; each must be released or rejected."
    for sentence in end.deviations:
        yield (
            f"A deviation is not decided: {sentence}" if sentence else "A second reading is still open, and what it covers is not decided."
        )
    for why in end.holds:
        yield f"A hold is not lifted: {why}"
    for name in end.on_its_way:
        yield f"{name} was handed over and is not received; it must be received."
    for number, missing in end.sterility:
        yield f"The sterility of the dose of infusion {number} {missing}; it must be read and reviewed."
    printed, ended, difference = end.labels
    if difference:
        parts = ", ".join(f"{count} {how}" for how, count in ended.items())
        yield f"{printed} labels were printed and {printed - difference} are accounted for ({parts}); the difference must be 0."


def _inside(where: str) -> str:
    """Whereabouts inside a sentence: the name of a place keeps its capital, words do not."""
    return where[:1].lower() + where[1:] if where.startswith(("In the hands", "On its way", "Used up")) else where


def _many(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def against_printing(edition: str, roles: Collection[str]) -> Iterator[str]:
    """Every reason why this person cannot print this edition."""
    if edition == FULL_EDITION and Role.UNMASKED_QA not in roles:
        yield "The full edition shows what is masked; only unmasked QA prints it."

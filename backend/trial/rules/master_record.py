"""The master record: phases, steps, readings, and what goes into and comes out of each step.

It is data that a process engineer reads aloud and a generic step page performs: nothing in it belongs to one step by name alone.
Steps are done in the order written; a repeated phase runs once per passage until a decision ends it. No arm is known here.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import Field, StringConstraints

from backend.trial.rules.limits import Level, Limit
from backend.trial.rules.readings import Code, Reading, Value, Words
from backend.trial.rules.written import AtMost, OneOrMore, Page, Quantity, Whole, Within, Written, YesNo, one_or_more_of

StepCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-[0-9]{1,2}$")]
PhaseCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Passage = Annotated[str, StringConstraints(pattern=r"^P[0-9]$")]
Kind = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][^:;\n]{1,59}$")]
PERFORMER, VERIFIER, WITNESS = "performer", "independent verifier", "witness"
Person = Literal["performer", "independent verifier", "witness"]
People = Annotated[tuple[Person, ...], OneOrMore, one_or_more_of({"enum": [PERFORMER, VERIFIER, WITNESS]})]


@dataclass(frozen=True)
class Condition(Written):
    """An answer that something depends on: `CUL-8.next is harvest`."""

    step: str
    reading: str
    answer: str

    pattern: ClassVar[str] = r"([A-Z]{3}-[0-9]{1,2})\.([a-z][a-z0-9_]*) is (\S.*)"
    form: ClassVar[str] = "a condition, as in CUL-8.next is harvest"

    @classmethod
    def read(cls, text: str) -> Self:
        """The condition; whether the reading and the answer exist is for the folder to say."""
        found = cls._match(text)
        return cls(found[1], found[2], found[3])

    def __str__(self) -> str:
        return f"{self.step}.{self.reading} is {self.answer}"


class EquipmentKind(Page):
    """A kind of equipment that steps name; the pieces themselves are coded rows that are scanned."""

    calibrated: YesNo = Field(description="whether a piece needs a calibration in date")
    note: Words | None = None


class MaterialKind(Page):
    """A kind of material that steps name; its lots are coded rows that are scanned."""

    grade: Literal["GMP", "pharmacopoeia", "ancillary", "sterile single use"]
    origin: Literal["human", "animal", "none"] = "none"
    keep: Words
    opened: AtMost | None = Field(default=None, description="how long after opening it may be used, for one subject only")


class ContainerKind(Page):
    """A kind of container: the label it carries, and where it first comes from when no step makes it."""

    label: Code = Field(description="a label of labels.yaml")
    keep: Words
    comes_from: Literal["collection"] | None = None
    grows: YesNo = Field(default=False, description="yes: the cells in it increase, so what was put in does not say what comes out")


class MaterialUse(Page):
    """A material that a step needs: a lot of it is scanned."""

    item: Kind
    amount: Quantity | None = None


class Supplied(Page):
    """What is scanned into a step besides containers: equipment by its kind, a lot of each material."""

    equipment: tuple[Kind, ...] = ()
    materials: tuple[MaterialUse, ...] = ()

    @property
    def supplies(self) -> tuple[tuple[str, str], ...]:
        """Each as its part, equipment or material, and its kind."""
        return (*(("equipment", kind) for kind in self.equipment), *(("material", use.item) for use in self.materials))


class Containers(Page):
    """Containers of one kind that a step has to do with."""

    kind: Kind


class Each(Page):
    """The readings of the step that say how much there is: mL, and viable cells."""

    volume: Code | None = None
    cells: Code | None = None


class Uses(Containers):
    """Containers that go into a step: each is scanned and must be of this subject."""

    number: Whole | Literal["all"] = Field(description="how many; all means every one of this kind that the batch still has")
    then: Literal["used up", "kept"] = "used up"
    each: Each = Field(default=Each(), description="what each that is kept was found to hold, before anything is taken from it")


class Makes(Containers):
    """Containers that come out of a step: children of everything it used, each with its label."""

    number: Whole | Code = Field(description="how many, or the reading that says so")
    passage: Passage | Literal["same", "next"] | None = Field(default=None, description="the passage its label carries")
    each: Each = Field(default=Each(), description="what each new one holds")
    out_of: Each = Field(default=Each(), description="how much they were shared out of, where more went in than the containers used")
    label_first: YesNo = Field(default=False, description="yes: labels are printed and scanned back before anything is filled")


class Sample(Containers):
    """A sample that a step takes: a container of its own, child of `of`, for the tests named."""

    of: Kind = Field(description="the kind of container it is taken from")
    tests: tuple[Words, ...] = Field(min_length=1, description="tests of specifications.yaml")
    amount: Quantity


class Stores(Containers):
    """Containers that a step puts into places, shared out as evenly as can be over so many tanks."""

    tanks: Whole = Field(gt=0)


class Step(Supplied):
    """One step: who does it, with what, what is read, what comes of it."""

    code: StepCode
    title: Words
    do: tuple[Words, ...] = Field(default=(), description="what to do, one sentence each, in order")
    role: Literal["technician", "qa"] = "technician"
    people: People = Field(min_length=1)
    second: Literal["reread", "recount", "witnessed"] | None = Field(default=None, description="how the second person works")
    uses: tuple[Uses, ...] = ()
    readings: tuple[Reading, ...] = ()
    makes: tuple[Makes, ...] = ()
    samples: tuple[Sample, ...] = ()
    stores: tuple[Stores, ...] = ()
    within: Within | None = None
    when: Condition | None = Field(default=None, description="the step is left out when this is not so")
    from_round: Passage | None = Field(default=None, alias="from", description="the passage from which on the step is done")

    def reading(self, code: str) -> Reading | None:
        """The reading with this code."""
        return next((reading for reading in self.readings if reading.code == code), None)

    @property
    def checked(self) -> bool:
        """Whether an independent verifier reads again on a sign-in of their own."""
        return VERIFIER in self.people

    def asked_in(self, passage: str | None) -> tuple[Reading, ...]:
        """The readings that are asked in this passage (all of them outside a repeated phase)."""
        return tuple(reading for reading in self.readings if not passage or not reading.from_round or reading.from_round <= passage)


class Repeat(Page):
    """How a phase repeats: once per passage, from one, until an answer, never past another."""

    each: Literal["passage"]
    first: Passage = Field(alias="from")
    until: Condition
    earliest: Passage = Field(description="before this passage the answer that ends the repeat is not offered")
    alert: Passage | None = Field(default=None, description="from this passage on the number of passages is an alert")
    at_most: Passage

    def level(self, passage: str) -> Level:
        """What it is worth to be in this passage: an alert from `alert` on, else in limits."""
        return Level.ALERT if self.alert is not None and passage >= self.alert else Level.IN_LIMITS

    def passages(self) -> tuple[str, ...]:
        """Every passage that may happen, in order."""
        return tuple(f"P{number}" for number in range(int(self.first[1:]), int(self.at_most[1:]) + 1))


class Phase(Page):
    """Steps that belong together, the longest time they may lie open, and whether they repeat."""

    code: PhaseCode
    title: Words
    open_time: AtMost | None = Field(default=None, description="from the start of its first step to the end of its last")
    repeat: Repeat | None = None
    steps: tuple[Step, ...] = Field(min_length=1)


class Balance(Page):
    """How much may come out of a step, and how far a count may lie from the record; what is beyond is for QA to decide."""

    volume: Limit = Field(description="% of the mL that there were")
    cells: Limit = Field(description="% of the viable cells that there were")
    counts: Limit = Field(description="labels or vials between what is counted by hand and what is recorded")


class MasterRecord(Page):
    """The master record of one product, in one version."""

    record: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{1,19}$")]
    title: Words
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+$")]
    draft: YesNo = Field(description="yes: every limit here is a default that the sponsor must set")
    balance: Balance
    equipment: dict[Kind, EquipmentKind]
    materials: dict[Kind, MaterialKind]
    containers: dict[Kind, ContainerKind]
    phases: tuple[Phase, ...] = Field(min_length=1)

    def steps(self) -> Iterator[Step]:
        """Every step once, in the order written."""
        for phase in self.phases:
            yield from phase.steps

    def step(self, code: str) -> Step:
        """The step with this code; KeyError when there is none."""
        for step in self.steps():
            if step.code == code:
                return step
        raise KeyError(code)

    def phase_of(self, code: str) -> Phase:
        """The phase that holds this step; KeyError when there is none."""
        for phase in self.phases:
            if any(step.code == code for step in phase.steps):
                return phase
        raise KeyError(code)

    def options(self, step: str, reading: str, passage: str | None) -> tuple[str, ...]:
        """The options of a choice that are offered in this passage.

        The answer that ends a repeat is not offered before its earliest passage, and is the only one in the last.
        """
        asked, repeat = self.step(step).reading(reading), self.phase_of(step).repeat
        given: tuple[str, ...] = getattr(asked, "of", ()) if getattr(asked, "kind", "") == "choice" else ()
        if repeat is None or passage is None or (repeat.until.step, repeat.until.reading) != (step, reading):
            return given
        if passage < repeat.earliest:
            return tuple(option for option in given if option != repeat.until.answer)
        return (repeat.until.answer,) if passage >= repeat.at_most else given


Done: TypeAlias = tuple[str, str | None]  # step code, passage (None outside a repeated phase)
Answer: TypeAlias = Callable[[str, str | None, str], Value | None]  # (step, passage, reading) to the value in force


def due(record: MasterRecord, done: Collection[Done], answer: Answer) -> Done | None:
    """The one step that is to be done next, with its passage; None when every step is done.

    A step whose `when` is not met is left out. A repeated phase begins another passage until its condition is met.
    """
    for phase in record.phases:
        for passage in phase.repeat.passages() if phase.repeat else (None,):
            for step in phase.steps:
                if (step.code, passage) not in done and _wanted(step, passage, answer):
                    return step.code, passage
            if phase.repeat and _met(phase.repeat.until, passage, answer):
                break
    return None


def _wanted(step: Step, passage: str | None, answer: Answer) -> bool:
    if step.from_round and passage and passage < step.from_round:
        return False
    return step.when is None or _met(step.when, passage, answer)


def _met(condition: Condition, passage: str | None, answer: Answer) -> bool:
    value = answer(condition.step, passage, condition.reading)
    said = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    return said == condition.answer


def spoken(passage: str | None, step: str) -> str:
    """How a step is named aloud: `CUL-7` in P1 is `P1 CUL-7`."""
    return f"{passage} {step}" if passage else step


def without_previous(code: str) -> str:
    """The step code of one end of a time limit, `previous CUL-9` giving `CUL-9`."""
    return re.sub(r"^previous ", "", code)

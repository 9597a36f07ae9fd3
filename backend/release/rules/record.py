"""The record of one bank as QA reviews it: every row, gathered once, so that rules look at rows and at nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backend.batch.models import Batch, SampleTest
from backend.batch.rules import Course, Where
from backend.custody.models import Exposed, HandedOver, Label
from backend.custody.rules import Kept
from backend.quality.models import Deviation, DeviationDecided, Hold
from backend.testing.models import Result
from backend.testing.rules import Outcome
from backend.trial.rules import Specification, TrialFile


@dataclass(frozen=True)
class Refusal:
    """An act about this batch that was refused: what was tried, by whom, and every reason that was said."""

    seq: int
    act: str
    title: str
    reasons: tuple[str, ...]
    at: datetime
    by: str
    covered: bool = False  # its sentences quote a reading that is still covered for whoever looks (decision W3)


@dataclass(frozen=True)
class Record:
    """Everything that a decision about a bank rests on. `hidden` are the deviations that are covered for whoever looks (decision W3)."""

    batch: Batch
    course: Course
    trial: TrialFile
    subject: str
    specifications: Sequence[Specification] = ()
    withdrawn: bool = False
    status: str = "active"
    outcomes: Sequence[Outcome] = ()
    results: Sequence[Result] = ()
    sample_tests: Sequence[SampleTest] = ()
    deviations: Sequence[Deviation] = ()
    decisions: Mapping[str, DeviationDecided] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    holds: Sequence[Hold] = ()
    labels: Sequence[Label] = ()
    reconciled: tuple[int, Mapping[str, int], int] = (0, {}, 0)
    kept: Sequence[Kept] = ()
    exposures: Sequence[Exposed] = ()
    hand_overs: Sequence[HandedOver] = ()
    refusals: Sequence[Refusal] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, person: str) -> str:
        return self.names.get(person, person)

    @property
    def stored(self) -> frozenset[str]:
        """The kinds of container that the master record stores: the vials of the bank."""
        return frozenset(one.kind for step in self.course.master.steps() for one in step.stores)

    def called(self, code: str) -> str:
        """What a code of this record is, in words."""
        if code == self.batch.code:
            return "The batch"
        if code == self.batch.coi:
            return f"Subject {self.subject}"
        named = {one.container.code: one.container.name for one in self.kept}
        on = {label.code: label.of_code for label in self.labels}
        return named.get(on.get(code) or code, "The marrow")


def of_step(batch: str, where: Where) -> str:
    """The page of a step."""
    return f"/batches/{batch}/steps/{where[0]}" + (f"/{where[1]}" if where[1] else "")


def newest(results: Iterable[Result]) -> dict[tuple[str, str], Result]:
    """The result in force of each test of each sample."""
    return {(row.container_code, row.test): row for row in sorted(results, key=lambda row: row.number)}

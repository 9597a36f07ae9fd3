"""The course of a batch, read off its rows: what is done, what is next, which values are in force, and who may see them.

Nothing here is stored. A step is done when a signature stands and, where two people check, a verification stands too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias

from backend.batch.models import (
    FIRST,
    SECOND,
    Attempt,
    BatchDecision,
    Calculated,
    Reading,
    StepDeviation,
    StepMismatched,
    StepPerformed,
    StepScan,
    StepVerified,
)
from backend.trial.rules import NO_GROWTH, MasterRecord, Step, Value, due, settled, typed

CORRECTION = "batch.correct"
"""The cause of the hold that a correction places."""
Where: TypeAlias = tuple[str, str | None]  # step code, passage (None outside a repeated phase)


@dataclass(frozen=True)
class Course:
    """Every row of one batch, the master record it follows, and what quality says of it."""

    master: MasterRecord
    attempts: Sequence[Attempt] = ()
    readings: Sequence[Reading] = ()
    calculated: Sequence[Calculated] = ()
    scans: Sequence[StepScan] = ()
    performed: Sequence[StepPerformed] = ()
    verified: Sequence[StepVerified] = ()
    mismatched: Sequence[StepMismatched] = ()
    deviations: Sequence[StepDeviation] = ()
    decided: frozenset[str] = frozenset()  # deviations that QA has decided
    refused: frozenset[str] = frozenset()  # those of them that QA did not accept
    holds: Sequence[str] = ()  # why, for each hold that stands
    decision: BatchDecision | None = None

    def step(self, where: Where) -> Step:
        return self.master.step(where[0])

    # ---- who sits where, and what they read ----

    def attempt(self, where: Where, seat: str) -> Attempt | None:
        """The attempt that is open in this seat of the step."""
        return next((a for a in self.attempts if place(a) == where and a.seat == seat and a.ended_at is None), None)

    def kept(self, attempt: Attempt | None) -> dict[str, Reading]:
        """The reading in force for each field of one attempt."""
        return dict(self._kept.get(attempt.code, {})) if attempt else {}

    @cached_property
    def _kept(self) -> dict[str, dict[str, Reading]]:
        found: dict[str, dict[str, Reading]] = {}
        for row in sorted(self.readings, key=lambda row: row.number):
            found.setdefault(row.attempt_code, {})[row.field] = row
        return found

    def values(self, attempt: Attempt | None) -> dict[str, Value]:
        """The values in force of one attempt, read again from what was typed."""
        return {} if attempt is None else {field: self.value(place(attempt), row) for field, row in self.kept(attempt).items()}

    def value(self, where: Where, row: Reading) -> Value:
        asked = self.step(where).reading(row.field)
        if asked is None:
            raise KeyError(f"{where[0]} does not ask for {row.field}")
        return typed(asked, row.value, now=row.at)

    # ---- signatures ----

    def signature(self, where: Where) -> StepPerformed | None:
        """The performer's signature that stands."""
        return next((row for row in self.performed if place(row) == where and row.ended_at is None), None)

    def check(self, where: Where) -> StepVerified | None:
        """The verification that stands."""
        return next((row for row in self.verified if place(row) == where and row.ended_at is None), None)

    def finished(self, step: str, passage: str | None) -> datetime | None:
        """The moment at which the step was finished; None while it is not."""
        signed = self.signature((step, passage))
        if signed is None or not self.master.step(step).checked:
            return signed.at if signed else None
        checked = self.check((step, passage))
        return checked.at if checked else None

    def begun(self, where: Where) -> datetime | None:
        """The moment at which somebody first sat down to the step."""
        return min((a.at for a in self.attempts if place(a) == where), default=None)

    @cached_property
    def done(self) -> frozenset[Where]:
        return frozenset(where for where in {place(row) for row in self.performed} if self.finished(*where))

    @cached_property
    def in_order(self) -> tuple[Where, ...]:
        """Every finished step in the order of the master record, one passage after the other."""
        order = [
            (step.code, passage)
            for phase in self.master.phases
            for passage in (phase.repeat.passages() if phase.repeat else (None,))
            for step in phase.steps
        ]
        return tuple(where for where in order if where in self.done)

    def settled_before(self, where: Where) -> bool:
        """Whether the step was finished once already: it has made its containers, and nothing comes out of it a second time."""
        ended = self.verified if self.step(where).checked else self.performed
        return any(place(row) == where and row.ended_at is not None for row in ended)

    def reopened(self, where: Where) -> bool:
        """Whether a correction took the step's signatures away, and the corrected version is not signed by all yet (decision F2).

        It stays so when the new readings do not match or are given back: only signing leads out of it.
        """
        first = self.attempt(where, FIRST)
        signed = [row for row in self.performed if place(row) == where]
        began = any(first is not None and row.attempt_code == first.code for row in signed)
        return where not in self.done and (began or self.settled_before(where))

    def closed(self, where: Where) -> bool:
        """Whether nothing more is read in the step because QA has decided: all but a finished step that a correction re-opened."""
        return self.decision is not None and not (self.settled_before(where) and where not in self.done)

    # ---- what is in force, and what is next ----

    def answer(self, step: str, passage: str | None, field: str) -> Value | None:
        """The value in force of a finished step; None while there is none."""
        where = (step, passage)
        if where not in self.done:
            return None
        row = self.worked().get((step, passage or "", field))
        if row is not None and row.value:
            return NO_GROWTH if row.value == str(NO_GROWTH) else Decimal(row.value)
        return self.settled(where).get(field)

    def settled(self, where: Where) -> dict[str, Value]:
        """The readings of both people as one: the mean of two counts, else the first person's."""
        first, second = self.values(self.attempt(where, FIRST)), self.values(self.attempt(where, SECOND))
        recount = self.step(where).second == "recount"
        return {field: settled(value, second.get(field), recount=recount) for field, value in first.items()}

    def worked(self) -> dict[tuple[str, str, str], Calculated]:
        """The calculated value in force for each (step, passage, field)."""
        return self._worked

    @cached_property
    def _worked(self) -> dict[tuple[str, str, str], Calculated]:
        found: dict[tuple[str, str, str], Calculated] = {}
        for row in sorted(self.calculated, key=lambda row: row.number):
            found[row.step, row.passage, row.field] = row
        return found

    @cached_property
    def next(self) -> Where | None:
        """The one step that is to be done; None when the master record has been carried out."""
        return due(self.master, self.done, self.answer)

    @property
    def to_do(self) -> Where | None:
        """The step that is next, unless QA has decided and it is none that a correction re-opened."""
        return self.next if self.next and not self.closed(self.next) else None

    def scanned(self, where: Where) -> list[StepScan]:
        """What has been scanned into the step and not been taken out again."""
        return [row for row in self.scans if place(row) == where and row.ended_at is None]

    # ---- what stands in the way ----

    def waiting(self, where: Where | None = None) -> list[StepDeviation]:
        """Deviations that QA must decide before anybody goes on."""
        found = [row for row in self.deviations if row.level != "alert" and row.deviation_code not in self.decided]
        return [row for row in found if where is None or place(row) == where]

    def barred(self, where: Where) -> tuple[Sequence[str], list[StepDeviation]]:
        """The holds, and the deviations that QA has not decided, for which nobody works on this step now.

        A re-opened step is what a hold waits for: it is barred by its own mismatch alone (decisions F2, W4).
        """
        if not self.reopened(where):
            return self.holds, self.waiting()
        opened = {row.deviation_code for row in self.mismatched}
        return (), [row for row in self.waiting(where) if row.deviation_code in opened]

    @cached_property
    def stops(self) -> list[tuple[Where, str]]:
        """Values in force after which nobody may go on, with their fields."""
        found = [(place(row), row.field) for row in self.worked().values() if row.level == "stop" and place(row) in self.done]
        for where in self.done:
            found += [(where, row.field) for row in self.kept(self.attempt(where, FIRST)).values() if row.level == "stop"]
        return found

    # ---- covering (decision W3) ----

    def shows(self, where: Where, row: Reading, reader: str) -> bool:
        """Whether the reader may see a reading: their own, an unchecked one, or one that has been matched."""
        if row.by == reader or where in self.done or not self.step(where).checked or self.closed(where):
            return True
        for check in self.verified:
            signed = next(one for one in self.performed if one.code == check.performed_code)
            if place(check) == where and check.at >= row.at and row.attempt_code in (signed.attempt_code, check.attempt_code):
                return True
        return False


def place(row: Attempt | Calculated | StepScan | StepPerformed | StepVerified | StepMismatched | StepDeviation) -> Where:
    """The step and passage that a row belongs to."""
    return row.step, row.passage or None

"""The page of one step, for one viewer: what they read, what they may not see yet, what is missing, and where it lies in its limits.

What is covered is left out here, on the server; the page only says that something is covered (decision W3).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Protocol

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from backend.access.reads import names_of
from backend.access.rules import Viewer
from backend.batch.models import FIRST, SECOND, Attempt, Batch, Reading
from backend.batch.reads.rows import course_of, expected
from backend.batch.rules import (
    Course,
    Result,
    Where,
    against_sitting,
    against_working,
    asked,
    filled,
    hands,
    out_of_limits,
    unfilled,
    unread,
    unscanned,
    unstored,
    worked_out,
)
from backend.batch.rules.saying import KINDS, Gauge, gauge, in_words, level_words, limits_in_words, say, with_powers
from backend.custody.models import Container
from backend.custody.reads import tanks_of
from backend.ledger import rows_of
from backend.ledger.words import Text, words
from backend.supplies.reads import supply_names
from backend.trial.rules import Count, Level, Limit, NoGrowth, Step, spoken
from backend.trial.rules.formulas import RECOUNT_LIMIT
from backend.trial.rules.master_record import Supplied
from backend.trial.rules.readings import CountReading
from backend.trial.rules.readings import Reading as Asked


class Frozen(BaseModel):
    """A view: values only, made for one viewer."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)


class Said(Frozen):
    """One value as it is shown: its text, what the limits said of it, and when it was kept. `before` are the values it replaced."""

    text: Text
    moment: datetime | None = None
    kind: str = "go"
    word: Text = ""
    words: Text = ""
    at: datetime | None = None
    by: str = ""
    before: tuple[tuple[str, str, datetime], ...] = ()


class FieldView(Frozen):
    """One row of the table of readings."""

    code: str
    ask: str
    kind: str
    unit: str
    hint: Text
    optional: bool
    options: tuple[str, ...]
    limits: Text
    gauge: Gauge | None
    mine: Said | None
    other: Said | None


class Thing(Frozen):
    """Something that the step asks to be scanned, and what was scanned for it."""

    part: str
    kind: str
    wanted: Text
    scanned: tuple[tuple[str, Text, str], ...]  # code, name, who and when is in the history
    missing: bool


class Scanned(Protocol):
    """A lot or a piece of equipment that was scanned into a step of a batch or of a dose."""

    code: str
    part: str
    kind: str
    how: str


def supplies_wanted(names: Mapping[str, str], supplied: Supplied, rows: Sequence[Scanned]) -> list[Thing]:
    """The equipment and the materials that a step asks for, with what was scanned for each and not taken out again, by its name."""
    amounts = {use.item: use.amount for use in supplied.materials if use.amount}
    found = []
    for part, kind in supplied.supplies:
        scanned = tuple((row.code, names[row.code], row.how) for row in rows if (row.part, row.kind) == (part, kind))
        wanted = _lot_of(kind, amounts.get(kind)) if part == "material" else kind
        found.append(Thing(part=part, kind=kind, wanted=wanted, scanned=scanned, missing=not scanned))
    return found


def _lot_of(item: str, amount: object) -> str:
    return words("lot of %(item)s, %(amount)s", item=item, amount=amount) if amount else words("lot of %(item)s", item=item)


class StepView(Frozen):
    """A step at the bench."""

    batch: str
    coi: str
    step: str
    passage: str
    named: str
    title: str
    phase: str
    place: tuple[int, int]
    record: str
    do: tuple[str, ...]
    second: str
    seat: str
    state: str
    performer: str
    performed_at: datetime | None
    verifier: str
    verified_at: datetime | None
    sample: str
    fields: tuple[FieldView, ...]
    things: tuple[Thing, ...]
    label_first: str
    label_first_number: str
    stores: bool
    against: tuple[str, ...]
    missing: tuple[str, ...]
    notices: tuple[tuple[str, str], ...]
    mismatched: int
    on_hold: bool
    may_correct: bool
    signed_before: tuple[tuple[str, datetime], ...]


def step_view(session: Session, batch: Batch, where: Where, viewer: Viewer) -> StepView:
    """The step as this viewer may see it now."""
    return Bench(session, batch, where, viewer).view()


class Bench:
    """One viewer before one step: the rows and what follows from them, worked out once."""

    def __init__(self, session: Session, batch: Batch, where: Where, viewer: Viewer) -> None:
        self.session, self.batch, self.where, self.viewer = session, batch, where, viewer
        self.course: Course = course_of(session, batch)
        self.step: Step = self.course.step(where)
        self.first, self.second = self.course.attempt(where, FIRST), self.course.attempt(where, SECOND)
        self.signed, self.checked = self.course.signature(where), self.course.check(where)
        self.names = names_of(
            session, {row.person for row in self.course.attempts} | {row.by for row in self.course.performed} | {batch.by}
        )
        self.against = (*against_working(self.course, where, viewer.roles), *against_sitting(self.course, where, viewer.person, self.names))
        self.seat = self._seat()
        self.mine = self.second if self.seat == SECOND else self.first

    def _seat(self) -> str:
        """Where the viewer sits: in the second seat of an open check unless the first reading is theirs; "" when they only look."""
        if self.where in self.course.done or not self.step.checked:
            return FIRST
        if self.signed is None:
            return FIRST
        return FIRST if self.viewer.person in hands(self.course, self.where) else SECOND

    def state(self) -> str:
        """done, signed (waits for the second person), second (they read now), open (first reading), or barred."""
        if self.where in self.course.done:
            return "done"
        if self.signed is not None:
            return "second" if self.seat == SECOND and not self.against else "signed"
        return "barred" if self.against else "open"

    def sees(self, row: Reading) -> bool:
        return self.course.shows(self.where, row, self.viewer.person)

    def view(self) -> StepView:
        course, step, batch = self.course, self.step, self.batch
        phase = course.master.phase_of(step.code)
        codes = [one.code for one in phase.steps]
        there = expected(self.session, batch, course, self.where)
        makes = next((one for one in step.makes if one.label_first), None)
        return StepView(
            batch=batch.code, coi=batch.coi, step=step.code, passage=self.where[1] or "", named=spoken(self.where[1], step.code),
            title=step.title, phase=phase.title, place=(codes.index(step.code) + 1, len(codes)),
            record=f"{course.master.record} {course.master.version}", do=tuple(with_powers(one) for one in step.do),
            second=step.second or "", seat=self.seat,
            state=self.state(), performer=self._name(self.signed.by if self.signed else self.first.person if self.first else ""),
            performed_at=self.signed.at if self.signed else None, verifier=self._name(self._second_person()),
            verified_at=self.checked.at if self.checked else None, sample="B" if self.seat == SECOND else "A",
            fields=tuple(self._fields()), things=tuple(self._things(there)), label_first=makes.kind if makes else "",
            label_first_number=str(makes.number) if makes else "", stores=bool(step.stores), against=self.against,
            missing=tuple(self._missing(there)),
            notices=tuple(self._notices()), mismatched=sum(1 for row in course.mismatched if (row.step, row.passage or None) == self.where),
            on_hold=bool(course.holds),
            may_correct=self.signed is not None and (self.where in course.done or not course.closed(self.where)),
            signed_before=tuple((self._name(one.by), one.at) for one in course.performed if self._superseded(one)),
        )  # fmt: skip

    def _superseded(self, row: object) -> bool:
        return (getattr(row, "step", ""), getattr(row, "passage", "") or None) == self.where and getattr(row, "ended_at", None) is not None

    def _second_person(self) -> str:
        if self.checked:
            return self.checked.by
        return self.signed.witness or "" if self.signed and self.signed.witness else self.second.person if self.second else ""

    def _name(self, person: str) -> str:
        if person and person not in self.names:
            self.names = self.names | names_of(self.session, [person])
        return self.names.get(person, person)

    # ---- readings ----

    def _visible(self, attempt: Attempt | None) -> dict[str, Reading]:
        return {field: row for field, row in self.course.kept(attempt).items() if self.sees(row)}

    def _fields(self) -> list[FieldView]:
        mine, other = self._visible(self.mine), self._visible(self.first if self.seat == SECOND else self.second)
        results = {} if self.seat == SECOND and self.where not in self.course.done else self.results()
        wanted = {one.code for one in asked(self.step, self.where[1], self.seat or FIRST)}
        return [
            self._field(one, mine.get(one.code), other.get(one.code), results.get(one.code))
            for one in self.step.asked_in(self.where[1])
            if one.kind == "formula" or one.code in wanted or one.code in mine
        ]

    def results(self) -> dict[str, Result]:
        """Calculated values that this viewer may see: those kept, or, before the signature, from what they have read themselves."""
        if self.where in self.course.done:
            values = self.course.settled(self.where)
        else:
            values = {field: self.course.value(self.where, row) for field, row in self._visible(self.first).items()}
        return {one.field: one for one in worked_out(self.course, self.where, values)}

    def _field(self, reading: Asked, mine: Reading | None, other: Reading | None, result: Result | None) -> FieldView:
        value = self.course.value(self.where, mine) if mine else None
        if result is not None and result.value:
            value = NoGrowth() if result.value == str(NoGrowth()) else Decimal(result.value)
        options = self.course.master.options(self.step.code, reading.code, self.where[1])
        return FieldView(
            code=reading.code, ask=reading.ask, kind=reading.kind,
            unit="cells" if reading.kind == "count" else getattr(reading, "unit", ""),
            hint=self._hint(reading), optional=reading.optional, options=options,
            limits=self._limits(reading), gauge=gauge(reading, value if isinstance(value, Decimal) else None),
            mine=self._said(reading, mine, self.mine) if mine else said_of_result(reading, result) if result else None,
            other=self._said(reading, other, self.first if self.seat == SECOND else self.second) if other else None,
        )  # fmt: skip

    def _hint(self, reading: Asked) -> str:
        """What stands in small letters under the question."""
        if isinstance(reading, CountReading):
            return words("%(number)s squares, 1:%(dilution)s, one number each", number=reading.squares, dilution=reading.dilution)
        return words("calculated, not rounded") if reading.kind == "formula" else ""

    def _limits(self, reading: Asked) -> str:
        """What is asked of a value, in words: its limits, or for a count how it is compared."""
        if not isinstance(reading, CountReading):
            return limits_in_words(reading)
        if not reading.compare:
            return words("Counted by both and averaged; not compared.") if self.step.second == "recount" else ""
        if self.step.second != "recount":
            return words("At least 200 cells in all.")
        return words("At least 200 cells in all. Both counts within %(limit)s %% of their mean.", limit=RECOUNT_LIMIT)

    def _said(self, reading: Asked, row: Reading, attempt: Attempt | None) -> Said:
        seen = [
            one for one in self.course.readings
            if attempt and one.attempt_code == attempt.code and one.field == row.field and one.number <= row.number and self.sees(one)
        ]  # fmt: skip
        before = tuple((old.value, new.why, old.at) for old, new in pairwise(sorted(seen, key=lambda one: one.number)))
        value = self.course.value(self.where, row)
        total = in_words(value) if isinstance(value, Decimal) else total_of(value) if isinstance(value, Count) else ""
        return Said(
            text=row.value, moment=value if isinstance(value, datetime) else None, kind=KINDS[Level(row.level)],
            word=level_words(row.level, row.limit, row.unit), words=total, at=row.at,
            by=self._name(row.by), before=before,
        )  # fmt: skip

    # ---- what is scanned ----

    def _things(self, there: Mapping[str, list[Container]]) -> list[Thing]:
        rows = self.course.scanned(self.where)
        found = supplies_wanted(supply_names(self.session, [row.code for row in rows]), self.step, rows)
        boxes = rows_of(self.session, Container, [row.code for row in rows if row.part in {"uses", "makes"}])
        for uses in self.step.uses:
            number = max(len(there.get(uses.kind, ())), 1) if uses.number == "all" else uses.number
            scanned = tuple((row.code, boxes[row.code].name, row.how) for row in rows if row.part == "uses" and row.kind == uses.kind)
            number = max(number, len(scanned)) if self.where in self.course.done else number
            several = words("%(number)s of %(all)s %(what)s", number=len(scanned), all=number, what=uses.kind)
            wanted = several if number > 1 else uses.kind
            found.append(Thing(part="uses", kind=uses.kind, wanted=wanted, scanned=scanned, missing=len(scanned) < number))
        for makes in self.step.makes:
            if makes.label_first:
                scanned = tuple((row.code, boxes[row.code].name, row.how) for row in rows if row.part == "makes")
                wanted = words("%(number)s filled %(what)s", number=len(scanned), what=makes.kind)
                found.append(Thing(part="makes", kind=makes.kind, wanted=wanted, scanned=scanned, missing=not scanned))
        return found

    # ---- what is missing, and what must be said ----

    def _missing(self, there: Mapping[str, list[Container]]) -> list[str]:
        if self.state() == "second":
            return list(unread(self.course, self.where, SECOND, self.second))
        if self.state() != "open":
            return []
        values = self.course.values(self.first)
        found = [*unread(self.course, self.where, FIRST, self.first)]
        found += unscanned(self.course, self.where, {kind: [one.code for one in many] for kind, many in there.items()})
        found += unfilled(self.course, self.where, filled(self.course, self.where, values, worked_out(self.course, self.where, values)))
        for stores in self.step.stores if self.course.decision is None else ():
            found += unstored(
                self.course, self.where, tanks_of(self.session, [one.code for one in there[stores.kind]]), len(there[stores.kind])
            )
        return found

    def _notices(self) -> list[tuple[str, str]]:
        """What must be said of the values that this viewer sees: decide and stop levels, each in its sentence."""
        return [] if self.seat == SECOND and self.where not in self.course.done else list(notices_of(self))


def notices_of(bench: Bench) -> list[tuple[str, str]]:
    """(kind, sentence) for each visible value that QA must decide on or that stops the batch."""
    visible = bench._visible(bench.first)
    values = {field: bench.course.value(bench.where, row) for field, row in visible.items()}
    found = out_of_limits(bench.course, bench.where, values, list(bench.results().values()))
    return [(str(one.level), one.sentence) for one in found]


def said_of_result(reading: Asked, result: Result) -> Said:
    """A calculated value as it is shown."""
    if not result.value:
        return Said(text="–", kind="stop", word=words("Cannot be worked out"), words=result.why)
    limits = [one for level in (Level.ALERT, Level.DECIDE, Level.STOP) for one in reading.limits.at(level) if isinstance(one, Limit)]
    unit = UNITS.get(result.unit, result.unit)
    value = words("no growth") if result.value == str(NoGrowth()) else f"{say(Decimal(result.value), limits)} {unit}".strip()
    limit = "" if result.value == str(NoGrowth()) else str(result.verdict.limit or "")
    return Said(text=value, kind=KINDS[result.verdict.level], word=level_words(str(result.verdict.level), limit, result.unit))


UNITS = {"cells": "", "doublings": "", "vials": "vials"}


def total_of(value: Count) -> str:
    """How many cells were seen in all squares."""
    return words("%(number)s in all", number=value.seen)

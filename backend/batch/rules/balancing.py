"""What is in every container of a batch, step by step, and whether more came out of a step than there was.

Each step is balanced by itself, from the values in force. In volume it is when all that went in is known: what the containers that it used
held, and the liquids whose amount the master record states. A liquid of unstated amount (medium, wash) makes the volume grow, so such a
step is balanced only where the record names the reading of how much there was in the end (`out_of`). In viable cells it is when those of
everything used are known and cells do not grow in that kind of container. What is left over is no fault: losses have limits of their own.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from backend.batch.models import StepScan
from backend.batch.rules.course import Course, Where
from backend.batch.rules.saying import say
from backend.batch.rules.settling import Found
from backend.trial.rules import Level, Limit, Step, spoken
from backend.trial.rules.formulas import EXACT
from backend.trial.rules.master_record import Each, Makes, Sample

SOLID = "sterile single use"  # the grade of materials that add nothing to a volume
MILLILITRES, CELLS = "mL", "viable cells"
TAKEN, MEASURED = "came out of", "were measured where there were"
Made: TypeAlias = Mapping[tuple[Where, str], Collection[str]]  # step and kind to the containers that came out of it


@dataclass(frozen=True)
class Held:
    """How much is in a container, as far as it is known: mL, and viable cells."""

    volume: Decimal | None = None
    cells: Decimal | None = None

    def times(self, part: Decimal, of: Decimal) -> "Held":
        """`part` of `of` of the same suspension; nothing of nothing, and never less."""
        share = (max(part, Decimal(0)), of) if of > 0 else (Decimal(0), Decimal(1))
        return Held(*(None if one is None else EXACT.divide(EXACT.multiply(one, share[0]), share[1]) for one in (self.volume, self.cells)))


@dataclass(frozen=True)
class Sum:
    """How much there was, and how much came out of it or was measured there."""

    unit: str
    before: Decimal
    after: Decimal
    how: str = TAKEN


class Contents:
    """What every container of a batch holds after the finished steps (`held`), and the sums of each of them (`sums`).

    `began` is what containers held that no step made. A step that a correction re-opened counts for nothing until it is signed again.
    """

    def __init__(self, course: Course, made: Made, began: Mapping[str, Held]) -> None:
        self.course, self.made, self.held = course, made, dict(began)
        self.sums: dict[Where, list[Sum]] = {}
        for where in course.in_order:
            step, used = course.step(where), [row for row in course.scanned(where) if row.part == "uses"]
            self.sums[where] = [*self._measured(where, step, used), *self._taken(where, step, used)]

    def _measured(self, where: Where, step: Step, used: Sequence[StepScan]) -> Iterator[Sum]:
        """What containers that are kept were found to hold."""
        readings = {uses.kind: uses.each for uses in step.uses}
        for row in used:
            before, read = self._of(row.code), self._read(where, readings.get(row.kind, Each()))
            yield from _sum(MILLILITRES, _all(before.volume, self._added(step)), read.volume, MEASURED)
            yield from _sum(CELLS, self._cells(row), read.cells, MEASURED)
            self.held[row.code] = Held(
                before.volume if read.volume is None else read.volume, before.cells if read.cells is None else read.cells
            )

    def _taken(self, where: Where, step: Step, used: Sequence[StepScan]) -> Iterator[Sum]:
        """What samples and new containers took out of the containers used, which hold so much less when they are kept."""
        there, first = self._there(where, step, used), {row.kind: row.code for row in reversed(used)}
        sampled = [self._draw(first[one.of], one) for one in step.samples if one.of in first]
        made = [self._make(where, one) for one in step.makes]
        volume, cells = _some(*(one.volume for one in made)), _some(*(one.cells for one in made))
        yield from _sum(MILLILITRES, there.volume, _some(volume, *(one.volume for one in sampled)))
        if cells is not None:
            yield from _sum(CELLS, there.cells, _some(cells, *(one.cells for one in sampled)))
        self._leave(step, used, Held(volume, cells))
        for one in step.samples:
            for code in [] if one.of in first else list(self.made.get((where, one.of), ()))[:1]:
                yield from _sum(MILLILITRES, self._of(code).volume, self._draw(code, one).volume)

    def _there(self, where: Where, step: Step, used: Sequence[StepScan]) -> Held:
        """How much there was to take from: what the master record names, else everything that went in."""
        named = [self._read(where, makes.out_of) for makes in step.makes]
        volume, cells = _some(*(one.volume for one in named)), _some(*(one.cells for one in named))
        all_in = self._in(step, used)
        return Held(all_in.volume if volume is None else volume, all_in.cells if cells is None else cells)

    def _in(self, step: Step, used: Sequence[StepScan]) -> Held:
        """Everything that the containers used hold, with what is added; unknown when one part of it is."""
        if not used:
            return Held()
        return Held(_all(self._added(step), *(self._of(row.code).volume for row in used)), _all(*(self._cells(row) for row in used)))

    def _leave(self, step: Step, used: Sequence[StepScan], made: Held) -> None:
        """What was filled into new containers is no longer in those that are kept: by its cells where they are known, else by volume."""
        left, kept = self._in(step, used), {uses.kind for uses in step.uses if uses.then == "kept"}
        part, of = (made.cells, left.cells) if made.cells is not None and left.cells is not None else (made.volume, left.volume)
        for row in used:
            if row.kind in kept and part is not None and of is not None:
                self.held[row.code] = self._of(row.code).times(EXACT.subtract(of, part), of)

    def _draw(self, code: str, sample: Sample) -> Held:
        """A sample is of the same suspension as the container it is taken from."""
        before, amount = self._of(code), sample.amount.number
        if before.volume is None:
            return Held(amount)
        self.held[code] = before.times(EXACT.subtract(before.volume, amount), before.volume)
        return Held(amount, None if self._grows(sample.of) else before.times(amount, before.volume).cells)

    def _make(self, where: Where, makes: Makes) -> Held:
        """What all new containers of one kind hold together."""
        each, number = self._read(where, makes.each), self._number(where, makes.number)
        self.held |= dict.fromkeys(self.made.get((where, makes.kind), ()), each)
        if number is None:
            return Held()
        return Held(*(None if one is None else EXACT.multiply(one, number) for one in (each.volume, each.cells)))

    def _of(self, code: str) -> Held:
        return self.held.get(code, Held())

    def _cells(self, row: StepScan) -> Decimal | None:
        """The viable cells in a container that is used; unknown where they grew since they were put in."""
        return None if self._grows(row.kind) else self._of(row.code).cells

    def _grows(self, kind: str) -> bool:
        return self.course.master.containers[kind].grows

    def _added(self, step: Step) -> Decimal | None:
        """The mL that a step adds; None when a liquid goes in and the master record does not state how much."""
        liquids = [use.amount for use in step.materials if self.course.master.materials[use.item].grade != SOLID]
        return _all(Decimal(0), *(one.number if one is not None and one.unit == MILLILITRES else None for one in liquids))

    def _read(self, where: Where, each: Each) -> Held:
        return Held(*(self._number(where, code) for code in (each.volume, each.cells)))

    def _number(self, where: Where, said: str | int | None) -> Decimal | None:
        value = self.course.answer(*where, said) if isinstance(said, str) else said
        return Decimal(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else None


def _all(*parts: Decimal | None) -> Decimal | None:
    """The sum when every part is known."""
    return None if None in parts else _some(*parts)


def _some(*parts: Decimal | None) -> Decimal | None:
    """The sum of the parts that are known; None when none is."""
    known = [one for one in parts if one is not None]
    total = Decimal(0)
    for one in known:
        total = EXACT.add(total, one)
    return total if known else None


def _sum(unit: str, before: Decimal | None, after: Decimal | None, how: str = TAKEN) -> Iterator[Sum]:
    if before is not None and after is not None:
        yield Sum(unit, before, after, how)


def unbalanced(course: Course, where: Where, sums: Iterable[Sum]) -> Iterator[Found]:
    """Every sum of a step in which more came out than the limit of the master record allows."""
    for one in sums:
        limit = course.master.balance.volume if one.unit == MILLILITRES else course.master.balance.cells
        most = share_of(limit, one.before)
        if one.after and not most.met_by(one.after):
            after, before, allowed = (say(number, [most]) for number in (one.after, one.before, Decimal(most.text)))
            must = f"it must be {'at most' if limit.high_included else 'below'} {allowed} {one.unit}, {limit.high} % of it"
            yield Found(Level.DECIDE, f"{after} {one.unit} {one.how} {before} {one.unit}; {must}.", f"{spoken(where[1], where[0])} balance")


def share_of(limit: Limit, before: Decimal) -> Limit:
    """How much may come out of `before`, given how many per cent of it may."""
    most = EXACT.divide(EXACT.multiply(limit.high or Decimal(0), before), Decimal(100))
    return Limit(None, False, most, limit.high_included, str(most))

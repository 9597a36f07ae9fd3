"""How the cells of a batch grew: a row for each passage, and the same as a chart over the days since the collection."""

from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil, floor

from sqlmodel import Session

from backend.batch.models import Calculated
from backend.batch.reads.bench import Frozen
from backend.batch.reads.rows import batch_of, course_of
from backend.batch.rules import Course
from backend.batch.rules.saying import say
from backend.collection.reads import collected
from backend.trial.reads import folder

LEFT, RIGHT, TOP, BOTTOM = 46, 420, 12, 246  # of the 440 by 290 drawing
MINUTES = 24 * 60  # of a day
WEEK = 5  # days between two marks of the axis
POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Growth(Frozen):
    """How one passage grew."""

    passage: str
    days: str
    cells: str
    viability: str
    doublings: str
    doubling_time: str
    level: str


class Mark(Frozen):
    """A place on one axis of the chart and what stands there."""

    at: str
    text: str


class Counted(Frozen):
    """The viable cells of one passage in the coordinates of the drawing; `note` says how fast they doubled, `rises` that there are more."""

    x: str
    y: str
    day: int
    text: str
    note: str
    rises: bool


class Chart(Frozen):
    """Viable cells on a logarithmic scale over days since the collection, with the smallest bank as a line."""

    days: tuple[Mark, ...]
    powers: tuple[Mark, ...]
    minimum: Mark
    points: tuple[Counted, ...]

    @property
    def path(self) -> str:
        """The line through the points."""
        return "M" + "L".join(f"{one.x} {one.y}" for one in self.points)


def _worked(course: Course, field: str) -> dict[str, Calculated]:
    """By passage, what was worked out last under this name in the phase that is repeated; a passage without it is left out."""
    repeated = next((phase for phase in course.master.phases if phase.repeat), None)
    if repeated is None or repeated.repeat is None:
        return {}
    rows, codes = course.worked(), [step.code for step in repeated.steps]
    found = {passage: next((rows[one, passage, field] for one in codes if (one, passage, field) in rows), None)
             for passage in repeated.repeat.passages()}  # fmt: skip
    return {passage: row for passage, row in found.items() if row is not None}


def _said(row: Calculated | None) -> str:
    if row is None:
        return ""
    try:
        return say(Decimal(row.value))
    except ArithmeticError:
        return row.value or "–"


def _first(course: Course, row: Calculated) -> Calculated:
    """The value as it was first worked out: a correction months later moves no count to another day."""
    same = (one for one in course.calculated if (one.step, one.passage, one.field) == (row.step, row.passage, row.field))
    return min(same, key=lambda one: one.number)


def growth(course: Course) -> list[Growth]:
    """Each passage that was counted and settled: cells, viability, doublings, doubling time."""
    cells = _worked(course, "total")
    viability, doublings, hours, elapsed = (_worked(course, one) for one in ("viability", "doublings", "doubling_time", "elapsed"))
    return [
        Growth(
            passage=passage, days=f"{Decimal(elapsed[passage].value) / 24:.1f}" if passage in elapsed else "", cells=_said(row),
            viability=_said(viability.get(passage)), doublings=_said(doublings.get(passage)), doubling_time=_said(hours.get(passage)),
            level=hours[passage].level if passage in hours else "in limits",
        )
        for passage, row in cells.items()
    ]  # fmt: skip


def chart_of(session: Session, code: str) -> Chart | None:
    """The chart of one batch; None while no passage was counted."""
    batch = batch_of(session, code)
    taken, trial = collected(session, batch.collection_code), folder(session, batch.folder_code).trial
    return chart(course_of(session, batch), taken.ended_at if taken else batch.at, trial.bank.minimum.number)


def chart(course: Course, collected_at: datetime, minimum: Decimal) -> Chart | None:
    """The growth as it is drawn; None while no passage was counted. `minimum`: the viable cells of the smallest bank."""
    hours = _worked(course, "doubling_time")
    counted = [(passage, Decimal((_first(course, row).at - collected_at) // timedelta(minutes=1)) / MINUTES, Decimal(row.value))
               for passage, row in _worked(course, "total").items() if row.value and Decimal(row.value) > 0]  # fmt: skip
    if not counted:
        return None
    last = WEEK * max(1, ceil(max(day for _, day, _ in counted) / WEEK))
    amounts = [minimum, *(cells for _, _, cells in counted)]
    low, high = floor(min(amounts).log10()), ceil(max(amounts).log10())
    high = max(high, low + 1)

    def x(day: Decimal) -> str:
        return f"{LEFT + (RIGHT - LEFT) * day / last:.1f}"

    def y(cells: Decimal) -> str:
        return f"{BOTTOM - (BOTTOM - TOP) * (cells.log10() - low) / (high - low):.1f}"

    return Chart(
        days=tuple(Mark(at=x(Decimal(day)), text=str(day)) for day in range(0, last + 1, WEEK)),
        powers=tuple(Mark(at=y(Decimal(10) ** power), text="10" + str(power).translate(POWERS)) for power in range(low, high + 1)),
        minimum=Mark(at=y(minimum), text=say(minimum)),
        points=tuple(
            Counted(
                x=x(day), y=y(cells), day=floor(day), text=f"{passage} {say(cells)}", note=_said(hours.get(passage)), rises=cells >= before,
            )
            for (passage, day, cells), before in zip(counted, [Decimal(0), *(one[2] for one in counted)], strict=False)
        ),
    )  # fmt: skip

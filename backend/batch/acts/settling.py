"""What follows when a step is settled: values are worked out, containers come out, what went in is used up, deviations open.

One idea: everything happens in the act that made both readings one, so nothing can lie between a signature and its consequences.
"""

from collections.abc import Iterable, Mapping

from sqlmodel import col, select

from backend.batch.acts.making import make_all, use_up_all
from backend.batch.models import Batch, Calculated, StepDeviation
from backend.batch.reads import course_of
from backend.batch.reads.contents import contents_of, counts_of
from backend.batch.rules import (
    Contents,
    Course,
    Found,
    Result,
    Where,
    changed,
    miscounted,
    of_record,
    out_of_limits,
    overruns,
    unbalanced,
    worked_out,
)
from backend.custody.acts import measure
from backend.custody.models import Amount, Container, UsedUp
from backend.ledger import Now
from backend.quality.acts import open_deviation
from backend.trial.rules import Value, spoken

GRADES = {"alert": "minor", "decide": "major", "stop": "critical"}


def settle(now: Now, batch: Batch, where: Where) -> None:
    """A step whose readings now stand has its calculated values, its containers and its deviations, and later steps are reckoned anew."""
    course = course_of(now.session, batch)
    values, again = course.settled(where), course.settled_before(where)
    results = worked_out(course, where, values)
    keep_results(now, batch, course, where, results)
    if not again:
        keep_results(now, batch, course, where, of_record(course, where, counts_of(now.session, batch, course, where)))
    make_all(now, batch, course, where, values, results)
    notice(now, batch, course, where, values, results, again)
    now.session.flush()
    if again:
        _reckon_anew(now, batch, where)
    balance(now, batch, where, again)


def keep_results(now: Now, batch: Batch, course: Course, where: Where, results: list[Result]) -> None:
    """Every calculated value is kept; one that was kept before stays, and the new one has the next number."""
    kept = course.worked()
    for result in results:
        before = kept.get((where[0], where[1] or "", result.field))
        if before is None or before.value != result.value:
            now.add(Calculated(
                batch_code=batch.code, step=where[0], passage=where[1] or "", field=result.field,
                number=before.number + 1 if before else 1, value=result.value, unit=result.unit, formula=result.formula,
                level=str(result.verdict.level), limit="" if result.why else str(result.verdict.limit or ""), why=result.why, at=now.at,
            ))  # fmt: skip


def notice(
    now: Now, batch: Batch, course: Course, where: Where, values: Mapping[str, Value], results: list[Result], again: bool = False
) -> None:
    """Everything out of the ordinary is a deviation; what was said of this step before is not said twice.

    How long it took is said when it was first finished: a correction months later is no phase that lay open for months (`again`).
    """
    found: list[Found] = [*out_of_limits(course, where, values, results)]
    if not again:
        found += overruns(course, where, now.at)
    tell(now, batch, course, where, found)


def tell(now: Now, batch: Batch, course: Course, where: Where, found: Iterable[Found]) -> None:
    """Each is a deviation, once."""
    said = {row.sentence for row in course.deviations}
    for one in found:
        sentence = f"{spoken(where[1], where[0])}: {one.sentence}"
        if sentence not in said:
            told(now, batch, where, str(one.level), sentence, one.rule)


def balance(now: Now, batch: Batch, where: Where, again: bool) -> None:
    """Every container holds what the readings say, what was used up is empty, and more than there was, or another count, is a deviation.

    A corrected value is told of every later step as well, for what was in a container is what later steps took from.
    """
    course = course_of(now.session, batch)
    contents = contents_of(now.session, batch, course)
    carry(now, contents)
    use_up_all(now, course, where)
    for step in course.in_order[course.in_order.index(where) :] if again else (where,):
        tell(now, batch, course, step, [*unbalanced(course, step, contents.sums[step]), *miscounted(course, step, course.settled(step))])


def carry(now: Now, contents: Contents) -> None:
    """What is in each container that is not used up is in the record; what is not known any more stays as it was said last."""
    codes = list(contents.held)
    empty = set(now.session.exec(select(UsedUp.container_code).where(col(UsedUp.container_code).in_(codes))))
    amounts = now.session.exec(select(Amount).where(col(Amount.container_code).in_(codes)).order_by(col(Amount.at)))
    kept = {row.container_code: (row.volume_ml, row.cells) for row in amounts}
    for code in codes:
        before, held = kept.get(code, (None, None)), contents.held[code]
        found = (before[0] if held.volume is None else held.volume, before[1] if held.cells is None else held.cells)
        if code not in empty and found != before:
            measure(now, now.session.get_one(Container, code), *found)


def told(now: Now, batch: Batch, where: Where, level: str, sentence: str, rule: str) -> StepDeviation:
    """A deviation about the batch is open, and the record knows which step it is of."""
    opened = open_deviation(now, about=batch.code, sentence=sentence, grade=GRADES[level], rule=rule)
    return now.add(StepDeviation(
        deviation_code=opened.code, batch_code=batch.code, step=where[0], passage=where[1] or "", level=level, sentence=sentence, at=now.at,
    ))  # fmt: skip


def _reckon_anew(now: Now, batch: Batch, where: Where) -> None:
    """A corrected value changes what later steps worked out from it; they get a new number and, out of limits, a deviation."""
    for other in course_of(now.session, batch).in_order:
        course = course_of(now.session, batch)
        if other != where and (results := changed(course, other)):
            keep_results(now, batch, course, other, results)
            notice(now, batch, course, other, course.settled(other), results, again=True)
            now.session.flush()

"""What follows when a step is settled: values are worked out, containers come out, what went in is used up, deviations open.

One idea: everything happens in the act that made both readings one, so nothing can lie between a signature and its consequences.
"""

from collections.abc import Mapping

from backend.batch.acts.making import make_all
from backend.batch.models import Batch, Calculated, StepDeviation
from backend.batch.reads import course_of
from backend.batch.rules import Course, Found, Result, Where, changed, out_of_limits, overruns, worked_out
from backend.ledger import Now
from backend.quality.acts import open_deviation
from backend.trial.rules import Value, spoken

GRADES = {"alert": "minor", "decide": "major", "stop": "critical"}


def settle(now: Now, batch: Batch, where: Where) -> None:
    """A step whose readings now stand has its calculated values, its containers and its deviations, and later steps are reckoned anew."""
    course = course_of(now.session, batch)
    values = course.settled(where)
    results = worked_out(course, where, values)
    keep_results(now, batch, course, where, results)
    make_all(now, batch, course, where, values, results)
    again = course.settled_before(where)
    notice(now, batch, course, where, values, results, again)
    if again:
        now.session.flush()
        _reckon_anew(now, batch, where)


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
    said = {row.sentence for row in course.deviations}
    found: list[Found] = [*out_of_limits(course, where, values, results)]
    if not again:
        found += overruns(course, where, now.at)
    for one in found:
        sentence = f"{spoken(where[1], where[0])}: {one.sentence}"
        if sentence not in said:
            told(now, batch, where, str(one.level), sentence, one.rule)


def told(now: Now, batch: Batch, where: Where, level: str, sentence: str, rule: str) -> StepDeviation:
    """A deviation about the batch is open, and the record knows which step it is of."""
    opened = open_deviation(now, about=batch.code, sentence=sentence, grade=GRADES[level], rule=rule)
    return now.add(StepDeviation(
        deviation_code=opened.code, batch_code=batch.code, step=where[0], passage=where[1] or "", level=level, sentence=sentence, at=now.at,
    ))  # fmt: skip


def _reckon_anew(now: Now, batch: Batch, where: Where) -> None:
    """A corrected value changes what later steps worked out from it; they get a new number and, out of limits, a deviation."""
    course = course_of(now.session, batch)
    order = [step.code for step in course.master.steps()]
    later = sorted(course.done - {where}, key=lambda one: (one[1] or "", order.index(one[0])))
    for other in later:
        course = course_of(now.session, batch)
        if results := changed(course, other):
            keep_results(now, batch, course, other, results)
            notice(now, batch, course, other, course.settled(other), results, again=True)
            now.session.flush()

"""What was out of the ordinary beside the bench: deviations, holds, labels, custody, tests, and acts that were refused.

Each kind of exception is one function over the record, in its own words.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from backend.batch.rules.saying import limit_words
from backend.release.rules.bench import OVERRUNS, Notable, exact
from backend.release.rules.record import Record, Refusal, newest
from backend.testing.models import CORRECTION, FIRST, IN, INCONCLUSIVE, OUT, Result
from backend.trial.rules import Limit

NEAR = Decimal("0.1")
"""How much of the room between a limit and the end of its scale counts as near; draft."""
HUNDRED = Decimal(100)


def open_deviations(record: Record, _: str) -> Iterator[Notable]:
    """Deviations that QA must decide; a covered one without its text (decision W3)."""
    for row in record.deviations:
        if row.code in record.hidden:
            said = "A deviation that a second reading covers until it is closed."
            yield Notable(said, row.at, "", f"/batches/{record.batch.code}", record.batch.code, True)
        elif row.code not in record.decisions and not row.rule.endswith(OVERRUNS):
            yield Notable(f"{row.grade.capitalize()}. {row.sentence}", row.at, row.by, f"/deviations/{row.code}", row.code, True)


def decided_deviations(record: Record, _: str) -> Iterator[Notable]:
    """Deviations that QA accepted or did not accept, with why."""
    for row in record.deviations:
        made = record.decisions.get(row.code)
        if made and not row.rule.endswith(OVERRUNS):
            word = "accepted" if made.accepted else "did not accept"
            said = f"{row.grade.capitalize()}. {row.sentence} QA {word} it: {made.why}"
            yield Notable(said, made.at, made.by, f"/deviations/{row.code}", row.code)


def holds(record: Record, _: str) -> Iterator[Notable]:
    """Holds, lifted or not."""
    for row in record.holds:
        if row.ended_at and row.ended_by:
            said = f"{record.called(row.about)} was on hold: {row.why} QA lifted it: {row.ended_why}"
            yield Notable(said, row.ended_at, row.ended_by, f"/holds/{row.code}", row.code)
        else:
            yield Notable(f"{record.called(row.about)} is on hold: {row.why}", row.at, row.by, f"/holds/{row.code}", row.code, True)


def refused(record: Record, _: str) -> Iterator[Notable]:
    """Acts about this batch that the program refused: another subject's container at the bench, a void label, a wrong order."""
    for row in record.refusals:
        yield Notable(_refused(row), row.at, row.by, f"/history?code={record.batch.code}&act={row.act}", record.batch.code)


def _refused(row: Refusal) -> str:
    return f"{row.title}: {'what was said is covered by an open second reading.' if row.covered else ' '.join(row.reasons)}"


def reprinted(record: Record, _: str) -> Iterator[Notable]:
    """Labels that took the place of another one."""
    named = {one.container.code: one.container.name for one in record.kept}
    why = {row.code: (row.ended_why or "").removeprefix("Replaced: ") for row in record.labels}
    for row in record.labels:
        if row.replaces:
            said = f"The label of {named.get(row.of_code or '', 'a container')} was printed anew: {why.get(row.replaces, '')}"
            yield Notable(said, row.at, row.by, f"/scan?code={row.code}", row.code)


def ended(record: Record, _: str) -> Iterator[Notable]:
    """Labels that became void or were destroyed and have no successor."""
    named = {one.container.code: one.container.name for one in record.kept}
    followed = {row.replaces for row in record.labels}
    for row in record.labels:
        if row.ended_at and row.ended_by and row.ended_how in ("void", "destroyed") and row.code not in followed:
            on = named.get(row.of_code or "", "no container")
            said = f"A label of {on} {'is void' if row.ended_how == 'void' else 'was destroyed'}: {row.ended_why}"
            yield Notable(said, row.ended_at, row.ended_by, f"/scan?code={row.code}", row.code)


def exposed(record: Record, _: str) -> Iterator[Notable]:
    """Vials that were out of the cold for longer than they may be at one time, those of one act together."""
    longest = record.trial.custody.exposure_alert
    named = {one.container.code: one.container.name for one in record.kept}
    together: dict[tuple[object, ...], list[str]] = {}
    for row in record.exposures:
        if row.seconds > longest.length.total_seconds():
            together.setdefault((row.at, row.by, row.seconds, row.doing), []).append(row.container_code)
    for rows in together.values():
        row = next(one for one in record.exposures if one.container_code == rows[0] and one.seconds > longest.length.total_seconds())
        which = named.get(rows[0], "a vial") if len(rows) == 1 else f"{len(rows)} vials"
        said = f"{which[0].upper()}{which[1:]}: out of the cold for {row.seconds} s ({row.doing}); it must be {longest}."
        yield Notable(said, row.at, row.by, f"/containers/{rows[0]}", rows[0])


def handed_over(record: Record, _: str) -> Iterator[Notable]:
    """Hand-overs that took too long, or were not intact when they left."""
    named = {one.container.code: one.container.name for one in record.kept}
    for row in record.hand_overs:
        box = named.get(row.container_code, "The marrow")
        allowed = timedelta(minutes=row.within_minutes)
        if row.ended_at and row.ended_by and row.ended_at - row.at > allowed:
            said = f"{box} was {exact(row.ended_at - row.at)} on its way to {row.to}; it must be at most {row.within_minutes} min."
            yield Notable(said, row.ended_at, row.ended_by, f"/containers/{row.container_code}", row.code)
        if row.condition.casefold() != "intact":
            said = f"{box} was handed over to {row.to} and was not intact: {row.condition}"
            yield Notable(said, row.at, row.by, f"/containers/{row.container_code}", row.code)


def repeated(record: Record, _: str) -> Iterator[Notable]:
    """Results that stand beside an earlier one of the same test: repeats and corrections."""
    before = {(row.container_code, row.test, row.number): row for row in record.results}
    for row in record.results:
        if row.kind != FIRST:
            old = before.get((row.container_code, row.test, row.number - 1))
            word = "was corrected" if row.kind == CORRECTION else "was tested again"
            was = f"{_of(old)} before" if old else "nothing before"
            said = f"{_title(record, row)} {word}: {was}, {_of(row)} now. Reason: {row.why.rstrip('.')}."
            yield Notable(said, row.at, row.by, _href(record, row), row.code)


def unclear(record: Record, _: str) -> Iterator[Notable]:
    """Results out of their limits or that decide nothing, whether set aside or not."""
    aside = {one.code for one in record.outcomes if one.set_aside}
    for row in record.results:
        if row.verdict in (OUT, INCONCLUSIVE):
            ends = " QA set it aside." if row.code in aside else ""
            yield Notable(f"{row.sentence}{ends}", row.at, row.by, _href(record, row), row.code, not ends and _stands(record, row))


def near(record: Record, _: str) -> Iterator[Notable]:
    """Numbers in force that are in their limits and close to one."""
    for row in newest(record.results).values():
        if row.verdict == IN and is_near(row.value, row.limit, row.unit):
            said = f"{_title(record, row)} is {_of(row)}, which is close to its limit: {limit_words(row.limit, row.unit)}."
            yield Notable(said, row.at, row.by, _href(record, row), row.code)


def is_near(value: str, limit: str, unit: str = "") -> bool:
    """Whether a number in limits is within a tenth of the room that it has: to 100 for percentages, to nothing below a highest value.

    A limit that is only a lowest number of something else has no end of scale; there a tenth of the limit itself counts.
    """
    try:
        number, wanted = Decimal(value), Limit.read(limit)
    except (ArithmeticError, ValueError):
        return False
    high = HUNDRED if wanted.high is None and unit == "%" else wanted.high
    low = Decimal(0) if wanted.low is None else wanted.low
    room = high - low if high is not None else low
    close = [abs(number - end) for end in (wanted.low, wanted.high) if end is not None]
    return any(distance <= room * NEAR for distance in close) and wanted.low != wanted.high


def _of(row: Result) -> str:
    return f"{row.value} {row.unit}".strip()


def _title(record: Record, row: Result) -> str:
    found = next((one for one in record.sample_tests if (one.container_code, one.test) == (row.container_code, row.test)), None)
    return f"{found.title} ({found.stage})" if found else row.test


def _href(record: Record, row: Result) -> str:
    found = [one.href for one in record.outcomes if (one.asked.container_code, one.asked.test) == (row.container_code, row.test)]
    return found[0] if found else f"/containers/{row.container_code}"


def _stands(record: Record, row: Result) -> bool:
    return newest(record.results)[row.container_code, row.test].code == row.code

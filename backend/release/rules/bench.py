"""What was out of the ordinary at the bench: each kind of exception is one function over the record, in its own words.

Nothing here stands in the way by itself. What a second reading still covers is left out for whoever may not see it (decision W3).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.batch.models import FIRST, SECOND, Calculated, Reading
from backend.batch.rules import Where, place, spelled
from backend.batch.rules.correcting import Change, asked_in, changes, with_unit
from backend.batch.rules.saying import limit_words
from backend.release.rules.record import Record, of_step
from backend.trial.rules import spoken

OVERRUNS = (" within", " open time")
"""How the rule of a deviation ends that says that something took too long."""


@dataclass(frozen=True)
class Notable:
    """One thing out of the ordinary: what, when, who, where it is dealt with, and which code its history is found by."""

    sentence: str
    at: datetime
    by: str
    href: str
    code: str
    todo: bool = False


def alerts(record: Record, reader: str) -> Iterator[Notable]:
    """Values in force at their alert limit, read or worked out; what QA must decide on is a deviation."""
    for where in {place(row) for row in record.course.attempts}:
        first, second = (record.course.kept(record.course.attempt(where, seat)) for seat in (FIRST, SECOND))
        same = {field for field, row in second.items() if field in first and first[field].value == row.value}
        for row in (*first.values(), *(row for field, row in second.items() if field not in same)):
            if row.level == "alert" and record.course.shows(where, row, reader):
                yield _alert(record, row, where, row.by, row.attempt_code)
    for worked in record.course.worked().values():
        if worked.level == "alert":
            yield _alert(record, worked, place(worked), "", record.batch.code)


def _alert(record: Record, row: Reading | Calculated, where: Where, by: str, code: str) -> Notable:
    limit = limit_words(row.limit, row.unit)
    said = f"{asked_in(record.course, where, row.field)} is {with_unit(row.value, row.unit)}; the alert limit is {limit}."
    return Notable(said, row.at, by, of_step(record.batch.code, where), code)


def corrected(record: Record, reader: str) -> Iterator[Notable]:
    """Values that were changed after they had been signed (decision F2)."""
    yield from (_changed(record, one) for one in changes(record.course, reader) if one.signed)


def replaced(record: Record, reader: str) -> Iterator[Notable]:
    """Values that were typed anew before anybody signed (decision F1)."""
    yield from (_changed(record, one) for one in changes(record.course, reader) if not one.signed)


def _changed(record: Record, one: Change) -> Notable:
    return Notable(one.sentence, one.new.at, one.new.by, of_step(record.batch.code, one.where), one.new.attempt_code)


def mismatched(record: Record, _: str) -> Iterator[Notable]:
    """Two independent readings that did not match: which fields, never which values (decision W4)."""
    for row in record.course.mismatched:
        where = place(row)
        fields = ", ".join(asked_in(record.course, where, field).split(": ", 1)[1] for field in row.fields.split(","))
        said = f"{spoken(where[1], where[0])}: two independent readings did not match ({fields}); both read again."
        yield Notable(said, row.at, row.by, of_step(record.batch.code, where), row.code)


def overran(record: Record, _: str) -> Iterator[Notable]:
    """Steps that were begun after their time, and phases that lay open too long."""
    for row in record.deviations:
        if row.rule.endswith(OVERRUNS) and row.code not in record.hidden:
            yield Notable(row.sentence, row.at, row.by, f"/deviations/{row.code}", row.code, row.code not in record.decisions)


def late(record: Record, _: str) -> Iterator[Notable]:
    """Second readings that came later after the first than they may."""
    allowed = record.trial.checking.verify_after
    signed = {row.code: row for row in record.course.performed}
    for row in record.course.verified:
        waited = row.at - signed[row.performed_code].at
        if waited > allowed.length:
            where = place(row)
            said = f"{spoken(where[1], where[0])} was read a second time {exact(waited)} after the first; it must be {allowed}."
            yield Notable(said, row.at, row.by, of_step(record.batch.code, where), row.code)


def exact(span: timedelta) -> str:
    """A length of time beside a limit: with its seconds below an hour, so that it never reads as if the limit had been kept."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    return spelled(span) if minutes >= 60 or not seconds else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def typed(record: Record, _: str) -> Iterator[Notable]:
    """Codes that were typed by hand where they are scanned."""
    for row in record.course.scans:
        if row.how == "typed":
            said = f"{spoken(row.passage or None, row.step)}: the code of the {row.kind} was typed, not scanned."
            yield Notable(said, row.at, row.by, of_step(record.batch.code, place(row)), row.code)


def unscanned(record: Record, _: str) -> Iterator[Notable]:
    """Things that were scanned into a step and taken out again."""
    for row in record.course.scans:
        if row.ended_at and row.ended_by:
            said = f"{spoken(row.passage or None, row.step)}: the {row.kind} was taken out of the step again."
            yield Notable(said, row.ended_at, row.ended_by, of_step(record.batch.code, place(row)), row.code)


def given_back(record: Record, _: str) -> Iterator[Notable]:
    """Steps that somebody began and another person carried out: readings that count for nothing."""
    mismatched_ones = {code for row in record.course.mismatched for code in (row.first_code, row.second_code)}
    for row in record.course.attempts:
        if row.ended_at and row.ended_by and row.code not in mismatched_ones:
            said = f"{spoken(row.passage or None, row.step)} was begun by {record.name(row.person)} and given back."
            yield Notable(said, row.ended_at, row.ended_by, of_step(record.batch.code, place(row)), row.code)

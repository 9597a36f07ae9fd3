"""What stands against releasing a bank: every reason, with what is and what must be, and where it is dealt with.

None of them can be argued away on the release page: each is removed where it arose.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.batch.models import BatchDecision
from backend.batch.rules import place
from backend.custody.rules import against_keeping, against_number, banked
from backend.quality.models import Deviation
from backend.release.rules.record import Record, of_step
from backend.testing.rules import against_outcomes
from backend.trial.rules import spoken


@dataclass(frozen=True)
class Reason:
    """One reason against: which part of the review it belongs to, the sentence, and the page on which it is dealt with."""

    part: str  # steps, deviations, tests, holds, labels, custody, subject, hands, decision
    sentence: str
    href: str


def against(record: Record, signer: str) -> Iterator[Reason]:
    """Every reason why this person may not release this bank now. None means that they may."""
    if record.course.decision:
        yield already(record, record.course.decision)
        return
    yield from unfinished(record)
    yield from stopped(record)
    yield from of_deviations(record)
    yield from of_tests(record)
    yield from of_holds(record)
    yield from of_labels(record)
    yield from of_custody(record)
    yield from of_subject(record)
    yield from own_hand(record, signer)


def already(record: Record, made: BatchDecision) -> Reason:
    """QA has decided, once and for good."""
    said = f"QA has decided about this batch already: {record.name(made.by)} {made.decision} it on {made.at:%Y-%m-%d}."
    return Reason("decision", said, f"/batches/{record.batch.code}")


def unfinished(record: Record) -> Iterator[Reason]:
    """The step that is next, and every step that was begun and is not finished."""
    course, batch = record.course, record.batch.code
    begun = {place(row) for row in course.attempts if row.ended_at is None or course.reopened(place(row))} - course.done
    wanted = sorted(begun | ({course.next} if course.next else set()), key=lambda where: (where[1] or "", where[0]))
    for where in wanted:
        named = f"{spoken(where[1], where[0])}, {course.step(where).title},"
        yield Reason("steps", f"{named} is not finished; every step of the master record must be.", of_step(batch, where))


def stopped(record: Record) -> Iterator[Reason]:
    """Values in force after which nobody may go on."""
    for where, field in record.course.stops:
        reading = record.course.step(where).reading(field)
        asked = reading.ask.rstrip("?") if reading else field
        said = f"{spoken(where[1], where[0])} {asked} is at its stop limit; nothing that was made after it can be released."
        yield Reason("steps", said, of_step(record.batch.code, where))


def of_deviations(record: Record) -> Iterator[Reason]:
    """Deviations that QA has not decided, covered ones without their text (decision W3), and those that QA did not accept."""
    for row in record.deviations:
        decided = record.decisions.get(row.code)
        if decided is None:
            yield Reason("deviations", _undecided(record, row), _dealt_with(record, row))
        elif not decided.accepted:
            yield Reason("deviations", f"QA did not accept this deviation: {row.sentence}", f"/deviations/{row.code}")


def _undecided(record: Record, row: Deviation) -> str:
    if row.code in record.hidden:
        return "A second reading is open and covers a deviation; it must be closed, and QA must decide the deviation."
    return f"This deviation is open; QA must decide it: {row.sentence}"


def _dealt_with(record: Record, row: Deviation) -> str:
    return f"/batches/{record.batch.code}" if row.code in record.hidden else f"/deviations/{row.code}"


def of_tests(record: Record) -> Iterator[Reason]:
    """Tests that are missing, not reviewed or failing; and those of the specification for which no sample was taken."""
    for outcome in record.outcomes:
        for sentence in against_outcomes([outcome]):
            yield Reason("tests", sentence, outcome.href)
    there = {(one.asked.test, one.asked.stage) for one in record.outcomes}
    for wanted in record.specifications:
        for stage in wanted.stages:
            if (wanted.test, stage) not in there:
                said = f"{wanted.title} ({stage}): no sample was taken for it; each test of the specification must be reported."
                yield Reason("tests", said, f"/batches/{record.batch.code}")


def of_holds(record: Record) -> Iterator[Reason]:
    """Holds that nobody has lifted, on the batch, on what came out of it, and on its subject."""
    for row in record.holds:
        if row.ended_at is None:
            said = f"{record.called(row.about)} is on hold, and QA must lift the hold first: {row.why}"
            yield Reason("holds", said, f"/holds/{row.code}")


def of_labels(record: Record) -> Iterator[Reason]:
    """The labels of the batch do not come out even (requirement C4)."""
    printed, ended, difference = record.reconciled
    if difference:
        accounted = ", ".join(f"{number} {state}" for state, number in ended.items() if number) or "none of them accounted for"
        said = f"{printed} labels of this batch were printed: {accounted}. The difference is {difference}; it must be 0."
        yield Reason("labels", said, f"/labels/of-batch/{record.batch.code}")


def of_custody(record: Record) -> Iterator[Reason]:
    """A vial that is in no position, something on its way that nobody received, and fewer vials than a bank must have."""
    for one in record.kept:
        for sentence in against_keeping(one, record.stored, record.names):
            yield Reason("custody", sentence, f"/containers/{one.container.code}")
    for sentence in against_number(len(banked(record.kept, record.stored)), record.trial.bank.fewest):
        yield Reason("custody", sentence, f"/batches/{record.batch.code}")


def of_subject(record: Record) -> Iterator[Reason]:
    """There is nobody to release it for, or no trial to give it in."""
    if record.withdrawn:
        yield Reason("subject", f"Subject {record.subject} has withdrawn; a bank is released for its own subject alone.",
                     f"/subjects/{record.batch.coi}")  # fmt: skip
    if record.status != "active":
        yield Reason("subject", f"The trial is {record.status}; it must be active.", "/trial")


def own_hand(record: Record, person: str) -> Iterator[Reason]:
    """Who performed, witnessed, verified, noted or scanned in a step, or accepted the marrow, cannot release what came of it."""
    steps = sorted(hands(record, person), key=lambda where: (where[1] or "", where[0]))
    if steps:
        named = ", ".join(spoken(where[1], where[0]) for where in steps[:4]) + (f" and {len(steps) - 4} more" if len(steps) > 4 else "")
        yield Reason("hands", f"You worked on this batch ({named}), so somebody else must release it.",
                     of_step(record.batch.code, steps[0]))  # fmt: skip
    elif record.batch.by == person:
        yield Reason("hands", "You opened this batch, so somebody else must release it.", f"/batches/{record.batch.code}")


def hands(record: Record, person: str) -> set[tuple[str, str | None]]:
    """The steps in which this person had a hand, also where their reading or signature was superseded."""
    course = record.course
    attempts = {row.code: place(row) for row in course.attempts}
    found = {place(row) for row in course.attempts if row.person == person}
    found |= {attempts[row.attempt_code] for row in course.readings if row.by == person and row.attempt_code in attempts}
    found |= {place(row) for row in course.scans if row.by == person}
    found |= {place(row) for row in course.performed if person in (row.by, row.witness)}
    found |= {place(row) for row in course.verified if row.by == person}
    return found | {place(row) for row in course.mismatched if row.by == person}

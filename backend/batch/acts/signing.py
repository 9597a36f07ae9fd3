"""Signatures at the bench: perform, perform with a witness, verify, correct.

A checked step is two acts on two sign-ins (decision W2). What is signed is exactly what the signer's own page showed.
"""

from collections.abc import Iterator

from sqlmodel import Session

from backend.batch.acts.bench import BENCH, Field, Passage, StepCode, Typed, at_work, keep, where_of
from backend.batch.acts.settling import settle, told
from backend.batch.models import FIRST, SECOND, Batch, StepMismatched, StepPerformed, StepVerified
from backend.batch.reads import batch_of, course_of, covered_entry, expected, shown_correction, shown_step
from backend.batch.rules import (
    CORRECTION,
    Course,
    Where,
    again,
    against_correcting,
    against_lifting,
    against_sitting,
    against_verifying,
    filled,
    mismatches,
    unfilled,
    unread,
    unscanned,
    unstored,
    worked_out,
)
from backend.custody.reads import tanks_of
from backend.ledger import Now, Open, RecordCode, Refused, act, refuse
from backend.quality.acts import hold
from backend.quality.models import Hold
from backend.quality.reads import CAUSES, Cause
from backend.trial.rules import spoken

PERFORMED = "I performed this step, and these are its values as I read them."
WITNESSED = "I was there and saw this step performed as it is recorded."
VERIFIED = "I read these values myself, without seeing the first reading."
CORRECTED = "I correct this value; the reason is true, and the value before it stays in the record."


@act(
    "batch.perform", roles=BENCH, title="Sign the step", tells="{by} signed {passage} {step}.", signed=PERFORMED, shows=shown_step,
    covers=covered_entry, page="/batches/{batch}/steps/{step}",
)  # fmt: skip
def perform(now: Now, batch: RecordCode, step: Open[StepCode], passage: Open[Passage] = "") -> StepPerformed:
    """The performer's signature stands over the values in force. A step that nobody checks is finished; a checked one is handed over.

    Refused with every value, thing and container that is still missing.
    """
    row, course, where = at_work(now, batch, step, passage)
    if course.step(where).second == "witnessed":
        raise Refused(f"{spoken(where[1], step)} is signed by two people at one station.")
    return _sign(now, row, course, where)


@act(
    "batch.perform_witnessed", roles=BENCH, title="Sign the step together", tells="{by} and a witness signed {passage} {step}.",
    signed=PERFORMED, witness=WITNESSED, shows=shown_step, page="/batches/{batch}/steps/{step}",
)  # fmt: skip
def perform_witnessed(now: Now, batch: RecordCode, step: Open[StepCode], passage: Open[Passage] = "") -> StepPerformed:
    """Two people at one station signed the step, each with their own password; it is finished (decision W1)."""
    row, course, where = at_work(now, batch, step, passage)
    if course.step(where).second != "witnessed":
        raise Refused(f"{spoken(where[1], step)} is not a step that is signed by two people at one station.")
    return _sign(now, row, course, where)


def _sign(now: Now, batch: Batch, course: Course, where: Where) -> StepPerformed:
    if course.signature(where):
        raise Refused(f"{spoken(where[1], where[0])} is signed already; it waits for the second person.")
    refuse(against_sitting(course, where, now.by, {}))
    refuse(_missing(now, batch, course, where))
    first = course.attempt(where, FIRST)
    if first is None:
        raise Refused(f"Nothing has been recorded in {spoken(where[1], where[0])} yet.")
    signed = now.add(StepPerformed(
        code=now.draw("K"), batch_code=batch.code, step=where[0], passage=where[1] or "", attempt_code=first.code, witness=now.witness,
        at=now.at, by=now.by,
    ))  # fmt: skip
    if not course.step(where).checked:
        now.session.flush()
        settle(now, batch, where)
    return signed


def _missing(now: Now, batch: Batch, course: Course, where: Where) -> list[str]:
    """Everything that must still be read, scanned, filled or stored before the step can be signed."""
    first, step = course.attempt(where, FIRST), course.step(where)
    there = expected(now.session, batch, course, where)
    found = [*unread(course, where, FIRST, first)]
    found += unscanned(course, where, {kind: [one.code for one in many] for kind, many in there.items()})
    values = course.values(first)
    found += unfilled(course, where, filled(course, where, values, worked_out(course, where, values)))
    for stores in step.stores if course.decision is None else ():  # where the vials of a decided bank are now, custody knows
        found += unstored(course, where, tanks_of(now.session, [one.code for one in there[stores.kind]]), len(there[stores.kind]))
    return found


@act(
    "batch.verify", roles=BENCH, title="Sign the second reading", tells="{by} read {passage} {step} a second time.", signed=VERIFIED,
    shows=shown_step, covers=covered_entry, page="/batches/{batch}/steps/{step}",
)  # fmt: skip
def verify(now: Now, batch: RecordCode, step: Open[StepCode], passage: Open[Passage] = "") -> StepVerified | StepMismatched:
    """Two independent readings are compared. If they match the step is finished; if not, both read again and neither sees the other's.

    A second mismatch opens a deviation, and the step waits for QA (decision W4). The performer is refused.
    """
    row, course, where = at_work(now, batch, step, passage)
    refuse(against_verifying(course, where, now.by))
    second = course.attempt(where, SECOND)
    refuse(unread(course, where, SECOND, second))
    first, signed = course.attempt(where, FIRST), course.signature(where)
    if first is None or signed is None or second is None:
        raise Refused(f"Nothing has been read a second time in {spoken(where[1], step)} yet.")
    differ = mismatches(course, where, course.values(first), course.values(second))
    if not differ:
        checked = now.add(StepVerified(
            code=now.draw("K"), performed_code=signed.code, batch_code=batch, step=step, passage=passage, attempt_code=second.code,
            at=now.at, by=now.by,
        ))  # fmt: skip
        now.session.flush()
        settle(now, row, where)
        return checked
    for one in (signed, first, second):
        one.ended_at, one.ended_by = now.at, now.by
    return now.add(StepMismatched(
        code=now.draw("K"), batch_code=batch, step=step, passage=passage, first_code=first.code, second_code=second.code,
        fields=",".join(differ), deviation_code=_second_mismatch(now, row, course, where, differ), at=now.at, by=now.by,
    ))  # fmt: skip


def _second_mismatch(now: Now, batch: Batch, course: Course, where: Where, differ: list[str]) -> str | None:
    """From the second mismatch on, QA decides before anybody reads again; the sentence names fields and no values."""
    times = again(course, where) + 1
    if times < 2:
        return None
    asks = [reading.ask for reading in course.step(where).readings if reading.code in differ]
    said = f"{spoken(where[1], where[0])}: two independent readings did not match {times} times ({', '.join(asks)})."
    return told(now, batch, where, "decide", said, "two readings match").deviation_code


@act(
    "batch.correct", roles=BENCH, title="Correct a value", tells="{by} corrected {field} in {passage} {step}.", signed=CORRECTED,
    reason="open", covers=covered_entry, page="/batches/{batch}/steps/{step}",
)  # fmt: skip
def correct(
    now: Now, batch: RecordCode, step: Open[StepCode], field: Open[Field], value: Open[Typed], passage: Open[Passage] = "",
) -> None:  # fmt: skip
    """A signed value is replaced; the one before it stays. The step re-opens and is signed again, and the batch is put on hold (F2).

    The signatures before it stand on a superseded version. What QA has decided about is corrected like this too: the decision stays,
    and the hold stops everything that was made from the batch until QA lifts it over the corrected record.
    """
    row = batch_of(now.session, batch)
    course = course_of(now.session, row)
    where = where_of(course, step, passage)
    refuse(against_correcting(course, where, field, now.by))
    finished = where in course.done
    first, signed, checked = course.attempt(where, FIRST), course.signature(where), course.check(where)
    if first is None or signed is None:
        raise Refused(f"{spoken(where[1], step)} is not signed.")
    keep(now, course, where, first, field, value, now.reason)
    for one in (signed, checked):
        if one is not None:
            one.ended_at, one.ended_by = now.at, now.by
    reading = course.step(where).reading(field)
    asked = reading.ask.rstrip("?") if reading else field
    if finished:
        hold(now, about=row.code, why=f"{asked} of {spoken(where[1], step)} was corrected after it was signed.", cause=CORRECTION)


def _against_lifting(session: Session, held: Hold) -> Iterator[str]:
    return against_lifting(course_of(session, batch_of(session, held.about)))


CAUSES[CORRECTION] = Cause(_against_lifting, lambda session, held: shown_correction(session, held.about))

"""What is kept of a manufacturing run: who sat down to which step, what they read, what was scanned, what was worked out and signed.

A step has no status. It is done when a signature covers its readings and, where two people check, a second attempt has matched the first.
A passage is "" outside the repeated culture phase.
"""

from typing import ClassVar

from sqlmodel import Field

from backend.ledger import Number, Open, Recorded, When, one_open

ENDS = ("ended_at", "ended_by")
FIRST, SECOND = "first", "second"


class Batch(Recorded, table=True):
    """One manufacturing run from one collection. The trial folder that was in force when it was opened holds for its whole life."""

    says: ClassVar[dict[str, str]] = {"collection_code": "A batch has been opened from this collection already."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    coi: Open[str] = Field(index=True)
    collection_code: Open[str] = Field(unique=True)
    folder_code: Open[str]
    at: Open[When]
    by: Open[str]


class Attempt(Recorded, table=True):
    """One person sits down to one step, as the first or as the second; it ends when it is given back or does not match.

    Its readings are one person's alone, so that they can be covered until both agree (decision W3).
    """

    ends: ClassVar[tuple[str, ...]] = ENDS
    says: ClassVar[dict[str, str]] = {"batch_code, step, passage, seat": "Somebody else has begun this step just now."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    batch_code: Open[str] = Field(foreign_key="batch.code", index=True)
    step: Open[str]
    passage: Open[str]
    seat: Open[str]  # first or second
    person: Open[str]
    at: Open[When]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    __table_args__ = (one_open("attempt", "batch_code", "step", "passage", "seat"),)


class Reading(Recorded, table=True):
    """One value of one field as it was typed, with the limit it was judged by. The highest number is in force; all stay (decision F1)."""

    attempt_code: Open[str] = Field(primary_key=True, foreign_key="attempt.code")
    field: Open[str] = Field(primary_key=True)
    number: Open[int] = Field(primary_key=True)
    batch_code: Open[str] = Field(foreign_key="batch.code", index=True)
    value: Open[str]
    unit: Open[str]
    level: Open[str]  # in limits, alert, decide, stop
    limit: Open[str]  # the limit that put it there; empty when it is in limits
    why: Open[str]  # why it replaces the number before; empty for the first
    at: Open[When]
    by: Open[str]


class Calculated(Recorded, table=True):
    """One value that the program worked out when a step was settled: the formula and its version, the value unrounded.

    A value that cannot be worked out is empty and says why.
    """

    batch_code: Open[str] = Field(primary_key=True, foreign_key="batch.code")
    step: Open[str] = Field(primary_key=True)
    passage: Open[str] = Field(primary_key=True)
    field: Open[str] = Field(primary_key=True)
    number: Open[int] = Field(primary_key=True)
    value: Open[str]
    unit: Open[str]
    formula: Open[str]
    level: Open[str]
    limit: Open[str]
    why: Open[str]
    at: Open[When]


class StepScan(Recorded, table=True):
    """A lot, a piece of equipment or a container that was scanned into a step. A wrong one is taken out again and stays to be seen."""

    __tablename__ = "step_scan"
    ends: ClassVar[tuple[str, ...]] = ENDS
    says: ClassVar[dict[str, str]] = {"batch_code, step, passage, code": "This was scanned into this step just now."}
    batch_code: Open[str] = Field(primary_key=True, foreign_key="batch.code")
    step: Open[str] = Field(primary_key=True)
    passage: Open[str] = Field(primary_key=True)
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")  # of the thing, also when a label of it was scanned
    number: Open[int] = Field(primary_key=True)
    scanned: Open[str]  # what the scanner read
    part: Open[str]  # equipment, material, uses, makes
    kind: Open[str]  # what the master record calls it
    how: Open[str]  # scan or typed
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    __table_args__ = (one_open("step_scan", "batch_code", "step", "passage", "code"),)


class StepPerformed(Recorded, table=True):
    """The performer's signature over the values in force. A correction or a mismatch ends it: it is then on a superseded version."""

    __tablename__ = "step_performed"
    ends: ClassVar[tuple[str, ...]] = ENDS
    says: ClassVar[dict[str, str]] = {"batch_code, step, passage": "This step has been signed already."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    batch_code: Open[str] = Field(foreign_key="batch.code", index=True)
    step: Open[str]
    passage: Open[str]
    attempt_code: Open[str] = Field(foreign_key="attempt.code")
    witness: Open[str | None] = None
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    __table_args__ = (one_open("step_performed", "batch_code", "step", "passage"),)


class StepVerified(Recorded, table=True):
    """An independent second person read the same and it matched; from now on both readings may be seen by everybody."""

    __tablename__ = "step_verified"
    ends: ClassVar[tuple[str, ...]] = ENDS
    says: ClassVar[dict[str, str]] = {"performed_code": "This step has been verified already."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    performed_code: Open[str] = Field(unique=True, foreign_key="step_performed.code")
    batch_code: Open[str] = Field(foreign_key="batch.code", index=True)
    step: Open[str]
    passage: Open[str]
    attempt_code: Open[str] = Field(foreign_key="attempt.code")
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None


class StepMismatched(Recorded, table=True):
    """Two independent readings did not match; which fields, never which values (decision W4)."""

    __tablename__ = "step_mismatched"
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    batch_code: Open[str] = Field(foreign_key="batch.code", index=True)
    step: Open[str]
    passage: Open[str]
    first_code: Open[str] = Field(foreign_key="attempt.code")
    second_code: Open[str] = Field(foreign_key="attempt.code")
    fields: Open[str]  # reading codes, separated by commas
    deviation_code: Open[str | None] = None  # from the second mismatch on QA decides first
    at: Open[When]
    by: Open[str]


class StepDeviation(Recorded, table=True):
    """A deviation that a step opened by rule: which step, and whether QA must decide before anybody goes on."""

    __tablename__ = "step_deviation"
    deviation_code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    batch_code: Open[str] = Field(foreign_key="batch.code", index=True)
    step: Open[str]
    passage: Open[str]
    level: Open[str]  # alert, decide, stop
    sentence: Open[str]
    at: Open[When]


class SampleTaken(Recorded, table=True):
    """A sample that a step took: its container, where it was taken, and the tests it is for (decision L2)."""

    __tablename__ = "sample_taken"
    container_code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    batch_code: Open[str] = Field(foreign_key="batch.code", index=True)
    step: Open[str]
    passage: Open[str]
    tests: Open[str]
    amount_ml: Open[Number]
    at: Open[When]
    by: Open[str]


class SampleTest(Recorded, table=True):
    """One test that a sample is for, with the limit that applies to it, resolved by whoever took the sample (decision L2)."""

    __tablename__ = "sample_test"
    container_code: Open[str] = Field(primary_key=True, foreign_key="sample_taken.container_code")
    test: Open[str] = Field(primary_key=True)
    batch_code: Open[str] = Field(foreign_key="batch.code", index=True)
    dose_code: Open[str | None] = Field(default=None, foreign_key="code.code", index=True)  # of a dose's sample; None for the bank's own
    stage: Open[str]  # in process, harvest, bank vial, dose
    title: Open[str]
    method: Open[str]
    kind: Open[str]  # number, choice, profile, report
    unit: Open[str]
    options: Open[str]  # of a choice, one a line
    limit: Open[str]  # as a limit is written, or the accepted options one a line; empty: reported and not judged
    override: Open[str]  # never, or by QA
    censored: Open[str]  # "inconclusive above limit" or empty
    due_at: Open[When]  # when it reads out
    at: Open[When]


class BatchDecision(Recorded, table=True):
    """What QA decided about a batch, once: released or rejected exclude each other (decision T3)."""

    __tablename__ = "batch_decision"
    says: ClassVar[dict[str, str]] = {"batch_code": "QA has decided about this batch already."}
    batch_code: Open[str] = Field(primary_key=True, foreign_key="batch.code")
    decision: Open[str]  # released or rejected
    why: Open[str]
    at: Open[When]
    by: Open[str]

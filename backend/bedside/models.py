"""What is kept of the bedside: every check with its stops, the second person's word, the end of an infusion, what was wasted.

`Administration` and `Cleared` are in `dose`, which must ask about them (decision L1).
"""

from typing import ClassVar

from sqlmodel import Field

from backend.ledger import Number, Open, Recorded, When, one_open


class Checked(Recorded, table=True):
    """One check at the bedside: what was scanned and stated, and every reason to stop, one a line; no reason is GIVE."""

    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    coi: Open[str] = Field(index=True)
    wristband: Open[str]  # as it was scanned
    dose: Open[str]  # as it was scanned: the label on the syringe
    order_code: Open[str]
    access: Open[str]
    stops: Open[str]
    at: Open[When]
    by: Open[str]


class Confirmed(Recorded, table=True):
    """A second person on their own sign-in repeated the check; at most 10 minutes old and used once, by `give` (decision W5)."""

    ends: ClassVar[tuple[str, ...]] = ("ended_at", "ended_by")
    says: ClassVar[dict[str, str]] = {"dose_code, by": "You have confirmed this dose already, and it was not used yet."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    coi: Open[str] = Field(index=True)
    dose_code: Open[str] = Field(foreign_key="dose.code")
    order_code: Open[str]
    wristband_code: Open[str]
    access: Open[str]
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    __table_args__ = (one_open("confirmed", "dose_code", "by"),)


class Finished(Recorded, table=True):
    """An infusion ended: how much went in, how much is left, and why it was stopped before its end ("" when it was not)."""

    says: ClassVar[dict[str, str]] = {"administration_code": "The end of this infusion is recorded already."}
    administration_code: Open[str] = Field(primary_key=True, foreign_key="administration.code")
    ended_infusion_at: Open[When]
    given_ml: Open[Number]
    left_ml: Open[Number]
    stopped_because: Open[str]
    events: Open[str]  # adverse events seen, "none" when none
    at: Open[When]
    by: Open[str]


class NothingGiven(Recorded, table=True):
    """After `give` nothing went in: two people each typed 0.0 mL, the dose was scanned, the loss accounted for (decision T5)."""

    __tablename__ = "nothing_given"
    administration_code: Open[str] = Field(primary_key=True, foreign_key="administration.code")
    left_ml: Open[Number]
    loss: Open[str]
    at: Open[When]
    by: Open[str]
    witness: Open[str]

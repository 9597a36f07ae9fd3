"""What is kept of doses: the opened route, the order, the vials, what was read in preparation (sealed), the decision, what was given.

`Administration` and `Cleared` are written by the bedside; they live here because a second order must ask about them (decision L1).
What would tell an arm is sealed under the subject's mask key (decision S2); times, people, vial counts and places are open.
"""

from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from backend.ledger import Masked, MaskedText, Number, Open, Recorded, When, one_open

ENDS = ("ended_at", "ended_by", "ended_why")
FIRST, SECOND = "first", "second"


class RouteOpened(Recorded, table=True):
    """The route of one subject is known from now on to those who may know it; the dose is not (decision R1)."""

    __tablename__ = "route_opened"
    says: ClassVar[dict[str, str]] = {"coi": "The route of this subject is open already."}
    coi: Open[str] = Field(primary_key=True, foreign_key="code.code")
    batch_code: Open[str] = Field(foreign_key="batch.code")
    route: Open[str]  # OMM or ICA, as trial.yaml calls it
    at: Open[When]
    by: Open[str]
    witness: Open[str]


class Order(Recorded, table=True):
    """A physician ordered infusion n for one subject; it ends when it is cancelled or its dose was lost before it was given."""

    __tablename__ = "infusion_order"
    ends: ClassVar[tuple[str, ...]] = ENDS
    says: ClassVar[dict[str, str]] = {"coi, infusion": "This infusion is ordered already."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    coi: Open[str] = Field(index=True)
    infusion: Open[int]
    batch_code: Open[str] = Field(foreign_key="batch.code")
    route: Open[str]
    planned_at: Open[When]
    weight_kg: Open[Number]
    weighed_on: Open[str]
    temperature_c: Open[Number]
    infection: Open[str]  # no, or what was seen
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    ended_why: Open[str | None] = None
    __table_args__ = (one_open("infusion_order", "coi", "infusion"),)


class Dose(Recorded, table=True):
    """One prepared infusion: a preparer opened the dose compartment for one order. It ends when it is disposed of without being given."""

    ends: ClassVar[tuple[str, ...]] = ENDS
    says: ClassVar[dict[str, str]] = {"coi, infusion": "A dose for this infusion exists already; it must be disposed of first."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    order_code: Open[str] = Field(foreign_key="infusion_order.code", index=True)
    coi: Open[str] = Field(index=True)
    infusion: Open[int]
    batch_code: Open[str] = Field(foreign_key="batch.code")
    at: Open[When]
    by: Open[str]  # the named preparer who opened the dose compartment
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    ended_why: Open[str | None] = None
    __table_args__ = (one_open("dose", "coi", "infusion"),)


class DoseVial(Recorded, table=True):
    """A vial is set aside for one dose and for no other; the allocation may end before the vial is thawed, never after."""

    __tablename__ = "dose_vial"
    ends: ClassVar[tuple[str, ...]] = ("ended_at", "ended_by")
    says: ClassVar[dict[str, str]] = {"container_code": "This vial is set aside for a dose already."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    dose_code: Open[str] = Field(foreign_key="dose.code", index=True)
    container_code: Open[str] = Field(foreign_key="container.code")
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    __table_args__ = (one_open("dose_vial", "container_code"),)


class Thawed(Recorded, table=True):
    """A vial was thawed, which nothing undoes; the first of a dose starts its clock (decision D1)."""

    says: ClassVar[dict[str, str]] = {"container_code": "This vial has been thawed already; nothing is thawed twice."}
    container_code: Open[str] = Field(primary_key=True, foreign_key="container.code")
    dose_code: Open[str] = Field(foreign_key="dose.code", index=True)
    started_at: Open[When]
    seconds: Masked[str]
    at: Open[When]
    by: Open[str]
    witness: Open[str]


class DoseScan(Recorded, table=True):
    """A lot or a piece of equipment was scanned into a step of a preparation. A wrong one is taken out again and stays to be seen."""

    __tablename__ = "dose_scan"
    ends: ClassVar[tuple[str, ...]] = ("ended_at", "ended_by")
    says: ClassVar[dict[str, str]] = {"dose_code, step, code": "This was scanned into this step just now."}
    dose_code: Open[str] = Field(primary_key=True, foreign_key="dose.code")
    step: Open[str] = Field(primary_key=True)  # thaw, wash, count, formulate, fill
    code: Open[str] = Field(primary_key=True, foreign_key="code.code", index=True)
    number: Open[int] = Field(primary_key=True)
    part: Open[str]  # equipment or material
    kind: Open[str]  # as the master record calls it
    how: Open[str]  # scan or typed
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    __table_args__ = (one_open("dose_scan", "dose_code", "step", "code"),)


class PrepReading(Recorded, table=True):
    """One value of one preparation step as one person read it, in the first or second seat; the highest number is in force, all stay."""

    __tablename__ = "prep_reading"
    dose_code: Open[str] = Field(primary_key=True, foreign_key="dose.code")
    step: Open[str] = Field(primary_key=True)  # wash, count, formulate, fill
    seat: Open[str] = Field(primary_key=True)
    field: Open[str] = Field(primary_key=True)
    number: Open[int] = Field(primary_key=True)
    value: Masked[str]
    at: Open[When]
    by: Open[str]


class PrepMatched(Recorded, table=True):
    """Both readings of a preparation step agree; the values worked out from them are sealed, one `name=value` a line.

    `number` is the try that matched. It ends when the step is corrected, or worked out anew because one before it was (decision F2).
    """

    __tablename__ = "prep_matched"
    ends: ClassVar[tuple[str, ...]] = ("ended_at", "ended_by")
    says: ClassVar[dict[str, str]] = {"dose_code, step": "This step of the preparation is finished already."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    dose_code: Open[str] = Field(foreign_key="dose.code", index=True)
    step: Open[str]
    number: Open[int]
    first: Open[str]
    second: Open[str]
    worked: MaskedText[str]
    at: Open[When]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    __table_args__ = (one_open("prep_matched", "dose_code", "step"),)


class PrepCorrected(Recorded, table=True):
    """A preparer said that a matched step was read wrongly: it is read again by two people, and the dose is on hold (decision F2)."""

    __tablename__ = "prep_corrected"
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    dose_code: Open[str] = Field(foreign_key="dose.code", index=True)
    step: Open[str]
    matched_code: Open[str] = Field(unique=True, foreign_key="prep_matched.code")  # what is superseded
    why: MaskedText[str]
    at: Open[When]
    by: Open[str]


class PrepMismatched(Recorded, table=True):
    """Two readings did not agree: both read again and neither sees the other's; the second time a masked deviation waits (W4)."""

    __tablename__ = "prep_mismatched"
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    dose_code: Open[str] = Field(foreign_key="dose.code", index=True)
    step: Open[str]
    at: Open[When]
    by: Open[str]


class DoseFilled(Recorded, table=True):
    """The syringe of a dose exists: its container, the volume on its label, and until when cells may go in."""

    __tablename__ = "dose_filled"
    says: ClassVar[dict[str, str]] = {"dose_code": "This dose has been filled already."}
    dose_code: Open[str] = Field(primary_key=True, foreign_key="dose.code")
    container_code: Open[str] = Field(unique=True, foreign_key="container.code")
    label_ml: Open[Number]  # what the label says is given: equal for both carotid arms
    expires_at: Open[When]
    at: Open[When]
    by: Open[str]
    second: Open[str]


class DoseDeviation(Recorded, table=True):
    """What a masked deviation says, sealed; `quality` keeps only that there is one, its grade and whether it is decided (P2)."""

    __tablename__ = "dose_deviation"
    deviation_code: Open[str] = Field(primary_key=True, foreign_key="deviation.code")
    dose_code: Open[str] = Field(foreign_key="dose.code", index=True)
    sentence: MaskedText[str]
    at: Open[When]


class DoseDeviationDecided(Recorded, table=True):
    """Why unmasked QA accepted a masked deviation or did not, sealed; that they did is in `quality` for everybody."""

    __tablename__ = "dose_deviation_decided"
    deviation_code: Open[str] = Field(primary_key=True, foreign_key="deviation.code")
    why: MaskedText[str]
    at: Open[When]


class DoseHoldLifted(Recorded, table=True):
    """Why unmasked QA lifted the hold of a correction, sealed; that they did is in `quality` for everybody."""

    __tablename__ = "dose_hold_lifted"
    hold_code: Open[str] = Field(primary_key=True, foreign_key="hold.code")
    dose_code: Open[str] = Field(foreign_key="dose.code", index=True)
    why: MaskedText[str]
    at: Open[When]


class DoseDecision(Recorded, table=True):
    """What unmasked QA decided about a dose, once. To masked people: it conforms to its assigned specification, or it does not (S2)."""

    __tablename__ = "dose_decision"
    says: ClassVar[dict[str, str]] = {"dose_code": "This dose has been decided about already."}
    dose_code: Open[str] = Field(primary_key=True, foreign_key="dose.code")
    decision: Open[str]  # released or rejected
    why: MaskedText[str]
    at: Open[When]
    by: Open[str]


class Administration(Recorded, table=True):
    """Cells are going into one subject from one dose: once per dose, once per subject and infusion (decision T4).

    `annulled_at` is set once, when after all nothing was delivered (T5).
    """

    ends: ClassVar[tuple[str, ...]] = ("annulled_at", "annulled_by", "annulled_witness")
    says: ClassVar[dict[str, str]] = {
        "dose_code": "This dose has been given already.",
        "coi, infusion": "This infusion has been given already.",
    }
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    dose_code: Open[str] = Field(unique=True, foreign_key="dose.code")
    order_code: Open[str] = Field(foreign_key="infusion_order.code")
    coi: Open[str] = Field(index=True)
    infusion: Open[int]
    wristband_code: Open[str]
    access: Open[str]
    started_at: Open[When]
    by: Open[str]
    second: Open[str]
    annulled_at: Open[When | None] = None
    annulled_by: Open[str | None] = None
    annulled_witness: Open[str | None] = None
    __table_args__ = (
        Index(
            "uq_administration_coi_infusion", "coi", "infusion", unique=True, sqlite_where=text("annulled_at IS NULL"),
            postgresql_where=text("annulled_at IS NULL"),
        ),
    )  # fmt: skip


class Cleared(Recorded, table=True):
    """A physician looked at the subject after infusion n and cleared them for the next one."""

    says: ClassVar[dict[str, str]] = {"coi, infusion": "This infusion has been cleared already."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    coi: Open[str]
    infusion: Open[int]
    found: Open[str]
    at: Open[When]
    by: Open[str]
    __table_args__ = (UniqueConstraint("coi", "infusion"),)

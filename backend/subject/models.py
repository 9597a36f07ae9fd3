"""What we keep of a subject: who they are (sealed), why they may take part, and what binds them to their chain of identity.

The subject's own code is the chain-of-identity code (CoI); everything made of their cells belongs to that chain.
"""

from datetime import date
from typing import ClassVar

from sqlmodel import Field

from backend.ledger import Identity, Open, Recorded, When, one_open


class Subject(Recorded, table=True):
    """Somebody enrolled. `code` is the CoI; name, record number, birth date and sex are sealed under the subject's identity key."""

    says: ClassVar[dict[str, str]] = {"number": "This subject number is taken; every subject has a number of their own."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    number: Open[str] = Field(unique=True)
    full_name: Identity[str]
    record_number: Identity[str]
    birth_date: Identity[str]
    sex: Identity[str]
    third_identifier: Identity[str | None] = None  # asked for only when somebody of a similar identity is enrolled
    folder_code: Open[str] = Field(foreign_key="folder_proposed.code")
    at: Open[When]
    by: Open[str]


class EligibilityAnswer(Recorded, table=True):
    """What was answered to one criterion; the highest number is in force, and all stay (decision F2).

    Age and sex are not repeated here: they follow from the sealed columns.
    """

    __tablename__ = "eligibility_answer"
    says: ClassVar[dict[str, str]] = {"subject_code, criterion, number": "Somebody else corrected this answer just now; read it again."}
    subject_code: Open[str] = Field(primary_key=True, foreign_key="subject.code")
    criterion: Open[str] = Field(primary_key=True)
    number: Open[int] = Field(default=1, primary_key=True)
    answer: Open[str]
    why: Open[str] = ""  # why it replaces the number before; empty at enrolment
    at: Open[When]
    by: Open[str]


class Consent(Recorded, table=True):
    """Consent to one version of form and protocol, and who gave it; the latest row counts."""

    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    subject_code: Open[str] = Field(foreign_key="subject.code", index=True)
    form: Open[str]
    protocol: Open[str]
    given_by: Open[str]
    given_on: Open[date]
    at: Open[When]
    by: Open[str]


class Serology(Recorded, table=True):
    """One laboratory result for one analyte; a later row for the same analyte supersedes it and both stay."""

    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    subject_code: Open[str] = Field(foreign_key="subject.code", index=True)
    analyte: Open[str]
    outcome: Open[str]
    assay: Open[str]
    laboratory: Open[str]
    reference: Open[str]
    sampled_on: Open[date]
    at: Open[When] = Field(index=True)
    by: Open[str]


class ReferenceSample(Recorded, table=True):
    """A tube of the subject's own blood or cheek cells, kept to compare the product's STR profile with."""

    __tablename__ = "reference_sample"
    container_code: Open[str] = Field(primary_key=True, foreign_key="container.code")
    subject_code: Open[str] = Field(foreign_key="subject.code", index=True)
    material: Open[str]
    taken_at: Open[When]
    at: Open[When]
    by: Open[str]
    witness: Open[str]


class Bound(Recorded, table=True):
    """Two people bound the subject to the CoI after the subject stated who they are."""

    says: ClassVar[dict[str, str]] = {"subject_code": "This subject is bound to their chain of identity already."}
    subject_code: Open[str] = Field(primary_key=True, foreign_key="subject.code")
    at: Open[When]
    by: Open[str]
    witness: Open[str]


class Wristband(Recorded, table=True):
    """One wristband that was issued. Its code is on no other: a reissue ends it at once, so a copy of an old one opens nothing."""

    ends: ClassVar[tuple[str, ...]] = ("ended_at", "ended_by")
    says: ClassVar[dict[str, str]] = {"subject_code": "This subject has a wristband already; issue a new one, which voids it."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    subject_code: Open[str] = Field(foreign_key="subject.code", index=True)
    at: Open[When]
    by: Open[str]
    witness: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    __table_args__ = (one_open("wristband", "subject_code"),)


class WristbandPrinted(Recorded, table=True):
    """A wristband went to paper. One code is printed once: a second copy would be a second subject."""

    __tablename__ = "wristband_printed"
    says: ClassVar[dict[str, str]] = {"wristband_code": "This wristband has been printed already; issue a new one, which voids it."}
    wristband_code: Open[str] = Field(primary_key=True, foreign_key="wristband.code")
    at: Open[When]
    by: Open[str]


class WristbandVerified(Recorded, table=True):
    """A printed wristband was scanned back and reads as it should; before that it stands for nobody."""

    __tablename__ = "wristband_verified"
    says: ClassVar[dict[str, str]] = {"wristband_code": "This wristband has been scanned back already."}
    wristband_code: Open[str] = Field(primary_key=True, foreign_key="wristband.code")
    at: Open[When]
    by: Open[str]


class Withdrawn(Recorded, table=True):
    """The subject takes part no longer; what was done stays in the record."""

    says: ClassVar[dict[str, str]] = {"subject_code": "This subject has been withdrawn already."}
    subject_code: Open[str] = Field(primary_key=True, foreign_key="subject.code")
    at: Open[When]
    by: Open[str]

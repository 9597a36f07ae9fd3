"""What is kept at the end: that a subject is closed, and each print of a subject's record."""

from typing import ClassVar

from sqlmodel import Field

from backend.ledger import Masked, Open, Recorded, When


class Closed(Recorded, table=True):
    """A subject's record is complete: every vial, dose and label has exactly one disposition, and two people have signed that."""

    says: ClassVar[dict[str, str]] = {"coi": "This subject is closed already."}
    coi: Open[str] = Field(primary_key=True, foreign_key="code.code")
    why: Open[str]
    at: Open[When]
    by: Open[str]
    witness: Open[str]


class RecordPrinted(Recorded, table=True):
    """A subject's record was made into a document of one edition; the document can be made again from this row (decision N4).

    The salt is sealed: two carotid arms are two guesses, and a hash that anybody can work out would tell which one is right.
    """

    __tablename__ = "record_printed"
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    coi: Open[str] = Field(index=True)
    edition: Open[str]  # masked or full
    seq: Open[int]  # of the subject's head that it shows
    head: Open[str]
    salt: Masked[str]
    content_sha256: Open[str]  # of this edition's content, salted
    other_sha256: Open[str]  # of the other edition's content, salted
    at: Open[When]
    by: Open[str]

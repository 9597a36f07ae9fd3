"""What we keep of the randomisation: one list, sealed line by line; which subject has which line; who was told an arm in an emergency.

Not even a checksum stands open here: three arms in twelve lines have 34,650 orders, and any hash of the list would be turned back
into it in a second.
"""

from typing import ClassVar

from sqlmodel import Field

from backend.ledger import Masked, MaskedText, Open, Recorded, When


class RandomisationList(Recorded, table=True):
    """The list of this trial. There is only one: `once` holds the same word in every row and is unique."""

    __tablename__ = "randomisation_list"
    says: ClassVar[dict[str, str]] = {"once": "The randomisation list is imported already; it is imported once."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    once: Open[str] = Field(default="randomisation", unique=True)
    lines: Open[int]
    folder_code: Open[str] = Field(foreign_key="folder_proposed.code")
    checksum: Masked[str]
    at: Open[When]
    by: Open[str]
    witness: Open[str]


class RandomisationLine(Recorded, table=True):
    """One line of the list. Its code is random and the rows were written in no order, so neither tells the line number."""

    __tablename__ = "randomisation_line"
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    list_code: Open[str] = Field(foreign_key="randomisation_list.code", index=True)
    line: Masked[str]
    arm: Masked[str]


class LineDrawn(Recorded, table=True):
    """One line of the list belongs to one subject for good (decision R1). It stands on `site`; which line it is, its code does not tell."""

    __tablename__ = "line_drawn"
    says: ClassVar[dict[str, str]] = {
        "line_code": "This line of the list was drawn for another subject just now.",
        "coi": "This subject has been randomised already.",
    }
    line_code: Open[str] = Field(primary_key=True, foreign_key="randomisation_line.code")
    coi: Open[str] = Field(unique=True)
    at: Open[When]


class Assigned(Recorded, table=True):
    """The arm of one subject, sealed again under the subject's own mask key, twice.

    Whoever may read masked values in the history opens the outer seal and still meets a sealed value: the arm is told by the
    preparation of a dose, and by an emergency, and by nothing else.
    """

    says: ClassVar[dict[str, str]] = {"coi": "This subject has been randomised already."}
    coi: Open[str] = Field(primary_key=True, foreign_key="code.code")
    arm: MaskedText[str]
    at: Open[When]
    by: Open[str]
    witness: Open[str]


class Unmasked(Recorded, table=True):
    """One physician was shown one subject's arm in an emergency (decision P3); it cannot be undone."""

    says: ClassVar[dict[str, str]] = {"coi, by": "You have unmasked this subject already."}
    coi: Open[str] = Field(primary_key=True, foreign_key="code.code")
    by: Open[str] = Field(primary_key=True)
    reason: Open[str]  # from the list
    told: MaskedText[str]
    at: Open[When]

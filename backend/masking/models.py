"""What we keep of the randomisation: one list, sealed line by line, and the fact that two people imported it.

Not even a checksum stands open here: three arms in twelve lines have 34,650 orders, and any hash of the list would be turned back
into it in a second.
"""

from typing import ClassVar

from sqlmodel import Field

from backend.ledger import Masked, Open, Recorded, When


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

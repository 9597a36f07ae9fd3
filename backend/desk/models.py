"""What the desk keeps: when the record was last proved, and with what answer."""

from sqlmodel import Field

from backend.ledger import Open, Recorded, When


class Verification(Recorded, table=True):
    """The record was re-derived from its first entry; `first` is the first fault in words."""

    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    entries: Open[int]
    faults: Open[int]
    first: Open[str] = ""
    started_at: Open[When]
    at: Open[When] = Field(index=True)
    by: Open[str]

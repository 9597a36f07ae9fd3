"""What we keep of materials and equipment. They are shared by all subjects and stand on the chain `supplies`."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.ledger import Open, Recorded, When

ENDS = ("ended_at", "ended_by", "ended_why")


class Lot(Recorded, table=True):
    """One lot of a material as it was received."""

    ends: ClassVar[tuple[str, ...]] = ENDS
    says: ClassVar[dict[str, str]] = {"item, maker, lot_number": "This lot of this maker has been received already; scan its label."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    item: Open[str] = Field(index=True)
    maker: Open[str]
    lot_number: Open[str]
    expires_on: Open[date]
    grade: Open[str]
    storage: Open[str] = ""
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    ended_why: Open[str | None] = None
    __table_args__: Any = (UniqueConstraint("item", "maker", "lot_number"),)


class Equipment(Recorded, table=True):
    """One piece of equipment that a step can name."""

    ends: ClassVar[tuple[str, ...]] = ENDS
    says: ClassVar[dict[str, str]] = {"name": "There is a piece of equipment of this name already."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    kind: Open[str] = Field(index=True)
    name: Open[str] = Field(unique=True)
    serial_number: Open[str]
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    ended_why: Open[str | None] = None


class Calibrated(Recorded, table=True):
    """A piece of equipment was calibrated, and until which day that counts."""

    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    equipment_code: Open[str] = Field(foreign_key="equipment.code", index=True)
    until: Open[date]
    certificate: Open[str]
    at: Open[When]
    by: Open[str]

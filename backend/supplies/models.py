"""What we keep of materials, equipment and their labels. They are shared by all subjects and stand on the chain `supplies`."""

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


class SupplyPrinted(Recorded, table=True):
    """The label of a lot or a piece of equipment went to paper: who, when, how many times by then, and why. Its code is the thing's own."""

    __tablename__ = "supply_printed"
    says: ClassVar[dict[str, str]] = {"supply_code, number": "Somebody else printed this at the same moment."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    supply_code: Open[str] = Field(foreign_key="code.code", index=True)
    number: Open[int]
    why: Open[str]
    at: Open[When]
    by: Open[str]
    __table_args__: Any = (UniqueConstraint("supply_code", "number"),)


class SupplyVerified(Recorded, table=True):
    """A print of such a label was scanned back and reads as it should."""

    __tablename__ = "supply_verified"
    says: ClassVar[dict[str, str]] = {"print_code": "This print has been scanned back already."}
    print_code: Open[str] = Field(primary_key=True, foreign_key="supply_printed.code")
    at: Open[When]
    by: Open[str]

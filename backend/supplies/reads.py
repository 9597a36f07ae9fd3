"""What may be known of lots and equipment: rows for acts, frozen views for people who look."""

from collections.abc import Collection, Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, func, or_, select

from backend.ledger import UnknownCode
from backend.ledger.words import words
from backend.supplies import rules
from backend.supplies.models import Calibrated, Equipment, Lot
from backend.trial.rules.master_record import EquipmentKind


class LotView(BaseModel):
    """A lot as people see it."""

    model_config = ConfigDict(frozen=True)
    code: str
    item: str
    maker: str
    lot_number: str
    expires_on: date
    grade: str
    storage: str
    against: tuple[str, ...]


class EquipmentView(BaseModel):
    """A piece of equipment as people see it."""

    model_config = ConfigDict(frozen=True)
    code: str
    kind: str
    name: str
    serial_number: str
    calibrated_until: date | None
    against: tuple[str, ...]


def lot_of(session: Session, code: str) -> Lot:
    """The lot with this code; UnknownCode when it is of something else."""
    found = session.get(Lot, code)
    if found is None:
        raise UnknownCode(code)
    return found


def equipment_of(session: Session, code: str) -> Equipment:
    """The piece of equipment with this code; UnknownCode when it is of something else."""
    found = session.get(Equipment, code)
    if found is None:
        raise UnknownCode(code)
    return found


def supply_of(session: Session, code: str, today: date, kinds: Mapping[str, EquipmentKind]) -> rules.Supply:
    """The lot (T) or the piece of equipment (E) with this code; a kind that needs no calibration speaks against nothing."""
    if code[0] == "T":
        lot = lot_view(lot_of(session, code), today)
        return rules.Supply("material", lot.item, f"a lot of {lot.item}", lot.against)
    piece = equipment_view(session, equipment_of(session, code), today)
    known = kinds.get(piece.kind)
    return rules.Supply("equipment", piece.kind, f"a {piece.kind}", piece.against if known and known.calibrated else ())


def supply_names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """What the lots and pieces of equipment among these codes are called."""
    lots = select(Lot.code, Lot.lot_number).where(col(Lot.code).in_(codes))
    pieces = select(Equipment.code, Equipment.name).where(col(Equipment.code).in_(codes))
    return {code: words("lot %(number)s", number=number) for code, number in session.exec(lots)} | dict(session.exec(pieces).all())


def calibrated_until(session: Session, equipment_code: str) -> date | None:
    """The last day on which the newest calibration counts; None when there was none."""
    newest = select(Calibrated).where(Calibrated.equipment_code == equipment_code).order_by(col(Calibrated.at).desc())
    found = session.exec(newest).first()
    return found.until if found else None


def lot_view(lot: Lot, today: date) -> LotView:
    """A lot, and every reason why it cannot be used today."""
    return LotView(
        code=lot.code, item=lot.item, maker=lot.maker, lot_number=lot.lot_number, expires_on=lot.expires_on, grade=lot.grade,
        storage=lot.storage, against=tuple(rules.against_lot(lot, today)),
    )  # fmt: skip


def equipment_view(session: Session, equipment: Equipment, today: date) -> EquipmentView:
    """A piece of equipment, and every reason why it cannot be used today."""
    until = calibrated_until(session, equipment.code)
    return EquipmentView(
        code=equipment.code, kind=equipment.kind, name=equipment.name, serial_number=equipment.serial_number, calibrated_until=until,
        against=tuple(rules.against_equipment(equipment, until, today)),
    )  # fmt: skip


def lots(session: Session, today: date, words: str, page: int, size: int = 25) -> tuple[list[LotView], bool]:
    """One page of the lots whose item, maker or number contains the words, by item and expiry, and whether there are more."""
    query = select(Lot).order_by(col(Lot.item), col(Lot.expires_on), col(Lot.code))
    if words:
        query = query.where(or_(*(func.lower(c).contains(words.lower(), autoescape=True) for c in (Lot.item, Lot.maker, Lot.lot_number))))
    rows = session.exec(query.offset((page - 1) * size).limit(size + 1)).all()
    return [lot_view(row, today) for row in rows[:size]], len(rows) > size


def equipment(session: Session, today: date, words: str, page: int, size: int = 25) -> tuple[list[EquipmentView], bool]:
    """One page of the equipment whose kind, name or serial number contains the words, and whether there is more."""
    query = select(Equipment).order_by(col(Equipment.kind), col(Equipment.name))
    if words:
        found = (Equipment.kind, Equipment.name, Equipment.serial_number)
        query = query.where(or_(*(func.lower(c).contains(words.lower(), autoescape=True) for c in found)))
    rows = session.exec(query.offset((page - 1) * size).limit(size + 1)).all()
    return [equipment_view(session, row, today) for row in rows[:size]], len(rows) > size

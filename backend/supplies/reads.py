"""What may be known of lots and equipment: rows for acts, frozen views for people who look."""

from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, func, or_, select

from backend.ledger import Refused, UnknownCode, each
from backend.ledger.words import words
from backend.settings import settings
from backend.supplies import rules
from backend.supplies.models import Calibrated, Equipment, Lot, SupplyPrinted, SupplyVerified
from backend.trial.rules.master_record import EquipmentKind
from labels.copies import Copy
from labels.fields import CannotPrint
from labels.fonts import load_fonts
from labels.layout import Filled, place
from labels.templates import fill


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


def label_of(session: Session, code: str, *, demo: bool) -> Filled:
    """The label of a lot (T) or a piece of equipment (E); what cannot be printed whole is refused."""
    if code[0] == "T":
        lot = lot_of(session, code)
        template, name = rules.LOT_LABEL, lot.item
        values = {"place_name": name, "place_path": lot.lot_number, "expires_on": lot.expires_on.isoformat()}
    else:
        one = equipment_of(session, code)
        template, name = rules.EQUIPMENT_LABEL, one.name
        values = {"place_name": name, "place_path": one.kind}
    try:
        label = fill(template, values | {"code": code}, demo=demo)
        place(label, load_fonts(settings().fonts))
    except CannotPrint as no:
        raise Refused(f"{name} cannot be printed on this label. {no.sentence}") from no
    return label


def newest_print(session: Session, code: str) -> Copy | None:
    """The newest print of the label of this lot or piece of equipment."""
    query = select(SupplyPrinted).where(SupplyPrinted.supply_code == code).order_by(col(SupplyPrinted.number).desc())
    row = session.exec(query).first()
    if row is None:
        return None
    back = session.get(SupplyVerified, row.code)
    return Copy(row.code, row.number, row.why, row.at, row.by, back.at if back else None)


def supply_of(session: Session, code: str, today: date, kinds: Mapping[str, EquipmentKind]) -> rules.Supply:
    """The lot (T) or the piece of equipment (E) with this code; a kind that needs no calibration speaks against nothing."""
    if code[0] == "T":
        lot = lot_view(lot_of(session, code), today)
        return rules.Supply("material", lot.item, f"a lot of {lot.item}", lot.against)
    piece = equipment_view(session, equipment_of(session, code), today)
    known = kinds.get(piece.kind)
    return rules.Supply("equipment", piece.kind, f"a {piece.kind}", piece.against if known and known.calibrated else ())


@each
def supply_names(session: Session, codes: list[str]) -> Mapping[str, str]:
    """What the lots and pieces of equipment among these codes are called."""
    lots = select(Lot.code, Lot.lot_number).where(col(Lot.code).in_(codes))
    pieces = select(Equipment.code, Equipment.name).where(col(Equipment.code).in_(codes))
    return {code: words("lot %(number)s", number=number) for code, number in session.exec(lots)} | dict(session.exec(pieces).all())


@each
def calibrated_until(session: Session, equipment_codes: list[str]) -> Mapping[str, date]:
    """By piece of equipment, the last day on which its newest calibration counts; one that was never calibrated is absent."""
    rows = session.exec(select(Calibrated).where(col(Calibrated.equipment_code).in_(equipment_codes)).order_by(col(Calibrated.at)))
    return {row.equipment_code: row.until for row in rows}


def lot_view(lot: Lot, today: date) -> LotView:
    """A lot, and every reason why it cannot be used today."""
    return LotView(
        code=lot.code, item=lot.item, maker=lot.maker, lot_number=lot.lot_number, expires_on=lot.expires_on, grade=lot.grade,
        storage=lot.storage, against=tuple(rules.against_lot(lot, today)),
    )  # fmt: skip


def equipment_view(session: Session, equipment: Equipment, today: date) -> EquipmentView:
    """A piece of equipment, and every reason why it cannot be used today."""
    return equipment_views(session, [equipment], today)[0]


def equipment_views(session: Session, pieces: Sequence[Equipment], today: date) -> list[EquipmentView]:
    """Pieces of equipment, each with every reason why it cannot be used today."""
    until = calibrated_until(session, [one.code for one in pieces])
    return [
        EquipmentView(
            code=one.code, kind=one.kind, name=one.name, serial_number=one.serial_number, calibrated_until=until.get(one.code),
            against=tuple(rules.against_equipment(one, until.get(one.code), today)),
        )
        for one in pieces
    ]  # fmt: skip


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
    return equipment_views(session, rows[:size], today), len(rows) > size

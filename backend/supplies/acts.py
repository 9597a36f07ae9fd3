"""What may be done with supplies: receive a lot, register and calibrate equipment, take either out of use, print its label."""

from datetime import date
from typing import Annotated

from pydantic import StringConstraints
from sqlmodel import Session, select

from backend.access.rules import Role
from backend.ledger import EquipmentCode, LotCode, Now, Open, Refused, SupplyCode, act, ask, refuse
from backend.settings import settings
from backend.supplies import rules
from backend.supplies.models import Calibrated, Equipment, Lot, SupplyPrinted, SupplyVerified
from backend.supplies.reads import equipment_of, label_of, lot_of, newest_print
from labels.copies import FIRST, against_printing, against_scanning_back

KEEPERS = {Role.TECHNICIAN, Role.QA}
FITTERS = set(Role) - {Role.ASSESSOR, Role.COURIER, Role.RANDOMISER, Role.INSPECTOR, Role.UNMASK}


Words = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Item = Annotated[Words, ask("Item", hint="As the master record calls it")]
Maker = Annotated[Words, ask("Maker")]
LotNumber = Annotated[Words, ask("Lot number")]
Grade = Annotated[Words, ask("Grade", hint="Such as GMP, Ph. Eur., research")]
Kind = Annotated[Words, ask("Kind", hint="As the master record calls it")]
Name = Annotated[Words, ask("Name", hint="As it is written on it: BSC-2")]
Why = Annotated[str, StringConstraints(min_length=1, max_length=200), ask("Why it is printed", hint="Why again, if it was printed before")]
Serial = Annotated[Words, ask("Serial number")]


@act(
    "supplies.receive_lot", roles=KEEPERS, title="Receive a lot", writes={"supplies"}, page="/lots",
    tells="{by} received {item}, lot {lot_number} of {maker}.",
)  # fmt: skip
def receive_lot(
    now: Now, item: Open[Item], maker: Open[Maker], lot_number: Open[LotNumber], expires_on: Open[Annotated[date, ask("Expires on")]],
    grade: Open[Grade], storage: Open[Annotated[str, StringConstraints(max_length=80), ask("Storage")]] = "",
) -> Lot:  # fmt: skip
    """The lot has a code of its own and can be scanned into steps. An expired one, and one that was received before, are refused."""
    refuse(rules.against_receiving(expires_on, now.at.astimezone(settings().zone).date()))
    known = select(Lot.code).where(Lot.item == item, Lot.maker == maker, Lot.lot_number == lot_number)
    if now.session.exec(known).first():
        refuse(Lot.says["item, maker, lot_number"])
    return now.add(Lot(
        code=now.draw("T"), item=item, maker=maker, lot_number=lot_number, expires_on=expires_on, grade=grade, storage=storage, at=now.at,
        by=now.by,
    ))  # fmt: skip


@act(
    "supplies.withdraw_lot", roles=KEEPERS, title="Take the lot out of use", writes={"supplies"}, reason="open",
    tells="{by} took the lot {lot} out of use.", offers=("T",),
)  # fmt: skip
def withdraw_lot(now: Now, lot: LotCode) -> Lot:
    """The lot is not to be used any more."""
    row = lot_of(now.session, lot)
    if row.ended_at:
        refuse(f"This lot was taken out of use already: {row.ended_why}")
    row.ended_at, row.ended_by, row.ended_why = now.at, now.by, now.reason
    return row


@act(
    "supplies.register_equipment", roles=KEEPERS, title="Register equipment", writes={"supplies"}, tells="{by} registered {name}, {kind}.",
    page="/equipment",
)  # fmt: skip
def register_equipment(
    now: Now, kind: Open[Kind], name: Open[Name], serial_number: Open[Serial],
    calibrated_until: Open[Annotated[date | None, ask("Calibrated until")]] = None,
    certificate: Open[Annotated[str, StringConstraints(max_length=80), ask("Certificate")]] = "",
) -> Equipment:  # fmt: skip
    """The piece of equipment has a code of its own and can be scanned into steps."""
    if now.session.exec(select(Equipment.code).where(Equipment.name == name)).first():
        refuse(Equipment.says["name"])
    row = now.add(Equipment(code=now.draw("E"), kind=kind, name=name, serial_number=serial_number, at=now.at, by=now.by))
    if calibrated_until:
        _calibrated(now, row.code, calibrated_until, certificate)
    return row


@act(
    "supplies.calibrate", roles=KEEPERS, title="Record a calibration", writes={"supplies"}, offers=("E",),
    tells="{by} recorded that {equipment} is calibrated until {until}.",
)  # fmt: skip
def calibrate(
    now: Now, equipment: EquipmentCode, until: Open[Annotated[date, ask("Calibrated until")]],
    certificate: Open[Annotated[str, StringConstraints(min_length=1, max_length=80), ask("Certificate")]],
) -> Calibrated:  # fmt: skip
    """The newest calibration counts; the ones before it stay."""
    row = equipment_of(now.session, equipment)
    if row.ended_at:
        refuse(f"{row.name} was taken out of use: {row.ended_why}")
    return _calibrated(now, equipment, until, certificate)


def _calibrated(now: Now, equipment: str, until: date, certificate: str) -> Calibrated:
    return now.add(Calibrated(
        code=now.draw("K"), equipment_code=equipment, until=until, certificate=certificate, at=now.at, by=now.by,
    ))  # fmt: skip


@act(
    "supplies.withdraw_equipment", roles=KEEPERS, title="Take the equipment out of use", writes={"supplies"}, reason="open",
    tells="{by} took {equipment} out of use.", offers=("E",),
)  # fmt: skip
def withdraw_equipment(now: Now, equipment: EquipmentCode) -> Equipment:
    """The piece of equipment is not to be used any more."""
    row = equipment_of(now.session, equipment)
    if row.ended_at:
        refuse(f"{row.name} was taken out of use already: {row.ended_why}")
    row.ended_at, row.ended_by, row.ended_why = now.at, now.by, now.reason
    return row


@act(
    "supplies.print_label", roles=FITTERS, title="Print the label of a lot or of equipment", writes={"supplies"},
    tells="{by} printed the label of {supply}: {why}.", page="/supplies/{supply}",
)  # fmt: skip
def print_label(now: Now, supply: SupplyCode, why: Open[Why] = FIRST) -> SupplyPrinted:
    """The label goes to paper, for who printed it. Its code is the thing's own and stays; a reprint says why and is counted."""
    label_of(now.session, supply, demo=True)
    newest = newest_print(now.session, supply)
    refuse(against_printing(newest, why))
    number = newest.number + 1 if newest else 1
    return now.add(SupplyPrinted(code=now.draw("K"), supply_code=supply, number=number, why=why, at=now.at, by=now.by))


def _waits(session: Session, code: str) -> bool:
    newest = newest_print(session, code)
    return newest is not None and newest.back_at is None


@act(
    "supplies.verify_label", roles=FITTERS, title="Scan the label back", writes={"supplies"}, offers=("T", "E"), ready=_waits,
    tells="{by} scanned the label of {supply} back.", page="/supplies/{code}",
)  # fmt: skip
def verify_label(now: Now, supply: SupplyCode) -> SupplyVerified:
    """The newest label of the lot or piece of equipment reads as it should. One that was never printed is refused."""
    newest = newest_print(now.session, supply)
    if newest is None or newest.back_at:
        raise Refused(*against_scanning_back(newest))
    return now.add(SupplyVerified(print_code=newest.code, at=now.at, by=now.by))

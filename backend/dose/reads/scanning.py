"""What the steps of a preparation ask to be scanned and what was scanned for it, as everybody who reads the record may see it."""

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.dose.rules.preparing import Progress
from backend.dose.rules.scanning import wanted
from backend.supplies.models import Equipment, Lot
from backend.trial.rules.preparation_file import Preparation


class ScannedThing(BaseModel):
    """A lot or a piece of equipment by its code and its name."""

    model_config = ConfigDict(frozen=True)
    code: str
    name: str


class WantedLine(BaseModel):
    """A kind of material or equipment that a step asks for, and what was scanned for it; nothing means that it is missing."""

    model_config = ConfigDict(frozen=True)
    step: str
    kind: str
    scanned: tuple[ScannedThing, ...]


def wanted_lines(session: Session, progress: Progress, preparation: Preparation) -> tuple[WantedLine, ...]:
    """Every thing that the steps ask for, in their order."""
    codes = [one.thing for one in progress.scans]
    names = {one.code: f"{one.maker} {one.lot_number}" for one in session.exec(select(Lot).where(col(Lot.code).in_(codes)))}
    names |= {one.code: one.name for one in session.exec(select(Equipment).where(col(Equipment.code).in_(codes)))}
    return tuple(
        WantedLine(
            step=one.step, kind=one.kind,
            scanned=tuple(ScannedThing(code=scan.thing, name=names.get(scan.thing, scan.thing)) for scan in one.scanned),
        )
        for one in wanted(progress, preparation)
    )  # fmt: skip

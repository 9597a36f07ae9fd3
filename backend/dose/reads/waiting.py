"""What of doses waits for unmasked people: preparing, reading again, releasing, deciding, lifting. It names an infusion and no arm."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.dose.models import Dose, DoseDecision, DoseFilled
from backend.dose.reads.correcting import held_doses
from backend.dose.reads.progress import all_progress
from backend.dose.rules.preparing import Progress
from backend.ledger import rows_of
from backend.ledger.words import Text, words


class WaitingDose(BaseModel):
    """A dose that waits for an unmasked person."""

    model_config = ConfigDict(frozen=True)
    code: str
    coi: str
    infusion: int
    what: Text
    since: datetime
    href: str


def to_prepare(session: Session) -> list[WaitingDose]:
    """Doses that were begun and are not finished, or of which a corrected step is not read again, the earliest first."""
    found = []
    for dose, progress in _open(session):
        if progress.reopened:
            found.append(_waiting(dose, words("Read again what was corrected")))
        elif progress.decision is None and not progress.given and not progress.surplus_gone:
            found.append(_waiting(dose, words("Prepare the dose") if progress.next else words("Samples, label, surplus")))
    return found


def to_release(session: Session) -> list[WaitingDose]:
    """Filled doses about which nobody has decided."""
    rows = session.exec(
        select(Dose).join(DoseDecision, col(DoseDecision.dose_code) == Dose.code, isouter=True)
        .where(col(DoseDecision.dose_code).is_(None), col(Dose.ended_at).is_(None)).order_by(col(Dose.at))
    )  # fmt: skip
    doses = rows.all()
    filled = rows_of(session, DoseFilled, [dose.code for dose in doses])
    return [_waiting(dose, words("Release the dose")) for dose in doses if dose.code in filled]


def to_lift(session: Session) -> list[WaitingDose]:
    """Doses that a correction holds, for unmasked QA."""
    return [_waiting(dose, words("Lift the hold of a correction"), held.at) for dose, held in held_doses(session)]


def masked_undecided(session: Session) -> list[WaitingDose]:
    """Masked deviations that wait for unmasked QA."""
    return [_waiting(dose, one.sentence) for dose, progress in _open(session) for one in progress.deviations if one.accepted is None]


def _open(session: Session) -> list[tuple[Dose, Progress]]:
    """The doses that were not disposed of, the earliest first, and everything that is recorded of each."""
    doses = session.exec(select(Dose).where(col(Dose.ended_at).is_(None)).order_by(col(Dose.at))).all()
    found = all_progress(session, [dose.code for dose in doses])
    return [(dose, found[dose.code]) for dose in doses]


def _waiting(dose: Dose, what: str, since: datetime | None = None) -> WaitingDose:
    return WaitingDose(code=dose.code, coi=dose.coi, infusion=dose.infusion, what=what, since=since or dose.at, href=f"/doses/{dose.code}")

"""What of doses waits for unmasked people: preparing, reading again, releasing, deciding, lifting. It names an infusion and no arm."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.dose.models import Dose, DoseDecision
from backend.dose.reads.correcting import held_doses
from backend.dose.reads.progress import progress_of
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
    for dose in session.exec(select(Dose).where(col(Dose.ended_at).is_(None)).order_by(col(Dose.at))):
        progress = progress_of(session, dose)
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
    return [_waiting(dose, words("Release the dose")) for dose in rows if progress_of(session, dose).filled]


def to_lift(session: Session) -> list[WaitingDose]:
    """Doses that a correction holds, for unmasked QA."""
    return [_waiting(dose, words("Lift the hold of a correction"), held.at) for dose, held in held_doses(session)]


def masked_undecided(session: Session) -> list[WaitingDose]:
    """Masked deviations that wait for unmasked QA."""
    found = []
    for dose in session.exec(select(Dose).where(col(Dose.ended_at).is_(None)).order_by(col(Dose.at))):
        found += [_waiting(dose, one.sentence) for one in progress_of(session, dose).deviations if one.accepted is None]
    return found


def _waiting(dose: Dose, what: str, since: datetime | None = None) -> WaitingDose:
    return WaitingDose(code=dose.code, coi=dose.coi, infusion=dose.infusion, what=what, since=since or dose.at, href=f"/doses/{dose.code}")

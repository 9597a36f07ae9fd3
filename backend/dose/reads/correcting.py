"""What was corrected in a preparation, for the act, the page and the worklists: the hold of it, what stands against lifting that."""

from sqlmodel import Session, col, select

from backend.dose.models import Dose
from backend.dose.reads.progress import progress_of, shown_dose, worked_once
from backend.dose.reads.releasing import recipe_for
from backend.dose.rules.correcting import against_lifting
from backend.dose.rules.preparing import Said
from backend.ledger import Shown
from backend.ledger.sealing import Keyring
from backend.quality.models import Hold
from backend.quality.reads import open_holds

CORRECTION = "dose.correct"


def correction_hold(session: Session, dose_code: str) -> Hold | None:
    """The hold that a correction of this dose placed and nobody has lifted; there is one at most."""
    return next((one for one in open_holds(session, dose_code) if one.cause == CORRECTION), None)


def held_doses(session: Session) -> list[tuple[Dose, Hold]]:
    """The doses that a correction holds, the longest held first."""
    rows = select(Dose, Hold).join(Hold, col(Hold.about) == Dose.code).where(Hold.cause == CORRECTION, col(Hold.ended_at).is_(None))
    return list(session.exec(rows.order_by(col(Hold.at))))


def reasons_against_lifting(session: Session, keyring: Keyring, dose: Dose, held: Hold, by: str) -> list[Said]:
    """Every reason why this person does not lift the hold of a correction now, openly and with its values."""
    progress, made = progress_of(session, dose), recipe_for(session, keyring, dose)
    if made is None:
        return [Said("No line of the list has been drawn for this subject; the route is opened first.")]
    worked = {step: worked_once(session, keyring, row) for step, row in progress.matched.items()}
    return list(against_lifting(progress, held.by, made, worked, by))


def shown_correction(session: Session, dose: str, **_: object) -> Shown:
    """What lifting rests on: what the page of the dose displays, its superseded and new matched rows included, and the hold itself."""
    held = correction_hold(session, dose)
    return shown_dose(session, dose=dose) + ([("hold", [held.code], held.version)] if held else [])

"""What the steps of a preparation ask to be scanned and what was scanned for it, as everybody who reads the record may see it."""

from sqlmodel import Session

from backend.batch.reads.bench import Thing, supplies_wanted
from backend.dose.rules.preparing import Progress
from backend.supplies.reads import supply_names
from backend.trial.rules.preparation_file import Preparation, PrepStep


def wanted(session: Session, progress: Progress, preparation: Preparation) -> dict[PrepStep, tuple[Thing, ...]]:
    """By step, everything that it asks for."""
    names = supply_names(session, [one.code for one in progress.scans])
    return {step: tuple(supplies_wanted(names, one, progress.scanned(step))) for step, one in preparation.supplies.items()}

"""Why something is not scanned into a preparation, or not taken out of it again."""

from collections.abc import Iterator

from backend.batch.rules import not_asked_for
from backend.dose.rules.preparing import Progress
from backend.supplies.rules import Supply
from backend.trial.rules.master_record import Supplied
from backend.trial.rules.preparation_file import Preparation, PrepStep


def against_changing(progress: Progress) -> Iterator[str]:
    """Every reason why what was scanned into this preparation stays as it is."""
    if progress.dose.ended_at:
        yield f"This dose has ended: {progress.dose.ended_why}"
    if progress.decision:
        yield f"This dose is {progress.decision.decision} already."


def against_scanning(progress: Progress, preparation: Preparation, step: PrepStep, code: str, thing: Supply) -> Iterator[str]:
    """Every reason why this is not scanned into this step."""
    yield from against_changing(progress)
    supplies = preparation.supplies.get(step, Supplied()).supplies
    if (thing.part, thing.kind) not in supplies:
        yield not_asked_for(f"The {step}", thing.named, (kind for _, kind in supplies))
    if any(one.code == code for one in progress.scanned(step)):
        yield f"This {thing.kind} is in the {step} already."

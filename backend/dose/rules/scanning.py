"""What is scanned into a preparation, and what of it is missing."""

from collections.abc import Iterator
from typing import NamedTuple, get_args

from backend.dose.models import DoseScan
from backend.dose.rules.preparing import Progress
from backend.trial.rules.preparation_file import Preparation, PrepStep, Uses

SCANNED_INTO: tuple[PrepStep, ...] = get_args(PrepStep)


class Wanted(NamedTuple):
    """One thing that a step asks for, and what was scanned for it."""

    step: str
    kind: str
    scanned: tuple[DoseScan, ...]


def against_changing(progress: Progress) -> Iterator[str]:
    """Every reason why what was scanned into this preparation stays as it is."""
    if progress.dose.ended_at:
        yield f"This dose has ended: {progress.dose.ended_why}"
    if progress.decision:
        yield f"This dose is {progress.decision.decision} already."


def against_scanning(progress: Progress, preparation: Preparation, step: PrepStep, part: str, kind: str) -> Iterator[str]:
    """Every reason why this is not scanned into this step."""
    yield from against_changing(progress)
    uses = preparation.uses.get(step, Uses())
    asked = uses.equipment if part == "equipment" else uses.materials
    if kind not in asked:
        yield f"The {step} asks for no {kind}; it asks for {', '.join((*uses.equipment, *uses.materials)) or 'nothing'}."


def wanted(progress: Progress, preparation: Preparation) -> list[Wanted]:
    """Everything that the steps ask for, step by step, with what was scanned for it."""
    return [
        Wanted(step, kind, tuple(one for one in progress.scans if (one.step, one.kind) == (step, kind)))
        for step in SCANNED_INTO
        for uses in [preparation.uses.get(step, Uses())]
        for kind in (*uses.equipment, *uses.materials)
    ]

"""Whether a container may be used: released, rejected, on hold, or in quarantine until somebody decides.

Custody knows a batch by its code alone: the room that knows of decisions and holds fills the slot at start-up, as the gate is filled.
"""

from collections.abc import Callable, Iterable, Mapping

from sqlmodel import Session, col, select

from backend.custody.models import Container, Disposed
from backend.custody.rules import QUARANTINE, RETAINED

Judges = Callable[[Session, Iterable[Container]], Mapping[str, str]]
JUDGES: list[Judges] = []
"""What says how each of these containers stands, by its code. Without one everything is in quarantine."""


def standings(session: Session, boxes: Iterable[Container]) -> dict[str, str]:
    """By container: released, rejected, on hold or quarantine."""
    boxes = list(boxes)
    found = {box.code: QUARANTINE for box in boxes}
    for judge in JUDGES:
        found |= judge(session, boxes)
    return found


def standing(session: Session, box: Container) -> str:
    """Released, rejected, on hold or quarantine."""
    return standings(session, [box])[box.code]


def seen_as(session: Session, boxes: Iterable[Container]) -> dict[str, str]:
    """The same for people who look: what is retained is nobody's to pick, whatever was decided of its bank."""
    boxes = list(boxes)
    of_them = col(Disposed.container_code).in_([box.code for box in boxes])
    kept = session.exec(select(Disposed.container_code).where(of_them, Disposed.how == RETAINED))
    return standings(session, boxes) | dict.fromkeys(kept, RETAINED)

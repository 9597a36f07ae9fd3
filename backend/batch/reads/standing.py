"""How the containers of a batch stand: what QA decided about it, and what is on hold (fills the slot of custody)."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from backend.batch.models import BatchDecision
from backend.batch.rules.standing import stands
from backend.custody.models import Container, Label
from backend.quality.reads import open_holds


def judged(session: Session, boxes: Iterable[Container]) -> dict[str, str]:
    """By container: released, rejected, on hold or quarantine; a hold on it, its label, its batch or its subject counts."""
    boxes = list(boxes)
    codes = [box.code for box in boxes]
    live = session.exec(select(Label).where(col(Label.of_code).in_(codes), col(Label.ended_at).is_(None))).all()
    labels = {row.of_code: row.code for row in live}
    batches = {box.batch_code for box in boxes if box.batch_code}
    decided = session.exec(select(BatchDecision).where(col(BatchDecision.batch_code).in_(batches))).all() if batches else []
    decisions = {row.batch_code: row.decision for row in decided}
    about = {*codes, *labels.values(), *batches, *(box.chain for box in boxes)}
    held = {hold.about for hold in open_holds(session, about)}

    def one(box: Container) -> str:
        on_hold = bool(held & {box.code, labels.get(box.code, ""), box.batch_code, box.chain})
        return stands(box.kind, decisions.get(box.batch_code or "", ""), on_hold)

    return {box.code: one(box) for box in boxes}

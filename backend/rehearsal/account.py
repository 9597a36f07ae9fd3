"""The final account of a story: every vial in one place, every label with one fate. By subject number, without codes or hashes."""

from collections import Counter
from collections.abc import Iterator

from sqlmodel import Session, col, select

from backend.batch.models import BatchDecision
from backend.custody.models import Container, Label, LabelPrinted, UsedUp
from backend.custody.reads.labelling import state_of
from backend.custody.reads.storage import tanks_of
from backend.subject.models import Subject

VIAL = "cryovial"
FATES = ("applied", "specimen", "void", "destroyed")


def account(session: Session) -> Iterator[str]:
    """One line for each subject's vials, one for all labels; a sum that does not close says so."""
    subjects = session.exec(select(Subject).order_by(col(Subject.number))).all()
    for subject in subjects:
        yield f"{subject.number}: {_vials(session, subject.code)}"
    printed = session.exec(select(Label).join(LabelPrinted, col(LabelPrinted.label_code) == Label.code)).all()
    fates = Counter(_fate(session, label) for label in printed)
    said = " + ".join(f"{fates[fate]} {fate}" for fate in FATES)
    open_ones = sum(n for fate, n in fates.items() if fate not in FATES)
    yield f"Labels: {len(printed)} printed = {said}" + (f" + {open_ones} not on anything yet" if open_ones else "") + "."


def _fate(session: Session, label: Label) -> str:
    return state_of(session, label)


def _vials(session: Session, coi: str) -> str:
    vials = session.exec(select(Container.code).where(Container.chain == coi, Container.kind == VIAL)).all()
    if not vials:
        rejected = session.exec(select(BatchDecision).where(BatchDecision.chain == coi)).first()
        return "batch rejected, no vial was filled." if rejected else "no vial yet."
    tanks = Counter(path.rsplit(" · ", 1)[-1] for path in tanks_of(session, vials).values())
    gone = session.exec(select(UsedUp.container_code).where(col(UsedUp.container_code).in_(vials))).all()
    where = ", ".join(f"{n} in {tank}" for tank, n in sorted(tanks.items()))
    missing = len(vials) - sum(tanks.values()) - len(gone)
    rest = (f", {len(gone)} used up" if gone else "") + (f", {missing} IN NO PLACE" if missing else "")
    return f"{len(vials)} vials = {where}{rest}."

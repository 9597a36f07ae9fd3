"""The final account of a story: every vial in one disposition or one place, every label with one fate. By subject number, without codes."""

from collections import Counter
from collections.abc import Iterator

from sqlmodel import Session, col, select

from backend.batch.models import BatchDecision
from backend.custody.models import Label, LabelPrinted
from backend.custody.reads.labelling import state_of
from backend.custody.reads.storage import tanks_of
from backend.dose.reads import given
from backend.dossier.models import Closed
from backend.dossier.reads.account import fates_of, vials_of
from backend.dossier.reads.rows import Live
from backend.dossier.rules import DISPOSITIONS
from backend.subject.models import Subject, Withdrawn

FATES = ("applied", "specimen", "void", "destroyed")


def account(session: Session) -> Iterator[str]:
    """One line for each subject's outcome and vials, one for all labels; a sum that does not close says so."""
    subjects = session.exec(select(Subject).order_by(col(Subject.number))).all()
    for subject in subjects:
        yield f"{subject.number}: {_outcome(session, subject.code)}; {_vials(session, subject.code)}"
    printed = session.exec(select(Label).join(LabelPrinted, col(LabelPrinted.label_code) == Label.code)).all()
    fates = Counter(state_of(session, label) for label in printed)
    said = " + ".join(f"{fates[fate]} {fate}" for fate in FATES)
    open_ones = sum(n for fate, n in fates.items() if fate not in FATES)
    yield f"Labels: {len(printed)} printed = {said}" + (f" + {open_ones} not on anything yet" if open_ones else "") + "."


def _outcome(session: Session, coi: str) -> str:
    """How far a subject came: infusions given, withdrawn, closed."""
    times = len(given(session, coi))
    said = [f"{times} infusion{'' if times == 1 else 's'} given"]
    said += ["withdrawn"] if session.get(Withdrawn, coi) else []
    said += ["closed"] if session.get(Closed, coi) else []
    return ", ".join(said)


def _vials(session: Session, coi: str) -> str:
    rows = Live(session, coi)
    vials, fates = [one.code for one in vials_of(rows)], fates_of(rows)
    if not vials:
        rejected = session.exec(select(BatchDecision).where(BatchDecision.chain == coi)).first()
        return "batch rejected, no vial was filled." if rejected else "no vial yet."
    ended = Counter(fates[one].how for one in vials if one in fates)
    stock = Counter(path.rsplit(" · ", 1)[-1] for path in tanks_of(session, [one for one in vials if one not in fates]).values())
    missing = len(vials) - ended.total() - stock.total()
    parts = [f"{ended[how]} {how}" for how in DISPOSITIONS if ended[how]] + [f"{n} in {tank}" for tank, n in sorted(stock.items())]
    return f"{len(vials)} vials = {' + '.join(parts)}" + (f" + {missing} IN NO PLACE" if missing else "") + "."

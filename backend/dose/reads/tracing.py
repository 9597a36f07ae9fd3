"""Where a lot went in the preparation of doses."""

from collections.abc import Iterator

from sqlmodel import Session, col, select

from backend.batch.reads.tracing import StepTouched, Use
from backend.dose.models import Dose, DoseScan
from backend.dose.reads.progress import suspensions_of
from backend.dose.rules.naming import STEPS
from backend.ledger.words import words


def in_doses(session: Session, lot_code: str) -> Iterator[Use]:
    """The doses into which this lot was scanned and not taken out again. It touched the thawed cells, however late it was scanned."""
    rows = session.exec(
        select(DoseScan, Dose).join(Dose, col(Dose.code) == DoseScan.dose_code)
        .where(DoseScan.code == lot_code, col(DoseScan.ended_at).is_(None))
    ).all()  # fmt: skip
    thawed = suspensions_of(session, [dose.code for _, dose in rows])
    for scan, dose in rows:
        cells = thawed.get(dose.code)
        title = words("Dose of infusion %(number)s: %(step)s", number=dose.infusion, step=STEPS[scan.step])
        use = StepTouched(
            batch=dose.batch_code, collection="", dose=dose.code, step=scan.step, passage="", title=title, material=scan.kind, at=scan.at,
        )  # fmt: skip
        yield use, dose.coi, {cells.code: cells.at} if cells else {}

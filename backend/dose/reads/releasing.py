"""What stands against the release of a dose at this moment, asked of every room upstream: for the act, and for the page before it."""

from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from backend.batch.models import BatchDecision
from backend.custody.models import Label, LabelApplied, LabelPrinted, LabelVerified
from backend.dose.models import Dose
from backend.dose.reads.progress import (
    collected_day,
    earlier_doses,
    folder_of_dose,
    given_of,
    order_of,
    progress_of,
    worked_of,
)
from backend.dose.rules.arithmetic import Recipe, recipe
from backend.dose.rules.preparing import FILL, Progress, Said
from backend.dose.rules.releasing import RAPID, Around, Labelled, against_release
from backend.ledger.sealing import Keyring
from backend.masking.reads import arm_of
from backend.quality.reads import open_deviations
from backend.subject.reads import is_withdrawn
from backend.testing.reads import dose_outcomes
from backend.testing.rules import against_outcomes
from backend.trial.reads import local_day, local_time, status


def recipe_for(session: Session, keyring: Keyring, dose: Dose) -> Recipe | None:
    """What is made for the subject of this dose; None while no arm can be read. It tells the arm."""
    arm = arm_of(session, keyring, dose.coi)
    return recipe(folder_of_dose(session, dose).trial, arm) if arm else None


def reasons(session: Session, keyring: Keyring, dose: Dose, by: str, at: datetime) -> list[Said]:
    """Every reason why this person does not release this dose now, each as everybody may read it and as unmasked people may."""
    progress, made = progress_of(session, dose), recipe_for(session, keyring, dose)
    if made is None:
        return [Said("No line of the list has been drawn for this subject; the route is opened first.")]
    around = _around(session, keyring, progress, at)
    return list(against_release(progress, around, made, folder_of_dose(session, dose).trial, by))


def _around(session: Session, keyring: Keyring, progress: Progress, at: datetime) -> Around:
    dose = progress.dose
    trial, order = folder_of_dose(session, dose).trial, order_of(session, dose)
    decision = session.get(BatchDecision, dose.batch_code)
    before = max((one for one in given_of(session, dose.coi) if one.infusion < dose.infusion), key=lambda one: one.infusion, default=None)
    outcomes = [one for one in dose_outcomes(session, dose.code) if one.asked.test in RAPID]
    about = [dose.code, order.code, dose.coi, *earlier_doses(session, dose)]
    about += [progress.filled.container_code] if progress.filled else []
    own = {one.code for one in progress.deviations}
    undecided = [one.sentence for one in open_deviations(session, about) if one.code not in own]
    return Around(
        order=order, bank=decision.decision if decision else "", tests=tuple(against_outcomes(outcomes)), deviations=tuple(undecided),
        label=_label(session, progress.filled.container_code) if progress.filled else None, withdrawn=is_withdrawn(session, dose.coi),
        trial=status(session), collected_on=collected_day(session, dose),
        before=(before.infusion, local_day(trial, before.started_at)) if before else None, day=local_day(trial, at),
        at=local_time(trial, at), cells=_cells(session, keyring, progress),
    )  # fmt: skip


def _cells(session: Session, keyring: Keyring, progress: Progress) -> Decimal | None:
    return worked_of(session, keyring, progress, FILL)["cells"] if FILL in progress.matched else None


def _label(session: Session, container_code: str) -> Labelled | None:
    """The live label of the syringe, or the one that ended last."""
    rows = session.exec(select(Label).where(Label.of_code == container_code).order_by(col(Label.at).desc())).all()
    label = next((one for one in rows if one.ended_at is None), rows[0] if rows else None)
    if label is None:
        return None
    printed, verified, applied = (session.get(kind, label.code) is not None for kind in (LabelPrinted, LabelVerified, LabelApplied))
    return Labelled(printed, verified, applied, (label.ended_why or "") if label.ended_at else "")

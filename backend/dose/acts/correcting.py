"""What was matched is corrected: the step is read again by two people, the dose is on hold, and unmasked QA lifts that (decision F2).

It can be done before and after the release and after the infusion: what was given must be knowable.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from sqlmodel import Session

from backend.dose.acts.matching import MASKED_TEXT, refuse_under_seal
from backend.dose.acts.preparing import PREPARERS
from backend.dose.acts.releasing import UNMASKED_QA
from backend.dose.models import Dose, DoseHoldLifted, PrepCorrected
from backend.dose.reads.correcting import CORRECTION, correction_hold, reasons_against_lifting, shown_correction
from backend.dose.reads.progress import covered_entry, dose_of, progress_of
from backend.dose.rules.correcting import against_correcting, hold_words
from backend.ledger import Now, Open, RecordCode, Refused, act, ask, refuse
from backend.ledger.words import words
from backend.quality.acts import hold
from backend.quality.models import Hold
from backend.quality.reads import CAUSES, Cause

Step = Annotated[Literal["wash", "count", "formulate", "fill"], ask("Step of the preparation")]
CORRECTED = "I correct this step; the reason is true, and what was read before stays in the record."
LIFTED = "Lifted by unmasked QA; the reason is masked."
ON_THE_DOSE = words("A correction of a preparation placed this hold; unmasked QA lifts it on the page of the dose.")


@act(
    "dose.correct", roles=PREPARERS, title="Correct a step of the preparation", tells="{by} corrected the preparation of the dose {dose}.",
    signed=CORRECTED, reason="masked", covers=covered_entry, page="/doses/{dose}",
)  # fmt: skip
def correct(now: Now, dose: RecordCode, step: Open[Step]) -> PrepCorrected:
    """What two people matched is superseded and stays; the step is read again by two people on their own, and the dose is on hold.

    The reason is sealed, and covered like a reading until both have read the same again: it may say the value (decision W3).
    """
    progress = progress_of(now.session, dose_of(now.session, dose))
    refuse(against_correcting(progress, step))
    matched = progress.matched[step]
    matched.ended_at, matched.ended_by = now.at, now.by
    if correction_hold(now.session, dose) is None:
        hold(now, about=dose, why=hold_words(progress.dose.infusion), cause=CORRECTION)
    return now.add(PrepCorrected(
        code=now.draw("K"), dose_code=dose, step=step, matched_code=matched.code, why=now.seal(now.reason, MASKED_TEXT), at=now.at,
        by=now.by,
    ))  # fmt: skip


def _is_held(session: Session, code: str) -> bool:
    return session.get(Dose, code) is not None and correction_hold(session, code) is not None


@act(
    "dose.lift_hold", roles=UNMASKED_QA, title="Lift the hold of a correction", tells="{by} lifted the hold on the dose {dose}.",
    signed="I have reviewed what was corrected in this preparation and what follows from it, and lift the hold.", reason="masked",
    shows=shown_correction, offers=("K",), ready=_is_held, page="/doses/{dose}",
)  # fmt: skip
def lift_hold(now: Now, dose: RecordCode) -> Hold:
    """The hold that corrections placed on this dose is over, for a reason that is sealed; it covers every correction so far.

    Refused while a step is not read again, while a masked deviation is undecided or was not accepted, for whoever took part, and for
    good while the cells in force do not conform: nothing overrides that (decision F2).
    """
    made, row = dose_of(now.session, dose), correction_hold(now.session, dose)
    if row is None:
        raise Refused("No correction of its preparation holds this dose.")
    refuse_under_seal(reasons_against_lifting(now.session, now.ledger.keyring, made, row, now.by))
    row.ended_at, row.ended_by, row.ended_why = now.at, now.by, LIFTED
    now.add(DoseHoldLifted(hold_code=row.code, dose_code=dose, why=now.seal(now.reason, MASKED_TEXT), at=now.at))
    return row


def _elsewhere(_: Session, __: Hold) -> Iterator[str]:
    yield ON_THE_DOSE


CAUSES[CORRECTION] = Cause(_elsewhere, lambda session, held: shown_correction(session, held.about), elsewhere=ON_THE_DOSE)

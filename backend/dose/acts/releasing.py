"""What unmasked QA does about a dose: release it, reject it, decide a masked deviation; and how a dose that is not given ends.

To everybody who is masked a decision reads "conforms to its assigned specification", or that it does not (decision S2).
"""

from typing import Annotated, Literal

from sqlmodel import Session

from backend.access.rules import Role
from backend.custody.models import Container, Disposed
from backend.dose.acts.matching import MASKED_TEXT, refuse_under_seal
from backend.dose.acts.preparing import discard
from backend.dose.models import Dose, DoseDecision, DoseDeviation, DoseDeviationDecided
from backend.dose.reads.progress import dose_in, dose_of, order_of, progress_of, shown_dose, suspension_of, used_up
from backend.dose.reads.releasing import reasons
from backend.dose.rules.releasing import against_deciding, against_disposing
from backend.ledger import Now, Open, RecordCode, act, ask, refuse
from backend.quality.models import Deviation, DeviationDecided

UNMASKED_QA = {Role.UNMASKED_QA}
DISPOSERS = {Role.PREPARER, Role.UNMASKED_QA, Role.NURSE, Role.PHYSICIAN}
BY_UNMASKED_QA = "Decided by unmasked QA; the reason is masked."
Because = Annotated[
    Literal["broken", "expired", "rejected", "not prepared to the end", "order withdrawn", "subject unfit"],
    ask("What happened to it"),
]  # fmt: skip
OrderThen = Annotated[Literal["stays", "ends"], ask("Its order", hint="stays: another dose is made for it; ends: a new order is needed")]


def _is_undecided(session: Session, code: str) -> bool:
    dose = session.get(Dose, code)
    return dose is not None and dose.ended_at is None and session.get(DoseDecision, code) is None


@act(
    "dose.release", roles=UNMASKED_QA, title="Release the dose", tells="{by} released the dose {dose}: it conforms to its specification.",
    signed="I have reviewed this preparation. The dose conforms to its assigned specification, and I release it for its subject.",
    shows=shown_dose, relies={"site"}, offers=("K",), ready=_is_undecided, page="/doses/{dose}",
)  # fmt: skip
def release(now: Now, dose: RecordCode) -> DoseDecision:
    """The dose may be given. Refused with every reason against it, from its steps, tests, label, holds, time and cells."""
    refuse_under_seal(reasons(now.session, now.ledger.keyring, dose_of(now.session, dose), now.by, now.at))
    return now.add(DoseDecision(dose_code=dose, decision="released", why=now.seal("", MASKED_TEXT), at=now.at, by=now.by))


@act(
    "dose.reject", roles=UNMASKED_QA, title="Reject the dose", tells="{by} rejected the dose {dose}: it does not conform.",
    signed="I reject this dose. It will be given to nobody.", reason="masked", shows=shown_dose, offers=("K",), ready=_is_undecided,
    page="/doses/{dose}",
)  # fmt: skip
def reject(now: Now, dose: RecordCode) -> DoseDecision:
    """The dose is given to nobody, for a reason that is sealed; it is disposed of by two people."""
    progress = progress_of(now.session, dose_of(now.session, dose))
    if progress.decision:
        refuse(DoseDecision.says["dose_code"])
    if progress.dose.ended_at:
        refuse(f"This dose has ended: {progress.dose.ended_why}")
    if now.by in progress.hands:
        refuse("You took part in the preparation of this dose, so somebody else must decide about it.")
    return now.add(DoseDecision(dose_code=dose, decision="rejected", why=now.seal(now.reason, MASKED_TEXT), at=now.at, by=now.by))


@act(
    "dose.decide_deviation", roles=UNMASKED_QA, title="Decide the masked deviation", reason="masked",
    signed="I have read what this masked deviation says, and decide about it.", tells="{by} decided the masked deviation {deviation}.",
)  # fmt: skip
def decide_deviation(
    now: Now, deviation: RecordCode, decision: Open[Annotated[Literal["accept", "reject"], ask("Decision")]]
) -> DeviationDecided:  # fmt: skip
    """Unmasked QA accepted or did not accept it, for a reason that is sealed; everybody may read that it is decided (decision P2)."""
    row = now.get(DoseDeviation, deviation, "There is no masked deviation with this code.")
    opened = now.session.get_one(Deviation, deviation)
    decided = now.session.get(DeviationDecided, deviation)
    hands = progress_of(now.session, dose_of(now.session, row.dose_code)).hands
    refuse(against_deciding(opened.by, decided.accepted if decided else None, hands, now.by))
    now.add(DoseDeviationDecided(deviation_code=deviation, why=now.seal(now.reason, MASKED_TEXT), at=now.at))
    return now.add(DeviationDecided(deviation_code=deviation, accepted=decision == "accept", why=BY_UNMASKED_QA, at=now.at, by=now.by))


def _can_be_disposed_of(session: Session, code: str) -> bool:
    dose = session.get(Dose, code) if code.startswith("K") else dose_in(session, code)
    return dose is not None and dose.ended_at is None and not progress_of(session, dose).given


@act(
    "dose.dispose", roles=DISPOSERS, title="Dispose of a dose that is not given", tells="{by} disposed of the dose {dose}: {because}.",
    signed="I destroyed this dose. Nothing of it was given to anybody.", witness="I saw this dose destroyed.", reason="masked",
    offers=("K",), ready=_can_be_disposed_of, page="/doses/{dose}",
)  # fmt: skip
def dispose(now: Now, dose: RecordCode, because: Open[Because], order: Open[OrderThen]) -> Dose:
    """The dose has ended without being given: syringe and surplus are destroyed, labels void, vials that were not thawed are free again.

    Its order stays for another dose, or ends as well. Refused once cells are going in.
    """
    progress = progress_of(now.session, dose_of(now.session, dose))
    refuse(against_disposing(progress))
    row = progress.dose
    for vial in progress.vials:
        if vial.container_code not in {one.container_code for one in progress.thawed}:
            vial.ended_at, vial.ended_by = now.at, now.by
    syringe = now.session.get(Container, progress.filled.container_code) if progress.filled else None
    for box in (suspension_of(now.session, row), syringe):
        if box is not None and now.session.get(Disposed, box.code) is None and not used_up(now.session, box.code):
            discard(now, box, f"Dose of infusion {row.infusion}, not given: {because}.")
    row.ended_at, row.ended_by, row.ended_why = now.at, now.by, f"It was disposed of: {because}."
    live = order_of(now.session, row)
    if order == "ends" and live.ended_at is None:
        live.ended_at, live.ended_by, live.ended_why = now.at, now.by, f"Its dose was disposed of: {because}."
    return row


"""What may be done about what went wrong: open and describe a deviation, decide it, place a hold, say that one knows, lift it.

Rules of other rooms open deviations and place holds inside their own acts, by `open_deviation` and `hold`.
"""

from typing import Annotated, Literal

from pydantic import StringConstraints

from backend.access.rules import EVERYBODY, Role
from backend.ledger import AnyCode, Now, Open, RecordCode, act, ask, refuse
from backend.quality import rules
from backend.quality.models import CheckClosed, Deviation, DeviationDecided, DeviationDescribed, Hold, HoldSeen
from backend.quality.reads import against_lifting_now, described, is_covered, open_deviations, shown_deviation, shown_hold

WORKERS = {Role.TECHNICIAN, Role.ANALYST, Role.QA, Role.PHYSICIAN, Role.NURSE, Role.COORDINATOR, Role.COURIER}
OWN_RECORD = "This is not part of a subject's record; open it on the container, batch or subject that it concerns."
Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
Sentence = Annotated[Text, ask("What happened", hint="What is, and what must be, with both values")]
Grade = Annotated[Literal["minor", "major", "critical"], ask("Grade")]


def open_deviation(
    now: Now, *, about: str, sentence: str, grade: str, rule: str, covered_for: str | None = None, masked: bool = False
) -> Deviation:  # fmt: skip
    """A deviation of `about` is open until QA decides it. With `covered_for`, only its author knows until that check is closed (W3).

    A `masked` one is decided by unmasked QA in the dose room, which keeps what it says sealed (decision P2).
    """
    refuse(rules.against_opening(sentence, grade))
    return now.add(Deviation(
        code=now.draw("K"), about=about, sentence=sentence, grade=grade, rule=rule, covered_for=covered_for, masked=masked, at=now.at,
        by=now.by,
    ))  # fmt: skip


def close_check(now: Now, check_code: str) -> CheckClosed:
    """What was covered for this check may be seen by everybody from now on."""
    return now.add(CheckClosed(check_code=check_code, at=now.at, by=now.by))


def hold(now: Now, *, about: str, why: str, cause: str = "") -> Hold:
    """Nothing may be done with `about` until QA lifts this hold; `cause` names the rule that placed it."""
    return now.add(Hold(code=now.draw("K"), about=about, why=why, cause=cause, at=now.at, by=now.by))


@act(
    "quality.open", roles=WORKERS, title="Open a deviation", tells="{by} opened a deviation of {about}: {sentence}", offers=("C", "L"),
    page="/deviations/open?about={about}",
)  # fmt: skip
def open_by_hand(now: Now, about: AnyCode, sentence: Open[Sentence], grade: Open[Grade]) -> Deviation:
    """What a person noticed is a deviation, for QA to decide."""
    if now.subject is None:
        refuse(OWN_RECORD)
    return open_deviation(now, about=about, sentence=sentence, grade=grade, rule="")


@act(
    "quality.describe", roles=WORKERS, title="Describe the deviation", tells="{by} described the deviation {deviation}.",
    page="/deviations/{deviation}",
)  # fmt: skip
def describe(
    now: Now, deviation: RecordCode, cause: Open[Annotated[Text, ask("Cause")]],
    impact: Open[Annotated[Text, ask("Impact", hint="On the cells, the subject, other batches")]],
    action: Open[Annotated[Text, ask("Action", hint="What was done, and what keeps it from happening again")]],
) -> DeviationDescribed:  # fmt: skip
    """Cause, impact and action are in the record; they can be described again, and all of it stays."""
    row = _deviation(now, deviation)
    refuse(rules.against_describing(row, now.session.get(DeviationDecided, deviation)))
    return now.add(DeviationDescribed(
        code=now.draw("K"), deviation_code=row.code, cause=cause, impact=impact, action=action, at=now.at, by=now.by,
    ))  # fmt: skip


def _deviation(now: Now, code: str) -> Deviation:
    unknown = f"There is no deviation {code}."
    row = now.get(Deviation, code, unknown)
    refuse(unknown if is_covered(now.session, row, now.by) else None)  # decisions P4, W3
    return row


@act(
    "quality.decide", roles={Role.QA}, title="Decide the deviation", shows=shown_deviation, tells="{by} decided the deviation {deviation}.",
    signed="I have read this deviation, its cause, impact and action, and decide about it.", reason="open", page="/deviations/{deviation}",
)  # fmt: skip
def decide(now: Now, deviation: RecordCode, decision: Open[Annotated[Literal["accept", "reject"], ask("Decision")]]) -> DeviationDecided:
    """QA accepted or rejected what happened, for a reason. Who did, opened or described it cannot decide it."""
    row = _deviation(now, deviation)
    decided = now.session.get(DeviationDecided, deviation)
    covered = bool(row.covered_for and not now.session.get(CheckClosed, row.covered_for))
    refuse(rules.against_deciding(row, described(now.session, deviation), decided, covered, now.by))
    return now.add(DeviationDecided(deviation_code=deviation, accepted=decision == "accept", why=now.reason, at=now.at, by=now.by))


@act(
    "quality.place_hold", roles={Role.QA, Role.ANALYST, Role.TECHNICIAN, Role.PHYSICIAN}, title="Place a hold", offers=("C", "L", "S"),
    signed="Nothing may be done with this until QA lifts the hold.", tells="{by} placed a hold on {about}: {why}",
    page="/holds/place?about={about}",
)  # fmt: skip
def place_hold(now: Now, about: AnyCode, why: Open[Annotated[Text, ask("Why")]]) -> Hold:
    """What `about` names is on hold."""
    if now.subject is None:
        refuse(OWN_RECORD)
    return hold(now, about=about, why=why)


@act(
    "quality.acknowledge_hold", roles={EVERYBODY}, title="I know of this hold", tells="{by} knows of the hold {hold_code}.", page="/holds",
    closed="It says what a person knows, and adds nothing to what was done.",
)  # fmt: skip
def acknowledge_hold(now: Now, hold_code: RecordCode) -> HoldSeen:
    """This person has said that they know of the hold."""
    now.get(Hold, hold_code, f"There is no hold {hold_code}.")
    if now.session.get(HoldSeen, (hold_code, now.by)):
        refuse(HoldSeen.says["hold_code, by"])
    return now.add(HoldSeen(hold_code=hold_code, by=now.by, at=now.at))


@act(
    "quality.lift_hold", roles={Role.QA}, title="Lift the hold", signed="I have read why this was held, and lift the hold.", reason="open",
    shows=shown_hold, tells="{by} lifted the hold {hold_code}.", page="/holds/{hold_code}",
)  # fmt: skip
def lift_hold(now: Now, hold_code: RecordCode) -> Hold:
    """The hold is over, for a reason. It stays while a deviation of what is held is not decided; who placed it cannot lift it."""
    row = now.get(Hold, hold_code, f"There is no hold {hold_code}.")
    undecided = [(one, is_covered(now.session, one, now.by)) for one in open_deviations(now.session, row.about)]
    refuse(rules.against_lifting(row, undecided, now.by), None if row.ended_at else against_lifting_now(now.session, row))
    row.ended_at, row.ended_by, row.ended_why = now.at, now.by, now.reason
    return row

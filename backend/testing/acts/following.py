"""What follows from a result, in the act that records it: a deviation, a hold on what rests on it, and that people are told at once.

One idea: nothing can lie between bad news and its consequences. A correction of what QA decided on holds it until the record may stand.
"""

from collections.abc import Iterator

from sqlmodel import Session

from backend.access.models import Alert
from backend.access.rules import Role
from backend.custody.models import Container
from backend.ledger import Now, Shown
from backend.quality.acts import hold, open_deviation
from backend.quality.models import Hold
from backend.quality.reads import CAUSES, Cause, open_holds
from backend.subject.reads import subject_of
from backend.testing.models import CORRECTION, IN, INCONCLUSIVE, OUT, REPORTED, Result, ResultDeviation
from backend.testing.reads import dose_outcomes, outcomes, positives, released_batches
from backend.testing.rules import Asked, Outcome, against_outcomes, is_positive
from backend.testing.rules.outcomes import NEVER

CORRECTED = "testing.correct"
POSITIVE = "testing.positive"
TOLD = (Role.PHYSICIAN, Role.QA, Role.COORDINATOR)
"""Who is told of germs in full and at once (decision S3), each role by an alert of its own that only it can answer."""


def follow(now: Now, box: Container, asked: Asked, row: Result, reviewed: bool) -> None:
    """Everything that follows from a new result. `reviewed`: whether somebody had reviewed the result before it."""
    if row.verdict in (OUT, INCONCLUSIVE):
        opened = open_deviation(
            now, about=asked.dose_code or asked.batch_code, sentence=row.sentence, grade=_grade(asked, row),
            rule=f"{asked.test}, {asked.stage}",
        )  # fmt: skip
        now.session.flush()
        now.add(ResultDeviation(result_code=row.code, deviation_code=opened.code, at=now.at))
    for about in _rests_on(now, asked, row, reviewed):
        _hold_once(now, about, _why(asked, row), CORRECTED)
    if is_positive(row.value, row.verdict):
        found = f"{asked.title} ({asked.stage}): {row.value}."
        for about in dict.fromkeys((asked.batch_code, row.chain)):
            _hold_once(now, about, f"{found} Nothing of this subject may be used.", POSITIVE)
        _tell(now, box, found)


def _grade(asked: Asked, row: Result) -> str:
    if row.verdict == INCONCLUSIVE:
        return "minor"
    return "critical" if asked.override == NEVER or is_positive(row.value, row.verdict) else "major"


def _rests_on(now: Now, asked: Asked, row: Result, reviewed: bool) -> list[str]:
    """What was decided on this test and must be looked at again: released batches, and the dose whose sample it was (decision F2)."""
    released = released_batches(now.session, row.chain)
    if not asked.batch_code:
        return released if row.kind == CORRECTION else []
    changed = row.kind == CORRECTION or row.verdict not in (IN, REPORTED)
    if asked.dose_code:
        return [asked.dose_code] if row.kind == CORRECTION and reviewed else []
    return [asked.batch_code] if changed and asked.batch_code in released else []


def _why(asked: Asked, row: Result) -> str:
    what = "was corrected" if row.kind == CORRECTION else f"is {row.verdict}"
    return f"{asked.title} ({asked.stage}) {what} after it was decided upon."


def _hold_once(now: Now, about: str, why: str, cause: str) -> None:
    """One hold of a cause is enough: lifting it asks about everything that is wrong by then."""
    if all(one.cause != cause for one in open_holds(now.session, about)):
        hold(now, about=about, why=why, cause=cause)


def _tell(now: Now, box: Container, found: str) -> None:
    number = subject_of(now.session, box.chain).number
    said = f"Subject {number} ({box.chain}): {found} Sample {box.code}. Everything of this subject is on hold, and no dose may be given."
    for role in TOLD:
        now.add(Alert(code=now.draw("K"), sentence=said, roles=role, at=now.at))


# ---- what must be true before QA lifts such a hold ----


def _held(session: Session, held: Hold) -> list[Outcome]:
    return dose_outcomes(session, held.about) or outcomes(session, held.about)


def _against_lifting(session: Session, held: Hold) -> Iterator[str]:
    """The corrected record must be one that may stand; a failure that is never set aside can never be lifted (decision F2)."""
    return against_outcomes(_held(session, held), missing=False)


def _against_all_clear(session: Session, held: Hold) -> Iterator[str]:
    """Nothing is left in which germs were found: each was corrected and reviewed, or accepted by QA where that is allowed."""
    for one in positives(session, held.chain):
        if one.for_good or one.verdict == OUT:
            never = "A failure of this test is never set aside." if one.for_good else "QA has not accepted its deviation."
            yield f"{one.for_good or one.sentence} {never}"
        else:
            yield f"{one.called} found germs, and nobody has reviewed the result that says otherwise; a second analyst must."


def _shown(found: list[Outcome]) -> Shown:
    """The results in force and their reviews: lifting rests on exactly these."""
    seen = [("result", [one.code], 1) for one in found if one.code]
    return seen + [("result_reviewed", [one.code], 1) for one in found if one.reviewed]


CAUSES[CORRECTED] = Cause(_against_lifting, lambda session, held: _shown(_held(session, held)))
CAUSES[POSITIVE] = Cause(_against_all_clear, lambda session, held: _shown(positives(session, held.chain)))

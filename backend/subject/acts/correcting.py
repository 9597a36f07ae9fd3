"""What follows when an answer of the enrolment was wrong: everything of the subject is on hold, in the same act (decision F2).

Nothing else of a screening is corrected here: consent and serology are recorded again, and the last one counts.
"""

from collections.abc import Iterator
from typing import Annotated

from sqlmodel import Session

from backend.access.rules import Role
from backend.ledger import Nonsense, Now, Open, Shown, SubjectCode, act, ask, refuse
from backend.quality.acts import hold, open_deviation
from backend.quality.models import Hold
from backend.quality.reads import CAUSES, Cause
from backend.subject import rules
from backend.subject.acts.screening import Text
from backend.subject.models import EligibilityAnswer
from backend.subject.reads import against_eligibility_now, answers_in_force, is_withdrawn, subject_of
from backend.trial.reads import folder, local_day
from backend.trial.rules import against_answer

CORRECTED = "subject.correct_answer"
NOW_NOBODY = "With the answer that is in the record now nobody is enrolled."  # a deviation is read by more people than the answers are


@act(
    "subject.correct_answer", roles={Role.COORDINATOR, Role.PHYSICIAN}, title="Correct an answer", reason="open", relies={"site"},
    signed="The answer before was wrong; this is what the source says.", tells="{by} corrected the answer to {criterion}.", offers=("S",),
    ready=lambda session, code: not is_withdrawn(session, code),
)  # fmt: skip
def correct_answer(
    now: Now, subject: SubjectCode, criterion: Open[Annotated[Text, ask("Criterion")]], answer: Open[Annotated[Text, ask("Answer")]],
) -> Hold:  # fmt: skip
    """One answer of the enrolment is replaced, and the one before stays; everything of this subject is on hold (decision F2).

    The result is the hold. An answer with which nobody would have been enrolled is a deviation, and its hold is never lifted.
    """
    row = subject_of(now.session, subject)
    answers, answer = answers_in_force(now.session, subject), answer.strip()
    refuse(rules.against_correcting({code: one.answer for code, one in answers.items()}, criterion, answer))
    trial = folder(now.session, row.folder_code).trial
    asked = next(one for one in trial.eligibility if one.code == criterion)
    try:
        speaks_against = against_answer(asked, answer, local_day(trial, row.at))
    except ValueError as no:
        raise Nonsense({"answer": str(no)}) from no
    number = answers[criterion].number + 1
    now.add(EligibilityAnswer(
        subject_code=subject, criterion=criterion, number=number, answer=answer, why=now.reason, at=now.at, by=now.by,
    ))  # fmt: skip
    why = f"The answer to {criterion}, “{asked.ask}”, was corrected after enrolment."
    if speaks_against:
        open_deviation(now, about=subject, sentence=f"{why} {NOW_NOBODY}", grade="major", rule=CORRECTED)
    return hold(now, about=subject, why=why, cause=CORRECTED)


def _against_lifting(session: Session, held: Hold) -> Iterator[str]:
    """Who would not have been enrolled is never taken off hold (decision F2)."""
    for said in against_eligibility_now(session, subject_of(session, held.about)):
        yield f"{said} With this answer nobody is enrolled, so this hold stays; the subject can be withdrawn."


def _shown(session: Session, held: Hold) -> Shown:
    rows = answers_in_force(session, held.about).values()
    return [("eligibility_answer", [one.subject_code, one.criterion, str(one.number)], one.version) for one in rows]


CAUSES[CORRECTED] = Cause(_against_lifting, _shown)

"""After the start: the end of an infusion with what was given and left, that nothing was given after all, the clearance for the next."""

from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, StringConstraints
from sqlmodel import Session

from backend.access.rules import Role
from backend.bedside import rules
from backend.bedside.acts.giving import WARD
from backend.bedside.models import Finished, NothingGiven
from backend.bedside.reads import given_for, is_cleared
from backend.custody.acts import use_up
from backend.custody.models import Container, Disposed, Label
from backend.dose.models import Administration, Cleared, Dose, DoseFilled, Order
from backend.ledger import LabelCode, Now, Open, RecordCode, SubjectCode, act, ask, refuse
from backend.quality.acts import open_deviation
from backend.subject.reads import subject_of
from backend.trial.reads import current, local_time

Text = Annotated[str, StringConstraints(max_length=2_000)]
Said = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
GivenMl = Annotated[Decimal, ask("Volume given", unit="mL", ge=0, le=1_000)]
LeftMl = Annotated[Decimal, ask("Volume left", unit="mL", ge=0, le=1_000)]
NONE_GIVEN = "nothing was given from it"


def _started(now: Now, code: str) -> tuple[Administration, DoseFilled]:
    """An infusion that is going on, and its filled dose; one that is over or annulled is refused."""
    row = now.get(Administration, code, "There is no such infusion; it must have been started.")
    done = now.session.get(Finished, code)
    refuse(
        "Nothing was given in this infusion; that is in the record already." if row.annulled_at else None,
        f"The end of this infusion is recorded already: {done.given_ml} mL were given." if done else None,
    )
    return row, now.session.get_one(DoseFilled, row.dose_code)


def _dispose(now: Now, code: str, how: str, why: str) -> None:
    """The syringe is empty and has its one disposition; two people saw what was left of it destroyed."""
    use_up(now, now.session.get_one(Container, code), why)
    now.add(Disposed(container_code=code, how=how, why=why, at=now.at, by=now.by, witness=now.witness))


@act(
    "bedside.finish", roles=WARD, title="Record the end of the infusion", relies={"site"},
    signed="I gave this volume to the subject; what was left and the empty syringe were destroyed.",
    witness="I saw what was given and what was left; the rest and the empty syringe were destroyed.",
    tells="{by} recorded the end of the infusion: {given_ml} mL given, {left_ml} mL left.",
)  # fmt: skip
def finish(
    now: Now, administration: RecordCode, ended_at: Open[Annotated[AwareDatetime, ask("End of the infusion")]], given_ml: Open[GivenMl],
    left_ml: Open[LeftMl],
    events: Open[Annotated[Said, ask("Adverse events", hint="What was seen, or none")]],
    stopped_because: Open[Annotated[Text, ask("Why it was stopped before its end", hint="Empty when all of it was given")]] = "",
) -> Finished:  # fmt: skip
    """The infusion is over: what was given and left is in the record, and the syringe has its disposition.

    Anything above 0 mL counts as given (T4). Too late an end or a volume that does not add up is recorded and opens a deviation.
    """
    row, filled = _started(now, administration)
    trial = current(now.session).trial
    started, ended, at, expires = (local_time(trial, one) for one in (row.started_at, ended_at, now.at, filled.expires_at))
    refuse(rules.against_finishing(started, ended, at, given_ml, filled.label_ml, stopped_because))
    for one in rules.news_of_end(ended, expires, given_ml, left_ml, filled.label_ml):
        open_deviation(now, about=row.dose_code, sentence=one.sentence, grade=one.grade, rule=one.rule)
    partial = rules.is_partial(given_ml, filled.label_ml)
    why = f"{given_ml} mL given, {left_ml} mL left and destroyed"
    _dispose(now, filled.container_code, "partly administered" if partial else "administered", why)
    return now.add(Finished(
        administration_code=row.code, ended_infusion_at=ended_at, given_ml=given_ml, left_ml=left_ml, stopped_because=stopped_because,
        events=events, at=now.at, by=now.by,
    ))  # fmt: skip


@act(
    "bedside.nothing_given", roles={Role.PHYSICIAN}, witness_roles=WARD, title="Record that nothing was given", relies={"site"},
    signed="Nothing of this dose went into the subject; I typed the volume given myself, and the syringe was destroyed.",
    witness="Nothing of this dose went into the subject; I typed the second volume myself and saw the syringe destroyed.",
    tells="{by} recorded that nothing was given; {left_ml} mL were left.",
)  # fmt: skip
def nothing_given(
    now: Now, administration: RecordCode, dose: LabelCode, given_ml: Open[GivenMl],
    second_given_ml: Open[Annotated[Decimal, ask("Volume given, typed by the second person", unit="mL", ge=0, le=1_000)]],
    left_ml: Open[LeftMl], loss: Open[Annotated[Text, ask("Where the rest went", hint="When more is missing than may be")]] = "",
) -> NothingGiven:  # fmt: skip
    """After the start nothing went in (decision T5): the infusion is annulled, dose and order are over, the syringe is destroyed.

    A deviation of the dose waits for QA, who decide before another dose for this infusion is released.
    """
    row, filled = _started(now, administration)
    label = now.get(Label, dose, f"{dose} is no label.")
    refuse(rules.against_nothing(given_ml, second_given_ml, filled.container_code, label.of_code or "", left_ml, filled.label_ml, loss))
    row.annulled_at, row.annulled_by, row.annulled_witness = now.at, now.by, now.witness
    for lost in (now.session.get_one(Dose, row.dose_code), now.session.get_one(Order, row.order_code)):
        if not lost.ended_at:
            lost.ended_at, lost.ended_by, lost.ended_why = now.at, now.by, NONE_GIVEN
    _dispose(now, filled.container_code, "destroyed", f"nothing was given; {left_ml} mL were left")
    said = f"Infusion {row.infusion} was started and nothing was given: {left_ml} mL of {filled.label_ml} mL were left. {loss}".strip()
    open_deviation(now, about=row.dose_code, sentence=said, grade="major", rule="bedside.nothing_given")
    return now.add(NothingGiven(administration_code=row.code, left_ml=left_ml, loss=loss, at=now.at, by=now.by, witness=now.witness or ""))


def _to_be_cleared(session: Session, code: str) -> bool:
    """For `ready=`: whether the last infusion of this subject is over and not cleared."""
    given = given_for(session, code)
    return bool(given and session.get(Finished, given[-1].code) and not is_cleared(session, code, given[-1].infusion))


@act(
    "bedside.clear", roles={Role.PHYSICIAN}, title="Clear the infusion for the next",
    signed="I examined the subject after this infusion and clear them for the next.", tells="{by} cleared infusion {infusion}: {found}",
    offers=("S",), ready=_to_be_cleared,
)  # fmt: skip
def clear(
    now: Now, subject: SubjectCode, infusion: Open[Annotated[int, ask("Infusion", ge=1, le=20)]],
    found: Open[Annotated[Said, ask("What was found", hint="On examination, and what the follow-up says")]],
) -> Cleared:  # fmt: skip
    """A physician cleared this infusion, once: the next may be given when its own time has come."""
    subject_of(now.session, subject)
    given = next((one for one in given_for(now.session, subject) if one.infusion == infusion), None)
    finished = given is not None and now.session.get(Finished, given.code) is not None
    refuse(rules.against_clearing(infusion, given is not None, finished))
    return now.add(Cleared(code=now.draw("K"), coi=subject, infusion=infusion, found=found, at=now.at, by=now.by))

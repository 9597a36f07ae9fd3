"""What may be known of subjects: rows and answers for acts, and frozen views in which a name is only for those who may see names."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, func, select

from backend.access.reads import names_of
from backend.access.rules import Viewer
from backend.custody.reads.labelling import given_out_at
from backend.ledger import Ledger, UnknownCode
from backend.ledger.sealing import Keyring
from backend.subject import rules
from backend.subject.models import (
    Bound,
    Consent,
    EligibilityAnswer,
    ReferenceSample,
    Serology,
    Subject,
    Withdrawn,
    Wristband,
    WristbandPrinted,
    WristbandVerified,
)
from backend.trial.reads import folder, local_day
from backend.trial.rules import SerologyResult, TrialFile
from labels.copies import against_fetching

PAGE = 25


class Frozen(BaseModel):
    """A view: values only, made for one viewer."""

    model_config = ConfigDict(frozen=True)


class Named(Frozen):
    """Who a subject is. Only a coordinator, a physician or a nurse ever holds one of these."""

    full_name: str
    birth_date: str
    record_number: str
    sex: str


class SubjectLine(Frozen):
    """A subject in a list."""

    coi: str
    number: str
    named: Named | None
    enrolled_at: datetime
    bound: bool
    withdrawn: bool


class SerologyLine(Frozen):
    """One result as the laboratory reported it; `latest` is the one that counts for its analyte."""

    analyte: str
    outcome: str
    assay: str
    laboratory: str
    reference: str
    sampled_on: date
    at: datetime
    by: str
    latest: bool


class WristbandLine(Frozen):
    """A wristband that was issued."""

    code: str
    at: datetime
    by: tuple[str, str]
    printed_at: datetime | None
    verified_at: datetime | None
    ended_at: datetime | None


class AnswerCorrected(Frozen):
    """An answer that took the place of another one."""

    criterion: str
    was: str
    answer: str
    why: str
    at: datetime
    by: str


class SubjectView(Frozen):
    """A subject at screening: what is there, what is missing, what was answered. Empty where the viewer does not screen."""

    coi: str
    number: str
    named: Named | None
    enrolled_at: datetime
    enrolled_by: str
    bound_at: datetime | None
    bound_by: tuple[str, ...]
    withdrawn_at: datetime | None
    answers: tuple[tuple[str, str], ...] = ()
    corrected: tuple[AnswerCorrected, ...] = ()
    against: tuple[str, ...] = ()  # answers in force that speak against having enrolled this subject
    consent_form: str = ""
    consent_protocol: str = ""
    consent_by: str = ""
    consent_on: date | None = None
    serology: tuple[SerologyLine, ...] = ()
    reference_samples: tuple[tuple[str, str, datetime], ...] = ()
    wristbands: tuple[WristbandLine, ...] = ()


# ---- for acts ----


def subject_of(session: Session, coi: str) -> Subject:
    """The subject with this CoI; UnknownCode when there is none."""
    row = session.get(Subject, coi)
    if row is None:
        raise UnknownCode(coi)
    return row


def is_bound(session: Session, coi: str) -> bool:
    """Whether two people have bound this subject to the CoI."""
    return session.get(Bound, coi) is not None


def is_withdrawn(session: Session, coi: str) -> bool:
    return session.get(Withdrawn, coi) is not None


def latest_consent(session: Session, coi: str) -> Consent | None:
    """The consent that counts: the latest."""
    return session.exec(select(Consent).where(Consent.subject_code == coi).order_by(col(Consent.at).desc()).limit(1)).first()


def consent_is_current(session: Session, coi: str, trial: TrialFile) -> bool:
    """Whether the latest consent is to the form and protocol in force."""
    consent = latest_consent(session, coi)
    return consent is not None and (consent.form, consent.protocol) == (trial.consent.form, trial.consent.protocol)


def serology_of(session: Session, coi: str) -> dict[str, SerologyResult]:
    """The result that counts for each analyte: the one recorded last."""
    rows = session.exec(select(Serology).where(Serology.subject_code == coi).order_by(col(Serology.at), col(Serology.code)))
    return {row.analyte: SerologyResult(row.outcome, row.sampled_on) for row in rows}


def answer_rows(session: Session, coi: str) -> list[EligibilityAnswer]:
    """Every answer of this subject, of each criterion the one in force last."""
    rows = select(EligibilityAnswer).where(EligibilityAnswer.subject_code == coi)
    return list(session.exec(rows.order_by(col(EligibilityAnswer.criterion), col(EligibilityAnswer.number))))


def answers_in_force(session: Session, coi: str) -> dict[str, EligibilityAnswer]:
    """By criterion, the answer that counts: the last one."""
    return {row.criterion: row for row in answer_rows(session, coi)}


def against_eligibility_now(session: Session, row: Subject) -> list[str]:
    """Each answer in force that speaks against having enrolled this subject, by the trial folder and the day of the enrolment."""
    trial = folder(session, row.folder_code).trial
    answers = {code: one.answer for code, one in answers_in_force(session, row.code).items()}
    return list(rules.against_eligibility_of(trial, answers, local_day(trial, row.at)))


def wristband(session: Session, code: str) -> Wristband:
    """The wristband with this code; UnknownCode when there is none."""
    row = session.get(Wristband, code)
    if row is None:
        raise UnknownCode(code)
    return row


def live_wristband(session: Session, coi: str) -> Wristband | None:
    """The wristband that the subject wears now."""
    return session.exec(select(Wristband).where(Wristband.subject_code == coi, col(Wristband.ended_at).is_(None))).first()


def against_paper(session: Session, code: str, person: str, at: datetime, *, asking: bool = False) -> Iterator[str]:
    """Every reason why this person is not given the paper of this wristband now; `asking` for it, when it was never given out."""
    band, printed = wristband(session, code), session.get(WristbandPrinted, code)
    if printed is None:
        yield "This wristband is not printed yet."
        return
    since = given_out_at(session, code) or (at if asking else None)
    back = band.ended_at is not None or session.get(WristbandVerified, code) is not None
    yield from against_fetching(printed.by, person, since, at, back=back, again=rules.REISSUE)


def against_wristband(session: Session, code: str, coi: str) -> Iterator[str]:
    """Every reason why a scanned wristband is not the live one of this subject."""
    worn = wristband(session, code)
    verified = session.get(WristbandVerified, code) is not None
    yield from rules.against_wristband(coi, worn.subject_code, worn.ended_at, verified, subject_of(session, coi).number)


def against_taking_part(session: Session, coi: str, trial: TrialFile, status: str) -> Iterator[str]:
    """Every reason why nothing more is taken from this subject now."""
    yield from rules.against_taking_part(
        is_bound(session, coi), is_withdrawn(session, coi), consent_is_current(session, coi, trial), status
    )  # fmt: skip


def enrolled(session: Session) -> tuple[int, int]:
    """How many subjects were ever enrolled, and how many of them withdrew."""
    return session.exec(select(func.count()).select_from(Subject)).one(), session.exec(select(func.count()).select_from(Withdrawn)).one()


def identity_of(session: Session, keyring: Keyring, row: Subject) -> rules.Identity:
    """Who this subject is; empty words where the identity key was destroyed."""
    opened = [keyring.open(session, row.code, sealed) or "" for sealed in (row.full_name, row.record_number, row.birth_date)]
    return rules.Identity(*opened)


def identities(session: Session, keyring: Keyring) -> list[rules.Identity]:
    """Everybody enrolled whose identity was not erased, decrypted to be compared and then forgotten (decision S7)."""
    rows = session.exec(select(Subject)).all()
    keyring.fetch(session, [row.code for row in rows])
    found = [identity_of(session, keyring, row) for row in rows]
    return [one for one in found if one.full_name]


def label_values(session: Session, coi: str, trial: TrialFile) -> dict[str, str]:
    """What the labels of this subject say of them: number, CoI, that four serologies are no whole evaluation, and what was reactive."""
    outcomes = {code: one.outcome for code, one in serology_of(session, coi).items()}
    return {
        "subject_number": subject_of(session, coi).number, "coi": coi, "evaluation_missing": "yes",
        "reactive_for": ", ".join(rules.speaking_against(trial, outcomes)),
    }  # fmt: skip


# ---- for viewers ----


def _named(session: Session, ledger: Ledger, row: Subject, viewer: Viewer) -> Named | None:
    if not viewer.sees_names:
        return None
    opened = [ledger.keyring.open(session, row.code, v) for v in (row.full_name, row.birth_date, row.record_number, row.sex)]
    name, born, number, sex = ("erased" if text is None else text for text in opened)
    return Named(full_name=name, birth_date=born, record_number=number, sex=sex)


def subjects(session: Session, ledger: Ledger, viewer: Viewer, find: str = "", page: int = 1) -> tuple[list[SubjectLine], bool]:
    """One page of the subjects by number, and whether there is another. `find` looks in number and CoI, and in names for who sees them."""
    lines = []
    bound, gone = set(session.exec(select(Bound.subject_code))), set(session.exec(select(Withdrawn.subject_code)))
    wanted, rows = rules.folded(find), session.exec(select(Subject).order_by(col(Subject.number))).all()
    if viewer.sees_names:
        ledger.keyring.fetch(session, [row.code for row in rows])
    for row in rows:
        named = _named(session, ledger, row, viewer)
        text = rules.folded(" ".join([row.number, row.code, *((named.full_name, named.record_number) if named else ())]))
        if all(word in text for word in wanted.replace("-", "").split()) or wanted in text:
            lines.append(SubjectLine(
                coi=row.code, number=row.number, named=named, enrolled_at=row.at, bound=row.code in bound, withdrawn=row.code in gone,
            ))  # fmt: skip
    return lines[(page - 1) * PAGE : page * PAGE], len(lines) > page * PAGE


def subject_view(session: Session, ledger: Ledger, coi: str, viewer: Viewer) -> SubjectView:
    """A subject at screening as this viewer may see them; UnknownCode when there is none, or none that they may see (decision P4)."""
    row = subject_of(session, coi)
    if not viewer.sees_subjects:
        raise UnknownCode(coi)
    bound, gone = session.get(Bound, coi), session.get(Withdrawn, coi)
    short = SubjectView(
        coi=coi, number=row.number, named=_named(session, ledger, row, viewer), enrolled_at=row.at, enrolled_by=_name(session, row.by),
        bound_at=bound.at if bound else None, bound_by=tuple(_name(session, who) for who in (bound.by, bound.witness)) if bound else (),
        withdrawn_at=gone.at if gone else None,
    )  # fmt: skip
    return short.model_copy(update=_screening(session, coi)) if viewer.roles & rules.SCREENS else short


def _screening(session: Session, coi: str) -> dict[str, Any]:
    """What only those see who screen, treat or review."""
    consent = latest_consent(session, coi)
    samples = session.exec(select(ReferenceSample).where(ReferenceSample.subject_code == coi).order_by(col(ReferenceSample.at)))
    return {
        "answers": tuple((code, one.answer) for code, one in answers_in_force(session, coi).items()),
        "corrected": _corrected(session, coi), "against": tuple(against_eligibility_now(session, subject_of(session, coi))),
        "serology": _serology_lines(session, coi),
        "reference_samples": tuple((s.container_code, s.material, s.taken_at) for s in samples),
        "wristbands": _wristband_lines(session, coi),
    } | ({
        "consent_form": consent.form, "consent_protocol": consent.protocol, "consent_by": consent.given_by, "consent_on": consent.given_on,
    } if consent else {})  # fmt: skip


def _corrected(session: Session, coi: str) -> tuple[AnswerCorrected, ...]:
    return tuple(
        AnswerCorrected(criterion=new.criterion, was=old.answer, answer=new.answer, why=new.why, at=new.at, by=_name(session, new.by))
        for old, new in pairwise(answer_rows(session, coi))
        if old.criterion == new.criterion
    )


def _name(session: Session, person: str) -> str:
    return names_of(session, [person]).get(person, person)


def _serology_lines(session: Session, coi: str) -> tuple[SerologyLine, ...]:
    rows = session.exec(select(Serology).where(Serology.subject_code == coi).order_by(col(Serology.at), col(Serology.code))).all()
    last = {row.analyte: row.code for row in rows}
    return tuple(
        SerologyLine(
            analyte=r.analyte, outcome=r.outcome, assay=r.assay, laboratory=r.laboratory, reference=r.reference, sampled_on=r.sampled_on,
            at=r.at, by=_name(session, r.by), latest=last[r.analyte] == r.code,
        )
        for r in sorted(sorted(rows, key=lambda r: r.analyte.casefold()), key=lambda r: r.at, reverse=True)
    )  # fmt: skip


def _wristband_lines(session: Session, coi: str) -> tuple[WristbandLine, ...]:
    rows = session.exec(
        select(Wristband, WristbandPrinted, WristbandVerified)
        .join(WristbandPrinted, col(WristbandPrinted.wristband_code) == Wristband.code, isouter=True)
        .join(WristbandVerified, col(WristbandVerified.wristband_code) == Wristband.code, isouter=True)
        .where(Wristband.subject_code == coi)
        .order_by(col(Wristband.at).desc())
    )
    return tuple(
        WristbandLine(
            code=band.code, at=band.at, by=(_name(session, band.by), _name(session, band.witness)),
            printed_at=printed.at if printed else None, verified_at=back.at if back else None, ended_at=band.ended_at,
        )
        for band, printed, back in rows
    )  # fmt: skip

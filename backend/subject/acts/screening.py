"""What may be done about a subject: enrol, take consent again, record serology, take the reference sample, bind, reissue, withdraw.

Enrolment draws the CoI and the keys before any rule runs, so that also a refused one leaves nothing readable behind (decision S5).
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, StringConstraints
from sqlmodel import Session

from backend.access.rules import Role
from backend.custody.acts import give_out, make_container, request_labels
from backend.custody.models import PaperFetched
from backend.ledger import (
    Code,
    Declared,
    Identity,
    Now,
    Open,
    Refused,
    SubjectCode,
    WristbandCode,
    act,
    ask,
    refuse,
)
from backend.quality.acts import hold, open_deviation
from backend.quality.reads import open_holds
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
from backend.subject.reads import (
    against_paper,
    consent_is_current,
    enrolled,
    identities,
    identity_of,
    is_bound,
    is_withdrawn,
    label_values,
    live_wristband,
    serology_of,
    subject_of,
    wristband,
)
from backend.trial.reads import current, folder_in_force_code, local_day, status

IDENTITY = Declared("identity")
CARE = {Role.COORDINATOR, Role.PHYSICIAN, Role.NURSE}
REFERENCE_STORAGE = "Keep at 2 to 8 °C"  # blood in EDTA and dried swabs alike, until the laboratory extracts DNA
WITHDRAWN = "The subject has withdrawn."
LATE = "A serology that came after the binding is not what this trial accepts."  # no agent: a hold is read by more people than results

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Number = Annotated[str, StringConstraints(min_length=1, max_length=40), ask("Subject number")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80), ask("Full name")]
RecordNumber = Annotated[str, StringConstraints(min_length=1, max_length=60), ask("Record number")]
BirthDate = Annotated[date, ask("Date of birth")]
Sex = Annotated[str, ask("Sex")]
Answers = Annotated[dict[str, str], ask("Eligibility")]
Form = Annotated[str, ask("Consent form")]
Protocol = Annotated[str, ask("Protocol version")]
GivenBy = Annotated[str, ask("Consent given by")]
GivenOn = Annotated[date, ask("Consent given on")]
Third = Annotated[str, StringConstraints(min_length=1, max_length=80), ask("Third identifier", hint="Identity card, passport or insurance")]
StatedName = Annotated[str, StringConstraints(min_length=1, max_length=80), ask("Name as the subject states it")]
StatedBirthDate = Annotated[date, ask("Date of birth as the subject states it")]


@dataclass(frozen=True)
class _Enrolling:
    """What the form says about somebody to be enrolled."""

    number: str
    full_name: str
    record_number: str
    birth_date: date
    sex: str
    answers: dict[str, str]
    consent: tuple[str, str, str, date]
    third_identifier: str | None = None


@act(
    "subject.enrol", roles={Role.COORDINATOR}, title="Enrol a subject", founds=True, writes={"site"},
    signed="I asked every criterion and saw the consent in writing; what I recorded is what I was told.",
    tells="{by} enrolled subject {number}.", page="/subjects/enrol",
)  # fmt: skip
def enrol(
    now: Now, number: Open[Number], full_name: Identity[Name], record_number: Identity[RecordNumber], birth_date: Identity[BirthDate],
    sex: Identity[Sex], answers: Open[Answers], consent_form: Open[Form], consent_protocol: Open[Protocol], consent_by: Open[GivenBy],
    consent_on: Open[GivenOn],
) -> Subject:  # fmt: skip
    """The subject is enrolled and has a CoI. Refused with every reason; somebody similar enrolled needs `subject.enrol_similar`."""
    consent = (consent_form, consent_protocol, consent_by, consent_on)
    return _enrol(now, _Enrolling(number, full_name, record_number, birth_date, sex, answers, consent))


@act(
    "subject.enrol_similar", roles={Role.COORDINATOR}, witness_roles=CARE, title="Enrol a subject although somebody similar is enrolled",
    founds=True, writes={"site"}, reason="identity",
    signed="I asked every criterion and saw the consent in writing; this is not the similar person who is enrolled already.",
    witness="I compared the third identifier; this is not the similar person who is enrolled already.",
    tells="{by} enrolled subject {number} after two people saw that it is nobody enrolled already.", page="/subjects/enrol",
)  # fmt: skip
def enrol_similar(
    now: Now, number: Open[Number], full_name: Identity[Name], record_number: Identity[RecordNumber], birth_date: Identity[BirthDate],
    sex: Identity[Sex], answers: Open[Answers], consent_form: Open[Form], consent_protocol: Open[Protocol], consent_by: Open[GivenBy],
    consent_on: Open[GivenOn], third_identifier: Identity[Third],
) -> Subject:  # fmt: skip
    """The same as `subject.enrol`, when two people saw by a third identifier that this is somebody else (decision S7)."""
    consent = (consent_form, consent_protocol, consent_by, consent_on)
    return _enrol(now, _Enrolling(number, full_name, record_number, birth_date, sex, answers, consent, third_identifier))


def _enrol(now: Now, given: _Enrolling) -> Subject:
    trial = current(now.session).trial
    today = local_day(trial, now.at)
    who = rules.Identity(given.full_name, given.record_number, given.birth_date.isoformat())
    refuse(
        rules.against_room(trial, *enrolled(now.session), status(now.session)),
        rules.against_number(given.number, trial.enrolment.subject_number),
        rules.against_identity(who, identities(now.session, now.ledger.keyring), given.third_identifier is not None),
        rules.against_enrolling(trial, given.answers, given.birth_date, given.sex, today),
        rules.against_consent(trial, *given.consent, today),
    )
    coi = now.subject or ""
    now.add(Code(code=coi, kind="S"))
    row = now.add(Subject(
        code=coi, number=given.number, full_name=now.seal(given.full_name, IDENTITY),
        record_number=now.seal(given.record_number, IDENTITY), birth_date=now.seal(given.birth_date.isoformat(), IDENTITY),
        sex=now.seal(given.sex, IDENTITY), folder_code=folder_in_force_code(now.session), at=now.at, by=now.by,
        third_identifier=None if given.third_identifier is None else now.seal(given.third_identifier, IDENTITY),
    ))  # fmt: skip
    for criterion in rules.asked(trial):
        now.add(EligibilityAnswer(
            subject_code=coi, criterion=criterion, answer=given.answers[criterion].strip(), at=now.at, by=now.by,
        ))  # fmt: skip
    _consent(now, *given.consent)
    return row


def _consent(now: Now, form: str, protocol: str, given_by: str, given_on: date) -> Consent:
    return now.add(Consent(
        code=now.draw("K"), subject_code=now.subject or "", form=form, protocol=protocol, given_by=given_by, given_on=given_on, at=now.at,
        by=now.by,
    ))  # fmt: skip


def _here(session: Session, code: str) -> bool:
    """For `ready=`: whether the subject still takes part."""
    return not is_withdrawn(session, code)


def _bindable(session: Session, code: str) -> bool:
    return _here(session, code) and not is_bound(session, code)


def _worn(session: Session, code: str) -> bool:
    return _here(session, code) and is_bound(session, code)


@act(
    "subject.record_consent", roles={Role.COORDINATOR, Role.PHYSICIAN}, title="Record consent again", relies={"site"},
    signed="I saw this consent in writing.", tells="{by} recorded consent to {form}, protocol {protocol}, given by {given_by}.",
    offers=("S",), ready=_here,
)  # fmt: skip
def record_consent(
    now: Now, subject: SubjectCode, form: Open[Form], protocol: Open[Protocol], given_by: Open[GivenBy], given_on: Open[GivenOn],
) -> Consent:  # fmt: skip
    """The subject has consented to these versions, which must be the ones in force."""
    subject_of(now.session, subject)
    trial = current(now.session).trial
    refuse(
        WITHDRAWN if is_withdrawn(now.session, subject) else None,
        rules.against_consent(trial, form, protocol, given_by, given_on, local_day(trial, now.at)),
    )
    return _consent(now, form, protocol, given_by, given_on)


@act(
    "subject.record_serology", roles=CARE, title="Record serology", relies={"site"},
    signed="These are the laboratory's results as reported.",
    tells="{by} recorded the serology of {sampled_on}.", offers=("S",), ready=_here, page="/subjects/{code}/serology",
)  # fmt: skip
def record_serology(
    now: Now, subject: SubjectCode, laboratory: Open[Annotated[Text, ask("Laboratory")]],
    sampled_on: Open[Annotated[date, ask("Sample taken on")]], outcomes: Open[Annotated[dict[str, str], ask("Results")]],
    assays: Open[Annotated[dict[str, str], ask("Assays")]], references: Open[Annotated[dict[str, str], ask("Laboratory references")]],
) -> list[Serology]:  # fmt: skip
    """One row for each analyte that has a result; a later one supersedes it. A reactive one speaks against binding.

    Once the subject is bound, it opens a deviation and everything of the subject is on hold until QA lifts that.
    """
    subject_of(now.session, subject)
    trial = current(now.session).trial
    told = (("assay", assays), ("laboratory reference", references))
    unsaid = [f"{code} has a result and no {what}; it must have one." for what, s in told for code in outcomes if not s.get(code)]
    refuse(
        WITHDRAWN if is_withdrawn(now.session, subject) else None,
        rules.against_results(trial, outcomes, sampled_on, local_day(trial, now.at)),
        unsaid,
    )
    if is_bound(now.session, subject) and rules.speaking_against(trial, outcomes):
        open_deviation(now, about=subject, sentence=LATE, grade="major", rule="subject.record_serology")
        hold(now, about=subject, why=LATE, cause="subject.record_serology")
    return [
        now.add(Serology(
            code=now.draw("K"), subject_code=subject, analyte=analyte, outcome=outcome, assay=assays[analyte], laboratory=laboratory,
            reference=references[analyte], sampled_on=sampled_on, at=now.at, by=now.by,
        ))
        for analyte, outcome in outcomes.items()
    ]  # fmt: skip


@act(
    "subject.take_reference", roles={Role.NURSE, Role.PHYSICIAN, Role.TECHNICIAN}, title="Take the reference sample for STR",
    relies={"site"}, signed="I took these tubes from the subject and labelled them at once.",
    witness="I saw these tubes taken and labelled.",
    tells="{by} took {tubes} tubes of {material} as the STR reference.", offers=("S",), ready=_here,
)  # fmt: skip
def take_reference(
    now: Now, subject: SubjectCode, material: Open[Annotated[Literal["blood", "cheek swab"], ask("Material")]],
    tubes: Open[Annotated[int, ask("Tubes", ge=1, le=4)]], taken_at: Open[Annotated[AwareDatetime, ask("Taken at")]],
) -> list[ReferenceSample]:  # fmt: skip
    """So many sample containers exist, each with a label to print: the only independent witness of whose cells the product is."""
    trial = current(now.session).trial
    who = label_values(now.session, subject, trial)
    refuse(
        WITHDRAWN if is_withdrawn(now.session, subject) else None,
        f"The sample is timed {taken_at.isoformat()}; it must have been taken by now." if taken_at > now.at else None,
    )
    made = [make_container(now, "sample", f"STR {material} {n} of {tubes}") for n in range(1, tubes + 1)]
    now.session.flush()
    text = who | {"filled_on": local_day(trial, taken_at).isoformat(), "storage": REFERENCE_STORAGE}
    request_labels(now, "container", [(tube.code, text) for tube in made])
    return [
        now.add(ReferenceSample(
            container_code=tube.code, subject_code=subject, material=material, taken_at=taken_at, at=now.at, by=now.by,
            witness=now.witness or "",
        ))
        for tube in made
    ]  # fmt: skip


def _stated(now: Now, row: Subject, name: str, birth_date: date) -> list[str]:
    """Every reason why who was stated is not this subject."""
    recorded = identity_of(now.session, now.ledger.keyring, row)
    return list(rules.against_binding(rules.Identity(name, "", birth_date.isoformat()), recorded))


@act(
    "subject.bind", roles=CARE, title="Bind the subject to the chain of identity", relies={"site"},
    signed="The subject stated their name and date of birth to me; this chain of identity is theirs.",
    witness="I heard the subject state their name and date of birth; this chain of identity is theirs.",
    tells="{by} bound the subject to the chain of identity and issued a wristband.", offers=("S",), ready=_bindable,
    page="/subjects/{code}/bind",
)  # fmt: skip
def bind(now: Now, subject: SubjectCode, stated_name: Identity[StatedName], stated_birth_date: Identity[StatedBirthDate]) -> Wristband:
    """Two people have bound the subject to the CoI and the first wristband is issued; its code is the result.

    Refused unless consent is current, every serology is there and non-reactive, the trial is active, and who is stated is who is recorded.
    """
    row = subject_of(now.session, subject)
    trial = current(now.session).trial
    refuse(
        Bound.says["subject_code"] if is_bound(now.session, subject) else None,
        _against_binding_now(now, subject),
        (f"The subject is on hold: {one.why}" for one in open_holds(now.session, subject)),
        rules.against_screening(trial, serology_of(now.session, subject)),
        _stated(now, row, stated_name, stated_birth_date),
    )
    now.add(Bound(subject_code=subject, at=now.at, by=now.by, witness=now.witness or ""))
    return _issue(now, subject)


def _against_binding_now(now: Now, subject: str) -> list[str]:
    """As `against_taking_part`, before anybody is bound."""
    trial = current(now.session).trial
    current_consent = consent_is_current(now.session, subject, trial)
    return list(rules.against_taking_part(True, is_withdrawn(now.session, subject), current_consent, status(now.session)))


def _issue(now: Now, subject: str) -> Wristband:
    return now.add(Wristband(code=now.draw("W"), subject_code=subject, at=now.at, by=now.by, witness=now.witness or ""))


@act(
    "subject.reissue_wristband", roles=CARE, title="Issue a new wristband", relies={"site"}, reason="open",
    signed="The subject stated their name and date of birth to me; the wristband before this one is void.",
    witness="I heard the subject state their name and date of birth; the wristband before this one is void.",
    tells="{by} issued a new wristband; the one before is void.", offers=("S",), ready=_worn,
)  # fmt: skip
def reissue_wristband(
    now: Now, subject: SubjectCode, stated_name: Identity[StatedName], stated_birth_date: Identity[StatedBirthDate],
) -> Wristband:  # fmt: skip
    """The old wristband is void at once, wherever it or a copy of it is, and a new one is issued."""
    row = subject_of(now.session, subject)
    old = live_wristband(now.session, subject)
    against = [*([WITHDRAWN] if is_withdrawn(now.session, subject) else []), *_stated(now, row, stated_name, stated_birth_date)]
    if old is None:
        raise Refused("The subject is not bound to their chain of identity; two people must bind them first.", *against)
    refuse(against)
    old.ended_at, old.ended_by = now.at, now.by
    now.session.flush()  # the old one must have ended before the new one is live
    return _issue(now, subject)


@act(
    "subject.print_wristband", roles=CARE, title="Print the wristband", tells="{by} printed the wristband {wristband_code}.", offers=("W",),
    ready=lambda session, code: wristband(session, code).ended_at is None and session.get(WristbandPrinted, code) is None,
    page="/wristbands/{code}",
)  # fmt: skip
def print_wristband(now: Now, wristband_code: WristbandCode) -> WristbandPrinted:
    """The wristband goes to paper, once. A void one is refused."""
    band = wristband(now.session, wristband_code)
    if band.ended_at:
        refuse("This wristband is void: another was issued after it. Print the new one.")
    return now.add(WristbandPrinted(wristband_code=wristband_code, at=now.at, by=now.by))


@act(
    "subject.fetch_wristband", roles=CARE, title="Fetch the paper of a wristband",
    tells="{by} fetched the paper of the wristband {wristband_code}.", page="/wristbands/{wristband_code}",
)  # fmt: skip
def fetch_wristband(now: Now, wristband_code: WristbandCode) -> PaperFetched:
    """The paper is given out to who printed the wristband, once and for two minutes. What did not come out is issued anew."""
    refuse(against_paper(now.session, wristband_code, now.by, now.at, asking=True))
    return give_out(now, wristband_code)


@act(
    "subject.verify_wristband", roles=CARE, title="Scan the wristband back", tells="{by} scanned the wristband {wristband_code} back.",
    offers=("W",), ready=lambda session, code: _on_paper(session, code) and session.get(WristbandVerified, code) is None,
    page="/wristbands/{code}",
)  # fmt: skip
def verify_wristband(now: Now, wristband_code: WristbandCode) -> WristbandVerified:
    """The printed wristband reads as it should and may be worn. One that was not printed, or is void, is refused."""
    band = wristband(now.session, wristband_code)
    refuse(
        "This wristband is void: another was issued after it. Destroy it." if band.ended_at else None,
        None
        if _on_paper(now.session, wristband_code)
        else "This wristband was never printed; it must be printed before it is scanned back.",
        WristbandVerified.says["wristband_code"] if now.session.get(WristbandVerified, wristband_code) else None,
    )
    return now.add(WristbandVerified(wristband_code=wristband_code, at=now.at, by=now.by))


def _on_paper(session: Session, code: str) -> bool:
    return wristband(session, code).ended_at is None and session.get(WristbandPrinted, code) is not None


@act(
    "subject.withdraw", roles={Role.COORDINATOR, Role.PHYSICIAN}, title="Withdraw the subject", reason="identity",
    signed="The subject takes part no longer, as they or their guardian decided, or for the reason given.",
    tells="{by} withdrew the subject.", offers=("S",), ready=_here,
)  # fmt: skip
def withdraw(now: Now, subject: SubjectCode) -> Withdrawn:
    """Nothing more is taken from the subject; what was done stays in the record. The reason is sealed with the identity."""
    subject_of(now.session, subject)
    if is_withdrawn(now.session, subject):
        refuse(Withdrawn.says["subject_code"])
    return now.add(Withdrawn(subject_code=subject, at=now.at, by=now.by))

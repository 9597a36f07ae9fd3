"""What must be true of a subject: who may be enrolled, who is whom, and what must be there before anybody is bound to a code.

Sentences about similar people name nobody: whoever reads a refusal must not learn who takes part.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from backend.access.rules import Role
from backend.trial.rules import Criterion, SerologyResult, TrialFile, against_answer, against_eligibility, against_serology

SAME_RECORD_NUMBER = "Somebody with this record number is enrolled already; nobody is enrolled twice."
SIMILAR = (
    "Somebody with the same date of birth and the same or a similar name is enrolled already. "
    "If these are two people, a second person must sign it, with a third identifier and a reason."
)
NOT_THE_NAME = "The name that was stated is not the name in the record; this may be another person."
NOT_THE_BIRTH_DATE = "The date of birth that was stated is not the one in the record; this may be another person."
REISSUE = "A wristband that did not come out is replaced: issue a new one, which makes this one void."
SHORT_NAME = 6  # letters; in a shorter name one different letter is already as much as two in a longer one
SEXES = ("female", "male")
SCREENS = frozenset({Role.COORDINATOR, Role.PHYSICIAN, Role.NURSE, Role.TECHNICIAN, Role.QA, Role.ANALYST, Role.INSPECTOR})
"""Who sees answers, serology and wristbands; the others who work with subjects see number and CoI."""


@dataclass(frozen=True)
class Identity:
    """Who somebody is, as typed; decrypted only inside an act and never kept."""

    full_name: str
    record_number: str
    birth_date: str


def folded(text: str) -> str:
    """The same text however it was typed: compatibility forms joined, case and outer space ignored."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def tokens(name: str) -> list[str]:
    """The parts of a name in order of their letters, without accents, so that neither order nor punctuation makes two names of one."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", folded(name)) if not unicodedata.combining(c))
    return sorted(re.findall(r"\w+", plain))


def distance(one: str, two: str) -> int:
    """How many letters must be put in, left out or changed to make one text the other (Levenshtein)."""
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(two, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def alike(one: str, two: str) -> bool:
    """Whether two names may be one person's: the same parts in any order, or a slip of one letter (two in a long name)."""
    first, second = "".join(tokens(one)), "".join(tokens(two))
    as_written = [re.sub(r"\W", "", folded(name)) for name in (one, two)]  # Li Na and Lina
    slips = 2 if min(len(first), len(second)) > SHORT_NAME else 1
    return as_written[0] == as_written[1] or min(distance(first, second), distance(*as_written)) <= slips


def same_record_number(one: str, two: str) -> bool:
    """Whether two record numbers are one: spaces, hyphens, width and case make no difference."""
    return _number(one) == _number(two)


def _number(text: str) -> str:
    return "".join(c for c in folded(text) if c.isalnum())


def against_identity(new: Identity, enrolled: Iterable[Identity], confirmed: bool) -> Iterator[str]:
    """Every reason why this may be somebody who is enrolled already (decision S7); `confirmed` by two people that it is not."""
    enrolled = list(enrolled)
    if any(same_record_number(new.record_number, other.record_number) for other in enrolled):
        yield SAME_RECORD_NUMBER
    if not confirmed and any(new.birth_date == other.birth_date and alike(new.full_name, other.full_name) for other in enrolled):
        yield SIMILAR


def against_number(number: str, pattern: str) -> str | None:
    """Why this is no subject number of the trial."""
    return None if re.fullmatch(pattern, number) else f"“{number}” is no subject number of this trial; it must look like {pattern}."


def against_room(trial: TrialFile, enrolled: int, withdrawn: int, status: str) -> Iterator[str]:
    """Every reason why the trial takes nobody more (decision D3)."""
    if status != "active":
        yield f"The trial is {status}; nobody is enrolled unless it is active."
    if trial.enrolment.status != "open":
        yield f"The trial folder says that enrolment is {trial.enrolment.status}; it must be open."
    counted = enrolled - withdrawn if trial.enrolment.replace_withdrawn else enrolled
    if counted >= trial.enrolment.at_most:
        replaced = "" if trial.enrolment.replace_withdrawn else ", and who withdrew is not replaced"
        yield f"{counted} subjects are enrolled; the trial has at most {trial.enrolment.at_most}{replaced}."


def against_consent(trial: TrialFile, form: str, protocol: str, given_by: str, given_on: date, today: date) -> Iterator[str]:
    """Every reason why this consent is not to the versions in force, or is not one."""
    if form != trial.consent.form:
        yield f"Consent was given on the form {form}; the form in force is {trial.consent.form}."
    if protocol != trial.consent.protocol:
        yield f"Consent was given to protocol {protocol}; the protocol in force is {trial.consent.protocol}."
    if given_by not in trial.consent.given_by:
        yield f"Consent was given by “{given_by}”; it must be given by: {' or '.join(trial.consent.given_by)}."
    if given_on > today:
        yield f"Consent is dated {given_on}; today is {today}, and it must have been given by now."


def against_enrolling(trial: TrialFile, answers: Mapping[str, str], birth_date: date, sex: str, today: date) -> Iterator[str]:
    """Every criterion that is unanswered or on the wrong side; age and sex follow from the identity and are not asked twice.

    What follows from the identity is refused without its value: the sentence is open in the record, the identity is sealed (decision S6).
    """
    known = {c.code: c for c in trial.eligibility}
    derived = {code: birth_date.isoformat() for code, c in known.items() if c.kind == "years"}
    derived |= {"SEX": sex} if "SEX" in known else {}
    for code in sorted(derived.keys() & answers.keys()):
        yield f"{code} follows from who the subject is and is not answered apart."
    for code, answer in derived.items():
        if _speaks_against(known[code], answer, today):
            accepted = known[code].accept
            must = f"it must be {' or '.join(accepted)}" if isinstance(accepted, tuple) else f"the age must be {accepted} years"
            yield f"“{known[code].ask}” speaks against enrolment: {must}, and it is not."
    rest = tuple(c for c in trial.eligibility if c.code not in derived)
    given = {code: answer for code, answer in answers.items() if code not in derived}
    yield from against_eligibility(trial.model_copy(update={"eligibility": rest}), given, today)


def against_correcting(answers: Mapping[str, str], criterion: str, answer: str) -> Iterator[str]:
    """Every reason why this is no correction of an answer that was given."""
    if criterion not in answers:
        yield f"{criterion} is no criterion that this subject's form asked; what follows from who the subject is is not answered apart."
    elif answers[criterion] == answer:
        yield f"The answer to {criterion} is “{answer}” already; a correction says something else."


def against_eligibility_of(trial: TrialFile, answers: Mapping[str, str], on: date) -> Iterator[str]:
    """Each answer in force that speaks against having enrolled this subject, judged by the trial file and the day of the enrolment."""
    for criterion in trial.eligibility:
        answer = answers.get(criterion.code)
        reason = None if answer is None else against_answer(criterion, answer, on)
        if reason:
            yield f"{criterion.code}, “{criterion.ask}”: {reason}"


def _speaks_against(criterion: Criterion, answer: str, today: date) -> bool:
    try:
        return against_answer(criterion, answer, today) is not None
    except ValueError:  # no date of this life, no sex that is recorded
        return True


def asked(trial: TrialFile) -> list[str]:
    """The codes of the criteria that the form asks, in the order of the trial file; age and sex are asked with the identity."""
    return [c.code for c in trial.eligibility if c.kind != "years" and c.code != "SEX"]


def against_results(trial: TrialFile, outcomes: Mapping[str, str], sampled_on: date, today: date) -> Iterator[str]:
    """Every reason why these are no serology results. A reactive one is a result."""
    analytes = {a.code: a for a in trial.serology.analytes}
    if not outcomes:
        yield "There is no result; at least one analyte must have one."
    for code, outcome in outcomes.items():
        if code not in analytes:
            yield f"{code} is not an analyte of this trial; they are {', '.join(analytes)}."
        elif outcome not in analytes[code].of:
            yield f"{code} is “{outcome}”; it must be one of: {', '.join(analytes[code].of)}."
    if sampled_on > today:
        yield f"The sample is dated {sampled_on}; today is {today}, and it must have been taken by now."


def against_screening(trial: TrialFile, results: Mapping[str, SerologyResult]) -> Iterator[str]:
    """Every analyte that is missing or reactive, whatever its age; the age is judged on the day of harvest."""
    ageless = {code: SerologyResult(result.outcome, date.min) for code, result in results.items()}
    yield from against_serology(trial, ageless, date.min)


def speaking_against(trial: TrialFile, outcomes: Mapping[str, str]) -> list[str]:
    """The agents whose outcome this trial does not accept; an analyte without `accept` speaks against nothing."""
    judged = ((one.agent, outcomes.get(one.code), one.accept) for one in trial.serology.analytes)
    return sorted({agent for agent, outcome, accept in judged if outcome is not None and accept and outcome not in accept})


def against_binding(stated: Identity, recorded: Identity) -> Iterator[str]:
    """Every reason why who was stated is not who is in the record."""
    if not alike(stated.full_name, recorded.full_name):
        yield NOT_THE_NAME
    if stated.birth_date != recorded.birth_date:
        yield NOT_THE_BIRTH_DATE


def against_wristband(subject_code: str, worn_by: str, ended_at: object, verified: bool, number: str) -> Iterator[str]:
    """Every reason why this wristband is not the one that this subject wears."""
    if worn_by != subject_code:
        yield f"This wristband is another subject's; it must be the one of subject {number}. Stop."
    if ended_at:
        yield "This wristband is void: another was issued after it. Stop; scan the one that the subject wears."
    elif not verified:
        yield "This wristband was issued and never scanned back; it must be printed and scanned back before it is worn."


def against_taking_part(bound: bool, withdrawn: bool, consent_is_current: bool, status: str) -> Iterator[str]:
    """Every reason why nothing more is taken from this subject."""
    if withdrawn:
        yield "The subject has withdrawn; nothing more is taken from them."
    if not bound:
        yield "The subject is not bound to their chain of identity; two people must bind them first."
    if not consent_is_current:
        yield "The latest consent is not to the form and protocol in force; the subject must consent to these first."
    if status != "active":
        yield f"The trial is {status}; it must be active."

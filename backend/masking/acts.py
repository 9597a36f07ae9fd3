"""What may be done about the seal so far: import the randomisation list, once, by two people who see no subject."""

import secrets
from typing import Annotated

from pydantic import StringConstraints
from sqlmodel import select

from backend.access.rules import Role
from backend.ledger import Declared, Masked, MaskedText, Now, Refused, act, ask, refuse
from backend.masking.models import Assigned, RandomisationLine, RandomisationList
from backend.masking.rules import against_list, lines_of
from backend.trial.reads import current, folder_in_force_code

SEALS = "randomisation"
"""Whose keys seal the list: nobody's chain, so that no subject's keys open it."""

MASKED = Declared("masked")
ListText = Annotated[str, StringConstraints(min_length=1), ask("Randomisation list", hint="CSV with the header line,arm")]
Checksum = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$"), ask("Checksum", hint="SHA-256, as the statistician told it by another way")
]


@act(
    "masking.import_list", roles={Role.RANDOMISER}, witness_roles={Role.RANDOMISER, Role.UNMASKED_QA},
    title="Import the randomisation list",
    writes={"site"}, seals=SEALS, signed="I import this randomisation list as I received it and tell nobody what is in it.",
    witness="I compared the checksum with the one that came by another way, and tell nobody what is in the list.",
    tells="{by} imported the sealed randomisation list.", page="/randomisation",
)  # fmt: skip
def import_list(now: Now, text: MaskedText[ListText], checksum: Masked[Checksum]) -> RandomisationList:
    """The list is sealed line by line, for good. Refused unless every arm of the trial folder has its planned number of lines.

    The folder names the arms and the number of subjects; arms are equally many (12 subjects in three arms: four each).
    """
    trial = current(now.session).trial
    if now.session.exec(select(RandomisationList.code)).first():
        refuse(RandomisationList.says["once"])
    if trial.enrolment.at_most % len(trial.arms):
        raise Refused(
            f"{trial.enrolment.at_most} subjects cannot be shared equally by {len(trial.arms)} arms; the trial folder must change."
        )
    refuse(against_list(text, checksum, trial.arms.keys(), trial.enrolment.at_most))
    lines = lines_of(text)
    row = now.add(RandomisationList(
        code=now.draw("K"), lines=len(lines), folder_code=folder_in_force_code(now.session), checksum=now.seal(checksum, MASKED),
        at=now.at, by=now.by, witness=now.witness or "",
    ))  # fmt: skip
    for line in secrets.SystemRandom().sample(lines, len(lines)):
        now.add(RandomisationLine(
            code=now.draw("K"), list_code=row.code, line=now.seal(line.number, MASKED), arm=now.seal(line.arm, MASKED),
        ))  # fmt: skip
    return row


def arm_of(now: Now) -> str:
    """The arm of the subject whose record this act writes; refused while no line of the list is theirs."""
    row = now.get(Assigned, now.subject, "No line of the list has been drawn for this subject; the route is opened first.")
    return now.open(row.arm)

"""What may be done about the seal: import the list, draw a line of it for one subject, tell one physician one arm in an emergency.

A line is opened only inside an act, by the number that is sealed in it; no act, entry or refusal says a number or an arm.
"""

import secrets
from typing import Annotated

from pydantic import StringConstraints
from sqlmodel import Session, select

from backend.access.models import Alert
from backend.access.reads import names_of, roles_of
from backend.access.rules import Role
from backend.ledger import Declared, Masked, MaskedText, Now, Open, Refused, SubjectCode, act, ask, refuse
from backend.masking.models import Assigned, LineDrawn, RandomisationLine, RandomisationList, Unmasked
from backend.masking.reads import SEALS, arm_of, unused_lines
from backend.masking.rules import Reason, against_drawing, against_list, against_unmasking, alert_of, lines_of
from backend.trial.reads import current, folder_in_force_code

MASKED, MASKED_TEXT = Declared("masked"), Declared("masked", 4096)
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


def draw_line(now: Now) -> str:
    """The next unused line of the list belongs to the act's subject for good; its arm, for the act that asked and nobody else.

    To be called inside an act that writes "site", whose chain lets one subject draw at a time. Refused without a list, when every line
    is drawn, and for a subject who has a line.
    """
    coi = now.subject or ""
    lines = unused_lines(now.session)
    refuse(against_drawing(lines is not None, len(lines or ()), now.session.get(Assigned, coi) is not None))
    following = min(lines or (), key=lambda line: int(now.open(line.line, SEALS)))
    arm = now.open(following.arm, SEALS)
    now.add(LineDrawn(line_code=following.code, coi=coi, at=now.at), "site")
    now.add(Assigned(
        coi=coi, arm=now.seal(now.seal(arm, MASKED, coi), MASKED_TEXT, coi), at=now.at, by=now.by, witness=now.witness or "",
    ), coi)  # fmt: skip
    return arm


def _is_assigned(session: Session, code: str) -> bool:
    return session.get(Assigned, code) is not None


@act(
    "masking.unmask", roles={Role.UNMASK}, title="Unmask in an emergency", writes={"access"},
    signed="I must know the treatment of this one subject now, for the reason given. I tell it only to those who treat the subject.",
    tells="{by} was told the treatment of {subject} in an emergency: {reason_code}.", offers=("S",), ready=_is_assigned,
    page="/subjects/{code}/unmasking", closed="An emergency does not end with the record.",
)  # fmt: skip
def unmask(
    now: Now, subject: SubjectCode, reason_code: Open[Annotated[Reason, ask("Reason")]],
    told: MaskedText[Annotated[str, StringConstraints(min_length=1, max_length=1_000), ask("What happened")]],
) -> Unmasked:  # fmt: skip
    """This physician may read the arm of this one subject, on its page and nowhere else; QA is told that, without the arm (decision P3).

    It cannot be undone. The physician may still treat the subject, and can never be an assessor.
    """
    physician = Role.PHYSICIAN in roles_of(now.session, [now.by], now.at)[now.by]
    done = now.session.get(Unmasked, (subject, now.by)) is not None
    refuse(against_unmasking(physician, _is_assigned(now.session, subject), done))
    name = names_of(now.session, [now.by]).get(now.by, now.by)
    said = alert_of(name, subject, reason_code)
    now.add(Alert(code=now.draw("K", "access"), sentence=said, roles=Role.QA, at=now.at), "access")
    return now.add(Unmasked(
        coi=subject, by=now.by, reason=reason_code, told=now.seal(told, MASKED_TEXT), at=now.at,
    ), subject)  # fmt: skip


__all__ = ["MASKED", "MASKED_TEXT", "arm_of", "draw_line", "import_list", "unmask"]

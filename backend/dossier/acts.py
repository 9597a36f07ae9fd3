"""What may be done at the end: say what became of a vial, close a subject, print the record of a subject."""

import secrets
from typing import Annotated, Literal

from pydantic import StringConstraints
from sqlmodel import Session

from backend.access.reads import roles_of
from backend.access.rules import Role
from backend.custody.acts import missing, use_up
from backend.custody.models import Container, Disposed, UsedUp
from backend.custody.reads import container_of
from backend.custody.rules import RETAINED, against_parents, is_vial
from backend.dossier import rules
from backend.dossier.models import Closed, RecordPrinted
from backend.dossier.reads import against_closing_now, disposing, fate_of, fates_of, is_at_the_end, shown_account
from backend.dossier.reads.record import content_of
from backend.dossier.reads.rows import Live, then
from backend.ledger import ENDED, ContainerCode, Declared, Now, Open, Refused, SubjectCode, UnknownCode, act, ask, refuse
from backend.quality.acts import open_deviation
from backend.subject.reads import subject_of
from backend.trial.reads import current, local_day

HANDS = {Role.TECHNICIAN, Role.ANALYST, Role.QA, Role.PREPARER, Role.UNMASKED_QA}
How = Annotated[
    Literal["tested", "retained", "destroyed", "returned", "lost", "transferred"],
    ask("What became of it", hint="What was given to a subject follows from the record of the infusion"),
]
MASKED = Declared("masked")
Edition = Annotated[Literal["masked", "full"], ask("Edition", hint="The full edition shows the arm; only unmasked QA prints it")]
Detail = Annotated[str, StringConstraints(max_length=400), ask("Method and bag, or where it went")]


def _undisposed(session: Session, code: str) -> bool:
    """For `ready=`: whether this is a vial or a dose that has no disposition yet."""
    try:
        found = container_of(session, code)
    except (Refused, UnknownCode):
        return False
    return (is_vial(found.kind) or found.kind == "syringe") and fate_of(session, found) is None


@act(
    "dossier.dispose", roles=HANDS, title="Record a disposition", reason="open", offers=("C", "L"), ready=_undisposed,
    signed="This became of each container that I scanned, as I say it here.", witness="I was there; this became of each of them.",
    tells="{by} recorded that {container}: {how}.", page="/dispose?container={container}",
)  # fmt: skip
def dispose(now: Now, container: list[ContainerCode], how: Open[How], detail: Open[Detail] = "") -> list[Disposed]:
    """Each container has its one disposition (C8). A vial in a position must be picked first, unless it is retained there or lost.

    What is destroyed, returned, transferred or lost can be used no more; a lost one opens a critical deviation.
    """
    refuse(rules.against_scanned(container))
    found = [container_of(now.session, code) for code in container]
    fates = fates_of(Live(now.session, now.subject or ""))
    refuse(
        rules.against_scanned([one.code for one in found]), against_parents(now.subject, found),
        *(rules.against_disposing(disposing(now.session, one, fates), how, detail) for one in found),
    )  # fmt: skip
    return [_dispose(now, one, how, detail) for one in found]


def _dispose(now: Now, container: Container, how: str, detail: str) -> Disposed:
    if how == rules.LOST:
        open_deviation(
            now, about=container.code, sentence=f"{container.name} is lost; every vial must be accounted for. {now.reason}",
            grade="critical", rule="dossier.lost",
        )  # fmt: skip
        missing(now, container)
        now.session.flush()
    if how != RETAINED and now.session.get(UsedUp, container.code) is None:
        use_up(now, container, f"{how}: {now.reason}")
    return now.add(Disposed(
        container_code=container.code, how=how, why=now.reason, detail=detail, at=now.at, by=now.by, witness=now.witness,
    ))  # fmt: skip


@act(
    "dossier.close", roles={Role.QA}, witness_roles={Role.TECHNICIAN, Role.ANALYST}, title="Close the subject", relies={"site"},
    shows=shown_account, reason="open", offers=("S",), ready=is_at_the_end, page="/subjects/{subject}/account",
    signed="I have read this subject's account: every vial, dose and label has exactly one disposition, and nothing is open.",
    witness="The account of vials, doses and labels is as the laboratory knows it.", tells="{by} and a witness closed the subject.",
)  # fmt: skip
def close(now: Now, subject: SubjectCode) -> Closed:
    """The subject is closed. Refused with every reason: what has no disposition, what does not balance, what is still open."""
    subject_of(now.session, subject)
    refuse(against_closing_now(now.session, subject))
    return now.add(Closed(coi=subject, why=now.reason, at=now.at, by=now.by, witness=now.witness or ""))


def _ended(session: Session, chain: str) -> str | None:
    """For the ledger's slot: whatever room an act is of, a closed subject's record stays as two people signed it."""
    row = session.get(Closed, chain)
    if row is None:
        return None
    on = local_day(current(session).trial, row.at)
    return f"Subject {subject_of(session, chain).number} is closed since {on}; nothing is added to this record."


ENDED["dossier.close"] = _ended


@act(
    "dossier.print_record", roles={Role.QA, Role.UNMASKED_QA}, title="Print the record", offers=("S",),
    tells="{by} printed the {edition} edition of the record.", page="/subjects/{subject}/record",
    closed="The record is printed when it is whole.",
)  # fmt: skip
def print_record(now: Now, subject: SubjectCode, edition: Open[Edition]) -> RecordPrinted:
    """The record as it stands at the head of the subject's chain is a document of this edition; it can be made again from this row.

    The row keeps the hash of either edition's content (decision N4). Their salt is sealed: the two carotid arms are two guesses.
    """
    subject_of(now.session, subject)
    refuse(rules.against_printing(edition, roles_of(now.session, [now.by], now.at)[now.by]))
    head, salt = now.heads[subject], secrets.token_hex(16)
    rows, keyring = then(now.session, subject, head.seq), now.ledger.keyring
    hashes = {one: content_of(now.session, keyring, rows, one).sha256(salt) for one in (rules.MASKED_EDITION, rules.FULL_EDITION)}
    own = hashes.pop(edition)
    return now.add(RecordPrinted(
        code=now.draw("D"), coi=subject, edition=edition, seq=head.seq, head=head.hash, salt=now.seal(salt, MASKED), content_sha256=own,
        other_sha256=hashes.popitem()[1], at=now.at, by=now.by,
    ))  # fmt: skip

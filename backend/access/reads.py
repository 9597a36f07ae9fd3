"""What may be known of people: who has which role now, which key signs for whom, who is locked."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.access.models import LinkIssued, Person, PersonLeft, PersonLocked, RoleCountersigned, RoleGranted, SealedKey, StatementAccepted
from backend.access.rules import Held, Viewer
from backend.ledger.keys import Cost
from backend.ledger.models import SigningKey
from labels.codes import NotACode, expect


def roles_of(session: Session, people: Iterable[str], at: datetime) -> dict[str, frozenset[str]]:
    """The roles that count for each of these people at this instant."""
    people = list(people)
    granted = session.exec(
        select(RoleGranted, RoleCountersigned.grant_code)
        .join(RoleCountersigned, col(RoleCountersigned.grant_code) == RoleGranted.code, isouter=True)
        .where(col(RoleGranted.person).in_(people), col(RoleGranted.ended_at).is_(None))
    )
    found: dict[str, set[str]] = {person: set() for person in people}
    for grant, countersigned in granted:
        in_time = grant.starts_at <= at and (grant.ends_at is None or at < grant.ends_at)
        if in_time and (countersigned or not grant.countersign):
            found[grant.person].add(grant.role)
    return {person: frozenset(roles) for person, roles in found.items()}


def viewer_of(session: Session, person: str, at: datetime) -> Viewer:
    """Somebody as a viewer at this instant."""
    row = session.get_one(Person, person)
    return Viewer(person, row.name, roles_of(session, [person], at)[person])


def held_by(session: Session, person: str) -> list[Held]:
    """Every role that somebody has or had, with its dates (a role that was ended counts until then)."""
    grants = session.exec(select(RoleGranted).where(RoleGranted.person == person))
    return [Held(g.role, g.starts_at, min(g.ended_at, g.ends_at or g.ended_at) if g.ended_at else g.ends_at) for g in grants]


def is_locked(session: Session, person: str) -> bool:
    open_lock = select(PersonLocked.code).where(PersonLocked.person == person, col(PersonLocked.ended_at).is_(None))
    return session.exec(open_lock).first() is not None


def may_not_enter(session: Session, person: str) -> str:
    """The sentence that keeps somebody out, or ""."""
    if session.get(PersonLeft, person):
        return "You no longer work here, so you cannot sign in. An administrator can say more."
    return "You are locked after too many wrong passwords. An administrator unlocks you." if is_locked(session, person) else ""


def shut_out_since(session: Session, person: str, since: datetime) -> bool:
    """Whether somebody was locked out or left after this instant, even if they were let in again."""
    locked = select(PersonLocked.code).where(PersonLocked.person == person, col(PersonLocked.at) >= since)
    return session.exec(locked).first() is not None or bool(may_not_enter(session, person))


class LinkView(BaseModel):
    """A one-time link that can still be used, as the person who holds it sees it."""

    model_config = ConfigDict(frozen=True)
    person: str
    name: str


def link_of(session: Session, token_sha256: str, at: datetime) -> LinkView | None:
    """Whose link this is; None when it was used or replaced, or is too old."""
    link = session.get(LinkIssued, token_sha256)
    if link is None or link.ended_at or link.expires_at <= at:
        return None
    return LinkView(person=link.person, name=session.get_one(Person, link.person).name)


def has_accepted(session: Session, person: str) -> bool:
    return session.get(StatementAccepted, person) is not None


def key_of(session: Session, person: str) -> tuple[SealedKey, Cost] | None:
    """The sealed key that signs for somebody now, with what it costs to open it."""
    found = session.exec(
        select(SealedKey)
        .join(SigningKey, col(SigningKey.public) == SealedKey.public)
        .where(SigningKey.person == person, col(SigningKey.ended_at).is_(None))
    ).first()
    return (found, Cost(found.argon_time, found.argon_memory_kib, found.argon_lanes)) if found else None


def names_of(session: Session, people: Iterable[str]) -> dict[str, str]:
    """The printed name of each of these people; "system" is Marrowline itself."""
    rows = session.exec(select(Person).where(col(Person.code).in_(list(people))))
    return {"system": "Marrowline"} | {p.code: p.name for p in rows}


def person_of(session: Session, said: str) -> str:
    """The staff number behind what was typed or scanned: a badge, or a staff number in any case. What is neither comes back as it is."""
    said = said.strip()
    try:
        badge = expect(said, "B")
    except NotACode:
        return said.upper()
    return session.exec(select(Person.code).where(Person.badge == badge)).first() or said.upper()

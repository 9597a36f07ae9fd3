"""What may be known of people: who has which role now, which key signs for whom, who is locked."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, false, or_
from sqlmodel import Session, col, select

from backend.access.models import (
    Alert,
    AlertAcknowledged,
    Badge,
    BadgePrinted,
    BadgeVerified,
    LinkIssued,
    Person,
    PersonLeft,
    PersonLocked,
    RoleCountersigned,
    RoleGranted,
    SealedKey,
    StatementAccepted,
    Station,
)
from backend.access.rules import Held, Viewer, against_badge
from backend.ledger import UnknownCode, once, rows_of
from backend.ledger.keys import Cost
from backend.ledger.models import SigningKey
from labels.codes import NotACode, expect
from labels.copies import Copy

PAGE = 25
MOST_REMEMBERED = 2_000
Found = TypeVar("Found")


class Frozen(BaseModel):
    """Base of what a page is shown of people."""

    model_config = ConfigDict(frozen=True)


def roles_of(session: Session, people: Iterable[str], at: datetime) -> dict[str, frozenset[str]]:
    """The roles that count for each of these people at this instant."""
    people = list(people)
    found: dict[str, set[str]] = {person: set() for person in people}
    for person, role, starts_at, ends_at in _remembered(session, _grants, *people):
        if starts_at <= at and (ends_at is None or at < ends_at):
            found[person].add(role)
    return {person: frozenset(roles) for person, roles in found.items()}


def _remembered(session: Session, read: Callable[..., Found], *people: str) -> Found:
    """What `read(session, *people)` says, remembered by the hash of the access chain that this session saw.

    An act and whoever is signed in know the hash; a session that does not know it asks each time.
    """
    if (seen := session.info.get("access")) is None:
        return read(session, *people)
    key = (seen, read, *people)
    if key not in _memory:
        if len(_memory) > MOST_REMEMBERED:
            _memory.clear()
        _memory[key] = read(session, *people)
    found: Found = _memory[key]
    return found


_memory: dict[tuple[Any, ...], Any] = {}


def _grants(session: Session, *people: str) -> list[tuple[str, str, datetime, datetime | None]]:
    """Every grant of these people that was not ended and needs no countersignature any more: person, role, from, until."""
    granted = session.exec(
        select(RoleGranted, RoleCountersigned.grant_code)
        .join(RoleCountersigned, col(RoleCountersigned.grant_code) == RoleGranted.code, isouter=True)
        .where(col(RoleGranted.person).in_(people), col(RoleGranted.ended_at).is_(None))
    )
    return [(g.person, g.role, g.starts_at, g.ends_at) for g, countersigned in granted if countersigned or not g.countersign]


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


class Known(Frozen):
    """Somebody as the record knows them: until when they were last locked out, and whether they may not enter now."""

    name: str
    locked_at: datetime | None
    shut: bool

    def shut_out_since(self, since: datetime) -> bool:
        """Whether they were locked out or left after this instant, even if they were let in again."""
        return self.shut or (self.locked_at is not None and self.locked_at >= since)


def known_person(session: Session, person: str) -> Known:
    """Somebody whose session this is."""
    return _remembered(session, _person, person)


def _person(session: Session, person: str) -> Known:
    locked = session.exec(select(PersonLocked.at).where(PersonLocked.person == person).order_by(col(PersonLocked.at).desc())).first()
    return Known(name=session.get_one(Person, person).name, locked_at=locked, shut=bool(may_not_enter(session, person)))


class LinkView(Frozen):
    """A one-time link that can still be used, as the person who holds it sees it."""

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
    wanted = {*people} - {"system"}
    known = _remembered(session, _names) if wanted else {}
    return {"system": "Marrowline"} | {person: known[person] for person in sorted(wanted) if person in known}


@once
def _names(session: Session) -> dict[str, str]:
    """The printed name of everybody: a page names many people in many places, and there are few of them."""
    return dict(session.exec(select(Person.code, Person.name)).all())


def person_of(session: Session, said: str) -> str:
    """The staff number behind what was typed or scanned: a badge, or a staff number in any case. What is neither comes back as it is.

    So does a badge that stands for nobody; `badge_fault` says why it does not.
    """
    said = said.strip()
    try:
        row = session.get(Badge, expect(said, "B"))
    except NotACode:
        return said.upper()
    if row is None:
        return said.upper()
    return row.code if badge_fault(session, row.code) else row.person


def badge_of(session: Session, code: str) -> Badge:
    """The badge with this code; UnknownCode when there is none."""
    row = session.get(Badge, code)
    if row is None:
        raise UnknownCode(code)
    return row


def live_badge(session: Session, person: str) -> Badge | None:
    """The badge that a person has now; who has left has none."""
    return session.exec(select(Badge).where(Badge.person == person, col(Badge.ended_at).is_(None))).first()


def copy_of_badge(session: Session, badge: Badge | None) -> Copy | None:
    """The one print of a badge, as a rule asks for it."""
    printed = session.get(BadgePrinted, badge.code) if badge else None
    if printed is None:
        return None
    back = session.get(BadgeVerified, printed.badge_code)
    return Copy(printed.badge_code, 1, "", printed.at, printed.by, back.at if back else None)


def badge_fault(session: Session, code: str) -> str:
    """Why this badge stands for nobody, or "" when it stands for its person, or is no badge at all."""
    row = session.get(Badge, code)
    return (against_badge(row.ended_at, session.get(BadgeVerified, code) is not None) or "") if row else ""


# ---- for viewers ----


class RoleView(Frozen):
    """A role that somebody was given: from when until when, and whether it counts."""

    code: str
    person: str
    name: str
    role: str
    starts_at: datetime
    ends_at: datetime | None
    given_by: str
    given_at: datetime
    waits: bool  # for QA's countersignature
    ended_at: datetime | None


class PersonLine(Frozen):
    """One person in the list."""

    code: str
    name: str
    roles: tuple[str, ...]
    state: str  # "", "locked", "left", "no password"


class BadgeView(Frozen):
    """A badge that somebody has or had: how far it is in its life, and why it is void."""

    code: str
    at: datetime
    printed_at: datetime | None
    printed_by: str
    verified_at: datetime | None
    ended_at: datetime | None
    ended_why: str


class PersonView(Frozen):
    """One person with every role and every badge they ever had, the newest first."""

    code: str
    name: str
    badges: tuple[BadgeView, ...]
    since: datetime
    state: str
    statement_at: datetime | None
    roles: tuple[RoleView, ...]


class StationView(Frozen):
    """A registered device."""

    code: str
    name: str
    at: datetime
    by: str
    ended_at: datetime | None


class AlertView(Frozen):
    """Something that somebody must see, and what was done about it."""

    code: str
    sentence: str
    at: datetime
    answered_by: str
    answered_at: datetime | None
    comment: str


def people(session: Session, at: datetime, find: str = "", page: int = 1) -> tuple[list[PersonLine], bool]:
    """One page of the people by staff number, and whether there is another; `find` looks in number and name."""
    query = select(Person).order_by(col(Person.code))
    if wanted := find.strip():
        query = query.where(col(Person.name).icontains(wanted, autoescape=True) | col(Person.code).icontains(wanted, autoescape=True))
    rows = session.exec(query.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    held = roles_of(session, [row.code for row in rows], at)
    states = _states(session, [row.code for row in rows])
    lines = [PersonLine(code=p.code, name=p.name, roles=tuple(sorted(held[p.code])), state=states[p.code]) for p in rows]
    return lines[:PAGE], len(rows) > PAGE


def _states(session: Session, people: list[str]) -> dict[str, str]:
    """By person: left, locked, without a password, or "" when they can sign in."""
    signs = (
        select(SigningKey.person).join(SealedKey, col(SealedKey.public) == SigningKey.public)
        .where(col(SigningKey.person).in_(people), col(SigningKey.ended_at).is_(None))
    )  # fmt: skip
    locked = select(PersonLocked.person).where(col(PersonLocked.person).in_(people), col(PersonLocked.ended_at).is_(None))
    found = dict.fromkeys(people, "no password") | dict.fromkeys(session.exec(signs), "")
    return found | dict.fromkeys(session.exec(locked), "locked") | dict.fromkeys(rows_of(session, PersonLeft, people), "left")


def person_view(session: Session, person: str) -> PersonView | None:
    """One person; None when there is none."""
    row = session.get(Person, person)
    if row is None:
        return None
    accepted = session.get(StatementAccepted, person)
    return PersonView(
        code=row.code, name=row.name, badges=_badges(session, person), since=row.at, state=_states(session, [person])[person],
        statement_at=accepted.at if accepted else None, roles=tuple(_roles(session, col(RoleGranted.person) == person)),
    )  # fmt: skip


def _badges(session: Session, person: str) -> tuple[BadgeView, ...]:
    rows = session.exec(
        select(Badge, BadgePrinted, BadgeVerified)
        .join(BadgePrinted, col(BadgePrinted.badge_code) == Badge.code, isouter=True)
        .join(BadgeVerified, col(BadgeVerified.badge_code) == Badge.code, isouter=True)
        .where(Badge.person == person)
        .order_by(col(Badge.at).desc())
    ).all()
    names = names_of(session, {printed.by for _, printed, _ in rows if printed})
    return tuple(
        BadgeView(
            code=badge.code, at=badge.at, printed_at=printed.at if printed else None, printed_by=names[printed.by] if printed else "",
            verified_at=back.at if back else None, ended_at=badge.ended_at, ended_why=badge.ended_why or "",
        )
        for badge, printed, back in rows
    )  # fmt: skip


def waiting_roles(session: Session) -> list[RoleView]:
    """The roles that QA has not countersigned yet."""
    return [one for one in _roles(session, col(RoleGranted.countersign) & col(RoleGranted.ended_at).is_(None)) if one.waits]


def _roles(session: Session, where: ColumnElement[bool]) -> list[RoleView]:
    query = (
        select(RoleGranted, RoleCountersigned.grant_code)
        .join(RoleCountersigned, col(RoleCountersigned.grant_code) == RoleGranted.code, isouter=True)
        .where(where)
        .order_by(col(RoleGranted.at).desc())
    )
    rows = session.exec(query).all()
    names = names_of(session, {name for row, _ in rows for name in (row.person, row.by)})
    return [
        RoleView(
            code=row.code, person=row.person, name=names[row.person], role=row.role, starts_at=row.starts_at, ends_at=row.ends_at,
            given_by=names.get(row.by, row.by), given_at=row.at, waits=row.countersign and signed is None and row.ended_at is None,
            ended_at=row.ended_at,
        )
        for row, signed in rows
    ]  # fmt: skip


def stations(session: Session, page: int = 1) -> tuple[list[StationView], bool]:
    """One page of the registered devices, the live ones first."""
    query = select(Station).order_by(col(Station.ended_at).is_not(None), col(Station.name)).offset((page - 1) * PAGE).limit(PAGE + 1)
    rows = session.exec(query).all()
    names = names_of(session, {row.by for row in rows})
    made = [StationView(code=r.code, name=r.name, at=r.at, by=names.get(r.by, r.by), ended_at=r.ended_at) for r in rows]
    return made[:PAGE], len(rows) > PAGE


def alerts(session: Session, roles: frozenset[str], page: int = 1) -> tuple[list[AlertView], bool]:
    """One page of the alerts that concern one of these roles, the unanswered ones first, then the newest."""
    mine = or_(*(col(Alert.roles).contains(role, autoescape=True) for role in sorted(roles)) if roles else (false(),))
    rows = session.exec(
        select(Alert, AlertAcknowledged)
        .join(AlertAcknowledged, col(AlertAcknowledged.alert_code) == Alert.code, isouter=True)
        .where(mine)
        .order_by(col(AlertAcknowledged.at).is_not(None), col(Alert.at).desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    ).all()
    names = names_of(session, {done.by for _, done in rows if done})
    made = [
        AlertView(
            code=row.code, sentence=row.sentence, at=row.at, answered_by=names.get(done.by, done.by) if done else "",
            answered_at=done.at if done else None, comment=done.comment if done else "",
        )
        for row, done in rows
        if roles & set(row.roles.split(","))
    ]  # fmt: skip
    return made[:PAGE], len(rows) > PAGE


def open_alerts(session: Session, roles: frozenset[str]) -> int:
    """How many alerts of these roles nobody has answered."""
    query = select(Alert.roles).join(AlertAcknowledged, col(AlertAcknowledged.alert_code) == Alert.code, isouter=True)
    return sum(bool(roles & set(said.split(","))) for said in session.exec(query.where(col(AlertAcknowledged.alert_code).is_(None))))

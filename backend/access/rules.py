"""Who may be what, and what each role may see: decisions P1 to P4 as tables.

Masked roles work with the subject and must not know an arm; unmasked ones know it and work under dates. Nobody is both.
The grant to unmask in an emergency is neither: a physician has it for a time, beside their role, and never assesses anybody (P3).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person may be. The value is what a badge says."""

    COORDINATOR = "coordinator"
    PHYSICIAN = "physician"
    NURSE = "nurse"
    TECHNICIAN = "technician"
    ANALYST = "analyst"
    QA = "qa"
    COURIER = "courier"
    ASSESSOR = "assessor"
    PREPARER = "preparer"
    UNMASKED_QA = "unmasked qa"
    RANDOMISER = "randomiser"
    INSPECTOR = "inspector"
    ADMINISTRATOR = "administrator"
    UNMASK = "unmask"


EVERYBODY = "everybody"
"""Stands in an act's roles for any person of the installation."""

UNMASKED = frozenset({Role.PREPARER, Role.UNMASKED_QA, Role.RANDOMISER})
MASKED = frozenset(
    {Role.COORDINATOR, Role.PHYSICIAN, Role.NURSE, Role.TECHNICIAN, Role.ANALYST, Role.QA, Role.COURIER, Role.ASSESSOR, Role.INSPECTOR}
)  # fmt: skip
SEES_NAMES = frozenset({Role.COORDINATOR, Role.PHYSICIAN, Role.NURSE})
SEES_ARM = frozenset({Role.PREPARER, Role.UNMASKED_QA})
NEVER_SEES_ROUTE = frozenset({Role.ASSESSOR, Role.COURIER, Role.RANDOMISER, Role.ADMINISTRATOR, Role.UNMASK})
READS_RECORD = frozenset(Role) - NEVER_SEES_ROUTE
REVIEWS = frozenset({Role.QA, Role.INSPECTOR})
SEES_SUBJECTS = frozenset(Role) - {Role.RANDOMISER, Role.ADMINISTRATOR, Role.UNMASK}
STATEMENT = (
    "I am accountable for everything that is done under my name here. My electronic signature means the same as my signature by hand. "
    "I tell nobody my password and sign for nobody else."
)
FAILURES_BEFORE_LOCK = 5
SHORTEST_PASSWORD = 12


@dataclass(frozen=True)
class Viewer:
    """Somebody who looks: their staff number, printed name and roles at this moment."""

    person: str
    name: str
    roles: frozenset[str]

    @property
    def sees_names(self) -> bool:
        return bool(self.roles & SEES_NAMES)

    @property
    def sees_arm(self) -> bool:
        return bool(self.roles & SEES_ARM)

    @property
    def sees_route(self) -> bool:
        """Whether this person may learn a route once it is open (an assessor never)."""
        return Role.ASSESSOR not in self.roles and bool(self.roles - NEVER_SEES_ROUTE)

    @property
    def sees_subjects(self) -> bool:
        return bool(self.roles & SEES_SUBJECTS)

    @property
    def reads_record(self) -> bool:
        """Whether they may read the chains of subjects: an assessor and a courier work with subjects and do not (the table of roles)."""
        return bool(self.roles & READS_RECORD)

    @property
    def reviews(self) -> bool:
        """Whether they may read what stands for and against the release of a bank."""
        return bool(self.roles & REVIEWS)

    def may_open(self, purpose: str) -> bool:
        """Whether a value sealed as `identity` or `masked` may be shown to them."""
        return self.sees_names if purpose == "identity" else self.sees_arm


@dataclass(frozen=True)
class Held:
    """A role that somebody has from one instant until another (None: until it is ended)."""

    role: str
    starts_at: datetime
    ends_at: datetime | None


def against_granting(role: Role, starts_at: datetime, ends_at: datetime | None, held: Iterable[Held]) -> Iterator[str]:
    """Every reason why this role cannot be given to somebody who holds these (decision P1)."""
    held = list(held)
    if role in UNMASKED and ends_at is None:
        yield f"The role {role} is unmasked, so it needs an end date."
    if role == Role.UNMASK:
        yield from _against_unmasking(starts_at, ends_at, held)
    if ends_at is not None and ends_at <= starts_at:
        yield f"The role would end at {ends_at:%Y-%m-%d %H:%M} UTC, before it starts at {starts_at:%Y-%m-%d %H:%M} UTC."
    for other in held:
        if not _overlap(other, starts_at, ends_at):
            continue
        if other.role == role:
            yield f"This person is {role} already in that time."
        elif Role.ADMINISTRATOR in (role, other.role):
            yield f"An administrator has no other role; this person is {other.role}, so they cannot be {role} as well."
    if role == Role.ASSESSOR and any(other.role == Role.UNMASK and _counted(other) for other in held):
        yield "This person may or might unmask subjects in an emergency; they cannot be assessor, in any order."
    if role in UNMASKED:
        for other in held:
            if other.role in MASKED and _counted(other):
                yield f"This person is or was {other.role}, which is masked; nobody is masked and {role}, in any order."
    if role in MASKED:
        for other in held:
            if other.role in UNMASKED:
                yield f"This person is or was {other.role} and may know an arm; they cannot be {role} after that."


def against_answering(concerned: Iterable[str], roles: Iterable[str]) -> str | None:
    """The reason why somebody with these roles cannot answer an alert that concerns those."""
    concerned, roles = sorted(concerned), sorted(roles)
    if set(concerned) & set(roles):
        return None
    return f"This alert is for {' or '.join(concerned)}; you are {' and '.join(roles) or 'without a role'}."


def _against_unmasking(starts_at: datetime, ends_at: datetime | None, held: Iterable[Held]) -> Iterator[str]:
    """Why somebody who holds these roles cannot be allowed to unmask in an emergency in this time (decision P3)."""
    if ends_at is None:
        yield "The permission to unmask in an emergency needs an end date."
    if not any(one.role == Role.PHYSICIAN and _covers(one, starts_at, ends_at) for one in held):
        yield "Only a physician may unmask in an emergency; this person is not a physician in all of that time."
    if any(one.role == Role.ASSESSOR and _counted(one) for one in held):
        yield "This person is or was assessor; nobody assesses and may unmask, in any order."


def _counted(held: Held) -> bool:
    """Whether the role ever counts: one that was ended before it started never did."""
    return held.ends_at is None or held.ends_at > held.starts_at


def _covers(held: Held, starts_at: datetime, ends_at: datetime | None) -> bool:
    return held.starts_at <= starts_at and (held.ends_at is None or (ends_at is not None and ends_at <= held.ends_at))


def _overlap(held: Held, starts_at: datetime, ends_at: datetime | None) -> bool:
    return (held.ends_at is None or held.ends_at > starts_at) and (ends_at is None or held.starts_at < ends_at)


def against_badge(ended_at: datetime | None, verified: bool) -> str | None:
    """The one sentence by which a badge stands for nobody, or None when it stands for its person. It names nobody and tells no reason."""
    if ended_at:
        return f"This badge is void since {ended_at:%Y-%m-%d %H:%M} UTC; it stands for nobody any more."
    return None if verified else "This badge was never scanned back after it was printed; it stands for nobody yet."


def against_password(password: str, person: str, name: str) -> Iterator[str]:
    """Every reason why this cannot be a password."""
    if len(password) < SHORTEST_PASSWORD:
        yield f"The password has {len(password)} characters; it must have at least {SHORTEST_PASSWORD}."
    if len(password.encode()) > 256:
        yield "The password is longer than 256 bytes."
    if len(set(password)) < 5:
        yield "The password has fewer than five different characters."
    parts = [person, *name.split()]
    if any(len(part) > 2 and part.casefold() in password.casefold() for part in parts):
        yield "The password contains your name or staff number."


def may(roles: frozenset[str], wanted: frozenset[str]) -> bool:
    """Whether somebody with these roles may do what is open to `wanted`."""
    return EVERYBODY in wanted or bool(roles & wanted)

"""What we keep of people: who they are, which roles they were given, how they signed in, and which stations they use.

Keys and sessions are beside the record: a key sealed under a password, and who is signed in at this moment.
"""

from typing import ClassVar

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from backend.ledger import Open, Recorded, When, one_open

ENDS = ("ended_at", "ended_by")


class Person(Recorded, table=True):
    """Somebody who works here. `code` is the staff number; it is never given to anybody else, also after they have left."""

    says: ClassVar[dict[str, str]] = {"code": "This staff number belongs to somebody already; staff numbers are never used again."}
    code: Open[str] = Field(primary_key=True)
    name: Open[str]
    at: Open[When]
    by: Open[str]


class Badge(Recorded, table=True):
    """One badge of a person. Its code is on no other: a new badge ends it at once, so whoever holds a lost one is nobody with it."""

    ends: ClassVar[tuple[str, ...]] = (*ENDS, "ended_why")
    says: ClassVar[dict[str, str]] = {"person": "This person has a badge already; a new one replaces it."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    person: Open[str] = Field(foreign_key="person.code", index=True)
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    ended_why: Open[str | None] = None
    __table_args__ = (one_open("badge", "person"),)


class BadgePrinted(Recorded, table=True):
    """A badge went to paper, once; `values_text` has what stood on it, one field a line, by the trial folder `folder`."""

    __tablename__ = "badge_printed"
    says: ClassVar[dict[str, str]] = {"badge_code": "This badge has been printed already; replace it, which makes it void."}
    badge_code: Open[str] = Field(primary_key=True, foreign_key="badge.code")
    folder: Open[str]
    values_text: Open[str]
    at: Open[When]
    by: Open[str]


class BadgeVerified(Recorded, table=True):
    """A printed badge was scanned back and reads as it should; before that it stands for nobody."""

    __tablename__ = "badge_verified"
    says: ClassVar[dict[str, str]] = {"badge_code": "This badge has been scanned back already."}
    badge_code: Open[str] = Field(primary_key=True, foreign_key="badge.code")
    at: Open[When]
    by: Open[str]


class RoleGranted(Recorded, table=True):
    """A role that an administrator gave; it counts from `starts_at`, and only once QA has countersigned it if `countersign` says so."""

    __tablename__ = "role_granted"
    ends: ClassVar[tuple[str, ...]] = ENDS
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    person: Open[str] = Field(foreign_key="person.code", index=True)
    role: Open[str]
    starts_at: Open[When]
    ends_at: Open[When | None] = None
    countersign: Open[bool]
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None


class RoleCountersigned(Recorded, table=True):
    """QA agreed to a role."""

    __tablename__ = "role_countersigned"
    says: ClassVar[dict[str, str]] = {"grant_code": "This role is countersigned already."}
    grant_code: Open[str] = Field(primary_key=True, foreign_key="role_granted.code")
    at: Open[When]
    by: Open[str]


class LinkIssued(Recorded, table=True):
    """A one-time link with which a person sets their own password. Only its SHA-256 is kept."""

    __tablename__ = "link_issued"
    ends: ClassVar[tuple[str, ...]] = ENDS
    token_sha256: Open[str] = Field(primary_key=True)
    person: Open[str] = Field(foreign_key="person.code", index=True)
    expires_at: Open[When]
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None


class StatementAccepted(Recorded, table=True):
    """The accountability statement, signed before any other signature (21 CFR 11.10(j))."""

    __tablename__ = "statement_accepted"
    says: ClassVar[dict[str, str]] = {"person": "You have signed the accountability statement already."}
    person: Open[str] = Field(primary_key=True, foreign_key="person.code")
    statement: Open[str]
    at: Open[When]


class SignInFailed(Recorded, table=True):
    """A wrong password for somebody, at sign-in or at signing."""

    __tablename__ = "sign_in_failed"
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    person: Open[str] = Field(foreign_key="person.code", index=True)
    where: Open[str]
    at: Open[When]


class SignedIn(Recorded, table=True):
    """Somebody signed in."""

    __tablename__ = "signed_in"
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    person: Open[str] = Field(foreign_key="person.code", index=True)
    station: Open[str]
    at: Open[When]


class PersonLocked(Recorded, table=True):
    """Nobody can sign in or sign as this person until an administrator unlocks them."""

    __tablename__ = "person_locked"
    ends: ClassVar[tuple[str, ...]] = ENDS
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    person: Open[str] = Field(foreign_key="person.code")
    why: Open[str]
    at: Open[When]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    __table_args__ = (one_open("person_locked", "person"),)


class PersonLeft(Recorded, table=True):
    """Somebody no longer works here. What they did stays theirs."""

    __tablename__ = "person_left"
    says: ClassVar[dict[str, str]] = {"person": "This person has left already."}
    person: Open[str] = Field(primary_key=True, foreign_key="person.code")
    at: Open[When]
    by: Open[str]


class Alert(Recorded, table=True):
    """Something that somebody must see and say that they saw: a lock-out, for one."""

    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    sentence: Open[str]
    roles: Open[str]  # whom it concerns, separated by commas
    at: Open[When]


class AlertAcknowledged(Recorded, table=True):
    """Somebody of those concerned saw an alert and says what they did."""

    __tablename__ = "alert_acknowledged"
    says: ClassVar[dict[str, str]] = {"alert_code": "Somebody has acknowledged this alert already."}
    alert_code: Open[str] = Field(primary_key=True, foreign_key="alert.code")
    comment: Open[str]
    at: Open[When]
    by: Open[str]


class Station(Recorded, table=True):
    """A bench tablet, ward tablet or printer that an administrator registered (decision N1)."""

    ends: ClassVar[tuple[str, ...]] = ENDS
    says: ClassVar[dict[str, str]] = {"name": "A station of this name exists already."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    name: Open[str] = Field(unique=True)
    token_sha256: Open[str] = Field(unique=True)
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None


class SealedKey(SQLModel, table=True):
    """A private key under its owner's password. Not recorded: password material never enters an entry."""

    __tablename__ = "sealed_key"
    public: str = Field(primary_key=True)
    person: str
    sealed: bytes = Field(sa_type=LargeBinary)
    argon_time: int
    argon_memory_kib: int
    argon_lanes: int


class Session(SQLModel, table=True):
    """Somebody signed in, on one device. Only the hash of what the browser holds is kept, so that a dump opens nothing."""

    token_sha256: str = Field(primary_key=True)
    person: str = Field(index=True)
    station: str
    started_at: When
    expires_at: When
    seen_at: When
    locked_at: When | None = None


class Draft(SQLModel, table=True):
    """A form that was not sent, encrypted under the site key (decision F3). Not part of the record."""

    person: str = Field(primary_key=True)
    path: str = Field(primary_key=True)
    box: bytes = Field(sa_type=LargeBinary)
    at: When

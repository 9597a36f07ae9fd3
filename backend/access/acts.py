"""What may be done about people: register them, give and end roles, let them set their own password, sign in and out, lock and unlock.

An administrator never knows a password: they hand out a link that works once. Signing in is an entry; so is failing to.
"""

from datetime import timedelta
from typing import Annotated

from pydantic import AwareDatetime, StringConstraints
from sqlmodel import Session, col, func, select

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
    SignedIn,
    SignInFailed,
    StatementAccepted,
    Station,
)
from backend.access.reads import badge_of, held_by, is_locked, live_badge, may_not_enter, roles_of
from backend.access.rules import EVERYBODY, FAILURES_BEFORE_LOCK, STATEMENT, Role, against_answering, against_badge, against_granting
from backend.ledger import SYSTEM, BadgeCode, Now, Open, RecordCode, Refused, act, ask, refuse
from backend.ledger.models import SigningKey

LINK_LASTS = timedelta(hours=72)
StaffNumber = Annotated[
    str, StringConstraints(pattern=r"^[A-Z0-9]{2,16}$"), ask("Staff number", hint="Capital letters and digits, 2 to 16"),
]  # fmt: skip
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120), ask("Printed name")]


@act("access.begin", roles={SYSTEM}, title="First administrator", writes={"access"}, tells="{name} became the first administrator.")
def begin(now: Now, person: Open[StaffNumber], name: Open[Name], roles: Open[list[Role]]) -> Person:
    """The people of a new installation exist: an administrator who can add the others. While there is one, nobody else begins."""
    refuse(
        None if roles == [Role.ADMINISTRATOR] else "The first person is an administrator and nothing else; the others are added by them.",
        Person.says["code"] if now.session.get(Person, person) else None,
        _another_administrator(now.session),
    )
    return _person(now, person, name, roles)


def _another_administrator(session: Session) -> str | None:
    held = session.exec(select(RoleGranted.person).where(RoleGranted.role == Role.ADMINISTRATOR, col(RoleGranted.ended_at).is_(None)))
    first = held.first()
    return f"{first} is administrator already; more people are added by them, in the program." if first else None


def _person(now: Now, person: str, name: str, roles: list[Role]) -> Person:
    row = now.add(Person(code=person, name=name, at=now.at, by=now.by))
    _draw_badge(now, person)
    now.session.flush()
    for role in roles:
        _grant(now, person, role, None)
    return row


def _draw_badge(now: Now, person: str) -> Badge:
    return now.add(Badge(code=now.draw("B"), person=person, at=now.at, by=now.by))


def _grant(now: Now, person: str, role: Role, ends_at: AwareDatetime | None, starts_at: AwareDatetime | None = None) -> RoleGranted:
    countersign = now.session.exec(
        select(func.count())
        .select_from(StatementAccepted)
        .join(RoleGranted, col(RoleGranted.person) == StatementAccepted.person)
        .where(RoleGranted.role == Role.QA, col(RoleGranted.ended_at).is_(None))
    ).one()
    return now.add(RoleGranted(
        code=now.draw("K"), person=person, role=role, starts_at=starts_at or now.at, ends_at=ends_at, countersign=bool(countersign),
        at=now.at, by=now.by,
    ))  # fmt: skip


@act(
    "access.add_person", roles={Role.ADMINISTRATOR}, title="Add a person", writes={"access"}, tells="{by} added {name} ({person}).",
    page="/people",
)  # fmt: skip
def add_person(now: Now, person: Open[StaffNumber], name: Open[Name]) -> Person:
    """Somebody can be given roles and a link. A staff number that was ever used is refused."""
    if now.session.get(Person, person):
        refuse(Person.says["code"])
    return _person(now, person, name, [])


@act(
    "access.grant", roles={Role.ADMINISTRATOR}, title="Give a role", writes={"access"}, tells="{by} gave {person} the role {role}.",
    page="/people/{person}",
)  # fmt: skip
def grant(
    now: Now, person: Open[StaffNumber], role: Open[Role], ends_at: Open[AwareDatetime | None] = None,
    starts_at: Open[AwareDatetime | None] = None,
) -> RoleGranted:  # fmt: skip
    """A role is given; QA must countersign it once one QA person has signed the accountability statement. Conflicts are refused (P1)."""
    now.get(Person, person, f"Nobody has the staff number {person}.")
    if now.session.get(PersonLeft, person):
        refuse(f"{person} no longer works here.")
    if person == now.by:
        refuse("You cannot give yourself a role.")
    refuse(against_granting(role, starts_at or now.at, ends_at, held_by(now.session, person)))
    return _grant(now, person, role, ends_at, starts_at)


@act(
    "access.countersign", roles={Role.QA}, title="Countersign a role", writes={"access"}, signed="I agree that this person has this role.",
    tells="{by} countersigned the role {grant}.", page="/people",
)  # fmt: skip
def countersign(now: Now, grant: RecordCode) -> RoleCountersigned:
    """The role counts from now on."""
    row = now.get(RoleGranted, grant, f"{grant} is not a role that was given.")
    if row.person == now.by:
        refuse("You cannot countersign your own role.")
    if now.session.get(RoleCountersigned, grant):
        refuse(RoleCountersigned.says["grant_code"])
    return now.add(RoleCountersigned(grant_code=grant, at=now.at, by=now.by))


@act(
    "access.end_role", roles={Role.ADMINISTRATOR, Role.QA}, title="End a role", writes={"access"}, reason="open",
    tells="{by} ended the role {grant}.", page="/people",
)  # fmt: skip
def end_role(now: Now, grant: RecordCode) -> RoleGranted:
    """The role no longer counts; what was done under it stays."""
    row = now.get(RoleGranted, grant, f"{grant} is not a role that was given.")
    if row.ended_at:
        refuse("This role has ended already.")
    row.ended_at, row.ended_by = now.at, now.by
    return row


@act(
    "access.issue_link", roles={Role.ADMINISTRATOR, SYSTEM}, title="Give a one-time link", writes={"access"},
    tells="{by} gave {person} a link to set a password.", page="/people/{person}",
)  # fmt: skip
def issue_link(now: Now, person: Open[StaffNumber], token_sha256: Open[Sha256]) -> None:
    """The person can set a password once, within 72 hours; an earlier unused link ends."""
    now.get(Person, person, f"Nobody has the staff number {person}.")
    if now.session.get(PersonLeft, person):
        refuse(f"{person} no longer works here.")
    for link in now.session.exec(select(LinkIssued).where(LinkIssued.person == person, col(LinkIssued.ended_at).is_(None))):
        link.ended_at, link.ended_by = now.at, now.by
    now.add(LinkIssued(token_sha256=token_sha256, person=person, expires_at=now.at + LINK_LASTS, at=now.at, by=now.by))


@act(
    "access.leave", roles={Role.ADMINISTRATOR}, title="Somebody leaves", writes={"access"}, reason="open",
    tells="{by} recorded that {person} no longer works here.", page="/people/{person}",
)  # fmt: skip
def leave(now: Now, person: Open[StaffNumber]) -> None:
    """The person cannot sign in or sign any more; roles, keys, links and badge have ended, and what they signed stays valid."""
    now.get(Person, person, f"Nobody has the staff number {person}.")
    if person == now.by:
        refuse("You cannot record that you leave yourself; another administrator does it.")
    if now.session.get(PersonLeft, person):
        refuse(PersonLeft.says["person"])
    now.add(PersonLeft(person=person, at=now.at, by=now.by))
    for kind in (RoleGranted, LinkIssued, SigningKey):
        for row in now.session.exec(select(kind).where(kind.person == person, col(kind.ended_at).is_(None))):
            row.ended_at, row.ended_by = now.at, now.by
    _end_badge(now, person, "No longer works here.")


def _end_badge(now: Now, person: str, why: str) -> None:
    if badge := live_badge(now.session, person):
        badge.ended_at, badge.ended_by, badge.ended_why = now.at, now.by, why


@act(
    "access.replace_badge", roles={Role.ADMINISTRATOR}, title="Replace a badge", writes={"access"}, reason="open",
    tells="{by} gave {person} a new badge; the one before is void.", page="/people/{person}",
)  # fmt: skip
def replace_badge(now: Now, person: Open[StaffNumber]) -> Badge:
    """The old badge is void for good, wherever it is, and there is a new one with a code of its own to be printed."""
    now.get(Person, person, f"Nobody has the staff number {person}.")
    if now.session.get(PersonLeft, person):
        refuse(f"{person} no longer works here.")
    _end_badge(now, person, now.reason)
    now.session.flush()  # the old one must have ended before the new one is live
    return _draw_badge(now, person)


@act(
    "access.verify_badge", roles={Role.ADMINISTRATOR}, title="Scan the badge back", writes={"access"},
    tells="{by} scanned the badge {badge} back.", offers=("B",),
    ready=lambda session, code: badge_of(session, code).ended_at is None
    and session.get(BadgePrinted, code) is not None and session.get(BadgeVerified, code) is None,
)  # fmt: skip
def verify_badge(now: Now, badge: BadgeCode) -> BadgeVerified:
    """The printed badge reads as it should and stands for its person. One that was not printed, or is void, is refused."""
    row = badge_of(now.session, badge)
    refuse(
        against_badge(row.ended_at, True),
        None if now.session.get(BadgePrinted, badge) else "This badge was never printed; it must be printed before it is scanned back.",
        BadgeVerified.says["badge_code"] if now.session.get(BadgeVerified, badge) else None,
    )
    return now.add(BadgeVerified(badge_code=badge, at=now.at, by=now.by))


@act(
    "access.refuse_badge", roles={SYSTEM}, title="Badge that stands for nobody", writes={"access"},
    tells="The badge {badge} was used at {where}: {why}",
)  # fmt: skip
def refuse_badge(now: Now, badge: Open[str], where: Open[str], why: Open[str]) -> None:
    """Somebody used a badge that is void or was never scanned back; nothing else happened."""


@act("access.set_password", roles={EVERYBODY}, title="Set my password", writes={"access"}, tells="{by} set their password.")
def set_password(now: Now, token_sha256: Open[Sha256], public: Open[Sha256], sealed_sha256: Open[Sha256]) -> None:
    """The link is used up and the person has a new signing key; the keys before it sign no more but stay valid for what they signed."""
    used = "This link has been used or replaced. Ask an administrator for a new one."
    link = now.get(LinkIssued, token_sha256, used)
    if link.person != now.by or link.ended_at:
        refuse(used)
    if link.expires_at <= now.at:
        refuse("This link is older than 72 hours. Ask an administrator for a new one.")
    if now.session.get(SealedKey, public) is None:
        refuse("The new key is not there; set the password again.")
    link.ended_at, link.ended_by = now.at, now.by
    for old in now.session.exec(select(SigningKey).where(SigningKey.person == now.by, col(SigningKey.ended_at).is_(None))):
        old.ended_at, old.ended_by = now.at, now.by
    now.add(SigningKey(public=public, person=now.by, sealed_sha256=sealed_sha256))


@act(
    "access.accept_statement", roles={EVERYBODY}, title="Sign the accountability statement", writes={"access"}, signed=STATEMENT,
    tells="{by} signed the accountability statement.", page="/statement",
)  # fmt: skip
def accept_statement(now: Now) -> None:
    """This person may sign from now on."""
    if now.session.get(StatementAccepted, now.by):
        refuse(StatementAccepted.says["person"])
    now.add(StatementAccepted(person=now.by, statement=STATEMENT, at=now.at))


@act("access.sign_in", roles={EVERYBODY}, title="Sign in", writes={"access"}, tells="{by} signed in.")
def sign_in(now: Now) -> None:
    """Somebody whose password was right is signed in. Who is locked or has left is refused."""
    refuse(may_not_enter(now.session, now.by) or None)
    now.add(SignedIn(code=now.draw("K"), person=now.by, station=now.station, at=now.at))


@act("access.sign_out", roles={EVERYBODY}, title="Sign out", writes={"access"}, tells="{by} signed out.")
def sign_out(now: Now) -> None:
    """Somebody is no longer signed in on this device."""


@act("access.fail", roles={SYSTEM}, title="Wrong password", writes={"access"}, tells="A wrong password was given for {person}, at {where}.")
def fail(now: Now, person: Open[str], where: Open[str]) -> None:
    """A wrong password is counted; the fifth since the last right one locks the person and alerts the administrators and QA."""
    if not now.session.get(Person, person) or is_locked(now.session, person):
        return
    now.add(SignInFailed(code=now.draw("K"), person=person, where=where, at=now.at))
    now.session.flush()
    if failures(now.session, person) >= FAILURES_BEFORE_LOCK:
        why = f"{FAILURES_BEFORE_LOCK} wrong passwords in a row."
        now.add(PersonLocked(code=now.draw("K"), person=person, why=why, at=now.at))
        said = f"{person} was locked: {why} The last was at {where}."
        now.add(Alert(code=now.draw("K"), sentence=said, roles=f"{Role.ADMINISTRATOR},{Role.QA}", at=now.at))


def failures(session: Session, person: str) -> int:
    """Wrong passwords since the last time this person signed in or was unlocked."""
    since = [
        session.exec(select(func.max(SignedIn.at)).where(SignedIn.person == person)).one(),
        session.exec(select(func.max(PersonLocked.ended_at)).where(PersonLocked.person == person)).one(),
    ]
    last = max((at for at in since if at), default=None)
    query = select(func.count()).select_from(SignInFailed).where(SignInFailed.person == person)
    return session.exec(query.where(SignInFailed.at > last) if last else query).one()


@act(
    "access.unlock", roles={Role.ADMINISTRATOR}, title="Unlock a person", writes={"access"}, reason="open", tells="{by} unlocked {person}.",
    page="/people/{person}",
)  # fmt: skip
def unlock(now: Now, person: Open[StaffNumber]) -> None:
    """The person can sign in again with the password they have."""
    row = now.session.exec(select(PersonLocked).where(PersonLocked.person == person, col(PersonLocked.ended_at).is_(None))).first()
    if row is None:
        raise Refused(f"{person} is not locked.")
    row.ended_at, row.ended_by = now.at, now.by


@act(
    "access.acknowledge", roles={Role.ADMINISTRATOR, Role.QA, Role.PHYSICIAN, Role.COORDINATOR}, title="Acknowledge an alert",
    writes={"access"}, tells="{by} acknowledged the alert {alert}: {comment}", page="/alerts",
    closed="What somebody was told is answered, however late.",
)  # fmt: skip
def acknowledge(now: Now, alert: RecordCode, comment: Open[Annotated[str, StringConstraints(min_length=1), ask("What was done")]]) -> None:
    """The alert is dealt with by one of those whom it concerns; it stays in the record."""
    row = now.get(Alert, alert, f"{alert} is not an alert.")
    refuse(against_answering(row.roles.split(","), roles_of(now.session, [now.by], now.at)[now.by]))
    if now.session.get(AlertAcknowledged, alert):
        refuse(AlertAcknowledged.says["alert_code"])
    now.add(AlertAcknowledged(alert_code=alert, comment=comment, at=now.at, by=now.by))


@act(
    "access.register_station", roles={Role.ADMINISTRATOR}, title="Register this device as a station", writes={"site"},
    tells="{by} registered the station {name}.", page="/stations",
)  # fmt: skip
def register_station(now: Now, name: Open[Name], token_sha256: Open[Sha256]) -> Station:
    """Entries made on the device that holds the token name this station."""
    if now.session.exec(select(Station).where(Station.name == name)).first():
        refuse(Station.says["name"])
    return now.add(Station(code=now.draw("K"), name=name, token_sha256=token_sha256, at=now.at, by=now.by))


@act(
    "access.end_station", roles={Role.ADMINISTRATOR}, title="End a station", writes={"site"}, reason="open",
    tells="{by} ended the station {station}.", page="/stations",
)  # fmt: skip
def end_station(now: Now, station: RecordCode) -> Station:
    """The device is an unregistered station again."""
    row = now.get(Station, station, f"{station} is not a station.")
    if row.ended_at:
        refuse("This station has ended already.")
    row.ended_at, row.ended_by = now.at, now.by
    return row

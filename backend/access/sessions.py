"""Being signed in: a random token in a cookie or header, its hash in a table, revocable at once, locked when nobody touches it.

Beside the record: signing in and out are acts, the session itself is only who is here now. Forms that a lock interrupted wait as drafts.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import orjson
from sqlmodel import Session as Connection
from sqlmodel import col, delete, exists, select

from backend.access.models import Draft, Person, SealedKey, Session, Station
from backend.access.reads import badge_fault, key_of, known_person, may_not_enter, roles_of
from backend.access.rules import Viewer, against_password
from backend.ledger import SYSTEM, Caller, Ledger, Nonsense, Refused
from backend.ledger.acts import too_often
from backend.ledger.keys import Cost, make, unseal
from backend.ledger.models import Head
from backend.ledger.words import words
from backend.settings import Settings

COOKIE, STATION_COOKIE = "marrowline", "marrowline_station"
DRAFTS_LAST = timedelta(days=7)
TOUCHED_EVERY = timedelta(seconds=20)
UNREGISTERED = words("unregistered station")
NEVER_KEPT = frozenset({"password", "second_password", "again", "key", "shown"})
_no_such_key = make("nobody", secrets.token_hex(16), Cost(1, 8, 1))


@dataclass(frozen=True)
class SignedInHere:
    """Who is signed in on this device, where it stands, whether it is locked, and whether a form of theirs waits somewhere."""

    viewer: Viewer
    token: str
    station: str
    locked: bool
    drafts: bool = False

    @property
    def station_words(self) -> str:
        return self.station or UNREGISTERED


def hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


@contextmanager
def beside(ledger: Ledger) -> Iterator[Connection]:
    """A session for the few tables beside the record; it takes the write lock first, because SQLite refuses a reader who turns writer."""
    with Connection(ledger.engine, expire_on_commit=False) as session:
        session.connection(execution_options={"act": True})
        yield session
        session.commit()


def sign_in(ledger: Ledger, settings: Settings, person: str, password: str, station: str) -> tuple[str, datetime] | None:
    """A new session's token and end, or None when person and password do not fit. Either way it is in the record.

    Refused (locked, no longer working here, a badge that stands for nobody) is raised. A person who does not exist costs as long as a wrong
    password.
    """
    person = "".join(c for c in person if c.isprintable())[:40]
    with ledger.read() as session:
        key, shut = key_of(session, person), may_not_enter(session, person)
        void = "" if key else badge_fault(session, person)
    if void:
        refuse_badge(ledger, person, f"sign-in, {station or UNREGISTERED}", void, station)
        raise Refused(void)
    public, sealed, cost = (
        (key[0].public, key[0].sealed, key[1]) if key else (*_no_such_key, Cost(settings.argon_time, settings.argon_memory_kib))
    )
    right = unseal(person, public, sealed, password, cost) is not None
    if shut:
        if too_often(f"shut {person}"):
            raise Refused(shut)
    elif not right:
        if key or not too_often("nobody"):
            ledger.do("access.fail", {"person": person, "where": f"sign-in, {station or UNREGISTERED}"}, by=Caller(SYSTEM, station))
        return None
    ledger.do("access.sign_in", by=Caller(person, station))
    return begin(ledger, settings, person, station)


def refuse_badge(ledger: Ledger, badge: str, where: str, why: str, station: str = "") -> None:
    """That a badge which stands for nobody was used is in the record, at most 30 times a minute for one badge."""
    if not too_often(f"badge {badge}"):
        ledger.do("access.refuse_badge", {"badge": badge, "where": where, "why": why}, by=Caller(SYSTEM, station))


def begin(ledger: Ledger, settings: Settings, person: str, station: str) -> tuple[str, datetime]:
    """A session without asking for the password again: after it was just given or set. What is too old to be kept goes with it (F3)."""
    token, now = secrets.token_urlsafe(32), ledger.clock()
    ends = now + timedelta(hours=settings.session_hours)
    with beside(ledger) as session:
        session.exec(delete(Session).where(col(Session.expires_at) < now - DRAFTS_LAST))
        session.exec(delete(Draft).where(col(Draft.at) < now - DRAFTS_LAST))
        session.add(Session(token_sha256=hashed(token), person=person, station=station, started_at=now, expires_at=ends, seen_at=now))
    return token, ends


def sign_out(ledger: Ledger, here: SignedInHere) -> None:
    """The session is gone; the token opens nothing any more."""
    ledger.do("access.sign_out", by=Caller(here.viewer.person, here.station))
    revoke(ledger, here.viewer.person, here.token)


def issue_link(ledger: Ledger, person: str, by: Caller) -> str:
    """The token of a one-time link for this person; the record has only its hash."""
    token = secrets.token_urlsafe(32)
    ledger.do("access.issue_link", {"person": person, "token_sha256": hashed(token)}, by=by)
    return token


def set_password(ledger: Ledger, person: str, token: str, password: str, cost: Cost, station: str = "") -> None:
    """The person has a new signing key that only this password opens, and every session of theirs has ended.

    A weak password raises Nonsense; a used or old link is refused.
    """
    with ledger.read() as session:
        row = session.get(Person, person)
    if against := list(against_password(password, person, row.name if row else "")):
        raise Nonsense({"password": " ".join(against)})
    public, sealed = make(person, password, cost)
    with beside(ledger) as session:  # of no effect until the act names its public half
        session.add(SealedKey(
            public=public, person=person, sealed=sealed, argon_time=cost.time, argon_memory_kib=cost.memory_kib, argon_lanes=cost.lanes
        ))  # fmt: skip
    told = {"token_sha256": hashed(token), "public": public, "sealed_sha256": sha256(sealed).hexdigest()}
    ledger.do("access.set_password", told, by=Caller(person, station))
    revoke(ledger, person)


def revoke(ledger: Ledger, person: str, token: str | None = None) -> None:
    """End one session of a person, or all of them (password reset, leaving)."""
    which = delete(Session).where(col(Session.person) == person)
    if token is not None:
        which = which.where(col(Session.token_sha256) == hashed(token))
    with beside(ledger) as session:
        session.exec(which)


def replace(ledger: Ledger, cookies: Mapping[str, str]) -> None:
    """What this browser held before somebody signed in on it opens nothing any more."""
    if token := cookies.get(COOKIE, ""):
        with beside(ledger) as session:
            session.exec(delete(Session).where(col(Session.token_sha256) == hashed(token)))


def here(session: Connection, ledger: Ledger, settings: Settings, cookies: Mapping[str, str], bearer: str = "") -> SignedInHere | None:
    """Who is signed in with this cookie or token; None when nobody is. Idle sessions are found locked, and stay so until unlocked.

    A session that began before its person was locked out, or left, is over: unlocking somebody brings no old session back.
    """
    token = bearer or cookies.get(COOKIE, "")
    waits = exists().where(col(Draft.person) == Session.person)
    wanted = select(Session, Head.hash, waits).join(Head, col(Head.chain) == "access").where(Session.token_sha256 == hashed(token))
    found, now = session.exec(wanted).first() if token else None, ledger.clock()
    if found is None:
        return None
    row, session.info["access"], drafts = found
    if row.expires_at <= now or (who := known_person(session, row.person)).shut_out_since(row.started_at):
        return None
    idle = timedelta(minutes=settings.idle_minutes)
    locked = not bearer and (row.locked_at is not None or now - row.seen_at > idle)
    if not locked and now - row.seen_at > TOUCHED_EVERY:
        touch(ledger, token)
    viewer = Viewer(row.person, who.name, roles_of(session, [row.person], now)[row.person])
    return SignedInHere(viewer, token, row.station, locked, drafts)


def whose(session: Connection, cookies: Mapping[str, str]) -> str:
    """Whose session this browser's was, also when it has expired; "" when it is unknown. It opens nothing: a form is kept for them."""
    token = cookies.get(COOKIE, "")
    row = session.get(Session, hashed(token)) if token else None
    return row.person if row else ""


def touch(ledger: Ledger, token: str) -> None:
    """Somebody is here: the idle lock starts again."""
    _update(ledger, token, seen_at=ledger.clock())


def stand_at(ledger: Ledger, token: str, station: str) -> None:
    """This session is at that station from now on."""
    with beside(ledger) as session:
        if row := session.get(Session, hashed(token)):
            row.station = station


def lock(ledger: Ledger, token: str) -> None:
    """The station asks for the password before it shows anything again."""
    _update(ledger, token, locked_at=ledger.clock())


def unlock(ledger: Ledger, found: SignedInHere, password: str) -> bool:
    """Whether the password was the person's own; the session goes on. A wrong one is counted."""
    person = found.viewer.person
    with ledger.read() as session:
        key = key_of(session, person)
    if key is None or unseal(person, key[0].public, key[0].sealed, password, key[1]) is None:
        where = f"unlocking, {found.station_words}"
        ledger.do("access.fail", {"person": person, "where": where}, by=Caller(SYSTEM, found.station))
        return False
    _update(ledger, found.token, locked_at=None, seen_at=ledger.clock())
    return True


def _update(ledger: Ledger, token: str, **values: datetime | None) -> None:
    with beside(ledger) as session:
        row = session.get(Session, hashed(token))
        for name, value in values.items():
            if row is not None:
                setattr(row, name, value)


def station_of(session: Connection, cookies: Mapping[str, str], header: str = "") -> str:
    """The name of the registered station that this device is, or ""."""
    token = header or cookies.get(STATION_COOKIE, "")
    query = select(Station.name).where(Station.token_sha256 == hashed(token), col(Station.ended_at).is_(None))
    return (session.exec(query).first() or "") if token else ""


def keep_form(ledger: Ledger, person: str, path: str, values: Mapping[str, list[str]]) -> None:
    """A form waits, encrypted, for the same person; passwords are not kept. What is older than seven days is thrown away (F3)."""
    now = ledger.clock()
    kept = {name: given for name, given in values.items() if name not in NEVER_KEPT}
    with beside(ledger) as session:
        session.exec(delete(Draft).where(col(Draft.at) < now - DRAFTS_LAST))
        row = session.get(Draft, (person, path))
        before: dict[str, list[str]] = orjson.loads(ledger.keyring.unlock("draft", row.box)) if row else {}
        row = row or Draft(person=person, path=path, box=b"", at=now)
        row.box, row.at = ledger.keyring.lock("draft", orjson.dumps(before | kept)), now
        session.add(row)


def kept_form(session: Connection, ledger: Ledger, person: str, path: str) -> dict[str, list[str]]:
    """The form that waits for this person at this address; it goes on waiting until it is sent."""
    row = session.get(Draft, (person, path))
    if row is None or row.at < ledger.clock() - DRAFTS_LAST:
        return {}
    kept: dict[str, list[str]] = orjson.loads(ledger.keyring.unlock("draft", row.box))
    return kept


def drop_form(ledger: Ledger, person: str, path: str) -> None:
    """The form was sent, so nothing of it waits any more."""
    with ledger.read() as session:
        waits = session.get(Draft, (person, path)) is not None
    if waits:
        with beside(ledger) as session:
            session.exec(delete(Draft).where(col(Draft.person) == person, col(Draft.path) == path))

"""Being signed in: a random token in a cookie or header, its hash in a table, revocable at once, locked when nobody touches it.

Beside the record: signing in and out are acts, the session itself is only who is here now. Forms that a lock interrupted wait as drafts.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import orjson
from sqlmodel import Session as Connection
from sqlmodel import col, delete, select

from backend.access.models import Draft, Person, SealedKey, Session, Station
from backend.access.reads import is_locked, key_of, viewer_of
from backend.access.rules import Viewer, against_password
from backend.ledger import SYSTEM, Caller, Ledger, Nonsense
from backend.ledger.keys import Cost, make, unseal
from backend.settings import Settings

COOKIE, STATION_COOKIE = "marrowline", "marrowline_station"
DRAFTS_LAST = timedelta(days=7)
UNREGISTERED = "unregistered station"
NEVER_KEPT = frozenset({"password", "second_password", "again", "key", "shown"})
_no_such_key = make("nobody", secrets.token_hex(16), Cost(1, 8, 1))


@dataclass(frozen=True)
class SignedInHere:
    """Who is signed in on this device, where it stands, and whether it is locked."""

    viewer: Viewer
    token: str
    station: str
    locked: bool

    @property
    def station_words(self) -> str:
        return self.station or UNREGISTERED


def hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def sign_in(ledger: Ledger, settings: Settings, person: str, password: str, station: str) -> tuple[str, datetime] | None:
    """A new session's token and end, or None when person and password do not fit. Either way it is in the record.

    Refused (locked person) is raised. A person who does not exist costs as long as a wrong password.
    """
    with ledger.read() as session:
        key, locked = key_of(session, person), is_locked(session, person)
    public, sealed, cost = (
        (key[0].public, key[0].sealed, key[1]) if key else (*_no_such_key, Cost(settings.argon_time, settings.argon_memory_kib))
    )
    if unseal(person, public, sealed, password, cost) is None and not locked:
        ledger.do("access.fail", {"person": person, "where": f"sign-in, {station or UNREGISTERED}"}, by=Caller(SYSTEM, station))
        return None
    ledger.do("access.sign_in", by=Caller(person, station))
    return begin(ledger, settings, person, station)


def begin(ledger: Ledger, settings: Settings, person: str, station: str) -> tuple[str, datetime]:
    """A session without asking for the password again: after it was just given or set."""
    token, now = secrets.token_urlsafe(32), ledger.clock()
    ends = now + timedelta(hours=settings.session_hours)
    with Connection(ledger.engine) as session:
        session.add(Session(token_sha256=hashed(token), person=person, station=station, started_at=now, expires_at=ends, seen_at=now))
        session.commit()
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
    with Connection(ledger.engine) as session:  # beside the record, and of no effect until the act names its public half
        beside = SealedKey(
            public=public, person=person, sealed=sealed, argon_time=cost.time, argon_memory_kib=cost.memory_kib, argon_lanes=cost.lanes
        )
        session.add(beside)
        session.commit()
    told = {"token_sha256": hashed(token), "public": public, "sealed_sha256": sha256(sealed).hexdigest()}
    ledger.do("access.set_password", told, by=Caller(person, station))
    revoke(ledger, person)


def revoke(ledger: Ledger, person: str, token: str | None = None) -> None:
    """End one session of a person, or all of them (leaving, locked out, password reset)."""
    which = delete(Session).where(col(Session.person) == person)
    if token is not None:
        which = which.where(col(Session.token_sha256) == hashed(token))
    with Connection(ledger.engine) as session:
        session.exec(which)
        session.commit()


def here(session: Connection, ledger: Ledger, settings: Settings, cookies: Mapping[str, str], bearer: str = "") -> SignedInHere | None:
    """Who is signed in with this cookie or token; None when nobody is. Idle sessions are found locked, and stay so until unlocked."""
    token = bearer or cookies.get(COOKIE, "")
    row = session.get(Session, hashed(token)) if token else None
    now = ledger.clock()
    if row is None or row.expires_at <= now or is_locked(session, row.person):
        return None
    idle = timedelta(minutes=settings.idle_minutes)
    locked = not bearer and (row.locked_at is not None or now - row.seen_at > idle)
    if not locked and now - row.seen_at > timedelta(seconds=20):
        _update(ledger, row.token_sha256, seen_at=now)
    return SignedInHere(viewer_of(session, row.person, now), token, row.station, locked)


def lock(ledger: Ledger, token: str) -> None:
    """The station asks for the password before it shows anything again."""
    _update(ledger, hashed(token), locked_at=ledger.clock())


def unlock(ledger: Ledger, found: SignedInHere, password: str) -> bool:
    """Whether the password was the person's own; the session goes on. A wrong one is counted."""
    with ledger.read() as session:
        key = key_of(session, found.viewer.person)
    if key is None or unseal(found.viewer.person, key[0].public, key[0].sealed, password, key[1]) is None:
        ledger.do(
            "access.fail", {"person": found.viewer.person, "where": f"unlocking, {found.station_words}"}, by=Caller(SYSTEM, found.station)
        )
        return False
    _update(ledger, hashed(found.token), locked_at=None, seen_at=ledger.clock())
    return True


def _update(ledger: Ledger, token_sha256: str, **values: datetime | None) -> None:
    with Connection(ledger.engine) as session:
        row = session.get(Session, token_sha256)
        if row is not None:
            for name, value in values.items():
                setattr(row, name, value)
            session.commit()


def station_of(session: Connection, cookies: Mapping[str, str], header: str = "") -> str:
    """The name of the registered station that this device is, or ""."""
    token = header or cookies.get(STATION_COOKIE, "")
    query = select(Station.name).where(Station.token_sha256 == hashed(token), col(Station.ended_at).is_(None))
    return (session.exec(query).first() or "") if token else ""


def keep_form(ledger: Ledger, person: str, path: str, values: Mapping[str, list[str]]) -> None:
    """A form waits, encrypted, for the same person; passwords are not kept. What is older than seven days is thrown away."""
    now = ledger.clock()
    kept = {name: given for name, given in values.items() if name not in NEVER_KEPT}
    with Connection(ledger.engine) as session:
        session.exec(delete(Draft).where(col(Draft.at) < now - DRAFTS_LAST))
        session.exec(delete(Draft).where(col(Draft.person) == person, col(Draft.path) == path))
        session.add(Draft(person=person, path=path, box=ledger.keyring.lock("draft", orjson.dumps(kept)), at=now))
        session.commit()


def take_form(ledger: Ledger, person: str, path: str) -> dict[str, list[str]]:
    """The form that waits for this person at this address, thrown away as it is taken."""
    with Connection(ledger.engine) as session:
        row = session.get(Draft, (person, path))
        if row is None:
            return {}
        kept: dict[str, list[str]] = orjson.loads(ledger.keyring.unlock("draft", row.box))
        session.delete(row)
        session.commit()
    return kept

"""One act, one transaction, one entry on every chain it writes.

Pages, API, command line and simulation all come through `Ledger.do`; what an act is refused is an entry too, recorded under the same lock.
"""

import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session

from backend.db import transient
from backend.ledger import chains
from backend.ledger.answers import answer_of, sentence_of
from backend.ledger.arguments import LONGEST, Arguments, clean, read_arguments
from backend.ledger.chains import COMMON
from backend.ledger.columns import Declared
from backend.ledger.errors import NoGate, Nonsense, NotAllowed, Refused, UnknownCode
from backend.ledger.keys import Signer
from backend.ledger.looking import Looking
from backend.ledger.now import Caller, Credential, Gate, Now, Receipt, digest_of, spelled
from backend.ledger.registry import ENDED, REGISTRY, SYSTEM, Act, ended, titles
from backend.ledger.sealing import Keyring
from backend.ledger.spelling import canonical, digest, instant, plain, stamp
from labels.codes import draw

CLOCK_MAY_STEP_BACK = timedelta(seconds=2)
TRIES = 8
MOST_KNOWN = 100_000  # codes whose chains a process remembers
STALE = "The record changed while you were reading it. Read it again, then decide."
USED = "This form was already used for something else. Open it again."


class _Again(Exception):
    """Undo everything and run once more inside a savepoint, so that the refusal is recorded where it was decided."""


@dataclass(frozen=True)
class _Call:
    """One request to act, its arguments already values."""

    act: Act
    args: Arguments
    by: Caller
    named: tuple[str, ...]  # who was to sign
    signers: tuple[Signer, ...]
    unsigned: tuple[str, ...]  # why a signature is missing
    reason: str
    shown: str | None
    key: str | None
    occurred_at: datetime | None

    def mac(self, keyring: Keyring) -> str:
        return keyring.mac(canonical([self.act.name, plain(self.args.model_dump()), self.reason, list(self.named)]))


def utc_now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """An installation's record: its database, its keys, its clock."""

    gate: Gate | None = None

    def __init__(self, engine: Engine, keyring: Keyring, clock: Callable[[], datetime] = utc_now) -> None:
        self.engine = engine
        self.keyring = keyring
        self.clock = clock
        self.known: dict[str, str] = {}  # code -> chain; written once and for ever (decision C4), so what was read stays true
        self.open_at: dict[str, str] = {}  # chain -> the hash of its tip at which it was not closed
        self._turn: Any = RLock() if engine.dialect.name == "sqlite" else nullcontext()  # SQLite's own wait is unfair

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads; nothing is ever committed."""
        with Looking(self.engine, expire_on_commit=False) as session:
            yield session

    def do(
        self, name: str, args: Mapping[str, Any] | None = None, *, by: Caller, signatures: tuple[Credential, ...] = (), reason: str = "",
        shown: str | None = None, key: str | None = None, occurred_at: datetime | None = None,
    ) -> Receipt:  # fmt: skip
        """Run an act; what it did is committed when this returns.

        Raises Nonsense (nothing recorded), UnknownCode, Refused or NotAllowed (recorded). With `key`, the same call again returns the
        first answer and does nothing. `signatures` are the persons and passwords that the act's meaning asks for, the caller's first.
        """
        act = REGISTRY[name]
        gate = self.gate
        if gate is None:
            raise NoGate(f"{name} was asked for, but nobody decides who may act")
        values = read_arguments(act.arguments, args or {})
        _long_enough_kept(act, values)
        _beside_them(reason, key, signatures, occurred_at, self.clock)
        signers, unsigned = gate.signers(self, act, by, signatures) if act.signed else ([], [])
        named = tuple(one.person for one in signatures)
        call = _Call(act, values, by, named, tuple(signers), tuple(unsigned), reason.strip(), shown, key, occurred_at)
        careful = False
        for attempt in range(1, TRIES + 1):
            try:
                with self._turn:
                    return _Run(self, call, careful).run()
            except _Again:
                careful = True
            except (DBAPIError, StaleDataError) as error:
                if attempt == TRIES or not _may_try_again(error, call):
                    raise
                time.sleep(random.random() * 0.01 * 2**attempt)  # noqa: S311  # spreads retries, decides nothing
        raise RuntimeError(f"{name} was undone {TRIES} times")


def _may_try_again(error: Exception, call: _Call) -> bool:
    """Whether running the act once more can neither lose it nor do it twice: after a lost connection only its key can tell."""
    if not isinstance(error, DBAPIError):
        return True  # another act changed a row under a lock that was not this act's
    return transient(error) or (error.connection_invalidated and call.key is not None)


def _beside_them(
    reason: str, key: str | None, signatures: tuple[Credential, ...], occurred_at: datetime | None, clock: Callable[[], datetime]
) -> None:
    """What comes beside the arguments is as clean as they are, and nothing has happened in the future."""
    faults = {}
    for name, text, most in (("reason", reason, LONGEST), ("key", key or "", 200), *(("person", one.person, 64) for one in signatures)):
        if len(text) > most:
            faults[name] = f"{name.capitalize()} has {len(text)} characters; at most {most} can be kept."
        elif not clean(text):
            faults[name] = f"{name.capitalize()} has a character in it that is no letter, digit or sign; type it again."
    if occurred_at is not None and occurred_at > (now := clock()):
        faults["occurred_at"] = f"It would have happened at {stamp(occurred_at)}, but it is only {stamp(now)}."
    if faults:
        raise Nonsense(faults)


def _long_enough_kept(act: Act, values: Arguments) -> None:
    """A sealed value that is too long is refused by field name, before anything is recorded (decision S4)."""
    faults = {}
    for name, kept in act.secrecy.items():
        value = getattr(values, name)
        text = value if isinstance(value, str) else canonical(plain(value)).decode()
        if kept.secrecy != "open" and len(text.encode()) > kept.room - 2:
            faults[name] = f"{titles(act.arguments)[name]} takes {len(text.encode())} bytes; at most {kept.room - 2} can be kept."
    if faults:
        raise Nonsense(faults)


class _Run:
    """One try at one act: lock, look, decide, write."""

    def __init__(self, ledger: Ledger, call: _Call, careful: bool) -> None:
        self.ledger, self.call, self.careful = ledger, call, careful
        self.founded = draw("S") if call.act.founds else None
        self.refused: tuple[str, ...] = ()
        self.sealed: tuple[str, ...] = ()
        self.barred = False
        self.result: Any = None

    def run(self) -> Receipt:
        with Session(self.ledger.engine, expire_on_commit=False) as session:
            conn = session.connection(execution_options={"act": True})
            heads, answered = self._lock(conn)
            if done := self._answered(conn, answered):
                return done
            now = self._now(session, heads)
            if self.founded:
                self.ledger.keyring.make_keys(conn, self.founded)
            elif self.call.act.seals and not self.subject:
                self.ledger.keyring.keep_keys(conn, self.call.act.seals)
            if not self.refused:
                self._decide(now)
            if not self.refused:
                self._act(now)
            if self.refused:
                now.changes.clear()
                now.heads.pop(self.founded or "", None)
            entries = self._tell(conn, now, heads)
            session.commit()
        self._stays_open(heads, entries)
        if self.refused:
            raise (NotAllowed if self.barred else Refused)(*self.refused, sealed=self.sealed)
        return Receipt(self.act_id, now.at, entries, self.result)

    def _lock(self, conn: Connection) -> tuple[dict[str, chains.Tip], tuple[str, str] | None]:
        """The tips of every chain that matters, and the act that answered this form before; read inside the lock (decision I1)."""
        own = self._chains_of_codes(conn)
        writes = self.call.act.writes | own
        self.writes, self.cites = writes, self.call.act.relies - writes
        form = (self.call.by.person, self.call.key) if self.call.key else None
        alone = writes | ({self.founded} if self.founded else set())
        tips, answered = chains.lock(conn, alone, self.cites, frozenset({"access"}), form)
        self.subject = self.founded or next(iter(sorted(own)), None)
        if missing := (writes | self.cites) - tips.keys():
            raise RuntimeError(f"there is no chain {missing}")
        return tips, answered

    def _chains_of_codes(self, conn: Connection) -> frozenset[str]:
        """The subjects' chains that the code arguments belong to; an unknown code raises UnknownCode."""
        wanted: set[str] = set()
        for name in self.call.act.codes:
            value = getattr(self.call.args, name)
            wanted |= set(value) if isinstance(value, (list, tuple)) else {value} if value else set()
        if not wanted:
            return frozenset()
        known = self.ledger.known
        found = {code: chain for code in wanted if (chain := known.get(code))}
        if unknown := tuple(wanted - found.keys()):
            m = ", ".join([chains.mark(conn)] * len(unknown))
            found.update((row[0], row[1]) for row in conn.exec_driver_sql(f"SELECT code, chain FROM code WHERE code IN ({m})", unknown))
            if len(known) > MOST_KNOWN:
                known.clear()
            known.update(found)
        for code in sorted(wanted - found.keys()):
            raise UnknownCode(code)
        return frozenset(found.values()) - COMMON

    def _answered(self, conn: Connection, answered: tuple[str, str] | None) -> Receipt | None:
        """The first answer to this key; the same key for anything else is refused (decision I2)."""
        self.keep = self.call.key
        if answered is None:
            return None
        act_id, mac = answered
        if mac == self.call.mac(self.ledger.keyring):
            return answer_of(conn, act_id)
        self.refused, self.keep = (USED,), None
        return None

    def _now(self, session: Session, tips: dict[str, chains.Tip]) -> Now:
        at, heads = self.ledger.clock(), {c: tips[c] for c in self.writes}
        if self.founded:
            heads[self.founded] = chains.Tip(0, "", "")
        last = max((tip.at for tip in heads.values()), default="")
        if stamp(at) < last:  # two hosts differ by milliseconds; a clock that was set back must not un-expire a dose
            if instant(last) - at > CLOCK_MAY_STEP_BACK:
                said = f"This computer's clock says {stamp(at)}; the record's last entry is from {last}. The clock must be right."
                self.refused += (said,)
            at = instant(last)
        call = self.call
        witness = call.signers[1].person if len(call.signers) > 1 else None
        now = Now(self.ledger, session, call.act, call.by.person, at, call.by.station, witness, heads, self.subject, call.reason)
        session.info["act"] = now
        session.info["access"] = tips["access"].hash  # what is known of people cannot have changed while this is the same
        return now

    def _decide(self, now: Now) -> None:
        """Everything that can be said against the act before its own rules are asked."""
        call = self.call
        gate = self.ledger.gate
        allowed, reasons = gate.reasons(now.session, call.act, call.by, [s.person for s in call.signers], now.at) if gate else (False, [])
        self.barred = not allowed
        if self.barred:  # nothing else is looked at: to who may not do this at all, no code tells anything (decision P4)
            self.refused = tuple(reasons)
            return
        if not call.act.closed and (over := list(self._over(now))):  # what is closed is looked at no further
            self.refused = tuple(over)
            return
        reasons += [*call.unsigned, *self._replaced_keys(now)]
        if call.act.reason and not call.reason:
            reasons.append("A reason is needed: it stays in the record beside what it explains.")
        if call.act.shows is not None:
            self.shown = digest_of(call.act.shows(now.session, **dict(call.args)))
            if call.shown != self.shown:
                reasons.append(STALE)
        self.refused = tuple(reasons)

    def _over(self, now: Now) -> Iterator[str]:
        """Why nothing is added any more to a record that this act would add to; not asked where nothing came since it was open."""
        for chain in sorted(self.writes - COMMON):
            tip = now.heads[chain].hash
            if self.ledger.open_at.get(chain) != tip:
                if said := ended(now.session, chain):
                    yield from said
                else:
                    self.ledger.open_at[chain] = tip

    def _stays_open(self, before: Mapping[str, chains.Tip], entries: Iterable[tuple[str, int, str]]) -> None:
        """What was open before this act is open after it, unless this was the act that closes."""
        for chain, _, tip in entries:
            if chain in before and self.ledger.open_at.get(chain) == before[chain].hash:
                if self.call.act.name in ENDED:
                    self.ledger.open_at.pop(chain, None)
                else:
                    self.ledger.open_at[chain] = tip

    def _replaced_keys(self, now: Now) -> Iterator[str]:
        """Keys were opened before the lock; one that was replaced since then signs nothing any more, and verify would find it."""
        keys = {signer.public: signer.person for signer in self.call.signers}
        if keys:
            conn = now.session.connection()
            m = ", ".join([chains.mark(conn)] * len(keys))
            rows = conn.exec_driver_sql(f"SELECT public FROM signing_key WHERE ended_at IS NULL AND public IN ({m})", tuple(keys))
            for public in sorted(keys.keys() - {row[0] for row in rows}):
                yield f"The password of {keys[public]} was changed while this was being signed; sign again with the new one."

    def _act(self, now: Now) -> None:
        arguments = dict(self.call.args)
        try:
            if self.careful:
                with now.session.begin_nested():  # the lock is outside, so a refusal is recorded where it was decided
                    if self.founded:
                        now.heads[self.founded] = chains.begin(now.session.connection(), self.founded)
                    self.result = spelled(self.call.act.run(now, **arguments))
            else:
                if self.founded:
                    now.heads[self.founded] = chains.begin(now.session.connection(), self.founded)
                    now.flushed = True
                self.result = spelled(self.call.act.run(now, **arguments))
                now.session.flush()
        except (Refused, IntegrityError) as no:
            if not self.careful and (now.flushed or isinstance(no, IntegrityError)):
                raise _Again from no
            self.refused = no.reasons if isinstance(no, Refused) else (sentence_of(no),)
            self.sealed = no.sealed if isinstance(no, Refused) else ()
            self.barred = isinstance(no, NotAllowed)
            now.session.expunge_all()

    act_id = ""
    shown: str | None = None

    def _tell(self, conn: Connection, now: Now, tips: dict[str, chains.Tip]) -> tuple[tuple[str, int, str], ...]:
        """One entry for each chain, all parts of one act."""
        self.act_id, entries = uuid.uuid4().hex, []
        parts = {chain: tip.seq + 1 for chain, tip in now.heads.items()}
        answer = (now.by, self.keep, self.act_id, self.call.mac(self.ledger.keyring)) if self.keep else None
        common = self._common(now, parts, {c: [tips[c].seq, tips[c].hash] for c in self.cites | {"access"} - parts.keys()})
        signers = () if self.refused else self.call.signers
        for chain in sorted(parts):
            tip = now.heads[chain]
            own = {
                "chain": chain, "seq": tip.seq + 1, "prev": tip.hash, "subject": None if chain in COMMON else chain,
                "changes": [change for where, change in now.changes if where == chain],
            }  # fmt: skip
            body = canonical(common | own)
            signed = b"".join(s.sign(body) for s in signers)
            new = chains.append(conn, tip, {
                "chain": chain, "seq": tip.seq + 1, "hash": digest(body), "body": body, "signatures": signed, "act": self.call.act.name,
                "act_id": self.act_id, "at": common["at"], "by": now.by, "idem": self.keep,
            }, answer)  # fmt: skip
            if not new:  # the same key was used at this moment on other chains, whose locks are not ours
                raise _Again
            entries.append((chain, tip.seq + 1, digest(body)))
            answer = None
        return tuple(entries)

    def _common(self, now: Now, parts: dict[str, int], relies: dict[str, list[Any]]) -> dict[str, Any]:
        act, call = self.call.act, self.call
        signed = [] if self.refused else [
            {"by": s.person, "key": s.public, "meaning": meaning}
            for s, meaning in zip(call.signers, (act.signed, act.witness), strict=False)
        ]  # fmt: skip
        body = {
            "v": 1, "act_id": self.act_id, "act": act.name, "at": stamp(now.at), "by": now.by, "station": now.station,
            "reason": self._sealed(now, call.reason, Declared(act.reason, 4096)) if act.reason and call.reason else "",
            "inputs": self._inputs(now), "refused": list(self.refused), "barred": self.barred, "parts": parts, "relies": relies,
            "signed": signed, "shown": self.shown, "result": None if self.refused else self.result,
            "keys": self.subject or act.seals,  # whose keys sealed what is sealed here; a refused enrolment has no chain to tell it
        }  # fmt: skip
        if self.sealed:
            body["sealed"] = [self._sealed(now, s, Declared("masked", 4096)) for s in self.sealed]
        if call.occurred_at is not None:
            body["occurred_at"] = stamp(call.occurred_at)
        return body

    def _inputs(self, now: Now) -> dict[str, Any]:
        return {name: self._sealed(now, getattr(self.call.args, name), kept) for name, kept in self.call.act.secrecy.items()}

    def _sealed(self, now: Now, value: Any, kept: Declared) -> Any:
        if value is None or kept.secrecy == "open":
            return plain(value)
        return now.seal(value, kept)


__all__ = ["COMMON", "SYSTEM", "Caller", "Credential", "Gate", "Keyring", "Ledger", "Now", "Receipt", "answer_of", "digest_of"]

"""The ledger's own acts: founding the record, and keeping what nobody could make sense of."""

from collections import deque
from threading import Lock
from time import monotonic
from typing import NoReturn

import orjson

from backend.ledger import chains
from backend.ledger.columns import Open
from backend.ledger.errors import NotAllowed, UnknownCode
from backend.ledger.perform import Caller, Ledger, Now
from backend.ledger.registry import REGISTRY, SYSTEM, act

UNKNOWN_PER_MINUTE = 30


@act("ledger.found", roles={SYSTEM}, title="Found the record", tells="The record was founded.", writes={"access", "site", "supplies"})
def found(now: Now, site_key: Open[str], demo: Open[bool]) -> None:
    """The three common chains begin; `site_key` names the key that wraps the subjects' keys, `demo` marks a demonstration for ever."""


@act(
    "ledger.unknown_code", roles={SYSTEM}, title="Unknown code", writes={"site"},
    tells="{person} scanned {scanned}, which is nobody's code.",
)  # fmt: skip
def unknown_code(now: Now, scanned: Open[str], person: Open[str]) -> None:
    """A scan that meant nothing is in the record: a wrong label lying about is worth knowing."""


_recent: dict[str, deque[float]] = {}
_turn = Lock()


def too_often(who: str) -> bool:
    """Whether this has happened 30 times within the last minute, counting now; what is recorded as noise asks first."""
    with _turn:
        seen = _recent.setdefault(who, deque())
        while seen and monotonic() - seen[0] > 60:
            seen.popleft()
        if len(seen) >= UNKNOWN_PER_MINUTE:
            return True
        seen.append(monotonic())
        return False


def note_unknown(ledger: Ledger, code: str, by: Caller) -> None:
    """Record an unknown scan, at most 30 a minute for one person, so that nobody can flood the chain."""
    if too_often(f"unknown {by.person}"):
        return
    printable = "".join(c for c in code if c.isprintable())[:80]
    ledger.do("ledger.unknown_code", {"scanned": printable, "person": by.person}, by=Caller(SYSTEM, by.station))


def turn_away(ledger: Ledger, name: str, unknown: UnknownCode, by: Caller) -> NoReturn:
    """An unknown code was noted, and whoever may not do the act at all is answered as for a known one (decision P4): NotAllowed."""
    note_unknown(ledger, unknown.code, by)
    if ledger.gate is not None:
        with ledger.read() as session:
            allowed, reasons = ledger.gate.reasons(session, REGISTRY[name], by, [], ledger.clock())
        if not allowed:
            raise NotAllowed(*reasons) from unknown
    raise unknown


def begin_record(ledger: Ledger, *, demo: bool) -> None:
    """An empty database has its three common chains and knows its site key."""
    with ledger.engine.begin() as conn:
        for chain in ("access", "site", "supplies"):
            chains.begin(conn, chain)
    ledger.do("ledger.found", {"site_key": ledger.keyring.name, "demo": demo}, by=Caller(SYSTEM))


def founding(ledger: Ledger) -> dict[str, object] | None:
    """How the record was founded ({"site_key", "demo"}), or None when there is none yet."""
    with ledger.engine.connect() as conn:
        row = conn.exec_driver_sql("SELECT body FROM entry WHERE chain = 'site' AND seq = 1").one_or_none()
    if row is None:
        return None
    inputs: dict[str, object] = orjson.loads(row[0])["inputs"]
    return inputs

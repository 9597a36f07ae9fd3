"""Locking chains and adding to them: the few statements in which an act meets the database's own guarantees.

An act locks every chain it writes and share-locks every chain it relies on, in one sorted pass, and reads only after that. Row locks are
not used: a stream of share-lockers starves the one that blocks a lot. Sorting is Python's: the database sorts by collation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection

from backend.ledger.spelling import GENESIS

COMMON = frozenset({"access", "supplies", "site"})
"""The chains that belong to no subject: people, materials, the site itself."""


@dataclass(frozen=True)
class Tip:
    """Where a chain ends."""

    seq: int
    hash: str
    at: str


def mark(conn: Connection) -> str:
    """How this driver writes a parameter."""
    return "?" if conn.dialect.name == "sqlite" else "%s"


def number(chain: str) -> int:
    """The advisory lock of a chain: 64 bits of its name's hash."""
    return int.from_bytes(sha256(chain.encode()).digest()[:8], "big", signed=True)


def lock(
    conn: Connection, writes: frozenset[str], relies: frozenset[str], looks: frozenset[str], form: tuple[str, str] | None
) -> tuple[dict[str, Tip], tuple[str, str] | None]:  # fmt: skip
    """Wait until this act alone may write `writes` and nobody writes `relies`; then look, inside the lock.

    Told are the tips of all these chains and of `looks`, as far as they exist, and the act and MAC that answered the form (person, key).
    SQLite's BEGIN IMMEDIATE is the lock already.
    """
    names = [*(writes | relies | looks)]
    if conn.dialect.name == "postgresql":
        keys = sorted((number(chain), chain in writes) for chain in writes | relies)
        query = "SELECT * FROM lock_and_look(%s::bigint[], %s::boolean[], %s::text[], %s::text, %s::text)"
        given: tuple[object, ...] = ([key for key, _ in keys], [alone for _, alone in keys], names, *(form or (None, None)))
    else:
        query = f"SELECT chain, seq, hash, at FROM head WHERE chain IN ({', '.join('?' * len(names))})"
        query += " UNION ALL SELECT '', 0, act_id, mac FROM answer WHERE person = ? AND key = ?" if form else ""
        given = (*names, *(form or ()))
    rows = conn.exec_driver_sql(query, given).all()
    answered = next(((row[2], row[3]) for row in rows if not row[0]), None)
    return {row[0]: Tip(row[1], row[2], row[3]) for row in rows if row[0]}, answered


def begin(conn: Connection, chain: str) -> Tip:
    """Start a chain of its own."""
    m = mark(conn)
    conn.exec_driver_sql(f"INSERT INTO head (chain, seq, hash, at) VALUES ({m}, 0, {m}, '')", (chain, GENESIS))
    return Tip(0, GENESIS, "")


_ENTRY = ("chain", "seq", "hash", "body", "signatures", "act", "act_id", "at", "by", "idem")
_ANSWER = ("person", "key", "act_id", "mac")


def append(conn: Connection, tip: Tip, entry: dict[str, object], answer: tuple[str, ...] | None = None) -> bool:
    """Add one entry and move the head onto it; a head that moved under its lock raises RuntimeError.

    With `answer` (person, key, act_id, mac) the form is answered too: False when another act has answered it meanwhile.
    """
    m = mark(conn)
    tell = f"INSERT INTO entry ({', '.join(_quoted(_ENTRY))}) VALUES ({', '.join([m] * len(_ENTRY))})"
    reply = f"INSERT INTO answer ({', '.join(_ANSWER)}) VALUES ({', '.join([m] * len(_ANSWER))}) ON CONFLICT DO NOTHING"
    move = f"UPDATE head SET seq = {m}, hash = {m}, at = {m} WHERE chain = {m} AND hash = {m}"
    told = tuple(entry[name] for name in _ENTRY)
    moved = (entry["seq"], entry["hash"], entry["at"], entry["chain"], tip.hash)
    if conn.dialect.name == "postgresql":  # one way to the server and back instead of three
        replied = f", replied AS ({reply} RETURNING 1)" if answer else ""
        query = f"WITH told AS ({tell}){replied}, moved AS ({move} RETURNING 1) SELECT (SELECT count(*) FROM moved), "
        query += "(SELECT count(*) FROM replied)" if answer else "1"
        heads, answers = conn.exec_driver_sql(query, (*told, *(answer or ()), *moved)).one()
    else:
        conn.exec_driver_sql(tell, told)
        answers = conn.exec_driver_sql(reply, answer).rowcount if answer else 1
        heads = conn.exec_driver_sql(move, moved).rowcount
    if heads != 1:
        raise RuntimeError(f"the head of {entry['chain']} moved under its lock")
    return bool(answers)


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]

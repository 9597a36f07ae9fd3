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


def lock(conn: Connection, writes: frozenset[str], relies: frozenset[str]) -> None:
    """Wait until this act alone may write `writes`, and nobody writes `relies`. SQLite's BEGIN IMMEDIATE has done it already."""
    if conn.dialect.name == "postgresql":
        keys = sorted((number(chain), chain in writes) for chain in writes | relies)
        conn.exec_driver_sql("SELECT " + ", ".join(f"pg_advisory_xact_lock{'' if alone else '_shared'}({key})" for key, alone in keys))


def tips(conn: Connection, chains: Iterable[str]) -> dict[str, Tip]:
    """The tips of those of the chains that exist. Its own statement: a snapshot taken before the lock's wait would be stale."""
    names = tuple(chains)
    m = ", ".join([mark(conn)] * len(names))
    rows = conn.exec_driver_sql(f"SELECT chain, seq, hash, at FROM head WHERE chain IN ({m})", names)
    return {row[0]: Tip(row[1], row[2], row[3]) for row in rows}


def begin(conn: Connection, chain: str) -> Tip:
    """Start a chain of its own."""
    m = mark(conn)
    conn.exec_driver_sql(f"INSERT INTO head (chain, seq, hash, at) VALUES ({m}, 0, {m}, '')", (chain, GENESIS))
    return Tip(0, GENESIS, "")


_ENTRY = ("chain", "seq", "hash", "body", "signatures", "act", "act_id", "at", "by", "idem")


def append(conn: Connection, tip: Tip, entry: dict[str, object]) -> None:
    """Add one entry and move the head onto it; a head that moved under its lock raises RuntimeError."""
    m = mark(conn)
    names = ", ".join(f'"{n}"' for n in _ENTRY)
    insert = f"INSERT INTO entry ({names}) VALUES ({', '.join([m] * len(_ENTRY))})"
    move = f"UPDATE head SET seq = {m}, hash = {m}, at = {m} WHERE chain = {m} AND hash = {m}"
    told = tuple(entry[n] for n in _ENTRY)
    moved = (entry["seq"], entry["hash"], entry["at"], entry["chain"], tip.hash)
    if conn.dialect.name == "postgresql":  # one round trip instead of two
        done = conn.exec_driver_sql(f"WITH told AS ({insert}) {move}", told + moved)
    else:
        conn.exec_driver_sql(insert, told)
        done = conn.exec_driver_sql(move, moved)
    if done.rowcount != 1:
        raise RuntimeError(f"the head of {entry['chain']} moved under its lock")

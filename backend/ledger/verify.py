"""Re-derive everything and name what is wrong, one sentence for each fault. It trusts the bytes of the entries and nothing else.

Chains are read one after the other at one moment of the database; memory holds the rows of one chain.
"""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Table, select
from sqlmodel import SQLModel

from backend.ledger import keys
from backend.ledger.chains import Tip, mark
from backend.ledger.models import recorded_tables
from backend.ledger.spelling import GENESIS, digest, plain, stamp

Told = dict[tuple[Any, ...], tuple[int, dict[str, Any]]]
FOREVER = 1 << 62
_COLUMNS = "chain, seq, hash, body, signatures, act, act_id, at, by, idem"


def verify(engine: Engine, *, since: dict[str, int] | None = None, progress: Callable[[int], None] = lambda _: None) -> Iterator[str]:
    """Every fault, as a sentence. Nothing yielded is a clean record.

    `since` skips the signatures of entries up to a sequence number per chain (stages of tests that were verified before).
    """
    with engine.connect() as conn:
        if conn.dialect.name == "postgresql":
            conn.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")  # one moment for all the tables
        yield from _Check(conn, since or {}, progress).faults()


class _Check:
    """One pass over one database."""

    def __init__(self, conn: Connection, since: dict[str, int], progress: Callable[[int], None]) -> None:
        self.conn, self.since, self.progress = conn, since, progress
        self.heads = {r[0]: Tip(r[1], r[2], r[3]) for r in conn.exec_driver_sql("SELECT chain, seq, hash, at FROM head")}
        self.tables: list[Table] = [SQLModel.metadata.tables[name] for name in sorted(recorded_tables())]
        self.keys = _registered(conn)
        self.parts: dict[tuple[str, int], list[tuple[str, str]]] = {}
        self.relied: dict[tuple[str, int], tuple[str, str]] = {}
        self.acts: dict[tuple[str, int], tuple[str, str]] = {}

    def faults(self) -> Iterator[str]:
        seen = set()
        for chain in sorted(self.heads):
            seen.add(chain)
            yield from self._chain(chain)
        strays = self.conn.exec_driver_sql("SELECT DISTINCT chain FROM entry")
        for (chain,) in strays.all():
            if chain not in seen:
                yield f"{chain} has entries but no head."
        yield from self._rows_of_no_chain()
        yield from self._across()

    def _chain(self, chain: str) -> Iterator[str]:
        seq, prev, at, told = 0, GENESIS, "", Told()
        m = mark(self.conn)
        query = f"SELECT {_COLUMNS} FROM entry WHERE chain = {m} ORDER BY seq"
        rows = self.conn.execution_options(stream_results=True, yield_per=500).exec_driver_sql(query, (chain,))
        for row in rows:
            seq += 1
            if row[1] != seq:
                yield f"{chain}: entry {seq} is missing; the next one is {row[1]}."
                seq = row[1]
            yield from self._entry(row, prev, at, told)
            prev, at = row[2], row[7]
            self.progress(1)
        yield from self._tip(chain, seq, prev, at)
        yield from self._replayed(chain, told)

    def _entry(self, row: Any, prev: str, at: str, told: Told) -> Iterator[str]:
        chain, seq, hash_, raw = row[0], row[1], row[2], bytes(row[3])
        where = f"{chain} entry {seq}"
        if digest(raw) != hash_:
            yield f"{where} has been altered."
        try:
            body = orjson.loads(raw)
            known = (body["chain"], body["seq"], body["prev"], body["parts"], body["relies"], body["signed"], body["changes"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            yield f"{where} cannot be read."
            return
        if known[:2] != (chain, seq):
            yield f"{where} was written as {body['chain']} entry {body['seq']}."
        if body["prev"] != prev:
            yield f"{where} does not follow the entry before it."
        if (body["act"], body["act_id"], body["at"], body["by"]) != (row[5], row[6], row[7], row[8]):
            yield f"{where}: the search columns differ from the body."
        if body["at"] < at:
            yield f"{where} is timed before the entry before it."
        if row[9] is not None:
            self.acts[chain, seq] = (row[6], row[9])
        for other, n in body["parts"].items():
            if other != chain:
                self.parts.setdefault((other, n), []).append((body["act_id"], where))
        for other, (n, h) in body["relies"].items():
            self.relied[other, n] = (h, where)
        if seq > self.since.get(chain, 0):
            yield from self._signed(where, body, raw, bytes(row[4]))
        for change in body["changes"]:
            yield from _apply(told, change, where)

    def _signed(self, where: str, body: dict[str, Any], raw: bytes, signatures: bytes) -> Iterator[str]:
        if len(signatures) != 64 * len(body["signed"]):
            yield f"{where} declares {len(body['signed'])} signatures and carries {len(signatures) // 64}."
            return
        at = body["seq"] if body["chain"] == "access" else body["relies"].get("access", [0])[0]
        for n, who in enumerate(body["signed"]):
            since, until = self.keys.get((who["by"], who["key"]), (FOREVER, 0))
            if not since <= at <= until:
                yield f"{where}: {who['by']} had no such key then."
            elif not keys.verifies(who["key"], signatures[64 * n : 64 * n + 64], raw):
                yield f"{where}: the signature of {who['by']} does not fit."

    def _tip(self, chain: str, seq: int, prev: str, at: str) -> Iterator[str]:
        head = self.heads[chain]
        if head.seq and not seq:
            yield f"{chain}: all {head.seq} entries are missing."
        elif (head.seq, head.hash) != (seq, prev):
            yield f"{chain} ends at entry {seq}, but its head says {head.seq}: the last entries are missing or altered."
        elif head.at != at:
            yield f"{chain}: its head is timed {head.at}, its last entry {at}."

    def _replayed(self, chain: str, told: Told) -> Iterator[str]:
        for table in self.tables:
            names = [c.name for c in table.columns]
            own = [names.index(c.name) for c in table.primary_key]
            for row in self.conn.execute(select(table).where(table.c.chain == chain)):
                values = [plain(v) for v in row]
                key = (table.name, *(values[i] for i in own))
                entry = told.pop(key, None)
                shown = _shown(table.name, key[1:])
                if entry is None:
                    yield f"{shown} is a row that no entry of {chain} tells of."
                elif entry[1] != {n: v for n, v in zip(names, values, strict=True) if v is not None}:
                    yield f"{shown} is not what the ledger of {chain} says it is."
        for key in told:
            yield f"{_shown(key[0], key[1:])} is told by the ledger of {chain}, but its row is gone."

    def _rows_of_no_chain(self) -> Iterator[str]:
        for table in self.tables:
            for (chain,) in self.conn.execute(select(table.c.chain).distinct()).all():
                if chain not in self.heads:
                    yield f"{table.name} has rows of {chain}, which is no chain."

    def _across(self) -> Iterator[str]:
        """Acts over several chains are whole, and what an entry relied on is there."""
        m = mark(self.conn)
        one = f"SELECT act_id, hash FROM entry WHERE chain = {m} AND seq = {m}"
        for (chain, seq), seen in self.parts.items():
            row = self.conn.exec_driver_sql(one, (chain, seq)).one_or_none()
            for act_id, where in seen:
                if row is None or row[0] != act_id:
                    yield f"{where} is part of an act whose entry {chain} {seq} is missing."
        for (chain, seq), (hash_, where) in self.relied.items():
            row = self.conn.exec_driver_sql(one, (chain, seq)).one_or_none() if seq else None
            if seq and (row is None or row[1] != hash_):
                yield f"{where} relied on {chain} entry {seq}, which is missing or different."
        answered = {(r[0], r[1]) for r in self.conn.exec_driver_sql("SELECT act_id, key FROM answer")}
        for (chain, seq), pair in self.acts.items():
            if pair not in answered:
                yield f"{chain} entry {seq} names the form {pair[1]}, which no answer knows."


def _registered(conn: Connection) -> dict[tuple[str, str], tuple[int, int]]:
    """Each person's keys as the access chain tells them, not as the table says: from which entry of it until which."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for seq, raw in conn.exec_driver_sql("SELECT seq, body FROM entry WHERE chain = 'access' ORDER BY seq"):
        if b'"signing_key"' in bytes(raw):
            for change in orjson.loads(raw)["changes"]:
                if change["table"] == "signing_key":
                    after = change["after"]
                    name = (after["person"], after["public"])
                    since, until = found.get(name, (seq, FOREVER))
                    found[name] = (since, seq - 1 if after.get("ended_at") else until)
    return found


def _apply(told: Told, change: dict[str, Any], where: str) -> Iterator[str]:
    key = (change["table"], *change["key"])
    last = told.get(key)
    if change["version"] != (last[0] + 1 if last else 1):
        yield f"{where}: {_shown(key[0], key[1:])} jumps to version {change['version']}."
    if last and any(last[1].get(name) != value for name, value in change["before"].items()):
        yield f"{where}: what {_shown(key[0], key[1:])} was before is not what it was."
    told[key] = change["version"], change["after"]


def _shown(table: str, key: tuple[Any, ...]) -> str:
    return f"{table} {' '.join(str(k) for k in key)}"


__all__ = ["stamp", "verify"]

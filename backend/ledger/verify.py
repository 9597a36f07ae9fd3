"""Re-derive everything and name what is wrong, one sentence for each fault. It trusts the bytes of the entries and nothing else.

Chains are read one after the other at one moment of the database, the common ones first because all others lean on them; memory holds the
rows of one chain. The driver's own cursor is read and values stay as they lie there, so that nonsense in a table is a fault, not a crash.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Table
from sqlmodel import SQLModel

from backend.ledger import keys
from backend.ledger.chains import COMMON, Tip, mark
from backend.ledger.columns import spoken
from backend.ledger.models import recorded_tables
from backend.ledger.registry import REGISTRY
from backend.ledger.spelling import GENESIS, digest

Told = dict[tuple[Any, ...], tuple[int, dict[str, Any]]]
FOREVER = 1 << 62
_ENTRY = 'SELECT chain, seq, hash, body, signatures, act, act_id, at, "by" FROM entry WHERE chain = {} ORDER BY seq'
_NO_ANSWER = """SELECT e.chain, e.seq, e.idem FROM entry e
LEFT JOIN answer a ON a.act_id = e.act_id AND a.key = e.idem AND a.person = e."by" WHERE e.idem IS NOT NULL AND a.key IS NULL"""
_NO_ACT = """SELECT a.person, a.key FROM answer a
LEFT JOIN entry e ON e.act_id = a.act_id AND e.idem = a.key AND e."by" || '' = a.person WHERE e.chain IS NULL"""
# `|| ''` keeps SQLite from walking all entries of a person for each of their answers; the act's id finds the one at once.


def verify(engine: Engine, *, since: dict[str, int] | None = None, progress: Callable[[int], None] = lambda _: None) -> Iterator[str]:
    """Every fault, as a sentence. Nothing yielded is a clean record.

    `since` skips the signatures of entries up to a sequence number per chain (stages of tests that were verified before).
    """
    with engine.connect() as conn:
        if conn.dialect.name == "postgresql":
            conn.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")  # one moment for all the tables
        else:
            conn.exec_driver_sql("SELECT 1 FROM head")  # the snapshot of SQLite begins with the first read
        yield from check(conn, since=since, progress=progress)


def check(conn: Connection, *, since: dict[str, int] | None = None, progress: Callable[[int], None] = lambda _: None) -> Iterator[str]:
    """As `verify`, at the moment that this connection's transaction sees."""
    yield from _Check(conn, since or {}, progress).faults()


class _Check:
    """One pass over one database."""

    def __init__(self, conn: Connection, since: dict[str, int], progress: Callable[[int], None]) -> None:
        self.conn, self.since, self.progress, self.mark = conn, since, progress, mark(conn)
        self.heads = {r[0]: Tip(r[1], r[2], r[3]) for r in self._read("SELECT chain, seq, hash, at FROM head")}
        self.kept = _kept(conn.dialect.name, len(SQLModel.metadata.tables))
        self.present: dict[str, set[str]] = {kept.name: set() for kept in self.kept}
        for name, chain in self._read(" UNION ALL ".join(f"SELECT DISTINCT '{name}', chain FROM \"{name}\"" for name in self.present)):
            self.present[name].add(chain)
        self.keys: dict[tuple[str, str], tuple[int, int]] = {}  # as the access chain tells: from which entry of it until which
        self.hashes: dict[str, list[str]] = {}  # of the common chains, as soon as they are read
        self.parts: list[tuple[str, int, str, str]] = []
        self.relied: list[tuple[str, int, str, str]] = []

    def _read(self, query: str, *values: Any, streamed: bool = False) -> Iterator[Any]:
        """The rows as the driver gives them; `streamed` where there may be more than memory should hold at once.

        A stream of PostgreSQL costs three ways to the server and back, where one brings the rows of one chain.
        """
        if self.conn.dialect.name == "sqlite":
            yield from self.conn.connection.cursor().execute(query, values)
            return
        raw: Any = self.conn.connection.driver_connection
        with raw.cursor(name="verify") if streamed else raw.cursor() as cursor:
            if streamed:
                cursor.itersize = 500
            cursor.execute(query, values, binary=True)
            yield from cursor

    def faults(self) -> Iterator[str]:
        for chain in sorted(self.heads, key=lambda c: (c not in COMMON, c)):
            yield from self._chain(chain)
        for chain in sorted({r[0] for r in self._read("SELECT DISTINCT chain FROM entry")} - self.heads.keys()):
            yield f"{chain} has entries but no head."
        for name, chains in self.present.items():
            for chain in sorted(chains - self.heads.keys(), key=str):
                yield f"{name} has rows of {chain}, which is no chain."
        yield from self._across()

    def _chain(self, chain: str) -> Iterator[str]:
        seq, prev, at, told = 0, GENESIS, "", Told()
        hashes = self.hashes.setdefault(chain, []) if chain in COMMON else []
        for row in self._read(_ENTRY.format(self.mark), chain, streamed=True):
            seq += 1
            if row[1] != seq:
                yield f"{chain}: entry {seq} is missing; the next one is {row[1]}."
                if not isinstance(row[1], int):
                    break
                seq = row[1]
            try:
                yield from self._entry(row, prev, at, told)
            except (LookupError, TypeError, ValueError, AttributeError):
                yield f"{chain} entry {seq} cannot be read."
            prev, at = row[2], row[7]
            if chain in COMMON:
                hashes.append(prev)
            self.progress(1)
        yield from self._tip(chain, seq, prev, at)
        yield from self._replayed(chain, told)

    def _entry(self, row: Any, prev: str, at: str, told: Told) -> Iterator[str]:
        chain, seq, hash_, raw, signatures, *searched = row
        where = f"{chain} entry {seq}"
        if digest(raw) != hash_:
            yield f"{where} has been altered."
        body = orjson.loads(raw)
        if (body["chain"], body["seq"]) != (chain, seq) or body["parts"].get(chain) != seq:
            yield f"{where} was written as {body['chain']} entry {body['seq']}."
        if body["prev"] != prev:
            yield f"{where} does not follow the entry before it."
        if [body["act"], body["act_id"], body["at"], body["by"]] != searched:
            yield f"{where}: the search columns differ from the body."
        if body["at"] < at:
            yield f"{where} is timed before the entry before it."
        if len(body["parts"]) > 1:
            self.parts += [(other, n, body["act_id"], where) for other, n in body["parts"].items() if other != chain]
        for other, (n, h) in body["relies"].items():
            yield from self._leans(other, n, h, where)
        if seq > self.since.get(chain, 0):
            yield from self._signed(where, body, raw, bytes(signatures))
        if body["refused"] and body["changes"]:
            yield f"{where} was refused, but tells of changes."
        for change in body["changes"]:
            yield from self._apply(told, change, where, body)

    def _leans(self, other: str, seq: int, hash_: str, where: str) -> Iterator[str]:
        read = self.hashes.get(other)
        if read is None or seq > len(read):
            self.relied.append((other, seq, hash_, where))
        elif seq and read[seq - 1] != hash_:
            yield f"{where} relied on {other} entry {seq}, which is missing or different."

    def _signed(self, where: str, body: dict[str, Any], raw: bytes, signatures: bytes) -> Iterator[str]:
        signed = body["signed"]
        act = REGISTRY.get(body["act"])
        must = bool(act.signed) + bool(act.witness) if act and not body["refused"] else 0
        if len(signed) < must:
            yield f"{where} carries {len(signed)} of the {must} signatures that “{body['act']}” must have."
        if len(signatures) != 64 * len(signed):
            yield f"{where} declares {len(signed)} signatures and carries {len(signatures) // 64}."
            return
        at = body["seq"] if body["chain"] == "access" else body["relies"].get("access", [body["parts"].get("access", 0)])[0]
        for n, who in enumerate(signed):
            since, until = self.keys.get((who["by"], who["key"]), (FOREVER, 0))
            if not since <= at <= until:
                yield f"{where}: {who['by']} had no such key then."
            elif not keys.verifies(who["key"], signatures[64 * n : 64 * n + 64], raw):
                yield f"{where}: the signature of {who['by']} does not fit."

    def _apply(self, told: Told, change: dict[str, Any], where: str, body: dict[str, Any]) -> Iterator[str]:
        table, version, after = change["table"], change["version"], change["after"]
        key = (table, *change["key"])
        last = told.get(key)
        if version != (last[0] + 1 if last else 1):
            yield f"{where}: {_shown(table, key[1:])} jumps to version {version}."
        if last and any(last[1].get(name) != value for name, value in change["before"].items()):
            yield f"{where}: what {_shown(table, key[1:])} was before is not what it was."
        told[key] = version, after
        if table == "signing_key" and body["chain"] == "access":
            name = (after["person"], after["public"])
            since, until = self.keys.get(name, (body["seq"], FOREVER))
            self.keys[name] = (since, body["seq"] - 1 if after.get("ended_at") else until)

    def _tip(self, chain: str, seq: int, prev: str, at: str) -> Iterator[str]:
        head = self.heads[chain]
        if head.seq and not seq:
            yield f"{chain}: all {head.seq} entries are missing."
        elif (head.seq, head.hash) != (seq, prev):
            yield f"{chain} ends at entry {seq}, but its head says {head.seq}: the last entries are missing or altered."
        elif head.at != at:
            yield f"{chain}: its head is timed {head.at}, its last entry {at}."

    def _replayed(self, chain: str, told: Told) -> Iterator[str]:
        for kept in self.kept:
            if chain in self.present[kept.name]:
                for row in self._read(f'SELECT {kept.columns} FROM "{kept.name}" WHERE chain = {self.mark}', chain):
                    values = kept.spelled(row)
                    entry = told.pop((kept.name, *(values[n] for n in kept.key)), None)
                    if entry is None:
                        yield f"{_shown(kept.name, [values[n] for n in kept.key])} is a row that no entry of {chain} tells of."
                    elif entry[1] != {n: v for n, v in zip(kept.names, values, strict=True) if v is not None}:
                        yield f"{_shown(kept.name, [values[n] for n in kept.key])} is not what the ledger of {chain} says it is."
        for key in told:
            yield f"{_shown(key[0], key[1:])} is told by the ledger of {chain}, but its row is gone."

    def _across(self) -> Iterator[str]:
        """Acts over several chains are whole, what an entry relied on is there, and every form has its answer."""
        one = f"SELECT act_id, hash FROM entry WHERE chain = {self.mark} AND seq = {self.mark}"
        for chain, seq, act_id, where in self.parts:
            row = next(self._read(one, chain, seq), None)
            if row is None or row[0] != act_id:
                yield f"{where} is part of an act whose entry {chain} {seq} is missing."
        for chain, seq, hash_, where in self.relied:
            row = next(self._read(one, chain, seq), None)
            if seq and (row is None or row[1] != hash_):
                yield f"{where} relied on {chain} entry {seq}, which is missing or different."
        for chain, seq, form in self._read(_NO_ANSWER, streamed=True):
            yield f"{chain} entry {seq} names the form {form}, which no answer knows."
        for person, form in self._read(_NO_ACT, streamed=True):
            yield f"The form {form} of {person} is answered by an act that no entry tells of."


@cache
def _kept(dialect: str, _mapped: int) -> list["_Kept"]:
    """Every recorded table of the program, in order; there are more when more are mapped."""
    recorded = recorded_tables()
    return [_Kept(table, dialect) for _, table in sorted(SQLModel.metadata.tables.items()) if table.name in recorded]


class _Kept:
    """How one recorded table lies in this database and how its values are spelled in an entry."""

    def __init__(self, table: Table, dialect: str) -> None:
        self.name, self.names = table.name, [column.name for column in table.columns]
        self.columns = ", ".join(f'"{name}"' for name in self.names)
        self.key = [self.names.index(column.name) for column in table.primary_key]
        self.spell = [(n, say) for n, column in enumerate(table.columns) if (say := spoken(column.type, dialect))]

    def spelled(self, row: Any) -> list[Any]:
        values = list(row)
        for n, say in self.spell:
            if values[n] is not None:
                values[n] = say(values[n])
        return values


def _shown(table: str, key: Any) -> str:
    return f"{table} {' '.join(str(k) for k in key)}"

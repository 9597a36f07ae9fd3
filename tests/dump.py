"""What somebody holds who carries the database away: every byte that lies in it, and every value of every table."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect

from backend.ledger import Ledger

SEALED = re.compile(rb"~(identity|masked)\.[A-Za-z0-9+/=]+")


def values(ledger: Ledger) -> dict[str, list[tuple[bytes, ...]]]:
    """Every row of every table, each value as the bytes that it is read as (an entry's body is its JSON)."""
    with ledger.engine.connect() as conn:
        return {name: [tuple(map(_bytes, row)) for row in _rows(conn, name)] for name in sorted(inspect(ledger.engine).get_table_names())}


def _rows(conn: Connection, table: str) -> Iterator[Any]:
    yield from conn.exec_driver_sql(f'SELECT * FROM "{table}"')


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()


def raw_bytes(ledger: Ledger) -> bytes:
    """Everything that lies in this database: the files of SQLite with its log, and every value of every table as it is read."""
    engine, read = ledger.engine, b"\n".join(value for rows in values(ledger).values() for row in rows for value in row)
    if engine.dialect.name != "sqlite":
        return read
    path = Path(engine.url.database or "")
    return read + b"".join(one.read_bytes() for one in sorted(path.parent.glob(path.name + "*")))


def traces(dumped: bytes, word: str) -> list[str]:
    """In which spellings a word is in a dump; a short one as a word of its own, because chance writes any few letters in ciphertext."""
    raw, low = word.encode(), dumped.lower()
    if len(raw) < 8:
        return [word] if re.search(rb"(?<![a-z0-9])" + re.escape(raw.lower()) + rb"(?![a-z0-9])", SEALED.sub(b"", dumped).lower()) else []
    spellings = {
        "as it is": raw.lower() in low,
        "in UTF-16": word.encode("utf-16-le") in dumped,
        "in hexadecimal": raw.hex().encode() in low,
        "in base64": len(raw) > 9 and any(_inside_base64(raw, n) in dumped for n in range(3)),
    }
    return [f"{word} {how}" for how, there in spellings.items() if there]


def _inside_base64(raw: bytes, shift: int) -> bytes:
    """What base64 makes of these bytes wherever they stand, without the groups that they share with their neighbours."""
    return base64.b64encode(b"\0" * shift + raw)[4 if shift else 0 : -4]

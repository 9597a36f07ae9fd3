"""One spelling for every value, so that the same fact always has the same bytes.

An entry is hashed and signed as bytes; two spellings of one decimal or one instant would be two records. No floats exist here.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

GENESIS = "0" * 64


def stamp(at: datetime) -> str:
    """An instant as the record spells it: UTC, always with six digits (`isoformat` alone drops them when they are zero)."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def instant(text: str) -> datetime:
    """The aware instant that `stamp` spelled."""
    return datetime.fromisoformat(text)


_SPELL: dict[type, Callable[[Any], Any] | None] = {
    type(None): None, str: None, bool: None, int: None,
    datetime: stamp, date: date.isoformat, Decimal: str, UUID: str, bytes: bytes.hex,
}  # fmt: skip


def plain(value: Any) -> Any:
    """`value` in JSON's own types. A kind that the record has no spelling for (a float, above all) raises TypeError."""
    kind = type(value)
    if kind in _SPELL:
        spell = _SPELL[kind]
        return value if spell is None else spell(value)
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(v) for v in value)
    raise TypeError(f"the record has no spelling for {kind.__name__}")


def canonical(value: Any) -> bytes:
    """The one JSON spelling of plain values: keys sorted, UTF-8, no spaces."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(body: bytes) -> str:
    """SHA-256 of the bytes, in hex."""
    return sha256(body).hexdigest()


def zone_words(at: datetime) -> str:
    """The zone as it is printed beside a time: UTC+8."""
    offset = at.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    sign, hours, rest = "-" if minutes < 0 else "+", abs(minutes) // 60, abs(minutes) % 60
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def to_the_minute(at: datetime) -> str:
    """A time as people read it, in the zone that it is in: 2026-11-22 14:06 UTC+8."""
    return f"{at:%Y-%m-%d %H:%M} {zone_words(at)}"

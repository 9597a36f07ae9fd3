"""How a column or an argument declares who may read it, and the column types that keep exact values exact.

Open is readable by whoever may see the record; identity and masked values are ciphertext wherever they are kept (decision S1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from sqlalchemy import Date, DateTime, Dialect, LargeBinary, String, TypeDecorator
from sqlalchemy.types import TypeEngine
from sqlmodel import Field

T = TypeVar("T")
Secrecy = Literal["open", "identity", "masked"]


@dataclass(frozen=True)
class Declared:
    """The declaration itself. `room` is the padded length in bytes, so that no length tells a value (decision S4)."""

    secrecy: Secrecy
    room: int = 256


Open = Annotated[T, Declared("open")]
Identity = Annotated[T, Declared("identity")]
IdentityText = Annotated[T, Declared("identity", 4096)]
Masked = Annotated[T, Declared("masked")]
MaskedText = Annotated[T, Declared("masked", 4096)]


class Utc(TypeDecorator[datetime]):
    """Aware instants in, aware UTC instants out; a naive one raises ValueError."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return value if value is None else value.replace(tzinfo=UTC)


class Exact(TypeDecorator[Decimal]):
    """Decimals as the text they were written in: 70.0 stays 70.0 (SQLite's NUMERIC re-spells them)."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


When = Annotated[datetime, Field(sa_type=Utc)]
Number = Annotated[Decimal, Field(sa_type=Exact)]


def spoken(kind: TypeEngine[Any], dialect: str) -> Callable[[Any], Any] | None:
    """How a value of this column, as the driver gives it, is spelled in an entry; None when it is the same. It must never raise."""
    if isinstance(kind, Utc):
        return (
            (lambda text: f"{text}Z".replace(" ", "T")) if dialect == "sqlite" else (lambda at: f"{at.isoformat(timespec='microseconds')}Z")
        )
    if isinstance(kind, LargeBinary):
        return lambda raw: bytes(raw).hex() if isinstance(raw, (bytes, memoryview)) else raw
    if isinstance(kind, Date) and dialect == "postgresql":
        return str
    return None

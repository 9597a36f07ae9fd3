"""A session that only reads: what it has looked up once, or not found, it does not ask the database for again.

One page asks the same few things from many places; what it shows is of one moment because of this, too.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from sqlmodel import Session

Found = TypeVar("Found")


class Looking(Session):
    """A session that only reads; nothing of it is ever committed."""

    def get(self, entity: Any, ident: Any, **how: Any) -> Any:
        """The row with this key, or None; asked for once."""
        if how:
            return super().get(entity, ident, **how)
        rows: dict[tuple[Any, Any], Any] = self.info.setdefault("rows", {})
        if (entity, ident) not in rows:
            rows[entity, ident] = super().get(entity, ident)
        return rows[entity, ident]


def once(read: Callable[..., Found]) -> Callable[..., Found]:
    """Let `read(session, *keys)` ask once in a session that only reads. Within an act it asks each time: the act itself changes things."""

    @wraps(read)
    def asked(session: Session, *keys: Any) -> Found:
        if "act" in session.info:
            return read(session, *keys)
        known: dict[tuple[Any, ...], Any] = session.info.setdefault("once", {})
        if (read, *keys) not in known:
            known[read, *keys] = read(session, *keys)
        found: Found = known[read, *keys]
        return found

    return asked

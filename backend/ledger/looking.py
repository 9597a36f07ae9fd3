"""A session that only reads: what it has looked up once, or not found, it does not ask the database for again.

One page asks the same few things from many places; what it shows is of one moment because of this, too. What a page shows of many rows is
asked for all of them at once.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeVar

from sqlalchemy import inspect
from sqlalchemy.exc import NoResultFound
from sqlmodel import Session, SQLModel, select

Found = TypeVar("Found")
Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row", bound=SQLModel)


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

    def get_one(self, entity: Any, ident: Any, **how: Any) -> Any:
        """The same, which must be there."""
        row = self.get(entity, ident, **how)
        if row is None:
            raise NoResultFound(f"there is no {entity.__name__} {ident}")
        return row


def rows_of(session: Session, kind: type[Row], keys: Iterable[Any]) -> dict[Any, Row]:
    """The rows of a kind with these keys, by key; a key that is of none is absent. From then on `get` of a session that only reads knows
    all of them.
    """
    mapper, wanted = inspect(kind), dict.fromkeys(keys)
    known: dict[tuple[Any, Any], Any] = session.info.setdefault("rows", {}) if isinstance(session, Looking) else {}
    for key in wanted:
        if (kind, key) not in known and (row := session.identity_map.get(mapper.identity_key_from_primary_key((key,)))):
            known[kind, key] = row
    if unknown := [key for key in wanted if (kind, key) not in known]:
        (column,) = mapper.primary_key
        found = {mapper.primary_key_from_instance(row)[0]: row for row in session.exec(select(kind).where(column.in_(unknown)))}
        known.update({(kind, key): found.get(key) for key in unknown})
    return {key: row for key in wanted if (row := known[kind, key]) is not None}


def gathered(pairs: Iterable[tuple[Key, Found]]) -> dict[Key, list[Found]]:
    """By key, everything that belongs to it, in the order in which it came; a key of nothing is absent."""
    found: dict[Key, list[Found]] = {}
    for key, one in pairs:
        found.setdefault(key, []).append(one)
    return found


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


def each(
    read: Callable[[Session, list[Key]], Mapping[Key, Found]],
) -> Callable[[Session, Iterable[Key]], dict[Key, Found]]:
    """Let `read(session, keys)`, which answers for many keys at once, ask once for each key in a session that only reads, and for none
    when there are none. A key for which it finds nothing is absent from the answer.
    """

    @wraps(read)
    def asked(session: Session, keys: Iterable[Key]) -> dict[Key, Found]:
        wanted = list(dict.fromkeys(keys))
        known: dict[Key, Found | None] = {} if "act" in session.info else session.info.setdefault("each", {}).setdefault(read, {})
        if unknown := [key for key in wanted if key not in known]:
            found = read(session, unknown)
            known.update({key: found.get(key) for key in unknown})
        return {key: one for key in wanted if (one := known[key]) is not None}

    return asked

"""The rows of one subject, as they are now or as they were when the chain ended at some entry.

Everything about a subject is on the subject's own chain, so both are the same question: all rows of a kind. What was, is read from the
hashed bodies and never from the tables beside them: a document can be made again to the byte after the tables went on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeVar

import orjson
from sqlmodel import Session, col, select

from backend.ledger import Recorded
from backend.ledger.models import Entry

R = TypeVar("R", bound=Recorded)


class Rows(Protocol):
    """All rows of one subject."""

    @property
    def coi(self) -> str:
        """Whose rows."""

    def all(self, kind: type[R]) -> Sequence[R]:
        """Every row of this kind on the subject's chain, the oldest first."""


class Lives:
    """The rows of some subjects as they are now; a kind is asked for of all of them at once."""

    def __init__(self, session: Session, cois: Sequence[str]) -> None:
        self.session, self.cois = session, cois
        self._kept: dict[type[Recorded], dict[str, Sequence[Any]]] = {}

    def all(self, kind: type[R]) -> Mapping[str, Sequence[R]]:
        """By subject, every row of this kind, the oldest first."""
        if kind not in self._kept:
            found: dict[str, list[R]] = {coi: [] for coi in self.cois}
            for row in self.session.exec(select(kind).where(col(kind.chain).in_(self.cois))):
                found[row.chain].append(row)
            self._kept[kind] = {coi: _ordered(rows) for coi, rows in found.items()}
        return self._kept[kind]


class Live:
    """The rows of one subject as they are now, alone or among others."""

    def __init__(self, session: Session, coi: str, among: Lives | None = None) -> None:
        self.coi, self._among = coi, among or Lives(session, [coi])

    def all(self, kind: type[R]) -> Sequence[R]:
        return self._among.all(kind)[self.coi]


@dataclass(frozen=True)
class Signed:
    """One signature in a body: who, and what it means. The time is the entry's."""

    by: str
    meaning: str
    place: int  # 0 for the first signer, 1 for the second


@dataclass(frozen=True)
class Chapter:
    """One entry of the chain as it was hashed."""

    seq: int
    hash: str
    body: dict[str, Any]

    @property
    def signed(self) -> list[Signed]:
        return [Signed(one["by"], one["meaning"], n) for n, one in enumerate(self.body["signed"])]


class Then:
    """The rows as the first `seq` entries of a subject's chain left them."""

    def __init__(self, coi: str, chapters: Sequence[Chapter]) -> None:
        self.coi, self.chapters = coi, chapters
        self._kept: dict[type[Recorded], Sequence[Any]] = {}

    @cached_property
    def _tables(self) -> dict[str, dict[tuple[Any, ...], dict[str, Any]]]:
        """Table to key to the row that its last change left."""
        found: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
        for chapter in self.chapters:
            for change in chapter.body["changes"]:
                found.setdefault(change["table"], {})[tuple(change["key"])] = change["after"]
        return found

    @cached_property
    def _births(self) -> dict[tuple[str, tuple[Any, ...]], Chapter]:
        """The entry that made each row."""
        found: dict[tuple[str, tuple[Any, ...]], Chapter] = {}
        for chapter in self.chapters:
            for change in chapter.body["changes"]:
                found.setdefault((change["table"], tuple(change["key"])), chapter)
        return found

    def all(self, kind: type[R]) -> Sequence[R]:
        if kind not in self._kept:
            table = str(kind.__tablename__)
            self._kept[kind] = [kind.model_validate(after) for after in self._tables.get(table, {}).values()]
        return self._kept[kind]

    def made_by(self, kind: type[Recorded], *key: Any) -> Chapter | None:
        """The entry in which this row came into being."""
        return self._births.get((str(kind.__tablename__), key))


def then(session: Session, coi: str, seq: int) -> Then:
    """The chain of a subject up to and including its entry `seq`."""
    rows = session.exec(select(Entry).where(Entry.chain == coi, col(Entry.seq) <= seq).order_by(col(Entry.seq)))
    return Then(coi, [Chapter(row.seq, row.hash, orjson.loads(row.body)) for row in rows])


def _ordered(rows: Sequence[R]) -> list[R]:
    """In the order of time; the rows of one act in the order of their keys, which is none."""
    return sorted(rows, key=lambda row: (str(getattr(row, "at", "")), _key(row)))


def _key(row: Recorded) -> list[str]:
    return [str(getattr(row, column.name)) for column in row.__table__.primary_key.columns]  # type: ignore[attr-defined]

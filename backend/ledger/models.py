"""What the ledger keeps: heads, entries, codes, answers, and the base of every recorded row.

A head is the tip of one chain and the lock of it; an entry is one act as it was hashed and signed; a recorded row is what is true now.
"""

from typing import Any, ClassVar

from pydantic import ConfigDict
from sqlalchemy import Column, DateTime, Float, ForeignKeyConstraint, Index, LargeBinary, Numeric, Table, event, text
from sqlmodel import Field, SQLModel

from backend.ledger.columns import Exact, Open, Utc, When
from backend.ledger.spelling import GENESIS

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
}


@event.listens_for(ForeignKeyConstraint, "after_parent_attach")
def _deferred(constraint: ForeignKeyConstraint, _: Table) -> None:
    """References are checked at the commit, so the rows of one act may be added in the order in which they are thought of."""
    constraint.deferrable, constraint.initially = True, "DEFERRED"


@event.listens_for(Column, "after_parent_attach")
def _exact(column: "Column[Any]", table: Table) -> None:
    """A column that may be empty is exact as well: SQLModel loses the type of `Number | None`, and NUMERIC would re-spell its values."""
    if table.metadata is not SQLModel.metadata:
        return
    if isinstance(column.type, Float):
        raise TypeError(f"{table.name}.{column.name} is a float; the record has none")
    if isinstance(column.type, Numeric):
        column.type = Exact()
    elif isinstance(column.type, DateTime) or type(column.type).__name__ == "UTCDateTime":
        column.type = Utc()


class Head(SQLModel, table=True):
    """The tip of a chain."""

    chain: str = Field(primary_key=True)
    seq: int = 0
    hash: str = GENESIS
    at: str = ""


class Entry(SQLModel, table=True):
    """One act on one chain. `body` is what was hashed and signed; the other columns are copies to search by."""

    chain: str = Field(primary_key=True, foreign_key="head.chain")
    seq: int = Field(primary_key=True)
    hash: str
    body: bytes = Field(sa_type=LargeBinary)
    signatures: bytes = Field(default=b"", sa_type=LargeBinary)  # 64 bytes for each of the body's `signed`, in that order
    act: str
    act_id: str = Field(index=True)
    at: str
    by: str
    idem: str | None = None
    __table_args__ = (Index("ix_entry_chain_at", "chain", "at"), Index("ix_entry_by_at", "by", "at"), Index("ix_entry_act_at", "act", "at"))


class Answer(SQLModel, table=True):
    """A form that was answered, so that sending it again does nothing (decision I1). Written in the act's own transaction."""

    person: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    act_id: str
    mac: str


class SubjectKey(SQLModel, table=True):
    """A subject's identity or mask key, wrapped by the site key. Deleting the identity key erases the person, not the proof."""

    __tablename__ = "subject_key"
    chain: str = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    wrapped: bytes = Field(sa_type=LargeBinary)


class Recorded(SQLModel):
    """Base of every table whose history the ledger keeps. A row belongs to one chain for life and is never deleted.

    Rows are insert-only, except the columns named in `ends`, which are set once (decision T1).
    """

    model_config = ConfigDict(validate_assignment=True)  # type: ignore[assignment]  # SQLModel narrows the type
    says: ClassVar[dict[str, str]] = {}  # the sentence for each UNIQUE: "column, column" -> words
    ends: ClassVar[tuple[str, ...]] = ()  # columns that are empty at first and set once
    version: Open[int] = 1
    chain: Open[str] = Field(default="", foreign_key="head.chain", index=True)  # `Now.add` fills it in


def one_open(table: str, *columns: str) -> Index:
    """Only one row of these values that has not ended; what can end and recur has such an index (decision T1)."""
    still = text("ended_at IS NULL")
    return Index(f"uq_{table}_{'_'.join(columns)}", *columns, unique=True, sqlite_where=still, postgresql_where=still)


class Code(Recorded, table=True):
    """What a code is, written once: its kind and the chain that tells its story (decision C4)."""

    code: Open[str] = Field(primary_key=True)
    kind: Open[str]


class SigningKey(Recorded, table=True):
    """A person's public key, from the entry that tells of it until the entry that ends it."""

    __tablename__ = "signing_key"
    ends: ClassVar[tuple[str, ...]] = ("ended_at", "ended_by")
    public: Open[str] = Field(primary_key=True)
    person: Open[str] = Field(index=True)
    sealed_sha256: Open[str]  # of the sealed private key, which itself never enters an entry
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None


def recorded_tables() -> dict[str, type[Recorded]]:
    """Every recorded table that is mapped, by its name."""
    found: dict[str, type[Recorded]] = {}
    todo: list[type[Any]] = list(Recorded.__subclasses__())
    while todo:
        kind = todo.pop()
        todo.extend(kind.__subclasses__())
        found[kind.__table__.name] = kind
    return found

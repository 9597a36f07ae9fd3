"""Acts that exist for tests alone: a subject out of nothing, one row of every recorded table, rows on demand.

They are in the registry only while a test says so, and write nothing but tables that exist anyway.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, event
from sqlmodel import Session

from backend.db import connect
from backend.ledger import REGISTRY, SYSTEM, Caller, Code, Identity, Ledger, Now, Open, Recorded, act
from backend.ledger.columns import Declared, Exact, Utc
from backend.ledger.models import recorded_tables
from labels.codes import draw

BY = Caller(SYSTEM)
NAME, NUMBER = "Ouyang Zhaoyu", "MRN-5550142"


@contextmanager
def acts(*runs: Callable[..., Any], **said: Any) -> Iterator[None]:
    """These functions are the acts `test.<name>` of the program for a while, on the chain `site` unless said otherwise."""
    names = []
    for run in runs:
        name = f"test.{run.__name__}"
        more = {"roles": {SYSTEM}, "title": "Test", "tells": "{by} tested.", "writes": {"site"}} | said
        act(name, **more)(run)
        names.append(name)
    try:
        yield
    finally:
        for name in names:
            del REGISTRY[name]


def enrol(now: Now, name: Identity[str], number: Identity[str]) -> Code:
    """A subject whose identity is known to the ledger alone."""
    return now.add(Code(code=now.subject or "", kind="S"))


def keep(now: Now, codes: Open[list[str]]) -> list[Code]:
    """These codes are recorded on the chain that the act writes."""
    return [now.add(Code(code=code, kind="K"), chain="site") for code in codes]


def a_subject(ledger: Ledger, name: str = NAME, number: str = NUMBER, **more: Any) -> str:
    """The CoI of a new subject."""
    with acts(enrol, founds=True):
        code: str = ledger.do("test.enrol", {"name": name, "number": number}, by=BY, **more).result
    return code


def value_of(column: "Column[Any]", n: int) -> Any:
    """Something that fits this column, different for each `n`."""
    if isinstance(column.type, Utc):
        return datetime(2026, 3, 2, 12, n % 60, 30, 120, tzinfo=UTC)
    if isinstance(column.type, Exact):
        return Decimal(f"{n}.10")
    if isinstance(column.type, Boolean):
        return n % 2 == 0
    if isinstance(column.type, Integer):
        return n
    if isinstance(column.type, Date):
        return date(2026, 3, 1 + n % 28)
    if isinstance(column.type, LargeBinary):
        return f"{n}".encode()
    return f"{column.table.name} {n}"


def row_of(kind: type[Recorded], n: int) -> Recorded:
    """A row of this table with something in every column but those that end it."""
    table = kind.__table__  # type: ignore[attr-defined]
    values = {c.name: value_of(c, n) for c in table.columns if c.name not in {"version", "chain", *kind.ends}}
    return kind(**values)


def everything(now: Now) -> None:
    """Two rows of every recorded table; one that may end does so, in a second version."""
    for kind in recorded_tables().values():
        for n in (1, 2):
            row = now.add(row_of(kind, n), chain="site")
        now.session.flush()
        for column in kind.ends:
            setattr(row, column, value_of(kind.__table__.columns[column], 5))  # type: ignore[attr-defined]
        now.session.flush()


@contextmanager
def as_owner(ledger: Ledger) -> Iterator[Ledger]:
    """The same record held by the owner of the database, who has switched references off."""
    engine = connect(ledger.engine.url.render_as_string(hide_password=False))

    @event.listens_for(engine, "connect")
    def _off(raw: Any, _: Any) -> None:
        raw.execute("PRAGMA foreign_keys=OFF" if engine.dialect.name == "sqlite" else "SET session_replication_role = replica")
        if engine.dialect.name == "postgresql":
            raw.commit()

    yield Ledger(engine, ledger.keyring, ledger.clock)
    engine.dispose()


def one_of_everything(ledger: Ledger) -> str:
    """Rows in every table there is, a subject, an act on several chains, signatures: what a forger finds. Returns the subject's CoI."""
    coi = a_subject(ledger)
    with as_owner(ledger) as owner, acts(everything):
        owner.do("test.everything", by=BY)
    with acts(keep):
        for _ in range(3):
            ledger.do("test.keep", {"codes": [draw("K")]}, by=BY, key=draw("K"))
    return coi


def sealed(now: Now, text: str, secrecy: str = "identity") -> str:
    return now.seal(text, Declared(secrecy))  # type: ignore[arg-type]


def body_of(session: Session, chain: str, seq: int | None = None) -> dict[str, Any]:
    """The body of one entry of a chain; the last one unless said otherwise."""
    import orjson
    from sqlmodel import col, select

    from backend.ledger.models import Entry

    query = select(Entry.body).where(Entry.chain == chain)
    query = query.where(Entry.seq == seq) if seq else query.order_by(col(Entry.seq).desc())
    found: dict[str, Any] = orjson.loads(session.exec(query).first() or b"{}")
    return found

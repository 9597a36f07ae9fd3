"""Whoever holds the connection: rows are added, never altered or removed, and nothing is written that no act tells of."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, UniqueConstraint, delete, update
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlmodel import Session, SQLModel, select

from backend.access.models import Draft, Person, PersonLocked, SealedKey
from backend.access.models import Session as SignedInSession
from backend.db import connect
from backend.ledger import Code, Ledger, Now, Unrecorded, guards
from backend.ledger.models import SubjectKey, recorded_tables
from labels.codes import draw
from tests.conftest import Stages
from tests.ledger.invented import BY, a_subject, acts, one_of_everything
from tests.people import by

TABLES = sorted(recorded_tables())
GUARDED = [*TABLES, "answer", "entry", "head", "sealed_key"]


@pytest.fixture(scope="module")
def owned(stages: Stages) -> Iterator[Engine]:
    """A copy that the owner of the tables holds, with the triggers in place."""
    if "everything" not in stages.built:
        stages.build("everything", one_of_everything, ("founded", stages.built["founded"][0]))
    url = stages.copy("everything")
    engine = connect(url)
    yield engine
    engine.dispose()
    stages.store.drop(url)


@pytest.fixture
def owner(owned: Engine) -> Iterator[Connection]:
    """One transaction of the owner; nothing is committed."""
    with owned.connect() as conn:
        yield conn
        conn.rollback()


def no(conn: Connection, statement: str, said: str = guards.NO) -> None:
    with pytest.raises(DBAPIError, match=said), conn.begin_nested():
        assert conn.exec_driver_sql(statement).rowcount != 0, "nothing was touched, so nothing was tried"


@pytest.mark.parametrize("name", GUARDED)
def test_rows_are_never_removed_or_altered(owner: Connection, name: str) -> None:
    no(owner, f'DELETE FROM "{name}"')
    table = SQLModel.metadata.tables[name]
    ends = recorded_tables()[name].ends if name in TABLES else ("seq",) if name == "head" else ()
    for column in (c for c in table.columns if c.name not in {*ends, "version"}):
        other = "NULL" if column.nullable else f'(SELECT "{column.name}" FROM "{name}" LIMIT 1)'
        moves = ", version = version + 1" if ends and name != "head" else ""
        if name == "head":
            other = "'x'"
            if column.name != "chain":
                continue
        if ends and name != "head":
            other = _other(owner, column)
        no(owner, f'UPDATE "{name}" SET "{column.name}" = {other}{moves}')
    if owner.dialect.name == "postgresql":
        no(owner, f'TRUNCATE "{name}" CASCADE')


def _other(conn: Connection, column: Any) -> str:
    """A value of the column's kind that no row has."""
    kind = str(column.type).upper()
    if "BOOL" in kind:
        return f'NOT "{column.name}"'
    if "INT" in kind:
        return f'"{column.name}" + 7'
    if "DATE" in kind or "TIME" in kind:
        return "'1999-01-01 00:00:00.000000'" if "TIME" in kind else "'1999-01-01'"
    return f"\"{column.name}\" || '!'"


@pytest.mark.parametrize("name", [name for name in TABLES if recorded_tables()[name].ends])
def test_what_ends_ends_once(owner: Connection, name: str) -> None:
    ends = recorded_tables()[name].ends
    table = SQLModel.metadata.tables[name]
    columns = ", ".join(f'"{c}" = {_literal(table.columns[c])}' for c in ends)
    still = f"\"{ends[0]}\" IS NULL AND chain = 'site'"
    with owner.begin_nested() as undone:
        assert owner.exec_driver_sql(f'UPDATE "{name}" SET {columns}, version = version + 1 WHERE {still}').rowcount == 1
        undone.rollback()
    no(owner, f'UPDATE "{name}" SET {columns} WHERE {still}')
    ended = f"\"{ends[0]}\" IS NOT NULL AND chain = 'site'"
    no(owner, f'UPDATE "{name}" SET {columns}, version = version + 1 WHERE {ended}')
    nothing = ", ".join(f'"{c}" = NULL' for c in ends)
    no(owner, f'UPDATE "{name}" SET {nothing}, version = version + 1 WHERE {ended}')


def _literal(column: Any) -> str:
    return "'2026-03-09 12:00:00.000000'" if "DATE" in str(column.type).upper() or "TIME" in str(column.type).upper() else "'QA2'"


def test_a_head_only_moves_on_by_one(owner: Connection) -> None:
    for changed in ("seq = seq + 2", "seq = seq - 1", "hash = 'x'"):
        no(owner, f"UPDATE head SET {changed} WHERE chain = 'site'")
    assert owner.exec_driver_sql("UPDATE head SET seq = seq + 1, hash = 'x' WHERE chain = 'site'").rowcount == 1


@pytest.mark.parametrize("name", GUARDED)
def test_no_row_is_replaced_even_by_a_foreign_connection(owner: Connection, name: str) -> None:
    """INSERT OR REPLACE asks no delete trigger unless the connection says so; somebody else's does not."""
    if owner.dialect.name != "sqlite":
        with pytest.raises(ProgrammingError, match="syntax"), owner.begin_nested():
            owner.exec_driver_sql(f'INSERT OR REPLACE INTO "{name}" SELECT * FROM "{name}"')
        return
    owner.exec_driver_sql("PRAGMA recursive_triggers=OFF")  # as every connection is that does not ask for it
    try:
        with pytest.raises(IntegrityError, match="UNIQUE constraint failed"), owner.begin_nested():
            owner.exec_driver_sql(f'INSERT OR REPLACE INTO "{name}" SELECT * FROM "{name}"')
    finally:
        owner.exec_driver_sql("PRAGMA recursive_triggers=ON")


def test_what_is_open_is_not_replaced_by_another_open_one(at: Any) -> None:
    """The partial UNIQUE of what can end is a way in for REPLACE as well."""
    ledger: Ledger = at("founded").ledger
    if ledger.engine.dialect.name != "sqlite":
        return
    for _ in range(5):
        ledger.do("access.fail", {"person": "TECH1", "where": "a test"}, by=BY)
    raw = sqlite3.connect(ledger.engine.url.database or "", isolation_level=None)
    columns = ", ".join(f'"{c.name}"' for c in SQLModel.metadata.tables["person_locked"].columns if c.name != "code")
    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE constraint failed: person_locked\.person"):
        raw.execute(f"INSERT OR REPLACE INTO person_locked (code, {columns}) SELECT 'x', {columns} FROM person_locked")
    raw.close()


# -- The role that serves on PostgreSQL -----------------------------------------------------------------------------------


def test_the_serving_role_may_add_and_end_and_no_more(ledger: Ledger) -> None:
    if ledger.engine.dialect.name == "sqlite":
        return
    forbidden = [
        *(f'TRUNCATE "{name}"' for name in GUARDED),
        *(f'DELETE FROM "{name}"' for name in (*GUARDED, "alembic_version")),
        *(f'UPDATE "{name}" SET chain = chain' for name in TABLES),
        "UPDATE entry SET body = body", "UPDATE answer SET act_id = act_id", "UPDATE sealed_key SET sealed = sealed",
        "UPDATE head SET chain = chain", "UPDATE session SET person = person", "UPDATE subject_key SET wrapped = wrapped",
        "INSERT INTO alembic_version VALUES ('x')", "UPDATE alembic_version SET version_num = 'x'",
        "ALTER TABLE entry DISABLE TRIGGER ALL", "DROP TABLE entry", "DROP TRIGGER entry_append_only ON entry",
        "CREATE TABLE mine (n int)", "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
        "SET session_replication_role = replica", "SELECT * FROM entry FOR SHARE",
    ]  # fmt: skip
    for statement in forbidden:
        with ledger.engine.connect() as conn, pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            conn.exec_driver_sql(statement)
            pytest.fail(f"the serving role may: {statement}")


def test_only_three_tables_may_lose_rows(ledger: Ledger) -> None:  # decision F4
    assert {Draft.__tablename__, SignedInSession.__tablename__, SubjectKey.__tablename__} == guards.DELETABLE
    for name in sorted(guards.DELETABLE):
        with ledger.engine.begin() as conn:
            conn.exec_driver_sql(f'DELETE FROM "{name}"')


# -- Capture cannot be forgotten ------------------------------------------------------------------------------------------


def test_a_row_written_outside_an_act_raises(ledger: Ledger) -> None:
    with Session(ledger.engine) as session, pytest.raises(Unrecorded, match="Code of chain site written outside an act"):
        session.add(Code(code=draw("K"), kind="K", chain="site"))
        session.flush()
    with Session(ledger.engine) as session, pytest.raises(Unrecorded, match="Person of chain access written outside"):
        session.get_one(Person, "QA1").name = "Somebody Else"
        session.commit()


def test_a_row_of_a_chain_that_the_act_does_not_hold_raises(ledger: Ledger) -> None:
    def elsewhere(now: Now) -> None:
        """Writes to a chain that it did not lock."""
        now.add(Code(code=draw("K"), kind="K"), chain="supplies")

    with acts(elsewhere), pytest.raises(Unrecorded, match="of chain supplies"):
        ledger.do("test.elsewhere", by=BY)


def test_bulk_writes_and_deletions_raise(ledger: Ledger) -> None:
    for statement in (update(Person).values(name="x"), delete(Person), SQLModel.metadata.tables["person"].delete()):
        with Session(ledger.engine) as session, pytest.raises((Unrecorded, DBAPIError)):
            session.execute(statement)
    with Session(ledger.engine) as session, pytest.raises(Unrecorded, match="ended, never deleted"):
        session.delete(session.get_one(Person, "QA1"))
        session.flush()


def test_a_row_that_was_touched_and_not_changed_is_not_told(ledger: Ledger) -> None:
    def touched(now: Now) -> None:
        """Sets a name to itself."""
        person = now.session.get_one(Person, "QA1")
        person.name = str(person.name)

    with acts(touched, writes={"access"}):
        ledger.do("test.touched", by=BY)
    from tests.ledger.invented import body_of

    with ledger.read() as session:
        assert body_of(session, "access")["changes"] == []


def test_what_stands_beside_the_record_is_written_freely(ledger: Ledger) -> None:
    with Session(ledger.engine) as session:
        session.add(SealedKey(public="p", person="QA1", sealed=b"x", argon_time=1, argon_memory_kib=8, argon_lanes=1))
        draft = Draft(person="QA1", path="/x", box=b"x", at=ledger.clock())
        session.add(draft)
        session.commit()
        session.delete(draft)
        session.commit()
        assert session.exec(select(SealedKey).where(SealedKey.public == "p")).one()
        assert session.get(Draft, ("QA1", "/x")) is None


def test_an_unrecorded_row_written_by_a_refused_act_is_undone_with_it(ledger: Ledger) -> None:
    from backend.ledger import Refused

    def beside(now: Now) -> None:
        """Writes beside the record before it is refused."""
        now.session.add(SealedKey(public="q", person="QA1", sealed=b"x", argon_time=1, argon_memory_kib=8, argon_lanes=1))
        now.session.flush()
        raise Refused("No.")

    with acts(beside), pytest.raises(Refused):
        ledger.do("test.beside", by=BY)
    with ledger.read() as session:
        assert session.get(SealedKey, "q") is None


# -- What the tables say --------------------------------------------------------------------------------------------------


def test_every_sentence_of_a_unique_belongs_to_a_unique() -> None:
    for name, kind in recorded_tables().items():
        table = SQLModel.metadata.tables[name]
        uniques = [{c.name for c in u.columns} for u in table.constraints if isinstance(u, UniqueConstraint)]
        uniques += [{c.name for c in table.primary_key.columns}, *({c.name for c in i.columns} for i in table.indexes if i.unique)]
        for columns in kind.says:
            assert set(columns.split(", ")) in uniques, f"{name} has no UNIQUE ({columns}) to speak of"


def test_a_locked_person_is_one_open_row(ledger: Ledger) -> None:  # decision T1
    for _ in range(5):
        ledger.do("access.fail", {"person": "TECH1", "where": "a test"}, by=BY)
    ledger.do("access.unlock", {"person": "TECH1"}, by=by("ADM1"), reason="asked")
    for _ in range(6):
        ledger.do("access.fail", {"person": "TECH1", "where": "a test"}, by=BY)
    with ledger.read() as session:
        rows = session.exec(select(PersonLocked).where(PersonLocked.person == "TECH1")).all()
        assert sorted(row.ended_at is None for row in rows) == [False, True]


def test_a_subjects_rows_are_on_the_subjects_chain(ledger: Ledger) -> None:
    coi = a_subject(ledger)
    with ledger.read() as session:
        assert session.get_one(Code, coi).chain == coi

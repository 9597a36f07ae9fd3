"""The owner of the database, triggers off, against verify: whatever they change, it is found and named."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Boolean, Connection, Engine, Integer, Table, inspect, select
from sqlmodel import SQLModel

from backend.db import connect
from backend.ledger import guards
from backend.ledger.columns import Utc
from backend.ledger.models import recorded_tables
from backend.ledger.verify import check, verify
from tests.conftest import Stages
from tests.ledger.invented import one_of_everything, value_of

TABLES = sorted(recorded_tables())


@pytest.fixture(scope="module")
def forger(stages: Stages) -> Iterator[tuple[Engine, str]]:
    """A copy that its owner holds. Nothing that they try is committed, so one copy serves every attempt."""
    if "everything" not in stages.built:
        stages.build("everything", one_of_everything, ("founded", stages.built["founded"][0]))
    url = stages.copy("everything")
    engine = connect(url)
    if engine.dialect.name == "sqlite":
        with engine.begin() as conn:
            for (name,) in conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                conn.exec_driver_sql(f"DROP TRIGGER {name}")
    yield engine, str(stages.built["everything"][1])
    assert list(verify(engine)) == []
    engine.dispose()
    stages.store.drop(url)


@contextmanager
def unguarded(engine: Engine) -> Iterator[Connection]:
    """A transaction of the owner without triggers and references; it is undone at the end."""
    with engine.connect() as conn:
        if engine.dialect.name == "postgresql":
            conn.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield conn
        conn.rollback()


def one_row(conn: Connection, table: Table) -> dict[str, Any]:
    return dict(conn.execute(select(table).where(table.c.chain == "site")).mappings().first() or {})


def key_in(table: Table, row: dict[str, Any]) -> Any:
    return [column == row[column.name] for column in table.primary_key]


def called(table: Table, row: dict[str, Any]) -> str:
    return f"{table.name} {' '.join(str(row[c.name]) for c in table.primary_key)}"


def other_value(table: Table, name: str, value: Any) -> Any:
    column = table.columns[name]
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, Integer):
        return (value or 0) + 7
    return value_of(column, 9)


@pytest.mark.parametrize("name", TABLES)
def test_a_changed_value_is_found_in_every_column(forger: tuple[Engine, str], name: str) -> None:
    table = SQLModel.metadata.tables[name]
    for column in table.columns:
        with unguarded(forger[0]) as conn:
            row = one_row(conn, table)
            new = "supplies" if column.name == "chain" else other_value(table, column.name, row[column.name])
            assert new != row[column.name]
            conn.execute(table.update().where(*key_in(table, row)).values({column.name: new}))
            faults = list(check(conn))
            told = called(table, row)
            assert [f for f in faults if f.startswith(told)], f"{name}.{column.name} was changed and only {faults} was said"


@pytest.mark.parametrize("name", TABLES)
def test_a_deleted_row_is_found(forger: tuple[Engine, str], name: str) -> None:
    table = SQLModel.metadata.tables[name]
    with unguarded(forger[0]) as conn:
        row = one_row(conn, table)
        conn.execute(table.delete().where(*key_in(table, row)))
        assert list(check(conn)) == [f"{called(table, row)} is told by the ledger of site, but its row is gone."]


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("chain", ["site", "S-nowhere"])
def test_an_added_row_is_found(forger: tuple[Engine, str], name: str, chain: str) -> None:
    table = SQLModel.metadata.tables[name]
    with unguarded(forger[0]) as conn:
        row = {c.name: value_of(c, 8) for c in table.columns} | {"chain": chain, "version": 1}
        conn.execute(table.insert().values(row))
        said = f"{called(table, row)} is a row that no entry of site tells of." if chain == "site" else f"{name} has rows of S-nowhere"
        assert [f for f in check(conn) if f.startswith(said)]


@pytest.mark.parametrize("name", TABLES)
def test_nonsense_in_a_row_is_a_fault_and_not_a_crash(forger: tuple[Engine, str], name: str) -> None:
    """Only SQLite lets a time be 'garbage'; PostgreSQL refuses it by itself."""
    table = SQLModel.metadata.tables[name]
    strict = forger[0].dialect.name == "postgresql"
    for column in (c for c in table.columns if isinstance(c.type, (Utc, Integer)) and not c.primary_key):
        with unguarded(forger[0]) as conn:
            update = f"UPDATE \"{name}\" SET \"{column.name}\" = 'garbage' WHERE chain = 'site'"
            if strict:
                with pytest.raises(Exception, match=r"invalid input syntax|is of type"):
                    conn.exec_driver_sql(update)
            else:
                conn.exec_driver_sql(update)
                assert [f for f in check(conn) if f.startswith(f"{name} ")]


TAIL = "(SELECT max(seq) FROM entry WHERE chain = 'site')"
ENTRIES: dict[str, tuple[tuple[str, ...], str]] = {
    "a body": (
        ("UPDATE entry SET body = (SELECT body FROM entry WHERE chain = 'access' AND seq = 3) WHERE {2nd}",),
        "access entry 2 has been altered.",
    ),
    "a body that is none": (("UPDATE entry SET body = 'x' WHERE {2nd}",), "access entry 2 cannot be read."),
    "an entry in the middle": (("DELETE FROM entry WHERE chain = 'access' AND seq = 4",), "access: entry 4 is missing; the next one is 5."),
    "the tail": ((f"DELETE FROM entry WHERE chain = 'site' AND seq = {TAIL}",), "site ends at entry "),
    "a whole chain's entries": (("DELETE FROM entry WHERE chain = 'supplies'",), "supplies: all 1 entries are missing."),
    "a chain with its head": (
        ("DELETE FROM entry WHERE chain = 'supplies'", "DELETE FROM head WHERE chain = 'supplies'"),
        "is part of an act whose entry supplies 1 is missing.",
    ),
    "a head": (("DELETE FROM head WHERE chain = 'site'",), "site has entries but no head."),
    "a head's place": (("UPDATE head SET seq = seq + 1 WHERE chain = 'site'",), "but its head says"),
    "a head's hash": (("UPDATE head SET hash = 'x' WHERE chain = 'site'",), "site ends at entry"),
    "a head's time": (("UPDATE head SET at = '2026-01-01' WHERE chain = 'site'",), "site: its head is timed 2026-01-01"),
    "a head added": (("INSERT INTO head VALUES ('S-new', 3, 'x', '')",), "S-new: all 3 entries are missing."),
    "an entry added": (
        ("INSERT INTO entry SELECT 'S-new', 1, hash, body, signatures, act, act_id, at, \"by\", idem FROM entry WHERE chain = 'supplies'",),
        "S-new has entries but no head.",
    ),
    "two entries swapped": (
        ("UPDATE entry SET seq = 9000 WHERE {2nd}", "UPDATE entry SET seq = 2 WHERE chain = 'access' AND seq = 3",
         "UPDATE entry SET seq = 3 WHERE chain = 'access' AND seq = 9000"),
        "access entry 2 was written as access entry 3.",
    ),
    "an entry moved to another chain": (
        ("UPDATE entry SET chain = 'supplies', seq = 2 WHERE {2nd}",), "supplies entry 2 was written as access entry 2.",
    ),
    "the stored hash": (("UPDATE entry SET hash = 'x' WHERE {2nd}",), "access entry 2 has been altered."),
    "the act": (("UPDATE entry SET act = 'x' WHERE {2nd}",), "access entry 2: the search columns differ from the body."),
    "the act's id": (("UPDATE entry SET act_id = 'x' WHERE {2nd}",), "access entry 2: the search columns differ"),
    "the time": (("UPDATE entry SET at = '2020' WHERE {2nd}",), "access entry 2: the search columns differ"),
    "the person": (("UPDATE entry SET \"by\" = 'x' WHERE {2nd}",), "access entry 2: the search columns differ"),
    "the form": (("UPDATE entry SET idem = 'x' WHERE chain = 'site' AND idem IS NOT NULL",), "names the form x, which no answer knows."),
    "a form added": (("UPDATE entry SET idem = 'x' WHERE {2nd}",), "access entry 2 names the form x, which no answer knows."),
    "an answer": (("DELETE FROM answer",), "which no answer knows."),
    "an answer's person": (("UPDATE answer SET person = 'x'",), "which no answer knows."),
    "an answer added": (("INSERT INTO answer VALUES ('QA1', 'k', 'x', 'x')",), "The form k of QA1 is answered by an act"),
    "one part of an act on several chains, rows and head with it": (
        ("DELETE FROM entry WHERE chain = '{coi}'", "DELETE FROM head WHERE chain = '{coi}'", "DELETE FROM code WHERE chain = '{coi}'"),
        "is part of an act whose entry S",
    ),
    "the tail of people that others leaned on, consistently": (
        (*(f"DELETE FROM {table}" for table in ("statement_accepted",)),
         "DELETE FROM entry WHERE chain = 'access' AND act = 'access.accept_statement'",
         "UPDATE head SET seq = (SELECT max(seq) FROM entry WHERE chain = 'access') WHERE chain = 'access'",
         "UPDATE head SET hash = (SELECT hash FROM entry e WHERE e.chain = 'access' AND e.seq = head.seq) WHERE chain = 'access'",
         "UPDATE head SET at = (SELECT at FROM entry e WHERE e.chain = 'access' AND e.seq = head.seq) WHERE chain = 'access'"),
        "relied on access entry",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ENTRIES)
def test_tampering_with_entries_heads_and_answers_is_found(forger: tuple[Engine, str], what: str) -> None:
    statements, said = ENTRIES[what]
    with unguarded(forger[0]) as conn:
        for statement in statements:
            assert conn.exec_driver_sql(_said(conn, statement, forger[1])).rowcount
        faults = list(check(conn))
        assert [f for f in faults if said in f], faults


def _said(conn: Connection, statement: str, coi: str) -> str:
    if "SET body" in statement and conn.dialect.name == "postgresql":
        statement = statement.replace("'x'", "'x'::bytea")
    return statement.replace("{2nd}", "chain = 'access' AND seq = 2").replace("{coi}", coi)


def test_nonsense_where_a_place_in_the_chain_should_be_is_a_fault(forger: tuple[Engine, str]) -> None:
    with unguarded(forger[0]) as conn:
        if conn.dialect.name == "sqlite":
            conn.exec_driver_sql("UPDATE entry SET seq = 'x' WHERE chain = 'supplies'")
            assert "supplies: entry 1 is missing; the next one is x." in list(check(conn))
        else:
            with pytest.raises(Exception, match="integer"):
                conn.exec_driver_sql("UPDATE entry SET seq = 'x' WHERE chain = 'supplies'")


def signed_entries(conn: Connection) -> list[tuple[int, str, bytes]]:
    rows = conn.exec_driver_sql("SELECT seq, \"by\", signatures FROM entry WHERE act = 'access.accept_statement' ORDER BY seq").all()
    return [(seq, by, bytes(signatures)) for seq, by, signatures in rows]


def set_signature(conn: Connection, seq: int, signature: bytes) -> None:
    m = "?" if conn.dialect.name == "sqlite" else "%s"
    conn.exec_driver_sql(f"UPDATE entry SET signatures = {m} WHERE chain = 'access' AND seq = {m}", (signature, seq))


def test_a_copied_a_stripped_and_a_forged_signature_are_found(forger: tuple[Engine, str]) -> None:
    for forged, said in (
        (lambda own, other: other, "the signature of {} does not fit."),
        (lambda own, other: b"", "declares 1 signatures and carries 0."),
        (lambda own, other: own + other, "declares 1 signatures and carries 2."),
        (lambda own, other: bytes([own[0] ^ 1]) + own[1:], "the signature of {} does not fit."),
    ):
        with unguarded(forger[0]) as conn:
            (seq, by, own), (_, _, other), *_ = signed_entries(conn)
            set_signature(conn, seq, forged(own, other))
            assert list(check(conn)) == [f"access entry {seq}{':' if 'fit' in said else ''} {said.format(by)}"]


def test_a_key_that_was_never_registered_signs_nothing(forger: tuple[Engine, str]) -> None:
    """A forger who rewrites the last entry consistently can change who signed, not sign as them."""
    import orjson

    from backend.ledger.keys import CHEAP, make, unseal
    from backend.ledger.spelling import canonical, digest

    with unguarded(forger[0]) as conn:
        m = "?" if conn.dialect.name == "sqlite" else "%s"
        last = "SELECT seq, body FROM entry WHERE chain = 'access' ORDER BY seq DESC LIMIT 1"
        seq, raw = conn.exec_driver_sql(last).one()
        body = orjson.loads(bytes(raw))
        assert body["signed"], "the story ends its people's chain with a signed entry"
        public, box = make(body["by"], "somebody else's", CHEAP)
        signer = unseal(body["by"], public, box, "somebody else's", CHEAP)
        assert signer

        def rewritten(**changed: Any) -> list[str]:
            new = canonical(body | changed)
            signed = b"".join(signer.sign(new) for _ in changed["signed"])
            conn.exec_driver_sql(
                f"UPDATE entry SET body = {m}, hash = {m}, signatures = {m} WHERE chain = 'access' AND seq = {m}",
                (new, digest(new), signed, seq),
            )
            conn.exec_driver_sql(f"UPDATE head SET hash = {m} WHERE chain = 'access'", (digest(new),))
            return [f for f in check(conn) if "relied on" not in f]

        assert rewritten(signed=[body["signed"][0] | {"key": public}]) == [f"access entry {seq}: {body['by']} had no such key then."]
        must = "carries 0 of the 1 signatures that “access.accept_statement” must have."
        assert rewritten(signed=[]) == [f"access entry {seq} {must}"]
        assert f"access entry {seq} was refused, but tells of changes." in rewritten(signed=[], refused=["No."])


def test_what_was_committed_behind_the_applications_back_is_found_by_the_command_itself(at: Any) -> None:
    here = at("everything", one_of_everything)
    here.tampered = True
    engine: Engine = here.ledger.engine
    url = engine.url.set(username="postgres").render_as_string(hide_password=False)
    owner = connect(url) if engine.dialect.name == "postgresql" else engine
    with owner.begin() as conn:
        if engine.dialect.name == "sqlite":
            conn.exec_driver_sql("DROP TRIGGER person_no_update")
        else:
            conn.exec_driver_sql("SET LOCAL session_replication_role = replica")
        conn.exec_driver_sql("UPDATE person SET name = 'Somebody Else' WHERE code = 'QA1'")
    assert list(verify(engine)) == ["person QA1 is not what the ledger of access says it is."]
    if owner is not engine:
        owner.dispose()


def test_every_table_is_recorded_or_has_a_reason_not_to_be(forger: tuple[Engine, str]) -> None:
    tables = set(inspect(forger[0]).get_table_names())
    assert tables - set(TABLES) - {"alembic_version"} == guards.UNRECORDED.keys() - {"alembic_version"}
    assert all(guards.UNRECORDED.values())
    assert not guards.UNRECORDED.keys() & set(TABLES)

"""The database says it too: rows are added, never altered or removed, whoever holds the connection.

Recorded tables are insert-only; columns that a table names in `ends` may be set once. The same on SQLite and PostgreSQL, which are told in
their own words. The role that serves on PostgreSQL may do less still.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, Table, UniqueConstraint
from sqlmodel import SQLModel

from backend.ledger.models import Answer, Entry, Head, recorded_tables

NO = "the record is append-only"
DELETABLE = frozenset({"draft", "session", "subject_key"})  # decision F4
ALTERABLE = {"head": ("seq", "hash", "at"), "session": ("seen_at", "locked_at", "station"), "draft": ("box", "at")}

PG_FUNCTIONS = (
    f"CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{NO}'; END $$",
    f"""CREATE OR REPLACE FUNCTION ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE was jsonb := to_jsonb(OLD); is_now jsonb := to_jsonb(NEW); ending text;
BEGIN
  FOREACH ending IN ARRAY TG_ARGV LOOP
    IF was ->> ending IS NOT NULL AND was -> ending IS DISTINCT FROM is_now -> ending THEN RAISE EXCEPTION '{NO}'; END IF;
    was := was - ending; is_now := is_now - ending;
  END LOOP;
  IF NEW.version <> OLD.version + 1 OR (was - 'version') IS DISTINCT FROM (is_now - 'version') THEN RAISE EXCEPTION '{NO}'; END IF;
  RETURN NEW;
END $$""",
    f"""CREATE OR REPLACE FUNCTION head_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.chain <> OLD.chain OR NEW.seq <> OLD.seq + 1 THEN RAISE EXCEPTION '{NO}'; END IF; RETURN NEW; END $$""",
    # Locks are taken first and each statement looks anew, so what is read is what the lock holds still: one way to the server for both.
    """CREATE OR REPLACE FUNCTION lock_and_look(keys bigint[], alone boolean[], chains text[], who text, form text)
RETURNS TABLE (chain varchar, seq integer, hash varchar, at varchar) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  FOR n IN 1 .. cardinality(keys) LOOP
    IF alone[n] THEN PERFORM pg_advisory_xact_lock(keys[n]); ELSE PERFORM pg_advisory_xact_lock_shared(keys[n]); END IF;
  END LOOP;
  RETURN QUERY SELECT h.chain, h.seq, h.hash, h.at FROM head h WHERE h.chain = ANY (chains)
    UNION ALL SELECT '', 0, a.act_id, a.mac FROM answer a WHERE a.person = who AND a.key = form;
END $$""",
)


def triggers(dialect: str) -> Iterator[str]:
    """Every statement that makes the tables of the metadata append-only on this engine."""
    if dialect == "postgresql":
        yield from PG_FUNCTIONS
    ends = {name: kind.ends for name, kind in recorded_tables().items()} | {"entry": (), "answer": (), "sealed_key": ()}
    for name in sorted(ends.keys() & SQLModel.metadata.tables.keys()):
        yield from _guard(SQLModel.metadata.tables[name], ends[name], dialect)
    yield from _head(dialect)


def _guard(table: Table, ends: tuple[str, ...], dialect: str) -> Iterator[str]:
    name = table.name
    if dialect == "postgresql":
        verbs = "DELETE OR TRUNCATE" if ends else "UPDATE OR DELETE OR TRUNCATE"
        yield f'CREATE TRIGGER {name}_append_only BEFORE {verbs} ON "{name}" FOR EACH STATEMENT EXECUTE FUNCTION append_only()'
        if ends:
            listed = ", ".join(f"'{c}'" for c in ends)
            yield f'CREATE TRIGGER {name}_ends_once BEFORE UPDATE ON "{name}" FOR EACH ROW EXECUTE FUNCTION ends_once({listed})'
        return
    yield f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON \"{name}\" BEGIN SELECT RAISE(ABORT, '{NO}'); END"
    when = f"WHEN NOT ({_only_ends(table, ends)}) " if ends else ""
    yield f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON \"{name}\" {when}BEGIN SELECT RAISE(ABORT, '{NO}'); END"
    yield from _no_replace(table)


def _no_replace(table: Table) -> Iterator[str]:
    """INSERT OR REPLACE removes the row in its way without asking the delete trigger, on a foreign connection of SQLite."""
    for n, (columns, still) in enumerate(_uniques(table)):
        same = " AND ".join([f'"{c}" = NEW."{c}"' for c in columns] + ([still, f"NEW.{still}"] if still else []))
        said = "UNIQUE constraint failed: " + ", ".join(f"{table.name}.{c}" for c in columns)
        yield (
            f'CREATE TRIGGER {table.name}_no_replace_{n} BEFORE INSERT ON "{table.name}" '
            f"WHEN EXISTS (SELECT 1 FROM \"{table.name}\" WHERE {same}) BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )


def _only_ends(table: Table, ends: tuple[str, ...]) -> str:
    same = [f'OLD."{c.name}" IS NEW."{c.name}"' for c in table.columns if c.name not in (*ends, "version")]
    once = [f'(OLD."{c}" IS NULL OR OLD."{c}" IS NEW."{c}")' for c in ends]
    return " AND ".join([*same, *once, "NEW.version = OLD.version + 1"])


def _uniques(table: Table) -> list[tuple[list[str], str]]:
    """Every set of columns that is unique, with the condition under which it is ("ended_at IS NULL" of `one_open`, or "")."""
    found = [([c.name for c in table.primary_key.columns], "")]
    found += [([c.name for c in u.columns], "") for u in table.constraints if isinstance(u, UniqueConstraint)]
    for index in table.indexes:
        if index.unique:
            still = index.dialect_options["sqlite"]["where"]
            found.append(([c.name for c in index.columns], "" if still is None else str(still)))
    return sorted(found)


def _head(dialect: str) -> Iterator[str]:
    if dialect == "postgresql":
        yield "CREATE TRIGGER head_append_only BEFORE DELETE OR TRUNCATE ON head FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        yield "CREATE TRIGGER head_moves_on BEFORE UPDATE ON head FOR EACH ROW EXECUTE FUNCTION head_moves_on()"
        return
    yield f"CREATE TRIGGER head_no_delete BEFORE DELETE ON head BEGIN SELECT RAISE(ABORT, '{NO}'); END"
    yield from _no_replace(SQLModel.metadata.tables["head"])
    yield (
        "CREATE TRIGGER head_moves_on BEFORE UPDATE ON head WHEN NEW.chain <> OLD.chain OR NEW.seq <> OLD.seq + 1 "
        f"BEGIN SELECT RAISE(ABORT, '{NO}'); END"
    )


def grants(role: str) -> Iterator[str]:
    """What the serving role may do on PostgreSQL: read, add, end, and delete where decision F4 allows. No DDL, no TRUNCATE."""
    q = '"' + role.replace('"', '""') + '"'
    yield f"GRANT USAGE ON SCHEMA public TO {q}"
    yield f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {q}"
    yield f"REVOKE INSERT ON alembic_version FROM {q}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {q}"
    may = {name: (*kind.ends, "version") for name, kind in recorded_tables().items() if kind.ends} | ALTERABLE
    for name in sorted(may.keys() & SQLModel.metadata.tables.keys()):
        listed = ", ".join('"' + column + '"' for column in may[name])
        yield f'GRANT UPDATE ({listed}) ON "{name}" TO {q}'
    for name in sorted(DELETABLE & SQLModel.metadata.tables.keys()):
        yield f'GRANT DELETE ON "{name}" TO {q}'


def guard(conn: Connection) -> None:
    """Put every trigger of this engine in place."""
    for statement in triggers(conn.dialect.name):
        conn.exec_driver_sql(statement)


UNRECORDED = {
    Head.__tablename__: "the tips of the chains; verify compares them with the entries",
    Entry.__tablename__: "the entries themselves",
    Answer.__tablename__: "which form was answered by which act; holds no fact of the trial",
    "subject_key": "wrapped keys; erasing one is the point of having it",
    "sealed_key": "password-sealed keys; their SHA-256 is recorded",
    "session": "who is signed in now; signing in and out are entries",
    "draft": "forms that are not yet a record (decision F3)",
    "alembic_version": "the schema's own number",
}
"""The tables that are not recorded, each with its reason."""

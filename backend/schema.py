"""The shape of the database and its number: bring it up to date, or say that it is not.

A migration is frozen text: its tables, and beside it the triggers of each engine, so an old step never changes when the program does.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlmodel import SQLModel

from backend.ledger import guards
from backend.ledger.columns import Exact, Utc

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
APART = "\n;;\n"
ENGINES = ("sqlite", "postgresql")


def _config(**attributes: Any) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes.update(attributes)
    return config


def newest() -> str:
    """The number of the schema that this version of the program works with."""
    return ScriptDirectory.from_config(_config()).get_current_head() or "none"


def number_of(engine: Engine) -> str | None:
    """The number of the schema that a database has; None when it has none."""
    with engine.connect() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def against(engine: Engine) -> str | None:
    """The sentence that keeps an old (or too new) database from being served."""
    has, wants = number_of(engine), newest()
    if has == wants:
        return None
    return f"The database has schema {has or 'none'}; this version needs {wants}. Run: marrowline migrate"


def migrate(engine: Engine, app_role: str = "") -> None:
    """The database has the newest schema, its triggers, and on PostgreSQL the rights of the serving role. All of it or nothing."""
    with engine.begin() as conn:
        command.upgrade(_config(connection=conn), "head")
        if app_role and conn.dialect.name == "postgresql":
            for statement in guards.grants(app_role):
                conn.exec_driver_sql(statement)


def copy_before(engine: Engine, at: datetime) -> Path | None:
    """A copy of an SQLite file beside it, made before it is changed; None when there is nothing in it yet, or another engine."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or not Path(name).exists() or number_of(engine) is None:
        return None
    copy = Path(f"{name}-before-{at:%Y%m%dT%H%M%SZ}.db")
    with sqlite3.connect(name) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    copy.chmod(0o600)
    return copy


def differences(engine: Engine) -> list[str]:
    """What the tables of the rooms have that the migrated database has not, or the other way round. Empty means up to date."""
    with engine.connect() as conn:
        found = compare_metadata(MigrationContext.configure(conn, opts={"compare_type": True}), SQLModel.metadata)
    return [str(one) for one in found]


def draw_up(engine: Engine, number: str, message: str) -> list[Path]:
    """A new migration: what the rooms' tables need beyond what `engine` (migrated so far) has, with the triggers it lacks."""
    with engine.begin() as conn:
        command.revision(_config(connection=conn), message, autogenerate=True, rev_id=number)
    made = list((MIGRATIONS / "versions").glob(f"{number}_*.py"))
    for dialect in ENGINES:
        known = {one for file in (MIGRATIONS / "versions").glob(f"*-guards-{dialect}.sql") for one in file.read_text().split(APART)}
        path = MIGRATIONS / "versions" / f"{number}-guards-{dialect}.sql"
        path.write_text(APART.join(_lacking(guards.triggers(dialect), known)) + "\n")
        made.append(path)
    return made


def _lacking(wanted: Iterable[str], known: set[str]) -> list[str]:
    return [one for one in wanted if one not in {k.rstrip("\n") for k in known}]


def spelled(kind: str, thing: Any, _: Any) -> str | Literal[False]:
    """Our column types as the database knows them, so that a migration imports nothing of ours."""
    if kind != "type":
        return False
    if isinstance(thing, Utc):
        return "sa.DateTime()"
    if isinstance(thing, Exact) or type(thing).__name__ == "AutoString":
        return "sa.String()"
    return False

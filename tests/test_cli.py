"""The command line over real files: what it does, what it refuses, and with which exit code."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import SQLModel
from typer.testing import CliRunner, Result

from backend import schema
from backend.access import sessions
from backend.cli import _emptied, _of_demo, app
from backend.db import connect
from backend.installation import Unfit, migrated, opened
from backend.ledger import SYSTEM, Caller
from backend.ledger.guards import triggers
from backend.ledger.keys import CHEAP
from backend.ledger.perform import utc_now
from backend.settings import settings

HERE = Path(__file__).parent.parent
RUN = CliRunner()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder as the place of a new installation."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARROWLINE_TEMPLATES_DIR", str(HERE / "batch_templates"))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def marrowline(*words: str) -> Result:
    settings.cache_clear()
    return RUN.invoke(app, list(words))


def served() -> str:
    """Why this installation is not served (nothing is started when it is refused)."""
    result = marrowline("serve")
    assert result.exit_code == 1, result.output
    return result.output


def test_migrate_founds_a_record_that_verifies(folder: Path) -> None:
    done = marrowline("migrate")
    assert (done.exit_code, "The database has schema" in done.output) == (0, True), done.output
    assert stat.S_IMODE((folder / "keys" / "site.key").stat().st_mode) == 0o600
    proved = marrowline("verify")
    assert proved.exit_code == 0
    assert "The record verifies: 3 entries on 3 chains" in proved.output


def test_migrating_again_changes_nothing(folder: Path) -> None:
    marrowline("migrate")
    key = (folder / "keys" / "site.key").read_bytes()
    assert marrowline("migrate").exit_code == 0
    assert (folder / "keys" / "site.key").read_bytes() == key
    assert not list(folder.glob("*-before-*"))


def test_an_old_sqlite_file_is_copied_before_it_is_migrated(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marrowline("migrate")
    monkeypatch.setattr(schema, "newest", lambda: "9999")  # as a later version of the program finds this file
    ledger, copy = migrated(settings())
    ledger.engine.dispose()
    assert copy is not None
    before = connect(f"sqlite:///{copy}")
    with before.connect() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM entry").scalar() == 3
    before.dispose()
    monkeypatch.undo()
    assert migrated(settings())[1] is None, "what is new already is not copied"


def test_an_old_schema_is_not_served_and_the_command_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Run: marrowline migrate" in served(), "an empty file"
    marrowline("migrate")
    monkeypatch.setattr(schema, "newest", lambda: "9999")
    assert "Run: marrowline migrate" in served(), "the file of an older version"


def test_a_lost_site_key_is_not_replaced_by_a_new_one(folder: Path) -> None:
    marrowline("migrate")
    shutil.move(folder / "keys" / "site.key", folder / "elsewhere")
    assert "The site key is not at keys/site.key" in served()
    assert not (folder / "keys" / "site.key").exists()


def test_another_records_key_is_refused(folder: Path) -> None:
    marrowline("migrate")
    (folder / "keys" / "site.key").write_bytes(os.urandom(32))
    assert "is not the one that this record was made with" in served()


def test_a_key_that_others_can_read_is_refused(folder: Path) -> None:
    marrowline("migrate")
    (folder / "keys" / "site.key").chmod(0o644)
    assert "must be readable by its owner alone" in served()


def test_sqlite_has_one_worker(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marrowline("migrate")
    monkeypatch.setenv("MARROWLINE_WORKERS", "4")
    assert "SQLite is served by one worker; MARROWLINE_WORKERS is 4." in served()


def test_k1_cheap_keys_are_not_served_in_a_record_that_is_no_demonstration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marrowline("migrate")
    ledger = opened(settings())
    ledger.do("access.begin", {"person": "ADM1", "name": "Ada Adler", "roles": ["administrator"]}, by=Caller(SYSTEM))
    token = sessions.issue_link(ledger, "ADM1", Caller(SYSTEM))
    sessions.set_password(ledger, "ADM1", token, "from marrow to bedside", CHEAP)
    ledger.engine.dispose()
    assert "The keys of ADM1 cost less than 2 passes over 19456 KiB" in served()
    monkeypatch.setenv("MARROWLINE_ARGON_MEMORY_KIB", "8")
    assert "New keys would cost 3 passes over 8 KiB; it must be at least 2 over 19456 KiB" in served()


def test_the_first_administrator_gets_a_link_and_there_is_only_one_first(folder: Path) -> None:
    marrowline("migrate")
    first = marrowline("person", "add", "ADM1", "Ada Adler", "--role", "administrator")
    assert first.exit_code == 0
    assert "http://127.0.0.1:8000/set-password?token=" in first.output
    second = marrowline("person", "add", "ADM2", "Abe Adler", "--role", "administrator")
    assert second.exit_code == 1
    assert "ADM1 is administrator already" in second.output
    qa = marrowline("person", "add", "QA1", "Chen Min", "--role", "qa")
    assert qa.exit_code == 2
    wrong = marrowline("person", "add", "no such number", "Ada", "--role", "administrator")
    assert wrong.exit_code == 2


def test_verify_names_what_was_altered(folder: Path) -> None:
    marrowline("migrate")
    engine = connect("sqlite:///marrowline.db")
    with engine.begin() as conn:
        conn.exec_driver_sql("DROP TRIGGER entry_no_update")
        conn.exec_driver_sql("UPDATE entry SET \"by\" = 'SOMEBODY' WHERE chain = 'site'")
    engine.dispose()
    found = marrowline("verify")
    assert found.exit_code == 1
    assert "site entry 1: the search columns differ from the body." in found.output


def test_a_trial_folder_is_checked_with_file_and_line(folder: Path) -> None:
    assert marrowline("template", "check", str(HERE / "batch_templates" / "nct06997939")).exit_code == 0
    shutil.copytree(HERE / "batch_templates" / "nct06997939", folder / "trial")
    broken = folder / "trial" / "labels.yaml"
    broken.write_text(broken.read_text().replace("labels:", "lables:", 1))
    found = marrowline("template", "check", str(folder / "trial"))
    assert found.exit_code == 1
    assert "labels.yaml:" in found.output
    assert marrowline("template", "check", "nothing-here").exit_code == 2


def test_a_label_is_previewed_as_a_pdf(folder: Path) -> None:
    unknown = marrowline("labels", "preview", "no-such-label", "out.pdf")
    assert unknown.exit_code == 2
    name = unknown.output.split("there are ")[1].split(",")[0].strip(" .\n")
    assert marrowline("labels", "preview", name, "out.pdf").exit_code == 0
    assert (folder / "out.pdf").read_bytes().startswith(b"%PDF")


def test_wrong_use_is_said_and_exits_with_two() -> None:
    assert marrowline("verify", "--nonsense").exit_code == 2
    assert marrowline("no-such-command").exit_code == 2


def dumped(file: Path) -> list[str]:
    """Every table and row of an SQLite file, as the statements that would make them."""
    with closing(sqlite3.connect(file)) as conn:
        return list(conn.iterdump())


NONE = "holds a record that is no demonstration; it stays as it is."


@pytest.mark.parametrize("keys", ["its own keys", "no keys"])
@pytest.mark.parametrize("shape", ["of today", "of an older version"])
def test_a_demonstration_never_touches_a_record_that_is_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch, keys: str, shape: str
) -> None:  # decision M1
    marrowline("migrate")
    engine = connect("sqlite:///marrowline.db")
    with engine.begin() as conn:
        if shape == "of an older version":
            conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    engine.dispose()
    before = dumped(folder / "marrowline.db")
    monkeypatch.setenv("MARROWLINE_DATABASE_URL", f"sqlite:///{folder}/marrowline.db")
    if keys == "its own keys":
        monkeypatch.setenv("MARROWLINE_KEYS_DIR", str(folder / "keys"))
    refused = marrowline("demo", "--no-serve")
    assert refused.exit_code == 1
    assert " ".join(refused.output.split()) == f"sqlite:///{folder}/marrowline.db {NONE}"
    assert dumped(folder / "marrowline.db") == before
    assert not (folder / "demo.db").exists()
    assert not list(folder.glob("*-before-*"))


def test_a_demonstration_of_before_is_thrown_away(folder: Path) -> None:
    chosen = _of_demo(settings())
    first = _emptied(chosen, utc_now)
    first.do("access.begin", {"person": "ADM1", "name": "Ada Adler", "roles": ["administrator"]}, by=Caller(SYSTEM))
    first.engine.dispose()
    again = _emptied(chosen, utc_now)
    with again.engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM person").scalar() == 0
    again.engine.dispose()
    assert {path.name for path in folder.iterdir()} >= {"demo.db", "demo-keys"}
    assert not (folder / "keys").exists()


def test_the_migrations_make_exactly_the_tables_and_triggers_of_the_rooms(folder: Path) -> None:
    marrowline("migrate")
    engine = connect("sqlite:///marrowline.db")
    assert schema.differences(engine) == []
    with engine.connect() as conn:
        made = {row[0] for row in conn.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'trigger'")}
        tables = {row[0] for row in conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")}
    engine.dispose()
    assert made == set(triggers("sqlite"))
    assert tables - {"alembic_version"} == set(SQLModel.metadata.tables)


def test_the_migrations_make_the_same_on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> None:
    from tests.conftest import Postgres

    store = Postgres(tmp_path_factory.mktemp("migrated"))
    engine = connect(store.make("migrated"))
    try:
        schema.migrate(engine, "marrowline_app")
        assert schema.number_of(engine) == schema.newest()
        assert schema.differences(engine) == []
        with engine.connect() as conn:
            count = conn.exec_driver_sql("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal").scalar()
        assert count == len([one for one in triggers("postgresql") if one.startswith("CREATE TRIGGER")])
    finally:
        engine.dispose()
        store.server.cleanup()


def test_an_unfit_installation_is_refused_by_whatever_starts_it(folder: Path) -> None:
    from backend.served import application

    settings.cache_clear()
    with pytest.raises(Unfit, match="marrowline migrate"):
        application()

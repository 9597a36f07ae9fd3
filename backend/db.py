"""One engine for both databases: how we connect, how a transaction begins, and which failures are worth a second try."""

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

DEADLOCK, SERIALIZATION = "40P01", "40001"


def connect(url: str, *, pool: int = 10, busy_ms: int = 10_000) -> Engine:
    """An engine for `url`. SQLite gets WAL, full sync and foreign keys on each connection; PostgreSQL gets bounded waits."""
    if not url.startswith("sqlite"):
        options = "-c lock_timeout=15s -c idle_in_transaction_session_timeout=10s"
        return create_engine(url, pool_size=pool, max_overflow=0, pool_timeout=60, connect_args={"options": options})
    engine = create_engine(url, pool_size=pool, max_overflow=0, pool_timeout=60, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _pragmas(raw, _: ConnectionPoolEntry) -> None:  # type: ignore[no-untyped-def]  # the driver's own connection type
        raw.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            f"busy_timeout={busy_ms}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",  # without it INSERT OR REPLACE walks past a delete trigger
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "checkin")
    def _not_half_done(raw, _: ConnectionPoolEntry) -> None:  # type: ignore[no-untyped-def]
        if raw is not None and raw.in_transaction:  # a COMMIT that a deferred reference refused leaves it open, and everybody else waiting
            raw.rollback()

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE" if conn.get_execution_options().get("act") else "BEGIN")

    return engine


def transient(error: DBAPIError) -> bool:
    """Whether the same act may succeed when it is run again: a deadlock, a serialization failure, a busy SQLite file."""
    return getattr(error.orig, "sqlstate", None) in {DEADLOCK, SERIALIZATION} or "database is locked" in str(error.orig)

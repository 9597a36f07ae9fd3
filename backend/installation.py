"""One installation: its database, its keys and its clock, opened only when they belong together.

A record whose site key is lost is not served with a new one: every name and every masked value in it would be gone without a word.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import col, select

from backend import schema
from backend.access.models import SealedKey
from backend.app import rooms
from backend.db import connect
from backend.ledger import Ledger
from backend.ledger.acts import begin_record, founding
from backend.ledger.models import SigningKey
from backend.ledger.perform import utc_now
from backend.ledger.sealing import Keyring
from backend.settings import Settings

LEAST_KIB, LEAST_PASSES = 19 * 1024, 2  # the weakest Argon2id that is still advised (OWASP, password storage)


class Unfit(Exception):
    """This installation cannot be used as it is; the sentence says what is wrong and what to do."""


def database(settings: Settings) -> Engine:
    """The engine of this installation; its database may still be empty."""
    rooms()
    if settings.database_url.startswith("sqlite") and settings.workers > 1:
        raise Unfit(f"SQLite is served by one worker; MARROWLINE_WORKERS is {settings.workers}. PostgreSQL can have several.")
    return connect(settings.database_url)


def migrated(settings: Settings, *, demo: bool = False, clock: Callable[[], datetime] = utc_now) -> tuple[Ledger, Path | None]:
    """The newest schema, a founded record, and the copy that was made of an SQLite file before. A story brings its own clock."""
    rooms()
    engine = connect(settings.owner_url or settings.database_url)
    ledger = Ledger(engine, Keyring(b""), clock)
    copy = None
    if schema.number_of(engine) != schema.newest():
        copy = schema.copy_before(engine, ledger.clock())
    schema.migrate(engine, settings.app_role)
    if settings.owner_url:
        engine.dispose()
        ledger.engine = connect(settings.database_url)
    if founding(ledger) is None:
        ledger.keyring = Keyring.at(settings.keys_dir)
        begin_record(ledger, demo=demo)
    ledger.keyring = keyring_of(ledger, settings)
    return ledger, copy


def opened(settings: Settings) -> Ledger:
    """The ledger of this installation. Unfit when the schema is old, nothing was founded, or the keys are not this record's."""
    engine = database(settings)
    if sentence := schema.against(engine):
        raise Unfit(sentence)
    ledger = Ledger(engine, Keyring(b""))
    if founding(ledger) is None:
        raise Unfit("The record was not founded yet. Run: marrowline migrate")
    ledger.keyring = keyring_of(ledger, settings)
    return ledger


def keyring_of(ledger: Ledger, settings: Settings) -> Keyring:
    """The keys of this very record. Unfit when they are lost, or another record's."""
    path = settings.keys_dir / "site.key"
    if not path.exists():
        raise Unfit(f"The site key is not at {path}, but the record was made with one. Bring the key back; without it no name can be read.")
    if path.stat().st_mode & 0o077:
        raise Unfit(f"Others can read {path}; it must be readable by its owner alone (chmod 600).")
    keyring, told = Keyring.at(settings.keys_dir), founding(ledger) or {}
    if told.get("site_key") != keyring.name:
        raise Unfit(f"The site key at {path} is not the one that this record was made with ({told.get('site_key')}).")
    return keyring


def is_demo(ledger: Ledger) -> bool:
    return bool((founding(ledger) or {}).get("demo"))


def holds_another(settings: Settings) -> bool:
    """Whether this database holds a record that is no demonstration. To find that out, nothing in it is touched, not even an old schema."""
    ledger = Ledger(database(settings), Keyring(b""))
    try:
        return schema.number_of(ledger.engine) is not None and founding(ledger) is not None and not is_demo(ledger)
    finally:
        ledger.engine.dispose()


def against_serving(ledger: Ledger, settings: Settings) -> list[str]:
    """Every reason why this installation may not be served: cheap keys in a record that is no demonstration (decision K1)."""
    if is_demo(ledger):
        return []
    said = []
    if settings.argon_memory_kib < LEAST_KIB or settings.argon_time < LEAST_PASSES:
        said.append(
            f"New keys would cost {settings.argon_time} passes over {settings.argon_memory_kib} KiB; "
            f"it must be at least {LEAST_PASSES} over {LEAST_KIB} KiB (MARROWLINE_ARGON_TIME, MARROWLINE_ARGON_MEMORY_KIB)."
        )
    with ledger.read() as session:
        cheap = session.exec(
            select(SealedKey.person)
            .join(SigningKey, col(SigningKey.public) == SealedKey.public)
            .where(col(SigningKey.ended_at).is_(None))
            .where((col(SealedKey.argon_memory_kib) < LEAST_KIB) | (col(SealedKey.argon_time) < LEAST_PASSES))
        ).all()
    if cheap:
        who = ", ".join(sorted(cheap))
        said.append(f"The keys of {who} cost less than {LEAST_PASSES} passes over {LEAST_KIB} KiB; give each of them a new link.")
    return said

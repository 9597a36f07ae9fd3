"""The record read aloud for one viewer: what happened, who did it, what it meant, what was refused and why; and when it was proved."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, func, select

from backend.access.models import Person
from backend.access.reads import names_of
from backend.access.rules import Viewer
from backend.desk.models import Verification
from backend.ledger import Ledger
from backend.ledger.models import Entry
from backend.ledger.reads import Reader


class Proof(BaseModel):
    """The last verification, and how far the record has grown since."""

    model_config = ConfigDict(frozen=True)
    at: datetime | None
    by: str
    entries: int
    faults: int
    first: str
    since: int


def reader_for(ledger: Ledger, viewer: Viewer) -> Reader:
    """Somebody as a reader of entries: what is sealed opens for those who may see it, subjects' chains for those who read the record."""
    return Reader(viewer.person, ledger.keyring, viewer.may_open, names_of, viewer.reads_record)


def proof(session: Session) -> Proof:
    """When the record was last verified, and with what answer."""
    last = session.exec(select(Verification).order_by(col(Verification.at).desc()).limit(1)).first()
    now = session.exec(select(func.count()).select_from(Entry)).one()
    if last is None:
        return Proof(at=None, by="", entries=0, faults=0, first="", since=now)
    name = names_of(session, [last.by]).get(last.by, last.by)
    return Proof(at=last.at, by=name, entries=last.entries, faults=last.faults, first=last.first, since=max(0, now - last.entries))


def people(session: Session) -> list[tuple[str, str]]:
    """Everybody by staff number and name, for a filter."""
    return [(p.code, f"{p.name} ({p.code})") for p in session.exec(select(Person).order_by(col(Person.code)))]

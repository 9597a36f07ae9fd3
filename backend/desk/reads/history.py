"""The record read aloud for one viewer: what happened, who did it, what it meant, what was refused and why; and when it was proved."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, func, select

from backend.access.models import Person
from backend.access.reads import names_of
from backend.access.rules import Viewer
from backend.desk.models import Verification
from backend.ledger import Ledger
from backend.ledger.models import Head
from backend.ledger.reads import Reader, Told


class Proof(BaseModel):
    """The last verification, and how far the record has grown since."""

    model_config = ConfigDict(frozen=True)
    at: datetime | None
    by: str
    entries: int
    faults: int
    first: str
    since: int


def reader_for(ledger: Ledger, viewer: Viewer, zone: tzinfo = UTC, say: Callable[[str], str] = str) -> Reader:
    """Somebody as a reader of entries: what is sealed opens for those who may see it, subjects' chains for those who read the record.

    say: the fixed texts in the reader's language; English as it is for a program.
    """
    return Reader(viewer.person, ledger.keyring, viewer.may_open, names_of, viewer.reads_record, say, zone)


def proof(session: Session) -> Proof:
    """When the record was last verified, and with what answer."""
    last = session.exec(select(Verification).order_by(col(Verification.at).desc()).limit(1)).first()
    now = int(session.exec(select(func.sum(Head.seq))).one() or 0)
    if last is None:
        return Proof(at=None, by="", entries=0, faults=0, first="", since=now)
    name = names_of(session, [last.by]).get(last.by, last.by)
    return Proof(at=last.at, by=name, entries=last.entries, faults=last.faults, first=last.first, since=max(0, now - last.entries))


class Run(BaseModel):
    """Entries of one person doing one thing again and again; `rest` is what came before `one`."""

    model_config = ConfigDict(frozen=True)
    one: Told
    rest: tuple[Told, ...] = ()


def runs(told: Iterable[Told]) -> list[Run]:
    """Entries as they are told: an act over several chains once, and a row of scans or values as one line that opens."""
    found: list[list[Told]] = []
    seen: dict[str, int] = {}
    for entry in told:
        if entry.act_id in seen:
            group = found[seen[entry.act_id]]
            if entry.subject and group[0].act_id == entry.act_id:
                group[0] = entry  # told from the chain that says most
            continue
        if found and _alike(found[-1][0], entry):
            found[-1].append(entry)
        else:
            found.append([entry])
        seen[entry.act_id] = len(found) - 1
    return [Run(one=group[0], rest=tuple(group[1:])) for group in found]


def _alike(one: Told, other: Told) -> bool:
    plain = not (one.refused or other.refused or one.signed or other.signed or one.reason or other.reason)
    return plain and (one.act, one.by, one.subject) == (other.act, other.by, other.subject)


def people(session: Session) -> list[tuple[str, str]]:
    """Everybody by staff number and name, for a filter."""
    return [(p.code, f"{p.name} ({p.code})") for p in session.exec(select(Person).order_by(col(Person.code)))]

"""What anybody may know of the randomisation list: that it is sealed, how many lines it has, and who imported it. Never an arm."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, select

from backend.access.reads import names_of
from backend.masking.models import RandomisationList


class ListView(BaseModel):
    """The imported list, seen from outside."""

    model_config = ConfigDict(frozen=True)
    lines: int
    at: datetime
    by: tuple[str, ...]


def list_view(session: Session) -> ListView | None:
    """The imported list, or None while there is none."""
    row = session.exec(select(RandomisationList)).first()
    if row is None:
        return None
    names = names_of(session, {row.by, row.witness})
    return ListView(lines=row.lines, at=row.at, by=tuple(names.get(who, who) for who in (row.by, row.witness)))

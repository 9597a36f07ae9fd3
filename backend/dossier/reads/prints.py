"""The documents that were made of a subject's record: which there are, who may open which, and their content made again from the row."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from backend.access.reads import names_of
from backend.access.rules import Role, Viewer
from backend.dossier import rules
from backend.dossier.models import RecordPrinted
from backend.dossier.reads.account import Frozen
from backend.dossier.reads.record import Content, content_of
from backend.dossier.reads.record.scribe import Words
from backend.dossier.reads.rows import then
from backend.ledger import Refused, UnknownCode
from backend.ledger.sealing import Keyring

OTHER_WORDS = (
    "This document cannot be made again as it was: this version of the program says the record in other words. Print the record anew; the "
    "chain that it was made from is the same."
)


class PrintLine(Frozen):
    """One document of a subject's record, and whether this viewer may open it."""

    code: str
    edition: str
    seq: int
    at: datetime
    by: str
    may_open: bool


class PrintView(Frozen):
    """A document with what its first page says of itself. The salt is empty in the masked edition."""

    code: str
    coi: str
    edition: str
    at: datetime
    at_words: str
    by: str
    role: str
    content_sha256: str
    other_sha256: str
    salt: str


def may_open(edition: str, viewer: Viewer) -> bool:
    """Whether this viewer may read a document of this edition."""
    return Role.UNMASKED_QA in viewer.roles if edition == rules.FULL_EDITION else viewer.reads_record


def prints_of(session: Session, coi: str, viewer: Viewer) -> list[PrintLine]:
    """Every document that was made of this subject's record, the newest first."""
    rows = session.exec(select(RecordPrinted).where(RecordPrinted.coi == coi).order_by(col(RecordPrinted.at).desc())).all()
    names = names_of(session, {row.by for row in rows})
    return [
        PrintLine(code=r.code, edition=r.edition, seq=r.seq, at=r.at, by=names.get(r.by, r.by), may_open=may_open(r.edition, viewer))
        for r in rows
    ]  # fmt: skip


def document(session: Session, keyring: Keyring, code: str, viewer: Viewer) -> tuple[PrintView, Content]:
    """One document as it was printed. One that this viewer may not open is answered like one that does not exist (decision P4)."""
    row = session.get(RecordPrinted, code)
    if row is None or not may_open(row.edition, viewer):
        raise UnknownCode(code)
    rows = then(session, row.coi, row.seq)
    content = content_of(session, keyring, rows, row.edition)
    salt = keyring.open(session, row.coi, row.salt) or ""
    if content.sha256(salt) != row.content_sha256:
        raise Refused(OTHER_WORDS)
    return _view(session, row, content, salt if row.edition == rules.FULL_EDITION else ""), content


def _view(session: Session, row: RecordPrinted, content: Content, salt: str) -> PrintView:
    said = Words(session, ZoneInfo(content.zone.split(" ")[0]))
    return PrintView(
        code=row.code, coi=row.coi, edition=row.edition, at=row.at, at_words=said.at(row.at), by=said.name(row.by),
        role=said.roles(row.by, row.at, (Role.QA, Role.UNMASKED_QA)), content_sha256=row.content_sha256,
        other_sha256=row.other_sha256, salt=salt,
    )  # fmt: skip

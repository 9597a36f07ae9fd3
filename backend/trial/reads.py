"""What may be known of the trial: the folder in force, every folder there was, and whether the trial is active."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.access.reads import names_of
from backend.ledger import Refused, Shown, once
from backend.trial.models import FolderApproved, FolderFile, FolderProposed, TrialStatus
from backend.trial.rules import Folder, TrialFile, folder_of

ACTIVE, SUSPENDED, STOPPED = "active", "suspended", "stopped"
STATUSES = (ACTIVE, SUSPENDED, STOPPED)
NONE_APPROVED = "No trial folder is approved; one must be in force first."
_kept: dict[str, Folder] = {}  # by fingerprint: the same bytes are the same folder


class FolderLine(BaseModel):
    """One proposed folder, as the list of folders shows it."""

    model_config = ConfigDict(frozen=True)
    code: str
    fingerprint: str
    trial_version: str
    master_record: str
    proposed_at: datetime
    proposed_by: str
    approved_at: datetime | None
    approved_by: tuple[str, ...]
    in_force: bool


class StatusLine(BaseModel):
    """One change of the trial's status."""

    model_config = ConfigDict(frozen=True)
    status: str
    reason: str
    at: datetime
    by: str


def files_of(session: Session, folder_code: str) -> dict[str, bytes]:
    """The files of a proposed folder, byte for byte."""
    rows = session.exec(select(FolderFile).where(FolderFile.folder_code == folder_code))
    return {row.name: row.text.encode() for row in rows}


def folder(session: Session, folder_code: str) -> Folder:
    """A proposed folder, read and checked once per fingerprint in this program's life."""
    proposed = session.get_one(FolderProposed, folder_code)
    if proposed.fingerprint not in _kept:
        _kept[proposed.fingerprint] = folder_of(files_of(session, folder_code))
    return _kept[proposed.fingerprint]


@once
def in_force(session: Session) -> FolderApproved | None:
    """The approval that counts now: the latest."""
    return session.exec(select(FolderApproved).order_by(col(FolderApproved.at).desc(), col(FolderApproved.folder_code)).limit(1)).first()


def folder_in_force_code(session: Session) -> str:
    """The code of the folder in force; Refused when none is approved."""
    approved = in_force(session)
    if approved is None:
        raise Refused(NONE_APPROVED)
    return approved.folder_code


def current(session: Session) -> Folder:
    """The approved folder in force; Refused when none is approved."""
    return folder(session, folder_in_force_code(session))


@once
def status(session: Session) -> str:
    """active, suspended or stopped; active until somebody says otherwise."""
    said = session.exec(select(TrialStatus.status).order_by(col(TrialStatus.at).desc(), col(TrialStatus.code)).limit(1)).first()
    return said or ACTIVE


def local_day(trial: TrialFile, at: datetime) -> date:
    """The day that the trial's site writes at this instant; consent, age and windows are judged by it (decision D2)."""
    return local_time(trial, at).date()


def local_time(trial: TrialFile, at: datetime) -> datetime:
    """The same instant by the clock on the site's wall, as sentences quote it."""
    return at.astimezone(ZoneInfo(trial.time_zone))


def shown_folder(session: Session, *, folder: str, **_: object) -> Shown:
    """What the page of a folder displays: the folder and each of its files."""
    names = session.exec(select(FolderFile.name).where(FolderFile.folder_code == folder)).all()
    return [("folder_proposed", [folder], 1), *(("folder_file", [folder, name], 1) for name in names)]


FOLDERS = 10


def folders(session: Session, page: int = 1) -> tuple[list[FolderLine], bool]:
    """One page of the folders that were proposed, the newest first, and whether there are more."""
    newest = _PROPOSED.order_by(col(FolderProposed.at).desc()).offset((page - 1) * FOLDERS).limit(FOLDERS + 1)
    rows = session.exec(newest).all()
    return _folder_lines(session, rows[:FOLDERS]), len(rows) > FOLDERS


def folder_line(session: Session, code: str) -> FolderLine:
    """One folder as it stands in the list."""
    return _folder_lines(session, session.exec(_PROPOSED.where(FolderProposed.code == code)).all())[0]


_PROPOSED = select(FolderProposed, FolderApproved).join(
    FolderApproved, col(FolderApproved.folder_code) == FolderProposed.code, isouter=True
)


def _folder_lines(session: Session, rows: Sequence[tuple[FolderProposed, FolderApproved]]) -> list[FolderLine]:
    now = in_force(session)
    names = names_of(session, {p.by for p, _ in rows} | {who for _, a in rows if a for who in (a.by, a.witness)})
    return [_line(p, a, names, now) for p, a in rows]


def _line(proposed: FolderProposed, approved: FolderApproved | None, names: Mapping[str, str], now: FolderApproved | None) -> FolderLine:
    return FolderLine(
        code=proposed.code, fingerprint=proposed.fingerprint, trial_version=proposed.trial_version, master_record=proposed.master_record,
        proposed_at=proposed.at, proposed_by=names.get(proposed.by, proposed.by), approved_at=approved.at if approved else None,
        approved_by=tuple(names.get(who, who) for who in (approved.by, approved.witness)) if approved else (),
        in_force=bool(now and now.folder_code == proposed.code),
    )  # fmt: skip


def status_lines(session: Session) -> list[StatusLine]:
    """Every change of the trial's status, the newest first."""
    rows = session.exec(select(TrialStatus).order_by(col(TrialStatus.at).desc())).all()
    names = names_of(session, {row.by for row in rows})
    return [StatusLine(status=row.status, reason=row.reason, at=row.at, by=names.get(row.by, row.by)) for row in rows]

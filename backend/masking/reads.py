"""What may be known of the randomisation: that the list is sealed, by whom; and by one physician, in an emergency, one arm.

`arm_of` opens the seal; no room but the dose and the dossier may import this file or the acts beside it.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.access.reads import names_of
from backend.access.rules import Viewer
from backend.ledger import Code, Ledger, UnknownCode
from backend.ledger.sealing import Keyring
from backend.masking.models import Assigned, LineDrawn, RandomisationLine, RandomisationList, Unmasked
from backend.trial.reads import folder

SEALS = "randomisation"
"""Whose keys seal the list: nobody's chain, so that no subject's keys open it."""


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


def unused_lines(session: Session) -> list[RandomisationLine] | None:
    """The lines that belong to nobody yet, in no order; None while there is no list."""
    if session.exec(select(RandomisationList.code)).first() is None:
        return None
    unused = (
        select(RandomisationLine).join(LineDrawn, col(LineDrawn.line_code) == RandomisationLine.code, isouter=True)
        .where(col(LineDrawn.line_code).is_(None))
    )  # fmt: skip
    return list(session.exec(unused))


def arm_of(session: Session, keyring: Keyring, coi: str) -> str | None:
    """The arm of a subject; None while no line is drawn for them, or when the mask key is gone. For acts, never for a page."""
    row = session.get(Assigned, coi)
    outer = keyring.open(session, coi, row.arm) if row else None
    return keyring.open(session, coi, outer) if outer else None


class ArmView(BaseModel):
    """The treatment of one subject, for the one physician who was told it."""

    model_config = ConfigDict(frozen=True)
    arm: str
    route: str
    dose: str
    volume: str
    reason: str
    told: str
    at: datetime


class UnmaskingView(BaseModel):
    """One subject as a physician finds them who may have to know: whether there is anything to tell, and what this person was told."""

    model_config = ConfigDict(frozen=True)
    coi: str
    assigned: bool
    mine: ArmView | None


def was_told(session: Session, coi: str, person: str) -> bool:
    """Whether this person unmasked this subject."""
    return session.get(Unmasked, (coi, person)) is not None


def unmasking_view(session: Session, ledger: Ledger, coi: str, viewer: Viewer) -> UnmaskingView:
    """The arm of this one subject, if this viewer unmasked them; to everybody else it stays closed (decision P3)."""
    known = session.get(Code, coi)
    if known is None or known.kind != "S":
        raise UnknownCode(coi)
    row = session.get(Unmasked, (coi, viewer.person))
    return UnmaskingView(
        coi=coi, assigned=session.get(Assigned, coi) is not None, mine=_told(session, ledger.keyring, row) if row else None
    )  # fmt: skip


def _told(session: Session, keyring: Keyring, row: Unmasked) -> ArmView:
    trial = folder(session, session.exec(select(RandomisationList.folder_code)).one()).trial
    arm = arm_of(session, keyring, row.coi) or ""
    given = trial.arms.get(arm)
    return ArmView(
        arm=arm or "erased", route=trial.routes[given.route].en if given else "",
        dose=f"{given.dose.number:,f} {given.dose.unit}" if given else "",
        volume=str(given.volume) if given else "", reason=row.reason, told=keyring.open(session, row.coi, row.told) or "erased", at=row.at,
    )  # fmt: skip

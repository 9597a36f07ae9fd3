"""The scribe knows how a document says things: times with their zone, people with their roles, sealed values, who signed a row.

Everything is as it was when the chain ended at the head that is shown: roles are those of the moment of signing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from backend.access.models import Person, RoleCountersigned, RoleGranted
from backend.batch.models import StepScan
from backend.collection.models import Collected
from backend.custody.models import Container, Occupancy, Place
from backend.dose.models import DoseScan
from backend.dossier.reads.record.parts import Cell, Table, cell
from backend.dossier.reads.rows import Chapter, Then
from backend.dossier.rules import FULL_EDITION
from backend.ledger import REGISTRY, Recorded, rows_of
from backend.ledger.sealing import Keyring, purpose_of
from backend.ledger.spelling import instant, zone_words
from backend.supplies.models import Equipment, Lot
from backend.trial.reads import folder
from backend.trial.rules import Folder
from labels.codes import shown

R = TypeVar("R", bound=Recorded)
MASKED = Cell(text="masked", tone="masked")
SIGNED = (("Name", 26), ("Role", 17), ("What the signature means", 55), ("Time", 30), ("Entry", 9))


class Words:
    """Times in the zone of the site, and people with the roles that they had."""

    def __init__(self, session: Session, zone: ZoneInfo) -> None:
        self.session, self.zone = session, zone

    def at(self, at: datetime | None) -> str:
        """A moment with its zone: 2026-03-02 09:41:20 UTC+8."""
        if at is None:
            return "–"
        local = at.astimezone(self.zone)
        return f"{local:%Y-%m-%d %H:%M:%S}\u00a0{zone_words(local)}"

    def minute(self, at: datetime) -> str:
        """A moment as people write it, to the minute, with its zone."""
        local = at.astimezone(self.zone)
        return f"{local:%Y-%m-%d %H:%M}\u00a0{zone_words(local)}"

    @cached_property
    def _people(self) -> dict[str, str]:
        return {"system": "Marrowline"} | {one.code: one.name for one in self.session.exec(select(Person))}

    def name(self, person: str | None) -> str:
        return self._people.get(person or "", person or "–")

    def by(self, person: str | None, at: datetime | None = None) -> str:
        """Who and when, as it stands in small letters under a value."""
        return f"{self.name(person)}, {self.at(at)}" if at else self.name(person)

    def pair(self, by: str | None, other: str | None, at: datetime | None) -> str:
        """Two people and when."""
        return f"{self.name(by)}{f' and {self.name(other)}' if other else ''}, {self.at(at)}"

    @cached_property
    def _grants(self) -> list[tuple[RoleGranted, datetime | None]]:
        agreed = {one.grant_code: one.at for one in self.session.exec(select(RoleCountersigned))}
        return [(one, agreed.get(one.code)) for one in self.session.exec(select(RoleGranted))]

    def roles(self, person: str, at: datetime, wanted: Iterable[str] = ()) -> str:
        """The roles that counted for somebody at that moment; of several, those that allowed what was done."""
        held = {
            grant.role for grant, agreed in self._grants
            if grant.person == person and max(grant.at, grant.starts_at) <= at
            and all(end is None or at < end for end in (grant.ends_at, grant.ended_at))
            and (not grant.countersign or (agreed is not None and agreed <= at))
        }  # fmt: skip
        return ", ".join(sorted(held & set(wanted) or held)) or "–"


class Scribe(Words):
    """One edition of one subject's record, being written."""

    def __init__(self, session: Session, keyring: Keyring, rows: Then, edition: str, folder_code: str) -> None:
        self.folder: Folder = folder(session, folder_code)
        super().__init__(session, ZoneInfo(self.folder.trial.time_zone))
        self.keyring, self.rows, self.edition = keyring, rows, edition

    # ---- what is sealed ----

    def opened(self, value: str | None) -> Cell:
        """A value that may be sealed: in the masked edition it reads “masked”; who the subject is stands in no edition."""
        purpose = purpose_of(value)
        if purpose is None:
            return cell(value)
        if purpose == "identity":
            return Cell(text="sealed with the identity", tone="quiet")
        if self.edition != FULL_EDITION:
            return MASKED
        text = self.keyring.open(self.session, self.rows.coi, value or "")
        return Cell(text="erased", tone="quiet") if text is None else cell(text)

    # ---- things ----

    @cached_property
    def containers(self) -> dict[str, Container]:
        return {one.code: one for one in self.rows.all(Container)}

    def thing(self, code: str | None) -> Cell:
        """A container, a lot, a piece of equipment or a place by its name, with its code below."""
        if not code:
            return cell(None)
        if code in self.containers:
            return Cell(text=self.containers[code].name, small=shown(code))
        if code.startswith("T") and (lot := self._row(Lot, code)):
            return Cell(text=f"{lot.item}, lot {lot.lot_number}", small=f"{lot.maker}, use until {lot.expires_on}, {shown(code)}")
        if code.startswith("E") and (machine := self._row(Equipment, code)):
            return Cell(text=machine.name, small=f"serial number {machine.serial_number}, {shown(code)}")
        return Cell(text=self.place(code)) if code.startswith("P") else self.code(code)

    def place(self, code: str | None) -> str:
        found = self._row(Place, code) if code else None
        return found.path if found else "–"

    def _row(self, kind: type[R], code: str) -> R | None:
        """The row of a lot, a piece of equipment or a place: those that the bench and the stores name are looked up at once."""
        found: R | None = self._named[kind].get(code)
        return found or self.session.get(kind, code)

    @cached_property
    def _named(self) -> Mapping[type[Any], Mapping[str, Any]]:
        scanned = {one.code for one in self.rows.all(StepScan)} | {one.code for one in self.rows.all(DoseScan)}
        lots = {code for code in scanned if code.startswith("T")} | {one.heparin_lot for one in self.rows.all(Collected)}
        return {
            Lot: rows_of(self.session, Lot, lots), Equipment: rows_of(self.session, Equipment, {c for c in scanned if c.startswith("E")}),
            Place: rows_of(self.session, Place, {one.place_code for one in self.rows.all(Occupancy)}),
        }  # fmt: skip

    def code(self, code: str | None) -> Cell:
        return Cell(text=shown(code), tone="code") if code else cell(None)

    # ---- tables ----

    def table(
        self, title: str, found: Sequence[R], *columns: tuple[str, int, Callable[[R], Cell | str | None]], empty: str = "None."
    ) -> Table:
        """Rows as a table: each column with its head, its share of the width, and what it says of a row."""
        return Table(
            title=title, heads=tuple(head for head, _, _ in columns), widths=tuple(width for _, width, _ in columns), empty=empty,
            rows=tuple(tuple(cell(says(row)) for _, _, says in columns) for row in found),
        )  # fmt: skip

    def signatures(self, chapters: Iterable[Chapter | None], title: str = "Signatures", note: str = "") -> Table:
        """Everybody who signed these entries: name, role, meaning, time with zone, and the entry that the signature covers."""
        rows = []
        for chapter in chapters:
            if chapter is None:
                continue
            at = instant(chapter.body["at"])
            act = REGISTRY.get(chapter.body["act"])
            wanted = (act.roles, act.witness_roles) if act else (frozenset[str](), frozenset[str]())
            for one in chapter.signed:
                role = self.roles(one.by, at, wanted[min(one.place, 1)])
                meaning = Cell(text=one.meaning, small=note)
                rows.append((Cell(text=self.name(one.by), small=one.by), cell(role), meaning, cell(self.at(at)), cell(str(chapter.seq))))
        heads, widths = zip(*SIGNED, strict=True)
        return Table(title=title, heads=heads, widths=widths, rows=tuple(rows), empty="Nobody has signed this yet.")

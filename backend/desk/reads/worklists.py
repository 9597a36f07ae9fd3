"""Work that waits, for each role: the first page of everybody. A list is a question to the rows, never a state of its own."""

from collections.abc import Callable, Iterator
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.access.models import Alert, AlertAcknowledged, Person, PersonLocked, RoleCountersigned, RoleGranted
from backend.access.rules import Role, Viewer
from backend.batch.models import Batch
from backend.batch.reads.waiting import waiting_steps
from backend.collection.models import Collected, Collection, Packed, Received
from backend.custody.reads.containers import awaited
from backend.custody.reads.labelling import waiting
from backend.dose.reads import masked_undecided, to_prepare, to_release
from backend.dose.reads.ordering import infusions_to_order, orders_to_prepare, routes_to_open
from backend.dose.reads.preparing import WaitingDose
from backend.ledger import Ledger
from backend.quality.reads import holds, visible
from backend.subject.models import Bound, Subject, Withdrawn
from backend.testing.reads import WaitingTest, to_receive, to_record, to_review
from backend.trial.models import FolderApproved, FolderProposed

Pill = tuple[str, str]
MOST = 50


class Item(BaseModel):
    """One thing to do: whose, what, where it is done, since when."""

    model_config = ConfigDict(frozen=True)
    what: str
    href: str
    subject: str = ""
    coi: str = ""
    note: str = ""
    pill: Pill = ("wait", "")
    since: datetime | None = None


class Worklist(BaseModel):
    """What waits under one heading."""

    model_config = ConfigDict(frozen=True)
    title: str
    items: tuple[Item, ...]
    empty: str


def for_viewer(session: Session, ledger: Ledger, viewer: Viewer, at: datetime) -> list[Worklist]:
    """The lists of this person's roles, the most urgent first, at most fifty items each."""
    del ledger
    found: list[Worklist] = []
    for roles, title, empty, items in _LISTS:
        if viewer.roles & roles:
            found.append(Worklist(title=title, items=tuple(items(session, viewer, at))[:MOST], empty=empty))
    return found


def _alerts(session: Session, viewer: Viewer, _: datetime) -> Iterator[Item]:
    rows = session.exec(
        select(Alert).join(AlertAcknowledged, col(AlertAcknowledged.alert_code) == Alert.code, isouter=True)
        .where(col(AlertAcknowledged.alert_code).is_(None)).order_by(col(Alert.at).desc())
    )  # fmt: skip
    for alert in rows:
        if viewer.roles & set(alert.roles.split(",")):
            yield Item(what=alert.sentence, href="/alerts", pill=("stop", "Alert"), since=alert.at)


def _on_its_way(session: Session, _: Viewer, at: datetime) -> Iterator[Item]:
    for one in awaited(session, at):
        pill: Pill = ("stop", f"Over {one.within_minutes} min") if one.overdue else ("wait", "On its way")
        yield Item(
            what=f"{one.name}, given by {one.given_by} to {one.to}", href=f"/scan?code={one.container}", subject=one.subject, coi=one.coi,
            pill=pill, since=one.at,
        )  # fmt: skip


def _steps(session: Session, viewer: Viewer, _: datetime) -> Iterator[Item]:
    for step in waiting_steps(session, viewer):
        subject = session.get_one(Subject, step.coi)
        yield Item(
            what=f"{step.step} {step.title}", href=step.href, subject=subject.number, coi=step.coi, note=step.note,
            pill=(step.kind, step.word), since=step.since,
        )  # fmt: skip


def _received(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    """Marrow that is here and has no batch yet."""
    rows = session.exec(
        select(Collection, Received).join(Received, col(Received.collection_code) == Collection.code)
        .join(Batch, col(Batch.collection_code) == Collection.code, isouter=True).where(col(Batch.code).is_(None))
    )  # fmt: skip
    for collection, received in rows:
        subject = session.get_one(Subject, collection.subject_code)
        yield Item(
            what="Open the batch record", href=f"/batches/open?collection={collection.code}", subject=subject.number, coi=subject.code,
            since=received.at,
            pill=("warn", "24 h"),
        )  # fmt: skip


def _labels(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    for one in waiting(session):
        many = f"{len(one.labels)} × {one.title}"
        yield Item(what=f"Print {many}", href="/labels", subject=one.subject, coi=one.coi, since=one.since)


def _harvests(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    """Ordered and not yet packed: to collect, or to pack and hand over."""
    rows = session.exec(
        select(Collection, Collected).join(Collected, col(Collected.collection_code) == Collection.code, isouter=True)
        .join(Packed, col(Packed.collection_code) == Collection.code, isouter=True).where(col(Packed.collection_code).is_(None))
        .order_by(col(Collection.planned_at))
    )  # fmt: skip
    for order, collected in rows:
        subject = session.get_one(Subject, order.subject_code)
        what = "Pack the marrow and hand it over" if collected else "Collect the marrow"
        yield Item(what=what, href=f"/collections/{order.code}", subject=subject.number, coi=subject.code, since=order.planned_at)


def _to_bind(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    rows = session.exec(
        select(Subject).join(Bound, col(Bound.subject_code) == Subject.code, isouter=True)
        .join(Withdrawn, col(Withdrawn.subject_code) == Subject.code, isouter=True)
        .where(col(Bound.subject_code).is_(None), col(Withdrawn.subject_code).is_(None)).order_by(col(Subject.at))
    )  # fmt: skip
    for subject in rows:
        yield Item(
            what="Serology, reference sample, binding", href=f"/subjects/{subject.code}/screening", subject=subject.number,
            coi=subject.code, since=subject.at,
        )  # fmt: skip


def _to_order(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    rows = session.exec(
        select(Subject, Bound).join(Bound, col(Bound.subject_code) == Subject.code)
        .join(Collection, col(Collection.subject_code) == Subject.code, isouter=True)
        .join(Withdrawn, col(Withdrawn.subject_code) == Subject.code, isouter=True)
        .where(col(Collection.code).is_(None), col(Withdrawn.subject_code).is_(None)).order_by(col(Bound.at))
    )  # fmt: skip
    for subject, bound in rows:
        yield Item(what="Order the collection", href=f"/scan?code={subject.code}", subject=subject.number, coi=subject.code, since=bound.at)


def _infusions(session: Session, _: Viewer, at: datetime) -> Iterator[Item]:
    """The next infusion of each subject, with the days on which it may start."""
    for one in infusions_to_order(session, at):
        yield Item(
            what=f"Order infusion {one.infusion}", href=f"/subjects/{one.coi}/infusions", subject=one.number, coi=one.coi,
            note=f"{one.first_day} to {one.last_day}", since=one.since,
        )  # fmt: skip


def _routes(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    for one in routes_to_open(session):
        yield Item(what="Open the route", href=f"/subjects/{one.coi}/route", subject=one.number, coi=one.coi, since=one.since)


def _doses(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    for one in orders_to_prepare(session):
        yield Item(
            what=f"Prepare infusion {one.infusion}", href=f"/doses/open?order={one.order}", subject=one.number, coi=one.coi,
            since=one.since, pill=("wait", "Ordered"),
        )  # fmt: skip


def _deviations(session: Session, viewer: Viewer, _: datetime) -> Iterator[Item]:
    for one in visible(session, viewer.person, undecided=True)[0]:
        if one.masked:
            continue  # unmasked QA decides it, and it stands on their list (decision P2)
        subject = session.get(Subject, one.coi) if one.coi else None
        yield Item(
            what=one.sentence, href=f"/deviations/{one.code}", subject=subject.number if subject else "", coi=one.coi if subject else "",
            pill=("warn", one.grade.capitalize()), since=one.at,
        )  # fmt: skip


def _unmasked(found: Callable[[Session], list[WaitingDose]], pill: Pill) -> Callable[[Session, Viewer, datetime], Iterator[Item]]:
    """The list of what waits for an unmasked person; the items name a subject and an infusion, and no arm."""

    def items(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
        for one in found(session):
            subject = session.get_one(Subject, one.coi)
            note = f"infusion {one.infusion}"
            yield Item(what=one.what, href=one.href, subject=subject.number, coi=subject.code, note=note, pill=pill, since=one.since)

    return items


def _holds(session: Session, viewer: Viewer, _: datetime) -> Iterator[Item]:
    for one in holds(session, viewer.person, only_open=True)[0]:
        yield Item(what=one.why, href="/holds", pill=("hold", "On hold"), since=one.at)


def _folders(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    rows = session.exec(
        select(FolderProposed).join(FolderApproved, col(FolderApproved.folder_code) == FolderProposed.code, isouter=True)
        .where(col(FolderApproved.folder_code).is_(None)).order_by(col(FolderProposed.at))
    )  # fmt: skip
    for folder in rows:
        yield Item(what="Approve the trial folder", href="/trial", since=folder.at)


def _roles(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    rows = session.exec(
        select(RoleGranted, Person).join(Person, col(Person.code) == RoleGranted.person)
        .join(RoleCountersigned, col(RoleCountersigned.grant_code) == RoleGranted.code, isouter=True)
        .where(RoleGranted.countersign, col(RoleCountersigned.grant_code).is_(None), col(RoleGranted.ended_at).is_(None))
    )  # fmt: skip
    for grant, person in rows:
        yield Item(what=f"Countersign {person.name} as {grant.role}", href=f"/people/{person.code}", since=grant.at)


def _locked(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    for lock in session.exec(select(PersonLocked).where(col(PersonLocked.ended_at).is_(None))):
        yield Item(what=f"{lock.person} is locked: {lock.why}", href=f"/people/{lock.person}", pill=("stop", "Locked"), since=lock.at)


def _samples(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    for one in to_receive(session):
        yield _tested(f"Receive {one.name}", one, ("wait", "To receive"))


def _results(session: Session, _: Viewer, at: datetime) -> Iterator[Item]:
    """Results to enter, the first to read out first; what is overdue says so."""
    for one in to_record(session, at):
        due = one.due_at.astimezone(at.tzinfo).date() if one.due_at else None
        pill: Pill = ("stop", "Overdue") if one.overdue else ("wait", f"Due {due}" if due else "To enter")
        yield _tested(one.title, one, pill)


def _reviews(session: Session, viewer: Viewer, _: datetime) -> Iterator[Item]:
    for one in to_review(session, viewer.person):
        yield _tested(one.title, one, ("wait", "Another analyst reviews it") if one.mine else ("warn", "To review"))


def _tested(what: str, one: WaitingTest, pill: Pill) -> Item:
    note = f"{one.stage}, {one.name}" if one.test else one.stage
    return Item(what=what, href=one.href, subject=one.subject, coi=one.coi, note=note, pill=pill, since=one.since)


CARE = {Role.COORDINATOR, Role.PHYSICIAN, Role.NURSE}
_LISTS = (
    ({Role.ADMINISTRATOR, Role.QA, Role.PHYSICIAN, Role.COORDINATOR}, "Alerts", "No alert is open.", _alerts),
    ({Role.TECHNICIAN, Role.QA}, "Steps", "No step waits.", _steps),
    ({Role.ANALYST}, "Results to review", "No result waits for a review.", _reviews),
    ({Role.ANALYST}, "Results to enter", "No test waits for its result.", _results),
    ({Role.ANALYST}, "Samples to receive", "No sample is to come.", _samples),
    ({Role.TECHNICIAN}, "Marrow received", "No marrow waits for its batch.", _received),
    ({Role.COURIER, Role.TECHNICIAN, Role.NURSE, Role.PHYSICIAN}, "On its way", "Nothing is on its way.", _on_its_way),
    ({Role.PHYSICIAN, Role.NURSE}, "Harvest", "No collection is ordered.", _harvests),
    (CARE, "Screening", "No subject waits for binding.", _to_bind),
    ({Role.COORDINATOR, Role.PHYSICIAN}, "To be ordered", "Every bound subject has a collection ordered.", _to_order),
    ({Role.TECHNICIAN, Role.PREPARER}, "Labels to print", "No label waits for printing.", _labels),
    ({Role.PREPARER}, "Orders to prepare", "No order waits for a dose.", _doses),
    ({Role.PREPARER}, "Doses begun", "No dose is being prepared.", _unmasked(to_prepare, ("wait", ""))),
    ({Role.UNMASKED_QA}, "Doses to release", "No dose waits for its release.", _unmasked(to_release, ("wait", ""))),
    ({Role.UNMASKED_QA}, "Masked deviations", "No masked deviation is open.", _unmasked(masked_undecided, ("warn", ""))),
    ({Role.PREPARER, Role.UNMASKED_QA}, "Routes to open", "Every released bank has its route.", _routes),
    ({Role.PHYSICIAN}, "Infusions to order", "No infusion can be ordered now.", _infusions),
    ({Role.QA}, "Trial folder", "No trial folder waits for approval.", _folders),
    ({Role.QA}, "Deviations to decide", "No deviation is open.", _deviations),
    ({Role.QA, Role.TECHNICIAN}, "On hold", "Nothing is on hold.", _holds),
    ({Role.QA}, "Roles to countersign", "No role waits.", _roles),
    ({Role.ADMINISTRATOR}, "Locked people", "Nobody is locked.", _locked),
)

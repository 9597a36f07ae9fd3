"""Work that waits, for each role: the first page of everybody. A list is a question to the rows, never a state of its own."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

from sqlmodel import Session, col, select

from backend.access.models import Alert, AlertAcknowledged, Person, PersonLocked, RoleCountersigned, RoleGranted
from backend.access.rules import Role, Viewer
from backend.batch.models import Batch
from backend.batch.reads.waiting import waiting_steps
from backend.collection.models import Collected, Collection, Packed, Received
from backend.collection.reads import is_set_aside, to_collect_again, too_little
from backend.custody.reads.containers import awaited
from backend.custody.reads.labelling import waiting
from backend.desk.reads import treating
from backend.desk.reads.history import proof
from backend.desk.reads.items import Item, Pill, Worklist
from backend.desk.reads.words import listed
from backend.ledger import Ledger, rows_of
from backend.ledger.words import Text, words
from backend.masking.models import RandomisationList
from backend.quality.reads import held, undecided
from backend.subject.models import Bound, Subject, Withdrawn
from backend.trial.models import FolderApproved, FolderProposed
from backend.trial.reads import in_force

MOST = 50


def for_viewer(session: Session, ledger: Ledger, viewer: Viewer, at: datetime) -> list[Worklist]:
    """The lists of this person's roles, the most urgent first, each with at most fifty items and the number of the others."""
    del ledger
    found: list[Worklist] = []
    for roles, title, empty, href, items in _LISTS:
        if viewer.roles & roles:
            rest = items(session, viewer, at)
            first = tuple(islice(rest, MOST))
            found.append(Worklist(title=title, items=first, more=sum(1 for _ in rest), href=href, empty=empty))
    return found


def _alerts(session: Session, viewer: Viewer, _: datetime) -> Iterator[Item]:
    rows = session.exec(
        select(Alert).join(AlertAcknowledged, col(AlertAcknowledged.alert_code) == Alert.code, isouter=True)
        .where(col(AlertAcknowledged.alert_code).is_(None)).order_by(col(Alert.at).desc())
    )  # fmt: skip
    for alert in rows:
        if viewer.roles & set(alert.roles.split(",")):
            yield Item(what=alert.sentence, href="/alerts", pill=("stop", words("Alert")), since=alert.at)


def _on_its_way(session: Session, _: Viewer, at: datetime) -> Iterator[Item]:
    for one in awaited(session, at):
        pill: Pill = ("stop", words("Over %(minutes)s min", minutes=one.within_minutes)) if one.overdue else ("wait", words("On its way"))
        yield Item(
            what=words("%(what)s, given by %(who)s to %(whom)s", what=one.name, who=one.given_by, whom=one.to),
            href=f"/scan?code={one.container}", subject=one.subject, coi=one.coi, pill=pill, since=one.at,
        )  # fmt: skip


def _steps(session: Session, viewer: Viewer, _: datetime) -> Iterator[Item]:
    found = waiting_steps(session, viewer)
    subjects = rows_of(session, Subject, [step.coi for step in found])
    for step in found:
        yield Item(
            what=f"{step.step} {step.title}", href=step.href, subject=subjects[step.coi].number, coi=step.coi, note=step.note,
            pill=(step.kind, step.word), since=step.since,
        )  # fmt: skip


def _received(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    """Marrow that is here and has no batch yet."""
    rows = session.exec(
        select(Collection, Received, Subject).join(Received, col(Received.collection_code) == Collection.code)
        .join(Subject, col(Subject.code) == Collection.subject_code)
        .join(Batch, col(Batch.collection_code) == Collection.code, isouter=True).where(col(Batch.code).is_(None))
    )  # fmt: skip
    for collection, received, subject in rows:
        yield Item(
            what=words("Open the batch record"), href=f"/batches/open?collection={collection.code}", subject=subject.number,
            coi=subject.code, since=received.at, pill=("warn", words("24 h")),
        )  # fmt: skip


def _labels(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    for one in waiting(session):
        what = words("Print %(number)s × %(label)s", number=len(one.labels), label=one.title)
        yield Item(what=what, href="/labels", subject=one.subject, coi=one.coi, since=one.since)


def _harvests(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    """Ordered and not yet packed: to collect, unless the subject has withdrawn, or to pack and hand over, unless it is set aside."""
    rows = session.exec(
        select(Collection, Collected, Withdrawn, Subject)
        .join(Collected, col(Collected.collection_code) == Collection.code, isouter=True)
        .join(Subject, col(Subject.code) == Collection.subject_code)
        .join(Packed, col(Packed.collection_code) == Collection.code, isouter=True)
        .join(Withdrawn, col(Withdrawn.subject_code) == Collection.subject_code, isouter=True)
        .where(col(Packed.collection_code).is_(None)).order_by(col(Collection.planned_at))
    )  # fmt: skip
    for order, took, withdrawn, subject in rows:
        if is_set_aside(session, order, took) if took else withdrawn:
            continue
        what = words("Pack the marrow and hand it over") if took else words("Collect the marrow")
        note = words("too little for a bank") if took and too_little(session, order, took) else ""
        yield Item(
            what=what, href=f"/collections/{order.code}", subject=subject.number, coi=subject.code, note=note, since=order.planned_at,
        )  # fmt: skip


def _to_bind(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    rows = session.exec(
        select(Subject).join(Bound, col(Bound.subject_code) == Subject.code, isouter=True)
        .join(Withdrawn, col(Withdrawn.subject_code) == Subject.code, isouter=True)
        .where(col(Bound.subject_code).is_(None), col(Withdrawn.subject_code).is_(None)).order_by(col(Subject.at))
    )  # fmt: skip
    for subject in rows:
        yield Item(
            what=words("Serology, reference sample, binding"), href=f"/subjects/{subject.code}/screening", subject=subject.number,
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
        yield Item(
            what=words("Order the collection"), href=f"/scan?code={subject.code}", subject=subject.number, coi=subject.code, since=bound.at,
        )  # fmt: skip
    yield from _to_order_again(session)


def _to_order_again(session: Session) -> Iterator[Item]:
    """Too little marrow was collected, and neither is it made into a batch nor is another harvest ordered."""
    used = set(session.exec(select(Batch.collection_code)))
    gone = set(session.exec(select(Withdrawn.subject_code)))
    for order, took in to_collect_again(session):
        if order.code not in used and order.subject_code not in gone:
            subject = session.get_one(Subject, order.subject_code)
            yield Item(
                what=words("Order the harvest again"), href=f"/collections/order/{subject.code}", subject=subject.number, coi=subject.code,
                note=words("%(ml)s mL collected", ml=took.volume_ml), since=took.at,
            )  # fmt: skip


def _deviations(session: Session, viewer: Viewer, _: datetime) -> Iterator[Item]:
    found = [one for one in undecided(session, viewer.person) if not one.masked]  # unmasked QA decides those, on their list (decision P2)
    subjects = rows_of(session, Subject, [one.coi for one in found])
    for one in found:
        subject = subjects.get(one.coi)
        yield Item(
            what=one.sentence, href=f"/deviations/{one.code}", subject=subject.number if subject else "", coi=one.coi if subject else "",
            pill=("warn", listed(one.grade.capitalize())), since=one.at,
        )  # fmt: skip


def _holds(session: Session, viewer: Viewer, _: datetime) -> Iterator[Item]:
    for one in held(session, viewer.person):
        yield Item(what=one.why, href="/holds", pill=("hold", words("On hold")), since=one.at)


def _folders(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    rows = session.exec(
        select(FolderProposed).join(FolderApproved, col(FolderApproved.folder_code) == FolderProposed.code, isouter=True)
        .where(col(FolderApproved.folder_code).is_(None)).order_by(col(FolderProposed.at))
    )  # fmt: skip
    for folder in rows:
        yield Item(what=words("Approve the trial folder"), href="/trial", since=folder.at)


def _roles(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    rows = session.exec(
        select(RoleGranted, Person).join(Person, col(Person.code) == RoleGranted.person)
        .join(RoleCountersigned, col(RoleCountersigned.grant_code) == RoleGranted.code, isouter=True)
        .where(RoleGranted.countersign, col(RoleCountersigned.grant_code).is_(None), col(RoleGranted.ended_at).is_(None))
    )  # fmt: skip
    for grant, person in rows:
        what = words("Countersign %(name)s as %(role)s", name=person.name, role=listed(grant.role))
        yield Item(what=what, href=f"/people/{person.code}", since=grant.at)


def _locked(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    for lock in session.exec(select(PersonLocked).where(col(PersonLocked.ended_at).is_(None))):
        what = words("%(person)s is locked: %(why)s", person=lock.person, why=lock.why)
        yield Item(what=what, href=f"/people/{lock.person}", pill=("stop", words("Locked")), since=lock.at)


def _list_to_import(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    """The randomisation list, once there is a folder whose arms it can be checked against and until it is sealed."""
    approved = in_force(session)
    if approved and session.exec(select(RandomisationList.code)).first() is None:
        yield Item(what=words("Import the randomisation list"), href="/randomisation", since=approved.at)


def _proof(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    """When the record was last verified, and with what answer."""
    last = proof(session)
    if last.at is None:
        yield Item(what=words("The record has not been verified here yet"), href="/history", pill=("warn", words("Verify it")))
    elif last.faults:
        what = words("%(number)s faults, the first: %(first)s", number=last.faults, first=last.first)
        yield Item(what=what, href="/history", pill=("stop", words("Faults")), since=last.at)
    else:
        what = words("No fault in %(number)s entries; %(more)s since", number=last.entries, more=last.since)
        yield Item(what=what, href="/history", pill=("go", words("Verified")), since=last.at)


def _nothing(_: Session, __: Viewer, ___: datetime) -> Iterator[Item]:
    return iter(())


CARE = {Role.COORDINATOR, Role.PHYSICIAN, Role.NURSE}
_LISTS: tuple[tuple[set[Role], Text, Text, str, Callable[[Session, Viewer, datetime], Iterator[Item]]], ...] = (
    ({Role.ADMINISTRATOR, Role.QA, Role.PHYSICIAN, Role.COORDINATOR}, words("Alerts"), words("No alert is open."), "/alerts", _alerts),
    ({Role.TECHNICIAN, Role.QA}, words("Steps"), words("No step waits."), "/batches", _steps),
    ({Role.TECHNICIAN}, words("Marrow received"), words("No marrow waits for its batch."), "/collections", _received),
    (
        {Role.COURIER, Role.TECHNICIAN, Role.NURSE, Role.PHYSICIAN}, words("On its way"), words("Nothing is on its way."), "/hand-overs",
        _on_its_way,
    ),
    ({Role.PHYSICIAN, Role.NURSE}, words("Harvest"), words("No collection is ordered."), "/collections", _harvests),
    (CARE, words("Screening"), words("No subject waits for binding."), "/subjects", _to_bind),
    (
        {Role.COORDINATOR, Role.PHYSICIAN}, words("To be ordered"), words("Every bound subject has a collection ordered."), "/subjects",
        _to_order,
    ),
    *treating.LISTS,
    ({Role.TECHNICIAN, Role.PREPARER}, words("Labels to print"), words("No label waits for printing."), "/labels", _labels),
    ({Role.QA}, words("Trial folder"), words("No trial folder waits for approval."), "/trial", _folders),
    ({Role.QA}, words("Deviations to decide"), words("No deviation is open."), "/deviations", _deviations),
    ({Role.QA, Role.TECHNICIAN}, words("On hold"), words("Nothing is on hold."), "/holds", _holds),
    ({Role.QA}, words("Roles to countersign"), words("No role waits."), "/people", _roles),
    ({Role.ADMINISTRATOR}, words("Locked people"), words("Nobody is locked."), "/people", _locked),
    ({Role.RANDOMISER}, words("Randomisation"), words("No randomisation list waits to be imported."), "/randomisation", _list_to_import),
    ({Role.INSPECTOR}, words("Proof of the record"), words("The record has not been verified here yet"), "/history", _proof),
    ({Role.ASSESSOR}, words("Assessment"), words("Nothing in this record waits for an assessor."), "/subjects", _nothing),
)  # fmt: skip

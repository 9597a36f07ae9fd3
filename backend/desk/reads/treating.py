"""The second half of everybody's work: tests, banks, routes, orders, doses, infusions, and subjects that have come to their end."""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlmodel import Session

from backend.access.rules import Role, Viewer
from backend.bedside.reads import lines
from backend.desk.reads.items import Item, Pill
from backend.dose.reads import masked_undecided, to_lift, to_prepare, to_release
from backend.dose.reads.ordering import infusions_to_order, orders_to_prepare, routes_to_open
from backend.dose.reads.waiting import WaitingDose
from backend.dossier.reads.account import against_closing, to_close
from backend.ledger import rows_of
from backend.ledger.words import Text, words
from backend.release.reads import waiting_banks
from backend.subject.models import Subject
from backend.testing.reads import WaitingTest, to_receive, to_record, to_review

Items = Callable[[Session, Viewer, datetime], Iterator[Item]]


def _samples(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    for one in to_receive(session):
        yield _tested(words("Receive %(name)s", name=one.name), one, ("wait", words("To receive")))


def _results(session: Session, _: Viewer, at: datetime) -> Iterator[Item]:
    """Results to enter, the first to read out first; what is overdue says so."""
    for one in to_record(session, at):
        due = one.due_at.astimezone(at.tzinfo).date() if one.due_at else None
        said = words("Due %(day)s", day=due) if due else words("To enter")
        yield _tested(one.title, one, ("stop", words("Overdue")) if one.overdue else ("wait", said))


def _reviews(session: Session, viewer: Viewer, _: datetime) -> Iterator[Item]:
    for one in to_review(session, viewer.person):
        yield _tested(one.title, one, ("wait", words("Another analyst reviews it")) if one.mine else ("warn", words("To review")))


def _tested(what: Text, one: WaitingTest, pill: Pill) -> Item:
    note = f"{one.stage}, {one.name}" if one.test else one.stage
    return Item(what=what, href=one.href, subject=one.subject, coi=one.coi, note=note, pill=pill, since=one.since)


def _banks(session: Session, viewer: Viewer, _: datetime) -> Iterator[Item]:
    """Banks whose master record is carried out, for QA to release or reject."""
    found = waiting_banks(session, viewer)
    subjects = rows_of(session, Subject, [one.coi for one in found])
    for one in found:
        pill: Pill = ("wait", words("Reasons against: %(number)s", number=one.reasons)) if one.reasons else ("go", words("Ready"))
        yield Item(
            what=words("Review the batch record"), href=one.href, subject=subjects[one.coi].number, coi=one.coi, note=one.first, pill=pill,
            since=one.since,
        )  # fmt: skip


def _next_infusions(session: Session, _: Viewer, at: datetime) -> Iterator[Item]:
    """The next infusion of each subject, with the days on which it may start."""
    for one in infusions_to_order(session, at):
        yield Item(
            what=words("Order infusion %(number)s", number=one.infusion), href=f"/subjects/{one.coi}/infusions", subject=one.number,
            coi=one.coi, note=words("%(first)s to %(last)s", first=one.first_day, last=one.last_day), since=one.since,
        )  # fmt: skip


def _routes(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    for one in routes_to_open(session):
        yield Item(what=words("Open the route"), href=f"/subjects/{one.coi}/route", subject=one.number, coi=one.coi, since=one.since)


def _ordered(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    for one in orders_to_prepare(session):
        yield Item(
            what=words("Prepare infusion %(number)s", number=one.infusion), href=f"/doses/open?order={one.order}", subject=one.number,
            coi=one.coi, since=one.since,
        )  # fmt: skip


def _doses(found: Callable[[Session], list[WaitingDose]], pill: Pill) -> Items:
    """The list of what waits for an unmasked person; the items name a subject and an infusion, and no arm."""

    def items(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
        waits = found(session)
        subjects = rows_of(session, Subject, [one.coi for one in waits])
        for one in waits:
            note = words("infusion %(number)s", number=one.infusion)
            yield Item(what=one.what, href=one.href, subject=subjects[one.coi].number, coi=one.coi, note=note, pill=pill, since=one.since)

    return items


BEDSIDE = {
    "ordered": ("wait", words("Being prepared"), words("Infusion")),
    "on its way": ("wait", words("On its way"), words("Receive the dose")),
    "filled": ("go", words("Dose is made"), words("Check at the bedside")),
    "running": ("warn", words("Running"), words("Record the end of the infusion")),
    "over": ("wait", words("To be cleared"), words("Clear the infusion for the next")),
}
"""What is to be done about an infusion in each of its states."""


def _infusions(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    """Ordered and not cleared: to check and give, to end, to clear."""
    for one in lines(session):
        kind, word, what = BEDSIDE[one.state]
        note = words("infusion %(number)s", number=one.infusion)
        pill: Pill = (kind, word)
        yield Item(
            what=what, href=f"/bedside/{one.code}", subject=one.subject, coi=one.coi, note=note, pill=pill, since=one.planned_at,
        )  # fmt: skip


def _to_close(session: Session, _: Viewer, __: datetime) -> Iterator[Item]:
    found = to_close(session)
    against = against_closing(session, [coi for coi, _, _ in found]) if found else {}
    for coi, number, since in found:
        open_things = len(against[coi])
        pill: Pill = ("warn", words("Open: %(number)s", number=open_things)) if open_things else ("go", words("Ready"))
        yield Item(what=words("Close the subject"), href=f"/subjects/{coi}/account", subject=number, coi=coi, pill=pill, since=since)


LISTS: tuple[tuple[set[Role], Text, Text, str, Items], ...] = (
    ({Role.PHYSICIAN, Role.NURSE}, words("Infusions"), words("No infusion is ordered."), "/bedside", _infusions),
    ({Role.PHYSICIAN}, words("Infusions to order"), words("No infusion can be ordered now."), "/subjects", _next_infusions),
    ({Role.ANALYST}, words("Results to review"), words("No result waits for a review."), "/testing", _reviews),
    ({Role.ANALYST}, words("Results to enter"), words("No test waits for its result."), "/testing", _results),
    ({Role.ANALYST}, words("Samples to receive"), words("No sample is to come."), "/testing", _samples),
    ({Role.PREPARER, Role.UNMASKED_QA}, words("Routes to open"), words("Every released bank has its route."), "/subjects", _routes),
    ({Role.PREPARER}, words("Doses in preparation"), words("No dose is being prepared."), "/", _doses(to_prepare, ("wait", ""))),
    ({Role.PREPARER}, words("Orders to prepare"), words("No order waits for a dose."), "/", _ordered),
    ({Role.UNMASKED_QA}, words("Doses to release"), words("No dose waits for its release."), "/", _doses(to_release, ("wait", ""))),
    (
        {Role.UNMASKED_QA}, words("Masked deviations"), words("No masked deviation is open."), "/",
        _doses(masked_undecided, ("warn", "")),
    ),
    ({Role.UNMASKED_QA}, words("Corrections that hold a dose"), words("No correction holds a dose."), "/", _doses(to_lift, ("hold", ""))),
    ({Role.QA}, words("Banks to release"), words("No bank waits for release."), "/batches", _banks),
    ({Role.QA}, words("Subjects to close"), words("No subject has come to its end."), "/subjects", _to_close),
)  # fmt: skip

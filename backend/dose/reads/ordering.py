"""What may be known of routes and orders: rows for acts, and the windows of a subject made for one viewer.

A route is in a view only for who may know it, and only once it is open; an assessor is told the dates of infusions and nothing else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.access.reads import names_of
from backend.access.rules import Role, Viewer
from backend.batch.models import Batch, BatchDecision
from backend.collection.models import Collected
from backend.collection.reads import all_collected, collected
from backend.dose.models import Administration, Cleared, Dose, DoseDecision, Order, RouteOpened
from backend.dose.rules.ordering import GIVEN, Past, against_opening, against_subject, days_of, next_infusion, state
from backend.dose.rules.timing import window
from backend.ledger import UnknownCode, each, gathered, rows_of
from backend.quality.reads import open_holds
from backend.subject.models import Subject, Withdrawn
from backend.subject.reads import consent_is_current, is_bound, is_withdrawn, subject_of
from backend.trial.reads import current, folder, local_day, local_time, status
from backend.trial.rules import TrialFile


def bank_of(session: Session, coi: str) -> Batch | None:
    """The bank of this subject that QA released; the latest, when a second one had to be made."""
    return banks_of(session, [coi]).get(coi)


@each
def banks_of(session: Session, cois: list[str]) -> Mapping[str, Batch]:
    """By subject, the bank that QA released; the latest, when a second one had to be made."""
    released = (
        select(Batch).join(BatchDecision, col(BatchDecision.batch_code) == Batch.code)
        .where(col(Batch.coi).in_(cois), BatchDecision.decision == "released").order_by(col(BatchDecision.at))
    )  # fmt: skip
    return {bank.coi: bank for bank in session.exec(released)}


def collected_on(session: Session, batch: Batch) -> date:
    """The day, by the site's clock, on which the collection ended that this bank came from: windows count from it (decision D2)."""
    took = collected(session, batch.collection_code)
    if took is None:
        raise UnknownCode(batch.collection_code)
    return local_day(folder(session, batch.folder_code).trial, took.ended_at)


def trial_of(session: Session, bank: Batch | None) -> TrialFile:
    """The trial as it is for this subject's infusions: the folder that the bank was made under, for its whole life."""
    return (folder(session, bank.folder_code) if bank else current(session)).trial


def route_of(session: Session, coi: str) -> str | None:
    """The open route of a subject; None before it is opened, for everybody."""
    row = session.get(RouteOpened, coi)
    return row.route if row else None


def live_order(session: Session, coi: str, infusion: int) -> Order | None:
    """The order of this infusion that has not ended."""
    return session.exec(select(Order).where(Order.coi == coi, Order.infusion == infusion, col(Order.ended_at).is_(None))).first()


def live_orders(session: Session, coi: str) -> list[Order]:
    """The orders of this subject that have not ended, by infusion."""
    return all_live_orders(session, [coi]).get(coi, [])


@each
def all_live_orders(session: Session, cois: list[str]) -> Mapping[str, list[Order]]:
    """By subject, the orders that have not ended, by infusion."""
    rows = session.exec(select(Order).where(col(Order.coi).in_(cois), col(Order.ended_at).is_(None)).order_by(col(Order.infusion)))
    return gathered((row.coi, row) for row in rows)


def live_doses(session: Session, coi: str) -> list[Dose]:
    """The doses of this subject that were not disposed of."""
    return list(session.exec(select(Dose).where(Dose.coi == coi, col(Dose.ended_at).is_(None)).order_by(col(Dose.infusion))))


def given(session: Session, coi: str) -> list[Administration]:
    """The infusions that were given, a partial one too and one that delivered nothing not (decisions T4, T5); the first one first."""
    return all_given(session, [coi]).get(coi, [])


@each
def all_given(session: Session, cois: list[str]) -> Mapping[str, list[Administration]]:
    """By subject, the infusions that were given, the first one first."""
    rows = select(Administration).where(col(Administration.coi).in_(cois), col(Administration.annulled_at).is_(None))
    return gathered((row.coi, row) for row in session.exec(rows.order_by(col(Administration.infusion))))


@each
def all_cleared(session: Session, cois: list[str]) -> Mapping[str, dict[int, datetime]]:
    """By subject, the infusions that a physician has cleared, and when."""
    found: dict[str, dict[int, datetime]] = defaultdict(dict)
    for row in session.exec(select(Cleared).where(col(Cleared.coi).in_(cois))):
        found[row.coi][row.infusion] = row.at
    return found


def holds_of(session: Session, coi: str, bank: Batch | None) -> list[str]:
    """Why this subject's infusions are on hold: the subject, the bank, its collection, a dose that was given or may be."""
    about = [coi, *((bank.code, bank.collection_code) if bank else ()), *(dose.code for dose in live_doses(session, coi))]
    return [hold.why for hold in open_holds(session, about)]


def against_route(session: Session, coi: str) -> list[str]:
    """Every reason why the route of this subject cannot be opened now; the list is asked for inside the act (decision R1)."""
    bank, is_open = bank_of(session, coi), session.get(RouteOpened, coi) is not None
    held = holds_of(session, coi, bank)
    return list(against_opening(is_open, is_withdrawn(session, coi), bank is not None, status(session), held))


def past_of(session: Session, coi: str, bank: Batch | None, trial: TrialFile) -> Past:
    """What has happened to this subject so far. Before a bank is released the latest collection stands for the one it will come from."""
    took = all_collected(session, [coi]).get(coi, [])
    latest = local_day(trial, took[-1].ended_at) if took else None
    return Past(
        collected_on=collected_on(session, bank) if bank else latest,
        given_on={one.infusion: local_day(trial, one.started_at) for one in given(session, coi)},
        cleared=frozenset(all_cleared(session, [coi]).get(coi, {})),
        ordered=frozenset(one.infusion for one in live_orders(session, coi)),
    )  # fmt: skip


def against_giving(session: Session, coi: str, bank: Batch | None) -> list[str]:
    """Every reason why nothing is given to this subject now: binding, withdrawal, consent, the trial, a hold."""
    consent = consent_is_current(session, coi, current(session).trial)
    held = holds_of(session, coi, bank)
    return list(against_subject(is_bound(session, coi), is_withdrawn(session, coi), consent, status(session), held))


def next_to_order(session: Session, coi: str) -> bool:
    """For `ready=`: whether an infusion of this subject can be ordered next."""
    if session.get(RouteOpened, coi) is None or is_withdrawn(session, coi):
        return False
    bank = bank_of(session, coi)
    trial = trial_of(session, bank)
    return next_infusion(trial, past_of(session, coi, bank, trial)) is not None


def prepared(session: Session, coi: str) -> frozenset[int]:
    """The infusions for which a released dose is there."""
    rows = session.exec(
        select(Dose.infusion).join(DoseDecision, col(DoseDecision.dose_code) == Dose.code)
        .where(Dose.coi == coi, col(Dose.ended_at).is_(None), DoseDecision.decision == "released")
    )  # fmt: skip
    return frozenset(rows)


# ---- for viewers ----


class Frozen(BaseModel):
    """A view: values only, made for one viewer."""

    model_config = ConfigDict(frozen=True)


class InfusionView(Frozen):
    """One infusion: how far it is, and on which days it may start. Of an assessor's only `infusion`, `state` and `given_at` are filled."""

    infusion: int
    state: str
    order: str = ""
    planned_at: datetime | None = None
    ordered_at: datetime | None = None
    ordered_by: str = ""
    weight: str = ""
    given_at: datetime | None = None
    cleared_at: datetime | None = None
    first_day: date | None = None
    last_day: date | None = None
    may_cancel: bool = False


class WindowsView(Frozen):
    """The infusions of one subject. `route` is empty before it is open, and always for who may never know it."""

    coi: str
    number: str
    collected_on: date | None = None
    opens_on: date | None = None
    closes_on: date | None = None
    released: bool = False
    route_opened_at: datetime | None = None
    route: str = ""
    access: str = ""
    following: int | None = None
    infusions: tuple[InfusionView, ...] = ()


def windows(session: Session, coi: str, viewer: Viewer) -> WindowsView:
    """The infusions of a subject as this viewer may know them; UnknownCode when there is none, or none for them (decision P4)."""
    row = subject_of(session, coi)
    if not viewer.sees_subjects:
        raise UnknownCode(coi)
    if not viewer.reads_record:
        dates = given(session, coi) if Role.ASSESSOR in viewer.roles else []
        seen = (InfusionView(infusion=one.infusion, state=GIVEN, given_at=one.started_at) for one in dates)
        return WindowsView(coi=coi, number=row.number, infusions=tuple(seen))
    bank = bank_of(session, coi)
    trial = trial_of(session, bank)
    past = past_of(session, coi, bank, trial)
    opens_on, closes_on = window(trial, past.collected_on) if past.collected_on else (None, None)
    opened = session.get(RouteOpened, coi)
    shown = trial.routes.get(opened.route) if opened and viewer.sees_route else None
    following = None if is_withdrawn(session, coi) or not opened else next_infusion(trial, past)
    return WindowsView(
        coi=coi, number=row.number, collected_on=past.collected_on, opens_on=opens_on, closes_on=closes_on, released=bank is not None,
        route_opened_at=opened.at if opened else None, route=shown.en if shown else "", access=shown.access if shown else "",
        following=following, infusions=tuple(_infusions(session, coi, trial, past)),
    )  # fmt: skip


def _infusions(session: Session, coi: str, trial: TrialFile, past: Past) -> Iterable[InfusionView]:
    orders = {one.infusion: one for one in live_orders(session, coi)}
    gave = {one.infusion: one for one in given(session, coi)}
    cleared = all_cleared(session, [coi]).get(coi, {})
    names = names_of(session, {one.by for one in orders.values()})
    ready, doses = prepared(session, coi), {one.infusion for one in live_doses(session, coi)}
    for n in range(1, trial.infusions.count + 1):
        order, days = orders.get(n), days_of(trial, n, past)
        yield InfusionView(
            infusion=n, state=state(n, past, ready), order=order.code if order else "", planned_at=order.planned_at if order else None,
            ordered_at=order.at if order else None, ordered_by=names.get(order.by, order.by) if order else "",
            weight=f"{order.weight_kg} kg, {order.weighed_on}" if order else "", given_at=gave[n].started_at if n in gave else None,
            cleared_at=cleared.get(n), first_day=days[0] if days else None, last_day=days[1] if days else None,
            may_cancel=order is not None and n not in gave and n not in doses,
        )  # fmt: skip


class Waiting(Frozen):
    """Something about one subject's infusions that waits for somebody: what, since when, and until which day at the latest."""

    coi: str
    number: str
    infusion: int = 0
    order: str = ""
    since: datetime | None = None
    first_day: date | None = None
    last_day: date | None = None


def routes_to_open(session: Session) -> list[Waiting]:
    """The subjects whose bank is released and whose route is not open; who withdrew before it is not among them (decision R1)."""
    rows = session.exec(
        select(BatchDecision, Batch).join(Batch, col(Batch.code) == BatchDecision.batch_code)
        .join(RouteOpened, col(RouteOpened.coi) == Batch.coi, isouter=True)
        .where(BatchDecision.decision == "released", col(RouteOpened.coi).is_(None)).order_by(col(BatchDecision.at))
    )  # fmt: skip
    found = {batch.coi: decision.at for decision, batch in rows}
    gone, subjects = rows_of(session, Withdrawn, found), rows_of(session, Subject, found)
    return [Waiting(coi=coi, number=subjects[coi].number, since=at) for coi, at in found.items() if coi not in gone]


def infusions_to_order(session: Session, at: datetime) -> list[Waiting]:
    """The subjects for whom an infusion can be ordered next, and the days on which it may start; not those whose window has closed."""
    rows = session.exec(
        select(RouteOpened, Subject.number).join(Subject, col(Subject.code) == RouteOpened.coi)
        .join(Withdrawn, col(Withdrawn.subject_code) == Subject.code, isouter=True)
        .where(col(Withdrawn.subject_code).is_(None)).order_by(col(RouteOpened.at))
    ).all()  # fmt: skip
    banks = _look_up(session, [opened.coi for opened, _ in rows])
    found = []
    for opened, number in rows:
        bank = banks.get(opened.coi)
        trial = trial_of(session, bank)
        past = past_of(session, opened.coi, bank, trial)
        following = next_infusion(trial, past)
        days = days_of(trial, following, past) if following else None
        if following and days and local_time(trial, at).date() <= days[1]:
            found.append(Waiting(
                coi=opened.coi, number=number, infusion=following, since=opened.at, first_day=days[0], last_day=days[1],
            ))  # fmt: skip
    return sorted(found, key=lambda one: (one.first_day or date.max, one.number))


def _look_up(session: Session, cois: list[str]) -> dict[str, Batch]:
    """The banks of these subjects; and everything that `past_of` is going to ask of each of them is known to the session."""
    for read in (all_collected, all_given, all_cleared, all_live_orders):
        read(session, cois)
    banks = banks_of(session, cois)
    rows_of(session, Collected, [bank.collection_code for bank in banks.values()])
    return banks


def orders_to_prepare(session: Session) -> list[Waiting]:
    """The orders in force for which nobody has begun a dose and which were not given, by their planned start."""
    begun = select(Dose.order_code).where(col(Dose.ended_at).is_(None))
    gave = select(Administration.order_code).where(col(Administration.annulled_at).is_(None))
    gone = select(Withdrawn.subject_code)
    rows = session.exec(
        select(Order, Subject.number).join(Subject, col(Subject.code) == Order.coi)
        .where(
            col(Order.ended_at).is_(None), col(Order.code).not_in(begun), col(Order.code).not_in(gave), col(Order.coi).not_in(gone),
        )
        .order_by(col(Order.planned_at), col(Order.code))
    )  # fmt: skip
    return [Waiting(coi=one.coi, number=number, infusion=one.infusion, order=one.code, since=one.planned_at) for one, number in rows]

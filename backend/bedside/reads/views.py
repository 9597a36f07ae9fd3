"""What the bedside's pages show, for one viewer: the orders, one order with its infusion, one check with what was scanned.

Who sees names sees whose dose it is by name; all others, and every stop, by number and CoI. No route before the access is stated (R4):
not even the last start, which would tell it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, case
from sqlmodel import Session, and_, col, select

from backend.access.reads import names_of
from backend.access.rules import Viewer
from backend.bedside import rules
from backend.bedside.models import Checked, Confirmed, Finished, NothingGiven
from backend.bedside.reads.facts import Asked, facts_of, is_cleared
from backend.custody.models import HandedOver
from backend.dose.models import Administration, Cleared, Dose, DoseFilled, Order
from backend.dose.rules.timing import last_start
from backend.ledger import Code, UnknownCode
from backend.ledger.sealing import Keyring
from backend.subject.models import Subject
from backend.subject.reads import identity_of
from backend.trial.reads import current, local_day, local_time
from backend.trial.rules import TrialFile

POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Frozen(BaseModel):
    """A view: values only, made for one viewer."""

    model_config = ConfigDict(frozen=True)


class Line(Frozen):
    """An order in the ward's list. `state` is ordered, on its way, on the ward, running, over, cleared or ended."""

    code: str
    coi: str
    subject: str
    infusion: int
    planned_at: datetime
    planned_on: date
    state: str
    expires_at: datetime | None


class OrderView(Frozen):
    """One order before the check: whose, which infusion, what to call; no route."""

    code: str
    coi: str
    subject: str
    name: str
    born: str
    infusion: int
    count: int
    planned_at: datetime | None
    state: str
    expires_at: datetime | None
    container: str
    accesses: tuple[str, ...]
    phone: str


class CheckedView(Frozen):
    """One check as it was answered, and as it would be answered now."""

    code: str
    at: datetime
    by: str
    access: str
    wristband: str
    dose: str
    stops: tuple[str, ...]
    now_stops: tuple[str, ...]
    wristband_of: tuple[str, str]
    dose_of: tuple[str, str]
    route: str
    cells: str
    label_ml: Decimal | None
    expires_at: datetime | None
    start_by: datetime | None
    second: str
    second_at: datetime | None
    second_missing: tuple[str, ...]


class AfterView(Frozen):
    """An infusion from its start on."""

    code: str
    started_at: datetime
    by: str
    second: str
    label_ml: Decimal
    expires_at: datetime
    ended_at: datetime | None
    given_ml: Decimal | None
    left_ml: Decimal | None
    stopped_because: str
    events: str
    nothing: bool
    lost_ml: Decimal | None
    loss: str
    cleared: bool


def lines(session: Session) -> list[Line]:
    """Every order that is in force and whose infusion is not cleared, by its planned time; asked in one question."""
    found = _orders(session, and_(col(Order.ended_at).is_(None), col(Cleared.code).is_(None)))
    if not found:
        return []
    trial = current(session).trial
    return [
        Line(
            code=one.order.code, coi=one.order.coi, subject=one.number, infusion=one.order.infusion, planned_at=one.order.planned_at,
            planned_on=local_day(trial, one.order.planned_at), state=one.state, expires_at=one.filled.expires_at if one.filled else None,
        )
        for one in found
    ]  # fmt: skip


def order_view(session: Session, keyring: Keyring, order: Order, viewer: Viewer) -> OrderView:
    """One order as this viewer may see it."""
    (one,) = _orders(session, col(Order.code) == order.code)
    return OrderView(
        code=order.code, infusion=order.infusion, planned_at=order.planned_at, state=one.state,
        expires_at=one.filled.expires_at if one.filled else None, container=one.filled.container_code if one.filled else "",
        **_around(session, keyring, session.get_one(Subject, order.coi), viewer),
    )  # fmt: skip


def without_order(session: Session, keyring: Keyring, code: str, viewer: Viewer) -> OrderView:
    """The subject whose wristband, CoI or dose was scanned and who has no order; UnknownCode for any other code."""
    known = session.get(Code, code) if code[:1] in {"W", "S", "L", "C"} else None
    subject = session.get(Subject, known.chain) if known else None
    if subject is None:
        raise UnknownCode(code)
    return OrderView(
        code=code, infusion=0, planned_at=None, state="none", expires_at=None, container="",
        **_around(session, keyring, subject, viewer),
    )  # fmt: skip


def _around(session: Session, keyring: Keyring, subject: Subject, viewer: Viewer) -> dict[str, Any]:
    """What the ward's page says of a subject, whatever is ordered."""
    trial = current(session).trial
    who = identity_of(session, keyring, subject) if viewer.sees_names else None
    return {
        "coi": subject.code, "subject": subject.number, "name": who.full_name if who else "", "born": who.birth_date if who else "",
        "count": trial.infusions.count, "accesses": tuple(route.access for route in trial.routes.values()), "phone": trial.contact.phone,
    }  # fmt: skip


@dataclass(frozen=True)
class _Far:
    """An order, whose, its filled dose, and how far it is."""

    order: Order
    number: str
    filled: DoseFilled | None
    state: str


def _orders(session: Session, which: ColumnElement[bool]) -> list[_Far]:
    """These orders with how far each is: ordered, filled, on its way, running, over, cleared or ended."""
    given = col(Administration.code).is_not(None)
    far = case(
        (col(Order.ended_at).is_not(None), "ended"), (and_(given, col(Cleared.code).is_not(None)), "cleared"),
        (col(Finished.administration_code).is_not(None), "over"), (given, "running"), (col(HandedOver.code).is_not(None), "on its way"),
        (col(DoseFilled.dose_code).is_not(None), "filled"), else_="ordered",
    )  # fmt: skip
    rows = session.exec(
        select(Order, Subject.number, DoseFilled, far)
        .join(Subject, col(Subject.code) == Order.coi)
        .join(Dose, and_(col(Dose.order_code) == Order.code, col(Dose.ended_at).is_(None)), isouter=True)
        .join(DoseFilled, col(DoseFilled.dose_code) == Dose.code, isouter=True)
        .join(HandedOver, and_(HandedOver.container_code == DoseFilled.container_code, col(HandedOver.ended_at).is_(None)), isouter=True)
        .join(Administration, and_(Administration.dose_code == Dose.code, col(Administration.annulled_at).is_(None)), isouter=True)
        .join(Finished, col(Finished.administration_code) == Administration.code, isouter=True)
        .join(Cleared, and_(col(Cleared.coi) == Order.coi, col(Cleared.infusion) == Order.infusion), isouter=True)
        .where(which).order_by(col(Order.planned_at), col(Order.code))
    )  # fmt: skip
    return [_Far(order, number, filled, state) for order, number, filled, state in rows]


def administration_of(session: Session, order: Order) -> Administration | None:
    """The infusion that was started by this order, annulled or not; the newest."""
    started = select(Administration).where(Administration.order_code == order.code).order_by(col(Administration.started_at).desc())
    return session.exec(started).first()


def checked_view(session: Session, asked_for: str, code: str, at: datetime, person: str) -> CheckedView:
    """A check of this order, or of this code without one: what was told then, and what the same scans come to now, for who would give."""
    row, order = session.get(Checked, code), session.get(Order, asked_for)
    if row is None or row.order_code != asked_for:
        raise UnknownCode(code)
    asked = Asked(row.order_code, row.access, row.wristband, row.dose)
    found = facts_of(session, asked, at, person)
    now_stops = tuple(rules.stops(facts_of(session, asked, at)))
    word, dose, band, label = rules.serving(found), found.dose, found.wristband, found.label
    filled, route = session.get(DoseFilled, dose.code) if dose else None, found.trial.routes.get(order.route) if order else None
    return CheckedView(
        code=code, at=row.at, by=_name(session, row.by), access=row.access, wristband=band.code if band else row.wristband,
        dose=label.code if label else row.dose, stops=tuple(row.stops.splitlines()), now_stops=now_stops,
        wristband_of=(band.of.number, band.of.coi) if band else ("", ""), dose_of=(dose.of.number, dose.of.coi) if dose else ("", ""),
        route=route.en if route else "", cells=cells_of(found.trial, order.route if order else ""),
        label_ml=filled.label_ml if filled else None,
        expires_at=filled.expires_at if filled else None,
        start_by=last_start(local_time(found.trial, filled.expires_at), route.planned.length) if filled and route else None,
        second=word.name if word else "", second_at=word.at if word else None,
        second_missing=tuple(one for one in rules.stops(found) if one not in now_stops),
    )  # fmt: skip


def cells_of(trial: TrialFile, route: str) -> str:
    """The viable cells that a dose by this route may hold, every arm of the route in one breath: nothing tells which (decision S2)."""
    return " or ".join(_power(dose) for dose in sorted({arm.dose.number for arm in trial.arms.values() if arm.route == route}))


def _power(number: Decimal) -> str:
    """2.5×10⁶, as people read it."""
    exponent = number.adjusted()
    front = (number / Decimal(10) ** exponent).quantize(Decimal("0.1"))
    return f"{front}×10{str(exponent).translate(POWERS)}"


def after_view(session: Session, order: Order) -> AfterView | None:
    """The infusion that was started by this order, or None."""
    row = administration_of(session, order)
    if row is None:
        return None
    filled, done, nothing = session.get_one(DoseFilled, row.dose_code), session.get(Finished, row.code), session.get(NothingGiven, row.code)
    return AfterView(
        code=row.code, started_at=row.started_at, by=_name(session, row.by), second=_name(session, row.second), label_ml=filled.label_ml,
        expires_at=filled.expires_at, ended_at=done.ended_infusion_at if done else None, given_ml=done.given_ml if done else None,
        left_ml=done.left_ml if done else None, stopped_because=done.stopped_because if done else "", events=done.events if done else "",
        nothing=nothing is not None, lost_ml=nothing.left_ml if nothing else None, loss=nothing.loss if nothing else "",
        cleared=is_cleared(session, order.coi, order.infusion),
    )  # fmt: skip


def confirmed_by(session: Session, order: Order, person: str) -> Iterator[datetime]:
    """When this person confirmed this order and the confirmation was not used yet, the newest first."""
    mine = select(Confirmed.at).where(
        Confirmed.order_code == order.code, Confirmed.by == person, col(Confirmed.ended_at).is_(None)
    ).order_by(col(Confirmed.at).desc())  # fmt: skip
    yield from session.exec(mine)


def _name(session: Session, person: str) -> str:
    return names_of(session, [person]).get(person, person)

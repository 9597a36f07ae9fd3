"""One subject at a glance: the way from the marrow on as stations on a line, what there is of their cells, where, and in whose hands."""

from collections.abc import Iterator
from datetime import date, datetime, time

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from backend.access.rules import Role, Viewer
from backend.batch.models import Batch, BatchDecision
from backend.collection.models import Collected, Collection, Received
from backend.custody.models import Container, Occupancy, UsedUp
from backend.custody.reads.containers import all_whereabouts, occupancy_of
from backend.dose.models import RouteOpened
from backend.dose.reads import bank_of, given, windows
from backend.dose.reads.ordering import WindowsView
from backend.ledger.reads import Told
from backend.ledger.words import Text, words
from backend.quality.reads import open_holds, visible
from backend.subject.models import Bound, Subject
from backend.subject.reads import is_withdrawn

__all__ = ["Told", "subject"]
WIDTH, CLOSE, APART = 1120, 206, 64


class View(BaseModel):
    """Base of what the glance shows."""

    model_config = ConfigDict(frozen=True)


class Station(View):
    """One point of the way: when, in words, and where it is drawn (`x` from the left, `row` from the line upwards, both whole).

    `kind` is done, now or planned; open and close are the days between which infusions may start.
    """

    at: datetime
    words: Text
    kind: str = "done"
    x: int = 0
    row: int = 1


class Held(View):
    """Containers of one kind that are in one place or in one person's hands."""

    what: str
    number: int
    where: Text
    href: str


class Glance(View):
    """A subject's way and cells. `pill` is the state in (kind, word)."""

    coi: str
    number: str
    infusions: WindowsView = Field(exclude=True)  # programs get it by itself
    pill: tuple[str, Text]
    stations: tuple[Station, ...]
    held: tuple[Held, ...]
    batches: tuple[tuple[str, datetime], ...]
    collections: tuple[tuple[str, int, bool], ...]
    deviations: tuple[tuple[str, str], ...]
    holds: tuple[str, ...]


def subject(session: Session, coi: str, viewer: Viewer, at: datetime) -> Glance | None:
    """The subject with this CoI at this moment, or None when there is none, or none for this viewer."""
    row = session.get(Subject, coi)
    if row is None or not viewer.sees_subjects:
        return None
    seen = windows(session, coi, viewer)
    if not viewer.reads_record:
        dates = _drawn(list(_infusions(session, coi))) if Role.ASSESSOR in viewer.roles else ()
        return Glance(
            coi=coi, number=row.number, infusions=seen, pill=("plain", ""), stations=dates, held=(), batches=(), collections=(),
            deviations=(), holds=(),
        )  # fmt: skip
    batches = session.exec(select(Batch).where(Batch.coi == coi).order_by(col(Batch.at))).all()
    orders = session.exec(select(Collection).where(Collection.subject_code == coi).order_by(col(Collection.at))).all()
    taken = {c.collection_code for c in session.exec(select(Collected).where(Collected.chain == coi))}
    ahead = [] if is_withdrawn(session, coi) else list(_ahead(seen, at))
    stations = _drawn(sorted([*_stations(session, row), *ahead], key=lambda s: s.at))
    about = [coi, *(b.code for b in batches), *(c.code for c in orders)]
    held = tuple(_held(session, coi))
    return Glance(
        coi=coi, number=row.number, infusions=seen, pill=_pill(session, coi, held), stations=stations, held=held,
        batches=tuple((b.code, b.at) for b in batches), collections=tuple((c.code, c.ordinal, c.code in taken) for c in orders),
        deviations=tuple((d.code, d.sentence) for d in visible(session, viewer.person, coi=coi, undecided=True)[0]),
        holds=tuple(h.why for h in open_holds(session, about)),
    )  # fmt: skip


def _stations(session: Session, row: Subject) -> Iterator[Station]:
    yield Station(at=row.at, words=words("Enrolled"))
    if bound := session.get(Bound, row.code):
        yield Station(at=bound.at, words=words("Bound to CoI"))
    for collected in session.exec(select(Collected).where(Collected.chain == row.code)):
        yield Station(at=collected.ended_at, words=words("Marrow, %(volume)s mL", volume=collected.volume_ml))
    for received in session.exec(select(Received).where(Received.chain == row.code)):
        yield Station(at=received.at, words=words("At the laboratory"))
    passages: dict[int, datetime] = {}
    for container in session.exec(select(Container).where(Container.chain == row.code, col(Container.passage).is_not(None))):
        passages[container.passage or 0] = min(container.at, passages.get(container.passage or 0, container.at))
    for passage, at in sorted(passages.items()):
        yield Station(at=at, words=words("%(passage)s seeded", passage=f"P{passage}"))
    stored = [o.at for o in session.exec(select(Occupancy).where(Occupancy.chain == row.code, col(Occupancy.position_code).is_not(None)))]
    if stored:
        yield Station(at=max(stored), words=words("%(number)s vials frozen", number=len(stored)))
    for decided in session.exec(select(BatchDecision).where(BatchDecision.chain == row.code)):
        yield Station(at=decided.at, words=words("Bank released") if decided.decision == "released" else words("Bank rejected"))
    if opened := session.get(RouteOpened, row.code):
        yield Station(at=opened.at, words=words("Route opened"))
    yield from _infusions(session, row.code)


def _infusions(session: Session, coi: str) -> Iterator[Station]:
    """When each infusion was given: times only, which an assessor may know too."""
    for one in given(session, coi):
        yield Station(at=one.started_at, words=words("Infusion %(number)s", number=one.infusion))


def _ahead(seen: WindowsView, at: datetime) -> Iterator[Station]:
    """Today, and while an infusion is still to come: the window, and each infusion that is ordered or may be."""
    yield Station(at=at, words=words("Today"), kind="now")
    to_come = [one for one in seen.infusions if one.given_at is None]
    if seen.opens_on is None or seen.closes_on is None or not to_come:
        return
    yield Station(at=_midnight(seen.opens_on, at), words=words("Window opens"), kind="open")
    yield Station(at=_midnight(seen.closes_on, at), words=words("Last day of the window"), kind="close")
    for one in to_come:
        if one.planned_at:
            yield Station(at=one.planned_at, words=words("Infusion %(number)s, planned", number=one.infusion), kind="planned")
        elif one.first_day and one.first_day > at.date() and one.first_day > seen.opens_on:
            yield Station(
                at=_midnight(one.first_day, at), words=words("Infusion %(number)s, from this day", number=one.infusion), kind="planned"
            )


def _midnight(day: date, at: datetime) -> datetime:
    """The beginning of a day of the zone in which `at` is."""
    return datetime.combine(day, time(), tzinfo=at.tzinfo)


def _drawn(stations: list[Station]) -> tuple[Station, ...]:
    """Stations in proportion to their dates, far enough apart to be told apart, their words in as few rows as fit."""
    if not stations:
        return ()
    first, last = stations[0].at, stations[-1].at
    span, room = max((last - first).total_seconds(), 1), WIDTH - CLOSE
    apart = min(APART, room // max(len(stations) - 1, 1))
    drawn: list[Station] = []
    for n, one in enumerate(stations):
        share = int((one.at - first).total_seconds() * room // span)
        x = max(share, drawn[-1].x + apart if drawn else 0)
        drawn.append(one.model_copy(update={"x": min(x, room - (len(stations) - 1 - n) * apart)}))
    for n in range(len(drawn) - 1, -1, -1):
        taken = {one.row for one in drawn[n + 1 :] if one.x - drawn[n].x < CLOSE}
        drawn[n] = drawn[n].model_copy(update={"row": next(row for row in range(1, len(drawn) + 1) if row not in taken)})
    return tuple(drawn)


def _held(session: Session, coi: str) -> Iterator[Held]:
    rows = session.exec(
        select(Container).join(UsedUp, col(UsedUp.container_code) == Container.code, isouter=True)
        .where(Container.chain == coi, col(UsedUp.container_code).is_(None)).order_by(col(Container.at), col(Container.code))
    ).all()  # fmt: skip
    where = all_whereabouts(session, rows)
    places: dict[tuple[str, str], list[Container]] = {}
    for container in rows:
        place, stands = where[container.code], occupancy_of(session, container.code)
        if stands and stands.position_code:
            place = " · ".join(place.split(" · ")[-4:-1])  # tank, rack and box; the position is the vial's own
        places.setdefault((container.kind, place), []).append(container)
    for (kind, place), containers in places.items():
        one = containers[0]
        yield Held(what=one.name if len(containers) == 1 else kind, number=len(containers), where=place, href=f"/containers/{one.code}")


def _pill(session: Session, coi: str, held: tuple[Held, ...]) -> tuple[str, Text]:
    if is_withdrawn(session, coi):
        return ("plain", words("Withdrawn"))
    bank = bank_of(session, coi)
    if open_holds(session, [coi, *([bank.code] if bank else [])]):
        return ("hold", words("On hold"))
    if any(h.what == "cryovial" for h in held):
        return ("go", words("Released")) if bank else ("hold", words("Quarantine"))
    return ("wait", words("In process") if held else words("Screening"))

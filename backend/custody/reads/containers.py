"""Which container a scan means, where it came from, what is in it, where it is and in whose hands."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, func, select

from backend.access.reads import names_of
from backend.custody import rules
from backend.custody.models import (
    Amount,
    Container,
    Exposed,
    HandedOver,
    Label,
    LabelApplied,
    LabelPrinted,
    LabelVerified,
    Occupancy,
    Place,
    Received,
    UsedUp,
)
from backend.ledger import Refused, UnknownCode, each, gathered, refuse, rows_of
from backend.ledger.words import Text, words
from backend.trial.rules.limits import shown as rounded
from labels.codes import shown


class Frozen(BaseModel):
    """A view: values only, made for one viewer."""

    model_config = ConfigDict(frozen=True)


class ContainerView(Frozen):
    """A container as people see it."""

    code: str
    coi: str
    subject: str
    kind: str
    name: str
    batch: str
    step: str
    passage: int | None
    volume_ml: Decimal | None
    cells: Decimal | None
    where: Text
    used_up: str
    made_at: datetime
    made_by: str


class Event(Frozen):
    """Something that happened to a container."""

    at: datetime
    text: Text


def container_of(session: Session, code: str) -> Container:
    """The container that this code means: its own, or that of a label which is printed and scanned back.

    A void, destroyed, specimen, spare, unprinted or unverified label is refused with a sentence that says which.
    """
    if code.startswith("C"):
        found = session.get(Container, code)
        if found is None:
            raise UnknownCode(code)
        return found
    label = session.get(Label, code)
    if label is None:
        raise UnknownCode(code)
    refuse(rules.against_label(label, bool(session.get(LabelPrinted, code)), bool(session.get(LabelVerified, code))))
    return session.get_one(Container, label.of_code)


def usable(session: Session, code: str) -> Container:
    """As `container_of`, and something can be done with it: it is neither used up nor on its way."""
    found = container_of(session, code)
    refuse(rules.against_using(found, session.get(UsedUp, found.code), on_its_way(session, found.code)))
    return found


def on_its_way(session: Session, container_code: str) -> HandedOver | None:
    """The hand-over of this container that nobody has received yet."""
    return on_their_way(session, [container_code]).get(container_code)


@each
def on_their_way(session: Session, container_codes: list[str]) -> Mapping[str, HandedOver]:
    """By container, the hand-over that nobody has received yet."""
    waits = select(HandedOver).where(col(HandedOver.container_code).in_(container_codes), col(HandedOver.ended_at).is_(None))
    return {row.container_code: row for row in session.exec(waits)}


def at_hand(session: Session, code: str) -> bool:
    """Whether the container that this code means can be used and is in no freezer position."""
    try:
        stands = occupancy_of(session, usable(session, code).code)
    except (Refused, UnknownCode):
        return False
    return not (stands and stands.position_code)


def amount_of(session: Session, container_code: str) -> Amount | None:
    """The newest amount of a container."""
    return amounts_of(session, [container_code]).get(container_code)


@each
def amounts_of(session: Session, container_codes: list[str]) -> Mapping[str, Amount]:
    """By container, its newest amount."""
    rows = session.exec(select(Amount).where(col(Amount.container_code).in_(container_codes)).order_by(col(Amount.at).desc()))
    found: dict[str, Amount] = {}
    for row in rows:
        found.setdefault(row.container_code, row)
    return found


def occupancy_of(session: Session, container_code: str) -> Occupancy | None:
    """Where a container stands now."""
    stood = occupancies(session, [container_code]).get(container_code, [])
    return next((one for one in stood if one.ended_at is None), None)


@each
def occupancies(session: Session, container_codes: list[str]) -> Mapping[str, list[Occupancy]]:
    """By container, every place that it has stood in."""
    rows = session.exec(select(Occupancy).where(col(Occupancy.container_code).in_(container_codes)))
    return gathered((row.container_code, row) for row in rows)


def subject_number(session: Session, coi: str) -> str:
    """The subject number as the newest label of this CoI says it; "" when no label was ever asked for."""
    return subject_numbers(session, [coi]).get(coi, "")


@each
def subject_numbers(session: Session, cois: list[str]) -> Mapping[str, str]:
    """By CoI, the subject number as its newest label says it."""
    place = func.row_number().over(partition_by=col(Label.chain), order_by=(col(Label.at).desc(), col(Label.code))).label("place")
    labels = select(col(Label.chain), col(Label.values_text), place).where(col(Label.chain).in_(cois)).subquery()
    newest = session.exec(select(labels.c.chain, labels.c.values_text).where(labels.c.place == 1))
    return {coi: values_of(text).get("subject_number", "") for coi, text in newest}


def values_of(text: str) -> dict[str, str]:
    """The fields of a label, read from the lines they are kept in."""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def text_of(values: Mapping[str, str]) -> str:
    """The fields of a label as they are kept: one a line."""
    return "\n".join(f"{name}={' '.join(value.split())}" for name, value in values.items())


def whereabouts(session: Session, container: Container) -> str:
    """Where a container is or in whose hands, in words; there is always an answer."""
    return all_whereabouts(session, [container])[container.code]


def all_whereabouts(session: Session, containers: Sequence[Container]) -> dict[str, str]:
    """By container, where it is or in whose hands, in words."""
    used = rows_of(session, UsedUp, [one.code for one in containers])
    away = on_their_way(session, [one.code for one in containers if one.code not in used])
    left = [one for one in containers if one.code not in used and one.code not in away]
    stands = {code: one for code, many in occupancies(session, [one.code for one in left]).items() for one in many if one.ended_at is None}
    places = rows_of(session, Place, [one.place_code for one in stands.values()])
    hands = _last_hands(session, [one for one in left if one.code not in stands])
    names = names_of(session, {*(way.by for way in away.values()), *hands.values()})
    found: dict[str, str] = {code: words("In the hands of %(who)s", who=names.get(person, person)) for code, person in hands.items()}
    found |= {code: places[one.place_code].path for code, one in stands.items()}
    for code, way in away.items():
        found[code] = words("On its way to %(whom)s, given by %(who)s", whom=way.to, who=names.get(way.by, way.by))
    return found | {code: words("Used up: %(why)s", why=row.why) for code, row in used.items()}


def _name(session: Session, person: str) -> str:
    return names_of(session, [person]).get(person, person)


def _last_hands(session: Session, containers: Sequence[Container]) -> dict[str, str]:
    """By container, who took it last: who made it, received it, or took it from its place."""
    if not containers:
        return {}
    took = {one.code: [(one.at, one.by)] for one in containers}
    for got in session.exec(select(Received).where(col(Received.container_code).in_(took))):
        took[got.container_code].append((got.at, got.by))
    for code, stood in occupancies(session, took).items():
        took[code] += [(one.ended_at, one.ended_by) for one in stood if one.ended_at and one.ended_by]
    return {code: max(many)[1] for code, many in took.items()}


def container_view(session: Session, container: Container) -> ContainerView:
    """A container as people see it."""
    return container_views(session, [container])[0]


def container_views(session: Session, containers: Sequence[Container]) -> list[ContainerView]:
    """Containers as people see them."""
    codes = [one.code for one in containers]
    amounts, used, where = amounts_of(session, codes), rows_of(session, UsedUp, codes), all_whereabouts(session, containers)
    numbers, names = subject_numbers(session, {one.chain for one in containers}), names_of(session, {one.by for one in containers})
    return [
        ContainerView(
            code=one.code, coi=one.chain, subject=numbers.get(one.chain, ""), kind=one.kind, name=one.name, batch=one.batch_code or "",
            step=one.step, passage=one.passage, volume_ml=_rounded(amounts[one.code].volume_ml) if one.code in amounts else None,
            cells=_rounded(amounts[one.code].cells) if one.code in amounts else None, where=where[one.code],
            used_up=used[one.code].why if one.code in used else "", made_at=one.at, made_by=names.get(one.by, one.by),
        )
        for one in containers
    ]  # fmt: skip


def _rounded(held: Decimal | None) -> Decimal | None:
    """What is left of a suspension is reckoned by its share, and people need four digits of it."""
    return None if held is None else Decimal(rounded(held))


def counted(name: str) -> list[tuple[int, str]]:
    """A key to sort names by: vial 2 before vial 10."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]


def events_of(session: Session, container: Container) -> list[Event]:
    """Everything that custody knows to have happened to a container, in order."""
    found = [Event(at=container.at, text=words("Made in %(step)s.", step=container.step) if container.step else words("Made."))]
    found += _label_events(session, container.code)
    places = session.exec(select(Occupancy, Place).join(Place, col(Place.code) == Occupancy.place_code)
                          .where(Occupancy.container_code == container.code))  # fmt: skip
    for stands, place in places:
        put = words("Put into %(place)s by %(who)s.", place=place.path, who=_pair(session, stands.by, stands.witness))
        found.append(Event(at=stands.at, text=put))
        if stands.ended_at and stands.ended_by:
            taken = words("Taken from %(place)s by %(who)s.", place=place.path, who=_name(session, stands.ended_by))
            found.append(Event(at=stands.ended_at, text=taken))
    for out in session.exec(select(Exposed).where(Exposed.container_code == container.code)):
        found.append(Event(at=out.at, text=words("Out of the cold for %(time)s s (%(doing)s).", time=out.seconds, doing=out.doing)))
    found += _hand_overs(session, container.code)
    if used := session.get(UsedUp, container.code):
        found.append(Event(at=used.at, text=words("Used up by %(who)s: %(why)s", who=_name(session, used.by), why=used.why)))
    return sorted(found, key=lambda one: one.at)


def _pair(session: Session, by: str, witness: str | None) -> str:
    one = _name(session, by)
    return words("%(one)s and %(other)s", one=one, other=_name(session, witness)) if witness else one


def _hand_overs(session: Session, code: str) -> Iterable[Event]:
    for given in session.exec(select(HandedOver).where(HandedOver.container_code == code)):
        how = f"{given.condition}, {given.temperature_c} °C"
        said = words("Handed over to %(whom)s by %(who)s: %(how)s.", whom=given.to, who=_name(session, given.by), how=how)
        yield Event(at=given.at, text=said)
    for got in session.exec(select(Received).where(Received.container_code == code)):
        how = f"{got.condition}, {got.temperature_c} °C"
        yield Event(at=got.at, text=words("Received by %(who)s: %(how)s.", who=_name(session, got.by), how=how))


def _label_events(session: Session, code: str) -> Iterable[Event]:
    labels = session.exec(select(Label).where(Label.of_code == code)).all()
    for kind in (LabelPrinted, LabelVerified, LabelApplied):
        rows_of(session, kind, [label.code for label in labels])
    for label in labels:
        code = shown(label.code)
        yield Event(at=label.at, text=words("Label %(code)s requested.", code=code))
        if printed := session.get(LabelPrinted, label.code):
            yield Event(at=printed.at, text=words("Label %(code)s printed by %(who)s.", code=code, who=_name(session, printed.by)))
        if read := session.get(LabelVerified, label.code):
            yield Event(at=read.at, text=words("Label %(code)s scanned back by %(who)s.", code=code, who=_name(session, read.by)))
        if on := session.get(LabelApplied, label.code):
            yield Event(at=on.at, text=words("Label %(code)s applied by %(who)s.", code=code, who=_name(session, on.by)))
        if label.ended_at:
            how = ENDED.get(label.ended_how or "", label.ended_how)
            yield Event(at=label.ended_at, text=words("Label %(code)s %(how)s: %(why)s", code=code, how=how, why=label.ended_why))


ENDED = {"void": words("void"), "destroyed": words("destroyed"), "specimen": words("specimen")}
"""How the life of a label ended."""


class Awaited(Frozen):
    """Something on its way."""

    container: str
    coi: str
    name: str
    subject: str
    to: str
    given_by: str
    at: datetime
    within_minutes: int
    overdue: bool


def awaited(session: Session, at: datetime, only_overdue: bool = False) -> list[Awaited]:
    """What was handed over and not received, the longest waiting first; what is over its limit raises the alarm (requirement C1)."""
    ways = [way for way in _under_way(session) if rules.overdue(way, at) or not only_overdue]
    return _awaited(session, ways, at)


def awaited_page(session: Session, at: datetime, page: int, size: int = 25) -> tuple[list[Awaited], bool, int]:
    """One page of the same, whether there is more, and how many of all are overdue."""
    ways = _under_way(session)
    shown = ways[(page - 1) * size : page * size]
    return _awaited(session, shown, at), len(ways) > page * size, sum(rules.overdue(way, at) for way in ways)


def _under_way(session: Session) -> list[HandedOver]:
    waits = select(HandedOver).where(col(HandedOver.ended_at).is_(None))
    return list(session.exec(waits.order_by(col(HandedOver.at), col(HandedOver.code))))


def _awaited(session: Session, ways: list[HandedOver], at: datetime) -> list[Awaited]:
    boxes = session.exec(select(Container).where(col(Container.code).in_([way.container_code for way in ways])))
    found = {box.code: box for box in boxes}
    numbers = subject_numbers(session, {box.chain for box in found.values()})
    return [
        Awaited(
            container=box.code, coi=box.chain, name=box.name, subject=numbers.get(box.chain, ""), to=way.to,
            given_by=_name(session, way.by), at=way.at, within_minutes=way.within_minutes, overdue=rules.overdue(way, at),
        )
        for way in ways
        for box in (found[way.container_code],)
    ]  # fmt: skip

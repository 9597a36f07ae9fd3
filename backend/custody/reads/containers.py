"""Which container a scan means, where it came from, what is in it, where it is and in whose hands."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.access.reads import names_of
from backend.custody import rules
from backend.custody.models import (
    Amount,
    Container,
    ContainerParent,
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
from backend.ledger import Refused, UnknownCode, once, refuse
from backend.ledger.words import Text, words
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


class Kin(Frozen):
    """One container of a family tree: how many generations it is away, and whether it is the one asked for."""

    depth: int
    container: ContainerView
    itself: bool


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


@once
def on_its_way(session: Session, container_code: str) -> HandedOver | None:
    """The hand-over of this container that nobody has received yet."""
    open_one = select(HandedOver).where(HandedOver.container_code == container_code, col(HandedOver.ended_at).is_(None))
    return session.exec(open_one).first()


def at_hand(session: Session, code: str) -> bool:
    """Whether the container that this code means can be used and is in no freezer position."""
    try:
        stands = occupancy_of(session, usable(session, code).code)
    except (Refused, UnknownCode):
        return False
    return not (stands and stands.position_code)


def amount_of(session: Session, container_code: str) -> Amount | None:
    """The newest amount of a container."""
    return session.exec(select(Amount).where(Amount.container_code == container_code).order_by(col(Amount.at).desc())).first()


def occupancy_of(session: Session, container_code: str) -> Occupancy | None:
    """Where a container stands now."""
    return next((one for one in occupancies(session, container_code) if one.ended_at is None), None)


@once
def occupancies(session: Session, container_code: str) -> Sequence[Occupancy]:
    """Every place a container has stood in."""
    return session.exec(select(Occupancy).where(Occupancy.container_code == container_code)).all()


def family(session: Session, container_code: str) -> tuple[list[str], list[str]]:
    """The codes of everything a container was made from, and of everything made from it, nearest first."""
    return list(_generations(session, container_code, up=True)), list(_generations(session, container_code, up=False))


@once
def subject_number(session: Session, coi: str) -> str:
    """The subject number as the newest label of this CoI says it; "" when no label was ever asked for."""
    newest = select(Label.values_text).where(Label.chain == coi).order_by(col(Label.at).desc(), col(Label.code)).limit(1)
    return values_of(session.exec(newest).first() or "").get("subject_number", "")


def values_of(text: str) -> dict[str, str]:
    """The fields of a label, read from the lines they are kept in."""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def whereabouts(session: Session, container: Container) -> str:
    """Where a container is or in whose hands, in words; there is always an answer."""
    if used := session.get(UsedUp, container.code):
        return words("Used up: %(why)s", why=used.why)
    if away := on_its_way(session, container.code):
        return words("On its way to %(whom)s, given by %(who)s", whom=away.to, who=_name(session, away.by))
    if stands := occupancy_of(session, container.code):
        return session.get_one(Place, stands.place_code).path
    return words("In the hands of %(who)s", who=_name(session, _last_hands(session, container)))


def _name(session: Session, person: str) -> str:
    return names_of(session, [person]).get(person, person)


def _last_hands(session: Session, container: Container) -> str:
    """Who took it last: who made it, received it, or took it from its place."""
    took = [(container.at, container.by)]
    received = session.exec(select(Received).where(Received.container_code == container.code))
    took += [(one.at, one.by) for one in received]
    took += [(one.ended_at, one.ended_by) for one in occupancies(session, container.code) if one.ended_at and one.ended_by]
    return max(took)[1]


def container_view(session: Session, container: Container) -> ContainerView:
    """A container as people see it."""
    amount, used = amount_of(session, container.code), session.get(UsedUp, container.code)
    return ContainerView(
        code=container.code, coi=container.chain, subject=subject_number(session, container.chain), kind=container.kind,
        name=container.name, batch=container.batch_code or "", step=container.step, passage=container.passage,
        volume_ml=amount.volume_ml if amount else None, cells=amount.cells if amount else None,
        where=whereabouts(session, container), used_up=used.why if used else "", made_at=container.at,
        made_by=_name(session, container.by),
    )  # fmt: skip


def family_view(session: Session, container: Container) -> list[Kin]:
    """A container among its own: what it was made from above it, what was made from it below, each with its distance."""
    up, down = _generations(session, container.code, up=True), _generations(session, container.code, up=False)
    found = {code: -depth for code, depth in up.items()} | {container.code: 0} | down
    rows = session.exec(select(Container).where(col(Container.code).in_(found))).all()
    first = min(found.values())
    return [
        Kin(depth=found[row.code] - first, container=container_view(session, row), itself=row.code == container.code)
        for row in sorted(rows, key=lambda one: (found[one.code], one.at, counted(one.name)))
    ]


def counted(name: str) -> list[tuple[int, str]]:
    """A key to sort names by: vial 2 before vial 10."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]


def _generations(session: Session, code: str, *, up: bool) -> dict[str, int]:
    """Everything up (or down) the line with how many generations it is away, the nearest counting."""
    asked, told = (ContainerParent.child, ContainerParent.parent) if up else (ContainerParent.parent, ContainerParent.child)
    found: dict[str, int] = {}
    todo, depth = [code], 0
    while todo:
        depth += 1
        near = session.exec(select(told).where(col(asked).in_(todo)).order_by(col(told))).all()
        todo = [one for one in dict.fromkeys(near) if one not in found]
        found |= dict.fromkeys(todo, depth)
    return found


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
    for label in session.exec(select(Label).where(Label.of_code == code)):
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
    return [
        Awaited(
            container=box.code, coi=box.chain, name=box.name, subject=subject_number(session, box.chain), to=way.to,
            given_by=_name(session, way.by), at=way.at, within_minutes=way.within_minutes, overdue=rules.overdue(way, at),
        )
        for way in ways
        for box in (found[way.container_code],)
    ]  # fmt: skip

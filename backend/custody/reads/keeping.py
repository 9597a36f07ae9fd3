"""Where every container of a batch is, asked for all at once, so that a gap in the custody of one of them is seen."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from backend.custody.models import Container, Disposed, HandedOver, Occupancy, Place, Received, UsedUp
from backend.custody.rules import Kept


def kept_of(session: Session, batch_code: str, samples: Iterable[str] = ()) -> list[Kept]:
    """Each container of a batch with where it is, who had it last and what became of it; `samples` were given to tests."""
    boxes = session.exec(select(Container).where(Container.batch_code == batch_code).order_by(col(Container.at), col(Container.code))).all()
    codes, tests = [one.code for one in boxes], set(samples)
    used = {row.container_code: row for row in session.exec(select(UsedUp).where(col(UsedUp.container_code).in_(codes)))}
    disposed = {row.container_code: row for row in session.exec(select(Disposed).where(col(Disposed.container_code).in_(codes)))}
    away = session.exec(select(HandedOver).where(col(HandedOver.container_code).in_(codes), col(HandedOver.ended_at).is_(None)))
    on_its_way = {row.container_code: row for row in away}
    stands = {row.container_code: place.path for row, place in session.exec(
        select(Occupancy, Place).join(Place, col(Place.code) == Occupancy.position_code)
        .where(col(Occupancy.container_code).in_(codes), col(Occupancy.ended_at).is_(None))
    )}  # fmt: skip
    hands = {one.code: (one.at, one.by) for one in boxes}
    for got in session.exec(select(Received).where(col(Received.container_code).in_(codes))):
        hands[got.container_code] = max(hands[got.container_code], (got.at, got.by))
    for left in session.exec(select(Occupancy).where(col(Occupancy.container_code).in_(codes), col(Occupancy.ended_at).is_not(None))):
        if left.ended_at and left.ended_by:
            hands[left.container_code] = max(hands[left.container_code], (left.ended_at, left.ended_by))
    return [
        Kept(
            container=one, position=stands.get(one.code, ""), since=hands[one.code][0], hands=hands[one.code][1],
            on_its_way=on_its_way.get(one.code), used_up=used.get(one.code), disposed=disposed.get(one.code), sample=one.code in tests,
        )
        for one in boxes
    ]  # fmt: skip

"""Where every container of some batches is, asked for all at once, so that a gap in the custody of one of them is seen."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from backend.custody.models import Container, Disposed, Occupancy, Place, Received, UsedUp
from backend.custody.reads.containers import on_their_way
from backend.custody.rules import Kept
from backend.ledger import rows_of


def kept_of(session: Session, batch_codes: Sequence[str], samples: Collection[str]) -> dict[str, list[Kept]]:
    """By batch, each of its containers with where it is, who had it last and what became of it; `samples` were given to tests."""
    boxes = session.exec(
        select(Container).where(col(Container.batch_code).in_(batch_codes)).order_by(col(Container.at), col(Container.code))
    ).all()  # fmt: skip
    codes = [one.code for one in boxes]
    used, disposed, away = rows_of(session, UsedUp, codes), rows_of(session, Disposed, codes), on_their_way(session, codes)
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
    found: dict[str, list[Kept]] = {code: [] for code in batch_codes}
    for one in boxes:
        found[one.batch_code or ""].append(Kept(
            container=one, position=stands.get(one.code, ""), since=hands[one.code][0], hands=hands[one.code][1],
            on_its_way=away.get(one.code), used_up=used.get(one.code), disposed=disposed.get(one.code), sample=one.code in samples,
        ))  # fmt: skip
    return found

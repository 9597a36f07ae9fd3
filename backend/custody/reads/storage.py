"""Places, and what stands where: the tree of tanks, a box with its positions, how long a vial was out of the cold."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, func, select

from backend.custody.models import BoxClaim, Container, Exposed, Label, LabelApplied, Occupancy, Place, UsedUp
from backend.custody.reads.containers import Frozen, counted, subject_number, subject_numbers
from backend.custody.reads.standing import seen_as
from backend.ledger import UnknownCode, each, rows_of

ROWS, COLUMNS = "ABCDEFGHI", range(1, 10)
POSITIONS = tuple(f"{row}{column}" for row in ROWS for column in COLUMNS)


class Node(Frozen):
    """A tank, a rack or a box in the tree of storage."""

    code: str
    kind: str
    name: str
    zone: str
    subject: str
    vials: int
    below: tuple["Node", ...]


class Cell(Frozen):
    """One position of a box that holds a vial."""

    name: str
    position: str
    container: str
    vial: str
    standing: str
    out_s: int


class BoxView(Frozen):
    """A box: whose it is and what is in it."""

    code: str
    title: str
    path: str
    zone: str
    coi: str
    subject: str
    cells: tuple[Cell, ...]
    free: int


class PlaceLine(Frozen):
    """One place in a list."""

    code: str
    kind: str
    name: str
    path: str
    zone: str
    holds: int


def place_of(session: Session, code: str) -> Place:
    """The place with this code; UnknownCode when it is of something else."""
    found = session.get(Place, code)
    if found is None:
        raise UnknownCode(code)
    return found


def claim_of(session: Session, box_code: str) -> BoxClaim | None:
    """Whose box this is now."""
    return session.exec(select(BoxClaim).where(BoxClaim.box_code == box_code, col(BoxClaim.ended_at).is_(None))).first()


def in_position(session: Session, position_code: str) -> Occupancy | None:
    """What stands in a position now."""
    return session.exec(select(Occupancy).where(Occupancy.position_code == position_code, col(Occupancy.ended_at).is_(None))).first()


def vials_in_box(session: Session, box_code: str) -> int:
    """How many vials are in a box."""
    query = select(func.count()).select_from(Occupancy).join(Place, col(Place.code) == Occupancy.position_code)
    return session.exec(query.where(Place.parent_code == box_code, col(Occupancy.ended_at).is_(None))).one()


def exposed_seconds(session: Session, container_code: str) -> int:
    """How long a vial was out of the cold in all, in seconds."""
    return exposures(session, [container_code]).get(container_code, 0)


@each
def exposures(session: Session, container_codes: list[str]) -> Mapping[str, int]:
    """By vial, how long it was out of the cold in all, in seconds; one that never was is absent."""
    out = select(Exposed.container_code, func.sum(Exposed.seconds)).where(col(Exposed.container_code).in_(container_codes))
    return dict(session.exec(out.group_by(col(Exposed.container_code))).all())


def tanks_of(session: Session, container_codes: Sequence[str]) -> dict[str, str]:
    """Container to the path of the tank in which it stands; a container that is in no tank is absent."""
    rows = session.exec(
        select(Occupancy, Place).join(Place, col(Place.code) == Occupancy.position_code)
        .where(col(Occupancy.container_code).in_(container_codes), col(Occupancy.ended_at).is_(None))
    )  # fmt: skip
    found = {stands.container_code: place for stands, place in rows}
    while above := {code for place in found.values() if (code := _above(place))}:
        upper = rows_of(session, Place, above)
        found = {vial: upper[code] if (code := _above(place)) else place for vial, place in found.items()}
    return {vial: place.path for vial, place in found.items()}


def _above(place: Place) -> str:
    """The code of the place that this one is in; "" for a tank, which is looked for."""
    return "" if place.kind == "tank" else place.parent_code or ""


def _tank(session: Session, place: Place) -> Place:
    while code := _above(place):
        place = session.get_one(Place, code)
    return place


TANKS = 4
"""Tanks on one page of the tree: each has some hundred boxes when it is full."""


def tree(session: Session, sees_subjects: bool, page: int = 1) -> tuple[list[Node], bool]:
    """One page of the tanks with their racks and boxes, and whether there are more.

    Subjects and numbers of vials are there only for those who may see them.
    """
    tanks = _tanks(session)
    shown = tanks[(page - 1) * TANKS : page * TANKS]
    racks = _in(session, [one.code for one in shown])
    boxes = _in(session, [one.code for one in racks])
    claims, vials = _of_boxes(session, [one.code for one in boxes]) if sees_subjects else ({}, {})
    numbers = subject_numbers(session, claims.values())
    below: dict[str | None, list[Place]] = {}
    for row in (*racks, *boxes):
        below.setdefault(row.parent_code, []).append(row)

    def node(place: Place) -> Node:
        return Node(
            code=place.code, kind=place.kind, name=place.name, zone=place.zone, subject=numbers.get(claims.get(place.code, ""), ""),
            vials=vials.get(place.code, 0), below=tuple(node(one) for one in below.get(place.code, ())),
        )  # fmt: skip

    return [node(row) for row in shown], len(tanks) > page * TANKS


def page_with(session: Session, place_code: str) -> int:
    """The page of the tree on which a place of a tank is; the first for every other."""
    row = session.get(Place, place_code)
    codes = [one.code for one in _tanks(session)]
    tank = _tank(session, row).code if row else ""
    return codes.index(tank) // TANKS + 1 if tank in codes else 1


def _tanks(session: Session) -> list[Place]:
    return list(session.exec(select(Place).where(Place.kind == "tank").order_by(col(Place.path), col(Place.code))))


def _in(session: Session, codes: Sequence[str]) -> list[Place]:
    """The racks or boxes that are in these places."""
    inner = select(Place).where(col(Place.parent_code).in_(codes), col(Place.kind).in_(("rack", "box")))
    return list(session.exec(inner.order_by(col(Place.path), col(Place.code))))


def _of_boxes(session: Session, codes: Sequence[str]) -> tuple[dict[str, str], dict[str | None, int]]:
    """Whose each of these boxes is, and how many vials are in it."""
    claims = session.exec(select(BoxClaim).where(col(BoxClaim.box_code).in_(codes), col(BoxClaim.ended_at).is_(None)))
    vials = session.exec(
        select(Place.parent_code, func.count()).join(Occupancy, col(Occupancy.position_code) == Place.code)
        .where(col(Place.parent_code).in_(codes), col(Occupancy.ended_at).is_(None)).group_by(col(Place.parent_code))
    ).all()  # fmt: skip
    return {claim.box_code: claim.coi for claim in claims}, dict(vials)


def box_view(session: Session, box_code: str) -> BoxView:
    """A box as it is now, whoever's it is; UnknownCode when the code is of no box."""
    box = place_of(session, box_code)
    if box.kind != "box":
        raise UnknownCode(box_code)
    claim = claim_of(session, box_code)
    stands = session.exec(
        select(Place, Container).join(Occupancy, col(Occupancy.position_code) == Place.code)
        .join(Container, col(Container.code) == Occupancy.container_code)
        .where(Place.parent_code == box_code, col(Occupancy.ended_at).is_(None)).order_by(col(Place.name))
    ).all()  # fmt: skip
    how, out = seen_as(session, [vial for _, vial in stands]), exposures(session, [vial.code for _, vial in stands])
    cells = tuple(
        Cell(
            name=place.name, position=place.code, container=vial.code, vial=vial.name, standing=how[vial.code],
            out_s=out.get(vial.code, 0),
        )
        for place, vial in stands
    )  # fmt: skip
    return BoxView(
        code=box_code, title=" · ".join(box.path.split(" · ")[-3:]), path=box.path, zone=box.zone, coi=claim.coi if claim else "",
        subject=subject_number(session, claim.coi) if claim else "", cells=cells, free=len(POSITIONS) - len(cells),
    )  # fmt: skip


def free_positions(session: Session, box_code: str) -> list[Place]:
    """The positions of a box that are empty, A1 first."""
    taken = select(Occupancy.position_code).where(col(Occupancy.ended_at).is_(None), col(Occupancy.position_code).is_not(None))
    query = select(Place).where(Place.parent_code == box_code, Place.kind == "position", col(Place.code).not_in(taken))
    return list(session.exec(query.order_by(col(Place.name))))


def places(session: Session, parent: str, page: int, size: int = 25) -> tuple[list[PlaceLine], bool]:
    """One page of the places in a place ("" = the sites), and whether there are more."""
    query = select(Place).where(Place.parent_code == parent) if parent else select(Place).where(col(Place.parent_code).is_(None))
    rows = session.exec(query.order_by(col(Place.kind), col(Place.name), col(Place.code)).offset((page - 1) * size).limit(size + 1)).all()
    below = dict(
        session.exec(
            select(Place.parent_code, func.count()).where(col(Place.parent_code).in_([r.code for r in rows])).group_by(Place.parent_code)
        ).all()
    )
    lines = [PlaceLine(code=r.code, kind=r.kind, name=r.name, path=r.path, zone=r.zone, holds=below.get(r.code, 0)) for r in rows[:size]]
    return lines, len(rows) > size


def inside(session: Session, place_code: str) -> list[Container]:
    """The containers that stand in a place which is no position: on a shelf, in an incubator."""
    query = select(Container).join(Occupancy, col(Occupancy.container_code) == Container.code)
    query = query.where(Occupancy.place_code == place_code, col(Occupancy.ended_at).is_(None))
    return list(session.exec(query.order_by(col(Container.name))))


def boxes_of(session: Session, coi: str, first: str = "") -> list[str]:
    """The boxes of a subject, `first` before the others; without a subject, those of whoever comes first in the tree."""
    query = select(BoxClaim, Place).join(Place, col(Place.code) == BoxClaim.box_code).where(col(BoxClaim.ended_at).is_(None))
    rows = session.exec((query.where(BoxClaim.coi == coi) if coi else query).order_by(col(Place.path), col(Place.code))).all()
    mine = [claim.box_code for claim, _ in rows if claim.coi == rows[0][0].coi]
    return sorted(mine, key=lambda code: code != first)


class Vial(Frozen):
    """A vial with its label and, when it is stored, its position."""

    container: str
    name: str
    label: str
    coi: str
    subject: str
    position: str
    path: str


def waiting_for_cold(session: Session, coi: str = "") -> list[Vial]:
    """The labelled vials that are in no position, of one subject or of all, by name."""
    inside = select(Occupancy.container_code).where(col(Occupancy.ended_at).is_(None), col(Occupancy.position_code).is_not(None))
    query = (
        select(Container, Label).join(Label, col(Label.of_code) == Container.code)
        .join(LabelApplied, col(LabelApplied.label_code) == Label.code)
        .where(col(Container.kind).endswith("vial"), col(Label.ended_at).is_(None), col(Container.code).not_in(inside))
        .where(col(Container.code).not_in(select(UsedUp.container_code)))
    )  # fmt: skip
    rows = session.exec(query.where(Container.chain == coi) if coi else query).all()
    numbers = subject_numbers(session, {vial.chain for vial, _ in rows})
    return [
        Vial(
            container=vial.code, name=vial.name, label=label.code, coi=vial.chain, subject=numbers.get(vial.chain, ""), position="",
            path="",
        )
        for vial, label in sorted(rows, key=lambda row: (row[0].chain, counted(row[0].name)))
    ]  # fmt: skip


def stored_vials(session: Session, coi: str) -> list[Vial]:
    """The vials of a subject that are in a position, by where they are."""
    rows = session.exec(
        select(Container, Place).join(Occupancy, col(Occupancy.container_code) == Container.code)
        .join(Place, col(Place.code) == Occupancy.position_code)
        .where(Container.chain == coi, col(Occupancy.ended_at).is_(None)).order_by(col(Place.path))
    ).all()  # fmt: skip
    number = subject_number(session, coi)
    return [
        Vial(container=vial.code, name=vial.name, label="", coi=coi, subject=number, position=place.code, path=place.path)
        for vial, place in rows
    ]

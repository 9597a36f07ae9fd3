"""The containers of one subject as a drawing, from the marrow on: a line is a scan of parent and child, and what is used up is dashed.

Containers of one kind that came from the same ones are one box; vials are parted by their tank and by what became of them.
"""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.custody.models import Container, ContainerParent, Disposed, UsedUp
from backend.custody.reads.storage import tanks_of
from backend.custody.rules import is_vial

BOX, TALL, ACROSS, DOWN = 172, 40, 192, 52
BAND, MARGIN, CORRIDOR = 7, 14, 28  # generations in one band, room for the lines that come from the one above
LETTERS, SMALLER = 19, 22  # of the name and of the note, that fit into a box


class Branch(BaseModel):
    """One box of the drawing: one container, or several that belong together; `x` and `y` are its upper left corner."""

    model_config = ConfigDict(frozen=True)
    code: str
    title: str
    note: str
    gone: bool
    x: int
    y: int


class Genealogy(BaseModel):
    """The boxes, the lines between them as the path of an SVG, and the size of the drawing."""

    model_config = ConfigDict(frozen=True)
    branches: tuple[Branch, ...]
    lines: str
    width: int
    height: int


class _Group:
    def __init__(self, parents: frozenset[int], depth: int, note: str, gone: bool) -> None:
        self.parents, self.depth, self.note, self.gone = parents, depth, note, gone
        self.boxes: list[Container] = []


def genealogy(session: Session, coi: str) -> Genealogy | None:
    """The containers of this subject from which something came or which came from something; None when there are none."""
    boxes = session.exec(select(Container).where(Container.chain == coi).order_by(col(Container.at), col(Container.code))).all()
    parents: dict[str, list[str]] = {}
    for link in session.exec(select(ContainerParent).where(ContainerParent.chain == coi)):
        parents.setdefault(link.child, []).append(link.parent)
    kin = {*parents, *(code for many in parents.values() for code in many)}
    groups = _grouped((one for one in boxes if one.code in kin), parents, _fates(session, coi), tanks_of(session, sorted(kin)))
    return _laid_out(groups) if groups else None


def _fates(session: Session, coi: str) -> dict[str, tuple[str, bool]]:
    """By container, what became of it, and whether nothing is in it any more."""
    used = {one.container_code: (one.why, True) for one in session.exec(select(UsedUp).where(UsedUp.chain == coi))}
    ended = session.exec(select(Disposed).where(Disposed.chain == coi))
    kept = {one.container_code: (one.how, one.container_code in used) for one in ended}
    return used | kept


def _grouped(
    boxes: Iterable[Container], parents: Mapping[str, list[str]], fates: Mapping[str, tuple[str, bool]], tanks: Mapping[str, str]
) -> list[_Group]:  # fmt: skip
    groups: list[_Group] = []
    where: dict[str, int] = {}
    known: dict[tuple[object, ...], int] = {}
    for box in boxes:
        of = frozenset(where[one] for one in parents.get(box.code, ()) if one in where)
        note, gone = fates.get(box.code, (tanks.get(box.code, "").rsplit(" · ", 1)[-1], False))
        key = (box.kind, box.passage, of, *((note, gone) if is_vial(box.kind) else ())) if of else (box.code,)
        if key not in known:
            known[key] = len(groups)
            groups.append(_Group(of, 1 + max((groups[one].depth for one in of), default=-1), note, gone))
        group = groups[known[key]]
        where[box.code] = known[key]
        group.boxes.append(box)
        group.note, group.gone = note if note == group.note else "", group.gone and gone
    return groups


def _laid_out(groups: list[_Group]) -> Genealogy:
    """Generations side by side, and in a new band below when a band is full."""
    columns: dict[int, list[int]] = {}
    for number, one in enumerate(groups):
        columns.setdefault(one.depth, []).append(number)
    tops = [0]
    for band in range(max(columns) // BAND + 1):
        tallest = max(len(columns.get(depth, ())) for depth in range(band * BAND, (band + 1) * BAND))
        tops.append(tops[-1] + tallest * DOWN + CORRIDOR)
    at = {
        number: (MARGIN + depth % BAND * ACROSS, tops[depth // BAND] + row * DOWN)
        for depth, column in columns.items() for row, number in enumerate(column)
    }  # fmt: skip
    lines = []
    for child, one in enumerate(groups):
        band = one.depth // BAND
        lines += [_line(at[p], at[child], tops[band] if groups[p].depth // BAND < band else None) for p in sorted(one.parents)]
    branches = tuple(
        Branch(code=one.boxes[0].code, title=_title(one), note=_short(one.note, SMALLER), gone=one.gone, x=at[number][0], y=at[number][1])
        for number, one in enumerate(groups)
    )
    return Genealogy(
        branches=branches, lines="".join(lines), width=MARGIN + min(max(columns) + 1, BAND) * ACROSS - (ACROSS - BOX),
        height=tops[-1] - CORRIDOR,
    )  # fmt: skip


def _line(parent: tuple[int, int], child: tuple[int, int], below: int | None) -> str:
    """From the right of a parent to the left of its child; `below`, the top of the child's band, when that is another one."""
    half = (ACROSS - BOX) // 2
    turn = f"H{child[0] - half}" if below is None else f"h{half}V{below - CORRIDOR // 2}H{child[0] - half}"
    return f"M{parent[0] + BOX} {parent[1] + TALL // 2}{turn}V{child[1] + TALL // 2}H{child[0]}"


def _title(one: _Group) -> str:
    return _short(one.boxes[0].name if len(one.boxes) == 1 else f"{len(one.boxes)} × {one.boxes[0].kind}")


def _short(text: str, letters: int = LETTERS) -> str:
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"

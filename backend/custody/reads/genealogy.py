"""The containers of one subject as a drawing, from the marrow on: a line is a scan of parent and child, and what is used up is dashed.

Containers of one kind that came from the same ones and share their fate are one box, so that a bank of vials is read at a glance.
"""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.custody.models import Container, ContainerParent, Disposed, UsedUp
from backend.custody.reads.storage import tanks_of

BOX, TALL, ACROSS, DOWN = 168, 40, 204, 52
LETTERS = 19  # of the name that fit into a box


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
        key = (box.kind, box.passage, of, note, gone) if of else (box.code,)
        if key not in known:
            known[key] = len(groups)
            groups.append(_Group(of, 1 + max((groups[one].depth for one in of), default=-1), note, gone))
        where[box.code] = known[key]
        groups[known[key]].boxes.append(box)
    return groups


def _laid_out(groups: list[_Group]) -> Genealogy:
    columns: dict[int, list[int]] = {}
    for number, one in enumerate(groups):
        columns.setdefault(one.depth, []).append(number)
    tallest = max(len(column) for column in columns.values())
    at: dict[int, tuple[int, int]] = {}
    for depth, column in columns.items():
        above = (tallest - len(column)) * DOWN // 2
        at |= {number: (depth * ACROSS, above + row * DOWN) for row, number in enumerate(column)}
    lines = [
        f"M{at[parent][0] + BOX} {at[parent][1] + TALL // 2}H{at[child][0] - (ACROSS - BOX) // 2}V{at[child][1] + TALL // 2}H{at[child][0]}"
        for child, one in enumerate(groups) for parent in sorted(one.parents)
    ]  # fmt: skip
    branches = tuple(
        Branch(code=one.boxes[0].code, title=_title(one), note=_short(one.note), gone=one.gone, x=at[number][0], y=at[number][1])
        for number, one in enumerate(groups)
    )
    return Genealogy(branches=branches, lines="".join(lines), width=(max(columns) + 1) * ACROSS - (ACROSS - BOX), height=tallest * DOWN)


def _title(one: _Group) -> str:
    return _short(one.boxes[0].name if len(one.boxes) == 1 else f"{len(one.boxes)} × {one.boxes[0].kind}")


def _short(text: str) -> str:
    return text if len(text) <= LETTERS else text[: LETTERS - 1].rstrip() + "…"

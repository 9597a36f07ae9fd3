"""What was made from what: a container among its own, from the first of them to the last."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from backend.custody.models import Container, ContainerParent
from backend.custody.reads.containers import ContainerView, Frozen, container_views, counted
from backend.ledger import each, gathered, rows_of


class Kin(Frozen):
    """One container of a family tree: how many generations it is away, and whether it is the one asked for."""

    depth: int
    container: ContainerView
    itself: bool


@each
def descents(session: Session, cois: list[str]) -> Mapping[str, list[ContainerParent]]:
    """By subject, every container of theirs with what it was made from."""
    rows = session.exec(select(ContainerParent).where(col(ContainerParent.chain).in_(cois)))
    return gathered((row.chain, row) for row in rows)


def family(session: Session, container_code: str) -> tuple[list[str], list[str]]:
    """The codes of everything a container was made from, and of everything made from it, nearest first."""
    container = session.get(Container, container_code)
    made = _made(session, container) if container else []
    return list(_generations(made, container_code, up=True)), list(_generations(made, container_code, up=False))


def family_view(session: Session, container: Container) -> list[Kin]:
    """A container among its own: what it was made from above it, what was made from it below, each with its distance."""
    made = _made(session, container)
    up, down = _generations(made, container.code, up=True), _generations(made, container.code, up=False)
    found = {code: -depth for code, depth in up.items()} | {container.code: 0} | down
    rows, first = rows_of(session, Container, found), min(found.values())
    kin = sorted(rows.values(), key=lambda one: (found[one.code], one.at, counted(one.name)))
    return [
        Kin(depth=found[one.code] - first, container=one, itself=one.code == container.code) for one in container_views(session, kin)
    ]  # fmt: skip


def _made(session: Session, container: Container) -> Sequence[ContainerParent]:
    """Everything of the container's subject with what it was made from: cells of two subjects are never mixed."""
    return descents(session, [container.chain]).get(container.chain, [])


def _generations(made: Sequence[ContainerParent], code: str, *, up: bool) -> dict[str, int]:
    """Everything up (or down) the line with how many generations it is away, the nearest counting."""
    next_to = gathered((one.child, one.parent) if up else (one.parent, one.child) for one in made)
    found: dict[str, int] = {}
    todo, depth = [code], 0
    while todo:
        depth += 1
        near = sorted({other for one in todo for other in next_to.get(one, ())})
        todo = [one for one in near if one not in found]
        found |= dict.fromkeys(todo, depth)
    return found

"""Containers come into being, are measured and used up. Not acts of their own: the acts of other rooms call these inside theirs."""

from collections.abc import Iterable
from decimal import Decimal

from backend.custody import rules
from backend.custody.models import Amount, Container, ContainerParent, UsedUp
from backend.custody.reads.containers import occupancy_of, on_its_way
from backend.ledger import Now, refuse


def make_container(
    now: Now, kind: str, name: str, *, parents: Iterable[Container] = (), batch: str | None = None, step: str = "",
    passage: int | None = None, volume_ml: Decimal | None = None, cells: Decimal | None = None,
) -> Container:  # fmt: skip
    """A new container of this subject exists, with its parents and, when given, what is in it (mL, viable cells).

    Parents of another CoI are refused, and parents that are used up or on their way.
    """
    parents = list(parents)
    refuse(
        rules.against_parents(now.subject, parents),
        *(rules.against_using(p, now.session.get(UsedUp, p.code), on_its_way(now.session, p.code)) for p in parents),
    )
    made = now.add(Container(
        code=now.draw("C"), kind=kind, name=name, batch_code=batch, step=step, passage=passage, at=now.at, by=now.by,
    ))  # fmt: skip
    for code in dict.fromkeys(parent.code for parent in parents):
        now.add(ContainerParent(child=made.code, parent=code))
    now.session.flush()  # so that the same act can look it up, label it and use it up
    if volume_ml is not None or cells is not None:
        measure(now, made, volume_ml, cells)
    return made


def measure(now: Now, container: Container, volume_ml: Decimal | None = None, cells: Decimal | None = None) -> Amount:
    """The container holds this much from now on (mL, viable cells); None is not known."""
    row = Amount(code=now.draw("K", container.chain), container_code=container.code, volume_ml=volume_ml, cells=cells, at=now.at, by=now.by)
    return now.add(row, container.chain)


def use_up(now: Now, container: Container, why: str = "all of it was used") -> UsedUp:
    """Nothing is in the container any more, and it leaves the place where it stood. Twice is refused."""
    refuse(rules.against_using(container, now.session.get(UsedUp, container.code), on_its_way(now.session, container.code)))
    stands = occupancy_of(now.session, container.code)
    if stands:
        refuse(f"{container.name} is in a position; it must be picked first." if stands.position_code else None)
        stands.ended_at, stands.ended_by = now.at, now.by
    return now.add(UsedUp(container_code=container.code, why=why, at=now.at, by=now.by), container.chain)

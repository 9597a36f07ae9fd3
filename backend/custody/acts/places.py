"""Places come into being: from the site down to the nine times nine positions of a box."""

from typing import Annotated

from pydantic import StringConstraints

from backend.access.rules import Role
from backend.custody import rules
from backend.custody.models import Place
from backend.custody.reads.storage import POSITIONS
from backend.ledger import Now, Open, PlaceCode, act, ask, refuse

KEEPERS = {Role.QA, Role.ADMINISTRATOR}
Name = Annotated[str, StringConstraints(min_length=1, max_length=40), ask("Name")]
Zone = Annotated[str, ask("Zone", hint="quarantine or released; a box must have one unless its rack has")]


@act("custody.add_place", roles=KEEPERS, title="Add a place", writes={"supplies"}, tells="{by} added the {kind} {name}.", page="/places")
def add_place(
    now: Now, kind: Open[Annotated[str, ask("Kind")]], name: Open[Name], parent: PlaceCode | None = None, zone: Open[Zone] = "",
) -> Place:  # fmt: skip
    """There is a place of this kind and name. A box comes with its positions, by `custody.add_box`."""
    if kind in {"box", "position"}:
        refuse("A box comes with its 81 positions; add it as a box.")
    return _place(now, kind, name, now.get(Place, parent, f"{parent} is the code of no place.") if parent else None, zone)


@act(
    "custody.add_box", roles=KEEPERS, title="Add a box", writes={"supplies"}, tells="{by} added the box {name} with its positions.",
    page="/places",
)  # fmt: skip
def add_box(now: Now, rack: PlaceCode, name: Open[Name], zone: Open[Zone] = "") -> Place:
    """There is a box with its positions A1 to I9, each with a code of its own."""
    box = _place(now, "box", name, now.get(Place, rack, f"{rack} is the code of no place."), zone)
    now.session.flush()
    for position in POSITIONS:
        _place(now, "position", position, box, box.zone)
    return box


def _place(now: Now, kind: str, name: str, parent: Place | None, zone: str) -> Place:
    refuse(rules.against_place(kind, zone, parent))
    return now.add(Place(
        code=now.draw("P"), parent_code=parent.code if parent else None, kind=kind, name=name,
        path=f"{parent.path} · {name}" if parent else name, zone=zone or (parent.zone if parent else ""), at=now.at, by=now.by,
    ))  # fmt: skip

"""A room that does not exist, downstream of custody: a subject with containers and labels, made by the parts that real rooms use.

Its acts are in the registry only while a test of custody runs, so that nothing else ever sees them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlmodel import select

from backend.access.rules import Role
from backend.custody.acts import container_of, make_container, measure, request_labels, use_up, void_labels_of
from backend.custody.models import Container, Label
from backend.ledger import REGISTRY, Code, ContainerCode, Ledger, Now, Open, SubjectCode, act
from tests import story
from tests.people import by, sign

TECH = {Role.TECHNICIAN}
WORDS = {"cryovial": "Vial"}
DATES = {"filled_on": "2026-03-02", "expires_on": "2026-09-02", "storage": "Keep at 37 °C"}


@act("rig.subject", roles=TECH, title="Rig", tells="", founds=True)
def subject(now: Now) -> str:
    """A CoI exists."""
    code = now.subject or ""
    now.add(Code(code=code, kind="S", chain=""))
    return code


@act("rig.vials", roles=TECH, title="Rig", tells="")
def vials(
    now: Now, coi: SubjectCode, number: Open[str], count: Open[int], spare: Open[int] = 0, kind: Open[str] = "vial"
) -> dict[str, Any]:
    """So many containers, and a label asked for each."""
    name = WORDS.get(kind, kind.capitalize())
    batch = now.draw("K")
    made = [make_container(now, kind, f"{name} {n}", batch=batch, step="CRY-2", passage=2) for n in range(1, count + 1)]
    values = DATES | {"subject_number": number}
    template = "cryovial" if kind == "cryovial" else "container"
    labels = request_labels(
        now, template, [(one.code, values) for one in made] + [(None, values | {"passage": "P2", "contents": "Vial"})] * spare
    )
    return {"containers": made, "labels": labels, "batch": batch}


@act("rig.pool", roles=TECH, title="Rig", tells="")
def pool(now: Now, parent: list[ContainerCode], volume_ml: Open[Decimal | None] = None, cells: Open[Decimal | None] = None) -> Container:
    """One container made of these."""
    return make_container(
        now, "flask", "Pool", parents=[container_of(now.session, one) for one in parent], volume_ml=volume_ml, cells=cells
    )


@act("rig.use_up", roles=TECH, title="Rig", tells="")
def used(now: Now, container: ContainerCode) -> None:
    """Nothing is left."""
    use_up(now, container_of(now.session, container))


@act("rig.measure", roles=TECH, title="Rig", tells="")
def measured(now: Now, container: ContainerCode, volume_ml: Open[Decimal], cells: Open[Decimal]) -> None:
    """So much is in it."""
    measure(now, container_of(now.session, container), volume_ml, cells)


@act("rig.label", roles=TECH, title="Rig", tells="")
def label(
    now: Now, container: ContainerCode, template: Open[str], values: Open[dict[str, str]], coi: SubjectCode | None = None,
) -> list[Label]:  # fmt: skip
    """A label is asked for."""
    return request_labels(now, template, [(container, values)])


@act("rig.void", roles=TECH, title="Rig", tells="")
def void(now: Now, container: ContainerCode) -> None:
    """Its labels are void."""
    void_labels_of(now, container, "the container was discarded")


RIG = {name: REGISTRY.pop(name) for name in [n for n in REGISTRY if n.startswith("rig.")]}


@contextmanager
def rigged() -> Iterator[None]:
    """The rig's acts can be done."""
    REGISTRY.update(RIG)
    try:
        yield
    finally:
        for name in RIG:
            REGISTRY.pop(name, None)


@dataclass(frozen=True)
class Vials:
    """One subject's vials with their labels, in the same order; the spare labels last."""

    coi: str
    containers: list[str]
    labels: list[str]
    print: str = ""
    boxes: story.Boxes = field(default_factory=lambda: story.Boxes([], []))
    batch: str = ""


def make(ledger: Ledger, number: str, count: int, spare: int = 0, kind: str = "cryovial") -> Vials:
    """A subject with so many containers; their labels are asked for."""
    coi = ledger.do("rig.subject", by=by("TECH1")).result
    made = ledger.do(
        "rig.vials", {"coi": coi, "number": number, "count": str(count), "spare": str(spare), "kind": kind}, by=by("TECH1")
    ).result
    return Vials(coi, made["containers"], made["labels"], batch=made["batch"])


def print_(ledger: Ledger, labels: list[str]) -> str:
    code: str = ledger.do("custody.print_labels", {"label": labels}, by=by("TECH1")).result
    return code


def verify(ledger: Ledger, job: str, labels: list[str]) -> None:
    for one in labels:
        ledger.do("custody.verify_label", {"print_code": job, "label": one}, by=by("TECH2"))


def labelled(ledger: Ledger, number: str = "S08", count: int = 3, spare: int = 0) -> Vials:
    """A subject whose vials carry their labels."""
    made = make(ledger, number, count, spare)
    job = print_(ledger, made.labels)
    verify(ledger, job, made.labels[:count])
    ledger.do("custody.apply_label", {"label": made.labels[:count]}, by=by("TECH1"))
    return Vials(made.coi, made.containers, made.labels, job)


def store(ledger: Ledger, containers: list[str], positions: list[str], who: str = "TECH1", with_: str = "TECH2") -> Any:
    given = {"container": containers, "position": positions, "exposure_s": "40"}
    return ledger.do("custody.store", given, by=by(who), signatures=sign(who, with_))


def rows(ledger: Ledger, table: Any, /, **wanted: Any) -> list[Any]:
    """The rows of a table with these values."""
    with ledger.read() as session:
        return list(session.exec(select(table).filter_by(**wanted)))

"""Hand-over is two acts: one person gives, another receives, and both scan. Nothing on its way may be used (requirement C1)."""

from decimal import Decimal
from typing import Annotated

from pydantic import StringConstraints
from sqlmodel import Session

from backend.access.rules import Role
from backend.custody import rules
from backend.custody.models import Container, HandedOver, Received
from backend.custody.reads.containers import at_hand, container_of, occupancy_of, on_its_way, usable
from backend.ledger import ContainerCode, Now, Open, Refused, UnknownCode, act, ask, refuse

GIVERS = {Role.NURSE, Role.PHYSICIAN, Role.TECHNICIAN, Role.COURIER, Role.ANALYST, Role.COORDINATOR, Role.PREPARER}
To = Annotated[str, StringConstraints(min_length=1, max_length=120), ask("To whom", hint="The person or the room that is to receive it")]
Condition = Annotated[str, StringConstraints(min_length=1, max_length=200), ask("Condition", hint="Intact, or what is wrong")]
Degrees = Annotated[Decimal, ask("Temperature", unit="°C", ge=-200, le=60)]
Seal = Annotated[str, StringConstraints(max_length=60), ask("Seal")]
Logger = Annotated[str, StringConstraints(max_length=60), ask("Logger")]
Minutes = Annotated[int, ask("To be received within", unit="min", ge=1, le=4_320)]


def _is_awaited(session: Session, code: str) -> bool:
    try:
        return on_its_way(session, container_of(session, code).code) is not None
    except (Refused, UnknownCode):
        return False


@act(
    "custody.hand_over", roles=GIVERS, title="Hand over", tells="{by} handed {container} over to {to}.", offers=("C", "L"),
    ready=at_hand,
)  # fmt: skip
def hand_over(
    now: Now, container: list[ContainerCode], to: Open[To], condition: Open[Condition], temperature_c: Open[Degrees],
    seal: Open[Seal] = "", logger: Open[Logger] = "", within_minutes: Open[Minutes] = 30,
) -> list[HandedOver]:  # fmt: skip
    """These containers left my hands and are on their way; until somebody else receives them nobody may use them."""
    consignment = now.draw("K")
    return [
        give(now, usable(now.session, code), consignment, to, condition, temperature_c, seal, logger, within_minutes) for code in container
    ]


def give(
    now: Now, thing: Container, consignment: str, to: str, condition: str, temperature_c: Decimal, seal: str, logger: str,
    within_minutes: int,
) -> HandedOver:  # fmt: skip
    """This container is on its way, and no longer where it stood; one in a freezer position is refused."""
    stands = occupancy_of(now.session, thing.code)
    if stands:
        refuse(f"{thing.name} is in a position; it must be picked first." if stands.position_code else None)
        stands.ended_at, stands.ended_by = now.at, now.by
    refuse(rules.against_parents(now.subject, [thing]))
    return now.add(HandedOver(
        code=now.draw("K"), consignment=consignment, container_code=thing.code, to=to, condition=condition, temperature_c=temperature_c,
        seal=seal, logger=logger, within_minutes=within_minutes, at=now.at, by=now.by,
    ))  # fmt: skip


@act(
    "custody.receive", roles=GIVERS, title="Receive", tells="{by} received {container}: {condition}.", offers=("C", "L"),
    ready=_is_awaited,
)  # fmt: skip
def receive(
    now: Now, container: list[ContainerCode], condition: Open[Condition], temperature_c: Open[Degrees], seal: Open[Seal] = "",
) -> list[Received]:  # fmt: skip
    """These containers are in my hands. Who gave them cannot receive them."""
    return [take_over(now, container_of(now.session, code), condition, temperature_c, seal) for code in container]


def take_over(now: Now, thing: Container, condition: str, temperature_c: Decimal, seal: str) -> Received:
    """This container arrived and is in the hands of who received it."""
    way = on_its_way(now.session, thing.code)
    refuse(rules.against_parents(now.subject, [thing]))
    if way is None:
        raise Refused(f"{thing.name} was not handed over, or is received already.")
    refuse(rules.against_receiving(thing, way, now.by))
    way.ended_at, way.ended_by = now.at, now.by
    return now.add(Received(
        handed_over_code=way.code, container_code=thing.code, condition=condition, temperature_c=temperature_c, seal=seal, at=now.at,
        by=now.by,
    ))  # fmt: skip

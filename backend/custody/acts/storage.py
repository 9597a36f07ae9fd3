"""Vials into the cold and out of it, by two people; other containers to shelves and incubators.

No shared chain is locked for storing: between two subjects the unique indexes on open rows decide, and the loser is told who was first
(decision T2).
"""

from collections.abc import Callable
from typing import Annotated

from sqlmodel import Session

from backend.access.rules import Role
from backend.custody import rules
from backend.custody.models import BoxClaim, Container, Exposed, LabelApplied, Occupancy, Place
from backend.custody.reads.containers import at_hand, occupancy_of, subject_number, usable
from backend.custody.reads.labelling import live_label
from backend.custody.reads.standing import standing
from backend.custody.reads.storage import claim_of, in_position, vials_in_box
from backend.ledger import ContainerCode, Now, Open, PlaceCode, Refused, UnknownCode, act, ask, refuse

COLD_HANDS = {Role.TECHNICIAN, Role.PREPARER, Role.UNMASKED_QA}
Seconds = Annotated[int, ask("Time out of the cold", unit="s", hint="The longest of these vials, in seconds", ge=0, le=86_400)]
SAW = "I read the vial and its position myself."


def _stored(wanted: bool) -> Callable[[Session, str], bool]:
    """For `ready=`: whether this vial is in a position."""

    def ready(session: Session, code: str) -> bool:
        try:
            vial = usable(session, code)
        except (Refused, UnknownCode):
            return False
        stands = occupancy_of(session, vial.code)
        return rules.is_vial(vial.kind) and bool(stands and stands.position_code) == wanted

    return ready


@act(
    "custody.store", roles=COLD_HANDS, title="Store vials", signed="I put each vial into its position.", witness=SAW,
    tells="{by} stored the vials {container} in {position}.", offers=("C", "L"), ready=_stored(False),
    page="/storage/store?container={container}",
)  # fmt: skip
def store(now: Now, container: list[ContainerCode], position: list[PlaceCode], exposure_s: Open[Seconds]) -> list[Occupancy]:
    """Each vial is in the position that was scanned with it; a box that was nobody's is this subject's from now on."""
    refuse(rules.against_pairs(container, position))
    pairs = _pairs(container, position)
    return [_put_in(now, usable(now.session, vial), _place(now, where), exposure_s, "stored") for vial, where in pairs]


def _pairs(containers: list[str], positions: list[str]) -> list[tuple[str, str]]:
    return list(zip(containers, positions, strict=True))


def _place(now: Now, code: str) -> Place:
    return now.get(Place, code, f"{code} is the code of no place.")


def _put_in(now: Now, vial: Container, position: Place, seconds: int, doing: str) -> Occupancy:
    stands = occupancy_of(now.session, vial.code)
    label = live_label(now.session, vial.code)
    labelled = bool(label and now.session.get(LabelApplied, label.code))
    refuse(
        rules.against_parents(now.subject, [vial]),
        rules.against_storing(vial, position, labelled, bool(stands and stands.position_code), standing(now.session, vial)),
        _against_box(now, position) if position.kind == "position" else None,
    )
    if stands:
        _leave(now, stands)
    row = Occupancy(
        code=now.draw("K"), container_code=vial.code, place_code=position.code, position_code=position.code, at=now.at, by=now.by,
        witness=now.witness,
    )  # fmt: skip
    now.add(row)
    now.add(Exposed(code=now.draw("K"), container_code=vial.code, seconds=seconds, doing=doing, at=now.at, by=now.by))
    now.session.flush()  # so that the next vial of this act finds the box claimed and the position taken
    return row


def _against_box(now: Now, position: Place) -> list[str]:
    """Why another subject's vial is in the way; the box is claimed when it is nobody's."""
    said = []
    box = now.session.get_one(Place, position.parent_code)
    there = in_position(now.session, position.code)
    if there:
        said.append(rules.taken(position, (subject_number(now.session, there.chain), there.chain)))
    claim = claim_of(now.session, box.code)
    if claim and claim.coi != now.subject:
        said.append(rules.claimed(box, claim, subject_number(now.session, claim.coi)))
    if not claim and not said:
        now.add(BoxClaim(code=now.draw("K"), box_code=box.code, coi=now.subject or "", at=now.at, by=now.by))
    return said


def _leave(now: Now, stands: Occupancy) -> None:
    """It stands there no longer; the last vial frees its box."""
    stands.ended_at, stands.ended_by = now.at, now.by
    now.session.flush()
    if stands.position_code:
        box = now.session.get_one(Place, stands.position_code).parent_code or ""
        claim = claim_of(now.session, box)
        if claim and vials_in_box(now.session, box) == 0:
            claim.ended_at, claim.ended_by = now.at, now.by
            now.session.flush()


def missing(now: Now, container: Container) -> None:
    """The container is not where it should be: it stands nowhere any more, and its box is free when it was the last one there."""
    stands = occupancy_of(now.session, container.code)
    if stands:
        _leave(now, stands)


@act(
    "custody.pick", roles=COLD_HANDS, title="Pick vials", signed="I took each vial from its position.", witness=SAW, reason="open",
    tells="{by} picked the vials {container} from {position}.", offers=("C", "L"), ready=_stored(True),
    page="/storage/pick?container={container}",
)  # fmt: skip
def pick(now: Now, container: list[ContainerCode], position: list[PlaceCode], exposure_s: Open[Seconds]) -> list[Container]:
    """Each vial is out of the position it was in and in the hands of who picked it. A vial that is not where it should be is refused."""
    refuse(rules.against_pairs(container, position))
    found = []
    for code, where in _pairs(container, position):
        vial, scanned = usable(now.session, code), _place(now, where)
        stands = _taking(now, vial, scanned)
        _leave(now, stands)
        now.add(Exposed(code=now.draw("K"), container_code=vial.code, seconds=exposure_s, doing="picked", at=now.at, by=now.by))
        found.append(vial)
    return found


def _taking(now: Now, vial: Container, scanned: Place) -> Occupancy:
    """Where the vial stands, when that is the position that was scanned."""
    refuse(rules.against_parents(now.subject, [vial]))
    stands = occupancy_of(now.session, vial.code)
    if stands is None or stands.position_code is None:
        raise Refused(f"{vial.name} is in no position; it cannot be picked.")
    refuse(rules.against_taking(vial, scanned, now.session.get_one(Place, stands.position_code)))
    return stands


@act(
    "custody.move", roles=COLD_HANDS, title="Move a vial", signed="I moved the vial to this position.", witness=SAW, reason="open",
    tells="{by} moved the vial {container} from {position} to {to}.", offers=("C", "L"), ready=_stored(True),
    closed="A retained vial stays in the cold, also when its tank does not.",
)  # fmt: skip
def move(now: Now, container: ContainerCode, position: PlaceCode, to: PlaceCode, exposure_s: Open[Seconds]) -> Occupancy:
    """The vial is in another position; its time out of the cold adds up."""
    vial = usable(now.session, container)
    _leave(now, _taking(now, vial, _place(now, position)))
    return _put_in(now, vial, _place(now, to), exposure_s, "moved")


@act(
    "custody.put", roles={Role.TECHNICIAN, Role.ANALYST, Role.PREPARER}, title="Put containers down", offers=("C", "L"),
    ready=at_hand, tells="{by} put {container} into {place}.",
)  # fmt: skip
def put(now: Now, container: list[ContainerCode], place: PlaceCode) -> list[Occupancy]:
    """Each container stands on this bench or shelf, in this incubator or refrigerator."""
    where = _place(now, place)
    if where.kind in rules.FOR_VIALS:
        refuse(f"{where.path} is a {where.kind}; vials are stored there by two people, by position.")
    return [_put_down(now, usable(now.session, code), where) for code in container]


def _put_down(now: Now, thing: Container, where: Place) -> Occupancy:
    stands = occupancy_of(now.session, thing.code)
    if stands and stands.position_code:
        refuse(f"{thing.name} is in a position; it must be picked first.")
    if stands:
        _leave(now, stands)
    row = Occupancy(code=now.draw("K"), container_code=thing.code, place_code=where.code, at=now.at, by=now.by)
    return now.add(row, thing.chain)

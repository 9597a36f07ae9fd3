"""What must be true of containers, labels, places and hand-overs: from rows to sentences.

Every function yields all its reasons; none of them knows a session, a clock or a page.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.custody.models import BoxClaim, Container, Disposed, HandedOver, Label, Place, UsedUp

MIXED = "Cells of two subjects are never mixed."
NOT_A_CONTAINER = "This code belongs to no container."
ONE_SHEET = "These labels are of two subjects; labels of two subjects are never on one print."
REPRINT = "A label that is missing or spoilt is reprinted: it is void, and the new one has a code of its own."
HERE = "%Y-%m-%d %H:%M UTC"

UNDER: dict[str, frozenset[str]] = {
    "site": frozenset(),
    "building": frozenset({"site"}),
    "room": frozenset({"building"}),
    "bench": frozenset({"room"}),
    "incubator": frozenset({"room"}),
    "refrigerator": frozenset({"room"}),
    "shelf": frozenset({"room", "incubator", "refrigerator"}),
    "tank": frozenset({"room"}),
    "rack": frozenset({"tank"}),
    "box": frozenset({"rack"}),
    "position": frozenset({"box"}),
}
"""Kind of place to the kinds it may be in."""

FOR_VIALS = frozenset({"tank", "rack", "box", "position"})
QUARANTINE, RELEASED, REJECTED, ON_HOLD, RETAINED = "quarantine", "released", "rejected", "on hold", "retained"
"""How a container stands. Everything begins in quarantine."""
ZONES = (QUARANTINE, RELEASED)


def against_place(kind: str, zone: str, parent: Place | None) -> Iterator[str]:
    """Every reason why there cannot be a place of this kind here."""
    if kind not in UNDER:
        yield f"“{kind}” is no kind of place; the kinds are {', '.join(UNDER)}."
        return
    if not UNDER[kind] and parent:
        yield f"A {kind} is in no other place."
    if UNDER[kind] and (parent is None or parent.kind not in UNDER[kind]):
        where = f"this is a {parent.kind}" if parent else "none was given"
        yield f"A {kind} must be in a {' or '.join(sorted(UNDER[kind]))}; {where}."
    if zone and zone not in ZONES:
        yield f"“{zone}” is no zone; it must be quarantine or released."
    if zone and kind not in FOR_VIALS:
        yield f"Zones are for storage below −150 °C; a {kind} has none."
    if parent and parent.zone and zone and zone != parent.zone:
        yield f"{parent.path} is for {parent.zone}; what is in it must be so too, not for {zone}."
    if kind == "box" and not (zone or (parent and parent.zone)):
        yield "A box must be for quarantine or for released vials; nothing was said, and its rack does not say it."


def against_label(label: Label, printed: bool, verified: bool) -> str | None:
    """The one sentence that stops the scan of this label, or None when it may stand for its container (requirement C4)."""
    if label.ended_at:
        said = {"void": "is void", "destroyed": "was destroyed", "specimen": "is a specimen for the record"}[label.ended_how or "void"]
        return f"This label {said} since {label.ended_at:{HERE}}: {label.ended_why} Stop; scan the label that is on the container."
    if label.of_code is None:
        return "This is a spare label that belongs to no container. Stop; scan the label that is on the container."
    if not printed:
        return "This label was requested and never printed; only a printed label can be on a container."
    if not verified:
        return "This label was printed and never scanned back; it must be scanned back before it is used."
    return None


def against_using(container: Container, used_up: UsedUp | None, on_its_way: HandedOver | None) -> Iterator[str]:
    """Every reason why nothing can be done with this container now."""
    if used_up:
        yield f"{container.name} is used up since {used_up.at:{HERE}}: {used_up.why}"
    if on_its_way:
        yield f"{container.name} was handed over at {on_its_way.at:{HERE}} and is not received; nothing on its way may be used."


def against_parents(coi: str | None, parents: Iterable[Container]) -> Iterator[str]:
    """The one reason why cells of these containers cannot go into a container of this CoI."""
    if any(parent.chain != coi for parent in parents):
        yield MIXED


def against_printing(labels: Iterable[Label], printed: Iterable[str], stocks: Iterable[str]) -> Iterator[str]:
    """Every reason why these labels cannot go to paper in one job."""
    labels = list(labels)
    if not labels:
        yield "There is nothing to print; at least one label must be named."
    if len({label.code for label in labels}) < len(labels):
        yield "A label is named twice; two things with the same label are worse than none."
    if len({label.chain for label in labels}) > 1:
        yield ONE_SHEET
    if len(set(stocks)) > 1:
        yield "These labels are on different paper; one print is on one paper."
    done = set(printed)
    for label in labels:
        if label.code in done:
            yield f"Label {label.code} has been printed already; a reprint gets a new code."
        elif label.ended_at:
            yield f"Label {label.code} has ended: {label.ended_why}"


def against_applying(label: Label, printed: bool, verified: bool, applied: bool) -> Iterator[str]:
    """Every reason why this label cannot be put on its container."""
    if said := against_label(label, printed, verified):
        yield said
    elif applied:
        yield "This label is on its container already."


def against_ending(label: Label, how: str, printed: bool, applied: bool) -> Iterator[str]:
    """Every reason why this label cannot become void, destroyed or a specimen."""
    if label.ended_at:
        yield f"This label is {label.ended_how} already: {label.ended_why}"
        return
    if not printed and how != "void":
        yield f"This label is not printed; only a printed one can be {'destroyed' if how == 'destroyed' else 'kept as a specimen'}."
    if applied and how != "void":
        yield f"This label is on its container; it cannot be {'destroyed' if how == 'destroyed' else 'kept as a specimen'}."


def is_vial(kind: str) -> bool:
    """Whether the master record calls it a vial of some kind: vial, cryovial, retention vial."""
    return kind.endswith("vial")


def against_storing(container: Container, position: Place, labelled: bool, at_position: bool, standing: str) -> Iterator[str]:
    """Every reason why this vial cannot go into this position, whatever the others in the box.

    A released vial may stand in either zone; any other one in quarantine alone.
    """
    if position.kind != "position":
        yield f"{position.path} is a {position.kind}; a vial is stored in a position of a box."
    if not is_vial(container.kind):
        yield f"{container.name} is a {container.kind}; only vials are stored in boxes."
    if not labelled:
        yield f"{container.name} has no applied label; a vial is stored with its label on."
    if at_position:
        yield f"{container.name} is in a position already; it must be moved or picked."
    if position.zone == RELEASED and standing != RELEASED:
        how = "not released" if standing == QUARANTINE else standing
        yield f"{position.path} is for released vials; {container.name} is {how} and must go into quarantine."


def against_taking(container: Container, scanned: Place, actual: Place) -> str | None:
    """The reason why this vial is not the one that is taken from the position that was scanned."""
    return f"{container.name} belongs in {actual.path}; {scanned.path} was scanned." if actual.code != scanned.code else None


def taken(position: Place, by: tuple[str, str]) -> str:
    """Who is in a position: subject number and CoI."""
    return f"{position.path} holds a vial of {whose(*by)}; one position holds one vial."


def claimed(box: Place, claim: BoxClaim, number: str) -> str:
    """Whose box it is (decision T2)."""
    return f"{box.path} holds vials of {whose(number, claim.coi)}; one box holds one subject."


def whose(number: str, coi: str) -> str:
    """A subject as everybody in the laboratory may read it."""
    grouped = "-".join(coi[n : n + 4] for n in range(0, len(coi), 4))
    return f"subject {number} ({grouped})" if number else f"another subject ({grouped})"


def against_pairs(containers: list[str], positions: list[str]) -> Iterator[str]:
    """Every reason why two scanned lists are not pairs of a vial and its position."""
    if len(containers) != len(positions):
        yield f"{len(containers)} vials and {len(positions)} positions were scanned; each vial needs one position."
    for name, many in (("vial", containers), ("position", positions)):
        for code in sorted({one for one in many if many.count(one) > 1}):
            yield f"The {name} {code} was scanned twice."


def against_receiving(container: Container, on_its_way: HandedOver, by: str) -> str | None:
    """The reason why this person cannot take over this container."""
    return f"You handed {container.name} over, so somebody else must receive it." if on_its_way.by == by else None


def overdue(on_its_way: HandedOver, at: datetime) -> bool:
    """Whether it should have been received by now."""
    return (at - on_its_way.at).total_seconds() > on_its_way.within_minutes * 60


ENDED = ("applied", "specimen", "void", "destroyed")


def reconciled(states: Mapping[str, int]) -> tuple[int, dict[str, int], int]:
    """Printed, the four ways in which a printed label ends up, and the difference, which must be 0 (requirement C4)."""
    counts = {state: states.get(state, 0) for state in ENDED}
    printed = states.get("printed", 0)
    return printed, counts, printed - sum(counts.values())


@dataclass(frozen=True)
class Kept:
    """A container and everything that says where it is: its freezer position ("" for none), who had it last, what became of it."""

    container: Container
    position: str
    hands: str
    since: datetime
    on_its_way: HandedOver | None = None
    used_up: UsedUp | None = None
    disposed: Disposed | None = None
    sample: bool = False

    @property
    def gone(self) -> bool:
        """Whether nothing of it is left to be anywhere."""
        return self.used_up is not None or self.disposed is not None


STORED, TESTED, DISCARDED = "stored", "tested", "discarded"
COUNTS = (TESTED, RETAINED)
"""What may have become of a vial that the bank is still counted with."""


def against_keeping(kept: Kept, stored: Collection[str], names: Mapping[str, str]) -> Iterator[str]:
    """The gap in the custody of one container; those of the kinds `stored` must stand in a position unless a test has them."""
    box, way = kept.container, kept.on_its_way
    if kept.gone:
        return
    if way:
        yield f"{box.name} was handed over to {way.to} at {way.at:{HERE}} and is not received; somebody must receive it."
    elif box.kind in stored and not kept.position and not kept.sample:
        who = names.get(kept.hands, kept.hands)
        yield (
            f"{box.name} is in no position since {kept.since:{HERE}}; {who} had it last. It must be in its position, given to a test, "
            "or disposed of."
        )


def fate(one: Kept) -> str:
    """What has become of a vial: stored in a position, tested, retained or discarded; "" while it is in somebody's hands."""
    if one.disposed:
        return one.disposed.how if one.disposed.how in COUNTS else DISCARDED
    if one.sample:
        return TESTED
    if one.used_up:
        return DISCARDED
    return STORED if one.position else ""


def banked(kept: Iterable[Kept], stored: Collection[str]) -> list[Kept]:
    """The vials that count as the bank: in a position, given to a test, or retained."""
    return [one for one in kept if one.container.kind in stored and fate(one) in (STORED, *COUNTS)]


def against_number(vials: int, fewest: int) -> Iterator[str]:
    """Why so many vials are no bank."""
    if vials < fewest:
        yield f"The bank has {vials} vials that are stored or were given to tests; it must have at least {fewest}."

"""What stands on the papers that carry a thing's own code: the plate of a place, the label of a box, the badge of a person.

What stood on one is kept with its print, so that its paper is made of recorded values alone; an older one is wrong and not void, but for a
badge, which is replaced.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from backend.access.models import Badge, BadgePrinted, Person
from backend.access.reads import roles_of
from backend.custody.models import BoxClaim, Label, Occupancy, Place, PlacePrinted, PlaceVerified
from backend.custody.reads.containers import values_of
from backend.custody.reads.labelling import of_trial, one_label_pdf, printable, template_in
from backend.custody.reads.storage import claim_of, place_of, vials_in_box
from backend.ledger import Ledger, Refused
from backend.trial import reads as trial
from backend.trial.reads import folder_in_force_code
from labels.copies import Copy
from labels.templates import LabelTemplate

BADGE, BOX, PLATE = "badge", "box", "plate"


class Paper(NamedTuple):
    """What is printed: the template and the folder that it is of, and the values without the code."""

    template: str
    folder: str
    values: Mapping[str, str]


def _paper(session: Session, code: str, *ways: tuple[LabelTemplate, Mapping[str, str]]) -> Paper:
    template, values = printable(*((one, {**said, "code": code}) for one, said in ways))
    return Paper(template.code, folder_in_force_code(session), {name: said for name, said in values.items() if name != "code"})


def pdf_of(ledger: Ledger, session: Session, code: str, template: str, row: PlacePrinted | BadgePrinted) -> bytes:
    """The paper of such a print, with what was recorded when it was printed."""
    return one_label_pdf(ledger, template_in(session, row.folder, template), values_of(row.values_text) | {"code": code})


def newest_print(session: Session, place_code: str, paper: str) -> PlacePrinted | None:
    """The newest print of this paper (plate or box) for a place."""
    query = select(PlacePrinted).where(PlacePrinted.place_code == place_code, PlacePrinted.paper == paper)
    return session.exec(query.order_by(col(PlacePrinted.number).desc())).first()


def copy_of(session: Session, row: PlacePrinted | None) -> Copy | None:
    """Such a print as a rule asks for it."""
    if row is None:
        return None
    back = session.get(PlaceVerified, row.code)
    return Copy(row.code, row.number, row.why, row.at, row.by, back.at if back else None)


def to_scan_back(session: Session, place_code: str) -> Copy | None:
    """The print that a scan of this place's code verifies: the older of its two papers that is not scanned back; else the older."""
    copies = [one for paper in (PLATE, BOX) if (one := copy_of(session, newest_print(session, place_code, paper)))]
    return min(copies, key=lambda one: (one.back_at is not None, one.at), default=None)


def plate_paper(session: Session, here: Place) -> Paper:
    """The plate of a place, on the first plate of the trial folder that has room for its name, with as much of where it is as fits."""
    folder = folder_in_force_code(session)
    above = here.path.split(" · ")[:-1][-3:] or [here.kind.capitalize()]
    ways = [
        (template, {"place_name": here.name, "place_path": " · ".join(above[n:])})
        for template in trial.folder(session, folder).labels.labels
        if template.stage == "place"
        for n in range(len(above))
    ]
    return _paper(session, here.code, *(ways or [(template_in(session, folder, "place"), {})]))


def box_paper(session: Session, box_code: str) -> Paper:
    """The label of a box as it is filled now."""
    return _paper(session, box_code, (template_in(session, folder_in_force_code(session), BOX), box_values(session, box_code)))


def badge_paper(session: Session, badge: Badge, at: datetime) -> Paper:
    """The badge of a person as they are now."""
    return _paper(session, badge.code, (template_in(session, folder_in_force_code(session), BADGE), badge_values(session, badge, at)))


def box_values(session: Session, box_code: str) -> dict[str, str]:
    """The label of a box says whose vials are in it, how many, and of these the first day of use by; a box without any has no label."""
    box = place_of(session, box_code)
    if box.kind != "box":
        raise Refused(f"{box.path} is a {box.kind}; only a box has this label.")
    claim = claim_of(session, box_code)
    if claim is None:
        raise Refused(f"{box.path} holds no vial; its label says whose vials are in it, so it is printed once there are some.")
    return of_trial(session, folder_in_force_code(session), BOX) | _of_vials(session, claim)


def _of_vials(session: Session, claim: BoxClaim) -> dict[str, str]:
    """What the labels of the vials in a box say together; what was reactive for one of them is said of all."""
    labels = session.exec(
        select(Label).join(Occupancy, col(Occupancy.container_code) == Label.of_code)
        .join(Place, col(Place.code) == Occupancy.position_code)
        .where(Place.parent_code == claim.box_code, col(Occupancy.ended_at).is_(None), col(Label.ended_at).is_(None))
        .order_by(col(Label.at), col(Label.code))
    ).all()  # fmt: skip
    said = [values_of(label.values_text) for label in labels]

    def every(name: str) -> list[str]:
        return sorted({one[name] for one in said if one.get(name)})

    filled = every("filled_on")
    return {
        "coi": claim.coi, "vials": str(vials_in_box(session, claim.box_code)), "subject_number": ", ".join(every("subject_number")),
        "passage": "/".join(every("passage")),
        "filled_on": "/".join(dict.fromkeys([*filled[:1], *filled[-1:]])), "expires_on": next(iter(every("expires_on")), ""),
        "evaluation_missing": next(iter(every("evaluation_missing")), ""),
        "reactive_for": ", ".join(sorted({agent for text in every("reactive_for") for agent in text.split(", ")})),
    }  # fmt: skip


def badge_values(session: Session, badge: Badge, at: datetime) -> dict[str, str]:
    """The badge of a person says who they are and what they may be at this moment. Who has no role that counts has none."""
    row = session.get_one(Person, badge.person)
    roles = sorted(roles_of(session, [row.code], at)[row.code])
    if not roles:
        raise Refused(f"{row.name} has no role that counts now; a badge says what its bearer may be.")
    site = of_trial(session, folder_in_force_code(session), BADGE)["site"]
    return {
        "person_name": row.name, "staff_number": row.code, "roles": ", ".join(roles),
        "site": site.partition(",")[0],  # a card has no room for its address
    }  # fmt: skip

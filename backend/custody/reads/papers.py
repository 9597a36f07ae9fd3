"""What stands on the papers that carry a thing's own code: the label of a box, the badge of a person.

They are made from what is true now, so they can be printed as often as they wear out; an old one is wrong and not void.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from backend.access.models import Person, PersonLeft
from backend.access.reads import roles_of
from backend.custody.models import BoxClaim, Label, Occupancy, Place
from backend.custody.reads.containers import values_of
from backend.custody.reads.labelling import of_trial
from backend.custody.reads.storage import claim_of, place_of, vials_in_box
from backend.ledger import Refused, UnknownCode
from backend.trial.reads import folder_in_force_code


def box_values(session: Session, box_code: str) -> dict[str, str]:
    """The label of a box says whose vials are in it, how many, and of these the first day of use by; a box without any has no label."""
    box = place_of(session, box_code)
    if box.kind != "box":
        raise Refused(f"{box.path} is a {box.kind}; only a box has this label.")
    claim = claim_of(session, box_code)
    if claim is None:
        raise Refused(f"{box.path} holds no vial; its label says whose vials are in it, so it is printed once there are some.")
    return of_trial(session, folder_in_force_code(session), "box") | {"code": box_code} | _of_vials(session, claim)


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


def badge_values(session: Session, person: str, at: datetime) -> dict[str, str]:
    """The badge of a person says who they are and what they may be at this moment. Who has left, or has no role that counts, has none."""
    row = session.get(Person, person)
    if row is None:
        raise UnknownCode(person[:40])
    if session.get(PersonLeft, person):
        raise Refused(f"{row.name} no longer works here, so there is no badge for them.")
    roles = sorted(roles_of(session, [person], at)[person])
    if not roles:
        raise Refused(f"{row.name} has no role that counts now; a badge says what its bearer may be.")
    site = of_trial(session, folder_in_force_code(session), "badge")["site"]
    return {
        "code": row.badge, "person_name": row.name, "staff_number": row.code, "roles": ", ".join(roles),
        "site": site.partition(",")[0],  # a card has no room for its address
    }  # fmt: skip

"""What a code is, in the eyes of whoever scanned it: what, whose, where, in which state, and where it is dealt with.

An unknown code and a code of something that this person has no part in answer alike: not at all (decision P4).
"""

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.access.models import Person, RoleGranted, Station
from backend.access.rules import Role, Viewer
from backend.batch.models import Batch
from backend.collection.models import Collection
from backend.custody.models import Container, Label, Place, Print
from backend.custody.reads.containers import container_view
from backend.custody.reads.labelling import state_of
from backend.custody.reads.storage import claim_of, in_position, vials_in_box
from backend.dose.models import Dose, DoseDecision, Order
from backend.dose.reads import dose_in
from backend.ledger import Code
from backend.ledger.perform import COMMON
from backend.quality.models import Deviation, Hold
from backend.quality.reads import is_covered
from backend.subject.models import Subject, Wristband
from backend.supplies.models import Equipment, Lot
from labels.codes import KINDS

Fact = tuple[str, str]
Pill = tuple[str, str]
WHO = "SW"  # the codes that say who a subject is


class Answer(BaseModel):
    """What one code is. `pill` is (kind of state, word); `stop` is a sentence when nothing may be done with it."""

    model_config = ConfigDict(frozen=True)
    code: str
    kind: str
    title: str
    coi: str = ""
    subject: str = ""
    where: str = ""
    pill: Pill = ("plain", "")
    facts: tuple[Fact, ...] = ()
    page: str = ""
    stop: str = ""
    means: str = ""


def answer(session: Session, code: str, viewer: Viewer) -> Answer | None:
    """What this code is, or None when it is nothing, or nothing for this viewer."""
    row = session.get(Code, code)
    if row is None:
        return None
    coi = "" if row.chain in COMMON else row.chain
    if coi and not _may_ask(viewer, row.kind):
        return None
    found = _BY_KIND[row.kind](session, code, viewer)
    if found is None or not coi:
        return found
    subject = session.get(Subject, coi)
    return found.model_copy(update={"coi": coi, "subject": subject.number if subject else ""})


def _may_ask(viewer: Viewer, kind: str) -> bool:
    """Whether this viewer has a part in a subject's code of this kind: an assessor sees who the subject is, and nothing of their cells."""
    carries = Role.COURIER in viewer.roles
    return viewer.reads_record or (viewer.sees_subjects and (carries or kind in WHO))


def _subject(session: Session, code: str, _: Viewer) -> Answer | None:
    row = session.get(Subject, code)
    return Answer(code=code, kind=KINDS["S"], title=f"Subject {row.number}", page=f"/subjects/{code}") if row else None


def _container(session: Session, code: str, viewer: Viewer) -> Answer | None:
    row = session.get(Container, code)
    if row is None:
        return None
    if not viewer.reads_record:  # whoever carries it must know what it is and whose, not what is in it or where the others are
        return Answer(code=code, kind=row.kind, title=row.name)
    seen = container_view(session, row)
    facts = [("Made", f"{seen.step or 'collection'}, {seen.made_by}")]
    if seen.volume_ml is not None:
        facts.append(("Volume", f"{seen.volume_ml}\u202fmL"))
    if seen.cells is not None:
        facts.append(("Cells", f"{seen.cells:f}"))
    pill, page = ("plain", "Used up") if seen.used_up else ("hold", "Quarantine"), f"/containers/{code}"
    if dose := dose_in(session, code):
        decision, page = session.get(DoseDecision, dose.code), f"/doses/{dose.code}"
        word = {"released": ("go", "Released"), "rejected": ("stop", "Rejected")}
        pill = pill if seen.used_up else word[decision.decision] if decision else ("wait", "Not released")
        facts.append(("Dose", pill[1]))  # a scanned label shows its own state in the pill
    return Answer(code=code, kind=seen.kind, title=seen.name, where=seen.where, pill=pill, facts=tuple(facts), page=page)


def _label(session: Session, code: str, viewer: Viewer) -> Answer | None:
    row = session.get(Label, code)
    if row is None:
        return None
    state = state_of(session, row)
    on = _container(session, row.of_code, viewer) if row.of_code and row.of_code.startswith("C") else None
    stop = _stop(state, row.ended_why or "")
    pill: Pill = ("stop", state.capitalize()) if stop else ("go" if state == "applied" else "wait", state.capitalize())
    if on is None:
        return Answer(code=code, kind=KINDS["L"], title="Label that is on nothing yet", pill=pill, stop=stop)
    return on.model_copy(update={"code": code, "pill": pill, "stop": stop, "means": on.code})


def _stop(state: str, why: str) -> str:
    """Why a scan of this label must not go on: the hard stop of a label's life."""
    if state in {"void", "destroyed", "specimen"}:
        return f"This label is {state}{f': {why}' if why else ''}. It stands for nothing any more."
    if state in {"requested", "printed"}:
        return "This label has not been scanned back since it was printed, so it may not be used yet."
    return ""


def _wristband(session: Session, code: str, _: Viewer) -> Answer | None:
    row = session.get(Wristband, code)
    if row is None:
        return None
    stop = "This wristband is void: another one was issued after it. Take it off, and look for the new one." if row.ended_at else ""
    pill: Pill = ("stop", "Void") if row.ended_at else ("go", "Live")
    return Answer(code=code, kind=KINDS["W"], title="Wristband", pill=pill, page=f"/subjects/{row.subject_code}", stop=stop)


def _place(session: Session, code: str, viewer: Viewer) -> Answer | None:
    row = session.get(Place, code)
    if row is None:
        return None
    facts: list[Fact] = [("Zone", row.zone)] if row.zone else []
    pill: Pill = ("plain", "")
    if row.kind == "box":
        claim = claim_of(session, code)
        holder = session.get(Subject, claim.coi) if claim and viewer.reads_record else None
        facts.append(("Vials", str(vials_in_box(session, code)) if viewer.reads_record else "–"))
        facts.append(("Belongs to", holder.number if holder else "nobody" if claim is None else "–"))
    if row.kind == "position" and viewer.reads_record:
        pill = ("plain", "Taken") if in_position(session, code) else ("go", "Free")
    box = code if row.kind == "box" else row.parent_code if row.kind == "position" else ""
    page = f"/storage?box={box}" if box else f"/places?under={code}"
    return Answer(code=code, kind=row.kind, title=row.path, pill=pill, facts=tuple(facts), page=page)


def _equipment(session: Session, code: str, _: Viewer) -> Answer | None:
    row = session.get(Equipment, code)
    if row is None:
        return None
    pill: Pill = ("plain", "Out of use") if row.ended_at else ("go", "In use")
    return Answer(code=code, kind=row.kind, title=row.name, pill=pill, facts=(("Serial number", row.serial_number),), page="/equipment")


def _lot(session: Session, code: str, _: Viewer) -> Answer | None:
    row = session.get(Lot, code)
    if row is None:
        return None
    facts = (("Lot", row.lot_number), ("Maker", row.maker), ("Use until", row.expires_on.isoformat()))
    return Answer(code=code, kind=KINDS["T"], title=row.item, facts=facts, page="/lots")


def _badge(session: Session, code: str, _: Viewer) -> Answer | None:
    row = session.exec(select(Person).where(Person.badge == code)).first()
    return (
        Answer(code=code, kind=KINDS["B"], title=row.name, facts=(("Staff number", row.code),), page=f"/people/{row.code}") if row else None
    )


def _record(session: Session, code: str, viewer: Viewer) -> Answer | None:
    """Everything without a label: a batch, a collection, a deviation, a hold, a print, a role, a station."""
    if batch := session.get(Batch, code):
        return Answer(code=code, kind="batch", title="Batch", facts=(("Opened", batch.by),), page=f"/batches/{code}")
    if collection := session.get(Collection, code):
        return Answer(code=code, kind="collection", title=f"Collection {collection.ordinal}", page=f"/collections/{code}")
    if order := session.get(Order, code):
        ordered: Pill = ("plain", "Ended") if order.ended_at else ("wait", "Ordered")
        page = f"/subjects/{order.coi}/infusions"
        return Answer(code=code, kind="order", title=f"Order of infusion {order.infusion}", pill=ordered, page=page)
    if deviation := session.get(Deviation, code):
        if is_covered(session, deviation, viewer.person):
            return None  # as one that does not exist: that it was opened would tell of a value (decision W3)
        return Answer(code=code, kind="deviation", title=deviation.sentence, pill=("warn", deviation.grade), page=f"/deviations/{code}")
    if dose := session.get(Dose, code):
        return Answer(code=code, kind="dose", title=f"Dose of infusion {dose.infusion}", page=f"/doses/{code}")
    if hold := session.get(Hold, code):
        pill: Pill = ("plain", "Lifted") if hold.ended_at else ("hold", "On hold")
        return Answer(code=code, kind="hold", title=hold.why, pill=pill, page="/holds")
    if session.get(Print, code):
        return Answer(code=code, kind="print of labels", title="Print of labels", page=f"/labels/{code}")
    if grant := session.get(RoleGranted, code):
        return Answer(code=code, kind="role", title=f"{grant.person}: {grant.role}", page=f"/people/{grant.person}")
    if station := session.get(Station, code):
        return Answer(code=code, kind="station", title=station.name, page="/stations")
    return Answer(code=code, kind=KINDS["K"], title="Record", page=f"/history?code={code}")


def _document(_: Session, code: str, __: Viewer) -> Answer | None:
    return Answer(code=code, kind=KINDS["D"], title="Document", page=f"/history?code={code}")


_BY_KIND: dict[str, Callable[[Session, str, Viewer], Answer | None]] = {
    "S": _subject, "C": _container, "L": _label, "W": _wristband, "P": _place, "E": _equipment, "T": _lot, "B": _badge, "D": _document,
    "K": _record,
}  # fmt: skip


def by_subject_number(session: Session, text: str, viewer: Viewer) -> str | None:
    """The CoI of the subject whose number was typed instead of a code."""
    if not viewer.sees_subjects:
        return None
    return session.exec(select(Subject.code).where(col(Subject.number) == text.strip().upper())).first()

"""What a code is, in the eyes of whoever scanned it: what, whose, where, in which state, and where it is dealt with.

An unknown code and a code of something that this person has no part in answer alike: not at all (decision P4).
"""

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.access.models import Badge, Person, RoleGranted, Station
from backend.access.reads import badge_fault, names_of
from backend.access.rules import Role, Viewer
from backend.batch.models import Batch
from backend.collection.models import Collection
from backend.custody.models import Container, Label, Place, Print, UsedUp
from backend.custody.reads.containers import amount_of, whereabouts
from backend.custody.reads.labelling import state_of
from backend.custody.reads.standing import seen_as
from backend.custody.reads.storage import claim_of, in_position, vials_in_box
from backend.custody.rules import is_vial
from backend.desk.reads.words import listed
from backend.dose.models import Administration, Dose, DoseDecision, Order
from backend.dose.reads import dose_in
from backend.dose.reads.progress import SYRINGE
from backend.ledger import Code
from backend.ledger.perform import COMMON
from backend.ledger.sealing import Keyring
from backend.ledger.words import Text, words
from backend.quality.models import Deviation, Hold
from backend.quality.reads import is_covered
from backend.subject.models import Subject, Wristband
from backend.subject.reads import identity_of
from backend.supplies.models import Equipment, Lot
from backend.trial.rules import shown as rounded
from labels.codes import KINDS

Fact = tuple[Text, Text]
Pill = tuple[str, Text]
WHO = "SW"  # the codes that say who a subject is
NAMED = "SWCL"  # and those of what is made of them: whoever sees names is led to the person


class Answer(BaseModel):
    """What one code is. `pill` is (kind of state, word); `stop` is a sentence when nothing may be done with it.

    `name` and `born` are the subject's, for whoever sees names; "" for everybody else.
    """

    model_config = ConfigDict(frozen=True)
    code: str
    kind: Text
    title: Text
    coi: str = ""
    subject: str = ""
    name: str = ""
    born: str = ""
    where: Text = ""
    pill: Pill = ("plain", "")
    facts: tuple[Fact, ...] = ()
    page: str = ""
    stop: Text = ""
    means: str = ""


def answer(session: Session, code: str, viewer: Viewer, keyring: Keyring) -> Answer | None:
    """What this code is, or None when it is nothing, or nothing for this viewer. Their own cells lead those who see names to the person."""
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
    who = identity_of(session, keyring, subject) if subject and viewer.sees_names and row.kind in NAMED else None
    named = {"name": who.full_name, "born": who.birth_date} if who else {}
    return found.model_copy(update={"coi": coi, "subject": subject.number if subject else "", **named})


def _may_ask(viewer: Viewer, kind: str) -> bool:
    """Whether this viewer has a part in a subject's code of this kind: an assessor sees who the subject is, and nothing of their cells."""
    carries = Role.COURIER in viewer.roles
    return viewer.reads_record or (viewer.sees_subjects and (carries or kind in WHO))


def _subject(session: Session, code: str, _: Viewer) -> Answer | None:
    row = session.get(Subject, code)
    if row is None:
        return None
    title = words("Subject %(number)s", number=row.number)
    return Answer(code=code, kind=listed(KINDS["S"]), title=title, page=f"/subjects/{code}")


def _container(session: Session, code: str, viewer: Viewer) -> Answer | None:
    row = session.get(Container, code)
    if row is None:
        return None
    if not viewer.reads_record:  # whoever carries it must know what it is and whose, not what is in it or where the others are
        return Answer(code=code, kind=row.kind, title=row.name)
    amount, used_up = amount_of(session, code), session.get(UsedUp, code) is not None
    maker = names_of(session, [row.by]).get(row.by, row.by)
    facts: list[Fact] = [(words("Made"), f"{row.step}, {maker}" if row.step else words("collection, %(who)s", who=maker))]
    if amount and amount.volume_ml is not None:
        facts.append((words("Volume"), f"{rounded(amount.volume_ml)}\u202fmL"))
    if amount and amount.cells is not None:
        facts.append((words("Cells"), rounded(amount.cells)))
    pill = ("plain", words("Used up")) if used_up else _standing(session, row)
    page = f"/containers/{code}"
    if dose := dose_in(session, code) if row.kind == SYRINGE else None:
        decision, page = session.get(DoseDecision, dose.code), f"/doses/{dose.code}"
        known: dict[str, Pill] = {"released": ("go", words("Released")), "rejected": ("stop", words("Rejected"))}
        pill = pill if used_up else known[decision.decision] if decision else ("wait", words("Not released"))
        facts.append((words("Dose"), pill[1]))  # a scanned label shows its own state in the pill
    elif is_vial(row.kind):
        facts.append((words("Vial"), pill[1]))
    return Answer(code=code, kind=row.kind, title=row.name, where=whereabouts(session, row), pill=pill, facts=tuple(facts), page=page)


def _standing(session: Session, row: Container) -> Pill:
    known: dict[str, Pill] = {"released": ("go", words("Released")), "rejected": ("stop", words("Rejected"))}
    known |= {"on hold": ("hold", words("On hold")), "quarantine": ("hold", words("Quarantine")), "retained": ("plain", words("Retained"))}
    return known[seen_as(session, [row])[row.code]]


def _label(session: Session, code: str, viewer: Viewer) -> Answer | None:
    row = session.get(Label, code)
    if row is None:
        return None
    state = state_of(session, row)
    on = _container(session, row.of_code, viewer) if row.of_code and row.of_code.startswith("C") else None
    stop = _stop(state, row.ended_why or "")
    pill: Pill = ("stop" if stop else "go" if state == "applied" else "wait", listed(state.capitalize()))
    if on is None:
        return Answer(code=code, kind=listed(KINDS["L"]), title=words("Label that is on nothing yet"), pill=pill, stop=stop)
    return on.model_copy(update={"code": code, "pill": pill, "stop": stop, "means": on.code})


def _stop(state: str, why: str) -> str:
    """Why a scan of this label must not go on: the hard stop of a label's life."""
    if state in {"void", "destroyed", "specimen"}:
        if why:
            return words("This label is %(state)s: %(why)s. It stands for nothing any more.", state=state, why=why)
        return words("This label is %(state)s. It stands for nothing any more.", state=state)
    if state in {"requested", "printed"}:
        return words("This label has not been scanned back since it was printed, so it may not be used yet.")
    return ""


def _wristband(session: Session, code: str, _: Viewer) -> Answer | None:
    row = session.get(Wristband, code)
    if row is None:
        return None
    void = words("This wristband is void: another one was issued after it. Take it off, and look for the new one.")
    stop = void if row.ended_at else ""
    pill: Pill = ("stop", words("Void")) if row.ended_at else ("go", words("Live"))
    return Answer(code=code, kind=listed(KINDS["W"]), title=words("Wristband"), pill=pill, page=f"/subjects/{row.subject_code}", stop=stop)


def _place(session: Session, code: str, viewer: Viewer) -> Answer | None:
    row = session.get(Place, code)
    if row is None:
        return None
    facts: list[Fact] = [(words("Zone"), listed(row.zone))] if row.zone else []
    pill: Pill = ("plain", "")
    if row.kind == "box":
        claim = claim_of(session, code)
        holder = session.get(Subject, claim.coi) if claim and viewer.reads_record else None
        facts.append((words("Vials"), str(vials_in_box(session, code)) if viewer.reads_record else "–"))
        facts.append((words("Belongs to"), holder.number if holder else words("nobody") if claim is None else "–"))
    if row.kind == "position" and viewer.reads_record:
        pill = ("plain", words("Taken")) if in_position(session, code) else ("go", words("Free"))
    box = code if row.kind == "box" else row.parent_code if row.kind == "position" else ""
    page = f"/storage?box={box}" if box else f"/places?under={code}"
    return Answer(code=code, kind=listed(row.kind), title=row.path, pill=pill, facts=tuple(facts), page=page)


def _equipment(session: Session, code: str, _: Viewer) -> Answer | None:
    row = session.get(Equipment, code)
    if row is None:
        return None
    pill: Pill = ("plain", words("Out of use")) if row.ended_at else ("go", words("In use"))
    facts = ((words("Serial number"), row.serial_number),)
    return Answer(code=code, kind=row.kind, title=row.name, pill=pill, facts=facts, page="/equipment")


def _lot(session: Session, code: str, viewer: Viewer) -> Answer | None:
    row = session.get(Lot, code)
    if row is None:
        return None
    facts = ((words("Lot"), row.lot_number), (words("Maker"), row.maker), (words("Use until"), row.expires_on.isoformat()))
    page = f"/lots/{code}/trace" if viewer.reads_record else "/lots"
    return Answer(code=code, kind=listed(KINDS["T"]), title=row.item, facts=facts, page=page)


def _badge(session: Session, code: str, _: Viewer) -> Answer | None:
    """A badge stands for its person from its scan back until it is void; before and after that it names nobody."""
    row, kind = session.get(Badge, code), listed(KINDS["B"])
    if row is None:
        return None
    if row.ended_at:
        stop = words("This badge is void since %(at)s. It stands for nobody any more.", at=f"{row.ended_at:%Y-%m-%d %H:%M} UTC")
        return Answer(code=code, kind=kind, title=words("Void badge"), pill=("stop", words("Void")), stop=stop)
    if badge_fault(session, code):
        title = words("Badge that stands for nobody yet")
        return Answer(code=code, kind=kind, title=title, pill=("wait", words("Not scanned back")))
    person = session.get_one(Person, row.person)
    facts = ((words("Staff number"), person.code),)
    return Answer(code=code, kind=kind, title=person.name, facts=facts, page=f"/people/{person.code}")


def _record(session: Session, code: str, viewer: Viewer) -> Answer | None:
    """Everything without a label: a batch, a collection, a deviation, a hold, a print, a role, a station."""
    if batch := session.get(Batch, code):
        return Answer(code=code, kind=words("batch"), title=words("Batch"), facts=((words("Opened"), batch.by),), page=f"/batches/{code}")
    if collection := session.get(Collection, code):
        title = words("Collection %(number)s", number=collection.ordinal)
        return Answer(code=code, kind=words("collection"), title=title, page=f"/collections/{code}")
    if order := session.get(Order, code):
        ordered: Pill = ("plain", words("Ended")) if order.ended_at else ("wait", words("Ordered"))
        title = words("Order of infusion %(number)s", number=order.infusion)
        return Answer(code=code, kind=words("order"), title=title, pill=ordered, page=f"/subjects/{order.coi}/infusions")
    if deviation := session.get(Deviation, code):
        if is_covered(session, deviation, viewer.person):
            return None  # as one that does not exist: that it was opened would tell of a value (decision W3)
        grade: Pill = ("warn", listed(deviation.grade))
        return Answer(code=code, kind=words("deviation"), title=deviation.sentence, pill=grade, page=f"/deviations/{code}")
    if dose := session.get(Dose, code):
        title = words("Dose of infusion %(number)s", number=dose.infusion)
        return Answer(code=code, kind=words("dose"), title=title, page=f"/doses/{code}")
    if hold := session.get(Hold, code):
        pill: Pill = ("plain", words("Lifted")) if hold.ended_at else ("hold", words("On hold"))
        return Answer(code=code, kind=words("hold"), title=hold.why, pill=pill, page="/holds")
    if given := session.get(Administration, code):
        return Answer(code=code, kind=words("infusion"), title=words("Infusion %(number)s", number=given.infusion), page=f"/bedside/{code}")
    if session.get(Print, code):
        return Answer(code=code, kind=words("print of labels"), title=words("Print of labels"), page=f"/labels/{code}")
    if grant := session.get(RoleGranted, code):
        return Answer(code=code, kind=words("role"), title=f"{grant.person}: {grant.role}", page=f"/people/{grant.person}")
    if station := session.get(Station, code):
        return Answer(code=code, kind=words("station"), title=station.name, page="/stations")
    return Answer(code=code, kind=listed(KINDS["K"]), title=words("Record"), page=f"/history?code={code}")


def _document(_: Session, code: str, __: Viewer) -> Answer | None:
    return Answer(code=code, kind=listed(KINDS["D"]), title=words("Document"), page=f"/history?code={code}")


_BY_KIND: dict[str, Callable[[Session, str, Viewer], Answer | None]] = {
    "S": _subject, "C": _container, "L": _label, "W": _wristband, "P": _place, "E": _equipment, "T": _lot, "B": _badge, "D": _document,
    "K": _record,
}  # fmt: skip


def by_subject_number(session: Session, text: str, viewer: Viewer) -> str | None:
    """The CoI of the subject whose number was typed instead of a code."""
    if not viewer.sees_subjects:
        return None
    return session.exec(select(Subject.code).where(col(Subject.number) == text.strip().upper())).first()

"""Harvests as a list, an order, and one page on which each person finds the next thing that is theirs to do."""

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import Role
from backend.collection import reads
from backend.collection.rules import reading
from backend.ledger import UnknownCode
from backend.subject.reads import against_taking_part, serology_of, subject_of
from backend.trial.reads import current, folder, local_day, status
from backend.trial.rules import against_serology
from backend.web.forms import Form, PageNumber
from backend.web.me import Me, Signed

router = APIRouter()
SEES = (
    Role.COORDINATOR, Role.PHYSICIAN, Role.NURSE, Role.TECHNICIAN, Role.ANALYST, Role.QA, Role.COURIER, Role.INSPECTOR,
)  # fmt: skip
LABORATORY = "Cell laboratory"


@router.get("/collections")
def collections(me: Signed, page: PageNumber = 1) -> Response:
    me.must(*SEES)
    lines, more = reads.collections(me.session, page)
    return me.show("collection/collections.html", lines=lines, more=more, page=page)


@router.get("/collections/order/{coi}")
def order_page(me: Signed, coi: str) -> Response:
    """The order of a harvest, with everything that speaks against it and whether the serology will be young enough."""
    me.must(Role.PHYSICIAN, Role.COORDINATOR)
    subject, trial = subject_of(me.session, coi), current(me.session).trial
    ordered = reads.collections_of(me.session, coi)
    states = reads.states_of(me.session, [one.code for one in ordered])
    before = [(one.code, one.ordinal, states[one.code]) for one in ordered]
    return me.show(
        "collection/order.html", number=subject.number, coi=coi, before=before, kit_list=trial.collection.kit,
        against=list(against_taking_part(me.session, coi, trial, status(me.session))),
        serology=list(against_serology(trial, serology_of(me.session, coi), local_day(trial, me.now))),
    )  # fmt: skip


@router.post("/collections/order/{coi}")
def order(form: Form, me: Signed, coi: str) -> Response:
    receipt = me.do("collection.order", form, subject=coi)
    return me.go(f"/collections/{receipt.result}")


@router.get("/collections/{code}")
def collection(me: Signed, code: str) -> Response:
    """One harvest; the code of its bag, of the bag's label, or of the subject's wristband leads here too."""
    me.must(*SEES)
    row = reads.meant(me.session, code)
    if row is None:
        raise UnknownCode(code)
    if row.code != code:
        return me.go(f"/collections/{row.code}")
    seen = reads.collection_view(me.session, code)
    trial = folder(me.session, row.folder_code).trial
    return me.show(
        "collection/collection.html", one=seen, asked={r.code: r for r in trial.collection.readings}, sites=reading(trial, "site"),
        laboratory=LABORATORY, longest=trial.collection.to_processing, custody=trial.custody, doing=_doing(me, seen),
        nexts=me.ways(code) if seen.state == "received" else [],
    )  # fmt: skip


def _doing(me: Me, seen: reads.CollectionView) -> str:
    """Which form this person finds here: the next step of the harvest, if it is theirs."""
    steps = {
        "ordered": "collect" if seen.label and seen.label.verified else "label",
        "collected": "pack",
        "packed": "receive" if seen.away else "give",
        "received": "",
    }  # fmt: skip
    step = steps[seen.state]
    act = {"collect": "collection.collect", "pack": "collection.pack", "receive": "collection.receive", "give": "custody.hand_over"}.get(
        step
    )
    if step == "receive" and not me.may("collection.receive"):
        return "take" if me.may("custody.receive") else ""
    return step if act is None or me.may(act) else ""


@router.post("/collections/{code}/collect")
def collect(form: Form, me: Signed, code: str) -> Response:
    me.do("collection.collect", form, collection=code)
    return me.go(f"/collections/{code}")


@router.post("/collections/{code}/pack")
def pack(form: Form, me: Signed, code: str) -> Response:
    me.do("collection.pack", form, collection=code)
    return me.go(f"/collections/{code}")


@router.post("/collections/{code}/give")
def give(form: Form, me: Signed, code: str) -> Response:
    """Seal and logger are those that the box was packed with; a person who sees others says so when receiving."""
    seen = reads.collection_view(me.session, code)
    known = {"seal": seen.packed.seal, "logger": seen.packed.logger} if seen.packed else {}
    me.do("custody.hand_over", form, **known)
    return me.go(f"/collections/{code}")


@router.post("/collections/{code}/take")
def take(form: Form, me: Signed, code: str) -> Response:
    me.do("custody.receive", form)
    return me.go(f"/collections/{code}")


@router.post("/collections/{code}/receive")
def receive(form: Form, me: Signed, code: str) -> Response:
    me.do("collection.receive", form, collection=code)
    return me.go(f"/collections/{code}")

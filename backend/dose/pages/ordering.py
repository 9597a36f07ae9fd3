"""The infusions of one subject, with the order of the next one; and the page on which two unmasked people open a route."""

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import READS_RECORD, Role
from backend.dose.reads import ordering as reads
from backend.web.forms import Form
from backend.web.me import Signed

router = APIRouter()


@router.get("/subjects/{coi}/infusions")
def infusions(me: Signed, coi: str) -> Response:
    """How far each infusion is and on which days it may start; a physician orders the next one here."""
    me.must(*READS_RECORD)
    seen = reads.windows(me.session, coi, me.viewer)
    bank = reads.bank_of(me.session, coi)
    orders = me.may("dose.order") and seen.following is not None
    return me.show(
        "dose/infusions.html", seen=seen, orders=orders, against=reads.against_giving(me.session, coi, bank) if orders else [],
        fit=reads.trial_of(me.session, bank).infusions.fitness, may_cancel=me.may("dose.cancel_order"),
    )  # fmt: skip


@router.post("/subjects/{coi}/infusions")
def order(form: Form, me: Signed, coi: str) -> Response:
    me.do("dose.order", form, subject=coi)
    return me.go(f"/subjects/{coi}/infusions")


@router.post("/subjects/{coi}/infusions/{ordered}/cancel")
def cancel(form: Form, me: Signed, coi: str, ordered: str) -> Response:
    me.do("dose.cancel_order", form, order=ordered)
    return me.go(f"/subjects/{coi}/infusions")


@router.get("/subjects/{coi}/route")
def route(me: Signed, coi: str) -> Response:
    """The route from outside, or once it is open; the arm is on no page of this room before a dose is prepared."""
    me.must(Role.PREPARER, Role.UNMASKED_QA)
    seen = reads.windows(me.session, coi, me.viewer)
    against = [] if seen.route_opened_at else reads.against_route(me.session, coi)
    return me.show("dose/route.html", seen=seen, against=against, opens=me.may("dose.open_route") and seen.route_opened_at is None)


@router.post("/subjects/{coi}/route")
def open_route(form: Form, me: Signed, coi: str) -> Response:
    me.do("dose.open_route", form, subject=coi)
    return me.go(f"/subjects/{coi}/route")

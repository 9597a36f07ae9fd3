"""The bedside on a phone or tablet: choose the order, state the access, scan wristband and dose, then GIVE or STOP over the whole screen.

No page has a way past a stop, and no route is shown before the access in place was stated (decision R4).
"""

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import Role
from backend.bedside import reads
from backend.bedside.rules import WORD_LASTS
from backend.dose.models import Order
from backend.ledger import UnknownCode
from backend.web.forms import Form, Sent
from backend.web.me import Me, Signed

router = APIRouter()
WARD = (Role.PHYSICIAN, Role.NURSE)


def _order(me: Me, code: str) -> Order:
    me.must(*WARD)
    order = reads.meant(me.session, code)
    if order is None:
        raise UnknownCode(code)
    return order


def _seen(me: Me, code: str) -> tuple[Order | None, reads.OrderView]:
    """The order that this code means, or the subject who has none."""
    me.must(*WARD)
    order = reads.meant(me.session, code)
    if order is None:
        return None, reads.without_order(me.session, me.ledger.keyring, code, me.viewer)
    return order, reads.order_view(me.session, me.ledger.keyring, order, me.viewer)


def _refused(me: Me) -> list[str]:
    """The reasons of an act that was refused from this page just now; what was only typed wrongly is no reason to stop."""
    again = getattr(me.request.state, "again", None)
    return list(again.reasons) if again and again.status == 409 else []


@router.get("/bedside")
def orders(me: Signed) -> Response:
    me.must(*WARD)
    found, today = reads.lines(me.session), me.now.date()
    return me.show(
        "bedside/orders.html", today=[one for one in found if one.planned_on == today],
        other=[one for one in found if one.planned_on != today],
    )  # fmt: skip


@router.get("/bedside/{code}")
def order(me: Signed, code: str, again: bool = False) -> Response:
    """One order, and the next thing to do with it; the code of its dose, of the dose's label or of a wristband leads here too.

    Without an order in force, or `again` after the start, the same scans are asked for: the answer is STOP, and it is in the record.
    """
    row, seen = _seen(me, code)
    if row is not None and row.code != code:
        return me.go(f"/bedside/{row.code}")
    after = reads.after_view(me.session, row) if row else None
    if again or after is None:
        return me.show("bedside/check.html", one=seen, second=False, confirmed=None)
    return me.show("bedside/infusion.html", one=seen, after=after, may=me.may)


@router.post("/bedside/{code}/check")
def check(form: Form, me: Signed, code: str) -> Response:
    receipt = me.do("bedside.check", form, order=code)
    return me.go(f"/bedside/{code}/checks/{receipt.result['checked']}")


@router.get("/bedside/{code}/checks/{checked}")
def verdict(me: Signed, code: str, checked: str) -> Response:
    """GIVE or STOP. What was refused since, or has changed since, stops as well: an old GIVE is never shown as one."""
    _, one = _seen(me, code)
    seen = reads.checked_view(me.session, code, checked, me.now, me.person)
    refused = _refused(me)
    if stops := seen.stops or refused or seen.now_stops:
        return me.show("bedside/stop.html", one=one, check=seen, stops=stops, changed=not seen.stops, flash=[])
    return me.show("bedside/give.html", one=one, check=seen)


@router.get("/bedside/{code}/second")
def second(me: Signed, code: str) -> Response:
    """The second person states and scans for themselves, on their own sign-in (decision W2)."""
    row = _order(me, code)
    one = reads.order_view(me.session, me.ledger.keyring, row, me.viewer)
    if stops := _refused(me):
        return me.show("bedside/stop.html", one=one, check=None, stops=stops, changed=False, flash=[])
    at = next(reads.confirmed_by(me.session, row, me.person), None)
    until = at + WORD_LASTS if at and at + WORD_LASTS >= me.now else None
    return me.show("bedside/check.html", one=one, second=True, confirmed=until)


@router.post("/bedside/{code}/confirm")
def confirm(form: Form, me: Signed, code: str) -> Response:
    """The second person's scans are a check first, so that a wrong one is in the record as a stop; then they confirm."""
    receipt = me.do("bedside.check", form, order=code)
    if receipt.result["stops"]:
        return me.go(f"/bedside/{code}/checks/{receipt.result['checked']}")
    me.do("bedside.confirm", Sent(form.values | {"key": [form.get("key") + "-confirm"]}), order=code)
    return me.go(f"/bedside/{code}/second")


@router.post("/bedside/{code}/give")
def give(form: Form, me: Signed, code: str) -> Response:
    me.do("bedside.give", form, order=code)
    return me.go(f"/bedside/{code}")


@router.post("/bedside/{code}/finish")
def finish(form: Form, me: Signed, code: str) -> Response:
    me.do("bedside.finish", form, administration=_started(me, code))
    return me.go(f"/bedside/{code}")


@router.get("/bedside/{code}/nothing")
def nothing_page(me: Signed, code: str) -> Response:
    """Nothing went in after the start: a physician and a second person say so (decision T5)."""
    row = _order(me, code)
    one = reads.order_view(me.session, me.ledger.keyring, row, me.viewer)
    return me.show("bedside/nothing.html", one=one, after=reads.after_view(me.session, row))


@router.post("/bedside/{code}/nothing")
def nothing(form: Form, me: Signed, code: str) -> Response:
    me.do("bedside.nothing_given", form, administration=_started(me, code))
    return me.go(f"/bedside/{code}")


@router.post("/bedside/{code}/clear")
def clear(form: Form, me: Signed, code: str) -> Response:
    row = _order(me, code)
    me.do("bedside.clear", form, subject=row.coi, infusion=row.infusion)
    return me.go(f"/bedside/{code}")


def _started(me: Me, code: str) -> str:
    """The infusion that was started by this order."""
    after = reads.after_view(me.session, _order(me, code))
    if after is None:
        raise UnknownCode(code)
    return after.code

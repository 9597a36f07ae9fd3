"""Labels on the screen: what waits for paper, each print with its sum, and the scan back."""

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from backend.custody.models import Print
from backend.custody.pages.who import SEES_CONTAINERS
from backend.custody.reads import print_pdf, print_view, prints, reconciliation
from backend.custody.reads.labelling import against_paper, waiting_page
from backend.ledger import UnknownCode, refuse
from backend.web.forms import Form, PageNumber
from backend.web.me import Me, Signed
from labels.stocks import SHEETS

router = APIRouter()


@router.get("/labels")
def labels(me: Signed, page: PageNumber = 1, todo: PageNumber = 1, coi: str = "") -> Response:
    """Two lists, each with pages of its own: `page` of the prints, and on the first of them `todo` of what is to be printed."""
    me.must(*SEES_CONTAINERS)
    lines, more = prints(me.session, page, coi)
    waiting, waits, more_waits = waiting_page(me.session, todo)
    return me.show(
        "custody/labels.html", waiting=waiting, waits=waits, more_waits=more_waits, todo=todo, prints=lines, more=more, page=page,
        sheets=list(SHEETS), url="/labels" + (f"?{urlencode({'coi': coi})}" if coi else ""),
    )  # fmt: skip


@router.post("/labels")
def print_labels(form: Form, me: Signed) -> Response:
    receipt = me.do("custody.print_labels", form)
    return me.go(f"/labels/{receipt.result}")


@router.get("/labels/of-batch/{code}")
def batch_labels(me: Signed, code: str, page: PageNumber = 1) -> Response:
    """The sum over every print of a batch: it cannot close unless the difference is 0 (requirement C4)."""
    me.must(*SEES_CONTAINERS)
    printed, ended, difference = reconciliation(me.session, code)
    found, more = prints(me.session, page, batch=code)
    return me.show(
        "custody/reconciled.html", batch=code, printed=printed, ended=ended, difference=difference, prints=found, page=page, more=more,
    )  # fmt: skip


@router.post("/labels/{code}/paper")
def fetch(form: Form, me: Signed, code: str) -> Response:
    me.do("custody.fetch_paper", form, print_code=code)
    return me.go(f"/labels/{code}.pdf")


@router.get("/labels/{code}.pdf")
def paper(me: Signed, code: str) -> Response:
    """The print as it goes to paper: for who printed it, within two minutes after they asked, and before any of it is scanned back."""
    me.must(*SEES_CONTAINERS)
    _print(me, code)
    refuse(against_paper(me.session, code, me.person, me.now))
    return me.paper(print_pdf(me.ledger, me.session, code, me.settings.zone), f"labels-{code}")


@router.get("/labels/{code}")
def one_print(me: Signed, code: str) -> Response:
    me.must(*SEES_CONTAINERS)
    mine = _print(me, code).by == me.person
    given = not any(against_paper(me.session, code, me.person, me.now))
    job = print_view(me.ledger, me.session, code, me.settings.zone)
    return me.show("custody/print.html", job=job, mine=mine, given=given)


@router.post("/labels/{code}")
def scan_back(form: Form, me: Signed, code: str) -> Response:
    me.do("custody.verify_label", form, print_code=code)
    return me.go(f"/labels/{code}#scan-back")


@router.post("/labels/{code}/applied")
def applied(form: Form, me: Signed, code: str) -> Response:
    me.do("custody.apply_label", form)
    return me.go(f"/labels/{code}#on")


def _print(me: Me, code: str) -> Print:
    found = me.session.get(Print, code)
    if found is None:
        raise UnknownCode(code)
    return found

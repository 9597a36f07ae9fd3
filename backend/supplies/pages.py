"""Lots and equipment as lists, each with the form that adds one, and the page of the label that carries its code."""

from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import Role
from backend.ledger import Refused, refuse
from backend.settings import settings
from backend.supplies import reads
from backend.trial.reads import current
from backend.web.forms import Form, PageNumber
from backend.web.me import Me, Signed
from labels.copies import against_paper
from labels.sheet import pdf

router = APIRouter()
SEES = tuple(set(Role) - {Role.ASSESSOR, Role.COURIER, Role.RANDOMISER})


def _today(me: Me) -> date:
    return me.now.date()


def _url(path: str, words: str) -> str:
    return path + (f"?{urlencode({'words': words})}" if words else "")


@router.get("/lots")
def lots(me: Signed, words: str = "", page: PageNumber = 1) -> Response:
    me.must(*SEES)
    lines, more = reads.lots(me.session, _today(me), words, page)
    return me.show(
        "supplies/lots.html", lines=lines, more=more, page=page, words=words, url=_url("/lots", words),
        items=_named(me, "materials"),
    )  # fmt: skip


@router.post("/lots")
def receive(form: Form, me: Signed) -> Response:
    me.do("supplies.receive_lot", form)
    return me.go("/lots")


@router.get("/equipment")
def equipment(me: Signed, words: str = "", page: PageNumber = 1) -> Response:
    me.must(*SEES)
    lines, more = reads.equipment(me.session, _today(me), words, page)
    return me.show(
        "supplies/equipment.html", lines=lines, more=more, page=page, words=words, url=_url("/equipment", words),
        kinds=_named(me, "equipment"),
    )  # fmt: skip


@router.post("/equipment")
def register(form: Form, me: Signed) -> Response:
    me.do("supplies.register_equipment", form)
    return me.go("/equipment")


def _named(me: Me, part: str) -> list[str]:
    """What the master record calls its materials or its equipment; nothing before a folder is in force."""
    try:
        return sorted(getattr(current(me.session).master, part))
    except Refused:
        return []


@router.get("/supplies/{code}.pdf")
def label_pdf(me: Signed, code: str) -> Response:
    """The label as it was printed just now, for who printed it."""
    me.must(*SEES)
    _called(me, code)
    refuse(against_paper(reads.newest_print(me.session, code), me.person, me.now))
    return me.paper(pdf([reads.label_of(me.session, code, demo=me.request.app.state.demo)], settings().fonts), code)


@router.get("/supplies/{code}")
def label(me: Signed, code: str) -> Response:
    """The label of a lot or a piece of equipment: how often it was printed, print it, scan it back."""
    me.must(*SEES)
    what = _called(me, code)
    newest = reads.newest_print(me.session, code)
    given = not any(against_paper(newest, me.person, me.now))
    return me.show("supplies/label.html", code=code, what=what, newest=me.named(newest), given=given)


@router.post("/supplies/{code}")
def print_label(form: Form, me: Signed, code: str) -> Response:
    me.do("supplies.print_label", form, supply=code)
    return me.go(f"/supplies/{code}.pdf")


@router.post("/supplies/{code}/back")
def scan_back(form: Form, me: Signed, code: str) -> Response:
    """The code comes from the scan: the label of something else must not pass as this one."""
    if form.scanned("supply") != code:
        raise Refused("This is not the label that was printed for it. Stop; it must not be put on it.")
    me.do("supplies.verify_label", form, supply=code)
    return me.go(f"/supplies/{code}")


def _called(me: Me, code: str) -> str:
    """What this lot or piece of equipment is called; UnknownCode when it is neither."""
    if code.startswith("T"):
        lot = reads.lot_of(me.session, code)
        return f"{lot.item}, {lot.lot_number}"
    return reads.equipment_of(me.session, code).name

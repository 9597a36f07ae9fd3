"""Lots and equipment as lists, each with the form that adds one and the label that carries its code."""

from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import Role
from backend.ledger import Refused
from backend.settings import settings
from backend.supplies import reads, rules
from backend.trial.reads import current
from backend.web.forms import Form, PageNumber
from backend.web.me import Me, Signed
from labels.fields import CannotPrint
from labels.sheet import pdf
from labels.templates import LabelTemplate, fill

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


@router.get("/lots/{code}.pdf")
def lot_label(me: Signed, code: str) -> Response:
    me.must(*SEES)
    lot = reads.lot_of(me.session, code)
    values = {"place_name": lot.item, "place_path": lot.lot_number, "expires_on": lot.expires_on.isoformat()}
    return _label(me, code, rules.LOT_LABEL, values)


@router.get("/equipment/{code}.pdf")
def equipment_label(me: Signed, code: str) -> Response:
    me.must(*SEES)
    one = reads.equipment_of(me.session, code)
    return _label(me, code, rules.EQUIPMENT_LABEL, {"place_name": one.name, "place_path": one.kind})


def _label(me: Me, code: str, template: LabelTemplate, values: dict[str, str]) -> Response:
    """The label of a lot or a piece of equipment: its own code is on it, so it may be printed as often as it wears out."""
    try:
        made = pdf([fill(template, values | {"code": code}, demo=me.request.app.state.demo)], settings().fonts)
    except CannotPrint as no:
        raise Refused(f"{values['place_name']} cannot be printed on this label. {no.sentence}") from no
    return Response(made, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{code}.pdf"'})

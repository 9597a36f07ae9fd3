"""The randomisation list from outside, and the one page on which one physician reads one arm, in an emergency."""

from typing import get_args

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import Role
from backend.masking.reads import list_view, unmasking_view, was_told
from backend.masking.rules import Reason
from backend.web.forms import Form
from backend.web.me import Signed

router = APIRouter()
SEES = (Role.RANDOMISER, Role.UNMASKED_QA, Role.QA, Role.INSPECTOR, Role.COORDINATOR, Role.PREPARER)


@router.get("/randomisation")
def randomisation(me: Signed) -> Response:
    me.must(*SEES)
    return me.show("masking/randomisation.html", sealed=list_view(me.session))


@router.post("/randomisation")
def import_list(form: Form, me: Signed) -> Response:
    me.do("masking.import_list", form)
    return me.go("/randomisation")


@router.get("/subjects/{coi}/unmasking")
def unmasking(me: Signed, coi: str) -> Response:
    """The form, or what it told: only to the person who signed it, while they are a physician (decision P3)."""
    me.must(Role.PHYSICIAN if was_told(me.session, coi, me.person) else Role.UNMASK)
    seen = unmasking_view(me.session, me.ledger, coi, me.viewer)
    return me.show("masking/unmasking.html", seen=seen, why=[(one, one) for one in get_args(Reason)])


@router.post("/subjects/{coi}/unmasking")
def unmask(form: Form, me: Signed, coi: str) -> Response:
    me.do("masking.unmask", form, subject=coi)
    return me.go(f"/subjects/{coi}/unmasking")

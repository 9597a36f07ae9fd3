"""The randomisation list from outside: that it is sealed, and the form by which two people import it. No page shows an arm."""

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import Role
from backend.masking.reads import list_view
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

"""The badge of a person. It is a label of the trial folder, and people know nothing of labels, so it is printed here."""

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.models import Badge, BadgePrinted
from backend.access.reads import copy_of_badge, live_badge
from backend.access.rules import Role
from backend.custody.reads.papers import BADGE, pdf_of
from backend.ledger import Refused, UnknownCode, refuse
from backend.web.forms import Form
from backend.web.me import Me, Signed
from labels.copies import against_paper

router = APIRouter()
REPLACE = "A badge that did not come out, or is spoilt or lost, is replaced; the one before is void."


def _live(me: Me, person: str) -> Badge:
    """The badge that this person has, for an administrator."""
    me.must(Role.ADMINISTRATOR)
    badge = live_badge(me.session, person)
    if badge is None:
        raise UnknownCode(person[:40])
    return badge


@router.post("/people/{code}/badge")
def print_badge(form: Form, me: Signed, code: str) -> Response:
    me.do("custody.print_badge", form, badge=_live(me, code).code)
    return me.go(f"/people/{code}/badge.pdf")


@router.get("/people/{code}/badge.pdf")
def badge_pdf(me: Signed, code: str) -> Response:
    """The badge as it goes to paper, for the administrator who printed it."""
    badge = _live(me, code)
    refuse(against_paper(copy_of_badge(me.session, badge), me.person, me.now, REPLACE))
    row = me.session.get_one(BadgePrinted, badge.code)
    return me.paper(pdf_of(me.ledger, me.session, badge.code, BADGE, row), f"badge-{code}")


@router.post("/people/{code}/badge/back")
def verify_badge(form: Form, me: Signed, code: str) -> Response:
    """The code comes from the scan: another badge that lies on the printer must not pass as this one."""
    wanted = _live(me, code).code
    if form.scanned("badge") != wanted:
        raise Refused("This is not the badge that was printed for this person. Stop; it must not be given to them.")
    me.do("access.verify_badge", form, badge=wanted)
    return me.go(f"/people/{code}")

"""A container with everything that is known of it, and what is on its way."""

from fastapi import APIRouter
from fastapi.responses import Response

from backend.custody.models import Container
from backend.custody.pages.who import SEES_CONTAINERS, SEES_TRANSIT
from backend.custody.reads import container_view, exposed_seconds, family_view
from backend.custody.reads.containers import awaited_page, events_of
from backend.custody.reads.labelling import labels_of
from backend.custody.reads.standing import seen_as
from backend.custody.rules import ON_HOLD, REJECTED, is_vial
from backend.ledger import UnknownCode
from backend.web.forms import PageNumber
from backend.web.me import Signed

router = APIRouter()


@router.get("/containers/{code}")
def container(me: Signed, code: str) -> Response:
    me.must(*SEES_CONTAINERS)
    found = me.session.get(Container, code)
    if found is None:
        raise UnknownCode(code)
    return me.show(
        "custody/container.html", it=container_view(me.session, found), standing=_standing(me, found),
        kin=family_view(me.session, found), labels=labels_of(me.ledger, me.session, code, me.settings.zone),
        events=events_of(me.session, found),
        out_s=exposed_seconds(me.session, code), nexts=me.ways(code),
    )  # fmt: skip


def _standing(me: Signed, found: Container) -> str:
    """How it stands: of a vial always, of anything else where it must not be used."""
    how = seen_as(me.session, [found])[found.code]
    return how if is_vial(found.kind) or how in (ON_HOLD, REJECTED) else ""


@router.get("/hand-overs")
def hand_overs(me: Signed, page: PageNumber = 1) -> Response:
    me.must(*SEES_TRANSIT)
    waiting, more, late = awaited_page(me.session, me.now, page)
    return me.show("custody/hand-overs.html", waiting=waiting, more=more, page=page, late=late)

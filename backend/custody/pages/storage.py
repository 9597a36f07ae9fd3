"""Storage as it is: tanks, the boxes of one subject side by side, and the two forms that two people sign."""

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from backend.custody.pages.who import SEES_PLACES
from backend.custody.reads import box_view, claim_of, container_of
from backend.custody.reads.storage import boxes_of, free_positions, page_with, place_of, stored_vials, tree, waiting_for_cold
from backend.ledger import REGISTRY, Refused, UnknownCode
from backend.web.forms import Form, PageNumber
from backend.web.me import Me, Signed
from labels.codes import read

router = APIRouter()
TWO_TANKS = 2


@router.get("/storage")
def storage(me: Signed, box: str = "", page: PageNumber = 0) -> Response:
    """The tree of tanks, at the page of the box that is looked at unless another one is asked for."""
    me.must(*SEES_PLACES)
    sees = me.viewer.sees_subjects
    shown = _beside(me, box) if sees else []
    page = page or page_with(me.session, next(iter(shown), box))
    tanks, more = tree(me.session, sees, page)
    return me.show(
        "custody/storage.html", tanks=tanks, more=more, page=page, boxes=[box_view(me.session, one) for one in shown], sees=sees,
        url="/storage" + (f"?{urlencode({'box': box})}" if box else ""),
    )  # fmt: skip


def _beside(me: Me, box: str) -> list[str]:
    """The box that was asked for, with the other boxes of its subject; without one, the boxes of a subject that has any."""
    claim = claim_of(me.session, box) if box else None
    if box and claim is None:
        return [box]
    return boxes_of(me.session, claim.coi if claim else "", first=box)[:TWO_TANKS]


@router.get("/storage/store")
def store_page(me: Signed, container: str = "", box: str = "", coi: str = "") -> Response:
    me.must(*REGISTRY["custody.store"].roles)
    coi = _chain_of(me, container) or coi
    waiting = waiting_for_cold(me.session, coi)
    boxes = [box] if box else boxes_of(me.session, coi)[:TWO_TANKS] if coi else []
    free = {one: free_positions(me.session, one)[:9] for one in boxes}
    return me.show(
        "custody/store.html", act=REGISTRY["custody.store"], waiting=waiting, first=container,
        free=[(box_view(me.session, one), [place.name for place in places]) for one, places in free.items()],
    )  # fmt: skip


@router.get("/storage/pick")
def pick_page(me: Signed, container: str = "") -> Response:
    me.must(*REGISTRY["custody.pick"].roles)
    coi = _chain_of(me, container)
    return me.show("custody/pick.html", act=REGISTRY["custody.pick"], stored=stored_vials(me.session, coi) if coi else [], first=container)


def _chain_of(me: Me, container: str) -> str:
    """Whose vials this is about; a label that stops leads to an empty form, and the act says why."""
    try:
        return container_of(me.session, container).chain if container else ""
    except (Refused, UnknownCode):
        return ""


@router.post("/storage/store")
def store(form: Form, me: Signed) -> Response:
    me.do("custody.store", form)
    return me.go(f"/storage?box={_box_of(me, form.all('position')[0])}")


@router.post("/storage/pick")
def pick(form: Form, me: Signed) -> Response:
    me.do("custody.pick", form)
    return me.go(f"/storage?box={_box_of(me, form.all('position')[0])}")


def _box_of(me: Me, position: str) -> str:
    return place_of(me.session, read(position)).parent_code or ""

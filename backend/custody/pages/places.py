"""Places: the list from the site down, new ones, and the plate of each with its own code."""

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from backend.custody import rules
from backend.custody.models import Place
from backend.custody.pages.who import SEES_CONTAINERS, SEES_PLACES
from backend.custody.reads.papers import BOX, PLATE, box_values, copy_of, newest_print, pdf_of
from backend.custody.reads.storage import claim_of, inside, place_of, places
from backend.ledger import Refused, UnknownCode, refuse
from backend.web.forms import Form, PageNumber
from backend.web.me import Me, Signed
from labels.copies import Copy, against_paper

router = APIRouter()


@router.get("/places")
def list_places(me: Signed, under: str = "", page: PageNumber = 1) -> Response:
    me.must(*SEES_PLACES)
    here = place_of(me.session, under) if under else None
    lines, more = places(me.session, under, page)
    kinds = [kind for kind, above in rules.UNDER.items() if (here.kind in above if here else not above) and kind != "position"]
    whose = claim_of(me.session, under) if here and me.viewer.reads_record else None
    stands = [(one.code, one.name, one.chain) for one in inside(me.session, under)] if here and me.viewer.sees_subjects else []
    return me.show(
        "custody/places.html", here=_seen(here), lines=lines, more=more, page=page, kinds=kinds, zones=rules.ZONES, stands=stands,
        zoned=bool(here and here.zone), papers=_papers(me, here, whose is not None),
        url="/places" + (f"?{urlencode({'under': under})}" if under else ""),
    )  # fmt: skip


def _papers(me: Me, here: Place | None, holds: bool) -> list[tuple[str, Copy | None, bool]]:
    """What of a place can be printed: plate or box, its newest print, and whether its paper is still given to this person."""
    if here is None or not me.may("custody.print_place"):
        return []
    wanted = [PLATE, *([BOX] if holds and me.may("custody.print_box_label") else [])]
    newest = [(paper, copy_of(me.session, newest_print(me.session, here.code, paper))) for paper in wanted]
    return [(paper, me.named(one), not any(against_paper(one, me.person, me.now))) for paper, one in newest]


def _seen(here: Place | None) -> dict[str, str] | None:
    if here is None:
        return None
    return {"code": here.code, "name": here.name, "path": here.path, "kind": here.kind, "zone": here.zone, "above": here.parent_code or ""}


@router.post("/places")
def add(form: Form, me: Signed) -> Response:
    """A box is added with its positions; anything else by itself."""
    parent = form.get("parent")
    if form.get("kind") == "box":
        me.do("custody.add_box", form, rack=parent)
    else:
        me.do("custody.add_place", form)
    return me.go(f"/places?under={parent}" if parent else "/places")


@router.post("/places/{code}/plate")
def print_plate(form: Form, me: Signed, code: str) -> Response:
    me.do("custody.print_place", form, place=code)
    return me.go(f"/places/{code}.pdf")


@router.get("/places/{code}.pdf")
def plate(me: Signed, code: str) -> Response:
    """The plate of a place as it was printed just now, for who printed it."""
    me.must(*SEES_PLACES)
    place_of(me.session, code)
    return _paper(me, code, PLATE)


@router.post("/places/{code}/box")
def print_box_label(form: Form, me: Signed, code: str) -> Response:
    """Whose vials are in the box is read here, so that the act names the subject in whose record it stands."""
    me.must(*SEES_CONTAINERS)
    box_values(me.session, code)
    claim = claim_of(me.session, code)
    me.do("custody.print_box_label", form, box=code, subject=claim.coi if claim else "")
    return me.go(f"/places/{code}/box.pdf")


@router.get("/places/{code}/box.pdf")
def box_label(me: Signed, code: str) -> Response:
    """The label of a box as it was printed just now, for who printed it."""
    me.must(*SEES_CONTAINERS)
    place_of(me.session, code)
    return _paper(me, code, BOX)


def _paper(me: Me, code: str, paper: str) -> Response:
    row = newest_print(me.session, code, paper)
    refuse(against_paper(copy_of(me.session, row), me.person, me.now))
    if row is None:
        raise UnknownCode(code)
    return me.paper(pdf_of(me.ledger, me.session, code, row.template, row), f"{paper}-{code}")


@router.post("/places/{code}/back")
def scan_back(form: Form, me: Signed, code: str) -> Response:
    """The code comes from the scan: the plate of another place must not pass as this one."""
    if form.scanned("place") != code:
        raise Refused("This is not what was printed for this place. Stop; it must not be put on it.")
    me.do("custody.verify_place", form, place=code)
    return me.go(f"/places?under={code}")

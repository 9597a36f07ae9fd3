"""Places: the list from the site down, new ones, and the plate of each with its own code."""

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from backend.custody import rules
from backend.custody.models import Place
from backend.custody.pages.who import SEES_CONTAINERS, SEES_PLACES
from backend.custody.reads import one_label_pdf
from backend.custody.reads.labelling import plate_pdf, template_in
from backend.custody.reads.papers import box_values
from backend.custody.reads.storage import claim_of, inside, place_of, places
from backend.trial.reads import folder_in_force_code
from backend.web.forms import Form, PageNumber
from backend.web.me import Signed

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
        zoned=bool(here and here.zone), holds=whose is not None, url="/places" + (f"?{urlencode({'under': under})}" if under else ""),
    )  # fmt: skip


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


@router.get("/places/{code}.pdf")
def plate(me: Signed, code: str) -> Response:
    """The plate of a place. It may be printed as often as a plate wears out: its code is the place's own."""
    me.must(*SEES_PLACES)
    made = plate_pdf(me.ledger, me.session, place_of(me.session, code))
    return Response(made, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="place-{code}.pdf"'})


@router.get("/places/{code}/box.pdf")
def box_label(me: Signed, code: str) -> Response:
    """The label of a box as it is filled now; after vials came or went it is printed again."""
    me.must(*SEES_CONTAINERS)
    template = template_in(me.session, folder_in_force_code(me.session), "box")
    made = one_label_pdf(me.ledger, template, box_values(me.session, code))
    return Response(made, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="box-{code}.pdf"'})

"""Deviations and holds as lists and one by one. What a check still covers is on no page but its author's (decision W3)."""

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import Role
from backend.ledger import REGISTRY
from backend.quality import reads
from backend.web.forms import Form, PageNumber
from backend.web.me import Me, Signed

router = APIRouter()
SEES = tuple(set(Role) - {Role.ASSESSOR, Role.RANDOMISER, Role.ADMINISTRATOR, Role.UNMASK})


@router.get("/deviations")
def deviations(me: Signed, page: PageNumber = 1, about: str = "", coi: str = "", undecided: str = "") -> Response:
    me.must(*SEES)
    lines, more = reads.visible(me.session, me.person, page, about=about, coi=coi, undecided=undecided == "yes")
    asked = {name: value for name, value in (("about", about), ("coi", coi), ("undecided", undecided)) if value}
    return me.show(
        "quality/deviations.html", lines=lines, more=more, page=page, undecided=undecided == "yes", asked=asked,
        url="/deviations" + (f"?{urlencode(asked)}" if asked else ""),
    )  # fmt: skip


@router.get("/deviations/open")
def open_page(me: Signed, about: str = "") -> Response:
    me.must(*REGISTRY["quality.open"].roles)
    return me.show("quality/open.html", about=about)


@router.post("/deviations/open")
def open_one(form: Form, me: Signed) -> Response:
    receipt = me.do("quality.open", form)
    return me.go(f"/deviations/{receipt.result}")


@router.get("/deviations/{code}")
def deviation(me: Signed, code: str) -> Response:
    me.must(*SEES)
    seen = reads.deviation_view(me.session, code, me.person)
    digest = me.digest(reads.shown_deviation(me.session, deviation=code))
    return me.show("quality/deviation.html", it=seen, digest=digest, act=REGISTRY["quality.decide"])


@router.post("/deviations/{code}/describe")
def describe(form: Form, me: Signed, code: str) -> Response:
    me.do("quality.describe", form, deviation=code)
    return me.go(f"/deviations/{code}")


@router.post("/deviations/{code}/decide")
def decide(form: Form, me: Signed, code: str) -> Response:
    me.do("quality.decide", form, deviation=code)
    return me.go(f"/deviations/{code}")


@router.get("/holds")
def holds(me: Signed, page: PageNumber = 1, about: str = "") -> Response:
    me.must(*SEES)
    lines, more = reads.holds(me.session, me.person, page, about=about)
    url = "/holds" + (f"?{urlencode({'about': about})}" if about else "")
    return me.show("quality/holds.html", lines=lines, more=more, page=page, url=url)


@router.get("/holds/place")
def place_page(me: Signed, about: str = "") -> Response:
    me.must(*REGISTRY["quality.place_hold"].roles)
    return me.show("quality/place.html", about=about, act=REGISTRY["quality.place_hold"])


@router.post("/holds/place")
def place(form: Form, me: Signed) -> Response:
    receipt = me.do("quality.place_hold", form)
    return me.go(f"/holds/{receipt.result}")


@router.get("/holds/{code}")
def hold(me: Signed, code: str) -> Response:
    me.must(*SEES)
    seen = reads.hold_view(me.session, code, me.person)
    act = REGISTRY["quality.lift_hold"]
    return me.show("quality/hold.html", it=seen, open_ones=_undecided(me, seen.about), digest=_digest(me, code), act=act)


def _undecided(me: Me, about: str) -> list[reads.DeviationView]:
    return reads.visible(me.session, me.person, about=about, undecided=True)[0]


def _digest(me: Me, code: str) -> str:
    return me.digest(reads.shown_hold(me.session, hold_code=code))


@router.post("/holds/{code}/seen")
def seen(form: Form, me: Signed, code: str) -> Response:
    me.do("quality.acknowledge_hold", form, hold_code=code)
    return me.go(f"/holds/{code}")


@router.post("/holds/{code}/lift")
def lift(form: Form, me: Signed, code: str) -> Response:
    me.do("quality.lift_hold", form, hold_code=code)
    return me.go(f"/holds/{code}")

"""One dose with its clock: each person finds the step that is theirs, and nobody finds a value that is not theirs to see."""

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import READS_RECORD
from backend.dose.reads import dose_view
from backend.dose.reads.correcting import shown_correction
from backend.dose.reads.progress import shown_dose
from backend.ledger import REGISTRY, Refused, UnknownCode
from backend.web.forms import Form
from backend.web.me import Signed
from labels.codes import NotACode, read

router = APIRouter()
READS = tuple(READS_RECORD)
VERBS = frozenset({
    "allocate", "thaw", "wash", "wash_again", "count", "recount", "formulate", "formulate_again", "fill", "fill_again", "take_samples",
    "destroy_surplus", "release", "reject", "dispose", "correct", "lift_hold", "scan",
})  # fmt: skip


@router.get("/doses/open")
def open_page(me: Signed, order: str = "") -> Response:
    me.must(*REGISTRY["dose.open"].roles)
    return me.show("dose/open.html", order=order, act=REGISTRY["dose.open"])


@router.post("/doses/open")
def open_dose(form: Form, me: Signed) -> Response:
    return me.go(f"/doses/{me.do('dose.open', form).result}")


@router.get("/doses/{code}")
def dose(me: Signed, code: str) -> Response:
    me.must(*READS)
    one = dose_view(me.session, me.ledger, code, me.viewer, me.now)
    may = {verb for verb in VERBS if me.may(f"dose.{verb}")} | ({"decide"} if me.may("dose.decide_deviation") else set())
    acts = {verb: REGISTRY[f"dose.{verb}"] for verb in VERBS}
    digest, lifts = me.digest(shown_dose(me.session, dose=code)), me.digest(shown_correction(me.session, dose=code))
    decide = REGISTRY["dose.decide_deviation"]
    return me.show(
        "dose/dose.html", one=one, may=may, acts=acts, digest=digest, lifts=lifts, decide=decide,
        scan_action=f"/doses/{code}/scanned?step={one.next}" if "scan" in may and one.next and one.takes_scans else "/scan",
    )  # fmt: skip


@router.post("/doses/{code}/scanned")
def scanned(form: Form, me: Signed, code: str, step: str = "") -> Response:
    """A lot or a machine that is scanned on the page goes into the step that is on it; any other code says what it is."""
    try:
        thing = read(form.get("code"))
    except NotACode:
        thing = ""
    if thing[:1] not in {"E", "T"}:
        return me.go(f"/scan?code={quote(form.get('code'))}")
    me.do("dose.scan", form, dose=code, step=step, how="scan" if form.get("how") == "scan" else "typed")
    return me.go(f"/doses/{code}")


@router.post("/doses/{code}/deviations/{deviation}")
def decide(form: Form, me: Signed, code: str, deviation: str) -> Response:
    me.do("dose.decide_deviation", form, deviation=deviation)
    return me.go(f"/doses/{code}")


@router.post("/doses/{code}/{verb}")
def step(form: Form, me: Signed, code: str, verb: str) -> Response:
    if verb not in VERBS:
        raise UnknownCode(code)
    try:
        me.do(f"dose.{verb}", form, dose=code)
    except Refused as no:
        if no.sealed and me.viewer.sees_arm:  # whoever typed it may read it with its values; the record keeps them sealed
            raise Refused(*no.reasons, *no.sealed) from no
        raise
    return me.go(f"/doses/{code}")

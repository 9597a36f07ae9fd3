"""Testing as analysts work on it: the samples by subject number, one sample with its tests, and one test with its one form."""

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import READS_RECORD
from backend.custody.reads import container_of, container_view
from backend.ledger import REGISTRY, UnknownCode
from backend.testing import reads
from backend.web.forms import Form, PageNumber
from backend.web.me import Me, Signed

router = APIRouter()
MOST = 50
FORMS = {"record": "testing.record", "repeat": "testing.repeat", "correct": "testing.correct", "review": "testing.review"}


@router.get("/testing")
def samples(me: Signed, page: PageNumber = 1, batch: str = "") -> Response:
    me.must(*READS_RECORD)
    lines, more = reads.samples(me.session, me.now, page, batch)
    waits = (reads.to_receive(me.session)[:MOST], reads.to_record(me.session, me.now)[:MOST], reads.to_review(me.session, me.person)[:MOST])
    url = f"/testing?batch={quote(batch)}" if batch else "/testing"
    return me.show("testing/samples.html", lines=lines, more=more, page=page, url=url, waits=waits if not batch and page == 1 else ())


@router.get("/testing/vials/{code}")
def vial_page(code: str, me: Signed) -> Response:
    """A picked vial of the bank, before it is thawed for its tests."""
    me.must(*READS_RECORD)
    vial = container_of(me.session, code)
    ready = reads.may_be_taken(me.session, vial.code)
    return me.show("testing/vial.html", vial=container_view(me.session, vial), ready=ready and me.may("testing.take_vial"))


@router.post("/testing/vials/{code}")
def take_vial(code: str, form: Form, me: Signed) -> Response:
    me.do("testing.take_vial", form, vial=code)
    return me.go(f"/testing/{code}")


@router.get("/testing/results/{code}")
def result_page(code: str, me: Signed) -> Response:
    """A result is dealt with on the page of its test."""
    me.must(*READS_RECORD)
    return me.go(_href(me, code))


@router.post("/testing/results/{code}/review")
def review(code: str, form: Form, me: Signed) -> Response:
    me.do("testing.review", form, result=code)
    return me.go(_href(me, code))


@router.post("/testing/results/{code}/correct")
def correct(code: str, form: Form, me: Signed) -> Response:
    me.do("testing.correct", form, result=code)
    return me.go(_href(me, code))


def _href(me: Me, result: str) -> str:
    row = reads.result_of(me.session, result)
    return f"/testing/{row.container_code}?test={quote(row.test)}"


@router.get("/testing/{code}")
def sample_page(code: str, me: Signed, test: str = "", do: str = "") -> Response:
    """A sample with all its tests or, with `test`, one of them and the one form that is next; `do` asks for another form."""
    me.must(*READS_RECORD)
    seen = reads.sample_view(me.session, me.ledger, code, me.viewer, me.now)
    if not test:
        return me.show("testing/sample.html", it=seen, may_receive=me.may("testing.receive"))
    asked = next((one for one in seen.tests if one.test == test), None)
    if asked is None:
        raise UnknownCode(code)
    form = _form(me, asked, do)
    digest = me.digest(reads.shown_result(me.session, result=asked.results[0].code)) if form == "review" else ""
    signed = REGISTRY[FORMS[form]].signed if form else ""
    return me.show("testing/test.html", it=seen, one=asked, form=form, digest=digest, meaning=signed)


def _form(me: Me, asked: reads.AskedView, do: str) -> str:
    """Which form this person finds here: the one they ask for, or what is next; nobody reviews what they recorded."""
    if not me.may("testing.record") or asked.state == "receive":
        return ""
    if not asked.results:
        return "record"
    if do in {"repeat", "correct"}:
        return do
    return "review" if asked.state == "review" and not asked.results[0].mine else ""


@router.post("/testing/{code}/receive")
def receive(code: str, form: Form, me: Signed) -> Response:
    me.do("testing.receive", form, sample=code)
    return me.go(f"/testing/{code}")


@router.post("/testing/{code}/record")
def record(code: str, form: Form, me: Signed) -> Response:
    me.do("testing.record", form, sample=code)
    return me.go(f"/testing/{code}?test={quote(form.get('test'))}")


@router.post("/testing/{code}/repeat")
def repeat(code: str, form: Form, me: Signed) -> Response:
    me.do("testing.repeat", form, sample=code)
    return me.go(f"/testing/{code}?test={quote(form.get('test'))}")

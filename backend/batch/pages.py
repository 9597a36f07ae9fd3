"""Batches as people work on them: the list, one batch, and the page of a step at the bench.

Every field that is left is sent by itself and answered in JSON; what is covered never reaches this file (decision W3).
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from backend.access.rules import Role
from backend.batch.acts.bench import where_of
from backend.batch.models import Batch
from backend.batch.reads import batch_of, batch_view, batches, course_of, href_of, shown_step, step_view
from backend.batch.reads.bench import Said, StepView
from backend.batch.reads.drawing import mark_of
from backend.batch.reads.tracing import lot_trace
from backend.batch.rules import FOREIGN, Where
from backend.custody.models import Container, Label
from backend.ledger import Code, Nonsense, NotAllowed, Refused, Shown, UnknownCode, digest_of
from backend.subject.reads import subject_of
from backend.web.forms import Form, PageNumber, Sent, zoned
from backend.web.frame import say as _
from backend.web.frame import spelled
from backend.web.me import Me, Signed

router = APIRouter()
READERS = (
    Role.TECHNICIAN, Role.ANALYST, Role.QA, Role.PHYSICIAN, Role.NURSE, Role.COORDINATOR, Role.INSPECTOR, Role.PREPARER, Role.UNMASKED_QA,
)  # fmt: skip
FIELD = "r-"  # stands before the code of a reading in a form, so that no reading is taken for a password


@router.get("/batches")
def list_page(me: Signed, page: PageNumber = 1) -> Response:
    me.must(*READERS)
    rows, more = batches(me.session, page)
    return me.show("batch/batches.html", rows=rows, page=page, more=more)


@router.get("/batches/open")
def open_page(me: Signed, collection: str = "") -> Response:
    me.must(Role.TECHNICIAN)
    return me.show("batch/open.html", collection=collection)


@router.post("/batches/open")
def open_batch(form: Form, me: Signed) -> Response:
    return me.go(f"/batches/{me.do('batch.open', form).result}")


@router.get("/batches/{code}")
def batch_page(code: str, me: Signed) -> Response:
    me.must(*READERS)
    view = batch_view(me.session, code, me.viewer, me.now)
    return me.show("batch/batch.html", batch=view, digest="")


@router.post("/batches/{code}/reject")
def reject(code: str, form: Form, me: Signed) -> Response:
    me.do("batch.reject", form, batch=code)
    return me.go(f"/batches/{code}")


@router.get("/lots/{code}/trace")
def lot_page(code: str, me: Signed) -> Response:
    """Where a lot of material went; lots are kept by a room that knows no batch, so this is shown here."""
    me.must(*READERS)
    return me.show("batch/lot.html", lot=lot_trace(me.session, code))


@router.get("/batches/{code}/steps/{step}")
@router.get("/batches/{code}/steps/{step}/{passage}")
def step_page(code: str, step: str, me: Signed, passage: str = "") -> Response:
    me.must(*READERS)
    batch = batch_of(me.session, code)
    course = course_of(me.session, batch)
    if not passage and (latest := _passage(course.next, [row.passage for row in course.attempts if row.step == step], step)):
        return me.go(f"/batches/{code}/steps/{step}/{latest}")
    return _show(me, batch, where_of(course, step, passage))


def _passage(following: Where | None, seen: list[str], step: str) -> str:
    """The passage that is meant when none is said: the one at work now, or the last in which the step was done."""
    if following and following[0] == step:
        return following[1] or ""
    return max(seen, default="")


def _show(me: Me, batch: Batch, where: Where) -> Response:
    view = step_view(me.session, batch, where, me.viewer)
    whole = batch_view(me.session, batch.code, me.viewer, me.now)
    line = next(s for s in whole.stretches if s.passage == (where[1] or "") and where[0] in {stop.code for stop in s.stops})
    works = view.state in {"open", "second"}
    return me.show(
        "batch/step.html", step=view, batch=whole, line=line, digest=digest_of(_shown(me, batch.code, where)), field=FIELD,
        at=f"/batches/{batch.code}/steps/{where[0]}", query=_query(where), scan_action=_scans_to(batch.code, where) if works else "/scan",
    )  # fmt: skip


def _scans_to(code: str, where: Where) -> str:
    """A scan at the bench goes into the step that is on the page."""
    return f"/batches/{code}/steps/{where[0]}/scan{_query(where)}"


def _query(where: Where) -> str:
    return f"?{urlencode({'passage': where[1]})}" if where[1] else ""


def _shown(me: Me, code: str, where: Where) -> Shown:
    return shown_step(me.session, batch=code, step=where[0], passage=where[1] or "")


@router.post("/batches/{code}/steps/{step}/note")
def note(code: str, step: str, form: Form, me: Signed, passage: str = "") -> Response:
    """One field, kept as it is left: when it was kept, what the limits say of it, and what follows from it."""
    name = form.get("name").removeprefix(FIELD)
    try:
        receipt = me.do("batch.note", form, **_noting(me, code, step, passage, name, form.get("value"), form.get("reason")))
    except (Refused, Nonsense, UnknownCode) as no:
        reasons = list(no.reasons) if isinstance(no, Refused) else list(no.faults.values()) if isinstance(no, Nonsense) else [str(no)]
        status = 403 if isinstance(no, NotAllowed) else 409 if isinstance(no, Refused) else 422
        return JSONResponse({"refused": reasons}, status)
    with me.ledger.read() as session:
        batch, where = batch_of(session, code), (step, passage or None)
        view = step_view(session, batch, where, me.viewer)
        shown = digest_of(shown_step(session, batch=code, step=step, passage=passage))
    kept_at = receipt.at.astimezone(me.settings.zone).strftime("%H:%M:%S")
    return JSONResponse({"at": kept_at, "shown": shown} | _follows(view, name))


def _noting(me: Me, code: str, step: str, passage: str, name: str, value: str, why: str) -> dict[str, Any]:
    """The arguments of a note; a time that was typed without a zone is in the site's."""
    steps = {one.code: one for one in course_of(me.session, batch_of(me.session, code)).master.steps()}
    reading = steps[step].reading(name) if step in steps else None
    typed = zoned(value, me.settings.zone) if reading is not None and reading.kind == "time" else value
    return {"batch": code, "step": step, "passage": passage, "field": name, "value": typed, "why": why}


def _follows(view: StepView, name: str) -> dict[str, Any]:
    """What a kept value changes on the page of the person who read it."""
    fields = {one.code: one for one in view.fields}
    own = fields.get(name)
    results = {
        FIELD + code: {"text": spelled(one.mine.text), "kind": one.mine.kind, "word": spelled(one.mine.word)}
        for code, one in fields.items() if one.kind == "formula" and one.mine
    }  # fmt: skip
    alert = spelled(own.mine.word) if own and own.mine and own.mine.kind == "warn" else ""
    notices = [{"kind": "warn", "title": alert, "text": ""}] if alert else []
    marks = {FIELD + one.code: mark_of(one.gauge) for one in fields.values() if one.gauge and one.gauge.at is not None}
    return {
        "results": results,
        "notices": notices,
        "marks": marks,
        "missing": list(view.missing),
        "said": [text for _, text in view.notices],
    }


@router.post("/batches/{code}/steps/{step}/scan")
def scan(code: str, step: str, form: Form, me: Signed, passage: str = "") -> Response:
    """A scan at the bench goes into the step; another subject's container stops everything, on the whole screen."""
    back = href_of(code, (step, passage or None))
    how = "scan" if form.get("how") == "scan" else "typed"
    try:
        me.do("batch.scan", form, batch=code, step=step, passage=passage, how=how)
    except Refused as no:
        if not any(reason.startswith(FOREIGN) for reason in no.reasons):
            raise
        return _stopped(me, code, form.get("code"), no, back)
    return me.go(back)


def _stopped(me: Me, code: str, scanned: str, no: Refused, back: str) -> Response:
    ours = subject_of(me.session, batch_of(me.session, code).coi)
    container = me.session.get(Container, _container(me, scanned))
    theirs = subject_of(me.session, container.chain) if container else ours
    return me.show(
        "stop.html", 409, lead=_("Another subject’s cells."), reasons=list(no.reasons), back=back,
        compare=[(_("This batch"), ours.number, ours.code, ""), (_("Scanned"), theirs.number, theirs.code, "")],
        todo=[_("Do not open it."), _("Put it back where it belongs."), _("Tell QA.")],
        facts=[("saved", _("The scan is recorded in both subjects’ records. Nothing else was changed."), "")],
    )  # fmt: skip


def _container(me: Me, scanned: str) -> str:
    code = scanned.strip().upper().removeprefix("]Q3").replace("-", "").replace(" ", "")
    known = me.session.get(Code, code)
    label = me.session.get(Label, code) if known and known.kind == "L" else None
    return (label.of_code or "") if label else code


@router.post("/batches/{code}/steps/{step}/labels")
def labels(code: str, step: str, form: Form, me: Signed, passage: str = "") -> Response:
    me.do("batch.prepare_labels", form, batch=code, step=step, passage=passage)
    return me.go(href_of(code, (step, passage or None)))


@router.post("/batches/{code}/steps/{step}/perform")
def perform(code: str, step: str, form: Form, me: Signed, passage: str = "") -> Response:
    """What a browser without scripts has typed is kept first; then the step is signed."""
    batch = batch_of(me.session, code)
    where = where_of(course_of(me.session, batch), step, passage)
    witnessed = course_of(me.session, batch).step(where).second == "witnessed"
    _keep_typed(me, batch, where, form)
    me.do("batch.perform_witnessed" if witnessed else "batch.perform", form, batch=code, step=step, passage=passage)
    return me.go(href_of(code, where))


@router.post("/batches/{code}/steps/{step}/verify")
def verify(code: str, step: str, form: Form, me: Signed, passage: str = "") -> Response:
    batch = batch_of(me.session, code)
    where = where_of(course_of(me.session, batch), step, passage)
    _keep_typed(me, batch, where, form)
    me.do("batch.verify", form, batch=code, step=step, passage=passage)
    return me.go(href_of(code, where))


def _keep_typed(me: Me, batch: Batch, where: Where, form: Sent) -> None:
    """Each value of the form that is not kept yet is noted; scripts have kept them all, so there is nothing left to do."""
    view = step_view(me.session, batch, where, me.viewer)
    kept = {one.code: one.mine for one in view.fields if one.mine and one.kind != "formula"}
    for name, value in form.under(FIELD).items():
        arguments = _noting(me, batch.code, where[0], where[1] or "", name, value, form.get("reason"))
        before = kept.get(name)
        if before is None or not _same(before, arguments["value"]):
            me.do("batch.note", None, **arguments)


def _same(before: Said, value: str) -> bool:
    """Whether a value of the form is the one that is kept; a moment is the same in every zone."""
    if before.moment is None:
        return before.text == value.strip()
    try:
        return before.moment == datetime.fromisoformat(value)
    except ValueError:
        return False


@router.post("/batches/{code}/steps/{step}/give-back")
def give_back(code: str, step: str, form: Form, me: Signed, passage: str = "") -> Response:
    me.do("batch.give_back", form, batch=code, step=step, passage=passage)
    return me.go(f"/batches/{code}")

"""The desk's pages: the scan field's answer, the worklist, a subject at a glance, the history with its proof."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import Role
from backend.access.sessions import refuse_badge
from backend.batch.reads.growing import chart_of
from backend.custody.reads.genealogy import genealogy
from backend.desk.acts import run_verification
from backend.desk.reads import codes, glance, history, worklists
from backend.ledger import REGISTRY, Nonsense
from backend.ledger.acts import note_unknown
from backend.ledger.reads import entries
from backend.ledger.words import words
from backend.web import addresses
from backend.web.forms import Form
from backend.web.frame import say
from backend.web.me import Me, Signed
from labels.codes import NotACode, read

router = APIRouter()
PROVES = (Role.QA, Role.INSPECTOR, Role.ADMINISTRATOR, Role.UNMASKED_QA)
PAGE = 50


@router.get("/")
def worklist(me: Signed) -> Response:
    return me.show("desk/worklist.html", lists=worklists.for_viewer(me.session, me.ledger, me.viewer, me.now), may=me.may)


@router.post("/scan")
def scanned(form: Form, me: Signed) -> Response:
    """What was scanned is answered on a page of its own, so that going back never scans again."""
    return me.go(f"/scan?{urlencode({'code': form.get('code').strip(), 'how': form.get('how', 'typed')})}")


@router.get("/scan")
def scan(me: Signed, code: str = "") -> Response:
    try:
        wanted = read(code)
    except NotACode as no:
        if found := codes.by_subject_number(me.session, code, me.viewer):
            return me.go(f"/scan?{urlencode({'code': found})}")
        return me.show("not-found.html", 422, code=code, text=str(no))
    answer = codes.answer(me.session, wanted, me.viewer, me.ledger.keyring)
    if answer is None:
        note_unknown(me.ledger, wanted, me.caller)
        return me.show("not-found.html", 404, code=wanted, text="")
    if answer.stop and wanted[0] == "B":
        refuse_badge(me.ledger, wanted, f"the scan of {me.person}, {me.station}", str(answer.stop), me.here.station)
        todo = [words("Do not let anybody in with it."), words("Give it to an administrator, who destroys it.")]
        return me.show("stop.html", lead=answer.stop, todo=todo, back="/")
    if answer.stop:
        compare = [(words("You scanned"), answer.subject, answer.coi, answer.title)] if answer.coi else []
        return me.show("stop.html", lead=answer.stop, compare=compare, back="/", reasons=[])
    subject_code = answer.means or wanted
    nexts = [(a.title, addresses.of_act_on(a, subject_code)) for a in me.next_acts(subject_code)]
    return me.show("desk/scan.html", answer=answer, nexts=nexts)


@router.get("/subjects/{coi}")
def subject(me: Signed, coi: str, after: str = "") -> Response:
    """One subject's way from the marrow on, read from its chain."""
    seen = glance.subject(me.session, coi, me.viewer, me.now)
    if seen is None:
        return me.show("not-found.html", 404, code=coi, text="")
    reads = me.viewer.reads_record
    told = _entries(me, chain=coi, after=after) if reads else []
    nexts = [(a.title, addresses.of_act_on(a, coi)) for a in me.next_acts(coi)]
    return me.show(
        "desk/subject.html", subject=seen, told=history.runs(told[:PAGE]), more=_cursor(told), nexts=nexts,
        windows=seen.infusions, tree=genealogy(me.session, coi) if reads else None,
        charts=[one for code, _ in seen.batches if (one := chart_of(me.session, code))],
    )  # fmt: skip


@router.get("/history")
def history_page(
    me: Signed, code: str = "", act: str = "", person: str = "", since: str = "", until: str = "", chain: str = "", after: str = ""
) -> Response:
    me.must(*(set(Role) - {Role.ASSESSOR, Role.COURIER, Role.RANDOMISER, Role.UNMASK}))
    asked = {"code": code, "act": act, "person": person, "since": since, "until": until, "chain": chain}
    told = _entries(
        me, code=code, act=act, by=person, since=_day(me, since, "since"), until=_day(me, until, "until", 1), chain=chain, after=after
    )
    acts = sorted((a.name, say(a.title)) for a in REGISTRY.values())
    query = urlencode({name: value for name, value in asked.items() if value})
    return me.show(
        "desk/history.html",
        told=history.runs(told[:PAGE]), more=_cursor(told), asked=asked, acts=acts,
        people=history.people(me.session), query=query,
        proof=history.proof(me.session), may_prove=bool(me.viewer.roles & set(PROVES)),
    )  # fmt: skip


@router.post("/history/verify")
def prove(form: Form, me: Signed) -> Response:
    """Re-derive the whole record now."""
    del form
    me.must(*PROVES)
    run_verification(me.ledger, me.caller)
    return me.go("/history")


def _entries(me: Me, **asked: object) -> list[glance.Told]:
    given = {name: value for name, value in asked.items() if value}
    reader = history.reader_for(me.ledger, me.viewer, me.settings.zone, say)
    return entries(me.session, reader, limit=PAGE + 1, **given)  # type: ignore[arg-type]


def _cursor(told: list[glance.Told]) -> str:
    return told[PAGE - 1].cursor if len(told) > PAGE else ""


def _day(me: Me, text: str, name: str, later: int = 0) -> datetime | None:
    """A date of the filter as the instant at which that day begins here (or, for `until`, ends)."""
    if not text.strip():
        return None
    try:
        begins = datetime.fromisoformat(text.strip()).replace(tzinfo=me.settings.zone) + timedelta(days=later)
        return begins.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last day of all are none elsewhere
        raise Nonsense({name: f"“{text[:20]}” is not a date such as 2026-11-22."}) from None

"""Reading by program: the views that the pages show, for the same viewer.

What is unknown and what is not theirs answer alike (decision P4).
"""

from importlib.metadata import version
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from backend import schema
from backend.access.rules import READS_RECORD, SEES_SUBJECTS, Role
from backend.api.asking import Answer, Asking, Who
from backend.batch.acts.bench import where_of
from backend.batch.reads import batch_of, batch_view, batches, course_of, step_view
from backend.batch.reads.bench import StepView
from backend.batch.reads.overview import BatchLine, BatchView
from backend.batch.reads.tracing import LotTrace, lot_trace
from backend.custody.reads.containers import container_of
from backend.custody.reads.descent import Kin, family, family_view
from backend.desk.reads import codes, glance, history
from backend.dose.reads import DoseView, dose_view
from backend.dose.reads.ordering import WindowsView
from backend.dossier.reads import AccountView, account_view
from backend.ledger import Refused, UnknownCode, offered
from backend.ledger.reads import Told, entries
from backend.release.reads import ReviewView, review
from backend.subject.reads import SubjectLine, SubjectView, subject_view
from backend.subject.reads import subjects as lines
from backend.testing.reads import SampleView, sample_view
from backend.web.addresses import of_act_on
from labels.codes import NotACode, read

router = APIRouter()
PAGE = 25
Page = Annotated[int, Field(ge=1, le=10_000)]
Limit = Annotated[int, Field(ge=1, le=100)]
READS = tuple(READS_RECORD)
READS_HISTORY = tuple(set(Role) - {Role.ASSESSOR, Role.COURIER, Role.RANDOMISER, Role.UNMASK})
PROVES = (Role.QA, Role.INSPECTOR, Role.ADMINISTRATOR, Role.UNMASKED_QA)


class Next(Answer):
    """An act that may be done next."""

    act: str
    title: str
    page: str


class CodeAnswered(Answer):
    """What a code is, in the viewer's eyes, and what may be done next with it."""

    code: codes.Answer
    next: list[Next]


class Subjects(Answer):
    """One page of the subjects."""

    subjects: list[SubjectLine]
    page: int
    more: bool


class SubjectAnswered(Answer):
    """One subject: the screening, where the cells are, and on which days infusions were or may be given."""

    subject: SubjectView
    glance: glance.Glance
    windows: WindowsView


class Batches(Answer):
    """One page of the batches."""

    batches: list[BatchLine]
    page: int
    more: bool


class Family(Answer):
    """A container among those that it was made from and those made from it; `depth` counts generations from the first."""

    containers: list[Kin]


class History(Answer):
    """Entries, newest first; `after` asks for those before them."""

    entries: list[Told]
    after: str


@router.get("/codes/{code}", tags=["codes"])
def code(code: str, who: Who) -> CodeAnswered:
    """What this code is: kind, what it labels, whose, in which state, where; and what may be done next."""
    try:
        wanted = read(code)
    except NotACode as no:
        raise UnknownCode(code[:40]) from no
    found = codes.answer(who.session, wanted, who.viewer, who.ledger.keyring)
    if found is None:
        who.unknown(wanted)
        raise UnknownCode(wanted)
    means = found.means or wanted
    ways = [] if found.stop else offered(who.session, means, means[0], who.viewer.roles)
    return CodeAnswered(code=found, next=[Next(act=one.name, title=one.title, page=of_act_on(one, means)) for one in ways])


@router.get("/subjects", tags=["subjects"])
def subjects(who: Who, find: str = "", page: Page = 1) -> Subjects:
    """The subjects by number; names only for those who see names."""
    if not who.viewer.sees_subjects:
        who.must(*SEES_SUBJECTS)
    found, more = lines(who.session, who.ledger, who.viewer, find, page)
    return Subjects(subjects=found, page=page, more=more)


@router.get("/subjects/{coi}", tags=["subjects"])
def subject(coi: str, who: Who) -> SubjectAnswered:
    """One subject with everything that the same viewer sees on the page."""
    seen = glance.subject(who.session, coi, who.viewer, who.now)
    if seen is None:
        raise UnknownCode(coi[:40])
    screened = subject_view(who.session, who.ledger, coi, who.viewer)
    return SubjectAnswered(subject=screened, glance=seen, windows=seen.infusions)


@router.get("/subjects/{coi}/account", tags=["subjects"])
def account(coi: str, who: Who) -> AccountView:
    """The final account: each vial, dose and label with what became of it, and everything that keeps the subject open."""
    _for_readers(who, coi)
    return account_view(who.session, coi)


@router.get("/batches", tags=["batches"])
def batch_list(who: Who, page: Page = 1) -> Batches:
    """The batches, the newest first."""
    who.must(*READS)
    found, more = batches(who.session, page)
    return Batches(batches=found, page=page, more=more)


@router.get("/batches/{code}", tags=["batches"])
def batch(code: str, who: Who) -> BatchView:
    """One batch: where it is, what is in play, how it grew, what is open. Covered values are in none of it (decision W3)."""
    _for_readers(who, code)
    return batch_view(who.session, code, who.viewer, who.now)


@router.get("/batches/{code}/release", tags=["batches"])
def release(code: str, who: Who) -> ReviewView:
    """The review of a bank: what was out of the ordinary, every reason against releasing it, and the digest that a signature covers."""
    who.must(Role.QA, Role.INSPECTOR)
    return review(who.session, code, who.viewer)


@router.get("/batches/{code}/steps/{step}", tags=["batches"])
def step(code: str, step: str, who: Who, passage: str = "") -> StepView:
    """One step with its readings, as this viewer may see them."""
    _for_readers(who, code)
    found = batch_of(who.session, code)
    try:
        where = where_of(course_of(who.session, found), step[:20], passage[:20])
    except Refused as no:
        raise HTTPException(404, " ".join(no.reasons)) from no
    return step_view(who.session, found, where, who.viewer)


@router.get("/testing/{code}", tags=["testing"])
def sample(code: str, who: Who) -> SampleView:
    """A sample with its tests: each limit, and every result with its review."""
    _for_readers(who, code)
    try:
        return sample_view(who.session, who.ledger, read(code), who.viewer, who.now)
    except NotACode as no:
        raise UnknownCode(code[:40]) from no


@router.get("/doses/{code}", tags=["doses"])
def dose(code: str, who: Who) -> DoseView:
    """One dose: its steps, people, vials and times; its values for unmasked people alone, and covered ones for nobody (S2, W3)."""
    return dose_view(who.session, who.ledger, code, who.viewer, who.now)


@router.get("/trace/containers/{code}", tags=["trace"])
def trace(code: str, who: Who, direction: Literal["up", "down", "both"] = "both") -> Family:
    """The whole genealogy of a container: what it was made from (up), what was made from it (down)."""
    _for_readers(who, code)
    try:
        container = container_of(who.session, read(code))
    except NotACode as no:
        raise UnknownCode(code[:40]) from no
    up, down = family(who.session, container.code)
    wanted = {"up": {*up}, "down": {*down}, "both": {*up, *down}}[direction] | {container.code}
    return Family(containers=[one for one in family_view(who.session, container) if one.container.code in wanted])


@router.get("/trace/lots/{code}", tags=["trace"])
def trace_lot(code: str, who: Who) -> LotTrace:
    """Every subject, batch, step and container that this lot touched, with what came out of these afterwards."""
    _for_readers(who, code)
    try:
        return lot_trace(who.session, read(code))
    except NotACode as no:
        raise UnknownCode(code[:40]) from no


def _for_readers(who: Asking, code: str) -> None:
    """Who does not read the record is told nothing of a code, not even that it is one."""
    if not who.viewer.reads_record:
        raise UnknownCode(code[:40])


@router.get("/history", tags=["history"], response_model=History)
def told(
    who: Who, chain: str = "", code: str = "", act: str = "", by: str = "", after: str = "", limit: Limit = PAGE,
) -> Response:  # fmt: skip
    """Entries of the record, newest first, masked for the viewer; at most `limit` of them, and where the next ones begin."""
    who.must(*READS_HISTORY)
    asked: dict[str, Any] = {"chain": chain, "code": code, "act": act, "by": by, "after": after}
    given = {name: value for name, value in asked.items() if value}
    found = entries(who.session, history.reader_for(who.ledger, who.viewer, who.settings.zone), limit=limit + 1, **given)
    shown = History(entries=found[:limit], after=found[limit - 1].cursor if len(found) > limit else "")
    return Response(shown.model_dump_json(), media_type="application/json")  # made of views already: nothing is left to validate


@router.get("/verify", tags=["history"])
def proof(who: Who) -> history.Proof:
    """The last verification: when, by whom, how many faults, and how far the record has grown since."""
    who.must(*PROVES)
    return history.proof(who.session)


@router.get("/health", tags=["health"])
def health(request: Request) -> JSONResponse:
    """Whether the program can serve; no sign-in."""
    against = schema.against(request.app.state.ledger.engine)
    said = {"status": "ok" if against is None else against, "schema": schema.newest(), "version": version("marrowline")}
    return JSONResponse(said, 200 if against is None else 503)

"""Reading by program: the views that the pages show, for the same viewer.

What is unknown and what is not theirs answer alike (decision P4).
"""

from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from backend import schema
from backend.access.rules import Role
from backend.api.asking import Answer, Who
from backend.desk.reads import codes, glance, history
from backend.ledger import UnknownCode, offered
from backend.ledger.reads import Told, entries
from backend.subject.reads import SubjectLine, SubjectView, subject_view
from backend.subject.reads import subjects as lines
from backend.web.addresses import of_act_on
from labels.codes import NotACode, read

router = APIRouter()
PAGE = 25
READS_HISTORY = tuple(set(Role) - {Role.ASSESSOR, Role.COURIER, Role.RANDOMISER})
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
    """One subject: the screening, and where the cells are."""

    subject: SubjectView
    glance: glance.Glance


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
    found = codes.answer(who.session, wanted, who.viewer)
    if found is None:
        who.unknown(wanted)
        raise UnknownCode(wanted)
    means = found.means or wanted
    ways = [] if found.stop else offered(who.session, means, means[0], who.viewer.roles)
    return CodeAnswered(code=found, next=[Next(act=one.name, title=one.title, page=of_act_on(one, means)) for one in ways])


@router.get("/subjects", tags=["subjects"])
def subjects(who: Who, find: str = "", page: Annotated[int, Field(ge=1, le=10_000)] = 1) -> Subjects:
    """The subjects by number; names only for those who see names."""
    if not who.viewer.sees_subjects:
        who.must(*(set(Role) - {Role.RANDOMISER, Role.ADMINISTRATOR}))
    found, more = lines(who.session, who.ledger, who.viewer, find, page)
    return Subjects(subjects=found, page=page, more=more)


@router.get("/subjects/{coi}", tags=["subjects"])
def subject(coi: str, who: Who) -> SubjectAnswered:
    """One subject with everything that the same viewer sees on the page."""
    seen = glance.subject(who.session, who.ledger, coi, who.viewer)
    if seen is None:
        raise UnknownCode(coi[:40])
    return SubjectAnswered(subject=subject_view(who.session, who.ledger, coi, who.viewer), glance=seen)


@router.get("/history", tags=["history"])
def told(who: Who, chain: str = "", code: str = "", act: str = "", by: str = "", after: str = "") -> History:
    """Entries of the record, newest first, masked for the viewer."""
    who.must(*READS_HISTORY)
    asked: dict[str, Any] = {"chain": chain, "code": code, "act": act, "by": by, "after": after}
    given = {name: value for name, value in asked.items() if value}
    found = entries(who.session, history.reader_for(who.ledger, who.viewer), limit=PAGE + 1, **given)
    return History(entries=found[:PAGE], after=found[PAGE - 1].cursor if len(found) > PAGE else "")


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

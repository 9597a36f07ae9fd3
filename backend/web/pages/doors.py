"""The doors: sign in and out, lock and unlock, the first password, the accountability statement, what Marrowline is.

Whoever comes through has said who they are; a form that was interrupted waits behind the door for the same person.
"""

from importlib.metadata import version

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from backend.access import sessions
from backend.access.models import StatementAccepted
from backend.access.reads import has_accepted, link_of, person_of
from backend.access.rules import SHORTEST_PASSWORD, STATEMENT
from backend.ledger import Nonsense, Refused
from backend.ledger.keys import Cost
from backend.web.forms import Form
from backend.web.frame import say as _
from backend.web.me import Me, Signed, page_of, render, safe

router = APIRouter()


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "/") -> Response:  # noqa: A002  # the name in the address
    return _front(request, 200, next)


def _front(request: Request, status: int, onwards: str, said: str = "", person: str = "") -> Response:
    state = request.app.state
    with state.ledger.read() as session:
        station = sessions.station_of(session, request.cookies) or sessions.UNREGISTERED
    return render(
        request, "sign-in.html", status, trial=state.settings.trial.upper(), station=station, record="", next=safe(onwards),
        errors={"": said} if said else {}, typed={"person": person},
    )  # fmt: skip


@router.post("/sign-in")
def sign_in(request: Request, form: Form) -> Response:
    state = request.app.state
    with state.ledger.read() as session:
        person, station = person_of(session, form.get("person")), sessions.station_of(session, request.cookies)
    try:
        opened = sessions.sign_in(state.ledger, state.settings, person, form.get("password"), station)
        said = "" if opened else _("Person and password do not fit. After five wrong passwords in a row the person is locked.")
    except Refused as no:
        opened, said = None, " ".join(no.reasons)
    if opened is None:
        return _front(request, 401, form.get("next", "/"), said, form.get("person"))
    return _enter(request, person, opened[0], safe(form.get("next", "/")))


def _enter(request: Request, person: str, token: str, onwards: str) -> Response:
    """The browser holds a fresh token; what it held before opens nothing (no session is fixed from outside)."""
    ledger = request.app.state.ledger
    sessions.replace(ledger, request.cookies)
    with ledger.read() as session:
        onwards = onwards if has_accepted(session, person) else "/statement"
    answer = RedirectResponse(onwards, 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(sessions.COOKIE, token, httponly=True, samesite="strict", secure=secure, path="/")
    return answer


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    state = request.app.state
    with state.ledger.read() as session:
        here = sessions.here(session, state.ledger, state.settings, request.cookies)
    if here:
        sessions.sign_out(state.ledger, here)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(sessions.COOKIE, path="/", httponly=True, samesite="strict")
    return answer


@router.get("/lock")
def lock(request: Request, next: str = "/") -> Response:  # noqa: A002
    """The page asks for this when nobody has touched it for a while."""
    state = request.app.state
    with state.ledger.read() as session:
        here = sessions.here(session, state.ledger, state.settings, request.cookies)
    if here is None:
        return RedirectResponse("/sign-in", 303)
    sessions.lock(state.ledger, here.token)
    return _locked(request, here, next)


@router.get("/locked")
def locked(request: Request, next: str = "/") -> Response:  # noqa: A002
    state = request.app.state
    with state.ledger.read() as session:
        here = sessions.here(session, state.ledger, state.settings, request.cookies)
    if here is None:
        return RedirectResponse("/sign-in", 303)
    return _locked(request, here, next) if here.locked else RedirectResponse(safe(next), 303)


def _locked(request: Request, here: sessions.SignedInHere, onwards: str, status: int = 200, said: str = "") -> Response:
    ledger, onwards = request.app.state.ledger, safe(onwards)
    with ledger.read() as session:
        me = Me(request, session, here)
        kept = bool(sessions.kept_form(session, ledger, me.person, onwards))
        return render(request, "locked.html", status, me=me, kept=kept, next=onwards, errors={"": said} if said else {})


@router.post("/unlock")
def unlock(request: Request, form: Form) -> Response:
    state = request.app.state
    with state.ledger.read() as session:
        here = sessions.here(session, state.ledger, state.settings, request.cookies)
    if here is None:
        return RedirectResponse("/sign-in", 303)
    if not sessions.unlock(state.ledger, here, form.get("password")):
        with state.ledger.read() as session:
            still = sessions.here(session, state.ledger, state.settings, request.cookies)
        if still is None:
            return _front(request, 401, form.get("next", "/"), _("That was the fifth wrong password; an administrator unlocks you."))
        return _locked(request, here, form.get("next", "/"), 401, _("The password is not right. The station stays locked."))
    return RedirectResponse(safe(form.get("next", "/")), 303)


@router.get("/set-password")
def set_password_page(request: Request, token: str = "") -> Response:
    return _first(request, token)


def _first(request: Request, token: str, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    state = request.app.state
    with state.ledger.read() as session:
        link = link_of(session, sessions.hashed(token), state.ledger.clock())
    if link is None:
        used = _("This link has been used, replaced, or is older than 72 hours. An administrator gives you a new one.")
        return render(request, "refused.html", 410, reasons=[used], recorded=False)
    errors = errors or {}
    return render(request, "first-password.html", status, name=link.name, token=token, least=SHORTEST_PASSWORD, errors=errors)


@router.post("/set-password")
def set_password(request: Request, form: Form) -> Response:
    """The person has a password and a key, and is signed in with them."""
    state, token, password = request.app.state, form.get("token"), form.get("password")
    with state.ledger.read() as session:
        link = link_of(session, sessions.hashed(token), state.ledger.clock())
        station = sessions.station_of(session, request.cookies)
    if link is None:
        return _first(request, token)
    if password != form.get("again"):
        return _first(request, token, 422, {"again": _("The two are not the same.")})
    try:
        sessions.set_password(
            state.ledger, link.person, token, password, Cost(state.settings.argon_time, state.settings.argon_memory_kib), station
        )
    except Nonsense as no:
        return _first(request, token, 422, no.faults)
    opened = sessions.sign_in(state.ledger, state.settings, link.person, password, station)
    return _enter(request, link.person, opened[0], "/") if opened else RedirectResponse("/sign-in", 303)


@router.get("/statement")
def statement(me: Signed) -> Response:
    signed = me.session.get(StatementAccepted, me.person)
    return me.show("statement.html", statement=STATEMENT, signed_at=signed.at if signed else None)


@router.post("/statement")
def sign_statement(form: Form, me: Signed) -> Response:
    me.do("access.accept_statement", form)
    return me.go("/")


@router.get("/about")
def about(request: Request) -> Response:
    return render(request, "about.html", version=version("marrowline"), trial=request.app.state.settings.trial.upper())


@router.post("/touch")
def touch(me: Signed) -> Response:
    """Somebody is here: the idle lock starts again."""
    sessions.touch(me.ledger, me.here.token)
    return Response(status_code=204)


@router.post("/draft")
def draft(form: Form, me: Signed) -> Response:
    """A field of a form that is no record yet is kept when it is left, or the whole form when the page is about to lock (F3)."""
    sessions.keep_form(me.ledger, me.person, page_of(me.request), form.draft())
    return JSONResponse({"at": me.now.strftime("%H:%M:%S")})

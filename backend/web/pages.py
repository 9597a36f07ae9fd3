"""The doors: sign in and out, lock and unlock, the first password, what Marrowline is; and the form that any act has."""

import secrets
from importlib.metadata import version

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backend.access import sessions
from backend.access.reads import person_of
from backend.ledger import Refused
from backend.web.forms import Form
from backend.web.me import Signed, render

router = APIRouter()


def _safe(path: str) -> str:
    """Only an address of ours: one slash, no host."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "/") -> Response:  # noqa: A002  # the name in the address
    state = request.app.state
    with state.ledger.read() as session:
        station = sessions.station_of(session, request.cookies) or sessions.UNREGISTERED
    return render(
        request,
        "sign-in.html",
        trial=state.settings.trial.upper(),
        station=station,
        record="",
        next=_safe(next),
        key=secrets.token_urlsafe(16),
    )


@router.post("/sign-in")
def sign_in(request: Request, form: Form) -> Response:
    state = request.app.state
    with state.ledger.read() as session:
        person, station = person_of(session, form.get("person")), sessions.station_of(session, request.cookies)
    try:
        opened = sessions.sign_in(state.ledger, state.settings, person, form.get("password"), station)
        said = "" if opened else "Person and password do not fit. After five wrong passwords in a row the person is locked."
    except Refused as no:
        opened, said = None, " ".join(no.reasons)
    if opened is None:
        context = {
            "trial": state.settings.trial.upper(),
            "station": station or sessions.UNREGISTERED,
            "record": "",
            "next": form.get("next"),
        }
        return render(request, "sign-in.html", 401, errors={"": said}, typed={"person": form.get("person")}, key="", **context)
    answer = RedirectResponse(_safe(form.get("next", "/")), 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(sessions.COOKIE, opened[0], httponly=True, samesite="strict", secure=secure, path="/")
    return answer


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    state = request.app.state
    with state.ledger.read() as session:
        here = sessions.here(session, state.ledger, state.settings, request.cookies)
    if here:
        sessions.sign_out(state.ledger, here)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(sessions.COOKIE, path="/")
    return answer


@router.get("/about")
def about(request: Request) -> Response:
    return render(request, "about.html", version=version("marrowline"), trial=request.app.state.settings.trial.upper())


@router.post("/touch")
def touch(me: Signed) -> Response:
    """Somebody is here: the idle lock starts again."""
    sessions._update(me.ledger, sessions.hashed(me.here.token), seen_at=me.ledger.clock())
    return Response(status_code=204)

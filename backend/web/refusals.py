"""What is said when something does not happen: the same page again with every reason and everything that was typed, and never a code.

A refused form is answered by the page it came from, read anew, so stale values show as they are now.
"""

import logging
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Message, Scope

from backend.ledger import Nonsense, NotAllowed, Refused, UnknownCode
from backend.web.frame import say as _
from backend.web.me import MustSignIn, maybe, render
from backend.web.shield import HEADERS

log = logging.getLogger("marrowline")


@dataclass(frozen=True)
class Again:
    """Why a page is shown again: its status, every reason, the sentence of each field, what was typed."""

    status: int
    reasons: tuple[str, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)
    given: dict[str, list[str]] = field(default_factory=dict)


def install(app: FastAPI) -> None:
    """Pages answer in words; the API answers the same sentences as JSON."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(Nonsense, _nonsense)
    app.add_exception_handler(UnknownCode, _unknown)
    app.add_exception_handler(MustSignIn, _door)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _shape)
    app.add_exception_handler(Exception, _bug)


async def _refused(request: Request, no: Exception) -> Response:
    assert isinstance(no, Refused)  # noqa: S101  # the handler's signature is Starlette's
    status = 403 if isinstance(no, NotAllowed) else 409
    if _is_api(request):
        return JSONResponse({"refused": list(no.reasons)}, status)
    return await _again(request, Again(status, no.reasons, {}, _given(request)))


async def _nonsense(request: Request, no: Exception) -> Response:
    assert isinstance(no, Nonsense)  # noqa: S101
    if _is_api(request):
        return JSONResponse({"refused": list(no.faults.values()), "fields": no.faults}, 422)
    return await _again(request, Again(422, tuple(no.faults.values()), no.faults, _given(request)))


async def _unknown(request: Request, no: Exception) -> Response:
    assert isinstance(no, UnknownCode)  # noqa: S101
    if _is_api(request):
        return JSONResponse({"refused": [str(no)]}, 404)
    if request.method == "POST" or getattr(request.state, "again", None):
        return await _again(request, Again(404, (str(no),), {}, _given(request)))
    return _framed(request, "not-found.html", 404, code=no.code)


async def _door(request: Request, no: Exception) -> Response:
    assert isinstance(no, MustSignIn)  # noqa: S101
    if _is_api(request):
        return JSONResponse({"refused": [_("Sign in first.")]}, 401, {"WWW-Authenticate": "Bearer"})
    return RedirectResponse(no.to, 303)


async def _http(request: Request, no: Exception) -> Response:
    assert isinstance(no, HTTPException)  # noqa: S101
    words = {
        404: _("There is no such page."), 405: _("This address is for sending a form; open the page that the form is on."),
    }.get(no.status_code, str(no.detail))  # fmt: skip
    if _is_api(request):
        if no.status_code == 400:  # Starlette's word for a body that cannot be parsed
            return JSONResponse({"refused": [_("What was sent cannot be read.")]}, 422)
        return JSONResponse({"refused": [words]}, no.status_code, no.headers)
    if no.status_code == 404:
        return _framed(request, "not-found.html", 404)
    return _framed(request, "refused.html", no.status_code, reasons=[words], recorded=False)


async def _shape(request: Request, no: Exception) -> Response:
    assert isinstance(no, RequestValidationError)  # noqa: S101
    faults = {str(e["loc"][-1]): f"{e['loc'][-1]}: {e['msg']}." for e in no.errors()}
    return await _nonsense(request, Nonsense(faults)) if _is_api(request) else _framed(
        request, "refused.html", 422, reasons=list(faults.values()), recorded=False
    )  # fmt: skip


async def _bug(request: Request, bug: Exception) -> Response:
    number = secrets.token_hex(4)
    log.error("fault %s at %s", number, request.url.path, exc_info=bug)
    carried = {name.decode(): value.decode() for name, value in HEADERS} | {
        "cache-control": "no-store"
    }  # it is answered outside the shield
    if _is_api(request):
        return JSONResponse({"fault": number}, 500, carried)
    answer = render(request, "error.html", 500, error_id=number)
    answer.headers.update(carried)
    return answer


def _is_api(request: Request) -> bool:
    """A program, or a field that the page keeps by itself: both want sentences as JSON."""
    return request.url.path.startswith("/api/") or request.headers.get("accept") == "application/json"


def _given(request: Request) -> dict[str, list[str]]:
    sent = getattr(request.state, "sent", None)
    return sent.given() if sent else {}


def _framed(request: Request, template: str, status: int, **context: Any) -> Response:
    """A page of ours, with the frame of whoever is signed in here."""
    with request.app.state.ledger.read() as session:
        me = maybe(request, session)
        nav = request.app.state.nav(me) if me else []
        return render(request, template, status, me=me, nav=nav, **context)


async def _again(request: Request, why: Again) -> Response:
    """The page that the form was on, shown again; or the reasons alone when there is none."""
    came_from = urlsplit(request.headers.get("referer", ""))
    above = came_from.path.rpartition("/")[0]
    own = request.method == "POST" and came_from.path and came_from.netloc in {"", request.url.netloc}
    if getattr(request.state, "again", None):
        raise Refused(*why.reasons)  # a page that was to be shown again cannot be shown: whoever asked for it goes on without it
    if own:
        for path in (came_from.path, above):  # a form refused twice came from where it was sent to, which stands under its page
            if shown := await _page(request, path, came_from.query, why):
                return shown
    kept = [(name.replace("_", " "), ", ".join(v)) for name, v in why.given.items() if any(v) and not name.endswith("_how")]
    recorded = why.status in {403, 409} and request.method == "POST"
    return _framed(
        request, "refused.html", why.status, reasons=list(why.reasons), kept=kept, back=came_from.path if own else "", recorded=recorded
    )


async def _page(request: Request, path: str, query: str, why: Again) -> Response | None:
    """What a GET of `path` would answer, with the refusal in its state."""
    scope: Scope = dict(request.scope) | {
        "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode(), "state": {"again": why},
        "headers": [(k, v) for k, v in request.scope["headers"] if k not in {b"content-length", b"content-type"}],
    }  # fmt: skip
    for stale in ("route", "endpoint", "path_params", "router"):
        scope.pop(stale, None)
    said: list[Message] = []

    async def nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def hear(message: Message) -> None:
        said.append(message)

    try:
        await request.app.router(scope, nothing, hear)
    except (Refused, Nonsense, UnknownCode, MustSignIn, HTTPException):
        return None  # the page itself cannot be shown; the reasons stand alone
    start = next((m for m in said if m["type"] == "http.response.start"), None)
    if start is None or start["status"] not in {200, why.status}:
        return None
    body = b"".join(m.get("body", b"") for m in said if m["type"] == "http.response.body")
    return Response(body, why.status, media_type="text/html")

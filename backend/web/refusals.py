"""What is said when something does not happen: the same page again with every reason and everything that was typed, and never a code.

A refused form is answered by the page it came from, read anew, so stale values show as they are now.
"""

import logging
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Message, Scope

from backend.ledger import Nonsense, NotAllowed, Refused, UnknownCode
from backend.web.me import MustSignIn, render

log = logging.getLogger("marrowline")


@dataclass(frozen=True)
class Again:
    """Why a page is shown again: its status, every reason, the sentence of each field, what was typed."""

    status: int
    reasons: tuple[str, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


def install(app: FastAPI) -> None:
    """Pages answer in words; the API answers the same sentences as JSON."""

    @app.exception_handler(Refused)
    async def _refused(request: Request, no: Refused) -> Response:
        status = 403 if isinstance(no, NotAllowed) else 409
        if _is_api(request):
            return JSONResponse({"refused": list(no.reasons)}, status)
        return await _again(request, Again(status, no.reasons, {}, _typed(request)))

    @app.exception_handler(Nonsense)
    async def _nonsense(request: Request, no: Nonsense) -> Response:
        if _is_api(request):
            return JSONResponse({"nonsense": no.faults}, 422)
        return await _again(request, Again(422, tuple(no.faults.values()), no.faults, _typed(request)))

    @app.exception_handler(UnknownCode)
    async def _unknown(request: Request, no: UnknownCode) -> Response:
        if _is_api(request):
            return JSONResponse({"refused": [str(no)]}, 404)
        return await _again(request, Again(404, (str(no),), {}, _typed(request)))

    @app.exception_handler(MustSignIn)
    async def _door(request: Request, no: MustSignIn) -> Response:
        return JSONResponse({"refused": ["Sign in first."]}, 401) if _is_api(request) else RedirectResponse(no.to, 303)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, no: HTTPException) -> Response:
        if _is_api(request):
            return JSONResponse({"refused": [str(no.detail)]}, no.status_code)
        if no.status_code == 404:
            return render(request, "not-found.html", 404)
        return render(request, "refused.html", no.status_code, reasons=[str(no.detail)], recorded=False)

    @app.exception_handler(RequestValidationError)
    async def _shape(request: Request, no: RequestValidationError) -> Response:
        said = [str(e["msg"]) for e in no.errors()]
        if _is_api(request):
            return JSONResponse({"nonsense": said}, 422)
        return render(request, "refused.html", 422, reasons=said, recorded=False)

    @app.exception_handler(Exception)
    async def _bug(request: Request, bug: Exception) -> Response:
        number = secrets.token_hex(4)
        log.error("fault %s at %s", number, request.url.path, exc_info=bug)
        if _is_api(request):
            return JSONResponse({"fault": number}, 500)
        return render(request, "error.html", 500, error_id=number)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def _typed(request: Request) -> dict[str, str]:
    sent = getattr(request.state, "sent", None)
    return sent.typed() if sent else {}


async def _again(request: Request, why: Again) -> Response:
    """The page that the form was on, shown again; or the reasons alone when there is none."""
    came_from = urlsplit(request.headers.get("referer", ""))
    alone = render(request, "refused.html", why.status, reasons=list(why.reasons), kept=list(why.typed.items()), back=came_from.path)
    if request.method != "POST" or getattr(request.state, "again", None) or came_from.netloc not in {"", request.url.netloc}:
        return alone
    shown = await _page(request, came_from.path, came_from.query, why)
    return shown or alone


async def _page(request: Request, path: str, query: str, why: Again) -> Response | None:
    """What a GET of `path` would answer, with the refusal in its state."""
    if not path:
        return None
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

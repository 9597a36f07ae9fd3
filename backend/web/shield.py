"""What every answer carries and every request must have: no foreign origin may write, no script but ours may run, nothing is cached."""

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 2_000_000
DRAINED = 64_000_000  # a browser that is still sending hears no answer, so this much is read and thrown away before saying no
TOO_LARGE = "This form is larger than 2 MB; nothing in it was kept. Go back and send less."
FOREIGN = "This came from another site. Nothing was done."
NOTHING_THERE = "This address holds a character that no code and no word has. There is nothing there."

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Marrowline</title><link rel="stylesheet" href="/static/tokens.css">'
    '<link rel="stylesheet" href="/static/app.css"></head><body class="desk"><main class="page"><h1>This was not done</h1><p>{}</p>'
    '<p><a class="btn" href="/">To the first page</a></p></main></body></html>'
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)


class Shield:
    """Wraps the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if "\0" in scope["path"] or b"%00" in scope["query_string"] or b"\0" in scope["query_string"]:
            await _refuse(scope, send, 404, NOTHING_THERE)  # PostgreSQL keeps no such text, so nothing can be found by it
            return
        headers = dict(scope["headers"])
        if scope["method"] not in {"GET", "HEAD", "OPTIONS"} and not _own(headers):
            await _refuse(scope, send, 403, FOREIGN)
            return
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > LARGEST:
            await _drain(receive)
            await _refuse(scope, send, 413, TOO_LARGE)
            return
        read, more = 0, True

        async def bounded() -> Message:
            nonlocal read, more
            message = await receive()
            read, more = read + len(message.get("body", b"")), bool(message.get("more_body"))
            if read > LARGEST:
                raise TooLarge
            return message

        async def carried(message: Message) -> None:
            if message["type"] == "http.response.start":
                cached = scope["path"].startswith("/static/")
                extra = [*HEADERS, (b"cache-control", b"public, max-age=3600" if cached else b"no-store")]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        try:
            await self.app(scope, bounded, carried)
        except TooLarge:
            if more:
                await _drain(receive)
            await _refuse(scope, send, 413, TOO_LARGE)


class TooLarge(Exception):
    """More came in than any form needs."""


def _own(headers: dict[bytes, bytes]) -> bool:
    """A browser says where a write comes from; a program that says nothing is not a browser and carries no cookie of ours by itself."""
    origin = headers.get(b"origin")
    site = headers.get(b"sec-fetch-site", b"same-origin")
    if origin is not None and origin.split(b"://")[-1] != headers.get(b"host"):
        return False
    return site in {b"same-origin", b"none"}


async def _drain(receive: Receive) -> None:
    read = 0
    while read <= DRAINED:
        message = await receive()
        read += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return


async def _refuse(scope: Scope, send: Send, status: int, words: str) -> None:
    """Said without the application, which must not see such a request: a bare page, or JSON for the API."""
    if scope["path"].startswith("/api/"):
        kind, body = b"application/json", orjson.dumps({"refused": [words]})
    else:
        kind = b"text/html; charset=utf-8"
        body = PAGE.format(words).encode()
    headers = [(b"content-type", kind), (b"cache-control", b"no-store"), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

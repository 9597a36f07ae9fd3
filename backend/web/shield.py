"""What every answer carries and every request must have: no foreign origin may write, no script but ours may run, nothing is cached."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.web.forms import LARGEST

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
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
        headers = dict(scope["headers"])
        if scope["method"] not in {"GET", "HEAD", "OPTIONS"} and not _own(headers):
            await _refuse(send, 403, b"This came from another site. Nothing was done.")
            return
        read = 0

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST + 4096:
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
            await _refuse(send, 413, b"This form is larger than 2 MB; nothing in it was kept.")


class TooLarge(Exception):
    """More came in than any form needs."""


def _own(headers: dict[bytes, bytes]) -> bool:
    """A browser says where a write comes from; a program that says nothing is not a browser and carries no cookie of ours by itself."""
    origin = headers.get(b"origin")
    site = headers.get(b"sec-fetch-site", b"same-origin")
    if origin is not None and origin.split(b"://")[-1] != headers.get(b"host"):
        return False
    return site in {b"same-origin", b"none"}


async def _refuse(send: Send, status: int, words: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain"), *HEADERS]})
    await send({"type": "http.response.body", "body": words})

"""Me: the person of one request. A page reads through `me`, acts through `me`, and shows through `me`; it never meets a cookie or a row.

Who I am comes from a server-side session that is known by a hash; after some minutes without a touch it locks and keeps the open form.
"""

import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session, SQLModel

from backend.access import sessions
from backend.access.reads import names_of, person_of
from backend.access.rules import Viewer
from backend.ledger import REGISTRY, Act, Caller, Credential, Ledger, NotAllowed, Receipt, Shown, digest_of, offered
from backend.ledger.acts import turn_away
from backend.ledger.errors import UnknownCode
from backend.ledger.spelling import zone_words
from backend.settings import Settings
from backend.web import addresses
from backend.web.forms import Form, Sent
from backend.web.frame import say as _
from backend.web.frame import spoken
from labels.copies import Copy


class Me:
    """One person, one request."""

    def __init__(self, request: Request, session: Session, here: sessions.SignedInHere) -> None:
        self.request, self.session, self.here = request, session, here
        self.ledger: Ledger = request.app.state.ledger
        self.settings: Settings = request.app.state.settings
        self.viewer: Viewer = here.viewer
        self.person, self.code, self.name, self.station = here.viewer.person, here.viewer.person, here.viewer.name, here.station_words
        self.roles = sorted(here.viewer.roles)
        self.now: datetime = self.ledger.clock().astimezone(self.settings.zone)
        self.zone = zone_words(self.now)

    @property
    def caller(self) -> Caller:
        return Caller(self.person, self.here.station)

    def do(self, name: str, form: Sent | None = None, /, **arguments: Any) -> Receipt:
        """Run an act with the form's values, key, reason, digest and signatures; `arguments` come from the page's address.

        What is refused comes back as the same page with every reason and everything that was typed.
        """
        act = REGISTRY[name]
        sent = form or Sent({})
        try:
            receipt = self.ledger.do(
                name, sent.arguments(act, self.settings.zone, arguments), by=self.caller, signatures=self._signatures(sent),
                reason=sent.get("reason"), shown=sent.get("shown") or None, key=sent.get("key") or None,
            )  # fmt: skip
        except UnknownCode as unknown:
            turn_away(self.ledger, name, unknown, self.caller)
        if sent.values:
            sessions.drop_form(self.ledger, self.person, page_of(self.request))
        return receipt

    def _signatures(self, sent: Sent) -> tuple[Credential, ...]:
        """The second signer may have scanned a badge instead of typing a staff number."""
        given = sent.signatures(self.person)
        return tuple(Credential(person_of(self.session, one.person), one.password) for one in given)

    def may(self, name: str) -> bool:
        """Whether my roles allow an act (its rules may still refuse)."""
        roles = REGISTRY[name].roles
        return "everybody" in roles or bool(self.viewer.roles & roles)

    def must(self, *roles: str) -> None:
        """Refuse the page itself to anybody without one of these roles. Reading is not an act, so nothing is recorded."""
        if not self.viewer.roles & set(roles):
            raise NotAllowed(f"This page is for {' or '.join(sorted(roles))}; you are {' and '.join(self.roles) or 'without a role'}.")

    def next_acts(self, code: str) -> list[Act]:
        """What I may do next with this code."""
        return offered(self.session, code, code[0], self.viewer.roles)

    def ways(self, code: str) -> list[tuple[str, str]]:
        """The same as (button words, address)."""
        return [(one.title, addresses.of_act_on(one, code)) for one in self.next_acts(code)]

    def digest(self, shown: Shown) -> str:
        return digest_of(shown)

    def show(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A page. After a refusal it carries what was typed, the sentence of each field, and every reason on top."""
        again = getattr(self.request.state, "again", None)
        flash = [("stop", reason, "") for reason in again.reasons] if again else []
        given = again.given if again else self._kept()
        if given and not again:
            flash.append(("go", _("What you typed before is here again."), _("It was not sent yet. Passwords are never kept.")))
        known = {
            "me": self, "key": secrets.token_urlsafe(16), "typed": last_of(given), "given": given, "errors": again.errors if again else {},
            "flash": flash, "nav": self.request.app.state.nav(self), "idle_seconds": self.settings.idle_minutes * 60, "lock_url": "/lock",
            "touch_url": "/touch",
        }  # fmt: skip
        return render(self.request, template, status if not again else again.status, **(known | context))

    def _kept(self) -> dict[str, list[str]]:
        if self.request.method != "GET" or not self.here.drafts:
            return {}
        return sessions.kept_form(self.session, self.ledger, self.person, address_of(self.request))

    def go(self, path: str) -> Response:
        """After an act: on to the page that shows what is true now."""
        return RedirectResponse(path, status_code=303)

    def named(self, copy: Copy | None) -> Copy | None:
        """A print with the name of who printed it."""
        return copy and copy._replace(by=names_of(self.session, [copy.by]).get(copy.by, copy.by))

    def paper(self, made: bytes, name: str) -> Response:
        """A PDF, shown by the browser; `name` is what it is saved as."""
        return Response(made, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}.pdf"'})


def render(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page for anybody, signed in or not."""
    state = request.app.state
    spoken.set(state.catalogue)
    now = state.ledger.clock().astimezone(state.settings.zone)
    known: dict[str, Any] = {
        "me": None, "nav": [], "flash": [], "typed": {}, "given": {}, "errors": {}, "demo": state.demo, "lang": state.settings.language,
        "now": now,
    }  # fmt: skip
    for name, value in context.items():
        first = next(iter(value), None) if isinstance(value, (list, tuple)) else value
        if isinstance(first, SQLModel):
            raise TypeError(f"{template} was given rows of {type(first).__name__} as {name}; a page is given views")
    return HTMLResponse(state.templates.get_template(template).render(known | context), status_code=status)


class MustSignIn(Exception):
    """Nobody is signed in here, or the session is locked; the front door leads back to where this was asked."""

    def __init__(self, to: str) -> None:
        self.to = to
        super().__init__(to)


def signed_in(request: Request, sent: Form) -> Iterator[Me]:
    """Me, or on to the front door; a form that met a locked or expired session is kept for the same person and waits at its page."""
    ledger: Ledger = request.app.state.ledger
    with ledger.read() as session:
        here = sessions.here(session, ledger, request.app.state.settings, request.cookies)
        if here is not None and not here.locked:
            yield Me(request, session, here)
            return
        page = page_of(request)
        person = here.viewer.person if here else sessions.whose(session, request.cookies)
    own_field = request.headers.get("accept") == "application/json" and request.url.path != "/draft"  # that the page itself sends again
    if sent.values and person and not own_field:
        sessions.keep_form(ledger, person, page, sent.draft())
    raise MustSignIn(("/locked?next=" if here else "/sign-in?next=") + quote(page))


def maybe(request: Request, session: Session) -> Me | None:
    """Me, when somebody is signed in here and not locked; pages that say what went wrong keep the frame around them."""
    here = sessions.here(session, request.app.state.ledger, request.app.state.settings, request.cookies)
    return Me(request, session, here) if here and not here.locked else None


def last_of(given: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: values[-1] for name, values in given.items() if values}


def address_of(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def page_of(request: Request) -> str:
    """The page that a request belongs to: itself, or for a form the page that it was on."""
    from_page = urlsplit(request.headers.get("referer", ""))
    if request.method in {"GET", "HEAD"} or not from_page.path or from_page.netloc not in {"", request.url.netloc}:
        return address_of(request)
    return from_page.path + (f"?{from_page.query}" if from_page.query else "")


def safe(path: str) -> str:
    """Only an address of ours: one slash, no host."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


Signed = Annotated[Me, Depends(signed_in)]

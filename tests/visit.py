"""Somebody at a browser: a client over the whole application, signed in or not, that looks where a browser looks.

`there` says where the page is that a form is on, as a browser does, so a refused form comes back on it.
"""

import re
from collections.abc import Iterator
from typing import Any

from fastapi.testclient import TestClient

from backend.app import application
from backend.ledger import Ledger
from backend.settings import Settings
from tests.people import PASSWORD

SETTINGS = Settings(database_url="sqlite://", argon_time=1, argon_memory_kib=8, _env_file=None)  # type: ignore[call-arg]
THERE = "http://testserver"


def visit(ledger: Ledger, settings: Settings = SETTINGS) -> TestClient:
    """A browser in front of the door. It follows no redirects, so a test sees each step."""
    return TestClient(application(ledger, settings, demo=True), follow_redirects=False, raise_server_exceptions=False)


def signed_in(ledger: Ledger, person: str, settings: Settings = SETTINGS) -> TestClient:
    """A browser behind the door."""
    client = visit(ledger, settings)
    answer = client.post("/sign-in", data={"person": person, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return client


def send(client: TestClient, page: str, form: dict[str, Any], to: str = "") -> Any:
    """Open a page, fill in its form and send it, with the key that it carries; to `to` when the form's action is another address."""
    opened = client.get(page)
    assert opened.status_code == 200, opened.text
    carried = {name: found[-1] for name in ("key", "shown") if (found := re.findall(rf'name="{name}" value="([^"]*)"', opened.text))}
    return client.post(to or page.split("?")[0], data=carried | form, headers={"referer": THERE + page})


def paper(client: TestClient, page: str, to: str, form: dict[str, Any] | None = None) -> Any:
    """Press a button that prints, and follow it to the PDF, as a browser does; a refusal comes back as it is."""
    answer = send(client, page, form or {}, to)
    return client.get(answer.headers["location"]) if answer.status_code == 303 else answer


def routes_of(router: Any) -> Iterator[Any]:
    """Every route of a router or an application, those of the routers that it includes too."""
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        yield from routes_of(inner) if inner is not None else (route,)


def words(answer: Any) -> str:
    """What a person reads: without markup, in single spaces."""
    import html

    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())

"""The whole program in a real Chromium: a server over a copy of a stage, and a page that fails the test when a script does."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from backend.app import application
from backend.ledger import Ledger
from tests.people import PASSWORD
from tests.visit import SETTINGS

CHROMIUM = Path(os.environ.get("MARROWLINE_CHROMIUM", "/usr/bin/chromium"))
MUST = os.environ.get("MARROWLINE_MANDATORY") == "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists() and not MUST:
                item.add_marker(pytest.mark.skip(reason="there is no Chromium on this machine"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )  # fmt: skip
        yield opened
        opened.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Ledger], str]]:
    """`serve(ledger)` is the address at which that ledger is served until the test ends."""
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(ledger: Ledger) -> str:
        app = application(ledger, SETTINGS, demo=True)
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    yield start
    for server, thread in servers:
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh browser window. A script error or a broken content policy fails the test."""
    context = chromium.new_context()
    shown, faults = context.new_page(), list[str]()
    shown.on("pageerror", lambda error: faults.append(str(error)))
    shown.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield shown
    context.close()
    assert faults == []


@pytest.fixture
def enter(page: Page) -> Callable[[str, str], None]:
    """`enter(address, "TECH1")` signs somebody in with the keyboard."""

    def sign_in(address: str, person: str) -> None:
        page.goto(f"{address}/sign-in")
        page.get_by_label("Person").fill(person)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state()

    return sign_in

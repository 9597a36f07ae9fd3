"""The whole program in a real Chromium: a server over a copy of a stage, and a page that fails the test when a script does."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from backend.app import application
from backend.ledger import Ledger
from tests.browser.someone import Someone
from tests.conftest import CHROMIUM, MANDATORY, At, Clock
from tests.people import PASSWORD
from tests.visit import SETTINGS


class Running(Clock):
    """The story's clock, running: pages count the seconds that pass in front of them, so the record must too."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.since = time.monotonic()

    def __call__(self) -> datetime:
        now = time.monotonic()
        self.at += timedelta(seconds=now - self.since, milliseconds=1)
        self.since = now
        return self.at


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What a browser shows does not depend on the engine under it, so these run on SQLite alone."""
    twice = [item for item in items if "/browser/" in str(item.path) and _engine(item) == "postgresql"]
    items[:] = [item for item in items if item not in twice]
    config.hook.pytest_deselected(items=twice)
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists() and not MANDATORY:
                item.add_marker(pytest.mark.skip(reason="there is no Chromium on this machine"))


def _engine(item: pytest.Item) -> object:
    call = getattr(item, "callspec", None)
    return call.params.get("store") if call else None


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


class Ward:
    """One served record, and a window for everybody who comes. `ward["TECH1"]` is that person's own browser."""

    def __init__(self, here: At, address: str, browser: Browser) -> None:
        self.here, self.address, self.browser = here, address, browser
        self.people: dict[str, Someone] = {}

    def __getitem__(self, person: str) -> Someone:
        if person not in self.people:
            self.people[person] = Someone(self.browser, self.address, person)
        return self.people[person]


@pytest.fixture
def ward(at: Callable[..., At], serve: Callable[[Ledger], str], chromium: Browser) -> Iterator[Callable[..., Ward]]:
    """`ward("at MNC-3", story.batch_at("MNC-3"))` serves a copy of that stage, its clock running."""
    opened: list[Ward] = []

    def open_at(name: str, tell: Callable[[Ledger], object] | None = None) -> Ward:
        here = at(name, tell)
        here.ledger.clock = here.clock = Running(here.clock.at)
        opened.append(Ward(here, serve(here.ledger), chromium))
        return opened[-1]

    yield open_at
    faults = {person: one.faults for made in opened for person, one in made.people.items() if one.faults}
    for made in opened:
        for one in made.people.values():
            sys.stdout.write(f"{one.person} was at {one.page.url}: {one.words()}\n")  # pytest shows it when the test fails
            one.leave()
    assert faults == {}

"""The scripts and the pages in a real Chromium: axe finds nothing, the scanner finds its field, a field is kept when it is left.

The server here only hands out the drawn templates and answers a kept field as the test tells it to; the pages run under the strict policy.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from backend.web.shield import POLICY
from tests.conftest import CHROMIUM, MANDATORY
from tests.web.drawn import ALL, WEB, shown

KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists() and not MANDATORY, reason="there is no Chromium on this machine"),
]


class Site(ThreadingHTTPServer):
    """Hands out drawn pages and static files, keeps what is posted, answers as told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.posted: list[tuple[str, dict[str, str]]] = []
        self.answers: list[tuple[int, dict[str, Any]]] = []   # for the next posts; after that, kept
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    server: Site

    def send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind + "; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        name = self.path.split("?")[0].lstrip("/")
        file = WEB / name
        if name.startswith("static/") and file.is_file():
            self.send(200, KINDS[file.suffix], file.read_bytes())
        elif name in ALL:
            self.send(200, "text/html", shown(name).encode())
        else:
            self.send(404, "text/html", shown("not-found.html").encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.posted.append((self.path, dict(parse_qsl(body, keep_blank_values=True))))
        if self.path in {"/batch/note", "/draft"}:
            status, said = self.server.answers.pop(0) if self.server.answers else (200, {"at": "14:06:12"})
            self.send(status, "application/json", json.dumps(said).encode())
        else:
            self.send(200, "text/html", shown("not-found.html", code="").encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.shutdown()
    site.server_close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert faults == []


def scan(page: Page, code: str) -> None:
    """What a keyboard-wedge scanner does: the code without a pause, then Enter."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def kept(site: Site) -> list[dict[str, str]]:
    return [body for path, body in site.posted if path in {"/batch/note", "/draft"}]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
@pytest.mark.parametrize("name", ALL)
def test_axe_finds_nothing_and_no_page_is_wider_than_its_screen(chromium: Browser, site: Site, name: str, scheme: Any, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{site.address}/{name}")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()
    assert [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]] == []
    assert not wide


@pytest.mark.parametrize("name", ALL)
def test_every_target_is_large_enough_for_a_gloved_finger(page: Page, site: Site, name: str) -> None:
    page.set_viewport_size({"width": 820, "height": 1180})
    page.goto(f"{site.address}/{name}")
    sizes = page.evaluate("""() => [...document.querySelectorAll('.btn, .in, .reading, .ask label, .nav a, .tree a, .scan, .mark[href]')]
        .filter(one => one.offsetParent).map(one => [one.outerHTML.slice(0, 60), one.getBoundingClientRect().height])""")
    assert sizes
    assert [(what, height) for what, height in sizes if height < 48] == []


def test_a_copied_code_is_thirteen_characters_without_blanks(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/storage.html")
    copied = page.evaluate("() => { getSelection().selectAllChildren(document.querySelector('.coi')); return String(getSelection()); }")
    assert copied == "SK7QX9M2PD4W8"


def test_a_scan_goes_to_the_scan_field_though_the_focus_was_lost(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/storage.html")
    page.get_by_role("link", name="Subjects").focus()
    scan(page, "]Q3C7K3QX9M2PD44")
    page.wait_for_url("**/scan")
    assert site.posted == [("/scan", {"how": "scan", "code": "C7K3QX9M2PD44"})]


def test_a_click_beside_everything_gives_the_focus_back_to_the_scan_field(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/storage.html")
    page.get_by_role("link", name="Subjects").focus()
    expect(page.get_by_text("Touch here to scan")).to_be_visible()
    page.locator("h2", has_text="Tanks").click()
    expect(page.locator("#scan")).to_be_focused()
    expect(page.get_by_text("Ready")).to_be_visible()


def test_a_typed_code_is_said_to_be_typed(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/storage.html")
    page.keyboard.type("C7K3QX9M2PD44", delay=90)
    page.keyboard.press("Enter")
    page.wait_for_url("**/scan")
    assert site.posted[0][1]["how"] == "typed"


def test_a_scan_on_a_form_fills_its_next_empty_code_field_and_a_badge_the_badge_field(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/form.html")
    scan(page, "C7K3QX9M2PD44")
    expect(page.locator("#f-container")).to_have_value("C7K3QX9M2PD44")
    assert page.locator("[name=container_how]").input_value() == "scan"
    scan(page, "B7K3QX9M2PD45")
    expect(page.locator("#sign-second")).to_have_value("B7K3QX9M2PD45")
    expect(page.locator("#sign-second-password")).to_be_focused()
    assert [path for path, _ in site.posted if path == "/scan"] == []


def test_a_scan_into_a_number_field_is_taken_out_of_it_again(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/form.html")
    page.locator("#f-name").fill("Wei")
    page.locator("#f-name").press("End")
    scan(page, "C7K3QX9M2PD44")
    expect(page.locator("#f-name")).to_have_value("Wei")
    expect(page.locator("#f-container")).to_have_value("C7K3QX9M2PD44")


def test_a_scan_that_was_taken_out_of_a_field_is_not_sent_again_when_that_field_is_left(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/form.html")
    page.locator("#f-container").fill("C7K3QX9M2PD44")
    page.locator("#f-name").focus()
    page.keyboard.type("B7K3QX9M2PD45")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-second")).to_have_value("B7K3QX9M2PD45")
    page.locator("#f-name").fill("Wei")
    page.locator("#f-name").press("Tab")
    expect(page.locator("#f-name")).not_to_be_focused()
    expect(page.locator("#f-name")).to_have_value("Wei")
    assert [path for path, _ in site.posted if path == "/scan"] == []


def test_a_field_is_kept_when_it_is_left_and_shows_when(page: Page, site: Site) -> None:
    site.answers.append((200, {
        "at": "14:06:12", "shown": "new digest", "results": {"viability": {"text": "71.0 %", "kind": "warn", "word": "Alert: below 85 %"}},
        "notices": [{"kind": "warn", "title": "Viability is 71.0 %; below 85 % is an alert."}],
    }))
    page.goto(f"{site.address}/bench.html")
    page.locator("#f-dead").fill("98")
    page.locator("#f-dead").press("Enter")
    expect(page.locator("#f-dead-mark")).to_have_text("Saved 14:06:12")
    expect(page.locator("[data-result=viability]")).to_have_text("71.0 %Alert: below 85 %")
    expect(page.get_by_text("Viability is 71.0 %; below 85 % is an alert.")).to_be_visible()
    expect(page.locator("[name=shown]")).to_have_value("new digest")
    expect(page.locator("#f-dead")).not_to_be_focused()
    [note] = kept(site)
    assert (note["name"], note["value"], len(note["key"])) == ("dead", "98", 32)
    assert page.evaluate("sessionStorage.getItem('marrowline.unsaved')") == "[]"


def test_a_field_that_could_not_be_saved_says_so_and_is_sent_again_with_the_same_key(page: Page, site: Site) -> None:
    site.answers.append((500, {}))
    page.goto(f"{site.address}/bench.html")
    page.locator("#f-dead").fill("98")
    page.locator("#f-dead").press("Tab")
    expect(page.get_by_role("alert").filter(has_text="Not saved: the server did not answer.")).to_be_visible()
    expect(page.locator("#f-dead")).to_have_value("98")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#f-dead-mark")).to_have_text("Saved 14:06:12")
    expect(page.get_by_text("Not saved: the server did not answer.")).to_have_count(0)
    first, second = kept(site)
    assert first == second


def test_what_was_not_saved_is_still_there_after_a_reload(page: Page, site: Site) -> None:
    site.answers += [(500, {})]
    page.goto(f"{site.address}/bench.html")
    page.locator("#f-dead").fill("98")
    page.locator("#f-dead").press("Tab")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{site.address}/bench.html")
    expect(page.locator("#f-dead")).to_have_value("98")
    expect(page.locator("#f-dead-mark")).to_have_text("Saved 14:06:12")
    first, second = kept(site)
    assert first["key"] == second["key"]


def test_a_refused_value_shows_every_reason_and_takes_a_new_key(page: Page, site: Site) -> None:
    site.answers.append((409, {"refused": ["Dead cells is −3; it must be 0 or more.", "The step is finished."]}))
    page.goto(f"{site.address}/bench.html")
    page.locator("#f-dead").fill("-3")
    page.locator("#f-dead").press("Tab")
    expect(page.get_by_text("Dead cells is −3; it must be 0 or more.")).to_be_visible()
    expect(page.get_by_text("The step is finished.")).to_be_visible()
    page.locator("#f-dead").fill("3")
    page.locator("#f-dead").press("Tab")
    expect(page.locator("#f-dead-mark")).to_have_text("Saved 14:06:12")
    first, second = kept(site)
    assert first["key"] != second["key"]


def test_a_kept_value_is_changed_only_with_a_reason(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/bench.html")
    page.locator("#f-volume").fill("6.2")
    page.locator("#f-volume").press("Tab")
    page.get_by_role("button", name="Change it").click()
    expect(page.locator("#f-volume-mark")).to_have_text("Not saved")
    assert kept(site) == []
    page.get_by_label("Reason").fill("Misread the balance")
    page.get_by_role("button", name="Change it").click()
    expect(page.locator("#f-volume-mark")).to_have_text("Saved 14:06:12")
    [note] = kept(site)
    assert (note["value"], note["reason"]) == ("6.2", "Misread the balance")


def test_a_change_can_be_taken_back_without_a_trace(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/bench.html")
    page.locator("#f-volume").fill("6.2")
    page.locator("#f-volume").press("Tab")
    page.get_by_role("button", name="Keep the old value").click()
    expect(page.locator("#f-volume")).to_have_value("6.0")
    expect(page.locator("#f-volume-mark")).to_have_text("Saved 14:06:10")
    assert kept(site) == []


def test_a_form_waits_for_its_last_field_and_is_sent_once(page: Page, site: Site) -> None:
    site.answers.append((200, {"at": "14:06:12", "shown": "new digest"}))
    page.goto(f"{site.address}/bench.html")
    page.locator("#f-dead").fill("98")
    page.get_by_role("button", name="Hand over for second count").dblclick(no_wait_after=True)
    page.wait_for_load_state()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing by this name is here for you")
    sent = [body for path, body in site.posted if path == "/bench.html"]
    assert [(body["dead"], body["shown"]) for body in sent] == [("98", "new digest")]


def test_a_form_is_not_sent_while_a_field_is_not_saved(page: Page, site: Site) -> None:
    site.answers.append((500, {}))
    page.goto(f"{site.address}/bench.html")
    page.locator("#f-dead").fill("98")
    page.get_by_role("button", name="Hand over for second count").click()
    expect(page.get_by_role("button", name="Try again")).to_be_focused()
    assert [path for path, _ in site.posted] == ["/batch/note"]


def test_nothing_moves_while_a_pointer_is_down(page: Page, site: Site) -> None:
    """The answer comes between pressing and letting go; the button must still be there to be let go on."""
    site.answers.append((500, {}))
    page.goto(f"{site.address}/bench.html")
    page.locator("#f-dead").fill("98")
    button = page.get_by_role("button", name="Hand over for second count")
    button.scroll_into_view_if_needed()
    place = button.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + 20, place["y"] + 20)
    with page.expect_response("**/batch/note"):
        page.mouse.down()
    page.wait_for_timeout(200)
    assert button.bounding_box() == place
    page.mouse.up()
    expect(page.get_by_role("button", name="Try again")).to_be_focused()


def test_a_choice_is_kept_as_soon_as_it_is_made(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/form.html")
    page.locator("#f-clot").select_option("acd")
    expect(page.locator("#f-clot-mark")).to_have_text("Saved 14:06:12")
    assert [(note["name"], note["value"]) for note in kept(site)] == [("clot", "acd")]


def test_a_kept_choice_that_is_changed_can_be_taken_back(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/form.html")
    page.get_by_label("Male", exact=True).check()
    page.get_by_role("button", name="Keep the old value").click()
    expect(page.get_by_label("Female")).to_be_checked()
    page.get_by_label("Male", exact=True).check()
    page.get_by_label("Reason").fill("Misheard")
    page.get_by_label("Reason").press("Enter")
    expect(page.locator("#f-sex-mark")).to_have_text("Saved 14:06:12")
    assert [(note["name"], note["value"], note["reason"]) for note in kept(site)] == [("sex", "m", "Misheard")]


def test_a_locked_station_is_named_as_the_cause_and_the_value_waits(page: Page, site: Site) -> None:
    site.answers.append((401, {"refused": ["Sign in first."]}))
    page.goto(f"{site.address}/bench.html")
    page.locator("#f-dead").fill("98")
    page.locator("#f-dead").press("Tab")
    expect(page.get_by_role("alert").filter(has_text="this station is locked")).to_be_visible()
    expect(page.locator("#f-dead")).to_have_value("98")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#f-dead-mark")).to_have_text("Saved 14:06:12")


def test_what_one_person_left_unsaved_is_not_shown_to_the_next(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/sign-in.html")
    left = [{"url": "/batch/note", "name": "dead", "value": "98", "key": "k", "reason": "", "how": "", "person": "T-999"}]
    page.evaluate("left => sessionStorage.setItem('marrowline.unsaved', left)", json.dumps(left))
    page.goto(f"{site.address}/bench.html")
    expect(page.locator("#f-volume")).to_have_value("6.0")
    expect(page.locator("#f-dead")).to_have_value("")
    assert kept(site) == []


def test_an_untouched_station_warns_and_then_keeps_the_open_field_and_locks(page: Page, site: Site) -> None:
    page.clock.install()
    page.goto(f"{site.address}/bench.html")
    page.locator("#f-dead").press_sequentially("98")
    page.clock.run_for(530_000)
    expect(page.get_by_text("This station locks in one minute.")).to_have_count(0)
    page.clock.run_for(20_000)
    expect(page.get_by_text("This station locks in one minute.")).to_be_visible()
    page.clock.run_for(60_000)
    page.wait_for_url("**/lock?next=%2Fbench.html")
    assert [(note["name"], note["value"]) for note in kept(site)] == [("dead", "98")]


def test_a_touch_keeps_the_station_open(page: Page, site: Site) -> None:
    page.clock.install()
    page.goto(f"{site.address}/bench.html")
    page.clock.run_for(550_000)
    page.keyboard.press("Shift")
    expect(page.get_by_text("This station locks in one minute.")).to_have_count(0)
    page.clock.run_for(500_000)
    assert page.url.endswith("/bench.html")


def test_the_clock_on_the_page_goes_on_in_the_sites_zone(page: Page, site: Site) -> None:
    page.clock.install()
    page.goto(f"{site.address}/storage.html")
    page.clock.run_for(120_000)
    expect(page.locator("[data-clock]")).to_have_text("14:08")


def test_minutes_count_down_and_what_must_be_said_when_none_is_left_appears(page: Page, site: Site) -> None:
    """Decision D1: the last minute itself passes."""
    page.clock.install()
    page.goto(f"{site.address}/storage.html")
    page.evaluate("""() => document.querySelector('#main').insertAdjacentHTML('beforeend',
        '<b data-until="2026-11-22T14:08:00+08:00">1</b><p data-when-over hidden>Too late.</p>')""")
    page.clock.run_for(60_000)  # 14:07:10
    expect(page.locator("[data-until]")).to_have_text("0")
    page.clock.run_for(100_000)  # 14:08:50, which is still the last minute
    expect(page.locator("[data-when-over]")).to_be_hidden()
    page.clock.run_for(20_000)
    expect(page.locator("[data-when-over]")).to_be_visible()


def test_digits_are_enough_for_a_time_and_now_is_the_servers_now(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/form.html")
    page.locator("#f-drawn_at").fill("202611221359")
    page.locator("#f-drawn_at").press("Tab")
    expect(page.locator("#f-drawn_at")).to_have_value("2026-11-22 13:59")
    expect(page.locator("#f-drawn_at-mark")).to_have_text("Saved 14:06:12")
    assert kept(site)[0]["value"] == "2026-11-22 13:59"
    page.get_by_role("button", name="Now").click()
    expect(page.locator("#f-drawn_at")).to_have_value("2026-11-22 14:06")
    page.locator("#f-born").fill("19610409")
    page.locator("#f-born").press("Tab")
    expect(page.locator("#f-born")).to_have_value("1961-04-09")


def test_signing_out_leaves_nothing_for_the_next_person(page: Page, site: Site) -> None:
    site.answers.append((500, {}))
    page.goto(f"{site.address}/bench.html")
    page.locator("#f-dead").fill("98")
    page.locator("#f-dead").press("Tab")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/sign-out")
    assert page.evaluate("sessionStorage.getItem('marrowline.unsaved')") == "[]"


def test_the_pages_work_without_scripts(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.address}/bench.html")
    page.locator("#f-dead").fill("98")
    page.get_by_role("button", name="Hand over for second count").click()
    page.wait_for_load_state()
    context.close()
    [(path, body)] = site.posted
    assert (path, body["dead"], body["key"]) == ("/bench.html", "98", "key-1")

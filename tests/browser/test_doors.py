"""The doors in a real browser: the idle lock keeps the form, a double click sends once, a huge form is answered."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from backend.ledger import Ledger
from tests.people import PASSWORD, by
from tests.visit import SETTINGS

Serve = Callable[[Ledger], str]
Enter = Callable[[str, str], None]


def test_an_idle_page_locks_and_the_form_is_there_again_after_the_password(ledger: Ledger, serve: Serve, page: Page, enter: Enter) -> None:
    address = serve(ledger)
    enter(address, "ADM1")
    page.clock.install()
    page.goto(f"{address}/act/access.grant")
    page.get_by_label("Staff number").fill("TECH1")
    page.get_by_label("Role").select_option("qa")
    page.clock.fast_forward(SETTINGS.idle_minutes * 60_000 + 6_000)
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    expect(page.get_by_text("The form you were filling in is kept.")).to_be_visible()
    page.goto(f"{address}/people")
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    page.goto(f"{address}/locked?next=/act/access.grant")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_label("Staff number")).to_have_value("TECH1")
    expect(page.get_by_label("Role")).to_have_value("qa")
    expect(page.get_by_text("What you typed before is here again.")).to_be_visible()


def test_a_form_that_nobody_touched_leaves_no_draft(ledger: Ledger, serve: Serve, page: Page, enter: Enter) -> None:
    address = serve(ledger)
    enter(address, "ADM1")
    page.clock.install()
    page.goto(f"{address}/act/access.grant")
    page.clock.fast_forward(SETTINGS.idle_minutes * 60_000 + 6_000)
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    expect(page.get_by_text("The form you were filling in is kept.")).to_have_count(0)


def test_a_double_click_adds_one_person(ledger: Ledger, serve: Serve, page: Page, enter: Enter) -> None:
    address, before = serve(ledger), _added(ledger)
    enter(address, "ADM1")
    page.goto(f"{address}/people")
    page.get_by_label("Staff number", exact=True).fill("NEW1")
    page.get_by_label("Printed name").fill("New Person")
    page.get_by_role("button", name="Add").dblclick(no_wait_after=True)
    page.wait_for_url("**/people/NEW1")
    assert _added(ledger) == before + 1


def _added(ledger: Ledger) -> int:
    with ledger.engine.connect() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM entry WHERE act = 'access.add_person'").scalar_one())


def test_ten_megabytes_are_answered_in_words(ledger: Ledger, serve: Serve, page: Page, enter: Enter) -> None:
    address = serve(ledger)
    enter(address, "ADM1")
    page.goto(f"{address}/people")
    page.get_by_label("Staff number", exact=True).fill("NEW1")
    page.evaluate("() => { document.querySelector('[name=name]').value = 'x'.repeat(10_000_000); }")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("This form is larger than 2 MB; nothing in it was kept.")).to_be_visible()


def test_a_new_person_sets_a_password_and_signs_the_statement(ledger: Ledger, serve: Serve, page: Page, enter: Enter) -> None:
    ledger.do("access.add_person", {"person": "NEW1", "name": "New Person"}, by=by("ADM1"))
    address = serve(ledger)
    enter(address, "ADM1")
    page.goto(f"{address}/people/NEW1")
    page.get_by_role("button", name="Give a one-time link").click()
    link = page.locator("code.digest").inner_text()
    page.get_by_role("button", name="Sign out").first.click()
    page.goto(link)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Keep this password").click()
    expect(page.get_by_role("heading", name="Accountability statement")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign the statement").click()
    page.goto(f"{address}/statement")
    expect(page.get_by_text("You have signed this statement.")).to_be_visible()

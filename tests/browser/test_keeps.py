"""What is typed is not lost: not by a window that is killed, not by the idle lock, not by a cable that is pulled."""

from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests import story
from tests.browser.conftest import Ward
from tests.people import PASSWORD
from tests.visit import SETTINGS

Stage = Callable[..., Ward]
SAVED = "[id='f-r-volume-mark']"


def at_the_count(ward: Stage) -> tuple[Ward, str]:
    """A batch at its first count, and the address of that step."""
    here = ward("at MNC-4", story.batch_at("MNC-4"))
    made: story.Run = here.here.told  # type: ignore[assignment]
    return here, f"/batches/{made.batch}/steps/MNC-4"


def test_a_field_that_was_left_is_there_after_the_window_is_killed(ward: Stage) -> None:
    here, step = at_the_count(ward)
    technician = here["TECH1"].open(step).type({"r-volume": "8.0"})
    technician.page.locator("[name=r-live]").press_sequentially("152 148")
    technician.leave()
    del here.people["TECH1"]
    again = here["TECH1"].open(step)
    expect(again.page.locator("[name=r-volume]")).to_have_value("8.0")
    expect(again.page.locator(SAVED)).to_contain_text("Saved")
    expect(again.page.locator("[name=r-live]")).to_have_value("")
    here["TECH3"].open(step).reads("Lin Yue")
    assert here["TECH3"].page.locator("[name=r-volume]").count() == 0


def test_the_idle_lock_keeps_the_value_that_is_being_typed(ward: Stage) -> None:
    here, step = at_the_count(ward)
    technician = here["TECH1"]
    technician.page.clock.install()
    technician.open(step)
    technician.page.locator("[name=r-volume]").press_sequentially("8.0")
    technician.page.clock.fast_forward(SETTINGS.idle_minutes * 60_000 + 6_000)
    expect(technician.page.get_by_role("heading", name="Locked")).to_be_visible()
    technician.fill(Password=PASSWORD).press("Go on")
    expect(technician.page.locator("[name=r-volume]")).to_have_value("8.0")
    expect(technician.page.locator(SAVED)).to_contain_text("Saved")


def test_a_lost_connection_is_said_and_trying_again_keeps_the_value_once(ward: Stage) -> None:
    here, step = at_the_count(ward)
    technician = here["TECH1"].open(step)
    technician.page.route("**/note*", lambda route: route.abort())
    field = technician.page.locator("[name=r-volume]")
    field.fill("8.0")
    field.press("Tab")
    technician.reads("Not saved: the server did not answer.", "What you typed is still on this page.")
    expect(field).to_have_value("8.0")
    assert notes(here) == 0
    technician.page.unroute("**/note*")
    technician.page.get_by_role("button", name="Try again").click()
    expect(technician.page.locator(SAVED)).to_contain_text("Saved")
    assert notes(here) == 1


def test_an_answer_that_is_lost_on_its_way_back_leaves_one_value(ward: Stage) -> None:
    here, step = at_the_count(ward)
    technician = here["TECH1"].open(step)

    def cut(route: Route) -> None:
        """The server does what it was asked; nobody hears of it."""
        route.fetch()
        route.abort()

    technician.page.route("**/note*", cut, times=1)
    technician.page.locator("[name=r-volume]").fill("8.0")
    technician.page.locator("[name=r-volume]").press("Tab")
    technician.reads("Not saved: the server did not answer.")
    assert notes(here) == 1
    technician.page.get_by_role("button", name="Try again").click()
    expect(technician.page.locator(SAVED)).to_contain_text("Saved")
    assert notes(here) == 1


def notes(here: Ward) -> int:
    """How often the volume of the count was noted."""
    with here.here.ledger.engine.connect() as conn:
        found = conn.exec_driver_sql("SELECT count(*) FROM reading JOIN attempt ON attempt.code = attempt_code WHERE step = 'MNC-4'")
        return int(found.scalar_one())

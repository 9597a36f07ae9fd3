"""QA's journey in a real browser, at a desk and on a phone: from the worklist to the review, what stands against it, the signature."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from backend.batch.models import BatchDecision
from backend.ledger import Ledger
from backend.release.rules import KINDS
from tests import story
from tests.batch.conftest import reach
from tests.browser.conftest import Ward
from tests.browser.someone import Someone
from tests.browser.test_axe import holds_together
from tests.browser.test_clinician import SCREENS
from tests.conftest import At
from tests.release.acting import deviate
from tests.release.conftest import after, eventful

__all__ = ["after", "eventful", "reach"]
Stage = Callable[..., Ward]


@pytest.fixture(params=SCREENS)
def size(request: pytest.FixtureRequest) -> dict[str, int]:
    width, height = SCREENS[request.param]
    return {"width": width, "height": height}


def sized(window: Someone, size: dict[str, int]) -> Someone:
    window.page.set_viewport_size(size)  # type: ignore[arg-type]
    return window


def fits(window: Someone) -> Someone:
    """The page does not scroll sideways."""
    assert not window.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), window.path()
    return window


def is_locked(window: Someone, button: str) -> None:
    """The button can be seen and says what it waits for; pressing it leads nowhere."""
    locked, here = window.page.get_by_role("button", name=button, exact=True), window.path()
    assert locked.get_attribute("aria-disabled") == "true"
    expect(window.page.locator(f"#{locked.get_attribute('aria-describedby')}")).to_be_visible()
    locked.click(force=True)
    assert window.path() == here


def decisions(ledger: Ledger) -> list[tuple[str, str]]:
    with ledger.read() as session:
        return [(row.decision, row.by) for row in session.exec(select(BatchDecision))]


def test_qa_reviews_by_exception_deals_with_what_stands_against_it_and_releases(eventful: At, ward: Stage, size: dict[str, int]) -> None:
    """More than eleven kinds of exception; axe finds nothing on any page of the way."""
    assert isinstance(eventful.told, story.Run)
    here = ward("eventful")
    ledger, review = here.here.ledger, f"/batches/{eventful.told.batch}/release"
    deviation = deviate(ledger, eventful.told.batch)
    qa = fits(sized(here["QA2"], size).open("/")).reads("Banks to release", "Reasons against: 1").follow("Review the batch record")
    assert qa.path() == review
    expect(qa.page.locator(".exceptions h3")).to_have_count(len(KINDS))
    expect(qa.page.locator("#why")).to_contain_text("This bank cannot be released yet: 1 reason")
    is_locked(fits(qa), "Release")
    holds_together(qa)
    with qa.page.expect_navigation():
        qa.page.locator("#why").get_by_role("link").click()
    assert qa.path() == f"/deviations/{deviation}"
    is_locked(fits(qa).reads("Nobody has described cause, impact and action yet."), "Sign the decision")

    technician = sized(here["TECH2"], size).open(f"/deviations/{deviation}")
    technician.fill(Cause="The bin was not emptied.", Impact="None on the cells.", Action="It was emptied.").press("Record this")
    fits(technician).reads("Zhou Ke", "The bin was not emptied.")
    qa.open(f"/deviations/{deviation}").type({"decision": "accept", "reason": "It is plausible."})
    holds_together(qa)
    fits(qa.sign("Sign the decision")).reads("Accepted", "Qiao Lan", "It is plausible.")

    qa.open("/").reads("Banks to release", "Ready").follow("Review the batch record")
    qa.reads("Closed deviation").sign("Release")
    fits(qa).reads("Qiao Lan released this bank.", "It may be used, for S01 only.", "Released")
    holds_together(qa)
    assert decisions(ledger) == [("released", "QA2")]
    assert qa.page.get_by_role("button", name="Reject", exact=True).count() == 0


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_qa_rejects_a_bank_only_with_a_reason(eventful: At, ward: Stage, size: dict[str, int]) -> None:
    assert isinstance(eventful.told, story.Run)
    here = ward("eventful")
    ledger, review = here.here.ledger, f"/batches/{eventful.told.batch}/release"
    deviate(ledger, eventful.told.batch)
    qa = sized(here["QA2"], size).open(review).sign("Reject")
    assert decisions(ledger) == []
    fits(qa).reads("A reason is needed")
    qa.type({"reason": "The vials were warm."}).sign("Reject")
    fits(qa).reads("Qiao Lan rejected this bank.", "The vials were warm.", "Rejected")
    holds_together(qa)
    assert decisions(ledger) == [("rejected", "QA2")]
    fits(sized(here["TECH1"], size).open(f"/batches/{eventful.told.batch}")).reads("QA rejected this batch.", "The vials were warm.")

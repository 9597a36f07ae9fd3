"""QA's journey in a real browser: from the worklist to the review of a bank, to what stands against it, and to the signature."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from backend.release.rules import KINDS
from tests import story
from tests.batch.conftest import reach
from tests.browser.conftest import Ward
from tests.browser.test_axe import faults
from tests.conftest import At
from tests.release.acting import deviate, settle
from tests.release.conftest import after, eventful

__all__ = ["after", "eventful", "reach"]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def test_qa_reviews_by_exception_deals_with_what_stands_against_it_and_releases(eventful: At, ward: Callable[..., Ward]) -> None:
    """More than eleven kinds of exception, at a desk and on a phone; axe finds nothing on either."""
    assert isinstance(eventful.told, story.Run)
    here = ward("eventful")
    batch = eventful.told.batch
    deviation = deviate(here.here.ledger, batch)
    qa = here["QA2"]
    qa.open("/").reads("Banks to release", "Reasons against: 1").follow("Review the batch record")
    assert qa.path() == f"/batches/{batch}/release"
    for size in (PHONE, DESK):
        qa.page.set_viewport_size(size)  # type: ignore[arg-type]
        expect(qa.page.locator(".exceptions h3")).to_have_count(len(KINDS))
        expect(qa.page.locator("#why")).to_contain_text("This bank cannot be released yet: 1 reason")
        assert not wider(qa.page)
    assert faults(qa.page) == []
    qa.page.set_viewport_size(DESK)  # type: ignore[arg-type]
    locked = qa.page.get_by_role("button", name="Release", exact=True)
    assert locked.get_attribute("aria-disabled") == "true"
    with qa.page.expect_navigation():
        qa.page.locator("#why").get_by_role("link").click()
    assert qa.path() == f"/deviations/{deviation}"
    settle(here.here.ledger, deviation)
    qa.open(f"/batches/{batch}/release").sign("Release")
    qa.reads("Qiao Lan released this bank.", "It may be used, for S01 only.", "Released")
    assert faults(qa.page) == []


def wider(page: Page) -> bool:
    """Whether the page scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))

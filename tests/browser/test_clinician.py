"""The clinician's journey in a real browser, at a desk and on a phone: the right dose is given, a wrong and an expired one are not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlmodel import col, select

from backend.bedside.models import Checked
from backend.dose.models import Administration
from backend.ledger import Ledger
from labels.codes import shown
from tests.bedside import rig
from tests.browser.conftest import Ward
from tests.browser.someone import Someone
from tests.browser.test_axe import holds_together
from tests.visit import SETTINGS

Stage = Callable[..., Ward]
SCREENS = {"desk": (1440, 900), "phone": (390, 844)}
LASTS = 4 * 60


@dataclass(frozen=True)
class Clinic:
    """Three subjects with a dose on the ward: two in date, one whose time is over."""

    right: rig.Ready
    other: rig.Ready
    expired: rig.Ready


def clinic(ledger: Ledger) -> Clinic:
    rig.built(ledger)
    right, other = (rig.dosed(ledger, rig.someone(ledger, number)) for number in ("S01", "S02"))
    return Clinic(right, other, rig.dosed(ledger, rig.someone(ledger, "S03"), minutes=LASTS + 5))


@pytest.fixture(params=SCREENS)
def bedside(request: pytest.FixtureRequest, ward: Stage) -> tuple[Ward, Clinic, Callable[[str], Someone]]:
    """The clinic, what it was told, and its people in windows of this size."""
    here = ward("clinic", clinic)
    width, height = SCREENS[request.param]

    def person(name: str) -> Someone:
        window = here[name]
        window.page.set_viewport_size({"width": width, "height": height})
        return window

    made: Clinic = here.here.told  # type: ignore[assignment]
    return here, made, person


def states_and_scans(window: Someone, one: rig.Ready, wristband: str, dose: str, button: str = "Check") -> Someone:
    """Nothing is chosen beforehand and no route can be read; then the access is stated, and wristband and dose are scanned."""
    expect(window.page.locator("[name=access]:checked")).to_have_count(0)
    expect(window.page.locator("[name=access]")).to_have_count(2)
    assert "Internal carotid artery" not in window.page.content()
    window.type({"access": one.access})
    for code in (wristband, dose):
        window.wedge(code)
    for name, code in (("wristband", wristband), ("dose", dose)):
        expect(window.page.locator(f"[name={name}]")).to_have_value(code)
    return window.press(button)


def fills_the_screen(window: Someone, word: str) -> None:
    """The word is the title's first and the largest on the page, heard as well as seen, and the screen is wholly its page's."""
    page = window.page
    expect(page.locator("h1")).to_have_text(word)
    assert page.title().startswith(word)
    expect(page.locator("[data-sound]")).to_have_attribute("data-sound", word.lower())
    assert page.locator("nav").count() == 0
    box, screen = page.locator("main").bounding_box(), page.viewport_size
    assert box is not None and screen is not None
    assert box["x"] == 0 and box["width"] >= screen["width"]
    assert box["y"] + box["height"] >= screen["height"] - 1
    seen = page.locator("h1").bounding_box()
    assert seen is not None and seen["y"] + seen["height"] < screen["height"] / 2  # without scrolling
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def stopped(window: Someone, *reasons: str) -> None:
    """STOP with every reason, and no way past it."""
    fills_the_screen(window, "STOP")
    window.reads("Do not give.", *reasons, "This screen has no override.")
    expect(window.page.locator(".verdict .reasons li")).to_have_count(len(reasons))
    assert window.page.locator("form[action^='/bedside']").count() == 0
    call, read = (link.get_attribute("href") or "" for link in window.page.locator("main a").all())
    assert call.startswith("tel:") and read.startswith("/bedside/")


def test_the_right_dose_is_given_confirmed_finished_and_cleared(bedside: tuple[Ward, Clinic, Callable[[str], Someone]]) -> None:
    here, made, person = bedside
    one, at = made.right, f"/bedside/{made.right.order}"
    nurse = person("NURS1").open("/bedside").follow("S01").reads("Somebody S01")
    states_and_scans(nurse, one, one.wristband, one.label)
    fills_the_screen(nurse, "GIVE")
    nurse.reads("The right dose for this patient.", "Somebody S01", "Internal carotid artery", "per randomisation code", "10.0 mL")
    assert nurse.page.get_by_role("button", name="Start infusion 1").get_attribute("aria-disabled") == "true"
    nurse.reads("No second person has confirmed")
    holds_together(nurse)

    physician = person("PHYS1").open(f"{at}/second").reads("on your own sign-in")
    states_and_scans(physician, one, one.wristband, one.label, "Confirm as the second person").reads("You have confirmed this dose.")

    nurse.follow("Look again").press("Start infusion 1").reads("running", "Started by Shen Yi", "confirmed by Pan Hao")
    holds_together(nurse)
    physician.open(f"{at}/nothing")
    holds_together(physician)
    here.here.clock.advance(minutes=20)
    ended = (here.here.ledger.clock() - timedelta(minutes=1)).astimezone(SETTINGS.zone)
    nurse.open(at).type({"ended_at": f"{ended:%Y%m%d%H%M}", "given_ml": "10.0", "left_ml": "0.2", "events": "none"})
    nurse.sign("Record the end", second="PHYS1").reads("The infusion is over.", "10.0 mL given", "0.2 mL left")
    assert nurse.page.get_by_role("button", name="Clear", exact=True).count() == 0

    physician.open("/bedside").follow("S01").type({"found": "No new deficit."}).sign("Clear").reads("The infusion is over and cleared.")
    nurse.open(at).reads("over and cleared")
    assert nurse.page.get_by_role("button", name="Start infusion 1").count() == 0
    assert not nurse.page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_another_subjects_wristband_or_dose_stops_with_every_reason(bedside: tuple[Ward, Clinic, Callable[[str], Someone]]) -> None:
    _, made, person = bedside
    nurse = person("NURS1").open(f"/bedside/{made.right.order}")
    states_and_scans(nurse, made.right, made.right.wristband, made.other.label)
    stopped(
        nurse, "and the dose is of subject S02", "The dose is of subject S02", f"The dose was made for the order {shown(made.other.order)}",
    )  # fmt: skip
    assert "Somebody" not in nurse.page.content()
    holds_together(nurse)
    nurse.follow("I have read this")
    states_and_scans(nurse, made.right, made.other.wristband, made.right.label)
    assert nurse.page.title().startswith("STOP")
    nurse.reads("The wristband is of subject S02")
    assert "Somebody" not in nurse.page.content()


def test_an_expired_dose_stops(bedside: tuple[Ward, Clinic, Callable[[str], Someone]]) -> None:
    stage, made, person = bedside
    one = made.expired
    nurse = person("NURS1").open(f"/bedside/{one.order}")
    states_and_scans(nurse, one, one.wristband, one.label)
    stopped(nurse, "expire")
    physician = person("PHYS1").open(f"/bedside/{one.order}/second")
    states_and_scans(physician, one, one.wristband, one.label, "Confirm as the second person")
    stopped(physician, "expire")
    with stage.here.ledger.read() as session:
        both = session.exec(select(Checked).where(Checked.order_code == one.order).order_by(col(Checked.at))).all()
        assert [("expire" in one.stops, one.by) for one in both] == [(True, "NURS1"), (True, "PHYS1")]
        assert session.exec(select(Administration)).all() == []

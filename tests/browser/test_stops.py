"""What stops somebody in a real browser, and that nothing they typed is lost by it."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests import story
from tests.browser.conftest import Ward

Stage = Callable[..., Ward]


def test_a_form_that_is_refused_twice_still_holds_what_was_typed(ward: Stage) -> None:
    here = ward("ordered", story.ordered)
    now: story.Harvest = here.here.told  # type: ignore[assignment]
    physician = here["PHYS1"].open(f"/collections/{now.collection}")
    for code in (now.wristband, now.heparin, now.label):
        physician.wedge(code)
    physician.type({"site": "left iliac crest", "passes": "6", "heparin_iu_per_ml": "40", "volume_ml": "31.5"})
    for password in ("not this one", "nor this one"):
        physician.sign("Record the harvest", second="NURS1", second_password=password).reads("Start of collection")
        expect(physician.page.locator("[name=wristband]")).to_have_value(now.wristband)
        expect(physician.page.locator("[name=volume_ml]")).to_have_value("31.5")
        expect(physician.page.locator("#sign-second")).to_have_value("NURS1")
        expect(physician.page.locator("#sign-second-password")).to_have_value("")


def misread(code: str) -> str:
    """The same with its last character wrong."""
    return code[:-1] + ("1" if code[-1] == "0" else "0")


def test_another_subjects_cells_stop_everything_on_the_whole_screen(ward: Stage) -> None:
    here = ward("two batches", story.two_batches)
    made: story.TwoRuns = here.here.told  # type: ignore[assignment]
    step = f"/batches/{made.batch}/steps/REC-2"
    technician = here["TECH1"].open(step).scan(made.other.label)
    technician.reads("STOP", "Another subject’s cells.", "Do not open it.", "This screen has no override.")
    assert technician.page.get_by_role("alert").first.is_visible()
    technician.follow("I have read this").reads("Identify the marrow", "0 of 1 marrow bag scanned")
    for code, sentence in (
        (made.harvest.wristband, "REC-2 does not ask for a wristband"),
        (made.player.laboratory.lots["DMSO"], "REC-2 does not ask for a lot of DMSO"),
        (misread(made.harvest.label), "its characters do not match its check character"),
    ):
        technician.scan(code).reads(sentence, "Identify the marrow")
    technician.scan(made.harvest.label).reads("marrow bag: Bone marrow")


def test_nobody_is_their_own_second_person(ward: Stage) -> None:
    here = ward("two batches", story.two_batches)
    made: story.TwoRuns = here.here.told  # type: ignore[assignment]
    step = f"/batches/{made.batch}/steps/REC-2"
    technician = here["TECH1"].open(step).scan(made.harvest.label).type({"r-label_agrees": "yes"})
    technician.sign("Hand over for the second reading", password="not this one").reads("The password of Lin Yue is not right.")
    expect(technician.page.locator("[name=r-label_agrees][value=yes]")).to_be_checked()
    technician.sign("Hand over for the second reading").reads("It waits for the second person, who signs in on their own.")
    assert technician.page.locator("[data-autosave]").count() == 0
    assert technician.page.get_by_role("button", name="Sign the second reading").count() == 0
    second = here["TECH2"].open(step).type({"r-label_agrees": "yes"})
    second.sign("Sign the second reading", password="not this one").reads("The password of Zhou Ke is not right.")
    second.sign("Sign the second reading").reads("second person Zhou Ke")


def test_a_changed_value_needs_its_reason_and_both_stay(ward: Stage) -> None:
    here = ward("at MNC-4", story.batch_at("MNC-4"))
    made: story.Run = here.here.told  # type: ignore[assignment]
    step = f"/batches/{made.batch}/steps/MNC-4"
    technician = here["TECH1"].open(step).type({"r-volume": "8.0"})
    field, mark = technician.page.locator("[name=r-volume]"), technician.page.locator("[id='f-r-volume-mark']")
    field.fill("8.2")
    field.press("Tab")
    technician.reads("This value was kept before. Why is it changed?")
    expect(mark).to_have_text("Not saved")
    technician.page.get_by_label("Reason").fill("Misread the balance")
    technician.page.get_by_role("button", name="Change it").click()
    expect(mark).to_contain_text("Saved")
    technician.open(step).reads("Before: 8.0. Misread the balance")
    expect(field).to_have_value("8.2")
    field.fill("-1")
    field.press("Tab")
    technician.page.get_by_label("Reason").fill("Another try")
    technician.page.get_by_role("button", name="Change it").click()
    technician.reads("Volume of suspension is -1 mL; it cannot be less than nothing.")
    technician.open(step)
    expect(field).to_have_value("8.2")

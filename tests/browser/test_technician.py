"""The technician's journey in a real browser, and the ways in which it is stopped: marrow, bench, labels, freezer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from playwright.sync_api import expect

from backend.batch.reads import batch_of, expected
from backend.collection.models import Collected
from backend.ledger import Ledger
from backend.rehearsal.player import Laboratory, furnish
from backend.trial.reads import current
from tests import story
from tests.browser.conftest import Ward
from tests.visit import SETTINGS

Stage = Callable[..., Ward]
WHO = story.PEOPLE[0]


@dataclass
class Ready:
    """The trial may begin: its folder is in force, the list is sealed, the laboratory is furnished, heparin is on the ward."""

    heparin: str
    laboratory: Laboratory


def ready(ledger: Ledger) -> Ready:
    story.list_imported(ledger)
    with ledger.read() as session:
        master = current(session).master
    return Ready(story.heparin(ledger), furnish(ledger, master))


def enrolment(ledger: Ledger) -> dict[str, str]:
    """What is typed into the enrolment form, by the names of its fields."""
    given = story.enrolling(ledger)
    answers = {f"answer.{code}": answer for code, answer in given.pop("answers").items()}
    return {name: str(value) for name, value in given.items()} | answers


def digits(moment: str) -> str:
    """A date as it is typed in haste: the page puts the hyphens in."""
    return moment.replace("-", "")


def local(ledger: Ledger) -> datetime:
    """Now, as the clock on the wall shows it."""
    return ledger.clock().astimezone(SETTINGS.zone)


def test_marrow_goes_from_the_subject_to_the_bench(ward: Stage) -> None:
    here = ward("ready to begin", ready)
    made: Ready = here.here.told  # type: ignore[assignment]
    ledger = here.here.ledger
    coordinator = here["COOR1"].open("/subjects/enrol").type(enrolment(ledger)).sign("Enrol")
    coordinator.reads("Screening and identity", "S01", WHO.full_name)
    coi = coordinator.code_here()
    band = screened_and_bound(here, coi)
    collection = harvested(here, coi, band, made.heparin)
    carried(here, collection)
    technician = here["TECH1"].open(f"/batches/open?collection={collection}").press("Open the batch")
    batch = technician.code_here()
    seal = {"r-seal": "8841", "r-seal_intact": "yes", "r-coldest": "18.5", "r-warmest": "22.0"}
    times = {"r-collected_at": collected_at(ledger, batch), "r-received_at": f"{local(ledger):%Y%m%d%H%M}"}
    technician.follow("REC-1 Open the transport box").type(seal | times).sign("Hand over for the second reading")
    second = here["TECH2"].open(f"/batches/{batch}/steps/REC-1").type(seal | times).sign("Sign the second reading")
    second.reads("Signed by Lin Yue", "second person Zhou Ke")
    _, label = story.bag_of(ledger, collection)
    technician.open(f"/batches/{batch}/steps/REC-2").scan(label).type({"r-label_agrees": "yes"}).sign("Hand over for the second reading")
    technician.reads("It waits for the second person, who signs in on their own.")
    second.open(f"/batches/{batch}/steps/REC-2").type({"r-label_agrees": "yes"}).sign("Sign the second reading")
    second.reads("second person Zhou Ke")
    technician.open(f"/batches/{batch}").reads("REC-3 Look at the marrow")


def collected_at(ledger: Ledger, batch: str) -> str:
    """The end of the collection as the label says it, typed as digits."""
    with ledger.read() as session:
        ended = session.get_one(Collected, batch_of(session, batch).collection_code).ended_at
    return f"{ended.astimezone(SETTINGS.zone):%Y%m%d%H%M}"


def screened_and_bound(here: Ward, coi: str) -> str:
    """Serology and the reference sample are in the record, the subject is bound by two people and wears a wristband."""
    ledger = here.here.ledger
    given = story.serology(ledger, coi)
    found = {f"outcome.{code}": outcome for code, outcome in given["outcomes"].items()}
    found |= {"laboratory": given["laboratory"], "sampled_on": digits(given["sampled_on"])}
    lab = {"all_assays": "CLIA", "all_references": "below 1.0"}
    nurse = here["NURS1"].open(f"/subjects/{coi}/serology").type(lab | found).sign("Record serology")
    nurse.reads("Serology is there and non-reactive")
    nurse.follow("Take the reference sample for STR").type({"material": "blood", "tubes": "2"})
    nurse.page.get_by_role("button", name="Now").click()
    nurse.sign("Take the reference sample for STR", second="PHYS1")
    coordinator = here["COOR1"].open(f"/subjects/{coi}/bind")
    coordinator.type({"stated_name": WHO.full_name, "stated_birth_date": digits(WHO.birth_date)}).sign("Bind", second="NURS1")
    band = coordinator.code_here()
    coordinator.press("Print the wristband")
    assert coordinator.paper().startswith(b"%PDF-")
    coordinator.wedge(band)
    expect(coordinator.page.locator("[name=wristband_code]")).to_have_value(band)
    coordinator.press("It reads").reads("worn")
    return band


def harvested(here: Ward, coi: str, band: str, heparin: str) -> str:
    """The harvest is ordered, its label printed and scanned back, and the marrow taken at the bedside by physician and nurse."""
    ledger = here.here.ledger
    planned = local(ledger) + timedelta(hours=1)
    physician = here["PHYS1"].open(f"/collections/order/{coi}").type({"planned_at": f"{planned:%Y%m%d%H%M}"})
    collection = physician.sign("Order").reads("Marrow harvest").code_here()
    _, label = story.bag_of(ledger, collection)
    coordinator = here["COOR1"].open(f"/labels?coi={coi}")
    waiting = coordinator.page.locator("form[action='/labels']").filter(has=coordinator.page.locator(f"[value='{label}']"))
    with coordinator.page.expect_navigation():
        waiting.get_by_role("button", name="Print").click()
    assert coordinator.paper().startswith(b"%PDF-")
    coordinator.wedge(label).press("It reads").reads("Verified")
    story.advance(ledger, minutes=40)
    physician.open(f"/collections/{collection}")
    for code in (band, heparin, label):
        physician.wedge(code)
    for name, code in (("wristband", band), ("heparin_lot", heparin), ("label", label)):
        expect(physician.page.locator(f"[name={name}]")).to_have_value(code)
    ended = local(ledger) - timedelta(minutes=5)
    physician.type({
        "site": "left iliac crest", "passes": "6", "heparin_iu_per_ml": "40", "volume_ml": "31.5",
        "started_at": f"{ended - timedelta(minutes=25):%Y%m%d%H%M}", "ended_at": f"{ended:%Y%m%d%H%M}",
    })  # fmt: skip
    physician.sign("Record the harvest", second="NURS1").reads("31.5 mL collected", "Pan Hao and Shen Yi")
    return collection


def carried(here: Ward, collection: str) -> None:
    """The nurse packs, the courier carries, the technician receives."""
    _, label = story.bag_of(here.here.ledger, collection)
    page = f"/collections/{collection}"
    nurse = here["NURS1"].open(page).wedge(label)
    nurse.type({"box": "TB-3", "seal": "8841", "logger": "LG-17", "temperature_c": "20.5"}).press("Packed and sealed")
    nurse.wedge(label).type({"to": "Courier Kong Bo", "condition": "intact", "temperature_c": "20.5"}).press("Handed over")
    courier = here["COUR1"].open(page).wedge(label)
    courier.type({"seal": "8841", "condition": "intact", "temperature_c": "20.4"}).press("Received")
    story.advance(here.here.ledger, minutes=40)
    courier.open(page).wedge(label).type({"to": "Cell laboratory", "condition": "intact", "temperature_c": "20.1"}).press("Handed over")
    technician = here["TECH1"].open(page).wedge(label)
    technician.type({"seal": "8841", "condition": "intact", "temperature_c": "19.8"}).press("Received")
    technician.reads("The marrow is at the laboratory.")


# ---- at the bench, and labels ----


def wanted(made: story.Run, ledger: Ledger, step: str) -> list[str]:
    """What somebody at the bench would pick up and scan for this step: equipment, lots, the labels of containers."""
    course = made.player.course(ledger, made.batch)
    where = course.next
    assert where is not None and where[0] == step
    asks, laboratory = course.step(where), made.player.laboratory
    found = [laboratory.equipment[kind] for kind in asks.equipment] + [laboratory.lots[use.item] for use in asks.materials]
    with ledger.read() as session:
        row = batch_of(session, made.batch)
        containers = [one.code for uses in expected(session, row, course, where).values() for one in uses]
    return found + [made.player.label_of(ledger, one) for one in containers]


def test_two_people_wash_and_count_on_their_own_sign_ins(ward: Stage) -> None:
    here = ward("at MNC-3", story.batch_at("MNC-3"))
    made: story.Run = here.here.told  # type: ignore[assignment]
    ledger, at = here.here.ledger, f"/batches/{made.batch}/steps"
    technician, second = here["TECH1"], here["TECH2"]
    technician.open(f"{at}/MNC-3").scan(*wanted(made, ledger, "MNC-3"))
    technician.type({"r-washes": "yes", "r-volume": "8.0"}).sign("Hand over for the second reading")
    second.open(f"{at}/MNC-3").type({"r-washes": "yes", "r-volume": "8.0"}).sign("Sign the second reading")
    second.reads("second person Zhou Ke")

    [tube] = made.player.containers(ledger, made.batch, "cell tube")
    technician.open(f"/batches/{made.batch}").reads("To print")
    sheet = technician.open("/labels").press("Print").path()
    expect(technician.page.locator(".sheet figure")).to_be_visible()
    label = made.player.label_of(ledger, tube.code)
    assert technician.paper().startswith(b"%PDF-")
    technician.open(f"{at}/MNC-4").scan(label).reads("printed and never scanned back; it must be scanned back before it is used")
    technician.open(sheet).wedge(label).press("It reads").reads("Verified", "0 applied")
    technician.wedge(label).press("It is on").reads("Balanced, difference 0", "1 applied")

    technician.open(f"{at}/MNC-4").scan(*wanted(made, ledger, "MNC-4"))
    technician.type({"r-volume": "8.0", "r-live": "152 148 155 145", "r-dead": "6 5 7 6"}).reads("1.2×10⁸")
    technician.sign("Hand over for the second count").reads("It waits for the second person")
    second.open(f"{at}/MNC-4").reads("Lin Yue’s values are not on this page or in its source.")
    source = second.page.content()
    assert "152 148" not in source and "1.2×10⁸" not in source
    second.type({"r-volume": "8.0", "r-live": "149 151 150 154", "r-dead": "5 6 6 7"}).sign("Sign the second count")
    second.reads("152 148 155 145", "149 151 150 154", "second person Zhou Ke")


# ---- the freezer ----


def test_two_people_put_fourteen_vials_into_two_tanks(ward: Stage) -> None:
    here = ward("at CRY-6", story.batch_at("CRY-6"))
    made: story.Run = here.here.told  # type: ignore[assignment]
    ledger, step = here.here.ledger, f"/batches/{made.batch}/steps/CRY-6"
    technician = here["TECH1"]
    vials = [made.player.label_of(ledger, one.code) for one in made.player.containers(ledger, made.batch, "cryovial")]
    first, second = made.player.laboratory.boxes
    pairs = [(vials[:7], first[:7]), (vials[7:], second[:7])]
    technician.open("/storage/store")
    for code in (code for pair in zip(*pairs[0], strict=True) for code in pair):
        technician.wedge(code)
    expect(technician.page.locator("[name=position]").nth(6)).to_have_value(first[6])
    technician.type({"exposure_s": "85"})
    technician.sign("Store these vials", second="TECH1").reads("The second signature must be another person's.")
    expect(technician.page.locator("[name=position]").nth(6)).to_have_value(first[6])
    technician.sign("Store these vials", second="TECH2").reads("74 of 81 positions are free.")
    technician.open(f"/storage/store?container={pairs[1][0][0]}")
    for code in [code for pair in zip(*pairs[1], strict=True) for code in pair][1:]:
        technician.wedge(code)
    technician.type({"exposure_s": "90"}).sign("Store these vials", second="TECH2")
    expect(technician.page.get_by_text("74 of 81 positions are free.")).to_have_count(2)

    technician.open(step).scan(*wanted(made, ledger, "CRY-6"))
    technician.type({"r-temperature": "-178", "r-exposure": "1.5"}).sign("Finish this step together", second="TECH2")
    technician.reads("Signed by Lin Yue", "second person Zhou Ke")

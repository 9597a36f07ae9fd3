"""The thread with another subject's things in somebody's hand: each is refused in sentences, on the page, and the record keeps that it was.

Three subjects: the first has a batch at the bench, the second's marrow lies in the same laboratory, the third is about to be harvested.
"""

from collections.abc import Callable
from dataclasses import dataclass

import orjson
import pytest

from backend.custody.models import BoxClaim, Occupancy
from backend.ledger import Ledger
from tests import story
from tests.conftest import At
from tests.custody.rig import Vials, rigged, rows
from tests.journeys import steps
from tests.journeys.window import Values, Ward
from tests.people import by
from tests.story import Harvest, TwoRuns

FOREIGN = "Another subject’s cells."


@dataclass
class Strangers:
    """Everything of three subjects that can be mixed up."""

    two: TwoRuns
    third: Harvest
    vials: tuple[Vials, Vials]


def vials(ledger: Ledger, coi: str, number: str) -> Vials:
    """Two vials of a subject, each with its label on."""
    made = ledger.do("rig.vials", {"coi": coi, "number": number, "count": "2", "kind": "cryovial"}, by=by("TECH1")).result
    job = ledger.do("custody.print_labels", {"label": made["labels"]}, by=by("TECH1")).result
    for label in made["labels"]:
        ledger.do("custody.verify_label", {"print_code": job, "label": label}, by=by("TECH1"))
    ledger.do("custody.apply_label", {"label": made["labels"]}, by=by("TECH1"))
    return Vials(coi, made["containers"], made["labels"])


def strangers(ledger: Ledger) -> Strangers:
    """Three subjects who must not be mixed up."""
    two = story.two_batches(ledger)
    coi = story.enrol(ledger, story.PEOPLE[2])
    band = story.bind(ledger, coi, story.PEOPLE[2])
    collection = story.order(ledger, coi)
    bag, label = story.bag_of(ledger, collection)
    story.print_and_verify(ledger, label)
    third = Harvest(two.harvest.folder, coi, story.PEOPLE[2], band, collection, bag, label, two.harvest.heparin)
    with rigged():
        own, other = vials(ledger, two.harvest.coi, "S01"), vials(ledger, two.other.coi, "S02")
    return Strangers(two, third, (own, other))


@pytest.fixture
def here(at: Callable[..., At]) -> At:
    return at("three subjects", strangers)


def recorded(ledger: Ledger) -> tuple[str, list[str]]:
    """The latest entry: its act, and every reason for which it was refused."""
    with ledger.engine.connect() as conn:
        act, body = conn.exec_driver_sql("SELECT act, body FROM entry ORDER BY at DESC LIMIT 1").one()
    return act, orjson.loads(body)["refused"] or []


def test_a_foreign_wristband_stops_the_harvest(here: At) -> None:
    told: Strangers = here.told  # type: ignore[assignment]
    ward, third = Ward(here.ledger), told.third
    given = steps.at_the_bedside(here.ledger, told.two.other.wristband, third.label, third.heparin)
    page = ward["PHYS1"].open(f"/collections/{third.collection}")
    page.sign("Record the harvest", given, second="NURS1").refused(
        "This wristband is another subject's; it must be the one of subject S03. Stop."
    )
    act, reasons = recorded(here.ledger)
    assert act == "collection.collect"
    assert all(one in page.words for one in reasons)
    assert page.value("volume_ml") == "31.5"
    assert page.value("site") == "left iliac crest"
    given["wristband"] = third.wristband
    page.sign("Record the harvest", {"wristband": third.wristband}, second="NURS1").did()
    assert recorded(here.ledger) == ("collection.collect", [])


def test_a_foreign_bag_label_stops_the_harvest_and_the_receipt(here: At) -> None:
    told: Strangers = here.told  # type: ignore[assignment]
    ward, third, foreign = Ward(here.ledger), told.third, told.two.other.label
    given = steps.at_the_bedside(here.ledger, third.wristband, foreign, third.heparin)
    page = ward["PHYS1"].open(f"/collections/{third.collection}").sign("Record the harvest", given, second="NURS1")
    page.refused("This label is not of this collection's kit. Stop; scan the label on the bag that came with the kit.")
    act, reasons = recorded(here.ledger)
    assert (act, bool(reasons)) == ("collection.collect", True)
    page.sign("Record the harvest", {"label": third.label}, second="NURS1").did()
    box: Values = {"bag": foreign, "box": "TB-3", "seal": "8841", "logger": "LG-17", "temperature_c": "20.5"}
    nurse = ward["NURS1"].open(page.at).press("Packed and sealed", box).refused()
    assert recorded(here.ledger)[0] == "collection.pack"
    assert nurse.value("seal") == "8841"


def test_a_foreign_container_stops_the_bench_on_the_whole_screen(here: At) -> None:
    told: Strangers = here.told  # type: ignore[assignment]
    ward, two = Ward(here.ledger), told.two
    bench = ward["TECH1"].open(steps.address(two.batch, ("REC-2", None)))
    for foreign in (two.other.label, two.other.bag, told.vials[1].labels[0]):
        bench.scan(foreign).refused("STOP", FOREIGN, "S01", "S02", "Do not open it.", "This screen has no override.")
        act, reasons = recorded(here.ledger)
        assert act == "batch.scan"
        assert all(one in bench.words for one in reasons)
        bench.follow(f"/batches/{two.batch}/steps/REC-2").did()
    with here.ledger.engine.connect() as conn:
        told_in = [(row[0], orjson.loads(row[1])) for row in conn.exec_driver_sql("SELECT chain, body FROM entry WHERE act = 'batch.scan'")]
    assert {chain for chain, body in told_in if body["refused"]} == {two.harvest.coi, two.other.coi}


def test_a_vial_does_not_go_into_another_subjects_box(here: At) -> None:
    told: Strangers = here.told  # type: ignore[assignment]
    ward, (own, other) = Ward(here.ledger), told.vials
    positions = told.two.player.laboratory.boxes[0]
    window = ward["TECH1"]
    first: Values = {"container": own.labels, "position": list(positions[:2]), "exposure_s": "60"}
    window.open(f"/storage/store?coi={own.coi}").sign("Store these vials", first, second="TECH2").did()
    second: Values = {"container": other.labels, "position": list(positions[2:4]), "exposure_s": "75"}
    window.open(f"/storage/store?coi={other.coi}").sign("Store these vials", second, second="TECH2").refused("S01")
    act, reasons = recorded(here.ledger)
    assert act == "custody.store"
    assert all(one in window.words for one in reasons)
    assert window.value("exposure_s") == "75"
    assert len(rows(here.ledger, Occupancy)) == 2
    assert {one.coi for one in rows(here.ledger, BoxClaim)} == {own.coi}


def test_two_subjects_vials_do_not_go_into_one_box_together(here: At) -> None:
    told: Strangers = here.told  # type: ignore[assignment]
    (own, other), positions = told.vials, told.two.player.laboratory.boxes[1]
    both: Values = {"container": [own.labels[0], other.labels[0]], "position": list(positions[:2]), "exposure_s": "60"}
    window = Ward(here.ledger)["TECH1"].open(f"/storage/store?coi={own.coi}")
    window.sign("Store these vials", both, second="TECH2").refused()
    assert recorded(here.ledger)[0] == "custody.store"
    assert rows(here.ledger, Occupancy) == []


def test_a_foreign_label_is_not_scanned_back_into_another_print(here: At) -> None:
    """The label of one subject that lies on the printer of another is found before it is used."""
    told: Strangers = here.told  # type: ignore[assignment]
    ledger, ward = here.ledger, Ward(here.ledger)
    with rigged():
        made = ledger.do(
            "rig.vials", {"coi": told.two.harvest.coi, "number": "S01", "count": "1", "kind": "cryovial"}, by=by("TECH1")
        ).result
    job = ledger.do("custody.print_labels", {"label": made["labels"]}, by=by("TECH1")).result
    ward["TECH1"].open(f"/labels/{job}").press("It reads", {"label": told.vials[1].labels[0]}).refused()
    act, reasons = recorded(ledger)
    assert (act, bool(reasons)) == ("custody.verify_label", True)

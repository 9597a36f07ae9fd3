"""A harvest in a browser: each person finds the form that is next for them, and a scan leads to it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from backend.ledger import Ledger
from tests import story
from tests.conftest import At
from tests.people import PASSWORD
from tests.story import Enrolled, Harvest
from tests.visit import send, signed_in, words

TWO = {"password": PASSWORD, "second_password": PASSWORD}


@pytest.fixture
def ordered(at: Callable[..., At]) -> tuple[Ledger, Harvest]:
    here = at("ordered", story.ordered)
    assert isinstance(here.told, Harvest)
    return here.ledger, here.told


def _bedside(ledger: Ledger, now: Harvest, **changed: str) -> dict[str, str]:
    given = story.bedside(ledger, now, **changed)
    del given["collection"]
    return {name: str(value) for name, value in given.items()} | {"second_person": "NURS1"} | TWO


def test_an_order_leads_to_the_kit_whose_label_is_to_be_printed(at: Callable[..., At]) -> None:
    here = at("bound", story.bound)
    assert isinstance(here.told, Enrolled)
    client = signed_in(here.ledger, "PHYS1")
    planned = (here.ledger.clock() + timedelta(hours=30)).strftime("%Y-%m-%d %H:%M")
    answer = send(client, f"/collections/order/{here.told.coi}", {"planned_at": planned, "password": PASSWORD})
    assert answer.status_code == 303
    assert "must be printed and scanned back" in words(client.get(answer.headers["location"]))


def test_the_marrow_goes_from_the_bedside_to_the_laboratory(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    page = f"/collections/{now.collection}"
    form = _bedside(ledger, now)  # time passes at the bedside, and a session that nobody touches locks
    assert send(signed_in(ledger, "PHYS1"), page, form, to=f"{page}/collect").status_code == 303
    box = {"bag": now.label, "box": "TB-3", "seal": "8841", "logger": "LG-17", "temperature_c": "20.5"}
    nurse = signed_in(ledger, "NURS1")
    assert send(nurse, page, box, to=f"{page}/pack").status_code == 303
    over = {"container": now.label, "to": "Courier", "condition": "intact", "temperature_c": "20.5", "within_minutes": "30"}
    assert send(nurse, page, over, to=f"{page}/give").status_code == 303
    courier = signed_in(ledger, "COUR1")
    assert "Take it over" in words(courier.get(page))
    assert send(courier, page, over | {"seal": "8841"}, to=f"{page}/take").status_code == 303
    assert send(courier, page, over | {"to": "Cell laboratory"}, to=f"{page}/give").status_code == 303
    technician = signed_in(ledger, "TECH1")
    found = {"bag": now.label, "seal": "8841", "condition": "intact", "temperature_c": "19.8"}
    assert send(technician, page, found, to=f"{page}/receive").status_code == 303
    assert "The marrow is at the laboratory" in words(technician.get(page))


def test_a_refused_bedside_form_comes_back_with_what_was_typed(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    ledger.do("trial.set_status", {"status_is": "suspended", "why": "Ethics."}, by=story.by("QA1"), signatures=story.sign("QA1"))
    form = _bedside(ledger, now, volume_ml="27.25")
    page = f"/collections/{now.collection}"
    answer = send(signed_in(ledger, "PHYS1"), page, form, to=f"{page}/collect")
    assert answer.status_code == 409
    assert "The trial is suspended; it must be active." in words(answer)
    assert 'value="27.25"' in answer.text


def test_a_short_marrow_is_said_and_can_be_ordered_again(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    story.collect(ledger, now, volume_ml="8.0")
    seen = words(signed_in(ledger, "PHYS1").get(f"/collections/{now.collection}"))
    assert "it must be at least 10 mL" in seen
    assert "A second collection is wanted, under the same chain of identity" in seen
    assert "Why it is collected again" in words(signed_in(ledger, "PHYS1").get(f"/collections/order/{now.coi}"))


def test_the_scan_of_the_bag_or_the_wristband_leads_to_the_collection(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    client = signed_in(ledger, "PHYS1")
    for code in (now.bag, now.label, now.wristband):
        answer = client.get(f"/collections/{code}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/collections/{now.collection}")
    assert client.get("/collections/W8B3D87Z3DSXF").status_code == 404


@pytest.mark.parametrize(
    ("person", "status"), [("TECH1", 200), ("QA1", 200), ("COUR1", 200), ("ASSE1", 403), ("RAND1", 403), ("ADM1", 403)]
)
def test_who_sees_collections(ordered: tuple[Ledger, Harvest], person: str, status: int) -> None:
    ledger, now = ordered
    client = signed_in(ledger, person)
    for page in ("/collections", f"/collections/{now.collection}"):
        answer = client.get(page)
        assert answer.status_code == status
        assert "Lihua" not in answer.text

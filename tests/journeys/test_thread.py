"""One subject's cells from the enrolment to the freezer over pages alone, and the same with another subject's things on the way."""

from collections.abc import Callable

from backend.rehearsal.player import Laboratory, Player
from tests import story
from tests.conftest import At
from tests.journeys import steps
from tests.journeys.window import Ward

WHO, OTHER = story.PEOPLE[0], story.PEOPLE[1]


def test_one_subjects_marrow_becomes_fourteen_vials_in_two_tanks(at: Callable[..., At]) -> None:
    """Whoever is at work does on the page what is theirs; the program plays only the weeks of culture between."""
    here = at("ready for the first subject", steps.ready)
    ledger, ward = here.ledger, Ward(here.ledger)
    assert isinstance(here.told, Laboratory)
    player = Player(here.told)
    coi = steps.enrol(ward, ledger, WHO)
    band = steps.bind(ward, ledger, coi, WHO)
    collection, label = steps.order(ward, ledger, coi)
    bedside = ward["PHYS1"].open(f"/collections/{collection}")
    given = steps.at_the_bedside(ledger, band, label, story.heparin(ledger))
    bedside.open(f"/collections/{collection}").sign("Record the harvest", given, second="NURS1").did()
    steps.bring(ward, ledger, collection, label)
    ward["TECH1"].open("/").follow("/batches/open").press("Open the batch").did()
    batch = ward["TECH1"].at.rsplit("/", 1)[-1]
    done = [steps.do_step(ward, ledger, player, batch)[0] for _ in range(10)]
    assert done == ["REC-1", "REC-2", "REC-3", "REC-4", "REC-5", "REC-6", "MNC-2", "MNC-3", "MNC-4", "MNC-5"]
    player.play_until(ledger, batch, "CRY-2")
    assert [steps.do_step(ward, ledger, player, batch)[0] for _ in range(2)] == ["CRY-2", "CRY-3"]
    player.play_until(ledger, batch, "CRY-6")
    assert [steps.do_step(ward, ledger, player, batch)[0] for _ in range(2)] == ["CRY-6", "CRY-7"]
    assert "The master record is carried out." in ward["TECH1"].open(f"/batches/{batch}").words
    assert ward["QA1"].open("/storage").words.count("74 of 81 positions are free.") == 2
    assert "No fault was found." in ward["QA1"].open("/history").press("Verify now").words

"""Where a lot went: what it touched and what came out of that, and nothing that was there before or was taken out again."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from backend.batch.models import Batch
from backend.batch.reads.tracing import LotTrace, lot_trace
from backend.custody.models import Container
from backend.ledger import UnknownCode
from backend.rehearsal.player import args
from labels.codes import draw
from tests.batch.test_acts import rows, told
from tests.conftest import At
from tests.people import by
from tests.visit import signed_in, words

Open = Callable[[str], At]


@pytest.fixture
def growing(reach: Open) -> At:
    """A batch in P0: flasks were seeded and their medium was changed."""
    return reach("at P0 CUL-8")


def traced(here: At, item: str) -> LotTrace:
    ledger, _, player = told(here)
    with ledger.read() as session:
        return lot_trace(session, player.laboratory.lots[item])


def kinds(trace: LotTrace) -> set[str]:
    return {one.kind for subject in trace.subjects for one in subject.containers}


def test_a_lot_is_traced_to_its_steps_and_to_what_they_made(growing: At) -> None:
    ledger, batch, _ = told(growing)
    trace = traced(growing, "culture medium")
    (subject,) = trace.subjects
    harvest = growing.told.harvest  # type: ignore[attr-defined]
    assert (subject.coi, subject.subject) == (harvest.coi, harvest.who.number)
    assert {(one.batch, one.passage, one.step) for one in subject.steps} == {(batch, "", "MNC-5"), (batch, "P0", "CUL-1")}
    assert [one.at for one in subject.steps] == sorted(one.at for one in subject.steps)
    assert {one.title for one in subject.steps} >= {"Seed P0 flasks"}
    made = {one.code for one in rows(ledger, Container, Container.batch_code == batch, Container.step == "MNC-5")}
    assert made and made <= {one.code for one in subject.containers}


def test_what_came_out_of_a_touched_container_is_touched_and_what_was_there_before_is_not(growing: At) -> None:
    assert "pool tube" in kinds(traced(growing, "culture medium")), "the cells that grew in the medium"
    ledger, batch, _ = told(growing)
    codes = {one.code for subject in traced(growing, "culture medium").subjects for one in subject.containers}
    early = rows(ledger, Container, Container.batch_code == batch, Container.step == "REC-4")
    assert codes.isdisjoint(one.code for one in [*early, *rows(ledger, Container, Container.kind == "bag")])
    late = traced(growing, "trypsin substitute")
    assert {one.step for subject in late.subjects for one in subject.steps} == {"CUL-6"}


def test_the_heparin_of_a_collection_touched_everything_that_came_of_the_marrow(growing: At) -> None:
    ledger, batch, _ = told(growing)
    harvest = growing.told.harvest  # type: ignore[attr-defined]
    with ledger.read() as session:
        (subject,) = lot_trace(session, harvest.heparin).subjects
    (use,) = [one for one in subject.steps if one.collection]
    assert (use.collection, use.batch, use.title) == (harvest.collection, "", "Collection 1")
    codes = {one.code for one in subject.containers}
    assert harvest.bag in codes
    assert {one.code for one in rows(ledger, Container, Container.batch_code == batch)} <= codes
    assert all(one.where for one in subject.containers)


def test_a_lot_that_was_taken_out_of_a_step_touched_nothing(reach: Open) -> None:
    here = reach("at MNC-4")
    ledger, batch, player = told(here)
    lot = player.laboratory.lots["culture medium"]
    assert traced(here, "culture medium").subjects == ()
    player.play_step(ledger, batch, ("MNC-4", None))
    player.scan(ledger, batch, ("MNC-5", None), lot, "TECH1")
    assert len(traced(here, "culture medium").subjects) == 1
    ledger.do("batch.unscan", args(batch, ("MNC-5", None)) | {"code": lot}, by=by("TECH1"), reason="the wrong bottle")
    assert traced(here, "culture medium").subjects == ()


def test_a_code_of_something_else_is_no_lot(growing: At) -> None:
    ledger, batch, _ = told(growing)
    with ledger.read() as session, pytest.raises(UnknownCode):
        lot_trace(session, batch)


def test_the_trace_is_on_a_page_that_the_list_of_lots_and_a_scan_lead_to(growing: At) -> None:
    ledger, batch, player = told(growing)
    lot = player.laboratory.lots["culture medium"]
    client: TestClient = signed_in(ledger, "QA1")
    assert "/trace" in client.get("/lots").text
    assert f"/lots/{lot}/trace" in client.get(f"/scan?code={lot}").text
    seen = client.get(f"/lots/{lot}/trace")
    assert f"/batches/{batch}/steps/CUL-1/P0" in seen.text
    harvest = growing.told.harvest  # type: ignore[attr-defined]
    assert harvest.who.number in words(seen) and harvest.who.full_name not in seen.text
    assert client.get(f"/lots/{draw('T')}/trace").status_code == 404
    assert client.get(f"/lots/{rows(ledger, Batch)[0].code}/trace").status_code == 404


@pytest.mark.parametrize("person", ["ADM1", "ASSE1", "COUR1", "RAND1"])
def test_p4_who_does_not_read_the_record_traces_no_lot(growing: At, person: str) -> None:
    lot = told(growing)[2].laboratory.lots["culture medium"]
    client = signed_in(growing.ledger, person)
    known, unknown = client.get(f"/lots/{lot}/trace"), client.get(f"/lots/{draw('T')}/trace")
    assert known.status_code == unknown.status_code == 403
    assert words(known) == words(unknown)
    assert "/trace" not in client.get("/lots").text

"""The desk over HTTP: any code is answered, what waits is listed, the record is read aloud and proved."""

import re
from collections.abc import Callable

import pytest
from sqlmodel import select

from backend.desk.models import Verification
from backend.ledger import Ledger
from labels.codes import draw
from tests import story
from tests.conftest import At
from tests.people import by
from tests.visit import signed_in, words

SUBJECT_READERS = ["COOR1", "PHYS1", "NURS1", "TECH1", "ANA1", "QA1", "PREP1", "UQA1", "INSP1"]


def unknown_scans(ledger: Ledger) -> int:
    with ledger.engine.connect() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM entry WHERE act = 'ledger.unknown_code'").scalar() or 0)


def test_a_code_says_what_it_is_whose_and_what_is_next(at: Callable[..., At]) -> None:
    here = at("bound", story.bound)
    coi = here.told.coi  # type: ignore[attr-defined]
    page = signed_in(here.ledger, "COOR1").get(f"/scan?code={coi}")
    assert page.status_code == 200
    assert "Order" in page.text
    assert story.PEOPLE[0].number in page.text


@pytest.mark.parametrize("person", ["ADM1", "RAND1"])
def test_a_code_that_is_not_for_you_answers_as_an_unknown_one(at: Callable[..., At], person: str) -> None:
    here = at("bound", story.bound)
    coi, strange = here.told.coi, draw("S")  # type: ignore[attr-defined]
    client = signed_in(here.ledger, person)
    known, unknown = client.get(f"/scan?code={coi}"), client.get(f"/scan?code={strange}")
    assert known.status_code == unknown.status_code == 404
    assert words(known).replace(coi, "…") == words(unknown).replace(strange, "…")


def test_an_unknown_scan_is_in_the_record(ledger: Ledger) -> None:
    client = signed_in(ledger, "TECH1")
    before = unknown_scans(ledger)
    assert client.get(f"/scan?code={draw('C')}").status_code == 404
    assert unknown_scans(ledger) == before + 1


@pytest.mark.parametrize("code", ["C7K3QX9M2PD44", "nonsense", "", "=A9999", "<script>alert(1)</script>", "C" * 64])
def test_what_is_no_code_is_said_so_and_not_recorded(ledger: Ledger, code: str) -> None:
    client = signed_in(ledger, "TECH1")
    before = unknown_scans(ledger)
    page = client.get("/scan", params={"code": code})
    assert page.status_code in {404, 422}
    assert "<script>alert" not in page.text
    assert unknown_scans(ledger) - before in {0, 1 if page.status_code == 404 else 0}


@pytest.mark.parametrize("person", [*SUBJECT_READERS, "ADM1", "COUR1", "ASSE1", "RAND1"])
def test_every_role_has_a_first_page(at: Callable[..., At], person: str) -> None:
    here = at("bound", story.bound)
    page = signed_in(here.ledger, person).get("/")
    assert page.status_code == 200
    assert "What waits for you" in page.text


def test_a_subject_is_told_from_its_own_chain(at: Callable[..., At]) -> None:
    here = at("bound", story.bound)
    page = signed_in(here.ledger, "QA1").get(f"/subjects/{here.told.coi}")  # type: ignore[attr-defined]
    assert page.status_code == 200
    assert "Bound to CoI" in page.text


def test_names_are_shown_to_those_who_may_see_them_only(at: Callable[..., At]) -> None:
    here = at("bound", story.bound)
    name = story.PEOPLE[0].full_name
    for person in SUBJECT_READERS:
        client = signed_in(here.ledger, person)
        pages = [client.get(f"/subjects/{here.told.coi}"), client.get("/history"), client.get(f"/history?chain={here.told.coi}")]  # type: ignore[attr-defined]
        seen = any(name in page.text for page in pages)
        assert seen == (person in {"COOR1", "PHYS1", "NURS1"}), person


@pytest.mark.parametrize("person", ["ASSE1", "COUR1", "RAND1"])
def test_some_roles_do_not_read_the_history(ledger: Ledger, person: str) -> None:
    assert signed_in(ledger, person).get("/history").status_code == 403


def test_an_administrator_reads_the_history_of_people_and_not_of_subjects(at: Callable[..., At]) -> None:
    here = at("bound", story.bound)
    page = signed_in(here.ledger, "ADM1").get("/history")
    assert page.status_code == 200
    assert here.told.coi not in page.text  # type: ignore[attr-defined]


def test_the_history_is_filtered_by_act_person_and_time(ledger: Ledger) -> None:
    client = signed_in(ledger, "INSP1")
    assert "Su Wen" in client.get("/history?act=access.accept_statement&person=ASSE1").text
    assert "No entry fits" in client.get("/history?act=access.unlock").text
    assert "No entry fits" in client.get("/history?until=2020-01-01").text
    assert client.get("/history?since=yesterday").status_code == 422


def test_a_proof_is_run_and_kept(ledger: Ledger) -> None:
    client = signed_in(ledger, "QA1")
    assert "has not been verified" in client.get("/history").text
    assert client.post("/history/verify", headers={"referer": "http://testserver/history"}).status_code == 303
    assert "No fault was found" in client.get("/history").text
    with ledger.read() as session:
        kept = session.exec(select(Verification)).one()
    assert (kept.faults, kept.by) == (0, "QA1")
    assert kept.entries > 50


def test_a_technician_does_not_run_the_proof(ledger: Ledger) -> None:
    assert signed_in(ledger, "TECH1").post("/history/verify").status_code == 403


def test_a_refusal_is_read_aloud_with_its_reason(ledger: Ledger) -> None:
    from backend.ledger import NotAllowed

    with pytest.raises(NotAllowed):
        ledger.do("access.grant", {"person": "TECH1", "role": "qa"}, by=by("TECH2"))
    page = signed_in(ledger, "INSP1").get("/history?person=TECH2")
    assert "you are technician" in page.text


def test_the_way_of_a_subject_is_drawn_with_the_zone_of_its_times(at: Callable[..., At]) -> None:
    here = at("bound", story.bound)
    page = signed_in(here.ledger, "QA1").get(f"/subjects/{here.told.coi}").text  # type: ignore[attr-defined]
    times = re.findall(r'<text class="mut"[^>]*>([^<]*)</text>', page)
    assert len(times) == 3  # enrolled, bound, today
    assert [one for one in times if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC\+8", one)] == []

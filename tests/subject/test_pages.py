"""Subjects in a browser: enrolment with what HTTP adds to it, screening, binding, the wristband; and who sees no name."""

from collections.abc import Callable
from typing import Any

import pytest

from backend.ledger import Ledger
from tests import story
from tests.conftest import At
from tests.people import PASSWORD
from tests.story import PEOPLE, Enrolled, Somebody
from tests.visit import paper, send, signed_in, words

SIGNED = {"password": PASSWORD}
TWO = {"password": PASSWORD, "second_password": PASSWORD}


def _form(ledger: Ledger, who: Somebody = PEOPLE[0], **changed: str) -> dict[str, Any]:
    given = story.enrolling(ledger, who, **changed)
    answers = given.pop("answers")
    return given | {f"answer.{code}": answer for code, answer in answers.items()} | SIGNED


@pytest.fixture
def ready(at: Callable[..., At]) -> Ledger:
    return at("list_imported", story.list_imported).ledger


@pytest.fixture
def enrolled(at: Callable[..., At]) -> tuple[Ledger, str]:
    here = at("enrolled", story.enrolled)
    assert isinstance(here.told, Enrolled)
    return here.ledger, here.told.coi


@pytest.fixture
def bound(at: Callable[..., At]) -> tuple[Ledger, Enrolled]:
    here = at("bound", story.bound)
    assert isinstance(here.told, Enrolled)
    return here.ledger, here.told


def test_a_coordinator_enrols_a_subject(ready: Ledger) -> None:
    client = signed_in(ready, "COOR1")
    answer = send(client, "/subjects/enrol", _form(ready))
    assert answer.status_code == 303
    seen = words(client.get(answer.headers["location"]))
    assert "Gao Lihua" in seen
    assert "Not bound yet" in seen
    assert "S01" in words(client.get("/subjects"))


def test_the_form_asks_every_criterion(ready: Ledger) -> None:
    page = signed_in(ready, "COOR1").get("/subjects/enrol").text
    for code in story.answers(ready):
        assert f'name="answer.{code}"' in page


def test_a_refused_form_comes_back_with_every_reason_and_what_was_typed(ready: Ledger) -> None:
    client = signed_in(ready, "COOR1")
    answer = send(client, "/subjects/enrol", _form(ready, NIHSS="2", MALIGNANCY="yes"))
    assert answer.status_code == 409
    said = words(answer)
    assert "The NIHSS score is 2; it must be 5 to 12." in said
    assert "There is or was a malignancy" in said
    assert 'value="Gao Lihua"' in answer.text
    assert 'name="answer.NIHSS"' in answer.text
    assert 'value="2"' in answer.text
    assert PASSWORD not in answer.text
    assert "S01" not in words(client.get("/subjects"))


def test_nonsense_comes_back_at_its_field(ready: Ledger) -> None:
    answer = send(signed_in(ready, "COOR1"), "/subjects/enrol", _form(ready) | {"birth_date": "yesterday"})
    assert answer.status_code == 422
    assert "Date of birth must be a date such as 2026-11-22." in words(answer)
    assert 'value="yesterday"' in answer.text


def test_a_script_in_a_name_is_a_name(ready: Ledger) -> None:
    client = signed_in(ready, "COOR1")
    sneaky = Somebody("S01", "<script>alert(1)</script>", "MRN-1", "1970-01-01", "male")
    answer = send(client, "/subjects/enrol", _form(ready, sneaky))
    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_form_that_is_sent_twice_enrols_once(ready: Ledger) -> None:
    client = signed_in(ready, "COOR1")
    form = _form(ready) | {"key": "the same key, twice"}
    first = client.post("/subjects/enrol", data=form, headers={"referer": "http://testserver/subjects/enrol"})
    second = client.post("/subjects/enrol", data=form, headers={"referer": "http://testserver/subjects/enrol"})
    assert first.headers["location"] == second.headers["location"]


def test_somebody_similar_brings_the_second_person_onto_the_form(enrolled: tuple[Ledger, str]) -> None:
    ledger, _ = enrolled
    client = signed_in(ledger, "COOR1")
    twin = _form(ledger, Somebody("S02", "Lihua Gao", "MRN-777001", "1969-04-12", "female"))
    refused = send(client, "/subjects/enrol", twin)
    assert refused.status_code == 409
    assert 'name="third_identifier"' in refused.text
    assert 'name="second_person"' in refused.text
    more = {"similar": "yes", "third_identifier": "ID 320602", "reason": "Two people.", "second_person": "COOR2"}
    assert send(client, "/subjects/enrol", twin | more | TWO).status_code == 303


@pytest.mark.parametrize("person", ["TECH1", "QA1", "INSP1"])
def test_no_page_shows_a_name_to_who_may_not_see_one(bound: tuple[Ledger, Enrolled], person: str) -> None:
    ledger, first = bound
    client = signed_in(ledger, person)
    for page in ("/subjects", f"/subjects/{first.coi}/screening", f"/wristbands/{first.wristband}", "/subjects?words=gao"):
        answer = client.get(page)
        assert answer.status_code == 200, page
        for word in ("Lihua", "MRN-204417", "1969-04-12"):
            assert word not in answer.text, page


@pytest.mark.parametrize(("person", "status"), [("RAND1", 403), ("ADM1", 403), ("COUR1", 200), ("ASSE1", 200)])
def test_the_list_is_for_people_who_work_with_subjects(bound: tuple[Ledger, Enrolled], person: str, status: int) -> None:
    assert signed_in(bound[0], person).get("/subjects").status_code == status


@pytest.mark.parametrize("person", ["ASSE1", "COUR1", "RAND1", "PREP1"])
def test_screening_is_not_for_everybody(bound: tuple[Ledger, Enrolled], person: str) -> None:
    assert signed_in(bound[0], person).get(f"/subjects/{bound[1].coi}/screening").status_code == 403


def test_serology_is_recorded_and_a_reactive_one_is_said(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    client = signed_in(ledger, "NURS1")
    given = story.serology(ledger, coi, HIV="reactive")
    form = {f"outcome.{code}": said for code, said in given["outcomes"].items()} | {
        "laboratory": "Central laboratory", "sampled_on": given["sampled_on"], "all_assays": "CLIA", "all_references": "non-reactive",
        "assay.HIV": "4th generation",
    }  # fmt: skip
    assert send(client, f"/subjects/{coi}/serology", form | SIGNED).status_code == 303
    seen = words(client.get(f"/subjects/{coi}/screening"))
    assert "The serology speaks against binding" in seen
    assert "HIV is reactive; it must be non-reactive." in seen
    assert "4th generation" in seen
    assert "This cannot be signed yet" in words(client.get(f"/subjects/{coi}/bind"))


def test_the_binding_page_does_not_show_the_name_that_must_be_stated(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    page = signed_in(ledger, "COOR1").get(f"/subjects/{coi}/bind").text
    assert "Lihua" not in page
    assert "1969-04-12" not in page


def test_binding_leads_to_the_wristband_which_is_printed_and_scanned_back(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    client = signed_in(ledger, "COOR1")
    given = story.serology(ledger, coi)
    form = {f"outcome.{code}": said for code, said in given["outcomes"].items()}
    form |= {"laboratory": "Central laboratory", "sampled_on": given["sampled_on"], "all_assays": "CLIA", "all_references": "n"}
    send(client, f"/subjects/{coi}/serology", form | SIGNED)
    bind = {"stated_name": "gao lihua", "stated_birth_date": "1969-04-12", "second_person": "NURS1"}
    answer = send(client, f"/subjects/{coi}/bind", bind | TWO)
    assert answer.status_code == 303
    page = answer.headers["location"]
    code = page.rsplit("/", 1)[-1]
    assert client.get(f"{page}.pdf").status_code == 409
    assert send(client, page, {}).status_code == 303
    assert client.get(f"{page}.pdf").status_code == 409
    sheet = paper(client, page, f"{page}/paper")
    assert sheet.headers["content-type"] == "application/pdf"
    assert sheet.content.startswith(b"%PDF")
    other = send(client, page, {"wristband_code": "W0000000000000"}, to=f"{page}/back")
    assert other.status_code == 409
    assert "This is not the wristband that was printed" in words(other)
    assert send(client, page, {"wristband_code": f"{code[:4]}-{code[4:]}"}, to=f"{page}/back").status_code == 303
    assert client.get(f"{page}.pdf").status_code == 409
    assert "worn" in words(client.get(f"/subjects/{coi}/screening"))


def test_an_unknown_subject_is_not_found(ready: Ledger) -> None:
    client = signed_in(ready, "COOR1")
    for page in ("/subjects/SK0KPKFMV0A14/screening", "/subjects/SK0KPKFMV0A14/bind", "/wristbands/W8B3D87Z3DSXF"):
        assert client.get(page).status_code == 404


def test_the_list_is_paged(ready: Ledger) -> None:
    from backend.subject import reads

    for n in range(1, 4):
        story.enrol(ready, Somebody(f"S{n:02}", "Abc"[n - 1] * 8, f"MRN-{n}", f"19{60 + n}-05-01", "male"))
    with ready.read() as session:
        from backend.access.reads import viewer_of

        viewer = viewer_of(session, "COOR1", ready.clock())
        assert [line.number for line in reads.subjects(session, ready, viewer)[0]] == ["S01", "S02", "S03"]
        assert reads.subjects(session, ready, viewer, page=2) == ([], False)


def test_an_interrupted_enrolment_comes_back_for_the_same_person_alone(ready: Ledger) -> None:
    """Decision F3: encrypted, without passwords, gone once it is sent."""
    client = signed_in(ready, "COOR1")
    begun = _form(ready) | {"key": "k"}
    there = {"referer": "http://testserver/subjects/enrol"}
    assert client.post("/draft", data=begun, headers=there).status_code == 200
    again = client.get("/subjects/enrol")
    assert "What you typed before is here again" in words(again)
    assert 'value="Gao Lihua"' in again.text
    assert PASSWORD not in again.text
    assert "Lihua" not in signed_in(ready, "COOR2").get("/subjects/enrol").text
    assert send(client, "/subjects/enrol", _form(ready)).status_code == 303
    assert "Lihua" not in client.get("/subjects/enrol").text

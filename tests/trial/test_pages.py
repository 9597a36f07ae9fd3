"""The trial in a browser: read, proposed from files, approved over what was shown, suspended."""

import re
from collections.abc import Callable

import pytest

from backend.ledger import Ledger
from tests import story
from tests.conftest import At
from tests.people import PASSWORD, by, sign
from tests.visit import send, signed_in, words

ONE = {"password": PASSWORD}
TWO = {"password": PASSWORD, "second_person": "PHYS1", "second_password": PASSWORD}


def test_before_a_folder_is_approved_the_page_says_so(ledger: Ledger) -> None:
    assert "No trial folder is in force" in words(signed_in(ledger, "QA1").get("/trial"))


def test_a_folder_is_proposed_and_approved_over_what_is_shown(ledger: Ledger) -> None:
    answer = send(signed_in(ledger, "TECH3"), "/trial/propose", {"which": "installed"} | ONE)
    assert answer.status_code == 303
    page = answer.headers["location"]
    client = signed_in(ledger, "QA1")
    shown = words(client.get(page))
    assert "Waits for approval" in shown
    assert "NIHSS score at screening" in shown
    assert "organisation_id: 2025-G097" in shown
    assert client.post(page, data={"shown": "0" * 64, "key": "k"} | TWO).status_code == 409
    assert send(client, page, TWO).status_code == 303
    now = words(client.get("/trial"))
    assert "approved by Chen Min and Pan Hao" in now
    assert "ABM-MSC" in now


def test_uploaded_files_with_faults_come_back_with_file_and_line(ledger: Ledger) -> None:
    client = signed_in(ledger, "QA1")
    opened = client.get("/trial/propose")
    assert opened.status_code == 200
    files = {name: (name, content.replace(b"count: 3", b"count: three")) for name, content in story.folder_files().items()}
    answer = client.post(
        "/trial/propose", data={"which": "uploaded", "key": "k"} | ONE, files=files, headers={"referer": "http://testserver/trial/propose"}
    )  # fmt: skip
    assert answer.status_code == 409
    assert re.search(r"trial\.yaml:\d+ infusions count: .three. is not a whole number", words(answer))


def test_uploaded_files_are_kept_byte_for_byte(ledger: Ledger) -> None:
    from backend.trial.rules import fingerprint

    files = {name: (name, content) for name, content in story.folder_files().items()}
    answer = signed_in(ledger, "QA1").post("/trial/propose", data={"which": "uploaded", "key": "k"} | ONE, files=files)
    assert answer.status_code == 303
    seen = words(signed_in(ledger, "QA2").get(answer.headers["location"])).replace(" ", "")
    assert fingerprint(story.FOLDER) in seen


@pytest.fixture
def approved(at: Callable[..., At]) -> Ledger:
    return at("folder_approved", story.folder_approved).ledger


def test_qa_suspends_the_trial_with_a_reason(approved: Ledger) -> None:
    client = signed_in(approved, "QA1")
    assert send(client, "/trial", {"status_is": "suspended"} | ONE).status_code == 422
    assert send(client, "/trial", {"status_is": "suspended", "why": "Ethics asked."} | ONE).status_code == 303
    assert "Suspended: Ethics asked." in words(client.get("/trial"))


@pytest.mark.parametrize(("person", "status"), [("COOR1", 403), ("ADM1", 403), ("TECH1", 200), ("QA1", 200)])
def test_who_may_propose(approved: Ledger, person: str, status: int) -> None:
    assert signed_in(approved, person).get("/trial/propose").status_code == status


def test_an_assessor_reads_the_trial_without_its_files(at: Callable[..., At]) -> None:
    here = at("folder_approved", story.folder_approved)
    client = signed_in(here.ledger, "ASSE1")
    assert client.get("/trial").status_code == 200
    assert client.get(f"/trial/folders/{here.told}").status_code == 403
    assert client.get("/trial/folders/K4S0V17761J9H").status_code in {403, 404}


def test_an_unknown_folder_is_not_found(approved: Ledger) -> None:
    assert signed_in(approved, "QA1").get("/trial/folders/K4S0V17761J9H").status_code == 404


def test_the_folders_are_paged(approved: Ledger) -> None:
    ledger = approved
    oldest = signed_in(ledger, "QA1").get("/trial").text.partition('href="/trial/folders/')[2][:13]
    for n in range(1, 11):
        later = dict(story.folder_files())
        later["trial.yaml"] = later["trial.yaml"].replace(b'version: "1.0"', b'version: "1.%d"' % n)
        ledger.do("trial.propose_folder", {"files": later}, by=by("TECH3"), signatures=sign("TECH3"))
    client = signed_in(ledger, "QA1")
    first, second = client.get("/trial"), client.get("/trial?page=2")
    assert (first.text.count('href="/trial/folders/'), second.text.count('href="/trial/folders/')) == (10, 1)
    assert 'href="/trial?page=2"' in first.text and "page=3" not in second.text
    assert f"/trial/folders/{oldest}" in second.text and "Version 1.0" not in words(first)
    assert client.get(f"/trial/folders/{oldest}").status_code == 200

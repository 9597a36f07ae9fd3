"""The randomisation list in a browser: sealed from a file, and no answer has an arm in it, refused or not."""

from collections.abc import Callable

import pytest

from backend.ledger import Ledger
from tests import story
from tests.conftest import At
from tests.people import PASSWORD
from tests.visit import signed_in, words

TWO = {"password": PASSWORD, "second_person": "UQA1", "second_password": PASSWORD}
THERE = {"referer": "http://testserver/randomisation"}


@pytest.fixture
def approved(at: Callable[..., At]) -> Ledger:
    return at("folder_approved", story.folder_approved).ledger


def test_a_list_is_sealed_from_a_file(approved: Ledger) -> None:
    client = signed_in(approved, "RAND1")
    form = {"checksum": story.checksum(), "key": "k"} | TWO
    answer = client.post("/randomisation", data=form, files={"text": ("list.csv", story.LIST)}, headers=THERE)
    assert answer.status_code == 303
    seen = client.get("/randomisation")
    assert "12 lines are sealed" in words(seen)
    assert "Ren Da and Wu Qing" in words(seen)
    assert not any(arm in seen.text for arm in story.ARMS)


def test_a_refused_list_comes_back_without_an_arm(approved: Ledger) -> None:
    client = signed_in(approved, "RAND1")
    wrong = story.LIST.replace("1,ica_low", "1,ica_high")
    answer = client.post("/randomisation", data={"checksum": story.checksum(wrong)} | TWO, files={"text": ("l.csv", wrong)}, headers=THERE)
    assert answer.status_code == 409
    assert "each must have 4 of 12 lines" in words(answer)
    assert not any(arm in answer.text for arm in story.ARMS)


@pytest.mark.parametrize(("person", "status"), [("QA1", 200), ("UQA1", 200), ("INSP1", 200), ("ASSE1", 403), ("COUR1", 403), ("ADM1", 403)])
def test_who_may_know_that_the_list_is_sealed(at: Callable[..., At], person: str, status: int) -> None:
    here = at("list_imported", story.list_imported)
    answer = signed_in(here.ledger, person).get("/randomisation")
    assert answer.status_code == status
    assert not any(arm in answer.text for arm in story.ARMS)


@pytest.mark.parametrize("person", ["PREP1", "UQA1", "QA1", "INSP1", "RAND1"])
def test_no_history_opens_the_list(at: Callable[..., At], person: str) -> None:
    """Also not for those who will open one line of it when they prepare a dose."""
    here = at("list_imported", story.list_imported)
    client = signed_in(here.ledger, person)
    for page in ("/history", "/history?act=masking.import_list"):
        answer = client.get(page)
        if answer.status_code == 200:
            assert not any(f"{n},{arm}" in answer.text for n in range(1, 13) for arm in story.ARMS)
            assert story.checksum() not in answer.text

"""The pages of deviations and holds: what happens on them, and what does not appear on them."""

from typing import Any

from tests.people import PASSWORD
from tests.quality.test_acts import SENTENCE, _rigged, by, describe, here, opened
from tests.visit import send, signed_in, words

_ = (_rigged, here)  # fixtures


def test_a_deviation_goes_from_page_to_page_until_it_is_decided(here: Any) -> None:
    client = signed_in(here.ledger, "TECH1")
    made = send(client, "/deviations/open", {"about": here.told, "sentence": SENTENCE, "grade": "major"})
    page = made.headers["location"]
    found = {"cause": "The trypsin stood.", "impact": "Fewer cells.", "action": "A timer."}
    assert send(client, page, found, to=page + "/describe").status_code == 303
    qa = signed_in(here.ledger, "QA1")
    assert "The trypsin stood." in words(qa.get(page))
    refused = send(qa, page, {"decision": "accept", "password": PASSWORD}, to=page + "/decide")
    assert refused.status_code == 409 and "A reason is needed" in words(refused)
    assert send(qa, page, {"decision": "accept", "password": PASSWORD, "reason": "No impact."}, to=page + "/decide").status_code == 303
    assert "Accepted" in words(client.get("/deviations"))
    assert SENTENCE not in words(client.get("/deviations?undecided=yes"))


def test_a_hold_goes_from_page_to_page_until_it_is_lifted(here: Any) -> None:
    client = signed_in(here.ledger, "TECH1")
    made = send(client, "/holds/place", {"about": here.told, "why": "A vial is missing.", "password": PASSWORD})
    page = made.headers["location"]
    nurse = signed_in(here.ledger, "NURS1")
    assert send(nurse, page, {}, to=page + "/seen").status_code == 303
    assert "Shen Yi" in words(client.get("/holds"))
    qa = signed_in(here.ledger, "QA1")
    assert send(qa, page, {"reason": "Found.", "password": PASSWORD}, to=page + "/lift").status_code == 303
    assert "Lifted" in words(client.get(page))


def test_a_covered_deviation_is_on_no_page_but_its_authors(here: Any) -> None:
    made = here.ledger.do("rig.check", {"coi": here.told}, by=by("TECH1")).result
    held = here.ledger.do("rig.hold", {"coi": here.told}, by=by("TECH1")).result
    mine, theirs = signed_in(here.ledger, "TECH1"), signed_in(here.ledger, "TECH2")
    assert "61.0" in words(mine.get(f"/deviations/{made['deviation']}"))
    assert theirs.get(f"/deviations/{made['deviation']}").status_code == 404
    for page in ("/deviations", f"/deviations?coi={here.told}", f"/deviations?about={here.told}", "/holds", f"/holds/{held}"):
        answer = theirs.get(page)
        assert answer.status_code == 200 and "61.0" not in answer.text


def test_assessors_see_neither_deviations_nor_holds(here: Any) -> None:
    client = signed_in(here.ledger, "ASSE1")
    for page in ("/deviations", "/holds"):
        assert client.get(page).status_code == 403


def test_an_unknown_hold_is_a_page_in_words(here: Any) -> None:
    code = opened(here.ledger, here.told)
    describe(here.ledger, code)
    assert signed_in(here.ledger, "QA1").get(f"/holds/{code}").status_code == 404

"""The pages of a batch: the bench in the hands of one person and of a second, and what a refused form leaves standing."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from backend.rehearsal.usual import usual
from tests import story
from tests.conftest import At
from tests.people import PASSWORD
from tests.visit import THERE, signed_in, words

Open = Callable[..., At]
MNC4 = ("MNC-4", None)


@pytest.fixture
def counting(reach: Open) -> At:
    return reach("at MNC-4")


def page_of(here: At, step: str = "MNC-4") -> str:
    return f"/batches/{here.told.batch}/steps/{step}"  # type: ignore[attr-defined]


def keep(client: Any, page: str, name: str, value: str, **more: str) -> Any:
    return client.post(f"{page}/note", data={"name": f"r-{name}", "value": value, "key": f"{name}-{value}-{more}"} | more)


def sign(client: Any, page: str, to: str, **more: str) -> Any:
    opened = client.get(page).text
    shown = re.findall(r'name="shown" value="([^"]*)"', opened)[-1]
    key = re.findall(r'name="key" value="([^"]*)"', opened)[-1]
    return client.post(f"{page}/{to}", data={"key": key, "shown": shown, "password": PASSWORD} | more, headers={"referer": THERE + page})


def test_the_list_leads_to_the_batch_and_the_batch_to_its_next_step(counting: At) -> None:
    client = signed_in(counting.ledger, "TECH1")
    batch = counting.told.batch  # type: ignore[attr-defined]
    listed = client.get("/batches")
    assert f'href="/batches/{batch}"' in listed.text
    one = client.get(f"/batches/{batch}")
    assert one.status_code == 200
    assert f'href="{page_of(counting)}"' in one.text
    assert "MNC-4 Count nucleated cells" in words(one)


def test_a_field_is_kept_as_it_is_left_and_what_follows_comes_back(counting: At) -> None:
    client, page = signed_in(counting.ledger, "TECH1"), page_of(counting)
    keep(client, page, "volume", "6.0")
    keep(client, page, "live", "79 77 76 78")
    said = keep(client, page, "dead", "36 35 37 36").json()
    assert re.fullmatch(r"\d\d:\d\d:\d\d", said["at"])
    assert said["results"]["r-viability"] == {"text": "68.28 %", "kind": "stop", "word": "QA decides: below 70 %"}
    assert said["results"]["r-tnc"]["word"] == "Alert: below 5×10⁷ cells"
    assert said["said"] == ["Viability is 68.28 %; it must be at least 70 %."]
    assert said["missing"][0] == "No cell counter has been scanned."
    assert float(said["marks"]["r-volume"]["x"]) > 0
    opened = client.get(page)
    assert "6.0" in opened.text
    assert said["shown"] in opened.text
    assert "Viability is 68.28 %; it must be at least 70 %. It is recorded as read." in words(opened)


@pytest.mark.parametrize(
    ("value", "status", "said"),
    [
        ("-1", 422, "cannot be less than nothing"),
        ("NaN", 422, "must be a number"),
        ("999", 422, "only 0 to 100 mL is possible"),
        ("", 422, "Value"),
    ],
)
def test_nonsense_is_answered_in_words(counting: At, value: str, status: int, said: str) -> None:
    client = signed_in(counting.ledger, "TECH1")
    answer = keep(client, page_of(counting), "volume", value)
    assert answer.status_code == status
    assert any(said in one for one in answer.json()["refused"])


def test_another_value_without_a_reason_is_refused_and_with_one_both_are_shown(counting: At) -> None:
    client, page = signed_in(counting.ledger, "TECH1"), page_of(counting)
    keep(client, page, "volume", "6.0")
    answer = keep(client, page, "volume", "6.5")
    assert (answer.status_code, answer.json()["refused"]) == (
        409, ["Volume of suspension has a value already; another one needs a reason, and both stay."],
    )  # fmt: skip
    keep(client, page, "volume", "6.5", reason="misread")
    assert "Before: 6.0. misread" in words(client.get(page))


def test_a_field_sent_twice_is_kept_once(counting: At) -> None:
    client, page = signed_in(counting.ledger, "TECH1"), page_of(counting)
    first, again = (keep(client, page, "volume", "6.0") for _ in range(2))
    assert first.json()["at"] == again.json()["at"]


def test_a_scan_at_the_bench_goes_into_the_step(counting: At) -> None:
    client, page = signed_in(counting.ledger, "TECH1"), page_of(counting)
    opened = client.get(page)
    assert f'action="{page}/scan"' in opened.text
    counter = counting.told.player.laboratory.equipment["cell counter"]  # type: ignore[attr-defined]
    assert client.post(f"{page}/scan", data={"code": counter, "how": "scan"}).headers["location"] == page
    wrong = client.post(
        f"{page}/scan",
        data={"code": counting.told.player.laboratory.equipment["centrifuge"]},
        headers={"referer": THERE + page},  # type: ignore[attr-defined]
    )
    assert wrong.status_code == 409
    assert "MNC-4 does not ask for a centrifuge; it asks for cell counter, trypan blue, cell tube." in words(wrong)


def test_another_subjects_container_stops_everything_and_names_nobody(at: Open) -> None:
    here = at("two batches", story.two_batches)
    client, page = signed_in(here.ledger, "TECH1"), page_of(here, "REC-2")
    other = here.told.other  # type: ignore[attr-defined]
    stopped = client.post(f"{page}/scan", data={"code": other.label, "how": "scan"}, headers={"referer": THERE + page})
    assert stopped.status_code == 409
    said = words(stopped)
    assert "STOP" in said
    assert "S01" in said
    assert "S02" in said
    assert other.who.full_name not in stopped.text
    assert other.who.record_number not in stopped.text


def hand_over(here: At) -> None:
    here.told.player.perform(here.ledger, here.told.batch, MNC4, usual("MNC-4", ""))  # type: ignore[attr-defined]


def test_the_second_person_sees_nothing_of_the_first_until_both_match(counting: At) -> None:
    """Decision W3, on the page of everybody: the values are not covered by a style, they are not there."""
    hand_over(counting)
    page, batch = page_of(counting), counting.told.batch  # type: ignore[attr-defined]
    values = ("152 148 155 145", "1.2×10⁸", "1.5×10⁷", "96.15")
    for person in ("TECH2", "TECH3", "QA1", "INSP1"):
        client = signed_in(counting.ledger, person)
        for address in (page, f"/batches/{batch}", "/batches"):
            found = client.get(address)
            assert found.status_code == 200
            assert all(value not in found.text for value in values), f"{person} {address}"
    second = signed_in(counting.ledger, "TECH2")
    assert "Lin Yue’s values are not on this page or in its source" in words(second.get(page))
    for name, value in {"volume": "8.0", "live": "149 151 150 154", "dead": "5 6 6 7"}.items():
        answer = keep(second, page, name, value)
        assert answer.status_code == 200
        assert answer.json()["results"] == {}
        assert all(one not in answer.text for one in values)
    first = signed_in(counting.ledger, "TECH1")
    assert "149 151 150 154" not in first.get(page).text
    assert "152 148 155 145" in first.get(page).text
    assert sign(second, page, "verify").status_code == 303
    both = second.get(page).text
    assert "152 148 155 145" in both
    assert "149 151 150 154" in both
    assert "1.204×10⁸" in both


def test_a_mismatch_shows_neither_value(counting: At) -> None:
    """Decision W4."""
    hand_over(counting)
    page, second = page_of(counting), signed_in(counting.ledger, "TECH2")
    for name, value in {"volume": "8.0", "live": "90 91 92 93", "dead": "5 6 6 7"}.items():
        keep(second, page, name, value)
    sign(second, page, "verify")
    for person, theirs in (("TECH1", "90 91 92 93"), ("TECH2", "152 148 155 145"), ("QA1", "90 91 92 93"), ("QA1", "152 148 155 145")):
        shown = signed_in(counting.ledger, person).get(page)
        assert theirs not in shown.text
        assert "Two independent readings did not match." in words(shown)


def test_the_performer_who_opens_the_handed_over_step_sees_that_it_waits(counting: At) -> None:
    hand_over(counting)
    said = words(signed_in(counting.ledger, "TECH1").get(page_of(counting)))
    assert "Lin Yue signed this step. It waits for the second person, who signs in on their own." in said


def test_a_refused_signature_shows_the_page_again_with_every_reason(counting: At) -> None:
    client, page = signed_in(counting.ledger, "TECH1"), page_of(counting)
    keep(client, page, "volume", "6.0")
    refused = sign(client, page, "perform")
    assert refused.status_code == 409
    said = words(refused)
    assert "Live cells is empty." in said
    assert "No lot of trypan blue has been scanned." in said
    assert "6.0" in refused.text


def test_a_browser_without_scripts_sends_all_fields_at_once(reach: Open) -> None:
    here = reach("at REC-4")
    ledger, player, batch = here.ledger, here.told.player, here.told.batch  # type: ignore[attr-defined]
    page, where = page_of(here, "REC-4"), ("REC-4", None)
    player.scan_all(ledger, batch, where, "TECH1")
    client = signed_in(ledger, "TECH1")
    first = sign(client, page, "perform", **{"r-live": "84 79 88 81", "r-dead": "3 4 2 3"})
    assert first.status_code == 409  # the page now shows values that were not there when it was read
    again = client.get(page)
    assert "84 79 88 81" in again.text
    assert sign(client, page, "perform", **{"r-live": "84 79 88 81", "r-dead": "3 4 2 3"}).status_code == 303


def test_a_time_without_its_zone_is_in_the_sites(reach: Open) -> None:
    here = reach("batch opened")
    client, page = signed_in(here.ledger, "TECH1"), page_of(here, "REC-1")
    assert keep(client, page, "received_at", "2026-03-02 09:30").status_code == 200
    assert "2026-03-02 09:30" in client.get(page).text
    late = keep(client, page, "collected_at", "2036-01-01 00:00")
    assert late.status_code == 422
    assert "later than now" in late.json()["refused"][0]


def test_a_step_says_why_it_cannot_be_worked_on(counting: At) -> None:
    said = words(signed_in(counting.ledger, "TECH1").get(page_of(counting, "MNC-5")))
    assert "MNC-5 is not next: MNC-4 Count nucleated cells comes first." in said


def test_a_step_of_the_culture_leads_to_its_passage(reach: Open) -> None:
    here = reach("at P0 CUL-8")
    answer = signed_in(here.ledger, "TECH1").get(page_of(here, "CUL-8"))
    assert answer.headers["location"] == page_of(here, "CUL-8") + "/P0"
    shown = signed_in(here.ledger, "TECH1").get(page_of(here, "CUL-8") + "/P0")
    assert 'value="re-seed"' in shown.text
    assert 'value="harvest"' not in shown.text


def test_labels_are_asked_for_on_the_page_of_filling(reach: Open) -> None:
    here = reach("at CRY-2")
    ledger, player, batch = here.ledger, here.told.player, here.told.batch  # type: ignore[attr-defined]
    player.scan_all(ledger, batch, ("CRY-2", None), "TECH1")
    client, page = signed_in(ledger, "TECH1"), page_of(here, "CRY-2")
    assert "Labels before filling" in words(client.get(page))
    assert client.post(f"{page}/labels", data={"number": "14", "key": "n-1"}).status_code == 303
    assert len(player.containers(ledger, batch, "cryovial")) == 14


def test_two_people_finish_a_witnessed_step_on_one_page(reach: Open) -> None:
    here = reach("at CRY-6")
    ledger, player, batch = here.ledger, here.told.player, here.told.batch  # type: ignore[attr-defined]
    where = ("CRY-6", None)
    player.scan_all(ledger, batch, where, "TECH1")
    player.read(ledger, batch, where, "first", "TECH1", usual("CRY-6", ""))
    player.store(ledger, batch, where)
    client, page = signed_in(ledger, "TECH1"), page_of(here, "CRY-6")
    done = sign(client, page, "perform", second_person="TECH2", second_password=PASSWORD)
    assert done.status_code == 303
    assert "Signed by Lin Yue" in words(client.get(page))


def test_a_finished_batch_shows_how_it_grew(reach: Open) -> None:
    here = reach("frozen")
    said = words(signed_in(here.ledger, "QA1").get(f"/batches/{here.told.batch}"))  # type: ignore[attr-defined]
    assert "The master record is carried out." in said
    assert "P2" in said
    assert "2.593×10⁸" in said


def test_qa_rejects_a_batch_with_a_reason(counting: At) -> None:
    client, batch = signed_in(counting.ledger, "QA1"), counting.told.batch  # type: ignore[attr-defined]
    page = f"/batches/{batch}"
    key = re.findall(r'name="key" value="([^"]*)"', client.get(page).text)[-1]
    form = {"key": key, "password": PASSWORD}
    without = client.post(f"{page}/reject", data=form, headers={"referer": THERE + page})
    assert without.status_code == 409
    assert client.post(f"{page}/reject", data=form | {"key": "k-2", "reason": "Too few cells."}).status_code == 303
    assert "QA rejected this batch. Too few cells." in words(client.get(page))


def test_a_step_is_given_back_on_its_page(counting: At) -> None:
    hand_over(counting)
    page, second = page_of(counting), signed_in(counting.ledger, "TECH2")
    keep(second, page, "volume", "8.0")
    assert "Stop and give back" in words(second.get(page))
    assert second.post(f"{page}/give-back", data={"key": "b-1"}).status_code == 303
    third = signed_in(counting.ledger, "TECH3")
    assert keep(third, page, "volume", "8.0").status_code == 200


@pytest.mark.parametrize("person", ["ASSE1", "COUR1", "ADM1", "RAND1"])
def test_who_has_no_part_in_it_sees_no_batch(counting: At, person: str) -> None:
    client = signed_in(counting.ledger, person)
    for address in ("/batches", f"/batches/{counting.told.batch}", page_of(counting)):  # type: ignore[attr-defined]
        assert client.get(address).status_code == 403


def test_a_code_that_is_no_batch_is_unknown_to_everybody(counting: At) -> None:
    client = signed_in(counting.ledger, "TECH1")
    assert client.get("/batches/K0000000000000").status_code == 404


def test_a_batch_is_opened_on_its_page(at: Open) -> None:
    here = at("received", story.received)
    client = signed_in(here.ledger, "TECH1")
    collection = here.told.collection  # type: ignore[attr-defined]
    page = f"/batches/open?collection={collection}"
    key = re.findall(r'name="key" value="([^"]*)"', client.get(page).text)[-1]
    opened = client.post("/batches/open", data={"key": key, "collection": collection}, headers={"referer": THERE + page})
    assert opened.status_code == 303
    assert "REC-1 Open the transport box" in words(client.get(opened.headers["location"]))


def test_a_script_in_a_value_is_shown_as_text(reach: Open) -> None:
    here = reach("batch opened")
    client, page = signed_in(here.ledger, "TECH1"), page_of(here, "REC-1")
    keep(client, page, "seal", "<script>alert(1)</script>")
    assert "<script>alert(1)" not in client.get(page).text
    assert "&lt;script&gt;alert(1)" in client.get(page).text

"""The release page: who reads it, what stands on it first, and that its two buttons are two acts."""

import html
import re
from typing import Any

from backend.access.rules import Role
from backend.quality.acts import open_deviation
from backend.release.rules import KINDS
from labels.codes import draw
from tests import story
from tests.api.test_calls import V1, caller
from tests.conftest import At
from tests.people import CAST, PASSWORD, by
from tests.release.acting import decide, deviate, place_hold, shown
from tests.visit import send, signed_in, words
from tests.web.drawn import Reader

READS = {Role.QA, Role.INSPECTOR}
CANNOT = "This bank cannot be released yet"


def run_of(here: At) -> story.Run:
    assert isinstance(here.told, story.Run)
    return here.told


def page_of(here: At) -> str:
    return f"/batches/{run_of(here).batch}/release"


def headings(page: Any) -> list[str]:
    """The kinds of exception as the page names them, in its order."""
    return [re.sub(r"<[^>]*>", "", one) for one in re.findall(r'<h3 id="kind-\d+">(.*?) <small>', html.unescape(page.text))]


# ---- what is on it ----


def test_every_kind_of_exception_is_on_the_page_each_with_where_it_is_dealt_with_and_its_history(eventful: At) -> None:
    deviate(eventful.ledger, run_of(eventful).batch)
    page = signed_in(eventful.ledger, "QA2").get(page_of(eventful))
    seen = headings(page)
    assert len(seen) == len(set(seen)) == len(KINDS) >= 11
    assert seen[0] == "Open deviation"
    rows = re.findall(r"<li[^>]*>(?:<h3 id=|<p></p>).*?</li>", page.text, re.DOTALL)
    assert len(rows) >= len(seen)
    for row in rows:
        links = re.findall(r'<a href="([^"]+)"', row)
        assert len(links) == 2, row
        assert links[1].startswith("/history?code="), row


def test_an_exception_says_what_was_and_what_is(eventful: At) -> None:
    said = words(signed_in(eventful.ledger, "QA2").get(page_of(eventful)))
    for sentence in (
        "HAR-5: Harvest lay open for 5 h 16 min; it must be at most 4 h.",
        "Scan into a step: CRY-2 does not ask for a lot of DMSO;",
        "CRY-1: two independent readings did not match (Temperature of the cryomedium); both read again.",
        "CRY-1: Temperature of the cryomedium was 4.0 °C and is 9.0 °C. Reason: The display was misread.",
        "CD73 positive (harvest) was tested again: 91.0 % before, 95.2 % now. Reason: A second tube was stained.",
        "Minor. The bin was full. QA accepted it: It is plausible.",
        "CRY-5: Time in DMSO before freezing is 43 min; the alert limit is above 30 min.",
        "CD73 positive (harvest) is 95.2 %, which is close to its limit: at least 95 %.",
        "CRY-2: Volume of final suspension by weight was 13.4 mL and is 14.4 mL. Reason: A slip of the finger.",
        "CRY-3 was read a second time 6 min after the first; it must be at most 5 min.",
        "CRY-2: the code of the balance was typed, not scanned.", "CRY-2: the filling pump was taken out of the step again.",
        "CRY-2 was begun by Tang Wei and given back.", "was printed anew: It is smeared.", "is void: The tube is empty.",
        "7 vials: out of the cold for 90 s (stored); it must be at most 60 s.",
        "sample potency was 10 min on its way to the analysts; it must be at most 5 min.",
        "QA lifted it: It was read again.",
    ):  # fmt: skip
        assert sentence in said, sentence


def test_every_link_of_the_page_leads_somewhere_and_it_is_well_formed(eventful: At) -> None:
    """The reasons, the exceptions, the checks and the tests."""
    run = run_of(eventful)
    place_hold(eventful.ledger, run.batch)
    client = signed_in(eventful.ledger, "QA1")
    page = client.get(page_of(eventful))
    read = Reader(page.text)
    assert read.faults == []
    links = {html.unescape(one) for one in read.all("href") if one.startswith("/") and not one.startswith("/static/")}
    assert {one: status for one in sorted(links) if (status := client.get(one).status_code) not in {200, 303}} == {}


def test_a_good_bank_has_no_reason_and_both_buttons(tested: At) -> None:
    page = signed_in(tested.ledger, "QA2").get(page_of(tested))
    assert CANNOT not in page.text
    assert re.findall(r'name="meaning" value="(\w+)"', page.text) == ["release", "reject"]
    assert "8 of 8" in words(page)
    assert page.text.count("In limits") >= 18


def test_each_reason_is_a_link_and_the_button_is_locked(tested: At) -> None:
    ledger, run = tested.ledger, run_of(tested)
    code, held = deviate(ledger, run.batch), place_hold(ledger, run.batch)
    page = signed_in(ledger, "QA1").get(page_of(tested))
    assert f"{CANNOT}: 3 reasons" in words(page)
    for href in (f"/deviations/{code}", f"/holds/{held}", f"/batches/{run.batch}/steps/REC-5"):
        assert re.search(rf'<li>[^<]*<a href="{href}"', page.text), href
    assert re.findall(r'name="meaning" value="(\w+)"', page.text) == ["reject"]
    assert "5 of 8" in words(page)


def test_w3_a_covered_deviation_is_a_reason_without_its_text(tested: At) -> None:
    """It is opened by a check that is still open; its author knows what it says, and nobody else."""
    from backend.ledger import REGISTRY, Now, Open, RecordCode, act

    @act("release.rig", roles={"technician"}, title="Rig", tells="")
    def rigged(now: Now, batch: RecordCode, sentence: Open[str]) -> None:
        """A deviation is covered."""
        open_deviation(now, about=batch, sentence=sentence, grade="minor", rule="", covered_for=now.draw("K"))

    try:
        tested.ledger.do("release.rig", {"batch": run_of(tested).batch, "sentence": "The count is 42."}, by=by("TECH1"))
    finally:
        REGISTRY.pop("release.rig")
    page = signed_in(tested.ledger, "QA2").get(page_of(tested))
    assert "A second reading is open and covers a deviation" in words(page)
    assert "42" not in re.sub(r"[0-9a-f]{8}|[A-Z0-9]{4,}|value=\"[^\"]*\"", "", words(page))
    assert "The count is" not in page.text
    answer = caller(tested.ledger, "QA2").get(f"{V1}{page_of(tested)}")
    assert "The count is" not in answer.text


# ---- who reads it ----


def test_qa_and_an_inspector_read_it_and_nobody_else(tested: At) -> None:
    """Also of a code that is nobody's the answer is the same, so it tells nothing (decision P4)."""
    for who in {one.role: one for one in CAST}.values():
        client, program = signed_in(tested.ledger, who.person), caller(tested.ledger, who.person)
        seen, none = client.get(page_of(tested)), client.get(f"/batches/{draw('K')}/release")
        asked = program.get(f"{V1}{page_of(tested)}")
        if who.role in READS:
            assert (seen.status_code, none.status_code, asked.status_code) == (200, 404, 200), who
        else:
            assert (seen.status_code, none.status_code, asked.status_code) == (403, 403, 403), who
            assert run_of(tested).batch not in asked.text


def test_an_inspector_sees_the_reasons_and_signs_nothing(tested: At) -> None:
    place_hold(tested.ledger, run_of(tested).batch)
    page = signed_in(tested.ledger, "INSP1").get(page_of(tested))
    assert f"{CANNOT}: 1 reason" in words(page)
    assert "name=\"meaning\"" not in page.text
    assert "QA releases or rejects this bank; you read its record." in words(page)


def test_no_name_of_a_subject_is_on_it(eventful: At) -> None:
    who = run_of(eventful).harvest.who
    for person in ("QA2", "INSP1"):
        page = signed_in(eventful.ledger, person).get(page_of(eventful)).text
        page += caller(eventful.ledger, person).get(f"{V1}{page_of(eventful)}").text
        assert [one for one in (who.full_name, who.record_number, who.birth_date) if one in page] == []


# ---- deciding on it ----


def test_releasing_on_the_page(tested: At) -> None:
    ledger, run = tested.ledger, run_of(tested)
    client = signed_in(ledger, "QA2")
    answer = send(client, page_of(tested), {"meaning": "release", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, page_of(tested))
    page = client.get(page_of(tested))
    assert "Qiao Lan released this bank. It may be used, for S01 only." in words(page)
    assert 'name="password"' not in page.text
    assert "QA released this batch." in words(client.get(f"/batches/{run.batch}"))
    assert page_of(tested) not in client.get("/").text


def test_rejecting_on_the_page_wants_a_reason_and_brings_back_what_was_typed(tested: At) -> None:
    client = signed_in(tested.ledger, "QA1")
    answer = send(client, page_of(tested), {"meaning": "reject", "password": PASSWORD})
    assert answer.status_code == 409
    assert "A reason is needed: it stays in the record beside what it explains." in words(answer)
    answer = send(client, page_of(tested), {"meaning": "reject", "password": "wrong wrong wrong", "reason": "It was too warm."})
    assert answer.status_code == 409
    assert ">It was too warm.</textarea>" in answer.text
    answer = send(client, page_of(tested), {"meaning": "reject", "password": PASSWORD, "reason": "It was too warm."})
    assert answer.status_code == 303
    page = client.get(page_of(tested))
    assert "Chen Min rejected this bank. It was too warm." in words(page)


def test_a_press_of_no_button_does_nothing(tested: At) -> None:
    answer = send(signed_in(tested.ledger, "QA2"), page_of(tested), {"password": PASSWORD})
    assert answer.status_code == 422
    assert "What the signature means was not said" in words(answer)


def test_a_stale_page_is_shown_again_as_it_is_now(tested: At) -> None:
    ledger, run = tested.ledger, run_of(tested)
    client = signed_in(ledger, "QA2")
    opened = client.get(page_of(tested)).text
    form = {name: re.findall(rf'name="{name}" value="([^"]*)"', opened)[-1] for name in ("key", "shown")}
    place_hold(ledger, run.batch)
    answer = client.post(page_of(tested), data=form | {"meaning": "release", "password": PASSWORD}, headers={"referer": page_of(tested)})
    assert answer.status_code == 409
    assert "The record changed while you were reading it." in words(answer)
    assert f"{CANNOT}: 1 reason" in words(answer)


# ---- the way to it, and the same by program ----


def test_the_batch_page_and_the_worklist_lead_to_it(tested: At) -> None:
    ledger, run = tested.ledger, run_of(tested)
    for person in ("QA2", "INSP1"):
        assert f'href="{page_of(tested)}"' in signed_in(ledger, person).get(f"/batches/{run.batch}").text
    assert page_of(tested) not in signed_in(ledger, "TECH1").get(f"/batches/{run.batch}").text
    said = words(signed_in(ledger, "QA2").get("/"))
    assert "Banks to release 1" in said
    assert "Review the batch record" in said
    assert "Ready" in said
    assert "Reasons against: 1" in words(signed_in(ledger, "QA1").get("/"))
    scanned = signed_in(ledger, "QA2").get(f"/scan?code={run.batch}")
    assert f'href="{page_of(tested)}"' in scanned.text


def test_a_batch_at_the_bench_waits_for_nobody_of_qa_and_can_be_looked_at(reach: Any) -> None:
    here = reach("at MNC-4")
    client = signed_in(here.ledger, "QA2")
    assert "No bank waits for release." in words(client.get("/"))
    page = client.get(page_of(here))
    assert page.status_code == 200
    assert "MNC-4, Count nucleated cells, is not finished; every step of the master record must be." in words(page)


def test_the_same_by_program(eventful: At) -> None:
    """What a program reads is what the page shows, with the digest that its signature covers."""
    ledger, run = eventful.ledger, run_of(eventful)
    client = caller(ledger, "QA2")
    seen = client.get(f"{V1}{page_of(eventful)}").json()
    assert seen["digest"] == shown(ledger, run.batch)
    assert seen["reasons"] == []
    assert [one["kind"] for one in seen["groups"]] == [kind for kind in KINDS if kind != "open deviation"]
    assert {one["kind"] for one in seen["checks"]} == {"go"}
    decide(ledger, run.batch, shown=seen["digest"])
    again = client.get(f"{V1}{page_of(eventful)}").json()
    assert (again["decision"], again["decided_by"], again["signs"]) == ("released", "Qiao Lan", False)
    assert again["groups"] == seen["groups"]
    assert client.get(f"{V1}/batches/{draw('K')}/release").status_code == 404

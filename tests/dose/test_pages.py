"""The page of a dose for each person: a preparer does every step on it, a second person finds no first value, nobody masked any."""

import re
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from backend.dose.models import DoseDecision, DoseFilled, PrepMatched, PrepReading, Thawed
from backend.quality.models import Deviation, DeviationDecided, Hold
from tests.conftest import At
from tests.dose import bench as rig
from tests.people import PASSWORD
from tests.visit import send, signed_in, visit, words

SHANGHAI = ZoneInfo("Asia/Shanghai")
Reach = Callable[[str, str], At]
OWN = {"password": PASSWORD}
BOTH = OWN | {"second_person": "PREP2", "second_password": PASSWORD}


def test_a_preparer_goes_from_the_worklist_to_the_filled_syringe_on_pages(reach: Reach) -> None:
    here = reach("ica_low", "banked")
    first, second = signed_in(here.ledger, "PREP1"), signed_in(here.ledger, "PREP2")
    assert f"/doses/open?order={here.told.order}" in first.get("/").text
    opened = send(first, f"/doses/open?order={here.told.order}", OWN | {"order": here.told.order})
    assert opened.status_code == 303
    page = opened.headers["location"]
    here.told.dose = page.rsplit("/", 1)[1]
    assert "2 vials of the bank" in words(first.get(page))
    assert send(first, page, {"vials": here.told.taken}, f"{page}/allocate").status_code == 303
    out = {"container": here.told.taken, "position": [here.told.positions[one] for one in here.told.taken], "exposure_s": "30"}
    here.ledger.do("custody.pick", out, by=rig.by("PREP1"), signatures=rig.sign("PREP1", "PREP2"), reason="For infusion 1.")
    here.clock.advance(minutes=2)
    began = here.clock.at.strftime("%Y-%m-%d %H:%M+00:00")
    given = BOTH | {"vials": here.told.taken, "started_at": began, "seconds": "90"}
    assert send(first, page, given, f"{page}/thaw").status_code == 303
    assert len(rig.rows(here.ledger, Thawed)) == 2
    assert "Start by" in words(first.get(page))
    for verb, again, typed, other in (
        ("wash", "wash_again", rig.WASH, rig.WASH), ("count", "recount", rig.FIRST, rig.SECOND),
        ("formulate", "formulate_again", rig.VOLUMES["ica_low"], rig.VOLUMES["ica_low"]),
        ("fill", "fill_again", rig.FILLS["ica_low"], rig.FILLS["ica_low"]),
    ):  # fmt: skip
        assert send(first, page, OWN | typed, f"{page}/{verb}").status_code == 303, verb
        assert "Waits for the second person" in words(first.get(page))
        assert "Read for yourself" in words(second.get(page))
        assert send(second, page, OWN | other, f"{page}/{again}").status_code == 303, again
    assert {row.step for row in rig.rows(here.ledger, PrepMatched)} == {"wash", "count", "formulate", "fill"}
    assert send(first, page, OWN, f"{page}/take_samples").status_code == 303
    assert send(first, page, BOTH, f"{page}/destroy_surplus").status_code == 303
    rig.labelled(here.ledger, here.told)
    rig.tested(here.ledger, here.told)
    quality = signed_in(here.ledger, "UQA1")
    assert "Release the dose" in words(quality.get("/"))
    assert send(quality, page, OWN, f"{page}/release").status_code == 303
    assert "Conforms to its assigned specification: yes" in words(signed_in(here.ledger, "NURS1").get(page))


def test_d1_the_page_of_a_dose_carries_its_clock_and_says_when_it_is_too_late(reach: Reach) -> None:
    here = reach("ica_low", "filled")
    with here.ledger.read() as session:
        until = session.exec(select(DoseFilled.expires_at)).one()
    last = until - timedelta(minutes=30)
    page = f"/doses/{here.told.dose}"
    for at, hidden in ((last + timedelta(seconds=50), True), (last + timedelta(seconds=61), False)):
        here.clock.at = at
        text = signed_in(here.ledger, "PREP1").get(page).text
        assert f'data-until="{last.astimezone(SHANGHAI).isoformat()}"' in text
        assert ("<div data-when-over hidden>" in text, "<div data-when-over>" in text) == (hidden, not hidden)


def test_the_second_person_finds_no_first_value_in_the_page_or_its_source(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    odd = rig.WASH | {"wash_ml": "47.31", "left_ml": "0.77"}
    rig.do(here.ledger, "wash", here.told, **odd)
    page = f"/doses/{here.told.dose}"
    second = signed_in(here.ledger, "PREP2")
    for address in (page, "/history", f"/history?chain={here.told.coi}", f"/scan?code={here.told.dose}"):
        answer = second.get(address)
        assert "47.31" not in answer.text, address
        assert "0.77" not in answer.text, address
    assert "47.31" in signed_in(here.ledger, "PREP1").get(page).text


@pytest.mark.parametrize("who", ["QA1", "PHYS1", "NURS1", "TECH1", "ANA1", "COOR1", "INSP1"])
def test_s2_the_page_and_the_program_show_a_masked_person_no_value(reach: Reach, who: str) -> None:
    here = reach("ica_low", "filled")
    page = signed_in(here.ledger, who).get(f"/doses/{here.told.dose}")
    api = visit(here.ledger)
    token = api.post("/api/v1/session", json={"person": who, "password": PASSWORD}).json()["token"]
    answer = api.get(f"/api/v1/doses/{here.told.dose}", headers={"authorization": f"Bearer {token}"})
    assert (page.status_code, answer.status_code) == (200, 200)
    for text in (page.text, answer.text):
        assert re.search(r"0\.600|11\.400|2\.5×10⁶|8\.4|2\.1×10⁷|10\.40", text) is None
    assert answer.json()["vials_wanted"] == 2


@pytest.mark.parametrize("who", ["ASSE1", "COUR1", "ADM1", "RAND1"])
def test_p4_others_find_no_page(reach: Reach, who: str) -> None:
    here = reach("ica_low", "opened")
    client = signed_in(here.ledger, who)
    assert client.get(f"/doses/{here.told.dose}").status_code == 403
    api = visit(here.ledger)
    token = api.post("/api/v1/session", json={"person": who, "password": PASSWORD}).json()["token"]
    headers = {"authorization": f"Bearer {token}"}
    known, unknown = (api.get(f"/api/v1/doses/{code}", headers=headers) for code in (here.told.dose, "K0000000000A0"))
    assert known.status_code == unknown.status_code == 404


def test_a_slip_comes_back_on_the_page_with_both_sentences_and_what_was_typed(reach: Reach) -> None:
    here = reach("ica_low", "counted")
    page = f"/doses/{here.told.dose}"
    answer = send(signed_in(here.ledger, "PREP1"), page, OWN | rig.VOLUMES["ica_low"] | {"drawn_ml": "6.00"}, f"{page}/formulate")
    assert answer.status_code == 409
    assert "A volume that was typed is not the one that was worked out" in words(answer)
    assert "must be 0.600 mL. The point is in the wrong place." in words(answer)
    assert 'value="6.00"' in answer.text
    assert rig.rows(here.ledger, PrepReading, step="formulate") == []


def test_nonsense_is_a_form_again(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    page = f"/doses/{here.told.dose}"
    answer = send(signed_in(here.ledger, "PREP1"), page, OWN | rig.WASH | {"resuspended_ml": "25"}, f"{page}/wash")
    assert answer.status_code == 422
    assert "only 0.5 to 10 is possible" in words(answer)


def test_unmasked_qa_decides_a_masked_deviation_and_rejects_on_the_page(reach: Reach) -> None:
    here = reach("ica_low", "formulated")
    rig.filled(here.ledger, here.told, net_g="9.0")
    page, quality = f"/doses/{here.told.dose}", signed_in(here.ledger, "UQA1")
    [deviation] = rig.rows(here.ledger, Deviation)
    assert "Filled volume beside its target" in words(quality.get(page))
    assert "A value of the preparation of infusion 1" in words(quality.get("/"))
    given = OWN | {"decision": "accept", "reason": "The needle was weighed with it."}
    assert send(quality, page, given, f"{page}/deviations/{deviation.code}").status_code == 303
    assert rig.rows(here.ledger, DeviationDecided)[0].accepted
    assert "The needle was weighed with it." in words(quality.get(page))
    assert send(quality, page, OWN | {"reason": "It leaks."}, f"{page}/reject").status_code == 303
    assert rig.rows(here.ledger, DoseDecision)[0].decision == "rejected"
    masked = words(signed_in(here.ledger, "QA1").get(page))
    assert "Conforms to its assigned specification: no" in masked
    assert "It leaks." not in masked


def test_a_masked_deviation_is_on_masked_qas_page_without_a_form(reach: Reach) -> None:
    here = reach("ica_low", "formulated")
    rig.filled(here.ledger, here.told, net_g="9.0")
    [deviation] = rig.rows(here.ledger, Deviation)
    client = signed_in(here.ledger, "QA1")
    answer = client.get(f"/deviations/{deviation.code}")
    assert "What this deviation says is masked" in words(answer)
    assert "/decide" not in answer.text and "/describe" not in answer.text
    assert deviation.sentence in words(client.get("/deviations"))
    assert deviation.sentence not in words(client.get("/"))


def test_the_ward_disposes_of_a_dose_on_its_page(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    rig.decide(here.ledger, here.told)
    page, nurse = f"/doses/{here.told.dose}", signed_in(here.ledger, "NURS1")
    given = OWN | {"second_person": "PHYS1", "second_password": PASSWORD, "because": "broken", "order": "stays", "reason": "It fell."}
    assert send(nurse, page, given, f"{page}/dispose").status_code == 303
    assert "This dose has ended." in words(nurse.get(page))


def test_an_act_that_is_none_of_a_dose_is_nothing(reach: Reach) -> None:
    here = reach("ica_low", "opened")
    page = f"/doses/{here.told.dose}"
    assert send(signed_in(here.ledger, "PREP1"), page, OWN, f"{page}/drink").status_code == 404
    answer = signed_in(here.ledger, "PREP1").get(f"/scan?code={here.told.dose}")
    assert "Dose of infusion 1" in words(answer) or answer.headers.get("location") == page


def test_a_scanned_syringe_says_whether_it_is_released(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    label, nurse = rig.label(here.ledger, here.told), signed_in(here.ledger, "NURS1")
    assert "Not released" in words(nurse.get(f"/scan?code={label}"))
    rig.decide(here.ledger, here.told)
    answer = nurse.get(f"/scan?code={label}")
    assert "Not released" not in words(answer) and "Released" in words(answer)
    assert f"/doses/{here.told.dose}" in answer.text


def test_f2_a_step_is_corrected_read_again_and_its_hold_lifted_on_pages(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    rig.decide(here.ledger, here.told)
    page = f"/doses/{here.told.dose}"
    first, second, quality = (signed_in(here.ledger, who) for who in ("PREP1", "PREP2", "UQA1"))
    assert first.get(page).text.count("Correct this step</summary>") == 4
    assert "Correct this step" not in quality.get(page).text
    answer = send(first, page, OWN | {"step": "wash", "reason": "It is 43.21 mL."}, f"{page}/correct")
    assert answer.status_code == 303
    assert send(first, page, OWN | {"step": "wash", "reason": "Again."}, f"{page}/correct").status_code == 409
    assert send(first, page, OWN | {"step": "thaw", "reason": "Again."}, f"{page}/correct").status_code == 422
    assert "43.21" in first.get(page).text
    api = visit(here.ledger)
    token = api.post("/api/v1/session", json={"person": "PREP2", "password": PASSWORD}).json()["token"]
    program = {"headers": {"authorization": f"Bearer {token}"}}
    assert send(first, page, OWN | rig.WASH | {"wash_ml": "43.21"}, f"{page}/wash").status_code == 303
    for client, extra, address in (
        (second, {}, page), (second, {}, "/history"), (second, {}, f"/history?chain={here.told.coi}"), (quality, {}, page),
        (api, program, f"/api/v1/doses/{here.told.dose}"), (api, program, f"/api/v1/history?chain={here.told.coi}"),
    ):  # fmt: skip
        answer = client.get(address, **extra)  # type: ignore[arg-type]
        assert answer.status_code == 200 and "43.21" not in answer.text, address
    assert "Read again what was corrected" in words(second.get("/"))
    assert "Read for yourself" in words(second.get(page))
    assert "What was read before; it is superseded" in words(second.get(page))
    assert "This cannot be signed yet:" in words(quality.get(page))
    assert send(second, page, OWN | rig.WASH | {"wash_ml": "43.21"}, f"{page}/wash_again").status_code == 303
    assert "It is 43.21 mL." in words(quality.get(page))
    assert "Lift the hold of a correction" in words(quality.get("/"))
    [hold] = rig.rows(here.ledger, Hold)
    masked = signed_in(here.ledger, "QA1")
    assert "unmasked QA lifts it on the page of the dose" in words(masked.get(f"/holds/{hold.code}"))
    assert f"/holds/{hold.code}/lift" not in masked.get(f"/holds/{hold.code}").text
    assert send(quality, page, OWN | {"reason": "43.21 changes nothing."}, f"{page}/lift_hold").status_code == 303
    said = words(masked.get(page))
    assert "The hold of a correction was lifted by" in said and "Corrected" in said and "43.21" not in said
    assert "43.21 changes nothing." in words(quality.get(page))

"""Routes and orders in a browser and by program: who sees which, before and after the route is open (table P, decision R1)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from backend.dose.models import Order, RouteOpened
from tests import story
from tests.api.test_calls import V1, caller
from tests.dose import rig
from tests.people import BY_ROLE, PASSWORD, by, sign
from tests.visit import send, signed_in, words

TWO = {"password": PASSWORD, "second_person": "UQA1", "second_password": PASSWORD}
ROUTE = re.compile(r"\bICA\b|\bOMM\b|nternal carotid|Ommaya")
KNOW = ("COOR1", "PHYS1", "PHYS2", "NURS1", "TECH1", "ANA1", "QA1", "INSP1", "PREP1", "UQA1")
NEVER = ("ASSE1", "COUR1", "RAND1", "ADM1")


def addresses(coi: str) -> list[str]:
    own = [f"/subjects/{coi}{end}" for end in ("", "/infusions", "/route", "/unmasking", "/screening")]
    return [*own, f"/scan?code={coi}", "/", f"/history?chain={coi}", "/history?act=dose.open_route", "/subjects"]


def everything(ledger: Any, person: str, coi: str) -> list[tuple[str, str]]:
    """What every page and view of this subject answers this person."""
    pages, program = signed_in(ledger, person), caller(ledger, person)
    views = [f"/subjects/{coi}", f"/codes/{coi}", f"/history?chain={coi}", "/history?act=dose.open_route", "/subjects"]
    return [(one, pages.get(one).text) for one in addresses(coi)] + [(one, program.get(V1 + one).text) for one in views]


@pytest.mark.parametrize("person", [*KNOW, *NEVER])
def test_nobody_sees_a_route_before_it_is_open(released: Any, person: str) -> None:
    """Decision R1."""
    for address, said in everything(released.ledger, person, released.told.coi):
        assert not ROUTE.search(said), (address, person)


@pytest.mark.parametrize("person", [*KNOW, *NEVER])
def test_after_an_infusion_four_roles_have_seen_no_route_and_nobody_an_arm(at: Any, person: str) -> None:
    """Table P: assessor, courier, randomiser and administrator. Decision S2: also a preparer has read no arm."""
    here = at("infused once", rig.infused)
    for address, said in everything(here.ledger, person, here.told.coi):
        assert not any(arm in said for arm in story.ARMS), (address, person)
        assert person in KNOW or not ROUTE.search(said), (address, person)


@pytest.mark.parametrize("person", KNOW)
def test_these_see_the_route_once_it_is_open(routed: Any, person: str) -> None:
    page = signed_in(routed.ledger, person).get(f"/subjects/{routed.told.coi}/infusions")
    assert page.status_code == 200
    assert "Internal carotid artery" in words(page)
    windows = caller(routed.ledger, person).get(f"{V1}/subjects/{routed.told.coi}").json()["windows"]
    assert (windows["route"], windows["opens_on"], windows["closes_on"]) == ("Internal carotid artery", "2026-04-02", "2026-09-02")
    assert [one["state"] for one in windows["infusions"]] == ["not ordered"] * 3


@pytest.mark.parametrize("person", NEVER)
def test_these_do_not_open_the_page_of_infusions(routed: Any, person: str) -> None:
    assert signed_in(routed.ledger, person).get(f"/subjects/{routed.told.coi}/infusions").status_code == 403


def test_an_assessor_sees_the_dates_of_infusions_and_nothing_else(waiting: Any) -> None:
    """Table P."""
    ledger, coi = waiting.ledger, waiting.told.coi
    page, view = f"/subjects/{coi}", f"{V1}/subjects/{coi}"
    before = words(signed_in(ledger, "ASSE1").get(page))
    rig.order(ledger, coi)
    assert words(signed_in(ledger, "ASSE1").get(page)) == before  # an order tells an assessor nothing
    ledger.do("dose.cancel_order", {"order": rig.rows(ledger, Order)[0].code}, by=by("PHYS1"), reason="Another day.")
    rig.infuse(ledger, coi)
    seen = words(signed_in(ledger, "ASSE1").get(page))
    assert "Infusion 1" in seen and "2026-04-03 09:00" in seen
    assert "Route" not in seen and "cleared" not in seen and "2026-04-02" not in seen
    windows = caller(ledger, "ASSE1").get(view).json()["windows"]
    (one,) = windows.pop("infusions")
    assert {name: value for name, value in one.items() if value} == {"infusion": 1, "state": "given", "given_at": one["given_at"]}
    assert {name: value for name, value in windows.items() if value} == {"coi": coi, "number": "S01"}
    assert caller(ledger, "COUR1").get(view).json()["windows"]["infusions"] == []


def test_a_route_is_opened_on_its_page_by_two(released: Any) -> None:
    ledger, coi = released.ledger, released.told.coi
    client = signed_in(ledger, "PREP1")
    assert "Open the route" in words(client.get("/"))
    assert f'href="/subjects/{coi}/route"' in client.get(f"/subjects/{coi}").text
    done = send(client, f"/subjects/{coi}/route", TWO)
    assert done.status_code == 303
    assert "Internal carotid artery" in words(client.get(done.headers["location"]))
    assert "Every released bank has its route." in words(client.get("/"))
    there = {"referer": f"http://testserver/subjects/{coi}/route"}
    again = client.post(f"/subjects/{coi}/route", data=TWO | {"key": "another"}, headers=there)
    assert again.status_code == 409
    assert "The route of this subject is open already." in words(again)
    assert len(rig.rows(ledger, RouteOpened)) == 1


def test_the_page_of_a_route_says_what_speaks_against_opening_it(undecided: Any) -> None:
    page = signed_in(undecided.ledger, "PREP1").get(f"/subjects/{undecided.told.coi}/route")
    assert "No bank of this subject is released; QA must release it first." in words(page)
    assert "This cannot be signed yet" in words(page)
    watched = signed_in(undecided.ledger, "UQA1").get(f"/subjects/{undecided.told.coi}/route")
    assert "<form" not in watched.text.split("<main")[1].split("</main")[0]
    assert signed_in(undecided.ledger, "PHYS1").get(f"/subjects/{undecided.told.coi}/route").status_code == 403


def form(ledger: Any, **changed: str) -> dict[str, str]:
    at = ledger.clock() + timedelta(hours=9)  # an hour later, by the site's clock
    return {
        "infusion": "1", "planned_at": f"{at:%Y-%m-%d %H:%M}", "weight_kg": "61.5", "weighed_on": "2026-04-03", "temperature_c": "36.8",
        "infection": "no", "password": PASSWORD,
    } | changed  # fmt: skip


def test_a_physician_orders_and_cancels_on_the_page_of_infusions(waiting: Any) -> None:
    ledger, coi = waiting.ledger, waiting.told.coi
    page, client = f"/subjects/{coi}/infusions", signed_in(waiting.ledger, "PHYS1")
    assert "Order infusion 1" in words(client.get("/"))
    assert send(client, page, form(ledger)).status_code == 303
    shown = words(client.get(page))
    assert "Ordered 2026-04-02 to 2026-09-02 2026-04-03 10:00" in shown
    assert "Order infusion" not in shown and "No infusion can be ordered now." in words(client.get("/"))
    assert "Prepare infusion 1" in words(signed_in(ledger, "PREP1").get("/"))
    (order,) = rig.rows(ledger, Order)
    assert "Order of infusion 1" in words(client.get(f"/scan?code={order.code}"))
    assert send(client, page, {"reason": "Fever."}, f"{page}/{order.code}/cancel").status_code == 303
    assert "Order infusion 1" in words(client.get(page))
    assert "No order waits for a dose." in words(signed_in(ledger, "PREP1").get("/"))
    assert "Ended" in words(client.get(f"/scan?code={order.code}"))


def test_a_refused_order_comes_back_with_every_reason_and_all_that_was_typed(waiting: Any) -> None:
    client = signed_in(waiting.ledger, "PHYS1")
    page = f"/subjects/{waiting.told.coi}/infusions"
    refused = send(client, page, form(waiting.ledger, temperature_c="38.4", infection="cough"))
    assert refused.status_code == 409
    assert "Temperature is 38.4 °C; it must be at most 38.0 °C." in words(refused)
    assert "Signs of infection were seen: cough. There must be none." in words(refused)
    assert 'value="38.4"' in refused.text and 'value="cough"' in refused.text
    nonsense = send(client, page, form(waiting.ledger, weight_kg="615"))
    assert nonsense.status_code == 422
    assert "Weight is 615 kg; it must be 30 to 200 kg." in words(nonsense)


@pytest.mark.parametrize("person", ["NURS1", "COOR1", "QA1", "TECH1", "INSP1", "PREP1"])
def test_who_is_no_physician_reads_the_page_and_has_no_form(waiting: Any, person: str) -> None:
    rig.order(waiting.ledger, waiting.told.coi)
    page = signed_in(waiting.ledger, person).get(f"/subjects/{waiting.told.coi}/infusions")
    assert page.status_code == 200
    assert "<form" not in page.text.split("<main")[1].split("</main")[0]


def test_what_speaks_against_any_order_is_on_the_page_before_it_is_signed(waiting: Any) -> None:
    rig.hold(waiting.ledger, waiting.told.coi)
    page = words(signed_in(waiting.ledger, "PHYS1").get(f"/subjects/{waiting.told.coi}/infusions"))
    assert "This cannot be signed yet" in page and "There is an open hold: A vial was dropped." in page


def test_the_subjects_page_tells_the_way_of_the_infusions(waiting: Any) -> None:
    ledger, coi = waiting.ledger, waiting.told.coi
    client = signed_in(ledger, "QA1")
    rig.infuse(ledger, coi)
    seen = words(client.get(f"/subjects/{coi}"))
    for said in ("Bank released", "Route opened", "Infusion 1, given and cleared", "Infusion 2, not ordered from 2026-05-01"):
        assert said in seen, said


def test_states_follow_what_happened(waiting: Any) -> None:
    ledger, coi = waiting.ledger, waiting.told.coi
    program = caller(ledger, "NURS1")

    def states() -> list[str]:
        return [one["state"] for one in program.get(f"{V1}/subjects/{coi}").json()["windows"]["infusions"]]

    code = rig.order(ledger, coi)
    assert states() == ["ordered", "not ordered", "not ordered"]
    dose = rig.do(ledger, "dose", "PREP1", order=code, decision="released")
    assert states()[0] == "prepared"
    rig.do(ledger, "give", "PHYS1", code=dose, started_at=ledger.clock().isoformat())
    assert states()[0] == "given"
    rig.do(ledger, "clear", "PHYS1", subject=coi, infusion=1)
    assert states()[0] == "cleared"


def test_a_dose_that_is_begun_is_not_prepared_yet(waiting: Any) -> None:
    ledger, coi = waiting.ledger, waiting.told.coi
    rig.do(ledger, "dose", "PREP1", order=rig.order(ledger, coi))
    windows = caller(ledger, "NURS1").get(f"{V1}/subjects/{coi}").json()["windows"]
    assert windows["infusions"][0]["state"] == "ordered" and not windows["infusions"][0]["may_cancel"]
    assert "No order waits for a dose." in words(signed_in(ledger, "PREP1").get("/"))


def test_after_the_window_nothing_waits_to_be_ordered(waiting: Any) -> None:
    assert "Order infusion 1" in words(signed_in(waiting.ledger, "PHYS1").get("/"))
    waiting.clock.advance(days=152)  # 2026-09-02
    assert "Order infusion 1" in words(signed_in(waiting.ledger, "PHYS1").get("/"))
    waiting.clock.advance(days=1)
    assert "No infusion can be ordered now." in words(signed_in(waiting.ledger, "PHYS1").get("/"))


def test_who_withdrew_waits_for_nothing(waiting: Any) -> None:
    ledger, coi = waiting.ledger, waiting.told.coi
    rig.order(ledger, coi)
    ledger.do("subject.withdraw", {"subject": coi}, by=by("PHYS1"), signatures=sign("PHYS1"), reason="They wish so.")
    assert "No order waits for a dose." in words(signed_in(ledger, "PREP1").get("/"))
    assert "No infusion can be ordered now." in words(signed_in(ledger, "PHYS1").get("/"))
    assert "Order infusion" not in words(signed_in(ledger, "PHYS1").get(f"/subjects/{coi}/infusions"))


def test_an_unknown_subject_has_no_infusions(waiting: Any) -> None:
    from labels.codes import draw

    for person, end in (("PHYS1", "infusions"), ("PREP1", "route")):
        assert signed_in(waiting.ledger, person).get(f"/subjects/{draw('S')}/{end}").status_code == 404


def test_everybody_of_the_cast_is_in_one_of_these_lists() -> None:
    assert set(BY_ROLE.values()) == {*KNOW, *NEVER}

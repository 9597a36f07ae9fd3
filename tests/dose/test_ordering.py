"""A route is opened by two unmasked people, an infusion is ordered by a physician, an order is cancelled for a reason: every refusal."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from backend.dose.models import Order, RouteOpened
from backend.dose.reads import bank_of, collected_on, given, live_order, route_of
from backend.ledger import Ledger, Nonsense, NotAllowed, Refused
from backend.masking.acts import arm_of
from backend.masking.models import Assigned, LineDrawn
from backend.quality.models import Deviation
from backend.trial.reads import folder
from tests import story
from tests.dose import rig
from tests.masking.rig import dump
from tests.people import by, sign

# ---- the route ----


def test_a_route_is_opened_and_the_arm_stays_sealed(released: Any) -> None:
    """Decision R1: the next line is drawn, the arm re-sealed under the subject, and only the route goes on from there."""
    ledger, coi = released.ledger, released.told.coi
    with ledger.read() as session:
        assert route_of(session, coi) is None
    receipt = rig.open_route(ledger, coi)
    assert {chain for chain, _, _ in receipt.entries} == {"site", coi}
    assert receipt.result is None
    with ledger.read() as session:
        assert route_of(session, coi) == "ICA"
        assert arm_of(session, ledger.keyring, coi) == "ica_low"
    row = rig.rows(ledger, RouteOpened)[0]
    assert (row.batch_code, row.by, row.witness) == (released.told.batch, "PREP1", "UQA1")
    assert row.chain == coi


def test_a_route_is_not_opened_twice(routed: Any) -> None:
    with pytest.raises(Refused, match="The route of this subject is open already"):
        rig.open_route(routed.ledger, routed.told.coi)
    assert len(rig.rows(routed.ledger, LineDrawn)) == 1


def test_a_route_waits_for_the_release_of_a_bank(undecided: Any) -> None:
    ledger, bank = undecided.ledger, undecided.told
    with pytest.raises(Refused, match="No bank of this subject is released; QA must release it first"):
        rig.open_route(ledger, bank.coi)
    rig.do(ledger, "decide", "QA1", batch=bank.batch, decision="rejected")
    with pytest.raises(Refused, match="No bank of this subject is released"):
        rig.open_route(ledger, bank.coi)
    assert rig.rows(ledger, LineDrawn) == []


def test_who_withdrew_before_it_uses_no_line(released: Any) -> None:
    """Decision R1."""
    ledger, coi = released.ledger, released.told.coi
    ledger.do("subject.withdraw", {"subject": coi}, by=by("PHYS1"), signatures=sign("PHYS1"), reason="They wish so.")
    with pytest.raises(Refused, match="has withdrawn; no line of the randomisation list is used"):
        rig.open_route(ledger, coi)
    assert rig.rows(ledger, LineDrawn) == rig.rows(ledger, Assigned) == []


@pytest.mark.parametrize("what", ["coi", "batch", "collection"])
def test_a_hold_on_subject_bank_or_collection_keeps_the_route_closed(released: Any, what: str) -> None:
    ledger, bank = released.ledger, released.told
    rig.hold(ledger, getattr(bank, what))
    with pytest.raises(Refused, match="There is an open hold: A vial was dropped"):
        rig.open_route(ledger, bank.coi)


def test_a_trial_that_is_not_active_opens_no_route(released: Any) -> None:
    released.ledger.do("trial.set_status", {"status_is": "suspended", "why": "A question."}, by=by("QA1"), signatures=sign("QA1"))
    with pytest.raises(Refused, match="The trial is suspended; it must be active"):
        rig.open_route(released.ledger, released.told.coi)


def test_without_a_list_no_route_is_opened(at: Any) -> None:
    here = at("released, no list", rig.released_without_list)
    with pytest.raises(Refused, match="The randomisation list is not imported"):
        rig.open_route(here.ledger, here.told.coi)
    assert rig.rows(here.ledger, RouteOpened) == []


def test_a_folder_that_does_not_know_the_arm_opens_no_route_and_uses_no_line(at: Any) -> None:
    """The list was imported under one folder, the bank made under another with other arms; nothing of the arm is said."""
    here = at("other arms", rig.released_under_other_arms)
    with pytest.raises(Refused) as no:
        rig.open_route(here.ledger, here.told.coi)
    said = "The trial folder that this bank was made under does not know the arms of the randomisation list; it must."
    assert no.value.reasons == (said,)
    assert rig.rows(here.ledger, LineDrawn) == rig.rows(here.ledger, Assigned) == rig.rows(here.ledger, RouteOpened) == []


def test_a_dump_after_an_infusion_was_ordered_shows_no_arm(waiting: Any) -> None:
    """Decisions R1, S2: the route stands open, the arm nowhere."""
    rig.order(waiting.ledger, waiting.told.coi)
    assert [where for where, value in dump(waiting.ledger) if any(arm.encode() in value for arm in story.ARMS)] == []


@pytest.mark.parametrize("person", ["PHYS1", "QA1", "UQA1", "TECH1", "COOR1", "ADM1", "ASSE1", "RAND1"])
def test_nobody_opens_a_route_but_a_preparer(released: Any, person: str) -> None:
    with pytest.raises(NotAllowed):
        rig.open_route(released.ledger, released.told.coi, person, "UQA2")


@pytest.mark.parametrize("second", ["PREP2", "QA1", "PHYS1", "RAND1"])
def test_the_second_person_is_of_unmasked_qa(released: Any, second: str) -> None:
    """Decision W1."""
    with pytest.raises(Refused, match="The second signature is for unmasked qa"):
        rig.open_route(released.ledger, released.told.coi, "PREP1", second)


def test_nobody_opens_a_route_alone(released: Any) -> None:
    with pytest.raises(Refused, match="1 of 2 signatures"):
        rig.open_route(released.ledger, released.told.coi, "PREP1")


@pytest.mark.parametrize("turn", range(2))
def test_a_route_that_two_open_at_once_has_one_line(released: Any, turn: int) -> None:
    ledger, coi = released.ledger, released.told.coi

    def opens(pair: tuple[str, str]) -> Refused | None:
        try:
            rig.open_route(ledger, coi, *pair)
        except Refused as no:
            return no
        return None

    with ThreadPoolExecutor(4) as crowd:
        said = list(crowd.map(opens, [("PREP1", "UQA1"), ("PREP2", "UQA2")] * 2))
    assert said.count(None) == 1
    assert [no.reasons for no in said if no] == [("The route of this subject is open already.",)] * 3
    assert len(rig.rows(ledger, LineDrawn)) == len(rig.rows(ledger, RouteOpened)) == 1


def test_two_subjects_routes_at_once_are_two_lines(at: Any) -> None:
    here = at("two released", rig.two_released)
    ledger, banks = here.ledger, here.told
    with ThreadPoolExecutor(2) as crowd:
        first = crowd.submit(rig.open_route, ledger, banks[0].coi, "PREP1", "UQA1")
        second = crowd.submit(rig.open_route, ledger, banks[1].coi, "PREP2", "UQA2")
        assert first.exception() is second.exception() is None
    assert len({row.line_code for row in rig.rows(ledger, LineDrawn)}) == 2
    with ledger.read() as session:
        assert {arm_of(session, ledger.keyring, bank.coi) for bank in banks} == {"ica_low", "ica_high"}


# ---- the order ----


def test_a_first_infusion_is_ordered_by_the_subjects_own_route(waiting: Any) -> None:
    ledger, bank = waiting.ledger, waiting.told
    code = rig.order(ledger, bank.coi)
    row = rig.rows(ledger, Order)[0]
    assert (row.code, row.infusion, row.route, row.batch_code, row.by) == (code, 1, "ICA", bank.batch, "PHYS1")
    assert (str(row.weight_kg), row.weighed_on, row.infection) == ("61.5", "2026-04-03", "no")
    with ledger.read() as session:
        live = live_order(session, bank.coi, 1)
        assert live is not None and live.code == code
        found = bank_of(session, bank.coi)
        assert found is not None and collected_on(session, found) == date(2026, 3, 2)
        assert given(session, bank.coi) == []


def refused(ledger: Ledger, coi: str, infusion: int = 1, **changed: Any) -> tuple[str, ...]:
    """Every reason against this order; none of them tells an arm or a route."""
    with pytest.raises(Refused) as no:
        rig.order(ledger, coi, infusion, **changed)
    said = " ".join(no.value.reasons)
    assert not any(word in said for word in (*story.ARMS, "ICA", "OMM", "arotid"))
    return no.value.reasons


OPENS = "The window opens on 2026-04-02, 1 calendar month after the collection of 2026-03-02; the day is {}."
CLOSED = "The window closed on 2026-09-02, 6 calendar months after the collection of 2026-03-02; the day is {}."


def local(day: str, clock: str) -> str:
    return f"{day}T{clock}+08:00"


@pytest.mark.parametrize(
    ("planned", "said"),
    [
        (local("2026-04-01", "23:59"), OPENS),
        (local("2026-04-02", "00:00"), ""),
        (local("2026-09-02", "23:59"), ""),
        (local("2026-09-03", "00:00"), CLOSED),
    ],
)
def test_the_planned_start_is_judged_in_the_sites_days(routed: Any, planned: str, said: str) -> None:
    """Decision D2: to the minute at both ends of the window, whatever zone the time was told in."""
    at = datetime.fromisoformat(planned)
    routed.clock.at = (at - timedelta(hours=2)).astimezone(UTC)
    for told in (at, at.astimezone(UTC)):
        if said:
            assert refused(routed.ledger, routed.told.coi, planned_at=told.isoformat()) == (said.format(planned[:10]),)
    if not said:
        rig.order(routed.ledger, routed.told.coi, planned_at=planned)


def test_an_infusion_is_not_ordered_for_a_time_that_has_passed(waiting: Any) -> None:
    past = (waiting.ledger.clock() - timedelta(minutes=1)).isoformat()
    assert refused(waiting.ledger, waiting.told.coi, planned_at=past) == (
        "The infusion is planned for 2026-04-03 08:59; it is 2026-04-03 09:00, and it must be planned for now or later.",
    )
    rig.order(waiting.ledger, waiting.told.coi, planned_at=waiting.ledger.clock().isoformat())


@pytest.mark.parametrize("infusion", [4, 99])
def test_there_is_no_fourth_infusion(waiting: Any, infusion: int) -> None:
    said = refused(waiting.ledger, waiting.told.coi, infusion)
    assert said == (f"There is no infusion {infusion}; the trial has infusions 1 to 3.",)


def test_an_infusion_number_is_at_least_one(waiting: Any) -> None:
    with pytest.raises(Nonsense):
        rig.order(waiting.ledger, waiting.told.coi, 0)


def test_an_infusion_is_ordered_once(waiting: Any) -> None:
    rig.order(waiting.ledger, waiting.told.coi)
    assert refused(waiting.ledger, waiting.told.coi) == ("Infusion 1 is ordered already; that order must be cancelled first.",)


def test_infusions_are_given_and_cleared_in_their_order(waiting: Any) -> None:
    ledger, coi = waiting.ledger, waiting.told.coi
    assert refused(ledger, coi, 3) == (
        "Infusion 1 has not been given; it must be given and cleared before infusion 3.",
        "Infusion 2 has not been given; it must be given and cleared before infusion 3.",
    )
    rig.infuse(ledger, coi, 1, clear_it=False)
    waiting.clock.advance(days=28)
    assert refused(ledger, coi, 2) == (
        "Infusion 1 was given on 2026-04-03 and is not cleared; a physician must clear it before infusion 2.",
    )
    rig.do(ledger, "clear", "PHYS1", subject=coi, infusion=1)
    assert refused(ledger, coi, 1) == ("Infusion 1 was given on 2026-04-03; it is given once.",)
    rig.infuse(ledger, coi, 2)
    waiting.clock.advance(days=28)
    rig.order(ledger, coi, 3)
    assert sorted(row.infusion for row in rig.rows(ledger, Order)) == [1, 2, 3]


def test_the_interval_is_counted_from_the_day_of_the_infusion_before(waiting: Any) -> None:
    """Decision D2: start of n+1 at least 28 days after the start of n, by date, to the minute at which a date begins."""
    ledger, coi = waiting.ledger, waiting.told.coi
    rig.infuse(ledger, coi)
    waiting.clock.at = datetime(2026, 4, 30, 12, 0, tzinfo=UTC)
    assert refused(ledger, coi, 2, planned_at=local("2026-04-30", "23:59")) == (
        "Infusion 1 was given on 2026-04-03; the next may be given from 2026-05-01 on, and the day is 2026-04-30.",
    )
    rig.order(ledger, coi, 2, planned_at=local("2026-05-01", "00:00"))


def test_an_infusion_that_delivered_nothing_is_not_given(waiting: Any) -> None:
    """Decision T5: its order lives, and a new dose may be prepared for it; the order can be cancelled when the dose is gone."""
    ledger, coi = waiting.ledger, waiting.told.coi
    rig.do(ledger, "annul", "PHYS1", code=rig.infuse(ledger, coi, clear_it=False))
    with ledger.read() as session:
        assert given(session, coi) == []
    assert refused(ledger, coi, 1) == ("Infusion 1 is ordered already; that order must be cancelled first.",)
    assert refused(ledger, coi, 2) == ("Infusion 1 has not been given; it must be given and cleared before infusion 2.",)


@pytest.mark.parametrize(
    ("days_ago", "in_days", "said"),
    [
        (7, 0, ""),
        (8, 0, "The weight is of 2026-03-26; on the day of the infusion, 2026-04-03, it must be at most 7 d old."),
        (0, 7, ""),
        (0, 8, "The weight is of 2026-04-03; on the day of the infusion, 2026-04-11, it must be at most 7 d old."),
        (-1, 0, "The weight is dated 2026-04-04; today is 2026-04-03, and it must have been taken by now."),
    ],
)
def test_the_weight_is_at_most_seven_days_old_on_the_day_of_the_infusion(waiting: Any, days_ago: int, in_days: int, said: str) -> None:
    now = waiting.ledger.clock()
    weighed_on, planned_at = now - timedelta(days=days_ago), now + timedelta(days=in_days, minutes=5)
    asked = {"weighed_on": weighed_on.date().isoformat(), "planned_at": planned_at.isoformat()}
    if said:
        assert refused(waiting.ledger, waiting.told.coi, **asked) == (said,)
    else:
        rig.order(waiting.ledger, waiting.told.coi, **asked)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"weight_kg": "615"}, "Weight is 615 kg; it must be 30 to 200 kg. Read it again."),
        ({"weight_kg": "29.9"}, "Weight is 29.9 kg; it must be 30 to 200 kg. Read it again."),
        ({"temperature_c": "98.6"}, "Temperature is 98.6 °C; it must be 33.0 to 43.0 °C. Read it again."),
        ({"temperature_c": "3.68"}, "Temperature is 3.68 °C; it must be 33.0 to 43.0 °C. Read it again."),
    ],
)
def test_a_weight_or_temperature_that_cannot_be_one_is_no_value(waiting: Any, wrong: dict[str, str], said: str) -> None:
    with pytest.raises(Nonsense) as no:
        rig.order(waiting.ledger, waiting.told.coi, **wrong)
    assert no.value.faults == {next(iter(wrong)): said}
    assert rig.rows(waiting.ledger, Order) == []


@pytest.mark.parametrize("ends", [{"weight_kg": "30", "temperature_c": "33.0"}, {"weight_kg": "200", "temperature_c": "38.0"}])
def test_the_ends_of_the_ranges_pass(waiting: Any, ends: dict[str, str]) -> None:
    rig.order(waiting.ledger, waiting.told.coi, **ends)
    (row,) = rig.rows(waiting.ledger, Order)
    assert {"weight_kg": str(row.weight_kg), "temperature_c": str(row.temperature_c)} == ends


def test_fever_and_signs_of_infection_refuse_an_order(waiting: Any) -> None:
    assert refused(waiting.ledger, waiting.told.coi, temperature_c="38.1", infection="cough since Monday") == (
        "Temperature is 38.1 °C; it must be at most 38.0 °C.", "Signs of infection were seen: cough since Monday. There must be none.",
    )  # fmt: skip


def test_a_trial_folder_may_let_them_warn(at: Any) -> None:
    """The order then stands, and each is a deviation of it."""
    here = at("warned", rig.waiting_warned)
    code = rig.order(here.ledger, here.told.coi, temperature_c="38.1", infection="cough")
    found = rig.rows(here.ledger, Deviation, about=code)
    assert sorted(one.sentence for one in found) == [
        "Signs of infection were seen: cough. There must be none.", "Temperature is 38.1 °C; it must be at most 38.0 °C.",
    ]  # fmt: skip
    assert {one.grade for one in found} == {"major"}


def test_an_order_waits_for_the_bank_and_for_the_route(undecided: Any) -> None:
    ledger, bank = undecided.ledger, undecided.told
    undecided.clock.at = datetime(2026, 4, 3, 1, 0, tzinfo=UTC)
    assert refused(ledger, bank.coi) == ("No bank of this subject is released; QA must release it first.",)
    rig.do(ledger, "decide", "QA1", batch=bank.batch, decision="released")
    assert refused(ledger, bank.coi) == ("The route of this subject is not open; a preparer and unmasked QA must open it first.",)


def test_nothing_is_ordered_for_who_withdrew(waiting: Any) -> None:
    ledger, coi = waiting.ledger, waiting.told.coi
    ledger.do("subject.withdraw", {"subject": coi}, by=by("PHYS1"), signatures=sign("PHYS1"), reason="They wish so.")
    assert refused(ledger, coi) == ("The subject has withdrawn; nothing is given to them any more.",)


def test_nothing_is_ordered_while_the_trial_is_halted(waiting: Any) -> None:
    waiting.ledger.do("trial.set_status", {"status_is": "suspended", "why": "A question."}, by=by("QA1"), signatures=sign("QA1"))
    assert refused(waiting.ledger, waiting.told.coi) == ("The trial is suspended; it must be active.",)


def test_consent_must_be_to_the_versions_in_force(waiting: Any) -> None:
    rig.folder_with(waiting.ledger, b"form: ICF 1.0", b"form: ICF 2.0")
    assert refused(waiting.ledger, waiting.told.coi) == (
        "The latest consent is not to the form and protocol in force; the subject must consent to these first.",
    )


def test_a_hold_on_a_dose_that_was_given_stops_the_next_order_and_one_on_a_lost_dose_does_not(waiting: Any) -> None:
    ledger, coi = waiting.ledger, waiting.told.coi
    lost = rig.do(ledger, "dose", "PREP1", order=rig.order(ledger, coi), decision="rejected")
    rig.hold(ledger, lost)
    rig.do(ledger, "lose", "PREP1", code=lost)
    ledger.do("dose.cancel_order", {"order": rig.rows(ledger, Order)[0].code}, by=by("PHYS1"), reason="The dose was lost.")
    rig.infuse(ledger, coi)
    rig.hold(ledger, next(one.code for one in rig.doses(ledger) if one.ended_at is None))
    waiting.clock.advance(days=28)
    assert refused(ledger, coi, 2) == ("There is an open hold: A vial was dropped.",)


def test_every_reason_is_said_at_once(waiting: Any) -> None:
    ledger, coi = waiting.ledger, waiting.told.coi
    rig.hold(ledger, coi)
    said = refused(
        ledger, coi, 2, planned_at=local("2027-01-01", "10:00"), weighed_on="2026-03-01", temperature_c="39", infection="pneumonia"
    )
    assert len(said) == 6


@pytest.mark.parametrize("person", ["NURS1", "COOR1", "QA1", "PREP1", "TECH1", "ASSE1", "INSP1"])
def test_nobody_orders_or_cancels_but_a_physician(waiting: Any, person: str) -> None:
    ledger, coi = waiting.ledger, waiting.told.coi
    code = rig.order(ledger, coi)
    with pytest.raises(NotAllowed):
        ledger.do("dose.order", rig.asking(ledger, coi), by=by(person), signatures=sign(person))
    with pytest.raises(NotAllowed):
        ledger.do("dose.cancel_order", {"order": code}, by=by(person), reason="No.")


@pytest.mark.parametrize("turn", range(2))
def test_two_physicians_at_once_order_once(waiting: Any, turn: int) -> None:
    ledger, coi = waiting.ledger, waiting.told.coi
    asked = rig.asking(ledger, coi)

    def orders(person: str) -> Refused | None:
        try:
            ledger.do("dose.order", asked, by=by(person), signatures=sign(person))
        except Refused as no:
            return no
        return None

    with ThreadPoolExecutor(4) as crowd:
        said = list(crowd.map(orders, ["PHYS1", "PHYS2"] * 2))
    assert said.count(None) == 1
    assert len(rig.rows(ledger, Order)) == 1


# ---- cancelling ----


def test_an_order_is_cancelled_for_a_reason_and_the_infusion_can_be_ordered_again(waiting: Any) -> None:
    ledger, coi = waiting.ledger, waiting.told.coi
    code = rig.order(ledger, coi)
    with pytest.raises(Refused, match="A reason is needed"):
        ledger.do("dose.cancel_order", {"order": code}, by=by("PHYS2"))
    ledger.do("dose.cancel_order", {"order": code}, by=by("PHYS2"), reason="Fever this morning.")
    with pytest.raises(Refused, match="This order has ended already"):
        ledger.do("dose.cancel_order", {"order": code}, by=by("PHYS2"), reason="Again.")
    again = rig.order(ledger, coi)
    assert {row.code: row.ended_why for row in rig.rows(ledger, Order)} == {code: "Fever this morning.", again: None}


def test_an_order_is_not_cancelled_once_a_dose_is_begun_or_given(waiting: Any) -> None:
    ledger, coi = waiting.ledger, waiting.told.coi
    code = rig.order(ledger, coi)
    dosed = rig.do(ledger, "dose", "PREP1", order=code)
    with pytest.raises(Refused, match="A dose is being prepared for this order"):
        ledger.do("dose.cancel_order", {"order": code}, by=by("PHYS1"), reason="No.")
    rig.do(ledger, "give", "PHYS1", code=dosed, started_at=ledger.clock().isoformat())
    with pytest.raises(Refused, match="This infusion was given; its order stays"):
        ledger.do("dose.cancel_order", {"order": code}, by=by("PHYS1"), reason="No.")


def test_what_is_no_order_is_not_cancelled(waiting: Any) -> None:
    with pytest.raises(Refused, match="is not an order"):
        waiting.ledger.do("dose.cancel_order", {"order": waiting.told.batch}, by=by("PHYS1"), reason="No.")


def test_the_window_counts_from_the_collection_that_the_released_bank_came_from(at: Any) -> None:
    """Decision D2: a re-collection moves the window, once its bank is the one that is released."""
    here = at("released twice", rig.released_again)
    ledger, bank = here.ledger, here.told
    with ledger.read() as session:
        found = bank_of(session, bank.coi)
        assert found is not None
        assert (found.code, str(collected_on(session, found))) == (bank.batch, "2026-03-22")
        assert folder(session, found.folder_code).trial.infusions.count == 3


def test_the_orders_route_is_the_opened_one(waiting: Any) -> None:
    rig.infuse(waiting.ledger, waiting.told.coi)
    waiting.clock.advance(days=28)
    rig.order(waiting.ledger, waiting.told.coi, 2)
    with waiting.ledger.read() as session:
        assert set(session.exec(select(Order.route))) == {"ICA"}

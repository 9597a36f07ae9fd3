"""The bedside's acts on a real record: what is written, and every refusal of give, one at a time."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from backend.bedside.models import Checked, Confirmed, Finished, NothingGiven
from backend.custody.models import Disposed, UsedUp
from backend.dose.models import Administration, Cleared, Dose, Order
from backend.ledger import Ledger, NotAllowed, Refused, UnknownCode
from backend.quality.models import Deviation
from labels.codes import draw
from tests import story
from tests.bedside import rig
from tests.people import by, sign


def rows(ledger: Ledger, table: Any) -> list[Any]:
    with ledger.read() as session:
        return list(session.exec(select(table)))


def refused(ledger: Ledger, name: str, asked: dict[str, Any], person: str = "PHYS1", *more: str) -> tuple[str, ...]:
    """The reasons that an act is refused with."""
    with pytest.raises(Refused) as no:
        ledger.do(name, asked, by=by(person), signatures=sign(person, *more))
    return no.value.reasons


def test_check_confirm_give_leave_their_rows(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    assert rig.stops_of(ledger, one.asked()) == []
    code = rig.given(ledger, one)
    (checked,), (confirmed,), (given,) = rows(ledger, Checked), rows(ledger, Confirmed), rows(ledger, Administration)
    assert (checked.coi, checked.wristband, checked.dose, checked.stops) == (one.coi, one.wristband, one.label, "")
    assert (confirmed.by, confirmed.ended_by, confirmed.ended_at) == ("NURS1", "PHYS1", given.started_at)  # W5: used up
    assert (given.code, given.coi, given.infusion, given.dose_code, given.order_code) == (code, one.coi, 1, one.dose, one.order)
    assert (given.by, given.second, given.access, given.wristband_code) == ("PHYS1", "NURS1", one.access, one.wristband)


def test_n5_a_wrong_scan_is_a_stop_in_the_record_and_no_fault_of_the_form(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    typed = one.wristband[:6] + ("7" if one.wristband[6] != "7" else "8") + one.wristband[7:]
    scans = {
        "do not match its check character": {"wristband": typed}, "This is a container label; scan the wristband": {"wristband": one.label},
        "is nobody's": {"wristband": draw("W")}, "is on nothing of ours": {"dose": draw("L")},
        "This is a wristband; scan the label": {"dose": one.wristband}, "an ISBT 128 code": {"dose": "=W0000 26 000001"},
        "contains I": {"dose": "L1IL23QX9M2PD"}, "there is no such order": {"order": one.dose},
    }  # fmt: skip
    for phrase, wrong in scans.items():
        said = rig.stops_of(ledger, one.asked(**wrong))
        assert any(phrase.lower() in sentence.lower() for sentence in said), (phrase, said)
    kept = rows(ledger, Checked)
    assert len(kept) == len(scans)
    assert {row.coi for row in kept} == {one.coi}
    assert all(row.stops for row in kept)
    with pytest.raises(UnknownCode):
        ledger.do("bedside.check", one.asked(order=draw("K")), by=by("PHYS1"))


def test_a_record_of_no_subject_is_no_order(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    with ledger.read() as session:
        folder = session.connection().exec_driver_sql("SELECT code FROM code WHERE chain = 'site' AND kind = 'K'").scalars().first()
    with pytest.raises(UnknownCode):
        ledger.do("bedside.check", one.asked(order=folder), by=by("PHYS1"))
    assert any("no such order" in sentence for sentence in refused(ledger, "bedside.give", one.asked(order=folder)))


def test_the_scans_may_be_spelled_as_people_and_scanners_spell_them(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    grouped = "-".join(one.wristband[n : n + 4] for n in range(0, 13, 4)).lower()
    assert rig.stops_of(ledger, one.asked(wristband=f" {grouped} ", dose=f"]Q3{one.label}")) == []


LABEL, BAND = "label of the dose", "wristband"
FAULTS: dict[str, dict[str, Any]] = {
    "wristband was never scanned back": {"someone": ["wristband verified"]},
    "consent is to ICF 0.9": {"someone": ["consent"]},
    "bank that the dose was made from is not released": {"someone": ["bank"]},
    "subject's is not open": {"someone": ["route"]},
    "label on the dose was never scanned back": {"dosed": ["label verified"]},
    "not in the record as put on the syringe": {"dosed": ["label applied"]},
    "dose is not released": {"dosed": ["decision"]},
    "never handed over to the ward": {"dosed": ["handed over"]},
    "nobody received it": {"dosed": ["received"]},
    "dose was rejected": {"decision": "rejected"},
    "dose expired at": {"minutes": 241},
    "too late to finish": {"minutes": 240 - 29},
    "window opens on": {"months": 0},
    "window closed on": {"months": 7},
    "Infusion 1 was not given": {"infusion": 2},
}  # fmt: skip


@pytest.mark.parametrize("phrase", FAULTS)
def test_remove_one_condition_and_exactly_that_one_stops(at: Any, phrase: str) -> None:
    """Each fault alone, made in the record: check, confirm and give name exactly that one."""
    fault = FAULTS[phrase]
    ledger = at("ward built", rig.built).ledger
    who = rig.someone(ledger, months=fault.get("months", 3), without=fault.get("someone", ()))
    more = {name: fault[name] for name in ("minutes", "decision") if name in fault}
    one = rig.dosed(ledger, who, fault.get("infusion", 1), without=fault.get("dosed", ()), **more)
    said = rig.stops_of(ledger, one.asked())
    assert len(said) == 1 and phrase in said[0], said
    assert refused(ledger, "bedside.confirm", one.asked(), "NURS1") == tuple(said)
    reasons = refused(ledger, "bedside.give", one.asked())
    assert reasons[:-1] == tuple(said) and reasons[-1].startswith("No second person")
    assert rows(ledger, Administration) == []


def _void_label(ledger: Ledger, one: rig.Ready) -> None:
    rig.do(ledger, "end_label", subject=one.coi, label=one.label, how="void")


def _destroyed_label(ledger: Ledger, one: rig.Ready) -> None:
    rig.do(ledger, "end_label", subject=one.coi, label=one.label, how="destroyed")


def _cancel(ledger: Ledger, one: rig.Ready) -> None:
    rig.do(ledger, "end", subject=one.coi, order=one.order)


def _dispose(ledger: Ledger, one: rig.Ready) -> None:
    rig.do(ledger, "end", subject=one.coi, dose=one.dose, why="it was dropped")


def _withdraw(ledger: Ledger, one: rig.Ready) -> None:
    ledger.do("subject.withdraw", {"subject": one.coi}, by=by("COOR1"), signatures=sign("COOR1"), reason="as they decided")


def _reissue(ledger: Ledger, one: rig.Ready) -> None:
    stated = {"subject": one.coi, "stated_name": f"Somebody {one.number}", "stated_birth_date": "1969-04-12"}
    ledger.do("subject.reissue_wristband", stated, by=by("COOR1"), signatures=sign("COOR1", "NURS1"), reason="it was torn")


def _halt(ledger: Ledger, one: rig.Ready) -> None:
    ledger.do("trial.set_status", {"status_is": "suspended", "why": "a safety review"}, by=by("QA1"), signatures=sign("QA1"))


def _hold(what: str) -> Any:
    def place(ledger: Ledger, one: rig.Ready) -> None:
        about = one.vials[0] if what == "vial" else getattr(one, what)
        asked = {"about": about, "why": "a positive culture"}
        ledger.do("quality.place_hold", asked, by=by("QA1"), signatures=sign("QA1"))

    return place


def _away(ledger: Ledger, one: rig.Ready) -> None:
    over = {"container": [one.label], "to": "Theatre 2", "condition": "intact", "temperature_c": "5"}
    ledger.do("custody.hand_over", over, by=by("NURS2"))


def _courier(ledger: Ledger, one: rig.Ready) -> None:
    _away(ledger, one)
    ledger.do("custody.receive", {"container": [one.label], "condition": "intact", "temperature_c": "5"}, by=by("COUR1"))


def _wait(**by_: float) -> Any:
    return lambda ledger, one: story.advance(ledger, **by_)


HAPPENS: dict[str, Any] = {
    "dose is void since": _void_label, "dose was destroyed since": _destroyed_label, "order has ended": _cancel,
    "disposed of (it was dropped": _dispose, "subject has withdrawn": _withdraw, "wristband is void since": _reissue,
    "trial is suspended": _halt, "The dose is on hold (a positive culture)": _hold("dose"), "The bank is on hold": _hold("batch"),
    "The subject is on hold": _hold("coi"), "What the dose was made from is on hold": _hold("vial"), "The label is on hold": _hold("label"),
    "The order is on hold": _hold("order"), "handed over to Theatre 2": _away, "hands of Kong Bo": _courier,
    "too late to finish": _wait(minutes=151),
}  # fmt: skip


@pytest.mark.parametrize("phrase", HAPPENS)
def test_what_happens_between_the_confirmation_and_the_start_stops_the_start(ward: Any, phrase: str) -> None:
    ledger, one = ward.ledger, ward.told
    assert rig.stops_of(ledger, one.asked()) == []
    ledger.do("bedside.confirm", one.asked(), by=by("NURS1"))
    HAPPENS[phrase](ledger, one)
    reasons = refused(ledger, "bedside.give", one.asked())
    assert phrase in reasons[0], reasons
    assert len(reasons) == (2 if "too late" in phrase else 1), reasons  # by then the confirmation is too old as well
    assert rows(ledger, Administration) == []
    assert all(row.ended_at is None for row in rows(ledger, Confirmed))


def test_received_again_by_a_nurse_it_may_be_given(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    _courier(ledger, one)
    over = {"container": [one.label], "to": "Ward 3", "condition": "intact", "temperature_c": "5"}
    ledger.do("custody.hand_over", over, by=by("COUR1"))
    ledger.do("custody.receive", {"container": [one.label], "condition": "intact", "temperature_c": "5"}, by=by("NURS1"))
    assert rig.stops_of(ledger, one.asked()) == []


# ---- the second person ----


def test_w5_give_needs_another_person(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    assert refused(ledger, "bedside.give", one.asked())[0].startswith("No second person has confirmed")
    ledger.do("bedside.confirm", one.asked(), by=by("PHYS1"))
    assert refused(ledger, "bedside.give", one.asked())[0].startswith("The confirmation is your own")
    ledger.do("bedside.give", one.asked(), by=by("NURS1"))  # somebody else may give on it


@pytest.mark.parametrize(("late", "gives"), [(timedelta(minutes=9, seconds=59), True), (timedelta(minutes=10, seconds=1), False)])
def test_w5_a_confirmation_lasts_ten_minutes(ward: Any, late: timedelta, gives: bool) -> None:
    ledger, one = ward.ledger, ward.told
    ledger.do("bedside.confirm", one.asked(), by=by("NURS1"))
    story.advance(ledger, seconds=late.total_seconds())
    if gives:
        ledger.do("bedside.give", one.asked(), by=by("PHYS1"))
        return
    (said,) = refused(ledger, "bedside.give", one.asked())
    assert "it must be at most 10 minutes old" in said
    ledger.do("bedside.confirm", one.asked(), by=by("NURS1"))  # once more, which replaces the first
    ledger.do("bedside.give", one.asked(), by=by("PHYS1"))
    old, new = sorted(rows(ledger, Confirmed), key=lambda row: row.at)
    assert (old.ended_by, new.ended_by) == ("NURS1", "PHYS1")


def test_w5_a_confirmation_of_another_dose_or_order_does_not_serve(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    ledger.do("bedside.confirm", one.asked(), by=by("NURS1"))
    rig.do(ledger, "end", subject=one.coi, dose=one.dose, why="it was dropped")
    rig.do(ledger, "end", subject=one.coi, order=one.order)
    other = rig.dosed(ledger, rig.who(one))
    assert rig.stops_of(ledger, other.asked()) == []
    said = refused(ledger, "bedside.give", other.asked())
    assert [sentence.split(" names ")[1] for sentence in said] == [
        "another dose; it must name the same.", "another order; it must name the same.",
    ]  # fmt: skip


def test_w5_a_confirmation_of_another_wristband_does_not_serve(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    ledger.do("bedside.confirm", one.asked(), by=by("NURS1"))
    _reissue(ledger, one)
    with ledger.read() as session:
        new = session.connection().exec_driver_sql("SELECT code FROM wristband WHERE ended_at IS NULL").scalar_one()
    story.wear(ledger, new)
    assert rig.stops_of(ledger, one.asked(wristband=new)) == []
    (said,) = refused(ledger, "bedside.give", one.asked(wristband=new))
    assert "names another wristband" in said


def test_w5_a_confirmation_is_used_up(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    rig.given(ledger, one)
    assert any("was used up at" in said for said in refused(ledger, "bedside.give", one.asked()))


def test_confirm_is_refused_with_every_reason(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    _halt(ledger, one)
    _withdraw(ledger, one)
    said = refused(ledger, "bedside.confirm", one.asked(access="Ommaya reservoir"), "NURS1")
    assert [any(phrase in sentence for sentence in said) for phrase in ("access in place", "has withdrawn", "is suspended")] == [True] * 3
    assert rows(ledger, Confirmed) == []


@pytest.mark.parametrize("person", ["TECH1", "COOR1", "QA1", "ANA1", "COUR1", "ASSE1", "PREP1", "UQA1", "INSP1", "ADM1", "RAND1"])
def test_nobody_but_physician_and_nurse_acts_at_the_bedside(ward: Any, person: str) -> None:
    ledger, one = ward.ledger, ward.told
    for name in ("bedside.check", "bedside.confirm", "bedside.give"):
        with pytest.raises(NotAllowed):
            ledger.do(name, one.asked(), by=by(person))
    assert rows(ledger, Checked) == []


# ---- the end ----


def finish(ledger: Ledger, code: str, **changed: str) -> None:
    ledger.do("bedside.finish", rig.ending(ledger, code, **changed), by=by("PHYS1"), signatures=sign("PHYS1", "NURS1"))


def test_the_end_of_an_infusion_disposes_of_its_syringe(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    code = rig.finished(ledger, one)
    (done,), (disposed,), (used,) = rows(ledger, Finished), rows(ledger, Disposed), rows(ledger, UsedUp)
    assert (done.administration_code, str(done.given_ml), str(done.left_ml), done.events) == (code, "10.0", "0.2", "none")
    assert (disposed.container_code, disposed.how, disposed.by, disposed.witness) == (one.syringe, "administered", "PHYS1", "NURS1")
    assert used.container_code == one.syringe
    assert rows(ledger, Deviation) == []


def test_t4_a_partial_dose_counts_as_given_and_says_why_it_was_stopped(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    code = rig.given(ledger, one)
    story.advance(ledger, minutes=5)
    asked = rig.ending(ledger, code, given_ml="0.1", left_ml="9.9")
    assert refused(ledger, "bedside.finish", asked, "PHYS1", "NURS1") == (
        "0.1 mL of 10.0 mL were given; it must be said why the infusion was stopped.",
    )  # fmt: skip
    finish(ledger, code, given_ml="0.1", left_ml="9.9", stopped_because="a seizure", events="seizure at 0.1 mL")
    (disposed,) = rows(ledger, Disposed)
    assert disposed.how == "partly administered"
    rig.do(ledger, "end", subject=one.coi, dose=one.dose, order=one.order)
    other = rig.dosed(ledger, rig.who(one))
    assert any("each infusion is given once" in said for said in rig.stops_of(ledger, other.asked()))  # not topped up


def test_the_end_is_refused_when_it_cannot_be_one(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    code = rig.given(ledger, one)
    story.advance(ledger, minutes=5)

    def said(**changed: str) -> str:
        return " ".join(refused(ledger, "bedside.finish", rig.ending(ledger, code, **changed), "PHYS1", "NURS1"))

    assert "record that nothing was given" in said(given_ml="0.0")
    assert "must not be later than now" in said(ended_at=(ledger.clock() + timedelta(minutes=2)).isoformat())
    assert "it must end after it starts" in said(ended_at=(ledger.clock() - timedelta(hours=2)).isoformat())
    finish(ledger, code)
    assert said() == "The end of this infusion is recorded already: 10.0 mL were given."
    with pytest.raises(UnknownCode):
        ledger.do("bedside.finish", rig.ending(ledger, draw("K")), by=by("PHYS1"), signatures=sign("PHYS1", "NURS1"))
    assert "must have been started" in " ".join(refused(ledger, "bedside.finish", rig.ending(ledger, one.dose), "PHYS1", "NURS1"))


@pytest.mark.parametrize(
    ("changed", "minutes", "sentence"),
    [
        ({"given_ml": "10.6"}, 20, "10.6 mL were given; the label says 10.0 mL."),
        ({"given_ml": "9.5", "left_ml": "0"}, 20, ""),
        ({"given_ml": "9.0", "left_ml": "0.4", "stopped_because": "the line leaked"}, 20, "9.0 mL were given and 0.4 mL are left"),
        ({}, 182, "it had to end by 2026-03-02 12:00 UTC+8, when the dose expired."),
    ],
)
def test_bad_news_at_the_end_is_recorded_and_opens_a_deviation(
    ward: Any, changed: dict[str, str], minutes: int, sentence: str
) -> None:  # fmt: skip
    ledger, one = ward.ledger, ward.told
    code = rig.given(ledger, one)
    story.advance(ledger, minutes=minutes)
    finish(ledger, code, **changed)
    found = rows(ledger, Deviation)
    assert [row.about for row in found] == ([one.dose] if sentence else [])
    assert all(sentence in row.sentence for row in found)


# ---- nothing given ----


def nothing(ledger: Ledger, code: str, one: rig.Ready, **changed: str) -> dict[str, str]:
    return {"administration": code, "dose": one.label, "given_ml": "0.0", "second_given_ml": "0.0", "left_ml": "10.0", "loss": ""} | changed


def test_t5_nothing_given_annuls_the_infusion_and_qa_decides_before_the_next_dose(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    code = rig.given(ledger, one)
    ledger.do("bedside.nothing_given", nothing(ledger, code, one), by=by("PHYS1"), signatures=sign("PHYS1", "NURS2"))
    (given,), (said,), (disposed,) = rows(ledger, Administration), rows(ledger, NothingGiven), rows(ledger, Disposed)
    assert (given.annulled_by, given.annulled_witness, given.annulled_at) == ("PHYS1", "NURS2", said.at)
    assert (disposed.how, disposed.witness) == ("destroyed", "NURS2")
    assert rows(ledger, Dose)[0].ended_why == rows(ledger, Order)[0].ended_why == "nothing was given from it"
    (deviation,) = rows(ledger, Deviation)
    assert (deviation.about, deviation.rule) == (one.dose, "bedside.nothing_given")
    again = rig.stops_of(ledger, one.asked())
    assert any("each dose is given once" in sentence for sentence in again)
    assert not any("each infusion is given once" in sentence for sentence in again)
    other = rig.dosed(ledger, rig.who(one))
    (stop,) = rig.stops_of(ledger, other.asked())
    assert stop.startswith("Nothing was given from the dose before this one, and QA has not decided")
    _decide(ledger, deviation.code)
    assert rig.stops_of(ledger, other.asked()) == []
    rig.given(ledger, other)


def _decide(ledger: Ledger, deviation: str) -> None:
    from backend.ledger import digest_of
    from backend.quality.reads import shown_deviation

    told = {"deviation": deviation, "cause": "the line was blocked", "impact": "none", "action": "flush first"}
    ledger.do("quality.describe", told, by=by("NURS1"))
    with ledger.read() as session:
        shown = digest_of(shown_deviation(session, deviation))
    asked = {"deviation": deviation, "decision": "accept"}
    ledger.do("quality.decide", asked, by=by("QA1"), signatures=sign("QA1"), reason="a new dose may be made", shown=shown)


@pytest.mark.parametrize(
    ("changed", "phrase"),
    [
        ({"given_ml": "0.1"}, "The physician typed 0.1 mL as given; it must be 0.0 mL"),
        ({"second_given_ml": "0.1"}, "The second person typed 0.1 mL as given; it must be 0.0 mL"),
        ({"left_ml": "9.4"}, "9.4 mL are left, and the label says 10.0 mL; what is left must be within 5 %"),
        ({"left_ml": "10.6"}, "10.6 mL are left"),
    ],
)
def test_t5_it_is_refused_unless_nothing_is_missing(ward: Any, changed: dict[str, str], phrase: str) -> None:
    ledger, one = ward.ledger, ward.told
    code = rig.given(ledger, one)
    (said,) = refused(ledger, "bedside.nothing_given", nothing(ledger, code, one, **changed), "PHYS1", "NURS1")
    assert phrase in said
    assert rows(ledger, Administration)[0].annulled_at is None


@pytest.mark.parametrize("changed", [{"left_ml": "9.5"}, {"left_ml": "10.5"}, {"left_ml": "0", "loss": "the syringe broke"}])
def test_t5_what_is_left_is_near_the_label_or_accounted_for(ward: Any, changed: dict[str, str]) -> None:
    ledger, one = ward.ledger, ward.told
    code = rig.given(ledger, one)
    ledger.do("bedside.nothing_given", nothing(ledger, code, one, **changed), by=by("PHYS1"), signatures=sign("PHYS1", "NURS1"))
    (row,) = rows(ledger, NothingGiven)
    assert (str(row.left_ml), row.loss) == (changed["left_ml"], changed.get("loss", ""))
    assert rows(ledger, Administration)[0].annulled_at is not None


def test_t5_the_dose_itself_is_scanned_and_a_nurse_alone_cannot_say_it(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    code = rig.given(ledger, one)
    other = rig.dosed(ledger, rig.someone(ledger, "S02"))
    said = refused(ledger, "bedside.nothing_given", nothing(ledger, code, one, dose=other.label), "PHYS1", "NURS1")
    assert said == ("The label that was scanned is not on the dose that was started; it must be.",)
    with pytest.raises(NotAllowed):
        ledger.do("bedside.nothing_given", nothing(ledger, code, one), by=by("NURS1"), signatures=sign("NURS1", "NURS2"))
    with pytest.raises(Refused):
        ledger.do("bedside.nothing_given", nothing(ledger, code, one), by=by("PHYS1"), signatures=sign("PHYS1"))
    assert rows(ledger, NothingGiven) == []


def test_what_is_over_cannot_be_said_to_be_nothing_and_nothing_cannot_be_ended(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    code = rig.finished(ledger, one)
    assert "10.0 mL were given" in refused(ledger, "bedside.nothing_given", nothing(ledger, code, one), "PHYS1", "NURS1")[0]
    other = rig.dosed(ledger, rig.someone(ledger, "S02"))
    lost = rig.given(ledger, other)
    ledger.do("bedside.nothing_given", nothing(ledger, lost, other), by=by("PHYS1"), signatures=sign("PHYS1", "NURS1"))
    story.advance(ledger, minutes=1)
    assert "Nothing was given in this infusion" in refused(ledger, "bedside.finish", rig.ending(ledger, lost), "PHYS1", "NURS1")[0]


# ---- clearance, and the next infusion ----


def test_an_infusion_is_cleared_once_it_is_over_by_a_physician(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    asked = {"subject": one.coi, "infusion": 1, "found": "no new deficit"}
    assert "was not given" in refused(ledger, "bedside.clear", asked)[0]
    code = rig.given(ledger, one)
    assert "is not recorded" in refused(ledger, "bedside.clear", asked)[0]
    story.advance(ledger, minutes=20)
    finish(ledger, code)
    with pytest.raises(NotAllowed):
        ledger.do("bedside.clear", asked, by=by("NURS1"), signatures=sign("NURS1"))
    ledger.do("bedside.clear", asked, by=by("PHYS1"), signatures=sign("PHYS1"))
    assert refused(ledger, "bedside.clear", asked) == ("This infusion has been cleared already.",)
    (row,) = rows(ledger, Cleared)
    assert (row.coi, row.infusion, row.found, row.by) == (one.coi, 1, "no new deficit", "PHYS1")


def test_d2_the_next_infusion_waits_for_clearance_and_interval(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    rig.finished(ledger, one)
    story.advance(ledger, days=28)
    second = rig.dosed(ledger, rig.who(one), 2)
    (said,) = rig.stops_of(ledger, second.asked())
    assert said == "Infusion 1 is not cleared; a physician must clear it before infusion 2."
    ledger.do("bedside.clear", {"subject": one.coi, "infusion": 1, "found": "well"}, by=by("PHYS1"), signatures=sign("PHYS1"))
    assert rig.stops_of(ledger, second.asked()) == []


def test_d2_a_day_too_soon_is_a_stop(ward: Any) -> None:
    ledger, one = ward.ledger, ward.told
    rig.cleared(ledger, one)
    story.advance(ledger, days=27)
    (said,) = rig.stops_of(ledger, rig.dosed(ledger, rig.who(one), 2).asked())
    assert said == "Infusion 1 was given on 2026-03-02; the next may be given from 2026-03-30 on, and the day is 2026-03-29."

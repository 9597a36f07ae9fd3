"""Dispositions and the closing of a subject: each vial one fate, each refusal with its sentence, and nothing closed that is open."""

from typing import Any

import pytest

from backend.custody.models import BoxClaim, Container, Disposed, Occupancy, UsedUp
from backend.dossier.models import Closed
from backend.dossier.reads import account_view, against_closing_now, fate_of
from backend.ledger import Ledger, Refused
from backend.quality.models import Deviation
from tests.conftest import At
from tests.dossier import rig
from tests.people import by, sign


def fates(ledger: Ledger, vials: list[str]) -> list[str | None]:
    with ledger.read() as session:
        found = [fate_of(session, session.get_one(Container, one)) for one in vials]
    return [one.how if one else None for one in found]


def refused(ledger: Ledger, *args: Any, **more: Any) -> tuple[str, ...]:
    with pytest.raises(Refused) as no:
        rig.dispose(ledger, *args, **more)
    return no.value.reasons


def test_a_picked_vial_is_destroyed_by_two_people_and_can_be_used_no_more(banked: At) -> None:
    here, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    vials = rig.pick(here, told, 0, 1)
    rig.dispose(here, vials, "destroyed", "autoclave, bag 17")
    (row, _) = rig.rows_of(here, Disposed)
    assert (row.how, row.why, row.detail, row.by, row.witness) == ("destroyed", "The trial is over.", "autoclave, bag 17", "TECH1", "TECH2")
    assert fates(here, told.vials) == ["destroyed", "destroyed", None, None]
    assert {one.container_code for one in rig.rows_of(here, UsedUp)} == set(vials)
    assert refused(here, vials[:1], "destroyed", "again")[0].startswith("Vial 1 has a disposition already: destroyed since")


def test_a_vial_in_a_position_is_picked_before_it_is_destroyed_but_retained_where_it_is(banked: At) -> None:
    here, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    said = refused(here, told.vials[:2], "destroyed", "autoclave, bag 17")
    assert [one.split(" is in ")[0] for one in said] == ["Vial 1", "Vial 2"]
    assert all(one.endswith("it must be picked first.") for one in said)
    rig.dispose(here, told.vials[:1], "retained")
    assert fates(here, told.vials[:1]) == ["retained"]
    assert [one.ended_at for one in rig.rows_of(here, Occupancy, container_code=told.vials[0])] == [None]
    (picked,) = rig.pick(here, told, 1)
    assert refused(here, [picked], "retained") == ("Vial 2 is in no position; a retained vial stays in the cold where it is.",)


def test_a_lost_vial_opens_a_critical_deviation_and_frees_its_position(banked: At) -> None:
    here, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    rig.dispose(here, told.vials, "lost", reason="The box was empty at the count.")
    found = rig.rows_of(here, Deviation, rule="dossier.lost")
    assert [one.grade for one in found] == ["critical"] * 4
    assert "Vial 1 is lost; every vial must be accounted for. The box was empty at the count." in {one.sentence for one in found}
    assert all(one.ended_at for one in rig.rows_of(here, Occupancy, position_code=told.positions[0]))
    assert all(one.ended_at for one in rig.rows_of(here, BoxClaim))


def test_what_must_be_said_is_asked_and_what_follows_from_an_infusion_is_not_said_by_hand(banked: At) -> None:
    here, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    vials = rig.pick(here, told, 0)
    assert refused(here, vials, "destroyed") == ("How it was destroyed must be said: the method and the bag.",)
    assert refused(here, vials, "returned") == ("Where it was returned to must be said.",)
    assert refused(here, vials, "transferred") == ("Where it was transferred to must be said, and by which consent.",)
    assert refused(here, vials, "tested")[0].startswith("Vial 1 was never taken for a test")
    assert refused(here, [*vials, *vials], "destroyed", "x")[0].endswith("was scanned twice.")
    assert refused(here, [vials[0], told.labels[0]], "destroyed", "x")[0].endswith("was scanned twice.")
    assert refused(here, vials, "destroyed", "x", reason="")[0].startswith("A reason is needed")


def test_a_vial_on_its_way_is_received_first(banked: At) -> None:
    here, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    vials = rig.pick(here, told, 0)
    given = {"container": vials, "to": "Quality control", "condition": "intact", "temperature_c": "-150", "seal": "", "logger": ""}
    here.do("custody.hand_over", given, by=by("TECH1"))
    assert refused(here, vials, "destroyed", "x") == ("Vial 1 was handed over and is not received; it must be received first.",)
    rig.withdraw(here, told.coi)
    assert "Vial 1 was handed over and is not received; it must be received." in reasons(here, told.coi)


def reasons(ledger: Ledger, coi: str) -> list[str]:
    with ledger.read() as session:
        return against_closing_now(session, coi)


def ended(at: At) -> tuple[Ledger, rig.Bank]:
    """A withdrawn subject whose vials are all retained: nothing is open any more."""
    here, told = at.ledger, at.told
    assert isinstance(told, rig.Bank)
    rig.withdraw(here, told.coi)
    rig.dispose(here, told.vials, "retained")
    return here, told


def test_a_withdrawn_subject_without_anything_open_is_closed_once(banked: At) -> None:
    here, told = ended(banked)
    assert reasons(here, told.coi) == []
    rig.close(here, told.coi)
    (row,) = rig.rows_of(here, Closed)
    assert (row.coi, row.by, row.witness, row.why) == (told.coi, "QA1", "TECH1", "Every infusion was given.")
    with pytest.raises(Refused, match=r"^Subject S01 is closed since 2026-..-..; nothing is added to this record\.$"):
        rig.close(here, told.coi)


def test_what_was_signed_is_what_was_shown(banked: At) -> None:
    """Anything that happens to the subject after the account was shown makes it stale."""
    from backend.dossier.reads import shown_account
    from backend.ledger import digest_of

    here, told = ended(banked)
    with here.read() as session:
        shown = digest_of(shown_account(session, told.coi))
    here.do("quality.place_hold", {"about": told.coi, "why": "Wait."}, by=by("QA2"), signatures=sign("QA2"))
    with pytest.raises(Refused, match="changed while you were reading"):
        here.do("dossier.close", {"subject": told.coi}, by=by("QA1"), signatures=sign("QA1", "TECH1"), reason="x", shown=shown)


AT = "2026-03-02T03:00:00Z"
ALONE: list[tuple[str, list[tuple[str, dict[str, Any]]], str]] = [
    ("a deviation", [("Deviation", {"code": "$d", "about": "COI", "sentence": "It broke.", "grade": "minor"})],
     "A deviation is not decided: It broke."),
    ("a covered deviation", [("Deviation", {"code": "$d", "about": "COI", "sentence": "91 %", "grade": "minor", "covered_for": "COI"})],
     "A second reading is still open, and what it covers is not decided."),
    ("a hold", [("Batch", {"code": "$b", "coi": "COI", "collection_code": "x", "folder_code": "x"}),
                ("BatchDecision", {"batch_code": "$b", "decision": "released", "why": "x"}),
                ("Hold", {"code": "$h", "about": "$b", "why": "Wait."})], "A hold is not lifted: Wait."),
    ("a batch", [("Batch", {"code": "$b", "coi": "COI", "collection_code": "x", "folder_code": "x"})],
     "1 batch is not decided; each must be released or rejected."),
    ("an order", [("Batch", {"code": "$b", "coi": "COI", "collection_code": "x", "folder_code": "x"}),
                  ("BatchDecision", {"batch_code": "$b", "decision": "released", "why": "x"}),
                  *rig.dose(AT, "$b", [], coi="COI")[:1]],  # type: ignore[arg-type]
     "The order of infusion 1 is live; it must be carried out or cancelled."),
]  # fmt: skip


def planted(coi: str, rows: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    return [(kind, {name: coi if value == "COI" else value for name, value in given.items()}) for kind, given in rows]


@pytest.mark.parametrize(("rows", "sentence"), [one[1:] for one in ALONE], ids=[one[0] for one in ALONE])
def test_each_open_thing_alone_keeps_the_subject_open(banked: At, rows: list[Any], sentence: str) -> None:
    here, told = ended(banked)
    rig.plant(here, told.coi, *planted(told.coi, rows))
    assert reasons(here, told.coi) == [sentence]
    with pytest.raises(Refused) as no:
        rig.close(here, told.coi)
    assert no.value.reasons == (sentence,)


def test_an_infusion_too_few_a_vial_in_stock_and_a_label_that_is_nowhere(banked: At) -> None:
    here, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    said = reasons(here, told.coi)
    assert said[0] == "0 of 3 infusions were given and the subject has not withdrawn; one or the other must be so."
    assert said[1].startswith("Vial 1 has no disposition (") and said[1].endswith("A1); every vial must have exactly one.")
    assert len(said) == 5


def batch(coi: str) -> list[tuple[str, dict[str, Any]]]:
    return [("Batch", {"code": "$b", "coi": coi, "collection_code": "x", "folder_code": "x"}),
            ("BatchDecision", {"batch_code": "$b", "decision": "released", "why": "x"})]  # fmt: skip


def test_the_vials_of_a_dose_follow_the_dose(banked: At) -> None:
    """Running: none; finished: administered; stopped: partly; never two."""
    here, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    vials = rig.pick(here, told, 0, 1)
    at = here.clock()
    made = rig.plant(here, told.coi, *batch(told.coi), *rig.dose(at, "$b", vials, coi=told.coi),
                     *rig.given(at, told.coi, finished=False))  # fmt: skip
    assert fates(here, [*vials, made["$C1"]]) == [None, None, None]
    assert "Infusion 1 is running; its end must be in the record." in reasons(here, told.coi)
    assert refused(here, vials[:1], "destroyed", "x")[0].startswith("Vial 1 is part of a dose that is still open")
    rig.plant(here, told.coi, ("Finished", {
        "administration_code": made["$given1"], "ended_infusion_at": at, "given_ml": "6.0", "left_ml": "4.0",
        "stopped_because": "headache", "events": "headache",
    }))  # fmt: skip
    assert fates(here, [*vials, made["$C1"]]) == ["partly administered"] * 3
    assert refused(here, vials[:1], "destroyed", "x")[0].startswith("Vial 1 has a disposition already: partly administered")


def test_a_finished_subject_whose_sterility_is_open_stays_open(banked: At) -> None:
    """Three infusions are given; the third dose's culture is due, then read, then reviewed (day 14)."""
    here, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    vials, at = rig.pick(here, told, 0, 1, 2), here.clock()
    rig.dispose(here, told.vials[3:], "retained")
    rows = [*batch(told.coi)]
    for n in (1, 2, 3):
        rows += [*rig.dose(at, "$b", [vials[n - 1]], n, coi=told.coi), *rig.given(at, told.coi, n)]
    test = {
        "container_code": "$Csample", "test": "sterility", "batch_code": "$b", "dose_code": "$dose3", "stage": "dose", "title": "Sterility",
        "method": "USP <71>", "kind": "choice", "unit": "", "options": "no growth\ngrowth", "limit": "no growth", "override": "by QA",
        "censored": "", "due_at": "2026-03-16T01:00:00Z",
    }  # fmt: skip
    made = rig.plant(
        here, told.coi, *rows, ("Container", {"code": "$Csample", "kind": "sample tube", "name": "sample sterility"}),
        ("SampleTaken", {"container_code": "$Csample", "batch_code": "$b", "step": "", "passage": "", "tests": "", "amount_ml": "0.1"}),
        ("SampleTest", test),
    )  # fmt: skip
    assert fates(here, told.vials) == ["administered", "administered", "administered", "retained"]
    assert reasons(here, told.coi) == [
        "The sterility of the dose of infusion 3 is not read (it reads out on 2026-03-16); it must be read and reviewed."
    ]
    result = {
        "code": "$r", "container_code": made["$Csample"], "test": "sterility", "number": 1, "kind": "first", "value": "no growth",
        "unit": "", "method": "USP <71>", "limit": "no growth", "verdict": "in", "sentence": "", "why": "",
    }  # fmt: skip
    code = rig.plant(here, told.coi, ("Result", result))["$r"]
    assert reasons(here, told.coi) == ["The sterility of the dose of infusion 3 is read and not reviewed; it must be read and reviewed."]
    rig.plant(here, told.coi, ("ResultReviewed", {"result_code": code}))
    assert reasons(here, told.coi) == []
    rig.close(here, told.coi)
    with here.read() as session:
        seen = account_view(session, told.coi)
    assert (seen.filled, seen.stock, seen.difference, seen.fates["administered"], seen.fates["retained"]) == (4, 0, 0, 3, 1)
    assert [(one.infusion, one.vials, one.fate.how if one.fate else "") for one in seen.doses] == [
        (1, 1, "administered"), (2, 1, "administered"), (3, 1, "administered"),
    ]  # fmt: skip
    assert seen.closed is not None and seen.closed.by == ("Chen Min", "Lin Yue")


def test_a_dose_that_is_neither_given_nor_disposed_of_keeps_its_vials_open(banked: At) -> None:
    here, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    vials = rig.pick(here, told, 0)
    at = here.clock()
    rig.plant(here, told.coi, *batch(told.coi), *rig.dose(at, "$b", vials, coi=told.coi))
    assert "The dose of infusion 1 has no disposition; it must be given or disposed of." in reasons(here, told.coi)
    assert fates(here, vials) == [None]


def test_a_dose_that_was_disposed_of_takes_its_vials_with_it(banked: At) -> None:
    here, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    vials = rig.pick(here, told, 0)
    at = here.clock()
    over = {"ended_at": at, "ended_by": "PREP1", "ended_why": "The bag leaked."}
    made = rig.plant(here, told.coi, *batch(told.coi), *rig.dose(at, "$b", vials, coi=told.coi, dose=over, order=over))
    assert fates(here, [*vials, made["$C1"]]) == ["destroyed", "destroyed"]
    assert not [one for one in reasons(here, told.coi) if "dose" in one or "order" in one]


def test_a_vial_is_tested_when_all_its_results_are_reviewed(banked: At) -> None:
    here, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    (vial,) = rig.pick(here, told, 0)
    test = {
        "container_code": vial, "batch_code": "$b", "stage": "bank vial", "title": "x", "method": "", "kind": "number", "unit": "%",
        "options": "", "limit": ">= 70", "override": "by QA", "censored": "", "due_at": AT,
    }  # fmt: skip
    result = {
        "container_code": vial, "number": 1, "kind": "first", "value": "91", "unit": "%", "method": "", "limit": ">= 70", "verdict": "in",
        "sentence": "", "why": "",
    }  # fmt: skip
    made = rig.plant(
        here, told.coi, *batch(told.coi),
        ("SampleTaken", {"container_code": vial, "batch_code": "$b", "step": "", "passage": "", "tests": "", "amount_ml": "1"}),
        *[("SampleTest", test | {"test": name}) for name in ("viability", "recovery")],
        *[("Result", result | {"test": name, "code": f"$r-{name}"}) for name in ("viability", "recovery")],
    )  # fmt: skip
    rig.plant(here, told.coi, ("ResultReviewed", {"result_code": made["$r-viability"], "by": "ANA1"}))
    assert fates(here, [vial]) == [None]
    rig.plant(here, told.coi, ("ResultReviewed", {"result_code": made["$r-recovery"], "by": "ANA2"}))
    assert fates(here, [vial]) == ["tested"]
    (other,) = rig.pick(here, told, 1)
    assert refused(here, [other], "tested")[0].startswith("Vial 2 was never taken for a test")


def test_a_label_that_is_nowhere_keeps_the_subject_open(banked: At) -> None:
    here, told = ended(banked)
    made = here.do("rig.vials", {"coi": told.coi, "number": "S01", "count": "1", "kind": "bag"}, by=by("TECH1")).result
    here.do("custody.print_labels", {"label": made["labels"]}, by=by("TECH1"))
    (said,) = reasons(here, told.coi)
    assert "are accounted for" in said and said.endswith("the difference must be 0.")
    here.do("custody.destroy_label", {"label": made["labels"]}, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="Spoilt.")
    assert reasons(here, told.coi) == []

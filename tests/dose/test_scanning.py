"""Lots and equipment of a preparation: scanned into its steps, taken out again, shown, printed, and found when a lot is recalled."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from backend.batch.reads.tracing import lot_trace
from backend.custody.models import Container
from backend.dose.models import DoseScan
from backend.ledger import Ledger, NotAllowed, Refused, UnknownCode
from backend.supplies.models import Equipment
from labels.codes import draw
from tests.conftest import At
from tests.dose import bench as rig
from tests.people import by
from tests.visit import send, signed_in, words

Reach = Callable[[str, str], At]


def lot(ledger: Ledger, item: str = "saline with HSA", days: int = 90, number: str = "H-1") -> str:
    until = (ledger.clock() + timedelta(days=days)).date().isoformat()
    given = {"item": item, "maker": "Example Reagents", "lot_number": number, "expires_on": until, "grade": "Ph. Eur.", "storage": ""}
    code: str = ledger.do("supplies.receive_lot", given, by=by("TECH1")).result
    return code


def machine(ledger: Ledger, kind: str = "centrifuge", days: int = 90) -> str:
    until = (ledger.clock() + timedelta(days=days)).date().isoformat()
    given = {"kind": kind, "name": f"{kind} 1", "serial_number": "SN-1", "calibrated_until": until, "certificate": "C-1"}
    code: str = ledger.do("supplies.register_equipment", given, by=by("TECH1")).result
    return code


def scan(here: At, code: str, step: str = "wash", who: str = "PREP1", act: str = "scan") -> Any:
    reason = {"reason": "It was the wrong bottle."} if act == "unscan" else {}
    given = {"dose": here.told.dose, "step": step, "code": code}  # type: ignore[attr-defined]
    return here.ledger.do(f"dose.{act}", given, by=by(who), **reason).result


def refused(here: At, code: str, step: str = "wash", act: str = "scan") -> tuple[str, ...]:
    with pytest.raises(Refused) as no:
        scan(here, code, step, act=act)
    return no.value.reasons


def test_a_lot_and_a_machine_are_part_of_a_step(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    bottle, spinner = lot(here.ledger), machine(here.ledger)
    scan(here, bottle)
    scan(here, spinner)
    rows = {one.code: (one.step, one.part, one.kind, one.by, one.ended_at) for one in rig.rows(here.ledger, DoseScan)}
    assert rows == {
        bottle: ("wash", "material", "saline with HSA", "PREP1", None), spinner: ("wash", "equipment", "centrifuge", "PREP1", None),
    }  # fmt: skip
    assert refused(here, bottle) == ("This saline with HSA is in the wash already.",)
    scan(here, bottle, "formulate")  # the same bottle is used again


def test_what_a_step_does_not_ask_for_is_refused_with_what_it_asks_for(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    blue = lot(here.ledger, "trypan blue")
    asked = "biosafety cabinet, centrifuge, saline with HSA, strainer 70 µm"
    assert refused(here, blue) == (f"The wash does not ask for a lot of trypan blue; it asks for {asked}.",)
    assert refused(here, machine(here.ledger, "microscope")) == (f"The wash does not ask for a microscope; it asks for {asked}.",)
    assert refused(here, here.told.wristband or here.told.vials[0])[0].startswith("This is neither a lot nor a piece of equipment")
    with pytest.raises(UnknownCode):
        scan(here, draw("T"))


@pytest.mark.parametrize(("days", "passes"), [(0, True), (-1, False)])
def test_a_lot_counts_to_the_end_of_its_last_day(reach: Reach, days: int, passes: bool) -> None:
    here = reach("ica_low", "thawed")
    bottle = lot(here.ledger, days=0)
    here.clock.advance(days=-days)
    if passes:
        scan(here, bottle)
    else:
        assert "saline with HSA, lot H-1, expired on" in refused(here, bottle)[0]


def test_a_machine_without_a_calibration_that_counts_is_refused(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    spinner = machine(here.ledger, days=0)
    here.clock.advance(days=1)
    assert refused(here, spinner)[0].startswith("The calibration of centrifuge 1 counts until")


def test_a_finished_step_can_still_be_told_what_it_used_until_the_dose_is_decided(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    bottle = lot(here.ledger)
    scan(here, bottle)
    rig.decide(here.ledger, here.told)
    assert refused(here, bottle, "formulate") == ("This dose is released already.",)
    assert refused(here, bottle, act="unscan") == ("This dose is released already.",)


def test_nothing_is_scanned_into_a_dose_that_has_ended(reach: Reach) -> None:
    here = reach("ica_low", "filled")
    bottle = lot(here.ledger)
    rig.do(here.ledger, "dispose", here.told, with_="PREP2", because="broken", order="stays", reason="It fell.")
    assert refused(here, bottle) == ("This dose has ended: It was disposed of: broken.",)


def test_what_was_scanned_by_mistake_is_taken_out_and_stays_to_be_seen(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    wrong, right = lot(here.ledger), lot(here.ledger, number="H-2")
    scan(here, wrong)
    scan(here, wrong, act="unscan")
    assert refused(here, wrong, act="unscan") == ("This was not scanned into this step.",)
    scan(here, right)
    scan(here, wrong)  # and in again
    rows = rig.rows(here.ledger, DoseScan)
    assert sorted((one.code == wrong, one.ended_by) for one in rows if one.ended_at) == [(True, "PREP1")]
    assert len(rows) == 3


def test_only_a_preparer_scans(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    bottle = lot(here.ledger)
    for who in ("TECH1", "QA1", "UQA1", "PHYS1"):
        with pytest.raises(NotAllowed):
            scan(here, bottle, who=who)


@pytest.mark.parametrize("late", [False, True])
def test_a_recalled_lot_leads_to_the_doses_that_it_touched(reach: Reach, late: bool) -> None:
    here = reach("ica_low", "filled" if late else "thawed")
    bottle, other = lot(here.ledger), lot(here.ledger, number="H-2")
    scan(here, bottle)
    scan(here, other)
    scan(here, other, act="unscan")
    if not late:
        for step in (rig.washed, rig.counted, rig.formulated, rig.filled):
            step(here.ledger, here.told)
    rig.sampled(here.ledger, here.told)
    with here.ledger.read() as session:
        (subject,) = lot_trace(session, bottle).subjects
        assert lot_trace(session, other).subjects == ()
    assert (subject.coi, [one.dose for one in subject.steps]) == (here.told.coi, [here.told.dose])
    kinds = [one.kind for one in rig.rows(here.ledger, Container) if one.code in {box.code for box in subject.containers}]
    assert sorted(set(kinds)) == ["sample tube", "suspension", "syringe"]
    shown = signed_in(here.ledger, "QA1").get(f"/lots/{bottle}/trace")
    assert "Dose of infusion 1: wash" in words(shown) and f'href="/doses/{here.told.dose}"' in shown.text


def test_the_page_of_a_dose_shows_what_is_to_scan_and_takes_it(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    bottle = lot(here.ledger)
    preparer, page = signed_in(here.ledger, "PREP1"), f"/doses/{here.told.dose}"
    before = words(preparer.get(page))
    assert "lot of saline with HSA To scan" in before
    assert send(preparer, page, {"step": "wash", "code": bottle}, f"{page}/scan").status_code == 303
    assert "lot of saline with HSA: lot H-1 typed take out" in words(preparer.get(page))
    masked = words(signed_in(here.ledger, "QA1").get(page))
    assert "lot of saline with HSA: lot H-1" in masked and "take out" not in masked


def test_the_scan_field_of_the_page_scans_into_the_step_that_is_on_it(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    bottle, page = lot(here.ledger), f"/doses/{here.told.dose}"
    preparer = signed_in(here.ledger, "PREP1")
    assert f'action="{page}/scanned?step=wash"' in preparer.get(page).text
    scanned = {"code": f"]Q3{bottle}", "how": "scan"}
    assert send(preparer, page, scanned, f"{page}/scanned?step=wash").headers["location"] == page
    assert [(one.step, one.code, one.how) for one in rig.rows(here.ledger, DoseScan)] == [("wash", bottle, "scan")]
    for other in (here.told.vials[0], "what is this?"):
        assert send(preparer, page, {"code": other}, f"{page}/scanned?step=wash").headers["location"] == f"/scan?code={quote(other)}"
    assert 'action="/scan"' in signed_in(here.ledger, "QA1").get(page).text
    assert send(signed_in(here.ledger, "QA1"), page, scanned, f"{page}/scanned?step=wash").status_code == 403


def test_unmasked_qa_is_told_before_the_release_that_something_was_not_scanned(reach: Reach) -> None:
    here = reach("ica_low", "tested")
    assert "Not everything was scanned." in words(signed_in(here.ledger, "UQA1").get(f"/doses/{here.told.dose}"))
    for step, items, kinds in (
        ("thaw", (), ("water bath",)), ("wash", ("saline with HSA", "strainer 70 µm"), ("biosafety cabinet", "centrifuge")),
        ("count", ("trypan blue",), ("cell counter",)), ("formulate", ("saline with HSA",), ("biosafety cabinet",)),
        ("fill", ("trypan blue",), ("biosafety cabinet", "balance")),
    ):  # fmt: skip
        for item in items:
            scan(here, lot(here.ledger, item, number=f"{step}-1"), step)
        for kind in kinds:
            known = {one.kind: one.code for one in rig.rows(here.ledger, Equipment)}
            scan(here, known.get(kind) or machine(here.ledger, kind), step)
    assert "Not everything was scanned." not in words(signed_in(here.ledger, "UQA1").get(f"/doses/{here.told.dose}"))

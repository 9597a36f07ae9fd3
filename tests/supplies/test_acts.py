"""Lots and equipment: received, registered, calibrated, taken out of use; every refusal with its sentence."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from backend.ledger import Ledger, Nonsense, NotAllowed, Refused, UnknownCode
from backend.supplies import rules
from backend.supplies.models import Equipment, Lot
from backend.supplies.reads import equipment_of, equipment_view, lot_of, lots, newest_print
from labels.codes import draw
from tests import story
from tests.people import by
from tests.visit import paper, send, signed_in, words

TODAY = date(2026, 3, 2)
AT = datetime(2026, 3, 1, tzinfo=UTC)
LOT = {"item": "HSA", "maker": "Example Reagents", "lot_number": "26-001", "expires_on": "2028-12-31", "grade": "GMP"}
CABINET = {"kind": "biosafety cabinet", "name": "BSC-2", "serial_number": "SN 2"}


def do(ledger: Ledger, name: str, given: dict[str, str], who: str = "TECH1", reason: str = "") -> Any:
    return ledger.do(name, given, by=by(who), reason=reason).result


def test_a_received_lot_has_a_code_of_its_own_and_an_entry_on_supplies(ledger: Ledger) -> None:
    receipt = ledger.do("supplies.receive_lot", LOT, by=by("TECH1"))
    assert receipt.result.startswith("T")
    assert [entry[0] for entry in receipt.entries] == ["supplies"]
    with ledger.read() as session:
        lot = lot_of(session, receipt.result)
    assert (lot.item, lot.expires_on, lot.by) == ("HSA", date(2028, 12, 31), "TECH1")


def test_a_lot_is_received_once(ledger: Ledger) -> None:
    do(ledger, "supplies.receive_lot", LOT)
    with pytest.raises(Refused, match="received already; scan its label"):
        do(ledger, "supplies.receive_lot", LOT)
    assert do(ledger, "supplies.receive_lot", LOT | {"maker": "Other Reagents"})


def test_an_expired_lot_is_not_received(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="This lot expired on 2026-03-01; today is 2026-03-02"):
        do(ledger, "supplies.receive_lot", LOT | {"expires_on": "2026-03-01"})


def test_a_lot_without_its_number_is_nonsense(ledger: Ledger) -> None:
    with pytest.raises(Nonsense, match="Lot number"):
        do(ledger, "supplies.receive_lot", LOT | {"lot_number": " "})


def test_a_courier_receives_no_lots(ledger: Ledger) -> None:
    with pytest.raises(NotAllowed, match="you are courier"):
        do(ledger, "supplies.receive_lot", LOT, "COUR1")


def test_a_lot_is_taken_out_of_use_once_and_says_why(ledger: Ledger) -> None:
    code = do(ledger, "supplies.receive_lot", LOT)
    do(ledger, "supplies.withdraw_lot", {"lot": code}, "QA1", "recalled by its maker")
    with pytest.raises(Refused, match="out of use already: recalled by its maker"):
        do(ledger, "supplies.withdraw_lot", {"lot": code}, "QA1", "again")
    with ledger.read() as session:
        assert list(rules.against_lot(lot_of(session, code), TODAY)) == ["HSA, lot 26-001, was taken out of use: recalled by its maker"]


def test_equipment_has_one_name_and_the_newest_calibration_counts(ledger: Ledger) -> None:
    code = do(ledger, "supplies.register_equipment", CABINET | {"calibrated_until": "2026-06-30"})
    with pytest.raises(Refused, match="of this name already"):
        do(ledger, "supplies.register_equipment", CABINET)
    do(ledger, "supplies.calibrate", {"equipment": code, "until": "2027-06-30", "certificate": "C-77"})
    with ledger.read() as session:
        seen = equipment_view(session, equipment_of(session, code), TODAY)
    assert (seen.calibrated_until, seen.against) == (date(2027, 6, 30), ())


def test_equipment_out_of_use_is_not_calibrated(ledger: Ledger) -> None:
    code = do(ledger, "supplies.register_equipment", CABINET)
    do(ledger, "supplies.withdraw_equipment", {"equipment": code}, "QA1", "the fan is broken")
    with pytest.raises(Refused, match="BSC-2 was taken out of use: the fan is broken"):
        do(ledger, "supplies.calibrate", {"equipment": code, "until": "2027-06-30", "certificate": "C-77"})
    with pytest.raises(Refused, match="out of use already"):
        do(ledger, "supplies.withdraw_equipment", {"equipment": code}, "QA1", "again")


def test_a_code_of_something_else_is_unknown(ledger: Ledger) -> None:
    code = do(ledger, "supplies.receive_lot", LOT)
    with ledger.read() as session:
        with pytest.raises(UnknownCode):
            equipment_of(session, code)
        with pytest.raises(UnknownCode):
            lot_of(session, draw("T"))


@pytest.mark.parametrize(("until", "said"), [
    (None, ["has never been calibrated"]), (date(2026, 3, 1), ["counts until 2026-03-01; today is 2026-03-02"]), (TODAY, []),
])  # fmt: skip
def test_a_calibration_counts_to_the_end_of_its_last_day(until: date | None, said: list[str]) -> None:
    one = Equipment(code="E1", kind="balance", name="BAL-1", serial_number="1", at=AT, by="QA1")
    found = list(rules.against_equipment(one, until, TODAY))
    assert len(found) == len(said) and all(part in sentence for part, sentence in zip(said, found, strict=True))


def test_equipment_out_of_use_is_not_to_be_used() -> None:
    one = Equipment(code="E1", kind="balance", name="BAL-1", serial_number="1", at=AT, by="QA1", ended_at=AT, ended_why="dropped")
    assert list(rules.against_equipment(one, TODAY, TODAY)) == ["BAL-1 was taken out of use: dropped"]


def test_the_lists_can_be_read_before_any_folder_is_approved(ledger: Ledger) -> None:
    client = signed_in(ledger, "TECH1")
    assert client.get("/lots").status_code == client.get("/equipment").status_code == 200


@pytest.mark.parametrize(("expires", "fine"), [(date(2026, 3, 1), False), (TODAY, True)])
def test_a_lot_may_be_used_to_the_end_of_its_last_day(expires: date, fine: bool) -> None:
    one = Lot(code="T1", item="HSA", maker="Example", lot_number="1", expires_on=expires, grade="GMP", at=AT, by="QA1")
    assert (not list(rules.against_lot(one, TODAY))) is fine


def test_lots_are_found_by_any_of_their_words_and_come_in_pages(ledger: Ledger) -> None:
    for number in range(27):
        do(ledger, "supplies.receive_lot", LOT | {"lot_number": f"26-{number:03}"})
    do(ledger, "supplies.receive_lot", LOT | {"item": "DMSO 100%", "lot_number": "D1"})
    with ledger.read() as session:
        first, more = lots(session, TODAY, "hsa", 1)
        second, none = lots(session, TODAY, "hsa", 2)
        assert (len(first), more, len(second), none) == (25, True, 2, False)
        assert [one.item for one in lots(session, TODAY, "0%", 1)[0]] == ["DMSO 100%"]


def _supplied(ledger: Ledger) -> dict[str, str]:
    story.folder_approved(ledger)
    return story.lots_received(ledger)


def test_the_pages_show_add_and_print_what_there_is(at: Callable[..., Any]) -> None:
    here = at("supplied", _supplied)
    client = signed_in(here.ledger, "TECH1")
    assert "26-003" in words(client.get("/lots?words=HSA"))
    assert send(client, "/lots", LOT | {"lot_number": "99-9"}).status_code == 303
    assert "99-9" in words(client.get("/lots?words=99-9"))
    again = send(client, "/lots", LOT | {"lot_number": "99-9"})
    assert again.status_code == 409 and "scan its label" in words(again) and 'value="99-9"' in again.text
    assert send(client, "/equipment", CABINET).status_code == 303
    assert "never been calibrated" in words(client.get("/equipment?words=BSC"))
    for code in here.told.values():  # whatever the master record calls it fits its label
        sheet = paper(client, f"/supplies/{code}", f"/supplies/{code}")
        assert (sheet.status_code, sheet.headers["content-type"]) == (200, "application/pdf")
        assert sheet.content.startswith(b"%PDF")


def test_what_does_not_fit_its_label_is_said_and_not_cut_off(at: Callable[..., Any]) -> None:
    here = at("supplied", _supplied)
    code = do(here.ledger, "supplies.receive_lot", LOT | {"item": "a material with a name that nobody can print"})
    answer = paper(signed_in(here.ledger, "TECH1"), f"/supplies/{code}", f"/supplies/{code}")
    assert answer.status_code == 409 and "cannot be printed on this label" in words(answer)
    with here.ledger.read() as session:
        assert newest_print(session, code) is None


@pytest.mark.parametrize("person", ["ASSE1", "COUR1", "RAND1"])
def test_supplies_are_not_everybodys_to_read(ledger: Ledger, person: str) -> None:
    client = signed_in(ledger, person)
    assert client.get("/lots").status_code == 403
    assert client.get("/equipment").status_code == 403

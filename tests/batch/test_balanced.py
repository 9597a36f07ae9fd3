"""The balance of a real batch, on both engines: more than there was, or another count than the record's, waits for QA; and corrections."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from backend.batch.models import Batch, Calculated, StepDeviation
from backend.batch.reads import course_of
from backend.batch.reads.contents import counts_of
from backend.batch.rules import Where
from backend.custody.models import Amount, Container
from backend.custody.reads import amount_of
from backend.ledger import Ledger, Refused
from backend.quality.models import Deviation
from backend.rehearsal.player import Player
from backend.rehearsal.usual import usual
from tests.batch.test_acts import correct, decide, note, rows, told
from tests.conftest import At
from tests.people import by, sign
from tests.visit import signed_in, words

Open = Callable[..., At]
MNC4, MNC5, MNC7, MNC8 = ("MNC-4", None), ("MNC-5", None), ("MNC-7", None), ("MNC-8", None)
CRY2, CRY3, CRY5, CRY6, CRY7 = ("CRY-2", None), ("CRY-3", None), ("CRY-5", None), ("CRY-6", None), ("CRY-7", None)
MANY = {"flasks": "20", "seeded": "600000000"}


def said(ledger: Ledger) -> list[tuple[str, str]]:
    """Every deviation with the level of its step, in the order in which they were opened."""
    found = {row.deviation_code: row.level for row in rows(ledger, StepDeviation)}
    return [(found[one.code], one.sentence) for one in sorted(rows(ledger, Deviation), key=lambda one: (one.at, one.sentence))]


def both(ledger: Ledger, batch: str, player: Player, where: Where, **values: str) -> None:
    """Both people read the same values, which differ from the usual ones."""
    player.play_step(ledger, batch, where, values, values)


def sign_again(ledger: Ledger, batch: str, player: Player, where: Where, **values: str) -> None:
    """A corrected step is signed by its performer, and the second person reads the corrected values and signs too."""
    player.sign(ledger, batch, where, "TECH1")
    for name, value in values.items():
        note(ledger, batch, where, "TECH2", "read again", **{name: value})
    given = {"batch": batch, "step": where[0], "passage": where[1] or ""}
    ledger.do("batch.verify", given, by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, where))


# ---- volume and cells ----


def test_more_cells_than_were_counted_are_not_seeded_without_qa(reach: Open) -> None:
    ledger, batch, player = told(reach("at MNC-4"))
    player.play_step(ledger, batch, MNC4)
    both(ledger, batch, player, MNC5, **MANY)
    (found,) = said(ledger)
    assert found == (
        "decide",
        "MNC-5: 6×10⁸ viable cells came out of 1.204×10⁸ viable cells; it must be at most 1.3846×10⁸ viable cells, 115 % of it.",
    )
    assert rows(ledger, Deviation)[0].grade == "major"
    with pytest.raises(Refused, match="MNC-5 waits for QA: MNC-5: 6×10⁸ viable cells came out of"):
        note(ledger, batch, MNC7, temperature="37.0")
    decide(ledger, rows(ledger, Deviation)[0].code)
    note(ledger, batch, MNC7, temperature="37.0")


@pytest.mark.parametrize(("changed", "sentence"), [
    ({"volume": "5.0"}, "CRY-2: 14.0 mL came out of 5.0 mL; it must be at most 5.25 mL, 105 % of it."),
    ({"volume": "14.0", "fill": "1.05"}, ""),
    ({"volume": "14.0", "fill": "1.06"}, "CRY-2: 14.84 mL came out of 14.0 mL; it must be at most 14.7 mL, 105 % of it."),
])  # fmt: skip
def test_vials_are_not_filled_with_more_than_there_was_without_qa(reach: Open, changed: dict[str, str], sentence: str) -> None:
    ledger, batch, player = told(reach("at CRY-2"))
    both(ledger, batch, player, CRY2, **changed)
    assert said(ledger) == ([("decide", sentence)] if sentence else [])


def test_what_is_counted_and_left_in_a_container_is_in_the_record(reach: Open) -> None:
    here = reach("at MNC-4")
    ledger, batch, player = told(here)
    (tube,) = player.containers(ledger, batch, "cell tube")

    def held() -> tuple[Decimal | None, Decimal | None]:
        with ledger.read() as session:
            amount = amount_of(session, tube.code)
            assert amount is not None
            return amount.volume_ml, amount.cells

    assert held() == (Decimal("8.0"), None)
    player.play_step(ledger, batch, MNC4)
    assert held() == (Decimal("8.0"), Decimal("1.204e8"))
    both(ledger, batch, player, MNC5, seeded="30100000")
    assert held() == (Decimal("6.0"), Decimal("0.903e8"))
    decide(ledger, rows(ledger, Deviation)[0].code)  # so thinly seeded that QA was asked
    player.play_until(ledger, batch, "MNC-9")
    assert held() == (Decimal("4.5"), Decimal("0.67725e8"))
    page = words(signed_in(ledger, "TECH1").get(f"/containers/{tube.code}"))
    assert "4.5 mL" in page.replace("\u202f", " ") and "67 725 000" not in page  # four digits are enough for people
    assert len(rows(ledger, Amount, Amount.container_code == tube.code)) == 4


# ---- corrections ----


def test_a_corrected_count_is_told_of_the_seeding_once_both_have_read_it(reach: Open) -> None:
    """Decision W3: until then nobody reads the corrected value out of a deviation."""
    ledger, batch, player = told(reach("at MNC-4"))
    player.play_until(ledger, batch, "MNC-7")
    correct(ledger, batch, MNC4, "volume", "3.0")
    player.sign(ledger, batch, MNC4, "TECH1")
    assert said(ledger) == []
    for person in ("TECH2", "QA1"):
        page = words(signed_in(ledger, person).get(f"/batches/{batch}"))
        assert "viable cells came out of" not in page
    note(ledger, batch, MNC4, "TECH2", "read again", volume="3.0")
    given = {"batch": batch, "step": "MNC-4"}
    ledger.do("batch.verify", given, by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, MNC4))
    assert said(ledger) == [
        ("decide", "MNC-5: 6×10⁷ viable cells came out of 4.515×10⁷ viable cells; it must be at most 5.192×10⁷ viable cells, 115 % of it.")
    ]
    assert [row.step for row in rows(ledger, StepDeviation)] == ["MNC-5"]
    assert "MNC-5: 6×10⁷ viable cells came out of" in words(signed_in(ledger, "QA1").get(f"/batches/{batch}"))


def test_a_slip_that_is_corrected_is_told_once_and_stays_told(reach: Open) -> None:
    """The deviation is for QA whatever was corrected; the corrected value opens no other."""
    ledger, batch, player = told(reach("at MNC-4"))
    player.play_step(ledger, batch, MNC4)
    both(ledger, batch, player, MNC5, **MANY)
    for value in ("60000000", "600000000"):
        correct(ledger, batch, MNC5, "seeded", value)
        sign_again(ledger, batch, player, MNC5, seeded=value)
        of_balance = [sentence for _, sentence in said(ledger) if "came out of" in sentence]
        assert len(of_balance) == 1


def test_what_is_corrected_before_a_passage_reaches_the_harvest_in_its_order(reach: Open) -> None:
    """The pool of P2 is weighed anew: its cells, and the share of them that the wash recovered, follow one from the other."""
    ledger, batch, player = told(reach("at HAR-5"))
    where = ("CUL-6", "P2")
    correct(ledger, batch, where, "volume", "10.0")
    sign_again(ledger, batch, player, where, volume="10.0")
    found = [row for row in rows(ledger, Calculated, Calculated.step == "HAR-3", Calculated.field == "recovery") if row.number == 2]
    assert [Decimal(row.value).quantize(Decimal("0.1")) for row in found] == [Decimal("185.9")]
    assert ("decide", "HAR-3: Recovered by the wash is 185.9 %; it must be at most 115 %.") in said(ledger)


# ---- counts ----


def test_labels_that_the_record_does_not_have_wait_for_qa(reach: Open) -> None:
    """Two people agree that 99 were printed and 99 are on vials; there are 14."""
    ledger, batch, player = told(reach("at CRY-2"))
    player.play_step(ledger, batch, CRY2)
    both(ledger, batch, player, CRY3, printed="99", applied="99")
    sentence = "CRY-3: By hand and by the record: Labels printed 99 and 14; Labels on vials 99 and 14; they must be the same."
    assert said(ledger) == [("decide", sentence)]
    with pytest.raises(Refused, match="CRY-3 waits for QA: CRY-3: By hand and by the record"):
        note(ledger, batch, CRY5, run="CRF-0193")


def test_vials_that_the_tanks_do_not_hold_wait_for_qa(reach: Open) -> None:
    ledger, batch, player = told(reach("at CRY-6"))
    player.play_step(ledger, batch, CRY6)
    both(ledger, batch, player, CRY7, stored="10", tested="4")
    sentence = "CRY-7: By hand and by the record: Vials in the tanks 10 and 14; Vials given to tests 4 and 0; they must be the same."
    assert said(ledger) == [("decide", sentence)]


def test_a_count_that_is_the_records_opens_nothing(reach: Open) -> None:
    ledger, _, _ = told(reach("frozen"))
    assert said(ledger) == []
    kept = {(row.step, row.field): row.value for row in rows(ledger, Calculated) if row.field.endswith("in the record")}
    assert kept == {
        ("CRY-3", "printed, in the record"): "14", ("CRY-3", "applied, in the record"): "14", ("CRY-3", "specimen, in the record"): "0",
        ("CRY-3", "void, in the record"): "0", ("CRY-3", "destroyed, in the record"): "0", ("CRY-7", "stored, in the record"): "14",
        ("CRY-7", "tested, in the record"): "0", ("CRY-7", "discarded, in the record"): "0",
    }  # fmt: skip


def counts(ledger: Ledger, batch: str, where: Where) -> dict[str, int]:
    with ledger.read() as session:
        row = session.get_one(Batch, batch)
        return counts_of(session, row, course_of(session, row), where)


def test_labels_that_were_not_filled_are_void_and_no_vials(reach: Open) -> None:
    ledger, batch, player = told(reach("at CRY-2"))
    player.scan_all(ledger, batch, CRY2, "TECH1")
    values = usual("CRY-2", "") | {"vials": "12"}
    player.read(ledger, batch, CRY2, "first", "TECH1", values)
    made = ledger.do("batch.prepare_labels", {"batch": batch, "step": "CRY-2", "number": 14}, by=by("TECH1")).result
    player.put_labels_on(ledger, batch)
    for code in made[:12]:
        player.scan(ledger, batch, CRY2, player.label_of(ledger, code))
    player.sign(ledger, batch, CRY2, "TECH1")
    player.verify(ledger, batch, CRY2, values)
    assert counts(ledger, batch, CRY3) == {"printed": 14, "applied": 12, "specimen": 0, "void": 2, "destroyed": 0}
    assert counts(ledger, batch, CRY7) == {"stored": 0, "tested": 0, "discarded": 0}
    both(ledger, batch, player, CRY3, applied="12", void="2")
    assert not [one for one in said(ledger) if "By hand" in one[1]]
    assert {row.volume_ml for row in rows(ledger, Amount, Amount.container_code == made[0])} == {Decimal("1.0")}
    assert rows(ledger, Amount, Amount.container_code == made[13]) == []


def test_a_correction_is_held_against_what_the_record_had_when_the_step_was_signed(reach: Open) -> None:
    """A vial has gone to its tests since, and a label was printed anew; neither makes the count of then a wrong one."""
    ledger, batch, player = told(reach("frozen"))
    vials = player.containers(ledger, batch, "cryovial")
    label = player.label_of(ledger, vials[1].code)
    ledger.do("custody.reprint_label", {"label": label}, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="Smeared.")
    player.put_labels_on(ledger, batch)
    pick(ledger, vials[0])
    ledger.do("testing.take_vial", {"vial": vials[0].code, "seconds": "30"}, by=by("ANA1"))
    assert counts(ledger, batch, CRY3) == {"printed": 15, "applied": 14, "specimen": 0, "void": 1, "destroyed": 0}
    assert counts(ledger, batch, CRY7) == {"stored": 13, "tested": 1, "discarded": 0}
    for where, name, value in ((CRY3, "void", "0"), (CRY7, "stored", "14")):
        correct(ledger, batch, where, name, value)
        sign_again(ledger, batch, player, where, **{name: value})
    assert said(ledger) == []
    correct(ledger, batch, CRY7, "stored", "13")
    sign_again(ledger, batch, player, CRY7, stored="13")
    assert ("decide", "CRY-7: By hand and by the record: Vials in the tanks 13 and 14; they must be the same.") in said(ledger)


def pick(ledger: Ledger, vial: Container) -> None:
    from backend.custody.models import Occupancy

    (stands,) = rows(ledger, Occupancy, Occupancy.container_code == vial.code)
    given: dict[str, Any] = {"container": [vial.code], "position": [stands.position_code], "exposure_s": "30"}
    ledger.do("custody.pick", given, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="For the tests.")

"""The label of a lot or a piece of equipment: printed by an act, again with a reason, given out to who printed it, and scanned back."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from backend.ledger import Nonsense, NotAllowed, Refused, UnknownCode
from backend.supplies.models import SupplyPrinted, SupplyVerified
from labels.codes import draw, shown
from labels.copies import FIRST
from tests.labels.paper import decoded, pages, texts
from tests.people import CAST, by
from tests.supplies.test_acts import CABINET, LOT, do
from tests.visit import paper, send, signed_in, words

KINDS = ("lot", "equipment")


@pytest.fixture
def kept(at: Callable[..., Any]) -> Any:
    """A lot and a cabinet; `told` has the code of each."""
    return at("a lot and a cabinet", _kept)


def _kept(ledger: Any) -> dict[str, str]:
    return {"lot": do(ledger, "supplies.receive_lot", LOT), "equipment": do(ledger, "supplies.register_equipment", CABINET)}


def rows(here: Any, table: Any) -> list[Any]:
    with here.ledger.read() as session:
        return list(session.exec(select(table)))


def printed(client: Any, code: str, why: str = "") -> Any:
    return paper(client, f"/supplies/{code}", f"/supplies/{code}", {"why": why} if why else {})


@pytest.mark.parametrize("kind", KINDS)
def test_a_label_is_printed_by_an_act_with_its_row_its_entry_and_its_paper(kept: Any, kind: str) -> None:
    client, code = signed_in(kept.ledger, "TECH1"), kept.told[kind]
    assert f'href="/supplies/{code}"' in client.get("/lots" if kind == "lot" else "/equipment").text
    made = printed(client, code)
    assert [decoded(one) for one in pages(made.content)] == [[code]]
    wanted = ("HSA", "26-001", "2028-12-31") if kind == "lot" else ("BSC-2", "biosafety cabinet")
    assert [one for one in wanted if one not in texts(made.content)[0]] == []
    (row,) = rows(kept, SupplyPrinted)
    assert (row.supply_code, row.number, row.why, row.by) == (code, 1, FIRST, "TECH1")
    with kept.ledger.engine.connect() as conn:
        found = conn.exec_driver_sql("SELECT body FROM entry WHERE act = 'supplies.print_label' AND chain = 'supplies'").scalar_one()
    assert json.loads(bytes(found))["inputs"] == {"supply": code, "why": FIRST}
    assert f"Lin Yue printed the label of {shown(code)} : for the first time." in words(client.get("/history?act=supplies."))


@pytest.mark.parametrize("kind", KINDS)
def test_a_reprint_says_why_and_is_counted_and_the_code_stays(kept: Any, kind: str) -> None:
    client, code = signed_in(kept.ledger, "TECH1"), kept.told[kind]
    printed(client, code)
    without = printed(client, code)
    assert without.status_code == 409 and "It was printed once" in words(without) and "a reprint must say why" in words(without)
    assert [decoded(one) for one in pages(printed(client, code, "torn").content)] == [[code]]
    assert [(one.number, one.why) for one in rows(kept, SupplyPrinted)] == [(1, FIRST), (2, "torn")]
    assert "Printed 2 times, the last time by Lin Yue" in words(client.get(f"/supplies/{code}"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_paper_is_given_to_who_printed_it_for_two_minutes(kept: Any, kind: str) -> None:
    client, code = signed_in(kept.ledger, "TECH1"), kept.told[kind]
    pdf, before = f"/supplies/{code}.pdf", client.get(f"/supplies/{code}.pdf")
    assert before.status_code == 409 and "never printed" in words(before)
    made = printed(client, code)
    assert client.get(pdf).content == made.content and pdf in client.get(f"/supplies/{code}").text
    for person in ("TECH2", "QA1", "INSP1"):
        other = signed_in(kept.ledger, person)
        assert other.get(pdf).status_code == 409 and "nobody else is given its paper" in words(other.get(pdf))
        assert pdf not in other.get(f"/supplies/{code}").text
    kept.clock.advance(minutes=2)
    late = client.get(pdf)
    assert late.status_code == 409 and "it is given out once" in words(late) and "Print it again and say why" in words(late)


def test_no_paper_is_given_after_the_scan_back(kept: Any) -> None:
    client, code = signed_in(kept.ledger, "TECH1"), kept.told["lot"]
    printed(client, code)
    assert send(client, f"/supplies/{code}", {"supply": code}, f"/supplies/{code}/back").status_code == 303
    refused = client.get(f"/supplies/{code}.pdf")
    assert refused.status_code == 409 and "This was scanned back" in words(refused)


@pytest.mark.parametrize("kind", KINDS)
def test_a_label_is_scanned_back_by_its_code_alone_and_once_for_each_print(kept: Any, kind: str) -> None:
    ledger, code, client = kept.ledger, kept.told[kind], signed_in(kept.ledger, "TECH1")
    with pytest.raises(Refused, match="It was never printed"):
        do(ledger, "supplies.verify_label", {"supply": code})
    printed(client, code)
    assert "Scan the label back" in words(client.get(f"/scan?code={code}"))
    wrong = send(client, f"/supplies/{code}", {"supply": draw(code[0])}, f"/supplies/{code}/back")
    assert wrong.status_code == 409 and "This is not the label that was printed for it. Stop" in words(wrong)
    assert send(client, f"/supplies/{code}", {"supply": shown(code)}, f"/supplies/{code}/back").status_code == 303
    assert "Scanned back" in words(client.get(f"/supplies/{code}")) and "Scan the label back" not in words(client.get(f"/scan?code={code}"))
    with pytest.raises(Refused, match="scanned back already"):
        do(ledger, "supplies.verify_label", {"supply": code})
    printed(client, code, "torn")
    do(ledger, "supplies.verify_label", {"supply": code}, "TECH2")
    assert sorted(one.by for one in rows(kept, SupplyVerified)) == ["TECH1", "TECH2"]


@pytest.mark.parametrize("person", [one.person for one in CAST])
def test_labels_are_printed_by_whoever_reads_supplies_and_acts_at_all(kept: Any, person: str) -> None:
    roles, code = set(next(one.roles for one in CAST if one.person == person)), kept.told["lot"]
    may = not roles <= {"assessor", "courier", "randomiser", "inspector", "unmask"}
    for act in ("supplies.print_label", "supplies.verify_label"):
        if may:
            kept.ledger.do(act, {"supply": code}, by=by(person))
        else:
            with pytest.raises(NotAllowed, match="you are"):
                kept.ledger.do(act, {"supply": code}, by=by(person))
    seen = signed_in(kept.ledger, person).get(f"/supplies/{code}")
    assert seen.status_code == (403 if roles <= {"assessor", "courier", "randomiser"} else 200)
    assert ("Print the label" in words(seen)) is may


def test_only_a_lot_or_a_piece_of_equipment_has_such_a_label(kept: Any) -> None:
    client = signed_in(kept.ledger, "TECH1")
    for kind in "TEP":
        assert client.get(f"/supplies/{draw(kind)}").status_code == client.get(f"/supplies/{draw(kind)}.pdf").status_code == 404
    for kind in "TE":
        with pytest.raises(UnknownCode):
            do(kept.ledger, "supplies.print_label", {"supply": draw(kind)})
    with pytest.raises(Nonsense):
        do(kept.ledger, "supplies.print_label", {"supply": draw("P")})

"""The papers that carry a thing's own code: what is on a plate, a box and a badge, who may print them, again and why, and the scan back."""

import json
from typing import Any

import pytest

from backend.access.reads import live_badge
from backend.custody.models import Place, PlacePrinted, PlaceVerified
from backend.ledger import NotAllowed, Refused, UnknownCode
from labels.codes import draw, shown
from labels.copies import FIRST
from tests.custody import rig
from tests.labels.paper import decoded, pages, texts
from tests.people import CAST, PASSWORD, by, sign
from tests.visit import THERE, paper, send, signed_in, words


def printed(client: Any, place: str, kind: str = "plate", why: str = "") -> Any:
    """Press the button of a place that prints its plate or the label of its box, and open the PDF."""
    return paper(client, f"/places?under={place}", f"/places/{place}/{kind}", {"why": why} if why else {})


def told(here: Any, act: str, chain: str = "supplies") -> list[dict[str, Any]]:
    """What a chain says of every time this was done or refused."""
    with here.ledger.engine.connect() as conn:
        rows = conn.exec_driver_sql(f"SELECT body FROM entry WHERE act = '{act}' AND chain = '{chain}' ORDER BY seq")
        return [json.loads(bytes(one[0])) for one in rows]


def of_kind(here: Any, kind: str) -> str:
    code: str = rig.rows(here.ledger, Place, kind=kind)[0].code
    return code


# ---- plates ----


def test_a_plate_is_printed_by_an_act_with_its_row_its_entry_and_its_paper(built: Any) -> None:
    client, rack = signed_in(built.ledger, "TECH1"), of_kind(built, "rack")
    made = printed(client, rack)
    assert made.headers["content-type"] == "application/pdf"
    assert [decoded(one) for one in pages(made.content)] == [[rack]]
    (row,) = rig.rows(built.ledger, PlacePrinted)
    assert (row.place_code, row.paper, row.number, row.why, row.by) == (rack, "plate", 1, FIRST, "TECH1")
    (entry,) = told(built, "custody.print_place")
    assert (entry["by"], entry["inputs"], entry["result"]) == ("TECH1", {"place": rack, "why": FIRST}, row.code)
    assert f"Lin Yue printed the plate of {shown(rack)} : for the first time." in words(client.get("/history?act=custody."))


def test_a_reprint_of_a_plate_says_why_and_is_counted_and_its_code_stays(built: Any) -> None:
    client, rack = signed_in(built.ledger, "TECH1"), of_kind(built, "rack")
    printed(client, rack)
    without = printed(client, rack)
    assert without.status_code == 409 and "It was printed once" in words(without) and "by TECH1; a reprint must say why." in words(without)
    again = printed(client, rack, why="The first one froze off.")
    assert [decoded(one) for one in pages(again.content)] == [[rack]]
    assert [(one.number, one.why) for one in rig.rows(built.ledger, PlacePrinted)] == [(1, FIRST), (2, "The first one froze off.")]
    seen = words(client.get(f"/places?under={rack}"))
    assert "Printed 2 times, the last time by Lin Yue" in seen and "The first one froze off." in seen
    assert len(told(built, "custody.print_place")) == 3


def test_sending_the_form_of_a_plate_twice_prints_it_once(built: Any) -> None:
    client, rack = signed_in(built.ledger, "TECH1"), of_kind(built, "rack")
    for _ in range(2):
        answer = client.post(f"/places/{rack}/plate", data={"key": "once"}, headers={"referer": f"{THERE}/places?under={rack}"})
        assert answer.status_code == 303
    assert len(rig.rows(built.ledger, PlacePrinted)) == 1


@pytest.mark.parametrize("kind", ["plate", "box"])
def test_the_paper_of_a_place_is_given_to_who_printed_it_for_two_minutes(labelled: Any, kind: str) -> None:
    ledger, box = labelled.ledger, labelled.told.boxes.codes[0]
    rig.store(ledger, labelled.told.labels[:1], labelled.told.boxes.positions[0][:1])
    client, pdf = signed_in(ledger, "TECH1"), f"/places/{box}{'/box' if kind == 'box' else ''}.pdf"
    before = client.get(pdf)
    assert before.status_code == 409 and "It was never printed" in words(before)
    made = printed(client, box, kind)
    rig.store(ledger, labelled.told.labels[1:2], labelled.told.boxes.positions[0][1:2])
    assert client.get(pdf).content == made.content, "the same bytes, although the box holds another vial by now"
    assert pdf in client.get(f"/places?under={box}").text
    for person in ("TECH2", "QA1", "INSP1", "PHYS1"):
        other = signed_in(ledger, person)
        refused = other.get(pdf)
        assert refused.status_code == 409 and "TECH1 printed this, so nobody else is given its paper" in words(refused)
        assert pdf not in other.get(f"/places?under={box}").text
    labelled.clock.advance(minutes=2)
    late = client.get(pdf)
    assert late.status_code == 409 and "it is given out once" in words(late) and "Print it again and say why" in words(late)
    assert pdf not in client.get(f"/places?under={box}").text


def test_no_paper_of_a_plate_is_given_after_its_scan_back(built: Any) -> None:
    client, rack = signed_in(built.ledger, "TECH1"), of_kind(built, "rack")
    printed(client, rack)
    assert send(client, f"/places?under={rack}", {"place": rack}, f"/places/{rack}/back").status_code == 303
    refused = client.get(f"/places/{rack}.pdf")
    assert refused.status_code == 409 and "This was scanned back" in words(refused)


def test_a_plate_is_scanned_back_by_its_code_alone_and_once_for_each_print(built: Any) -> None:
    ledger, rack, tank = built.ledger, of_kind(built, "rack"), of_kind(built, "tank")
    client = signed_in(ledger, "TECH1")
    with pytest.raises(Refused, match="It was never printed"):
        ledger.do("custody.verify_place", {"place": rack}, by=by("TECH1"))
    assert "Scan the plate back" not in words(client.get(f"/scan?code={rack}"))
    printed(client, rack)
    printed(client, tank)
    page = f"/places?under={rack}"
    other = send(client, page, {"place": tank}, f"/places/{rack}/back")
    assert other.status_code == 409 and "This is not what was printed for this place. Stop" in words(other)
    assert "Scan the plate back" in words(client.get(f"/scan?code={rack}")) and "Scan it back" in words(client.get(page))
    assert send(client, page, {"place": f"]Q3{shown(rack)}"}, f"/places/{rack}/back").status_code == 303
    assert "Scanned back" in words(client.get(page)) and "Scan the plate back" not in words(client.get(f"/scan?code={rack}"))
    with pytest.raises(Refused, match="scanned back already"):
        ledger.do("custody.verify_place", {"place": rack}, by=by("TECH1"))
    printed(client, rack, why="worn out")
    ledger.do("custody.verify_place", {"place": rack}, by=by("TECH2"))
    first, second = (one.code for one in sorted(rig.rows(ledger, PlacePrinted, place_code=rack), key=lambda one: one.number))
    assert {(one.print_code, one.by) for one in rig.rows(ledger, PlaceVerified)} == {(first, "TECH1"), (second, "TECH2")}
    assert [one["inputs"] for one in told(built, "custody.verify_place") if not one["refused"]] == [{"place": rack}] * 2


@pytest.mark.parametrize("person", [one.person for one in CAST])
def test_plates_are_printed_by_whoever_has_to_do_with_places(built: Any, person: str) -> None:
    roles, rack = set(next(one.roles for one in CAST if one.person == person)), of_kind(built, "rack")
    may = not roles <= {"assessor", "courier", "randomiser", "inspector", "unmask"}
    if may:
        assert built.ledger.do("custody.print_place", {"place": rack}, by=by(person)).result
        built.ledger.do("custody.verify_place", {"place": rack}, by=by(person))
    for act in () if may else ("custody.print_place", "custody.verify_place"):
        with pytest.raises(NotAllowed, match="you are"):
            built.ledger.do(act, {"place": rack}, by=by(person))
    seen = signed_in(built.ledger, person).get(f"/places?under={rack}")
    assert ("Print the plate" in words(seen)) is may


def test_a_code_that_is_no_place_has_no_plate(built: Any) -> None:
    client = signed_in(built.ledger, "TECH1")
    assert client.get(f"/places/{draw('P')}.pdf").status_code == 404
    with pytest.raises(UnknownCode):
        built.ledger.do("custody.print_place", {"place": draw("P")}, by=by("TECH1"))


# ---- boxes ----


def test_the_label_of_a_box_says_whose_vials_are_in_it_and_how_many(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    box = made.boxes.codes[0]
    client = signed_in(ledger, "TECH1")
    empty = printed(client, box, "box")
    assert empty.status_code == 409 and "holds no vial" in words(empty)
    assert "Label of the box" not in words(client.get(f"/places?under={box}"))
    rig.store(ledger, made.labels[:2], made.boxes.positions[0][:2])
    assert "Label of the box" in words(client.get(f"/places?under={box}"))
    assert f"/places?under={box}#print-box" in client.get(f"/storage?box={box}").text
    sheet = printed(client, box, "box").content
    assert [decoded(one) for one in pages(sheet)] == [[box]]
    (said,) = texts(sheet)
    wanted = ("S08 · 2 vials", shown(made.coi), shown(box), "P2", "Filled 2026-03-02", "Use before 2026-09-02", "FOR AUTOLOGOUS USE ONLY")
    assert [one for one in wanted if one not in said] == []
    rig.store(ledger, made.labels[2:3], made.boxes.positions[0][2:3])
    assert "a reprint must say why" in words(printed(client, box, "box"))
    assert "S08 · 3 vials" in texts(printed(client, box, "box", "A vial came.").content)[0]


def test_the_label_of_a_box_stands_in_the_record_of_its_subject_alone(labelled: Any) -> None:
    """An administrator reads the common chains, and must not count vials there."""
    made, box = labelled.told, labelled.told.boxes.codes[0]
    rig.store(labelled.ledger, made.labels[:1], made.boxes.positions[0][:1])
    printed(signed_in(labelled.ledger, "TECH1"), box, "box")
    (row,) = rig.rows(labelled.ledger, PlacePrinted)
    assert (row.chain, row.paper, row.number) == (made.coi, "box", 1) and "vials=1" in row.values_text
    assert told(labelled, "custody.print_box_label") == []
    (entry,) = told(labelled, "custody.print_box_label", made.coi)
    assert set(entry["parts"]) == {made.coi} and entry["inputs"] == {"box": box, "subject": made.coi, "why": FIRST}


def test_the_label_of_a_box_is_of_the_subject_who_holds_it(labelled: Any) -> None:
    made, other = labelled.told, rig.make(labelled.ledger, "S04", 1)
    rig.store(labelled.ledger, made.labels[:1], made.boxes.positions[0][:1])
    with pytest.raises(Refused, match="does not hold vials of this subject"):
        labelled.ledger.do("custody.print_box_label", {"box": made.boxes.codes[0], "subject": other.coi}, by=by("TECH1"))
    assert rig.rows(labelled.ledger, PlacePrinted) == []


def test_a_box_has_its_plate_and_its_label_and_each_is_scanned_back(labelled: Any) -> None:
    made, ledger, box = labelled.told, labelled.ledger, labelled.told.boxes.codes[0]
    rig.store(ledger, made.labels[:1], made.boxes.positions[0][:1])
    client = signed_in(ledger, "TECH1")
    printed(client, box, "box")
    labelled.clock.advance(seconds=5)
    printed(client, box)
    order = []
    for _ in range(2):
        ledger.do("custody.verify_place", {"place": box}, by=by("TECH1"))
        done = {one.print_code for one in rig.rows(ledger, PlaceVerified)}
        order.append({one.paper for one in rig.rows(ledger, PlacePrinted) if one.code in done})
    assert order == [{"box"}, {"box", "plate"}]
    with pytest.raises(Refused, match="scanned back already"):
        ledger.do("custody.verify_place", {"place": box}, by=by("TECH1"))


def test_what_was_reactive_for_one_vial_is_on_the_box(built: Any) -> None:
    made, boxes = rig.labelled(built.ledger, "S08", 2), built.told
    given = {"coi": made.coi, "container": made.containers[0], "template": "cryovial"}
    built.ledger.do("custody.void_label", {"label": made.labels[0]}, by=by("TECH1"), reason="smeared")
    values = rig.DATES | {"subject_number": "S08", "reactive_for": "HBsAg", "passage": "P2"}
    (again,) = built.ledger.do("rig.label", given | {"values": values}, by=by("TECH1")).result
    rig.verify(built.ledger, rig.print_(built.ledger, [again]), [again])
    built.ledger.do("custody.apply_label", {"label": [again]}, by=by("TECH1"))
    rig.store(built.ledger, [again, made.labels[1]], boxes.positions[0][:2])
    (said,) = texts(printed(signed_in(built.ledger, "QA1"), boxes.codes[0], "box").content)
    assert "WARNING: Reactive test results for HBsAg" in said


def test_only_a_box_has_the_label_of_a_box(labelled: Any) -> None:
    client, rack = signed_in(labelled.ledger, "TECH1"), of_kind(labelled, "rack")
    assert "is a rack; only a box has this label" in words(printed(client, rack, "box"))
    assert client.get(f"/places/{draw('P')}/box.pdf").status_code == 404


@pytest.mark.parametrize("person", ["ADM1", "ASSE1", "COUR1", "RAND1"])
def test_p4_who_must_not_count_vials_prints_no_box(labelled: Any, person: str) -> None:
    made, box, unknown = labelled.told, labelled.told.boxes.codes[0], draw("P")
    rig.store(labelled.ledger, made.labels[:1], made.boxes.positions[0][:1])
    client = signed_in(labelled.ledger, person)
    for answers in ([client.get(f"/places/{code}/box.pdf") for code in (box, unknown)],
                    [client.post(f"/places/{code}/box") for code in (box, unknown)]):  # fmt: skip
        assert [one.status_code for one in answers] == [403, 403]
        assert words(answers[0]) == words(answers[1])
    with pytest.raises(NotAllowed):
        labelled.ledger.do("custody.print_box_label", {"box": box, "subject": made.coi}, by=by(person))
    assert "Label of the box" not in words(client.get(f"/places?under={box}"))


# ---- badges ----


def badge_of(here: Any, person: str) -> str:
    with here.ledger.read() as session:
        found = live_badge(session, person)
        assert found is not None
        return found.code


def test_an_administrator_prints_a_badge_that_signs_for_its_person(built: Any) -> None:
    sheet = paper(signed_in(built.ledger, "ADM1"), "/people/TECH2", "/people/TECH2/badge").content
    badge = badge_of(built, "TECH2")
    assert [decoded(one) for one in pages(sheet)] == [[badge]]
    for wanted in ("Zhou Ke", "technician", "TECH2", shown(badge), "Affiliated Hospital of Nantong University"):
        assert wanted in texts(sheet)[0]
    built.ledger.do("access.verify_badge", {"badge": badge}, by=by("ADM1"))
    made = rig.labelled(built.ledger, "S08", 1)
    given = {"container": made.labels, "position": built.told.positions[0][:1], "exposure_s": "40"}
    two = {"password": PASSWORD, "second_person": badge, "second_password": PASSWORD}
    assert send(signed_in(built.ledger, "TECH1"), "/storage/store", given | two).status_code == 303


def test_everybody_of_the_cast_has_a_badge_that_fits(built: Any) -> None:
    client = signed_in(built.ledger, "ADM1")
    pages_of = {one.person: paper(client, f"/people/{one.person}", f"/people/{one.person}/badge").content for one in CAST}
    assert [person for person, made in pages_of.items() if not made.startswith(b"%PDF")] == []


def test_a_badge_says_every_role_that_counted_when_it_was_printed(built: Any) -> None:
    client, ledger = signed_in(built.ledger, "ADM1"), built.ledger
    grant = ledger.do("access.grant", {"person": "TECH2", "role": "analyst"}, by=by("ADM1")).result
    first = paper(client, "/people/TECH2", "/people/TECH2/badge").content
    ledger.do("access.countersign", {"grant": grant}, by=by("QA1"), signatures=sign("QA1"))
    assert "analyst" not in texts(first)[0] and client.get("/people/TECH2/badge.pdf").content == first
    ledger.do("access.replace_badge", {"person": "TECH2"}, by=by("ADM1"), reason="another role")
    assert "analyst, technician" in texts(paper(client, "/people/TECH2", "/people/TECH2/badge").content)[0]


def test_who_is_nobody_or_nobody_yet_or_nobody_any_more_has_no_badge(built: Any) -> None:
    client, ledger = signed_in(built.ledger, "ADM1"), built.ledger
    ledger.do("access.add_person", {"person": "NEW1", "name": "New Person"}, by=by("ADM1"))
    ledger.do("access.leave", {"person": "TECH3"}, by=by("ADM1"), reason="moved away")
    assert client.get("/people/NOBODY/badge.pdf").status_code == client.post("/people/NOBODY/badge").status_code == 404
    assert "has no role that counts now" in words(paper(client, "/people/NEW1", "/people/NEW1/badge"))
    assert client.post("/people/TECH3/badge").status_code == 404

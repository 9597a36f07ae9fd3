"""The pages of custody over HTTP: one way through each, what comes back after a refusal, and who may not look."""

import re
from typing import Any

import pytest

from backend.custody.models import Label, Occupancy, Place
from labels.codes import draw
from tests.custody import rig
from tests.people import PASSWORD, by
from tests.visit import THERE, paper, send, signed_in, words
from tests.web.test_queries import statements

TWO = {"password": PASSWORD, "second_person": "TECH2", "second_password": PASSWORD}


def test_labels_go_from_request_to_container_on_their_pages(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 2)
    client = signed_in(built.ledger, "TECH1")
    page = send(client, "/labels", {"label": made.labels}).headers["location"]
    sheet = paper(client, page, f"{page}/paper")
    assert (sheet.status_code, sheet.headers["content-type"]) == (200, "application/pdf")
    for label in made.labels:
        assert send(client, page, {"label": label}).status_code == 303
    for label in made.labels:
        key = re.findall(r'name="key" value="([^"]*-on)"', client.get(page).text)[0]
        answer = client.post(page + "/applied", data={"key": key, "label": label}, headers={"referer": THERE + page})
        assert answer.status_code == 303
    seen = words(client.get(page))
    assert "Balanced, difference 0" in seen and "2 printed = 2 applied" in seen
    assert client.get(page + ".pdf").status_code == 409
    assert "Balanced, difference 0" in words(client.get("/labels"))


def test_a_label_of_another_print_comes_back_with_its_sentence(built: Any) -> None:
    one, other = rig.make(built.ledger, "S08", 1), rig.make(built.ledger, "S04", 1)
    job = rig.print_(built.ledger, one.labels)
    rig.print_(built.ledger, other.labels)
    answer = send(signed_in(built.ledger, "TECH1"), f"/labels/{job}", {"label": other.labels[0]})
    assert answer.status_code == 409
    assert "This label is not of this print. Stop" in words(answer)


def test_the_labels_of_a_batch_add_up_over_all_its_prints(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 3)
    client = signed_in(built.ledger, "QA1")
    for label in made.labels[:2]:
        job = rig.print_(built.ledger, [label])
        rig.verify(built.ledger, job, [label])
    page = f"/labels/of-batch/{made.batch}"
    assert page in client.get(f"/labels/{job}").text
    assert "2 printed ≠ 0 applied" in words(client.get(page)) and "Difference 2; it must be 0" in words(client.get(page))
    built.ledger.do("custody.apply_label", {"label": made.labels[:2]}, by=by("TECH1"))
    assert "2 printed = 2 applied" in words(client.get(page)) and "Balanced, difference 0" in words(client.get(page))


def test_a_batch_of_another_kind_of_code_is_no_print(built: Any) -> None:
    client = signed_in(built.ledger, "TECH1")
    for page in (f"/labels/{draw('K')}", f"/labels/{draw('K')}.pdf", f"/containers/{draw('C')}", f"/places?under={draw('P')}"):
        assert client.get(page).status_code == 404, page


def test_two_people_store_vials_and_the_box_shows_them(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    client = signed_in(ledger, "TECH1")
    page = f"/storage/store?container={made.containers[0]}"
    assert "Vial 1" in words(client.get(page))
    pairs = {"container": made.labels[:2], "position": made.boxes.positions[0][:2], "exposure_s": "40"}
    stored = send(client, page, pairs | TWO)
    assert stored.status_code == 303
    seen = client.get(stored.headers["location"])
    assert "A1: Vial 1, quarantine" in words(seen) and "S08" in words(seen) and "79 of 81 positions are free" in words(seen)
    one = {"container": made.labels[:1], "position": made.boxes.positions[0][:1], "exposure_s": "20"}
    picked = send(client, f"/storage/pick?container={made.containers[0]}", one | TWO)
    assert picked.status_code == 409 and "A reason is needed" in words(picked)
    assert send(client, "/storage/pick", one | TWO | {"reason": "thaw test"}).status_code == 303
    assert "Out of the cold, in all 60 s" in words(client.get(f"/containers/{made.containers[0]}"))


def test_nothing_that_was_scanned_is_lost_when_storing_is_refused(labelled: Any) -> None:
    made = labelled.told
    pairs = {"container": made.labels[:2], "position": made.boxes.positions[0][:1] * 2, "exposure_s": "41"}
    answer = send(signed_in(labelled.ledger, "TECH1"), "/storage/store", pairs | TWO)
    assert answer.status_code == 409 and "was scanned twice" in words(answer)
    for typed in (*made.labels[:2], made.boxes.positions[0][0], "41"):
        assert f'value="{typed}"' in answer.text
    assert PASSWORD not in answer.text
    assert rig.rows(labelled.ledger, Occupancy) == []


def test_a_wrong_kind_of_code_is_said_before_anything_is_recorded(labelled: Any) -> None:
    made = labelled.told
    pairs = {"container": made.boxes.positions[0][:1], "position": made.labels[:1], "exposure_s": "41"}
    answer = send(signed_in(labelled.ledger, "TECH1"), "/storage/store", pairs | TWO)
    assert answer.status_code == 422 and "This is a place label" in words(answer)


def test_an_empty_box_is_nobodys_and_all_its_positions_are_free(labelled: Any) -> None:
    box = labelled.told.boxes.codes[0]
    client = signed_in(labelled.ledger, "TECH1")
    seen = words(client.get(f"/storage?box={box}"))
    assert "Nobody’s" in seen and "81 of 81 positions are free" in seen
    assert "A1, A2, A3" in words(client.get(f"/storage/store?box={box}"))
    assert client.get(f"/storage/store?container={draw('C')}").status_code == 200
    assert "Site" in words(client.get("/places"))


def test_a_box_is_added_with_its_positions_and_its_plate_prints(built: Any) -> None:
    rack = rig.rows(built.ledger, Place, kind="rack")[0].code
    client = signed_in(built.ledger, "QA1")
    assert send(client, f"/places?under={rack}", {"parent": rack, "kind": "box", "name": "Box 7"}).status_code == 303
    box = rig.rows(built.ledger, Place, name="Box 7")[0].code
    assert "81" in words(client.get(f"/places?under={rack}"))
    assert paper(client, f"/places?under={box}", f"/places/{box}/plate").content.startswith(b"%PDF")
    again = send(client, f"/places?under={rack}", {"parent": rack, "kind": "box", "name": "Box 7"})
    assert again.status_code == 409 and "of this name here already" in words(again)


def test_a_container_shows_its_kin_and_what_happened_to_it(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    pool = ledger.do("rig.pool", {"parent": made.labels[:2], "volume_ml": "2.0", "cells": "30000000"}, by=by("TECH1")).result
    client = signed_in(ledger, "TECH1")
    seen = words(client.get(f"/containers/{pool}"))
    assert "Vial 1" in seen and "Vial 2" in seen and "2.0 mL" in seen
    seen = words(client.get(f"/containers/{made.containers[0]}"))
    assert "scanned back by Zhou Ke" in seen and "Pool" in seen and "Store vials" in seen


def test_what_is_overdue_is_loud(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 1, kind="bag")
    given = {"to": "Cell laboratory", "condition": "intact", "temperature_c": "20", "container": made.containers}
    built.ledger.do("custody.hand_over", given, by=by("NURS1"))
    assert "Within 30 min" in words(signed_in(built.ledger, "COUR1").get("/hand-overs"))
    built.clock.advance(minutes=31)
    seen = words(signed_in(built.ledger, "COUR1").get("/hand-overs"))
    assert "1 container is overdue." in seen and "Bag 1" in seen


@pytest.mark.parametrize(("person", "page", "status"), [
    ("ASSE1", "/storage", 403), ("ASSE1", "/labels", 403), ("COUR1", "/storage", 403), ("RAND1", "/storage", 403), ("ADM1", "/labels", 403),
    ("ASSE1", "/hand-overs", 403), ("ADM1", "/storage", 200), ("INSP1", "/labels", 200), ("INSP1", "/storage/store", 403),
])  # fmt: skip
def test_who_must_not_count_vials_sees_none(labelled: Any, person: str, page: str, status: int) -> None:
    assert signed_in(labelled.ledger, person).get(page).status_code == status


def test_an_administrator_sees_places_and_no_subject(labelled: Any) -> None:
    made = labelled.told
    rig.store(labelled.ledger, made.labels[:1], made.boxes.positions[0][:1])
    seen = signed_in(labelled.ledger, "ADM1").get(f"/storage?box={made.boxes.codes[0]}")
    assert "Box 1" in words(seen) and "S08" not in seen.text and made.coi not in seen.text and "1 vial" not in words(seen)


def test_a_name_full_of_markup_is_shown_as_it_is(built: Any) -> None:
    room = rig.rows(built.ledger, Place, kind="room")[0].code
    client = signed_in(built.ledger, "QA1")
    assert send(client, f"/places?under={room}", {"parent": room, "kind": "bench", "name": "<script>x</script>"}).status_code == 303
    assert "<script>x" not in client.get(f"/places?under={room}").text
    assert rig.rows(built.ledger, Label) == []


def test_what_is_on_its_way_is_paged_and_what_is_late_is_counted_over_all_pages(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 27, kind="bag")
    given = {"to": "Cell laboratory", "condition": "intact", "temperature_c": "20", "container": made.containers}
    built.ledger.do("custody.hand_over", given, by=by("NURS1"))
    built.clock.advance(minutes=31)
    client = signed_in(built.ledger, "TECH1")
    first, second = client.get("/hand-overs"), client.get("/hand-overs?page=2")
    assert (first.text.count('href="/containers/'), second.text.count('href="/containers/')) == (25, 2)
    assert "27 containers are overdue." in words(first) and "27 containers are overdue." in words(second)
    assert 'href="/hand-overs?page=2"' in first.text and "page=3" not in second.text
    assert "Nothing is on its way." in words(client.get("/hand-overs?page=3"))


def test_what_is_to_be_printed_is_paged_apart_from_the_prints(built: Any) -> None:
    for n in range(26):
        rig.make(built.ledger, f"S{n:02}", 1)
    client = signed_in(built.ledger, "TECH1")
    first, second = client.get("/labels"), client.get("/labels?todo=2")
    assert (first.text.count("asked for"), second.text.count("asked for")) == (25, 1)
    assert "To be printed 26" in words(first) and "To be printed 26" in words(second)
    assert 'href="/labels?todo=2"' in first.text and "page=2" not in first.text
    assert "Every label that was asked for is printed." not in words(client.get("/labels?todo=3"))


def test_the_tree_of_tanks_is_paged_and_opens_where_the_box_is(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    room = rig.rows(ledger, Place, kind="tank")[0].parent_code
    for n in range(4):
        tank = ledger.do("custody.add_place", {"kind": "tank", "name": f"Tank 0{n}", "parent": room}, by=by("QA1")).result
        ledger.do("custody.add_place", {"kind": "rack", "name": "R1", "parent": tank, "zone": "quarantine"}, by=by("QA1"))
    client = signed_in(ledger, "TECH1")
    first, second = client.get("/storage?page=1"), client.get("/storage?page=2")
    assert "Tank 03" in words(first) and "Tank 1" not in words(first) and 'href="/storage?page=2"' in first.text
    assert "Tank 1" in words(second) and "Tank 2" in words(second) and "Tank 03" not in words(second)
    rig.store(ledger, made.labels[:1], made.boxes.positions[1][:1])
    asked = client.get(f"/storage?box={made.boxes.codes[1]}")
    assert "Page 2" in words(asked) and f'href="/storage?box={made.boxes.codes[1]}&amp;page=1"' in asked.text
    assert "S08 1 vial" in words(asked)
    assert "Page 2" in words(client.get("/storage")), "the boxes of whoever has any are beside the tree"
    assert "No tank stands yet." not in words(client.get("/storage?page=1"))


def test_the_prints_of_a_batch_are_paged(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 26)
    for label in made.labels:
        rig.print_(built.ledger, [label])
    client, page = signed_in(built.ledger, "QA1"), f"/labels/of-batch/{made.batch}"
    first, second = client.get(page), client.get(f"{page}?page=2")
    assert (first.text.count('href="/labels/K'), second.text.count('href="/labels/K')) == (25, 1)
    assert "26 printed" in words(first) and "26 printed" in words(second)
    assert f'href="{page}?page=2"' in first.text and "page=3" not in second.text


def test_a_print_and_a_box_are_read_in_one_go_however_many_there_are(labelled: Any) -> None:
    ledger, boxes = labelled.ledger, labelled.told.boxes
    few, many = rig.make(ledger, "S04", 1), rig.make(ledger, "S05", 12)
    client = signed_in(ledger, "TECH1")
    one, twelve = (rig.print_(ledger, made.labels) for made in (few, many))
    client.get(f"/labels/{one}")
    assert statements(ledger, client, f"/labels/{one}") == statements(ledger, client, f"/labels/{twelve}")
    for job, made, box in ((one, few, 0), (twelve, many, 1)):
        rig.verify(ledger, job, made.labels)
        ledger.do("custody.apply_label", {"label": made.labels}, by=by("TECH1"))
        rig.store(ledger, made.labels, boxes.positions[box][: len(made.labels)])
    asked = [statements(ledger, client, f"/storage?box={code}") for code in boxes.codes[:2]]
    assert asked[0] == asked[1]

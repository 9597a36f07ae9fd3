"""The papers that carry a thing's own code: what is on a box and on a badge, that it scans back as itself, and who may print it."""

from typing import Any

import pytest

from backend.access.models import Person
from backend.custody.models import Place
from labels.codes import draw, shown
from tests.custody import rig
from tests.labels.paper import decoded, pages, texts
from tests.people import CAST, PASSWORD, by, sign
from tests.visit import send, signed_in, words


def test_the_label_of_a_box_says_whose_vials_are_in_it_and_how_many(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    box = made.boxes.codes[0]
    client = signed_in(ledger, "TECH1")
    empty = client.get(f"/places/{box}/box.pdf")
    assert empty.status_code == 409 and "holds no vial" in words(empty)
    assert "box.pdf" not in client.get(f"/places?under={box}").text
    rig.store(ledger, made.labels[:2], made.boxes.positions[0][:2])
    assert f"/places/{box}/box.pdf" in client.get(f"/places?under={box}").text
    assert f"/places/{box}/box.pdf" in client.get(f"/storage?box={box}").text
    paper = client.get(f"/places/{box}/box.pdf").content
    assert [decoded(one) for one in pages(paper)] == [[box]]
    (said,) = texts(paper)
    wanted = ("S08 · 2 vials", shown(made.coi), shown(box), "P2", "Filled 2026-03-02", "Use before 2026-09-02", "FOR AUTOLOGOUS USE ONLY")
    assert [one for one in wanted if one not in said] == []
    rig.store(ledger, made.labels[2:3], made.boxes.positions[0][2:3])
    assert "S08 · 3 vials" in texts(client.get(f"/places/{box}/box.pdf").content)[0]


def test_what_was_reactive_for_one_vial_is_on_the_box(built: Any) -> None:
    made, boxes = rig.labelled(built.ledger, "S08", 2), built.told
    given = {"coi": made.coi, "container": made.containers[0], "template": "cryovial"}
    built.ledger.do("custody.void_label", {"label": made.labels[0]}, by=by("TECH1"), reason="smeared")
    values = rig.DATES | {"subject_number": "S08", "reactive_for": "HBsAg", "passage": "P2"}
    (again,) = built.ledger.do("rig.label", given | {"values": values}, by=by("TECH1")).result
    rig.verify(built.ledger, rig.print_(built.ledger, [again]), [again])
    built.ledger.do("custody.apply_label", {"label": [again]}, by=by("TECH1"))
    rig.store(built.ledger, [again, made.labels[1]], boxes.positions[0][:2])
    (said,) = texts(signed_in(built.ledger, "QA1").get(f"/places/{boxes.codes[0]}/box.pdf").content)
    assert "WARNING: Reactive test results for HBsAg" in said


def test_only_a_box_has_the_label_of_a_box(labelled: Any) -> None:
    client = signed_in(labelled.ledger, "TECH1")
    rack = rig.rows(labelled.ledger, Place, kind="rack")[0].code
    assert "is a rack; only a box has this label" in words(client.get(f"/places/{rack}/box.pdf"))
    assert client.get(f"/places/{draw('P')}/box.pdf").status_code == 404


@pytest.mark.parametrize("person", ["ADM1", "ASSE1", "COUR1", "RAND1"])
def test_p4_who_must_not_count_vials_prints_no_box(labelled: Any, person: str) -> None:
    client, box = signed_in(labelled.ledger, person), labelled.told.boxes.codes[0]
    known, unknown = client.get(f"/places/{box}/box.pdf"), client.get(f"/places/{draw('P')}/box.pdf")
    assert known.status_code == unknown.status_code == 403
    assert words(known) == words(unknown)
    if person == "ADM1":
        assert "box.pdf" not in client.get(f"/places?under={box}").text


def test_an_administrator_prints_a_badge_that_signs_for_its_person(built: Any) -> None:
    client = signed_in(built.ledger, "ADM1")
    assert "/people/TECH2/badge.pdf" in client.get("/people/TECH2").text
    paper = client.get("/people/TECH2/badge.pdf").content
    badge = rig.rows(built.ledger, Person, code="TECH2")[0].badge
    assert [decoded(one) for one in pages(paper)] == [[badge]]
    for wanted in ("Zhou Ke", "technician", "TECH2", shown(badge), "Affiliated Hospital of Nantong University"):
        assert wanted in texts(paper)[0]
    made = rig.labelled(built.ledger, "S08", 1)
    given = {"container": made.labels, "position": built.told.positions[0][:1], "exposure_s": "40"}
    two = {"password": PASSWORD, "second_person": badge, "second_password": PASSWORD}
    assert send(signed_in(built.ledger, "TECH1"), "/storage/store", given | two).status_code == 303


def test_everybody_of_the_cast_has_a_badge_that_fits(built: Any) -> None:
    client = signed_in(built.ledger, "ADM1")
    assert [one.person for one in CAST if not client.get(f"/people/{one.person}/badge.pdf").content.startswith(b"%PDF")] == []


def test_a_badge_says_every_role_that_counts_now(built: Any) -> None:
    client, ledger = signed_in(built.ledger, "ADM1"), built.ledger
    grant = ledger.do("access.grant", {"person": "TECH2", "role": "analyst"}, by=by("ADM1")).result
    assert "analyst" not in texts(client.get("/people/TECH2/badge.pdf").content)[0]
    ledger.do("access.countersign", {"grant": grant}, by=by("QA1"), signatures=sign("QA1"))
    assert "analyst, technician" in texts(client.get("/people/TECH2/badge.pdf").content)[0]


def test_who_is_nobody_or_nobody_yet_or_nobody_any_more_has_no_badge(built: Any) -> None:
    client, ledger = signed_in(built.ledger, "ADM1"), built.ledger
    ledger.do("access.add_person", {"person": "NEW1", "name": "New Person"}, by=by("ADM1"))
    ledger.do("access.leave", {"person": "TECH3"}, by=by("ADM1"), reason="moved away")
    assert client.get("/people/NOBODY/badge.pdf").status_code == 404
    assert "has no role that counts now" in words(client.get("/people/NEW1/badge.pdf"))
    assert "no longer works here" in words(client.get("/people/TECH3/badge.pdf"))
    assert "badge.pdf" not in client.get("/people/TECH3").text


@pytest.mark.parametrize("person", ["TECH1", "QA1", "INSP1"])
def test_nobody_but_an_administrator_prints_a_badge(built: Any, person: str) -> None:
    client = signed_in(built.ledger, person)
    assert client.get("/people/TECH2/badge.pdf").status_code == 403
    assert "badge.pdf" not in client.get("/people/TECH2").text

"""Custody through its acts, on both engines: every row with its entry, every refusal with its sentence."""

import json
from decimal import Decimal
from typing import Any

import pytest

from backend.custody.models import Amount, BoxClaim, ContainerParent, Exposed, HandedOver, Label, LabelApplied, LabelPrinted, Occupancy
from backend.custody.models import Print as PrintRow
from backend.custody.reads import (
    amount_of,
    awaited,
    container_of,
    exposed_seconds,
    family,
    print_pdf,
    print_view,
    reconciliation,
    subject_number,
    tanks_of,
    usable,
    whereabouts,
)
from backend.ledger import Ledger, Nonsense, NotAllowed, Refused, UnknownCode
from labels.codes import draw
from tests.custody import rig
from tests.people import by, sign
from tests.visit import SETTINGS

BOX = "Cell laboratory · Building 3 · Cryo room · Tank 1 · Rack R1 · Box 1"


def last(ledger: Ledger, chain: str) -> Any:
    """The newest entry of a chain."""
    with ledger.engine.connect() as conn:
        query = "SELECT body FROM entry WHERE chain = '" + chain + "' ORDER BY seq DESC LIMIT 1"
        return json.loads(conn.exec_driver_sql(query).scalar_one())


# ---- containers ----


def test_a_pool_has_every_parent_and_what_is_in_it(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 3, kind="flask")
    pool = built.ledger.do(
        "rig.pool", {"parent": made.containers, "volume_ml": "30.0", "cells": "2.2E+8"} | {"cells": "220000000"}, by=by("TECH1")
    )
    with built.ledger.read() as session:
        up, down = family(session, pool.result)
        amount = amount_of(session, pool.result)
        assert (sorted(up), down) == (sorted(made.containers), [])
        assert family(session, made.containers[0])[1] == [pool.result]
        assert amount and (amount.volume_ml, amount.cells) == (Decimal("30.0"), Decimal(220000000))
    tables = [change["table"] for change in last(built.ledger, made.coi)["changes"]]
    assert tables.count("container_parent") == 3


def test_cells_of_two_subjects_are_never_mixed(built: Any) -> None:
    one, other = rig.make(built.ledger, "S08", 1), rig.make(built.ledger, "S04", 1)
    with pytest.raises(Refused, match=r"Cells of two subjects are never mixed\."):
        built.ledger.do("rig.pool", {"parent": [one.containers[0], other.containers[0]]}, by=by("TECH1"))
    assert rig.rows(built.ledger, ContainerParent) == []
    assert last(built.ledger, one.coi)["refused"] and last(built.ledger, other.coi)["refused"]


def test_the_database_itself_mixes_no_two_subjects(built: Any) -> None:
    """Written by SQL behind the program: the reference names the CoI of both, and they differ."""
    from sqlalchemy.exc import IntegrityError

    one, other = rig.make(built.ledger, "S08", 1), rig.make(built.ledger, "S04", 1)
    mixed = f"('{one.containers[0]}', '{other.containers[0]}', '{one.coi}', 1)"
    with pytest.raises(IntegrityError), built.ledger.engine.begin() as conn:
        conn.exec_driver_sql("INSERT INTO container_parent (child, parent, chain, version) VALUES " + mixed)


def test_a_parent_put_in_by_sql_is_found(built: Any) -> None:
    from backend.ledger.verify import verify

    made = rig.make(built.ledger, "S08", 2)
    row = f"('{made.containers[0]}', '{made.containers[1]}', '{made.coi}', 1)"
    with built.ledger.engine.begin() as conn:
        conn.exec_driver_sql("INSERT INTO container_parent (child, parent, chain, version) VALUES " + row)
    built.tampered = True
    assert any("container_parent" in str(fault) for fault in verify(built.ledger.engine))


def test_nothing_is_made_of_what_is_used_up(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 1)
    built.ledger.do("rig.use_up", {"container": made.containers[0]}, by=by("TECH1"))
    with pytest.raises(Refused, match="Vial 1 is used up since"):
        built.ledger.do("rig.pool", {"parent": made.containers}, by=by("TECH1"))
    with pytest.raises(Refused, match="used up"):
        built.ledger.do("rig.use_up", {"container": made.containers[0]}, by=by("TECH1"))


def test_the_newest_amount_counts_and_the_first_stays(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 1)
    for volume in ("1.0", "0.9"):
        built.ledger.do("rig.measure", {"container": made.containers[0], "volume_ml": volume, "cells": "15000000"}, by=by("TECH1"))
    with built.ledger.read() as session:
        amount = amount_of(session, made.containers[0])
    assert amount and amount.volume_ml == Decimal("0.9")
    assert len(rig.rows(built.ledger, Amount)) == 2


# ---- labels ----


def test_a_label_lives_from_request_to_container(built: Any) -> None:
    made = rig.labelled(built.ledger, "S08", 2, 1)
    with built.ledger.read() as session:
        seen = print_view(built.ledger, session, made.print, SETTINGS.zone)
        assert container_of(session, made.labels[0]).code == made.containers[0]
        assert subject_number(session, made.coi) == "S08"
    assert [one.state for one in seen.labels] == ["applied", "applied", "printed"]
    assert (seen.printed, seen.ended, seen.difference) == (3, {"applied": 2, "specimen": 0, "void": 0, "destroyed": 0}, 1)


def test_a_print_balances_once_every_label_has_ended_somewhere(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 3, 2)
    job = rig.print_(built.ledger, made.labels)
    rig.verify(built.ledger, job, made.labels[:3])
    built.ledger.do("custody.apply_label", {"label": made.labels[:2]}, by=by("TECH1"))
    built.ledger.do("custody.void_label", {"label": made.labels[2]}, by=by("TECH1"), reason="smeared")
    built.ledger.do("custody.keep_specimen", {"label": made.labels[3], "where": "Batch record, page 31"}, by=by("TECH1"))
    built.ledger.do("custody.destroy_label", {"label": [made.labels[4]]}, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="spare")
    with built.ledger.read() as session:
        seen = print_view(built.ledger, session, job, SETTINGS.zone)
        assert reconciliation(session, made.coi) == (0, {"applied": 0, "specimen": 0, "void": 0, "destroyed": 0}, 0)
    assert (seen.printed, seen.ended, seen.difference) == (5, {"applied": 2, "specimen": 1, "void": 1, "destroyed": 1}, 0)


@pytest.mark.parametrize(("ending", "said"), [
    ("custody.void_label", "is void since"), ("custody.destroy_label", "was destroyed since"),
    ("custody.keep_specimen", "is a specimen for the record since"),
])  # fmt: skip
def test_a_label_that_has_ended_stops_the_scan_and_says_how(built: Any, ending: str, said: str) -> None:
    made = rig.make(built.ledger, "S08", 1)
    rig.verify(built.ledger, rig.print_(built.ledger, made.labels), made.labels)
    many = [made.labels[0]] if ending == "custody.destroy_label" else made.labels[0]
    more = {"where": "page 31"} if ending == "custody.keep_specimen" else {}
    signed = sign("TECH1", "TECH2") if ending == "custody.destroy_label" else ()
    built.ledger.do(ending, {"label": many} | more, by=by("TECH1"), signatures=signed, reason="wrinkled")
    with built.ledger.read() as session, pytest.raises(Refused, match=said):
        container_of(session, made.labels[0])


def test_a_label_stops_the_scan_until_it_was_printed_and_scanned_back(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 1)
    with built.ledger.read() as session, pytest.raises(Refused, match="never printed"):
        container_of(session, made.labels[0])
    job = rig.print_(built.ledger, made.labels)
    with built.ledger.read() as session, pytest.raises(Refused, match="never scanned back"):
        container_of(session, made.labels[0])
    with pytest.raises(Refused, match="never scanned back"):
        built.ledger.do("custody.apply_label", {"label": made.labels}, by=by("TECH1"))
    rig.verify(built.ledger, job, made.labels)
    with built.ledger.read() as session:
        assert container_of(session, made.labels[0]).code == made.containers[0]


def test_a_spare_label_stands_for_no_container(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 1, 1)
    rig.verify(built.ledger, rig.print_(built.ledger, made.labels), made.labels)
    with pytest.raises(Refused, match="belongs to no container"):
        built.ledger.do("custody.apply_label", {"label": [made.labels[1]]}, by=by("TECH1"))


def test_a_code_that_is_nobodys_is_unknown(built: Any) -> None:  # decision C4
    with built.ledger.read() as session:
        for kind in ("C", "L"):
            with pytest.raises(UnknownCode):
                container_of(session, draw(kind))


def test_a_reprint_voids_the_old_label_at_once_and_keeps_its_words(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    given = {"label": made.labels[0]}
    new = ledger.do("custody.reprint_label", given, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="does not scan").result
    old, fresh = rig.rows(ledger, Label, code=made.labels[0])[0], rig.rows(ledger, Label, code=new)[0]
    assert (old.ended_how, old.ended_why) == ("void", "Replaced: does not scan")
    assert (fresh.of_code, fresh.replaces, fresh.values_text) == (made.containers[0], old.code, old.values_text)
    with ledger.read() as session, pytest.raises(Refused, match=r"is void .* Replaced: does not scan"):
        container_of(session, made.labels[0])
    rig.verify(ledger, rig.print_(ledger, [new]), [new])
    with ledger.read() as session:
        assert container_of(session, new).code == made.containers[0]


def test_a_reprint_needs_a_second_person_and_a_reason(labelled: Any) -> None:
    given = {"label": labelled.told.labels[0]}
    with pytest.raises(Refused, match="1 of 2 signatures"):
        labelled.ledger.do("custody.reprint_label", given, by=by("TECH1"), signatures=sign("TECH1"), reason="smeared")
    with pytest.raises(Refused, match="A reason is needed"):
        labelled.ledger.do("custody.reprint_label", given, by=by("TECH1"), signatures=sign("TECH1", "TECH2"))


def test_a_label_that_was_never_printed_is_not_printed_again(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 1)
    with pytest.raises(Refused, match="never printed"):
        built.ledger.do(
            "custody.reprint_label", {"label": made.labels[0]}, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="smeared"
        )


def test_a_label_is_printed_once(labelled: Any) -> None:
    with pytest.raises(Refused, match="has been printed already"):
        rig.print_(labelled.ledger, labelled.told.labels[:1])


def test_sending_a_print_again_prints_no_second_time(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 2)
    first, again = (built.ledger.do("custody.print_labels", {"label": made.labels}, by=by("TECH1"), key="once").result for _ in range(2))
    assert first == again
    assert len(rig.rows(built.ledger, PrintRow)) == 1
    assert len(rig.rows(built.ledger, LabelPrinted)) == 2


def test_labels_of_two_subjects_are_never_on_one_print(built: Any) -> None:
    one, other = rig.make(built.ledger, "S08", 1), rig.make(built.ledger, "S04", 1)
    with pytest.raises(Refused, match="never on one print"):
        rig.print_(built.ledger, one.labels + other.labels)


def test_labels_of_two_papers_are_never_on_one_print(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 1)
    pool = built.ledger.do("rig.pool", {"parent": made.containers}, by=by("TECH1")).result
    values = rig.DATES | {"subject_number": "S08"}
    big = built.ledger.do("rig.label", {"container": pool, "template": "container", "values": values}, by=by("TECH1")).result
    with pytest.raises(Refused, match="one print is on one paper"):
        rig.print_(built.ledger, made.labels + big)


def test_a_void_label_is_not_printed(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 1)
    built.ledger.do("custody.void_label", {"label": made.labels[0]}, by=by("TECH1"), reason="not filled")
    with pytest.raises(Refused, match="has ended: not filled"):
        rig.print_(built.ledger, made.labels)


def test_a_sheet_that_there_is_not_is_refused(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 1)
    with pytest.raises(Refused, match="“a5-9” is no sheet of labels"):
        built.ledger.do("custody.print_labels", {"label": made.labels, "sheet": "a5-9"}, by=by("TECH1"))


def test_a_label_of_another_print_is_refused_at_the_scan_back(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 2)
    job = rig.print_(built.ledger, made.labels[:1])
    rig.print_(built.ledger, made.labels[1:])
    with pytest.raises(Refused, match="not of this print"):
        built.ledger.do("custody.verify_label", {"print_code": job, "label": made.labels[1]}, by=by("TECH2"))


def test_a_label_is_scanned_back_once(labelled: Any) -> None:
    with pytest.raises(Refused, match="scanned back already"):
        rig.verify(labelled.ledger, labelled.told.print, labelled.told.labels[:1])


def test_a_void_label_is_not_scanned_back(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 1)
    job = rig.print_(built.ledger, made.labels)
    built.ledger.do("custody.void_label", {"label": made.labels[0]}, by=by("TECH1"), reason="smeared")
    with pytest.raises(Refused, match="is void"):
        rig.verify(built.ledger, job, made.labels)


def test_a_label_goes_on_once(labelled: Any) -> None:
    with pytest.raises(Refused, match="on its container already"):
        labelled.ledger.do("custody.apply_label", {"label": labelled.told.labels[:1]}, by=by("TECH1"))
    assert len(rig.rows(labelled.ledger, LabelApplied)) == 3


def test_a_label_on_its_container_is_neither_destroyed_nor_a_specimen(labelled: Any) -> None:
    label = labelled.told.labels[0]
    with pytest.raises(Refused, match="cannot be destroyed"):
        labelled.ledger.do("custody.destroy_label", {"label": [label]}, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="spare")
    with pytest.raises(Refused, match="cannot be kept as a specimen"):
        labelled.ledger.do("custody.keep_specimen", {"label": label, "where": "page 31"}, by=by("TECH1"))


def test_a_label_ends_once(labelled: Any) -> None:
    label = labelled.told.labels[3]
    labelled.ledger.do("custody.void_label", {"label": label}, by=by("TECH1"), reason="smeared")
    with pytest.raises(Refused, match="is void already: smeared"):
        labelled.ledger.do("custody.void_label", {"label": label}, by=by("TECH1"), reason="again")


def test_a_container_has_one_live_label(labelled: Any) -> None:
    given = {"container": labelled.told.containers[0], "template": "cryovial", "values": rig.DATES | {"subject_number": "S08"}}
    with pytest.raises(Refused, match="has a label already; a reprint replaces it"):
        labelled.ledger.do("rig.label", given, by=by("TECH1"))
    labelled.ledger.do("rig.void", {"container": labelled.told.containers[0]}, by=by("TECH1"))
    assert labelled.ledger.do("rig.label", given, by=by("TECH1")).result


@pytest.mark.parametrize(("template", "values", "said"), [
    ("cryovial", {"subject_number": "S08", "expires_on": "2026-09-02"}, "Filled on: There is no value"),
    ("cryovial", {"filled_on": "2026-03-02", "expires_on": "2026-09-02", "subject_number": "S" + "8" * 60}, "Subject number: "),
    ("cryovial", {"filled_on": "2026-03-02", "expires_on": "2026-09-02", "subject_number": "骨"}, "Subject number: "),
    ("sticker", {}, "has no label “sticker”; it has collection"),
])  # fmt: skip
def test_what_cannot_be_printed_whole_is_refused_by_its_field(built: Any, template: str, values: dict[str, str], said: str) -> None:
    made = rig.make(built.ledger, "S08", 1)
    pool = built.ledger.do("rig.pool", {"parent": made.containers}, by=by("TECH1")).result
    given = {"container": pool, "template": template, "values": values | ({"passage": "P2"} if values else {})}
    with pytest.raises(Refused, match=said):
        built.ledger.do("rig.label", given, by=by("TECH1"))


def test_the_paper_of_a_print_is_the_same_every_time(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 2)
    job = rig.print_(built.ledger, made.labels)
    with built.ledger.read() as session:
        first, second = (print_pdf(built.ledger, session, job, SETTINGS.zone) for _ in range(2))
    assert first == second and first.startswith(b"%PDF")


def test_a_courier_prints_no_labels(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 1)
    with pytest.raises(NotAllowed, match="you are courier"):
        built.ledger.do("custody.print_labels", {"label": made.labels}, by=by("COUR1"))


# ---- places ----


@pytest.mark.parametrize(("kind", "parent", "zone", "said"), [
    ("cupboard", "room", "", "“cupboard” is no kind of place"), ("site", "room", "", "A site is in no other place"),
    ("rack", "room", "", "A rack must be in a tank; this is a room"), ("tank", "", "", "A tank must be in a room; none was given"),
    ("tank", "room", "cold", "“cold” is no zone"), ("bench", "room", "released", "a bench has none"),
    ("box", "rack", "", "add it as a box"),
])  # fmt: skip
def test_a_place_is_only_where_it_can_be(built: Any, kind: str, parent: str, zone: str, said: str) -> None:
    from backend.custody.models import Place

    where = rig.rows(built.ledger, Place, kind=parent)[0].code if parent else None
    given = {"kind": kind, "name": "New", "zone": zone} | ({"parent": where} if where else {})
    with pytest.raises(Refused, match=said):
        built.ledger.do("custody.add_place", given, by=by("QA1"))


def test_a_box_must_say_for_which_vials_it_is(built: Any) -> None:
    from backend.custody.models import Place

    tank = rig.rows(built.ledger, Place, kind="tank")[0]
    rack = built.ledger.do("custody.add_place", {"kind": "rack", "name": "Rack R9", "parent": tank.code}, by=by("QA1")).result
    with pytest.raises(Refused, match="A box must be for quarantine or for released vials"):
        built.ledger.do("custody.add_box", {"rack": rack, "name": "Box 9"}, by=by("QA1"))
    with pytest.raises(Refused, match="is for quarantine; what is in it must be so too"):
        quarantine = rig.rows(built.ledger, Place, name="Rack R1")[0].code
        built.ledger.do("custody.add_box", {"rack": quarantine, "name": "Box 9", "zone": "released"}, by=by("QA1"))


def test_two_places_of_one_name_are_not_in_one_place(built: Any) -> None:
    from backend.custody.models import Place

    room = rig.rows(built.ledger, Place, kind="room")[0].code
    with pytest.raises(Refused, match="a place of this name here already"):
        built.ledger.do("custody.add_place", {"kind": "tank", "name": "Tank 1", "parent": room}, by=by("QA1"))


def test_a_box_has_eighty_one_positions_with_their_path(built: Any) -> None:
    from backend.custody.models import Place

    places = rig.rows(built.ledger, Place, parent_code=built.told.codes[0])
    assert len(places) == 81
    first = next(p for p in places if p.name == "A1")
    assert (first.path, first.zone) == ("Cell laboratory · Building 3 · Cryo room · Tank 1 · Rack R1 · Box 1 · A1", "quarantine")


# ---- storage ----


def test_vials_go_into_two_tanks_and_the_boxes_become_their_subjects(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    first, second = made.boxes.positions
    rig.store(ledger, made.labels[:3], [first[0], first[1], second[0]])
    with ledger.read() as session:
        assert sorted(tanks_of(session, made.containers).values()) == [
            "Cell laboratory · Building 3 · Cryo room · Tank 1", "Cell laboratory · Building 3 · Cryo room · Tank 1",
            "Cell laboratory · Building 3 · Cryo room · Tank 2",
        ]  # fmt: skip
        assert whereabouts(session, container_of(session, made.labels[0])).endswith("Box 1 · A1")
        assert exposed_seconds(session, made.containers[0]) == 40
    claims = rig.rows(ledger, BoxClaim)
    assert sorted((c.box_code, c.coi, c.ended_at) for c in claims) == sorted((b, made.coi, None) for b in made.boxes.codes)
    entry = last(ledger, made.coi)
    assert (entry["act"], [one["by"] for one in entry["signed"]]) == ("custody.store", ["TECH1", "TECH2"])
    assert set(entry["parts"]) == {made.coi}  # no shared chain is written


def test_a_position_holds_one_vial_and_says_whose(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    rig.store(ledger, made.labels[:1], [made.boxes.positions[0][0]])
    with pytest.raises(Refused, match=r"Box 1 · A1 holds a vial of subject S08 \("):
        rig.store(ledger, made.labels[1:2], [made.boxes.positions[0][0]])


def test_a_box_holds_one_subject_and_the_other_is_told_who(labelled: Any) -> None:  # decisions T1, T2
    made, ledger = labelled.told, labelled.ledger
    other = rig.labelled(ledger, "S04", 1)
    rig.store(ledger, made.labels[:1], [made.boxes.positions[0][0]])
    coi = "-".join(made.coi[n : n + 4] for n in range(0, 13, 4))
    with pytest.raises(Refused) as no:
        rig.store(ledger, other.labels, [made.boxes.positions[0][5]])
    assert no.value.reasons == (f"{BOX} holds vials of subject S08 ({coi}); one box holds one subject.",)
    assert rig.rows(ledger, Occupancy, chain=other.coi) == []


def test_the_last_vial_frees_its_box(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    positions = made.boxes.positions[0]
    other = rig.labelled(ledger, "S04", 1)
    rig.store(ledger, made.labels[:2], positions[:2])
    for label, position in zip(made.labels[:2], positions[:2], strict=True):
        given = {"container": [label], "position": [position], "exposure_s": "30"}
        ledger.do("custody.pick", given, by=by("TECH2"), signatures=sign("TECH2", "TECH1"), reason="infusion 1")
    assert [c.ended_by for c in rig.rows(ledger, BoxClaim)] == ["TECH2"]
    rig.store(ledger, other.labels, positions[:1])
    assert sorted(c.coi for c in rig.rows(ledger, BoxClaim)) == sorted([made.coi, other.coi])
    assert [e.seconds for e in rig.rows(ledger, Exposed, container_code=made.containers[0])] == [40, 30]


def test_a_move_keeps_the_box_and_adds_up_the_warm_time(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    positions = made.boxes.positions[0]
    rig.store(ledger, made.labels[:1], positions[:1])
    given = {"container": made.labels[0], "position": positions[0], "to": positions[3], "exposure_s": "25"}
    ledger.do("custody.move", given, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="nearer the front")
    with ledger.read() as session:
        assert exposed_seconds(session, made.containers[0]) == 65
        assert whereabouts(session, container_of(session, made.labels[0])).endswith("A4")
    assert len([o for o in rig.rows(ledger, Occupancy) if o.ended_at is None]) == 1


def test_a_vial_is_picked_only_from_where_it_is(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    rig.store(ledger, made.labels[:2], made.boxes.positions[0][:2])
    swapped = {"container": made.labels[:2], "position": made.boxes.positions[0][1::-1], "exposure_s": "30"}
    with pytest.raises(Refused, match=r"Vial 1 belongs in .* · A1; .* · A2 was scanned"):
        ledger.do("custody.pick", swapped, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="infusion 1")
    loose = {"container": made.labels[2:3], "position": made.boxes.positions[0][2:3], "exposure_s": "30"}
    with pytest.raises(Refused, match="Vial 3 is in no position"):
        ledger.do("custody.pick", loose, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="infusion 1")


def test_every_vial_needs_its_position(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    with pytest.raises(Refused, match="2 vials and 1 positions were scanned"):
        rig.store(ledger, made.labels[:2], made.boxes.positions[0][:1])
    with pytest.raises(Refused, match="was scanned twice"):
        rig.store(ledger, made.labels[:2], made.boxes.positions[0][:1] * 2)


def test_two_labels_of_one_vial_do_not_store_it_twice(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    with pytest.raises(Refused, match="is in a position already"):
        rig.store(ledger, [made.labels[0], made.containers[0]], made.boxes.positions[0][:2])


def test_a_vial_without_its_label_on_is_not_stored(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 1)
    rig.verify(built.ledger, rig.print_(built.ledger, made.labels), made.labels)
    with pytest.raises(Refused, match="has no applied label"):
        rig.store(built.ledger, made.labels, built.told.positions[0][:1])


def test_only_a_vial_is_stored_and_only_in_a_position(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    with pytest.raises(Refused, match="is a box; a vial is stored in a position"):
        rig.store(ledger, made.labels[:1], made.boxes.codes[:1])
    pool = ledger.do("rig.pool", {"parent": made.labels[:1]}, by=by("TECH1")).result
    with pytest.raises(Refused, match="Pool is a flask; only vials are stored in boxes"):
        rig.store(ledger, [pool], made.boxes.positions[0][:1])


def test_a_used_up_vial_is_not_stored(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    ledger.do("rig.use_up", {"container": made.labels[0]}, by=by("TECH1"))
    with pytest.raises(Refused, match="is used up"):
        rig.store(ledger, made.labels[:1], made.boxes.positions[0][:1])


def test_an_unreleased_vial_stays_out_of_the_released_boxes(labelled: Any) -> None:
    from backend.custody.models import Place

    made, ledger = labelled.told, labelled.ledger
    tank = rig.rows(ledger, Place, kind="tank")[0].code
    rack = ledger.do("custody.add_place", {"kind": "rack", "name": "Rack R4", "parent": tank, "zone": "released"}, by=by("QA1")).result
    box = ledger.do("custody.add_box", {"rack": rack, "name": "Box 2"}, by=by("QA1")).result
    position = rig.rows(ledger, Place, parent_code=box)[0].code
    with pytest.raises(Refused, match="is for released vials"):
        rig.store(ledger, made.labels[:1], [position])


def test_storing_needs_two_people_and_a_time_that_can_be(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    given = {"container": made.labels[:1], "position": made.boxes.positions[0][:1], "exposure_s": "40"}
    with pytest.raises(Refused, match="1 of 2 signatures"):
        ledger.do("custody.store", given, by=by("TECH1"), signatures=sign("TECH1"))
    with pytest.raises(Refused, match="second signature must be another person's"):
        ledger.do("custody.store", given, by=by("TECH1"), signatures=sign("TECH1", "TECH1"))
    with pytest.raises(Refused, match="that person is courier"):
        ledger.do("custody.store", given, by=by("TECH1"), signatures=sign("TECH1", "COUR1"))
    with pytest.raises(Nonsense, match="Time out of the cold"):
        ledger.do("custody.store", given | {"exposure_s": "-4"}, by=by("TECH1"), signatures=sign("TECH1", "TECH2"))


def test_a_flask_stands_in_an_incubator_with_others(built: Any) -> None:
    from backend.custody.models import Place

    ledger = built.ledger
    room = rig.rows(ledger, Place, kind="room")[0].code
    incubator = ledger.do("custody.add_place", {"kind": "incubator", "name": "INC-1", "parent": room}, by=by("QA1")).result
    bench = ledger.do("custody.add_place", {"kind": "bench", "name": "Bench 2", "parent": room}, by=by("QA1")).result
    made = rig.make(ledger, "S08", 2, kind="flask")
    ledger.do("custody.put", {"container": made.containers, "place": incubator}, by=by("TECH1"))
    ledger.do("custody.put", {"container": made.containers[:1], "place": bench}, by=by("TECH1"))
    with ledger.read() as session:
        assert [whereabouts(session, container_of(session, one)).split(" · ")[-1] for one in made.containers] == ["Bench 2", "INC-1"]
    with pytest.raises(Refused, match="stored there by two people"):
        ledger.do("custody.put", {"container": made.containers, "place": built.told.codes[0]}, by=by("TECH1"))


def test_a_stored_vial_is_neither_put_down_nor_handed_over_nor_used_up(labelled: Any) -> None:
    from backend.custody.models import Place

    made, ledger = labelled.told, labelled.ledger
    rig.store(ledger, made.labels[:1], made.boxes.positions[0][:1])
    room = rig.rows(ledger, Place, kind="room")[0].code
    bench = ledger.do("custody.add_place", {"kind": "bench", "name": "Bench 2", "parent": room}, by=by("QA1")).result
    for name, given in (
        ("custody.put", {"container": made.labels[:1], "place": bench}), ("custody.hand_over", GIVEN | {"container": made.labels[:1]}),
        ("rig.use_up", {"container": made.labels[0]}),
    ):  # fmt: skip
        with pytest.raises(Refused, match="it must be picked first"):
            ledger.do(name, given, by=by("TECH1"))


# ---- hand-overs ----

GIVEN = {"to": "Cell laboratory", "condition": "intact", "temperature_c": "19.5", "seal": "SEAL-7", "logger": "LOG-2"}
GOT = {"condition": "intact", "temperature_c": "20.1", "seal": "SEAL-7"}


def test_what_is_on_its_way_is_in_nobodys_use_until_somebody_else_received_it(built: Any) -> None:
    made, ledger = rig.make(built.ledger, "S08", 1, kind="bag"), built.ledger
    ledger.do("custody.hand_over", GIVEN | {"container": made.containers}, by=by("NURS1"))
    with ledger.read() as session:
        assert whereabouts(session, container_of(session, made.containers[0])) == "On its way to Cell laboratory, given by Shen Yi"
        with pytest.raises(Refused, match="nothing on its way may be used"):
            usable(session, made.containers[0])
    with pytest.raises(Refused, match="You handed Bag 1 over, so somebody else must receive it"):
        ledger.do("custody.receive", GOT | {"container": made.containers}, by=by("NURS1"))
    with pytest.raises(Refused, match="nothing on its way may be used"):
        ledger.do("custody.hand_over", GIVEN | {"container": made.containers}, by=by("NURS1"))
    ledger.do("custody.receive", GOT | {"container": made.containers}, by=by("COUR1"))
    with ledger.read() as session:
        assert whereabouts(session, usable(session, made.containers[0])) == "In the hands of Kong Bo"
    with pytest.raises(Refused, match="was not handed over, or is received already"):
        ledger.do("custody.receive", GOT | {"container": made.containers}, by=by("TECH1"))


def test_what_is_not_received_in_time_raises_the_alarm(built: Any) -> None:
    made, ledger = rig.make(built.ledger, "S08", 2, kind="bag"), built.ledger
    ledger.do("custody.hand_over", GIVEN | {"container": made.containers[:1], "within_minutes": "30"}, by=by("NURS1"))
    ledger.do("custody.hand_over", GIVEN | {"container": made.containers[1:], "within_minutes": "600"}, by=by("NURS1"))
    with ledger.read() as session:
        assert [one.overdue for one in awaited(session, built.clock.at)] == [False, False]
    built.clock.advance(minutes=31)
    with ledger.read() as session:
        assert [(one.container, one.given_by) for one in awaited(session, built.clock.at, only_overdue=True)] == [
            (made.containers[0], "Shen Yi")
        ]


def test_a_hand_over_is_recorded_with_how_it_was_given(built: Any) -> None:
    made, ledger = rig.make(built.ledger, "S08", 2, kind="bag"), built.ledger
    ledger.do("custody.hand_over", GIVEN | {"container": made.containers}, by=by("NURS1"))
    found = rig.rows(ledger, HandedOver)
    assert {(one.seal, one.temperature_c, one.logger) for one in found} == {("SEAL-7", Decimal("19.5"), "LOG-2")}
    assert len({one.consignment for one in found}) == 1
    assert last(ledger, made.coi)["act"] == "custody.hand_over"

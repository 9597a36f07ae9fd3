"""The corners of custody: what leaves a shelf, what a label may not carry, what is offered next and what is not."""

from typing import Any

import pytest

from backend.access.rules import Role
from backend.custody import rules
from backend.custody.models import BoxClaim, Label, Occupancy, Place
from backend.custody.reads import container_of, one_label_pdf, whereabouts
from backend.custody.reads.containers import events_of
from backend.custody.reads.labelling import label_view, template_in, waiting
from backend.custody.reads.storage import waiting_for_cold
from backend.ledger import Ledger, NotAllowed, Refused, digest_of, offered
from backend.trial.reads import folder_in_force_code, shown_folder
from labels.codes import draw
from tests import story
from tests.custody import rig
from tests.custody.test_rules import label
from tests.people import by, sign
from tests.visit import SETTINGS

GIVEN = {"to": "Cell laboratory", "condition": "intact", "temperature_c": "19.5"}


def bench(ledger: Ledger) -> str:
    room = rig.rows(ledger, Place, kind="room")[0].code
    code: str = ledger.do("custody.add_place", {"kind": "bench", "name": "Bench 2", "parent": room}, by=by("QA1")).result
    return code


def offers(ledger: Ledger, code: str, role: str = Role.TECHNICIAN) -> set[str]:
    with ledger.read() as session:
        return {one.name for one in offered(session, code, code[0], frozenset({role}))}


def test_what_is_used_up_or_handed_over_leaves_its_shelf(built: Any) -> None:
    ledger, where = built.ledger, bench(built.ledger)
    made = rig.make(ledger, "S08", 2, kind="flask")
    ledger.do("custody.put", {"container": made.containers, "place": where}, by=by("TECH1"))
    ledger.do("rig.use_up", {"container": made.containers[0]}, by=by("TECH1"))
    ledger.do("custody.hand_over", GIVEN | {"container": made.containers[1:]}, by=by("TECH1"))
    assert all(one.ended_at for one in rig.rows(ledger, Occupancy))
    ledger.do("custody.receive", {"condition": "intact", "temperature_c": "20", "container": made.containers[1:]}, by=by("TECH2"))
    with ledger.read() as session:
        used, given = (container_of(session, one) for one in made.containers)
        assert whereabouts(session, used) == "Used up: all of it was used"
        told = [one.text for one in events_of(session, given)]
        assert "Used up by Lin Yue: all of it was used" in [one.text for one in events_of(session, used)]
    assert told[-2:] == ["Handed over to Cell laboratory by Lin Yue: intact, 19.5 °C.", "Received by Zhou Ke: intact, 20 °C."]
    assert "Taken from Cell laboratory · Building 3 · Cryo room · Bench 2 by Lin Yue." in told


def test_a_vial_goes_from_the_bench_into_the_cold(labelled: Any) -> None:
    made, ledger, where = labelled.told, labelled.ledger, bench(labelled.ledger)
    ledger.do("custody.put", {"container": made.labels[:1], "place": where}, by=by("TECH1"))
    rig.store(ledger, made.labels[:1], made.boxes.positions[0][:1])
    with ledger.read() as session:
        assert whereabouts(session, container_of(session, made.labels[0])).endswith("Box 1 · A1")


def test_vials_of_two_subjects_are_not_stored_in_one_act(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    other = rig.labelled(ledger, "S04", 1)
    pairs = [made.labels[0], other.labels[0]], [made.boxes.positions[0][0], made.boxes.positions[1][0]]
    with pytest.raises(Refused, match="two subjects"):
        rig.store(ledger, *pairs)
    assert rig.rows(ledger, BoxClaim) == []


def test_a_label_is_asked_for_in_its_own_subjects_record(built: Any) -> None:
    one, other = rig.make(built.ledger, "S08", 1), rig.make(built.ledger, "S04", 1)
    first, second = sorted((one, other), key=lambda made: made.coi)
    given = {"container": second.containers[0], "coi": first.coi, "template": "cryovial", "values": rig.DATES | {"subject_number": "S08"}}
    with pytest.raises(Refused, match="is another subject's; its label belongs in that subject's record"):
        built.ledger.do("rig.label", given, by=by("TECH1"))


def test_a_label_carries_no_name(built: Any) -> None:
    files = dict(story.folder_files())
    named = files["labels.yaml"].replace(b"Label {code}", b"{subject_name}")
    assert named != files["labels.yaml"]
    with built.ledger.read() as session:
        before = folder_in_force_code(session)
    folder = built.ledger.do(
        "trial.propose_folder", {"files": files | {"labels.yaml": named}}, by=by("TECH3"), signatures=sign("TECH3")
    ).result
    with built.ledger.read() as session:
        shown = digest_of(shown_folder(session, folder=folder))
    built.ledger.do("trial.approve_folder", {"folder": folder}, by=by("QA1"), signatures=sign("QA1", "PHYS1"), shown=shown)
    with pytest.raises(Refused, match="carries subject_name; names are not printed on labels here"):
        rig.make(built.ledger, "S08", 1, kind="bag")
    with built.ledger.read() as session:
        assert folder_in_force_code(session) != before


def test_what_is_offered_next_is_what_would_not_be_refused(labelled: Any) -> None:
    made, ledger = labelled.told, labelled.ledger
    vial, paper, spare = made.containers[0], made.labels[0], made.labels[3]
    assert {"custody.store", "custody.put", "custody.hand_over"} <= offers(ledger, vial)
    assert not {"custody.pick", "custody.move", "custody.receive"} & offers(ledger, vial)
    assert "custody.apply_label" not in offers(ledger, paper)
    assert {"custody.void_label", "custody.reprint_label"} <= offers(ledger, paper)
    assert {"custody.destroy_label", "custody.keep_specimen"} <= offers(ledger, spare)
    rig.store(ledger, [paper], made.boxes.positions[0][:1])
    assert {"custody.pick", "custody.move"} <= offers(ledger, paper)
    assert not {"custody.store", "custody.put", "custody.hand_over"} & offers(ledger, paper)
    ledger.do("custody.void_label", {"label": paper}, by=by("TECH1"), reason="smeared")
    assert not {one for one in offers(ledger, paper) if one.startswith("custody.")}
    ledger.do("custody.hand_over", GIVEN | {"container": made.labels[1:2]}, by=by("TECH1"))
    assert "custody.receive" in offers(ledger, made.labels[1], Role.COURIER)
    assert "custody.hand_over" not in offers(ledger, made.labels[1], Role.COURIER)


def test_what_waits_is_listed_until_it_is_done(built: Any) -> None:
    made = rig.make(built.ledger, "S08", 2)
    with built.ledger.read() as session:
        assert [(one.subject, len(one.labels), one.title) for one in waiting(session)] == [("S08", 2, "Cryovial, 2 mL")]
        seen = label_view(session, rig.rows(built.ledger, Label)[0], SETTINGS.zone, True)
        assert (seen.state, seen.warnings[-1]) == ("requested", "DEMO")
        assert waiting_for_cold(session) == []
    rig.verify(built.ledger, rig.print_(built.ledger, made.labels), made.labels)
    built.ledger.do("custody.apply_label", {"label": made.labels}, by=by("TECH1"))
    with built.ledger.read() as session:
        assert waiting(session) == []
        assert [one.name for one in waiting_for_cold(session)] == ["Vial 1", "Vial 2"]


def test_a_plate_whose_name_does_not_fit_is_refused_by_its_field(built: Any) -> None:
    with built.ledger.read() as session:
        template = template_in(session, folder_in_force_code(session), "place")
        with pytest.raises(Refused, match="Place name: "):
            one_label_pdf(built.ledger, template, {"code": draw("P"), "place_name": "A very long name of a place", "place_path": "Room"})


def test_nobody_but_qa_and_administrators_builds_places(built: Any) -> None:
    with pytest.raises(NotAllowed, match="you are technician"):
        built.ledger.do("custody.add_place", {"kind": "site", "name": "Elsewhere"}, by=by("TECH1"))


def test_printing_says_everything_that_is_wrong() -> None:
    assert list(rules.against_printing([], [], [])) == ["There is nothing to print; at least one label must be named."]
    twice = list(rules.against_printing([label(), label()], ["L1"], ["a", "b"]))
    assert len(twice) == 4 and "named twice" in twice[0]


@pytest.mark.parametrize(("how", "printed", "applied", "said"), [
    ("void", False, False, []), ("void", True, True, []), ("destroyed", False, False, ["is not printed"]),
    ("specimen", True, True, ["it cannot be kept as a specimen"]), ("destroyed", True, False, []),
])  # fmt: skip
def test_a_label_ends_only_as_it_can(how: str, printed: bool, applied: bool, said: list[str]) -> None:
    found = list(rules.against_ending(label(), how, printed, applied))
    assert len(found) == len(said) and all(part in sentence for part, sentence in zip(said, found, strict=True))

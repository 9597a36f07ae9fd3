"""A batch through its acts, on both engines: the row and the entry of each, and one test for every refusal."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import orjson
import pytest
from sqlmodel import col, select

from backend.batch.models import (
    Attempt,
    Batch,
    BatchDecision,
    Calculated,
    Reading,
    SampleTaken,
    StepDeviation,
    StepMismatched,
    StepPerformed,
    StepScan,
    StepVerified,
)
from backend.batch.reads import course_of, covered_entry
from backend.custody.models import Container, ContainerParent, Label, UsedUp
from backend.custody.reads import amount_of, reconciliation, tanks_of
from backend.ledger import REGISTRY, Ledger, Nonsense, NotAllowed, Refused, UnknownCode, digest_of
from backend.ledger.models import Entry
from backend.quality.models import Deviation, Hold
from backend.quality.reads import shown_deviation, shown_hold
from backend.rehearsal.player import Player, args
from backend.rehearsal.usual import usual
from tests import story
from tests.conftest import At
from tests.people import by, sign

Open = Callable[..., At]
REC1, REC2, REC3 = ("REC-1", None), ("REC-2", None), ("REC-3", None)
MNC3, MNC4, CRY2, CRY6 = ("MNC-3", None), ("MNC-4", None), ("CRY-2", None), ("CRY-6", None)


@pytest.fixture
def opened(reach: Open) -> At:
    return reach("batch opened")


@pytest.fixture
def counting(reach: Open) -> At:
    """A batch at MNC-4, the step that two people count."""
    return reach("at MNC-4")


@pytest.fixture
def filling(reach: Open) -> At:
    return reach("at CRY-2")


def told(here: At) -> tuple[Ledger, str, Player]:
    run = here.told
    assert isinstance(run, story.Run)
    return here.ledger, run.batch, replace(run.player)


def rows(ledger: Ledger, kind: type[Any], *where: Any) -> list[Any]:
    with ledger.read() as session:
        return list(session.exec(select(kind).where(*where)))


def last(ledger: Ledger, act: str) -> dict[str, Any]:
    with ledger.read() as session:
        entry = session.exec(select(Entry).where(Entry.act == act).order_by(col(Entry.at).desc(), col(Entry.seq).desc())).first()
        assert entry is not None
        body: dict[str, Any] = orjson.loads(entry.body)
        return body


def note(ledger: Ledger, batch: str, where: Any, person: str = "TECH1", why: str = "", **values: str) -> None:
    for name, value in values.items():
        ledger.do("batch.note", args(batch, where) | {"field": name, "value": value, "why": why}, by=by(person))


# ---- opening ----


def test_a_batch_is_opened_under_the_folder_in_force(opened: At) -> None:
    ledger, batch, _ = told(opened)
    (row,) = rows(ledger, Batch)
    assert (row.code, row.coi, row.folder_code) == (batch, opened.told.harvest.coi, opened.told.harvest.folder)  # type: ignore[attr-defined]
    body = last(ledger, "batch.open")
    assert (body["subject"], body["result"]) == (row.coi, batch)


def test_one_collection_makes_one_batch(opened: At) -> None:
    ledger, _, player = told(opened)
    with pytest.raises(Refused, match="A batch has been opened from this collection already"):
        player.open(ledger, opened.told.harvest.collection)  # type: ignore[attr-defined]


def test_a_collection_that_was_not_received_makes_no_batch(at: Open) -> None:
    here = at("ordered", story.ordered)
    with pytest.raises(Refused, match="was not received"):
        here.ledger.do("batch.open", {"collection": here.told.collection}, by=by("TECH1"))  # type: ignore[attr-defined]


def test_no_batch_is_opened_while_the_trial_is_suspended(at: Open) -> None:
    here = at("received", story.received)
    given = {"status_is": "suspended", "why": "A safety question."}
    here.ledger.do("trial.set_status", given, by=by("QA1"), signatures=sign("QA1"))
    with pytest.raises(Refused, match="The trial is suspended; no batch is opened until it is active"):
        here.ledger.do("batch.open", {"collection": here.told.collection}, by=by("TECH1"))  # type: ignore[attr-defined]


def test_what_is_no_collection_makes_no_batch(opened: At) -> None:
    ledger, batch, _ = told(opened)
    with pytest.raises(Refused, match="no collection with this code"):
        ledger.do("batch.open", {"collection": batch}, by=by("TECH1"))


def test_a_batch_is_offered_on_a_received_collection_only(opened: At) -> None:
    ledger, batch, _ = told(opened)
    ready = REGISTRY["batch.open"].ready
    assert ready is not None
    with ledger.read() as session:
        assert not ready(session, opened.told.harvest.collection)  # type: ignore[attr-defined]
        assert not ready(session, batch)


# ---- noting ----


def test_a_value_is_kept_as_it_was_typed_and_judged(opened: At) -> None:
    ledger, batch, _ = told(opened)
    note(ledger, batch, REC1, coldest="14.90")
    (row,) = rows(ledger, Reading)
    assert (row.value, row.unit, row.level, row.limit, row.number, row.by) == ("14.90", "°C", "alert", "< 15", 1, "TECH1")
    assert last(ledger, "batch.note")["inputs"]["value"] == "14.90"


def test_a_later_value_replaces_the_first_with_a_reason_and_both_stay(opened: At) -> None:
    """Decision F1."""
    ledger, batch, _ = told(opened)
    note(ledger, batch, REC1, coldest="14.9")
    with pytest.raises(Refused, match="has a value already; another one needs a reason"):
        note(ledger, batch, REC1, coldest="15.9")
    note(ledger, batch, REC1, why="read the wrong line", coldest="15.9")
    assert [(r.number, r.value, r.why) for r in rows(ledger, Reading)] == [(1, "14.9", ""), (2, "15.9", "read the wrong line")]


def test_the_same_value_again_is_no_new_row(opened: At) -> None:
    ledger, batch, _ = told(opened)
    note(ledger, batch, REC1, coldest="18.5")
    note(ledger, batch, REC1, coldest="18.5")
    assert len(rows(ledger, Reading)) == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("coldest", "NaN", "must be a number"),
        ("coldest", "1e3", "must be a number"),
        ("coldest", "eighteen", "must be a number"),
        ("seal_intact", "perhaps", "must be one of: yes, no"),
        ("received_at", "2036-01-01T00:00+08:00", "later than now"),
        ("received_at", "2026-03-02T09:00", "time zone"),
        ("seal", "A" * 121, "at most 120"),
    ],
)
def test_nonsense_is_turned_away_and_not_recorded(opened: At, name: str, value: str, said: str) -> None:
    ledger, batch, _ = told(opened)
    before = len(rows(ledger, Entry))
    with pytest.raises(Nonsense, match=said):
        note(ledger, batch, REC1, **{name: value})
    assert len(rows(ledger, Entry)) == before


def test_less_than_nothing_is_nonsense(counting: At) -> None:
    ledger, batch, _ = told(counting)
    with pytest.raises(Nonsense, match="cannot be less than nothing"):
        note(ledger, batch, MNC4, volume="-8.0")


def test_a_step_that_is_not_next_takes_no_value(opened: At) -> None:
    ledger, batch, _ = told(opened)
    with pytest.raises(Refused, match="REC-3 is not next: REC-1"):
        note(ledger, batch, REC3, volume="31.5")


@pytest.mark.parametrize(
    ("where", "said"),
    [(("XYZ-1", None), "no step XYZ-1"), (("REC-1", "P0"), "done once, in no passage"), (("CUL-1", None), "CUL-1 is done in P0 or P1")],
)
def test_a_step_that_the_master_record_does_not_have_is_refused(opened: At, where: Any, said: str) -> None:
    ledger, batch, _ = told(opened)
    with pytest.raises(Refused, match=said):
        note(ledger, batch, where, seal="A")


def test_a_field_that_is_not_asked_for_is_refused(opened: At) -> None:
    ledger, batch, _ = told(opened)
    with pytest.raises(Refused, match="does not ask this person for elapsed"):
        note(ledger, batch, REC1, elapsed="3")


def test_what_is_no_batch_is_unknown(opened: At) -> None:
    ledger, _, _ = told(opened)
    with pytest.raises(UnknownCode):
        note(ledger, opened.told.harvest.collection, REC1, seal="A")  # type: ignore[attr-defined]


def test_nobody_else_reads_in_a_step_that_somebody_has_begun(opened: At) -> None:
    ledger, batch, _ = told(opened)
    note(ledger, batch, REC1, seal="A")
    with pytest.raises(Refused, match="Lin Yue has begun it; REC-1 is theirs"):
        note(ledger, batch, REC1, "TECH2", seal="B")


def test_a_step_that_was_given_back_is_read_anew_by_somebody_else(opened: At) -> None:
    ledger, batch, _ = told(opened)
    note(ledger, batch, REC1, seal="A")
    with pytest.raises(Refused, match="they or QA give it back"):
        ledger.do("batch.give_back", args(batch, REC1), by=by("TECH2"))
    ledger.do("batch.give_back", args(batch, REC1), by=by("TECH1"))
    note(ledger, batch, REC1, "TECH2", seal="B")
    assert [(a.person, a.ended_by) for a in sorted(rows(ledger, Attempt), key=lambda a: a.at)] == [("TECH1", "TECH1"), ("TECH2", None)]
    with pytest.raises(Refused, match="Nobody is reading REC-2 now"):
        ledger.do("batch.give_back", args(batch, REC2), by=by("QA1"))


def test_qa_gives_a_step_back_for_somebody_who_is_gone(opened: At) -> None:
    ledger, batch, _ = told(opened)
    note(ledger, batch, REC1, seal="A")
    ledger.do("batch.give_back", args(batch, REC1), by=by("QA1"))
    assert rows(ledger, Attempt)[0].ended_by == "QA1"


def test_a_step_of_qa_is_performed_by_qa(reach: Open) -> None:
    here = reach("at REC-5")
    ledger, batch, _ = told(here)
    with pytest.raises(Refused, match="REC-5 is for QA; you are technician"):
        note(ledger, batch, ("REC-5", None), decision="accept")
    note(ledger, batch, ("REC-5", None), "QA1", decision="accept")


def test_nobody_without_a_bench_notes_anything(opened: At) -> None:
    ledger, batch, _ = told(opened)
    with pytest.raises(NotAllowed, match="you are coordinator"):
        note(ledger, batch, REC1, "COOR1", seal="A")


# ---- scanning ----


def test_what_is_scanned_is_part_of_the_step_and_can_be_taken_out(counting: At) -> None:
    ledger, batch, player = told(counting)
    counter = player.laboratory.equipment["cell counter"]
    player.scan(ledger, batch, MNC4, counter)
    (row,) = [r for r in rows(ledger, StepScan) if r.step == "MNC-4"]
    assert (row.part, row.kind, row.how, row.by) == ("equipment", "cell counter", "scan", "TECH1")
    with pytest.raises(Refused, match="is in MNC-4 already"):
        player.scan(ledger, batch, MNC4, counter)
    ledger.do("batch.unscan", args(batch, MNC4) | {"code": counter}, by=by("TECH1"), reason="the other one was used")
    player.scan(ledger, batch, MNC4, counter)
    assert [(r.number, r.ended_by) for r in rows(ledger, StepScan, StepScan.code == counter, StepScan.step == "MNC-4")] == [
        (1, "TECH1"), (2, None),
    ]  # fmt: skip


def test_what_was_not_scanned_is_not_taken_out(counting: At) -> None:
    ledger, batch, player = told(counting)
    given = args(batch, MNC4) | {"code": player.laboratory.equipment["centrifuge"]}
    with pytest.raises(Refused, match="was not scanned into MNC-4"):
        ledger.do("batch.unscan", given, by=by("TECH1"), reason="a slip")


def test_what_the_step_does_not_ask_for_is_refused_and_told(counting: At) -> None:
    ledger, batch, player = told(counting)
    for code, said in (
        (player.laboratory.equipment["centrifuge"], "does not ask for a centrifuge; it asks for cell counter, trypan blue, cell tube"),
        (player.laboratory.lots["DMSO"], "does not ask for a lot of DMSO"),
        (player.laboratory.boxes[0][0], "does not ask for a place"),
    ):
        with pytest.raises(Refused, match=said):
            player.scan(ledger, batch, MNC4, code)


def test_a_container_of_the_subject_that_the_step_does_not_ask_for_is_refused_by_its_name(counting: At) -> None:
    ledger, batch, player = told(counting)
    tube = rows(ledger, Container, Container.kind == "sample")[0]
    with pytest.raises(Refused, match=f"MNC-4 does not ask for {tube.name}; it asks for"):
        player.scan(ledger, batch, MNC4, tube.code)


def test_equipment_out_of_use_and_an_expired_lot_are_not_scanned_in(counting: At) -> None:
    ledger, batch, player = told(counting)
    counter, blue = player.laboratory.equipment["cell counter"], player.laboratory.lots["trypan blue"]
    ledger.do("supplies.withdraw_equipment", {"equipment": counter}, by=by("QA1"), reason="dropped")
    with pytest.raises(Refused, match="out of use: dropped"):
        player.scan(ledger, batch, MNC4, counter)
    ledger.do("supplies.withdraw_lot", {"lot": blue}, by=by("QA1"), reason="recalled")
    with pytest.raises(Refused, match="out of use: recalled"):
        player.scan(ledger, batch, MNC4, blue)


def test_a_held_container_is_not_scanned_in(counting: At) -> None:
    ledger, batch, player = told(counting)
    (tube,) = player.containers(ledger, batch, "cell tube")
    ledger.do("quality.place_hold", {"about": tube.code, "why": "Cracked."}, by=by("QA1"), signatures=sign("QA1"))
    with pytest.raises(Refused, match="cell tube is on hold: Cracked"):
        player.scan(ledger, batch, MNC4, tube.code)


def test_a_void_label_stops_the_step(counting: At) -> None:
    ledger, batch, player = told(counting)
    (tube,) = player.containers(ledger, batch, "cell tube")
    label = player.label_of(ledger, tube.code)
    ledger.do("custody.void_label", {"label": label}, by=by("TECH1"), reason="smeared")
    with pytest.raises(Refused, match="This label is void"):
        player.scan(ledger, batch, MNC4, label)


def test_another_subjects_container_is_a_hard_stop_in_both_records(at: Open) -> None:
    here = at("two batches", story.two_batches)
    ledger, batch, player = told(here)
    other = here.told.other  # type: ignore[attr-defined]
    with pytest.raises(Refused, match=r"belongs to another subject: it is of S02 \(.{13}\), and this batch is of S01") as no:
        player.scan(ledger, batch, REC2, other.label)
    assert all(name not in str(no.value) for name in ("Gao", "Ma J", "MRN"))
    with ledger.read() as session:
        heads = {e.chain for e in session.exec(select(Entry).where(Entry.act == "batch.scan")) if orjson.loads(e.body)["refused"]}
    assert heads == {other.coi, here.told.harvest.coi}  # type: ignore[attr-defined]


# ---- signing and checking ----


def test_the_performer_is_told_everything_that_is_missing(counting: At) -> None:
    ledger, batch, player = told(counting)
    note(ledger, batch, MNC4, volume="8.0")
    with pytest.raises(Refused) as no:
        player.sign(ledger, batch, MNC4, "TECH1")
    assert no.value.reasons == (
        "Live cells is empty.", "Dead cells is empty.", "No cell counter has been scanned.", "No lot of trypan blue has been scanned.",
        "0 of 1 cell tube scanned; 1 must be.",
    )  # fmt: skip


def test_a_signature_covers_what_the_page_showed(opened: At) -> None:
    ledger, batch, player = told(opened)
    values = {"seal": "A", "seal_intact": "yes", "coldest": "18", "warmest": "22"}
    note(ledger, batch, REC1, **values)
    shown = player.shown(ledger, batch, REC1)
    note(ledger, batch, REC1, collected_at=player.time_of(ledger, batch, REC1, "collected_at"))
    with pytest.raises(Refused, match="changed while you were reading"):
        ledger.do("batch.perform", args(batch, REC1), by=by("TECH1"), signatures=sign("TECH1"), shown=shown)
    note(ledger, batch, REC1, received_at=player.time_of(ledger, batch, REC1, "received_at"))
    player.sign(ledger, batch, REC1, "TECH1")
    (signed,) = rows(ledger, StepPerformed)
    body = last(ledger, "batch.perform")
    assert (signed.by, signed.ended_at, body["result"]) == ("TECH1", None, signed.code)
    assert [one["by"] for one in body["signed"]] == ["TECH1"]


def test_an_unchecked_step_is_settled_by_its_signature(reach: Open) -> None:
    here = reach("at REC-4")
    ledger, batch, player = told(here)
    player.play_step(ledger, batch, ("REC-4", None))
    values = {r.field: (r.value, r.formula, r.level) for r in rows(ledger, Calculated, Calculated.step == "REC-4")}
    assert values["concentration"] == ("16600000", "viable_concentration 1", "in limits")  # 332 / 4 × 20 × 1e4
    assert Decimal(values["viability"][0]).quantize(Decimal("0.01")) == Decimal("96.51")


def test_two_counts_that_match_settle_the_step_with_their_mean(counting: At) -> None:
    """Decision W2."""
    ledger, batch, player = told(counting)
    player.play_step(ledger, batch, MNC4)
    (check,) = rows(ledger, StepVerified, StepVerified.step == "MNC-4")
    assert check.by == "TECH2"
    tnc = rows(ledger, Calculated, Calculated.step == "MNC-4", Calculated.field == "tnc")[0]
    assert Decimal(tnc.value) == Decimal("150.5") * 10 * 10_000 * 8


def test_the_performer_never_verifies_their_own_step(counting: At) -> None:
    ledger, batch, player = told(counting)
    player.perform(ledger, batch, MNC4, usual("MNC-4", ""))
    with pytest.raises(Refused, match="the second reading must be somebody else's"):
        note(ledger, batch, MNC4, volume="8.0")
    with pytest.raises(Refused, match="You performed MNC-4, so somebody else must verify it"):
        ledger.do("batch.verify", args(batch, MNC4), by=by("TECH1"), signatures=sign("TECH1"), shown=player.shown(ledger, batch, MNC4))


def test_the_second_person_reads_everything_before_they_sign(counting: At) -> None:
    ledger, batch, player = told(counting)
    player.perform(ledger, batch, MNC4, usual("MNC-4", ""))
    note(ledger, batch, MNC4, "TECH2", volume="8.0")
    with pytest.raises(Refused) as no:
        ledger.do("batch.verify", args(batch, MNC4), by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, MNC4))
    assert no.value.reasons == ("Live cells is empty.", "Dead cells is empty.")


def test_nothing_is_scanned_into_a_step_that_was_handed_over(counting: At) -> None:
    ledger, batch, player = told(counting)
    player.perform(ledger, batch, MNC4, usual("MNC-4", ""))
    counter = player.laboratory.equipment["cell counter"]
    with pytest.raises(Refused, match="MNC-4 is signed; nothing more is scanned into it"):
        player.scan(ledger, batch, MNC4, player.laboratory.equipment["centrifuge"], "TECH2")
    with pytest.raises(Refused, match="MNC-4 is signed; nothing is taken out of it"):
        ledger.do("batch.unscan", args(batch, MNC4) | {"code": counter}, by=by("TECH2"), reason="a slip")


def test_a_step_is_signed_once(counting: At) -> None:
    ledger, batch, player = told(counting)
    player.perform(ledger, batch, MNC4, usual("MNC-4", ""))
    with pytest.raises(Refused, match="MNC-4 is signed already; it waits for the second person"):
        player.sign(ledger, batch, MNC4, "TECH1")


def test_after_a_mismatch_both_read_again_and_neither_saw_the_others(counting: At) -> None:
    """Decision W4."""
    ledger, batch, player = told(counting)
    player.play_step(ledger, batch, MNC4, second={"live": "90 90 90 90"})
    (missed,) = rows(ledger, StepMismatched)
    assert (missed.fields, missed.deviation_code) == ("live", None)
    assert last(ledger, "batch.verify")["result"] == missed.code
    assert rows(ledger, Calculated, Calculated.step == "MNC-4") == []
    attempts = rows(ledger, Attempt, Attempt.step == "MNC-4")
    assert all(one.ended_at for one in attempts)
    with ledger.read() as session:
        course = course_of(session, session.get_one(Batch, batch))
    seen = {
        row.by: [course.shows(MNC4, row, reader) for reader in ("TECH1", "TECH2", "QA1")] for row in course.readings if row.field == "live"
    }
    assert seen == {"TECH1": [True, False, False], "TECH2": [False, True, False]}
    player.play_step(ledger, batch, MNC4)
    assert len(rows(ledger, StepVerified, StepVerified.step == "MNC-4")) == 1


def test_after_a_second_mismatch_qa_decides_before_anybody_reads_again(counting: At) -> None:
    """Decision W4: the deviation names fields and no values."""
    ledger, batch, player = told(counting)
    for _ in range(2):
        player.play_step(ledger, batch, MNC4, second={"live": "90 90 90 90"})
    (opened,) = rows(ledger, Deviation)
    assert opened.sentence == "MNC-4: two independent readings did not match 2 times (Live cells)."
    with pytest.raises(Refused, match="MNC-4 waits for QA"):
        note(ledger, batch, MNC4, volume="8.0")
    decide(ledger, opened.code)
    player.play_step(ledger, batch, MNC4)
    with ledger.read() as session:
        assert MNC4 in course_of(session, session.get_one(Batch, batch)).done


def decide(ledger: Ledger, deviation: str, decision: str = "accept") -> None:
    """A deviation is described by a technician and decided by QA."""
    given = {"deviation": deviation, "cause": "Two chambers.", "impact": "None.", "action": "Counted again."}
    ledger.do("quality.describe", given, by=by("TECH3"))
    with ledger.read() as session:
        shown = digest_of(shown_deviation(session, deviation))
    ledger.do(
        "quality.decide", {"deviation": deviation, "decision": decision}, by=by("QA1"), signatures=sign("QA1"), shown=shown, reason="seen",
    )  # fmt: skip


def test_a_witnessed_step_takes_two_signatures_at_one_station(reach: Open) -> None:
    """Decision W1."""
    here = reach("at CRY-6")
    ledger, batch, player = told(here)
    player.scan_all(ledger, batch, CRY6, "TECH1")
    player.read(ledger, batch, CRY6, "first", "TECH1", usual("CRY-6", ""))
    with pytest.raises(Refused, match="0 of 14 cryovial are stored; all must be"):
        player.sign(ledger, batch, CRY6, "TECH1")
    player.store(ledger, batch, CRY6)
    with pytest.raises(Refused, match="signed by two people at one station"):
        ledger.do("batch.perform", args(batch, CRY6), by=by("TECH1"), signatures=sign("TECH1"), shown=player.shown(ledger, batch, CRY6))
    player.sign(ledger, batch, CRY6, "TECH1")
    (signed,) = rows(ledger, StepPerformed, StepPerformed.step == "CRY-6")
    assert (signed.by, signed.witness) == ("TECH1", "TECH2")
    assert [one["by"] for one in last(ledger, "batch.perform_witnessed")["signed"]] == ["TECH1", "TECH2"]


def test_a_step_that_nobody_witnesses_is_not_signed_by_two(opened: At) -> None:
    ledger, batch, player = told(opened)
    note(ledger, batch, REC1, seal="A")
    with pytest.raises(Refused, match="is not a step that is signed by two people at one station"):
        ledger.do(
            "batch.perform_witnessed", args(batch, REC1), by=by("TECH1"), signatures=sign("TECH1", "TECH2"),
            shown=player.shown(ledger, batch, REC1),
        )  # fmt: skip


# ---- covering ----


def test_an_open_check_is_covered_in_the_history_until_it_matches(counting: At) -> None:
    """Decision W3: what a note and its refusal say is not for anybody but who noted it."""
    ledger, batch, player = told(counting)
    player.perform(ledger, batch, MNC4, usual("MNC-4", ""))
    body = last(ledger, "batch.note")
    with ledger.read() as session:
        assert [covered_entry(session, body, who) for who in ("TECH1", "TECH2", "QA1", "INSP1")] == [False, True, True, True]
    assert REGISTRY["batch.note"].covers is covered_entry
    player.verify(ledger, batch, MNC4, usual("MNC-4", ""))
    with ledger.read() as session:
        assert not covered_entry(session, body, "TECH2")


def test_what_one_person_reads_alone_is_not_covered(reach: Open) -> None:
    here = reach("at REC-4")
    ledger, batch, _ = told(here)
    note(ledger, batch, ("REC-4", None), live="84 79 88 81")
    with ledger.read() as session:
        assert not covered_entry(session, last(ledger, "batch.note"), "TECH2")


# ---- what follows ----


def test_a_value_that_qa_decides_on_opens_a_deviation_and_the_batch_waits(counting: At) -> None:
    ledger, batch, player = told(counting)
    dead = {"dead": "70 70 70 70"}
    player.play_step(ledger, batch, MNC4, dead, dead)
    (step,) = rows(ledger, StepDeviation)
    (opened,) = rows(ledger, Deviation)
    assert (step.level, opened.grade, opened.about) == ("decide", "major", batch)
    assert opened.sentence.startswith("MNC-4: Viability is 68.2")
    assert opened.sentence.endswith("%; it must be at least 70 %.")
    with pytest.raises(Refused, match=r"MNC-4 waits for QA: MNC-4: Viability is"):
        note(ledger, batch, ("MNC-5", None), flasks="2")
    decide(ledger, opened.code)
    note(ledger, batch, ("MNC-5", None), flasks="2")


def test_flasks_seeded_outside_the_density_wait_for_qa(counting: At) -> None:
    ledger, batch, player = told(counting)
    player.play_step(ledger, batch, MNC4)
    thin = {"seeded": "30000000"}
    player.play_step(ledger, batch, ("MNC-5", None), thin, thin)
    (opened,) = rows(ledger, Deviation)
    assert (opened.grade, opened.sentence) == ("major", "MNC-5: Seed density is 85710 cells/cm²; it must be at least 1×10⁵ cells/cm².")
    with pytest.raises(Refused, match="MNC-5 waits for QA: MNC-5: Seed density is"):
        note(ledger, batch, ("MNC-7", None), temperature="37.0")
    decide(ledger, opened.code)
    note(ledger, batch, ("MNC-7", None), temperature="37.0")


def test_a_deviation_that_qa_does_not_accept_ends_the_batch(counting: At) -> None:
    ledger, batch, player = told(counting)
    dead = {"dead": "70 70 70 70"}
    player.play_step(ledger, batch, MNC4, dead, dead)
    decide(ledger, rows(ledger, Deviation)[0].code, "reject")
    with pytest.raises(Refused, match="QA did not accept this deviation"):
        note(ledger, batch, ("MNC-5", None), flasks="2")


def test_a_step_begun_late_is_recorded_and_goes_on(counting: At) -> None:
    ledger, batch, player = told(counting)
    counting.clock.advance(minutes=40)
    player.play_step(ledger, batch, MNC4)
    (opened,) = rows(ledger, Deviation)
    assert opened.grade == "minor"
    assert "late; it must begin within 30 min after MNC-3." in opened.sentence
    note(ledger, batch, ("MNC-5", None), flasks="2")


def test_after_a_stop_only_qas_decision_is_left(reach: Open) -> None:
    """Decision T3."""
    here = reach("at MNC-9")
    ledger, batch, player = told(here)
    player.play_step(ledger, batch, ("MNC-9", None), {"empty": "no"}, {"empty": "no"})
    opened = next(one for one in rows(ledger, Deviation) if one.grade == "critical")
    with pytest.raises(Refused, match="is at its stop limit; nobody may go on"):
        note(ledger, batch, ("CUL-1", "P0"), changed_at="2026-03-02T09:00+08:00")
    decide(ledger, opened.code)
    with pytest.raises(Refused, match="is at its stop limit; nobody may go on"):
        note(ledger, batch, ("CUL-1", "P0"), changed_at="2026-03-02T09:00+08:00")
    ledger.do("batch.reject", {"batch": batch}, by=by("QA1"), signatures=sign("QA1"), reason="The line was not clear.")
    (decision,) = rows(ledger, BatchDecision)
    assert (decision.decision, decision.why, decision.by) == ("rejected", "The line was not clear.", "QA1")
    with pytest.raises(Refused, match="QA has decided about this batch already"):
        ledger.do("batch.reject", {"batch": batch}, by=by("QA2"), signatures=sign("QA2"), reason="Again.")


def test_a_technician_rejects_no_batch(opened: At) -> None:
    ledger, batch, _ = told(opened)
    with pytest.raises(NotAllowed, match="this is for qa"):
        ledger.do("batch.reject", {"batch": batch}, by=by("TECH1"), signatures=sign("TECH1"), reason="No.")


# ---- correcting ----


def test_a_correction_supersedes_reopens_and_holds(counting: At) -> None:
    """Decision F2."""
    ledger, batch, player = told(counting)
    correct(ledger, batch, MNC3, "volume", "7.0")
    signed = [r for r in rows(ledger, StepPerformed) if r.step == "MNC-3"]
    assert [bool(r.ended_at) for r in signed] == [True]
    assert [bool(r.ended_at) for r in rows(ledger, StepVerified, StepVerified.step == "MNC-3")] == [True]
    (held,) = rows(ledger, Hold)
    assert held.why == "Volume of suspension by weight of MNC-3 was corrected after it was signed."
    with pytest.raises(Refused, match="MNC-4 is not next: MNC-3"):
        note(ledger, batch, MNC4, volume="7.0")
    player.sign(ledger, batch, MNC3, "TECH1")
    note(ledger, batch, MNC3, "TECH2", "read again", volume="7.0")
    ledger.do("batch.verify", args(batch, MNC3), by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, MNC3))
    (tube,) = player.containers(ledger, batch, "cell tube")
    with ledger.read() as session:
        held_now = amount_of(session, tube.code)
        assert held_now is not None
        assert held_now.volume_ml == Decimal("7.0")
    with pytest.raises(Refused, match="The batch is on hold"):
        note(ledger, batch, MNC4, volume="7.0")
    lift(ledger, held.code)
    note(ledger, batch, MNC4, volume="7.0")


def correct(ledger: Ledger, batch: str, where: Any, name: str, value: str, person: str = "TECH1") -> None:
    given = args(batch, where) | {"field": name, "value": value}
    ledger.do("batch.correct", given, by=by(person), signatures=sign(person), reason="misread the balance")


def lift(ledger: Ledger, hold: str) -> None:
    with ledger.read() as session:
        shown = digest_of(shown_hold(session, hold))
    ledger.do("quality.lift_hold", {"hold_code": hold}, by=by("QA1"), signatures=sign("QA1"), shown=shown, reason="read again by both")


def test_a_corrected_volume_reckons_later_steps_anew(reach: Open) -> None:
    here = reach("at HAR-5")
    ledger, batch, player = told(here)
    where = ("HAR-2", None)
    correct(ledger, batch, where, "volume", "14.0")
    player.sign(ledger, batch, where, "TECH1")
    note(ledger, batch, where, "TECH2", "read again", volume="14.0")
    ledger.do("batch.verify", args(batch, where), by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, where))
    totals = [Decimal(r.value) for r in rows(ledger, Calculated, Calculated.step == "HAR-3", Calculated.field == "total")]
    assert sorted(totals) == [Decimal("1.687e8"), Decimal("2.41e8")]
    said = [one.sentence for one in rows(ledger, Deviation)]
    assert "HAR-3: Viable cells is 1.687×10⁸ cells; it must be at least 1.75×10⁸ cells." in said


def test_an_open_check_is_corrected_by_its_reader_only_and_holds_nothing(counting: At) -> None:
    ledger, batch, player = told(counting)
    player.perform(ledger, batch, MNC4, usual("MNC-4", ""))
    with pytest.raises(Refused, match="until both agree only its performer corrects it"):
        correct(ledger, batch, MNC4, "volume", "7.9", "TECH3")
    correct(ledger, batch, MNC4, "volume", "7.9")
    assert rows(ledger, Hold) == []
    player.sign(ledger, batch, MNC4, "TECH1")
    player.verify(ledger, batch, MNC4, usual("MNC-4", "") | {"volume": "7.9"})


# ---- containers ----


def test_cells_are_followed_from_the_bag_to_the_vial(reach: Open) -> None:
    here = reach("frozen")
    ledger, batch, player = told(here)
    vials = player.containers(ledger, batch, "cryovial")
    assert len(vials) == 14
    with ledger.read() as session:
        kinds = {c.code: c.kind for c in session.exec(select(Container))}
        parents = {(kinds[p.child], kinds[p.parent]) for p in session.exec(select(ContainerParent))}
        amount = amount_of(session, vials[0].code)
        tanks = tanks_of(session, [one.code for one in vials])
        used = {kinds[u.container_code] for u in session.exec(select(UsedUp))}
        chains = {c.chain for c in session.exec(select(Container))}
        printed, ends, difference = reconciliation(session, batch)
    assert {("cell tube", "bag"), ("culture flask", "cell tube"), ("pool tube", "culture flask"), ("culture flask", "pool tube")} <= parents
    assert {("harvest tube", "pool tube"), ("cryovial", "harvest tube")} <= parents
    assert amount is not None
    assert (amount.volume_ml, amount.cells) == (Decimal("1.0"), Decimal(15_000_000))
    assert sorted(list(tanks.values()).count(tank) for tank in set(tanks.values())) == [7, 7]
    assert {"bag", "cell tube", "culture flask", "pool tube", "harvest tube"} <= used
    assert chains == {here.told.harvest.coi}  # type: ignore[attr-defined]
    assert (difference, ends["applied"]) == (0, printed)
    assert {one.passage for one in vials} == {2}


def test_every_sample_says_what_it_is_for(reach: Open) -> None:
    """Decision L2."""
    here = reach("frozen")
    ledger, _, _ = told(here)
    taken = {r.tests: r.amount_ml for r in rows(ledger, SampleTaken)}
    assert taken["STR"] == Decimal("0.1")
    assert taken["CD73,CD90,CD105,CD45,CD34,CD14,CD19,HLA-DR"] == Decimal("0.2")
    assert {"wash-sterility", "retained-MNC", "passage-sterility", "karyotype", "potency", "sterility", "endotoxin", "mycoplasma"} <= set(
        taken
    )


def test_growth_is_reckoned_from_the_second_passage_on(reach: Open) -> None:
    here = reach("frozen")
    ledger, _, _ = told(here)
    found = {(r.passage, r.field): r for r in rows(ledger, Calculated, Calculated.step == "CUL-8")}
    assert ("P0", "doublings") not in found
    assert Decimal(found["P1", "doublings"].value).quantize(Decimal("0.001")) == Decimal("3.173")  # 4.0e6 to 3.6e7
    assert found["P2", "doubling_time"].level == "in limits"
    total = Decimal(found["P1", "doublings"].value) + Decimal(found["P2", "doublings"].value)
    assert abs(Decimal(found["P2", "cumulative"].value) - total) < Decimal("1e-20")


def test_labels_come_before_filling(filling: At) -> None:
    ledger, batch, player = told(filling)
    with pytest.raises(Refused, match="Scan what is to be filled first"):
        ledger.do("batch.prepare_labels", args(batch, CRY2) | {"number": 14}, by=by("TECH1"))
    player.scan_all(ledger, batch, CRY2, "TECH1")
    made = ledger.do("batch.prepare_labels", args(batch, CRY2) | {"number": 14}, by=by("TECH1")).result
    assert len(made) == 14
    assert len(rows(ledger, Label, col(Label.of_code).in_(made))) == 14
    player.read(ledger, batch, CRY2, "first", "TECH1", usual("CRY-2", ""))
    with pytest.raises(Refused, match="0 cryovial labels were scanned; 14 were filled"):
        player.sign(ledger, batch, CRY2, "TECH1")
    waiting = rows(ledger, Label, Label.of_code == made[0])[0].code
    with pytest.raises(Refused, match="never printed"):
        player.scan(ledger, batch, CRY2, waiting)


def test_no_labels_are_asked_for_when_the_filling_is_signed(filling: At) -> None:
    ledger, batch, player = told(filling)
    player.scan_all(ledger, batch, CRY2, "TECH1")
    values = usual("CRY-2", "")
    player.read(ledger, batch, CRY2, "first", "TECH1", values)
    made = ledger.do("batch.prepare_labels", args(batch, CRY2) | {"number": 14}, by=by("TECH1")).result
    player.put_labels_on(ledger, batch)
    for code in made:
        player.scan(ledger, batch, CRY2, player.label_of(ledger, code))
    player.sign(ledger, batch, CRY2, "TECH1")
    with pytest.raises(Refused, match="CRY-2 is signed; its labels are there"):
        ledger.do("batch.prepare_labels", args(batch, CRY2) | {"number": 1}, by=by("TECH1"))


def test_a_label_that_was_not_filled_is_void(filling: At) -> None:
    ledger, batch, player = told(filling)
    player.scan_all(ledger, batch, CRY2, "TECH1")
    values = usual("CRY-2", "") | {"vials": "12"}
    player.read(ledger, batch, CRY2, "first", "TECH1", values)
    made = ledger.do("batch.prepare_labels", args(batch, CRY2) | {"number": 14}, by=by("TECH1")).result
    player.put_labels_on(ledger, batch)
    for code in made[:12]:
        player.scan(ledger, batch, CRY2, player.label_of(ledger, code))
    player.sign(ledger, batch, CRY2, "TECH1")
    player.verify(ledger, batch, CRY2, values)
    ended = {r.of_code: (r.ended_how, r.ended_why) for r in rows(ledger, Label, col(Label.of_code).in_(made)) if r.ended_at}
    assert ended == {made[12]: ("void", "Not filled."), made[13]: ("void", "Not filled.")}


def test_a_step_that_fills_nothing_asks_for_no_labels(opened: At) -> None:
    ledger, batch, _ = told(opened)
    with pytest.raises(Refused, match="fills nothing that is labelled first"):
        ledger.do("batch.prepare_labels", args(batch, REC1) | {"number": 14}, by=by("TECH1"))


def test_harvest_is_not_offered_before_its_passage(reach: Open) -> None:
    here = reach("at P0 CUL-8")
    ledger, batch, _ = told(here)
    with pytest.raises(Refused, match="Next is harvest; in P0 it must be re-seed"):
        note(ledger, batch, ("CUL-8", "P0"), next="harvest")


def test_a_recollection_makes_a_second_batch_under_the_same_identity(at: Open) -> None:
    here = at("batch opened twice", story.opened_twice)
    ledger, batch, _ = told(here)
    found = rows(ledger, Batch)
    assert len(found) == 2
    assert {one.coi for one in found} == {here.told.harvest.coi}  # type: ignore[attr-defined]
    assert batch in {one.code for one in found}

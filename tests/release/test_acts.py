"""Releasing and rejecting a bank through its acts, on both engines: once, over what was shown, by nobody who worked on it."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from sqlmodel import col, select

from backend.batch.models import BatchDecision
from backend.batch.reads import batch_of
from backend.ledger import Ledger, NotAllowed, Refused
from backend.ledger.models import Entry
from backend.ledger.perform import STALE
from backend.release.acts import RELEASES
from backend.release.reads import carried_out, is_released, reasons
from tests import story
from tests.conftest import At
from tests.custody import rig
from tests.people import by, sign
from tests.release.acting import (
    decide,
    deviate,
    pick,
    place_hold,
    record,
    report_all,
    result_of,
    review,
    sample_of,
    settle,
    settle_all,
    shown,
    stored,
)

OPEN = "This deviation is open; QA must decide it"
DECIDED = "QA has decided about this batch already"


def run_of(here: At) -> story.Run:
    assert isinstance(here.told, story.Run)
    return here.told


def decisions(ledger: Ledger) -> list[BatchDecision]:
    with ledger.read() as session:
        return list(session.exec(select(BatchDecision)))


def last(ledger: Ledger, act: str) -> dict[str, Any]:
    with ledger.read() as session:
        entry = session.exec(select(Entry).where(Entry.act == act).order_by(col(Entry.at).desc())).first()
        assert entry is not None
        body: dict[str, Any] = orjson.loads(entry.body)
        return body


def refused(ledger: Ledger, batch: str, act: str = "release.approve", person: str = "QA2", **more: Any) -> tuple[str, ...]:
    """Every reason for which a decision is refused; nothing is decided by it."""
    before = len(decisions(ledger))
    with pytest.raises(Refused) as no:
        decide(ledger, batch, act, person, **more)
    assert len(decisions(ledger)) == before
    assert last(ledger, act)["refused"] == list(no.value.reasons)
    return no.value.reasons


# ---- the decision ----


def test_a_good_bank_is_released_over_exactly_what_was_shown(tested: At) -> None:
    ledger, batch = tested.ledger, run_of(tested).batch
    seen = shown(ledger, batch)
    decide(ledger, batch)
    (row,) = decisions(ledger)
    assert (row.batch_code, row.decision, row.why, row.by, row.chain) == (batch, "released", "", "QA2", run_of(tested).harvest.coi)
    body = last(ledger, "release.approve")
    assert body["shown"] == seen
    assert [(one["by"], one["meaning"]) for one in body["signed"]] == [("QA2", RELEASES)]
    assert "site" in body["relies"]
    with ledger.read() as session:
        assert is_released(session, batch)
        assert not carried_out(session, batch)


def test_a_bank_is_rejected_for_a_reason_by_anybody_of_qa(tested: At) -> None:
    """Whose hand was in the batch may still say that it must not be used."""
    ledger, batch = tested.ledger, run_of(tested).batch
    assert refused(ledger, batch, "release.reject", "QA1") == (
        "A reason is needed: it stays in the record beside what it explains.",
    )  # fmt: skip
    decide(ledger, batch, "release.reject", "QA1", reason="The supplier recalled the medium.")
    (row,) = decisions(ledger)
    assert (row.decision, row.why, row.by) == ("rejected", "The supplier recalled the medium.", "QA1")
    with ledger.read() as session:
        assert not is_released(session, batch)


@pytest.mark.parametrize("person", ["TECH1", "ANA1", "UQA1", "INSP1", "ADM1"])
def test_nobody_but_qa_decides(tested: At, person: str) -> None:
    for act in ("release.approve", "release.reject"):
        with pytest.raises(NotAllowed, match="you are"):
            decide(tested.ledger, run_of(tested).batch, act, person, reason="No.")
    assert decisions(tested.ledger) == []


@pytest.mark.parametrize("first", ["release.approve", "release.reject", "batch.reject"])
def test_t3_one_table_decides_and_every_second_decision_is_refused(tested: At, first: str) -> None:
    ledger, batch = tested.ledger, run_of(tested).batch
    decide(ledger, batch, first, reason="The line was not clear.")
    with ledger.read() as session:
        ((reason),) = reasons(session, batch_of(session, batch), "QA2")
    assert (reason.part, reason.href) == ("decision", f"/batches/{batch}")
    for act in ("release.approve", "release.reject", "batch.reject"):
        said = refused(ledger, batch, act, reason="Once more.")
        assert len(said) == 1
        assert said[0].startswith(DECIDED)
    assert len(decisions(ledger)) == 1


def test_s6_a_page_that_is_no_longer_true_signs_nothing(tested: At) -> None:
    """A hold, a lifted hold and a refused scan each change what was read; after reading again the decision counts."""
    ledger, run = tested.ledger, run_of(tested)
    seen = shown(ledger, run.batch)
    place_hold(ledger, run.batch)
    assert refused(ledger, run.batch, shown=seen) == (STALE,)
    assert STALE.startswith("The record changed while you were reading it.")
    assert refused(ledger, run.batch, "release.reject", shown=seen, reason="No.") == (STALE,)
    assert refused(ledger, run.batch) == ("The batch is on hold, and QA must lift the hold first: The incubator alarmed.",)
    seen = shown(ledger, run.batch)
    with pytest.raises(Refused):
        run.player.note(ledger, run.batch, ("CRY-7", None), "stored", "14")
    assert refused(ledger, run.batch, "release.reject", shown=seen, reason="No.") == (STALE,)
    assert refused(ledger, run.batch, "release.reject", shown=None, reason="No.") == (STALE,)
    decide(ledger, run.batch, "release.reject", reason="It was too warm.")


def test_a_refused_decision_does_not_make_the_page_of_the_next_reader_stale(tested: At) -> None:
    ledger, batch = tested.ledger, run_of(tested).batch
    seen = shown(ledger, batch)
    assert refused(ledger, batch, person="QA1") == ("You worked on this batch (REC-5), so somebody else must release it.",)
    decide(ledger, batch, shown=seen)


# ---- two at once ----


@pytest.mark.parametrize(
    "other", [("release.approve", "QA3"), ("release.reject", "QA1"), ("batch.reject", "QA1")], ids=["approve", "reject", "in process"]
)
def test_of_two_decisions_at_once_one_counts_and_the_other_is_told(tested: At, other: tuple[str, str]) -> None:
    ledger, batch = tested.ledger, run_of(tested).batch
    seen = shown(ledger, batch)
    with ThreadPoolExecutor(2) as pool:
        came = [
            one.exception()
            for one in [
                pool.submit(decide, ledger, batch, "release.approve", "QA2", shown=seen, reason=""),
                pool.submit(decide, ledger, batch, *other, shown=seen, reason="No."),
            ]
        ]
    lost = [one for one in came if one is not None]
    assert len(lost) == 1
    assert isinstance(lost[0], Refused)
    assert str(lost[0]).startswith(DECIDED)
    (row,) = decisions(ledger)
    assert row.by == ("QA2" if came[0] is None else other[1])


# ---- remove any one condition ----


def _print_anew(ledger: Ledger, run: story.Run) -> None:
    label = run.player.label_of(ledger, sample_of(ledger, run, "potency"))
    ledger.do("custody.reprint_label", {"label": label}, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="Smeared.")
    run.player.put_labels_on(ledger, run.batch)
    label = run.player.label_of(ledger, sample_of(ledger, run, "STR"))
    new = ledger.do(
        "custody.reprint_label", {"label": label}, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="Smeared."
    ).result  # fmt: skip
    ledger.do("custody.print_labels", {"label": [new]}, by=by("TECH1"))


def _hand_over(ledger: Ledger, run: story.Run) -> None:
    given = {
        "container": [sample_of(ledger, run, "potency")], "to": "the other house", "condition": "intact", "temperature_c": "20",
    }  # fmt: skip
    ledger.do("custody.hand_over", given, by=by("ANA1"))


def _use_up(ledger: Ledger, run: story.Run) -> None:
    pairs = stored(ledger, run)[:4]
    pick(ledger, pairs)
    with rig.rigged():
        for vial, _ in pairs:
            ledger.do("rig.use_up", {"container": vial}, by=by("TECH1"))


def _suspend(ledger: Ledger, _: story.Run) -> None:
    given = {"status_is": "suspended", "why": "The board meets."}
    ledger.do("trial.set_status", given, by=by("QA1"), signatures=sign("QA1"))


def _withdraw(ledger: Ledger, run: story.Run) -> None:
    ledger.do("subject.withdraw", {"subject": run.harvest.coi}, by=by("COOR1"), signatures=sign("COOR1"), reason="They wish so.")


def _not_accepted(ledger: Ledger, run: story.Run) -> None:
    settle(ledger, deviate(ledger, run.batch), "reject")


WRONG: dict[str, tuple[Callable[[Ledger, story.Run], object], str]] = {
    "open deviation of the batch": (lambda ledger, run: deviate(ledger, run.batch), f"{OPEN}: The bin was full."),
    "open deviation of a vial": (lambda ledger, run: deviate(ledger, stored(ledger, run)[0][0]), OPEN),
    "open deviation of the subject": (lambda ledger, run: deviate(ledger, run.harvest.coi), OPEN),
    "deviation not accepted": (_not_accepted, "QA did not accept this deviation: The bin was full."),
    "hold on the batch": (lambda ledger, run: place_hold(ledger, run.batch), "The batch is on hold, and QA must"),
    "hold on the subject": (lambda ledger, run: place_hold(ledger, run.harvest.coi), "Subject S01 is on hold"),
    "hold on a vial": (lambda ledger, run: place_hold(ledger, stored(ledger, run)[0][0]), "cryovial P2-[0-9]+ is on hold"),
    "labels": (_print_anew, "42 labels of this batch were printed: 39 applied, 2 void. The difference is 1; it must be 0."),
    "vial in nobody's place": (lambda ledger, run: pick(ledger, stored(ledger, run)[:1]), "cryovial P2-[0-9]+ is in no position since"),
    "sample on its way": (_hand_over, "sample potency was handed over to the other house at"),
    "too few vials": (_use_up, "The bank has 10 vials that are stored or were given to tests; it must have at least 11."),
    "subject withdrawn": (_withdraw, "Subject S01 has withdrawn; a bank is released for its own subject alone."),
    "trial suspended": (_suspend, "The trial is suspended; it must be active."),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_with_one_condition_removed_release_names_exactly_that_one(tested: At, case: str) -> None:
    ledger, run = tested.ledger, run_of(tested)
    doing, sentence = WRONG[case]
    doing(ledger, run)
    said = refused(ledger, run.batch)
    assert len(said) == 1, said
    assert re.match(sentence, said[0]), said
    decide(ledger, run.batch, "release.reject", reason="It is not to be used.")  # what keeps it from release keeps nobody from rejecting


def test_a_step_that_is_not_finished_is_named(after: Callable[..., At]) -> None:
    def all_but_the_last(ledger: Ledger, run: story.Run) -> None:
        run.player.play_until(ledger, run.batch, "CRY-7")
        report_all(ledger, run)

    here = after("at CRY-6", "all but CRY-7", all_but_the_last)
    assert refused(here.ledger, run_of(here).batch) == (
        "CRY-7, Account for the vials, is not finished; every step of the master record must be.",
    )  # fmt: skip


def test_a_corrected_step_is_named_beside_its_hold_until_it_is_signed_again(tested: At) -> None:
    ledger, batch = tested.ledger, run_of(tested).batch
    given = {"batch": batch, "step": "CRY-6", "field": "temperature", "value": "-179", "passage": ""}
    ledger.do("batch.correct", given, by=by("TECH1"), signatures=sign("TECH1"), reason="The display was misread.")
    said = refused(ledger, batch)
    assert [one.split(",")[0] for one in said] == ["CRY-6", "The batch is on hold"]
    assert said[0] == "CRY-6, Store the vials in two tanks, is not finished; every step of the master record must be."


@pytest.mark.parametrize(("how", "sentence"), [
    ({"but": {"karyotype"}}, "Karyotype of 20 metaphases (harvest) has no result; it must be no clonal abnormality."),
    ({"unreviewed": {"karyotype"}}, "Karyotype of 20 metaphases (harvest) has a result that nobody has reviewed; a second analyst must."),
])  # fmt: skip
def test_a_test_that_is_missing_or_not_reviewed_is_named(after: Callable[..., At], how: dict[str, Any], sentence: str) -> None:
    here = after("frozen", f"tested but {next(iter(how))}", lambda ledger, run: report_all(ledger, run, **how))
    assert refused(here.ledger, run_of(here).batch) == (sentence,)


def test_a_failing_test_is_named_until_qa_sets_it_aside_and_another_profile_for_ever(after: Callable[..., At]) -> None:
    def failing(ledger: Ledger, run: story.Run) -> None:
        report_all(ledger, run, CD73="91.0")

    here = after("frozen", "tested and low", failing)
    ledger, run = here.ledger, run_of(here)
    sentence = "CD73 positive is 91.0 %; it must be at least 95 %."
    assert refused(ledger, run.batch) == (f"This deviation is open; QA must decide it: {sentence}", sentence)
    settle_all(ledger, run.batch)
    strange = "D3S1358: 15, 17\nTH01: 7, 9.3\nFGA: 21, 24\nAmelogenin: X"
    sample = sample_of(ledger, run, "STR")
    record(ledger, sample, "STR", strange, "testing.repeat", reason="Somebody asked for it.")
    review(ledger, result_of(ledger, sample, "STR"))
    settle_all(ledger, run.batch)
    said = refused(ledger, run.batch)
    assert len(said) == 1
    assert "never set aside" in said[0]


def test_what_qa_set_aside_does_not_keep_a_bank_from_release(after: Callable[..., At]) -> None:
    here = after("frozen", "tested and low", lambda ledger, run: report_all(ledger, run, CD73="91.0"))
    settle_all(here.ledger, run_of(here).batch)
    decide(here.ledger, run_of(here).batch)
    assert decision(here.ledger, run_of(here).batch) == "released"


def test_out_of_the_ordinary_is_not_against(eventful: At) -> None:
    decide(eventful.ledger, run_of(eventful).batch)
    assert decision(eventful.ledger, run_of(eventful).batch) == "released"


def decision(ledger: Ledger, batch: str) -> str:
    with ledger.read() as session:
        return session.get_one(BatchDecision, batch).decision

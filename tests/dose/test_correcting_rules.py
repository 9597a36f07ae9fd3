"""When a finished step may be corrected and its hold lifted: one row for each way it can go, without a database (decision F2)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backend.dose.models import Dose, DoseDecision, DoseVial, PrepCorrected, PrepMatched, PrepReading, Thawed
from backend.dose.rules.arithmetic import recipe
from backend.dose.rules.correcting import (
    NO_VOLUME,
    STAYS,
    STAYS_TOO_FEW,
    against_correcting,
    against_lifting,
    against_reading_again,
    hold_words,
    off_plan,
)
from backend.dose.rules.preparing import STEPS, DeviationOf, Progress, against_step, against_working
from backend.trial.rules import read_folder
from tests import story

TRIAL = read_folder(Path(story.FOLDER)).trial
LOW, HIGH, OMMAYA = (recipe(TRIAL, arm) for arm in ("ica_low", "ica_high", "ommaya"))
AT = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
DOSE = Dose(code="K1", order_code="K2", coi="S1", infusion=2, batch_code="K3", at=AT, by="PREP1")
GONE = Dose(**(DOSE.model_dump() | {"ended_at": AT, "ended_why": "It was disposed of: broken."}))


def row(step: str) -> PrepMatched:
    return PrepMatched(code=f"K{step}", dose_code="K1", step=step, number=1, first="PREP1", second="PREP2", worked="~", at=AT)


def correction(step: str, by: str = "PREP1") -> PrepCorrected:
    return PrepCorrected(code=f"Kc{step}", dose_code="K1", step=step, matched_code=f"K{step}", why="~", at=AT, by=by)


def matched(*without: str) -> dict[str, PrepMatched]:
    return {step: row(step) for step in STEPS if step not in without}


DONE = Progress(
    dose=DOSE, vials=[DoseVial(code="K4", dose_code="K1", container_code="C1", at=AT, by="PREP1")],
    thawed=[Thawed(container_code="C1", dose_code="K1", started_at=AT, seconds="~", at=AT, by="PREP1", witness="PREP2")],
    matched=matched(), hands=frozenset({"PREP1", "PREP2"}),
)  # fmt: skip
OPEN = replace(DONE, matched=matched("wash"), superseded=[row("wash")], corrected=[correction("wash")], holds=[hold_words(2)])
DECIDED = DoseDecision(dose_code="K1", decision="released", why="~", at=AT, by="UQA1")
WAITS = "The wash was corrected and is not read again by two people yet."


@pytest.mark.parametrize(
    ("progress", "step", "sentences"),
    [
        (DONE, "wash", []),
        (replace(DONE, decision=DECIDED, given=True, holds=["A positive culture."]), "fill", []),
        (OPEN, "fill", []),
        (OPEN, "wash", [f"{WAITS} Until then there is nothing new to correct."]),
        (
            replace(DONE, matched=matched("fill")), "fill",
            ["The dose is not filled yet. Only what two people have matched is corrected."],
        ),
        (
            replace(DONE, dose=GONE), "count",
            ["This dose has ended: It was disposed of: broken. Its readings stay as they are."],
        ),
    ],
)  # fmt: skip
def test_f2_what_two_people_matched_can_be_corrected_until_the_dose_is_gone(progress: Progress, step: str, sentences: list[str]) -> None:
    assert list(against_correcting(progress, step)) == sentences


def test_f2_a_corrected_step_is_read_again_whatever_holds_or_was_decided_and_nothing_else_is_done() -> None:
    held = replace(OPEN, decision=DECIDED, holds=[hold_words(2), "A positive culture."])
    assert OPEN.reopened == ("wash",)
    assert list(against_working(held, "wash")) == []
    assert len(list(against_working(held, "count"))) == len(list(against_working(held))) == 3
    assert list(against_step(held, "wash")) == []
    assert list(against_working(replace(held, dose=GONE), "wash")) == ["This dose has ended: It was disposed of: broken."]
    assert list(against_step(replace(OPEN, matched=matched("wash", "count")), "count")) == [WAITS]


def test_f2_what_rests_on_a_step_that_is_read_again_is_told() -> None:
    assert [step for step in STEPS if OPEN.rests_on_reopened(step)] == ["count", "formulate", "fill"]
    assert [step for step in STEPS if DONE.rests_on_reopened(step)] == []
    of_count = replace(DONE, matched=matched("count", "fill"), superseded=[row("count")], corrected=[correction("count")])
    assert [step for step in STEPS if of_count.rests_on_reopened(step)] == ["formulate"]


def test_f2_every_reading_again_is_a_try_of_its_own() -> None:
    assert (DONE.number("wash"), OPEN.number("wash"), OPEN.number("count")) == (1, 2, 1)
    assert replace(OPEN, mismatched=Counter({"wash": 2})).number("wash") == 4
    kept = PrepReading(dose_code="K1", step="wash", seat="first", field="wash_ml", number=1, value="~", at=AT, by="PREP1")
    assert replace(OPEN, readings=[kept]).entered("wash", "first") == []
    assert replace(OPEN, readings=[kept]).entered("wash", "first", 1) == [kept]


GOOD = {"count": {"total": Decimal("2.1e7")}, "fill": {"cells": Decimal("2.5e6")}}
NEVER_MATCHED = DeviationOf("K9", "limit", "A value is out of its limit.", None, "~")
REJECTED = NEVER_MATCHED._replace(accepted=False)
MINE = "You took part in the preparation of this dose, so somebody else must lift its hold."
LIFTING: list[tuple[Progress, str, Mapping[str, Any], str, list[str]]] = [
    (DONE, "PREP1", GOOD, "UQA1", []),
    (DONE, "UQA1", GOOD, "UQA1", [MINE]),
    (replace(DONE, hands=frozenset({"UQA1"})), "PREP1", GOOD, "UQA1", [MINE]),
    (OPEN, "PREP1", GOOD, "UQA1", [WAITS]),
    (replace(DONE, deviations=[NEVER_MATCHED]), "PREP1", GOOD, "UQA1", ["A masked deviation is not decided: A value is out of its limit."]),
    (replace(DONE, deviations=[REJECTED]), "PREP1", GOOD, "UQA1", ["A masked deviation was not accepted: A value is out of its limit."]),
    (replace(DONE, deviations=[NEVER_MATCHED._replace(accepted=True)]), "PREP1", GOOD, "UQA1", []),
    (DONE, "PREP1", GOOD | {"fill": {"cells": Decimal("1.9e6")}}, "UQA1", [STAYS]),
    (DONE, "PREP1", GOOD | {"fill": {"cells": Decimal("3.1e6")}}, "UQA1", [STAYS]),
    (DONE, "PREP1", GOOD | {"count": {"total": Decimal("1.5e7")}}, "UQA1", [STAYS_TOO_FEW]),
    (DONE, "PREP1", {}, "UQA1", []),
    (replace(OPEN, dose=GONE, deviations=[REJECTED]), "PREP1", GOOD | {"fill": {"cells": Decimal(1)}}, "UQA1", []),
    (
        replace(OPEN, dose=GONE, deviations=[NEVER_MATCHED]), "PREP1", GOOD, "UQA1",
        ["A masked deviation is not decided: A value is out of its limit."],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("progress", "held_by", "worked", "by", "sentences"), LIFTING)
def test_f2_the_hold_stays_until_the_record_may_stand(
    progress: Progress, held_by: str, worked: Mapping[str, Any], by: str, sentences: list[str]
) -> None:
    assert [one.open for one in against_lifting(progress, held_by, LOW, worked, by)] == sentences


def test_f2_cells_are_said_under_seal_alone() -> None:
    bad = {"count": {"total": Decimal("1.5e7")}, "fill": {"cells": Decimal("1.9e6")}}
    assert [one.sealed for one in against_lifting(DONE, "PREP1", LOW, bad, "UQA1")] == [
        "Viable cells after the wash are 1.5×10⁷; they must be at least 1.6×10⁷.",
        "Viable cells in the dose are 1.9×10⁶; they must be 2×10⁶ to 3×10⁶.",
    ]


VOLUMES = {"suspension_ml": "2.5", "stock_diluent_ml": "1.7", "drawn_ml": "0.600", "diluent_ml": "11.400"}
COUNTED = {"total": Decimal("2.1e7")}


def typed(**changed: str) -> dict[str, Decimal]:
    return {name: Decimal(text) for name, text in (VOLUMES | changed).items()}


def test_f2_volumes_beside_the_plan_are_recorded_when_a_formulation_is_corrected_and_nothing_at_all_is_not() -> None:
    assert list(against_reading_again(LOW, typed(drawn_ml="2.4"))) == []
    assert [one.open for one in against_reading_again(LOW, typed(drawn_ml="0", diluent_ml="0"))] == [NO_VOLUME]
    without = {name: volume for name, volume in typed().items() if name != "drawn_ml"}
    [missing] = against_reading_again(HIGH, without)
    assert missing.open == "Volume drawn from the working stock was not typed; this route needs it."
    ommaya = {"suspension_ml": Decimal("2.5"), "diluent_ml": Decimal("1.5")}
    assert list(against_reading_again(OMMAYA, ommaya)) == []
    assert list(against_reading_again(OMMAYA, ommaya | {"diluent_ml": Decimal(0)})) == []
    assert [one.open for one in against_reading_again(OMMAYA, typed())] == [
        "Volume drawn from the working stock was typed; this route has none.",
        "Diluent for the working stock was typed; this route has none.",
    ]


def test_f2_what_is_beside_the_plan_is_said_once_and_too_few_cells_with_the_count() -> None:
    assert off_plan(LOW, COUNTED, typed()) == ""
    said = "Volume drawn from the working stock is 2.4 mL; it must be 0.600 mL. It is the volume of another dose of this route."
    assert off_plan(LOW, COUNTED, typed(drawn_ml="2.4")) == said
    assert off_plan(LOW, {"total": Decimal("1.5e7")}, typed(drawn_ml="2.4")) == ""

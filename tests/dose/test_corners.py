"""The corners of preparation: what nobody meets on a good day, each with the sentence that it has."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from backend.custody.models import Container
from backend.dose.models import Dose, DoseDecision, DoseVial, Order, PrepReading, Thawed
from backend.dose.reads import dose_of
from backend.dose.rules import arithmetic, opening, preparing
from backend.dose.rules.preparing import Progress
from backend.ledger import UnknownCode
from backend.trial.rules import read_folder
from tests import story
from tests.conftest import At
from tests.dose import bench as rig

AT = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
DOSE = Dose(code="K1", order_code="K2", coi="S1", infusion=1, batch_code="K3", at=AT, by="PREP1")
ORDER = Order(
    code="K2", coi="S1", infusion=1, batch_code="K3", route="ICA", planned_at=AT, weight_kg=Decimal(54), weighed_on="2026-05-01",
    temperature_c=Decimal(37), infection="no", at=AT, by="PHYS1",
)  # fmt: skip


def vial(code: str, kind: str = "cryovial", batch: str = "K3", coi: str = "S1") -> Container:
    return Container(code=code, chain=coi, kind=kind, name=f"{kind} {code}", batch_code=batch, at=AT, by="TECH1")


def against_vials(
    vials: Iterable[Container], tested: Iterable[str] = (), progress: Progress | None = None, disposed: dict[str, str] | None = None
) -> list[str]:  # fmt: skip
    return list(preparing.against_vials(progress or Progress(dose=DOSE), vials, 2, tested, disposed or {}))


@pytest.mark.parametrize(
    ("vials", "tested", "sentences"),
    [
        ([vial("C1"), vial("C2")], (), []),
        ([vial("C1"), vial("C2", coi="S2")], (), ["Cells of two subjects are never mixed."]),
        ([vial("C1"), vial("C1")], (), ["A vial was scanned twice."]),
        ([vial("C1"), vial("C2", kind="bag")], (), ["bag C2 is a bag; a dose is made from vials of the bank."]),
        ([vial("C1"), vial("C2", batch="K9")], (), ["cryovial C2 is not of the released bank that was ordered from."]),
        ([vial("C1"), vial("C2")], ("C2",), ["cryovial C2 was taken for tests; it goes into no dose."]),
    ],
)
def test_the_vials_of_a_dose(vials: list[Container], tested: tuple[str, ...], sentences: list[str]) -> None:
    assert against_vials(vials, tested) == sentences


def test_a_vial_that_is_kept_back_goes_into_no_dose() -> None:
    assert against_vials([vial("C1"), vial("C2")], disposed={"C1": "retained"}) == ["cryovial C1 is retained; it goes into no dose."]


def test_a_vial_is_thawed_once() -> None:
    row = Thawed(container_code="C1", dose_code="K1", started_at=AT, seconds="~", at=AT, by="PREP1", witness="PREP2")
    progress = Progress(dose=DOSE, vials=[DoseVial(code="K4", dose_code="K1", container_code="C1", at=AT, by="PREP1")], thawed=[row])
    found = list(preparing.against_thawing(progress, [(vial("C1"), False)], AT, AT))
    assert found == ["This vial has been thawed already; nothing is thawed twice."]
    assert against_vials([vial("C1"), vial("C2")], progress=progress) == [
        "A vial of this dose has been thawed already; its vials cannot change any more."
    ]


def test_a_dose_that_ended_or_was_decided_is_left_alone() -> None:
    ended = Dose(**(DOSE.model_dump() | {"ended_at": AT, "ended_why": "It was disposed of: broken."}))
    decided = DoseDecision(dose_code="K1", decision="released", why="~", at=AT, by="UQA1")
    found = list(preparing.against_working(Progress(dose=ended, decision=decided, holds=["A late result."])))
    assert found == [
        "This dose has ended: It was disposed of: broken.",
        "This dose is released already.",
        "This dose is on hold: A late result.",
    ]


OPENING = {
    "order": ORDER, "route_open": True, "bank": "released", "exists": False, "given": False, "withdrawn": False, "trial": "active",
    "holds": [],
}  # fmt: skip
WRONG = [
    ({"order": Order(**(ORDER.model_dump() | {"ended_at": AT, "ended_why": "Cancelled."}))}, "This order has ended: Cancelled."),
    ({"route_open": False}, "The route of this subject is not opened yet."),
    ({"bank": "rejected"}, "The bank that was ordered from is rejected; it must be released."),
    ({"bank": ""}, "The bank that was ordered from is not decided about; it must be released."),
    ({"exists": True}, "A dose for this infusion exists already; it must be disposed of first."),
    ({"given": True}, "Infusion 1 has been given already."),
    ({"withdrawn": True}, "The subject has withdrawn; nothing more is prepared for them."),
    ({"trial": "stopped"}, "The trial is stopped; no dose is prepared until it is active."),
    ({"holds": ["A late result."]}, "It is on hold: A late result."),
]


@pytest.mark.parametrize(("changed", "sentence"), WRONG, ids=[row[1][:40] for row in WRONG])
def test_one_condition_of_opening_taken_away_is_named_alone(changed: dict[str, object], sentence: str) -> None:
    assert list(opening.against_opening(**OPENING)) == []  # type: ignore[arg-type]
    assert list(opening.against_opening(**(OPENING | changed))) == [sentence]  # type: ignore[arg-type]


def test_a_formula_that_tells_of_growth_is_none_of_a_dose() -> None:
    with pytest.raises(ValueError, match="population_doublings gave no growth"):
        arithmetic.worked("population_doublings", Decimal(2), Decimal(1))


@pytest.mark.parametrize("arm", ["ommaya", "ica_low", "ica_high"])
def test_r2_what_is_read_in_each_step_is_the_same_for_both_carotid_arms(arm: str) -> None:
    trial = read_folder(Path(story.FOLDER)).trial
    made = arithmetic.recipe(trial, arm)
    wanted = arithmetic.plan(made, {"total": Decimal("4e7")}, Decimal("1.5"))
    assert set(wanted) == ({"diluent_ml"} if arm == "ommaya" else {"stock_diluent_ml", "drawn_ml", "diluent_ml"})


# ---- in the record ----

Reach = Callable[[str, str], At]


def test_an_unknown_dose_is_unknown(reach: Reach) -> None:
    here = reach("ica_low", "opened")
    with here.ledger.read() as session, pytest.raises(UnknownCode):
        dose_of(session, here.told.order)


def test_samples_are_taken_before_the_surplus_is_gone(reach: Reach) -> None:
    here = reach("ica_low", "thawed")
    no = rig.refused(here.ledger, "destroy_surplus", here.told, with_="PREP2")
    assert no.reasons == ("The dose is not filled yet.",)


def test_an_intraventricular_dose_asks_for_no_working_stock(reach: Reach) -> None:
    here = reach("ommaya", "counted")
    no = rig.refused(here.ledger, "formulate", here.told, **(rig.VOLUMES["ommaya"] | {"drawn_ml": "1.0"}))
    assert no.reasons == ("Volume drawn from the working stock was typed; this route has none.",)
    rig.formulated(here.ledger, here.told)
    assert {row.field for row in rig.rows(here.ledger, PrepReading, step="formulate")} == {"suspension_ml", "diluent_ml"}

"""What is in the containers of a batch, whether more came out of a step than there was, and whether a count is the record's: tables."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from backend.batch.rules import Contents, Held, Where, in_record, miscounted, unbalanced, worked_out
from backend.batch.rules.balancing import Sum
from backend.trial.rules import Level, Limit, Phase, Step
from tests.batch.rows import Told

MNC3, MNC4, MNC5, MNC8 = ("MNC-3", None), ("MNC-4", None), ("MNC-5", None), ("MNC-8", None)
CUL6, CUL7, CUL8, CUL9 = ("CUL-6", "P0"), ("CUL-7", "P0"), ("CUL-8", "P0"), ("CUL-9", "P0")
HAR2, HAR3, HAR5, CRY2, CRY3 = ("HAR-2", None), ("HAR-3", None), ("HAR-5", None), ("CRY-2", None), ("CRY-3", None)
MADE = {
    (MNC3, "cell tube"): ["TUBE"], (MNC5, "culture flask"): ["F1", "F2"], (CUL6, "pool tube"): ["POOL"],
    (CUL9, "culture flask"): ["F3", "F4"], (HAR2, "harvest tube"): ["HARVEST"], (CRY2, "cryovial"): ["V1", "V2"],
}  # fmt: skip
COUNT = {"volume": "8.0", "live": "150 150 150 150", "dead": "5 5 5 5"}  # 1.2e8 cells
SEEDED = {"flasks": "2", "area_each": "175", "seeded": "60000000", "volume_each": "35.0"}
RESEEDED = {"flasks": "2", "area_each": "636", "seeded": "4000000", "volume_each": "35.0"}
FILLED = {"volume": "14.4", "concentration": "15000000", "fill": "1.0", "vials": "14"}


def settle(told: Told, where: Where, values: Mapping[str, str] | None = None, **used: str) -> None:
    """A step is done with these containers: signed, checked, worked out."""
    for kind, code in used.items():
        told.scan(where, "uses", kind.replace("_", " "), code)
    told.finish(where, values or {})
    course = told.course()
    for result in worked_out(course, where, course.settled(where)):
        if result.value:
            told.calculate(where, result.field, result.value)


def seeded(told: Told, count: Mapping[str, str] | None = None, seed: Mapping[str, str] | None = None) -> Contents:
    """Marrow is washed, counted, seeded, and the rest sampled."""
    settle(told, MNC3, {"washes": "yes", "volume": "8.0"}, marrow_bag="BAG")
    settle(told, MNC4, COUNT | dict(count or {}), cell_tube="TUBE")
    settle(told, MNC5, SEEDED | dict(seed or {}), cell_tube="TUBE")
    settle(told, MNC8, {}, cell_tube="TUBE")
    return weighed(told)


def weighed(told: Told) -> Contents:
    return Contents(told.course(), MADE, {"BAG": Held(Decimal("31.5"))})


def said(told: Told, contents: Contents) -> list[str]:
    """Every deviation of the balance, step by step."""
    course = told.course()
    return [f"{where[0]}: {one.sentence}" for where in course.in_order for one in unbalanced(course, where, contents.sums[where])]


# ---- what is in a container ----


def test_what_is_counted_seeded_and_sampled_is_in_the_containers(told: Told) -> None:
    contents = seeded(told)
    assert said(told, contents) == []
    assert contents.held["F1"] == contents.held["F2"] == Held(Decimal("35.0"), Decimal(30_000_000))
    left = contents.held["TUBE"]
    assert (left.volume, left.cells) == (Decimal("2.5"), Decimal(37_500_000))  # half was seeded, then 1.5 mL of 4.0 mL sampled


def test_a_step_that_is_open_again_counts_for_nothing_until_it_is_signed(told: Told) -> None:
    """Decision W3: a corrected count that nobody has matched yet is not balanced with."""
    seeded(told)
    check = next(row for row in told.rows["verified"] if row.step == "MNC-4")
    check.ended_at = told.at
    contents = weighed(told)
    assert MNC4 not in contents.sums
    assert contents.held["TUBE"].cells is None
    assert [one.unit for one in contents.sums[MNC5]] == []


def test_nothing_is_left_in_a_container_that_more_was_taken_from_than_there_was(told: Told) -> None:
    contents = seeded(told, seed={"seeded": "600000000"})
    assert contents.held["TUBE"] == Held(Decimal(0), Decimal(0))


# ---- more than there was ----


def test_more_cells_seeded_than_were_counted_are_for_qa_to_decide(told: Told) -> None:
    """20 flasks of 3×10⁷ cells from 1.2×10⁸: the growth area is wide enough, so the density alone says nothing."""
    contents = seeded(told, seed={"flasks": "20", "seeded": "600000000"})
    (found,) = unbalanced(told.course(), MNC5, contents.sums[MNC5])
    assert (found.level, found.rule) == (Level.DECIDE, "MNC-5 balance")
    assert found.sentence == (
        "6×10⁸ viable cells came out of 1.2×10⁸ viable cells; it must be at most 1.38×10⁸ viable cells, 115 % of it."
    )


@pytest.mark.parametrize(("cells", "out"), [("138000000", False), ("138000001", True), ("120000000", False), ("1", False)])
def test_cells_at_the_limit_are_in_it_and_one_more_is_not(told: Told, cells: str, out: bool) -> None:
    contents = seeded(told, seed={"seeded": cells})
    assert bool(list(unbalanced(told.course(), MNC5, contents.sums[MNC5]))) is out


@pytest.mark.parametrize(("cells", "out"), [("98571428", False), ("98571429", True)])
def test_samples_out_of_what_was_left_by_the_seeding_are_balanced_too(told: Told, cells: str, out: bool) -> None:
    """1.5 mL may come out of 1.428 mL, which is 105 %: 8.0 mL less the share that was seeded."""
    contents = seeded(told, seed={"seeded": cells})
    found = [one.sentence for one in unbalanced(told.course(), MNC8, contents.sums[MNC8])]
    assert found == (["1.5 mL came out of 1.429 mL; it must be at most 1.49999997 mL, 105 % of it."] if out else [])


def test_a_volume_read_again_cannot_be_more_than_there_was(told: Told) -> None:
    """The dye of the count, 0.1 mL, may have gone in."""
    contents = seeded(told, {"volume": "80.0"})
    assert said(told, contents)[0] == "MNC-4: 80.0 mL were measured where there were 8.1 mL; it must be at most 8.505 mL, 105 % of it."


def test_a_volume_that_medium_was_added_to_is_balanced_in_cells_alone(told: Told) -> None:
    assert [one.unit for one in seeded(told).sums[MNC5]] == ["viable cells"]  # 70 mL of flasks out of 8.0 mL


def harvested(told: Told, fill: Mapping[str, str] | None = None, volume: str = "20.0") -> Contents:
    """A pool is washed, counted, sampled and filled into vials."""
    settle(told, CUL6, {"minutes": "5", "volume": "20.0"}, culture_flask="F1")
    settle(told, HAR2, {"washes": "2", "volume": volume}, pool_tube="POOL")
    settle(told, HAR3, {"live": "60 60 60 60", "dead": "2 2 2 2"}, harvest_tube="HARVEST")
    settle(told, HAR5, {}, harvest_tube="HARVEST")
    settle(told, CRY2, FILLED | dict(fill or {}), harvest_tube="HARVEST")
    return weighed(told)


def test_vials_are_filled_out_of_the_suspension_that_was_weighed(told: Told) -> None:
    contents = harvested(told, {"volume": "5.0"})
    assert said(told, contents) == ["CRY-2: 14.0 mL came out of 5.0 mL; it must be at most 5.25 mL, 105 % of it."]


@pytest.mark.parametrize(("volume", "out"), [("14.0", False), ("13.4", False), ("13.3", True), ("40.0", False)])
def test_cryomedium_makes_the_suspension_whatever_it_was_weighed_to_be(told: Told, volume: str, out: bool) -> None:
    """14.0 mL are 105 % of 13.33 mL; that the tube had 18.8 mL says nothing, for medium went in and out."""
    assert bool(said(told, harvested(told, {"volume": volume}))) is out


def test_vials_hold_no_more_cells_than_the_harvest_less_its_samples(told: Told) -> None:
    contents = harvested(told, {"concentration": "18600000"})  # 14 × 1.86e7 out of 2.4e8 less 1.2 of 20 mL
    assert said(told, contents) == [
        "CRY-2: 2.604×10⁸ viable cells came out of 2.256×10⁸ viable cells; it must be at most 2.594×10⁸ viable cells, 115 % of it."
    ]


def test_samples_cannot_be_more_than_the_harvest(told: Told) -> None:
    contents = harvested(told, volume="1.1")
    assert said(told, contents)[0] == "HAR-5: 1.2 mL came out of 1.1 mL; it must be at most 1.155 mL, 105 % of it."


def test_cells_that_grew_in_their_flasks_are_no_violation(told: Told) -> None:
    """4×10⁶ were seeded and 6×10⁷ are pooled; what the pool holds is judged from the pool on."""
    seeded(told)
    settle(told, CUL6, {"minutes": "5", "volume": "10.0"}, culture_flask="F1")
    settle(told, CUL7, {"live": "250 250 250 250", "dead": "1 1 1 1"}, pool_tube="POOL")  # 2.5e8 of 3e7
    settle(told, CUL8, {"next": "re-seed"}, pool_tube="POOL")
    settle(told, CUL9, RESEEDED | {"seeded": "300000000"}, pool_tube="POOL")
    assert said(told, weighed(told)) == [
        "CUL-9: 3×10⁸ viable cells came out of 2.25×10⁸ viable cells; it must be at most 2.5875×10⁸ viable cells, 115 % of it."
    ]


POOLING = {
    "code": "AAA-1", "title": "Pool and count", "people": "performer",
    "readings": [{"code": "volume", "ask": "Volume", "unit": "mL"}, {"code": "cells", "ask": "Cells", "unit": "cells"}],
}  # fmt: skip


def alone(told: Told, step: dict[str, Any], began: dict[str, Held], kind: str, made: tuple[str, ...], **values: str) -> Contents:
    """One step of a record of its own, with every container that it begins with."""
    where = ("AAA-1", None)
    told.master = told.master.model_copy(update={"phases": (Phase(code="AAA", title="All", steps=(Step.model_validate(step),)),)})
    for code in began:
        told.scan(where, "uses", kind, code)
    told.finish(where, values)
    return Contents(told.course(), {(where, one.kind): list(made) for one in told.master.step("AAA-1").makes}, began)


@pytest.mark.parametrize(("kind", "units"), [("culture flask", []), ("cell tube", ["viable cells"])])
def test_what_was_put_into_a_container_in_which_cells_grow_does_not_say_what_comes_out(told: Told, kind: str, units: list[str]) -> None:
    pooled = {"kind": "pool tube", "number": 1, "each": {"volume": "volume", "cells": "cells"}}
    step = POOLING | {"uses": [{"kind": kind, "number": "all"}], "materials": [{"item": "DPBS"}], "makes": [pooled]}
    began = {code: Held(Decimal(35), Decimal(2_000_000)) for code in ("F1", "F2")}
    contents = alone(told, step, began, kind, ("POOL",), volume="10.0", cells="60000000")
    assert [one.unit for one in contents.sums["AAA-1", None]] == units
    assert contents.held["POOL"] == Held(Decimal("10.0"), Decimal(60_000_000))


def test_what_is_taken_out_of_two_tubes_is_less_in_both_by_the_same_share(told: Told) -> None:
    made = {"kind": "pool tube", "number": 2, "each": {"volume": "volume", "cells": "cells"}}
    step = POOLING | {"uses": [{"kind": "cell tube", "number": "all", "then": "kept"}], "makes": [made]}
    began = {"T1": Held(Decimal(6), Decimal(9_000_000)), "T2": Held(Decimal(2), Decimal(1_000_000))}
    contents = alone(told, step, began, "cell tube", ("P1", "P2"), volume="2.0", cells="2500000")
    assert [(one.before, one.after) for one in contents.sums["AAA-1", None]] == [(8, 4), (10_000_000, 5_000_000)]
    assert [contents.held[code] for code in ("T1", "T2")] == [Held(Decimal(3), Decimal(4_500_000)), Held(Decimal(1), Decimal(500_000))]


def test_a_sample_of_what_the_step_has_made_is_taken_from_that(told: Told) -> None:
    made = {"kind": "pool tube", "number": 2, "each": {"volume": "volume", "cells": "cells"}}
    sample = {"kind": "sample tube", "of": "pool tube", "tests": ["sterility"], "amount": "3 mL"}
    step = POOLING | {"uses": [{"kind": "cell tube", "number": 1}], "makes": [made], "samples": [sample]}
    contents = alone(told, step, {"T1": Held(Decimal(6))}, "cell tube", ("P1", "P2"), volume="2.0", cells="100")
    assert said(told, contents) == ["AAA-1: 3 mL came out of 2.0 mL; it must be at most 2.1 mL, 105 % of it."]
    assert [contents.held[code] for code in ("P1", "P2")] == [Held(Decimal(0), Decimal(0)), Held(Decimal("2.0"), Decimal(100))]


@pytest.mark.parametrize(("kind", "out"), [("cell tube", True), ("culture flask", False)])
def test_the_cells_of_a_sample_come_out_beside_those_that_are_filled(told: Told, kind: str, out: bool) -> None:
    """4 of 8 mL are half of the cells; with the other half and some more they are 120 %. Where cells grow nobody knows."""
    made = {"kind": "pool tube", "number": 1, "each": {"cells": "cells"}}
    sample = {"kind": "sample tube", "of": kind, "tests": ["sterility"], "amount": "4 mL"}
    step = POOLING | {"uses": [{"kind": kind, "number": 1}], "makes": [made], "samples": [sample]}
    contents = alone(told, step, {"T1": Held(Decimal(8), Decimal(1_000_000))}, kind, ("POOL",), volume="1", cells="700000")
    sentence = "AAA-1: 1.2×10⁶ viable cells came out of 1×10⁶ viable cells; it must be at most 1.15×10⁶ viable cells, 115 % of it."
    assert said(told, contents) == ([sentence] if out else [])
    assert [(one.unit, one.after) for one in contents.sums["AAA-1", None]][:1] == [("mL", 4)]


@pytest.mark.parametrize(("cells", "left"), [(None, Held(Decimal(6))), (1_000_000, Held(Decimal(4), Decimal(500_000)))])
def test_what_is_left_follows_the_cells_and_the_volume_where_they_are_not_known(told: Told, cells: int | None, left: Held) -> None:
    made = {"kind": "pool tube", "number": 1, "each": {"volume": "volume", "cells": "cells"}}
    step = POOLING | {"uses": [{"kind": "cell tube", "number": 1, "then": "kept"}], "makes": [made]}
    began = {"T1": Held(Decimal(8), None if cells is None else Decimal(cells))}
    assert alone(told, step, began, "cell tube", ("POOL",), volume="2.0", cells="500000").held["T1"] == left


def test_what_nothing_is_known_of_is_not_judged(told: Told) -> None:
    made = {"kind": "pool tube", "number": 1, "each": {"volume": "volume", "cells": "cells"}}
    sample = {"kind": "sample tube", "of": "cell tube", "tests": ["sterility"], "amount": "4 mL"}
    step = POOLING | {"uses": [{"kind": "cell tube", "number": 1, "then": "kept"}], "makes": [made], "samples": [sample]}
    contents = alone(told, step, {"T1": Held()}, "cell tube", ("POOL",), volume="2.0", cells="500000")
    assert (contents.sums["AAA-1", None], contents.held["T1"]) == ([], Held())


def test_what_is_made_of_no_container_holds_what_is_said_of_it(told: Told) -> None:
    made = {"kind": "pool tube", "number": 1, "each": {"volume": "volume"}}
    contents = alone(told, POOLING | {"makes": [made]}, {}, "cell tube", ("POOL",), volume="2.0", cells="1")
    assert (contents.sums["AAA-1", None], contents.held["POOL"]) == ([], Held(Decimal("2.0")))


def test_nothing_out_of_nothing_is_no_violation(told: Told) -> None:
    told.master = told.master.model_copy(update={"balance": told.master.balance.model_copy(update={"cells": Limit.read("< 115")})})
    assert said(told, seeded(told, {"live": "0 0 0 0"}, {"seeded": "1"})) != []
    assert list(unbalanced(told.course(), MNC5, [Sum("viable cells", Decimal(0), Decimal(0))])) == []


@pytest.mark.parametrize(("added", "volume", "out"), [
    ("2.0 mL", "10.5", False), ("2.0 mL", "10.6", True), ("", "10.6", False), ("2 g", "10.6", False),
])  # fmt: skip
def test_a_liquid_of_a_stated_amount_is_part_of_what_there_was(told: Told, added: str, volume: str, out: bool) -> None:
    made = {"kind": "pool tube", "number": 1, "each": {"volume": "volume"}}
    liquid = {"item": "DPBS"} | ({"amount": added} if added else {})
    step = POOLING | {"uses": [{"kind": "cell tube", "number": 1}], "makes": [made], "materials": [liquid, {"item": "sterile flask"}]}
    contents = alone(told, step, {"T1": Held(Decimal(8))}, "cell tube", ("POOL",), volume=volume, cells="1")
    assert said(told, contents) == (["AAA-1: 10.6 mL came out of 10.0 mL; it must be at most 10.5 mL, 105 % of it."] if out else [])


@pytest.mark.parametrize(("cells", "out"), [("<= 500", False), ("< 500", True), ("<= 499.9", True)])
def test_the_limit_is_the_trial_folders(told: Told, cells: str, out: bool) -> None:
    told.master = told.master.model_copy(update={"balance": told.master.balance.model_copy(update={"cells": Limit.read(cells)})})
    contents = seeded(told, seed={"flasks": "20", "seeded": "600000000"})
    found = [one.sentence for one in unbalanced(told.course(), MNC5, contents.sums[MNC5])]
    assert bool(found) is out
    assert not out or ("must be below 6×10⁸" in found[0]) is cells.startswith("< ")


# ---- a count beside the record ----


def counted(told: Told, typed: Mapping[str, str], recorded: Mapping[str, str]) -> list[str]:
    told.finish(CRY3, typed)
    for name, number in recorded.items():
        told.calculate(CRY3, in_record(name), number)
    course = told.course()
    return [one.sentence for one in miscounted(course, CRY3, course.settled(CRY3))]


RECORDED = {"printed": "14", "applied": "14", "specimen": "0", "void": "0", "destroyed": "0"}


@pytest.mark.parametrize(("typed", "differ"), [
    ({}, ""), ({"printed": "99", "applied": "99"}, "Labels printed 99 and 14; Labels on vials 99 and 14"),
    ({"printed": "13", "applied": "13"}, "Labels printed 13 and 14; Labels on vials 13 and 14"), ({"void": "1"}, "Labels void 1 and 0"),
])  # fmt: skip
def test_a_count_by_hand_that_is_not_the_records_is_said_with_both_numbers(told: Told, typed: dict[str, str], differ: str) -> None:
    found = counted(told, RECORDED | typed, RECORDED)
    assert found == ([f"By hand and by the record: {differ}; they must be the same."] if differ else [])


@pytest.mark.parametrize(("printed", "out"), [("15", False), ("16", True), ("13", False), ("12", True)])
def test_how_far_a_count_may_be_out_is_the_trial_folders(told: Told, printed: str, out: bool) -> None:
    told.master = told.master.model_copy(update={"balance": told.master.balance.model_copy(update={"counts": Limit.read("<= 1")})})
    found = counted(told, RECORDED | {"printed": printed}, RECORDED)
    assert found == ([f"By hand and by the record: Labels printed {printed} and 14; each may differ by <= 1."] if out else [])


def test_nothing_is_compared_before_the_record_was_asked(told: Told) -> None:
    assert counted(told, RECORDED | {"printed": "99"}, {}) == []

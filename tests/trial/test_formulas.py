"""Every formula gives its published vector, and refuses what no cell count can be."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.trial.rules import CATALOGUE, NO_GROWTH, Count, formula_named, recount_agrees, recount_difference, work_out
from backend.trial.rules.formulas import Argument, formula, mean_count

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def count(*squares: int, dilution: int = 1) -> Count:
    return Count(Decimal(sum(squares)) / len(squares), sum(squares), Decimal(dilution))


def near(value: object, places: str = "0.001") -> Decimal:
    assert isinstance(value, Decimal)
    return value.quantize(Decimal(places))


VECTORS: list[tuple[str, list[Argument], str, str]] = [
    ("viable_concentration", [count(52, 48, 55, 45, dilution=2)], "1000000", "1"),
    ("viability", [count(50, 50, 50, 50), count(5, 5, 5, 5)], "90.91", "0.01"),
    ("count_error", [count(200)], "7.1", "0.1"),
    ("count_error", [count(100)], "10.0", "0.1"),
    ("count_error", [count(50)], "14.1", "0.1"),
    ("total_viable", [Decimal("1e6"), Decimal("12.0")], "12000000", "1"),
    ("population_doublings", [Decimal("4e5"), Decimal("3.2e6")], "3.000", "0.001"),
    ("doubling_time", [Decimal("4e5"), Decimal("3.2e6"), Decimal(96)], "32.0", "0.1"),
    ("cumulative_doublings", [[Decimal("3.0"), NO_GROWTH, Decimal("2.5")]], "5.5", "0.1"),  # type: ignore[list-item]
    ("seed_density", [Decimal("1.05e8"), Decimal(525)], "200000", "1"),
    ("growth_area", [Decimal(3), Decimal(175)], "525", "1"),
    ("cells_per_flask", [Decimal("3e6"), Decimal(4)], "750000", "1"),
    ("cells_per_vial", [Decimal("1.5e7"), Decimal("1.0")], "15000000", "1"),
    ("suspension_volume", [Decimal(14), Decimal("1.5e7"), Decimal("1.5e7")], "14.0", "0.1"),
    ("recovery", [Decimal("1.2e7"), Decimal("8.4e6")], "70.0", "0.1"),
    ("vials_to_fill", [Decimal("2.2e8"), Decimal("1.5e7"), Decimal("1e7"), Decimal(14)], "14", "1"),
    ("vials_to_fill", [Decimal("3.9e8"), Decimal("1.5e7"), Decimal("1e7"), Decimal(14)], "14", "1"),
    ("vials_to_fill", [Decimal("1.75e8"), Decimal("1.5e7"), Decimal("1e7"), Decimal(14)], "11", "1"),
    ("vials_to_fill", [Decimal(174999999), Decimal("1.5e7"), Decimal("1e7"), Decimal(14)], "10", "1"),
    ("vials_to_fill", [Decimal("5e6"), Decimal("1.5e7"), Decimal("1e7"), Decimal(14)], "0", "1"),
    ("vial_balance", [Decimal(14), Decimal(12), Decimal(1), Decimal(1)], "0", "1"),
    ("vial_balance", [Decimal(14), Decimal(14), Decimal(1), Decimal(0)], "1", "1"),
    ("vial_balance 2", [Decimal(12), *map(Decimal, (6, 2, 1, 2, 1))], "0", "1"),  # doses, tests, retained, discarded, stock
    ("vial_balance 2", [Decimal(12), *map(Decimal, (6, 2, 1, 1, 1))], "1", "1"),
    ("vial_balance 2", [Decimal(12), *map(Decimal, (6, 2, 1, 2, 2))], "1", "1"),
    ("label_balance", [Decimal(30), Decimal(24), Decimal(1), Decimal(3), Decimal(2)], "0", "1"),
    ("label_balance", [Decimal(30), Decimal(24), Decimal(1), Decimal(3), Decimal(1)], "1", "1"),
    ("endotoxin_limit", [Decimal("0.2"), Decimal(54), Decimal(2)], "5.4", "0.1"),
    ("endotoxin_limit", [Decimal("0.2"), Decimal(54), Decimal(3)], "3.6", "0.1"),
    ("endotoxin_limit", [Decimal(5), Decimal(54), Decimal(10)], "27", "1"),
    ("endotoxin_limit", [Decimal("0.2"), Decimal(70), Decimal(3)], "4.67", "0.01"),
    ("maximum_valid_dilution", [Decimal("5.4"), Decimal("0.05")], "108", "1"),
    ("formulated_volume", [Decimal("1.6e7"), Decimal("2.5"), Decimal("1e7")], "4.0", "0.1"),
    ("diluent", [Decimal("4.0"), Decimal("2.5")], "1.5", "0.1"),
    ("diluent", [Decimal(10), Decimal("0.15625")], "9.84375", "0.00001"),
    ("volume_of_cells", [Decimal("2.5e6"), Decimal("1.6e7")], "0.15625", "0.00001"),
    ("volume_of_cells", [Decimal("1.0e7"), Decimal("1.6e7")], "0.625", "0.00001"),
    ("stock_draw", [Decimal("2.5e6"), Decimal("12.0"), Decimal("10.0"), Decimal("5.0e6")], "0.600", "0.001"),
    ("stock_draw", [Decimal("1.0e7"), Decimal("12.0"), Decimal("10.0"), Decimal("5.0e6")], "2.400", "0.001"),
    ("residual_dmso", [Decimal(10), Decimal(2), Decimal(40), Decimal("0.5"), Decimal("4.0")], "0.0595", "0.0001"),
    ("dmso_mass", [Decimal("0.0595238"), Decimal(2)], "1.3", "0.1"),
    ("bank_need", [Decimal("2.0e7"), Decimal("5e6"), Decimal(65)], "41538462", "1"),
    ("bank_need", [Decimal("1.0e7"), Decimal("5e6"), Decimal(65)], "24615385", "1"),
    ("bank_need", [Decimal("2.5e6"), Decimal("5e6"), Decimal(65)], "11923077", "1"),
    ("vials_needed", [Decimal("4.15e7"), Decimal("1.5e7")], "3", "1"),
    ("vials_needed", [Decimal("2.46e7"), Decimal("1.5e7")], "2", "1"),
    ("vials_needed", [Decimal("1.19e7"), Decimal("1.5e7")], "1", "1"),
    ("volume_by_weight", [Decimal("10.403"), Decimal("1.01")], "10.3", "0.001"),
    ("difference_from", [Decimal("10.094"), Decimal("10.3")], "-2.0", "0.1"),
    ("cells_delivered", [Decimal("1.0e7"), Decimal("2.0")], "20000000", "1"),
    ("minutes_between", [AT, AT + timedelta(minutes=44, seconds=30)], "44.5", "0.1"),
    ("hours_between", [AT, AT + timedelta(days=4)], "96", "1"),
]


@pytest.mark.parametrize(("name", "arguments", "result", "places"), VECTORS, ids=[f"{row[0]}-{row[2]}" for row in VECTORS])
def test_a_formula_gives_its_vector(name: str, arguments: list[Argument], result: str, places: str) -> None:
    given_arguments = arguments[0] if formula_named(name).spread else arguments  # type: ignore[union-attr]
    assert near(work_out(name, given_arguments), places) == Decimal(result)  # type: ignore[arg-type]


EXACTLY: list[tuple[str, list[Argument], str]] = [
    ("seed_density", [Decimal(1), Decimal(3)], f"0.{'3' * 34}"),
    ("vials_to_fill", [Decimal(5), Decimal(1), Decimal(10), Decimal(14)], "0"),
    ("diluent", [Decimal("4.0"), Decimal("4.0")], "0"),
    ("dmso_mass", [Decimal("0.5"), Decimal(2)], "11"),
    ("difference_from", [Decimal(9), Decimal(10)], "-10"),
    ("minutes_between", [AT, AT], "0"),
    ("minutes_between", [AT, AT + timedelta(microseconds=600_000)], "0.01"),
    ("minutes_between", [AT, AT + timedelta(days=2, seconds=3)], "2880.05"),
    ("hours_between", [AT, AT + timedelta(days=4)], "96"),
]


@pytest.mark.parametrize(("name", "arguments", "result"), EXACTLY)
def test_a_formula_rounds_nothing(name: str, arguments: list[Argument], result: str) -> None:
    assert work_out(name, arguments) == Decimal(result)


def test_every_formula_of_the_catalogue_has_a_vector_and_a_source() -> None:
    assert {row[0] if " " in row[0] else f"{row[0]} 1" for row in VECTORS} == set(CATALOGUE)
    assert all(one.source for one in CATALOGUE.values())


@pytest.mark.parametrize(("seeded", "harvested"), [("4e5", "4e5"), ("4e5", "3e5"), ("4e5", "0"), ("0", "0")])
def test_cells_that_did_not_increase_show_no_growth(seeded: str, harvested: str) -> None:
    assert work_out("population_doublings", [Decimal(seeded), Decimal(harvested)]) is NO_GROWTH
    assert work_out("doubling_time", [Decimal(seeded), Decimal(harvested), Decimal(96)]) is NO_GROWTH


@pytest.mark.parametrize("wrong", ["NaN", "sNaN", "Infinity", "-Infinity", "-1", "-0.0001"])
def test_a_number_that_counts_nothing_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="it takes finite numbers that are not negative"):
        work_out("total_viable", [Decimal(wrong), Decimal(1)])
    with pytest.raises(ValueError, match="it takes finite numbers that are not negative"):
        work_out("cumulative_doublings", [Decimal(1), Decimal(wrong)])
    with pytest.raises(ValueError, match="was given a count of"):
        work_out("viable_concentration", [Count(Decimal(wrong), 1, Decimal(1))])


def test_a_count_without_dilution_is_refused() -> None:
    with pytest.raises(ValueError, match="was given a count of 50 per square at dilution 0"):
        work_out("viable_concentration", [count(50, dilution=0)])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("viability", [count(0), count(0)]),
        ("count_error", [count(0)]),
        ("seed_density", [Decimal(1), Decimal(0)]),
        ("recovery", [Decimal(0), Decimal(0)]),
        ("doubling_time", [Decimal(0), Decimal(1), Decimal(1)]),
        ("population_doublings", [Decimal(0), Decimal(1)]),
    ],
)
def test_a_division_by_nothing_is_refused(name: str, arguments: list[Argument]) -> None:
    with pytest.raises(ValueError, match="it would divide by nothing"):
        work_out(name, arguments)


def test_a_time_that_runs_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="before it began"):
        work_out("minutes_between", [AT, AT - timedelta(seconds=1)])


def test_an_unknown_formula_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no formula 'viability 9' in the catalogue"):
        work_out("viability 9", [])


def test_a_bare_name_is_always_the_first_version() -> None:
    found = formula_named("viability")
    assert found is CATALOGUE["viability 1"]


def test_a_formula_cannot_be_entered_twice() -> None:
    with pytest.raises(ValueError, match="viability 1 is in the catalogue already"):
        formula("viability", "%", live="count")(lambda live: live)


def test_a_formula_is_entered_as_its_first_version_and_stays_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(volume: Decimal) -> Decimal:
        return volume + volume

    monkeypatch.setitem(CATALOGUE, "twice 1", CATALOGUE["viability 1"])  # to be taken out again
    del CATALOGUE["twice 1"]
    assert formula("twice", "mL", volume="mL")(twice) is twice
    assert work_out("twice", [Decimal(2)]) == 4


@pytest.mark.parametrize(("first", "second", "apart"), [("43", "37", "15"), ("37", "43", "15"), ("0", "0", "0"), ("0", "1", "200")])
def test_how_far_a_recount_lies_apart(first: str, second: str, apart: str) -> None:
    assert recount_difference(Decimal(first), Decimal(second)) == Decimal(apart)


@pytest.mark.parametrize(
    ("first", "second", "agree"), [("43", "37", True), ("43", "36.99", False), ("100", "100", True), ("0", "0", True), ("0", "1", False)]
)
def test_a_recount_agrees_up_to_fifteen_per_cent_of_the_mean(first: str, second: str, agree: bool) -> None:
    """Decision W2: |a - b| ÷ mean <= 15 %, the limit included."""
    assert recount_agrees(Decimal(first), Decimal(second)) is agree
    assert recount_agrees(Decimal(second), Decimal(first)) is agree


@given(st.integers(0, 10**5), st.integers(0, 10**5))
def test_agreement_and_difference_say_the_same(first: int, second: int) -> None:
    assert recount_agrees(Decimal(first), Decimal(second)) == (recount_difference(Decimal(first), Decimal(second)) <= 15)


def test_the_mean_of_a_recount_is_not_rounded() -> None:
    assert mean_count(count(50, 51), count(50, 50)) == Count(Decimal("50.25"), 201, Decimal(1))


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(1, 500))
def test_doublings_and_doubling_time_multiply_to_the_time(seeded: int, harvested: int, hours: int) -> None:
    doublings = work_out("population_doublings", [Decimal(seeded), Decimal(harvested)])
    each = work_out("doubling_time", [Decimal(seeded), Decimal(harvested), Decimal(hours)])
    if harvested <= seeded:
        assert doublings is NO_GROWTH
        assert each is NO_GROWTH
    else:
        assert isinstance(doublings, Decimal)
        assert isinstance(each, Decimal)
        assert abs(doublings * each - hours) < Decimal("1e-15")


@given(st.integers(0, 10**10))
def test_vials_never_take_more_cells_than_there_are(total: int) -> None:
    vials = work_out("vials_to_fill", [Decimal(total), Decimal("1.5e7"), Decimal("1e7"), Decimal(14)])
    assert isinstance(vials, Decimal)
    assert 0 <= vials <= 14
    assert vials == 0 or vials * 15_000_000 + 10_000_000 <= total

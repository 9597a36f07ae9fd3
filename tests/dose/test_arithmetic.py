"""What is drawn, filled and given, by the vectors of the draft record, section 5; and that both arms of a route pass the same lines."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.dose.rules.arithmetic import (
    Recipe,
    counts_of,
    endotoxin,
    of_counts,
    of_fill,
    of_formulation,
    of_wash,
    pipetted,
    plan,
    recipe,
    squares,
    worked,
)
from backend.dose.rules.naming import TITLES, WORKED, called
from backend.dose.rules.preparing import (
    SLIP,
    TOO_FEW,
    TOO_SMALL,
    TOO_THIN,
    Found,
    against_formulating,
    differing,
    nonsense,
    out_of_limits,
)
from backend.dose.rules.timing import expiry, window
from backend.trial.rules import Level, TrialFile, read_folder
from tests import story

TRIAL: TrialFile = read_folder(Path(story.FOLDER)).trial
LOW, HIGH, OMMAYA = (recipe(TRIAL, arm) for arm in ("ica_low", "ica_high", "ommaya"))
D = Decimal


def near(value: Decimal, wanted: str) -> bool:
    return value.quantize(D(wanted)) == D(wanted)


def counted(total: str) -> dict[str, Decimal]:
    return {"total": D(total)}


VECTORS = [
    ("formulated_volume", ("1.6e7", "2.5", "1e7"), "4.0"),
    ("diluent", ("4.0", "2.5"), "1.5"),
    ("volume_of_cells", ("2.5e6", "1.6e7"), "0.15625"),
    ("diluent", ("10", "0.15625"), "9.84375"),
    ("volume_of_cells", ("1e7", "1.6e7"), "0.625"),
    ("diluent", ("10", "0.625"), "9.375"),
    ("stock_draw", ("2.5e6", "12.0", "10.0", "5e6"), "0.600"),
    ("stock_draw", ("1.0e7", "12.0", "10.0", "5e6"), "2.400"),
    ("residual_dmso", ("10", "2", "40", "0.5", "4.0"), "0.0595"),
    ("dmso_mass", ("0.0595238", "2"), "1.3"),
    ("endotoxin_limit", ("0.2", "54", "2"), "5.4"),
    ("endotoxin_limit", ("0.2", "54", "3"), "3.6"),
    ("endotoxin_limit", ("5", "54", "10"), "27"),
    ("maximum_valid_dilution", ("5.4", "0.05"), "108"),
    ("recovery", ("1.2e7", "8.4e6"), "70.0"),
    ("total_viable", ("1e6", "12.0"), "12000000"),
    ("cells_delivered", ("1e7", "2.0"), "20000000"),
    ("vial_balance", ("12", "6", "2", "4"), "0"),
    ("label_balance", ("30", "24", "1", "3", "2"), "0"),
]


@pytest.mark.parametrize(("name", "arguments", "result"), VECTORS, ids=[f"{row[0]}-{row[2]}" for row in VECTORS])
def test_a_vector_of_the_draft_record(name: str, arguments: tuple[str, ...], result: str) -> None:
    assert near(worked(name, *map(D, arguments)), result)


@pytest.mark.parametrize(
    ("dose", "need", "vials", "three"), [("2.0e7", "4.15e7", 3, "1.25e8"), ("1.0e7", "2.46e7", 2, "7.4e7"), ("2.5e6", "1.19e7", 1, "3.6e7")]
)
def test_the_bank_need_of_a_dose_in_cells_and_in_vials(dose: str, need: str, vials: int, three: str) -> None:
    cells = worked("bank_need", D(dose), D("5e6"), D(65))
    assert f"{cells:.2e}" == f"{D(need):.2e}"
    assert f"{3 * cells:.1e}" == f"{D(three):.1e}" or f"{3 * cells:.2e}" == f"{D(three):.2e}"
    assert worked("vials_needed", cells, D("1.5e7")) == vials
    route = "OMM" if dose == "2.0e7" else "ICA"
    assert TRIAL.preparation.routes[route].vials == (3 if route == "OMM" else 2)  # R2: two for either carotid arm


def test_the_counts_of_the_draft_record() -> None:
    found = of_counts(counts_of("52 48 55 45", "0 0 0 0", D(2)), counts_of("52,48;55 45", "0 0 0 0", D(2)))
    assert (found["concentration"], found["viability"], found["counted"]) == (D(1_000_000), D(100), D(200))
    both = of_counts(counts_of("200", "20", D(1)), counts_of("200", "20", D(1)))
    assert near(both["viability"], "90.91")
    assert of_counts(counts_of("0", "0", D(1)), counts_of("0", "0", D(1)))["viability"] == 0  # a chamber without cells
    assert squares(" 1 2,3;  4 ") == [1, 2, 3, 4]


def test_the_fewest_cells_that_one_person_counted_are_the_living_and_the_dead() -> None:
    for first, second in (("150", "190"), ("190", "150")):
        assert of_counts(counts_of(first, "49", D(1)), counts_of(second, "49", D(1)))["counted"] == 199


def test_r2_a_recipe_knows_the_doses_of_its_own_route_and_no_other() -> None:
    assert [recipe(TRIAL, arm).doses for arm in ("ica_low", "ica_high", "ommaya")] == [(D("2.5e6"), D("1e7"))] * 2 + [(D("2e7"),)]


def test_what_is_recovered_is_counted_against_the_vials_of_the_route() -> None:
    counts = {"concentration": D("1.2e7"), "viability": D(90), "counted": D(400)}
    assert of_wash(OMMAYA, counts, D("3.0")) == counts | {"total": D("3.6e7"), "recovery": D(80)}  # three vials of fifteen million
    assert of_wash(LOW, counts, D("2.0"))["recovery"] == 80  # two vials of fifteen million


@pytest.mark.parametrize(
    ("arm", "volumes"),
    [
        (LOW, {"stock_diluent_ml": "1.700", "drawn_ml": "0.600", "diluent_ml": "11.400"}),
        (HIGH, {"stock_diluent_ml": "1.700", "drawn_ml": "2.400", "diluent_ml": "9.600"}),
    ],
)
def test_r2_both_arms_take_the_same_path_and_draw_their_dose(arm: Recipe, volumes: dict[str, str]) -> None:
    wanted = plan(arm, counted("2.1e7"), D("2.5"))
    assert {name: pipetted(volume) for name, volume in wanted.items()} == volumes
    typed = {name: D(volume) for name, volume in volumes.items()} | {"suspension_ml": D("2.5")}
    washed = {"thawed_ml": D(2), "wash_ml": D(40), "left_ml": D("0.5")}
    made = of_formulation(arm, washed, counted("2.1e7"), typed)
    assert made["calculated"] * 10 == arm.arm.dose.number
    assert made["made_ml"] == 12


def test_an_intraventricular_dose_is_thinned_to_its_concentration() -> None:
    wanted = plan(OMMAYA, counted("4.0e7"), D("2.5"))
    assert wanted == {"diluent_ml": D("1.5")}
    washed = {"thawed_ml": D(2), "wash_ml": D(40), "left_ml": D("0.5")}
    made = of_formulation(OMMAYA, washed, counted("4.0e7"), {"suspension_ml": D("2.5"), "diluent_ml": D("1.5")})
    assert (made["made_ml"], made["calculated"]) == (D(4), D("1e7"))
    assert near(made["dmso"], "0.0595")
    assert near(made["dmso_mg"], "1.3")


def test_the_dmso_that_is_judged_is_the_same_for_both_arms() -> None:
    washed = {"thawed_ml": D(2), "wash_ml": D(40), "left_ml": D("0.5")}
    found = []
    for arm, drawn in ((LOW, "0.6"), (HIGH, "2.4")):
        typed = {"suspension_ml": D("2.5"), "stock_diluent_ml": D("1.7"), "drawn_ml": D(drawn), "diluent_ml": D(12) - D(drawn)}
        found.append(of_formulation(arm, washed, counted("2.1e7"), typed))
    assert found[1]["dmso"] == found[1]["dmso_at_most"] == found[0]["dmso_at_most"]
    assert near(found[0]["dmso"] * 4 - found[1]["dmso"], "0.000000")


def test_what_is_filled_is_read_from_its_weight_and_judged_by_what_was_counted() -> None:
    counts = {"concentration": D("1e7"), "viability": D(90), "counted": D(400)}
    found = of_fill(OMMAYA, counts, D("2.222"))
    assert (found["filled_ml"], found["filled"], found["cells"], found["off_target"]) == (D("2.2"), 0, D("2e7"), 0)


@pytest.mark.parametrize(
    ("arm", "low", "high"), [(OMMAYA, "1.6e7", "2.4e7"), (HIGH, "0.8e7", "1.2e7"), (LOW, "2.0e6", "3.0e6")], ids=["OMM", "high", "low"]
)
def test_a_dose_is_accepted_within_twenty_per_cent_unrounded(arm: Recipe, low: str, high: str) -> None:
    values = {"filled": D(0), "viability": D(90), "off_target": D(0)}
    for cells, out in ((low, False), (high, False), (D(low) - D("0.01"), True), (D(high) + D("0.01"), True)):
        assert bool(list(out_of_limits(arm, "fill", values | {"cells": D(cells)}))) is out


def test_viability_is_judged_unrounded() -> None:
    values = {"counted": D(200), "total": D("1.6e7")}
    assert list(out_of_limits(LOW, "count", values | {"viability": D(80)})) == []
    found = list(out_of_limits(LOW, "count", values | {"viability": D("79.96")}))
    assert found == [Found(Level.DECIDE, "Viability is 79.96 %; it must be at least 80 %.")]


OUT = [
    ("count", "viability=90 counted=199 total=2e7", "Number of cells that one person counted is 199 cells; it must be at least 200 cells."),
    ("count", "viability=90 counted=200 total=15999999", "Viable cells after the wash are 1.5999999×10⁷; they must be at least 1.6×10⁷."),
    ("formulate", "dmso_at_most=0.11", "Residual DMSO is 0.11 %; it must be at most 0.1 %."),
    ("formulate", "dmso_at_most=0.51", "Residual DMSO is 0.51 %; it must be at most 0.5 %."),
    ("fill", "filled=5.01 viability=90 off_target=0 cells=2.5e6", "Filled volume beside its target is 5.01 %; it must be at most 5 %."),
    (
        "fill", "filled=0 viability=90 off_target=-20.1 cells=2.5e6",
        "Viable concentration beside its target is -20.1 %; it must be at least -20 %.",
    ),
    ("wash", "clumps=3", "Number of clumps still seen after straining is 3 clumps; it must be at most 0 clumps."),
    ("fill", "filled=0 viability=90 off_target=0 cells=3.1e6", "Viable cells in the dose are 3.1×10⁶; they must be 2×10⁶ to 3×10⁶."),
]  # fmt: skip


@pytest.mark.parametrize(("step", "values", "says"), OUT, ids=[row[2][:40] for row in OUT])
def test_a_value_out_of_its_limit_is_said_with_both_values(step: str, values: str, says: str) -> None:
    found = {name: D(value) for name, value in (one.split("=") for one in values.split())}
    assert [one.sentence for one in out_of_limits(LOW, step, found)] == [says]


def test_a_wash_without_clumps_is_in_its_limits() -> None:
    assert list(out_of_limits(LOW, "wash", {"thawed_ml": D(2), "clumps": D(0)})) == []


def test_every_value_that_is_kept_has_a_name_and_a_unit() -> None:
    assert called("wash_ml") == ("Volume of the wash", "mL")
    assert called("net_g") == ("Net weight of the filled syringe", "g")
    assert called("viability") == ("Viability", "%")
    assert called("some_thing") == ("some thing", "")  # of a later version
    assert all(called(name)[1] for name in (*TITLES, *WORKED))


# ---- slips ----


def against(arm: Recipe, total: str = "2.1e7", **changed: str | None) -> list[tuple[str, str]]:
    volumes = plan(arm, counted("2.1e7"), D("2.5")) | {"suspension_ml": D("2.5")}
    typed = {name: volume for name, volume in volumes.items() if changed.get(name, "") is not None}
    typed |= {name: D(value) for name, value in changed.items() if value is not None}
    return [(one.open, one.sealed) for one in against_formulating(arm, counted(total), typed)]


def test_what_was_worked_out_is_let_through_and_two_per_cent_beside_it() -> None:
    assert against(LOW) == against(HIGH) == []
    assert against(LOW, drawn_ml="0.612") == against(LOW, drawn_ml="0.588") == []
    assert [one[0] for one in against(LOW, drawn_ml="0.6121")] == [SLIP]


@pytest.mark.parametrize("factor", ["0.1", "10", "100", "0.25", "4", "1.5"])
def test_every_slip_has_one_open_sentence_for_both_arms(factor: str) -> None:
    found = [against(arm, drawn_ml=f"{plan(arm, counted('2.1e7'), D('2.5'))['drawn_ml'] * D(factor):f}") for arm in (LOW, HIGH)]
    assert [[open_ for open_, _ in one] for one in found] == [[SLIP], [SLIP]]
    assert all("it must be" in sealed for one in found for _, sealed in one)


def test_a_power_of_ten_and_the_other_arms_volume_are_named_under_seal() -> None:
    assert against(LOW, drawn_ml="6.00")[0][1].endswith("must be 0.600 mL. The point is in the wrong place.")
    assert against(LOW, drawn_ml="2.400")[0][1].endswith("must be 0.600 mL. It is the volume of another dose of this route.")
    assert against(HIGH, drawn_ml="0.600")[0][1].endswith("must be 2.400 mL. It is the volume of another dose of this route.")
    assert against(HIGH, diluent_ml="8.000")[0][1].endswith("must be 9.600 mL.")


def test_r3_below_the_fewest_cells_neither_arm_is_prepared_and_the_words_are_the_same() -> None:
    assert TRIAL.preparation.routes["ICA"].minimum.number == D("1.6e7")
    for arm in (LOW, HIGH):
        assert against(arm, "15999999") == [(TOO_FEW, "Viable cells after the wash are 1.5999999×10⁷; they must be at least 1.6×10⁷.")]
        assert TOO_FEW not in {one[0] for one in against(arm, "16000000")}


def test_a_thin_suspension_and_a_small_diluent_must_be_concentrated() -> None:
    assert [against(arm, suspension_ml="5.0")[0][0] for arm in (LOW, HIGH)] == [TOO_THIN, TOO_THIN]
    assert [against(arm, suspension_ml="4.1")[0][0] for arm in (LOW, HIGH)] == [TOO_SMALL, TOO_SMALL]


def test_a_route_asks_for_its_own_volumes() -> None:
    assert against(LOW, drawn_ml=None) == [("Volume drawn from the working stock was not typed; this route needs it.", "")]
    typed = {"suspension_ml": D("2.5"), "diluent_ml": D("1.5"), "drawn_ml": D(1)}
    found = list(against_formulating(OMMAYA, counted("4e7"), typed))
    assert [one.open for one in found] == ["Volume drawn from the working stock was typed; this route has none."]


@given(st.decimals("1.6e7", "3.0e7", places=0), st.decimals("0.5", "3.0", places=3))
def test_whatever_is_counted_both_arms_hear_the_same(total: Decimal, suspension: Decimal) -> None:
    """The open sentences depend on the count alone, never on the arm."""

    def heard(arm: Recipe) -> list[str]:
        try:
            volumes = plan(arm, {"total": total}, suspension)
        except ValueError:
            volumes = {"stock_diluent_ml": D(1), "drawn_ml": D(1), "diluent_ml": D(1)}
        return [one.open for one in against_formulating(arm, {"total": total}, volumes | {"suspension_ml": suspension})]

    assert heard(LOW) == heard(HIGH)


# ---- two people ----

UNEVEN = "The living and the dead are counted in the same squares; the two rows have different lengths."


@pytest.mark.parametrize(
    ("first", "second", "fields"),
    [
        ({"wash_ml": "40.0"}, {"wash_ml": "40"}, []),
        ({"wash_ml": "40.0"}, {"wash_ml": "40.1"}, ["wash_ml"]),
        ({"wash_ml": "40"}, {}, ["wash_ml"]),
        ({}, {"wash_ml": "40"}, ["wash_ml"]),
        ({"live": "100 100", "dead": "1 1", "dilution": "10"}, {"live": "86 86 87", "dead": "9 9 9", "dilution": "10"}, []),
        ({"live": "100 100", "dead": "1 1", "dilution": "10"}, {"live": "86 86", "dead": "1 1", "dilution": "10"}, ["live"]),
        ({"live": "100", "dead": "1", "dilution": "10"}, {"live": "100", "dead": "1", "dilution": "20"}, ["dilution"]),
    ],
)
def test_two_readings_agree_or_name_where_they_do_not(first: dict[str, str], second: dict[str, str], fields: list[str]) -> None:
    assert differing(first, second) == fields


def test_two_counts_may_differ_by_fifteen_per_cent_of_their_mean() -> None:
    one, two = {"live": "215", "dead": "0", "dilution": "1"}, {"live": "185", "dead": "0", "dilution": "1"}
    assert differing(one, two) == []
    assert differing(one, two | {"live": "184"}) == ["live"]


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({"resuspended_ml": "2.5"}, {}),
        ({"resuspended_ml": "25"}, {"resuspended_ml": "Volume after the wash is 25; only 0.5 to 10 is possible."}),
        ({"strained": "1"}, {}),
        ({"strained": "0"}, {"strained": "Times strained is 0; only 1 to 5 is possible."}),
        ({"live": "1 2 3", "dead": "1 2 3 4"}, {"live": "Living cells in each square: 3 were counted; at least 4 squares are counted."}),
        ({"live": "1 2 3 4", "dead": "1 2 3 4 5"}, {"dead": UNEVEN}),
    ],
)
def test_nonsense_is_turned_away_by_its_field(values: dict[str, str], faults: dict[str, str]) -> None:
    assert nonsense(TRIAL.preparation, values) == faults


# ---- limits and times ----


@pytest.mark.parametrize(
    ("arm", "weight", "limit"), [(OMMAYA, "54", "<= 3.6"), (OMMAYA, "70", "<= 4.6666"), (LOW, "54", "<= 27"), (HIGH, "54", "<= 27")]
)
def test_l2_the_endotoxin_limit_is_resolved_and_equal_for_both_carotid_arms(arm: Recipe, weight: str, limit: str) -> None:
    route = TRIAL.routes[arm.arm.route]
    assert endotoxin(arm, route.endotoxin_k.number, D(weight)) == limit


def test_d1_a_dose_expires_four_hours_after_the_thaw_began_cut_to_the_minute() -> None:
    at = datetime(2026, 5, 1, 5, 46, 59, tzinfo=UTC)
    assert expiry(at, timedelta(hours=4)) == datetime(2026, 5, 1, 9, 46, tzinfo=UTC)


@pytest.mark.parametrize(
    ("collected", "first", "last"), [((2026, 9, 30), (2026, 10, 30), (2027, 3, 30)), ((2026, 1, 31), (2026, 2, 28), (2026, 7, 31))]
)
def test_d2_the_window_is_clamped_at_month_ends(collected: tuple[int, ...], first: tuple[int, ...], last: tuple[int, ...]) -> None:
    assert window(TRIAL, date(*collected)) == (date(*first), date(*last))

"""One subject's cells go through the whole record: every step due in its order, every formula from the readings in force."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backend.trial.rules import NO_GROWTH, Count, Folder, Value, calculated, due, spoken, start_by
from backend.trial.rules.master_record import Done

AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


class Batch:
    """What a batch room would keep: values in force and steps done, in memory."""

    def __init__(self, folder: Folder) -> None:
        self.record = folder.master
        self.values: dict[tuple[str, str | None, str], Value] = {}
        self.done: list[Done] = []

    def answer(self, step: str, passage: str | None, reading: str) -> Value | None:
        return self.values.get((step, passage, reading))

    def read(self, step: str, passage: str | None = None, **values: Value) -> None:
        self.values |= {(step, passage, reading): value for reading, value in values.items()}

    def due(self) -> Done | None:
        return due(self.record, self.done, self.answer)

    def until(self, step: str, harvest_at: str = "P2") -> Done | None:
        """Do everything that is due before this step."""
        while (now := self.due()) and now != (step, None):
            if now[0] == "CUL-8":
                self.read("CUL-8", now[1], next="harvest" if now[1] == harvest_at else "re-seed")
            self.done.append(now)
        return now

    def work_out(self, step: str, passage: str | None = None) -> dict[str, object]:
        worked = calculated(self.record, step, passage, self.answer)
        assert not worked.reasons
        self.values |= {(step, passage, code): value for code, value in worked.values.items()}
        return dict(worked.values)


@pytest.fixture
def batch(folder: Folder) -> Batch:
    return Batch(folder)


def count(squares: str, dilution: int = 10) -> Count:
    seen = sum(map(int, squares.split()))
    return Count(Decimal(seen) / 4, seen, Decimal(dilution))


def test_steps_are_due_in_the_order_written_and_culture_repeats_until_harvest(batch: Batch) -> None:
    batch.until("never")
    codes = [step.code for step in batch.record.steps()]
    culture = [code for code in codes if code.startswith("CUL")]
    before, after = codes[: codes.index("CUL-1")], codes[codes.index("HAR-2") :]
    wanted: list[Done] = [(code, None) for code in before]
    wanted += [(code, passage) for passage in ("P0", "P1") for code in culture]
    wanted += [(code, "P2") for code in culture if code != "CUL-9"]
    wanted += [(code, None) for code in after]
    assert batch.done == wanted
    assert batch.due() is None


def test_culture_never_goes_past_its_last_passage(batch: Batch) -> None:
    batch.until("HAR-2", harvest_at="never")
    assert max(passage for _, passage in batch.done if passage) == "P4"


@pytest.mark.parametrize(
    ("passage", "options"),
    [("P0", ("re-seed",)), ("P1", ("re-seed",)), ("P2", ("re-seed", "harvest")), ("P3", ("re-seed", "harvest")), ("P4", ("harvest",))],
)
def test_harvest_is_offered_from_p2_and_is_all_that_is_left_at_p4(batch: Batch, passage: str, options: tuple[str, ...]) -> None:
    assert batch.record.options("CUL-8", "next", passage) == options


def test_a_fourth_passage_is_an_alert(batch: Batch) -> None:
    repeat = batch.record.phase_of("CUL-1").repeat
    assert repeat is not None
    assert [repeat.level(passage) for passage in repeat.passages()] == ["in limits"] * 4 + ["alert"]


def test_options_of_other_choices_do_not_depend_on_the_passage(batch: Batch) -> None:
    assert batch.record.options("CUL-3", "morphology", "P0") == ("spindle", "rounded", "vacuoles")
    assert batch.record.options("REC-3", "clots", None) == ("none", "few", "many")
    assert batch.record.options("REC-3", "volume", None) == ()


def test_growth_is_not_asked_for_in_p0(batch: Batch) -> None:
    step = batch.record.step("CUL-8")
    assert [reading.code for reading in step.asked_in("P0")] == ["next"]
    assert len(step.asked_in("P1")) == len(step.readings)


def test_a_count_is_worked_out_from_the_unrounded_mean_of_both(batch: Batch) -> None:
    """Decision W2, with the vector 50 live a square at 1:10 and 12.0 mL."""
    batch.read("MNC-4", volume=Decimal("12.0"), live=count("52 48 55 45"), dead=count("5 5 5 5"))
    worked = batch.work_out("MNC-4")
    assert worked["concentration"] == Decimal(5_000_000)
    assert worked["tnc"] == Decimal(60_000_000)
    assert str(worked["viability"]).startswith("90.9090909")


def test_a_formula_waits_for_its_readings(batch: Batch) -> None:
    batch.read("MNC-4", live=count("52 48 55 45"))
    assert set(batch.work_out("MNC-4")) == {"error", "concentration"}


def test_a_chamber_without_cells_is_told_and_not_hidden(batch: Batch) -> None:
    batch.read("MNC-4", volume=Decimal(10), live=count("0 0 0 0"), dead=count("0 0 0 0"))
    worked = calculated(batch.record, "MNC-4", None, batch.answer)
    assert worked.values["tnc"] == 0
    assert set(worked.reasons) == {"error", "viability"}
    assert worked.reasons["viability"] == "viability cannot be worked out: it would divide by nothing."


def test_growth_is_reckoned_from_the_seeding_of_the_passage_before(batch: Batch) -> None:
    for number, (seeded, total) in enumerate([("4e5", None), ("4e5", "3.2e6"), (None, "6.4e6")]):
        passage = f"P{number}"
        if seeded:
            batch.read("CUL-9", passage, seeded=Decimal(seeded), seeded_at=AT + timedelta(days=4 * number))
        batch.read("CUL-6", passage, detached_at=AT + timedelta(days=4 * number))
        if total:
            batch.read("CUL-7", passage, total=Decimal(total))
    first, second = batch.work_out("CUL-8", "P1"), batch.work_out("CUL-8", "P2")
    assert [round(first[code], 3) for code in ("elapsed", "doublings", "doubling_time", "cumulative")] == [96, 3, 32, 3]  # type: ignore[call-overload]
    assert [round(second[code], 3) for code in ("doublings", "doubling_time", "cumulative")] == [4, 24, 7]  # type: ignore[call-overload]
    assert batch.work_out("CUL-8", "P0") == {}


def test_cells_that_did_not_grow_add_nothing_to_the_doublings(batch: Batch) -> None:
    batch.read("CUL-9", "P0", seeded=Decimal("4e5"), seeded_at=AT)
    batch.read("CUL-7", "P1", total=Decimal("3e5"))
    batch.read("CUL-6", "P1", detached_at=AT + timedelta(hours=96))
    worked = batch.work_out("CUL-8", "P1")
    assert worked["doublings"] == worked["doubling_time"] == NO_GROWTH
    assert worked["cumulative"] == 0


def test_the_harvest_is_compared_with_the_last_passage_that_was_done(batch: Batch) -> None:
    batch.read("CUL-7", "P1", total=Decimal("1e6"))
    batch.read("CUL-7", "P2", total=Decimal("2.5e8"))
    batch.read("HAR-2", volume=Decimal("10.0"))
    batch.read("HAR-3", live=count("115 115 115 115", 20), dead=count("3 3 3 3", 20))
    worked = batch.work_out("HAR-3")
    assert worked["total"] == Decimal("2.3e8")
    assert worked["recovery"] == 92
    assert worked["vials"] == 14


def test_the_fill_of_a_vial_and_both_accounts_are_worked_out(batch: Batch) -> None:
    batch.read("CRY-2", concentration=Decimal("1.5e7"), fill=Decimal("1.0"), vials=Decimal(14), dmso_added_at=AT)
    batch.read("CRY-5", freeze_started_at=AT + timedelta(minutes=14))
    batch.read("CRY-7", stored=Decimal(13), tested=Decimal(1), discarded=Decimal(0))
    batch.read("CRY-3", printed=Decimal(15), applied=Decimal(14), specimen=Decimal(1), void=Decimal(0), destroyed=Decimal(0))
    assert batch.work_out("CRY-2") == {"cells_each": Decimal("1.5e7")}
    assert batch.work_out("CRY-5") == {"contact": Decimal(14)}
    assert batch.work_out("CRY-7") == {"unaccounted": 0}
    assert batch.work_out("CRY-3") == {"unaccounted": 0}


def test_a_step_must_begin_within_its_time_of_the_later_end(batch: Batch) -> None:
    ends = {
        ("MNC-3", None): AT,
        ("MNC-7", None): AT,
        ("CUL-9", "P0"): AT + timedelta(days=9),
        ("CUL-8", "P1"): AT,
        ("CUL-8", "P2"): AT + timedelta(days=20),
    }

    def by(step: str, passage: str | None = None) -> datetime | None:
        return start_by(batch.record, step, passage, lambda code, when: ends.get((code, when)))

    assert by("MNC-4") == AT + timedelta(minutes=30)
    assert by("MNC-5") is None, "MNC-4 is not finished"
    assert by("MNC-2") is None, "it has no time limit"
    assert by("CUL-1", "P0") == AT + timedelta(hours=96)
    assert by("CUL-1", "P1") == AT + timedelta(days=9, hours=96)
    assert by("HAR-2") == AT + timedelta(days=20, hours=2), "the last passage counts"


def test_a_step_that_begins_with_a_later_passage_is_left_out_before(batch: Batch) -> None:
    culture = batch.record.phase_of("CUL-1")
    steps = tuple(step.model_copy(update={"from_round": "P1"}) if step.code == "CUL-1" else step for step in culture.steps)
    phases = tuple(phase.model_copy(update={"steps": steps}) if phase is culture else phase for phase in batch.record.phases)
    batch.record = batch.record.model_copy(update={"phases": phases})
    batch.until("HAR-2")
    assert [passage for code, passage in batch.done if code == "CUL-1"] == ["P1", "P2"]


def test_a_checked_step_is_one_with_an_independent_verifier(batch: Batch) -> None:
    assert batch.record.step("MNC-4").checked
    assert not batch.record.step("CRY-6").checked, "it is witnessed"
    assert not batch.record.step("REC-4").checked


def test_a_step_is_spoken_with_its_passage() -> None:
    assert spoken("P1", "CUL-7") == "P1 CUL-7"
    assert spoken(None, "MNC-4") == "MNC-4"


def test_an_unknown_step_has_no_place_in_the_record(batch: Batch) -> None:
    with pytest.raises(KeyError):
        batch.record.step("XYZ-1")
    with pytest.raises(KeyError):
        batch.record.phase_of("XYZ-1")

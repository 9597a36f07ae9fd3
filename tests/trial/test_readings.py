"""Forms reject nonsense and never bad news; two independent readings become one by the rule of their step."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.trial.rules import Count, Folder, Level, Reading, agree, judged, settled, typed, unit_of

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def reading(folder: Folder, name: str) -> Reading:
    step, code = name.split(".")
    found = folder.master.step(step).reading(code)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("REC-3.volume", "30.0", Decimal("30.0")),
        ("REC-3.volume", " 6 ", Decimal(6)),  # a short marrow is bad news, and is recorded
        ("CRY-5.lowest", "-152.5", Decimal("-152.5")),
        ("MNC-4.live", "52 48 55 45", Count(Decimal(50), 200, Decimal(10))),
        ("MNC-4.live", "52, 48,55;46", Count(Decimal("50.25"), 201, Decimal(10))),
        ("MNC-4.live", "0 0 0 0", Count(Decimal(0), 0, Decimal(10))),
        ("CUL-3.contamination", "yes", True),
        ("CUL-3.contamination", "no", False),
        ("REC-3.clots", "few", "few"),
        ("REC-3.appearance", "dark red, 混浊", "dark red, 混浊"),
        ("REC-1.seal", "SEAL-0042", "SEAL-0042"),
        ("REC-1.received_at", "2026-03-02T13:59+08:00", datetime(2026, 3, 2, 5, 59, tzinfo=UTC)),
        ("REC-1.received_at", "2026-03-02T06:00:00Z", NOW),
    ],
)
def test_a_value_is_read_as_it_was_typed(folder: Folder, name: str, text: str, value: object) -> None:
    read = typed(reading(folder, name), text, now=NOW)
    assert read == value
    if isinstance(value, Decimal):
        assert str(read) == text.strip(), "70.0 stays 70.0"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("REC-3.volume", "", "Volume by weight is empty."),
        ("REC-3.volume", "   ", "Volume by weight is empty."),
        ("REC-3.volume", "-1", "Volume by weight is -1 mL; it cannot be less than nothing."),
        ("REC-3.volume", "201", "Volume by weight is 201 mL; only 0 to 200 mL is possible."),
        ("REC-3.volume", "NaN", "Volume by weight is 'NaN'; it must be a number in mL, written with digits and a point, as in 12.5."),
        ("REC-3.volume", "inf", "Volume by weight is 'inf'; it must be a number in mL"),
        ("REC-3.volume", "3e1", "Volume by weight is '3e1'; it must be a number in mL"),
        ("REC-3.volume", "1,5", "Volume by weight is '1,5'; it must be a number in mL"),
        ("REC-3.volume", "٣", "Volume by weight is '٣'; it must be a number in mL"),
        ("REC-3.volume", "<script>", "Volume by weight is '<script>'; it must be a number in mL"),
        ("REC-3.volume", "9" * 5000, "Volume by weight is '9999999999"),
        ("REC-3.volume", "3\x000", "Volume by weight contains a control character; it must be plain text."),
        ("MNC-4.live", "52 48 55", "Live cells has 3 squares; it must have 4."),
        ("MNC-4.live", "52 48 55 45 50", "Live cells has 5 squares; it must have 4."),
        ("MNC-4.live", "52 48 55 4.5", "Live cells is '52 48 55 4.5'; it must be one whole number for each square."),
        ("MNC-4.live", "52 48 55 -45", "Live cells is '52 48 55 -45'; it must be one whole number for each square."),
        ("CUL-3.contamination", "maybe", "Turbid, or fungi to be seen? is 'maybe'; it must be one of: yes, no."),
        ("REC-3.clots", "some", "Clots is 'some'; it must be one of: none, few, many."),
        ("REC-3.appearance", "x" * 401, "Appearance has 401 characters; it may have at most 400."),
        ("REC-1.seal", "x" * 121, "Seal of the box has 121 characters; it may have at most 120."),
        ("REC-1.received_at", "yesterday", "Box opened is 'yesterday'; it must be a date and time, as in 2026-03-02T14:05+08:00."),
        (
            "REC-1.received_at",
            "2025-03-01T05:59+00:00",
            "Box opened is 2025-03-01T05:59+00:00, which is more than a year before now, 2026-03-02T06:00+00:00.",
        ),
        ("REC-1.received_at", "2026-03-02T05:00", "Box opened is 2026-03-02T05:00, without a time zone;"),
        (
            "REC-1.received_at",
            "2026-03-02T14:03+08:00",
            "Box opened is 2026-03-02T14:03+08:00, which is later than now, 2026-03-02T06:00+00:00.",
        ),
        ("MNC-4.viability", "99", "Viability is worked out by the program; nobody types it."),
    ],
)
def test_nonsense_is_refused_in_a_sentence(folder: Folder, name: str, text: str, says: str) -> None:
    with pytest.raises(ValueError) as refused:
        typed(reading(folder, name), text, now=NOW)
    assert str(refused.value).startswith(says)
    assert len(str(refused.value)) < 200


@given(text=st.text(max_size=60))
def test_any_typing_is_read_or_refused_in_a_sentence(folder: Folder, text: str) -> None:
    for step in folder.master.steps():
        for one in step.readings:
            try:
                read = typed(one, text, now=NOW)
            except ValueError as error:
                assert str(error).endswith((".", ". ")), str(error)
            else:
                assert not isinstance(read, Decimal) or read.is_finite()


def test_a_bench_clock_may_run_ahead_by_two_minutes_and_no_more(folder: Folder) -> None:
    at = reading(folder, "REC-1.received_at")
    assert typed(at, (NOW + timedelta(minutes=2)).isoformat(), now=NOW)
    with pytest.raises(ValueError, match="later than now"):
        typed(at, (NOW + timedelta(minutes=2, seconds=1)).isoformat(), now=NOW)


def test_a_recount_compares_live_cells_and_only_averages_dead_ones(folder: Folder) -> None:
    live, dead = reading(folder, "MNC-4.live"), reading(folder, "MNC-4.dead")
    first, second = typed(live, "52 48 55 45", now=NOW), typed(live, "60 50 60 55", now=NOW)
    far = typed(live, "70 60 60 60", now=NOW)
    assert agree(live, first, second, recount=True)
    assert not agree(live, first, far, recount=True)
    assert agree(dead, typed(dead, "1 0 2 1", now=NOW), typed(dead, "5 0 2 1", now=NOW), recount=True)
    assert settled(first, second, recount=True) == Count(Decimal("53.125"), 425, Decimal(10))


def test_a_reread_must_be_equal_and_leaves_the_first_value(folder: Folder) -> None:
    volume = reading(folder, "MNC-3.volume")
    assert agree(volume, Decimal("10.0"), Decimal("10.00"), recount=False)
    assert not agree(volume, Decimal("10.0"), Decimal("10.1"), recount=False)
    assert not agree(volume, Decimal("10.0"), Decimal("10.1"), recount=True), "only counts may differ in a recount"
    live = reading(folder, "MNC-4.live")
    assert not agree(live, Count(Decimal(50), 200, Decimal(10)), Count(Decimal(51), 204, Decimal(10)), recount=False)
    assert settled(Decimal("10.0"), Decimal("10.00"), recount=True) == Decimal("10.0")
    assert settled(Count(Decimal(50), 200, Decimal(10)), None, recount=True) == Count(Decimal(50), 200, Decimal(10))


@pytest.mark.parametrize(
    ("name", "unit", "twice"),
    [
        ("REC-3.volume", "mL", True),
        ("MNC-4.live", "count", True),
        ("MNC-4.viability", "%", False),
        ("REC-1.seal", "", True),
        ("REC-1.received_at", "time", True),
        ("REC-3.appearance", "", False),
        ("REC-3.clots", "", True),
    ],
)
def test_a_second_person_reads_all_but_free_text_and_calculations(folder: Folder, name: str, unit: str, twice: bool) -> None:
    assert unit_of(reading(folder, name)) == unit
    assert reading(folder, name).read_twice is twice


def test_values_without_limits_are_in_limits(folder: Folder) -> None:
    assert judged(reading(folder, "MNC-4.live"), Count(Decimal(0), 0, Decimal(10))).level is Level.IN_LIMITS
    assert judged(reading(folder, "REC-1.received_at"), NOW).level is Level.IN_LIMITS
    assert judged(reading(folder, "REC-1.seal"), "SEAL-0042").level is Level.IN_LIMITS


# What the process says of each limit, read from the file: the value just inside and the value just outside.
LIMITS = [
    ("REC-1.elapsed", "24", "in limits"),
    ("REC-1.elapsed", "24.01", "decide"),
    ("REC-3.volume", "20", "in limits"),
    ("REC-3.volume", "19.9", "alert"),
    ("REC-3.volume", "9.9", "decide"),
    ("REC-4.viability", "80", "in limits"),
    ("REC-4.viability", "79.96", "alert"),
    ("REC-4.viability", "69.9", "decide"),
    ("MNC-4.tnc", "49999999", "alert"),
    ("MNC-4.tnc", "5e7", "in limits"),
    ("MNC-4.tnc", "19999999", "decide"),
    ("MNC-4.viability", "84.9", "alert"),
    ("MNC-4.viability", "68.4", "decide"),
    ("MNC-5.density", "1e5", "in limits"),
    ("MNC-5.density", "2e5", "in limits"),
    ("MNC-5.density", "99999", "decide"),
    ("MNC-5.density", "200001", "decide"),
    ("CUL-3.confluence", "90", "in limits"),
    ("CUL-3.confluence", "90.1", "alert"),
    ("CUL-3.contamination", True, "stop"),
    ("CUL-6.minutes", "10.1", "alert"),
    ("CUL-6.minutes", "15.1", "decide"),
    ("CUL-7.viability", "89.9", "alert"),
    ("CUL-7.viability", "79.9", "decide"),
    ("CUL-8.doubling_time", "72", "in limits"),
    ("CUL-8.doubling_time", "90", "alert"),
    ("CUL-8.doubling_time", "121", "decide"),
    ("CUL-8.cumulative", "20.1", "alert"),
    ("CUL-8.cumulative", "25.1", "stop"),
    ("HAR-3.viability", "89.9", "alert"),
    ("HAR-3.viability", "84.9", "decide"),
    ("HAR-3.total", "2.2e8", "in limits"),
    ("HAR-3.total", "1.75e8", "in limits"),
    ("HAR-3.total", "174999999", "decide"),
    ("HAR-3.vials", "14", "in limits"),
    ("HAR-3.vials", "11", "alert"),
    ("HAR-3.vials", "10", "decide"),
    ("CRY-2.cells_each", "1.35e7", "in limits"),
    ("CRY-2.cells_each", "1.34e7", "alert"),
    ("CRY-2.cells_each", "1.19e7", "decide"),
    ("CRY-3.unaccounted", "0", "in limits"),
    ("CRY-3.unaccounted", "1", "stop"),
    ("CRY-5.contact", "30", "in limits"),
    ("CRY-5.contact", "30.1", "alert"),
    ("CRY-5.contact", "45.1", "decide"),
    ("CRY-5.spike", "5.1", "alert"),
    ("CRY-5.curve", False, "decide"),
    ("CRY-6.temperature", "-150", "in limits"),
    ("CRY-6.temperature", "-149.9", "decide"),
    ("CRY-6.exposure", "2.1", "alert"),
    ("CRY-6.exposure", "5.1", "decide"),
    ("CRY-7.unaccounted", "1", "stop"),
]


@pytest.mark.parametrize(("name", "value", "level"), LIMITS, ids=[f"{name}-{value}" for name, value, _ in LIMITS])
def test_a_reading_is_judged_as_the_process_says(folder: Folder, name: str, value: str | bool, level: str) -> None:
    assert judged(reading(folder, name), value if isinstance(value, bool) else Decimal(value)).level == level

"""The benchmarks run on both engines and tell a program nothing but numbers. What the numbers are is no test's business."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from backend.ledger import REGISTRY

HERE = Path(__file__).resolve().parents[2]
WRITERS, CONTAINERS = 2, (10, 20)  # of the quick form
NAMES = {
    "act_1_row": {"ratio"},
    "act_5_rows": {"ratio"},
    **{f"writers_{WRITERS}_on_{n}_subjects": {"acts", "plain", "share"} for n in (1, 8)},
    "verify_unsigned": {"share", "entries_per_second"},
    "verify_signed": {"share"},
    **{f"scan_{n}_containers_{m}_clients": {"p50", "p99", "p50_ms", "p99_ms"} for n in CONTAINERS for m in (1, WRITERS)},
    "scan_grown": {"p50"},
}
PLAYED = {
    "bedside_verdict": {"ratio", "ms"}, "release_page": {"ratio", "ms"}, "history_100": {"ratio", "ms"}, "labels_500": {"ratio"},
    "queries": {"ratio"},
}  # fmt: skip


@pytest.fixture
def bench() -> Iterator[Any]:
    """The benchmarks in this process; their acts leave the registry again, because they are no room's."""
    yield import_module("backend.rehearsal.bench")
    for name in [one for one in REGISTRY if one.startswith("bench.")]:
        del REGISTRY[name]
    for name in [one for one in sys.modules if one.startswith("backend.rehearsal.bench")]:
        del sys.modules[name]


def test_every_part_runs_on_both_engines_and_prints_json_alone() -> None:
    """Standard output is one JSON document: for each thing its median, the noise beside it, and of how many rounds."""
    command = [sys.executable, "-c", "from backend.cli import main; main()", "bench", "--quick", "--json"]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert set(found) == {"sqlite", "postgresql"}
    for engine, told in found.items():
        assert {name: set(numbers) for name, numbers in told.items()} == NAMES | (PLAYED if engine == "sqlite" else {}), engine
        for name, number in ((f"{name} {part}", number) for name, numbers in told.items() for part, number in numbers.items()):
            assert set(number) == {"median", "low", "high", "rounds"}, name
            assert 0 < number["low"] <= number["median"] <= number["high"], name
            assert number["rounds"] >= 5, name
    assert found["sqlite"]["queries"]["ratio"]["high"] == 1, "a list asks for its rows one by one"


def test_people_are_told_in_words(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from backend.rehearsal.bench.ground import Number, Told

    def part(*_: Any) -> list[Told]:
        ratio = Number.of([2.0, 1.5, 1.75])
        return [Told("act_1_row", {"ratio": ratio}, f"an act of 1 row against plain SQLModel: {ratio}")]

    for one in (bench.writing, bench.proving, bench.scanning, bench.treating):
        monkeypatch.setattr(one, "measure", part)
    monkeypatch.setattr(bench, "import_module", _nothing)
    said: list[str] = []
    assert bench.run(quick=True, say=said.append)["postgresql"] is None
    assert said == [
        *["sqlite: an act of 1 row against plain SQLModel: ×1.75 (×1.50 to ×2.00)"] * 4,
        "postgresql: its embedded server is not installed here, so it was not measured.",
    ]


def _nothing(name: str) -> None:
    raise ImportError(name)

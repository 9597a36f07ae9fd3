"""What an act costs against the same rows written plainly, and how writers go on beside each other."""

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from backend.rehearsal.bench.ground import SUBJECTS, Ground, median_ratio, reopened

SECONDS = 2.0


def measure(ground: Ground, scale: int) -> dict[str, str]:
    """Acts of one and of five rows against plain SQLModel; eight writers on one and on eight subjects against one writer."""
    one = ground.subjects[0]
    each = 40 * scale
    told = {}
    for rows, called in ((1, "1 row"), (5, "5 rows")):
        ours, theirs = partial(ground.add, one, rows), partial(ground.add_plain, one, rows)
        told[f"an act of {called} against plain SQLModel"] = median_ratio(ours, theirs, each=each)[0]
    alone = {plain: _swarm(ground, 1, 1, plain) for plain in (False, True)}
    for subjects in (1, SUBJECTS):
        acts, plain = (_swarm(ground, 8, subjects, kind) / alone[kind] for kind in (False, True))
        told[f"8 writers on {subjects} subject{'s' if subjects > 1 else ''}, against one writer"] = (
            f"acts ×{acts:.2f}, plain rows ×{plain:.2f}, share {acts / plain:.2f}"
        )
    return told


def _swarm(ground: Ground, writers: int, subjects: int, plain: bool) -> float:
    """Transactions in a second of so many writers: processes on PostgreSQL; threads on SQLite, which one process serves."""
    given = [ground.subjects[n % subjects] for n in range(writers)]
    if ground.ledger.engine.dialect.name == "sqlite":
        write, gate = (ground.add_plain if plain else ground.add), threading.Barrier(writers)
        with ThreadPoolExecutor(writers) as pool:
            return sum(pool.map(lambda subject: _count(write, subject, gate), given)) / SECONDS
    spawn = multiprocessing.get_context("spawn")
    apart, counts = spawn.Barrier(writers), spawn.Queue()
    running = [spawn.Process(target=_write, args=(one, ground.url, str(ground.folder), plain, apart, counts)) for one in given]
    for one in running:
        one.start()
    done: int = sum(counts.get(timeout=120) for _ in running)
    for one in running:
        one.join()
    return done / SECONDS


def _count(write: Callable[[str, int], None], subject: str, gate: Any) -> int:
    """How many transactions one writer finishes, once all have warmed up."""
    for _ in range(5):
        write(subject, 1)
    gate.wait(60)
    until, done = perf_counter() + SECONDS, 0
    while perf_counter() < until:
        write(subject, 1)
        done += 1
    return done


def _write(subject: str, url: str, folder: str, plain: bool, gate: Any, counts: Any) -> None:
    from backend.app import rooms

    rooms()
    ground = Ground(reopened(url, Path(folder)), url, Path(folder), [subject])
    counts.put(_count(ground.add_plain if plain else ground.add, subject, gate))
    ground.ledger.engine.dispose()

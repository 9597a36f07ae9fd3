"""What an act costs against the same rows written plainly, and how writers go on beside each other."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from backend.rehearsal.bench.ground import SUBJECTS, Ground, Number, Size, Told, interleaved, reopened

Swarm = Callable[[list[str], bool], float]


def measure(ground: Ground, size: Size) -> Iterator[Told]:
    """Acts of one and of five rows against plain SQLModel; many writers on one and on eight subjects against one writer."""
    one = ground.subjects[0]
    for rows, name, called in ((1, "act_1_row", "1 row"), (5, "act_5_rows", "5 rows")):
        ratio = interleaved(partial(ground.add, one, rows), partial(ground.add_plain, one, rows), size)
        yield Told(name, {"ratio": ratio}, f"an act of {called} against plain SQLModel: {ratio}")
    with _swarm(ground, size) as swarm:
        rounds = [_round(ground, size, swarm) for _ in range(size.rounds)]
    for subjects in (1, SUBJECTS):
        acts = Number.of([one[subjects, False] / one[0, False] for one in rounds])
        plain = Number.of([one[subjects, True] / one[0, True] for one in rounds])
        share = Number.of([one[subjects, False] / one[0, False] / (one[subjects, True] / one[0, True]) for one in rounds])
        yield Told(
            f"writers_{size.writers}_on_{subjects}_subjects", {"acts": acts, "plain": plain, "share": share},
            f"{size.writers} writers on {subjects} subject{'s' if subjects > 1 else ''}, against one writer: "
            f"acts {acts}, plain rows {plain}, share {share.median:.2f} ({share.low:.2f} to {share.high:.2f})",
        )  # fmt: skip


def _round(ground: Ground, size: Size, swarm: Swarm) -> dict[tuple[int, bool], float]:
    """Transactions in a second, acts and plain rows in turns: one writer alone (0), then all of them on one and on eight subjects."""
    found = {}
    for subjects in (0, 1, SUBJECTS):
        given = [ground.subjects[n % subjects] for n in range(size.writers)] if subjects else ground.subjects[:1]
        for plain in (False, True):
            found[subjects, plain] = swarm(given, plain)
    return found


def _swarm(ground: Ground, size: Size) -> Any:
    """Writers that wait for work: threads on SQLite, which one process serves; processes on PostgreSQL."""
    return _threads(ground, size) if ground.ledger.engine.dialect.name == "sqlite" else _processes(ground, size)


@contextmanager
def _threads(ground: Ground, size: Size) -> Iterator[Swarm]:
    with ThreadPoolExecutor(size.writers) as pool:

        def swarm(given: list[str], plain: bool) -> float:
            write, gate = (ground.add_plain if plain else ground.add), threading.Barrier(len(given))
            return sum(pool.map(lambda subject: _count(write, subject, lambda: gate.wait(60), size.seconds), given)) / size.seconds

        yield swarm


@contextmanager
def _processes(ground: Ground, size: Size) -> Iterator[Swarm]:
    spawn = multiprocessing.get_context("spawn")
    answers, tasks = spawn.Queue(), [spawn.Queue() for _ in range(size.writers)]
    running = [spawn.Process(target=_write, args=(ground.url, str(ground.folder), one, answers), daemon=True) for one in tasks]
    for one in running:
        one.start()

    def swarm(given: list[str], plain: bool) -> float:
        for subject, task in zip(given, tasks, strict=False):
            task.put((subject, plain, size.seconds))
        for _ in given:
            answers.get(timeout=300)  # every one is warm
        for _, task in zip(given, tasks, strict=False):
            task.put("go")
        done: int = sum(answers.get(timeout=300) for _ in given)
        return done / size.seconds

    try:
        yield swarm
    finally:
        for task in tasks:
            task.put(None)
        for one in running:
            one.join(60)


def _count(write: Callable[[str, int], None], subject: str, ready: Callable[[], object], seconds: float) -> int:
    """How many transactions one writer finishes, once all have warmed up."""
    for _ in range(5):
        write(subject, 1)
    ready()
    until, done = perf_counter() + seconds, 0
    while done == 0 or perf_counter() < until:
        write(subject, 1)
        done += 1
    return done


def _write(url: str, folder: str, tasks: Any, answers: Any) -> None:
    from backend.app import rooms

    rooms()
    ground = Ground(reopened(url, Path(folder)), url, Path(folder), [])
    while (task := tasks.get()) is not None:
        subject, plain, seconds = task

        def ready() -> None:
            answers.put(0)
            tasks.get()

        answers.put(_count(ground.add_plain if plain else ground.add, subject, ready, seconds))
    ground.ledger.engine.dispose()

"""From scan to answer over HTTP, among more and more containers, beside a bare endpoint with one indexed select."""

import http.client
import multiprocessing
import socket
import statistics
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random
from time import perf_counter, sleep
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI
from sqlalchemy import event, insert, text
from sqlmodel import Session

from backend.app import application
from backend.custody.models import Container
from backend.ledger import Code
from backend.ledger.perform import utc_now
from backend.rehearsal.bench.ground import PASSWORD, SCANS, Ground, Number, Size, Told, reopened
from backend.settings import Settings
from labels.codes import draw


def measure(ground: Ground, size: Size) -> Iterator[Told]:
    """p50 and p99 of a scan at each size, with 1 and with 8 clients, as ratios to the bare endpoint in interleaved rounds."""
    server = Server(ground.url, ground.folder)
    try:
        known: list[str] = []
        alone: dict[int, list[float]] = {}
        filled = 0
        for many in size.containers:
            known += _fill(ground, many - filled)
            filled = many
            for clients in (1, size.writers):
                rounds = [_round(server, known, clients, size) for _ in range(size.rounds)]
                if clients == 1:
                    alone[many] = [ours[50] for _, ours in rounds]
                yield _told(many, clients, rounds)
        first, last = size.containers[0], size.containers[-1]
        grown = Number.of([late / early for early, late in zip(alone[first], alone[last], strict=True)])
        yield Told("scan_grown", {"p50": grown}, f"scan p50 at {last:,} containers against {first:,}: {grown}")
    finally:
        server.stop()


Percentiles = dict[int, float]


def _round(server: "Server", known: list[str], clients: int, size: Size) -> tuple[Percentiles, Percentiles]:
    """The bare endpoint, then ours: p50 and p99 in seconds."""
    bare, ours = (_times(server, path, known, clients, size) for path in ("/bare?code=", "/scan?code="))
    return {p: _p(bare, p) for p in (50, 99)}, {p: _p(ours, p) for p in (50, 99)}


def _told(many: int, clients: int, rounds: list[tuple[Percentiles, Percentiles]]) -> Told:
    ratio = {p: Number.of([ours[p] / bare[p] for bare, ours in rounds]) for p in (50, 99)}
    took = {p: Number.of([ours[p] * 1000 for _, ours in rounds]) for p in (50, 99)}
    numbers = {"p50": ratio[50], "p99": ratio[99], "p50_ms": took[50], "p99_ms": took[99]}
    words = (
        f"scan among {many:,} containers, {clients} client{'s' if clients > 1 else ''}: p50 {ratio[50]}, p99 {ratio[99]} "
        f"of a bare endpoint (p50 {took[50].median:.1f} ms, p99 {took[99].median:.1f} ms)"
    )
    return Told(f"scan_{many}_containers_{clients}_clients", numbers, words)


def _p(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100)[percent - 1]


def _fill(ground: Ground, many: int) -> list[str]:
    """So many more containers, put in behind the record's back: this record is only measured, never proved again."""
    codes, coi = [draw("C") for _ in range(many)], ground.subjects[0]
    rows = [{"code": code, "kind": "C", "chain": coi, "version": 1} for code in codes]
    boxes = [
        {"code": code, "kind": "flask", "name": "Flask", "step": "", "chain": coi, "version": 1, "at": utc_now(), "by": SCANS}
        for code in codes
    ]
    with ground.ledger.engine.begin() as conn:
        conn.execute(insert(Code.__table__), rows)  # type: ignore[attr-defined]
        conn.execute(insert(Container.__table__), boxes)  # type: ignore[attr-defined]
    with ground.ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("ANALYZE"))
    return Random(1).sample(codes, min(many, 2_000))


def _times(server: "Server", path: str, codes: list[str], clients: int, size: Size) -> list[float]:
    """Seconds of each request, the first ones left out, from so many clients at once."""
    dice, each = Random(2), max(1, size.requests // clients)
    picked = [[dice.choice(codes) for _ in range(each + size.warm)] for _ in range(clients)]
    with ThreadPoolExecutor(clients) as pool:
        return [time for times in pool.map(lambda own: server.ask(path, own), picked) for time in times[size.warm :]]


class Server:
    """The application and the bare endpoint in one process of their own."""

    def __init__(self, url: str, folder: Path, person: str = SCANS) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        spawn = multiprocessing.get_context("spawn")
        self.process = spawn.Process(target=_serve, args=(url, str(folder), self.port), daemon=True)
        self.process.start()
        self.cookie = self.signed_in(person)

    def signed_in(self, person: str) -> str:
        """The cookie of somebody who has signed in; whoever asks next is the person whose cookie stands in `cookie`."""
        form = urlencode({"person": person, "password": PASSWORD})
        for _ in range(200):
            try:
                with closing(http.client.HTTPConnection("127.0.0.1", self.port)) as line:
                    line.request("POST", "/sign-in", form, {"content-type": "application/x-www-form-urlencoded"})
                    return str(line.getresponse().getheader("set-cookie")).split(";")[0]
            except ConnectionError:
                sleep(0.1)
        raise TimeoutError("the measured server did not answer")

    def ask(self, path: str, codes: list[str]) -> list[float]:
        times = []
        with closing(http.client.HTTPConnection("127.0.0.1", self.port)) as line:
            for code in codes:
                begun = perf_counter()
                line.request("GET", path + code, headers={"cookie": self.cookie})
                answer = line.getresponse()
                answer.read()
                times.append(perf_counter() - begun)
                if answer.status != 200:
                    raise ValueError(f"{path} answered {answer.status}")
        return times

    def statements(self, path: str) -> int:
        """How many statements the application sent to its database to answer this page."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port)) as line:
            line.request("GET", "/statements")
            before = int(line.getresponse().read())
            self.ask(path, [""])
            line.request("GET", "/statements")
            return int(line.getresponse().read()) - before

    def stop(self) -> None:
        self.process.terminate()
        self.process.join()


def _serve(url: str, folder: str, port: int) -> None:
    ledger = reopened(url, Path(folder))
    ours = application(ledger, Settings(database_url=url, argon_time=1, argon_memory_kib=8, idle_minutes=600))
    bare = FastAPI()

    @bare.get("/bare")
    def _bare(code: str) -> dict[str, str]:
        with Session(ledger.engine) as session:
            row = session.get(Container, code)
            return {"name": row.name if row else ""}

    sent: list[str] = []
    event.listen(ledger.engine, "before_cursor_execute", lambda _, __, statement, *___: sent.append(statement))

    @bare.get("/statements")
    def _statements() -> int:
        return len(sent)

    async def both(scope: Any, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        await (bare if scope.get("path") in {"/bare", "/statements"} else ours)(scope, receive, send)

    uvicorn.run(both, host="127.0.0.1", port=port, log_level="critical")

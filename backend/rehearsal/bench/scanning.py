"""From scan to answer over HTTP, among 1,000, 10,000 and 100,000 containers, beside a bare endpoint with one indexed select."""

import http.client
import multiprocessing
import socket
import statistics
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random
from time import perf_counter, sleep
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI
from sqlalchemy import insert, text
from sqlmodel import Session

from backend.app import application
from backend.custody.models import Container
from backend.ledger import Code
from backend.ledger.perform import utc_now
from backend.rehearsal.bench.ground import PASSWORD, SCANS, Ground, reopened
from backend.settings import Settings
from labels.codes import draw

SIZES = (1_000, 10_000, 100_000)
REQUESTS = 240


def measure(ground: Ground, scale: int) -> dict[str, str]:
    """p50 and p99 of a scan at each size, with 1 and with 8 clients, as ratios to the bare endpoint in the same run."""
    told: dict[str, str] = {}
    server = _Server(ground)
    try:
        known: list[str] = []
        medians = {}
        for size in SIZES:
            known += _fill(ground, size - len(known))
            for clients in (1, 8):
                bare = _times(server, "/bare?code=", known, clients, scale)
                ours = _times(server, "/scan?code=", known, clients, scale)
                medians[size, clients] = _p(ours, 50)
                told[f"scan among {size:,} containers, {clients} client{'s' if clients > 1 else ''}"] = (
                    f"p50 ×{_p(ours, 50) / _p(bare, 50):.2f}, p99 ×{_p(ours, 99) / _p(bare, 99):.2f} of a bare endpoint "
                    f"(p50 {_p(ours, 50) * 1000:.1f} ms, p99 {_p(ours, 99) * 1000:.1f} ms)"
                )
        told["scan p50 at 100,000 containers against 1,000"] = f"×{medians[SIZES[-1], 1] / medians[SIZES[0], 1]:.2f}"
    finally:
        server.stop()
    return told


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


def _times(server: "_Server", path: str, codes: list[str], clients: int, scale: int) -> list[float]:
    """Seconds of each request, the first ones left out, from so many clients at once."""
    dice, each = Random(2), REQUESTS * scale // clients
    picked = [[dice.choice(codes) for _ in range(each + 10)] for _ in range(clients)]
    with ThreadPoolExecutor(clients) as pool:
        return [time for times in pool.map(lambda own: server.ask(path, own), picked) for time in times]


class _Server:
    """The application and the bare endpoint in one process of their own."""

    def __init__(self, ground: Ground) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        spawn = multiprocessing.get_context("spawn")
        self.process = spawn.Process(target=_serve, args=(ground.url, str(ground.folder), self.port), daemon=True)
        self.process.start()
        self.cookie = self._signed_in()

    def _signed_in(self) -> str:
        form = urlencode({"person": SCANS, "password": PASSWORD})
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
        return times[10:]

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

    async def both(scope: Any, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        await (bare if scope.get("path") == "/bare" else ours)(scope, receive, send)

    uvicorn.run(both, host="127.0.0.1", port=port, log_level="critical")

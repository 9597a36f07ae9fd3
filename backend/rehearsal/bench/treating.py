"""A played record as its people open it: the verdict at the bedside, the release of a full batch, a hundred entries, 500 labels.

Each is measured beside the barest thing that does as much: an endpoint with one indexed select, or qrcode and reportlab alone. SQLite only.
"""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import qrcode
from reportlab.pdfgen.canvas import Canvas
from sqlmodel import select

from backend.custody.models import Container, Label
from backend.custody.reads.labelling import template_in
from backend.installation import migrated
from backend.ledger import Ledger
from backend.ledger.perform import utc_now
from backend.rehearsal import bank, doses, ward
from backend.rehearsal.bench.ground import PASSWORD, Number, Size, Told, interleaved
from backend.rehearsal.bench.scanning import Server
from backend.rehearsal.clock import StoryClock
from backend.rehearsal.player import Player
from backend.rehearsal.scripts import SCRIPTS
from backend.rehearsal.story import Stage, hurry, set_up, trial_files
from backend.settings import Settings
from backend.trial.reads import folder_in_force_code
from labels import symbol
from labels.codes import draw
from labels.layout import Filled
from labels.sheet import pdf
from labels.templates import fill

LABELS = 500
ENTRIES = 100
MOST = 4


PAGES = {
    "TECH1": ("/", "/batches", "/labels", "/storage", "/hand-overs", "/lots", "/equipment", "/places"),
    "QA3": ("/", "/subjects", "/batches", "/collections", "/testing", "/deviations", "/holds", "/people", "/history", "/trial"),
    "ANA1": ("/", "/testing"), "PHYS1": ("/", "/subjects", "/bedside"), "PREP1": ("/",), "UQA1": ("/",), "COOR1": ("/", "/subjects"),
}  # fmt: skip
"""By person, the pages that list something."""


@dataclass(frozen=True)
class Played:
    """One subject whose first dose is on the ward: the codes that the pages are asked for."""

    stage: Stage
    url: str
    folder: Path
    coi: str
    batch: str
    asked: dict[str, Any]

    @property
    def ledger(self) -> Ledger:
        return self.stage.ledger


def measure(folder: Path, size: Size) -> Iterator[Told]:
    """Everything of a played record, as ratios to the bare thing in interleaved rounds; and what its lists ask for with more subjects."""
    folder.mkdir()
    url = f"sqlite:///{folder}/played.db"
    stage = _begun(url, folder)
    played = Played(stage, url, folder, *_to_the_ward(stage, 0))
    try:
        yield from _over_http(played, size)
        yield _labels(played, size)
        yield _statements(played, 2 if size.each == 1 else MOST)
    finally:
        stage.ledger.engine.dispose()


def _begun(url: str, folder: Path) -> Stage:
    chosen = Settings(database_url=url, keys_dir=folder / "keys", argon_time=1, argon_memory_kib=8)
    clock = StoryClock(utc_now() - timedelta(days=60 * MOST))
    ledger, _ = migrated(chosen, demo=True, clock=clock)
    hurry(ledger.engine)
    stage = Stage(ledger, clock, Random(7), clock.at)
    set_up(stage, trial_files(chosen), MOST)
    return stage


def _to_the_ward(stage: Stage, number: int) -> tuple[str, str, dict[str, Any]]:
    """One more subject from enrolment to the first dose on the ward: the CoI, the batch, and what is scanned at the bedside."""
    ledger, clock, who = stage.ledger, stage.clock, SCRIPTS[number].who
    coi = ward.enrol(ledger, who)
    clock.advance(days=1)
    ward.screen(ledger, coi)
    band = ward.bind(ledger, coi, who)
    kit = ward.order(ledger, coi)
    clock.advance(minutes=45)
    ward.collect(ledger, kit, band, stage.heparin, "31.5")
    ward.pack(ledger, kit)
    ward.bring(ledger, kit)
    ward.receive(ledger, kit)
    player = Player(replace(stage.laboratory, boxes=stage.boxes[number]))
    batch = player.open(ledger, kit.collection)
    player.play_until(ledger, batch)
    clock.advance(days=30)
    bank.type_reference(ledger, coi)
    bank.test_bank(ledger, batch)
    bank.release(ledger, batch)
    doses.open_route(ledger, coi)
    made = doses.prepare(ledger, doses.order(ledger, coi, 1))
    doses.bring(ledger, made)
    return coi, batch, doses.stated(ledger, made, band)


def _statements(played: Played, subjects: int) -> Told:
    """What each list asks the database for with more subjects, as a ratio to what it asked for with one."""
    server = Server(played.url, played.folder, "QA3")
    try:
        cookies = {person: server.signed_in(person) for person in PAGES}
        few = _asked_for(server, cookies)
        for number in range(1, subjects):
            _to_the_ward(played.stage, number)
        many = _asked_for(server, cookies)
    finally:
        server.stop()
    ratio = Number.of([late / early for early, late in zip(few, many, strict=True)])
    return Told("queries", {"ratio": ratio}, f"statements of {len(few)} lists with {subjects} subjects against one: {ratio}")


def _asked_for(server: Server, cookies: dict[str, str]) -> list[int]:
    """Statements of every list, when what is remembered of who may do what was asked for already."""
    found = []
    for person, pages in PAGES.items():
        server.cookie = cookies[person]
        for page in pages:
            server.ask(page, [""])
            found.append(server.statements(page))
    return found


def _over_http(played: Played, size: Size) -> Iterator[Told]:
    server = Server(played.url, played.folder, "QA3")
    try:
        with played.ledger.read() as session:
            known = list(session.exec(select(Container.code)))
        bare = partial(server.ask, "/bare?code=", known[:1])
        nurse, qa = (_token(server.port, person) for person in ("NURS1", "QA3"))
        check = partial(_post, server.port, nurse, "/api/v1/acts/bedside.check", {"args": played.asked})
        for name, said, ours in (
            ("bedside_verdict", "a verdict at the bedside", check),
            ("release_page", "the release page of a full batch", partial(server.ask, f"/batches/{played.batch}/release?n=", ["1"])),
            ("history_100", f"a history of {ENTRIES} entries", partial(_history, server.port, qa, played.coi)),
        ):
            took = _milliseconds(ours, size)
            ratio = interleaved(ours, bare, replace(size, each=max(size.each // 4, 1)))
            yield Told(name, {"ratio": ratio, "ms": took}, f"{said} over HTTP against a bare endpoint: {ratio} ({took.median:.1f} ms)")
    finally:
        server.stop()


def _milliseconds(ours: Callable[[], object], size: Size) -> Number:
    times = []
    for _ in range(size.rounds):
        begun = perf_counter()
        ours()
        times.append((perf_counter() - begun) * 1000)
    return Number.of(times)


def _asked(port: int, method: str, path: str, token: str, body: Any = None) -> Any:
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as line:
        sent = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        line.request(method, path, None if body is None else json.dumps(body), sent)
        answer = line.getresponse()
        read = answer.read()
        if answer.status != 200:
            raise ValueError(f"{path} answered {answer.status}")
        return json.loads(read)


def _token(port: int, person: str) -> str:
    return str(_asked(port, "POST", "/api/v1/session", "", {"person": person, "password": PASSWORD})["token"])


def _post(port: int, token: str, path: str, body: Any) -> Any:
    return _asked(port, "POST", path, token, body)


def _history(port: int, token: str, chain: str) -> int:
    """A hundred entries of a subject."""
    return len(_asked(port, "GET", f"/api/v1/history?chain={chain}&limit={ENTRIES}", token)["entries"])


def _labels(played: Played, size: Size) -> Told:
    """Labels of vials as the program prints them, each with a code of its own, against the same symbols by qrcode and reportlab alone."""
    with played.ledger.read() as session:
        template = template_in(session, folder_in_force_code(session), "cryovial")
        row = session.exec(select(Label).where(Label.template == "cryovial")).first()
    if row is None:
        raise LookupError("the played record has no label of a vial")
    many = LABELS if size.rounds * size.each > size.rounds else 2
    values = dict(line.split("=", 1) for line in row.values_text.splitlines())
    codes = [draw("L") for _ in range(many)]
    filled = [fill(template, values | {"code": code}) for code in codes]
    ratio = interleaved(lambda: _printed(filled), lambda: _bare_labels(codes), replace(size, each=1))
    return Told("labels_500", {"ratio": ratio}, f"{many} labels as PDF against bare qrcode and reportlab: {ratio}")


def _printed(filled: list[Filled]) -> bytes:
    """The labels of codes that were never drawn before: no symbol is kept from the round before."""
    symbol.runs.cache_clear()
    return pdf(filled)


def _bare_labels(codes: list[str]) -> bytes:
    out = BytesIO()
    canvas = Canvas(out)
    for code in codes:
        made = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4)
        made.add_data(code)
        made.make()
        canvas.setPageSize((94, 37))
        for y, line in enumerate(made.get_matrix()):
            for x, dark in enumerate(line):
                if dark:
                    canvas.rect(x, y, 1, 1, stroke=0, fill=1)
        for n in range(7):
            canvas.drawString(40, 4 * n, code)
        canvas.showPage()
    canvas.save()
    return out.getvalue()

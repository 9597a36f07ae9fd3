"""What one person can learn of a record, address by address and act by act, and where two records do not tell the same.

Addresses come from the application's own routes and acts from the registry, so a new page or act is compared from its first day.
"""

import base64
import difflib
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import orjson
import pypdfium2
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.app import application
from backend.ledger import REGISTRY, Act, Ledger
from backend.ledger.models import recorded_tables
from backend.ledger.registry import SYSTEM
from tests.journeys.twins import Telling, alike, codes
from tests.journeys.walk import PLACEHOLDERS, plain
from tests.people import PASSWORD
from tests.visit import SETTINGS

CODE = re.compile(r"[SCLWPETBDK][0-9A-HJKMNP-TV-Z]{12}")
LEFT_OUT = {"/lock", "/static"}  # asking for the lock ends the walk
STEP = "CRY-7"
FEW = 2
TELLING = {"masking", "dose", "bedside", "dossier"}
"""The rooms whose acts know an arm, or what was made of it."""
TABLES = {
    "/bedside/{code}/checks/{checked}": "SELECT order_code, code FROM checked",
    "/labels/of-batch/{code}": "SELECT code FROM batch",
    "/batches/{code}": "SELECT code FROM batch",
    "/testing/vials/{code}": "SELECT code FROM container WHERE kind = 'cryovial'",
    "/testing/results/{code}": "SELECT code FROM result",
    "/testing/{code}": "SELECT container_code FROM sample_taken",
    "/containers/{code}": "SELECT code FROM container",
    "/labels/{code}": "SELECT code FROM print",
    "/records/{code}": "SELECT code FROM record_printed",
    "/doses/{code}": "SELECT code FROM dose",
    "/bedside/{code}": "SELECT code FROM infusion_order",
    "/collections/{code}": "SELECT code FROM collection",
    "/deviations/{code}": "SELECT code FROM deviation",
    "/holds/{code}": "SELECT code FROM hold",
    "/trial/folders/{code}": "SELECT code FROM folder_proposed",
    "/wristbands/{code}": "SELECT code FROM wristband",
    "/people/{code}": "SELECT code FROM person",
    "/roles/{granted}": "SELECT code FROM role_granted",
    "/lots/{code}": "SELECT code FROM lot",
    "/supplies/{code}": "SELECT code FROM equipment",
    "/places/{code}": "SELECT code FROM place",
    "{act_id}": "SELECT act_id FROM entry ORDER BY at DESC LIMIT 3",
    "{coi}": "SELECT code FROM subject",
}
"""What stands in an address, the first that fits; an address that none fits gets a code of every kind."""


@cache
def paths() -> tuple[str, ...]:
    """The address of everything that is read, as the application has it, in the API's description or not."""
    described = [path for path, methods in _application().openapi()["paths"].items() if "get" in methods]
    return tuple(sorted({*described, "/api/openapi.json", "/api/docs"} - LEFT_OUT))


# ---- what is asked ----


def addresses(ledger: Ledger, told: Telling, deep: bool) -> Iterator[str]:
    """Every address, with a code of each kind of thing that came up since the tellings could differ.

    `deep`: also the forms of all acts, and everything that is found by a code.
    """
    things = things_of(ledger, told)
    touched = sorted({thing: code for code, thing in reversed(things.items())}.values())
    for path in paths():
        if deep or "{name}" not in path:
            yield from _filled(ledger, path, touched, set(things))
    for act in acts():
        if "?" in act.page and (deep or act.room in TELLING):
            codes_of_it = touched if deep else told.codes
            yield from (re.sub(r"\{\w+\}", code, act.page) for code in codes_of_it if code[0] in act.offers)
    yield from (f"{where}/history?chain={told.run.harvest.coi}" for where in ("", "/api/v1"))
    yield from (f"/api/v1/history?act={room}." for room in sorted({act.room for act in acts()}) if deep or room in TELLING)
    for code in touched if deep else ():
        yield from (f"/scan?code={code}", f"/api/v1/codes/{code}", f"/history?code={code}", f"/api/v1/history?code={code}")


def things_of(ledger: Ledger, told: Telling) -> dict[str, tuple[str, ...]]:
    """Codes that an entry mentions which was made since the list was imported, and what each is: its tables and the acts that name it.

    In the order in which they came up, so that the first of its kind is the same one in a story in which there are more of them.
    """
    drawn = set(codes(ledger, "SELECT code FROM code"))
    since = codes(ledger, "SELECT min(at) FROM entry WHERE act = 'masking.import_list'")[0]
    found: dict[str, set[str]] = {}
    for body in bodies(ledger, since):
        act = orjson.loads(body)["act"]
        for code in CODE.findall(body):
            if code in drawn:
                found.setdefault(code, {code[0]}).add(act)
    for code in sorted(drawn - told.common):
        found.setdefault(code, {code[0]})
    with ledger.engine.connect() as conn:
        for name, table in recorded_tables().items():
            if "code" in table.__table__.columns:
                for (code,) in conn.exec_driver_sql(f"SELECT code FROM {name}"):
                    found.get(code, set()).add(name)
    return {code: tuple(sorted(about)) for code, about in found.items()}


def bodies(ledger: Ledger, since: str = "") -> list[str]:
    with ledger.engine.connect() as conn:
        rows = conn.exec_driver_sql(f"SELECT body FROM entry WHERE at >= '{since}' ORDER BY at, chain, seq")
        return [bytes(row[0]).decode() for row in rows]


def _filled(ledger: Ledger, path: str, touched: list[str], things: set[str]) -> Iterator[str]:
    """An address with each row that came up, where there are a few; else with one of each kind of thing; with any row if none came up."""
    if "{" not in path:
        yield path
        return
    sql = next((sql for end, sql in TABLES.items() if end in path), "")
    if "/steps/" in path:
        path = path.replace("{step}", STEP).replace("/{passage}", "")
    if sql:
        with ledger.engine.connect() as conn:
            rows = [tuple(map(str, row)) for row in conn.exec_driver_sql(sql)]
        fills = [row for row in rows if set(row) & things]
        fills = fills if len(fills) <= FEW else [row for row in fills if set(row) & set(touched)]
        fills = fills or sorted(rows)[:1]
    elif "{name}" in path:
        fills = [(act.name,) for act in acts() if act.room in TELLING]
    else:
        fills = [(code,) for code in {code[0]: code for code in touched}.values()]
    for fill in sorted(fills):
        names = iter(fill)
        yield re.sub(r"\{\w+\}", lambda _, names=names, last=fill[-1]: next(names, last), path)


def acts() -> list[Act]:
    return [act for act in REGISTRY.values() if act.roles != {SYSTEM}]


# ---- what is answered ----


@cache
def _application() -> FastAPI:
    """One application for every record, so that its pages are compiled once."""
    return application(Ledger.__new__(Ledger), SETTINGS, demo=True)


def client_of(ledger: Ledger, person: str) -> TestClient:
    """Somebody signed in to the pages and to the API."""
    app = _application()
    app.state.ledger = ledger
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    assert client.post("/sign-in", data={"person": person, "password": PASSWORD}).status_code == 303
    token = client.post("/api/v1/session", json={"person": person, "password": PASSWORD}).json()["token"]
    client.headers["authorization"] = f"Bearer {token}"
    return client


def seen(ledger: Ledger, told: Telling, person: str, deep: bool = False) -> dict[str, str]:
    """Everything that this person reads, by address, without what differs by chance."""
    found = {}
    with alike(person), client_of(ledger, person) as client:
        for address in dict.fromkeys(addresses(ledger, told, deep)):
            answer = client.get(address)
            assert "/locked" not in answer.headers.get("location", ""), f"{person} was locked out before {address}"
            found[address] = said(answer)
            onward = answer.headers.get("location", "")
            if onward.startswith("/") and onward not in found:
                found[onward] = said(client.get(onward))
        hide = hider(ledger)
    return {address: hide(answer) for address, answer in found.items()}


def said(answer: Any) -> str:
    """An answer in full: status, headers with the length, and the body; of a PDF its text, its pages, what it says of itself, its size."""
    is_paper = answer.headers.get("content-type") == "application/pdf"
    headers = [f"{name}: {value}" for name, value in answer.headers.items() if not (is_paper and name == "content-length")]
    return "\n".join([str(answer.status_code), *headers, paper(answer.content) if is_paper else answer.text])


@cache
def paper(data: bytes) -> str:
    """A PDF as it can be read. How well a hash can be packed is chance, so the size of each part is taken before packing."""
    document = pypdfium2.PdfDocument(data)
    sheets = [f"{page.get_size()} {page.get_textpage().get_text_bounded()}" for page in document]
    parts = re.split(rb"stream\r?\n(.*?)\r?\n?endstream", data, flags=re.DOTALL)
    sizes = [len(_unpacked(part) if n % 2 else PACKED.sub(b"", part)) for n, part in enumerate(parts)]
    return "\n".join([f"{len(sheets)} pages", *sheets, str(document.get_metadata_dict()), str(sizes)])


PACKED = re.compile(rb"/Length \d+|\d{10} \d{5}|startxref\s+\d+|<[0-9a-f]{32}>")
"""What a PDF says of how long its packed parts are and where they stand, and its checksum."""


def _unpacked(part: bytes) -> bytes:
    return zlib.decompress(base64.a85decode(part[:-2])) if part.endswith(b"~>") else part


def hider(ledger: Ledger) -> Callable[[str], str]:
    """Puts keys, ciphertext and hashes out of sight; a part of a hash only when it is the beginning of one of this record."""
    known = {one[:8] for one in codes(ledger, "SELECT hash FROM entry")}

    def part(found: re.Match[str]) -> str:
        return "HASH" if len(found[0]) == 64 or found[0][:8] in known else found[0]

    def hide(text: str) -> str:
        for pattern, word in HIDDEN:
            text = pattern.sub(word, text)
        return re.sub(r"\b[0-9a-f]{8,64}\b", part, text)

    return hide


HIDDEN = (
    (re.compile(r"\b([0-9a-f]{8}\s){7}[0-9a-f]{8}\b"), "HASH"),
    (re.compile(r"~(identity|masked)\.[A-Za-z0-9+/=]+"), lambda found: f"SEALED {len(found[0])}"),
    (re.compile(r'(name="key" value=|data-key=)"[^"]*"'), "KEY"),
    (re.compile(r"(set-cookie: \w+=)[^;]*"), r"\1COOKIE"),
)


def differences(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Where two records do not tell the same, line by line."""
    found = [f"{address} only in one" for address in sorted(one.keys() ^ other.keys())]
    for address in one.keys() & other.keys():
        if one[address] != other[address]:
            lines = difflib.ndiff(one[address].splitlines(), other[address].splitlines())
            found += [f"{address}: {line}" for line in lines if line[0] in "+-"]
    return found


def shapes(found: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """What is answered, and how often, with codes and times out of sight as well: for stories that differ in what is done (decision R5).

    A time on the whole second is written shorter, so the length of the answer is that of what is left.
    """
    bare = {address: re.sub(r"\ncontent-length: \d+", "", text) for address, text in found.items()}
    return Counter((plain(address, UNLIKE), plain(text, UNLIKE)) for address, text in bare.items())


UNLIKE = tuple((re.compile(r"\b[0-9a-f]{32}\b") if word == "HASH" else pattern, word) for pattern, word in PLACEHOLDERS)
"""Hashes are out of sight already, act ids are not; a number of cells must not pass for either."""


def unlike(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Where two stories of which one route must not be told from the other do not tell the same as often, in the same order."""
    first, second = shapes(one), shapes(other)
    return sorted(f"{address}: {text}" for address, text in ((first - second) + (second - first)).elements())

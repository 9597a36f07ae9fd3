"""Everything that somebody can open: every page and every API view, filled with the codes of one record."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from backend.ledger import Ledger

OTHERS = ("TECH2", "TECH3", "QA1", "PHYS1", "COOR1", "NURS1", "ANA1", "COUR1", "ASSE1", "PREP1", "UQA1", "RAND1", "INSP1", "ADM1")
TABLES = {
    "/batches/{code}": "SELECT code FROM batch",
    "/labels/of-batch/{code}": "SELECT code FROM batch",
    "/containers/{code}": "SELECT code FROM container",
    "/trace/containers/{code}": "SELECT code FROM container",
    "/testing/vials/{code}": "SELECT code FROM container WHERE kind = 'cryovial'",
    "/testing/results/{code}": "SELECT code FROM result",
    "/testing/{code}": "SELECT container_code FROM sample_taken",
    "/doses/{code}": "SELECT code FROM dose ORDER BY at DESC",
    "/bedside/{code}/checks/": "SELECT order_code || '/checks/' || code FROM checked",
    "/bedside/{code}": "SELECT code FROM infusion_order ORDER BY at DESC",
    "/records/{code}": "SELECT code FROM record_printed",
    "/roles/{granted}": "SELECT code FROM role_granted WHERE countersign AND code NOT IN (SELECT grant_code FROM role_countersigned)",
    "/labels/{code}": "SELECT code FROM print",
    "/collections/{code}": "SELECT code FROM collection",
    "/deviations/{code}": "SELECT code FROM deviation",
    "/holds/{code}": "SELECT code FROM hold",
    "/trial/folders/{code}": "SELECT code FROM folder_proposed",
    "/wristbands/{code}": "SELECT code FROM wristband",
    "/people/{code}": "SELECT code FROM person WHERE code = 'TECH1'",
    "/lots/{code}": "SELECT code FROM lot ORDER BY lot_number LIMIT 1",
    "/supplies/{code}": "SELECT code FROM equipment ORDER BY name LIMIT 1",
    "/places/{code}": "SELECT code FROM place ORDER BY path LIMIT 1",
    "{coi}": "SELECT code FROM subject",
}
AN_ACT = ("access.sign_in", "batch.note", "quality.open")


@cache
def paths() -> tuple[str, ...]:
    """The addresses of every page and view that is read, as the application declares them."""
    from backend.app import application
    from tests.visit import SETTINGS

    described = application(Ledger.__new__(Ledger), SETTINGS).openapi()["paths"]
    return tuple(path for path, methods in described.items() if "get" in methods and path != "/lock")  # asking for the lock ends the walk


def addresses(ledger: Ledger, batch: str, step: str) -> Iterator[str]:
    """Every address of this record, and what its chain's codes answer when they are scanned or looked up."""
    with ledger.engine.connect() as conn:

        def codes(sql: str) -> list[str]:
            return [str(row[0]) for row in conn.exec_driver_sql(sql)]

        own = codes(f"SELECT code FROM code WHERE chain IN (SELECT coi FROM batch WHERE code = '{batch}')")
        ids = codes("SELECT act_id FROM entry ORDER BY at DESC LIMIT 5")
        for path in paths():
            if "{step}" in path:
                yield path.replace("{code}", batch).replace("{step}", step).replace("/{passage}", "")
                continue
            fills = next((codes(sql) for end, sql in TABLES.items() if end in path), [])
            if "{name}" in path:
                fills = list(AN_ACT)
            elif "{act_id}" in path:
                fills = ids
            if "{" not in path:
                yield path
            yield from (filled(path, fill) for fill in fills if "{" in path)
        for code in own:
            yield from (f"/scan?code={code}", f"/api/v1/codes/{code}", f"/history?code={code}")


def filled(path: str, fill: str) -> str:
    """An address with a code in its place; a check stands with its order."""
    return re.sub(r"\{\w+\}(/checks/\{\w+\})?", fill, path)


PLACEHOLDERS = (
    (re.compile(r'<code class="coi">(<span>[0-9A-Z]{1,4}</span>)+</code>'), "CODE"),
    (re.compile(r"\b[SCLWPETBDK][0-9A-HJKMNP-TV-Z]{3}(-?)[0-9A-HJKMNP-TV-Z]{4}\1[0-9A-HJKMNP-TV-Z]{4}\1[0-9A-HJKMNP-TV-Z]\b"), "CODE"),
    (re.compile(r"\b[0-9a-f]{8,64}\b"), "HASH"),
    (re.compile(r"~(identity|masked)\.[A-Za-z0-9+/=]+"), "SEALED"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?"), "TIME"),
    (re.compile(r"\b\d\d:\d\d(:\d\d)?\b"), "TIME"),
    (re.compile(r'(name="key" value=|data-key=)"[^"]*"'), "KEY"),
    (re.compile(r'\bd="M[^"]*"'), "SYMBOL"),
)


def plain(text: str, placeholders: Iterable[tuple[re.Pattern[str], str]] = PLACEHOLDERS) -> str:
    """The same without what differs between two tellings of one story: codes, hashes, ciphertext, times, keys, symbols."""
    text = text.replace("%2C", ",").replace("%3A", ":")
    for pattern, word in placeholders:
        text = pattern.sub(word, text)
    return text

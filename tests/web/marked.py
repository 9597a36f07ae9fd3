"""A language in which every text that was gathered stands in «marks», and what a page says outside of them that is no data.

Data are names, codes, values and the texts of the trial folder. Sentences of rules are English by design and are not looked at.
"""

import re
from collections.abc import Iterator
from functools import cache
from gettext import NullTranslations
from html.parser import HTMLParser
from typing import Any

import orjson
import yaml

from backend.ledger import REGISTRY, Ledger
from backend.ledger.models import recorded_tables
from backend.web.locale.gather import texts
from tests import story
from tests.web.drawn import VOID

Data = frozenset[tuple[str, ...]]
WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
CODE = re.compile(r"[0-9A-Z-]{13,}|[0-9a-f]{12,}|P?[0-9]+")
UNREAD = {"script", "style", "code", "time", "pre", "input", "textarea"}
RULED = {"reasons", "exceptions", "flash", "missing"}  # sentences of rules
KEPT = {"label", "do", "kinship"}  # labels as printed, what the trial folder says is to be done, names that are cut short
SAID_BY = ("aria-label", "title", "placeholder", "alt")


@cache
def gathered() -> frozenset[Any]:
    return frozenset(message.id for message in texts())


class Marked(NullTranslations):
    """Every text that `make messages` gathers is marked; a text that it misses shows itself by having no mark."""

    def gettext(self, message: str) -> str:
        return f"«{message}»" if message in gathered() else message

    def ngettext(self, one: str, many: str, n: int) -> str:
        said = one if n == 1 else many
        return f"«{said}»" if (one, many) in gathered() else said


class Page(HTMLParser):
    """What a person reads or is read, piece by piece, without data and without sentences of rules."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, set[str]]] = []
        self.pieces: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag not in VOID:
            self.open.append((tag, {*(known.get("class") or "").split(), *[one for one in (known.get("id"),) if one in RULED]}))
        for name in SAID_BY:
            self._read(known.get(name) or "")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self._read(data)

    def _read(self, text: str) -> None:
        tags, classes = {tag for tag, _ in self.open}, {one for _, many in self.open for one in many}
        if text.strip() and not UNREAD & tags and not (RULED | KEPT) & classes and not _of_an_entry(tags, classes):
            self.pieces.append(" ".join(text.split()))


def _of_an_entry(tags: set[str], classes: set[str]) -> bool:
    """Whether this is a value, a row or a reason in the history, as the entry keeps it."""
    return {"line", "times"} <= classes and ("stop" in classes or ("details" in tags and bool({"dd", "table"} & tags)))


def unmarked(page: str) -> Iterator[str]:
    """What stands outside of every mark; a marked text may go on through several elements."""
    depth = 0
    for text in Page(page).pieces:
        found = ""
        for letter in text:
            depth += (letter == "«") - (letter == "»")
            found += letter if depth == 0 and letter != "»" else " " if letter == "»" else ""
        if found.strip():
            yield found


def data_of(ledger: Ledger) -> Data:
    """Everything that the record and the trial folder hold; a word of the program that is kept in a row is still the program's."""
    folder = {text for path in story.FOLDER.glob("*.yaml") for text in _deep(yaml.safe_load(path.read_text()))}
    names = {value for who in story.PEOPLE for value in vars(who).values()} | set(REGISTRY) | {"Marrowline", "UTC", "kg"}
    rows: set[str] = set()
    with ledger.engine.connect() as conn:
        for table in recorded_tables():
            rows |= {value for row in conn.exec_driver_sql(f'SELECT * FROM "{table}"') for value in row if isinstance(value, str)}
        rows |= {orjson.loads(body)["reason"] for body in conn.exec_driver_sql("SELECT body FROM entry").scalars()}
    parts = {line for text in folder | (rows - gathered()) | names for line in (text, *re.split(r"[\n·,]", text))}
    return frozenset(tuple(WORD.findall(one)) for text in parts for one in (text, text.capitalize()))


def _deep(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from (*_deep(name), *_deep(one))
    elif isinstance(value, list):
        for one in value:
            yield from _deep(one)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, bool):
        yield "yes" if value else "no"


def left(text: str, data: Data) -> list[str]:
    """The words of a text that belong to no data, the longest data taken out first."""
    words, found, n = WORD.findall(text), [], 0
    while n < len(words):
        taken = next((m for m in range(len(words), n, -1) if tuple(words[n:m]) in data), 0)
        if not taken and re.search(r"[A-Za-z]{2}", words[n]) and not CODE.fullmatch(words[n]):
            found.append(words[n])
        n = taken or n + 1
    return found

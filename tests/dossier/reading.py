"""The record of a subject made, printed and read again: what its content says, and what its paper says."""

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pypdfium2

from backend.dossier.reads import then
from backend.dossier.reads.record import content_of
from backend.dossier.reads.record.parts import Cell, Content, Facts, Heading, Sentences
from backend.ledger import Ledger
from backend.ledger.models import Head
from tests.people import by
from tests.visit import signed_in

EDITIONS = {"masked": "QA1", "full": "UQA1"}
"""Each edition with somebody who may print it."""

EDGE = re.compile(
    r"S01 (?P<coi>\S+) DEMO – not a real subject (?P<edition>MASKED|FULL) EDITION Document (?P<code>\S+) "
    r"entry (?P<seq>\d+) of the chain, (?P<head>\S+) page (?P<page>\d+) of (?P<of>\d+) "
)
"""What stands at the head and the foot of each page."""


def content(ledger: Ledger, coi: str, edition: str) -> Content:
    with ledger.read() as session:
        return content_of(session, ledger.keyring, then(session, coi, session.get_one(Head, coi).seq), edition)


def printed(ledger: Ledger, coi: str, edition: str = "masked", who: str = "QA1") -> str:
    code: str = ledger.do("dossier.print_record", {"subject": coi, "edition": edition}, by=by(who)).result
    return code


def paper(ledger: Ledger, code: str, who: str = "QA1") -> bytes:
    answer = signed_in(ledger, who).get(f"/records/{code}.pdf")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return bytes(answer.content)


def pages(made: bytes) -> list[str]:
    """What each page reads, in single spaces."""
    with pypdfium2.PdfDocument(made) as document:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def documents(ledger: Ledger, coi: str) -> Iterator[tuple[Content, list[str]]]:
    """Each edition of the record as it is now: its content, and what every page of its paper reads."""
    for edition, who in EDITIONS.items():
        yield content(ledger, coi, edition), pages(paper(ledger, printed(ledger, coi, edition, who), who))


def when(at: datetime) -> str:
    """A moment at the site, to the second and with its zone."""
    return f"{at.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M:%S}\u00a0UTC+8"


def close_up(text: str) -> str:
    """Without spaces, which lines and columns bring; CO₂ is drawn as CO2, and a place's arrow as a dash."""
    return "".join(text.translate(str.maketrans("₂→", "2–")).split())


def written(content: Content) -> Iterator[list[str]]:
    """Everything that an edition says in the order in which it is drawn: each heading, each sentence, each row by its cells."""
    for number, section in enumerate(content.sections, 1):
        yield [f"{number} {section.title}"]
        for block in section.blocks:
            if isinstance(block, Heading):
                yield [f"{block.number} {block.text}", block.note]
            elif isinstance(block, Facts):
                yield from ([label, *in_cell(said)] for label, said in block.rows)
            elif isinstance(block, Sentences):
                yield [block.title]
                yield from (list(in_cell(said)) for said in block.lines)
            else:
                yield [block.title, *(block.heads if block.rows else (block.empty,))]
                yield from ([" ".join(in_cell(said)) for said in row] for row in block.rows)


def in_cell(said: Cell) -> Iterator[str]:
    for old, why in said.was:
        yield from (old, why)
    yield from (said.text, said.small)


def stands_on(content: Content, sheets: list[str]) -> None:
    """Behind its first page the paper says everything that is in the content, in its order, and ends with it."""
    text, at = "\f".join(close_up(EDGE.sub("", sheet)) for sheet in sheets[1:]), 0
    for parts in written(content):
        at = behind(text, [close_up(part) for part in parts], at)
    assert at == len(text), text[at : at + 300]


def behind(text: str, parts: list[str], at: int) -> int:
    """Where these parts end in the text after `at`. When they are not one behind the other, a page ends among them: each part is before
    that end, behind it, or on both sides.
    """
    near, row = text[at : at + 4_000], "".join(parts)
    if row in near:
        return at + near.index(row) + len(row)
    page, _, following = near.partition("\f")
    for part in parts:
        assert any(part[:cut] in page and part[cut:] in following for cut in range(len(part) + 1)), (part, near[:300])
    return at + len(page) + 1

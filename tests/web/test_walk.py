"""Walking through every page that a role is shown: no link is dead, no page breaks, every page is well formed and keeps the policy."""

import html
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from backend.ledger import Ledger
from tests import story
from tests.conftest import At
from tests.journeys.treated import treated
from tests.visit import signed_in
from tests.web.drawn import Reader

FRONT = (
    "/", "/subjects", "/batches", "/testing", "/bedside", "/storage", "/labels", "/lots", "/equipment", "/places", "/trial", "/people",
    "/history",
)  # fmt: skip
ALIKE = 3  # pages that differ only in a code are walked this often
CODE = re.compile(r"[SCLWPETBDK][0-9A-Z]{12}")


@pytest.mark.enough_on_postgresql("TECH1")
@pytest.mark.parametrize("person", ["TECH1", "QA1", "COOR1", "PHYS1", "COUR1", "ASSE1", "ADM1", "RAND1", "UQA1"])
def test_every_link_leads_to_a_page_that_holds_together(at: Callable[..., At], person: str) -> None:
    walked(at("at MNC-4", story.batch_at("MNC-4")).ledger, person)


@pytest.mark.enough_on_postgresql("QA3")
@pytest.mark.parametrize("person", ["TECH1", "QA3", "COOR1", "PHYS1", "NURS1", "ANA1", "PREP1", "UQA1", "INSP1", "ASSE1"])
def test_every_link_of_the_second_half_leads_to_a_page_that_holds_together(at: Callable[..., At], person: str) -> None:
    walked(at("treated", treated).ledger, person)


def walked(ledger: Ledger, person: str) -> None:
    """Every link that this person is shown was followed, and each page holds together."""
    faults, seen = list[str](), 0
    for path, answer in pages(signed_in(ledger, person)):
        seen += 1
        if answer.status_code not in {200, 303, 403, 409} and path not in FRONT:
            faults.append(f"{path} answers {answer.status_code}")
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        page = Reader(answer.text)
        faults += [f"{path}: {fault}" for fault in page.faults]
        inline = {name for _, attrs in page.elements for name in attrs if name == "style" or name.startswith("on")}
        faults += [f"{path}: {name} in the page" for name in inline]
    assert faults == []
    assert seen > len(FRONT)


def pages(client: TestClient) -> Iterator[tuple[str, Response]]:
    """Every address with its answer that somebody comes to who begins at the front and follows each link."""
    todo, seen, alike = deque(FRONT), set(FRONT), Counter[str]()
    while todo:
        path = todo.popleft()
        answer = client.get(path)
        yield path, answer
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        for link in (html.unescape(one) for one in Reader(answer.text).all("href")):
            kind = CODE.sub("*", link.split("?")[0])
            if link.startswith("/") and not link.startswith("/static/") and link not in seen and alike[kind] < ALIKE:
                alike[kind] += 1
                seen.add(link)
                todo.append(link)

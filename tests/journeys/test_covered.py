"""While a checked reading is open nobody but the person who entered it learns a value, or that it was out of limits (decision W3)."""

import difflib
import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from backend.batch.models import Reading
from backend.ledger import Ledger
from backend.rehearsal.usual import usual
from tests import story
from tests.conftest import At
from tests.journeys.walk import OTHERS, addresses, plain
from tests.people import PASSWORD
from tests.visit import signed_in, visit

WHERE = ("MNC-4", None)
FIRST = {"volume": "6.437", "live": "317 319 311 313", "dead": "41 43 39 37"}
BAD = {"volume": "6.437", "live": "53 52 55 52", "dead": "24 25 24 25"}  # 68 % alive: QA would have to decide
SECRET = re.compile(r"(?<![\w.:#-])(6\.437|317|319|311|313|317 319 311 313|41 43 39 37|12\.6|315|3\.15|8\.11|2\.02|2\.03)(?![\w:%-])")


def first_values(values: dict[str, str]) -> Callable[[Ledger], story.Run]:
    def told(ledger: Ledger) -> story.Run:
        run = story.batch_at("MNC-4")(ledger)
        run.player.perform(ledger, run.batch, WHERE, values)
        return run

    return told


def noted(ledger: Ledger) -> story.Run:
    """Everything is read by the first person, who has not signed."""
    run = story.batch_at("MNC-4")(ledger)
    run.player.scan_all(ledger, run.batch, WHERE, "TECH1")
    run.player.read(ledger, run.batch, WHERE, "first", "TECH1", FIRST)
    return run


def mismatched(ledger: Ledger) -> story.Run:
    """The second count was another one: both read again, and neither has seen the other's values."""
    run = first_values(FIRST)(ledger)
    run.player.verify(ledger, run.batch, WHERE, {"live": "52 50 51 53", "dead": "40 42 38 36", "volume": "6.5"})
    return run


def read_alone(ledger: Ledger) -> story.Run:
    """A step that is read twice, not counted, handed over."""
    run = story.batch_at("MNC-3")(ledger)
    run.player.perform(ledger, run.batch, ("MNC-3", None), usual("MNC-3", "") | {"volume": "6.437"})
    return run


MOMENTS = {"MNC-4 noted": noted, "MNC-4 mismatched": mismatched, "MNC-3 read alone": read_alone}


def everywhere(ledger: Ledger, person: str, batch: str) -> list[tuple[str, str]]:
    """Each address with what it answers this person: status, headers and body."""
    pages = signed_in(ledger, person)
    program = api(ledger, person)
    found = []
    for address in sorted(set(addresses(ledger, batch, "MNC-4"))):
        answer = (program if address.startswith("/api/") else pages).get(address)
        body = "" if answer.headers.get("content-type") == "application/pdf" else answer.text
        assert "/locked" not in answer.headers.get("location", ""), f"{person} was locked out before {address}"
        headers = [f"{name}: {value}" for name, value in answer.headers.items() if name != "content-length"]
        found.append((address, "\n".join([str(answer.status_code), *headers, body])))
    return found


def api(ledger: Ledger, person: str) -> TestClient:
    client = visit(ledger)
    token = client.post("/api/v1/session", json={"person": person, "password": PASSWORD}).json()["token"]
    client.headers["authorization"] = f"Bearer {token}"
    return client


@pytest.mark.enough_on_postgresql("TECH2", "QA1")
@pytest.mark.parametrize("person", OTHERS)
def test_nobody_else_sees_a_first_value_anywhere(at: Callable[..., At], person: str) -> None:
    here = at("MNC-4 first values", first_values(FIRST))
    run: story.Run = here.told  # type: ignore[assignment]
    for address, said in everywhere(here.ledger, person, run.batch):
        shown = re.sub(r"(?s)<svg.*?</svg>|<style.*?</style>", "", said)
        leak = SECRET.search(shown)
        assert leak is None, f"{person} reads {leak[0]} at {address}: …{shown[max(0, leak.start() - 120) : leak.end() + 40]}…"


@pytest.mark.enough_on_postgresql("TECH2")
@pytest.mark.parametrize("person", ["TECH2", "QA1"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_nobody_else_sees_a_first_value_at_any_moment_of_a_check(at: Callable[..., At], moment: str, person: str) -> None:
    here = at(moment, MOMENTS[moment])
    run: story.Run = here.told  # type: ignore[assignment]
    with here.ledger.read() as session:
        assert "6.437" in session.exec(select(Reading.value)).all(), "the value is there to be hidden"
    for address, said in everywhere(here.ledger, person, run.batch):
        leak = SECRET.search(re.sub(r"(?s)<svg.*?</svg>|<style.*?</style>", "", said))
        assert leak is None, f"{person} reads {leak[0]} at {address}"


def test_the_person_who_entered_them_sees_them(at: Callable[..., At]) -> None:
    here = at("MNC-4 first values", first_values(FIRST))
    run: story.Run = here.told  # type: ignore[assignment]
    page = signed_in(here.ledger, "TECH1").get(f"/batches/{run.batch}/steps/MNC-4").text
    assert "6.437" in page
    assert "317" in page


def test_everybody_sees_them_once_they_are_matched(at: Callable[..., At]) -> None:
    here = at("MNC-4 first values", first_values(FIRST))
    run: story.Run = here.told  # type: ignore[assignment]
    run.player.verify(here.ledger, run.batch, WHERE, FIRST)
    page = signed_in(here.ledger, "INSP1").get(f"/batches/{run.batch}/steps/MNC-4").text
    assert "6.437" in page


@pytest.mark.enough_on_postgresql("QA1")
@pytest.mark.parametrize("person", ["TECH2", "QA1", "INSP1"])
def test_nothing_tells_that_an_open_reading_is_out_of_limits(at: Callable[..., At], person: str) -> None:
    """Two records, alike but for the first values: one in limits, one that QA would have to decide. Others see the same."""
    good, bad = at("MNC-4 first values", first_values(FIRST)), at("MNC-4 bad values", first_values(BAD))
    answers = []
    for here in (good, bad):
        run: story.Run = here.told  # type: ignore[assignment]
        said = everywhere(here.ledger, person, run.batch)
        # Lines are sorted: what is listed by its random code stands in another order in every telling.
        answers.append({(plain(address), "\n".join(sorted(plain(text).splitlines()))) for address, text in said})
    only_good, only_bad = (sorted(answers[n] - answers[1 - n]) for n in (0, 1))
    told = [line for line in difflib.ndiff(_lines(only_good), _lines(only_bad)) if line[0] in "+-"]
    assert not told, f"{person} can tell at {[address for address, _ in only_good]}: {told[:6]}"


def _lines(answers: list[tuple[str, str]]) -> list[str]:
    return [f"{address} {line}" for address, text in answers for line in text.splitlines()]

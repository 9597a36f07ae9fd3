"""Every fixed text of a page is said by the message catalogue: seen through a language that marks what it says."""

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from backend.access.rules import Role
from backend.ledger import Ledger
from backend.web.addresses import open_acts
from tests import story
from tests.conftest import At
from tests.journeys.treated import treated
from tests.people import BY_ROLE
from tests.visit import signed_in, words
from tests.web.marked import Data, Marked, data_of, left, unmarked
from tests.web.test_walk import pages

Stage = Callable[..., At]
pytestmark = pytest.mark.enough_on_postgresql()


def marking(client: TestClient) -> TestClient:
    client.app.state.catalogue = Marked()  # type: ignore[attr-defined]
    return client


def raw(answer: object, data: Data) -> Iterator[tuple[str, ...]]:
    """The texts of a page that no catalogue has said, each with its words that are no data."""
    for text in unmarked(answer.text):  # type: ignore[attr-defined]
        if found := left(text, data):
            yield text, *found


@pytest.mark.parametrize("person", ["TECH1", "QA3", "PHYS1", "ANA1", "UQA1", "ADM1"])
def test_every_page_says_its_fixed_texts_by_the_catalogue(at: Stage, person: str) -> None:
    ledger = at("treated", treated).ledger
    client, data, faults, read = marking(signed_in(ledger, person)), data_of(ledger), {}, 0
    for path, answer in pages(client):
        if "text/html" in answer.headers.get("content-type", ""):
            faults |= dict.fromkeys(raw(answer, data), path)
            read += 1
    assert faults == {}
    assert read > 20


@pytest.mark.parametrize("person", ["TECH1", "TECH2"])
def test_a_step_that_is_open_at_the_bench_says_its_fixed_texts_by_the_catalogue(at: Stage, person: str) -> None:
    here = at("at MNC-4", story.batch_at("MNC-4"))
    client, data = marking(signed_in(here.ledger, person)), data_of(here.ledger)
    for page in ("/", "/batches", f"/batches/{here.told.batch}", f"/batches/{here.told.batch}/steps/MNC-4"):  # type: ignore[attr-defined]
        assert list(raw(client.get(page), data)) == [], page
    assert "«lot of trypan blue, 0.1 mL»" in words(client.get(page))


def test_the_form_of_every_act_says_its_fixed_texts_by_the_catalogue(ledger: Ledger) -> None:
    """Titles, units that are words, hints, options, what it does and what its signature means."""
    data, faults, clients = data_of(ledger), {}, dict[str, TestClient]()
    for act in open_acts():
        who = BY_ROLE[next((role for role in Role if role in act.roles), Role.QA)]
        client = clients.setdefault(who, marking(signed_in(ledger, who)))
        answer = client.get(f"/act/{act.name}")
        assert answer.status_code == 200, act.name
        assert f"«{act.title}»" in words(answer), act.name
        faults |= dict.fromkeys(raw(answer, data), act.name)
    assert faults == {}


@pytest.mark.parametrize(("person", "page", "said"), [
    ("ADM1", "/history?act=access.grant", "«Ada Adler gave TECH1 the role technician.»"),
    ("ADM1", "/history?act=access.grant", "«Give a role» · Ada Adler"),
    ("ADM1", "/history?act=access.grant", "«Staff number» INSP1 «Role» inspector"),
    ("ADM1", "/history", "«Keep a verification»"), ("ADM1", "/people/TECH1", "«Emergency unmasking»"),
    ("QA1", "/subjects/{coi}", "«Cai Ling bound the subject to the chain of identity and issued a wristband.»"),
    ("QA1", "/subjects/{coi}", "«I order this harvest and its kit.»"), ("QA1", "/subjects/{coi}", "«Full name» «sealed»"),
    ("COOR1", "/scan?code={coi}", "«Withdraw the subject»"), ("QA1", "/scan?code={coi}", "«Place a hold»"),
    ("QA1", "/", "«unregistered station»"), ("QA1", "/sign-in", "«unregistered station»"), ("QA1", "/nothing", "«History»"),
])  # fmt: skip
def test_what_is_fixed_is_marked(at: Stage, person: str, page: str, said: str) -> None:
    here = at("ordered", story.ordered)
    client = marking(signed_in(here.ledger, person))
    assert said in words(client.get(page.format(coi=here.told.coi)))  # type: ignore[attr-defined]


def test_a_text_without_a_mark_is_found() -> None:
    page = '<main><h1>«Batch»</h1>'
    page += '<p title="Say it">«As shown to Lin Yue at <time>x</time>. It ends.» «lot» lot 26-1</p><code>K1 code</code></main>'
    assert [text.split() for text in unmarked(page)] == [["Say", "it"], ["lot", "26-1"]]
    data = frozenset({("Lin", "Yue"), ("26-1",)})
    assert left("lot 26-1 of Lin Yue", data) == ["lot", "of"]

"""The first page of everybody: nothing is cut without a word, every masked role has a list, and what is fixed is said in any language."""

from collections.abc import Callable
from gettext import NullTranslations

import pytest

from backend.access.reads import viewer_of
from backend.desk.reads import worklists
from backend.ledger import SYSTEM, Caller, Ledger
from tests import story
from tests.conftest import At
from tests.people import by
from tests.visit import signed_in, words

Stage = Callable[..., At]


def lists(ledger: Ledger, person: str) -> dict[str, worklists.Worklist]:
    with ledger.read() as session:
        at = ledger.clock()
        return {str(one.title): one for one in worklists.for_viewer(session, ledger, viewer_of(session, person, at), at)}


def deviations(here: At, number: int) -> None:
    about = here.told.coi  # type: ignore[attr-defined]
    for n in range(number):
        here.ledger.do("quality.open", {"about": about, "sentence": f"Noticed {n}, 68.4 % of it.", "grade": "minor"}, by=by("TECH1"))


def test_a_list_says_how_many_more_there_are_and_where(at: Stage) -> None:
    here = at("bound", story.bound)
    deviations(here, 53)
    found = lists(here.ledger, "QA1")["Deviations to decide"]
    assert (len(found.items), found.more, found.href) == (50, 3, "/deviations")
    page = signed_in(here.ledger, "QA1").get("/")
    assert "Deviations to decide 53" in words(page)
    assert '<a href="/deviations">and 3 more</a>' in page.text
    assert "Noticed 52, 68.4 % of it." in words(page)


def test_a_list_that_is_whole_says_nothing_of_more(at: Stage) -> None:
    here = at("bound", story.bound)
    deviations(here, 30)
    found = lists(here.ledger, "QA1")["Deviations to decide"]
    assert (len(found.items), found.more) == (30, 0), "one page of deviations is 25"
    assert " more" not in words(signed_in(here.ledger, "QA1").get("/"))


def test_the_page_that_a_list_leads_to_is_one_that_its_reader_may_see(at: Stage) -> None:
    here = at("bound", story.bound)
    for person in ("ADM1", "QA1", "TECH1", "COUR1", "NURS1", "PHYS1", "COOR1", "RAND1", "INSP1", "ASSE1"):
        client = signed_in(here.ledger, person)
        assert {one.href: client.get(one.href).status_code for one in lists(here.ledger, person).values()} == {
            one.href: 200 for one in lists(here.ledger, person).values()
        }, person


def test_a_randomiser_is_asked_for_the_list_until_it_is_sealed(at: Stage, ledger: Ledger) -> None:
    assert lists(ledger, "RAND1")["Randomisation"].items == (), "there is no folder whose arms it could name"
    waits = at("folder approved", story.folder_approved)
    (item,) = lists(waits.ledger, "RAND1")["Randomisation"].items
    assert (item.what, item.href) == ("Import the randomisation list", "/randomisation")
    assert "Import the randomisation list" in words(signed_in(waits.ledger, "RAND1").get("/"))
    sealed = at("list imported", story.list_imported)
    assert lists(sealed.ledger, "RAND1")["Randomisation"].items == ()
    assert "No randomisation list waits to be imported." in words(signed_in(sealed.ledger, "RAND1").get("/"))


def test_an_inspector_reads_first_how_the_record_was_proved(ledger: Ledger) -> None:
    assert "The record has not been verified here yet" in words(signed_in(ledger, "INSP1").get("/"))
    signed_in(ledger, "QA1").post("/history/verify", headers={"referer": "http://testserver/history"})
    page = signed_in(ledger, "INSP1").get("/")
    assert "No fault in " in words(page) and 'href="/history"' in page.text
    (item,) = lists(ledger, "INSP1")["Proof of the record"].items
    assert item.pill[0] == "go"
    told = {"person": "QA1", "entries": 12, "faults": 2, "first": "subject 3: 50 % is missing.", "started_at": ledger.clock().isoformat()}
    ledger.do("desk.verified", told, by=Caller(SYSTEM, ""))
    (item,) = lists(ledger, "INSP1")["Proof of the record"].items
    assert (item.pill[0], item.what) == ("stop", "2 faults, the first: subject 3: 50 % is missing.")
    assert "50 % is missing." in words(signed_in(ledger, "INSP1").get("/"))


def test_an_assessor_is_told_that_nothing_waits(at: Stage) -> None:
    here = at("bound", story.bound)
    page = signed_in(here.ledger, "ASSE1").get("/")
    assert "Nothing in this record waits for an assessor." in words(page)
    assert "No worklist belongs to your role." not in words(page)


class Marked(NullTranslations):
    """A language in which every fixed text is marked."""

    def gettext(self, message: str) -> str:
        return f"«{message}»"

    def ngettext(self, one: str, many: str, n: int) -> str:
        return f"«{one if n == 1 else many}»"


@pytest.mark.parametrize(("person", "page", "said"), [
    ("COOR1", "/", "«To be ordered»"), ("COOR1", "/", "«Order the collection»"), ("COOR1", "/", "«No subject waits for binding.»"),
    ("COOR1", "/scan?code={coi}", "«Subject S01»"), ("COOR1", "/scan?code={coi}", "«a chain-of-identity code»"),
    ("COOR1", "/scan?code={wristband}", "«Live»"), ("TECH1", "/subjects/{coi}", "«Bound to CoI»"),
    ("TECH1", "/subjects/{coi}", "«In process»"), ("QA1", "/scan?code={badge}", "«Staff number»"),
])  # fmt: skip
def test_what_is_fixed_is_said_in_the_language_of_the_installation(at: Stage, person: str, page: str, said: str) -> None:
    here = at("bound", story.bound)
    with here.ledger.engine.connect() as conn:
        codes = {
            "coi": here.told.coi,  # type: ignore[attr-defined]
            "wristband": conn.exec_driver_sql("SELECT code FROM wristband WHERE ended_at IS NULL").scalar(),
        }
    codes["badge"] = story.badge(here.ledger, "TECH1")
    client = signed_in(here.ledger, person)
    client.app.state.catalogue = Marked()  # type: ignore[attr-defined]
    number = story.PEOPLE[0].number
    assert said.replace("S01", number) in words(client.get(page.format(**codes)))


def test_a_program_is_answered_in_english_text(at: Stage) -> None:
    here = at("bound", story.bound)
    from tests.api.test_calls import V1, caller

    client = caller(here.ledger, "QA1")
    said = client.get(f"{V1}/codes/{here.told.coi}").json()["code"]  # type: ignore[attr-defined]
    assert (said["kind"], said["title"]) == ("a chain-of-identity code", f"Subject {story.PEOPLE[0].number}")
    glance = client.get(f"{V1}/subjects/{here.told.coi}").json()["glance"]  # type: ignore[attr-defined]
    assert [one["words"] for one in glance["stations"]] == ["Enrolled", "Bound to CoI", "Today"]
    answer = client.get("/api/openapi.json").json()["components"]["schemas"]["Answer"]["properties"]
    assert answer["title"]["type"] == "string"

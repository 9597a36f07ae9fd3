"""The paper of a wristband is given out once, to who printed it: a second copy would be a second subject."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend.custody.models import PaperFetched
from backend.ledger import NotAllowed, Refused
from tests import story
from tests.conftest import At
from tests.people import by, sign
from tests.visit import paper, signed_in, words


@pytest.fixture
def printed(at: Callable[..., At]) -> Any:
    """A new wristband of a bound subject that COOR1 printed; `band` is its code."""
    here: Any = at("bound", story.bound)
    here.band = reissued(here)
    here.ledger.do("subject.print_wristband", {"wristband_code": here.band}, by=by("COOR1"))
    return here


def reissued(here: Any) -> str:
    given, signed = story.stated(here.told.coi, here.told.who), {"by": by("COOR1"), "signatures": sign("COOR1", "NURS1")}
    code: str = here.ledger.do("subject.reissue_wristband", given, reason="The first one is torn.", **signed).result
    return code


def fetched(here: Any, person: str = "COOR1") -> Any:
    return paper(signed_in(here.ledger, person), f"/wristbands/{here.band}", f"/wristbands/{here.band}/paper")


def test_the_paper_of_a_wristband_is_asked_for_by_an_act_with_its_row_and_its_entry(printed: Any) -> None:
    client, pdf = signed_in(printed.ledger, "COOR1"), f"/wristbands/{printed.band}.pdf"
    assert client.get(pdf).status_code == 409 and pdf not in client.get(f"/wristbands/{printed.band}").text
    assert fetched(printed).content.startswith(b"%PDF")
    with printed.ledger.read() as session:
        row = session.get_one(PaperFetched, printed.band)
        assert (row.by, row.chain) == ("COOR1", printed.told.coi)
    with printed.ledger.engine.connect() as conn:
        body = json.loads(bytes(conn.exec_driver_sql("SELECT body FROM entry WHERE act = 'subject.fetch_wristband'").scalar_one()))
    assert (body["by"], body["inputs"]) == ("COOR1", {"wristband_code": printed.band})


def test_who_printed_it_gets_the_same_bytes_for_two_minutes_and_never_again(printed: Any) -> None:
    client, pdf = signed_in(printed.ledger, "COOR1"), f"/wristbands/{printed.band}.pdf"
    first = fetched(printed)
    assert client.get(pdf).content == first.content
    printed.clock.advance(minutes=2)
    late = client.get(pdf)
    assert late.status_code == 409 and "it is given out once" in words(late) and "issue a new one, which makes this one void" in words(late)
    again = client.post(f"/wristbands/{printed.band}/paper", data={"key": "another"})
    assert again.status_code == 409 and "it is given out once" in words(again)


def test_a_second_asking_is_refused_within_the_two_minutes_too(printed: Any) -> None:
    fetched(printed)
    with pytest.raises(Refused, match="given out already"):
        printed.ledger.do("subject.fetch_wristband", {"wristband_code": printed.band}, by=by("COOR1"))


@pytest.mark.parametrize(("person", "refusal"), [("NURS1", Refused), ("PHYS1", Refused), ("COOR2", Refused), ("TECH1", NotAllowed)])
def test_nobody_else_is_given_the_paper_at_any_time(printed: Any, person: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal, match="COOR1 printed this" if refusal is Refused else "you are technician"):
        printed.ledger.do("subject.fetch_wristband", {"wristband_code": printed.band}, by=by(person))
    client = signed_in(printed.ledger, person)
    assert "Open the PDF" not in words(client.get(f"/wristbands/{printed.band}"))
    fetched(printed)
    assert client.get(f"/wristbands/{printed.band}.pdf").status_code == (403 if refusal is NotAllowed else 409)


@pytest.mark.parametrize("ended", ["scanned back", "void", "not printed"])
def test_a_wristband_that_is_worn_or_void_or_not_printed_has_no_paper(printed: Any, ended: str) -> None:
    if ended == "scanned back":
        printed.ledger.do("subject.verify_wristband", {"wristband_code": printed.band}, by=by("COOR1"))
    else:
        new = reissued(printed)
        printed.band = new if ended == "not printed" else printed.band
    with pytest.raises(Refused, match="is not printed yet" if ended == "not printed" else "scanned back or has ended"):
        printed.ledger.do("subject.fetch_wristband", {"wristband_code": printed.band}, by=by("COOR1"))
    assert signed_in(printed.ledger, "COOR1").get(f"/wristbands/{printed.band}.pdf").status_code == 409

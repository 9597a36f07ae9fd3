"""The paper of a print of labels is given out once, to who printed it: nobody gets a second one, and what did not come out is reprinted."""

import json
from typing import Any

import pytest

from backend.custody.models import Label, PaperFetched
from backend.ledger import NotAllowed, Refused
from labels.codes import draw
from tests.custody import rig
from tests.labels.paper import decoded, pages
from tests.people import CAST, by, sign
from tests.visit import paper, send, signed_in, words

AGAIN = "A label that is missing or spoilt is reprinted: it is void, and the new one has a code of its own."


@pytest.fixture
def job(built: Any) -> Any:
    """Two labels that TECH1 printed; `told` names the print."""
    built.told = rig.make(built.ledger, "S08", 2)
    built.job = rig.print_(built.ledger, built.told.labels)
    return built


def told(here: Any) -> list[dict[str, Any]]:
    with here.ledger.engine.connect() as conn:
        rows = conn.exec_driver_sql("SELECT body FROM entry WHERE act = 'custody.fetch_paper' ORDER BY seq")
        return [json.loads(bytes(one[0])) for one in rows]


def fetched(client: Any, job: str) -> Any:
    return paper(client, f"/labels/{job}", f"/labels/{job}/paper")


def test_the_paper_is_asked_for_by_an_act_with_its_row_and_its_entry(job: Any) -> None:
    client, page = signed_in(job.ledger, "TECH1"), f"/labels/{job.job}"
    early = client.get(f"{page}.pdf")
    assert early.status_code == 409 and "Nobody has asked for this paper yet" in words(early)
    assert rig.rows(job.ledger, PaperFetched) == [], "looking at an address gives nothing out"
    made = fetched(client, job.job)
    assert [decoded(one) for one in pages(made.content)] == [[one] for one in job.told.labels]
    (row,) = rig.rows(job.ledger, PaperFetched)
    assert (row.of_code, row.by, row.chain) == (job.job, "TECH1", job.told.coi)
    (entry,) = told(job)
    assert (entry["by"], entry["inputs"], entry["refused"]) == ("TECH1", {"print_code": job.job}, [])
    assert "Lin Yue fetched the paper of the print" in words(client.get("/history?act=custody."))


def test_who_printed_it_gets_the_same_bytes_for_two_minutes_and_never_again(job: Any) -> None:
    client, pdf = signed_in(job.ledger, "TECH1"), f"/labels/{job.job}.pdf"
    first = fetched(client, job.job)
    given = rig.rows(job.ledger, PaperFetched)[0].at
    job.clock.at = given.replace(microsecond=0)
    job.clock.advance(minutes=1, seconds=59)
    assert client.get(pdf).content == first.content and pdf in client.get(f"/labels/{job.job}").text
    job.clock.advance(seconds=2)
    late = client.get(pdf)
    assert late.status_code == 409 and "it is given out once" in words(late) and AGAIN in words(late)
    seen = client.get(f"/labels/{job.job}")
    assert pdf not in seen.text and "Given out to Lin Yue" in words(seen) and "There is no second paper." in words(seen)
    job.clock.advance(days=1)
    assert signed_in(job.ledger, "TECH1").get(pdf).status_code == 409


def test_a_second_asking_is_refused_and_recorded(job: Any) -> None:
    client = signed_in(job.ledger, "TECH1")
    fetched(client, job.job)
    with pytest.raises(Refused, match="given out already; it is given out once"):
        job.ledger.do("custody.fetch_paper", {"print_code": job.job}, by=by("TECH1"))
    job.clock.advance(minutes=3)
    answer = client.post(f"/labels/{job.job}/paper", data={"key": "another"})
    assert answer.status_code == 409 and "it is given out once" in words(answer) and AGAIN in words(answer)
    assert [bool(one["refused"]) for one in told(job)] == [False, True, True]
    assert len(rig.rows(job.ledger, PaperFetched)) == 1


def test_the_same_form_sent_twice_gives_the_paper_out_once(job: Any) -> None:
    client = signed_in(job.ledger, "TECH1")
    answers = [client.post(f"/labels/{job.job}/paper", data={"key": "once"}) for _ in range(2)]
    assert [one.headers["location"] for one in answers] == [f"/labels/{job.job}.pdf"] * 2
    assert len(told(job)) == 1


@pytest.mark.parametrize("person", [one.person for one in CAST if one.person != "TECH1"])
def test_nobody_else_is_given_the_paper_at_any_time(job: Any, person: str) -> None:
    client, pdf = signed_in(job.ledger, person), f"/labels/{job.job}.pdf"
    reads = "given to Lin Yue alone" in words(client.get(f"/labels/{job.job}"))
    with pytest.raises((Refused, NotAllowed)):
        job.ledger.do("custody.fetch_paper", {"print_code": job.job}, by=by(person))
    assert rig.rows(job.ledger, PaperFetched) == []
    fetched(signed_in(job.ledger, "TECH1"), job.job)
    refused = client.get(pdf)
    assert refused.status_code == (409 if reads else 403)
    assert not reads or f"TECH1 printed this, so nobody else is given its paper; you are {person}." in words(refused)
    assert pdf not in client.get(f"/labels/{job.job}").text


def test_the_paper_is_not_given_out_after_a_scan_back_or_once_a_label_has_ended(job: Any) -> None:
    client = signed_in(job.ledger, "TECH1")
    fetched(client, job.job)
    rig.verify(job.ledger, job.job, job.told.labels[:1])
    refused = client.get(f"/labels/{job.job}.pdf")
    assert refused.status_code == 409 and "This was scanned back or has ended, so it is on paper" in words(refused)
    other = rig.print_(job.ledger, rig.make(job.ledger, "S04", 1).labels)
    (label,) = (one.code for one in rig.rows(job.ledger, Label) if one.code not in job.told.labels)
    job.ledger.do("custody.void_label", {"label": label}, by=by("TECH1"), reason="smeared")
    with pytest.raises(Refused, match="has ended"):
        job.ledger.do("custody.fetch_paper", {"print_code": other}, by=by("TECH1"))


def test_what_did_not_come_out_is_reprinted_under_new_codes(job: Any) -> None:
    """The way that the refusal names: the old label is void at once, and the paper of the new print has another code."""
    client = signed_in(job.ledger, "TECH1")
    fetched(client, job.job)
    signed = {"by": by("TECH1"), "signatures": sign("TECH1", "TECH2"), "reason": "The printer was out of ribbon."}
    new = job.ledger.do("custody.reprint_label", {"label": job.told.labels[0]}, **signed).result
    again = rig.print_(job.ledger, [new])
    assert [decoded(one) for one in pages(fetched(client, again).content)] == [[new]]
    assert send(client, f"/labels/{again}", {"label": new}).status_code == 303
    assert send(client, f"/labels/{job.job}", {"label": job.told.labels[0]}).status_code == 409


def test_a_code_that_is_no_print_has_no_paper(job: Any) -> None:
    with pytest.raises(Refused, match="is no print of labels"):
        job.ledger.do("custody.fetch_paper", {"print_code": job.told.batch}, by=by("TECH1"))
    client = signed_in(job.ledger, "TECH1")
    assert client.get(f"/labels/{job.told.batch}.pdf").status_code == client.get(f"/labels/{draw('K')}.pdf").status_code == 404

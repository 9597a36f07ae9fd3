"""The record read aloud: filtered, paged, opened for those who may see, covered for those who may not yet."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.access.reads import names_of
from backend.ledger import REGISTRY, Ledger, Nonsense, Refused
from backend.ledger.reads import Reader, Told, entries
from tests.people import CAST, by


def reader(ledger: Ledger, *purposes: str, person: str = "INSP1", **more: object) -> Reader:
    return Reader(person, ledger.keyring, set(purposes).__contains__, names_of, **more)  # type: ignore[arg-type]


def read(ledger: Ledger, who: Reader | None = None, **asked: Any) -> list[Told]:
    """Each reading at a moment of its own: a session of SQLite stays where it first looked."""
    with ledger.read() as session:
        return entries(session, who or reader(ledger), **asked)


def test_an_entry_is_told_in_a_sentence_with_printed_names(ledger: Ledger) -> None:
    ledger.do("access.add_person", {"person": "NEW1", "name": "New Person"}, by=by("ADM1", "Bench 2"))
    told = read(ledger, act="access.add_person", limit=1)[0]
    assert told.sentence == "Ada Adler added New Person (NEW1)."
    assert (told.title, told.by, told.name, told.station) == ("Add a person", "ADM1", "Ada Adler", "Bench 2")
    assert told.inputs == {"Staff number": "NEW1", "Printed name": "New Person"}
    assert {change.table for change in told.changes} == {"badge", "code", "person"}
    assert told.result == "NEW1"


def test_a_refusal_is_told_with_its_reasons(ledger: Ledger) -> None:
    with pytest.raises(Refused):
        ledger.do("access.add_person", {"person": "TECH1", "name": "Another"}, by=by("ADM1"))
    told = read(ledger, limit=1)[0]
    assert told.sentence == "Ada Adler was refused: Add a person."
    assert "belongs to somebody already" in told.refused[0]
    assert told.changes == ()


def test_a_signature_is_told_with_name_and_meaning(ledger: Ledger) -> None:
    told = read(ledger, act="access.accept_statement", by="QA1")[0]
    assert [(s.by, s.name) for s in told.signed] == [("QA1", "Chen Min")]
    assert "I am accountable" in told.signed[0].meaning


def test_pages_follow_each_other_without_gap_or_repeat(ledger: Ledger) -> None:
    whole = read(ledger, limit=10_000)
    paged: list[Told] = []
    while page := read(ledger, after=paged[-1].cursor if paged else None, limit=7):
        assert len(page) <= 7
        paged += page
    assert [one.cursor for one in paged] == [one.cursor for one in whole]
    assert [one.at for one in whole] == sorted((one.at for one in whole), reverse=True)


def test_a_cursor_that_is_none_is_nonsense(ledger: Ledger) -> None:
    with pytest.raises(Nonsense, match="no place in the history"):
        read(ledger, after="yesterday")


def test_history_is_filtered_by_act_room_person_and_chain(ledger: Ledger) -> None:
    assert {t.by for t in read(ledger, by="QA2")} == {"QA2"}
    assert {t.act for t in read(ledger, act="access.grant")} == {"access.grant"}
    assert {t.act for t in read(ledger, act="ledger.")} == {"ledger.found"}
    assert {t.chain for t in read(ledger, chain="site")} == {"site"}
    one = read(ledger, act="ledger.found", limit=1)[0]
    assert {t.chain for t in read(ledger, act_id=one.act_id)} == {"access", "site", "supplies"} == one.parts.keys()


def test_history_is_filtered_by_time_from_the_first_instant_until_before_the_second(ledger: Ledger) -> None:
    second, first = read(ledger, by="ADM1", limit=2)
    found = read(ledger, by="ADM1", since=first.at, until=second.at)
    assert [t.cursor for t in found] == [first.cursor]
    assert read(ledger, since=second.at + timedelta(days=900)) == []


def test_every_entry_that_names_a_code_is_found(ledger: Ledger) -> None:
    given = read(ledger, act="access.grant", limit=1)[0]
    ledger.do("access.end_role", {"grant": given.result}, by=by("ADM1"), reason="moved")
    spoken = f"{given.result[:4]}-{given.result[4:8]}-{given.result[8:12]}-{given.result[12:]}".lower()
    assert [t.act for t in read(ledger, code=spoken)] == ["access.end_role", "access.grant"]
    assert {t.act for t in read(ledger, code="RAND2", by="ADM1")} == {
        "access.add_person", "access.grant", "access.issue_link",
    }  # fmt: skip


def test_whoever_may_not_read_of_subjects_reads_the_common_chains_only(ledger: Ledger) -> None:
    assert {t.chain for t in read(ledger, reader(ledger, subjects=False), limit=10_000)} == {"access", "site", "supplies"}


def test_a_covered_entry_keeps_its_codes_and_loses_its_values_for_everybody_but_who_entered_them(  # decision W3
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = read(ledger, act="access.grant", limit=1)[0].result
    ledger.do("access.end_role", {"grant": given}, by=by("ADM1"), reason="a value such as eighty-one in the reason")
    covering = replace(REGISTRY["access.end_role"], covers=lambda _, body, person: body["inputs"]["grant"] == given)
    monkeypatch.setitem(REGISTRY, "access.end_role", covering)
    told = read(ledger, reader(ledger, person="QA1"), act="access.end_role", limit=1)[0]
    assert told.covered
    assert told.inputs == {"Grant": given}
    assert (told.changes, told.result, told.reason) == ((), None, "covered")
    assert "eighty" not in told.model_dump_json()
    own = read(ledger, reader(ledger, person="ADM1"), act="access.end_role", limit=1)[0]
    assert not own.covered
    assert own.reason == "a value such as eighty-one in the reason"
    with pytest.raises(Refused):
        ledger.do("access.end_role", {"grant": given}, by=by("ADM1"), reason="again")
    assert read(ledger, act="access.end_role", limit=1)[0].refused == ("covered",)


def test_a_covered_sentence_says_that_it_is_covered(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:  # decision W3
    ledger.do("access.add_person", {"person": "NEW1", "name": "Sixty-One"}, by=by("ADM1"))
    monkeypatch.setitem(REGISTRY, "access.add_person", replace(REGISTRY["access.add_person"], covers=lambda *_: True))
    told = read(ledger, reader(ledger, person="QA1"), act="access.add_person", limit=1)[0]
    assert told.sentence == "Ada Adler added covered (covered)."
    assert set(told.inputs.values()) == {"covered"}


def test_an_entry_of_an_act_that_is_gone_is_still_told(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(REGISTRY, "access.grant")
    told = read(ledger, act="access.grant", limit=1)[0]
    assert told.sentence == "Ada Adler: access.grant."
    assert told.inputs["role"] in {role for who in CAST for role in who.roles}


def test_an_argument_that_the_act_did_not_have_then_is_a_dash(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REGISTRY, "access.grant", replace(REGISTRY["access.grant"], tells="{by}: {role}, {ends_at}, {newer}."))
    told = read(ledger, act="access.grant", limit=1)[0]
    assert told.sentence == "Ada Adler: inspector, –, –."


def test_signing_in_is_told_by_staff_number_when_nobody_says_the_name(ledger: Ledger) -> None:
    ledger.do("access.sign_in", by=by("NURS1"))
    told = read(ledger, Reader("INSP1", ledger.keyring, lambda _: False), by="NURS1", act="access.sign_in")[0]
    assert told.sentence == "NURS1 signed in."

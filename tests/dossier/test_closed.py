"""After two people closed a subject, no act of any room adds to that subject's record; the few that may say why (requirement C8)."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from sqlmodel import col, select

from backend.access.reads import viewer_of
from backend.custody.models import Disposed, Occupancy, Place
from backend.desk.reads.codes import answer
from backend.ledger import REGISTRY, SYSTEM, Act, Code, Ledger, Refused, offered
from backend.ledger.models import Entry, Head
from tests import story
from tests.conftest import At
from tests.dossier import rig
from tests.dossier.test_acts import ended
from tests.journeys.tried import _kind, _some
from tests.people import CAST, by, sign
from tests.visit import signed_in, words

MAY = {
    "masking.unmask": "An emergency does not end with the record.",
    "access.acknowledge": "What somebody was told is answered, however late.",
    "quality.acknowledge_hold": "It says what a person knows, and adds nothing to what was done.",
    "dossier.print_record": "The record is printed when it is whole.",
    "custody.move": "A retained vial stays in the cold, also when its tank does not.",
}
PATTERNS = {"step": "MNC-3", "passage": "", "field": "volume"}


@pytest.fixture
def closed(banked: At) -> tuple[Ledger, rig.Bank]:
    ledger, told = ended(banked)
    held = {"about": told.coi, "why": "Wait."}  # so that there is a record without a label on the chain, and none that is open
    hold = ledger.do("quality.place_hold", held, by=by("QA2"), signatures=sign("QA2")).result
    rig.lift(ledger, hold)
    rig.close(ledger, told.coi)
    return ledger, told


def of_subjects(act: Act) -> bool:
    """Whether the act takes a code that can be of a subject: all but those of places, equipment, lots and badges."""
    return bool({kind for kinds in act.codes.values() for kind in kinds} & set("SCLWKD")) and act.roles != {SYSTEM}


def tries() -> Iterator[Act]:
    yield from (act for act in REGISTRY.values() if of_subjects(act) and not act.name.startswith("rig."))


def arguments(act: Act, codes: dict[str, str], at: Any) -> dict[str, Any]:
    schema = act.arguments.model_json_schema().get("properties", {})
    given: dict[str, Any] = {}
    for name, asked in schema.items():
        if name in act.codes:
            code = next((codes[kind] for kind in act.codes[name] if kind in codes), "")
            given[name] = [code] if _kind(asked) == "array" else code
        else:
            given[name] = PATTERNS[name] if name in PATTERNS and "enum" not in asked else _some(asked, at)
    return given


def test_the_acts_that_add_to_a_closed_record_are_listed_with_their_reasons() -> None:
    assert {act.name: act.closed for act in REGISTRY.values() if act.closed} == MAY


def test_every_act_that_takes_a_code_of_a_closed_subject_is_refused_and_that_is_recorded(closed: tuple[Ledger, rig.Bank]) -> None:
    """By construction: whichever act a room gets, it is refused here, or it says why it is not."""
    ledger, told = closed
    story.heparin(ledger)
    with ledger.read() as session:
        own = {row.kind: row.code for row in session.exec(select(Code).where(Code.chain == told.coi).order_by(col(Code.code)))}
        own |= {row.kind: row.code for row in session.exec(select(Code).where(col(Code.kind).in_(["P", "E", "T"])))}
    assert set("SCLWK") <= own.keys()
    tried, missing = 0, []
    for act in tries():
        who = next(one.person for one in CAST if act.roles & set(one.roles) or "everybody" in act.roles)
        args = arguments(act, own, ledger.clock())
        if act.name in MAY:
            continue
        tried += 1
        try:
            act.arguments.model_validate(args)
        except ValueError:
            missing.append(act.name)
            continue
        with pytest.raises(Refused) as no:
            ledger.do(act.name, args, by=by(who), reason="r" if act.reason else "")
        assert no.value.reasons == (no.value.reasons[0],), act.name
        assert no.value.reasons[0].startswith("Subject S01 is closed since 2026-"), act.name
        assert no.value.reasons[0].endswith("; nothing is added to this record."), act.name
        with ledger.read() as session:
            entry = session.exec(select(Entry).where(Entry.chain == told.coi).order_by(col(Entry.seq).desc()).limit(1)).one()
        body = orjson.loads(entry.body)
        assert (body["act"], body["refused"], body["changes"]) == (act.name, list(no.value.reasons), []), act.name
    assert missing == []
    assert tried > 60


def test_what_a_closed_subject_still_allows_is_done(closed: tuple[Ledger, rig.Bank]) -> None:
    ledger, told = closed
    with ledger.read() as session:
        before = session.get_one(Head, told.coi).seq
        hold = next(one.code for one in session.exec(select(Code).where(Code.chain == told.coi, Code.kind == "K")) if is_hold(session, one))
    ledger.do("quality.acknowledge_hold", {"hold_code": hold}, by=by("NURS1"))
    ledger.do("dossier.print_record", {"subject": told.coi, "edition": "masked"}, by=by("QA1"))
    free = rig.free_position(ledger, told)
    moved = {"container": told.vials[0], "position": told.positions[0], "to": free, "exposure_s": "20"}
    ledger.do("custody.move", moved, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="The tank failed.")
    with ledger.read() as session:
        assert session.get_one(Head, told.coi).seq == before + 3
        (stands,) = session.exec(select(Occupancy).where(Occupancy.container_code == told.vials[0], col(Occupancy.ended_at).is_(None)))
    assert stands.position_code == free


def is_hold(session: Any, code: Code) -> bool:
    from backend.quality.models import Hold

    return session.get(Hold, code.code) is not None


def test_a_retained_vial_is_seen_as_retained_wherever_it_is_shown(closed: tuple[Ledger, rig.Bank]) -> None:
    """Its bank is released, but nobody may pick it."""
    ledger, _ = closed
    with ledger.read() as session:
        code = session.exec(select(Disposed.container_code).where(Disposed.how == "retained").order_by(Disposed.container_code)).first()
        assert code is not None
        stands = select(Occupancy.position_code).where(Occupancy.container_code == code, col(Occupancy.ended_at).is_(None))
        place = session.exec(stands).one()
        box = session.get_one(Place, place).parent_code
        found = answer(session, code, viewer_of(session, "TECH1", ledger.clock()), ledger.keyring)
    assert found is not None and found.pill == ("plain", "Retained")
    client = signed_in(ledger, "TECH1")
    assert "Retained" in words(client.get(f"/containers/{code}"))
    assert ", retained" in words(client.get(f"/storage?box={box}"))


def test_another_subject_and_the_site_go_on(closed: tuple[Ledger, rig.Bank]) -> None:
    ledger, told = closed
    with ledger.read() as session:
        before = session.get_one(Head, told.coi).seq
    ledger.do("subject.enrol", story.enrolling(ledger, story.PEOPLE[1]), by=by("COOR1"), signatures=sign("COOR1"))
    with ledger.read() as session:
        assert session.get_one(Head, told.coi).seq == before


def test_nothing_is_offered_on_a_closed_subject_but_what_may_be_done(closed: tuple[Ledger, rig.Bank]) -> None:
    ledger, told = closed
    every = frozenset(role for who in CAST for role in who.roles)
    with ledger.read() as session:
        for code in (told.coi, told.vials[0], told.labels[0]):
            assert {one.name for one in offered(session, code, code[0], every)} <= MAY.keys(), code


def test_who_may_not_do_it_at_all_is_told_nothing_of_the_closing(closed: tuple[Ledger, rig.Bank]) -> None:
    """Decision P4: the role is asked first."""
    ledger, told = closed
    with pytest.raises(Refused) as no:
        ledger.do("subject.withdraw", {"subject": told.coi}, by=by("ANA1"), signatures=sign("ANA1"), reason="r")
    assert "closed" not in " ".join(no.value.reasons)

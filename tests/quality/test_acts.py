"""Deviations and holds through their acts; who may know what while a second reading is open (decision W3)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.access.rules import Role
from backend.ledger import REGISTRY, Ledger, NotAllowed, Now, Open, RecordCode, Refused, SubjectCode, UnknownCode, act, digest_of
from backend.quality.acts import close_check, hold, open_deviation
from backend.quality.models import DeviationDecided, Hold, HoldSeen
from backend.quality.reads import deviation_view, open_deviations, open_holds, shown_deviation, shown_hold, visible
from tests.custody import rig
from tests.people import by, sign

SENTENCE = "Viability is 61.0 %; it must be at least 70 %."


@act("rig.check", roles={Role.TECHNICIAN}, title="Rig", tells="")
def check(now: Now, coi: SubjectCode) -> dict[str, str]:
    """A first reading is out of its limit; the second one is open."""
    key = now.draw("K")
    found = open_deviation(now, about=coi, sentence=SENTENCE, grade="major", rule="MNC-4.viability", covered_for=key)
    return {"check": key, "deviation": found.code}


@act("rig.close", roles={Role.TECHNICIAN}, title="Rig", tells="")
def close(now: Now, key: RecordCode) -> None:
    """The second reading matched."""
    close_check(now, key)


@act("rig.hold", roles={Role.TECHNICIAN}, title="Rig", tells="")
def held(now: Now, coi: SubjectCode) -> Hold:
    """A rule places a hold."""
    return hold(now, about=coi, why="A value was corrected.", cause="rig.correct")


@act("rig.bad", roles={Role.TECHNICIAN}, title="Rig", tells="")
def bad(now: Now, coi: SubjectCode, grade: Open[str], sentence: Open[str]) -> None:
    open_deviation(now, about=coi, sentence=sentence, grade=grade, rule="x")


MINE = {name: REGISTRY.pop(name) for name in ("rig.check", "rig.close", "rig.hold", "rig.bad")}


@pytest.fixture(autouse=True)
def _rigged() -> Iterator[None]:
    with rig.rigged():
        REGISTRY.update(MINE)
        yield
        for name in MINE:
            REGISTRY.pop(name)


def _subject(ledger: Ledger) -> str:
    coi: str = ledger.do("rig.subject", by=by("TECH1")).result
    return coi


@pytest.fixture
def here(at: Callable[..., Any]) -> Any:
    """A subject, by code."""
    return at("quality subject", _subject)


def opened(ledger: Ledger, coi: str, who: str = "TECH1") -> str:
    code: str = ledger.do("quality.open", {"about": coi, "sentence": SENTENCE, "grade": "major"}, by=by(who)).result
    return code


def describe(ledger: Ledger, deviation: str, who: str = "TECH2") -> None:
    given = {"deviation": deviation, "cause": "The trypsin stood.", "impact": "Fewer cells.", "action": "A timer."}
    ledger.do("quality.describe", given, by=by(who))


def decide(ledger: Ledger, deviation: str, who: str = "QA1", shown: str | None = None) -> Any:
    with ledger.read() as session:
        seen = shown or digest_of(shown_deviation(session, deviation=deviation))
    given = {"deviation": deviation, "decision": "accept"}
    return ledger.do("quality.decide", given, by=by(who), signatures=sign(who), reason="No impact on the cells.", shown=seen)


def lift(ledger: Ledger, code: str, who: str = "QA1", shown: str | None = None) -> Any:
    with ledger.read() as session:
        seen = shown or digest_of(shown_hold(session, hold_code=code))
    return ledger.do("quality.lift_hold", {"hold_code": code}, by=by(who), signatures=sign(who), reason="Clarified.", shown=seen)


def test_a_deviation_is_opened_described_and_decided(here: Any) -> None:
    code = opened(here.ledger, here.told)
    describe(here.ledger, code)
    decide(here.ledger, code)
    with here.ledger.read() as session:
        seen = deviation_view(session, code, "TECH3")
        assert open_deviations(session, here.told) == []
    assert (seen.decided, seen.decided_by, seen.described[0].by, seen.coi) == ("accepted", "Chen Min", "Zhou Ke", here.told)


def test_nobody_decides_before_it_is_described(here: Any) -> None:
    code = opened(here.ledger, here.told)
    with pytest.raises(Refused, match="Nobody has described cause, impact and action yet"):
        decide(here.ledger, code)


def test_who_opened_or_described_a_deviation_does_not_decide_it(here: Any) -> None:
    code = opened(here.ledger, here.told, "QA1")
    describe(here.ledger, code, "QA1")
    with pytest.raises(Refused) as no:
        decide(here.ledger, code)
    assert len(no.value.reasons) == 2
    decide(here.ledger, code, "QA2")


def test_a_deviation_is_decided_once(here: Any) -> None:
    code = opened(here.ledger, here.told)
    describe(here.ledger, code)
    decide(here.ledger, code)
    with pytest.raises(Refused, match="has been decided already"):
        decide(here.ledger, code, "QA2")
    with pytest.raises(Refused, match="is a deviation of its own"):
        describe(here.ledger, code)
    assert len(rig.rows(here.ledger, DeviationDecided)) == 1


def test_what_was_read_is_what_is_decided(here: Any) -> None:
    code = opened(here.ledger, here.told)
    describe(here.ledger, code)
    with here.ledger.read() as session:
        seen = digest_of(shown_deviation(session, deviation=code))
    describe(here.ledger, code, "TECH3")
    with pytest.raises(Refused, match="The record changed while you were reading it"):
        decide(here.ledger, code, shown=seen)


def test_only_qa_decides(here: Any) -> None:
    code = opened(here.ledger, here.told)
    describe(here.ledger, code)
    with pytest.raises(NotAllowed, match="you are technician"):
        decide(here.ledger, code, "TECH3")


def test_a_covered_deviation_is_known_to_its_author_alone_until_the_check_is_closed(here: Any) -> None:
    made = here.ledger.do("rig.check", {"coi": here.told}, by=by("TECH1")).result
    with here.ledger.read() as session:
        assert [one.sentence for one in visible(session, "TECH1")[0]] == [SENTENCE]
        for person in ("TECH2", "QA1"):
            assert visible(session, person) == ([], False)
            with pytest.raises(UnknownCode):
                deviation_view(session, made["deviation"], person)
        assert len(open_deviations(session, here.told)) == 1  # rules still know
    with pytest.raises(Refused, match=rf"^There is no deviation {made['deviation']}\.$"):
        decide(here.ledger, made["deviation"])
    with pytest.raises(Refused, match="There is no deviation"):
        describe(here.ledger, made["deviation"])
    here.ledger.do("rig.close", {"key": made["check"]}, by=by("TECH2"))
    with here.ledger.read() as session:
        assert [one.sentence for one in visible(session, "QA1")[0]] == [SENTENCE]
    describe(here.ledger, made["deviation"])
    decide(here.ledger, made["deviation"])


def test_lifting_a_hold_tells_no_covered_value(here: Any) -> None:
    here.ledger.do("rig.check", {"coi": here.told}, by=by("TECH1"))
    code = here.ledger.do("rig.hold", {"coi": here.told}, by=by("TECH1")).result
    with pytest.raises(Refused) as no:
        lift(here.ledger, code)
    assert no.value.reasons == ("A second reading of what is held is still open.",)


def test_a_hold_stays_while_a_deviation_of_what_is_held_is_undecided(here: Any) -> None:
    deviation = opened(here.ledger, here.told)
    code = here.ledger.do("rig.hold", {"coi": here.told}, by=by("TECH1")).result
    with pytest.raises(Refused, match=r"is not decided: Viability is 61\.0 %"):
        lift(here.ledger, code)
    describe(here.ledger, deviation)
    decide(here.ledger, deviation)
    lift(here.ledger, code)
    with here.ledger.read() as session:
        assert open_holds(session, here.told) == []
    with pytest.raises(Refused, match="was lifted already: Clarified"):
        lift(here.ledger, code, "QA2")


def test_who_placed_a_hold_does_not_lift_it(here: Any) -> None:
    given = {"about": here.told, "why": "A vial is missing."}
    code = here.ledger.do("quality.place_hold", given, by=by("QA1"), signatures=sign("QA1")).result
    with here.ledger.read() as session:
        assert [one.why for one in open_holds(session, [here.told])] == ["A vial is missing."]
    with pytest.raises(Refused, match="You placed this hold yourself"):
        lift(here.ledger, code)
    lift(here.ledger, code, "QA2")


def test_a_hold_is_lifted_as_it_was_read(here: Any) -> None:
    code = here.ledger.do("rig.hold", {"coi": here.told}, by=by("TECH1")).result
    with here.ledger.read() as session:
        seen = digest_of(shown_hold(session, hold_code=code))
    opened(here.ledger, here.told)
    with pytest.raises(Refused, match="The record changed"):
        lift(here.ledger, code, shown=seen)


def test_everybody_concerned_can_say_once_that_they_know(here: Any) -> None:
    code = here.ledger.do("rig.hold", {"coi": here.told}, by=by("TECH1")).result
    here.ledger.do("quality.acknowledge_hold", {"hold_code": code}, by=by("PHYS1"))
    with pytest.raises(Refused, match="You have said already"):
        here.ledger.do("quality.acknowledge_hold", {"hold_code": code}, by=by("PHYS1"))
    here.ledger.do("quality.acknowledge_hold", {"hold_code": code}, by=by("NURS1"))
    assert sorted(one.by for one in rig.rows(here.ledger, HoldSeen)) == ["NURS1", "PHYS1"]


@pytest.mark.parametrize(("grade", "sentence", "said"), [
    ("terrible", SENTENCE, "“terrible” is no grade; a deviation is minor, major or critical"), ("minor", "  ", "nothing was said"),
])  # fmt: skip
def test_a_deviation_says_something_and_has_a_grade(here: Any, grade: str, sentence: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        here.ledger.do("rig.bad", {"coi": here.told, "grade": grade, "sentence": sentence}, by=by("TECH1"))


def test_what_is_no_subjects_record_is_not_held_here(here: Any) -> None:
    lot = here.ledger.do(
        "supplies.receive_lot", {"item": "HSA", "maker": "X", "lot_number": "1", "expires_on": "2028-01-01", "grade": "GMP"}, by=by("TECH1")
    ).result
    with pytest.raises(Refused, match="not part of a subject's record"):
        here.ledger.do("quality.place_hold", {"about": lot, "why": "x"}, by=by("QA1"), signatures=sign("QA1"))
    with pytest.raises(Refused, match="not part of a subject's record"):
        opened(here.ledger, lot)


def test_a_code_that_is_no_hold_or_deviation_is_refused_in_words(here: Any) -> None:
    hold_code = here.ledger.do("rig.hold", {"coi": here.told}, by=by("TECH1")).result
    deviation = opened(here.ledger, here.told)
    with pytest.raises(Refused, match="There is no deviation"):
        decide(here.ledger, hold_code)
    with pytest.raises(Refused, match="There is no hold"):
        lift(here.ledger, deviation)
    with pytest.raises(Refused, match="There is no hold"):
        here.ledger.do("quality.acknowledge_hold", {"hold_code": deviation}, by=by("PHYS1"))

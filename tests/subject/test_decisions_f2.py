"""An answer of the enrolment turns out to be wrong: everything of the subject is on hold (decision F2)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlmodel import select

from backend.dossier.reads.rows import then
from backend.ledger import Ledger, Nonsense, NotAllowed, Refused, UnknownCode, digest_of
from backend.quality.models import Deviation, Hold
from backend.quality.reads import shown_hold
from backend.subject import rules
from backend.subject.models import EligibilityAnswer
from backend.subject.reads import answer_rows
from backend.trial.reads import current
from labels.codes import draw
from tests import story
from tests.conftest import At
from tests.people import by, sign
from tests.release.acting import settle
from tests.story import Enrolled
from tests.visit import signed_in, words

NEVER = "With this answer nobody is enrolled, so this hold stays; the subject can be withdrawn."
HELD = "The answer to NIHSS, “{}”, was corrected after enrolment."


@pytest.fixture
def bound(at: Callable[..., At]) -> tuple[Ledger, Enrolled]:
    here = at("bound", story.bound)
    assert isinstance(here.told, Enrolled)
    return here.ledger, here.told


def correct(ledger: Ledger, coi: str, answer: str, criterion: str = "NIHSS", person: str = "COOR1", **more: Any) -> str:
    given = {"subject": coi, "criterion": criterion, "answer": answer}
    code: str = ledger.do(
        "subject.correct_answer", given, by=by(person), signatures=sign(person), **{"reason": "Misread the sheet."} | more,
    ).result  # fmt: skip
    return code


def lift(ledger: Ledger, code: str) -> None:
    with ledger.read() as session:
        shown = digest_of(shown_hold(session, code))
    ledger.do("quality.lift_hold", {"hold_code": code}, by=by("QA1"), signatures=sign("QA1"), shown=shown, reason="It is eligible.")


def rows(ledger: Ledger, kind: type[Any], *where: Any) -> list[Any]:
    with ledger.read() as session:
        return list(session.exec(select(kind).where(*where)))


@pytest.mark.parametrize("person", ["COOR1", "PHYS1"])
def test_f2_a_corrected_answer_stands_beside_the_first_and_holds_the_subject(bound: tuple[Ledger, Enrolled], person: str) -> None:
    ledger, one = bound
    code = correct(ledger, one.coi, " 9 ", person=person)
    kept = rows(ledger, EligibilityAnswer, EligibilityAnswer.criterion == "NIHSS")
    assert [(row.number, row.answer, row.why) for row in sorted(kept, key=lambda row: row.number)] == [
        (1, "8", ""), (2, "9", "Misread the sheet."),
    ]  # fmt: skip
    (held,) = rows(ledger, Hold)
    with ledger.read() as session:
        asked = {c.code: c.ask for c in current(session).trial.eligibility}["NIHSS"]
    assert (held.code, held.about, held.why, held.cause) == (code, one.coi, HELD.format(asked), "subject.correct_answer")
    assert rows(ledger, Deviation) == []
    planned = {"subject": one.coi, "planned_at": (ledger.clock() + timedelta(days=1)).isoformat()}
    with pytest.raises(Refused, match="The subject is on hold"):
        ledger.do("collection.order", planned, by=by("PHYS1"), signatures=sign("PHYS1"))
    lift(ledger, code)
    ledger.do("collection.order", planned, by=by("PHYS1"), signatures=sign("PHYS1"))


def test_f2_with_an_answer_that_enrols_nobody_the_hold_is_never_lifted(bound: tuple[Ledger, Enrolled]) -> None:
    """The sentence names the criterion, also when QA has accepted the deviation; who withdrew has nothing left to hold."""
    ledger, one = bound
    first = correct(ledger, one.coi, "9")
    second = correct(ledger, one.coi, "yes", "ACUTE")
    (deviation,) = rows(ledger, Deviation)
    assert (deviation.about, deviation.grade, deviation.rule) == (one.coi, "major", "subject.correct_answer")
    assert deviation.sentence.endswith("was corrected after enrolment. With the answer that is in the record now nobody is enrolled.")
    settle(ledger, deviation.code)
    for code in (first, second):
        with pytest.raises(Refused) as no:
            lift(ledger, code)
        assert no.value.reasons == (
            f"ACUTE, “Acute illness at screening?”: There is an acute illness at screening; there must be none. {NEVER}",
        )
    ledger.do("subject.withdraw", {"subject": one.coi}, by=by("COOR1"), signatures=sign("COOR1"), reason="Was never eligible.")


def test_f2_an_answer_that_was_corrected_by_mistake_is_corrected_back(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, one = bound
    first, second = correct(ledger, one.coi, "yes", "ACUTE"), correct(ledger, one.coi, "no", "ACUTE")
    for deviation in rows(ledger, Deviation):
        settle(ledger, deviation.code)
    lift(ledger, first)
    lift(ledger, second)
    assert [row.number for row in rows(ledger, EligibilityAnswer, EligibilityAnswer.criterion == "ACUTE")] == [1, 2, 3]


def test_f2_a_subject_on_hold_is_not_bound(at: Callable[..., At]) -> None:
    here = at("enrolled", story.enrolled)
    assert isinstance(here.told, Enrolled)
    ledger, coi = here.ledger, here.told.coi
    ledger.do("subject.record_serology", story.serology(ledger, coi), by=by("COOR1"), signatures=sign("COOR1"))
    correct(ledger, coi, "9")
    with pytest.raises(Refused, match="The subject is on hold: The answer to NIHSS"):
        ledger.do("subject.bind", story.stated(coi, here.told.who), by=by("COOR1"), signatures=sign("COOR1", "NURS1"))


@pytest.mark.parametrize(
    ("criterion", "answer", "said"),
    [
        ("AGE", "1990-01-01", "AGE is no criterion that this subject's form asked"), ("SEX", "male", "SEX is no criterion"),
        ("HEIGHT", "170", "HEIGHT is no criterion"), ("NIHSS", "8", "The answer to NIHSS is “8” already"),
    ],
)  # fmt: skip
def test_f2_what_corrects_no_answer_is_refused(bound: tuple[Ledger, Enrolled], criterion: str, answer: str, said: str) -> None:
    ledger, one = bound
    with pytest.raises(Refused, match=said):
        correct(ledger, one.coi, answer, criterion)
    assert rows(ledger, Hold) == []


def test_f2_nonsense_is_turned_away_and_a_correction_needs_a_reason_and_a_subject(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, one = bound
    with pytest.raises(Nonsense):
        correct(ledger, one.coi, "maybe", "ACUTE")
    with pytest.raises(Refused, match="A reason is needed"):
        correct(ledger, one.coi, "9", reason="")
    with pytest.raises(UnknownCode):
        correct(ledger, draw("S"), "9")


@pytest.mark.parametrize("person", ["NURS1", "TECH1", "QA1", "ANA1", "PREP1", "ADM1"])
def test_f2_only_who_enrols_or_treats_corrects_an_answer(bound: tuple[Ledger, Enrolled], person: str) -> None:
    ledger, one = bound
    with pytest.raises(NotAllowed):
        correct(ledger, one.coi, "9", person=person)


def test_f2_the_page_of_the_subject_shows_both_answers(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, one = bound
    correct(ledger, one.coi, "yes", "ACUTE")
    page = signed_in(ledger, "COOR1").get(f"/subjects/{one.coi}/screening")
    assert "Acute illness at screening?: no yes Misread the sheet." in words(page)
    assert "With these answers nobody is enrolled" in words(page)
    assert "<s>no</s>" in page.text
    assert f"/act/subject.correct_answer?subject={one.coi}&amp;criterion=ACUTE" in page.text
    form = signed_in(ledger, "COOR1").get(f"/act/subject.correct_answer?subject={one.coi}&criterion=ACUTE")
    assert form.status_code == 200
    assert "/act/subject.correct_answer" not in signed_in(ledger, "QA1").get(f"/subjects/{one.coi}/screening").text


def test_f2_a_correction_is_judged_by_the_day_of_the_enrolment(bound: tuple[Ledger, Enrolled]) -> None:
    """A stroke three months before enrolment stays one, however long the subject takes part."""
    ledger, one = bound
    enrolled_on = rows(ledger, EligibilityAnswer)[0].at
    story.advance(ledger, days=300)
    correct(ledger, one.coi, (enrolled_on - timedelta(days=170)).date().isoformat(), "STROKE")
    assert rows(ledger, Deviation) == []


def test_f2_the_signature_of_a_correction_is_in_the_printed_record(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, one = bound
    correct(ledger, one.coi, "9")
    with ledger.read() as session:
        row = max(answer_rows(session, one.coi), key=lambda row: row.number)
        chapter = then(session, one.coi, 10_000).made_by(EligibilityAnswer, row.subject_code, row.criterion, row.number)
    assert chapter is not None
    assert chapter.body["act"] == "subject.correct_answer"


def test_the_rule_says_each_answer_that_speaks_against() -> None:
    assert list(rules.against_correcting({"A": "no"}, "A", "yes")) == []
    assert orjson.dumps(list(rules.against_correcting({"A": "no"}, "B", "yes"))).startswith(b'["B is no criterion')

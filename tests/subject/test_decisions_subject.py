"""What a refusal to enrol or to bind may say: nothing that is sealed (decisions S6, S7)."""

from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from backend.ledger import Ledger, Refused
from backend.subject import rules
from tests import story
from tests.conftest import At
from tests.journeys.walk import plain
from tests.people import by, sign
from tests.story import PEOPLE


@pytest.fixture
def ready(at: Any) -> Ledger:
    here: At = at("list imported", story.list_imported)
    return here.ledger


def bodies(ledger: Ledger, act: str) -> list[dict[str, Any]]:
    mark = "?" if ledger.engine.dialect.name == "sqlite" else "%s"
    with ledger.engine.connect() as conn:
        return [orjson.loads(bytes(row[0])) for row in conn.exec_driver_sql(f"SELECT body FROM entry WHERE act = {mark}", (act,))]


@pytest.mark.parametrize(
    ("changed", "sealed"),
    [
        ({"birth_date": "1950-05-17"}, ["1950", "75", "76"]),  # too old
        ({"birth_date": "2012-07-23"}, ["2012", "13 "]),  # too young
        ({"birth_date": "1850-05-17"}, ["1850"]),  # of no living person
        ({"birth_date": "2031-05-17"}, ["2031"]),  # not born yet
        ({"sex": "undetermined"}, ["undetermined"]),
    ],
)
def test_a_refused_enrolment_quotes_nothing_of_the_identity(ready: Ledger, changed: dict[str, str], sealed: list[str]) -> None:
    """Decision S6: the sentence is open in the record for good; the identity can be erased."""
    with pytest.raises(Refused, match="speaks against enrolment") as no:
        ready.do("subject.enrol", story.enrolling(ready) | changed, by=by("COOR1"), signatures=sign("COOR1"))
    (body,) = bodies(ready, "subject.enrol")
    assert body["refused"] == list(no.value.reasons)
    whole = orjson.dumps(body["refused"]).decode()
    assert not [one for one in sealed if one in whole]


def test_every_criterion_that_follows_from_the_identity_is_judged(ready: Ledger) -> None:
    from backend.trial.reads import current

    with ready.read() as session:
        trial = current(session).trial
    good, today = story.answers(ready), ready.clock().date()
    assert list(rules.against_enrolling(trial, good, today - timedelta(days=40 * 366), "male", today)) == []
    said = list(rules.against_enrolling(trial, good, date(1950, 1, 1), "unknown", today))
    assert len(said) == 2
    assert "it must be female or male" in said[1]


def test_binding_somebody_else_quotes_neither_person(at: Any) -> None:
    """Decision S6: what was stated and what is recorded both stay sealed."""
    here = at("enrolled", story.enrolled)
    ledger, coi = here.ledger, here.told.coi
    ledger.do("subject.record_serology", story.serology(ledger, coi), by=by("NURS1"), signatures=sign("NURS1"))
    with pytest.raises(Refused, match="may be another person"):
        ledger.do("subject.bind", story.stated(coi, PEOPLE[1]), by=by("COOR1"), signatures=sign("COOR1", "NURS1"))
    (body,) = bodies(ledger, "subject.bind")
    whole = plain(orjson.dumps(body).decode())  # two letters of a name stand in any ciphertext by chance
    for who in PEOPLE[:2]:
        assert not [word for word in (*who.full_name.split(), who.record_number, who.birth_date) if word in whole]


def similar(ledger: Ledger, **changed: str) -> dict[str, Any]:
    """The first person again with another record number, as a form for somebody who is similar sends it."""
    return story.enrolling(ledger) | {"number": "S07", "record_number": "MRN-770001"} | changed


def test_somebody_similar_needs_the_second_person_the_third_identifier_and_a_reason(at: Any) -> None:
    """Decision S7: each of the three is asked for by itself, and only all of them together enrol."""
    from backend.ledger import Nonsense

    ledger = at("enrolled", story.enrolled).ledger
    third = {"third_identifier": "ID 320602-7"}
    with pytest.raises(Refused, match="a third identifier and a reason"):
        ledger.do("subject.enrol", similar(ledger), by=by("COOR1"), signatures=sign("COOR1"))
    with pytest.raises(Nonsense):
        ledger.do("subject.enrol_similar", similar(ledger), by=by("COOR1"), signatures=sign("COOR1", "NURS1"), reason="Twins.")
    with pytest.raises(Nonsense):
        missing = similar(ledger) | {"third_identifier": ""}
        ledger.do("subject.enrol_similar", missing, by=by("COOR1"), signatures=sign("COOR1", "NURS1"), reason="Twins.")
    with pytest.raises(Refused, match="A reason is needed"):
        ledger.do("subject.enrol_similar", similar(ledger) | third, by=by("COOR1"), signatures=sign("COOR1", "NURS1"))
    with pytest.raises(Refused, match="1 of 2 signatures"):
        ledger.do("subject.enrol_similar", similar(ledger) | third, by=by("COOR1"), signatures=sign("COOR1"), reason="Twins.")
    with pytest.raises(Refused, match="another person's"):
        ledger.do("subject.enrol_similar", similar(ledger) | third, by=by("COOR1"), signatures=sign("COOR1", "COOR1"), reason="Twins.")
    ledger.do("subject.enrol_similar", similar(ledger) | third, by=by("COOR1"), signatures=sign("COOR1", "NURS1"), reason="Twins.")
    done = [body for body in bodies(ledger, "subject.enrol_similar") if not body["refused"] and body["subject"]]
    assert len(done) == 1
    assert done[0]["reason"].startswith("~identity.")
    assert done[0]["inputs"]["third_identifier"].startswith("~identity.")
    assert "320602" not in orjson.dumps(bodies(ledger, "subject.enrol_similar")).decode()


def test_the_same_record_number_is_refused_whoever_signs(at: Any) -> None:
    """Decision S7: two people may say that a similar person is another one, never that a record number is."""
    ledger = at("enrolled", story.enrolled).ledger
    given = similar(ledger, record_number=" mrn 204417 ", third_identifier="ID 320602-7")
    with pytest.raises(Refused, match="Somebody with this record number is enrolled already"):
        ledger.do("subject.enrol_similar", given, by=by("COOR1"), signatures=sign("COOR1", "NURS1"), reason="Twins.")

"""Several people at the same moment: what is done once is done once, and everybody else is told why, in the record."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
from sqlmodel import select

from backend.ledger import Ledger, Refused
from backend.subject.models import Bound, Subject, Wristband
from tests import story
from tests.conftest import At
from tests.people import by, sign
from tests.story import PEOPLE, Enrolled, Somebody

PAIRS = (("COOR1", "NURS1"), ("COOR2", "NURS2"), ("PHYS1", "COOR1"), ("NURS1", "PHYS1"), ("NURS2", "COOR2")) * 2


def _at_once(tries: list[Callable[[], object]]) -> tuple[int, list[Refused]]:
    """How many came through, and the refusals of the others."""

    def one(attempt: Callable[[], object]) -> Refused | None:
        try:
            attempt()
        except Refused as no:
            return no
        return None

    with ThreadPoolExecutor(len(tries)) as crowd:
        said = list(crowd.map(one, tries))
    return said.count(None), [no for no in said if no]


def _refusals(ledger: Ledger, act: str) -> int:
    with ledger.engine.connect() as conn:
        bodies = conn.exec_driver_sql(f"SELECT body FROM entry WHERE act = '{act}'").all()
    return sum(bool(orjson.loads(bytes(row[0]))["refused"]) for row in bodies)


def test_eight_people_bind_one_subject_and_one_pair_has_done_it(at: Callable[..., At]) -> None:
    here = at("enrolled", story.enrolled)
    assert isinstance(here.told, Enrolled)
    ledger, coi = here.ledger, here.told.coi
    ledger.do("subject.record_serology", story.serology(ledger, coi), by=by("NURS1"), signatures=sign("NURS1"))

    def bind(pair: tuple[str, str]) -> Callable[[], object]:
        return lambda: ledger.do("subject.bind", story.stated(coi, PEOPLE[0]), by=by(pair[0]), signatures=sign(*pair))

    through, refused = _at_once([bind(pair) for pair in PAIRS[:8]])
    assert through == 1
    assert [no.reasons for no in refused] == [("This subject is bound to their chain of identity already.",)] * 7
    assert _refusals(ledger, "subject.bind") == 7
    with ledger.read() as session:
        assert len(session.exec(select(Bound)).all()) == 1
        assert len(session.exec(select(Wristband)).all()) == 1


def test_one_person_is_enrolled_once_by_eight_forms(at: Callable[..., At]) -> None:
    """Enrolment writes the site's chain too, so two identities are never compared at the same time (decision S7)."""
    ledger = at("list_imported", story.list_imported).ledger
    forms = [story.enrolling(ledger, Somebody(f"S{n:02}", "Gao Lihua", "MRN-204417", "1969-04-12", "female")) for n in range(1, 9)]

    def enrol(n: int) -> Callable[[], object]:
        person = ("COOR1", "COOR2")[n % 2]
        return lambda: ledger.do("subject.enrol", forms[n], by=by(person), signatures=sign(person))

    through, refused = _at_once([enrol(n) for n in range(8)])
    assert through == 1
    assert all("Somebody with this record number is enrolled already" in no.reasons[0] for no in refused)
    assert _refusals(ledger, "subject.enrol") == 7
    with ledger.read() as session:
        assert len(session.exec(select(Subject)).all()) == 1


@pytest.mark.parametrize("round_of", range(2))
def test_two_reissues_at_once_leave_one_live_wristband(at: Callable[..., At], round_of: int) -> None:
    here = at("bound", story.bound)
    assert isinstance(here.told, Enrolled)
    ledger, told = here.ledger, story.stated(here.told.coi, here.told.who)

    def reissue(pair: tuple[str, str]) -> Callable[[], object]:
        return lambda: ledger.do("subject.reissue_wristband", told, by=by(pair[0]), signatures=sign(*pair), reason="Torn off.")

    through, _ = _at_once([reissue(pair) for pair in PAIRS[:4]])
    assert through == 4
    with ledger.read() as session:
        assert [band.ended_at is None for band in session.exec(select(Wristband))].count(True) == 1


def test_a_dump_shows_no_name_and_no_record_number(at: Callable[..., At]) -> None:
    """Every column of every table, the entries among them, after refusals and a kept form."""
    from backend.access import sessions

    here = at("received", story.received)
    assert isinstance(here.told, story.Harvest)
    ledger = here.ledger
    with pytest.raises(Refused):
        ledger.do("subject.enrol", story.enrolling(ledger, PEOPLE[1], NIHSS="30"), by=by("COOR1"), signatures=sign("COOR1"))
    with pytest.raises(Refused):
        ledger.do("subject.bind", story.stated(here.told.coi, PEOPLE[2]), by=by("COOR1"), signatures=sign("COOR1", "NURS1"))
    sessions.keep_form(ledger, "COOR1", "/subjects/enrol", {"full_name": [PEOPLE[2].full_name]})
    dumped = b"".join(_dump(ledger))
    assert here.told.coi.encode() in dumped
    for who in PEOPLE:
        for word in (who.full_name, who.record_number, who.birth_date):
            assert word.encode() not in dumped, word


def _dump(ledger: Ledger) -> list[bytes]:
    from sqlmodel import SQLModel

    found = []
    with ledger.engine.connect() as conn:
        for name in SQLModel.metadata.tables:
            for row in conn.exec_driver_sql(f'SELECT * FROM "{name}"'):
                found += [bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode() for value in row]
    return found

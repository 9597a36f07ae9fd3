"""Who carries the database of a whole batch away learns no name, no record number, no birth date and no arm (decisions S1, S2, S4)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from backend.ledger import Ledger, Refused
from tests import story
from tests.conftest import At
from tests.dump import raw_bytes, traces, values
from tests.people import by, sign
from tests.visit import THERE, signed_in

SECOND = story.Somebody("S02", "Ouyang Zhaoyu", "MRN-5550142", "1966-10-27", "female")
LIKE_HER = replace(SECOND, number="S03", record_number="MRN-6660253")
THIRD = "ID-320600-1966-0042"
NEVER = story.Somebody("S04", "Sima Xiangru", "MRN-7770364", "1941-01-31", "male")  # too old, and refused


def everybody(here: At) -> None:
    """Beside the first subject's batch: somebody is enrolled and bound, somebody like her too, one is refused, one waits half typed."""
    ledger = here.ledger
    coi = story.enrol(ledger, SECOND)
    wrong = story.stated(coi, replace(SECOND, full_name="Ouyang Zhaoya"))
    with pytest.raises(Refused):
        ledger.do("subject.bind", wrong, by=by("COOR1"), signatures=sign("COOR1", "NURS1"))
    story.bind(ledger, coi, SECOND)
    given = story.enrolling(ledger, LIKE_HER)
    with pytest.raises(Refused, match="enrol"):
        ledger.do("subject.enrol", given, by=by("COOR1"), signatures=sign("COOR1"))
    why = "Her sister Ouyang Zhaoyin came with her."
    similar = given | {"third_identifier": THIRD}
    ledger.do("subject.enrol_similar", similar, by=by("COOR1"), signatures=sign("COOR1", "NURS1"), reason=why)
    ledger.do("subject.withdraw", {"subject": coi}, by=by("COOR1"), signatures=sign("COOR1"), reason="Ouyang Zhaoyu moves away.")
    with pytest.raises(Refused):
        ledger.do("subject.enrol", story.enrolling(ledger, NEVER), by=by("COOR1"), signatures=sign("COOR1"))
    desk = signed_in(ledger, "COOR1")
    half = {"full_name": NEVER.full_name, "record_number": NEVER.record_number, "key": "k"}
    assert desk.post("/draft", data=half, headers={"referer": f"{THERE}/subjects/enrol"}).status_code == 200


def arms(ledger: Ledger) -> Counter[str]:
    """How often each arm is named in every value of the database."""
    told = [value for rows in values(ledger).values() for row in rows for value in row]
    return Counter({arm: n for arm in story.ARMS if (n := sum(value.lower().count(arm.encode()) for value in told))})


def test_a_dump_shows_no_name_no_record_number_no_birth_date_and_no_arm(at: Callable[..., At], reach: Callable[[str], At]) -> None:
    here = reach("frozen")
    everybody(here)
    run: story.Run = here.told  # type: ignore[assignment]
    dumped, found = raw_bytes(here.ledger), []
    for must in (run.harvest.coi, SECOND.number, "subject.bind", "batch.note", "masking.import_list", "FOR AUTOLOGOUS USE ONLY"):
        assert traces(dumped, must), must
    for who in (run.harvest.who, SECOND, LIKE_HER, NEVER):
        number, born = who.record_number, who.birth_date
        words = {who.full_name, who.full_name.replace(" ", ""), *who.full_name.split(), number, number[4:], born, born.replace("-", "")}
        for word in sorted(words):
            found += traces(dumped, word)
    for word in (THIRD, THIRD[3:], "Zhaoya", "Zhaoyin", "moves away", "line,arm", story.checksum(), *story.LIST.splitlines()[1:]):
        found += traces(dumped, word)
    assert found == []
    before = arms(at("folder_approved", story.folder_approved).ledger)  # the trial folder's own text says which arms there are
    assert set(before) == set(story.ARMS)
    assert arms(here.ledger) == before


@pytest.fixture
def two(at: Callable[..., At]) -> tuple[Ledger, Ledger]:
    """Two copies of a record in which nobody is enrolled yet."""
    return at("list imported", story.list_imported).ledger, at("list imported").ledger


def sizes(ledger: Ledger) -> dict[str, Counter[tuple[int, ...]]]:
    """The lengths of the values of every row, table by table."""
    return {table: Counter(tuple(map(len, row)) for row in rows) for table, rows in values(ledger).items()}


def test_no_length_of_an_entry_or_a_row_tells_who_was_enrolled(two: tuple[Ledger, Ledger]) -> None:
    """A name of two letters and one of 79 leave the same lengths everywhere, whether the subject is enrolled, bound or refused (S4)."""
    short = story.Somebody("S01", "Li", "1", "1969-04-12", "male")
    long = story.Somebody("S01", "Maximiliana " * 6 + "Oyelowo", "MRN-" + "9" * 30, "1970-11-30", "female")
    assert (len(short.full_name), len(long.full_name)) == (2, 79)
    for ledger, who in zip(two, (short, long), strict=True):
        for wrong in ("SYSTOLIC", ""):
            given = story.enrolling(ledger, who, **({wrong: "300"} if wrong else {}))
            if wrong:
                with pytest.raises(Refused):
                    ledger.do("subject.enrol", given, by=by("COOR1"), signatures=sign("COOR1"))
            else:
                coi = ledger.do("subject.enrol", given, by=by("COOR1"), signatures=sign("COOR1")).result
        story.bind(ledger, coi, who)
    one, other = sizes(two[0]), sizes(two[1])
    assert one["entry"].total() > 20
    assert {table: (one[table], other[table]) for table in one if one[table] != other[table]} == {}

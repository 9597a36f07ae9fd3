"""A line of the list is drawn for one subject, in the order that is sealed in it, and nothing kept tells which line or which arm (R1)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
from sqlmodel import select

from backend.ledger import Ledger, Refused
from backend.masking.acts import arm_of
from backend.masking.models import Assigned, LineDrawn, RandomisationLine
from backend.masking.rules import against_drawing
from tests import story
from tests.conftest import At
from tests.masking import rig
from tests.people import by
from tests.visit import signed_in

ORDER = [story.ARMS[n * 7 % 3] for n in range(1, 13)]


@pytest.fixture(autouse=True)
def _rigged() -> Iterator[None]:
    with rig.rigged():
        yield


@pytest.fixture
def imported(at: Callable[..., At]) -> Ledger:
    return at("list_imported", story.list_imported).ledger


def arms(ledger: Ledger, subjects: list[str]) -> list[str | None]:
    with ledger.read() as session:
        return [arm_of(session, ledger.keyring, coi) for coi in subjects]


def numbers(ledger: Ledger) -> dict[str, str]:
    """The line number that is sealed in the line of each subject."""
    with ledger.read() as session:
        rows = session.exec(select(LineDrawn.coi, RandomisationLine.line).where(LineDrawn.line_code == RandomisationLine.code)).all()
        return {coi: ledger.keyring.open(session, "randomisation", line) or "" for coi, line in rows}


def test_twelve_subjects_get_the_twelve_lines_in_their_order_and_a_thirteenth_gets_none(imported: Ledger) -> None:
    """Decision R1: no line is used twice, and an exhausted list says so."""
    subjects = [rig.a_subject(imported) for _ in range(13)]
    for coi in subjects[:12]:
        rig.draw(imported, coi)
    assert arms(imported, subjects) == [*ORDER, None]
    assert [numbers(imported)[coi] for coi in subjects[:12]] == [str(n) for n in range(1, 13)]
    with pytest.raises(Refused, match="Every line of the randomisation list belongs to a subject"):
        rig.draw(imported, subjects[12])
    with imported.read() as session:
        assert len(session.exec(select(LineDrawn)).all()) == len(session.exec(select(Assigned)).all()) == 12


def test_a_subject_has_one_line_only(imported: Ledger) -> None:
    coi = rig.a_subject(imported)
    rig.draw(imported, coi)
    with pytest.raises(Refused, match="has a line of the randomisation list already"):
        rig.draw(imported, coi)
    assert list(numbers(imported).values()) == ["1"]


def test_without_a_list_there_is_no_line(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="is not imported; two people must import it first"):
        rig.draw(ledger, rig.a_subject(ledger))


def test_every_reason_against_drawing_is_said() -> None:
    assert len(list(against_drawing(False, 0, True))) == 2
    assert list(against_drawing(True, 1, False)) == []


@pytest.mark.parametrize("turn", range(2))
def test_six_subjects_at_once_get_six_lines(imported: Ledger, turn: int) -> None:
    subjects = [rig.a_subject(imported) for _ in range(6)]

    def draw(coi: str) -> None:
        imported.do("rig.draw", {"coi": coi}, by=by("PREP1"))

    with ThreadPoolExecutor(6) as crowd:
        list(crowd.map(draw, subjects))
    assert sorted(numbers(imported).values(), key=int) == [str(n) for n in range(1, 7)]
    assert arms(imported, [coi for coi, _ in sorted(numbers(imported).items(), key=lambda one: int(one[1]))]) == ORDER[:6]


def test_one_subject_at_once_by_two_gets_one_line(imported: Ledger) -> None:
    coi = rig.a_subject(imported)

    def draw(_: int) -> Refused | None:
        try:
            imported.do("rig.draw", {"coi": coi}, by=by("PREP1"))
        except Refused as no:
            return no
        return None

    with ThreadPoolExecutor(4) as crowd:
        said = list(crowd.map(draw, range(4)))
    assert said.count(None) == 1
    assert list(numbers(imported).values()) == ["1"]


def test_a_dump_of_the_database_shows_no_arm_and_no_line(at: Callable[..., At]) -> None:
    """Decisions R1 and S2: by word, by length, by order."""
    here = at("assigned", rig.assigned)
    dumped = list(rig.dump(here.ledger))
    assert [where for where, value in dumped if any(arm.encode() in value for arm in story.ARMS)] == []
    with here.ledger.read() as session:
        assert len({len(row.arm) for row in session.exec(select(Assigned))}) == 1
        assert len({row.arm for row in session.exec(select(Assigned))}) == 3
    with here.ledger.engine.connect() as conn:
        bodies = [orjson.loads(bytes(row[0])) for row in conn.exec_driver_sql("SELECT body FROM entry WHERE act = 'rig.draw'")]
    assert {body["result"] for body in bodies} == {None}
    told = [one for body in bodies if body["chain"] == "site" for one in body["changes"]]
    assert {(one["table"], *sorted(one["after"])) for one in told} == {("line_drawn", "at", "chain", "coi", "line_code", "version")}


@pytest.mark.parametrize("person", ["PREP1", "UQA1", "QA1", "PHYS1", "PHYS2", "INSP1"])
def test_the_history_reads_an_arm_aloud_to_nobody(at: Callable[..., At], person: str) -> None:
    """Also not to those who may know arms: theirs opens when a dose is prepared (decision R1)."""
    here = at("assigned", rig.assigned)
    client = signed_in(here.ledger, person)
    for page in (f"/history?chain={here.told[0]}", "/history?act=rig.draw", "/history?act=masking.import_list"):  # type: ignore[index]
        answer = client.get(page)
        assert answer.status_code == 200
        assert not any(arm in answer.text for arm in story.ARMS), page
        assert "~masked" not in answer.text

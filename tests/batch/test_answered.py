"""Whatever code there is in a record, somebody is told what it is, on a page and by program."""

from collections.abc import Callable, Iterator

from fastapi.testclient import TestClient
from sqlmodel import Session, select

from backend.ledger import Code
from backend.ledger.models import recorded_tables
from tests.api.test_calls import V1, caller
from tests.conftest import At
from tests.visit import signed_in

READERS = ("TECH1", "QA1", "COOR1", "ADM1")
EACH = 4  # codes of one sort that are looked up on pages; programs are asked for all


def sorts(session: Session) -> dict[tuple[str, ...], list[str]]:
    """Every code, by its kind and the tables in which it names a row: a K may be a deviation, a print, a line of the list and much else."""
    names: dict[str, list[str]] = {}
    for table, kind in sorted(recorded_tables().items()):
        first, *more = kind.__table__.primary_key.columns  # type: ignore[attr-defined]
        if table != "code" and not more:
            for code in session.scalars(select(first)):
                names.setdefault(code, []).append(table)
    found: dict[tuple[str, ...], list[str]] = {}
    for row in session.exec(select(Code).order_by(Code.code)):
        found.setdefault((row.kind, *names.get(row.code, ())), []).append(row.code)
    return found


def unanswered(codes: dict[tuple[str, ...], list[str]], readers: tuple[TestClient, ...], path: str) -> Iterator[str]:
    """The codes that no reader gets an answer to, with what each was told."""
    for sort, many in codes.items():
        for code in many:
            told: list[int] = []
            while 200 not in told and len(told) < len(readers):
                told.append(readers[len(told)].get(path + code).status_code)
            if 200 not in told:
                yield f"{code}, {' '.join(sort)}: {told}"


def test_every_code_of_a_batch_is_answered_to_somebody(reach: Callable[[str], At]) -> None:
    ledger = reach("frozen").ledger
    with ledger.read() as session:
        found = sorts(session)
    assert {sort[0] for sort in found} == set("SCLWPETBK")
    assert len(found) > 20
    programs, pages = tuple(caller(ledger, one) for one in READERS), tuple(signed_in(ledger, one) for one in READERS)
    assert list(unanswered(found, programs, f"{V1}/codes/")) == []
    assert list(unanswered({sort: many[:EACH] for sort, many in found.items()}, pages, "/scan?code=")) == []

"""The comparison of twins finds leaks of every kind: each is planted here for one arm, and found by what test_twins.py does."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest

from backend.access.rules import Viewer
from backend.dose.acts import matching, reading
from backend.dose.models import PrepMatched, PrepReading
from backend.dossier.pages.paper import _Paper
from backend.ledger import Ledger, Refused
from backend.web import shield
from tests.conftest import At, Sqlite
from tests.journeys import twins
from tests.journeys.compared import bodies, differences, hider, seen, unlike
from tests.journeys.twins import ARMS

Reach, Sight = Callable[[str, str], At], Callable[..., dict[str, str]]
A, B, C = (f"C{n}MCXK8XQV2TW" for n in "123")
LOOKED = ["a value in a view", "what a paper says of itself", "a header"]
TOLD = ["a text on a label", "a sentence of a refusal", "a row too many"]
OF_A_ROUTE = ["the access of a route", "a number of vials"]


@contextmanager
def planted(kind: str) -> Iterator[None]:
    """The program has this leak. What is decided here by the arm is decided by who runs it: it is on for one arm only."""
    with PLANTS[kind]():
        yield


def _view() -> Any:
    return mock.patch.object(Viewer, "sees_arm", property(lambda viewer: viewer.reads_record))


def _paper() -> Any:
    begin = _Paper.__init__

    def marked(self: _Paper, *given: Any) -> None:
        begin(self, *given)
        self.keywords = "2"

    return mock.patch.object(_Paper, "__init__", marked)


def _header() -> Any:
    return mock.patch.object(shield, "HEADERS", (*shield.HEADERS, (b"x-parts", b"2")))


def _label() -> Any:
    words = reading.label_words

    def marked(*given: Any) -> dict[str, str]:
        return {name: text.replace("Keep at", "Keep well at") for name, text in words(*given).items()}

    return mock.patch.object(reading, "label_words", marked)


def _sentence() -> Any:
    def said(found: list[Any]) -> None:
        if found:
            raise Refused(*dict.fromkeys(f"{one.open}!" for one in found), sealed=tuple(one.sealed for one in found))

    return mock.patch.object(matching, "refuse_under_seal", said)


def _row() -> Any:
    read = reading.read_second

    def twice(now: Any, code: str, step: str, typed: Any) -> Any:
        row = read(now, code, step, typed)
        if isinstance(row, PrepMatched) and step == "fill":
            value = now.seal("1", matching.MASKED)
            now.add(PrepReading(dose_code=code, step=step, seat="third", field="live", number=1, value=value, at=now.at, by=now.by))
        return row

    return mock.patch.object(reading, "read_second", twice)


def _access() -> Any:
    working = Viewer.sees_subjects
    return mock.patch.multiple(Viewer, reads_record=working, sees_route=working)


def _vials() -> Any:
    return mock.patch.object(Viewer, "reads_record", Viewer.sees_subjects)


PLANTS: dict[str, Callable[[], Any]] = dict(
    zip((*LOOKED, *TOLD, *OF_A_ROUTE), (_view, _paper, _header, _label, _sentence, _row, _access, _vials), strict=True)
)
WHERE = {
    "a value in a view": "/doses/", "what a paper says of itself": "/records/", "a header": "/about",
    "a text on a label": "/labels/", "a sentence of a refusal": "/history", "a row too many": "/history",
    "the access of a route": '"access":"Ommaya reservoir"', "a number of vials": '"vials_wanted":3',
}  # fmt: skip
TOLD_APART = {
    "how often something is answered": ({f"/scan?code={A}": "404", f"/scan?code={B}": "404"}, {f"/scan?code={A}": "404"}),
    "an answer that another code gets too": (
        {f"/scan?code={A}": "404", f"/scan?code={B}": "404", f"/scan?code={C}": "200"},
        {f"/scan?code={A}": "404", f"/scan?code={B}": "200", f"/scan?code={C}": "200"},
    ),
    "the order of the lines": ({"/": "Picked\nThawed"}, {"/": "Thawed\nPicked"}),
    "a line too many": ({"/": "Thawed\nThawed"}, {"/": "Thawed"}),
    "a number of cells": ({"/": "10000000 cells"}, {"/": "20000000 cells"}),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _once(store: Any, request: pytest.FixtureRequest) -> None:
    if not isinstance(store, Sqlite) and "leak" in request.node.name:
        pytest.skip("the comparison does not depend on the database")


@pytest.mark.parametrize("kind", LOOKED)
def test_r5_a_leak_in_what_is_shown_is_found(reach: Reach, sight: Sight, kind: str) -> None:
    high: Any = reach("given", "ica_high")
    low = sight("given", "ica_low", "QA1")
    with planted(kind):
        found = differences(low, seen(high.ledger, high.told, "QA1"))
    assert any(WHERE[kind] in line for line in found), found[:5]


@pytest.mark.parametrize("kind", TOLD)
def test_r5_a_leak_in_what_is_recorded_is_found(reach: Reach, sight: Sight, kind: str) -> None:
    high: Any = reach("released", "ica_high")
    with planted(kind):
        told = twins.dose_released(high.told, "ica_high")(high.ledger)
    found = differences(sight("ward", "ica_low", "QA1"), seen(high.ledger, told, "QA1"))
    assert any(WHERE[kind] in line for line in found), found[:5]


@pytest.mark.parametrize("kind", OF_A_ROUTE)
def test_r5_a_leak_of_the_route_to_an_assessor_is_found_where_both_carotid_arms_are_alike(reach: Reach, kind: str) -> None:
    """Everybody runs the program with this leak, so that only two routes are told apart by it."""
    with planted(kind):
        ommaya, low, high = (_looks(reach("ward", arm)) for arm in ARMS)
    assert differences(low, high) == []
    found = unlike(ommaya, low)
    assert any(WHERE[kind] in line for line in found), found[:5]


@pytest.mark.parametrize("kind", TOLD_APART)
def test_r5_a_leak_in_any_of_this_tells_two_routes_apart(kind: str) -> None:
    assert unlike(*TOLD_APART[kind]) != []


def test_r5_a_leak_in_the_size_of_what_is_sealed_tells_two_routes_apart(ledger: Ledger) -> None:
    hide = hider(ledger)
    short, long = ({"/": hide(f"~masked.{'QUJD' * times}")} for times in (30, 31))
    assert unlike(short, {"/": hide(f"~masked.{'REVG' * 30}")}) == []
    assert unlike(short, long) != []


def test_no_leak_is_found_in_what_is_drawn_or_when_it_was() -> None:
    one = {f"/done/{'ab' * 16}": "x", f"/scan?code={A}": "content-length: 9\nIt is 2026-03-02 09:00"}
    other = {f"/done/{'cd' * 16}": "x", f"/scan?code={B}": "content-length: 9\nIt is 2026-03-02 09:01"}
    assert unlike(one, other) == []


def _looks(here: At) -> dict[str, str]:
    told: Any = here.told
    return seen(here.ledger, told, "ASSE1")


# ---- the database itself ----


def test_s2_no_arm_and_no_value_of_a_dose_is_readable_in_the_database(reach: Reach, store: Any) -> None:
    """The trial folder names arms and doses, so it is left out; in the bytes they occur no more often than before the list was there."""
    before = _bytes(reach("released", "ommaya")) if isinstance(store, Sqlite) else b""
    for arm in ARMS if before else ("ica_low", "ica_high"):
        here = reach("given", arm)
        told: Any = here.told
        text, values = _text(here), _values(here)
        assert len(values) > 15
        for word in (*ARMS, *values):
            assert re.search(rf"(?<![\w.:+-]){re.escape(word)}(?![\w.:+-])", text) is None, f"{word} of {arm} is readable"
        if before:
            raw = _bytes(here)
            for word in ARMS:
                assert raw.count(word.encode()) == before.count(word.encode()), f"{word} is in the file of {arm} beside the trial folder"
        assert told.run.harvest.coi in text


def _values(here: At) -> set[str]:
    """What was read and worked out of the dose, as the unmasked read it; of short or round ones nothing could be said."""
    from sqlmodel import select

    ledger = here.ledger
    with ledger.read() as session:
        rows = [(one.chain, one.value) for one in session.exec(select(PrepReading))]
        rows += [(one.chain, one.worked) for one in session.exec(select(PrepMatched))]
        opened = [ledger.keyring.open(session, chain, sealed) or "" for chain, sealed in rows]
    parts = {part.split("=")[-1] for text in opened for part in text.splitlines()}
    return {part for part in parts if len(part) > 4 and part != "10.0"}


def _text(here: At) -> str:
    """Every row of every table but those of the trial folder, and every entry but those that brought it."""
    skip = {"folder_file", "folder_proposed"}
    with here.ledger.engine.connect() as conn:
        names = sorted(name for name in _tables(conn) if name not in skip)
        found = [" | ".join(map(str, row)) for name in names if name != "entry" for row in conn.exec_driver_sql(f'SELECT * FROM "{name}"')]
    return "\n".join([*found, *(body for body in bodies(here.ledger) if '"trial.propose_folder"' not in body)])


def _tables(conn: Any) -> list[str]:
    from sqlalchemy import inspect

    return list(inspect(conn).get_table_names())


def _bytes(here: At) -> bytes:
    """The file of an SQLite database as it lies on the disk, with what was not written back into it yet."""
    from pathlib import Path

    path = Path(str(here.ledger.engine.url.database))
    return b"".join(one.read_bytes() for one in sorted(path.parent.glob(path.name + "*")) if not one.name.endswith("-shm"))

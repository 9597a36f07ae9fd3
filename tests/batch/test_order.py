"""Whatever people do in whatever order, the steps come out in the order of the master record, and nothing comes out twice."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.batch.rules import against_sitting, against_verifying, against_working, seat_of
from backend.trial.rules import read_folder
from tests import story
from tests.batch.rows import Told

MASTER = read_folder(Path(story.FOLDER)).master
PEOPLE = ("ANN", "BEN", "CAT")
DOING = st.sampled_from(("read", "sign", "check", "mismatch", "correct", "give back"))
MOVES = st.lists(st.tuples(DOING, st.sampled_from(PEOPLE), st.booleans()), max_size=120)


class Floor:
    """People who try things at the bench; only what the rules let through becomes a row."""

    def __init__(self) -> None:
        self.told = Told(MASTER)
        self.finished: list[tuple[str, str | None]] = []

    def move(self, doing: str, person: str, harvest: bool) -> None:
        course = self.told.course()
        where = course.next
        if where is None:
            return
        role = {course.step(where).role}
        first, signed, second = course.attempt(where, "first"), course.signature(where), course.attempt(where, "second")
        if doing == "read" and not [*against_working(course, where, role), *against_sitting(course, where, person, {})]:
            seat = seat_of(course, where)
            attempt = course.attempt(where, seat) or self.told.sit(where, person, seat)
            choice = course.step(where).reading("next")
            if choice and "next" not in course.kept(attempt):
                offered = course.master.options(where[0], "next", where[1])
                self.told.read(attempt, {"next": offered[-1] if harvest else offered[0]}, by=person)
        elif doing == "sign" and first and not signed and (not course.step(where).checked or first.person == person):
            if course.step(where).reading("next") is None or "next" in course.kept(first):
                self.told.sign(where, first)
        elif doing in ("check", "mismatch") and second and signed and not list(against_verifying(course, where, person)):
            assert person != signed.by
            if doing == "check":
                self.told.check(where, signed, second)
            elif first:
                for row in (first, signed, second):
                    row.ended_at, row.ended_by = self.told.at, person
                self.told.mismatch(where, first, second, "live")
        elif doing == "give back" and first and not signed and first.person == person:
            first.ended_at, first.ended_by = self.told.at, person
        self.watch()

    def watch(self) -> None:
        for where in self.told.course().done - set(self.finished):
            self.finished.append(where)


def order_of(where: tuple[str, str | None]) -> tuple[int, str, int]:
    codes = [step.code for step in MASTER.steps()]
    return MASTER.phases.index(MASTER.phase_of(where[0])), where[1] or "", codes.index(where[0])


@settings(max_examples=60, deadline=None)
@given(moves=MOVES)
def test_steps_are_finished_in_the_order_of_the_master_record(moves: list[tuple[str, str, bool]]) -> None:
    floor = Floor()
    for move in moves:
        floor.move(*move)
    ranks = [order_of(where) for where in floor.finished]
    assert ranks == sorted(ranks)
    assert len(set(floor.finished)) == len(floor.finished)


@settings(max_examples=60, deadline=None)
@given(moves=MOVES)
def test_nobody_ever_checks_their_own_reading(moves: list[tuple[str, str, bool]]) -> None:
    """Decision W2."""
    floor = Floor()
    for move in moves:
        floor.move(*move)
    signed = {row.code: row for row in floor.told.rows.get("performed", [])}
    for check in floor.told.rows.get("verified", []):
        assert check.by != signed[check.performed_code].by


@settings(max_examples=20, deadline=None)
@given(until=st.sampled_from(("P2", "P3", "P4")))
def test_the_culture_repeats_until_harvest_is_decided_and_never_past_its_last_passage(until: str) -> None:
    floor = Floor()
    for _ in range(400):
        where = floor.told.course().next
        if where is None:
            break
        harvest = where[1] is not None and where[1] >= until
        second = (("read", "BEN"), ("check", "BEN")) if MASTER.step(where[0]).checked else ()
        for move in (("read", "ANN"), ("sign", "ANN"), *second):
            floor.move(*move, harvest)
    passages = {where[1] for where in floor.finished if where[1]}
    assert not floor.told.course().next
    assert max(passages) == until
    assert ("CUL-9", until) not in floor.finished
    assert floor.finished[-1] == ("CRY-7", None)

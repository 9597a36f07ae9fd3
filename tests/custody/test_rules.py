"""The rules of custody, one table for each, without a database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from backend.custody import rules
from backend.custody.models import Container, Disposed, HandedOver, Label, Place, UsedUp

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def label(**more: Any) -> Label:
    return Label(code="L1", of_code=more.pop("of_code", "C1"), template="cryovial", folder="K1", values_text="", at=AT, by="TECH1", **more)


def box(kind: str = "cryovial", chain: str = "S1") -> Container:
    return Container(code="C1", kind=kind, name="Vial 1", at=AT, by="TECH1", chain=chain)


def place(kind: str, zone: str = "") -> Place:
    return Place(code="P1", kind=kind, name="A", path="Room · A", zone=zone, at=AT, by="QA1")


def given(minutes: int = 30) -> HandedOver:
    return HandedOver(
        code="K1", consignment="K2", container_code="C1", to="Lab", condition="intact", temperature_c=Decimal(20), seal="", logger="",
        within_minutes=minutes, at=AT, by="NURS1",
    )  # fmt: skip


@pytest.mark.parametrize(("one", "printed", "verified", "said"), [
    (label(), True, True, None),
    (label(), False, False, "was requested and never printed"),
    (label(), True, False, "never scanned back"),
    (label(of_code=None), True, True, "belongs to no container"),
    (label(ended_at=AT, ended_how="void", ended_why="smeared"), True, True, "is void since 2026-03-02 09:00 UTC: smeared"),
    (label(ended_at=AT, ended_how="destroyed", ended_why="spare"), True, True, "was destroyed since"),
    (label(ended_at=AT, ended_how="specimen", ended_why="page 31"), True, True, "is a specimen for the record since"),
])  # fmt: skip
def test_a_label_stands_for_its_container_only_while_it_lives(one: Label, printed: bool, verified: bool, said: str | None) -> None:
    found = rules.against_label(one, printed, verified)
    assert (found is None) if said is None else (found is not None and said in found)


def test_what_is_used_up_and_what_is_on_its_way_are_both_said() -> None:
    used = UsedUp(container_code="C1", why="poured", at=AT, by="TECH1")
    assert [s.split(" ")[2] for s in rules.against_using(box(), used, given())] == ["is", "was"]
    assert list(rules.against_using(box(), None, None)) == []


def test_parents_are_of_the_childs_subject() -> None:
    assert list(rules.against_parents("S1", [box(), box()])) == []
    assert list(rules.against_parents("S1", [box(), box(chain="S2")])) == [rules.MIXED]


@pytest.mark.parametrize(("kind", "zone", "parent", "said"), [
    ("site", "", None, []), ("building", "", place("site"), []), ("rack", "released", place("tank"), []),
    ("box", "", place("rack", "quarantine"), []), ("shelf", "", place("incubator"), []),
    ("site", "", place("room"), ["in no other place"]), ("box", "", place("rack"), ["nothing was said"]),
    ("bench", "released", place("room"), ["has none"]), ("tank", "warm", place("room"), ["is no zone"]),
    ("box", "released", place("rack", "quarantine"), ["must be so too"]), ("rack", "", None, ["none was given"]),
    ("drawer", "", None, ["is no kind of place"]), ("bench", "warm", place("site"), ["must be in a room", "is no zone", "has none"]),
])  # fmt: skip
def test_a_place_says_everything_that_is_wrong_with_it(kind: str, zone: str, parent: Place | None, said: list[str]) -> None:
    found = list(rules.against_place(kind, zone, parent))
    assert len(found) == len(said) and all(part in sentence for part, sentence in zip(said, found, strict=True))


@pytest.mark.parametrize(("states", "want"), [
    ({"printed": 30, "applied": 24, "specimen": 1, "void": 3, "destroyed": 2}, 0),
    ({"printed": 30, "applied": 24, "specimen": 1, "void": 3, "destroyed": 1, "verified": 1}, 1), ({"printed": 0}, 0),
])  # fmt: skip
def test_printed_is_applied_and_specimen_and_void_and_destroyed(states: dict[str, int], want: int) -> None:
    assert rules.reconciled(states)[2] == want


def test_a_hand_over_is_overdue_after_its_limit_and_not_at_it() -> None:
    assert not rules.overdue(given(30), AT + timedelta(minutes=30))
    assert rules.overdue(given(30), AT + timedelta(minutes=30, seconds=1))


def test_a_subject_without_a_label_is_named_by_its_coi_alone() -> None:
    assert rules.whose("S08", "SK0KPKFMV0A14") == "subject S08 (SK0K-PKFM-V0A1-4)"
    assert rules.whose("", "SK0KPKFMV0A14") == "another subject (SK0K-PKFM-V0A1-4)"


@pytest.mark.parametrize(("kind", "is_one"), [("cryovial", True), ("retention vial", True), ("culture flask", False)])
def test_a_vial_is_what_the_master_record_calls_one(kind: str, is_one: bool) -> None:
    assert rules.is_vial(kind) is is_one


USED = UsedUp(container_code="C1", why="used", at=AT, by="TECH1")


def gone(how: str) -> Disposed:
    return Disposed(container_code="C1", how=how, why="why", at=AT, by="TECH1")


@pytest.mark.parametrize(("so", "want"), [
    ({}, ""), ({"position": "Tank 1 · A1"}, "stored"), ({"sample": True}, "tested"), ({"used_up": USED}, "discarded"),
    ({"sample": True, "used_up": USED}, "tested"), ({"disposed": gone("tested"), "used_up": USED}, "tested"),
    ({"disposed": gone("retained"), "position": "Tank 1 · A1"}, "retained"), ({"disposed": gone("destroyed")}, "discarded"),
    ({"disposed": gone("lost"), "sample": True}, "discarded"),
])  # fmt: skip
def test_a_vial_is_counted_by_what_became_of_it(so: dict[str, Any], want: str) -> None:
    one = rules.Kept(box(), **{"position": "", "hands": "TECH1", "since": AT} | so)
    assert rules.fate(one) == want
    assert bool(rules.banked([one], ["cryovial"])) is (want in ("stored", "tested", "retained"))

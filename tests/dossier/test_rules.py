"""Fates and sums without a database: each way a vial can end, and that no mixture of facts gives a vial two fates or loses one."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.access.rules import Role
from backend.bedside.models import Finished
from backend.custody.models import Disposed
from backend.dose.models import Administration, Dose
from backend.dossier import rules
from backend.dossier.rules import Disposing, Ending, Fate

AT = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


def dose(ended: bool = False) -> Dose:
    end = {"ended_at": AT, "ended_by": "PREP1", "ended_why": "The bag leaked."} if ended else {}
    return Dose(code="K1", order_code="K0", coi="S", infusion=2, batch_code="K", at=AT, by="PREP1", **end)


def administration() -> Administration:
    return Administration(
        code="K2", dose_code="K1", order_code="K0", coi="S", infusion=2, wristband_code="W", access="", started_at=AT,
        by="PHYS1", second="NURS1",
    )  # fmt: skip


def finished(stopped: str = "") -> Finished:
    return Finished(
        administration_code="K2", ended_infusion_at=AT, given_ml=Decimal("10.0"), left_ml=Decimal("0.1"), stopped_because=stopped,
        events="none", at=AT, by="PHYS1",
    )  # fmt: skip


def disposed(how: str) -> Disposed:
    return Disposed(container_code="C1", how=how, why="x", detail="y", at=AT, by="TECH1", witness="TECH2")


@pytest.mark.parametrize(
    ("gave", "end", "row", "ended", "how"),
    [
        (False, None, None, False, None),
        (True, None, None, False, None),
        (True, "", None, False, "administered"),
        (True, "headache", None, False, "partly administered"),
        (True, "", "destroyed", False, "administered"),  # what was left in the syringe went into the bin
        (False, None, "destroyed", False, "destroyed"),
        (False, None, "lost", True, "lost"),
        (False, None, None, True, "destroyed"),
    ],
)
def test_the_fate_of_a_dose(gave: bool, end: str | None, row: str | None, ended: bool, how: str | None) -> None:
    found = rules.of_dose(
        administration() if gave else None, finished(end) if end is not None else None, disposed(row) if row else None, dose(ended)
    )
    assert (found.how if found else None) == how


@given(
    st.sampled_from([None, *rules.DISPOSITIONS]), st.booleans(), st.sampled_from([None, *sorted(rules.BY_HAND)]),
    st.one_of(st.none(), st.just((AT, "ANA1"))),
)  # fmt: skip
def test_a_container_has_one_fate_or_none(of_dose: str | None, in_dose: bool, row: str | None, tested: tuple[datetime, str] | None) -> None:
    """The dose decides, then the record of two people, then the tests."""
    whole = Fate(of_dose, "", "", AT, "PHYS1") if of_dose else None
    found = rules.fate(whole, in_dose or whole is not None, disposed(row) if row else None, tested)
    wanted = of_dose or row or ("tested" if tested and not in_dose else None)
    assert (found.how if found else None) == wanted


VIALS = st.lists(st.sampled_from([*rules.DISPOSITIONS, None]), max_size=20)


@given(VIALS)
def test_vials_filled_are_the_sum_of_dispositions_and_stock(hows: list[str | None]) -> None:
    """Vial balance: 14 = 6 + 2 + 1 + 2 + 3, whatever became of them."""
    vials = [f"C{n}" for n in range(len(hows))]
    fates = {vial: Fate(how, "", "", AT, "TECH1") for vial, how in zip(vials, hows, strict=True) if how}
    total = rules.balance(vials, fates | {"C-syringe": Fate("administered", "", "", AT, "PHYS1")})
    assert total.difference == 0
    assert total.filled == len(vials) and total.stock == hows.count(None)
    assert {how: total.fates[how] for how in rules.DISPOSITIONS} == {how: hows.count(how) for how in rules.DISPOSITIONS}


@given(st.lists(st.sampled_from(["applied", "specimen", "void", "destroyed", "waiting"]), max_size=60))
def test_labels_printed_are_the_sum_of_their_ends(states: list[str]) -> None:
    printed, ended, difference = rules.labels_sum(states)
    assert printed == len(states)
    assert difference == states.count("waiting") == printed - sum(ended.values())


ONE = Disposing("Vial 1", True, None, "", False, False, False, False)
AWAY = "Vial 1 was handed over and is not received; it must be received first."


@pytest.mark.parametrize(
    ("changed", "how", "detail", "sentences"),
    [
        ({}, "destroyed", "autoclave", []),
        ({"position": "Tank 1 · A1"}, "destroyed", "x", ["Vial 1 is in Tank 1 · A1; it must be picked first."]),
        ({"position": "Tank 1 · A1"}, "retained", "", []),
        ({"position": "Tank 1 · A1"}, "lost", "", []),
        ({}, "retained", "", ["Vial 1 is in no position; a retained vial stays in the cold where it is."]),
        ({"is_vial": False}, "retained", "", []),
        ({}, "returned", " ", ["Where it was returned to must be said."]),
        ({}, "transferred", "", ["Where it was transferred to must be said, and by which consent."]),
        ({}, "destroyed", "", ["How it was destroyed must be said: the method and the bag."]),
        ({}, "tested", "", ["Vial 1 was never taken for a test; a vial is tested only when its tests are in the record."]),
        ({"for_tests": True}, "tested", "", []),
        ({"on_its_way": True, "set_aside": True}, "lost", "", [AWAY, "Vial 1 is set aside for a dose; that must end first."]),
        ({"in_dose": True}, "lost", "", []),
        (
            {"in_dose": True}, "destroyed", "x",
            ["Vial 1 is part of a dose that is still open; the dose must be given or disposed of, and it follows."],
        ),
        (
            {"fate": Fate("administered", "", "", AT, "PHYS1")}, "lost", "",
            ["Vial 1 has a disposition already: administered since 2026-05-01 08:00 UTC; each vial and dose has exactly one."],
        ),
    ],
)  # fmt: skip
def test_what_speaks_against_a_disposition(changed: dict[str, object], how: str, detail: str, sentences: list[str]) -> None:
    one = Disposing(**(ONE.__dict__ | changed))  # type: ignore[arg-type]
    assert list(rules.against_disposing(one, how, detail)) == sentences


NOTHING_OPEN = Ending(
    closed=False, withdrawn=False, given=3, planned=3, vials=(), doses=(), running=(), orders=(), batches=0, deviations=(), holds=(),
    on_its_way=(), sterility=(), labels=(10, {"applied": 10, "specimen": 0, "void": 0, "destroyed": 0}, 0),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"closed": True}, "This subject is closed already."),
        ({"given": 2}, "2 of 3 infusions were given and the subject has not withdrawn; one or the other must be so."),
        ({"vials": (("Vial 3", "Tank 1 · A3"),)}, "Vial 3 has no disposition (Tank 1 · A3); every vial must have exactly one."),
        ({"doses": (2,)}, "The dose of infusion 2 has no disposition; it must be given or disposed of."),
        ({"running": (3,)}, "Infusion 3 is running; its end must be in the record."),
        ({"orders": (2,)}, "The order of infusion 2 is live; it must be carried out or cancelled."),
        ({"batches": 2}, "2 batches are not decided; each must be released or rejected."),
        ({"deviations": ("It broke.",)}, "A deviation is not decided: It broke."),
        ({"holds": ("Wait.",)}, "A hold is not lifted: Wait."),
        ({"on_its_way": ("Vial 4",)}, "Vial 4 was handed over and is not received; it must be received."),
        ({"sterility": ((1, "is not read"),)}, "The sterility of the dose of infusion 1 is not read; it must be read and reviewed."),
        (
            {"labels": (10, {"applied": 8, "specimen": 0, "void": 1, "destroyed": 0}, 1)},
            "10 labels were printed and 9 are accounted for (8 applied, 0 specimen, 1 void, 0 destroyed); the difference must be 0.",
        ),
    ],
)  # fmt: skip
def test_each_open_thing_is_said_alone(changed: dict[str, object], sentence: str) -> None:
    """Requirement I10: nothing closes while one vial, dose or label is without its end."""
    assert list(rules.against_closing(NOTHING_OPEN)) == []
    assert list(rules.against_closing(Ending(**(NOTHING_OPEN.__dict__ | changed)))) == [sentence]  # type: ignore[arg-type]


def test_all_open_things_are_said_together_and_who_withdrew_needs_no_further_infusion() -> None:
    much = NOTHING_OPEN.__dict__ | {"given": 0, "orders": (1,), "holds": ("Wait.",)}
    assert len(list(rules.against_closing(Ending(**much)))) == 3
    assert len(list(rules.against_closing(Ending(**(much | {"withdrawn": True}))))) == 2


def test_the_full_edition_is_for_unmasked_qa() -> None:
    assert list(rules.against_printing("masked", {Role.QA})) == []
    assert list(rules.against_printing("full", {Role.UNMASKED_QA})) == []
    for role in set(Role) - {Role.UNMASKED_QA}:
        assert list(rules.against_printing("full", {role})) == ["The full edition shows what is masked; only unmasked QA prints it."]


def test_two_scans_of_one_container_are_one_too_many() -> None:
    assert list(rules.against_scanned([])) == ["Nothing was scanned; at least one container must be named."]
    assert list(rules.against_scanned(["C1", "C2", "C1"])) == ["C1 was scanned twice."]
    assert list(rules.against_scanned(["C1", "C2"])) == []

"""Who may be what: every pair of roles, in both orders and in time (decision P1); what a password must be."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from backend.access.rules import MASKED, UNMASKED, Held, Role, Viewer, against_granting, against_password

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


@pytest.mark.parametrize(("held", "wanted"), [(a, b) for a, b in product(Role, Role) if a != b and Role.UNMASK not in (a, b)])
def test_two_roles_go_together_or_not_in_either_order(held: Role, wanted: Role) -> None:
    """Unmasked and masked never; an administrator is nothing else; all other pairs may (decision P1)."""
    ends = LATER if wanted in UNMASKED else None
    said = list(against_granting(wanted, NOW, ends, [Held(held, NOW, LATER if held in UNMASKED else None)]))
    clash = {held, wanted} & UNMASKED and {held, wanted} & MASKED
    alone = Role.ADMINISTRATOR in (held, wanted)
    assert bool(said) == bool(clash or alone)


DOCTOR = Held(Role.PHYSICIAN, NOW, None)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PHYSICIAN, Role.UNMASK}))
def test_nobody_but_a_physician_is_allowed_to_unmask(role: Role) -> None:
    """Decision P3."""
    assert any("Only a physician may unmask" in said for said in against_granting(Role.UNMASK, NOW, LATER, [Held(role, NOW, LATER)]))


def test_the_permission_to_unmask_has_an_end_and_lies_within_the_physicians_time() -> None:
    """Decision P3."""
    assert list(against_granting(Role.UNMASK, NOW, LATER, [DOCTOR])) == []
    assert list(against_granting(Role.UNMASK, NOW, LATER, [Held(Role.PHYSICIAN, NOW, LATER)])) == []
    assert any("needs an end date" in said for said in against_granting(Role.UNMASK, NOW, None, [DOCTOR]))
    short = NOW + timedelta(days=29)
    for held in (Held(Role.PHYSICIAN, NOW, short), Held(Role.PHYSICIAN, NOW + timedelta(days=1), None)):
        assert any("in all of that time" in said for said in against_granting(Role.UNMASK, NOW, LATER, [held]))


def test_who_may_unmask_is_never_an_assessor_in_any_order() -> None:
    """Decision P3: also when one of the two is long over."""
    before = NOW - timedelta(days=60)
    was = Held(Role.ASSESSOR, before, before + timedelta(days=1))
    assert any("is or was assessor" in said for said in against_granting(Role.UNMASK, NOW, LATER, [DOCTOR, was]))
    might = Held(Role.UNMASK, before, before + timedelta(days=1))
    assert any("cannot be assessor" in said for said in against_granting(Role.ASSESSOR, NOW, None, [might]))
    never = Held(Role.UNMASK, NOW, NOW)
    assert list(against_granting(Role.ASSESSOR, NOW, None, [never])) == []
    assert list(against_granting(Role.UNMASK, NOW, LATER, [DOCTOR, Held(Role.ASSESSOR, NOW, NOW)])) == []
    assert list(against_granting(Role.NURSE, NOW, None, [DOCTOR, might])) == []


@pytest.mark.parametrize("held", sorted(UNMASKED))
def test_who_was_unmasked_is_not_masked_afterwards(held: Role) -> None:
    """Knowing an arm does not end with the role (decision P1)."""
    over = Held(held, NOW - timedelta(days=60), NOW - timedelta(days=30))
    assert any("may know an arm" in said for said in against_granting(Role.NURSE, NOW, None, [over]))


@pytest.mark.parametrize("role", sorted(UNMASKED))
def test_an_unmasked_role_has_an_end(role: Role) -> None:
    assert any("needs an end date" in said for said in against_granting(role, NOW, None, []))
    assert not list(against_granting(role, NOW, LATER, []))


def test_a_role_does_not_end_before_it_starts_and_is_not_given_twice() -> None:
    assert any("before it starts" in said for said in against_granting(Role.NURSE, LATER, NOW, []))
    assert any("nurse already" in said for said in against_granting(Role.NURSE, NOW, None, [Held(Role.NURSE, NOW, None)]))
    assert not list(against_granting(Role.NURSE, NOW, None, [Held(Role.NURSE, NOW - timedelta(days=9), NOW - timedelta(days=8))]))


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "at least 12"),
        ("aaaaaaaaaaaaaa", "fewer than five"),
        ("my NAME1 is long enough", "your name or staff number"),
        ("lin yue and the marrow", "your name or staff number"),
        ("x" * 100 + "abcdefgh" * 30, "longer than 256"),
    ],
)
def test_a_weak_password_is_refused_in_a_sentence(password: str, said: str) -> None:
    assert any(said in one for one in against_password(password, "NAME1", "Lin Yue"))


def test_a_long_password_of_one_s_own_is_taken() -> None:
    assert not list(against_password("from marrow to bedside", "NAME1", "Lin Yue"))


@pytest.mark.parametrize(
    ("role", "names", "arm", "route", "record"),
    [
        (Role.COORDINATOR, True, False, True, True),
        (Role.PHYSICIAN, True, False, True, True),
        (Role.NURSE, True, False, True, True),
        (Role.TECHNICIAN, False, False, True, True),
        (Role.ANALYST, False, False, True, True),
        (Role.QA, False, False, True, True),
        (Role.COURIER, False, False, False, False),
        (Role.ASSESSOR, False, False, False, False),
        (Role.PREPARER, False, True, True, True),
        (Role.UNMASKED_QA, False, True, True, True),
        (Role.RANDOMISER, False, False, False, False),
        (Role.INSPECTOR, False, False, True, True),
        (Role.ADMINISTRATOR, False, False, False, False),
        (Role.UNMASK, False, False, False, False),  # what a physician sees, they see as a physician
    ],
)
def test_a_role_sees_what_its_line_says(role: Role, names: bool, arm: bool, route: bool, record: bool) -> None:
    viewer = Viewer("X1", "Somebody", frozenset({role}))
    assert (viewer.sees_names, viewer.sees_arm, viewer.sees_route, viewer.reads_record) == (names, arm, route, record)
    assert (viewer.may_open("identity"), viewer.may_open("masked")) == (names, arm)

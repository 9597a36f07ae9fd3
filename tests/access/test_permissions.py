"""Every role by every act of the registry: what the gate says is what the registry says, on both engines (decision K2)."""

from backend.access.rules import EVERYBODY, Role
from backend.ledger import REGISTRY, SYSTEM, Caller, Ledger
from tests.people import BY_ROLE, CAST

ROLES = {one.person: frozenset(one.roles) for one in CAST}


def test_every_role_by_every_act(ledger: Ledger) -> None:
    assert set(BY_ROLE) == set(Role)
    gate, at = ledger.gate, ledger.clock()
    assert gate is not None
    with ledger.read() as session:
        for act in REGISTRY.values():
            for role, person in BY_ROLE.items():
                may = bool(ROLES[person] & act.roles) or act.roles == {EVERYBODY}
                allowed, reasons = gate.reasons(session, act, Caller(person), [person], at)
                assert (allowed, bool(reasons)) == (may, not may), (act.name, role, reasons)
                if reasons and SYSTEM not in act.roles:
                    assert f"you are {' or '.join(sorted(ROLES[person]))}." in reasons[0], act.name


def test_every_second_signer_by_every_witnessed_act(ledger: Ledger) -> None:
    gate, at = ledger.gate, ledger.clock()
    assert gate is not None
    with ledger.read() as session:
        for act in (one for one in REGISTRY.values() if one.witness):
            first = next(BY_ROLE[Role(role)] for role in sorted(act.roles))
            for role, person in BY_ROLE.items():
                theirs = ROLES[person]
                _, reasons = gate.reasons(session, act, Caller(first), [first, person], at)
                assert bool(reasons) == (not theirs & act.witness_roles), (act.name, role)


def test_nobody_is_the_program_and_the_program_is_nobody_else(ledger: Ledger) -> None:
    gate, at = ledger.gate, ledger.clock()
    assert gate is not None
    with ledger.read() as session:
        for act in REGISTRY.values():
            allowed, _ = gate.reasons(session, act, Caller(SYSTEM), [], at)
            assert allowed == (SYSTEM in act.roles or act.roles == {EVERYBODY}), act.name


def test_every_act_names_roles_that_exist() -> None:
    for act in REGISTRY.values():
        assert act.roles, act.name
        assert act.roles <= {*Role, SYSTEM, EVERYBODY}, act.name
        assert act.witness_roles <= {*Role, SYSTEM, EVERYBODY}, act.name
        assert not act.witness or act.signed, f"{act.name} has a second signer and no first"


def test_an_administrator_has_no_gmp_act_and_an_assessor_has_none() -> None:
    for act in REGISTRY.values():
        if act.room in {"subject", "collection", "batch", "quality", "masking"}:
            assert Role.ADMINISTRATOR not in act.roles, act.name
        if act.roles != {EVERYBODY}:
            assert Role.ASSESSOR not in act.roles, act.name
            assert Role.INSPECTOR not in act.roles, act.name

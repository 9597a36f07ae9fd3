"""The gate: may this person do this, and is this really them? Asked once for every act, whatever way it came in."""

from datetime import datetime

from sqlmodel import Session

from backend.access.reads import badge_fault, has_accepted, is_locked, key_of, names_of, roles_of
from backend.access.rules import EVERYBODY, may
from backend.ledger import SYSTEM, Act, Caller, Credential, Ledger
from backend.ledger.keys import Signer, unseal

BEFORE_STATEMENT = frozenset({"access.accept_statement"})


class AccessGate:
    """Fills the ledger's slot with the people and roles of the access chain."""

    def signers(self, ledger: Ledger, act: Act, by: Caller, given: tuple[Credential, ...]) -> tuple[list[Signer], list[str]]:
        """The opened keys in order, and every reason why a signature is missing. A wrong password is recorded and counted."""
        wanted = 2 if act.witness else 1
        against: list[str] = []
        if len(given) < wanted:
            against.append(f"{len(given)} of {wanted} signatures are there; each needs its person and password.")
        if given and given[0].person != by.person:
            against.append("You sign for yourself: the first signature must be yours.")
        if wanted == 2 and len(given) > 1 and given[0].person == given[1].person:
            against.append("The second signature must be another person's.")
        signers: list[Signer] = []
        for one in given[:wanted]:
            signer, why = self._open(ledger, act, one, by)
            if signer:
                signers.append(signer)
            against += why
        return ([], against) if against else (signers, [])

    def _open(self, ledger: Ledger, act: Act, one: Credential, by: Caller) -> tuple[Signer | None, list[str]]:
        with ledger.read() as session:
            key, locked = key_of(session, one.person), is_locked(session, one.person)
            accepted = act.name in BEFORE_STATEMENT or has_accepted(session, one.person)
            name = names_of(session, [one.person]).get(one.person, one.person)
            void = "" if key else badge_fault(session, one.person)
        if key is None:
            return None, [void or f"{name} has no signing key yet; it is made when a person sets their password."]
        if locked:
            return None, [f"{name} is locked after too many wrong passwords. An administrator unlocks them."]
        if not accepted:
            return None, [f"{name} must sign the accountability statement before the first signature."]
        sealed, cost = key
        signer = unseal(one.person, sealed.public, sealed.sealed, one.password, cost)
        if signer is None:
            ledger.do("access.fail", {"person": one.person, "where": f"signing {act.name}"}, by=Caller(SYSTEM, by.station))
            return None, [f"The password of {name} is not right. Nothing was signed."]
        return signer, []

    def reasons(self, session: Session, act: Act, by: Caller, signers: list[str], at: datetime) -> tuple[bool, list[str]]:
        """Whether this person may, and every reason against them and the second signer."""
        if by.person == SYSTEM and SYSTEM in act.roles:
            return True, []
        if act.roles == {SYSTEM}:
            return False, [f"{act.title}: only the program itself does this."]
        roles = roles_of(session, {by.person, *signers}, at)
        if not (may(roles[by.person], act.roles) or act.roles == {EVERYBODY}):
            return False, [f"{act.title}: this is for {_listed(act.roles)}; you are {_listed(roles[by.person]) or 'without a role'}."]
        if len(signers) > 1 and not may(roles[signers[1]], act.witness_roles):
            theirs = _listed(roles[signers[1]]) or "without a role"
            return True, [f"The second signature is for {_listed(act.witness_roles)}; that person is {theirs}."]
        return True, []


def _listed(roles: frozenset[str]) -> str:
    return " or ".join(sorted(roles))


Ledger.gate = AccessGate()

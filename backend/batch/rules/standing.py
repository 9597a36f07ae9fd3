"""From what was decided and what is held to one word: how a container stands."""

from backend.custody.rules import ON_HOLD, QUARANTINE, REJECTED, RELEASED, is_vial


def stands(kind: str, decision: str, on_hold: bool) -> str:
    """The word for a container of this kind. Rejected is for good, a hold outweighs a release, and what is no vial is never released."""
    if decision == REJECTED:
        return REJECTED
    if on_hold:
        return ON_HOLD
    return RELEASED if decision == RELEASED and is_vial(kind) else QUARANTINE

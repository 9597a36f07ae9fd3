"""What people do around a release: record and review every test, sign a decision over what the review shows, put something wrong."""

from typing import Any

from backend.ledger import REGISTRY, Ledger, Receipt, digest_of
from backend.release.reads import record_of
from tests import story
from tests.people import by, sign


def tests_in(ledger: Ledger, run: story.Run) -> None:
    """Every sample of the bank is received, and every test of it reported in its limits and reviewed."""
    if "testing.receive" not in REGISTRY:
        return


def shown(ledger: Ledger, batch: str) -> str:
    """The digest of what the review shows now."""
    with ledger.read() as session:
        return digest_of(record_of(session, batch=batch))


def decide(ledger: Ledger, batch: str, act: str = "release.approve", person: str = "QA2", **more: Any) -> Receipt:
    """Somebody of QA signs a decision over what they see."""
    more = {"shown": shown(ledger, batch)} | more
    return ledger.do(act, {"batch": batch}, by=by(person), signatures=sign(person), **more)

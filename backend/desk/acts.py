"""The desk's own act: to keep the answer of a verification."""

from datetime import datetime

from pydantic import AwareDatetime

from backend.desk.models import Verification
from backend.ledger import SYSTEM, Caller, Ledger, Now, Open, act
from backend.ledger.verify import verify

KEPT = 4_000


@act(
    "desk.verified", roles={SYSTEM}, title="Keep a verification", writes={"site"},
    tells="The record was verified for {person}: {entries} entries, {faults} faults.",
)  # fmt: skip
def verified(
    now: Now, person: Open[str], entries: Open[int], faults: Open[int], started_at: Open[AwareDatetime], first: Open[str] = ""
) -> Verification:
    """When the whole record was last proved, for whom, and how many faults there were."""
    row = Verification(code=now.draw("K"), entries=entries, faults=faults, first=first, started_at=started_at, at=now.at, by=person)
    return now.add(row)


def run_verification(ledger: Ledger, by: Caller) -> list[str]:
    """Every fault of the record; that it was looked at, and what was found, is in the record afterwards."""
    started: datetime = ledger.clock()
    seen = [0]

    def count(entries: int) -> None:
        seen[0] += entries

    faults = list(verify(ledger.engine, progress=count))
    told = {"person": by.person, "entries": seen[0], "faults": len(faults), "started_at": started, "first": (faults or [""])[0][:KEPT]}
    ledger.do("desk.verified", told, by=Caller(SYSTEM, by.station))
    return faults

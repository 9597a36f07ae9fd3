"""What must be true of a bank before it is released, and what was out of the ordinary on its way.

Pure functions over the rows of one record: no session, no clock, no HTTP.
"""

from collections.abc import Callable, Iterator, Mapping

from backend.release.rules import bench, beside
from backend.release.rules.against import Reason, against, hands
from backend.release.rules.bench import Notable
from backend.release.rules.beside import is_near
from backend.release.rules.record import Record, Refusal, newest, of_step

KINDS: Mapping[str, Callable[[Record, str], Iterator[Notable]]] = {
    "open deviation": beside.open_deviations,
    "hold": beside.holds,
    "unclear result": beside.unclear,
    "overrun": bench.overran,
    "refused": beside.refused,
    "mismatch": bench.mismatched,
    "corrected": bench.corrected,
    "repeated result": beside.repeated,
    "decided deviation": beside.decided_deviations,
    "alert": bench.alerts,
    "near limit": beside.near,
    "replaced": bench.replaced,
    "late": bench.late,
    "typed": bench.typed,
    "taken out": bench.unscanned,
    "given back": bench.given_back,
    "reprinted": beside.reprinted,
    "ended label": beside.ended,
    "exposed": beside.exposed,
    "hand-over": beside.handed_over,
}
"""Every kind of exception in the order of the review: what waits for somebody first."""


def exceptions(record: Record, reader: str) -> dict[str, list[Notable]]:
    """Everything out of the ordinary that this reader may see, by kind.

    After a decision: what there was until then, and what a correction since then brought about in the batch itself (decision F2).
    """
    ended = record.course.decision.at if record.course.decision else None
    own = {row.code for row in record.holds if row.about == record.batch.code}
    own |= {row.code for row in record.deviations if row.about == record.batch.code}
    found = {}
    for kind, of_kind in KINDS.items():
        seen = [one for one in of_kind(record, reader) if ended is None or one.at <= ended or kind == "corrected" or one.code in own]
        if seen:
            found[kind] = sorted(seen, key=lambda one: (not one.todo, one.at, one.sentence))
    return found


__all__ = [
    "KINDS", "Notable", "Reason", "Record", "Refusal", "against", "exceptions", "hands", "is_near", "newest", "of_step",
]  # fmt: skip

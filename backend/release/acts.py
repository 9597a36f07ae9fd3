"""What QA does at the end of a batch: release the bank for its one subject, or reject it. Both sign exactly what the review showed.

One table decides (decision T3), so whoever comes second is told that QA has decided already.
"""

from backend.access.rules import Role
from backend.batch.acts.opening import decided
from backend.batch.models import BatchDecision
from backend.batch.reads import batch_of
from backend.ledger import Now, RecordCode, act, refuse
from backend.release.reads import carried_out, reasons, record_of

RELEASES = "I have reviewed this batch record and release it for its subject."
REJECTS = "I have reviewed this batch record and reject it. Nothing of it will be given to anybody."


@act(
    "release.approve", roles={Role.QA}, title="Release the bank", tells="{by} released the bank of batch {batch} for its subject.",
    signed=RELEASES, shows=record_of, relies={"site"}, offers=("K",), ready=carried_out, page="/batches/{batch}/release",
)  # fmt: skip
def approve(now: Now, batch: RecordCode) -> BatchDecision:
    """The bank may be used, for its one subject only.

    Refused with every reason against: steps, deviations, tests, holds, labels, custody, subject, trial, the signer's own hand in it.
    """
    row = batch_of(now.session, batch)
    refuse(one.sentence for one in reasons(now.session, row, now.by))
    return decided(now, row, "released", "")


@act(
    "release.reject", roles={Role.QA}, title="Reject the bank", tells="{by} rejected the bank of batch {batch}.", signed=REJECTS,
    shows=record_of, reason="open", offers=("K",), ready=carried_out, page="/batches/{batch}/release",
)  # fmt: skip
def reject(now: Now, batch: RecordCode) -> BatchDecision:
    """Nothing of the bank can be used any more, for a reason. Nobody's hand in the batch keeps them from rejecting it."""
    return decided(now, batch_of(now.session, batch), "rejected", now.reason)

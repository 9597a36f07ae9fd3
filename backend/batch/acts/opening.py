"""A batch begins with a received collection and may end, at any step, with QA's refusal."""

from sqlmodel import Session

from backend.access.rules import Role
from backend.batch.models import Batch, BatchDecision
from backend.batch.reads import batch_of, is_batch, is_received, opened_from
from backend.collection.models import Collection
from backend.ledger import Now, RecordCode, act, refuse
from backend.subject.reads import is_bound, subject_of
from backend.trial.reads import folder_in_force_code, status


def _may_open(session: Session, code: str) -> bool:
    return is_received(session, code) and opened_from(session, code) is None


@act(
    "batch.open", roles={Role.TECHNICIAN}, title="Open a batch", tells="{by} opened a batch from the collection {collection}.",
    relies={"site"}, offers=("K",), ready=_may_open, page="/batches/open?collection={code}",
)  # fmt: skip
def open_batch(now: Now, collection: RecordCode) -> Batch:
    """A batch exists for one received collection, under the trial folder that is in force now, for its whole life.

    Refused unless the subject is bound, the trial is active and the collection was received; a second batch from one collection is refused.
    """
    row = now.get(Collection, collection, "There is no collection with this code.")
    subject = subject_of(now.session, row.subject_code)
    if not is_bound(now.session, subject.code):
        refuse("The subject is not bound to their chain of identity; two people bind them first.")
    if not is_received(now.session, collection):
        refuse("This collection was not received; the laboratory receives it first.")
    if (said := status(now.session)) != "active":
        refuse(f"The trial is {said}; no batch is opened until it is active.")
    if opened_from(now.session, collection):
        refuse(Batch.says["collection_code"])
    return now.add(Batch(
        code=now.draw("K"), coi=subject.code, collection_code=collection, folder_code=folder_in_force_code(now.session), at=now.at,
        by=now.by,
    ))  # fmt: skip


@act(
    "batch.reject", roles={Role.QA}, title="Reject this batch", tells="{by} rejected the batch {batch}.", reason="open",
    signed="I reject this batch. Nothing of it will be given to anybody.", offers=("K",), ready=is_batch, page="/batches/{code}#decide",
)  # fmt: skip
def reject(now: Now, batch: RecordCode) -> BatchDecision:
    """The batch goes no further: no step is recorded in it any more, and nothing of it can be released (decision T3)."""
    return decided(now, batch_of(now.session, batch), "rejected", now.reason)


def decided(now: Now, batch: Batch, decision: str, why: str) -> BatchDecision:
    """QA has decided about the batch, released or rejected; a second decision is refused, whichever room it is made in (decision T3)."""
    if now.session.get(BatchDecision, batch.code):
        refuse(BatchDecision.says["batch_code"])
    return now.add(BatchDecision(batch_code=batch.code, decision=decision, why=why, at=now.at, by=now.by))

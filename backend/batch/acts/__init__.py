"""What may be done with a batch: open it, note and scan at the bench, sign, check, correct, reject."""

from backend.batch.acts import bench, making, opening, signing
from backend.batch.reads.rows import foresee
from backend.batch.reads.standing import judged
from backend.custody.reads.standing import JUDGES
from backend.ledger.registry import FORESEEN

FORESEEN.append(foresee)
JUDGES.append(judged)

__all__ = ["bench", "making", "opening", "signing"]

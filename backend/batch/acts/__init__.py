"""What may be done with a batch: open it, note and scan at the bench, sign, check, correct, reject."""

from backend.batch.acts import bench, making, opening, signing
from backend.batch.reads.standing import judged
from backend.custody.reads.standing import JUDGES

JUDGES.append(judged)

__all__ = ["bench", "making", "opening", "signing"]

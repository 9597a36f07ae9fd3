"""What may be done with a batch: open it, note and scan at the bench, sign, check, correct, reject."""

from backend.batch.acts import bench, making, opening, signing

__all__ = ["bench", "making", "opening", "signing"]

"""What may be done with samples: receive them, take a vial for its tests, record results, repeat, correct and review them."""

from backend.testing.acts import following, results, samples

__all__ = ["following", "results", "samples"]

"""What must be true of samples and results: what can be typed, what a value is worth against its limit, and what speaks against an act."""

from backend.testing.rules.against import (
    against_correcting,
    against_receiving,
    against_recording,
    against_repeating,
    against_reviewing,
    against_taking,
)
from backend.testing.rules.outcomes import Outcome, against_outcomes, measurements, outcome_of
from backend.testing.rules.profiles import compared, profile_of, spelled
from backend.testing.rules.verdicts import Asked, Verdict, is_positive, judged, must_be, typed

__all__ = [
    "Asked", "Outcome", "Verdict", "against_correcting", "against_outcomes", "against_receiving", "against_recording",
    "against_repeating", "against_reviewing", "against_taking", "compared", "is_positive", "judged", "measurements", "must_be",
    "outcome_of", "profile_of", "spelled", "typed",
]  # fmt: skip

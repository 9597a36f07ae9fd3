"""STAND-IN until the testing room is merged: drop this file, the real one wins."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Asked:
    """STAND-IN: one test of one sample, as whoever took the sample asked for it."""

    container_code: str
    test: str
    title: str
    kind: str
    stage: str
    unit: str = ""
    method: str = ""
    options: tuple[str, ...] = ()
    limit: str = ""
    override: str = "by QA"
    batch_code: str = ""
    dose_code: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """STAND-IN: where one test of one sample stands."""

    asked: Asked
    code: str = ""
    value: str = ""
    verdict: str = ""
    sentence: str = ""
    by: str = ""
    results: int = 0
    reviewed_by: str = ""
    set_aside: bool = False
    for_good: str = ""
    stale: bool = False
    positive: bool = False

    @property
    def reviewed(self) -> bool:
        return bool(self.reviewed_by)

    @property
    def failing(self) -> bool:
        return bool(self.for_good) or (self.verdict in ("out", "inconclusive") and not self.set_aside)

    @property
    def called(self) -> str:
        return f"{self.asked.title} ({self.asked.stage})"

    @property
    def href(self) -> str:
        return f"/testing?batch={self.asked.batch_code}"


def against_outcomes(outcomes: Iterable[Outcome], missing: bool = True) -> Iterator[str]:
    """STAND-IN: missing, not reviewed, failing."""
    for one in outcomes:
        if not one.code and missing:
            yield f"{one.called} has no result; it must be reported."
        elif one.failing:
            yield one.sentence
        if one.code and not one.reviewed:
            yield f"{one.called} has a result that nobody has reviewed; a second analyst must."

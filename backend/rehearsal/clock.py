"""Time as a story tells it: it stands still, moves by a millisecond each time it is read, and otherwise when it is told to."""

from datetime import datetime, timedelta

TICK = timedelta(milliseconds=1)


class StoryClock:
    """A clock that only moves forward."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += TICK
        return self.at

    def advance(self, **span: float) -> None:
        """Let so much time pass (keywords as of timedelta)."""
        self.at += timedelta(**span)

    def reach(self, at: datetime) -> None:
        """Let time pass until `at`; if that is over, nothing happens."""
        self.at = max(self.at, at)

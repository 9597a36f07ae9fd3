"""A bank that is frozen, tested and waits for QA; and one on whose way something of every kind went wrong."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from backend.ledger import Ledger
from tests import story
from tests.batch.conftest import folder, reach, told
from tests.conftest import At, Stages
from tests.release.acting import report_all
from tests.release.incidents import eventful as played

__all__ = ["folder", "reach", "told"]
Open = Callable[..., At]


@pytest.fixture
def after(reach: Open, at: Open, stages: Stages) -> Callable[..., At]:
    """`after("frozen", "tested", tell)` opens a copy of a stage that begins where a stage of the batch ended."""

    def open_at(before: str, name: str, tell: Callable[[Ledger, story.Run], object]) -> At:
        if name not in stages.built:
            run = reach(before).told
            assert isinstance(run, story.Run)

            def on(ledger: Ledger) -> story.Run:
                tell(ledger, run)
                return replace(run)

            stages.build(name, on, (before, stages.built[before][0]))
        return at(name)

    return open_at


@pytest.fixture
def tested(after: Callable[..., At]) -> At:
    """Fourteen vials were filled, and every test is in its limits and reviewed: QA2 may release the bank."""
    return after("frozen", "tested", report_all)


@pytest.fixture
def eventful(after: Callable[..., At]) -> At:
    """The same with something of every kind out of the ordinary, and nothing against the bank."""
    return after("at HAR-5", "eventful", played)

"""A bank that is frozen, tested and waits for QA; and one on whose way more went wrong than ever should."""

from collections.abc import Callable, Iterator

import pytest

from backend.ledger import Ledger
from tests import story
from tests.batch.conftest import folder, reach, told
from tests.conftest import At, Stages
from tests.release.acting import tests_in

__all__ = ["folder", "reach", "told"]
Open = Callable[..., At]


@pytest.fixture
def tested(reach: Open, at: Open, stages: Stages) -> At:
    """Fourteen vials are in their tanks and every test is in its limits and reviewed: QA2 may release it."""
    return at_tested(reach, at, stages)


def at_tested(reach: Open, at: Open, stages: Stages) -> At:
    if "tested" not in stages.built:
        frozen = reach("frozen")
        assert isinstance(frozen.told, story.Run)
        run = frozen.told

        def tell(ledger: Ledger) -> story.Run:
            tests_in(ledger, run)
            return run

        stages.build("tested", tell, ("frozen", stages.built["frozen"][0]))
    return at("tested")

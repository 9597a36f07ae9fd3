"""A batch that is frozen and sampled, and the acts that stand for release and dose while their own rooms are not asked."""

from collections.abc import Callable, Iterator

import pytest

from backend.ledger import REGISTRY
from tests import story
from tests.batch.conftest import folder, reach
from tests.conftest import At
from tests.testing.lab import RIG, Lab

__all__ = ["folder", "reach"]  # fixtures


@pytest.fixture(autouse=True)
def _rigged() -> Iterator[None]:
    REGISTRY.update(RIG)
    yield
    for name in RIG:
        REGISTRY.pop(name)


@pytest.fixture
def frozen(reach: Callable[[str], At]) -> At:
    return reach("frozen")


@pytest.fixture
def lab(frozen: At) -> Lab:
    run = frozen.told
    assert isinstance(run, story.Run)
    return Lab(frozen.ledger, run.batch, run.harvest.coi)

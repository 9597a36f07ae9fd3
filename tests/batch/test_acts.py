from collections.abc import Callable

from tests import story
from tests.conftest import At


def test_a_batch_goes_from_the_marrow_to_two_tanks(at: Callable[..., At]) -> None:
    here = at("frozen", story.frozen)

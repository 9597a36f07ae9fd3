"""Stages of the end: a subject with a bank in the tank, and a real batch frozen."""

from collections.abc import Callable, Iterator

import pytest

from tests.batch.conftest import reach as reach
from tests.conftest import At
from tests.dossier import rig


@pytest.fixture(autouse=True)
def _rigged() -> Iterator[None]:
    with rig.rigged():
        yield


@pytest.fixture
def banked(at: Callable[..., At]) -> At:
    """A bound subject with four vials in a box; `told` says which."""
    return at("dossier banked", rig.bank)

"""Stages at the bedside: one subject with a dose on the ward, and twelve of them."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.bedside import rig
from tests.conftest import At


@pytest.fixture
def ward(at: Callable[..., At]) -> Any:
    """One subject whose dose is on the ward; `told` is a `rig.Ready`."""
    return at("at the bedside", rig.ready)


@pytest.fixture
def twelve(at: Callable[..., At]) -> Any:
    """Twelve subjects, each with a dose on the ward; `told` is a tuple of `rig.Ready`."""
    return at("twelve at the bedside", rig.twelve)

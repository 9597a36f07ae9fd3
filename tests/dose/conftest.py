"""Stages of ordering: a bank that QA has not decided about, a released one, an open route, a window that is open."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import At
from tests.dose import rig

Open = Callable[..., At]


@pytest.fixture
def undecided(at: Open) -> Any:
    return at("bank undecided", rig.opened)


@pytest.fixture
def released(at: Open) -> Any:
    return at("bank released", rig.released)


@pytest.fixture
def routed(at: Open) -> Any:
    return at("route open", rig.routed)


@pytest.fixture
def waiting(at: Open) -> Any:
    """The window is open since yesterday: 2026-04-03, collected on 2026-03-02."""
    return at("window open", rig.waiting)

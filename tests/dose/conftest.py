"""Stages of ordering: a bank that QA has not decided about, a released one, an open route, a window that is open.

And of preparing: a dose of each arm as far as a test needs it.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from backend.ledger import Ledger
from tests.conftest import At, Stages
from tests.dose import bench, rig

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


# ---- preparing ----

STEPS: tuple[tuple[str, Callable[[Ledger, bench.Bank], bench.Bank]], ...] = (
    ("opened", bench.opened), ("picked", bench.picked), ("thawed", bench.thawed), ("washed", bench.washed), ("counted", bench.counted),
    ("formulated", bench.formulated), ("filled", bench.filled), ("sampled", bench.sampled), ("labelled", bench.labelled),
    ("tested", bench.tested),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _rigged() -> Iterator[None]:
    with bench.rigged():
        yield


@pytest.fixture
def reach(at: Open, stages: Stages) -> Callable[[str, str], At]:
    """`reach("ica_low", "thawed")` opens a copy of a dose of that arm at that point; each stage begins where the last one ended."""

    def open_at(arm: str, point: str) -> At:
        if "dose harvest" not in stages.built:
            stages.build("dose harvest", bench.harvest, ("founded", stages.built["founded"][0]))
        before = "dose harvest"
        for name, step in (("banked", None), *STEPS):
            stage = f"dose {arm} {name}"
            if stage not in stages.built:
                when, told, _ = stages.built[before]
                stages.build(stage, _telling(arm, told, step), (before, when))
            if name == point:
                here = at(stage)
                here.told = deepcopy(here.told)  # a test may change its own
                return here
            before = stage
        raise AssertionError(f"a dose has no point {point}")

    return open_at


def _telling(arm: str, told: object, step: Callable[[Ledger, bench.Bank], bench.Bank] | None) -> Callable[[Ledger], bench.Bank]:
    def tell(ledger: Ledger) -> bench.Bank:
        if step is None:
            return bench.banked(ledger, told, arm)  # type: ignore[arg-type]
        return step(ledger, deepcopy(told))  # type: ignore[arg-type]

    return tell

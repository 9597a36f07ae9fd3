"""Stages of a dose: a bank that is released, and a dose of each arm as far as a test needs it."""

from collections.abc import Callable, Iterator
from copy import deepcopy

import pytest

from backend.ledger import Ledger
from tests.conftest import At, Stages
from tests.dose import rig

STEPS: tuple[tuple[str, Callable[[Ledger, rig.Bank], rig.Bank]], ...] = (
    ("opened", rig.opened), ("picked", rig.picked), ("thawed", rig.thawed), ("washed", rig.washed), ("counted", rig.counted),
    ("formulated", rig.formulated), ("filled", rig.filled), ("sampled", rig.sampled), ("labelled", rig.labelled), ("tested", rig.tested),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _rigged() -> Iterator[None]:
    with rig.rigged():
        yield


@pytest.fixture
def reach(at: Callable[..., At], stages: Stages) -> Callable[[str, str], At]:
    """`reach("ica_low", "thawed")` opens a copy of a dose of that arm at that point; each stage begins where the last one ended."""

    def open_at(arm: str, point: str) -> At:
        if "dose harvest" not in stages.built:
            stages.build("dose harvest", rig.harvest, ("founded", stages.built["founded"][0]))
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


def _telling(arm: str, told: object, step: Callable[[Ledger, rig.Bank], rig.Bank] | None) -> Callable[[Ledger], rig.Bank]:
    def tell(ledger: Ledger) -> rig.Bank:
        if step is None:
            return rig.banked(ledger, told, arm)  # type: ignore[arg-type]
        return step(ledger, deepcopy(told))  # type: ignore[arg-type]

    return tell

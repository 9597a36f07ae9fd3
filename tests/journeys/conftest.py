"""Twins are told once per engine, point by point, and each person looks at each point once."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import At, Stages
from tests.journeys import twins
from tests.journeys.compared import seen

FREEZER = "twins at the freezer"
BEFORE = {"ward": "released", "given": "ward"}


@pytest.fixture
def reach(at: Callable[..., At], stages: Stages) -> Callable[[str, str], At]:
    """`reach("ward", "ica_low")` opens a copy of the telling of this arm at this point: released, ward or given."""

    def built(point: str, arm: str) -> str:
        name = f"twins {point} {arm}"
        if name not in stages.built:
            if point == "released" and FREEZER not in stages.built:
                stages.build(FREEZER, twins.until_the_freezer, ("founded", stages.built["founded"][0]))
            before = FREEZER if point == "released" else built(BEFORE[point], arm)
            told: Any = stages.built[before][1]
            tells = {"released": twins.bank_released, "ward": twins.dose_released, "given": twins.given}[point]
            stages.build(name, tells(told, arm), (before, stages.built[before][0]))
        return name

    return lambda point, arm: at(built(point, arm))


@pytest.fixture(scope="session")
def sights(store: Any) -> dict[tuple[str, str, str, bool], dict[str, str]]:
    """What was looked at before, on one engine: copies of one telling show the same."""
    del store
    return {}


@pytest.fixture
def sight(reach: Callable[[str, str], At], sights: dict[tuple[str, str, str, bool], dict[str, str]]) -> Callable[..., dict[str, str]]:
    """`sight("ward", "ica_low", "QA1")` is everything that QA reads there; `deep` also what is found by each code."""

    def look(point: str, arm: str, person: str, *, deep: bool = False) -> dict[str, str]:
        key = (point, arm, person, deep)
        if key not in sights:
            here: Any = reach(point, arm)
            sights[key] = seen(here.ledger, here.told, person, deep=deep)
        return sights[key]

    return look

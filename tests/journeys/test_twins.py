"""Nobody masked can tell the arms apart: twins tell the same in every page, answer, paper, refusal and header (decision R5)."""

from collections.abc import Callable
from typing import Any

import pytest

from backend.access.rules import MASKED
from backend.app import application
from backend.ledger import Ledger
from tests.conftest import At, Sqlite
from tests.journeys import twins
from tests.journeys.compared import LEFT_OUT, differences, paths, seen, unlike
from tests.journeys.tried import tried
from tests.people import BY_ROLE, by, sign
from tests.visit import SETTINGS, routes_of

CARE = sorted({BY_ROLE[role] for role in MASKED})
ALL = sorted(set(BY_ROLE.values()))
CAROTID, ROUTES = ("ica_low", "ica_high"), ("ommaya", "ica_low")
Reach, Sight = Callable[[str, str], At], Callable[..., dict[str, str]]
READ_BY_QA = ("/doses/", "/records/", "/labels/", "/containers/", "/deviations/", "/holds/", "?test=", "/subjects/", "/history")


@pytest.fixture(autouse=True)
def _qa_on_both(request: pytest.FixtureRequest) -> None:
    """What a person sees does not depend on the database, so QA alone looks at both, and at the end."""
    if "sight" not in request.fixturenames and "reach" not in request.fixturenames:
        return
    store: Any = request.getfixturevalue("store")
    whole = "when_all_is_done" in request.node.name and "QA1" in request.node.name
    if not isinstance(store, Sqlite) and not whole:
        pytest.skip("looked at on SQLite")


def test_every_page_is_looked_at() -> None:
    known = (*paths(), *LEFT_OUT)
    gets = [
        route.path for route in routes_of(application(Ledger.__new__(Ledger), SETTINGS)) if "GET" in (getattr(route, "methods", None) or ())
    ]
    assert len(gets) > 90
    assert [path for path in gets if not any(one.endswith(path) for one in known)] == []


@pytest.mark.parametrize("person", [*CARE, "RAND1", "ADM1"])
def test_r5_the_two_carotid_arms_look_the_same_when_all_is_done(sight: Sight, reach: Reach, person: str) -> None:
    low, high = (sight("given", arm, person, deep=person in CARE) for arm in CAROTID)
    assert differences(low, high) == []
    assert differences(*(acts_of("given", arm, person, reach) for arm in CAROTID)) == []
    if person == "QA1":
        read = {address for address, answer in low.items() if answer.startswith("200")}
        assert [part for part in READ_BY_QA if not any(part in address for address in read)] == []


@pytest.mark.parametrize("person", CARE)
def test_r5_the_two_carotid_arms_look_the_same_before_the_infusion(sight: Sight, reach: Reach, person: str) -> None:
    assert differences(*(sight("ward", arm, person) for arm in CAROTID)) == []
    assert differences(*(acts_of("ward", arm, person, reach) for arm in CAROTID)) == []


@pytest.mark.parametrize("person", ALL)
def test_r5_all_arms_look_the_same_to_everybody_before_the_route_opens(sight: Sight, reach: Reach, person: str) -> None:
    """Whoever opens the route is told it by that, so this alone is not tried."""
    assert differences(*(sight("released", arm, person) for arm in ROUTES)) == []
    assert differences(*(acts_of("released", arm, person, reach, without="dose.open_route") for arm in ROUTES)) == []


@pytest.mark.parametrize("point", ["ward", "given"])
def test_r5_no_route_is_ever_seen_by_an_assessor(sight: Sight, reach: Reach, point: str) -> None:
    assert unlike(*(sight(point, arm, "ASSE1", deep=point == "given") for arm in ROUTES)) == []
    assert unlike(*(acts_of(point, arm, "ASSE1", reach) for arm in ROUTES)) == []


def test_p3_r5_after_an_unmasking_everybody_else_still_sees_twins(reach: Reach) -> None:
    low, high = reach("given", "ica_low"), reach("given", "ica_high")
    for here in (low, high):
        unmask(here)
    found = {who: differences(*(seen(here.ledger, here.told, who) for here in (low, high))) for who in ("QA1", "PHYS1", "PHYS2")}  # type: ignore[arg-type]
    assert found["QA1"] == found["PHYS1"] == []
    assert {line.split(": ")[0].rsplit("/", 1)[-1] for line in found["PHYS2"]} == {"unmasking"}


def acts_of(point: str, arm: str, person: str, reach: Reach, without: str = "") -> dict[str, str]:
    here: Any = reach(point, arm)
    return tried(here.ledger, here.told, person, without)


def unmask(here: At) -> None:
    """The physician who may is told the arm of this subject."""
    told: Any = here.told
    given = {"subject": told.run.harvest.coi, "reason_code": "suspected overdose or wrong dose", "told": "A seizure."}
    with twins.alike("unmasking"):
        here.ledger.do("masking.unmask", given, by=by("PHYS2"), signatures=sign("PHYS2"))

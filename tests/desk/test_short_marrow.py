"""Too little marrow on the first page: it is ordered again by those who order it, and nobody is asked for ever to hand it over."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from backend.access.reads import viewer_of
from backend.desk.reads import worklists
from backend.ledger import Ledger
from tests import story
from tests.conftest import At
from tests.desk.test_what_waits import done, due
from tests.people import by, sign
from tests.story import Harvest
from tests.visit import signed_in, words

AGAIN, PACK, TAKE = "Order the harvest again", "Pack the marrow and hand it over", "Collect the marrow"


@pytest.fixture
def ordered(at: Callable[..., At]) -> tuple[Ledger, Harvest]:
    here = at("ordered", story.ordered)
    assert isinstance(here.told, Harvest)
    return here.ledger, here.told


@pytest.fixture
def short(ordered: tuple[Ledger, Harvest]) -> tuple[Ledger, Harvest]:
    """6 mL of marrow are in their bag."""
    story.collect(*ordered, volume_ml="6.0")
    return ordered


def listed(ledger: Ledger, title: str) -> list[tuple[str, str, str]]:
    """Everything that a physician is shown on this list: what, where it leads, what is said beside it."""
    with ledger.read() as session:
        lists = worklists.for_viewer(session, ledger, viewer_of(session, "PHYS1", ledger.clock()), ledger.clock())
    return [(one.what, one.href, one.note) for found in lists if found.title == title for one in found.items]


def again(ledger: Ledger, now: Harvest) -> Harvest:
    """The harvest is ordered once more, and its kit is on the ward."""
    collection = story.order(ledger, now.coi, "The first marrow had 6.0 mL.")
    bag, label = story.bag_of(ledger, collection)
    story.print_and_verify(ledger, label)
    return replace(now, collection=collection, bag=bag, label=label)


def destroy(ledger: Ledger, now: Harvest) -> None:
    given = {"container": [now.label], "how": "destroyed", "detail": "Autoclaved, bag B-1."}
    ledger.do("dossier.dispose", given, by=by("QA1"), signatures=sign("QA1", "TECH2"), reason="Nothing can be made of it.")


def give_away(ledger: Ledger, now: Harvest) -> None:
    """The bag leaves the ward without its transport box."""
    over = {"container": [now.label], "to": "Haematology", "condition": "intact", "temperature_c": "20.5"}
    ledger.do("custody.hand_over", over, by=by("NURS1"))


def withdraw(ledger: Ledger, now: Harvest) -> None:
    ledger.do("subject.withdraw", {"subject": now.coi}, by=by("COOR1"), signatures=sign("COOR1"), reason="Their wish.")


def test_too_little_marrow_is_ordered_again_by_a_physician_or_a_coordinator(short: tuple[Ledger, Harvest]) -> None:
    ledger, now = short
    due(ledger, "To be ordered", "coordinator, physician", AGAIN, f"/collections/order/{now.coi}")
    due(ledger, "Harvest", "physician, nurse", PACK, f"/collections/{now.collection}")
    assert listed(ledger, "To be ordered") == [(AGAIN, f"/collections/order/{now.coi}", "6.0 mL collected")]
    assert listed(ledger, "Harvest") == [(PACK, f"/collections/{now.collection}", "too little for a bank")]


def test_once_it_is_ordered_again_the_new_harvest_waits_and_the_short_marrow_no_more(short: tuple[Ledger, Harvest]) -> None:
    ledger, now = short
    second = again(ledger, now)
    done(ledger, "To be ordered")
    due(ledger, "Harvest", "physician, nurse", TAKE, f"/collections/{second.collection}")
    assert listed(ledger, "Harvest") == [(TAKE, f"/collections/{second.collection}", "")]
    page = words(signed_in(ledger, "PHYS1").get(f"/collections/{now.collection}"))
    assert "A second collection is ordered, under the same chain of identity." in page and "Order again" not in page
    story.collect(ledger, second)
    assert listed(ledger, "Harvest") == [(PACK, f"/collections/{second.collection}", "")]
    story.pack(ledger, second)
    done(ledger, "Harvest")
    done(ledger, "To be ordered")


def test_the_last_marrow_that_the_trial_allows_is_not_ordered_again_and_is_still_to_pack(short: tuple[Ledger, Harvest]) -> None:
    ledger, now = short
    second = again(ledger, now)
    story.collect(ledger, second, volume_ml="5.5")
    done(ledger, "To be ordered")
    assert listed(ledger, "Harvest") == [(PACK, f"/collections/{second.collection}", "too little for a bank")]


@pytest.mark.parametrize("gone", [destroy, give_away])
def test_short_marrow_that_is_destroyed_or_given_away_is_not_to_pack_and_still_to_order(
    short: tuple[Ledger, Harvest], gone: Callable[[Ledger, Harvest], None]
) -> None:
    ledger, now = short
    gone(ledger, now)
    done(ledger, "Harvest")
    due(ledger, "To be ordered", "coordinator, physician", AGAIN, f"/collections/order/{now.coi}")


def test_short_marrow_that_goes_to_the_laboratory_is_to_order_again_until_a_batch_is_made_of_it(short: tuple[Ledger, Harvest]) -> None:
    ledger, now = short
    story.pack(ledger, now)
    done(ledger, "Harvest")
    story.receive(ledger, now)
    due(ledger, "To be ordered", "coordinator, physician", AGAIN, f"/collections/order/{now.coi}")
    ledger.do("batch.open", {"collection": now.collection}, by=by("TECH1"))
    done(ledger, "To be ordered")


def test_who_withdrew_is_neither_harvested_nor_asked_again(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    assert listed(ledger, "Harvest") == [(TAKE, f"/collections/{now.collection}", "")]
    withdraw(ledger, now)
    done(ledger, "Harvest")


def test_short_marrow_of_who_withdrew_is_not_ordered_again_and_stays_to_pack_until_it_is_gone(short: tuple[Ledger, Harvest]) -> None:
    ledger, now = short
    withdraw(ledger, now)
    done(ledger, "To be ordered")
    assert listed(ledger, "Harvest") == [(PACK, f"/collections/{now.collection}", "too little for a bank")]
    destroy(ledger, now)
    done(ledger, "Harvest")


def test_marrow_that_is_just_enough_is_not_ordered_again_and_is_packed_wherever_it_is(ordered: tuple[Ledger, Harvest]) -> None:
    """The laboratory receives only what is packed, so marrow that left without its box still waits for it; destroyed marrow does not."""
    ledger, now = ordered
    story.collect(ledger, now, volume_ml="10.0")
    done(ledger, "To be ordered")
    assert listed(ledger, "Harvest") == [(PACK, f"/collections/{now.collection}", "")]
    give_away(ledger, now)
    assert listed(ledger, "Harvest") == [(PACK, f"/collections/{now.collection}", "")]
    ledger.do("custody.receive", {"container": [now.label], "condition": "intact", "temperature_c": "20.5"}, by=by("COUR1"))
    destroy(ledger, now)
    done(ledger, "Harvest")

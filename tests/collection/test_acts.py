"""One harvest from its order to the laboratory's door, and everything that stops it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import orjson
import pytest
from sqlmodel import select

from backend.collection.models import Collected, Collection, Packed, Received
from backend.collection.reads import collection_view, collections, latest, marrow_bag, state_of
from backend.custody.models import LabelApplied, LabelPrinted
from backend.custody.reads import amount_of
from backend.ledger import Ledger, Nonsense, NotAllowed, Refused, UnknownCode, offered
from backend.quality.models import Deviation
from tests import story
from tests.conftest import At
from tests.people import by, sign
from tests.story import PEOPLE, Enrolled, Harvest


@pytest.fixture
def bound(at: Callable[..., At]) -> tuple[Ledger, Enrolled]:
    here = at("bound", story.bound)
    assert isinstance(here.told, Enrolled)
    return here.ledger, here.told


@pytest.fixture
def ordered(at: Callable[..., At]) -> tuple[Ledger, Harvest]:
    here = at("ordered", story.ordered)
    assert isinstance(here.told, Harvest)
    return here.ledger, here.told


@pytest.fixture
def collected(at: Callable[..., At]) -> tuple[Ledger, Harvest]:
    here = at("collected", story.collected)
    assert isinstance(here.told, Harvest)
    return here.ledger, here.told


def _news(ledger: Ledger, collection: str) -> list[tuple[str, str]]:
    with ledger.read() as session:
        return sorted((d.rule, d.grade) for d in session.exec(select(Deviation).where(Deviation.about == collection)))


# ---- order ----


def test_an_order_makes_up_a_kit_with_a_labelled_bag(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    with ledger.read() as session:
        row = session.exec(select(Collection)).one()
        view = collection_view(session, now.collection)
        bag = marrow_bag(session, now.collection)
    assert (row.subject_code, row.ordinal) == (now.coi, 1)
    assert (bag.chain, bag.kind, bag.name) == (now.coi, "bag", "Bone marrow")
    assert view.label is not None
    assert (view.label.printed, view.label.verified, view.label.applied) == (True, True, False)
    assert view.state == "ordered"


def test_an_unbound_subject_is_not_harvested(at: Callable[..., At]) -> None:
    here = at("enrolled", story.enrolled)
    assert isinstance(here.told, Enrolled)
    with pytest.raises(Refused, match="two people must bind them first"):
        story.order(here.ledger, here.told.coi)


def test_nothing_is_ordered_while_the_trial_is_suspended(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, first = bound
    ledger.do("trial.set_status", {"status_is": "suspended", "why": "Ethics."}, by=by("QA1"), signatures=sign("QA1"))
    with pytest.raises(Refused, match="The trial is suspended; it must be active"):
        story.order(ledger, first.coi)


def test_a_second_order_waits_for_the_first_marrow(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    with pytest.raises(Refused, match="its marrow must be in the record before another is ordered"):
        story.order(ledger, now.coi, "Short.")


def test_a_short_marrow_is_collected_again_under_the_same_coi(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    story.collect(ledger, now, volume_ml="8.0")
    assert _news(ledger, now.collection) == [("collection.volume", "major")]
    with pytest.raises(Refused, match="must say why"):
        story.order(ledger, now.coi)
    again = story.order(ledger, now.coi, "The first marrow was 8.0 mL.")
    bag, label = story.bag_of(ledger, again)
    story.print_and_verify(ledger, label)
    second = Harvest(now.folder, now.coi, now.who, now.wristband, again, bag, label, now.heparin)
    story.collect(ledger, second)
    with ledger.read() as session:
        row = latest(session, now.coi)
        assert row is not None
        assert (row.code, row.ordinal, row.chain) == (again, 2, now.coi)
        assert [line.ordinal for line in collections(session)[0]] == [2, 1]
    with pytest.raises(Refused, match="at most 2"):
        story.order(ledger, now.coi, "Once more.")


# ---- the bedside ----


def test_the_marrow_is_in_its_labelled_bag(collected: tuple[Ledger, Harvest]) -> None:
    ledger, now = collected
    with ledger.read() as session:
        row = session.exec(select(Collected)).one()
        amount = amount_of(session, now.bag)
        assert session.get(LabelApplied, now.label) is not None
        assert state_of(session, now.collection) == "collected"
    assert (row.by, row.witness, row.volume_ml, row.wristband_code) == ("PHYS1", "NURS1", Decimal("31.5"), now.wristband)
    assert amount is not None
    assert amount.volume_ml == Decimal("31.5")
    assert _news(ledger, now.collection) == []
    with ledger.engine.connect() as conn:
        body = orjson.loads(bytes(conn.exec_driver_sql("SELECT body FROM entry WHERE act = 'collection.collect'").scalar() or b""))
    assert [signed["by"] for signed in body["signed"]] == ["PHYS1", "NURS1"]
    assert body["chain"] == now.coi


@pytest.mark.parametrize(
    ("changed", "news"),
    [
        ({"volume_ml": "19.9"}, [("collection.volume", "minor")]),
        ({"volume_ml": "0.5"}, [("collection.volume", "major")]),
        ({"heparin_iu_per_ml": "120"}, [("collection.heparin", "minor")]),
        ({"volume_ml": "5", "heparin_iu_per_ml": "101"}, [("collection.heparin", "minor"), ("collection.volume", "major")]),
    ],
)
def test_bad_news_is_recorded_and_opens_deviations(
    ordered: tuple[Ledger, Harvest], changed: dict[str, str], news: list[tuple[str, str]]
) -> None:
    ledger, now = ordered
    story.collect(ledger, now, **changed)
    assert _news(ledger, now.collection) == news


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"volume_ml": "-3"}, "volume_ml"),
        ({"volume_ml": "NaN"}, "volume_ml"),
        ({"volume_ml": "900"}, "volume_ml"),
        ({"heparin_iu_per_ml": "-1"}, "heparin_iu_per_ml"),
        ({"site": "sternum"}, "site"),
        ({"passes": "0"}, "passes"),
        ({"started_at": "2026-03-02T09:00"}, "started_at"),
    ],
)
def test_nonsense_at_the_bedside_is_named_by_its_field_and_not_recorded(
    ordered: tuple[Ledger, Harvest], changed: dict[str, str], field: str
) -> None:
    ledger, now = ordered
    with pytest.raises(Nonsense) as no:
        story.collect(ledger, now, **changed)
    assert list(no.value.faults) == [field]
    with ledger.engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM entry WHERE act = 'collection.collect'").scalar() == 0


def _refused(ledger: Ledger, now: Harvest, words: str, **changed: object) -> None:
    with pytest.raises(Refused, match=words):
        story.collect(ledger, now, **changed)
    with ledger.read() as session:
        assert session.exec(select(Collected)).all() == []


def test_a_void_wristband_stops_the_harvest(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    told = story.stated(now.coi, now.who)
    ledger.do("subject.reissue_wristband", told, by=by("NURS1"), signatures=sign("NURS1", "NURS2"), reason="Torn off.")
    _refused(ledger, now, "This wristband is void")


def test_a_wristband_that_was_never_scanned_back_stops_the_harvest(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    told = story.stated(now.coi, now.who)
    new = ledger.do("subject.reissue_wristband", told, by=by("NURS1"), signatures=sign("NURS1", "NURS2"), reason="Torn off.").result
    _refused(ledger, now, "issued and never scanned back", wristband=new)
    story.wear(ledger, new)
    story.collect(ledger, now, wristband=new)


def test_another_subjects_wristband_stops_the_harvest_and_is_in_both_records(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    other = story.enrol(ledger, PEOPLE[1])
    band = story.bind(ledger, other, PEOPLE[1])
    _refused(ledger, now, "another subject's; it must be the one of subject S01", wristband=band)
    with ledger.engine.connect() as conn:
        rows = conn.exec_driver_sql("SELECT chain FROM entry WHERE act = 'collection.collect'").all()
    assert {row[0] for row in rows} == {now.coi, other}


def test_another_subjects_label_stops_the_harvest(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    other = story.enrol(ledger, PEOPLE[1])
    story.bind(ledger, other, PEOPLE[1])
    _, label = story.bag_of(ledger, story.order(ledger, other))
    story.print_and_verify(ledger, label)
    _refused(ledger, now, "not of this collection's kit", label=label)


def test_a_label_that_was_replaced_stops_the_harvest(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    ledger.do("custody.reprint_label", {"label": now.label}, by=by("NURS1"), signatures=sign("NURS1", "PHYS1"), reason="Smeared.")
    _refused(ledger, now, "This label is void")


def test_a_label_that_was_never_scanned_back_stops_the_harvest(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, first = bound
    collection = story.order(ledger, first.coi)
    bag, label = story.bag_of(ledger, collection)
    now = Harvest(first.folder, first.coi, first.who, first.wristband, collection, bag, label, story.heparin(ledger))
    _refused(ledger, now, "never printed")


def test_serology_older_than_thirty_days_stops_the_harvest(ordered: tuple[Ledger, Harvest]) -> None:
    """The sample was 5 days old at binding; the last day it counts is 30 days after it was taken."""
    ledger, now = ordered
    story.advance(ledger, days=26)
    with pytest.raises(Refused) as no:
        story.collect(ledger, now)
    assert sum("was sampled 31 days before" in said for said in no.value.reasons) == 6
    ledger.do("subject.record_serology", story.serology(ledger, now.coi), by=by("NURS1"), signatures=sign("NURS1"))
    story.collect(ledger, now)


def test_serology_of_thirty_days_still_counts(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    story.advance(ledger, days=25)
    story.collect(ledger, now)
    with ledger.read() as session:
        assert session.get(Collected, now.collection) is not None


def test_a_reactive_result_after_binding_stops_the_harvest(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    late = story.serology(ledger, now.coi, HIV="reactive")
    ledger.do("subject.record_serology", late, by=by("NURS1"), signatures=sign("NURS1"))
    _refused(ledger, now, "HIV is reactive; it must be non-reactive")


def test_every_reason_is_given_at_once(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    ledger.do("subject.withdraw", {"subject": now.coi}, by=by("COOR1"), signatures=sign("COOR1"), reason="Their wish.")
    ledger.do("trial.set_status", {"status_is": "stopped", "why": "Sponsor."}, by=by("QA1"), signatures=sign("QA1"))
    wrong = ledger.do(
        "supplies.receive_lot",
        {"item": "DPBS", "maker": "Invented Pharma", "lot_number": "D-1", "expires_on": "2030-01-31", "grade": "Ph. Eur."}, by=by("TECH1"),
    ).result  # fmt: skip
    later = (ledger.clock() + timedelta(hours=9)).isoformat()
    with pytest.raises(Refused) as no:
        story.collect(ledger, now, heparin_lot=wrong, ended_at=later)
    assert len(no.value.reasons) == 4


def test_a_hold_on_the_subject_stops_the_harvest(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    ledger.do("quality.place_hold", {"about": now.coi, "why": "Fever."}, by=by("QA1"), signatures=sign("QA1"))
    _refused(ledger, now, "The subject is on hold: Fever")


def test_an_expired_heparin_lot_is_recorded_and_opens_a_deviation(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    old = story.heparin(ledger, "2026-03-10")
    story.advance(ledger, days=10)
    story.collect(ledger, now, heparin_lot=old)
    assert _news(ledger, now.collection) == [("collection.heparin_lot", "major")]


def test_marrow_is_recorded_once(collected: tuple[Ledger, Harvest]) -> None:
    ledger, now = collected
    with pytest.raises(Refused, match="The marrow of this collection is in the record already"):
        story.collect(ledger, now)


@pytest.mark.parametrize(("first", "second", "words"), [("PHYS1", "PHYS1", "another person's"), ("PHYS1", "TECH1", "is for nurse")])
def test_the_second_reader_is_a_nurse(ordered: tuple[Ledger, Harvest], first: str, second: str, words: str) -> None:
    ledger, now = ordered
    with pytest.raises(Refused, match=words):
        ledger.do("collection.collect", story.bedside(ledger, now), by=by(first), signatures=sign(first, second))


def test_a_technician_does_not_harvest(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    with pytest.raises(NotAllowed):
        ledger.do("collection.collect", story.bedside(ledger, now), by=by("TECH1"), signatures=sign("TECH1", "NURS1"))


def test_a_collection_that_is_none_is_an_unknown_code(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    with pytest.raises(UnknownCode):
        story.collect(ledger, now, collection="K4S0V17761J9H")
    with ledger.read() as session:
        job = session.exec(select(LabelPrinted.print_code)).first()
    assert job is not None
    with pytest.raises(UnknownCode):
        story.collect(ledger, now, collection=job)


def test_each_step_is_offered_on_what_is_scanned(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    everybody = frozenset({"physician", "nurse", "technician"})

    def next_of(*codes: str) -> set[str]:
        with ledger.read() as session:
            return {one.name for code in codes for one in offered(session, code, code[0], everybody) if one.room == "collection"}

    assert next_of(now.label, now.wristband) == {"collection.collect"}
    assert next_of(now.coi, now.bag) == set()
    story.collect(ledger, now)
    assert next_of(now.label, now.bag) == {"collection.pack"}
    assert next_of(now.coi) == {"collection.order"}
    story.pack(ledger, now)
    assert next_of(now.label, now.bag, now.wristband) == {"collection.receive"}
    story.receive(ledger, now)
    assert next_of(now.label, now.bag, now.wristband) == set()


# ---- the journey ----


def test_the_marrow_reaches_the_laboratory(at: Callable[..., At]) -> None:
    here = at("received", story.received)
    assert isinstance(here.told, Harvest)
    with here.ledger.read() as session:
        row = session.exec(select(Received)).one()
        view = collection_view(session, here.told.collection)
    assert (row.seal, row.by) == ("8841", "TECH1")
    assert 40 <= row.minutes_since_collection <= 60
    assert view.state == "received"
    assert not view.away
    assert view.where == "In the hands of Lin Yue"
    assert _news(here.ledger, here.told.collection) == []


def test_another_seal_a_long_journey_and_a_warm_box_are_deviations(collected: tuple[Ledger, Harvest]) -> None:
    ledger, now = collected
    story.pack(ledger, now, temperature_c="26")
    story.advance(ledger, hours=25)
    story.receive(ledger, now, seal="8814", temperature_c="28")
    assert _news(ledger, now.collection) == [
        ("collection.box_temperature", "major"), ("collection.box_temperature", "minor"), ("collection.elapsed", "major"),
        ("collection.seal", "critical"),
    ]  # fmt: skip


def test_what_is_not_packed_is_not_received(collected: tuple[Ledger, Harvest]) -> None:
    ledger, now = collected
    with pytest.raises(Refused, match="The marrow is not packed"):
        story.receive(ledger, now)


def test_what_was_not_handed_over_is_not_received(collected: tuple[Ledger, Harvest]) -> None:
    ledger, now = collected
    given = {"collection": now.collection, "bag": now.label, "box": "TB-3", "seal": "1", "logger": "LG", "temperature_c": "20"}
    ledger.do("collection.pack", given, by=by("NURS1"))
    with pytest.raises(Refused, match="was not handed over"):
        story.receive(ledger, now)


def test_who_scanned_the_hand_over_first_receives_it_after(collected: tuple[Ledger, Harvest]) -> None:
    ledger, now = collected
    story.pack(ledger, now)
    found = {"container": [now.label], "condition": "intact", "temperature_c": "20", "seal": "8841"}
    ledger.do("custody.receive", found, by=by("TECH1"))
    story.receive(ledger, now)
    with pytest.raises(Refused, match="received already"):
        story.receive(ledger, now)


def test_marrow_is_packed_once_and_after_it_was_collected(ordered: tuple[Ledger, Harvest]) -> None:
    ledger, now = ordered
    given = {"collection": now.collection, "bag": now.label, "box": "TB-3", "seal": "1", "logger": "LG", "temperature_c": "20"}
    with pytest.raises(Refused, match="it must be collected first"):
        ledger.do("collection.pack", given, by=by("NURS1"))
    story.collect(ledger, now)
    ledger.do("collection.pack", given, by=by("NURS1"))
    with pytest.raises(Refused, match="packed already"):
        ledger.do("collection.pack", given, by=by("NURS1"))
    with ledger.read() as session:
        assert session.exec(select(Packed)).one().box == "TB-3"


def test_another_container_is_not_packed_as_this_marrow(collected: tuple[Ledger, Harvest]) -> None:
    ledger, now = collected
    with ledger.read() as session:
        from backend.subject.models import ReferenceSample

        tube = session.exec(select(ReferenceSample)).first()
    assert tube is not None
    given = {"collection": now.collection, "bag": tube.container_code, "box": "TB-3", "seal": "1", "logger": "LG", "temperature_c": "20"}
    with pytest.raises(Refused, match="not of this collection's kit"):
        ledger.do("collection.pack", given, by=by("NURS1"))

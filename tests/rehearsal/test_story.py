"""The rehearsal: the demonstration's stages, the simulation's account, and that a seed tells the same story twice.

Each is played once here: the demonstration by the command line as anybody plays it, the simulation into a database that can be read.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest
from sqlmodel import Session, col, select
from typer.testing import CliRunner

from backend.batch.models import Batch, BatchDecision, Calculated, SampleTest, StepDeviation
from backend.batch.reads import course_of
from backend.bedside.models import Finished
from backend.cli import app
from backend.collection.models import Collected, Collection
from backend.custody.models import Label
from backend.db import connect
from backend.dose.models import Administration, Dose, Order, PrepCorrected, RouteOpened
from backend.dose.rules.timing import window
from backend.installation import is_demo, opened
from backend.ledger import Ledger
from backend.ledger.models import Entry, Head
from backend.ledger.perform import utc_now
from backend.ledger.sealing import Keyring
from backend.ledger.spelling import instant
from backend.ledger.verify import verify
from backend.masking.acts import arm_of
from backend.masking.models import Unmasked
from backend.quality.models import Deviation, DeviationDecided, Hold
from backend.rehearsal import simulation
from backend.rehearsal.cast import CAST, PASSWORD
from backend.rehearsal.scripts import SCRIPTS
from backend.settings import Settings, settings
from backend.subject.models import Subject
from backend.subject.reads import identity_of
from backend.testing.models import Result
from backend.trial.reads import current, local_day
from tests import story
from tests.conftest import Postgres, Sqlite
from tests.people import by

RUN = CliRunner()


def marrowline(*words: str, **settled: str) -> list[str]:
    """What the command prints, line by line, with these settings."""
    settings.cache_clear()
    done = RUN.invoke(app, list(words), env={f"MARROWLINE_{name.upper()}": value for name, value in settled.items()})
    settings.cache_clear()
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def last_entry(session: Session) -> datetime:
    return max(instant(at) for at in session.exec(select(Head.at)) if at)


def subject(session: Session, number: str) -> Subject:
    return session.exec(select(Subject).where(Subject.number == number)).one()


def the_incidents_are_in_the_rows(session: Session) -> None:
    """The short marrow was collected again under one CoI, the out-of-limit count is a deviation that QA decided, S04's batch failed."""
    short = session.exec(
        select(Collection, Collected).join(Collected, col(Collected.collection_code) == Collection.code)
        .where(Collection.subject_code == subject(session, "S02").code).order_by(col(Collection.ordinal))
    ).all()  # fmt: skip
    assert [order.ordinal for order, _ in short] == [1, 2]
    assert short[0][1].volume_ml < 10 <= short[1][1].volume_ml
    assert short[0][0].because is None and "The first marrow had 6 mL" in (short[1][0].because or "")
    batches = session.exec(select(Batch).where(Batch.chain == short[0][0].subject_code)).all()
    assert [one.collection_code for one in batches] == [short[1][0].code]
    counted = session.exec(
        select(Deviation, StepDeviation, DeviationDecided).join(StepDeviation, col(StepDeviation.deviation_code) == Deviation.code)
        .join(DeviationDecided, col(DeviationDecided.deviation_code) == Deviation.code)
        .where(Deviation.chain == subject(session, "S03").code, StepDeviation.step == "MNC-4")
    ).all()  # fmt: skip
    assert [(step.level, decided.accepted, decided.by) for _, step, decided in counted] == [("decide", True, "QA2")]
    assert counted[0][0].sentence == "MNC-4: Viability is 68.39 %; it must be at least 70 %."
    failed = subject(session, "S04").code
    assert session.exec(select(BatchDecision.decision).where(BatchDecision.chain == failed)).all() == ["rejected"]
    assert session.exec(select(Label).where(Label.ended_how == "void")).all()


# ---- the simulation ----

WHOLE = "3 infusions given"
OUTCOMES = {
    "S01": WHOLE, "S02": "1 infusion given, withdrawn", "S03": WHOLE, "S04": "0 infusions given, withdrawn",
    "S05": "2 infusions given, withdrawn", "S06": WHOLE, "S07": WHOLE, "S08": "0 infusions given, withdrawn", "S09": WHOLE,
    "S10": "2 infusions given, withdrawn", "S11": "2 infusions given, withdrawn", "S12": WHOLE,
}  # fmt: skip


@dataclass
class Simulated:
    """The whole trial as it was told, its database, and the keys to what is sealed in it."""

    said: list[str]
    session: Session
    keyring: Keyring

    def of(self, number: str, kind: Any, *such: Any) -> list[Any]:
        """The rows of one subject."""
        return list(self.session.exec(select(kind).where(kind.chain == subject(self.session, number).code, *such)).all())


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    folder = tmp_path_factory.mktemp("simulated")
    url, keys = f"sqlite:///{folder}/simulation.db", folder / "keys"
    said: list[str] = []
    assert simulation.run(subjects=12, seed=7, say=said.append, database_url=url, keys_dir=keys) == []
    engine = connect(url)
    with Session(engine) as session:
        yield Simulated(said, session, Keyring.at(keys))
    engine.dispose()


def told(subjects: int, seed: int, url: str = "") -> list[str]:
    said: list[str] = []
    assert simulation.run(subjects=subjects, seed=seed, say=said.append, database_url=url) == []
    return said


def test_the_whole_trial_ends_with_every_vial_and_label_accounted_for(simulated: Simulated) -> None:
    """Twelve subjects with every incident so far (decision M2)."""
    said = simulated.said
    account = said[said.index("The account:") + 1 :]
    vials = dict(line.split("; ", 1) for line in account[:12])
    assert list(vials) == [f"{number}: {outcome}, closed" for number, outcome in OUTCOMES.items()]
    for line in vials.values():
        filled, *parts = (int(n) for n in re.findall(r"\d+", line)) if line[0].isdigit() else (0,)
        assert filled == sum(parts) and filled in (0, 14), line
    assert "IN NO PLACE" not in " ".join(account)
    printed, *fates = (int(n) for n in re.findall(r"\d+", account[12]))
    assert printed == sum(fates)
    assert fates[2] >= 1, "the smeared label is void"
    assert account[13:] == ["verify: no fault."]
    assert any(line.startswith("S13: screening refused.") and "the age must be 18 to 65 years, and it is not" in line for line in said)


def test_the_simulation_ends_in_the_past_with_every_incident_in_its_rows(simulated: Simulated) -> None:
    """Decision M2: its clock is its own, and what it told happened."""
    session = simulated.session
    assert simulation.BEGINS_AT < last_entry(session) < simulation.BEGINS_AT + simulation.LASTS < utc_now()
    assert session.exec(select(Subject.number).order_by(Subject.number)).all() == [script.who.number for script in SCRIPTS]
    the_incidents_are_in_the_rows(session)


def test_the_simulation_treats_with_every_incident_in_its_rows(simulated: Simulated) -> None:
    """Germs found late and in a dose, one arm told, a syringe broken, a dose stopped, an infusion never given because of its day."""
    of = simulated.of
    assert [one.decision for one in of("S08", BatchDecision)] == ["rejected"]
    assert of("S07", Result, Result.test == "CD34")[0].verdict == "out"
    assert [one.verdict for one in of("S05", Result, Result.value == "growth")] == ["out"]
    assert {one.about for one in of("S05", Hold)} >= {subject(simulated.session, "S05").code}
    assert len(of("S06", Dose)) == 4 and [one.ended_why for one in of("S06", Dose) if one.ended_at] == ["It was disposed of: broken."]
    assert [one.by for one in of("S09", Unmasked)] == ["PHYS2"]
    assert [one.stopped_because != "" for one in of("S12", Finished)].count(True) == 1
    for number in ("S07", "S12"):  # F2
        assert [one.step for one in of(number, PrepCorrected)] == ["wash"]
        assert [one.ended_by for one in of(number, Hold, Hold.cause == "dose.correct")] == ["UQA1"]
    assert len(of("S11", Administration)) == len(of("S10", Administration)) == 2


def test_a_slow_grower_doubles_in_about_ninety_hours_and_the_others_do_not(simulated: Simulated) -> None:
    times = {one.who.number: simulated.of(one.who.number, Calculated, Calculated.field == "doubling_time") for one in SCRIPTS}
    slow = [(row.passage, row.level) for row in times["S07"] if 88 < Decimal(row.value) < 92]
    assert slow == [("P1", "alert")]
    assert all(20 < Decimal(row.value) < 45 for number, rows in times.items() for row in rows if (number, row.passage) != ("S07", "P1"))


def test_the_culture_of_the_second_dose_grows_on_day_nine(simulated: Simulated) -> None:
    (grown,) = simulated.of("S05", Result, Result.value == "growth")
    (asked,) = simulated.of("S05", SampleTest, SampleTest.container_code == grown.container_code, SampleTest.test == grown.test)
    (given,) = simulated.of("S05", Administration, Administration.infusion == 2)
    trial = current(simulated.session).trial
    assert asked.dose_code == given.dose_code
    assert local_day(trial, grown.at) - local_day(trial, given.started_at) == timedelta(days=9)


def test_the_last_infusion_of_s11_is_refused_by_one_day(simulated: Simulated) -> None:
    session, coi = simulated.session, subject(simulated.session, "S11").code
    tried = [json.loads(one.body) for one in session.exec(select(Entry).where(Entry.chain == coi, Entry.act == "dose.order"))]
    (refused,) = [one for one in tried if one["refused"]]
    (took,) = simulated.of("S11", Collected)
    trial = current(session).trial
    collected = local_day(trial, took.ended_at)
    _, last = window(trial, collected)
    day = last + timedelta(days=1)
    assert (refused["inputs"]["infusion"], local_day(trial, instant(refused["inputs"]["planned_at"]))) == (3, day)
    assert refused["refused"] == [
        f"The window closed on {last}, 6 calendar months after the collection of {collected}; the day is {day}."
    ]  # fmt: skip


def test_all_three_arms_are_treated_each_by_its_own_route(simulated: Simulated) -> None:
    """The list has four lines of each arm; the two subjects without a bank draw none."""
    session = simulated.session
    routes = {one.coi: one.route for one in session.exec(select(RouteOpened))}
    arms = {coi: arm_of(session, simulated.keyring, coi) for coi in routes}
    assert len(routes) == 10
    known = current(session).trial.arms
    assert set(arms.values()) == set(known) and len(known) == 3
    assert all(known[arm].route == routes[coi] for coi, arm in arms.items() if arm)
    assert all(2 <= many <= 4 for many in Counter(arms.values()).values())
    assert {session.exec(select(Administration.infusion).where(Administration.coi == coi)).first() for coi in routes} == {1}


def test_each_subject_has_a_weight_and_an_endotoxin_limit_of_their_own(simulated: Simulated) -> None:
    """48 to 86 kg; EU/kg/h times kg, by the mL that go in within the hour: 0.2 and 3 mL with the flush (OMM), 5 and 10 mL (ICA)."""
    session = simulated.session
    weights = [Decimal(script.who.weight_kg) for script in SCRIPTS]
    assert len(set(weights)) == 12 and (min(weights), max(weights)) == (Decimal("48.0"), Decimal("86.0"))
    limits: dict[str, set[str]] = {"OMM": set(), "ICA": set()}
    for script in SCRIPTS:
        number, weight = script.who.number, Decimal(script.who.weight_kg)
        orders = simulated.of(number, Order)
        assert {one.weight_kg for one in orders} <= {weight}
        carried = {one.limit for one in simulated.of(number, SampleTest, col(SampleTest.dose_code).is_not(None)) if one.test == "endotoxin"}
        worked = {"OMM": Decimal("0.2") * weight / 3, "ICA": 5 * weight / 10}
        for route in {one.route for one in orders}:
            (limit,) = carried
            assert limit == f"<= {worked[route].quantize(Decimal('0.0001'), ROUND_DOWN).normalize():f}"
            limits[route].add(limit)
    drawn = Counter(one.route for one in session.exec(select(RouteOpened)))
    assert {route: len(found) for route, found in limits.items()} == drawn, "no two subjects of a route have one limit"


def test_the_same_seed_tells_the_same_story_without_codes() -> None:
    """What happens comes from the seed; codes and keys do not, and none is printed (decision M2)."""
    first, second = told(1, 3), marrowline("simulate", "--subjects", "1", "--seed", "3")
    assert first == second
    assert not re.search(r"\b[SCLWPETBDK][0-9A-HJKMNP-TV-Z]{12}\b", " ".join(first))


def test_the_story_is_the_same_on_both_engines(store: Sqlite | Postgres) -> None:
    url = store.make("simulated")
    said = told(1, 5, url)
    assert said[-1] == "verify: no fault."
    store.drop(url)


# ---- the demonstration ----


@dataclass
class Shown:
    """A demonstration: what was printed, when the command began, and the record."""

    said: list[str]
    began: datetime
    ledger: Ledger


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder, began = tmp_path_factory.mktemp("demo"), utc_now()
    settled = {"database_url": f"sqlite:///{folder}/demo.db", "keys_dir": str(folder / "keys")}
    said = marrowline("demo", "--no-serve", templates_dir=str(story.FOLDER.parent), **settled)
    ledger = opened(Settings(**settled, argon_time=1, argon_memory_kib=8))  # type: ignore[arg-type]
    yield Shown(said, began, ledger)
    ledger.engine.dispose()


def test_the_demonstration_prints_who_plays_in_it_and_with_which_password(shown: Shown) -> None:
    assert is_demo(shown.ledger)
    assert f"Everybody's password is: {PASSWORD}" in shown.said
    for one in CAST:
        assert f"{one.person} {one.name} {', '.join(one.roles)}" in [" ".join(line.split()) for line in shown.said]
    assert shown.said[-2].startswith("Begin as TECH1: subject S09 is at MNC-4")


def test_the_demonstration_leaves_each_subject_where_it_can_be_looked_at(shown: Shown) -> None:
    """One in isolation at MNC-4, one to enrol, banks in the freezer (decision M1): as it is printed, and in the rows."""
    said = " ".join(shown.said)
    for part in (
        "S09: MNC-4 is next",
        "S11: enrolled",
        "S10: harvest ordered",
        "S01: closed.",
        "S02: infusion 1 was given just now.",
        "S03: the vials of infusion 1 are freshly thawed",
        "S04: batch rejected",
        "S05: the bank is tested and waits for its release.",
        "S12: free",
    ):
        assert part in said
    with shown.ledger.read() as session:
        assert session.exec(select(Subject.number).order_by(Subject.number)).all() == [one.who.number for one in SCRIPTS[:-1]]
        [batch] = session.exec(select(Batch).where(Batch.chain == subject(session, "S09").code)).all()
        assert course_of(session, batch).next == ("MNC-4", None)
        the_incidents_are_in_the_rows(session)


def test_two_people_of_one_name_and_birth_date_are_two_subjects(shown: Shown) -> None:
    with shown.ledger.read() as session:
        pair = [subject(session, number) for number in ("S05", "S06")]
        who = [identity_of(session, shown.ledger.keyring, row) for row in pair]
    assert pair[0].code != pair[1].code
    assert (who[0].full_name, who[0].birth_date) == (who[1].full_name, who[1].birth_date) == ("Wang Wei", "1968-05-19")
    assert who[0].record_number != who[1].record_number
    assert (pair[0].third_identifier, bool(pair[1].third_identifier)) == (None, True)


def test_the_demonstration_ends_one_minute_before_it_was_begun_and_runs_on_from_there(shown: Shown) -> None:
    """Decision M1: nothing in it is of the future, so whoever opens it goes on with the clock of the day."""
    with shown.ledger.read() as session:
        last = last_entry(session)
    assert shown.began - timedelta(hours=1) < last < shown.began
    assert last <= shown.began - timedelta(seconds=55)
    receipt = shown.ledger.do("access.sign_in", by=by("TECH1"))
    assert receipt.at > last


def test_the_demonstration_verifies(shown: Shown) -> None:
    assert list(verify(shown.ledger.engine)) == []

"""Twins: two tellings of one story for one subject that differ in one line of the randomisation list (decision R5).

Both draw the same codes and act ids and have the same clock, so that a code drawn once more, a row in another place or a clock read once
more is seen as a difference. What is left to put out of sight is keys, ciphertext, signatures and hashes.
"""

import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from types import SimpleNamespace
from unittest import mock

import pytest

from backend.dose.models import DoseFilled
from backend.ledger import Ledger, Refused
from backend.rehearsal import bank, doses
from backend.rehearsal.player import Player, furnish
from backend.trial.reads import current
from tests import story
from tests.people import by, sign

ARMS = ("ommaya", "ica_low", "ica_high")


@dataclass(frozen=True)
class Telling:
    """A telling at some point: its subject, its bank, its dose, and what was drawn before the tellings could differ."""

    run: story.Run
    common: frozenset[str] = frozenset()
    order: str = ""
    dose: doses.Prepared | None = None
    administration: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that everything turns on: the subject, the wristband, the bank, the order, the dose, its syringe and label."""
        return (self.run.harvest.coi, self.run.harvest.wristband, self.run.batch, *self.of_dose)

    @property
    def of_dose(self) -> tuple[str, ...]:
        """The order, the dose, its syringe and its label, when there are any."""
        return (self.order, self.dose.dose, self.dose.syringe, self.dose.label) if self.dose else ()


@contextmanager
def alike(seed: str) -> Iterator[None]:
    """Codes, act ids, salts and the order of the kept list are drawn as in every other telling with this seed; no real time counts."""
    drawn = random.Random(seed)  # in place of chance, for two tellings to be compared
    same = SimpleNamespace(choice=drawn.choice)
    ids = SimpleNamespace(uuid4=lambda: uuid.UUID(int=drawn.getrandbits(128), version=4))
    lines = SimpleNamespace(SystemRandom=lambda: drawn)
    salts = SimpleNamespace(token_hex=lambda size: drawn.randbytes(size).hex())
    with (
        mock.patch("labels.codes.secrets", same), mock.patch("backend.ledger.perform.uuid", ids),
        mock.patch("backend.masking.acts.secrets", lines), mock.patch("backend.dossier.acts.secrets", salts),
        mock.patch("backend.ledger.acts.too_often", lambda who: False),
    ):  # fmt: skip
        yield


def until_the_freezer(ledger: Ledger) -> story.Run:
    """One subject's vials are in two tanks; the list is not imported yet, so this is the same in every telling."""
    folder = story.folder_approved(ledger)
    coi = story.enrol(ledger)
    harvest = story.harvested(ledger, story.Enrolled(folder, coi, wristband=story.bind(ledger, coi)))
    story.collect(ledger, harvest)
    story.pack(ledger, harvest)
    story.receive(ledger, harvest)
    with ledger.read() as session:
        master = current(session).master
    boxes = story.places_built(ledger)
    player = Player(furnish(ledger, master, tuple(tuple(one) for one in boxes.positions)))
    run = story.Run(harvest, player.open(ledger, harvest.collection), player)
    player.play_until(ledger, run.batch)
    return run


def the_list(arm: str) -> str:
    """Twelve lines, four of each arm; this story's subject gets the first. Two lists differ in two lines that changed places."""
    first = {"ica_low": (1, 2, 0), "ica_high": (2, 1, 0), "ommaya": (0, 2, 1)}[arm]
    arms = [ARMS[n] for n in first + (0, 1, 2) * 3]
    return "line,arm\n" + "".join(f"{n},{one}\n" for n, one in enumerate(arms, 1))


def bank_released(run: story.Run, arm: str) -> Callable[[Ledger], Telling]:
    """The list is sealed, the bank tested and released; the route is not open."""

    def told(ledger: Ledger) -> Telling:
        text = the_list(arm)
        with alike("until the release"):
            common = frozenset(codes(ledger, "SELECT code FROM code"))
            given = {"text": text, "checksum": story.checksum(text)}
            ledger.do("masking.import_list", given, by=by("RAND1"), signatures=sign("RAND1", "UQA1"))
            story.advance(ledger, days=30)
            bank.type_reference(ledger, run.harvest.coi)
            bank.test_bank(ledger, run.batch)
            bank.release(ledger, run.batch)
        return Telling(run, common)

    return told


def dose_released(before: Telling, arm: str) -> Callable[[Ledger], Telling]:
    """The route is open, infusion 1 ordered, its dose prepared, its wash corrected (F2), released and on the ward; nothing is given."""

    del arm  # it is in the list

    def told(ledger: Ledger) -> Telling:
        with alike("until the ward"):
            doses.open_route(ledger, before.run.harvest.coi)
            order = doses.order(ledger, before.run.harvest.coi, 1)
            with mock.patch.object(doses, "twice", with_slips(doses.twice)):
                dose = doses.prepare(ledger, order, misread=True)
            doses.bring(ledger, dose)
        return replace(before, order=order, dose=dose)

    return told


def with_slips(twice: Callable[..., None]) -> Callable[..., None]:
    """Preparers err before they do it right: a washing read otherwise twice, a point in the wrong place, the other arm's volumes."""
    erred: set[str] = set()

    def told(ledger: Ledger, step: str, again: str, dose: str, first: Mapping[str, str], second: Mapping[str, str]) -> None:
        if step == "wash" and step not in erred:  # when it is read again after its correction they do not
            erred.add(step)
            for _ in range(2):
                twice(ledger, step, again, dose, first, {**second, "wash_ml": "44.0"})
            deviation = codes(ledger, "SELECT deviation_code FROM dose_deviation")[0]
            decided = {"deviation": deviation, "decision": "accept"}
            ledger.do("dose.decide_deviation", decided, by=by("UQA1"), signatures=sign("UQA1"), reason="The cylinder was read at its rim.")
        if step == "formulate":
            for wrong in slips(first):
                with pytest.raises(Refused):
                    ledger.do("dose.formulate", {"dose": dose, **wrong}, by=by("PREP1"), signatures=sign("PREP1"))
        twice(ledger, step, again, dose, first, second)

    return told


def slips(right: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Volumes that must be refused: ten times as much, a tenth, and what the other arm of the route would need."""
    name = "drawn_ml" if "drawn_ml" in right else "diluent_ml"
    yield {**right, name: str(Decimal(right[name]) * 10)}
    yield {**right, name: str(Decimal(right[name]) / 10)}
    if name == "drawn_ml":
        drawn, both = Decimal(right["drawn_ml"]), Decimal(right["drawn_ml"]) + Decimal(right["diluent_ml"])
        other = drawn * 4 if drawn < 1 else drawn / 4
        yield {**right, "drawn_ml": str(other), "diluent_ml": str(both - other)}


def given(before: Telling, arm: str) -> Callable[[Ledger], Telling]:
    """Infusion 1 was given, the subject is cleared, the day-14 sterility is read, both editions of the record are printed."""

    del arm  # it is in the list

    def told(ledger: Ledger) -> Telling:
        assert before.dose is not None
        coi = before.run.harvest.coi
        with alike("until day 14"):
            administration = doses.give(ledger, before.dose, before.run.harvest.wristband)
            story.advance(ledger, minutes=25)
            with ledger.read() as session:
                whole = session.get_one(DoseFilled, before.dose.dose).label_ml
            doses.finish(ledger, administration, str(whole), "0.0")
            story.advance(ledger, days=14)
            doses.read_sterility(ledger, before.run.batch, before.dose.dose)
            doses.clear(ledger, coi, 1)
            noticed = {"about": before.dose.syringe, "sentence": "The lid of the box was scratched.", "grade": "minor"}
            ledger.do("quality.open", noticed, by=by("NURS1"))
            held = {"about": before.dose.syringe, "why": "The box is looked at."}
            ledger.do("quality.place_hold", held, by=by("QA1"), signatures=sign("QA1"))
            for person, edition in (("QA3", "masked"), ("UQA2", "full")):
                ledger.do("dossier.print_record", {"subject": coi, "edition": edition}, by=by(person))
        return replace(before, administration=administration)

    return told


def codes(ledger: Ledger, sql: str) -> list[str]:
    with ledger.engine.connect() as conn:
        return [str(row[0]) for row in conn.exec_driver_sql(sql)]

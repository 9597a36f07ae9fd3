"""One bank on whose way something of every kind went wrong, each by the acts that people would do, and which may be released still."""

from datetime import timedelta

import pytest
from sqlmodel import select

from backend.batch.rules import Where
from backend.custody.models import Container, Label, LabelApplied
from backend.ledger import Ledger, Refused
from backend.rehearsal.player import args, pass_time
from backend.rehearsal.usual import usual
from tests import story
from tests.people import by, sign
from tests.release.acting import deviate, lift_all, record, report_all, result_of, review, sample_of, settle, settle_all

CRY1: Where = ("CRY-1", None)
CRY2: Where = ("CRY-2", None)
CRY3: Where = ("CRY-3", None)


def eventful(ledger: Ledger, run: story.Run) -> story.Run:
    """From the samples for release to a reviewed bank, with something of every kind out of the ordinary."""
    player, batch = run.player, run.batch
    pass_time(ledger, timedelta(hours=5))  # the harvest lies open for too long
    player.play_until(ledger, batch, "CRY-1")
    settle_all(ledger, batch)
    _mismatch_and_correction(ledger, run)
    _slips_at_the_bench(ledger, run)
    _late_second_reading(ledger, run)
    pass_time(ledger, timedelta(minutes=31))  # in DMSO for longer than the alert
    player.play_until(ledger, batch)
    _labels(ledger, run)
    _carried_late(ledger, run)
    settle(ledger, deviate(ledger, batch))
    _tests(ledger, run)
    return run


def _mismatch_and_correction(ledger: Ledger, run: story.Run) -> None:
    """The second person reads another temperature; both read again; what both signed is corrected to an alert, and QA lifts the hold."""
    player, batch = run.player, run.batch
    first = usual("CRY-1", "")
    player.perform(ledger, batch, CRY1, first)
    player.verify(ledger, batch, CRY1, first | {"temperature": "5.0"})
    player.perform(ledger, batch, CRY1, first)
    player.verify(ledger, batch, CRY1, first)
    given = args(batch, CRY1) | {"field": "temperature", "value": "9.0"}
    ledger.do("batch.correct", given, by=by("TECH1"), signatures=sign("TECH1"), reason="The display was misread.")
    player.sign(ledger, batch, CRY1, "TECH1")
    player.note(ledger, batch, CRY1, "temperature", "9.0", "TECH2", "The display was misread.")
    ledger.do("batch.verify", args(batch, CRY1), by=by("TECH2"), signatures=sign("TECH2"), shown=player.shown(ledger, batch, CRY1))
    lift_all(ledger, batch)


def _slips_at_the_bench(ledger: Ledger, run: story.Run) -> None:
    """Somebody begins and gives back, a wrong lot is refused, a right one taken out again, a code typed, a volume typed anew."""
    player, batch, laboratory = run.player, run.batch, run.player.laboratory
    player.note(ledger, batch, CRY2, "volume", "14.4", "TECH3")
    ledger.do("batch.give_back", args(batch, CRY2), by=by("TECH3"))
    with pytest.raises(Refused, match="does not ask for a lot of DMSO"):
        player.scan(ledger, batch, CRY2, laboratory.lots["DMSO"])
    pump, balance = laboratory.equipment["filling pump"], laboratory.equipment["balance"]
    player.scan(ledger, batch, CRY2, pump)
    ledger.do("batch.unscan", args(batch, CRY2) | {"code": pump}, by=by("TECH1"), reason="It was the wrong pump.")
    ledger.do("batch.scan", args(batch, CRY2) | {"code": balance, "how": "typed"}, by=by("TECH1"))
    player.note(ledger, batch, CRY2, "volume", "13.4")
    player.note(ledger, batch, CRY2, "volume", "14.4", why="A slip of the finger.")
    player.play_step(ledger, batch, CRY2)


def _late_second_reading(ledger: Ledger, run: story.Run) -> None:
    player, first = run.player, usual("CRY-3", "")
    player.perform(ledger, run.batch, CRY3, first)
    pass_time(ledger, timedelta(minutes=6))
    player.verify(ledger, run.batch, CRY3, first)


def _labels(ledger: Ledger, run: story.Run) -> None:
    """A smeared label is printed anew, and that of an emptied tube made void."""
    with ledger.read() as session:
        rows = session.exec(
            select(Label.code, Container.kind).join(Container, Container.code == Label.of_code)
            .join(LabelApplied, LabelApplied.label_code == Label.code).where(Label.batch_code == run.batch)
        ).all()  # fmt: skip
    vial, tube = (next(code for code, kind in rows if kind == wanted) for wanted in ("cryovial", "harvest tube"))
    ledger.do("custody.reprint_label", {"label": vial}, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="It is smeared.")
    run.player.put_labels_on(ledger, run.batch)
    ledger.do("custody.void_label", {"label": tube}, by=by("TECH1"), reason="The tube is empty.")


def _carried_late(ledger: Ledger, run: story.Run) -> None:
    """A sample takes ten minutes where five were allowed."""
    over = {"container": [sample_of(ledger, run, "potency")], "condition": "intact", "temperature_c": "20"}
    ledger.do("custody.hand_over", over | {"to": "the analysts", "within_minutes": "5"}, by=by("TECH1"))
    pass_time(ledger, timedelta(minutes=10))
    ledger.do("custody.receive", over, by=by("ANA1"))


def _tests(ledger: Ledger, run: story.Run) -> None:
    """One marker is too low, QA accepts that, and the test done again is close to its limit."""
    report_all(ledger, run, CD73="91.0")
    sample = sample_of(ledger, run, "CD73")
    settle_all(ledger, run.batch)
    record(ledger, sample, "CD73", "95.2", "testing.repeat", reason="A second tube was stained.")
    review(ledger, result_of(ledger, sample, "CD73"))

"""The short form of `python -m tests.ledger.kill`: a writer dies in the middle, the record does not."""

from tests.conftest import Stages
from tests.ledger.kill import rounds, staged


def test_a_killed_writer_loses_nothing_that_was_acknowledged(stages: Stages) -> None:
    answer = rounds(*staged(stages), 4)
    assert (answer.rounds, answer.lost, answer.halves, answer.faults) == (4, [], [], [])
    assert answer.acknowledged >= answer.across >= 4

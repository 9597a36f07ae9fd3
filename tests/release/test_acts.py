"""Releasing and rejecting a bank: who may, on what, once."""

from sqlmodel import select
import pytest
from backend.batch.models import BatchDecision
from backend.ledger import Refused
from backend.release.reads import is_released
from tests.conftest import At
from tests.release.acting import decide


def batch_of(here: At) -> str:
    return here.told.batch  # type: ignore[attr-defined,no-any-return]


def test_smoke(tested: At) -> None:
    batch = batch_of(tested)
    decide(tested.ledger, batch)
    with tested.ledger.read() as session:
        row = session.get_one(BatchDecision, batch)
        assert (row.decision, row.by, row.why) == ("released", "QA2", "")
        assert is_released(session, batch)
    from tests.visit import signed_in, words
    page = signed_in(tested.ledger, "QA2").get(f"/batches/{batch}/release")
    print(words(page))
    assert page.status_code == 200


def test_smoke2(tested: At) -> None:
    batch = batch_of(tested)
    from tests.visit import signed_in, words
    page = signed_in(tested.ledger, "QA1").get(f"/batches/{batch}/release")
    print(words(page))
    assert page.status_code == 200
    assert 0

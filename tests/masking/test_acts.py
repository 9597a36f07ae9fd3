"""The randomisation list is imported once, by two people who see no subject, and nobody reads an arm (decisions S2, R1)."""

from collections.abc import Callable

import pytest
from sqlmodel import select

from backend.ledger import Ledger, NotAllowed, Refused
from backend.masking.models import RandomisationLine, RandomisationList
from backend.masking.reads import list_view
from tests import story
from tests.conftest import At
from tests.people import by, sign

GIVEN = {"text": story.LIST, "checksum": story.checksum()}


@pytest.fixture
def approved(at: Callable[..., At]) -> Ledger:
    return at("folder_approved", story.folder_approved).ledger


def test_the_list_is_sealed_line_by_line(approved: Ledger) -> None:
    approved.do("masking.import_list", GIVEN, by=by("RAND1"), signatures=sign("RAND1", "UQA1"))
    with approved.read() as session:
        view = list_view(session)
        lines = session.exec(select(RandomisationLine)).all()
        kept = session.exec(select(RandomisationList)).one()
        opened = {
            approved.keyring.open(session, "randomisation", row.line): approved.keyring.open(session, "randomisation", row.arm)
            for row in lines
        }
    assert view is not None
    assert (view.lines, view.by) == (12, ("Ren Da", "Wu Qing"))
    assert opened == {str(n): story.ARMS[n * 7 % 3] for n in range(1, 13)}
    assert len({len(row.arm) for row in lines} | {len(kept.checksum)}) == 1  # no length tells an arm


def test_no_arm_and_no_checksum_stands_in_the_record(approved: Ledger) -> None:
    wrong = {"text": story.LIST.replace("5,ica_low", "5,ica_high").replace("5,ica_high", "5,ommaya"), "checksum": story.checksum()}
    with pytest.raises(Refused):
        approved.do("masking.import_list", wrong, by=by("RAND1"), signatures=sign("RAND1", "UQA1"))
    approved.do("masking.import_list", GIVEN, by=by("RAND1"), signatures=sign("RAND1", "UQA1"))
    with approved.engine.connect() as conn:
        bodies = [bytes(row[0]) for row in conn.exec_driver_sql("SELECT body FROM entry WHERE act = 'masking.import_list'")]
    assert len(bodies) == 2
    for word in (*story.ARMS, story.checksum(), "line,arm"):
        assert not any(word.encode() in body for body in bodies)


def test_the_list_is_imported_once(approved: Ledger) -> None:
    approved.do("masking.import_list", GIVEN, by=by("RAND1"), signatures=sign("RAND1", "UQA1"))
    with pytest.raises(Refused, match="imported already"):
        approved.do("masking.import_list", GIVEN, by=by("RAND2"), signatures=sign("RAND2", "RAND1"))


@pytest.mark.parametrize("second", ["QA1", "PREP1", "ADM1"])
def test_the_second_person_is_unmasked(approved: Ledger, second: str) -> None:
    with pytest.raises(Refused, match="The second signature is for randomiser or unmasked qa"):
        approved.do("masking.import_list", GIVEN, by=by("RAND1"), signatures=sign("RAND1", second))


@pytest.mark.parametrize("person", ["QA1", "COOR1", "ADM1", "UQA1"])
def test_nobody_imports_it_but_a_randomiser(approved: Ledger, person: str) -> None:
    with pytest.raises(NotAllowed):
        approved.do("masking.import_list", GIVEN, by=by(person), signatures=sign(person, "RAND1"))


def test_one_person_alone_does_not_import_it(approved: Ledger) -> None:
    with pytest.raises(Refused, match="1 of 2 signatures"):
        approved.do("masking.import_list", GIVEN, by=by("RAND1"), signatures=sign("RAND1"))


def test_a_wrong_list_is_refused_with_every_reason(approved: Ledger) -> None:
    with pytest.raises(Refused) as no:
        approved.do("masking.import_list", GIVEN | {"text": "line,arm\n1,x\n"}, by=by("RAND1"), signatures=sign("RAND1", "UQA1"))
    assert len(no.value.reasons) == 4
    with approved.read() as session:
        assert list_view(session) is None


def test_without_an_approved_folder_there_are_no_arms_to_compare_with(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="No trial folder is approved"):
        ledger.do("masking.import_list", GIVEN, by=by("RAND1"), signatures=sign("RAND1", "UQA1"))


def test_subjects_that_no_equal_arms_can_share_are_refused(ledger: Ledger) -> None:
    files = dict(story.folder_files())
    files["trial.yaml"] = files["trial.yaml"].replace(b"at_most: 12", b"at_most: 13")
    story.approve(ledger, ledger.do("trial.propose_folder", {"files": files}, by=by("TECH3"), signatures=sign("TECH3")).result)
    with pytest.raises(Refused, match="13 subjects cannot be shared equally by 3 arms"):
        ledger.do("masking.import_list", GIVEN, by=by("RAND1"), signatures=sign("RAND1", "UQA1"))

"""The trial folder: proposed with every fault named, approved by two people of whom neither wrote it; and the trial's status."""

from collections.abc import Callable

import pytest
from sqlmodel import select

from backend.ledger import Ledger, NotAllowed, Refused
from backend.trial.models import FolderApproved, FolderFile, FolderProposed
from backend.trial.reads import current, folder_in_force_code, folders, shown_folder, status, status_lines
from backend.trial.rules import fingerprint
from tests import story
from tests.conftest import At
from tests.people import by, sign


@pytest.fixture
def proposed(at: Callable[..., At]) -> At:
    return at("folder_proposed", story.folder_proposed)


@pytest.fixture
def approved(at: Callable[..., At]) -> At:
    return at("folder_approved", story.folder_approved)


def _digest(ledger: Ledger, folder: str) -> str:
    from backend.ledger import digest_of

    with ledger.read() as session:
        return digest_of(shown_folder(session, folder=folder))


def test_the_kept_files_are_the_files_byte_for_byte(proposed: At) -> None:
    with proposed.ledger.read() as session:
        row = session.exec(select(FolderProposed)).one()
        kept = {f.name: f.text.encode() for f in session.exec(select(FolderFile))}
    assert kept == story.folder_files()
    assert row.fingerprint == fingerprint(story.FOLDER)
    assert row.by == "TECH3"


def test_a_folder_with_faults_is_refused_with_file_and_line(ledger: Ledger) -> None:
    wrong = dict(story.folder_files())
    wrong["trial.yaml"] = wrong["trial.yaml"].replace(b"kind: years", b"kind: ages").replace(b"count: 3", b"count: three")
    with pytest.raises(Refused) as no:
        ledger.do("trial.propose_folder", {"files": wrong}, by=by("TECH3"), signatures=sign("TECH3"))
    assert len(no.value.reasons) >= 2
    assert all(reason.startswith("trial.yaml:") for reason in no.value.reasons)


def test_a_file_that_is_no_text_is_refused(ledger: Ledger) -> None:
    wrong = dict(story.folder_files()) | {"labels.yaml": b"\xff\xfe\x00"}
    with pytest.raises(Refused, match=r"labels\.yaml:1"):
        ledger.do("trial.propose_folder", {"files": wrong}, by=by("TECH3"), signatures=sign("TECH3"))


def test_the_same_files_are_proposed_once(proposed: At) -> None:
    with pytest.raises(Refused, match="exactly these files was proposed already"):
        proposed.ledger.do("trial.propose_folder", {"files": story.folder_files()}, by=by("QA2"), signatures=sign("QA2"))


def test_an_unapproved_folder_is_not_in_force(proposed: At) -> None:
    with proposed.ledger.read() as session, pytest.raises(Refused, match="No trial folder is approved"):
        current(session)


def test_an_approved_folder_is_in_force(approved: At) -> None:
    with approved.ledger.read() as session:
        assert current(session).trial.trial == "NCT06997939"
        assert folder_in_force_code(session) == approved.told
        line = folders(session)[0][0]
    assert line.in_force
    assert line.approved_by == ("Chen Min", "Pan Hao")


def test_a_later_folder_replaces_the_one_before(approved: At) -> None:
    later = dict(story.folder_files())
    later["trial.yaml"] = later["trial.yaml"].replace(b'version: "1.0"', b'version: "1.1"')
    code = approved.ledger.do("trial.propose_folder", {"files": later}, by=by("TECH3"), signatures=sign("TECH3")).result
    with approved.ledger.read() as session:
        assert current(session).trial.version == "1.0"
    story.approve(approved.ledger, code)
    with approved.ledger.read() as session:
        assert current(session).trial.version == "1.1"
        assert [line.in_force for line in folders(session)[0]] == [True, False]


@pytest.mark.parametrize(("person", "second", "words"), [("QA1", "QA2", "You proposed this"), ("QA2", "QA1", "The second person proposed")])
def test_the_author_neither_approves_nor_witnesses(ledger: Ledger, person: str, second: str, words: str) -> None:
    code = ledger.do("trial.propose_folder", {"files": story.folder_files()}, by=by("QA1"), signatures=sign("QA1")).result
    with pytest.raises(Refused, match=words):
        ledger.do(
            "trial.approve_folder", {"folder": code}, by=by(person), signatures=sign(person, second), shown=_digest(ledger, code)
        )  # fmt: skip
    with ledger.read() as session:
        assert session.exec(select(FolderApproved)).all() == []


def test_a_folder_is_approved_once(approved: At) -> None:
    digest = _digest(approved.ledger, str(approved.told))
    with pytest.raises(Refused, match="approved already"):
        approved.ledger.do(
            "trial.approve_folder", {"folder": approved.told}, by=by("QA2"), signatures=sign("QA2", "COOR1"), shown=digest
        )  # fmt: skip


def test_nobody_approves_what_they_have_not_seen(proposed: At) -> None:
    with pytest.raises(Refused, match="changed while you were reading"):
        proposed.ledger.do(
            "trial.approve_folder", {"folder": proposed.told}, by=by("QA1"), signatures=sign("QA1", "PHYS1"), shown="0" * 64
        )  # fmt: skip


def test_a_technician_does_not_approve(proposed: At) -> None:
    with pytest.raises(NotAllowed):
        proposed.ledger.do("trial.approve_folder", {"folder": proposed.told}, by=by("TECH1"), signatures=sign("TECH1", "QA1"))


def _set(ledger: Ledger, word: str) -> None:
    ledger.do("trial.set_status", {"status_is": word, "why": "Decided by the sponsor."}, by=by("QA1"), signatures=sign("QA1"))


def test_the_trial_is_suspended_and_goes_on_until_it_is_stopped(approved: At) -> None:
    ledger = approved.ledger
    for word in ("suspended", "active", "stopped"):
        _set(ledger, word)
        with ledger.read() as session:
            assert status(session) == word
    with pytest.raises(Refused, match="does not start again"):
        _set(ledger, "active")
    with ledger.read() as session:
        assert [line.status for line in status_lines(session)] == ["stopped", "active", "suspended"]


def test_an_active_trial_is_not_set_active_again(approved: At) -> None:
    with pytest.raises(Refused, match="The trial is active already"):
        _set(approved.ledger, "active")

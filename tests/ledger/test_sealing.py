"""What must not be read: not in a dump, not by its length, not after its key is gone, and not forged unseen."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from backend.access.reads import names_of
from backend.ledger import Code, Ledger, Masked, Refused, SubjectCode
from backend.ledger.columns import Declared
from backend.ledger.models import Entry, SubjectKey
from backend.ledger.now import Now
from backend.ledger.now import seal as seal_value
from backend.ledger.reads import Reader, entries
from backend.ledger.sealing import Keyring, KeysLost, purpose_of
from backend.ledger.verify import verify
from tests.conftest import KEYRING
from tests.dump import raw_bytes
from tests.ledger.invented import BY, NAME, NUMBER, a_subject, acts, body_of

MASK, IDENTITY = Declared("masked"), Declared("identity")


def test_a_dump_shows_neither_name_nor_number_nor_what_was_refused(ledger: Ledger) -> None:
    def decline(now: Now, subject: SubjectCode) -> None:
        """Refused with a sentence that must stay sealed."""
        raise Refused("It does not conform.", sealed=("intracarotid low arm",))

    coi = a_subject(ledger)
    with acts(decline, writes=set()), pytest.raises(Refused):
        ledger.do("test.decline", {"subject": coi}, by=BY)
    dumped = raw_bytes(ledger)
    assert coi.encode() in dumped
    assert b"test.decline" in dumped
    for word in (NAME, *NAME.split(), NUMBER, NUMBER[4:], "intracarotid"):
        assert word.encode() not in dumped
        assert word.casefold().encode() not in dumped
        assert word.encode("utf-16-le") not in dumped


def test_no_length_tells_a_value(ledger: Ledger) -> None:  # decision S4
    lengths = set()
    for name, number in (("Li", "1"), ("Maximiliana " * 20, "9" * 250), ("李", "二")):
        coi = a_subject(ledger, name, number)
        with ledger.read() as session:
            lengths.add(len(session.exec(select(Entry.body).where(Entry.chain == coi)).one()))
    assert len(lengths) == 1


@given(st.text(max_size=60), st.sampled_from(["identity", "masked"]))
def test_what_is_sealed_opens_to_the_same_text_and_never_twice_to_the_same_bytes(text: str, purpose: Any) -> None:
    from sqlalchemy import create_engine
    from sqlmodel import Session, SQLModel

    ring, engine = Keyring(os.urandom(32)), create_engine("sqlite://")
    SQLModel.metadata.create_all(engine, tables=[SubjectKey.__table__])  # type: ignore[attr-defined]
    with Session(engine) as session:
        ring.make_keys(session.connection(), "S1")
        one, two = (ring.seal(session, "S1", purpose, text) for _ in range(2))
        assert ring.open(session, "S1", one) == ring.open(session, "S1", two) == text
        assert one != two
        assert len(one) == len(ring.seal(session, "S1", purpose, ""))
        assert purpose_of(one) == purpose
    engine.dispose()


def test_a_value_that_does_not_fit_is_not_sealed(ledger: Ledger) -> None:
    coi = a_subject(ledger)
    with ledger.read() as session:
        assert ledger.keyring.open(session, coi, ledger.keyring.seal(session, coi, "masked", "x" * 254)) == "x" * 254
        with pytest.raises(ValueError, match="255 bytes; at most 254"):
            ledger.keyring.seal(session, coi, "masked", "x" * 255)
        with pytest.raises(TypeError, match="an open value is not sealed"):
            seal_value(ledger.keyring, session, coi, "x", Declared("open"))


def test_numbers_and_lists_are_sealed_as_the_record_spells_them(ledger: Ledger) -> None:
    from decimal import Decimal

    coi = a_subject(ledger)
    with ledger.read() as session:
        for value, spelled in ((Decimal("61.0"), '"61.0"'), (["a", 2], '["a",2]')):
            assert ledger.keyring.open(session, coi, seal_value(ledger.keyring, session, coi, value, MASK)) == spelled


def test_a_value_of_another_subject_or_another_purpose_does_not_open(ledger: Ledger) -> None:
    one, other = a_subject(ledger), a_subject(ledger)
    with ledger.read() as session:
        sealed = ledger.keyring.seal(session, one, "identity", NAME)
        for chain, value in ((other, sealed), (one, sealed.replace("~identity.", "~masked.")), (one, sealed[:-8] + "AAAAAAA=")):
            with pytest.raises(ValueError, match="is not its own"):
                ledger.keyring.open(session, chain, value)
        with pytest.raises(ValueError, match="not sealed"):
            ledger.keyring.open(session, one, NAME)
        assert purpose_of("~other.x") is None


def test_destroying_the_identity_key_erases_the_person_and_not_the_proof(ledger: Ledger) -> None:  # decision S5
    coi = a_subject(ledger)
    reader = Reader("COOR1", ledger.keyring, lambda purpose: purpose == "identity", names_of)
    with ledger.read() as session:
        assert entries(session, reader, chain=coi)[0].inputs == {"name": NAME, "number": NUMBER}
        masked = ledger.keyring.seal(session, coi, "masked", "the arm")
    with ledger.engine.begin() as conn:
        conn.exec_driver_sql(f"DELETE FROM subject_key WHERE chain = '{coi}' AND purpose = 'identity'")
    with ledger.read() as session:
        assert entries(session, reader, chain=coi)[0].inputs == {"name": "erased", "number": "erased"}
        assert ledger.keyring.open(session, coi, masked) == "the arm"
        with pytest.raises(KeysLost, match=f"The identity key of {coi} has been destroyed"):
            ledger.keyring.seal(session, coi, "identity", NAME)
    assert list(verify(ledger.engine)) == []


def test_an_act_reads_erased_where_a_name_was(ledger: Ledger) -> None:
    seen = []

    def look(now: Now, subject: SubjectCode) -> None:
        """Opens a name of the subject."""
        seen.append(now.open(sealed))

    coi = a_subject(ledger)
    with ledger.read() as session:
        sealed = body_of(session, coi)["inputs"]["name"]
    with acts(look, writes=set()):
        ledger.do("test.look", {"subject": coi}, by=BY)
        with ledger.engine.begin() as conn:
            conn.exec_driver_sql(f"DELETE FROM subject_key WHERE chain = '{coi}'")
        ledger.do("test.look", {"subject": coi}, by=BY)
    assert seen == [NAME, "erased"]


def test_history_says_sealed_or_altered_and_never_the_bytes(ledger: Ledger) -> None:
    def borrow(now: Now, subject: SubjectCode) -> None:
        """Keeps a value that was sealed for somebody else."""
        now.add(Code(code=sealed, kind="K"))

    coi, other = a_subject(ledger), a_subject(ledger)
    with ledger.read() as session:
        stranger = Reader("TECH1", ledger.keyring, lambda _: False, names_of)
        told = entries(session, stranger, chain=coi)[0]
        assert told.inputs == {"name": "sealed", "number": "sealed"}
        assert "~identity" not in told.model_dump_json()
        sealed = ledger.keyring.seal(session, other, "identity", NAME)
    with acts(borrow, writes=set()):
        ledger.do("test.borrow", {"subject": coi}, by=BY)
    with ledger.read() as session:
        told = entries(session, Reader("COOR1", ledger.keyring, lambda _: True, names_of), chain=coi)[0]
        assert told.changes[0].after["code"] == "altered"


def test_another_site_key_opens_nothing_and_says_so(ledger: Ledger) -> None:
    coi = a_subject(ledger)
    with ledger.read() as session, pytest.raises(KeysLost, match="is not the one that this record was made with"):
        Keyring(os.urandom(32)).seal(session, coi, "identity", NAME)


def test_the_site_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    ring = Keyring.at(tmp_path / "keys")
    path = tmp_path / "keys" / "site.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Keyring.at(tmp_path / "keys").name == ring.name != KEYRING.name
    assert ring.unlock("draft", ring.lock("draft", b"half a form")) == b"half a form"
    assert ring.mac(b"a") != ring.mac(b"b") != KEYRING.mac(b"b")


def test_what_belongs_to_no_subject_has_keys_of_its_own_made_once(ledger: Ledger) -> None:
    def listed(now: Now, line: Masked[str]) -> None:
        """A line of something that is no subject."""

    with acts(listed, seals="a list"):
        for _ in range(2):
            ledger.do("test.listed", {"line": "third arm"}, by=BY)
    with ledger.read() as session:
        assert len(session.exec(select(SubjectKey).where(SubjectKey.chain == "a list")).all()) == 2
        body = body_of(session, "site")
        assert body["keys"] == "a list"
        assert ledger.keyring.open(session, "a list", body["inputs"]["line"]) == "third arm"
        reader = Reader("UQA1", ledger.keyring, lambda _: True, names_of)
        assert entries(session, reader, chain="site", limit=1)[0].chain == "site"

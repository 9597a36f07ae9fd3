"""What every act can count on: one answer to one form, a clock that only goes on, and refusals that are kept as carefully as deeds."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, func, select

from backend.access.models import Person, RoleCountersigned, Station
from backend.access.reads import roles_of
from backend.ledger import (
    REGISTRY,
    Code,
    Credential,
    Ledger,
    NoGate,
    Nonsense,
    NotAllowed,
    Now,
    Open,
    RecordCode,
    Refused,
    SubjectCode,
    UnknownCode,
    digest_of,
    refuse,
)
from backend.ledger.acts import _recent, note_unknown
from backend.ledger.models import Answer, Entry, Head, SubjectKey
from backend.ledger.spelling import stamp
from labels.codes import draw
from tests.conftest import Clock
from tests.ledger.invented import BY, NAME, NUMBER, a_subject, acts, body_of, keep
from tests.people import CAST, PASSWORD, by, sign

HIRED = len(CAST) - 1  # the first administrator is no act of this kind

HASH = "a" * 64


def entries_of(ledger: Ledger, act: str) -> int:
    with ledger.read() as session:
        return session.exec(select(func.count()).select_from(Entry).where(Entry.act == act)).one()


def last(ledger: Ledger, chain: str = "access") -> dict[str, Any]:
    with ledger.read() as session:
        return body_of(session, chain)


def a_grant(ledger: Ledger, role: str = "technician", person: str = "NEW1") -> str:
    ledger.do("access.add_person", {"person": person, "name": "New Person"}, by=by("ADM1"))
    code: str = ledger.do("access.grant", {"person": person, "role": role}, by=by("ADM1")).result
    return code


@pytest.fixture(autouse=True)
def _kept() -> Iterator[None]:
    with acts(keep):
        yield


# -- One form, one answer (decisions I1, I2) ------------------------------------------------------------------------------


def test_the_same_form_again_gets_the_first_answer_and_does_nothing(ledger: Ledger) -> None:
    first = ledger.do("access.add_person", {"person": "NEW1", "name": "New"}, by=by("ADM1"), key="form-1")
    again = ledger.do("access.add_person", {"person": "NEW1", "name": "New"}, by=by("ADM1"), key="form-1")
    assert again == first
    assert first.result == "NEW1"
    with ledger.read() as session:
        assert session.exec(select(func.count()).select_from(Person).where(Person.code == "NEW1")).one() == 1
        assert session.get(Answer, ("ADM1", "form-1"))


def test_the_same_form_with_other_values_is_refused_and_recorded(ledger: Ledger) -> None:
    ledger.do("access.add_person", {"person": "NEW1", "name": "New"}, by=by("ADM1"), key="form-1")
    with pytest.raises(Refused, match="already used for something else"):
        ledger.do("access.add_person", {"person": "NEW2", "name": "New"}, by=by("ADM1"), key="form-1")
    assert last(ledger)["refused"] == ["This form was already used for something else. Open it again."]
    again = ledger.do("access.add_person", {"person": "NEW1", "name": "New"}, by=by("ADM1"), key="form-1")
    assert again.result == "NEW1"


def test_the_same_form_for_another_act_or_with_another_reason_is_refused(ledger: Ledger) -> None:
    grant = a_grant(ledger)
    ledger.do("access.end_role", {"grant": grant}, by=by("ADM1"), reason="moved", key="form-1")
    for name, reason in (("access.end_role", "left"), ("access.sign_in", "")):
        with pytest.raises(Refused, match="already used for something else"):
            ledger.do(name, {"grant": grant} if "end" in name else {}, by=by("ADM1"), reason=reason, key="form-1")


def test_two_people_may_use_the_same_key(ledger: Ledger) -> None:
    for person in ("TECH1", "TECH2"):
        ledger.do("access.sign_in", by=by(person), key="form-1")
    assert entries_of(ledger, "access.sign_in") == 2


def test_a_refusal_answers_its_form_too(ledger: Ledger) -> None:
    for _ in range(2):
        with pytest.raises(Refused, match="belongs to somebody already"):
            ledger.do("access.add_person", {"person": "TECH1", "name": "New"}, by=by("ADM1"), key="form-1")
    for _ in range(2):
        with pytest.raises(NotAllowed, match="you are technician"):
            ledger.do("access.add_person", {"person": "NEW1", "name": "New"}, by=by("TECH1"), key="form-1")
    assert entries_of(ledger, "access.add_person") == HIRED + 2


def test_a_form_that_founds_a_subject_founds_one(ledger: Ledger) -> None:
    first = a_subject(ledger, key="form-1")
    assert a_subject(ledger, key="form-1") == first
    with ledger.read() as session:
        assert session.exec(select(func.count()).select_from(Head)).one() == 4
        assert session.exec(select(func.count()).select_from(SubjectKey)).one() == 2


def test_eight_at_once_with_one_form_are_one_act(ledger: Ledger) -> None:
    def send(_: int) -> str:
        return ledger.do("access.add_person", {"person": "NEW1", "name": "New"}, by=by("ADM1"), key="form-1").act_id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(send, range(8)))) == 1
    assert entries_of(ledger, "access.add_person") == HIRED + 1


def test_one_form_used_at_once_on_two_subjects_is_one_act_and_one_refusal(ledger: Ledger) -> None:
    """Two chains have two locks; only the answer's own key stands between them."""
    subjects, tried = [a_subject(ledger), a_subject(ledger)], dict[str, int]()
    together = Barrier(2)

    def note(now: Now, subject: SubjectCode) -> None:
        """Something about one subject."""
        tried[subject] = tried.get(subject, 0) + 1
        now.draw("K")
        if ledger.engine.dialect.name == "postgresql" and tried[subject] == 1:
            together.wait(30)  # both are past the look-up; SQLite lets one in at a time

    def send(subject: str) -> str:
        try:
            return ledger.do("test.note", {"subject": subject}, by=BY, key="form-1").act_id
        except Refused as no:
            return str(no)

    with acts(note, writes=set()), ThreadPoolExecutor(2) as pool:
        got = sorted(pool.map(send, subjects), key=len)
    assert len(got[0]) == 32
    assert "already used for something else" in got[1]
    assert entries_of(ledger, "test.note") == 2


# -- The clock ------------------------------------------------------------------------------------------------------------


def test_a_clock_half_a_second_behind_is_pinned_to_the_last_entry(at: Any) -> None:
    here = at("founded")
    with here.ledger.read() as session:
        before = session.get_one(Head, "access").at
    here.ledger.clock = Clock(here.clock.at - timedelta(milliseconds=500))
    receipt = here.ledger.do("access.sign_in", by=by("TECH1"))
    assert stamp(receipt.at) == before == last(here.ledger)["at"]


def test_a_clock_further_behind_is_refused_and_the_refusal_recorded(at: Any) -> None:
    here = at("founded")
    here.ledger.clock = Clock(here.clock.at - timedelta(seconds=60))
    with pytest.raises(Refused, match=r"This computer's clock says 2026-03-02T00:59:.*The clock must be right"):
        here.ledger.do("access.sign_in", by=by("TECH1"))
    assert "The clock must be right." in last(here.ledger)["refused"][0]


def test_time_is_read_after_the_lock_so_entries_are_in_the_order_of_their_times(ledger: Ledger) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: ledger.do("access.sign_in", by=by("TECH1")), range(24)))
    with ledger.read() as session:
        times = session.exec(select(Entry.at).where(Entry.chain == "access").order_by(col(Entry.seq))).all()
    assert list(times) == sorted(times)


# -- Refusals -------------------------------------------------------------------------------------------------------------


def test_a_role_that_does_not_fit_is_refused_and_recorded(ledger: Ledger) -> None:
    with pytest.raises(NotAllowed, match="this is for administrator; you are technician"):
        ledger.do("access.add_person", {"person": "NEW1", "name": "New"}, by=by("TECH1"))
    body = last(ledger)
    assert (body["by"], body["barred"], body["changes"], body["result"]) == ("TECH1", True, [], None)
    assert body["inputs"] == {"person": "NEW1", "name": "New"}


def test_a_missing_reason_is_refused(ledger: Ledger) -> None:
    grant = a_grant(ledger)
    with pytest.raises(Refused, match="A reason is needed"):
        ledger.do("access.end_role", {"grant": grant}, by=by("ADM1"), reason="  ")
    ledger.do("access.end_role", {"grant": grant}, by=by("ADM1"), reason=" moved ")
    assert last(ledger)["reason"] == "moved"


def test_every_reason_is_given_at_once(ledger: Ledger) -> None:
    with pytest.raises(Refused) as no:
        ledger.do("access.countersign", {"grant": a_grant(ledger)}, by=by("QA1"), signatures=(Credential("QA2", PASSWORD),))
    assert no.value.reasons == ("You sign for yourself: the first signature must be yours.",)
    with pytest.raises(NotAllowed) as barred:
        ledger.do("access.countersign", {"grant": draw("K")} | {"grant": last_grant(ledger)}, by=by("TECH1"))
    assert barred.value.reasons == ("Countersign a role: this is for qa; you are technician.",)  # and nothing of the code (decision P4)


def last_grant(ledger: Ledger) -> str:
    with ledger.read() as session:
        return session.exec(select(Code.code).where(Code.kind == "K", Code.chain == "access")).first() or ""


@pytest.mark.parametrize(
    ("signatures", "said"),
    [
        ((), "0 of 1 signatures are there"),
        ((Credential("QA1", "not the password"),), "The password of Chen Min is not right. Nothing was signed."),
        (sign("QA2"), "the first signature must be yours"),
        ((Credential("NOBODY", PASSWORD),), "the first signature must be yours"),
    ],
)
def test_a_signature_that_is_none_is_refused_and_recorded(ledger: Ledger, signatures: tuple[Credential, ...], said: str) -> None:
    grant = a_grant(ledger)
    with pytest.raises(Refused, match=said):
        ledger.do("access.countersign", {"grant": grant}, by=by("QA1"), signatures=signatures)
    with ledger.read() as session:
        assert session.get(RoleCountersigned, grant) is None
    assert said in " ".join(last(ledger)["refused"])


def test_two_signers_sign_the_same_body(ledger: Ledger) -> None:
    with acts(keep, roles={"technician"}, signed="I did it.", witness="I saw it.") if "test.keep" not in REGISTRY else _again():
        code = draw("K")
        ledger.do("test.keep", {"codes": [code]}, by=by("TECH1"), signatures=sign("TECH1", "TECH2"))
    assert [(s["by"], s["meaning"]) for s in last(ledger, "site")["signed"]] == [("TECH1", "I did it."), ("TECH2", "I saw it.")]


def _again() -> Any:
    """The act `test.keep` as one that two people sign, for as long as the block lasts."""
    from contextlib import contextmanager

    @contextmanager
    def witnessed() -> Iterator[None]:
        one = REGISTRY["test.keep"]
        roles = frozenset({"technician"})
        REGISTRY["test.keep"] = replace(one, roles=roles, signed="I did it.", witness="I saw it.", witness_roles=roles)
        yield
        REGISTRY["test.keep"] = one

    return witnessed()


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (("TECH1",), "must be another person's"),
        (("QA1",), "The second signature is for technician; that person is qa"),
        ((), "1 of 2 signatures are there"),
    ],
)
def test_the_second_signer_is_another_person_of_the_right_role(ledger: Ledger, second: tuple[str, ...], said: str) -> None:
    with _again(), pytest.raises(Refused, match=said):
        ledger.do("test.keep", {"codes": []}, by=by("TECH1"), signatures=sign("TECH1", *second))
    assert last(ledger, "site")["signed"] == []


def test_a_password_changed_while_signing_signs_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is opened before the lock; by the time the act holds it, the person may have a new one."""
    from backend.access import sessions
    from backend.ledger import SYSTEM
    from backend.ledger.keys import CHEAP

    grant = a_grant(ledger)
    gate = Ledger.gate
    assert gate

    class Slow:
        def signers(self, *asked: Any) -> Any:
            opened = gate.signers(*asked)
            token = sessions.issue_link(ledger, "QA1", by(SYSTEM))
            sessions.set_password(ledger, "QA1", token, "another long one 7", CHEAP)
            return opened

        def reasons(self, *asked: Any) -> Any:
            return gate.reasons(*asked)

    monkeypatch.setattr(Ledger, "gate", Slow())
    with pytest.raises(Refused, match="The password of QA1 was changed while this was being signed"):
        ledger.do("access.countersign", {"grant": grant}, by=by("QA1"), signatures=sign("QA1"))
    with ledger.read() as session:
        assert session.get(RoleCountersigned, grant) is None


def test_a_record_that_changed_while_it_was_read_is_refused(ledger: Ledger) -> None:
    def shown(session: Session, **_: Any) -> list[tuple[str, list[str], int]]:
        return [("code", [code], 1) for code in session.exec(select(Code.code).where(Code.chain == "site"))]

    def digest() -> str:
        with ledger.read() as session:
            return digest_of(shown(session))

    one = REGISTRY["test.keep"]
    REGISTRY["test.keep"] = replace(one, shows=shown)
    try:
        seen = digest()
        ledger.do("test.keep", {"codes": [draw("K")]}, by=BY, shown=seen)
        assert last(ledger, "site")["shown"] == seen
        for stale in (seen, None):
            with pytest.raises(Refused, match="The record changed while you were reading it"):
                ledger.do("test.keep", {"codes": [draw("K")]}, by=BY, shown=stale)
    finally:
        REGISTRY["test.keep"] = one


def test_a_unique_with_a_sentence_refuses_even_when_no_rule_saw_it(ledger: Ledger) -> None:
    def again(now: Now, code: RecordCode) -> Station:
        """A station whose name is taken, without asking first."""
        return now.add(Station(code=code, name="Bench 1", token_sha256=draw("K"), at=now.at, by=now.by), chain="site")

    ledger.do("access.register_station", {"name": "Bench 1", "token_sha256": HASH}, by=by("ADM1"))
    code = draw("K")
    ledger.do("test.keep", {"codes": [code]}, by=BY)
    with acts(again), pytest.raises(Refused, match=r"A station of this name exists already\."):
        ledger.do("test.again", {"code": code}, by=BY)
    body = last(ledger, "site")
    assert (body["refused"], body["changes"]) == (["A station of this name exists already."], [])


def test_any_other_constraint_is_our_mistake_and_leaves_nothing(ledger: Ledger) -> None:
    def wrong(now: Now) -> None:
        """Refers to a code that nobody knows."""
        now.add(Station(code=draw("K"), name="Bench 9", token_sha256=HASH, at=now.at, by=now.by), chain="site")

    def twice(now: Now) -> None:
        """A code that is taken."""
        code = now.draw("K", "site")
        now.session.flush()
        now.session.expunge_all()
        now.add(Code(code=code, kind="K"), chain="site")

    before = entries_of(ledger, "test.wrong")
    with acts(wrong, twice):
        for name in ("test.wrong", "test.twice"):
            with pytest.raises(IntegrityError):
                ledger.do(name, by=BY)
    assert entries_of(ledger, "test.wrong") == before == 0


def test_what_an_act_did_before_it_was_refused_is_undone(ledger: Ledger) -> None:
    def half(now: Now, code: Open[str]) -> None:
        """Writes, and then sees that it must not."""
        now.add(Code(code=code, kind="K"), chain="site")
        now.session.flush()
        refuse("It is too late.", None, (f"{n} mL are missing." for n in (1, 2)))

    code = draw("K")
    with acts(half), pytest.raises(Refused) as no:
        ledger.do("test.half", {"code": code}, by=BY, key="form-1")
    assert no.value.reasons == ("It is too late.", "1 mL are missing.", "2 mL are missing.")
    with ledger.read() as session:
        assert session.get(Code, code) is None
    assert last(ledger, "site")["refused"] == list(no.value.reasons)
    assert entries_of(ledger, "test.half") == 1


def test_a_refused_enrolment_is_an_entry_on_site_under_its_own_key(ledger: Ledger) -> None:  # decision S5
    def refused(now: Now, name: __import__("backend.ledger", fromlist=["Identity"]).Identity[str]) -> None:  # type: ignore[name-defined]
        """Nobody may."""
        refuse("Not eligible.")

    with acts(refused, founds=True), pytest.raises(Refused):
        ledger.do("test.refused", {"name": NAME}, by=BY)
    body = last(ledger, "site")
    assert body["parts"] == {"site": body["seq"]}
    with ledger.read() as session:
        assert session.exec(select(func.count()).select_from(Head)).one() == 3
        assert ledger.keyring.open(session, body["keys"], body["inputs"]["name"]) == NAME


def test_a_sealed_reason_is_for_those_who_may_see_it(ledger: Ledger) -> None:  # decision S6
    def dose(now: Now, subject: SubjectCode) -> None:
        """Something that depends on the arm."""
        raise Refused("It does not conform.", sealed=("2.4 mL; it must be 0.6 mL.",))

    coi = a_subject(ledger)
    with acts(dose, writes=set()), pytest.raises(Refused) as no:
        ledger.do("test.dose", {"subject": coi}, by=BY)
    assert no.value.sealed == ("2.4 mL; it must be 0.6 mL.",)
    body = last(ledger, coi)
    assert body["refused"] == ["It does not conform."]
    with ledger.read() as session:
        assert ledger.keyring.open(session, coi, body["sealed"][0]) == "2.4 mL; it must be 0.6 mL."


def test_an_unknown_code_is_nobodys_and_is_noted_without_flooding_the_record(ledger: Ledger) -> None:
    _recent.clear()  # the limit is the process's, and another test may have come near it within the minute
    code = draw("K")
    with pytest.raises(UnknownCode, match=code):
        ledger.do("access.countersign", {"grant": code}, by=by("QA1"), signatures=sign("QA1"))
    for _ in range(33):
        note_unknown(ledger, code + "\x1d", by("COUR1"))
    assert entries_of(ledger, "ledger.unknown_code") == 30
    assert last(ledger, "site")["inputs"] == {"scanned": code, "person": "COUR1"}


@pytest.mark.parametrize("value", ["a\0b", "a\x1bb", "~masked.AAAA", "x" * 5_000, "\ud800"])
def test_nonsense_is_refused_by_field_before_anything_is_recorded(ledger: Ledger, value: str) -> None:
    with pytest.raises(Nonsense) as no:
        ledger.do("access.add_person", {"person": "NEW1", "name": value}, by=by("ADM1"))
    assert no.value.faults.keys() == {"name"}
    assert entries_of(ledger, "access.add_person") == HIRED


def test_a_sealed_value_that_is_too_long_is_refused_by_field_name(ledger: Ledger) -> None:  # decision S4
    with pytest.raises(Nonsense, match=r"Name takes 300 bytes; at most 254 can be kept\."):
        a_subject(ledger, name="x" * 300)
    assert entries_of(ledger, "test.enrol") == 0


def test_nobody_acts_without_a_gate(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:  # decision L3
    monkeypatch.setattr(Ledger, "gate", None)
    with pytest.raises(NoGate):
        ledger.do("access.sign_in", by=by("TECH1"))


def test_when_it_happened_is_kept_beside_when_it_was_recorded(ledger: Ledger) -> None:
    then = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    ledger.do("test.keep", {"codes": []}, by=BY, occurred_at=then)
    assert last(ledger, "site")["occurred_at"] == "2026-03-01T23:30:00.000000Z"


def test_an_act_answers_in_codes(ledger: Ledger) -> None:
    codes = [draw("K"), draw("K")]
    receipt = ledger.do("test.keep", {"codes": codes}, by=BY)
    assert receipt.result == codes == last(ledger, "site")["result"]
    assert [one[0] for one in receipt.entries] == ["site"]

    def told(now: Now) -> dict[str, Any]:
        """Codes by name."""
        return {"first": [now.add(Code(code=draw("K"), kind="K"), chain="site")], "none": None}

    with acts(told):
        assert ledger.do("test.told", by=BY).result.keys() == {"first", "none"}


# -- Trying again ---------------------------------------------------------------------------------------------------------


def lose_connection(ledger: Ledger, now: Now) -> None:
    """The server ends this connection while the act runs; SQLite has none to lose."""
    pid = now.session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar()
    with ledger.engine.connect() as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")


def test_a_lost_connection_is_survived_with_a_key_and_reported_without(ledger: Ledger) -> None:
    if ledger.engine.dialect.name == "sqlite":
        assert not ledger.engine.url.host
        return
    lost: list[int] = []

    def fragile(now: Now, code: Open[str]) -> Code:
        """Loses its connection the first time."""
        row = now.add(Code(code=code, kind="K"), chain="site")
        now.session.flush()
        if not lost:
            lost.append(1)
            lose_connection(ledger, now)
        return row

    with acts(fragile):
        code = draw("K")
        assert ledger.do("test.fragile", {"code": code}, by=BY, key="form-1").result == code
        lost.clear()
        with pytest.raises(OperationalError):
            ledger.do("test.fragile", {"code": draw("K")}, by=BY)
    assert entries_of(ledger, "test.fragile") == 1


def test_codes_taken_crosswise_are_tried_again_until_both_are_told(ledger: Ledger) -> None:
    """Sorted locks cannot order the waits of an index: two subjects, two new codes in opposite order, deadlock once."""
    subjects = [a_subject(ledger), a_subject(ledger)]
    tries = dict.fromkeys(subjects, 0)
    barrier = Barrier(2)
    codes = [draw("K"), draw("K")]
    both_wait = ledger.engine.dialect.name == "postgresql"

    def crosswise(now: Now, subject: SubjectCode) -> None:
        """Takes both codes, each subject in its own order; whoever comes second finds them taken."""
        tries[subject] += 1
        mine = codes if subject == subjects[0] else codes[::-1]
        if now.session.get(Code, mine[0]):
            refuse("They are taken.")
        for n, code in enumerate(mine):
            now.add(Code(code=code, kind="K"))
            now.session.flush()
            if both_wait and n == 0 and tries[subject] == 1:
                barrier.wait(10)

    def send(subject: str) -> str:
        try:
            return ledger.do("test.crosswise", {"subject": subject}, by=BY).act_id
        except Refused as no:
            return str(no)

    with acts(crosswise, writes=set()), ThreadPoolExecutor(2) as pool:
        got = sorted(pool.map(send, subjects), key=len)
    assert got[0] == "They are taken."
    assert len(got[1]) == 32
    if both_wait:
        assert max(tries.values()) > 1


def test_a_row_changed_under_another_chains_lock_is_seen_and_tried_again(ledger: Ledger) -> None:
    tried: list[int] = []
    ledger.do("access.register_station", {"name": "Bench 1", "token_sha256": HASH}, by=by("ADM1"))

    def stale(now: Now) -> None:
        """Ends a station whose version somebody else moved on meanwhile, the first time."""
        row = now.session.exec(select(Station)).one()
        tried.append(1)
        if len(tried) == 1:
            from sqlalchemy.orm.attributes import set_committed_value

            set_committed_value(row, "version", 7)
        row.ended_at, row.ended_by = now.at, now.by

    with acts(stale):
        ledger.do("test.stale", by=BY)
    assert len(tried) == 2
    assert last(ledger, "site")["changes"][0]["version"] == 2


def test_an_act_that_can_never_go_through_gives_up(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.orm.exc import StaleDataError

    monkeypatch.setattr("backend.ledger.perform.time.sleep", lambda _: None)

    def never(now: Now) -> None:
        """Always too late."""
        raise StaleDataError("always")

    with acts(never), pytest.raises(StaleDataError):
        ledger.do("test.never", by=BY)
    assert entries_of(ledger, "test.never") == 0


def test_roles_are_those_of_the_moment_of_the_act(ledger: Ledger) -> None:
    with ledger.read() as session:
        assert roles_of(session, ["TECH1"], datetime(2020, 1, 1, tzinfo=UTC))["TECH1"] == frozenset()
        assert roles_of(session, ["TECH1"], datetime(2026, 6, 1, tzinfo=UTC))["TECH1"] == {"technician"}


_ = (NUMBER,)

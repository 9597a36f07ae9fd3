"""The small parts that everything stands on: spelling, arguments, declarations, the registry, the founding of a record."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime
from sqlalchemy import Column, Date, Float, LargeBinary, Numeric, Table, create_engine
from sqlmodel import SQLModel

from backend.access.rules import Role
from backend.ledger import REGISTRY, ContainerCode, Credential, Ledger, LotCode, Nonsense, Now, Open, Refused, act, ask, offered
from backend.ledger import acts as own_acts
from backend.ledger.acts import begin_record, founding, note_unknown
from backend.ledger.arguments import read_arguments
from backend.ledger.columns import Exact, Utc, spoken
from backend.ledger.keys import CHEAP, make, unseal, verifies
from backend.ledger.models import Code
from backend.ledger.reads import Reader, entries
from backend.ledger.spelling import canonical, instant, plain, stamp
from backend.ledger.verify import check
from labels.codes import draw
from tests.conftest import KEYRING
from tests.ledger.invented import BY, a_subject, acts, body_of
from tests.people import by

# -- Spelling -------------------------------------------------------------------------------------------------------------

text = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | text, lambda c: st.lists(c) | st.dictionaries(text, c), max_leaves=15
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the spelling
@given(values)
def test_the_record_is_spelled_as_the_standard_library_would(value: Any) -> None:
    assert canonical(value) == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@given(st.datetimes(datetime(1000, 1, 1, tzinfo=UTC).replace(tzinfo=None), timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])))
def test_an_instant_has_one_spelling_in_every_zone(at: datetime) -> None:
    assert stamp(at) == at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert instant(stamp(at)) == at


def test_every_kind_of_value_has_one_spelling_and_a_float_has_none() -> None:
    number = UUID("12345678123456781234567812345678")
    given_ = {"a": Decimal("70.0"), "b": date(2026, 3, 2), "c": b"\x01", "d": number, "e": Role.QA, "f": {"z", "y"}, "g": (1, {2: True})}
    spelled = {"a": "70.0", "b": "2026-03-02", "c": "01", "d": str(number), "e": "qa", "f": ["y", "z"], "g": [1, {"2": True}]}
    assert plain(given_) == spelled
    with pytest.raises(TypeError, match="no spelling for float"):
        plain({"a": [1.0]})


# -- Columns --------------------------------------------------------------------------------------------------------------


def test_a_float_column_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match=r"floats\.n is a float; the record has none"):
        Table("floats", SQLModel.metadata, Column("n", Float))
    assert "floats" not in SQLModel.metadata.tables


def test_a_numeric_column_is_kept_exact() -> None:
    table = Table("numbers", SQLModel.metadata, Column("n", Numeric))
    SQLModel.metadata.remove(table)
    assert isinstance(table.c.n.type, Exact)


def test_a_time_without_a_zone_is_not_kept() -> None:
    with pytest.raises(ValueError, match="a time without a zone"):
        Utc().process_bind_param(datetime(2026, 3, 2, 12, 0, tzinfo=UTC).replace(tzinfo=None), create_engine("sqlite://").dialect)


def test_a_column_is_spelled_from_what_the_driver_gives() -> None:
    at = datetime(2026, 3, 2, 12, 0, tzinfo=UTC).replace(tzinfo=None)
    assert spoken(Utc(), "sqlite")("2026-03-02 12:00:00.000000") == "2026-03-02T12:00:00.000000Z"  # type: ignore[misc]
    assert spoken(Utc(), "postgresql")(at) == "2026-03-02T12:00:00.000000Z"  # type: ignore[misc]
    assert spoken(Date(), "postgresql")(at.date()) == "2026-03-02"  # type: ignore[misc]
    assert spoken(Date(), "sqlite") is spoken(Exact(), "postgresql") is None
    assert spoken(LargeBinary(), "sqlite")(b"\x01") == "01"  # type: ignore[misc]
    assert spoken(LargeBinary(), "sqlite")("garbage") == "garbage"  # type: ignore[misc]


# -- Arguments ------------------------------------------------------------------------------------------------------------


def measure(
    now: Now, container: ContainerCode, volume: Open[Annotated[Decimal, ask("Volume", unit="mL", gt=0)]], lots: Open[list[LotCode]],
    at: Open[AwareDatetime | None] = None, more: Open[dict[str, str] | None] = None, cells: Open[int | None] = None,
) -> None:  # fmt: skip
    """Something of every kind."""


@contextmanager
def measuring() -> Iterator[Any]:
    with acts(measure):
        yield REGISTRY["test.measure"].arguments


GOOD = {"container": draw("C"), "volume": "70.0", "lots": []}


def test_arguments_become_values_and_a_printed_label_is_a_container_code() -> None:
    with measuring() as model:
        label = draw("L")
        read = read_arguments(model, GOOD | {"container": f" {label.lower()} ", "more": {"a": "b"}, "at": "2026-03-02T12:00+08:00"})
        assert (read.container, str(read.volume), read.more, read.at.tzinfo is not None) == (label, "70.0", {"a": "b"}, True)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"container": draw("P")}, "Container: This is a place label; scan the code of the container."),
        ({"container": "C123"}, "Container: "),
        ({"lots": [draw("E")]}, "Lots: This is "),
        ({"lots": "no list"}, "Lots must be a list."),
        ({"volume": 70.0}, "Volume: A number is written as text here"),
        ({"volume": "NaN"}, "Volume: “NaN” is not a number written out in digits."),
        ({"volume": "1e6"}, "Volume: “1e6” is not a number written out in digits."),
        ({"volume": "-1"}, "Volume must be more than 0."),
        ({"cells": "2.5"}, "Cells must be a whole number."),
        ({"at": "yesterday"}, "At must be a time such as"),
        ({"at": "2026-03-02T12:00"}, "At needs its time zone."),
        ({"foreign": "x"}, "Foreign is not asked for here."),
        ({"more": {"a\0": "b"}}, "More: There is a character in it"),
    ],
)
def test_what_is_no_value_of_its_kind_is_nonsense_by_field(wrong: dict[str, Any], said: str) -> None:
    with measuring() as model, pytest.raises(Nonsense) as no:
        read_arguments(model, GOOD | wrong)
    assert list(no.value.faults) == list(wrong)
    assert no.value.faults[next(iter(wrong))].startswith(said)


def test_every_missing_field_is_said() -> None:
    with measuring() as model, pytest.raises(Nonsense) as no:
        read_arguments(model, {})
    assert no.value.faults == {"container": "Container is missing.", "volume": "Volume is missing.", "lots": "Lots is missing."}


def test_what_comes_beside_the_arguments_is_checked_like_them(ledger: Ledger) -> None:
    ahead = ledger.clock() + timedelta(hours=1)
    for beside, field in (
        ({"reason": "x" * 5_000}, "reason"),
        ({"reason": "a\0b"}, "reason"),
        ({"key": "k" * 300}, "key"),
        ({"signatures": (Credential("Q" * 65, "x"),)}, "person"),
        ({"occurred_at": ahead}, "occurred_at"),
    ):
        with pytest.raises(Nonsense) as no:
            ledger.do("access.sign_in", by=by("TECH1"), **beside)  # type: ignore[arg-type]
        assert list(no.value.faults) == [field]


# -- The registry ---------------------------------------------------------------------------------------------------------


def test_an_argument_that_is_not_declared_is_no_argument() -> None:  # decision S1
    def careless(now: Now, name: str) -> None:
        """Forgets to say whether a name may be read."""

    with pytest.raises(TypeError, match=r"test\.careless: the argument name is declared neither open nor identity nor masked"):
        act("test.careless", roles={"qa"}, title="x", tells="x")(careless)


def test_two_acts_cannot_have_one_name() -> None:
    def found(now: Now) -> None:
        """Not the founding of a record."""

    with pytest.raises(TypeError, match=r"two acts are called ledger\.found"):
        act("ledger.found", roles={"qa"}, title="x", tells="x")(found)


def test_an_act_is_offered_to_its_roles_on_its_kinds_of_code_when_it_is_ready(ledger: Ledger) -> None:
    def first(now: Now, container: ContainerCode) -> None:
        """Offered always."""

    def second(now: Now, container: ContainerCode) -> None:
        """Offered for one code."""

    code = draw("C")

    def names(of: str, role: str = "qa", kind: str = "C") -> list[str]:
        with ledger.read() as session:
            return [one.name for one in offered(session, of, kind, frozenset({role})) if one.room == "test"]

    always, once = {"roles": {"qa"}, "offers": ("C",)}, {"ready": lambda _, asked: asked == code}
    with acts(first, **always), acts(second, **always, **once):
        assert names(code) == ["test.first", "test.second"]
        assert names(draw("C")) == ["test.first"]
        assert names(code, role="technician") == names(code, kind="L") == []


# -- Keys -----------------------------------------------------------------------------------------------------------------


def test_a_key_opens_for_its_person_and_password_alone_and_signs_exactly_these_bytes() -> None:
    public, box = make("QA1", "one long password", CHEAP)
    assert unseal("QA1", public, box, "another password", CHEAP) is None
    assert unseal("QA2", public, box, "one long password", CHEAP) is None
    signer = unseal("QA1", public, box, "one long password", CHEAP)
    assert signer
    assert verifies(public, signer.sign(b"body"), b"body")
    assert not verifies(public, signer.sign(b"body"), b"bodY")
    assert not verifies("00", signer.sign(b"body"), b"body")
    assert not verifies("no key", signer.sign(b"body"), b"body")


# -- Founding, reading, unknown codes -------------------------------------------------------------------------------------


def test_a_record_knows_how_it_was_founded(at: Any, stages: Any) -> None:
    from backend.db import connect
    from tests.conftest import Clock, schema

    assert founding(at("founded").ledger) == {"site_key": KEYRING.name, "demo": True}
    url = stages.store.make("empty")
    engine = connect(url)
    schema(engine)
    empty = Ledger(engine, KEYRING, Clock())
    assert founding(empty) is None
    begin_record(empty, demo=False)
    assert founding(empty) == {"site_key": KEYRING.name, "demo": False}
    engine.dispose()
    stages.store.drop(url)


def test_unknown_codes_are_noted_again_after_a_minute(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr(own_acts, "monotonic", lambda: now[0])
    own_acts._recent.clear()

    def noted() -> int:
        with ledger.read() as session:
            return len(entries(session, Reader("INSP1", KEYRING, lambda _: False), act="ledger.unknown_code", limit=100))

    for _ in range(40):
        note_unknown(ledger, "C123", by("COUR1"))
    assert noted() == own_acts.UNKNOWN_PER_MINUTE
    now[0] += 61
    note_unknown(ledger, "C123", by("COUR1"))
    assert noted() == own_acts.UNKNOWN_PER_MINUTE + 1


def test_every_entry_of_a_subject_that_names_a_code_is_found_on_that_chain(ledger: Ledger) -> None:
    coi, other = a_subject(ledger), a_subject(ledger)
    with ledger.read() as session:
        reader = Reader("INSP1", KEYRING, lambda _: False)
        assert {one.chain for one in entries(session, reader, code=coi)} == {coi}
        assert {one.chain for one in entries(session, reader, code=other)} == {other}


def test_a_list_in_a_sentence_is_read_out(ledger: Ledger) -> None:
    def list_(now: Now, names: Open[list[str]]) -> None:
        """Names several things."""

    with acts(list_, tells="{by} named {names}."):
        ledger.do("test.list_", {"names": ["one", "two"]}, by=BY)
        with ledger.read() as session:
            assert entries(session, Reader("INSP1", KEYRING, lambda _: False), limit=1)[0].sentence == "system named one, two."


def test_what_an_act_looks_for_and_does_not_find_refuses_it_in_its_own_words(ledger: Ledger) -> None:
    def look(now: Now) -> None:
        """Looks for a code."""
        now.get(Code, "nothing", "There is no such code.")

    with acts(look), pytest.raises(Refused, match="There is no such code"):
        ledger.do("test.look", by=BY)


def test_an_entry_that_jumps_or_misremembers_is_found(ledger: Ledger) -> None:
    """Only a forger who can rewrite the tail consistently, or a fault of ours, could write this."""

    def rewritten(edit: Any) -> list[str]:
        from backend.ledger.spelling import digest

        engine = ledger.engine
        with as_forger(ledger) as conn:
            m = "?" if engine.dialect.name == "sqlite" else "%s"
            seq, raw = conn.exec_driver_sql("SELECT seq, body FROM entry WHERE chain = 'site' ORDER BY seq DESC LIMIT 1").one()
            body = orjson.loads(bytes(raw))
            edit(body["changes"][0])
            new = canonical(body)
            conn.exec_driver_sql(f"UPDATE entry SET body = {m}, hash = {m} WHERE chain = 'site' AND seq = {m}", (new, digest(new), seq))
            conn.exec_driver_sql(f"UPDATE head SET hash = {m} WHERE chain = 'site'", (digest(new),))
            return list(check(conn))

    code = ledger.do("access.register_station", {"name": "Bench 1", "token_sha256": "a" * 64}, by=by("ADM1")).result
    ledger.do("access.end_station", {"station": code}, by=by("ADM1"), reason="broken")
    with ledger.read() as session:
        number = body_of(session, "site")["seq"]
    assert f"site entry {number}: station {code} jumps to version 4." in rewritten(lambda change: change.update(version=4))
    said = f"site entry {number}: what station {code} was before is not what it was."
    assert said in rewritten(lambda change: change["before"].update(name="Bench 2"))


@contextmanager
def as_forger(ledger: Ledger) -> Iterator[Any]:
    """A transaction of the owner without triggers; it is undone."""
    from backend.db import connect

    engine = ledger.engine
    url = engine.url.set(username="postgres") if engine.dialect.name == "postgresql" else engine.url
    owner = connect(url.render_as_string(hide_password=False))
    with owner.connect() as conn:
        if engine.dialect.name == "sqlite":
            for (name,) in conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                conn.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            conn.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield conn
        conn.rollback()
    owner.dispose()

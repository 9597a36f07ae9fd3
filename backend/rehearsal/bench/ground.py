"""Where it is measured: a fresh record with some subjects, the barest act there can be, and the same rows without any record."""

import os
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from sqlalchemy import MetaData, event
from sqlalchemy.orm import registry
from sqlmodel import Field, Session, SQLModel

from backend.access import sessions
from backend.access.rules import EVERYBODY
from backend.db import connect
from backend.installation import migrated
from backend.ledger import SYSTEM, Caller, Code, Credential, Declared, Ledger, Now, Open, SubjectCode, act
from backend.ledger.keys import CHEAP
from backend.ledger.spelling import stamp
from backend.settings import Settings
from backend.subject.models import EligibilityAnswer, Subject

PASSWORD = "from marrow to bedside"  # noqa: S105  # of a record that is thrown away
PERSON, SCANS = "BENCH1", "BENCH2"
SUBJECTS = 8
IDENTITY = Declared("identity")


@dataclass(frozen=True)
class Size:
    """How much is measured. What is quick shows that everything runs; its numbers mean nothing."""

    rounds: int = 5
    each: int = 40
    writers: int = 8
    seconds: float = 2.0
    entries: int = 1_500
    signed: int = 1_200
    containers: tuple[int, ...] = (1_000, 10_000, 100_000)
    requests: int = 120
    warm: int = 10  # requests of each client that are not counted

    def times(self, scale: int) -> "Size":
        return replace(
            self, each=self.each * scale, entries=self.entries * scale, requests=self.requests * scale, seconds=self.seconds * scale
        )


QUICK = Size(each=1, writers=2, seconds=0.02, entries=16, signed=4, containers=(10, 20), requests=4, warm=1)


@dataclass(frozen=True)
class Number:
    """The median of interleaved rounds; the lowest and the highest of them tell the machine's noise."""

    median: float
    low: float
    high: float
    rounds: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Number":
        return cls(statistics.median(values), min(values), max(values), len(values))

    def __str__(self) -> str:
        return f"×{self.median:.2f} (×{self.low:.2f} to ×{self.high:.2f})"


@dataclass(frozen=True)
class Told:
    """One thing that was measured: its name for programs, its numbers, and how a person is told."""

    name: str
    numbers: Mapping[str, Number]
    words: str


class Plain(SQLModel, registry=registry(metadata=MetaData())):
    """Tables of no record, apart from the program's own."""


class PlainSubject(Plain, table=True):
    """Whom the plain rows are about."""

    code: str = Field(primary_key=True)


class PlainAnswer(Plain, table=True):
    """The same row as an eligibility answer, with the reference that any program would give it."""

    subject_code: str = Field(primary_key=True, foreign_key="plainsubject.code")
    criterion: str = Field(primary_key=True)
    number: int = Field(default=1, primary_key=True)
    answer: str
    why: str = ""
    at: str
    by: str
    version: int = 1
    chain: str = Field(index=True)


@act("bench.found", roles={EVERYBODY}, title="Found a subject", tells="{by} founded a subject.", founds=True, writes={"site"})
def found(now: Now, number: Open[str]) -> Subject:
    """A subject without an identity, for measuring."""
    coi = now.subject or ""
    now.add(Code(code=coi, kind="S"))
    empty = now.seal("", IDENTITY)
    return now.add(Subject(
        code=coi, number=number, full_name=empty, record_number=empty, birth_date=empty, sex=empty, folder_code=coi, at=now.at, by=now.by,
    ))  # fmt: skip


@act("bench.answer", roles={EVERYBODY}, title="Add rows", tells="{by} added rows.")
def answer(now: Now, subject: SubjectCode, criterion: Open[list[str]]) -> None:
    """One row for each criterion."""
    for one in criterion:
        now.add(EligibilityAnswer(subject_code=subject, criterion=one, answer="no", at=now.at, by=now.by))


@act("bench.sign", roles={EVERYBODY}, title="Sign a row", tells="{by} signed a row.", signed="I measured this.")
def sign(now: Now, subject: SubjectCode, criterion: Open[str]) -> None:
    """One row under a signature."""
    now.add(EligibilityAnswer(subject_code=subject, criterion=criterion, answer="no", at=now.at, by=now.by))


@dataclass
class Ground:
    """A record to measure on."""

    ledger: Ledger
    url: str
    folder: Path
    subjects: list[str]

    @classmethod
    @contextmanager
    def at(cls, url: str, folder: Path) -> "Iterator[Ground]":
        chosen = Settings(database_url=url, keys_dir=folder / "keys", argon_time=1, argon_memory_kib=8)
        ledger, _ = migrated(chosen, demo=True)
        Plain.metadata.create_all(ledger.engine)
        ledger.do("access.begin", {"person": PERSON, "name": "Bench", "roles": ["administrator"]}, by=Caller(SYSTEM))
        ledger.do("access.add_person", {"person": SCANS, "name": "Scanner"}, by=CALLER)
        ledger.do("access.grant", {"person": SCANS, "role": "technician"}, by=CALLER)
        for person in (PERSON, SCANS):
            sessions.set_password(ledger, person, sessions.issue_link(ledger, person, Caller(SYSTEM)), PASSWORD, CHEAP)
            ledger.do("access.accept_statement", by=Caller(person), signatures=(Credential(person, PASSWORD),))
        with ledger.engine.begin() as conn:  # subjects of no folder
            if conn.dialect.name == "postgresql":
                conn.exec_driver_sql("ALTER TABLE subject DROP CONSTRAINT subject_folder_code_fkey")
        if ledger.engine.dialect.name == "sqlite":
            event.listen(ledger.engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=OFF"))
            ledger.engine.dispose()
        subjects = [ledger.do("bench.found", {"number": f"N{n}"}, by=CALLER).result for n in range(SUBJECTS)]
        with Session(ledger.engine) as session:
            session.add_all([PlainSubject(code=one) for one in subjects])
            session.commit()
        yield cls(ledger, url, folder, subjects)
        ledger.engine.dispose()

    def add(self, subject: str, rows: int) -> None:
        """One act of so many rows, with a key, as a page would."""
        names = [os.urandom(6).hex() for _ in range(rows)]
        self.ledger.do("bench.answer", {"subject": subject, "criterion": names}, by=CALLER, key=names[0])

    def add_plain(self, subject: str, rows: int) -> None:
        """The same rows in one transaction, with nothing around them."""
        with Session(self.ledger.engine) as session:
            for _ in range(rows):
                at = stamp(self.ledger.clock())
                session.add(PlainAnswer(
                    subject_code=subject, criterion=os.urandom(6).hex(), answer="no", at=at, by=PERSON, chain=subject,
                ))  # fmt: skip
            session.commit()


CALLER = Caller(PERSON)
SIGNS = Credential(PERSON, PASSWORD)


@contextmanager
def sqlite_ground(folder: Path) -> Iterator[Ground]:
    with Ground.at(f"sqlite:///{folder}/bench.db", folder) as ground:
        yield ground


def reopened(url: str, folder: Path) -> Ledger:
    """The same record in another process."""
    from backend.ledger.sealing import Keyring

    engine = connect(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=OFF"))
    return Ledger(engine, Keyring.at(folder / "keys"))


def interleaved(ours: Callable[[], object], theirs: Callable[[], object], size: Size) -> Number:
    """How many times as long ours takes, in batches that take turns."""
    ratios = []
    for _ in range(size.rounds):
        times = []
        for work in (theirs, ours):
            begun = perf_counter()
            for _ in range(size.each):
                work()
            times.append(perf_counter() - begun)
        ratios.append(times[1] / times[0])
    return Number.of(ratios)

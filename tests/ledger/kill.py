"""Kill a writer with SIGKILL again and again: no acknowledged act may be lost, none may be half there, and the record must verify.

`python -m tests.ledger.kill --engine sqlite --rounds 50` is the long form; the suite runs a short one.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from backend.db import connect
from backend.ledger import Code, Ledger, Now, SubjectCode
from backend.ledger.verify import verify
from labels.codes import draw
from tests.conftest import KEYRING, Postgres, Sqlite, Stages
from tests.ledger.invented import BY, a_subject, acts, enrol
from tests.people import by

HERE = Path(__file__).resolve().parents[2]


@dataclass
class Answer:
    """What the rounds showed."""

    rounds: int = 0
    acknowledged: int = 0
    across: int = 0  # of them on several chains at once
    lost: list[str] = field(default_factory=list)
    halves: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def pair(now: Now, about: list[SubjectCode]) -> None:
    """One row on each subject's chain and on that of the supplies: an act that is whole on three chains or nowhere."""
    for chain in sorted(now.heads):
        now.add(Code(code=draw("K"), kind="K"), chain=chain)
        now.session.flush()


def write_for_ever(url: str, coi: str) -> None:
    """Acts on one chain and acts on two and three at once, each acknowledged on standard output by its id and number of chains."""
    ledger, dice = Ledger(connect(url), KEYRING), random.Random()
    other = a_subject(ledger)
    with acts(enrol, founds=True), acts(pair, writes={"supplies"}):
        for n in range(1_000_000):
            unique = f"{os.getpid()}{n}"
            across = ("test.pair", {"about": [coi, other]}, BY)
            others = (
                ("quality.open", {"about": coi, "sentence": f"Seen, {unique}.", "grade": "minor"}, by("TECH1")),
                ("access.add_person", {"person": f"X{unique}"[:16], "name": "Somebody"}, by("ADM1")),
                ("test.enrol", {"name": f"Somebody {unique}", "number": unique}, BY),
                ("test.pair", {"about": [other]}, BY),
            )
            name, given, caller = dice.choice((across, *others)) if n else across
            receipt = ledger.do(name, given, by=caller, key=unique)
            os.write(1, f"{receipt.act_id} {len(receipt.entries)}\n".encode())


def rounds(url: str, coi: str, many: int) -> Answer:
    """Start a writer, kill it in the middle of its work, prove the record; as often as asked."""
    answer, engine = Answer(), connect(url)
    for _ in range(many):
        command = [sys.executable, "-m", "tests.ledger.kill", "--write", url, "--about", coi]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=HERE)
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(random.random() * 0.12)
        writer.send_signal(signal.SIGKILL)
        told = (first + writer.stdout.read()).decode().split("\n")[:-1]
        writer.stdout.close()
        writer.wait()
        Ledger(engine, KEYRING).do("quality.open", {"about": coi, "sentence": "After a kill.", "grade": "minor"}, by=by("TECH2"))
        whole = chains_of_acts(engine)
        answer.rounds += 1
        answer.acknowledged += len(told)
        for act_id, chains in (line.split() for line in told):
            answer.across += int(chains) > 1
            answer.lost += [] if act_id in whole else [act_id]
            answer.halves += [] if whole.get(act_id, int(chains)) == int(chains) else [act_id]
        answer.faults += list(verify(engine))
    engine.dispose()
    return answer


def chains_of_acts(engine: Engine) -> dict[str, int]:
    """On how many chains each act is; one that nobody acknowledged is whole too if verify finds no fault."""
    with engine.connect() as conn:
        return {row[0]: row[1] for row in conn.exec_driver_sql("SELECT act_id, count(*) FROM entry GROUP BY act_id")}


def staged(stages: Stages) -> tuple[str, str]:
    """A copy of a record with one bound subject, and that subject's CoI."""
    from tests import story

    if "bound" not in stages.built:
        stages.build("bound", story.bound, ("founded", stages.built["founded"][0]))
    told = stages.built["bound"][1]
    assert isinstance(told, story.Enrolled)
    return stages.store.serving(stages.copy("bound")), told.coi


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    asked.add_argument("--rounds", type=int, default=50)
    asked.add_argument("--write", default="")
    asked.add_argument("--about", default="")
    given = asked.parse_args()
    if given.write:
        write_for_ever(given.write, given.about)
    from backend.ledger.acts import begin_record
    from tests import people

    with tempfile.TemporaryDirectory(prefix="marrowline-kill-", ignore_cleanup_errors=True) as folder:
        store = Sqlite(Path(folder)) if given.engine == "sqlite" else Postgres(Path(folder), durable=True)
        stages = Stages(store)
        stages.build("founded", lambda ledger: (begin_record(ledger, demo=True), people.hire(ledger)))
        answer = rounds(*staged(stages), given.rounds)
        if isinstance(store, Postgres):
            store.server.cleanup()
    lost, halves, faults = len(answer.lost), len(answer.halves), len(answer.faults)
    told = f"{answer.acknowledged} acknowledged acts, {answer.across} of them across chains"
    sys.stdout.write(f"{given.engine}: {answer.rounds} kills, {told}; {lost} lost, {halves} half there, {faults} faults\n")
    return 1 if lost or halves or faults else 0


if __name__ == "__main__":
    from backend.app import rooms as every_room

    every_room()
    sys.exit(main())

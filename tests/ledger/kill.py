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

from backend.db import connect
from backend.ledger import Ledger
from backend.ledger.verify import verify
from tests.conftest import KEYRING, Postgres, Sqlite, Stages
from tests.people import by

HERE = Path(__file__).resolve().parents[2]


@dataclass
class Answer:
    """What the rounds showed."""

    rounds: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def write_for_ever(url: str, coi: str) -> None:
    """Acts on a subject's chain, on two common chains, and on two chains at once, each acknowledged by its id on standard output."""
    ledger, dice = Ledger(connect(url), KEYRING), random.Random()
    for n in range(1_000_000):
        unique = f"{os.getpid()}{n}"
        acts = (
            ("quality.open", {"about": coi, "sentence": f"Seen, {unique}.", "grade": "minor"}, "TECH1"),
            ("access.add_person", {"person": f"X{unique}"[:16], "name": "Somebody"}, "ADM1"),
            ("access.register_station", {"name": f"Station {unique}", "token_sha256": f"{int(unique):064x}"}, "ADM1"),
        )
        name, given, person = dice.choice(acts)
        receipt = ledger.do(name, given, by=by(person), key=unique)
        os.write(1, f"{receipt.act_id}\n".encode())


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
        with engine.connect() as conn:
            kept = {row[0] for row in conn.exec_driver_sql("SELECT act_id FROM entry")}
        answer.rounds += 1
        answer.acknowledged += len(told)
        answer.lost += [one for one in told if one not in kept]
        answer.faults += list(verify(engine))
    engine.dispose()
    return answer


def staged(stages: Stages) -> tuple[str, str]:
    """A copy of a record with one bound subject, and that subject's CoI."""
    from tests import story

    if "bound" not in stages.built:
        stages.build("bound", story.bound, ("founded", stages.built["founded"][0]))
    told = stages.built["bound"][1]
    assert isinstance(told, story.Enrolled)
    return stages.store.serving(stages.store.copy("bound")), told.coi


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
        store = Sqlite(Path(folder)) if given.engine == "sqlite" else Postgres(Path(folder))
        stages = Stages(store)
        stages.build("founded", lambda ledger: (begin_record(ledger, demo=True), people.hire(ledger)))
        answer = rounds(*staged(stages), given.rounds)
        if isinstance(store, Postgres):
            store.server.cleanup()
    lost, faults = len(answer.lost), len(answer.faults)
    sys.stdout.write(f"{given.engine}: {answer.rounds} kills, {answer.acknowledged} acknowledged acts, {lost} lost, {faults} faults\n")
    return 1 if answer.lost or answer.faults else 0


if __name__ == "__main__":
    from backend.app import rooms as every_room

    every_room()
    sys.exit(main())

"""The whole trial on a simulated clock: what happens and when comes from the seed, codes and keys do not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from backend.installation import migrated
from backend.ledger.verify import verify
from backend.rehearsal.account import account
from backend.rehearsal.clock import StoryClock
from backend.rehearsal.scripts import SCRIPTS
from backend.rehearsal.story import Stage, hurry, play, refuse_the_old_man, set_up, trial_files
from backend.settings import Settings

BEGINS_AT = datetime(2025, 6, 1, 1, 0, tzinfo=UTC)
LASTS = timedelta(days=330)


def run(
    *, subjects: int = 12, seed: int = 7, say: Callable[[str], None] = print, database_url: str = "", keys_dir: Path | None = None
) -> list[str]:  # fmt: skip
    """Play it, print each subject's outcome, the account and verify's answer; the faults. What is not named is thrown away."""
    with TemporaryDirectory() as folder:
        url = database_url or f"sqlite:///{folder}/simulation.db"
        chosen = Settings(database_url=url, keys_dir=keys_dir or Path(folder) / "keys", argon_time=1, argon_memory_kib=8)
        clock = StoryClock(BEGINS_AT)
        ledger, _ = migrated(chosen, demo=True, clock=clock)
        hurry(ledger.engine)
        stage = Stage(ledger, clock, Random(seed), BEGINS_AT + LASTS, say)
        set_up(stage, trial_files(chosen), subjects)
        refuse_the_old_man(stage)
        play(stage, SCRIPTS[:subjects], clock.at)
        with ledger.read() as session:
            say("The account:")
            for line in account(session):
                say(line)
        faults = list(verify(ledger.engine))
        for fault in faults or ["verify: no fault."]:
            say(fault)
        ledger.engine.dispose()
    return faults

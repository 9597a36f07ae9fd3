"""The rehearsal: the demonstration's stages, the simulation's account, and that a seed tells the same story twice."""

import re
from pathlib import Path

import pytest
from sqlmodel import select

from backend.batch.models import BatchDecision
from backend.custody.models import Label
from backend.installation import migrated
from backend.ledger.verify import verify
from backend.quality.models import DeviationDecided
from backend.rehearsal import demo, simulation
from backend.rehearsal.scripts import SCRIPTS
from backend.settings import Settings
from backend.subject.models import Subject
from tests.conftest import At, Postgres, Sqlite


def told(subjects: int, seed: int, url: str = "") -> list[str]:
    said: list[str] = []
    assert simulation.run(subjects=subjects, seed=seed, say=said.append, database_url=url) == []
    return said


def test_the_whole_trial_ends_with_every_vial_and_label_accounted_for() -> None:
    """Twelve subjects with every incident so far (decision M2)."""
    said = told(12, 7)
    account = said[said.index("The account:") + 1 :]
    assert account[3] == "S04: batch rejected, no vial was filled."
    assert account[:3] + account[4:12] == [
        f"{script.who.number}: 14 vials = 7 in Tank 1, 7 in Tank 2." for script in SCRIPTS if script.who.number != "S04"
    ]
    printed, *fates = (int(n) for n in re.findall(r"\d+", account[12]))
    assert printed == sum(fates)
    assert fates[2] >= 1, "the smeared label is void"
    assert account[13:] == ["verify: no fault."]
    assert any(line.startswith("S13: screening refused.") and "the age must be 18 to 65 years, and it is not" in line for line in said)


def test_the_same_seed_tells_the_same_story_without_codes(tmp_path: Path) -> None:
    """What happens comes from the seed; codes and keys do not, and none is printed (decision M2)."""
    first, second = told(1, 3), told(1, 3)
    assert first == second
    assert not re.search(r"\b[SCLWPETBDK][0-9A-HJKMNP-TV-Z]{12}\b", " ".join(first))


def test_the_story_is_the_same_on_both_engines(store: Sqlite | Postgres) -> None:
    url = store.make("simulated")
    said = told(1, 5, url)
    assert said[-1] == "verify: no fault."
    store.drop(url)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> At:
    folder = tmp_path_factory.mktemp("demo")
    chosen = Settings(database_url=f"sqlite:///{folder}/demo.db", keys_dir=folder / "keys", argon_time=1, argon_memory_kib=8)
    clock = demo.story_clock()
    ledger, _ = migrated(chosen, demo=True, clock=clock)
    said: list[str] = []
    demo.play_into(ledger, chosen, said.append)
    return At(ledger, clock, said)  # type: ignore[arg-type]  # a story's clock is one


def test_the_demonstration_leaves_each_subject_where_it_can_be_looked_at(shown: At) -> None:
    """One in isolation at MNC-4, one to enrol, banks in the freezer; it ends one minute before now (decision M1)."""
    said = " ".join(shown.told)  # type: ignore[call-overload]
    for part in (
        "S09: MNC-4 is next",
        "S11: enrolled",
        "S10: harvest ordered",
        "S01: frozen, 14 vials",
        "S04: batch rejected",
        "S12: free",
    ):
        assert part in said
    with shown.ledger.read() as session:
        assert len(session.exec(select(Subject)).all()) == 11
        assert len(session.exec(select(BatchDecision)).all()) == 1
        assert session.exec(select(DeviationDecided)).all()
        assert [label.ended_how for label in session.exec(select(Label).where(Label.ended_how == "void"))]


def test_the_demonstration_verifies(shown: At) -> None:
    assert list(verify(shown.ledger.engine)) == []
    shown.ledger.engine.dispose()

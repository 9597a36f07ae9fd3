"""The master record of the trial, a batch told without a database, and a real batch as far as a test needs it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backend.ledger import Ledger
from backend.trial.rules import Folder, read_folder
from tests import story
from tests.batch.rows import Told
from tests.conftest import At, Stages

CHAIN = (
    "batch opened", "at REC-4", "at REC-5", "at MNC-4", "at MNC-9", "at P0 CUL-8", "at HAR-5", "at CRY-2", "at CRY-6", "frozen",
)  # fmt: skip


@pytest.fixture(scope="session")
def folder() -> Folder:
    return read_folder(Path(story.FOLDER))


@pytest.fixture
def told(folder: Folder) -> Told:
    return Told(folder.master)


@pytest.fixture
def reach(at: Callable[..., At], stages: Stages) -> Callable[[str], At]:
    """`reach("at MNC-4")` opens a copy of a batch at that step; one batch is played in all, and each stage begins where the last ended."""

    def open_at(name: str) -> At:
        for before, stage in zip(("", *CHAIN), CHAIN, strict=False):
            if stage not in stages.built:
                _build(stages, before, stage)
            if stage == name:
                break
        return at(name)

    return open_at


def _build(stages: Stages, before: str, stage: str) -> None:
    if not before:
        stages.build(stage, story.batch_opened, ("founded", stages.built["founded"][0]))
        return
    when, run, _ = stages.built[before]
    assert isinstance(run, story.Run)
    *passage, step = stage.removeprefix("at ").split()

    def on(ledger: Ledger) -> story.Run:
        run.player.play_until(ledger, run.batch, "" if stage == "frozen" else step, "".join(passage))
        return replace(run)

    stages.build(stage, on, (before, when))

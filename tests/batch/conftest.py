"""The master record of the trial, read once, and a batch told without a database."""

from pathlib import Path

import pytest

from backend.trial.rules import Folder, read_folder
from tests import story
from tests.batch.rows import Told


@pytest.fixture(scope="session")
def folder() -> Folder:
    return read_folder(Path(story.FOLDER))


@pytest.fixture
def told(folder: Folder) -> Told:
    return Told(folder.master)

"""A batch at the bench, so far as a test needs it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.ledger import Ledger
from backend.rehearsal.player import Laboratory, Player, furnish
from backend.trial.rules import Folder, read_folder
from tests import story


@pytest.fixture(scope="session")
def folder() -> Folder:
    return read_folder(Path(story.FOLDER))

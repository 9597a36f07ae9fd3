"""The one real trial folder, read once, and a way to spoil it in one place."""

from pathlib import Path

import pytest

from backend.trial.rules import Folder, read_folder

REAL = Path(__file__).resolve().parents[2] / "batch_templates" / "nct06997939"


@pytest.fixture(scope="session")
def folder() -> Folder:
    return read_folder(REAL)


@pytest.fixture(scope="session")
def files(folder: Folder) -> dict[str, bytes]:
    return dict(folder.files)

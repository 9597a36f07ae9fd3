"""Points of the story that tests begin from. Each builder tells it so far with the permanent cast and returns the codes it made.

Use them as stages: `at("bound", story.bound)` builds the record once per engine and gives every test a copy.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from backend.ledger import Ledger
from tests.people import by, sign

FOLDER = Path(__file__).parent.parent / "batch_templates" / "nct06997939"


# ---- the trial ----


@cache
def folder_files() -> Mapping[str, bytes]:
    """The files of the trial folder that comes with the program."""
    return {path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.yaml"))}


def folder_proposed(ledger: Ledger) -> str:
    """The trial folder waits for its approval; its code."""
    code: str = ledger.do("trial.propose_folder", {"files": folder_files()}, by=by("TECH3"), signatures=sign("TECH3")).result
    return code


def approve(ledger: Ledger, folder: str) -> None:
    """A proposed folder is in force."""
    from backend.ledger import digest_of
    from backend.trial.reads import shown_folder

    with ledger.read() as session:
        shown = digest_of(shown_folder(session, folder=folder))
    ledger.do("trial.approve_folder", {"folder": folder}, by=by("QA1"), signatures=sign("QA1", "PHYS1"), shown=shown)


def folder_approved(ledger: Ledger) -> str:
    """A trial folder is in force; its code."""
    folder = folder_proposed(ledger)
    approve(ledger, folder)
    return folder


ARMS = ("ommaya", "ica_low", "ica_high")
LIST = "line,arm\n" + "".join(f"{n},{ARMS[n * 7 % 3]}\n" for n in range(1, 13))


def checksum(text: str = LIST) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def list_imported(ledger: Ledger) -> str:
    """The folder is in force and the randomisation list is sealed; the folder's code."""
    folder = folder_approved(ledger)
    given = {"text": LIST, "checksum": checksum()}
    ledger.do("masking.import_list", given, by=by("RAND1"), signatures=sign("RAND1", "UQA1"))
    return folder

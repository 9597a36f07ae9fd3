"""Every decision of the product that applies so far is cited by a test, and no test cites one that does not exist."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
NOTED = re.compile(r"^- ([A-Z]\d)( \*later\*)?: \S.*\.$", re.MULTILINE)
CITED = re.compile(r"[Dd]ecisions? ((?:[A-Z]\d(?:, | and )?)+)|# ((?:[A-Z]\d(?:, )?)+)$|def test_([a-z]\d)_", re.MULTILINE)
NOT_TESTED = {"N6"}  # what is left out cannot be tried


def noted() -> dict[str, bool]:
    """Each decision of DECISIONS.md, and whether it applies so far."""
    text = (TESTS.parent / "DECISIONS.md").read_text()
    return {name: not later for name, later in NOTED.findall(text.split("## What the product itself decided")[1])}


def cited() -> dict[str, set[str]]:
    """Each decision that a test names, and the files that do."""
    found: dict[str, set[str]] = {}
    for path in TESTS.rglob("*.py"):
        if path == Path(__file__):
            continue
        for groups in CITED.findall(path.read_text()):
            for name in re.findall(r"[A-Za-z]\d", " ".join(groups)):
                found.setdefault(name.upper(), set()).add(path.name)
    return found


def test_every_decision_so_far_is_held_by_a_test_that_cites_it() -> None:
    missing = sorted(name for name, applies in noted().items() if applies and name not in cited() and name not in NOT_TESTED)
    assert not missing, f"no test cites {', '.join(missing)}"


def test_no_test_cites_a_decision_that_there_is_not() -> None:
    strange = {name: files for name, files in cited().items() if name not in noted()}
    assert not strange


def test_the_list_is_whole() -> None:
    assert len(noted()) == 52
    assert sum(noted().values()) == 52

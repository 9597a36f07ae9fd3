"""Nothing about the sealed list tells which line is which (decisions R1, C3)."""

from collections.abc import Callable

import orjson

from tests import story
from tests.conftest import At


def test_the_lines_were_written_in_no_order(at: Callable[..., At]) -> None:
    """Decision R1: whoever counts the rows of a dump, or the changes of the entry, learns no line number. (Once in 12! it fails.)"""
    ledger = at("list imported", story.list_imported).ledger
    with ledger.engine.connect() as conn:
        (raw,) = conn.exec_driver_sql("SELECT body FROM entry WHERE act = 'masking.import_list'").one()
    lines = [one["after"]["line"] for one in orjson.loads(bytes(raw))["changes"] if one["table"] == "randomisation_line"]
    with ledger.read() as session:
        numbers = [int(ledger.keyring.open(session, "randomisation", line) or 0) for line in lines]
    assert sorted(numbers) == list(range(1, 13))
    assert numbers not in ([*range(1, 13)], [*range(12, 0, -1)])

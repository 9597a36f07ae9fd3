"""One row per way a master record can balance wrongly: its limits, what containers hold, and what is counted by hand."""

import pytest

from backend.trial.rules import folder_of
from tests.trial import test_folder_faults as spoilt
from tests.trial.test_folder_faults import MAKE, RECORD, TRIAL, Row

BALANCE = "balance: {volume: <= 105, cells: <= 115, counts: 0}"
COUNTED = "then: kept, each: {volume: volume, cells: tnc}}"
VIALS = "out_of: {volume: volume}"
STORED = "{code: stored, ask: Vials in the tanks, unit: vials, counts: {kind: cryovial, what: stored}}"
AT_THE_BEDSIDE = "ask: Volume of marrow by weight, unit: mL"

ROWS = {
    "no balance": Row(RECORD, BALANCE + "\n", "", "The file has no balance.", at="record: ABM-MSC"),
    "no limit of the counts": Row(RECORD, BALANCE, BALANCE.replace(", counts: 0", ""), "balance has no counts."),
    "a volume without an upper end": Row(
        RECORD, BALANCE, BALANCE.replace("<= 105", '">= 105"'),
        "balance: volume is >= 105; it must say how much may come out at most, as in <= 105.",
    ),
    "cells with a lower end": Row(
        RECORD, BALANCE, BALANCE.replace("<= 115", "80 to 115"),
        "balance: cells is 80 to 115; it must say how much may come out at most, as in <= 105.",
    ),
    "a volume that makes every good step wait": Row(
        RECORD, BALANCE, BALANCE.replace("<= 105", "< 100"),
        "balance: volume is < 100 %, so a step in which nothing is lost would wait for QA.",
    ),
    "cells that may be twice as many": Row(
        RECORD, BALANCE, BALANCE.replace("<= 115", "<= 200"), "balance: cells is <= 200 %, so twice of what there was would pass."
    ),
    "counts without an upper end": Row(
        RECORD, BALANCE, BALANCE.replace("counts: 0", 'counts: ">= 0"'),
        "balance: counts is >= 0; it must say how far a count may be out at most, as in 0 or <= 1.",
    ),
    "counts that can never agree": Row(
        RECORD, BALANCE, BALANCE.replace("counts: 0", "counts: 1"),
        "balance: counts is 1, so a count that is as the record has it would wait for QA.",
    ),
    "a container that holds a reading that is not there": Row(
        RECORD, COUNTED, COUNTED.replace("tnc", "total"), "MNC-4: the cells of cell tube is total, but the step has no such reading."
    ),
    "a container that holds cells in millilitres": Row(
        RECORD, COUNTED, COUNTED.replace("cells: tnc", "cells: volume"),
        "MNC-4: the cells of cell tube is volume, in mL; it must be in cells or cells/vial.",
    ),
    "a container that holds something and is used up": Row(
        RECORD, COUNTED, COUNTED.replace("kept", "used up"), "MNC-4: it says what cell tube holds, but it is used up; it must be kept."
    ),
    "a new container that holds what is not read": Row(
        RECORD, MAKE, MAKE.replace("volume: volume", "volume: weight"),
        "MNC-3: the volume of cell tube is weight, but the step has no such reading.",
    ),
    "vials out of a suspension that is not read": Row(
        RECORD, VIALS, "out_of: {volume: concentration}",
        "CRY-2: the volume of what cryovial comes out of is concentration, in cells/mL; it must be in mL.",
    ),
    "an account that nothing is held against": Row(
        RECORD, STORED, STORED.replace(", counts: {kind: cryovial, what: stored}", ""),
        "CRY-7 stored: it is counted by hand for an account, and nothing says what it counts in the record.",
    ),
    "a count of what nothing makes": Row(
        RECORD, STORED, STORED.replace("kind: cryovial", "kind: straw"), "CRY-7 stored: it counts straw, but no step before it makes one."
    ),
    "vials counted in labels": Row(
        RECORD, STORED, STORED.replace("unit: vials", "unit: labels"), "CRY-7 stored: the unit is labels; stored are counted in vials."
    ),
    "a count of what the record does not count": Row(
        RECORD, STORED, STORED.replace("what: stored", "what: sold"), "CRY-7 stored, counts what is 'sold'; it must be 'labels printed', "
    ),
    "a count at the bedside": Row(
        TRIAL, AT_THE_BEDSIDE, AT_THE_BEDSIDE + ", counts: {kind: marrow bag, what: stored}",
        "collection volume: the record counts nothing at the bedside.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_a_balance_that_is_spoilt_names_its_fault_and_its_line(row: Row, files: dict[str, bytes]) -> None:
    spoilt.test_a_spoilt_folder_names_its_fault_and_its_line(row, files)


@pytest.mark.parametrize("limit", ["<= 100", "<= 105", "< 200"])
def test_any_limit_between_the_whole_and_twice_of_it_is_the_sponsors_to_set(limit: str, files: dict[str, bytes]) -> None:
    record = files[RECORD].decode().replace(BALANCE, f"balance: {{volume: {limit}, cells: {limit}, counts: <= 1}}")
    balance = folder_of({**files, RECORD: record.encode()}).master.balance
    assert (str(balance.volume), str(balance.cells), str(balance.counts)) == (limit, limit, "<= 1")

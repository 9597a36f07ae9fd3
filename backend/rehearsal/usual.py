"""The usual values of a batch that goes well: what people read at each step of the master record, invented and in limits.

Times are taken when the step is played; a value that depends on the record (the end of the collection) is looked up by the player.
"""

from collections.abc import Mapping
from datetime import timedelta

MINUTES = timedelta(minutes=8)  # from one step to the next, unless `PAUSES` says otherwise
PAUSES: Mapping[str, timedelta] = {
    "CUL-1": timedelta(hours=60),
    "CUL-3": timedelta(hours=62),
    "CRY-5": timedelta(minutes=6),
    "CRY-6": timedelta(hours=2),
}

USUAL: Mapping[str, Mapping[str, str]] = {
    "REC-1": {"seal": "SEAL-0412", "seal_intact": "yes", "coldest": "18.5", "warmest": "22.0"},
    "REC-2": {"label_agrees": "yes"},
    "REC-3": {"volume": "31.5", "clots": "none", "leak": "no"},
    "REC-4": {"live": "84 79 88 81", "dead": "3 4 2 3"},
    "REC-5": {"decision": "accept"},
    "REC-6": {"empty": "yes", "clean": "yes"},
    "MNC-2": {"temperature": "22.0", "force": "400", "minutes": "30"},
    "MNC-3": {"washes": "yes", "volume": "8.0"},
    "MNC-4": {"volume": "8.0", "live": "152 148 155 145", "dead": "6 5 7 6"},
    "MNC-5": {"flasks": "2", "area_each": "175", "seeded": "60000000", "volume_each": "35.0"},
    "MNC-7": {"temperature": "37.0", "co2": "5.0", "humidity": "95"},
    "MNC-8": {},
    "MNC-9": {"empty": "yes", "clean": "yes"},
    "CUL-1": {},
    "CUL-3": {"confluence": "78", "morphology": "spindle", "contamination": "no"},
    "CUL-6": {"minutes": "5", "volume": "10.0"},
    "CUL-7": {"live": "62 58 61 59", "dead": "1 2 1 1"},
    "CUL-8": {"next": "re-seed"},
    "CUL-9": {"flasks": "2", "area_each": "636", "seeded": "4000000", "volume_each": "35.0"},
    "HAR-2": {"washes": "2", "volume": "20.0"},
    "HAR-3": {"live": "62 58 61 59", "dead": "2 2 1 2"},
    "HAR-5": {},
    "CRY-1": {"dmso": "10", "temperature": "4.0"},
    "CRY-2": {"volume": "14.4", "concentration": "15000000", "fill": "1.0", "vials": "14"},
    "CRY-3": {"printed": "14", "applied": "14", "specimen": "0", "void": "0", "destroyed": "0"},
    "CRY-5": {"run": "CRF-0193", "first_rate": "-1.0", "spike": "2.1", "lowest": "-120", "curve": "yes"},
    "CRY-6": {"temperature": "-178", "exposure": "1.5"},
    "CRY-7": {"stored": "14", "tested": "0", "discarded": "0"},
}

BY_PASSAGE: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("P1", "CUL-7"): {"live": "58 62 60 60", "dead": "1 1 2 1"},
    ("P1", "CUL-9"): {"flasks": "5", "seeded": "15000000"},
    ("P1", "CUL-6"): {"volume": "6.0"},
    ("P2", "CUL-6"): {"volume": "20.0"},
    ("P2", "CUL-7"): {"live": "131 128 133 128", "dead": "3 2 4 3"},
    ("P2", "CUL-8"): {"next": "harvest"},
}

SECOND: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("", "MNC-4"): {"live": "149 151 150 154", "dead": "5 6 6 7"},
    ("P0", "CUL-7"): {"live": "60 61 57 63", "dead": "1 1 1 2"},
    ("P1", "CUL-7"): {"live": "61 59 63 58", "dead": "2 1 1 1"},
    ("P2", "CUL-7"): {"live": "127 134 130 126", "dead": "2 3 3 4"},
    ("", "HAR-3"): {"live": "60 63 59 60", "dead": "1 2 2 2"},
}


def usual(step: str, passage: str) -> dict[str, str]:
    """What the first person usually reads."""
    return dict(USUAL.get(step, {})) | dict(BY_PASSAGE.get((passage, step), {}))


def usual_second(step: str, passage: str) -> dict[str, str]:
    """What the second person usually reads otherwise than the first: a count is never quite the same."""
    return dict(SECOND.get((passage, step), {}))

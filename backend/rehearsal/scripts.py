"""Who takes part in the demonstration and the simulation, and what goes wrong for them. All of it is invented.

A script is data: the story that plays it knows incidents by name and nothing of a subject.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True)
class Somebody:
    """An invented person who may be enrolled."""

    number: str
    full_name: str
    record_number: str
    birth_date: str
    sex: str
    third_identifier: str = ""
    weight_kg: str = "61.5"


Values = Mapping[tuple[str, str], Mapping[str, str]]  # (passage, step) to the readings that differ from the usual ones


@dataclass(frozen=True)
class Script:
    """One subject's part. `days` after the beginning it starts; `until` is where it stops ("" plays to the end)."""

    who: Somebody
    days: int
    until: str = ""
    incidents: frozenset[str] = frozenset()
    first: Values = field(default_factory=dict)
    second: Values = field(default_factory=dict)
    ends_now: timedelta | None = None  # the harvest happens this long before the story ends


LOW_COUNT: Values = {
    ("", "MNC-3"): {"volume": "9.0"},
    ("", "MNC-4"): {"volume": "9.0", "live": "53 52 55 52", "dead": "24 25 24 25"},
    ("", "MNC-5"): {"seeded": "36000000"},
}
LOW_COUNT_SECOND: Values = {("", "MNC-4"): {"live": "54 51 53 54", "dead": "25 24 25 24"}}
SLOW: Values = {
    ("P0", "CUL-9"): {"seeded": "5900000"},
    ("P1", "CUL-6"): {"volume": "3.0"},
    ("P1", "CUL-7"): {"live": "50 49 51 50", "dead": "1 1 1 1"},
    ("P1", "CUL-9"): {"seeded": "9000000"},
}
SLOW_SECOND: Values = {("P1", "CUL-7"): {"live": "49 51 50 49", "dead": "1 0 1 1"}}
TOO_FEW: Values = {("", "HAR-3"): {"live": "38 37 39 38", "dead": "2 1 1 2"}}
TOO_FEW_SECOND: Values = {("", "HAR-3"): {"live": "37 39 38 37", "dead": "1 2 1 1"}}

OLD_MAN = Somebody("S13", "Fu Zhiqiang", "MRN-230066", "1959-01-15", "male")  # 66 years old

SCRIPTS = (
    Script(Somebody("S01", "Gao Lihua", "MRN-204417", "1969-04-12", "female", weight_kg="56.2"), 0),
    Script(
        Somebody("S02", "Ma Jianguo", "MRN-198850", "1964-11-30", "male", weight_kg="71.0"),
        3,
        incidents=frozenset({"short marrow", "withdraws"}),
    ),
    Script(Somebody("S03", "Yan Xiu", "MRN-221073", "1975-02-08", "female", weight_kg="52.4"), 7, first=LOW_COUNT, second=LOW_COUNT_SECOND),
    Script(
        Somebody("S04", "Tao Weimin", "MRN-187312", "1971-08-23", "male", weight_kg="86.0"),
        11,
        incidents=frozenset({"fails"}),
        first=TOO_FEW,
        second=TOO_FEW_SECOND,
    ),
    Script(
        Somebody("S05", "Wang Wei", "MRN-240018", "1968-05-19", "male", weight_kg="68.3"),
        16,
        incidents=frozenset({"smeared label", "positive culture"}),
    ),
    Script(
        Somebody("S06", "Wang Wei", "MRN-240977", "1968-05-19", "male", "ID-320600-1968-0007", weight_kg="74.8"),
        20,
        incidents=frozenset({"similar", "broken syringe"}),
    ),
    Script(
        Somebody("S07", "Hu Meiling", "MRN-215540", "1962-12-02", "female", weight_kg="48.0"),
        24,
        incidents=frozenset({"CD34 high", "wash misread"}),
        first=SLOW,
        second=SLOW_SECOND,
    ),
    Script(
        Somebody("S08", "Erik Lindqvist", "MRN-233081", "1980-07-14", "male", weight_kg="82.5"),
        28,
        incidents=frozenset({"second reading differs", "late mycoplasma"}),
    ),
    Script(
        Somebody("S09", "Zhao Yulan", "MRN-209954", "1966-03-27", "female", weight_kg="59.7"),
        33,
        incidents=frozenset({"foreign container", "code break"}),
    ),
    Script(Somebody("S10", "Deng Bolin", "MRN-226618", "1973-10-05", "male", weight_kg="77.4"), 37, incidents=frozenset({"dies"})),
    Script(
        Somebody("S11", "Anna Kowalczyk", "MRN-241402", "1978-01-21", "female", weight_kg="63.1"), 41, incidents=frozenset({"window lost"})
    ),
    Script(
        Somebody("S12", "Xie Guangming", "MRN-238806", "1961-06-11", "male", weight_kg="69.9"),
        46,
        incidents=frozenset({"partial dose", "wash misread"}),
    ),
)

"""What a randomisation list must be: every line once, every arm of the trial in its planned number, and the checksum that was told apart.
When a line may be drawn for a subject, and when a physician may be told one arm.

No sentence names an arm, a number of one arm, or what stands in a line: a refusal is in the record for masked people to read.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from labels.codes import shown

HEADER = ["line", "arm"]
Reason = Literal[
    "serious adverse event whose treatment depends on it", "suspected overdose or wrong dose", "emergency operation or intensive care",
    "asked for by an authority or the ethics committee",
]  # fmt: skip
"""Why one arm may have to be known at once. Anything else can wait for the end of the trial."""
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Line:
    """One line of the list: its number and what stands behind it."""

    number: str
    arm: str


def checksum(text: str) -> str:
    """The SHA-256 of the list as lines that end with one newline each: what an editor or a browser does to line ends is no difference."""
    return hashlib.sha256(("\n".join(text.strip().splitlines()) + "\n").encode()).hexdigest()


def lines_of(text: str) -> list[Line]:
    """The lines below the header; a row that is no pair becomes a line with nothing in it, which `against_list` names by its place."""
    rows = list(csv.reader(io.StringIO(text.strip())))[1:]
    return [Line(row[0].strip(), row[1].strip()) if len(row) == 2 else Line("", "") for row in rows]


def against_list(text: str, said: str, arms: Collection[str], planned: int) -> Iterator[str]:
    """Every reason why this text is not the list of a trial with these arms, equally many lines each, `planned` lines in all."""
    if checksum(text) != said.strip().lower():
        yield "The checksum that was typed is not the checksum of this file; both must come from the statistician, by two ways."
    header = text.strip().splitlines()[:1]
    if [part.strip() for part in "".join(header).split(",")] != HEADER:
        yield f"The first line must be “{','.join(HEADER)}”."
        return
    lines = lines_of(text)
    if len(lines) != planned:
        yield f"The list has {len(lines)} lines; it must have {planned}."
    if empty := [str(n) for n, line in enumerate(lines, 2) if not (line.number and line.arm)]:
        yield f"Not a line number and an arm in row {', '.join(empty)} of the file; each row must have both."
    if unknown := [str(n) for n, line in enumerate(lines, 2) if line.arm and line.arm not in arms]:
        yield f"What stands in row {', '.join(unknown)} of the file is no arm of the trial folder in force."
    numbers = [line.number for line in lines if line.number]
    if sorted(numbers) != sorted(str(n) for n in range(1, len(lines) + 1)):
        yield f"The line numbers are not 1 to {len(lines)}, each once."
    if any(count * len(arms) != planned for count in (Counter(line.arm for line in lines)[arm] for arm in arms)):
        yield f"The arms are not equally many; each must have {planned // len(arms)} of {planned} lines."


def against_drawing(imported: bool, unused: int, has_line: bool) -> Iterator[str]:
    """Every reason why no line of the list can be drawn for this subject."""
    if not imported:
        yield "The randomisation list is not imported; two people must import it first."
    elif not unused:
        yield "Every line of the randomisation list belongs to a subject; there must be an unused one."
    if has_line:
        yield "This subject has a line of the randomisation list already; nobody has two."


def against_unmasking(physician: bool, assigned: bool, done: bool) -> Iterator[str]:
    """Every reason why this person cannot be told the arm of this subject (decision P3)."""
    if not physician:
        yield "You are not a physician now; only a physician may be told the treatment of a subject."
    if not assigned:
        yield "No line of the randomisation list is drawn for this subject, so there is no treatment to tell."
    if done:
        yield "You have unmasked this subject already."


def alert_of(name: str, coi: str, reason: str) -> str:
    """What QA is told of an emergency: who, whom and why, and nothing of what was told."""
    return f"{name} unmasked the subject {shown(coi)} in an emergency: {reason}."

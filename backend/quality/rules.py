"""What must be true of deviations and holds, from rows to sentences."""

from collections.abc import Iterable, Iterator

from backend.quality.models import Deviation, DeviationDecided, DeviationDescribed, Hold

GRADES = ("minor", "major", "critical")


def against_opening(sentence: str, grade: str) -> Iterator[str]:
    """Every reason why a deviation cannot be opened like this."""
    if not sentence.strip():
        yield "A deviation says what is and what must be; nothing was said."
    if grade not in GRADES:
        yield f"“{grade}” is no grade; a deviation is {', '.join(GRADES[:-1])} or {GRADES[-1]}."


MASKED = "What this deviation says is masked; unmasked QA reads and decides it."


def against_describing(deviation: Deviation, decided: DeviationDecided | None) -> Iterator[str]:
    """Every reason why a deviation cannot be described any further."""
    if deviation.masked:
        yield MASKED
    if decided:
        yield "This deviation has been decided; what is found out later is a deviation of its own."


def against_deciding(
    deviation: Deviation, described: Iterable[DeviationDescribed], decided: DeviationDecided | None, covered: bool, by: str
) -> Iterator[str]:
    """Every reason why this person cannot decide this deviation now."""
    described = list(described)
    if decided:
        yield "This deviation has been decided already."
        return
    if deviation.masked:
        yield MASKED
        return
    if covered:
        yield "The second reading of this value is still open; it must be closed before anybody decides."
    if not described:
        yield "Nobody has described cause, impact and action yet; a decision must rest on them."
    if deviation.by == by:
        yield "The deviation was opened on what you did or saw yourself, so somebody else must decide it."
    if any(one.by == by for one in described):
        yield "You described this deviation yourself, so somebody else must decide it."


def covered(deviation: Deviation, closed: bool, person: str) -> bool:
    """Whether this person must not know of the deviation yet (decision W3)."""
    return deviation.covered_for is not None and not closed and deviation.by != person


def against_lifting(hold: Hold, deviations: Iterable[tuple[Deviation, bool]], by: str) -> Iterator[str]:
    """Every reason why this person cannot lift this hold. `deviations` are undecided, each with whether a check covers it still (W3)."""
    if hold.ended_at:
        yield f"This hold was lifted already: {hold.ended_why}"
        return
    if hold.by == by:
        yield "What you did yourself placed this hold, so somebody else must lift it." if hold.cause else (
            "You placed this hold yourself, so somebody else must lift it."
        )
    for one, hidden in deviations:
        yield "A second reading of what is held is still open." if hidden else f"A deviation of what is held is not decided: {one.sentence}"

"""Every reason why a sample cannot be received, or a result recorded, repeated, corrected or reviewed."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from backend.custody.models import Container, HandedOver, Occupancy
from backend.testing.models import OUT, Result, ResultReviewed, SampleReceived
from backend.testing.rules.verdicts import Asked

NO_REFERENCE = (
    "No STR profile of the subject's own reference sample is reviewed; it must be recorded and reviewed before a product is compared."
)


def against_sample(box: Container, is_sample: bool, away: HandedOver | None) -> Iterator[str]:
    """Every reason why this is nothing that can be tested now."""
    if not is_sample:
        yield f"{box.name} is a {box.kind} and no sample; only samples are tested."
    if away:
        yield f"{box.name} was handed over and is not received; it must be received before it is tested."


def against_receiving(box: Container, labelled: bool, received: SampleReceived | None) -> Iterator[str]:
    """Every reason why this sample cannot be taken over."""
    if received:
        yield SampleReceived.says["container_code"]
    if not labelled:
        yield f"{box.name} has no applied label; a sample is tested with its label on."


def against_recording(box: Container, received: SampleReceived | None, results: Collection[Result]) -> Iterator[str]:
    """Every reason why this cannot be the first result of its test."""
    if received is None:
        yield f"{box.name} was not received by an analyst; it must be received before a result is recorded."
    if results:
        yield "This test has a result, which stays; another one is a repeat or a correction, each with its reason."


def against_repeating(asked: Asked, results: Collection[Result], decided: Mapping[str, bool]) -> Iterator[str]:
    """Every reason why the test cannot be done again. `decided`: result to whether QA accepted its deviation."""
    if not results:
        yield f"{asked.title} has no result yet; there is nothing to repeat."
    for row in results:
        if row.verdict == OUT and row.code not in decided:
            yield f"{row.sentence} QA has not decided the deviation of this result; it must be decided before the test is repeated."
        elif row.verdict == OUT and not decided[row.code]:
            yield f"{row.sentence} QA rejected the deviation of this result, so the result stands and the test is not repeated."


def against_correcting(row: Result, in_force: Result, same: bool) -> Iterator[str]:
    """Every reason why this result cannot be corrected to this value."""
    if row.code != in_force.code:
        yield _replaced(in_force)
    elif same:
        yield "This is the value that the result has already; a correction changes it."


def against_reviewing(row: Result, in_force: Result, reviewed: ResultReviewed | None, stale: bool, by: str) -> Iterator[str]:
    """Every reason why this person cannot review this result."""
    if row.code != in_force.code:
        yield _replaced(in_force)
    if reviewed:
        yield ResultReviewed.says["result_code"]
    if row.by == by:
        yield "You recorded this result yourself, so another analyst must review it."
    if stale:
        yield "The reference profile was corrected after this was compared; it must be compared again before it is reviewed."


def _replaced(in_force: Result) -> str:
    return f"This result was followed by a {in_force.kind}; only the newest one, number {in_force.number}, can be dealt with."


def against_taking(vial: Container, stands: Occupancy | None, tests: Iterable[object]) -> Iterator[str]:
    """Every reason why this vial cannot be thawed for tests."""
    if vial.kind != "cryovial" or vial.batch_code is None:
        yield f"{vial.name} is a {vial.kind}; only a cryovial of a bank is taken for its tests."
    if stands is not None and stands.position_code:
        yield f"{vial.name} is in a position; it must be picked first."
    if not list(tests):
        yield "The specification asks for no test of a vial of the bank."

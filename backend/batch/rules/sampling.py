"""Which specification a sample is tested by: the bank's of its stage, or that of a test in process (decision L2)."""

from collections.abc import Iterable

from backend.trial.rules import Limit, Specification, Specifications

HARVEST, BANK_VIAL, DURING, DOSE = "harvest", "bank vial", "in process", "dose"


def sampled(specifications: Specifications, tests: Iterable[str]) -> dict[str, list[Specification]]:
    """Stage to specifications for the tests that a step names; the bank's own come first, the folder having agreed that each is there."""
    bank = {one.test: one for one in of_stage(specifications, HARVEST)}
    other = {one.test: one for one in specifications.in_process}
    found: dict[str, list[Specification]] = {}
    for test in tests:
        stage, known = (HARVEST, bank) if test in bank else (DURING, other)
        if test in known:
            found.setdefault(stage, []).append(known[test])
    return found


def of_stage(specifications: Specifications, stage: str) -> list[Specification]:
    """The tests of the bank at one stage: at harvest, or of a vial taken out of it."""
    return [one for one in specifications.bank if stage in one.stages]


def limit_text(specification: Specification) -> str:
    """What is accepted, as a sample carries it: the limit as it is written, or the accepted options one a line; empty is not judged."""
    if isinstance(specification.accept, Limit):
        return specification.accept.text
    return "\n".join(specification.accept or ())

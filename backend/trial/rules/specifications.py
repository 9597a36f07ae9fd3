"""Specifications: what each test of a bank and of a dose must show to be accepted.

Release compares, `testing` compares, neither decides a limit: all limits are here. `override: never` marks a test whose failure no
person may set aside.
"""

from typing import Literal

from pydantic import Field

from backend.trial.rules.limits import Limit
from backend.trial.rules.readings import ManyOptions, Words
from backend.trial.rules.written import Duration, Page, Unit, YesNo


class Specification(Page):
    """One test: its method, what is accepted, how long it takes to read out, and whether a failure can be set aside."""

    test: Words
    title: Words
    method: Words
    kind: Literal["number", "choice", "profile", "report"] = "number"
    unit: Unit | None = None
    of: tuple[Words, ...] = Field(default=(), description="the options of a choice")
    accept: Limit | ManyOptions | None = Field(default=None, union_mode="left_to_right")
    formula: Words | None = Field(default=None, description="the formula of a limit that depends on the dose, in place of accept")
    from_arm: YesNo = Field(default=False, description="yes: the limit is the arm's and is known to the dose alone")
    stages: ManyOptions = ()
    reads_out: Duration
    override: Literal["never", "by QA"] = "by QA"
    censored: Literal["inconclusive above limit"] | None = None


class Specifications(Page):
    """The tests of a bank, of a dose, and those that only inform."""

    version: Words
    draft: YesNo
    bank: tuple[Specification, ...] = Field(min_length=1)
    dose: tuple[Specification, ...] = Field(min_length=1)
    in_process: tuple[Specification, ...] = ()

    def tests(self) -> frozenset[str]:
        """Every test by its short name."""
        return frozenset(one.test for part in (self.bank, self.dose, self.in_process) for one in part)

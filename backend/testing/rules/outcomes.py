"""What all results of one test come to: the newest in force, the first never hidden, and what no later one can undo.

A correction says what the measurement before it was; a repeat is another measurement and leaves the one before it standing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from backend.testing.models import CORRECTION, INCONCLUSIVE, OUT, Result
from backend.testing.rules.verdicts import Asked, is_positive, must_be

NEVER = "never"


@dataclass(frozen=True)
class Outcome:
    """Where one test of one sample stands. Without a result `code` is empty; without a sample `asked.container_code` is.

    set_aside: QA accepted the deviation of the result in force, and the specification lets it. for_good: the sentence of a result that
    nothing can set aside. stale: the reference that it was compared with was replaced since. positive: germs were found, and neither a
    reviewed correction nor QA's acceptance says otherwise.
    """

    asked: Asked
    code: str = ""
    value: str = ""
    verdict: str = ""
    sentence: str = ""
    by: str = ""
    results: int = 0
    reviewed_by: str = ""
    set_aside: bool = False
    for_good: str = ""
    stale: bool = False
    positive: bool = False

    @property
    def reviewed(self) -> bool:
        return bool(self.reviewed_by)

    @property
    def failing(self) -> bool:
        """Whether it speaks against using what was tested."""
        return bool(self.for_good) or (self.verdict in (OUT, INCONCLUSIVE) and not self.set_aside)

    @property
    def passes(self) -> bool:
        """Whether nothing of it speaks against using what was tested."""
        return bool(self.code) and self.reviewed and not self.failing and not self.stale

    @property
    def called(self) -> str:
        """The test as a sentence begins with it."""
        return f"{self.asked.title} ({self.asked.stage})"

    @property
    def href(self) -> str:
        """Where it is dealt with."""
        sample, batch, test = self.asked.container_code, self.asked.batch_code, quote(self.asked.test)
        return f"/testing/{sample}?test={test}" if sample else f"/testing?batch={batch}"


def measurements(results: Iterable[Result]) -> list[list[Result]]:
    """The results of one test by measurement, each followed by what corrected it."""
    found: list[list[Result]] = []
    for row in sorted(results, key=lambda one: one.number):
        if row.kind == CORRECTION and found:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def outcome_of(
    asked: Asked, results: Collection[Result], reviewed: Mapping[str, str], accepted: Collection[str], stale: bool = False
) -> Outcome:
    """What the results of one test come to. `reviewed`: result to reviewer; `accepted`: results whose deviation QA accepted."""
    measured = [one[-1] for one in measurements(results)]
    if not measured:
        return Outcome(asked)
    row = measured[-1]
    never = asked.override == NEVER
    standing = measured if row.code in reviewed else results  # what a correction says counts once somebody has reviewed it
    out = next((one for one in measured if never and one.verdict == OUT), None)
    return Outcome(
        asked, row.code, row.value, row.verdict, row.sentence, row.by, len(results), reviewed.get(row.code, ""),
        set_aside=not never and row.code in accepted, for_good=out.sentence if out else "", stale=stale,
        positive=any(is_positive(one.value, one.verdict) and (never or one.code not in accepted) for one in standing),
    )  # fmt: skip


def against_outcomes(outcomes: Iterable[Outcome], missing: bool = True) -> Iterator[str]:
    """Every reason in the tests against using what was tested: missing, not reviewed, failing. None means that all pass.

    With `missing=False` a test that was not read out yet is no reason.
    """
    for one in outcomes:
        if not one.code:
            yield from _missing(one) if missing else ()
            continue
        if one.for_good:
            yield f"{one.for_good} A failure of this test is never set aside."
        elif one.failing:
            yield one.sentence if one.asked.override != NEVER else f"{one.sentence} A failure of this test is never set aside."
        if not one.reviewed:
            yield f"{one.called} has a result that nobody has reviewed; a second analyst must."
        if one.stale:
            yield f"{one.called} was compared with a reference profile that was corrected since; it must be compared again."


def _missing(one: Outcome) -> Iterator[str]:
    must = must_be(one.asked)
    wanted = f"it must be {must}" if must else "it must be reported"
    yield f"{one.called} has no {'result' if one.asked.container_code else 'sample'}; {wanted}."

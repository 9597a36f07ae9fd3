"""Results as an analyst typed them: recorded once, repeated or corrected with a reason, and reviewed by another analyst.

Every result stays. The newest of a test is in force, and a new one must be reviewed anew.
"""

from typing import Annotated

from pydantic import StringConstraints

from backend.access.rules import Role
from backend.custody.models import Container
from backend.ledger import ContainerCode, Declared, IdentityText, Nonsense, Now, Open, RecordCode, Refused, act, ask, refuse
from backend.testing.acts.following import follow
from backend.testing.acts.samples import sample_of
from backend.testing.models import CORRECTION, FIRST, REPEAT, REPORTED, Result, ResultReviewed, SampleReceived
from backend.testing.reads import asked_of, decisions_of, in_force, is_waiting, reference_profiles, results_of, shown_result
from backend.testing.reads.rows import is_stale, reference_results
from backend.testing.rules import (
    Asked,
    Verdict,
    against_correcting,
    against_recording,
    against_repeating,
    against_reviewing,
    compared,
    judged,
    profile_of,
    spelled,
    typed,
)
from backend.testing.rules.against import NO_REFERENCE
from backend.testing.rules.profiles import Profile

PROFILE = Declared("identity", 4096)
RECORDED = "This is the result as it was read."
REPEATED = "I did this test again, and this is its result as it was read; the one before it stays."
CORRECTED = "I correct this result; the reason is true, and the one before it stays in the record."
REVIEWED = "I read the raw value myself, and this is the result."
PAGE = "/testing/{code}"

TestName = Annotated[str, StringConstraints(min_length=1, max_length=60), ask("Test")]
Value = Annotated[str, StringConstraints(max_length=400), ask("Result", hint="As it was read: a number, < or > and a number, or an answer")]
Loci = Annotated[
    Annotated[str, StringConstraints(max_length=2_000)] | None, ask("Profile", hint="A locus and its alleles on each line: TH01: 6, 9.3"),
]  # fmt: skip
Method = Annotated[str, StringConstraints(min_length=1, max_length=200), ask("Method")]


@act(
    "testing.record", roles={Role.ANALYST}, title="Record a result", signed=RECORDED, tells="{by} recorded {test} of the sample {sample}.",
    offers=("C", "L"), ready=is_waiting, page=PAGE,
)  # fmt: skip
def record(
    now: Now, sample: ContainerCode, test: Open[TestName], method: Open[Method], value: Open[Value] = "",
    profile: IdentityText[Loci] = None,
) -> Result:  # fmt: skip
    """The first result of this test of this sample stays for ever, judged by the limit that the sample carries.

    A value out of its limit is recorded and opens a deviation. An STR profile is given as `profile`, which is sealed.
    """
    box, asked = _asked(now, sample, test)
    before = results_of(now.session, box.code, test)
    refuse(against_recording(box, now.session.get(SampleReceived, box.code), before))
    return _keep(now, box, asked, FIRST, method, value, profile, before)


@act(
    "testing.repeat", roles={Role.ANALYST}, title="Record a repeated test", signed=REPEATED, reason="open",
    tells="{by} repeated {test} of the sample {sample}.", page=PAGE,
)  # fmt: skip
def repeat(
    now: Now, sample: ContainerCode, test: Open[TestName], method: Open[Method], value: Open[Value] = "",
    profile: IdentityText[Loci] = None,
) -> Result:  # fmt: skip
    """Another measurement of the same sample is in force; those before it stay. After one that is out, only once QA has accepted it."""
    box, asked = _asked(now, sample, test)
    before = results_of(now.session, box.code, test)
    refuse(against_repeating(asked, before, decisions_of(now.session, before)))
    return _keep(now, box, asked, REPEAT, method, value, profile, before)


@act(
    "testing.correct", roles={Role.ANALYST}, title="Correct a result", signed=CORRECTED, reason="open",
    tells="{by} corrected the result {result}.", page="/testing/results/{result}",
)  # fmt: skip
def correct(now: Now, result: RecordCode, value: Open[Value] = "", profile: IdentityText[Loci] = None) -> Result:
    """The result in force is replaced for a reason and must be reviewed again; what was decided on it is on hold (decision F2)."""
    row = now.get(Result, result, "There is no result with this code.")
    box = now.session.get_one(Container, row.container_code)
    asked = asked_of(now.session, box.code)[row.test]
    before = results_of(now.session, box.code, row.test)
    refuse(against_correcting(row, before[-1], _same(now, asked, row, value, profile)))
    return _keep(now, box, asked, CORRECTION, row.method, value, profile, before)


def _same(now: Now, asked: Asked, row: Result, value: str, profile: str | None) -> bool:
    """Whether a correction changes nothing. One profile compared anew, after its reference was corrected, does."""
    if asked.kind != "profile":
        return _typed(asked, value) == row.value
    stale = bool(asked.batch_code) and is_stale(row, reference_results(now.session, row.chain))
    return not stale and now.open(row.profile or "") == spelled(_profile(profile))


@act(
    "testing.review", roles={Role.ANALYST}, title="Review a result", signed=REVIEWED, shows=shown_result,
    tells="{by} reviewed the result {result}.", page="/testing/results/{result}",
)  # fmt: skip
def review(now: Now, result: RecordCode) -> ResultReviewed:
    """A second analyst agrees with the result in force. Who recorded it is refused."""
    row = now.get(Result, result, "There is no result with this code.")
    product = bool(asked_of(now.session, row.container_code)[row.test].batch_code)
    stale = product and is_stale(row, reference_results(now.session, row.chain))
    refuse(against_reviewing(row, in_force(now.session, row), now.session.get(ResultReviewed, result), stale, now.by))
    return now.add(ResultReviewed(result_code=result, at=now.at, by=now.by))


def _asked(now: Now, sample: str, test: str) -> tuple[Container, Asked]:
    """The sample and the test of it that is meant; Refused when it is for another."""
    box = sample_of(now, sample)
    tests = asked_of(now.session, box.code)
    if test not in tests:
        raise Refused(f"{box.name} is not for {test}; it is for {', '.join(sorted(tests))}.")
    return box, tests[test]


def _typed(asked: Asked, value: str) -> str:
    """The value as it is kept; Nonsense when it is none."""
    try:
        return typed(asked, value)
    except ValueError as no:
        raise Nonsense({"value": str(no)}) from no


def _profile(text: str | None) -> Profile:
    """The profile as it was typed; Nonsense when it is none, quoting no allele."""
    try:
        return profile_of(text or "")
    except ValueError as no:
        raise Nonsense({"profile": str(no)}) from no


def _keep(now: Now, box: Container, asked: Asked, kind: str, method: str, value: str, profile: str | None, before: list[Result]) -> Result:
    """The result is in the record beside those before it, with its verdict and everything that follows from it."""
    if asked.kind == "profile":
        if value:
            raise Nonsense({"value": f"{asked.title} is a profile; it is given as the profile, which is sealed."})
        read = _profile(profile)
        verdict, kept, sealed = _compared(now, asked, read), f"{len(read)} loci", now.seal(spelled(read), PROFILE)
    else:
        if profile:
            raise Nonsense({"profile": f"{asked.title} is no profile; its result is given as the value."})
        kept, sealed = _typed(asked, value), None
        verdict = judged(asked, kept)
    reviewed = bool(before) and now.session.get(ResultReviewed, before[-1].code) is not None
    row = now.add(Result(
        code=now.draw("K"), container_code=box.code, test=asked.test, number=len(before) + 1, kind=kind, value=kept, profile=sealed,
        unit=asked.unit, method=method, limit=asked.limit, verdict=verdict.verdict, sentence=verdict.sentence,
        why=now.reason if before else "", at=now.at, by=now.by,
    ))  # fmt: skip
    now.session.flush()  # so that what follows finds the result that it follows from
    follow(now, box, asked, row, reviewed)
    return row


def _compared(now: Now, asked: Asked, read: Profile) -> Verdict:
    """A product's profile beside every reviewed profile of the subject's own reference; a reference is only kept."""
    if not asked.batch_code:
        return Verdict(REPORTED)
    references = reference_profiles(now.session, now.subject or "")
    refuse(None if references else NO_REFERENCE)
    opened = [profile_of(now.open(one.profile or "")) for one in references]
    return compared(asked.title, read, opened)

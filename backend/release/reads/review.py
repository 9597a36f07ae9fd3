"""The review of a bank as one person sees it: what was out of the ordinary, whether the record is complete, and what they would sign."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from backend.access.rules import Role, Viewer
from backend.batch.models import Batch
from backend.batch.reads import batch_of
from backend.collection.reads import collected
from backend.custody.rules import banked
from backend.ledger import digest_of
from backend.ledger.words import Text, words
from backend.release.reads.rows import load, load_all, record, records, shown
from backend.release.rules import Reason, Record, against, exceptions
from backend.testing.rules import Outcome, must_be


class Frozen(BaseModel):
    """A view: values only, made for one viewer."""

    model_config = ConfigDict(frozen=True)


class ReasonView(Frozen):
    """One reason against releasing, and where it is dealt with."""

    part: str
    sentence: str
    href: str


class Exceptional(Frozen):
    """One thing out of the ordinary, where it is dealt with, and where its history is."""

    sentence: str
    at: datetime
    by: str
    href: str
    history: str
    todo: bool


class Group(Frozen):
    """Everything out of the ordinary of one kind."""

    kind: str
    items: tuple[Exceptional, ...]


class Check(Frozen):
    """One part of the record: whether it is complete, in a sentence, and where it can be read."""

    part: str
    kind: str  # go, stop
    sentence: Text
    href: str


class TestLine(Frozen):
    """One test of the bank."""

    __test__ = False  # no test of the program
    title: str
    stage: str
    limit: Text
    value: str
    reviewed_by: str
    kind: str
    word: Text
    href: str


class ReviewView(Frozen):
    """A bank under review."""

    code: str
    coi: str
    subject: str
    record: str
    vials: Text
    collected_at: datetime | None
    carried_out: bool
    decision: str
    decided_by: str
    decided_at: datetime | None
    why: str
    held: tuple[str, ...]  # why nothing of it may be used now, whatever was decided
    signs: bool  # whether this viewer may decide at all
    reasons: tuple[ReasonView, ...]
    groups: tuple[Group, ...]
    checks: tuple[Check, ...]
    tests: tuple[TestLine, ...]
    rows: int
    digest: str


def reasons(session: Session, batch: Batch, signer: str) -> list[Reason]:
    """Every reason why this person may not release this bank now."""
    return all_reasons(session, [batch], signer)[batch.code]


def all_reasons(session: Session, batches: Sequence[Batch], signer: str) -> dict[str, list[Reason]]:
    """By bank, every reason why this person may not release it now."""
    return {one.batch.code: list(against(one, signer)) for one in records(session, load_all(session, batches), signer)}


def review(session: Session, code: str, viewer: Viewer) -> ReviewView:
    """The whole review of a bank for this viewer; what is covered for them is in none of its parts (decision W3)."""
    batch = batch_of(session, code)
    own = load(session, batch)
    seen, lines = record(session, own, viewer.person), shown(session, own)
    found = list(against(seen, viewer.person))
    took, made, bank = collected(session, batch.collection_code), seen.course.decision, banked(seen.kept, seen.stored)
    return ReviewView(
        code=code, coi=batch.coi, subject=seen.subject, record=f"{seen.course.master.record} {seen.course.master.version}",
        vials=_vials(len(bank), sum(bool(one.position) for one in bank)), collected_at=took.ended_at if took else None,
        carried_out=seen.course.next is None, decision=made.decision if made else "", decided_by=seen.name(made.by) if made else "",
        decided_at=made.at if made else None, why=made.why if made else "",
        held=tuple(row.why for row in seen.holds if row.about == code and row.ended_at is None),
        signs=Role.QA in viewer.roles and made is None,
        reasons=tuple(ReasonView(part=one.part, sentence=one.sentence, href=one.href) for one in found),
        groups=groups(seen, viewer.person), checks=tuple(checks(seen, found)),
        tests=tuple(_test(seen, one) for one in sorted(seen.outcomes, key=lambda one: (one.asked.stage, one.asked.title))),
        rows=len(lines), digest=digest_of(lines),
    )  # fmt: skip


def _vials(number: int, stored: int) -> str:
    return words("%(number)s vials, %(stored)s in their positions", number=number, stored=stored)


def groups(seen: Record, person: str) -> tuple[Group, ...]:
    """What was out of the ordinary, by kind."""
    return tuple(
        Group(kind=kind, items=tuple(
            Exceptional(
                sentence=one.sentence, at=one.at, by=seen.name(one.by) if one.by else "", href=one.href,
                history=f"/history?code={one.code}", todo=one.todo,
            )
            for one in many
        ))
        for kind, many in exceptions(seen, person).items()
    )  # fmt: skip


def checks(seen: Record, found: list[Reason]) -> list[Check]:
    """Each part of the record in one sentence; a part with a reason against is not complete."""
    code, wrong = seen.batch.code, {one.part for one in found}
    said = (
        ("steps", _steps(seen), f"/batches/{code}"),
        ("deviations", _deviations(seen), f"/deviations?about={code}"),
        ("holds", _holds(seen), f"/holds?about={code}"),
        ("tests", _tests(seen), "#tests"),
        ("labels", _labels(seen), f"/labels/of-batch/{code}"),
        ("custody", _custody(seen), "/storage"),
        ("subject", _subject(seen), f"/subjects/{seen.batch.coi}"),
        ("hands", _hands(seen), f"/history?code={code}"),
    )  # fmt: skip
    return [Check(part=part, kind="stop" if part in wrong else "go", sentence=sentence, href=href) for part, sentence, href in said]


def _subject(seen: Record) -> str:
    if seen.withdrawn:
        return words("The subject has withdrawn; the trial is %(status)s.", status=seen.status)
    return words("The subject takes part; the trial is %(status)s.", status=seen.status)


def _steps(seen: Record) -> str:
    course = seen.course
    two = sum(course.step(where).checked or course.step(where).second == "witnessed" for where in course.done)
    done = len(course.done)
    if course.next is None:
        return words("Master record: %(done)s steps are finished, %(two)s of them by two people.", done=done, two=two)
    return words(
        "Master record: %(done)s steps are finished, %(two)s of them by two people; %(step)s comes next.", done=done, two=two,
        step=course.next[0],
    )  # fmt: skip


def _deviations(seen: Record) -> str:
    undecided = [row for row in seen.deviations if row.code not in seen.decisions]
    accepted = sum(row.accepted for row in seen.decisions.values())
    return words(
        "Deviations: %(open)s open, %(accepted)s accepted, %(other)s not accepted.", open=len(undecided), accepted=accepted,
        other=len(seen.decisions) - accepted,
    )  # fmt: skip


def _holds(seen: Record) -> str:
    lifted = sum(row.ended_at is not None for row in seen.holds)
    return words("Holds: %(open)s in force, %(lifted)s lifted.", open=len(seen.holds) - lifted, lifted=lifted)


def _tests(seen: Record) -> str:
    good = sum(bool(one.code) and one.reviewed and not one.failing and not one.stale for one in seen.outcomes)
    return words(
        "Tests: %(good)s of %(all)s reported, reviewed by a second analyst, and not failing.", good=good, all=len(seen.outcomes)
    )


def _labels(seen: Record) -> str:
    printed, ended, difference = seen.reconciled
    return words(
        "Labels: %(printed)s printed = %(applied)s applied + %(specimen)s specimen + %(void)s void + %(destroyed)s destroyed, "
        "difference %(difference)s.",
        printed=printed, difference=difference, **ended,
    )  # fmt: skip


def _custody(seen: Record) -> str:
    bank = banked(seen.kept, seen.stored)
    longest = max((row.seconds for row in seen.exposures), default=0)
    away = sum(row.ended_at is None for row in seen.hand_overs)
    return words(
        "Custody: %(number)s vials are stored or with tests, at least %(fewest)s are needed; %(away)s things are on their way; longest out "
        "of the cold %(longest)s s.",
        number=len(bank), fewest=seen.trial.bank.fewest, away=away, longest=longest,
    )  # fmt: skip


def _hands(seen: Record) -> str:
    people = {row.by for row in seen.course.performed} | {row.by for row in seen.course.verified}
    named = ", ".join(sorted(seen.name(one) for one in people))
    return words("Hands: %(who)s. Somebody else releases.", who=named or words("nobody yet"))


def _test(seen: Record, one: Outcome) -> TestLine:
    kind, word = pill_of(one)
    return TestLine(
        title=one.asked.title, stage=one.asked.stage, limit=must_be(one.asked),
        value=f"{one.value} {one.asked.unit}".strip() if one.code else "",
        reviewed_by=seen.name(one.reviewed_by) if one.reviewed_by else "", kind=kind, word=word, href=one.href,
    )  # fmt: skip


def pill_of(one: Outcome) -> tuple[str, str]:
    """The pill of a test: (kind, word)."""
    if not one.code:
        return "wait", words("Missing")
    if one.failing:
        return "stop", words("Inconclusive") if one.verdict == "inconclusive" else words("Out of limits")
    if not one.reviewed:
        return "wait", words("Not reviewed")
    if one.stale:
        return "wait", words("To compare anew")
    if one.set_aside:
        return "warn", words("Set aside")
    return ("plain", words("Reported")) if one.verdict == "reported" else ("go", words("In limits"))

"""A sample as people see it: what it is, whose, each test with its limit, and every result with its history.

A profile is shown to those who read and review it; everybody else reads whether it is the subject's.
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.access.reads import names_of
from backend.access.rules import Role, Viewer
from backend.batch.models import SampleTaken
from backend.custody.models import Container
from backend.custody.reads import container_of, whereabouts
from backend.ledger import Ledger, UnknownCode
from backend.ledger.words import Text, words
from backend.subject.reads import subject_of
from backend.testing.models import IN, INCONCLUSIVE, OUT, REPORTED, Result, ResultDeviation, SampleReceived
from backend.testing.reads.rows import asked_of, decisions_of, is_sample, is_stale, reference_results, results_of, reviews_of
from backend.testing.rules import Asked, Outcome, must_be, outcome_of

Pill = tuple[str, Text]
READS_PROFILES = frozenset({Role.ANALYST, Role.QA})
WORDS: dict[str, Pill] = {
    IN: ("go", words("In")), OUT: ("stop", words("Out")), INCONCLUSIVE: ("warn", words("Inconclusive")),
    REPORTED: ("plain", words("Reported")),
}  # fmt: skip


class Frozen(BaseModel):
    """A view: values only, made for one viewer."""

    model_config = ConfigDict(frozen=True)


class ResultView(Frozen):
    """One result as it was typed, and what became of it. `deviation` is its code, `decided` what QA decided."""

    code: str
    number: int
    kind: str
    value: str
    unit: str
    profile: tuple[str, ...]
    method: str
    verdict: str
    pill: Pill
    sentence: str
    why: str
    at: datetime
    by: str
    mine: bool
    reviewed_by: str
    reviewed_at: datetime | None
    deviation: str
    decided: str


class AskedView(Frozen):
    """One test of a sample: what must be, where it stands, and its results, the newest first. `state` is what is to be done next."""

    test: str
    title: Text
    stage: Text
    kind: str
    unit: str
    method: str
    options: tuple[str, ...]
    must_be: Text
    never: bool
    due_at: datetime | None
    overdue: bool
    state: str
    pill: Pill
    notes: tuple[Text, ...]
    results: tuple[ResultView, ...]


class SampleView(Frozen):
    """A sample."""

    code: str
    coi: str
    subject: str
    name: str
    kind: str
    batch: str
    dose: str
    step: str
    taken_at: datetime
    taken_by: str
    amount_ml: str
    where: Text
    received_at: datetime | None
    received_by: str
    condition: str
    tests: tuple[AskedView, ...]


def sample_view(session: Session, ledger: Ledger, code: str, viewer: Viewer, at: datetime) -> SampleView:
    """A sample with its tests; a container that is none is answered like one that does not exist."""
    box = container_of(session, code)
    if not is_sample(session, box.code):
        raise UnknownCode(code)
    taken, received = session.get(SampleTaken, box.code), session.get(SampleReceived, box.code)
    asked = asked_of(session, box.code)
    results = results_of(session, box.code)
    seeing = _Seeing(session, ledger, viewer, at, box, results)
    names = names_of(session, [box.by, *([received.by] if received else [])])
    return SampleView(
        code=box.code, coi=box.chain, subject=subject_of(session, box.chain).number, name=box.name, kind=box.kind,
        batch=box.batch_code or "", dose=next((one.dose_code for one in asked.values() if one.dose_code), ""),
        step=f"{taken.passage} {taken.step}".strip() if taken else "", taken_at=taken.at if taken else box.at,
        taken_by=names.get(box.by, box.by), amount_ml=f"{taken.amount_ml:f}" if taken else "", where=whereabouts(session, box),
        received_at=received.at if received else None, received_by=names.get(received.by, received.by) if received else "",
        condition=received.condition if received else "",
        tests=tuple(seeing.test(one, received is not None) for one in sorted(asked.values(), key=_due)),
    )  # fmt: skip


def _due(asked: Asked) -> tuple[str, str]:
    return asked.due_at.isoformat() if asked.due_at else "", asked.test


def _state(outcome: Outcome, received: bool, overdue: bool) -> tuple[str, Pill]:
    """What is to be done next about a test, and the word for where it stands."""
    if not outcome.code:
        if not received:
            return "receive", ("wait", words("Not received"))
        return "record", ("stop", words("Overdue")) if overdue else ("wait", words("No result"))
    if not outcome.reviewed:
        return "review", ("warn", words("To be reviewed"))
    if outcome.for_good:
        return "reviewed", ("stop", words("Out"))
    return "reviewed", ("go", words("Set aside by QA")) if outcome.set_aside else WORDS[outcome.verdict]


class _Seeing:
    """One sample's results and what belongs to them, loaded at once for one viewer."""

    def __init__(self, session: Session, ledger: Ledger, viewer: Viewer, at: datetime, box: Container, results: list[Result]) -> None:
        self.session, self.ledger, self.viewer, self.at, self.box, self.results = session, ledger, viewer, at, box, results
        self.reviews = reviews_of(session, results)
        self.accepted = decisions_of(session, results)
        found = select(ResultDeviation.result_code, ResultDeviation.deviation_code)
        self.deviations = dict(session.exec(found.where(col(ResultDeviation.result_code).in_([row.code for row in results]))).all())
        self.names: Mapping[str, str] = names_of(session, {*(one.by for one in results), *(one.by for one in self.reviews.values())})
        self.references = reference_results(session, box.chain)

    def test(self, asked: Asked, received: bool) -> AskedView:
        own = [row for row in self.results if row.test == asked.test]
        stale = bool(own) and bool(asked.batch_code) and is_stale(own[-1], self.references)
        reviewed = {code: row.by for code, row in self.reviews.items()}
        outcome = outcome_of(asked, own, reviewed, {code for code, yes in self.accepted.items() if yes}, stale)
        overdue = not own and asked.due_at is not None and asked.due_at < self.at
        state, pill = _state(outcome, received, overdue)
        notes = [words("%(why)s A failure of this test is never set aside.", why=outcome.for_good)] if outcome.for_good else []
        notes += [words("The reference profile was corrected after this was compared; it must be compared again.")] if stale else []
        return AskedView(
            test=asked.test, title=asked.title, stage=asked.stage, kind=asked.kind, unit=asked.unit, method=asked.method,
            options=asked.options, must_be=must_be(asked), never=asked.override == "never", due_at=asked.due_at, overdue=overdue,
            state=state, pill=pill, notes=tuple(notes), results=tuple(self.result(row) for row in reversed(own)),
        )  # fmt: skip

    def result(self, row: Result) -> ResultView:
        review = self.reviews.get(row.code)
        decided = {True: "accepted", False: "rejected"}[self.accepted[row.code]] if row.code in self.accepted else ""
        return ResultView(
            code=row.code, number=row.number, kind=row.kind, value=row.value, unit=row.unit, profile=self.profile(row), method=row.method,
            verdict=row.verdict, pill=WORDS[row.verdict], sentence=row.sentence, why=row.why, at=row.at,
            by=self.names.get(row.by, row.by), mine=row.by == self.viewer.person,
            reviewed_by=self.names.get(review.by, review.by) if review else "", reviewed_at=review.at if review else None,
            deviation=self.deviations.get(row.code, ""), decided=decided,
        )  # fmt: skip

    def profile(self, row: Result) -> tuple[str, ...]:
        """The loci with their alleles, for those who read profiles; nothing for everybody else."""
        if row.profile is None or not self.viewer.roles & READS_PROFILES:
            return ()
        opened = self.ledger.keyring.open(self.session, row.chain, row.profile)
        return ("erased",) if opened is None else tuple(opened.splitlines())

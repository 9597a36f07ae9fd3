"""Where every test of a bank, or of one dose, stands: what release, dose release and the lifting of holds ask about."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from backend.batch.models import Batch, BatchDecision, SampleTest
from backend.batch.reads import batch_of
from backend.batch.rules.sampling import limit_text
from backend.testing.models import Result
from backend.testing.reads.rows import all_reference_results, asked, decisions_of, is_stale, reviews_of
from backend.testing.rules import Asked, Outcome, outcome_of
from backend.trial.reads import folder


def outcomes(session: Session, batch_code: str) -> list[Outcome]:
    """One for each test of each sample of the bank, and one for each test of the specification that no sample was taken for."""
    return all_outcomes(session, [batch_of(session, batch_code)])[batch_code]


def all_outcomes(session: Session, batches: Sequence[Batch]) -> dict[str, list[Outcome]]:
    """By batch, the same."""
    codes = [batch.code for batch in batches]
    rows: dict[str, list[SampleTest]] = {code: [] for code in codes}
    for row in session.exec(select(SampleTest).where(col(SampleTest.batch_code).in_(codes), col(SampleTest.dose_code).is_(None))):
        rows[row.batch_code].append(row)
    stand = _stand(session, [row for many in rows.values() for row in many])
    return {
        batch.code: [one for one in stand if one.asked.batch_code == batch.code] + _unsampled(session, batch, rows[batch.code])
        for batch in batches
    }  # fmt: skip


def dose_outcomes(session: Session, dose_code: str) -> list[Outcome]:
    """One for each test of each sample of a dose."""
    return _stand(session, session.exec(select(SampleTest).where(SampleTest.dose_code == dose_code)).all())


def positives(session: Session, coi: str) -> list[Outcome]:
    """The tests in which germs were found in anything of this subject, unless a correction or QA's decision says otherwise."""
    return [one for one in _stand(session, session.exec(select(SampleTest).where(SampleTest.chain == coi)).all()) if one.positive]


def released_batches(session: Session, coi: str) -> list[str]:
    """The batches of a subject that QA has released."""
    rows = select(Batch.code).join(BatchDecision, col(BatchDecision.batch_code) == Batch.code)
    return list(session.exec(rows.where(Batch.coi == coi, BatchDecision.decision == "released").order_by(col(Batch.at))))


def _stand(session: Session, rows: Sequence[SampleTest]) -> list[Outcome]:
    if not rows:
        return []
    results = session.exec(select(Result).where(col(Result.container_code).in_({row.container_code for row in rows}))).all()
    of: dict[tuple[str, str], list[Result]] = {}
    for one in sorted(results, key=lambda one: one.number):
        of.setdefault((one.container_code, one.test), []).append(one)
    reviewed = {code: row.by for code, row in reviews_of(session, results).items()}
    accepted = {code for code, yes in decisions_of(session, results).items() if yes}
    references = all_reference_results(session, {row.chain for row in rows})
    found = []
    for row in sorted(rows, key=lambda row: (row.at, row.container_code, row.test)):
        own = of.get((row.container_code, row.test), [])
        stale = bool(own) and is_stale(own[-1], references.get(row.chain, []))
        found.append(outcome_of(asked(row), own, reviewed, accepted, stale))
    return found


def _unsampled(session: Session, batch: Batch, rows: Iterable[SampleTest]) -> list[Outcome]:
    there = {(row.test, row.stage) for row in rows}
    bank = folder(session, batch.folder_code).specifications.bank
    return [
        Outcome(Asked(
            "", one.test, one.title, one.kind, stage, str(one.unit or ""), one.method, one.of, limit_text(one), one.override, batch.code,
        ))
        for one in bank for stage in one.stages if (one.test, stage) not in there
    ]  # fmt: skip

"""The rows of one sample: what it is tested for, what was found, what QA decided of it, and the profiles it is compared with."""

from collections.abc import Iterable, Mapping

from sqlmodel import Session, col, select

from backend.batch.models import SampleTaken, SampleTest
from backend.custody.models import Container
from backend.custody.reads import usable
from backend.custody.reads.containers import occupancy_of
from backend.ledger import Refused, Shown, UnknownCode, each, gathered
from backend.ledger.words import words
from backend.quality.models import DeviationDecided
from backend.subject.models import ReferenceSample
from backend.testing.models import CORRECTION, Result, ResultDeviation, ResultReviewed, SampleReceived
from backend.testing.rules import Asked

STR = "STR"
REFERENCE = words("reference")
REFERENCE_TITLE = words("STR profile of the reference sample")


def is_sample(session: Session, container_code: str) -> bool:
    """Whether a container was drawn to be tested, or is the subject's own reference."""
    return any(session.get(kind, container_code) is not None for kind in (SampleTaken, ReferenceSample))


def asked(row: SampleTest) -> Asked:
    """A test as its sample carries it."""
    return Asked(
        row.container_code, row.test, row.title, row.kind, row.stage, row.unit, row.method, tuple(row.options.splitlines()), row.limit,
        row.override, row.batch_code, row.dose_code, row.due_at,
    )  # fmt: skip


def asked_of(session: Session, container_code: str) -> dict[str, Asked]:
    """Everything that a sample is tested for, by test. A reference sample is for its STR profile, which is compared and not judged."""
    rows = session.exec(select(SampleTest).where(SampleTest.container_code == container_code).order_by(col(SampleTest.test))).all()
    found = {row.test: asked(row) for row in rows}
    own = session.get(ReferenceSample, container_code)
    if own is not None:
        found[STR] = Asked(container_code, STR, REFERENCE_TITLE, "profile", REFERENCE, method="short tandem repeats")
    return found


def results_of(session: Session, container_code: str, test: str = "") -> list[Result]:
    """Every result of a sample, or of one test of it, the first one first."""
    query = select(Result).where(Result.container_code == container_code).order_by(col(Result.test), col(Result.number))
    return list(session.exec(query.where(Result.test == test) if test else query))


def in_force(session: Session, row: Result) -> Result:
    """The newest result of the same test of the same sample."""
    return results_of(session, row.container_code, row.test)[-1]


def result_of(session: Session, code: str) -> Result:
    """The result with this code; UnknownCode when there is none."""
    found = session.get(Result, code)
    if found is None:
        raise UnknownCode(code)
    return found


def decisions_of(session: Session, results: Iterable[Result]) -> dict[str, bool]:
    """Result to whether QA accepted its deviation; one that opened none or was not decided is absent."""
    rows = session.exec(
        select(ResultDeviation.result_code, DeviationDecided.accepted)
        .join(DeviationDecided, col(DeviationDecided.deviation_code) == ResultDeviation.deviation_code)
        .where(col(ResultDeviation.result_code).in_([row.code for row in results]))
    )
    return dict(rows.all())


def reviews_of(session: Session, results: Iterable[Result]) -> dict[str, ResultReviewed]:
    """Result to its review."""
    rows = session.exec(select(ResultReviewed).where(col(ResultReviewed.result_code).in_([row.code for row in results])))
    return {row.result_code: row for row in rows}


def reference_results(session: Session, coi: str) -> list[Result]:
    """For each reference sample of a subject the STR result in force, reviewed or not."""
    return all_reference_results(session, [coi]).get(coi, [])


@each
def all_reference_results(session: Session, cois: list[str]) -> Mapping[str, list[Result]]:
    """By subject, the STR result in force of each reference sample, reviewed or not."""
    rows = session.exec(
        select(ReferenceSample.subject_code, Result).join(Result, col(Result.container_code) == ReferenceSample.container_code)
        .where(col(ReferenceSample.subject_code).in_(cois), Result.test == STR)
        .order_by(col(Result.container_code), col(Result.number))
    )  # fmt: skip
    newest = {row.container_code: (coi, row) for coi, row in rows}
    return gathered(newest.values())


def reference_profiles(session: Session, coi: str) -> list[Result]:
    """The reviewed STR results of a subject's own reference samples; a product is compared with all of them."""
    rows = reference_results(session, coi)
    reviewed = reviews_of(session, rows)
    return [row for row in rows if row.code in reviewed]


def is_stale(result: Result, references: Iterable[Result]) -> bool:
    """Whether a reference was corrected after this product's profile was compared with it."""
    return result.test == STR and any(one.kind == CORRECTION and one.at > result.at for one in references)


def shown_result(session: Session, *, result: str, **_: object) -> Shown:
    """What the page of a test displays to whoever reviews a result: the test, every result of it, and the references of a profile."""
    row = session.get(Result, result)
    if row is None:
        return []
    shown: Shown = [("result", [one.code], one.version) for one in results_of(session, row.container_code, row.test)]
    if session.get(SampleTest, (row.container_code, row.test)) is None:
        return shown
    shown += [("sample_test", [row.container_code, row.test], 1)]
    compared = reference_results(session, row.chain) if row.test == STR else []
    return shown + [("result", [one.code], one.version) for one in compared]


# ---- whether an act is one for this container, now ----


def may_be_received(session: Session, code: str) -> bool:
    """Whether this is a sample that no analyst has taken over."""
    return is_sample(session, code) and session.get(SampleReceived, code) is None


def is_waiting(session: Session, code: str) -> bool:
    """Whether this sample is here and a test of it has no result yet."""
    if session.get(SampleReceived, code) is None:
        return False
    return bool(asked_of(session, code).keys() - {row.test for row in results_of(session, code)})


def may_be_taken(session: Session, code: str) -> bool:
    """Whether this is a cryovial of a bank that was picked and still holds its cells."""
    try:
        vial: Container = usable(session, code)
    except (Refused, UnknownCode):
        return False
    stands = occupancy_of(session, vial.code)
    return vial.kind == "cryovial" and vial.batch_code is not None and not (stands and stands.position_code)

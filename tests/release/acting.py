"""What people do around a release: record and review every test, sign a decision over what the review shows."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlmodel import select

from backend.batch.models import SampleTest
from backend.custody.models import Container, Occupancy
from backend.ledger import Ledger, Receipt, digest_of
from backend.quality.reads import open_deviations, open_holds, shown_deviation, shown_hold
from backend.release.reads import record_of
from backend.subject.models import ReferenceSample
from backend.testing.models import Result
from backend.testing.reads import shown_result
from tests import story
from tests.people import by, sign

PROFILE = "D3S1358: 15, 17\nTH01: 6, 9.3\nFGA: 21, 24\nAmelogenin: X"
GOOD: Mapping[str, str] = {
    "sterility": "no growth", "wash-sterility": "no growth", "passage-sterility": "no growth", "mycoplasma": "not detected",
    "endotoxin": "0.25", "CD73": "98.9", "CD90": "99.2", "CD105": "97.6", "CD45": "0.4", "CD34": "0.3", "CD14": "0.2", "CD19": "0.1",
    "HLA-DR": "1.1", "viability": "91.3", "recovery": "84.0", "karyotype": "no clonal abnormality", "STR": PROFILE,
    "potency": "All three lineages were seen.", "retained-MNC": "Kept.",
}  # fmt: skip
"""A value for every test of the specification that its limit accepts and that is close to none."""


def report_all(ledger: Ledger, run: story.Run, but: Collection[str] = (), unreviewed: Collection[str] = (), **values: str) -> None:
    """Every sample of the bank is received, every test of it reported and reviewed, without `but`; `values` differ, by test."""
    with ledger.read() as session:
        reference = session.exec(select(ReferenceSample.container_code).where(ReferenceSample.chain == run.harvest.coi)).first()
    assert reference is not None
    receive(ledger, reference)
    review(ledger, record(ledger, reference, "STR", PROFILE))
    take_vial(ledger, run)
    with ledger.read() as session:
        rows = session.exec(select(SampleTest).where(SampleTest.batch_code == run.batch)).all()
        vials = {one.code for one in session.exec(select(Container).where(Container.kind == "cryovial"))}
    for sample in {row.container_code for row in rows} - vials:
        receive(ledger, sample)
    for row in rows:
        if row.test not in but:
            found = record(ledger, row.container_code, row.test, (GOOD | values)[row.test])
            if row.test not in unreviewed:
                review(ledger, found)


def take_vial(ledger: Ledger, run: story.Run) -> str:
    """The first vial is picked and thawed for its tests; its code."""
    vial, position = stored(ledger, run)[0]
    pick(ledger, [(vial, position)])
    ledger.do("testing.take_vial", {"vial": vial, "seconds": "30"}, by=by("ANA1"))
    return vial


def stored(ledger: Ledger, run: story.Run) -> list[tuple[str, str]]:
    """The vials of the bank that stand in a position, each with it."""
    with ledger.read() as session:
        rows = session.exec(select(Occupancy).where(Occupancy.chain == run.harvest.coi).order_by(Occupancy.position_code)).all()
    return [(row.container_code, row.position_code) for row in rows if row.position_code and row.ended_at is None]


def pick(ledger: Ledger, pairs: list[tuple[str, str]]) -> None:
    """These vials are taken out of their positions."""
    given = {"container": [one for one, _ in pairs], "position": [one for _, one in pairs], "exposure_s": "20"}
    ledger.do("custody.pick", given, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="For its tests.")


def receive(ledger: Ledger, sample: str) -> None:
    ledger.do("testing.receive", {"sample": sample, "condition": "intact"}, by=by("ANA1"))


def record(ledger: Ledger, sample: str, test: str, value: str, act: str = "testing.record", **more: Any) -> str:
    """A result is in the record; its code."""
    given = {"sample": sample, "test": test, "method": "as written", "profile" if test == "STR" else "value": value}
    code: str = ledger.do(act, given, by=by("ANA1"), signatures=sign("ANA1"), **more).result
    return code


def review(ledger: Ledger, result: str) -> None:
    """A second analyst agrees with a result."""
    with ledger.read() as session:
        shown = digest_of(shown_result(session, result=result))
    ledger.do("testing.review", {"result": result}, by=by("ANA2"), signatures=sign("ANA2"), shown=shown)


def sample_of(ledger: Ledger, run: story.Run, test: str, stage: str = "harvest") -> str:
    """The sample that is for a test."""
    with ledger.read() as session:
        rows = select(SampleTest.container_code).where(SampleTest.batch_code == run.batch, SampleTest.test == test)
        return session.exec(rows.where(SampleTest.stage == stage)).first() or ""


def result_of(ledger: Ledger, sample: str, test: str) -> str:
    """The newest result of a test."""
    with ledger.read() as session:
        rows = session.exec(select(Result).where(Result.container_code == sample, Result.test == test)).all()
    return max(rows, key=lambda row: row.number).code


# ---- QA ----


def shown(ledger: Ledger, batch: str) -> str:
    """The digest of what the review shows now."""
    with ledger.read() as session:
        return digest_of(record_of(session, batch=batch))


def decide(ledger: Ledger, batch: str, act: str = "release.approve", person: str = "QA2", **more: Any) -> Receipt:
    """Somebody of QA signs a decision over what they see."""
    more = {"shown": shown(ledger, batch)} | more
    return ledger.do(act, {"batch": batch}, by=by(person), signatures=sign(person), **more)


def deviate(ledger: Ledger, about: str, sentence: str = "The bin was full.", grade: str = "minor") -> str:
    """A technician opens a deviation; its code."""
    code: str = ledger.do("quality.open", {"about": about, "sentence": sentence, "grade": grade}, by=by("TECH3")).result
    return code


def settle(ledger: Ledger, code: str, decision: str = "accept", person: str = "QA1") -> None:
    """A deviation is described and decided."""
    told = {"deviation": code, "cause": "A slip.", "impact": "None on the cells.", "action": "Nothing was changed."}
    ledger.do("quality.describe", told, by=by("TECH2"))
    with ledger.read() as session:
        seen = digest_of(shown_deviation(session, deviation=code))
    given = {"deviation": code, "decision": decision}
    ledger.do("quality.decide", given, by=by(person), signatures=sign(person), reason="It is plausible.", shown=seen)


def settle_all(ledger: Ledger, about: str) -> None:
    """QA accepts every deviation of this code that is open."""
    with ledger.read() as session:
        codes = [one.code for one in open_deviations(session, about)]
    for code in codes:
        settle(ledger, code)


def place_hold(ledger: Ledger, about: str) -> str:
    """A technician places a hold; its code."""
    given = {"about": about, "why": "The incubator alarmed."}
    code: str = ledger.do("quality.place_hold", given, by=by("TECH3"), signatures=sign("TECH3")).result
    return code


def lift_all(ledger: Ledger, about: str) -> None:
    """QA lifts every hold on this code."""
    with ledger.read() as session:
        held = [(one.code, digest_of(shown_hold(session, one.code))) for one in open_holds(session, about)]
    for code, seen in held:
        ledger.do("quality.lift_hold", {"hold_code": code}, by=by("QA2"), signatures=sign("QA2"), reason="It was read again.", shown=seen)

"""The laboratory's part after the freezer: a bank is tested, each result reviewed by a second analyst, and QA releases it.

Each function is what one or two people do, through acts only. Values are invented and in limits unless the story says otherwise.
"""

from collections.abc import Mapping

from sqlmodel import Session, col, select

from backend.batch.models import SampleTest
from backend.custody.models import Container, Occupancy
from backend.ledger import Ledger, digest_of
from backend.rehearsal.cast import by, sign
from backend.release.reads import record_of
from backend.subject.models import ReferenceSample
from backend.testing.models import SampleReceived
from backend.testing.reads import shown_result

PROFILE = "D3S1358: 15, 16\nTH01: 6, 9.3\nD21S11: 29, 31.2\nD18S51: 14, 17\nPenta E: 12, 15\nFGA: 22, 24\nAMEL: X, Y"
NUMBERS: Mapping[str, str] = {
    "endotoxin": "< 0.5", "CD73": "98.4", "CD90": "99.1", "CD105": "97.6", "CD45": "0.4", "CD34": "0.6", "CD14": "0.3", "CD19": "0.2",
    "HLA-DR": "0.8", "viability": "88.5", "recovery": "81.0",
}  # fmt: skip
"""What a number usually comes to; a choice is the first accepted one, and a report says that it was done."""


def wait_for(session: Session, batch: str, dose: str | None = None) -> list[SampleTest]:
    """The tests of a batch's own samples, or of one dose's, in the order in which they read out."""
    rows = select(SampleTest).where(SampleTest.batch_code == batch, SampleTest.dose_code == dose)
    return list(session.exec(rows.order_by(col(SampleTest.due_at), col(SampleTest.container_code), col(SampleTest.test))))


def usual(asked: SampleTest) -> dict[str, str]:
    """What an analyst types for a test that goes well."""
    if asked.kind == "profile":
        return {"profile": PROFILE}
    if asked.kind == "choice":
        return {"value": asked.limit.splitlines()[0]}
    return {"value": NUMBERS.get(asked.test, "done, nothing unusual")}


def receive_samples(ledger: Ledger, containers: set[str]) -> None:
    """Every sample that no analyst has yet is in an analyst's hands."""
    with ledger.read() as session:
        there = set(session.exec(select(SampleReceived.container_code).where(col(SampleReceived.container_code).in_(containers))))
    for code in sorted(containers - there):
        ledger.do("testing.receive", {"sample": code, "condition": "intact"}, by=by("ANA1"))


def record(ledger: Ledger, sample: str, test: str, method: str, read: Mapping[str, str], *, review: bool = True) -> str:
    """A result is recorded by one analyst and, unless the story waits, reviewed by another; its code."""
    given = {"sample": sample, "test": test, "method": method, **read}
    code: str = ledger.do("testing.record", given, by=by("ANA1"), signatures=sign("ANA1")).result
    if review:
        review_result(ledger, code)
    return code


def review_result(ledger: Ledger, code: str) -> None:
    """A second analyst read the raw value and agrees."""
    with ledger.read() as session:
        shown = digest_of(shown_result(session, result=code))
    ledger.do("testing.review", {"result": code}, by=by("ANA2"), signatures=sign("ANA2"), shown=shown)


def type_reference(ledger: Ledger, coi: str) -> None:
    """The subject's own blood has its STR profile, which every product is compared with."""
    with ledger.read() as session:
        tubes = list(session.exec(select(ReferenceSample.container_code).where(ReferenceSample.subject_code == coi)))
    receive_samples(ledger, set(tubes[:1]))
    record(ledger, tubes[0], "STR", "short tandem repeats", {"profile": PROFILE})


def test_bank(ledger: Ledger, batch: str, changed: Mapping[str, str] | None = None) -> dict[str, str]:
    """Every test of the bank has its reviewed result, with `changed` values instead of the usual ones; results by test and sample."""
    take_test_vial(ledger, batch)
    with ledger.read() as session:
        asked = wait_for(session, batch)
    receive_samples(ledger, {one.container_code for one in asked})
    found = {}
    for one in asked:
        read = {"value": changed[one.test]} if changed and one.test in changed else usual(one)
        found[f"{one.test} {one.container_code}"] = record(ledger, one.container_code, one.test, one.method, read)
    return found


def take_test_vial(ledger: Ledger, batch: str) -> str:
    """One vial is picked by two people and thawed by an analyst for the tests of the bank; its code."""
    vial, position = vials_of(ledger, batch)[-1]
    pick(ledger, [(vial, position)], "For the tests of the bank.")
    ledger.do("testing.take_vial", {"vial": vial, "seconds": 40}, by=by("ANA1"))
    return vial


def vials_of(ledger: Ledger, batch: str) -> list[tuple[str, str]]:
    """The vials of a batch that stand in a position, each with it, in the order of their names' tanks."""
    with ledger.read() as session:
        rows = session.exec(
            select(Occupancy.container_code, Occupancy.position_code)
            .join(Container, col(Container.code) == Occupancy.container_code)
            .where(Container.batch_code == batch, Container.kind == "cryovial", col(Occupancy.ended_at).is_(None))
            .order_by(col(Container.name), col(Container.code))
        ).all()
    return [(vial, position) for vial, position in rows if position]


def pick(ledger: Ledger, pairs: list[tuple[str, str]], why: str, who: str = "TECH1", second: str = "TECH2") -> None:
    """Vials are taken out of their positions by two people."""
    given = {"container": [vial for vial, _ in pairs], "position": [position for _, position in pairs], "exposure_s": 45}
    ledger.do("custody.pick", given, by=by(who), signatures=sign(who, second), reason=why)


def release(ledger: Ledger, batch: str, who: str = "QA3") -> None:
    """QA has read the record by exception and releases the bank."""
    with ledger.read() as session:
        shown = digest_of(record_of(session, batch=batch))
    ledger.do("release.approve", {"batch": batch}, by=by(who), signatures=sign(who), shown=shown)


def reject(ledger: Ledger, batch: str, why: str, who: str = "QA3") -> None:
    """QA has read the record by exception and rejects the bank."""
    with ledger.read() as session:
        shown = digest_of(record_of(session, batch=batch))
    ledger.do("release.reject", {"batch": batch}, by=by(who), signatures=sign(who), shown=shown, reason=why)

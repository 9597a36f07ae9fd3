"""The analysts of a test: what they do with the samples of one batch, and what is in the record afterwards."""

from decimal import Decimal
from typing import Any

import orjson
from sqlmodel import col, select

from backend.batch.acts.making import take_sample_tests
from backend.batch.models import Batch, BatchDecision, SampleTaken, SampleTest
from backend.batch.rules.sampling import of_stage
from backend.custody.acts import make_container, request_labels
from backend.custody.models import Container, Occupancy
from backend.ledger import REGISTRY, Ledger, Now, Open, RecordCode, act, digest_of
from backend.ledger.models import Entry
from backend.quality.reads import shown_deviation, shown_hold
from backend.subject.models import ReferenceSample
from backend.subject.reads import label_values
from backend.testing.models import SampleReceived
from backend.testing.reads import shown_result
from backend.trial.reads import folder
from tests.people import by, sign

PROFILE = "TH01: 6, 9.3\nD3S1358: 15, 17\nAMEL: X\nvWA: 16, 18"
OTHER = "TH01: 7, 9.3\nD3S1358: 14, 17\nAMEL: X\nvWA: 16, 18"


@act("rig.release", roles={"qa"}, title="Rig", tells="")
def released(now: Now, batch: RecordCode) -> None:
    """QA released the batch, whatever the tests say: here it is not asked."""
    now.add(BatchDecision(batch_code=batch, decision="released", why="", at=now.at, by=now.by))


@act("rig.dose_sample", roles={"technician"}, title="Rig", tells="")
def dose_sample(now: Now, batch: RecordCode, test: Open[str], limit: Open[str]) -> dict[str, str]:
    """A dose exists by its code, with a labelled sample for one test, whose limit its own room resolved."""
    row = now.session.get_one(Batch, batch)
    of = folder(now.session, row.folder_code)
    code = now.draw("K")
    box = make_container(now, "sample tube", f"sample {test}", batch=batch, step="dose")
    words = label_values(now.session, row.coi, of.trial)
    words |= {"filled_on": "2026-06-01", "expires_on": "2026-06-02", "storage": "Keep at 20 °C"}
    (label,) = request_labels(now, "container", [(box.code, words)])
    now.add(SampleTaken(
        container_code=box.code, batch_code=batch, step="dose", passage="", tests=test, amount_ml=Decimal("0.5"), at=now.at, by=now.by,
    ))  # fmt: skip
    now.session.flush()
    tests = [one for one in of.specifications.dose if one.test == test]
    take_sample_tests(now, box.code, batch, tests, "dose", code, {test: limit} if limit else {})
    return {"dose": code, "sample": box.code, "label": label.code}


RIG = {name: REGISTRY.pop(name) for name in ("rig.release", "rig.dose_sample")}


class Lab:
    """One batch that is frozen, and the people who test what was sampled of it."""

    def __init__(self, ledger: Ledger, batch: str, coi: str) -> None:
        self.ledger, self.batch, self.coi = ledger, batch, coi

    def rows(self, kind: type[Any], *where: Any) -> list[Any]:
        with self.ledger.read() as session:
            return list(session.exec(select(kind).where(*where)))

    def last(self, name: str) -> dict[str, Any]:
        with self.ledger.read() as session:
            entry = session.exec(select(Entry).where(Entry.act == name).order_by(col(Entry.at).desc(), col(Entry.seq).desc())).first()
            assert entry is not None
            body: dict[str, Any] = orjson.loads(entry.body)
            return body

    def sample(self, test: str, stage: str = "harvest") -> str:
        """The sample of the bank that is for this test."""
        (row, *_) = self.rows(SampleTest, SampleTest.test == test, SampleTest.stage == stage, col(SampleTest.dose_code).is_(None))
        code: str = row.container_code
        return code

    def reference(self) -> str:
        (row, *_) = self.rows(ReferenceSample)
        code: str = row.container_code
        return code

    def receive(self, sample: str, who: str = "ANA1") -> Any:
        return self.ledger.do("testing.receive", {"sample": sample, "condition": "intact"}, by=by(who))

    def record(self, sample: str, test: str, value: str, who: str = "ANA1", act: str = "testing.record", reason: str = "") -> str:
        given = {"sample": sample, "test": test, "method": "as specified"} | self.said(test, value)
        code: str = self.ledger.do(act, given, by=by(who), signatures=sign(who), reason=reason).result
        return code

    def said(self, test: str, value: str) -> dict[str, str]:
        return {"profile": value} if test == "STR" else {"value": value}

    def repeat(self, sample: str, test: str, value: str, who: str = "ANA1") -> str:
        return self.record(sample, test, value, who, "testing.repeat", "The first run was not valid.")

    def correct(self, result: str, test: str, value: str, who: str = "ANA1", reason: str = "A slip of the pen.") -> str:
        given = {"result": result} | self.said(test, value)
        code: str = self.ledger.do("testing.correct", given, by=by(who), signatures=sign(who), reason=reason).result
        return code

    def review(self, result: str, who: str = "ANA2", shown: str | None = None) -> Any:
        with self.ledger.read() as session:
            seen = shown or digest_of(shown_result(session, result=result))
        return self.ledger.do("testing.review", {"result": result}, by=by(who), signatures=sign(who), shown=seen)

    def found(self, test: str, value: str, stage: str = "harvest") -> str:
        """A sample is received, and its first result recorded."""
        sample = self.sample(test, stage)
        self.receive_once(sample)
        return self.record(sample, test, value)

    def receive_once(self, sample: str) -> None:
        if not self.rows(SampleReceived, SampleReceived.container_code == sample):
            self.receive(sample)

    def reference_known(self, profile: str = PROFILE) -> str:
        """The subject's own profile is recorded and reviewed."""
        tube = self.reference()
        self.receive(tube)
        result = self.record(tube, "STR", profile)
        self.review(result)
        return result

    def release(self) -> None:
        self.ledger.do("rig.release", {"batch": self.batch}, by=by("QA1"))

    def dose(self, test: str, limit: str = "") -> tuple[str, str]:
        """A dose's code and the labelled sample of it that is for this test."""
        made = self.ledger.do("rig.dose_sample", {"batch": self.batch, "test": test, "limit": limit}, by=by("TECH1")).result
        job = self.ledger.do("custody.print_labels", {"label": [made["label"]]}, by=by("TECH1")).result
        self.ledger.do("custody.verify_label", {"print_code": job, "label": made["label"]}, by=by("TECH1"))
        self.ledger.do("custody.apply_label", {"label": [made["label"]]}, by=by("TECH1"))
        self.receive(made["sample"])
        return made["dose"], made["sample"]

    def decide(self, deviation: str, decision: str = "accept", who: str = "QA1") -> None:
        found = {"deviation": deviation, "cause": "The reader drifted.", "impact": "None.", "action": "It was set again."}
        self.ledger.do("quality.describe", found, by=by("TECH1"))
        with self.ledger.read() as session:
            seen = digest_of(shown_deviation(session, deviation=deviation))
        given = {"deviation": deviation, "decision": decision}
        self.ledger.do("quality.decide", given, by=by(who), signatures=sign(who), reason="No impact on the cells.", shown=seen)

    def lift(self, code: str, who: str = "QA1") -> None:
        with self.ledger.read() as session:
            seen = digest_of(shown_hold(session, hold_code=code))
        self.ledger.do("quality.lift_hold", {"hold_code": code}, by=by(who), signatures=sign(who), reason="Clarified.", shown=seen)

    def picked_vial(self) -> str:
        """Two people have picked a vial of the bank."""
        vials = self.rows(Container, Container.kind == "cryovial", Container.batch_code == self.batch)
        stands = {one.container_code: one for one in self.rows(Occupancy, col(Occupancy.ended_at).is_(None))}
        vial = next(one for one in sorted(vials, key=lambda one: one.name) if one.code in stands)
        given = {"container": [vial.code], "position": [stands[vial.code].position_code], "exposure_s": 20}
        self.ledger.do("custody.pick", given, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="For the tests of the bank.")
        code: str = vial.code
        return code

    def all_pass(self) -> None:
        """Every test of the bank has a reviewed result that passes."""
        good = {"number": "50", "report": "three lineages"}
        numbers = {"endotoxin": "< 0.5", "viability": "91.5", "recovery": "88"}
        self.reference_known()
        self.ledger.do("testing.take_vial", {"vial": self.picked_vial(), "seconds": 60}, by=by("ANA1"))
        for row in self.rows(SampleTest, SampleTest.batch_code == self.batch):
            self.receive_once(row.container_code)
            low = row.limit.startswith("<")
            value = numbers.get(row.test) or ("0.4" if low else "98.2") if row.kind == "number" else good.get(row.kind, "")
            value = row.limit.splitlines()[0] if row.kind == "choice" else PROFILE if row.kind == "profile" else value
            self.review(self.record(row.container_code, row.test, value))


def vial_tests(ledger: Ledger, batch: str) -> list[str]:
    """What the specification asks of a vial of the bank."""
    with ledger.read() as session:
        code = session.get_one(Batch, batch).folder_code
        return [one.test for one in of_stage(folder(session, code).specifications, "bank vial")]

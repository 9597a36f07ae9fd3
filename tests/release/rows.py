"""The record of an imagined bank that nothing speaks against, made without a database; tests change one thing of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from backend.batch.models import Batch, SampleTest
from backend.batch.rules.sampling import limit_text
from backend.custody.models import Container
from backend.custody.rules import Kept
from backend.quality.models import Deviation, DeviationDecided, Hold
from backend.rehearsal.usual import usual
from backend.release.rules import Record
from backend.testing.models import Result
from backend.testing.rules import Asked, Outcome
from backend.trial.rules import Folder
from tests.batch.rows import NOW, Told

BATCH = Batch(code="B", coi="S", collection_code="COL", folder_code="F", at=NOW, by="TECH1")
TIMES = {"collected_at", "received_at", "started_at", "seeded_at", "taken_at", "dmso_added_at", "freeze_started_at"}


def carried_out(folder: Folder) -> Told:
    """Every step of the master record, by ANN and BEN, with the usual values; REC-5 is QA's."""
    told = Told(folder.master)
    while (where := told.course().next) is not None:
        told.finish(where, {name: text for name, text in usual(where[0], where[1] or "").items() if name not in TIMES})
    for signed in told.rows["performed"]:
        for checked in told.rows["verified"]:
            if checked.performed_code == signed.code:
                checked.at = signed.at + timedelta(minutes=1)
    return told


def a_record(folder: Folder, told: Told | None = None, **changed: Any) -> Record:
    """A bank of fourteen vials, every test in its limits and reviewed."""
    tests = [
        Outcome(
            Asked(
                "SAMPLE", one.test, one.title, one.kind, stage, str(one.unit or ""), one.method, one.of, limit_text(one), one.override,
                BATCH.code,
            ),
            "R", "good", "in", reviewed_by="ANA2",
        )
        for one in folder.specifications.bank for stage in one.stages
    ]  # fmt: skip
    given = {
        "specifications": folder.specifications.bank, "outcomes": tests, "kept": [vial(n) for n in range(1, 15)],
        "reconciled": (40, {"applied": 38, "specimen": 0, "void": 1, "destroyed": 1}, 0), "names": {"ANN": "Ann Ash", "TECH1": "Lin Yue"},
    } | changed  # fmt: skip
    return Record(BATCH, (told or carried_out(folder)).course(), folder.trial, "S01", **given)


def vial(number: int, **changed: Any) -> Kept:
    """A vial in its position."""
    made = Container(code=f"V{number}", chain="S", kind="cryovial", name=f"cryovial P2-{number}", batch_code="B", at=NOW, by="ANN")
    return replace(Kept(made, f"Tank 1 · A{number}", "ANN", NOW), **changed)


def deviation(code: str = "D1", **changed: Any) -> Deviation:
    given = {"about": "B", "sentence": "CRY-5: the curve left the template.", "grade": "major", "rule": "CRY-5 curve", "at": NOW}
    given |= {"by": "ANN"}
    return Deviation(code=code, **(given | changed))


def decision(accepted: bool = True, code: str = "D1") -> DeviationDecided:
    return DeviationDecided(deviation_code=code, accepted=accepted, why="It is plausible.", at=NOW + timedelta(hours=1), by="QA2")


def hold(about: str = "B", **changed: Any) -> Hold:
    return Hold(code="H1", about=about, why="The incubator alarmed.", at=NOW, by="ANN", **changed)


def result(number: int = 1, value: str = "98.9", **changed: Any) -> Result:
    given = {
        "code": f"R{number}", "container_code": "SAMPLE", "test": "CD73", "number": number, "kind": "first", "value": value, "unit": "%",
        "method": "flow cytometry", "limit": ">= 95", "verdict": "in", "sentence": "", "why": "", "at": NOW + timedelta(minutes=number),
        "by": "ANA1",
    }  # fmt: skip
    return Result(**(given | changed))


def sample_test(test: str = "CD73", title: str = "CD73 positive", stage: str = "harvest") -> SampleTest:
    return SampleTest(
        container_code="SAMPLE", test=test, batch_code="B", stage=stage, title=title, method="", kind="number", unit="%", options="",
        limit=">= 95", override="by QA", censored="", due_at=NOW, at=NOW,
    )  # fmt: skip

"""Rows of an imagined batch, made without a database: what `Course` is read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.batch.models import (
    Attempt,
    BatchDecision,
    Calculated,
    Reading,
    StepDeviation,
    StepMismatched,
    StepPerformed,
    StepScan,
    StepVerified,
)
from backend.batch.rules import Course, Where
from backend.trial.rules import MasterRecord

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass
class Told:
    """A batch told line by line; every line is a minute after the one before."""

    master: MasterRecord
    at: datetime = NOW
    rows: dict[str, list[Any]] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    number: int = 0

    def course(self) -> Course:
        kinds = ("attempts", "readings", "calculated", "scans", "performed", "verified", "mismatched", "deviations")
        return Course(self.master, **{kind: self.rows.get(kind, []) for kind in kinds}, **self.more)

    def _add(self, kind: str, row: Any) -> Any:
        self.rows.setdefault(kind, []).append(row)
        self.at += timedelta(minutes=1)
        return row

    def _code(self) -> str:
        self.number += 1
        return f"K{self.number}"

    def sit(self, where: Where, person: str = "ANN", seat: str = "first") -> Attempt:
        row = Attempt(code=self._code(), batch_code="B", step=where[0], passage=where[1] or "", seat=seat, person=person, at=self.at)
        return self._add("attempts", row)  # type: ignore[no-any-return]

    def read(self, attempt: Attempt, values: Mapping[str, str], why: str = "", **more: Any) -> None:
        for name, value in values.items():
            before = [r for r in self.rows.get("readings", []) if (r.attempt_code, r.field) == (attempt.code, name)]
            self._add("readings", Reading(**{
                "attempt_code": attempt.code, "field": name, "number": len(before) + 1, "batch_code": "B", "value": value, "unit": "",
                "level": "in limits", "limit": "", "why": why, "at": self.at, "by": attempt.person,
            } | more))  # fmt: skip

    def scan(self, where: Where, part: str, kind: str, code: str) -> StepScan:
        row = StepScan(
            batch_code="B", step=where[0], passage=where[1] or "", code=code, number=1, scanned=code, part=part, kind=kind, how="scan",
            at=self.at, by="ANN",
        )  # fmt: skip
        return self._add("scans", row)  # type: ignore[no-any-return]

    def sign(self, where: Where, attempt: Attempt) -> StepPerformed:
        row = StepPerformed(
            code=self._code(), batch_code="B", step=where[0], passage=where[1] or "", attempt_code=attempt.code, at=self.at,
            by=attempt.person,
        )  # fmt: skip
        return self._add("performed", row)  # type: ignore[no-any-return]

    def check(self, where: Where, signed: StepPerformed, attempt: Attempt) -> StepVerified:
        row = StepVerified(
            code=self._code(), performed_code=signed.code, batch_code="B", step=where[0], passage=where[1] or "",
            attempt_code=attempt.code, at=self.at, by=attempt.person,
        )  # fmt: skip
        return self._add("verified", row)  # type: ignore[no-any-return]

    def finish(self, where: Where, values: Mapping[str, str] | None = None) -> StepPerformed:
        """The step is done, by two people where two people check."""
        first = self.sit(where)
        self.read(first, values or {})
        signed = self.sign(where, first)
        if self.master.step(where[0]).checked:
            second = self.sit(where, "BEN", "second")
            self.read(second, values or {})
            self.check(where, signed, second)
        return signed

    def calculate(self, where: Where, name: str, value: str, level: str = "in limits", number: int = 1) -> None:
        self._add("calculated", Calculated(
            batch_code="B", step=where[0], passage=where[1] or "", field=name, number=number, value=value, unit="", formula="f 1",
            level=level, limit="", why="", at=self.at,
        ))  # fmt: skip

    def deviate(self, where: Where, level: str, sentence: str, code: str = "D1") -> None:
        self._add("deviations", StepDeviation(
            deviation_code=code, batch_code="B", step=where[0], passage=where[1] or "", level=level, sentence=sentence, at=self.at,
        ))  # fmt: skip

    def mismatch(self, where: Where, first: Attempt, second: Attempt, fields: str) -> None:
        self._add("mismatched", StepMismatched(
            code=self._code(), batch_code="B", step=where[0], passage=where[1] or "", first_code=first.code, second_code=second.code,
            fields=fields, at=self.at, by=second.person,
        ))  # fmt: skip

    def decide(self, decision: str = "rejected") -> None:
        self.more["decision"] = BatchDecision(batch_code="B", decision=decision, why="no cells", at=self.at, by="QA1")

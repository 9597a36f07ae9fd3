"""What is kept of tests: that a sample came, each result as it was typed, who reviewed it, and the deviation it opened.

The first result of a test stays for ever; a repeat or a correction is a further row with its reason, and the newest one is in force.
"""

from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.ledger import IdentityText, Open, Recorded, When

FIRST, CORRECTION, REPEAT = "first", "correction", "repeat"
IN, OUT, INCONCLUSIVE, REPORTED = "in", "out", "inconclusive", "reported"


class SampleReceived(Recorded, table=True):
    """An analyst took over a sample, and says how it arrived."""

    __tablename__ = "sample_received"
    says: ClassVar[dict[str, str]] = {"container_code": "This sample has been received already."}
    container_code: Open[str] = Field(primary_key=True, foreign_key="container.code")
    condition: Open[str]
    at: Open[When]
    by: Open[str]


class Result(Recorded, table=True):
    """One result of one test of one sample, as it was typed. The highest number is in force; all stay.

    `kind` is first, correction or repeat; `verdict` is in, out, inconclusive or reported, judged by `limit` when it was recorded.
    A profile of loci says who somebody is for life: `profile` is sealed with the identity, and `value` says how many loci it has.
    """

    says: ClassVar[dict[str, str]] = {"container_code, test, number": "A result of this test was recorded just now."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    container_code: Open[str] = Field(foreign_key="container.code", index=True)
    test: Open[str]
    number: Open[int]
    kind: Open[str]
    value: Open[str]
    profile: IdentityText[str | None] = None
    unit: Open[str]
    method: Open[str]
    limit: Open[str]
    verdict: Open[str]
    sentence: Open[str]  # what is and what must be; empty when in
    why: Open[str]  # why it stands beside the one before; empty for the first
    at: Open[When]
    by: Open[str]
    __table_args__ = (UniqueConstraint("container_code", "test", "number"),)


class ResultReviewed(Recorded, table=True):
    """A second analyst read the raw value and agrees; a correction after it makes a new result, which must be reviewed anew."""

    __tablename__ = "result_reviewed"
    says: ClassVar[dict[str, str]] = {"result_code": "This result has been reviewed already."}
    result_code: Open[str] = Field(primary_key=True, foreign_key="result.code")
    at: Open[When]
    by: Open[str]


class ResultDeviation(Recorded, table=True):
    """The deviation that a result out of its limit opened; where it may be set aside, QA's acceptance of it does so."""

    __tablename__ = "result_deviation"
    result_code: Open[str] = Field(primary_key=True, foreign_key="result.code")
    deviation_code: Open[str] = Field(unique=True, foreign_key="deviation.code")
    at: Open[When]

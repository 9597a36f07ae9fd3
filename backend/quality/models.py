"""What we keep of what went wrong: a deviation, what was found out, what QA decided; a hold, who saw it, who lifted it."""

from typing import ClassVar

from sqlmodel import Field

from backend.ledger import Open, Recorded, When


class Deviation(Recorded, table=True):
    """Something was not as it must be. `about` is the code it concerns, `rule` what was broken ("" when a person noticed it).

    `covered_for` names an open check: until that is closed, only `by` may know (decision W3). What a `masked` one says would tell an
    arm: its sentence here says only that there is one, and the dose room keeps the rest sealed (decision P2).
    """

    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    about: Open[str] = Field(foreign_key="code.code", index=True)
    sentence: Open[str]
    grade: Open[str]
    rule: Open[str] = ""
    covered_for: Open[str | None] = Field(default=None, foreign_key="code.code", index=True)
    masked: Open[bool] = False
    at: Open[When]
    by: Open[str]


class CheckClosed(Recorded, table=True):
    """The second reading matched the first, or QA decided: what was covered for this check may be seen from now on."""

    __tablename__ = "check_closed"
    says: ClassVar[dict[str, str]] = {"check_code": "This check is closed already."}
    check_code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    at: Open[When]
    by: Open[str]


class DeviationDescribed(Recorded, table=True):
    """What was found out about a deviation; it can be described more than once, and all of it stays."""

    __tablename__ = "deviation_described"
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    deviation_code: Open[str] = Field(foreign_key="deviation.code", index=True)
    cause: Open[str]
    impact: Open[str]
    action: Open[str]
    at: Open[When]
    by: Open[str]


class DeviationDecided(Recorded, table=True):
    """What QA decided about a deviation, once."""

    __tablename__ = "deviation_decided"
    says: ClassVar[dict[str, str]] = {"deviation_code": "This deviation has been decided already."}
    deviation_code: Open[str] = Field(primary_key=True, foreign_key="deviation.code")
    accepted: Open[bool]
    why: Open[str]
    at: Open[When]
    by: Open[str]


class Hold(Recorded, table=True):
    """Nothing may be done with what `about` names until QA lifts it. `cause` is the rule that placed it ("" for a person)."""

    ends: ClassVar[tuple[str, ...]] = ("ended_at", "ended_by", "ended_why")
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    about: Open[str] = Field(foreign_key="code.code", index=True)
    why: Open[str]
    cause: Open[str] = ""
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    ended_why: Open[str | None] = None


class HoldSeen(Recorded, table=True):
    """Somebody concerned says that they know of a hold."""

    __tablename__ = "hold_seen"
    says: ClassVar[dict[str, str]] = {"hold_code, by": "You have said already that you know of this hold."}
    hold_code: Open[str] = Field(primary_key=True, foreign_key="hold.code")
    by: Open[str] = Field(primary_key=True)
    at: Open[When]

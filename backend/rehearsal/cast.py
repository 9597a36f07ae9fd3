"""The permanent cast of demonstration, simulation and tests: one or more of each role, all invented, all with the same password."""

from dataclasses import dataclass

from backend.access import sessions
from backend.ledger import SYSTEM, Caller, Credential, Ledger
from backend.ledger.keys import CHEAP

PASSWORD = "from marrow to bedside"  # noqa: S105  # printed by the demonstration; a record with it is marked as one
UNMASKED_UNTIL = "2036-01-01T00:00+00:00"


@dataclass(frozen=True)
class Player:
    """Somebody of the cast; `also` is a dated grant beside their role."""

    person: str
    name: str
    role: str
    also: str = ""

    @property
    def roles(self) -> tuple[str, ...]:
        """Everything that this person is."""
        return (self.role, self.also) if self.also else (self.role,)


CAST = tuple(
    Player(*who)
    for who in (
        ("ADM1", "Ada Adler", "administrator"),
        ("QA1", "Chen Min", "qa"),
        ("QA2", "Qiao Lan", "qa"),
        ("QA3", "Qin Mei", "qa"),
        ("TECH1", "Lin Yue", "technician"),
        ("TECH2", "Zhou Ke", "technician"),
        ("TECH3", "Tang Wei", "technician"),
        ("COOR1", "Cai Ling", "coordinator"),
        ("COOR2", "Cui Rong", "coordinator"),
        ("PHYS1", "Pan Hao", "physician"),
        ("PHYS2", "Fang Yun", "physician", "unmask"),
        ("NURS1", "Shen Yi", "nurse"),
        ("NURS2", "Ning Jing", "nurse"),
        ("ANA1", "An Qi", "analyst"),
        ("ANA2", "Ai Xin", "analyst"),
        ("COUR1", "Kong Bo", "courier"),
        ("ASSE1", "Su Wen", "assessor"),
        ("PREP1", "Peng Fei", "preparer"),
        ("PREP2", "Pei Na", "preparer"),
        ("UQA1", "Wu Qing", "unmasked qa"),
        ("UQA2", "Wen Shan", "unmasked qa"),
        ("RAND1", "Ren Da", "randomiser"),
        ("RAND2", "Rao Lu", "randomiser"),
        ("INSP1", "Yin Shu", "inspector"),
    )
)
DATED = {"preparer", "unmasked qa", "randomiser", "unmask"}
BY_ROLE = {role: who.person for who in reversed(CAST) for role in who.roles}
"""The first of the cast in each role."""


def by(person: str, station: str = "") -> Caller:
    return Caller(person, station)


def sign(*people: str) -> tuple[Credential, ...]:
    """These people sign, in this order."""
    return tuple(Credential(person, PASSWORD) for person in people)


def hire(ledger: Ledger) -> None:
    """Everybody of the cast exists, has a password, and has signed the accountability statement."""
    for who in CAST:
        if who.role == "administrator":
            ledger.do("access.begin", {"person": who.person, "name": who.name, "roles": [who.role]}, by=by(SYSTEM))
        else:
            ledger.do("access.add_person", {"person": who.person, "name": who.name}, by=by("ADM1"))
            for role in who.roles:
                ends = {"ends_at": UNMASKED_UNTIL} if role in DATED else {}
                ledger.do("access.grant", {"person": who.person, "role": role, **ends}, by=by("ADM1"))
        token = sessions.issue_link(ledger, who.person, by("ADM1") if who.role != "administrator" else by(SYSTEM))
        sessions.set_password(ledger, who.person, token, PASSWORD, CHEAP)
    for who in CAST:
        ledger.do("access.accept_statement", by=by(who.person), signatures=sign(who.person))

"""The permanent cast of every test: one or more of each role, always the same people with the same password."""

from backend.access import sessions
from backend.ledger import SYSTEM, Caller, Credential, Ledger
from backend.ledger.keys import CHEAP

PASSWORD = "from marrow to bedside"
CAST = {
    "ADM1": ("Ada Adler", "administrator"),
    "QA1": ("Chen Min", "qa"),
    "QA2": ("Qiao Lan", "qa"),
    "TECH1": ("Lin Yue", "technician"),
    "TECH2": ("Zhou Ke", "technician"),
    "TECH3": ("Tang Wei", "technician"),
    "COOR1": ("Cai Ling", "coordinator"),
    "COOR2": ("Cui Rong", "coordinator"),
    "PHYS1": ("Pan Hao", "physician"),
    "NURS1": ("Shen Yi", "nurse"),
    "NURS2": ("Ning Jing", "nurse"),
    "ANA1": ("An Qi", "analyst"),
    "ANA2": ("Ai Xin", "analyst"),
    "COUR1": ("Kong Bo", "courier"),
    "ASSE1": ("Su Wen", "assessor"),
    "PREP1": ("Peng Fei", "preparer"),
    "PREP2": ("Pei Na", "preparer"),
    "UQA1": ("Wu Qing", "unmasked qa"),
    "RAND1": ("Ren Da", "randomiser"),
    "RAND2": ("Rao Lu", "randomiser"),
    "INSP1": ("Yin Shu", "inspector"),
}


def by(person: str, station: str = "") -> Caller:
    return Caller(person, station)


def sign(*people: str) -> tuple[Credential, ...]:
    return tuple(Credential(person, PASSWORD) for person in people)


def hire(ledger: Ledger) -> None:
    """Everybody of the cast exists, has a password, and has signed the accountability statement."""
    for person, (name, role) in CAST.items():
        ends = {"ends_at": "2036-01-01T00:00+00:00"} if role in {"preparer", "unmasked qa", "randomiser"} else {}
        if role == "administrator":
            ledger.do("access.begin", {"person": person, "name": name, "roles": [role]}, by=by(SYSTEM))
        else:
            ledger.do("access.add_person", {"person": person, "name": name}, by=by("ADM1"))
            ledger.do("access.grant", {"person": person, "role": role, **ends}, by=by("ADM1"))
        sessions.set_password(ledger, person, sessions.issue_link(ledger, person, by(SYSTEM)), PASSWORD, CHEAP)
    for person in CAST:
        ledger.do("access.accept_statement", by=by(person), signatures=sign(person))

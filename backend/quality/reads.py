"""What may be known of deviations and holds, each for one viewer: what a check still covers does not leave this file (decision W3)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from backend.access.reads import names_of
from backend.ledger import Shown, UnknownCode, each, gathered, rows_of
from backend.ledger.words import Text
from backend.quality import rules
from backend.quality.models import CheckClosed, Deviation, DeviationDecided, DeviationDescribed, Hold, HoldSeen

SIZE = 25


@dataclass(frozen=True)
class Cause:
    """What a room that places holds by rule says of one: why it cannot be lifted yet, and the rows that lifting it rests on.

    `elsewhere` says who lifts it and where, when that is not masked QA here: what it rests on is masked (decision F2).
    """

    against: Callable[[Session, Hold], Iterable[str]]
    shown: Callable[[Session, Hold], Shown]
    elsewhere: Text = ""


CAUSES: dict[str, Cause] = {}
"""By the `cause` of a hold. Rooms downstream fill it, because quality knows a batch by its code alone (decision F2)."""


class Frozen(BaseModel):
    """A view: values only, made for one viewer."""

    model_config = ConfigDict(frozen=True)


class Described(Frozen):
    """What somebody found out about a deviation."""

    at: datetime
    by: str
    cause: str
    impact: str
    action: str


class DeviationView(Frozen):
    """A deviation as one viewer may see it."""

    code: str
    about: str
    coi: str
    sentence: str
    grade: str
    rule: str
    masked: bool
    at: datetime
    by: str
    described: tuple[Described, ...]
    decided: str
    why: str
    decided_by: str
    decided_at: datetime | None


class HoldView(Frozen):
    """A hold: why, since when, who knows of it, how it ended."""

    code: str
    about: str
    coi: str
    why: str
    at: datetime
    by: str
    seen_by: tuple[str, ...]
    seen_by_me: bool
    lifted_at: datetime | None
    lifted_by: str
    lifted_why: str
    elsewhere: Text  # who lifts it and where, when that is not QA on its own page


def is_covered(session: Session, deviation: Deviation, person: str) -> bool:
    """Whether the check that found this deviation is still open and this person did not enter the value."""
    closed = bool(deviation.covered_for and session.get(CheckClosed, deviation.covered_for))
    return rules.covered(deviation, closed, person)


def open_deviations(session: Session, about: str | Iterable[str]) -> list[Deviation]:
    """The deviations of these codes that nobody has decided, covered ones too: for rules, not for pages."""
    codes = [about] if isinstance(about, str) else list(about)
    undecided = (
        select(Deviation).join(DeviationDecided, col(DeviationDecided.deviation_code) == Deviation.code, isouter=True)
        .where(col(DeviationDecided.deviation_code).is_(None), col(Deviation.about).in_(codes)).order_by(col(Deviation.at))
    )  # fmt: skip
    return list(session.exec(undecided))


def open_holds(session: Session, about: str | Iterable[str]) -> list[Hold]:
    """The holds on these codes that nobody has lifted."""
    codes = [about] if isinstance(about, str) else list(about)
    held = select(Hold).where(col(Hold.about).in_(codes), col(Hold.ended_at).is_(None)).order_by(col(Hold.at))
    return list(session.exec(held))


def described(session: Session, deviation_code: str) -> list[DeviationDescribed]:
    """What was found out about a deviation, in order."""
    return all_described(session, [deviation_code]).get(deviation_code, [])


@each
def all_described(session: Session, deviation_codes: list[str]) -> Mapping[str, list[DeviationDescribed]]:
    """By deviation, what was found out about it, in order."""
    rows = select(DeviationDescribed).where(col(DeviationDescribed.deviation_code).in_(deviation_codes))
    return gathered((row.deviation_code, row) for row in session.exec(rows.order_by(col(DeviationDescribed.at))))


def shown_deviation(session: Session, deviation: str, **_: object) -> Shown:
    """What the page of a deviation displays: it and everything that was found out."""
    shown: Shown = [("deviation", [deviation], 1)]
    return shown + [("deviation_described", [one.code], one.version) for one in described(session, deviation)]


def against_lifting_now(session: Session, row: Hold) -> list[str]:
    """What the room whose rule placed this hold says against lifting it."""
    return list(CAUSES[row.cause].against(session, row)) if row.cause in CAUSES else []


def elsewhere(row: Hold) -> str:
    """The sentence that says who lifts this hold and where; nothing when QA lifts it on its page."""
    return CAUSES[row.cause].elsewhere if row.cause in CAUSES else ""


def shown_hold(session: Session, hold_code: str, **_: object) -> Shown:
    """What the page of a hold displays: it, who saw it, the deviations of what is held, and the record that lifting it rests on."""
    row = session.get(Hold, hold_code)
    if row is None:
        return []
    rests_on = CAUSES[row.cause].shown(session, row) if row.cause in CAUSES else []
    seen = session.exec(select(HoldSeen.by).where(HoldSeen.hold_code == hold_code)).all()
    shown: Shown = [("hold", [hold_code], row.version)] + [("hold_seen", [hold_code, person], 1) for person in seen]
    return shown + rests_on + [("deviation", [one.code], one.version) for one in open_deviations(session, row.about)]


def visible(
    session: Session, person: str, page: int = 1, *, about: str = "", coi: str = "", undecided: bool = False
) -> tuple[list[DeviationView], bool]:
    """One page of the deviations that this person may know of, newest first, and whether there are more."""
    query = _known(person, undecided=undecided)
    query = query.where(Deviation.about == about) if about else query
    query = query.where(Deviation.chain == coi) if coi else query
    rows = session.exec(query.offset((page - 1) * SIZE).limit(SIZE + 1)).all()
    return _views(session, rows[:SIZE]), len(rows) > SIZE


def undecided(session: Session, person: str) -> list[DeviationView]:
    """Every deviation that nobody has decided and that this person may know of, newest first."""
    return _views(session, session.exec(_known(person, undecided=True)).all())


def _known(person: str, *, undecided: bool) -> SelectOfScalar[Deviation]:
    query = (
        select(Deviation).join(CheckClosed, col(CheckClosed.check_code) == Deviation.covered_for, isouter=True)
        .where(or_(col(Deviation.covered_for).is_(None), col(CheckClosed.check_code).is_not(None), Deviation.by == person))
        .order_by(col(Deviation.at).desc(), col(Deviation.code))
    )  # fmt: skip
    if undecided:
        query = query.join(DeviationDecided, col(DeviationDecided.deviation_code) == Deviation.code, isouter=True)
        query = query.where(col(DeviationDecided.deviation_code).is_(None))
    return query


def deviation_view(session: Session, code: str, person: str) -> DeviationView:
    """One deviation; a covered one and one that does not exist are answered alike (decisions P4, W3)."""
    row = session.get(Deviation, code)
    if row is None or is_covered(session, row, person):
        raise UnknownCode(code)
    return _views(session, [row])[0]


def _views(session: Session, rows: Sequence[Deviation]) -> list[DeviationView]:
    codes = [row.code for row in rows]
    found, decided = all_described(session, codes), rows_of(session, DeviationDecided, codes)
    people = {row.by for row in rows} | {one.by for one in decided.values()} | {one.by for many in found.values() for one in many}
    names = names_of(session, people)
    return [_view(row, found.get(row.code, []), decided.get(row.code), names) for row in rows]


def _view(row: Deviation, found: list[DeviationDescribed], decided: DeviationDecided | None, names: Mapping[str, str]) -> DeviationView:
    return DeviationView(
        code=row.code, about=row.about, coi=row.chain, sentence=row.sentence, grade=row.grade, rule=row.rule, masked=row.masked,
        at=row.at, by=names.get(row.by, row.by),
        described=tuple(
            Described(at=one.at, by=names.get(one.by, one.by), cause=one.cause, impact=one.impact, action=one.action) for one in found
        ),
        decided=("accepted" if decided.accepted else "rejected") if decided else "", why=decided.why if decided else "",
        decided_by=names.get(decided.by, decided.by) if decided else "", decided_at=decided.at if decided else None,
    )  # fmt: skip


def holds(session: Session, person: str, page: int = 1, *, about: str = "") -> tuple[list[HoldView], bool]:
    """One page of the holds, open ones first, and whether there are more."""
    query = select(Hold).order_by(col(Hold.ended_at).is_not(None), col(Hold.at).desc(), col(Hold.code))
    query = query.where(Hold.about == about) if about else query
    rows = session.exec(query.offset((page - 1) * SIZE).limit(SIZE + 1)).all()
    return _hold_views(session, rows[:SIZE], person), len(rows) > SIZE


def held(session: Session, person: str) -> list[HoldView]:
    """Every hold that nobody has lifted, newest first."""
    rows = session.exec(select(Hold).where(col(Hold.ended_at).is_(None)).order_by(col(Hold.at).desc(), col(Hold.code))).all()
    return _hold_views(session, rows, person)


def hold_view(session: Session, code: str, person: str) -> HoldView:
    """One hold with everybody who said that they know of it."""
    row = session.get(Hold, code)
    if row is None:
        raise UnknownCode(code)
    return _hold_views(session, [row], person)[0]


def _hold_views(session: Session, rows: Sequence[Hold], person: str) -> list[HoldView]:
    seen: dict[str, list[str]] = {row.code: [] for row in rows}
    known = select(HoldSeen.hold_code, HoldSeen.by).where(col(HoldSeen.hold_code).in_(seen))
    for code, by in session.exec(known.order_by(col(HoldSeen.at))) if rows else ():
        seen[code].append(by)
    names = names_of(session, {one for row in rows for one in (row.by, row.ended_by or "", *seen[row.code])})
    return [_hold_view(row, seen[row.code], person, names) for row in rows]


def _hold_view(row: Hold, seen: Sequence[str], person: str, names: Mapping[str, str]) -> HoldView:
    return HoldView(
        code=row.code, about=row.about, coi=row.chain, why=row.why, at=row.at, by=names.get(row.by, row.by),
        seen_by=tuple(names.get(one, one) for one in seen), seen_by_me=person in seen, lifted_at=row.ended_at,
        lifted_by=names.get(row.ended_by or "", row.ended_by or ""), lifted_why=row.ended_why or "",
        elsewhere=elsewhere(row),
    )  # fmt: skip

"""Papers that carry a thing's own code: plates of places and labels of boxes, printed again with a reason; a badge, printed once."""

from typing import Annotated

from pydantic import StringConstraints
from sqlmodel import Session

from backend.access.models import BadgePrinted
from backend.access.reads import badge_of
from backend.access.rules import Role, against_badge
from backend.custody.acts.labelling import HANDS
from backend.custody.models import PlacePrinted, PlaceVerified
from backend.custody.reads import papers
from backend.custody.reads.containers import text_of
from backend.custody.reads.storage import claim_of, place_of
from backend.ledger import BadgeCode, Now, Open, PlaceCode, Refused, SubjectCode, act, ask, refuse
from labels.copies import FIRST, against_printing, against_scanning_back

FITTERS = HANDS | {Role.ADMINISTRATOR}
Why = Annotated[str, StringConstraints(min_length=1, max_length=200), ask("Why it is printed", hint="Why again, if it was printed before")]


@act(
    "custody.print_place", roles=FITTERS, title="Print the plate of a place", writes={"supplies"},
    tells="{by} printed the plate of {place}: {why}.", page="/places?under={place}",
)  # fmt: skip
def print_place(now: Now, place: PlaceCode, why: Open[Why] = FIRST) -> PlacePrinted:
    """The plate goes to paper, for who printed it. Its code is the place's own and stays; a reprint says why and is counted."""
    here = place_of(now.session, place)
    return _print(now, place, papers.PLATE, papers.plate_paper(now.session, here), why)


@act(
    "custody.print_box_label", roles=HANDS, title="Print the label of a box", tells="{by} printed the label of the box {box}: {why}.",
    page="/places?under={box}",
)  # fmt: skip
def print_box_label(now: Now, box: PlaceCode, subject: SubjectCode, why: Open[Why] = FIRST) -> PlacePrinted:
    """The label of a box goes to paper as its vials of this subject are now. After vials came or went it is printed again, and says why."""
    paper = papers.box_paper(now.session, box)
    claim = claim_of(now.session, box)
    if claim is None or claim.coi != subject:
        refuse("This box does not hold vials of this subject.")
    return _print(now, box, papers.BOX, paper, why)


def _print(now: Now, code: str, kind: str, paper: papers.Paper, why: str) -> PlacePrinted:
    newest = papers.newest_print(now.session, code, kind)
    refuse(against_printing(papers.copy_of(now.session, newest), why))
    return now.add(PlacePrinted(
        code=now.draw("K"), place_code=code, paper=kind, number=newest.number + 1 if newest else 1, why=why, template=paper.template,
        folder=paper.folder, values_text=text_of(paper.values), at=now.at, by=now.by,
    ))  # fmt: skip


def _waits(session: Session, code: str) -> bool:
    waiting = papers.to_scan_back(session, code)
    return waiting is not None and waiting.back_at is None


@act(
    "custody.verify_place", roles=FITTERS, title="Scan the plate back", writes={"supplies"}, tells="{by} scanned {place} back.",
    offers=("P",), ready=_waits, page="/places?under={code}",
)  # fmt: skip
def verify_place(now: Now, place: PlaceCode) -> PlaceVerified:
    """The newest plate of a place, or the newest label of a box, reads as it should. One that was never printed is refused."""
    place_of(now.session, place)
    newest = papers.to_scan_back(now.session, place)
    if newest is None or newest.back_at:
        raise Refused(*against_scanning_back(newest))
    return now.add(PlaceVerified(print_code=newest.code, at=now.at, by=now.by))


def _unprinted(session: Session, code: str) -> bool:
    return badge_of(session, code).ended_at is None and session.get(BadgePrinted, code) is None


@act(
    "custody.print_badge", roles={Role.ADMINISTRATOR}, title="Print the badge", writes={"access"}, tells="{by} printed the badge {badge}.",
    offers=("B",), ready=_unprinted,
)  # fmt: skip
def print_badge(now: Now, badge: BadgeCode) -> BadgePrinted:
    """The badge goes to paper, once, as its person is now. A void one is refused, and so is one of somebody without a role that counts."""
    row = badge_of(now.session, badge)
    refuse(
        against_badge(row.ended_at, True),
        BadgePrinted.says["badge_code"] if now.session.get(BadgePrinted, badge) else None,
    )
    paper = papers.badge_paper(now.session, row, now.at)
    return now.add(BadgePrinted(badge_code=badge, folder=paper.folder, values_text=text_of(paper.values), at=now.at, by=now.by))

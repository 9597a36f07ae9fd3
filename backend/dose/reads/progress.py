"""The rows of one dose, loaded at once and handed to the rules, and which dose a container is."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, func, select

from backend.batch.models import Batch, SampleTest
from backend.collection.models import Collected
from backend.custody.models import Container, ContainerParent, Disposed, UsedUp
from backend.dose.models import (
    Administration,
    Dose,
    DoseDecision,
    DoseDeviation,
    DoseFilled,
    DoseScan,
    DoseVial,
    Order,
    PrepCorrected,
    PrepMatched,
    PrepMismatched,
    PrepReading,
    RouteOpened,
    Thawed,
)
from backend.dose.rules.preparing import DeviationOf, Progress
from backend.ledger import Shown, UnknownCode, once
from backend.ledger.sealing import Keyring
from backend.ledger.spelling import instant
from backend.quality.models import Deviation, DeviationDecided
from backend.quality.reads import open_holds
from backend.testing.models import Result, ResultReviewed
from backend.trial.reads import folder, local_day
from backend.trial.rules import Folder

SUSPENSION, SYRINGE = "suspension", "syringe"
AGAIN = {"wash_again": "wash", "recount": "count", "formulate_again": "formulate", "fill_again": "fill"}


def dose_of(session: Session, code: str) -> Dose:
    """The dose with this code; UnknownCode when there is none."""
    found = session.get(Dose, code)
    if found is None:
        raise UnknownCode(code)
    return found


def dose_in(session: Session, container_code: str) -> Dose | None:
    """The dose that this container is the syringe of."""
    filled = session.exec(select(DoseFilled).where(DoseFilled.container_code == container_code)).first()
    return session.get(Dose, filled.dose_code) if filled else None


def dose_for(session: Session, order_code: str) -> Dose | None:
    """The dose of this order that has not ended."""
    return session.exec(select(Dose).where(Dose.order_code == order_code, col(Dose.ended_at).is_(None))).first()


def folder_of_dose(session: Session, dose: Dose) -> Folder:
    """The trial folder that the dose is made under: that of its batch, for the batch's whole life."""
    return folder(session, session.get_one(Batch, dose.batch_code).folder_code)


def collected_day(session: Session, dose: Dose) -> date | None:
    """The local day on which the collection ended that the bank came from; the window counts from it (decision D2)."""
    collected = session.get(Collected, session.get_one(Batch, dose.batch_code).collection_code)
    return local_day(folder_of_dose(session, dose).trial, collected.ended_at) if collected else None


def route_opened(session: Session, coi: str) -> RouteOpened | None:
    """That and when the route of this subject was opened."""
    return session.get(RouteOpened, coi)


def suspension_of(session: Session, dose: Dose) -> Container | None:
    """The thawed cells of a dose: the container that its vials went into."""
    thawed = session.exec(select(Thawed.container_code).where(Thawed.dose_code == dose.code)).first()
    if thawed is None:
        return None
    made = select(Container).join(ContainerParent, col(ContainerParent.child) == Container.code)
    return session.exec(made.where(ContainerParent.parent == thawed, Container.kind == SUSPENSION)).first()


def given_of(session: Session, coi: str) -> list[Administration]:
    """What this subject was given and was not annulled, the first infusion first."""
    rows = select(Administration).where(Administration.coi == coi, col(Administration.annulled_at).is_(None))
    return list(session.exec(rows.order_by(col(Administration.infusion))))


def progress_of(session: Session, dose: Dose) -> Progress:
    """Everything that is recorded of one dose."""

    def rows(kind: Any) -> list[Any]:
        return list(session.exec(select(kind).where(kind.dose_code == dose.code).order_by(kind.at)))

    vials = [one for one in rows(DoseVial) if one.ended_at is None]
    thawed, scans, readings, matched, corrected = (rows(kind) for kind in (Thawed, DoseScan, PrepReading, PrepMatched, PrepCorrected))
    filled, surplus = session.get(DoseFilled, dose.code), suspension_of(session, dose)
    decision = session.get(DoseDecision, dose.code)
    gone = session.get(Disposed, surplus.code) if surplus else None
    about = [dose.code, dose.coi, dose.batch_code, *(one.container_code for one in vials), *([filled.container_code] if filled else [])]
    given = select(Administration).where(Administration.dose_code == dose.code, col(Administration.annulled_at).is_(None))
    hands = {dose.by, *(one.by for one in (*vials, *thawed, *scans, *readings, *corrected)), *(one.witness for one in thawed)}
    hands |= {gone.by, gone.witness or ""} if gone else set()
    return Progress(
        dose=dose, vials=vials, thawed=thawed, readings=readings, matched={one.step: one for one in matched if one.ended_at is None},
        superseded=[one for one in matched if one.ended_at], corrected=corrected, scans=scans,
        mismatched=Counter(one.step for one in rows(PrepMismatched)), filled=filled, decision=decision,
        deviations=deviations_of(session, dose), holds=[one.why for one in open_holds(session, about)],
        given=session.exec(given).first() is not None, surplus_gone=gone is not None,
        sampled=frozenset(session.exec(select(SampleTest.test).where(SampleTest.dose_code == dose.code))), hands=frozenset(hands - {""}),
    )  # fmt: skip


def deviations_of(session: Session, dose: Dose) -> list[DeviationOf]:
    """The masked deviations of a dose, and what was decided about each."""
    rows = session.exec(
        select(Deviation, DoseDeviation, DeviationDecided)
        .join(DoseDeviation, col(DoseDeviation.deviation_code) == Deviation.code)
        .join(DeviationDecided, col(DeviationDecided.deviation_code) == Deviation.code, isouter=True)
        .where(DoseDeviation.dose_code == dose.code)
        .order_by(col(Deviation.at), col(Deviation.code))
    )
    return [
        DeviationOf(opened.code, opened.rule, opened.sentence, decided.accepted if decided else None, kept.sentence)
        for opened, kept, decided in rows
    ]


def worked_of(session: Session, keyring: Keyring, progress: Progress, step: str) -> dict[str, Decimal]:
    """What was worked out in a finished step, opened; empty when the mask key is gone. It tells the arm."""
    return worked_once(session, keyring, progress.matched[step])


def worked_once(session: Session, keyring: Keyring, row: PrepMatched) -> dict[str, Decimal]:
    """What was worked out when two people had read the same, in force or superseded, opened."""
    text = keyring.open(session, row.chain, row.worked) or ""
    return {name: Decimal(value) for name, value in (line.split("=") for line in text.splitlines())}


def earlier_doses(session: Session, dose: Dose) -> list[str]:
    """The codes of the doses that were disposed of for the same infusion."""
    return list(session.exec(select(Dose.code).where(Dose.coi == dose.coi, Dose.infusion == dose.infusion, Dose.code != dose.code)))


def order_of(session: Session, dose: Dose) -> Order:
    """The order that a dose is made for."""
    return session.get_one(Order, dose.order_code)


def covered_entry(session: Session, body: Mapping[str, Any], reader: str) -> bool:
    """Whether an entry of a preparation step is covered for this reader: two people have not matched it since (decision W3).

    It holds for unmasked readers as well: a second person who could read the first one's values would not read alone. From a correction
    on it holds again, the correction with its reason included and whatever has been decided, until both have read the same (F2).
    """
    dose = session.get(Dose, body["inputs"].get("dose") or "")
    if body["by"] == reader or dose is None or dose.ended_at:
        return False
    verb, at = str(body["act"]).split(".")[1], instant(body["at"])
    step = str(body["inputs"].get("step")) if verb == "correct" else AGAIN.get(verb, verb)
    corrected_at, matched_at = _last(session, dose.code, step)
    if corrected_at is not None and matched_at is None:
        return corrected_at <= at
    return session.get(DoseDecision, dose.code) is None and (matched_at is None or matched_at < at)


@once
def _last(session: Session, dose_code: str, step: str) -> tuple[datetime | None, datetime | None]:
    """When this step was corrected last, and when it was read by two people as it stands now."""
    corrected = select(func.max(PrepCorrected.at)).where(PrepCorrected.dose_code == dose_code, PrepCorrected.step == step)
    matched = select(PrepMatched.at).where(
        PrepMatched.dose_code == dose_code, PrepMatched.step == step, col(PrepMatched.ended_at).is_(None)
    )
    return session.exec(corrected).one(), session.exec(matched).first()


def shown_dose(session: Session, *, dose: str, **_: object) -> Shown:
    """What the page of a dose displays to unmasked QA: its vials, its matched steps, its deviations, and its results."""
    row = session.get(Dose, dose)
    if row is None:
        return []
    shown: Shown = [("dose", [dose], row.version)]
    scans = session.exec(select(DoseScan).where(DoseScan.dose_code == dose).order_by(col(DoseScan.at), col(DoseScan.code))).all()
    shown += [("dose_scan", [one.dose_code, one.step, one.code, str(one.number)], one.version) for one in scans]
    rows = session.exec(select(DoseVial).where(DoseVial.dose_code == dose)).all()
    shown += [("dose_vial", [one.code], one.version) for one in rows]
    thawed = session.exec(select(Thawed).where(Thawed.dose_code == dose)).all()
    shown += [("thawed", [one.container_code], one.version) for one in thawed]
    matched = session.exec(select(PrepMatched).where(PrepMatched.dose_code == dose)).all()
    shown += [("prep_matched", [one.code], one.version) for one in matched]
    corrected = session.exec(select(PrepCorrected).where(PrepCorrected.dose_code == dose)).all()
    shown += [("prep_corrected", [one.code], one.version) for one in corrected]
    if filled := session.get(DoseFilled, dose):
        shown.append(("dose_filled", [dose], filled.version))
    for one in deviations_of(session, row):
        shown.append(("deviation", [one.code, {None: "", True: "accepted", False: "rejected"}[one.accepted]], 1))
    results = session.exec(
        select(Result, ResultReviewed)
        .join(SampleTest, (col(SampleTest.container_code) == Result.container_code) & (col(SampleTest.test) == Result.test))
        .join(ResultReviewed, col(ResultReviewed.result_code) == Result.code, isouter=True)
        .where(SampleTest.dose_code == dose)
    )
    return shown + [("result", [one.code, "reviewed" if reviewed else ""], one.version) for one, reviewed in results]


def used_up(session: Session, container_code: str) -> bool:
    """Whether nothing is in a container any more."""
    return session.get(UsedUp, container_code) is not None

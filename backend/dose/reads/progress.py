"""The rows of one dose, loaded at once and handed to the rules, and which dose a container is."""

from collections import Counter, defaultdict
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
from backend.ledger import REGISTRY, Shown, UnknownCode, each, gathered, rows_of
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
    return suspensions_of(session, [dose.code]).get(dose.code)


@each
def suspensions_of(session: Session, dose_codes: list[str]) -> Mapping[str, Container]:
    """By dose, its thawed cells."""
    rows = session.exec(
        select(Thawed.dose_code, Container).join(ContainerParent, col(ContainerParent.parent) == Thawed.container_code)
        .join(Container, col(Container.code) == ContainerParent.child)
        .where(col(Thawed.dose_code).in_(dose_codes), Container.kind == SUSPENSION)
    )  # fmt: skip
    return dict(rows.all())


def given_of(session: Session, coi: str) -> list[Administration]:
    """What this subject was given and was not annulled, the first infusion first."""
    rows = select(Administration).where(Administration.coi == coi, col(Administration.annulled_at).is_(None))
    return list(session.exec(rows.order_by(col(Administration.infusion))))


def progress_of(session: Session, dose: Dose) -> Progress:
    """Everything that is recorded of one dose."""
    return all_progress(session, [dose.code])[dose.code]


@each
def all_progress(session: Session, codes: list[str]) -> Mapping[str, Progress]:
    """By dose, everything that is recorded of it."""
    doses, suspensions = rows_of(session, Dose, codes), suspensions_of(session, codes)
    vials, thawed, scans, readings, matched, mismatched, corrected, tests = (_by_dose(session, kind, codes) for kind in TABLES)
    started = select(Administration.dose_code).where(col(Administration.dose_code).in_(codes), col(Administration.annulled_at).is_(None))
    given = set(session.exec(started))
    filled, decisions = rows_of(session, DoseFilled, codes), rows_of(session, DoseDecision, codes)
    disposed, deviations = rows_of(session, Disposed, [cells.code for cells in suspensions.values()]), all_deviations(session, codes)
    used = {code: [one for one in vials[code] if one.ended_at is None] for code in codes}
    about = {
        code: {code, dose.coi, dose.batch_code, *(one.container_code for one in used[code])}
        | ({filled[code].container_code} if code in filled else set())
        for code, dose in doses.items()
    }
    held = open_holds(session, set().union(*about.values()))
    found = {}
    for code, dose in doses.items():
        gone = disposed.get(suspensions[code].code) if code in suspensions else None
        hands = {dose.by, *(one.by for one in (*used[code], *thawed[code], *scans[code], *readings[code], *corrected[code]))}
        hands |= {one.witness for one in thawed[code]} | ({gone.by, gone.witness or ""} if gone else set())
        found[code] = Progress(
            dose=dose, vials=used[code], thawed=thawed[code], readings=readings[code],
            matched={one.step: one for one in matched[code] if one.ended_at is None},
            superseded=[one for one in matched[code] if one.ended_at], corrected=corrected[code], scans=scans[code],
            mismatched=Counter(one.step for one in mismatched[code]), filled=filled.get(code), decision=decisions.get(code),
            deviations=deviations.get(code, []), holds=[one.why for one in held if one.about in about[code]],
            given=code in given, surplus_gone=gone is not None,
            sampled=frozenset(one.test for one in tests[code]), hands=frozenset(hands - {""}),
        )  # fmt: skip
    return found


TABLES = (DoseVial, Thawed, DoseScan, PrepReading, PrepMatched, PrepMismatched, PrepCorrected, SampleTest)
"""What is recorded of a dose, table by table."""


def _by_dose(session: Session, kind: Any, codes: list[str]) -> dict[str, list[Any]]:
    """By dose, its rows of this kind, the oldest first."""
    found: dict[str, list[Any]] = {code: [] for code in codes}
    for row in session.exec(select(kind).where(kind.dose_code.in_(codes)).order_by(kind.at)):
        found[row.dose_code].append(row)
    return found


def deviations_of(session: Session, dose: Dose) -> list[DeviationOf]:
    """The masked deviations of a dose, and what was decided about each."""
    return all_deviations(session, [dose.code]).get(dose.code, [])


@each
def all_deviations(session: Session, dose_codes: list[str]) -> Mapping[str, list[DeviationOf]]:
    """By dose, its masked deviations, and what was decided about each."""
    rows = session.exec(
        select(Deviation, DoseDeviation, DeviationDecided)
        .join(DoseDeviation, col(DoseDeviation.deviation_code) == Deviation.code)
        .join(DeviationDecided, col(DeviationDecided.deviation_code) == Deviation.code, isouter=True)
        .where(col(DoseDeviation.dose_code).in_(dose_codes))
        .order_by(col(Deviation.at), col(Deviation.code))
    )
    return gathered(
        (kept.dose_code, DeviationOf(opened.code, opened.rule, opened.sentence, decided.accepted if decided else None, kept.sentence))
        for opened, kept, decided in rows
    )


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
    corrected_at, matched_at = _last(session, [dose.code]).get(dose.code, {}).get(step, (None, None))
    if corrected_at is not None and matched_at is None:
        return corrected_at <= at
    return session.get(DoseDecision, dose.code) is None and (matched_at is None or matched_at < at)


def foresee(session: Session, bodies: list[dict[str, Any]]) -> None:
    """Look up what `covered_entry` asks of every dose whose entries may be covered."""
    named = {body["inputs"].get("dose") for body in bodies if (act := REGISTRY.get(body["act"])) and act.covers is covered_entry}
    doses = rows_of(session, Dose, named - {None})
    rows_of(session, DoseDecision, doses)
    _last(session, doses)


@each
def _last(session: Session, dose_codes: list[str]) -> Mapping[str, dict[str, tuple[datetime | None, datetime | None]]]:
    """By dose and step, when it was corrected last, and when it was read by two people as it stands now."""
    corrected = session.exec(
        select(PrepCorrected.dose_code, PrepCorrected.step, func.max(PrepCorrected.at)).where(col(PrepCorrected.dose_code).in_(dose_codes))
        .group_by(col(PrepCorrected.dose_code), col(PrepCorrected.step))
    ).all()  # fmt: skip
    matched = select(PrepMatched).where(col(PrepMatched.dose_code).in_(dose_codes), col(PrepMatched.ended_at).is_(None))
    found: dict[str, dict[str, tuple[datetime | None, datetime | None]]] = defaultdict(dict)
    for dose, step, at in corrected:
        found[dose][step] = (at, None)
    for row in session.exec(matched):
        found[row.dose_code][row.step] = (found[row.dose_code].get(row.step, (None, None))[0], row.at)
    return found


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

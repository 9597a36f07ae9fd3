"""A dose as people may see it: everybody its times, people, vials and steps; unmasked people its values as well (decision S2).

What two people have not matched yet is in nobody's view but that of the person who entered it, unmasked or not (decision W3).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.access.reads import names_of
from backend.access.rules import Viewer
from backend.batch.reads.bench import Thing
from backend.batch.rules.saying import say
from backend.custody.models import Container
from backend.custody.reads import live_label, subject_number
from backend.custody.reads.containers import counted
from backend.custody.reads.labelling import state_of
from backend.dose.models import Dose, DoseDecision, DoseDeviationDecided, DoseHoldLifted, PrepCorrected, PrepReading
from backend.dose.reads.correcting import correction_hold, reasons_against_lifting
from backend.dose.reads.progress import dose_of, folder_of_dose, order_of, progress_of, worked_of, worked_once
from backend.dose.reads.releasing import reasons, recipe_for
from backend.dose.reads.scanning import wanted
from backend.dose.rules.arithmetic import Recipe, pipetted, plan
from backend.dose.rules.naming import TITLES, UNITS, WORKED
from backend.dose.rules.preparing import COUNT, FORMULATE, STEPS, WASH, Progress, Said, accepted
from backend.dose.rules.scanning import against_changing
from backend.dose.rules.timing import against_start, expiry, last_start
from backend.ledger import Ledger, UnknownCode, rows_of
from backend.ledger.words import Text, words
from backend.quality.models import Deviation, Hold
from backend.testing.reads import dose_outcomes
from backend.trial.reads import local_time
from backend.trial.rules import Level, judge, shown
from backend.trial.rules.preparation_file import Judged, PrepStep

KINDS = {Level.IN_LIMITS: "go", Level.ALERT: "warn", Level.DECIDE: "stop", Level.STOP: "stop"}


class Frozen(BaseModel):
    """A view: values only, made for one viewer."""

    model_config = ConfigDict(frozen=True)


class VialLine(Frozen):
    """A vial of the dose."""

    code: str
    name: str
    thawed: bool


class Value(Frozen):
    """One value as people read it; `kind` is the shape of its mark."""

    title: Text
    text: Text
    unit: Text
    kind: str = "go"


class CorrectionLine(Frozen):
    """Who corrected a step and when; why, and the values that are superseded, only for those who may see them."""

    at: datetime
    by: str
    why: str  # like a reading, until both have read the same again, for who wrote it alone: it may say the value (W3)
    typed: tuple[Value, ...]
    worked: tuple[Value, ...]


class StepLine(Frozen):
    """One step: who read it, whether both agreed; its values only for those who may see them."""

    step: str
    state: str  # open, read once, done
    first_by: str
    first_at: datetime | None
    second_by: str
    done_at: datetime | None
    mismatched: int
    mine: bool  # this viewer read it first in the try that is open
    reopened: bool  # it was corrected and is not read again by two people yet
    outdated: bool  # one before it is being read again; it is worked out anew then
    corrections: tuple[CorrectionLine, ...]
    typed: tuple[Value, ...]
    worked: tuple[Value, ...]


class DeviationLine(Frozen):
    """A masked deviation: that there is one, for everybody; what it says, for unmasked people."""

    code: str
    at: datetime
    grade: str
    sentence: str
    sealed: str
    decided: str
    why: str


class LiftedLine(Frozen):
    """That and when unmasked QA lifted the hold of a correction; why, for unmasked people."""

    at: datetime
    by: str
    why: str


class TestLine(Frozen):
    """A test of the dose; these limits are equal for both arms of a route (decision S3)."""

    __test__ = False
    title: str
    limit: str
    value: str
    state: str  # waiting, recorded, reviewed
    passes: bool
    href: str


class DoseView(Frozen):
    """One dose for one viewer."""

    code: str
    coi: str
    subject: str
    infusion: int
    order: str
    batch: str
    route: str
    access: str
    planned_at: datetime
    opened_at: datetime
    opened_by: str
    vials_wanted: int
    vials: tuple[VialLine, ...]
    next: str
    thaw_started_at: datetime | None
    expires_at: datetime | None
    start_by: datetime | None
    minutes_left: int | None
    too_late: bool  # the last minute to start has passed
    steps: tuple[StepLine, ...]
    wanted: dict[PrepStep, tuple[Thing, ...]]  # what the steps ask to be scanned
    unscanned: bool  # something of it is missing
    takes_scans: bool
    strainer: str
    stock: bool
    plan: tuple[Value, ...]
    treatment: tuple[Value, ...]
    syringe: str
    label: str
    label_state: str
    sampled: bool
    surplus_gone: bool
    tests: tuple[TestLine, ...]
    deviations: tuple[DeviationLine, ...]
    holds: tuple[str, ...]
    corrected_hold: str  # why a correction holds the dose, while it does
    against_lifting: tuple[str, ...]
    lifted: tuple[LiftedLine, ...]
    conforms: str  # yes, no, or nothing while nobody has decided
    decided_at: datetime | None
    decided_by: str
    why: str
    against: tuple[str, ...]
    ended_at: datetime | None
    ended_why: str
    given: bool


def dose_view(session: Session, ledger: Ledger, code: str, viewer: Viewer, at: datetime) -> DoseView:
    """A dose as this viewer may see it; UnknownCode for who does not read the record, as for a code that is nobody's (decision P4)."""
    if not viewer.reads_record:
        raise UnknownCode(code)
    dose = dose_of(session, code)
    progress, trial, order = progress_of(session, dose), folder_of_dose(session, dose).trial, order_of(session, dose)
    made = recipe_for(session, ledger.keyring, dose) if viewer.sees_arm else None
    names = names_of(session, [*progress.hands, *([progress.decision.by] if progress.decision else [])])
    decision, filled, label, held = progress.decision, progress.filled, None, correction_hold(session, code)
    if filled is not None:
        label = live_label(session, filled.container_code)
    times = _times(progress, trial.infusions.life_after_thaw.length, trial.routes[order.route].planned.length)
    local = [local_time(trial, one) if one else None for one in times]
    things = wanted(session, progress, trial.preparation)
    return DoseView(
        code=code, coi=dose.coi, subject=subject_number(session, dose.coi), infusion=dose.infusion, order=order.code, batch=dose.batch_code,
        route=order.route if viewer.sees_route else "", access=trial.routes[order.route].access if viewer.sees_route else "",
        planned_at=order.planned_at, opened_at=dose.at, opened_by=names.get(dose.by, dose.by),
        vials_wanted=trial.preparation.routes[order.route].vials, vials=_vials(session, progress), next=progress.next,
        thaw_started_at=local[0], expires_at=local[1], start_by=local[2], minutes_left=_minutes(times[2], at),
        too_late=times[1] is not None and any(against_start(at, times[1], trial.routes[order.route].planned.length)),
        steps=tuple(_step(session, ledger, progress, step, viewer, made, names) for step in STEPS),
        wanted=things, unscanned=any(thing.missing for many in things.values() for thing in many),
        takes_scans=not any(against_changing(progress)), strainer=trial.preparation.strainer,
        stock=trial.preparation.routes[order.route].stock is not None, plan=_plan(session, ledger, progress, made),
        treatment=_treatment(made), syringe=filled.container_code if filled else "", label=label.code if label else "",
        label_state=state_of(session, label) if label else "", sampled=bool(progress.sampled), surplus_gone=progress.surplus_gone,
        tests=_tests(session, dose),
        deviations=_deviations(session, ledger, progress, viewer), holds=tuple(progress.holds),
        corrected_hold=held.why if held else "", lifted=_lifted(session, ledger, dose, viewer),
        against_lifting=_said(viewer, reasons_against_lifting(session, ledger.keyring, dose, held, viewer.person)) if held else (),
        conforms={"released": "yes", "rejected": "no"}[decision.decision] if decision else "", decided_at=decision.at if decision else None,
        decided_by=names.get(decision.by, decision.by) if decision else "", why=_why(session, ledger, dose, decision, viewer),
        against=_against(session, ledger, dose, viewer, at) if not decision and not dose.ended_at else (), ended_at=dose.ended_at,
        ended_why=dose.ended_why or "", given=progress.given,
    )  # fmt: skip


def _times(progress: Progress, life: timedelta, planned: timedelta) -> tuple[datetime | None, datetime | None, datetime | None]:
    """When the thaw began, until when cells may go in, and by when the infusion must start."""
    began = progress.thaw_started_at
    until = progress.filled.expires_at if progress.filled else expiry(began, life) if began else None
    return began, until, last_start(until, planned) if until else None


def _minutes(until: datetime | None, at: datetime) -> int | None:
    return None if until is None else max(0, int((until - at) / timedelta(minutes=1)))


def _vials(session: Session, progress: Progress) -> tuple[VialLine, ...]:
    done = {one.container_code for one in progress.thawed}
    rows = rows_of(session, Container, [one.container_code for one in progress.vials]).values()
    return tuple(VialLine(code=one.code, name=one.name, thawed=one.code in done) for one in sorted(rows, key=lambda row: counted(row.name)))


def _step(
    session: Session, ledger: Ledger, progress: Progress, step: str, viewer: Viewer, made: Recipe | None, names: dict[str, str]
) -> StepLine:  # fmt: skip
    matched, first = progress.matched.get(step), progress.entered(step, "first")
    mine = bool(first) and first[0].by == viewer.person
    typed: tuple[Value, ...] = ()
    if viewer.sees_arm and (matched or mine):
        typed = _typed(session, ledger, first)
    by, at = (first[0].by, first[0].at) if first else ("", None)
    return StepLine(
        step=step, state="done" if matched else "read once" if first else "open", first_by=names.get(by, by), first_at=at,
        second_by=names.get(matched.second, matched.second) if matched else "", done_at=matched.at if matched else None,
        mismatched=progress.mismatched[step], mine=mine, typed=typed, reopened=step in progress.reopened,
        outdated=progress.rests_on_reopened(step),
        corrections=tuple(
            _correction(session, ledger, progress, one, viewer, made, names) for one in progress.corrected if one.step == step
        ),
        worked=_worked(worked_of(session, ledger.keyring, progress, step), made) if matched and made else (),
    )  # fmt: skip


def _correction(
    session: Session, ledger: Ledger, progress: Progress, one: PrepCorrected, viewer: Viewer, made: Recipe | None, names: dict[str, str]
) -> CorrectionLine:  # fmt: skip
    before = next(row for row in progress.superseded if row.code == one.matched_code)
    tells = viewer.sees_arm and (one.step in progress.matched or one.by == viewer.person)
    return CorrectionLine(
        at=one.at, by=names.get(one.by, one.by), why=(ledger.keyring.open(session, one.chain, one.why) or words("erased")) if tells else "",
        typed=_typed(session, ledger, progress.entered(one.step, "first", before.number)) if viewer.sees_arm else (),
        worked=_worked(worked_once(session, ledger.keyring, before), made) if made else (),
    )  # fmt: skip


def _lifted(session: Session, ledger: Ledger, dose: Dose, viewer: Viewer) -> tuple[LiftedLine, ...]:
    """The holds of corrections that are lifted, the first one first."""
    rows = session.exec(
        select(Hold, DoseHoldLifted).join(DoseHoldLifted, col(DoseHoldLifted.hold_code) == Hold.code)
        .where(DoseHoldLifted.dose_code == dose.code).order_by(col(DoseHoldLifted.at))
    ).all()  # fmt: skip
    names = names_of(session, [held.ended_by or "" for held, _ in rows])
    return tuple(
        LiftedLine(
            at=kept.at, by=names.get(held.ended_by or "", held.ended_by or ""),
            why=(ledger.keyring.open(session, dose.coi, kept.why) or words("erased")) if viewer.sees_arm else "",
        )
        for held, kept in rows
    )  # fmt: skip


def _typed(session: Session, ledger: Ledger, rows: Iterable[PrepReading]) -> tuple[Value, ...]:
    def opened(one: PrepReading) -> str:
        return ledger.keyring.open(session, one.chain, one.value) or words("erased")

    return tuple(
        Value(title=TITLES[one.field], text=opened(one), unit=UNITS.get(one.field, "mL"))
        for one in sorted(rows, key=lambda row: list(TITLES).index(row.field))
    )


def _worked(values: dict[str, Decimal], made: Recipe) -> tuple[Value, ...]:
    """What was worked out, with the mark that its limits give it."""
    preparation = made.preparation
    limits: dict[str, Judged] = {
        "clumps": preparation.clumps, "viability": preparation.viability, "counted": preparation.counted, "dmso_at_most": preparation.dmso,
        "filled": preparation.filled, "off_target": preparation.concentration,
    }  # fmt: skip
    found = []
    for name, value in values.items():
        if name not in WORKED:
            continue
        title, unit = WORKED[name]
        kind = KINDS[judge(limits[name].limits, value).level] if name in limits else "go"
        if name == "cells" and not made.arm.accept.met_by(value):
            kind = "stop"
        text = say(value) if unit in {"cells", "cells/mL"} and name != "counted" else shown(value)
        found.append(Value(title=title, text=text, unit=unit, kind=kind))
    return tuple(found)


def _plan(session: Session, ledger: Ledger, progress: Progress, made: Recipe | None) -> tuple[Value, ...]:
    """What is pipetted next, from what was counted; it stands on the page of whoever prepares before anything is drawn."""
    if made is None or progress.next != FORMULATE or FORMULATE in progress.reopened:
        return ()  # a corrected formulation is read as it was pipetted, not as it was planned
    washed = worked_of(session, ledger.keyring, progress, WASH)
    try:
        wanted = plan(made, worked_of(session, ledger.keyring, progress, COUNT), washed["resuspended_ml"])
    except ValueError:
        return ()
    volumes = {"suspension_ml": washed["resuspended_ml"]} | wanted
    return tuple(Value(title=TITLES[name], text=pipetted(volume), unit="mL") for name, volume in volumes.items())


def _treatment(made: Recipe | None) -> tuple[Value, ...]:
    """The dose that is made, for unmasked people."""
    if made is None:
        return ()
    return (
        Value(title=words("Dose"), text=say(made.arm.dose.number), unit=words("viable cells")),
        Value(title=words("Accepted"), text=accepted(made.arm.accept), unit=words("viable cells")),
        Value(title=words("Given in"), text=f"{made.arm.volume.number}", unit="mL"),
    )


def _tests(session: Session, dose: Dose) -> tuple[TestLine, ...]:
    return tuple(
        TestLine(
            title=one.asked.title, limit=one.asked.limit.replace("\n", ", "), value=one.value, passes=one.passes, href=one.href,
            state="reviewed" if one.reviewed else "recorded" if one.code else "waiting",
        )
        for one in sorted(dose_outcomes(session, dose.code), key=lambda outcome: outcome.asked.title)
    )  # fmt: skip


def _deviations(session: Session, ledger: Ledger, progress: Progress, viewer: Viewer) -> tuple[DeviationLine, ...]:
    codes = [one.code for one in progress.deviations]
    rows, decisions, found = rows_of(session, Deviation, codes), rows_of(session, DoseDeviationDecided, codes), []
    for one in progress.deviations:
        row, decided = rows[one.code], decisions.get(one.code)
        opened = ledger.keyring.open(session, progress.dose.coi, one.sealed) if viewer.sees_arm else ""
        why = ledger.keyring.open(session, progress.dose.coi, decided.why) if decided and viewer.sees_arm else ""
        found.append(DeviationLine(
            code=one.code, at=row.at, grade=row.grade, sentence=one.sentence, sealed=opened or "",
            decided={None: "", True: "accepted", False: "rejected"}[one.accepted], why=why or "",
        ))  # fmt: skip
    return tuple(found)


def _why(session: Session, ledger: Ledger, dose: Dose, decision: DoseDecision | None, viewer: Viewer) -> str:
    if decision is None or not viewer.sees_arm:
        return ""
    return ledger.keyring.open(session, dose.coi, decision.why) or ""


def _against(session: Session, ledger: Ledger, dose: Dose, viewer: Viewer, at: datetime) -> tuple[str, ...]:
    """What stands against the release, for who may release: with values."""
    return _said(viewer, reasons(session, ledger.keyring, dose, viewer.person, at)) if viewer.sees_arm else ()


def _said(viewer: Viewer, found: Iterable[Said]) -> tuple[str, ...]:
    """Reasons with their values, for who may see them; to others none."""
    return tuple(one.sealed or one.open for one in found) if viewer.sees_arm else ()

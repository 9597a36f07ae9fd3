"""The facts of one check, read from rows in one moment; inside an act that moment is under the subject's lock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, and_, col, or_, select

from backend.access.reads import names_of, roles_of
from backend.access.rules import Role
from backend.batch.models import Batch, BatchDecision
from backend.bedside import rules
from backend.bedside.models import Confirmed
from backend.collection.models import Collected
from backend.custody.models import Container, Disposed, HandedOver, Label, LabelApplied, LabelVerified, Received, UsedUp
from backend.custody.reads import family
from backend.dose.models import Administration, Cleared, Dose, DoseDecision, DoseFilled, DoseVial, Order, RouteOpened
from backend.ledger.spelling import to_the_minute
from backend.quality.reads import open_deviations, open_holds
from backend.subject.models import Subject, Withdrawn, Wristband, WristbandVerified
from backend.subject.reads import latest_consent
from backend.trial.reads import current, local_day, local_time, status
from backend.trial.rules import TrialFile

WARD = frozenset({Role.PHYSICIAN, Role.NURSE})


@dataclass(frozen=True)
class Asked:
    """What the bedside was told: the order that was chosen, the access that was stated, the two scans as the scanner read them."""

    order: str
    access: str
    wristband: str
    dose: str


@dataclass(frozen=True)
class _Look:
    """One moment of one session, with the trial in force."""

    session: Session
    trial: TrialFile

    def time(self, at: datetime | None) -> datetime | None:
        return local_time(self.trial, at) if at else None

    def whose(self, coi: str) -> rules.Whose:
        row = self.session.get(Subject, coi)
        return rules.Whose(row.number if row else "", coi)


def facts_of(session: Session, asked: Asked, at: datetime, giving: str = "") -> rules.Facts:
    """Everything that the stops ask. `giving` is the staff number of who gives; "" for a check or a confirmation."""
    look = _Look(session, current(session).trial)
    band_code, band_fault = rules.scanned(asked.wristband, "W")
    label_code, label_fault = rules.scanned(asked.dose, "L")
    label = session.get(Label, label_code) if label_code else None
    dose, filled = _dose_on(session, label)
    order = session.get(Order, asked.order)
    band = session.get(Wristband, band_code) if band_code else None
    subjects = {row.chain for row in (band, dose, order) if row}
    return rules.Facts(
        at=local_time(look.trial, at), trial=look.trial, status=status(session), access=asked.access, wristband_fault=band_fault,
        wristband=_band(look, band), label_fault=label_fault, label=_tag(look, label),
        dose=_syringe(look, dose, filled) if dose and filled else None, order=_ordered(look, order) if order else None,
        holds=_holds(look, subjects, dose, filled, label, order), giving=_giving(look, giving, subjects, dose, at) if giving else None,
    )  # fmt: skip


def _band(look: _Look, row: Wristband | None) -> rules.Band | None:
    if row is None:
        return None
    verified = look.session.get(WristbandVerified, row.code) is not None
    return rules.Band(row.code, look.whose(row.subject_code), look.time(row.ended_at), verified)


def _tag(look: _Look, row: Label | None) -> rules.Tag | None:
    if row is None:
        return None
    on = look.session.get(Container, row.of_code) if row.of_code else None
    return rules.Tag(
        row.code, on.name if on else "", look.time(row.ended_at), row.ended_how or "", row.ended_why or "",
        look.session.get(LabelVerified, row.code) is not None, look.session.get(LabelApplied, row.code) is not None,
    )  # fmt: skip


def _dose_on(session: Session, label: Label | None) -> tuple[Dose | None, DoseFilled | None]:
    """The dose in the container that this label was printed for."""
    if label is None or label.of_code is None:
        return None, None
    filled = session.exec(select(DoseFilled).where(DoseFilled.container_code == label.of_code)).first()
    return (session.get_one(Dose, filled.dose_code), filled) if filled else (None, None)


def _syringe(look: _Look, dose: Dose, filled: DoseFilled) -> rules.Syringe:
    decision, bank = look.session.get(DoseDecision, dose.code), look.session.get(BatchDecision, dose.batch_code)
    started = look.session.exec(select(Administration).where(Administration.dose_code == dose.code)).first()
    return rules.Syringe(
        code=dose.code, of=look.whose(dose.coi), infusion=dose.infusion, order_code=dose.order_code,
        expires_at=local_time(look.trial, filled.expires_at), decision=decision.decision if decision else "",
        bank_released=bank is not None and bank.decision == "released", hands=_hands(look, filled.container_code),
        started_at=look.time(started.started_at) if started else None, gone=_gone(look, dose, filled.container_code),
    )  # fmt: skip


def _gone(look: _Look, dose: Dose, container_code: str) -> str:
    """How this dose was disposed of, or ""."""
    if disposed := look.session.get(Disposed, container_code):
        return f"{disposed.how} at {to_the_minute(local_time(look.trial, disposed.at))}"
    if dose.ended_at:
        return f"{dose.ended_why} at {to_the_minute(local_time(look.trial, dose.ended_at))}"
    used = look.session.get(UsedUp, container_code)
    return f"used up at {to_the_minute(local_time(look.trial, used.at))}" if used else ""


def _hands(look: _Look, container_code: str) -> rules.Hands:
    """The latest hand-over of the syringe and its receipt; a ward receives through a physician or nurse."""
    newest = select(HandedOver).where(HandedOver.container_code == container_code).order_by(col(HandedOver.at).desc()).limit(1)
    given = look.session.exec(newest).first()
    if given is None:
        return rules.Hands(None, "", "", False)
    got = look.session.get(Received, given.code)
    if got is None:
        return rules.Hands(look.time(given.at), given.to, "", False)
    of_ward = bool(roles_of(look.session, [got.by], got.at)[got.by] & WARD)
    return rules.Hands(look.time(given.at), given.to, names_of(look.session, [got.by]).get(got.by, got.by), of_ward)


def _ordered(look: _Look, row: Order) -> rules.Ordered:
    session, coi = look.session, row.coi
    opened, gone, consent = session.get(RouteOpened, coi), session.get(Withdrawn, coi), latest_consent(session, coi)
    given = {one.infusion: one for one in given_for(session, coi)}
    now = given.get(row.infusion)
    return rules.Ordered(
        code=row.code, of=look.whose(coi), infusion=row.infusion, route=row.route, ended_at=look.time(row.ended_at),
        ended_why=row.ended_why or "", open_route=opened.route if opened else "", given_at=look.time(now.started_at) if now else None,
        before=tuple(_before(look, coi, number, given.get(number)) for number in range(1, row.infusion)),
        lost_undecided=_lost_undecided(session, coi, row.infusion), collected_on=_collected_on(look, row.batch_code),
        withdrawn_at=look.time(gone.at) if gone else None, consent=(consent.form, consent.protocol) if consent else None,
    )  # fmt: skip


def given_for(session: Session, coi: str) -> list[Administration]:
    """What was given to this subject and not annulled, in the order of the infusions."""
    rows = select(Administration).where(Administration.coi == coi, col(Administration.annulled_at).is_(None))
    return list(session.exec(rows.order_by(col(Administration.infusion))))


def _before(look: _Look, coi: str, number: int, given: Administration | None) -> rules.Before:
    given_on = local_day(look.trial, given.started_at) if given else None
    return rules.Before(number, given_on, is_cleared(look.session, coi, number))


def is_cleared(session: Session, coi: str, infusion: int) -> bool:
    """Whether a physician has cleared this infusion."""
    return session.exec(select(Cleared.code).where(Cleared.coi == coi, Cleared.infusion == infusion)).first() is not None


def _lost_undecided(session: Session, coi: str, infusion: int) -> bool:
    """Whether nothing was given from a dose for this infusion and QA has not decided about it (decision T5)."""
    lost = session.exec(
        select(Administration.dose_code).where(
            Administration.coi == coi, Administration.infusion == infusion, col(Administration.annulled_at).is_not(None)
        )
    ).all()
    return bool(lost and open_deviations(session, lost))


def _collected_on(look: _Look, batch_code: str) -> date | None:
    """The local day on which the collection ended that this bank was made from (decision D2)."""
    batch = look.session.get(Batch, batch_code)
    took = look.session.get(Collected, batch.collection_code) if batch else None
    return local_day(look.trial, took.ended_at) if took else None


def _holds(
    look: _Look, subjects: set[str], dose: Dose | None, filled: DoseFilled | None, label: Label | None, order: Order | None
) -> tuple[rules.Held, ...]:
    """Every open hold on the dose, on its syringe, label and vials and what they were made from, on its bank, its order, the subject."""
    about = dict.fromkeys(sorted(subjects), "The subject")
    if order:
        about |= {order.batch_code: "The bank", order.code: "The order"}
    if label:
        about[label.code] = "The label"
    if dose and filled:
        vials = look.session.exec(select(DoseVial.container_code).where(DoseVial.dose_code == dose.code)).all()
        made_from, _ = family(look.session, filled.container_code)
        about |= dict.fromkeys([*made_from, *vials], "What the dose was made from")
        about |= {dose.batch_code: "The bank", dose.code: "The dose", filled.container_code: "The dose"}
    return tuple(rules.Held(about[one.about], one.why) for one in open_holds(look.session, about))


def _giving(look: _Look, by: str, subjects: set[str], dose: Dose | None, at: datetime) -> rules.Giving:
    """The confirmations of this dose, and those of these subjects that were not used since yesterday: open ones first, then the newest."""
    of_dose = Confirmed.dose_code == (dose.code if dose else "")
    unused = and_(col(Confirmed.coi).in_(subjects), col(Confirmed.ended_at).is_(None), col(Confirmed.at) > at - timedelta(days=1))
    rows = look.session.exec(
        select(Confirmed).where(or_(of_dose, unused)).order_by(col(Confirmed.ended_at).is_not(None), col(Confirmed.at).desc())
    ).all()
    names = names_of(look.session, {row.by for row in rows})
    return rules.Giving(by, tuple(
        rules.Word(
            code=row.code, by=row.by, name=names.get(row.by, row.by), at=local_time(look.trial, row.at), order_code=row.order_code,
            dose_code=row.dose_code, wristband_code=row.wristband_code, access=row.access, used_at=look.time(row.ended_at),
        )
        for row in rows
    ))  # fmt: skip


def meant(session: Session, code: str) -> Order | None:
    """The order that somebody means by this code: its own, that of an administration, a dose or its label, or the live one of a subject."""
    if code[:1] in {"W", "S"}:
        band = session.get(Wristband, code)
        coi = band.subject_code if band else code
        live = select(Order).where(Order.coi == coi, col(Order.ended_at).is_(None)).order_by(col(Order.infusion).desc())
        return session.exec(live).first()
    if code[:1] in {"L", "C"}:
        label = session.get(Label, code)
        filled = session.exec(select(DoseFilled).where(DoseFilled.container_code == (label.of_code if label else code))).first()
        code = filled.dose_code if filled else code
    under = session.get(Dose, code) or session.get(Administration, code)
    return session.get(Order, under.order_code if under else code)

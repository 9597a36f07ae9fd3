"""The final account of a subject: each vial and dose in one disposition or in stock, each label in one end, and what stands open."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from backend.access.reads import names_of
from backend.batch.models import Batch, BatchDecision, SampleTest
from backend.bedside.models import Finished
from backend.custody.models import Amount, Container, Disposed, HandedOver, Label, LabelApplied, LabelPrinted, Occupancy, Place, UsedUp
from backend.custody.reads.containers import all_whereabouts, counted, on_its_way
from backend.custody.rules import is_vial
from backend.dose.models import Administration, Dose, DoseFilled, DoseVial, Order, Thawed
from backend.dose.reads.ordering import all_given
from backend.dossier import rules
from backend.dossier.models import Closed
from backend.dossier.reads.rows import Live, Lives, Rows
from backend.dossier.rules import Disposing, Ending, Fate
from backend.ledger import Shown, rows_of
from backend.ledger.models import Head
from backend.ledger.words import Text
from backend.quality.models import CheckClosed, Deviation, DeviationDecided, Hold
from backend.subject.models import Subject, Withdrawn
from backend.subject.reads import subject_of
from backend.testing.models import Result, ResultReviewed
from backend.trial.reads import current, local_time
from backend.trial.rules import TrialFile

DOSE_STERILITY = "sterility"


class Frozen(BaseModel):
    """A view: values only, made for one viewer."""

    model_config = ConfigDict(frozen=True)


class FateView(Frozen):
    """What became of something, and who says so."""

    how: str
    why: Text
    detail: str
    at: datetime
    by: tuple[str, ...]


class VialLine(Frozen):
    """One vial: where it is, and what became of it (None: it is in stock)."""

    code: str
    name: str
    where: Text
    fate: FateView | None


class DoseLine(Frozen):
    """One prepared dose: its syringe, and what became of it (None: it is open)."""

    code: str
    infusion: int
    syringe: str
    vials: int
    fate: FateView | None


class ClosedView(Frozen):
    """That the subject is closed."""

    why: str
    at: datetime
    by: tuple[str, ...]


class AccountView(Frozen):
    """The final account of one subject."""

    coi: str
    number: str
    filled: int
    fates: dict[str, int]
    stock: int
    difference: int
    vials: tuple[VialLine, ...]
    doses: tuple[DoseLine, ...]
    printed: int
    labels: dict[str, int]
    labels_difference: int
    against: tuple[str, ...]
    closed: ClosedView | None


# ---- fates ----


def fates_of(rows: Rows) -> dict[str, Fate]:
    """The fate of every container of a subject that has one. The same rows always give the same fates."""
    disposed = {row.container_code: row for row in rows.all(Disposed)}
    doses = dose_fates(rows)
    in_dose = {row.container_code: row.dose_code for row in rows.all(Thawed)}
    in_dose |= {row.container_code: row.dose_code for row in rows.all(DoseFilled)}
    tested = _tested(rows)
    found = {}
    for code in {*disposed, *in_dose, *tested}:
        dose = in_dose.get(code)
        one = rules.fate(doses.get(dose) if dose else None, dose is not None, disposed.get(code), tested.get(code))
        if one is not None:
            found[code] = one
    return found


def dose_fates(rows: Rows) -> dict[str, Fate | None]:
    """Each dose with what became of it."""
    given = {row.dose_code: row for row in rows.all(Administration) if row.annulled_at is None}
    ends = {row.administration_code: row for row in rows.all(Finished)}
    syringes = {row.dose_code: row.container_code for row in rows.all(DoseFilled)}
    disposed = {row.container_code: row for row in rows.all(Disposed)}
    return {
        dose.code: rules.of_dose(
            given.get(dose.code), ends.get(given[dose.code].code) if dose.code in given else None,
            disposed.get(syringes.get(dose.code, "")), dose,
        )
        for dose in rows.all(Dose)
    }  # fmt: skip


def _tested(rows: Rows) -> dict[str, tuple[datetime, str]]:
    """The vials all of whose tests are reviewed: when the last one was, and by whom."""
    vials = {row.code for row in rows.all(Container) if is_vial(row.kind)}
    reviewed = {row.result_code: row for row in rows.all(ResultReviewed)}
    latest = in_force(rows)
    found: dict[str, list[ResultReviewed | None]] = {}
    for test in rows.all(SampleTest):
        if test.container_code in vials:
            result = latest.get((test.container_code, test.test))
            found.setdefault(test.container_code, []).append(reviewed.get(result.code) if result else None)
    done = {code: [one for one in many if one is not None] for code, many in found.items() if None not in many}
    return {code: max((one.at, one.by) for one in many) for code, many in done.items()}


def in_force(rows: Rows) -> dict[tuple[str, str], Result]:
    """The newest result of each test of each sample."""
    found: dict[tuple[str, str], Result] = {}
    for row in sorted(rows.all(Result), key=lambda one: one.number):
        found[row.container_code, row.test] = row
    return found


def fate_of(session: Session, container: Container) -> Fate | None:
    """What became of this container in the end: exactly one fate, or None while it has none."""
    return fates_of(Live(session, container.chain)).get(container.code)


def vials_of(rows: Rows) -> list[Container]:
    """Every vial that was filled, vial 2 before vial 10. One that was labelled and never filled held nothing and is no vial."""
    held = {row.container_code for row in rows.all(Amount)} | {row.container_code for row in rows.all(Disposed)}
    held |= {row.container_code for row in rows.all(Thawed)} | {row.container_code for row in rows.all(SampleTest)}
    empty = {row.container_code for row in rows.all(UsedUp)} - held
    return sorted((c for c in rows.all(Container) if is_vial(c.kind) and c.code not in empty), key=lambda c: (counted(c.name), c.code))


def label_states(rows: Rows) -> list[str]:
    """Where each printed label of a subject is in its life."""
    printed = {row.label_code for row in rows.all(LabelPrinted)}
    applied = {row.label_code for row in rows.all(LabelApplied)}
    return [row.ended_how or ("applied" if row.code in applied else "waiting") for row in rows.all(Label) if row.code in printed]


# ---- for acts ----


def disposing(session: Session, container: Container, fates: Mapping[str, Fate]) -> Disposing:
    """What stands around a container that is to be disposed of."""
    rows = Live(session, container.chain)
    open_doses = {row.code for row in rows.all(Dose) if row.ended_at is None}
    thawed = {row.container_code: row.dose_code for row in rows.all(Thawed)}
    thawed |= {row.container_code: row.dose_code for row in rows.all(DoseFilled)}
    aside = {row.container_code for row in rows.all(DoseVial) if row.ended_at is None and row.dose_code in open_doses}
    stands = session.exec(
        select(Place.path).join(Occupancy, col(Occupancy.position_code) == Place.code)
        .where(Occupancy.container_code == container.code, col(Occupancy.ended_at).is_(None))
    ).first()  # fmt: skip
    return Disposing(
        name=container.name, is_vial=is_vial(container.kind), fate=fates.get(container.code), position=stands or "",
        on_its_way=on_its_way(session, container.code) is not None,
        set_aside=container.code in aside and container.code not in thawed, in_dose=thawed.get(container.code, "") in open_doses,
        for_tests=any(row.container_code == container.code for row in rows.all(SampleTest)),
    )  # fmt: skip


def endings(session: Session, cois: Sequence[str]) -> dict[str, Ending]:
    """By subject, everything that is asked before it is closed."""
    lives, trial = Lives(session, cois), current(session).trial
    closed, gone = rows_of(session, Closed, cois), rows_of(session, Withdrawn, cois)
    found = {coi: Live(session, coi, lives) for coi in cois}
    fates = {coi: fates_of(rows) for coi, rows in found.items()}
    stock = {coi: [vial for vial in vials_of(rows) if vial.code not in fates[coi]] for coi, rows in found.items()}
    where = all_whereabouts(session, [vial for vials in stock.values() for vial in vials])
    return {
        coi: _ending(rows, trial, coi in closed, coi in gone, tuple((vial.name, where[vial.code]) for vial in stock[coi]))
        for coi, rows in found.items()
    }


def _ending(rows: Rows, trial: TrialFile, closed: bool, withdrawn: bool, vials: tuple[tuple[str, str], ...]) -> Ending:
    doses = dose_fates(rows)
    given = {row.code: row for row in rows.all(Administration) if row.annulled_at is None}
    ends = {row.administration_code for row in rows.all(Finished)}
    by_order, by_dose = {row.order_code for row in given.values()}, {row.dose_code for row in given.values()}
    decided = {row.batch_code for row in rows.all(BatchDecision)}
    names = {row.code: row.name for row in rows.all(Container)}
    return Ending(
        closed=closed, withdrawn=withdrawn, given=len(given), planned=trial.infusions.count, vials=vials,
        doses=tuple(sorted(dose.infusion for dose in rows.all(Dose) if doses[dose.code] is None and dose.code not in by_dose)),
        running=tuple(sorted(one.infusion for one in given.values() if one.code not in ends)),
        orders=tuple(sorted(order.infusion for order in rows.all(Order) if order.ended_at is None and order.code not in by_order)),
        batches=sum(row.code not in decided for row in rows.all(Batch)), deviations=tuple(_undecided(rows)),
        holds=tuple(row.why for row in rows.all(Hold) if row.ended_at is None and row.about not in _over(rows)),
        on_its_way=tuple(names[row.container_code] for row in rows.all(HandedOver) if row.ended_at is None),
        sterility=tuple(_sterility(rows, trial, by_dose)), labels=rules.labels_sum(label_states(rows)),
    )  # fmt: skip


def _over(rows: Rows) -> set[str]:
    """What nothing can be done with any more, so that a hold for good keeps nobody's record open: a rejected batch, and who withdrew."""
    return {row.batch_code for row in rows.all(BatchDecision) if row.decision == "rejected"} | {row.chain for row in rows.all(Withdrawn)}


def _undecided(rows: Rows) -> list[str]:
    decided = {row.deviation_code for row in rows.all(DeviationDecided)}
    closed = {row.check_code for row in rows.all(CheckClosed)}
    found = [row for row in rows.all(Deviation) if row.code not in decided]
    return [row.sentence if row.covered_for is None or row.covered_for in closed else "" for row in found]


def _sterility(rows: Rows, trial: TrialFile, given: set[str]) -> list[tuple[int, str]]:
    """Infusion and what is missing, for each dose that was given and whose sterility is not read and reviewed."""
    infusions = {row.code: row.infusion for row in rows.all(Dose)}
    latest, reviewed = in_force(rows), {row.result_code for row in rows.all(ResultReviewed)}
    found = []
    for test in rows.all(SampleTest):
        if test.dose_code not in given or test.test != DOSE_STERILITY:
            continue
        result = latest.get((test.container_code, test.test))
        if result is None:
            found.append((infusions[test.dose_code], f"is not read (it reads out on {local_time(trial, test.due_at):%Y-%m-%d})"))
        elif result.code not in reviewed:
            found.append((infusions[test.dose_code], "is read and not reviewed"))
    return sorted(found)


def against_closing_now(session: Session, coi: str) -> list[str]:
    """Every reason why this subject cannot be closed now."""
    return against_closing(session, [coi])[coi]


def against_closing(session: Session, cois: Sequence[str]) -> dict[str, list[str]]:
    """By subject, every reason why it cannot be closed now."""
    return {coi: list(rules.against_closing(one)) for coi, one in endings(session, cois).items()}


def shown_account(session: Session, subject: str, **_: object) -> Shown:
    """What the account displays rests on the whole chain, so it is the chain's head: any act on the subject makes the page stale."""
    head = session.get(Head, subject)
    return [("head", [subject], head.seq)] if head else []


def is_at_the_end(session: Session, coi: str) -> bool:
    """Whether the subject has had every infusion or has withdrawn, and is not closed: it is time for the last account."""
    return bool(_at_the_end(session, [coi]))


def _at_the_end(session: Session, cois: Sequence[str]) -> set[str]:
    """Those of these subjects who are at the end."""
    closed, gone, gave = rows_of(session, Closed, cois), rows_of(session, Withdrawn, cois), all_given(session, cois)
    count = current(session).trial.infusions.count
    return {coi for coi in cois if coi not in closed and (coi in gone or len(gave.get(coi, ())) >= count)}


def to_close(session: Session) -> list[tuple[str, str, datetime]]:
    """The subjects whose last account waits: CoI, number, enrolled since."""
    rows = session.exec(select(Subject).order_by(col(Subject.number))).all()
    ended = _at_the_end(session, [row.code for row in rows]) if rows else set()
    return [(row.code, row.number, row.at) for row in rows if row.code in ended]


# ---- for viewers ----


def account_view(session: Session, coi: str) -> AccountView:
    """The account of a subject as everybody may see it who reads the record: it says nothing that tells two carotid arms apart."""
    subject, rows = subject_of(session, coi), Live(session, coi)
    fates, doses, vials = fates_of(rows), dose_fates(rows), vials_of(rows)
    where = all_whereabouts(session, vials)
    printed, ended, difference = rules.labels_sum(label_states(rows))
    total, closed = rules.balance([one.code for one in vials], fates), session.get(Closed, coi)
    everybody = [one for one in (*fates.values(), *doses.values()) if one]
    names = names_of(
        session, {who for one in everybody for who in (one.by, one.witness)} | ({closed.by, closed.witness} if closed else set())
    )

    def seen(one: Fate | None) -> FateView | None:
        if one is None:
            return None
        people = tuple(names.get(who, who) for who in (one.by, one.witness) if who)
        return FateView(how=one.how, why=one.why, detail=one.detail, at=one.at, by=people)

    syringes, thawed = {row.dose_code: row.container_code for row in rows.all(DoseFilled)}, [row.dose_code for row in rows.all(Thawed)]
    return AccountView(
        coi=coi, number=subject.number, filled=total.filled, fates=dict(total.fates), stock=total.stock, difference=total.difference,
        vials=tuple(
            VialLine(code=v.code, name=v.name, where=where[v.code], fate=seen(fates.get(v.code))) for v in vials
        ),
        doses=tuple(
            DoseLine(
                code=d.code, infusion=d.infusion, syringe=syringes.get(d.code, ""), vials=thawed.count(d.code), fate=seen(doses[d.code]),
            )
            for d in sorted(rows.all(Dose), key=lambda one: (one.infusion, one.at))
        ),
        printed=printed, labels=ended, labels_difference=difference, against=tuple(against_closing_now(session, coi)),
        closed=ClosedView(why=closed.why, at=closed.at, by=tuple(names[who] for who in (closed.by, closed.witness))) if closed else None,
    )  # fmt: skip

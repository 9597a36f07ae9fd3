"""What may be done around the making of a dose: open its compartment, set vials aside, thaw; take samples, destroy the surplus.

Containers, names, labels and their number are the same for both arms of a route (decision R2).
"""

from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime
from sqlmodel import Session, col, select

from backend.access.rules import Role
from backend.batch.acts.making import take_sample_tests
from backend.batch.models import BatchDecision, SampleTaken
from backend.custody.acts import make_container, request_labels, use_up, void_labels_of
from backend.custody.models import Container, Disposed
from backend.custody.reads import live_label, usable
from backend.custody.reads.containers import occupancy_of
from backend.dose.acts.matching import MASKED, at_work, deviate, recipe_of
from backend.dose.models import Dose, DoseVial, Order, RouteOpened, Thawed
from backend.dose.reads.progress import (
    SUSPENSION,
    dose_for,
    folder_of_dose,
    given_of,
    order_of,
    suspension_of,
)
from backend.dose.rules.arithmetic import endotoxin
from backend.dose.rules.opening import against_opening
from backend.dose.rules.preparing import (
    GRADES,
    LIMIT,
    Progress,
    against_thawing,
    against_vials,
    beyond,
    open_words,
)
from backend.dose.rules.releasing import RAPID
from backend.ledger import ContainerCode, Masked, Now, Open, RecordCode, Refused, act, ask, refuse
from backend.quality.reads import open_holds
from backend.subject.reads import is_withdrawn, label_values
from backend.trial.reads import status
from backend.trial.rules.trial_file import TrialFile

PREPARERS = {Role.PREPARER}
UNMASKED_HANDS = {Role.PREPARER, Role.UNMASKED_QA}
PERFORMED = "I performed this step of the preparation, and these are its values as I read them."
WITNESSED = "I was there and saw it done as it is recorded."
Seconds = Annotated[int, ask("Time in the water bath", unit="s", hint="The longest of these vials", ge=1, le=3_600)]
TESTS = (*RAPID, "sterility")


def _may_open(session: Session, code: str) -> bool:
    order = session.get(Order, code)
    return order is not None and order.ended_at is None and dose_for(session, code) is None


@act(
    "dose.open", roles=PREPARERS, title="Open the dose compartment", tells="{by} opened the dose compartment of {subject}.",
    signed="I open the dose compartment of this subject to prepare this infusion, and tell nobody who is masked what is in it.",
    relies={"site"}, offers=("K",), ready=_may_open, page="/doses/open?order={code}",
)  # fmt: skip
def open_dose(now: Now, order: RecordCode) -> Dose:
    """A named preparer may prepare this infusion; there is one dose for it at a time.

    Refused unless the order is live, the route is opened, the bank released, the trial active, and nothing is on hold.
    """
    row = now.get(Order, order, "There is no order with this code.")
    decision = now.session.get(BatchDecision, row.batch_code)
    holds = [one.why for one in open_holds(now.session, [row.coi, row.batch_code, row.code])]
    refuse(against_opening(
        row, bool(now.session.get(RouteOpened, row.coi)), decision.decision if decision else "", dose_for(now.session, order) is not None,
        row.infusion in {one.infusion for one in given_of(now.session, row.coi)}, is_withdrawn(now.session, row.coi), status(now.session),
        holds,
    ))  # fmt: skip
    dose = Dose(code=now.draw("K"), order_code=order, coi=row.coi, infusion=row.infusion, batch_code=row.batch_code, at=now.at, by=now.by)
    recipe_of(now, dose)  # refused while no arm can be read
    return now.add(dose)


@act(
    "dose.allocate", roles=PREPARERS, title="Set vials aside", tells="{by} set the vials {vials} aside for the dose {dose}.",
    page="/doses/{dose}",
)  # fmt: skip
def allocate(now: Now, dose: RecordCode, vials: list[ContainerCode]) -> list[DoseVial]:
    """Exactly as many vials of the released bank as the route takes are for this dose and for no other.

    Until one of them is thawed others can be set aside in their place.
    """
    progress = at_work(now, dose)
    found = [usable(now.session, code) for code in vials]
    wanted = recipe_of(now, progress.dose).route.vials
    refuse(
        against_vials(progress, found, wanted, _for_tests(now.session, found), _disposed(now.session, found)),
        (f"A vial is on hold: {one.why}" for one in open_holds(now.session, _marked(now.session, found))),
    )
    kept = {one.container_code: one for one in progress.vials}
    taken = {one.code for one in found}
    for code, row in kept.items():
        if code not in taken:
            row.ended_at, row.ended_by = now.at, now.by
    now.session.flush()
    return [
        kept.get(code) or now.add(DoseVial(code=now.draw("K"), dose_code=dose, container_code=code, at=now.at, by=now.by))
        for code in dict.fromkeys(one.code for one in found)
    ]


def _marked(session: Session, vials: list[Container]) -> list[str]:
    """The codes that a hold on one of these vials may stand on: its own, and that of its label."""
    labels = [live_label(session, one.code) for one in vials]
    return [one.code for one in vials] + [label.code for label in labels if label]


def _disposed(session: Session, vials: list[Container]) -> dict[str, str]:
    rows = session.exec(select(Disposed).where(col(Disposed.container_code).in_([one.code for one in vials])))
    return {row.container_code: row.how for row in rows}


def _for_tests(session: Session, vials: list[Container]) -> list[str]:
    taken = select(SampleTaken.container_code).where(col(SampleTaken.container_code).in_([one.code for one in vials]))
    return list(session.exec(taken))


@act(
    "dose.thaw", roles=PREPARERS, witness_roles=UNMASKED_HANDS, title="Thaw the vials", tells="{by} thawed the vials {vials}.",
    signed="I thawed these vials; they are never frozen again.", witness=WITNESSED, page="/doses/{dose}",
)  # fmt: skip
def thaw(now: Now, dose: RecordCode, vials: list[ContainerCode], started_at: Open[AwareDatetime], seconds: Masked[Seconds]) -> list[Thawed]:
    """These vials are thawed, which nothing undoes; the start of the first one starts the clock of the dose (decision D1).

    All vials of the dose are thawed in one act. What was in them is in one container from now on; the vials are used up.
    """
    progress = at_work(now, dose)
    found = [usable(now.session, code) for code in vials]
    refuse(against_thawing(progress, [(one, _in_position(now.session, one)) for one in found], started_at, now.at))
    if missing := len({one.container_code for one in progress.vials} - {one.code for one in found}):
        refuse(f"{missing} of the {len(progress.vials)} vials of this dose were not scanned; they are thawed together.")
    row = progress.dose
    cells = make_container(now, SUSPENSION, f"Cells of infusion {row.infusion}", parents=found, batch=row.batch_code, step="PREP-3")
    trial = folder_of_dose(now.session, progress.dose).trial
    request_labels(now, "container", [(cells.code, label_words(now, progress, trial))])
    for beyond_it in beyond(trial.preparation.thaw, Decimal(seconds)):
        deviate(now, row, beyond_it.sentence, GRADES[beyond_it.level], LIMIT, open_words(row.infusion))
    for one in found:
        use_up(now, one, f"thawed for infusion {row.infusion}")
    return [
        now.add(Thawed(
            container_code=one.code, dose_code=dose, started_at=started_at, seconds=now.seal(str(seconds), MASKED), at=now.at, by=now.by,
            witness=now.witness or "",
        ))
        for one in found
    ]  # fmt: skip


def _in_position(session: Session, vial: Container) -> bool:
    stands = occupancy_of(session, vial.code)
    return bool(stands and stands.position_code)


def label_words(now: Now, progress: Progress, trial: TrialFile) -> dict[str, str]:
    """What every label of a dose says of whose it is."""
    local = now.at.astimezone(ZoneInfo(trial.time_zone))
    return label_values(now.session, progress.dose.coi, trial) | {
        "filled_on": local.date().isoformat(), "storage": f"Keep at {trial.preparation.keep}",
    }  # fmt: skip


def _filled(now: Now, code: str) -> Progress:
    progress = at_work(now, code)
    if progress.filled is None:
        raise Refused("The dose is not filled yet.")
    return progress


@act(
    "dose.take_samples", roles=PREPARERS, title="Take the samples", tells="{by} took the samples of the dose {dose}.", signed=PERFORMED,
    page="/doses/{dose}",
)  # fmt: skip
def take_samples(now: Now, dose: RecordCode) -> list[Container]:
    """One sample for each test of a dose exists, with the limit that applies to it; the tests know no route and no arm (decision L2)."""
    progress = _filled(now, dose)
    row, recipe = progress.dose, recipe_of(now, progress.dose)
    if progress.sampled:
        refuse("The samples of this dose are taken already.")
    if progress.surplus_gone:
        refuse("The surplus of this dose is destroyed; there is nothing left to take samples from.")
    found = folder_of_dose(now.session, row)
    per_hour = found.trial.routes[recipe.arm.route].endotoxin_k.number
    limits = {"endotoxin": endotoxin(recipe, per_hour, order_of(now.session, row).weight_kg)}
    cells, amount = suspension_of(now.session, row), found.trial.preparation.sample.number
    made = []
    for test in (one for one in found.specifications.dose if one.test in TESTS):
        box = make_container(
            now, "sample tube", f"sample {test.test}", parents=[cells] if cells else [], batch=row.batch_code, step="PREP-10",
            volume_ml=amount,
        )  # fmt: skip
        request_labels(now, "container", [(box.code, label_words(now, progress, found.trial))])
        now.add(SampleTaken(
            container_code=box.code, batch_code=row.batch_code, step="PREP-10", passage="", tests=test.test, amount_ml=amount, at=now.at,
            by=now.by,
        ))  # fmt: skip
        take_sample_tests(now, box.code, row.batch_code, [test], "dose", row.code, limits)
        made.append(box)
    return made


@act(
    "dose.destroy_surplus", roles=PREPARERS, witness_roles=UNMASKED_HANDS, title="Destroy the surplus",
    tells="{by} destroyed what was left of the dose {dose}.",
    signed="I destroyed everything of this dose that is in no syringe and no sample.", witness=WITNESSED, page="/doses/{dose}",
)  # fmt: skip
def destroy_surplus(now: Now, dose: RecordCode) -> Disposed:
    """Nothing is left of the thawed cells but the syringe and the samples: they are never frozen again and never another dose."""
    progress = _filled(now, dose)
    cells = suspension_of(now.session, progress.dose)
    if cells is None or progress.surplus_gone:
        raise Refused("The surplus of this dose is destroyed already.")
    if not progress.sampled:
        raise Refused("The samples of this dose are not taken yet; they are taken from the surplus.")
    return discard(now, cells, "Surplus of a dose.")


def discard(now: Now, cells: Container, why: str) -> Disposed:
    """A container of a dose is used up and destroyed by two people; its label stands for nothing any more."""
    use_up(now, cells, "destroyed")
    void_labels_of(now, cells.code, "Destroyed.")
    return now.add(Disposed(container_code=cells.code, how="destroyed", why=why, at=now.at, by=now.by, witness=now.witness))



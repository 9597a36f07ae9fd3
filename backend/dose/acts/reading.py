"""The steps of the preparation, each read by two people who read alone: wash, count, formulation, filling.

Every value is sealed in argument, row and refusal; what a step is called and what it leaves behind is the same for both arms of a route.
"""

from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import StringConstraints

from backend.custody.acts import make_container, request_labels
from backend.dose.acts.matching import at_work, read_first, read_second, recipe_of
from backend.dose.acts.preparing import PERFORMED, PREPARERS, label_words
from backend.dose.models import DoseFilled, PrepMatched, PrepMismatched, PrepReading
from backend.dose.reads.progress import SYRINGE, covered_entry, folder_of_dose, suspension_of
from backend.dose.rules.preparing import COUNT, DONE, FILL, FORMULATE, WASH, Progress
from backend.dose.rules.timing import expiry
from backend.ledger import Masked, Now, RecordCode, Refused, act, ask
from backend.ledger.spelling import to_the_minute

VERIFIED = "I read these values myself, without seeing the first reading."
Volume = Annotated[Decimal, ask("Volume", unit="mL", ge=0)]  # no upper bound: what is turned away unrecorded must not depend on the arm
Squares = Annotated[
    str, StringConstraints(min_length=1, max_length=120, pattern=r"^[0-9]{1,4}([ ,;]+[0-9]{1,4})*$"),
    ask("Cells in each square", hint="One whole number for each square, with spaces between"),
]  # fmt: skip
Times = Annotated[int, ask("Times strained", ge=0, le=100)]
Clumps = Annotated[int, ask("Clumps still seen", hint="By eye, after the last straining", ge=0, le=999)]
Dilution = Annotated[Decimal, ask("Dilution of the sample", unit="times", gt=0, le=1_000)]
Grams = Annotated[Decimal, ask("Net weight of the filled syringe", unit="g", ge=0, le=1_000)]


@act(
    "dose.wash", roles=PREPARERS, title="Record the wash", tells="{by} read the wash of the dose {dose}.", signed=PERFORMED,
    covers=covered_entry, page="/doses/{dose}",
)  # fmt: skip
def wash(
    now: Now, dose: RecordCode, thawed_ml: Masked[Volume], wash_ml: Masked[Volume], left_ml: Masked[Volume],
    resuspended_ml: Masked[Volume], strained: Masked[Times], clumps: Masked[Clumps],
) -> list[PrepReading]:  # fmt: skip
    """What the first person read of the wash and of the straining is in the record, covered until a second person has read the same."""
    return read_first(now, dose, WASH, {
        "thawed_ml": thawed_ml, "wash_ml": wash_ml, "left_ml": left_ml, "resuspended_ml": resuspended_ml, "strained": strained,
        "clumps": clumps,
    })  # fmt: skip


@act(
    "dose.wash_again", roles=PREPARERS, title="Read the wash a second time", tells="{by} read the wash of the dose {dose} a second time.",
    signed=VERIFIED, covers=covered_entry, page="/doses/{dose}",
)  # fmt: skip
def wash_again(
    now: Now, dose: RecordCode, thawed_ml: Masked[Volume], wash_ml: Masked[Volume], left_ml: Masked[Volume],
    resuspended_ml: Masked[Volume], strained: Masked[Times], clumps: Masked[Clumps],
) -> PrepMatched | PrepMismatched:  # fmt: skip
    """The wash is finished when both read the same; if not, both read again."""
    return read_second(now, dose, WASH, {
        "thawed_ml": thawed_ml, "wash_ml": wash_ml, "left_ml": left_ml, "resuspended_ml": resuspended_ml, "strained": strained,
        "clumps": clumps,
    })  # fmt: skip


@act(
    "dose.count", roles=PREPARERS, title="Record the count", tells="{by} counted the cells of the dose {dose}.", signed=PERFORMED,
    covers=covered_entry, page="/doses/{dose}",
)  # fmt: skip
def count(now: Now, dose: RecordCode, live: Masked[Squares], dead: Masked[Squares], dilution: Masked[Dilution]) -> list[PrepReading]:
    """The first person's count is in the record, square by square, covered until a second person has counted a sample of their own."""
    return read_first(now, dose, COUNT, {"live": live, "dead": dead, "dilution": dilution})


@act(
    "dose.recount", roles=PREPARERS, title="Count a second sample", tells="{by} counted a second sample of the dose {dose}.",
    signed=VERIFIED, covers=covered_entry, page="/doses/{dose}",
)  # fmt: skip
def recount(
    now: Now, dose: RecordCode, live: Masked[Squares], dead: Masked[Squares], dilution: Masked[Dilution]
) -> PrepMatched | PrepMismatched:  # fmt: skip
    """The cells are counted when both counts agree; their unrounded mean is what everything is worked out from (decision W2)."""
    return read_second(now, dose, COUNT, {"live": live, "dead": dead, "dilution": dilution})


@act(
    "dose.formulate", roles=PREPARERS, title="Record the formulation", tells="{by} made up the dose {dose}.", signed=PERFORMED,
    covers=covered_entry, page="/doses/{dose}",
)  # fmt: skip
def formulate(
    now: Now, dose: RecordCode, suspension_ml: Masked[Volume], diluent_ml: Masked[Volume], stock_diluent_ml: Masked[Volume | None] = None,
    drawn_ml: Masked[Volume | None] = None,
) -> list[PrepReading]:  # fmt: skip
    """The volumes that were pipetted are in the record. What was not worked out so is refused: a slip, or another dose (decision R2).

    Refused as well below the fewest cells of the route, in the same words for each of its arms (decision R3).
    """
    typed = {"suspension_ml": suspension_ml, "stock_diluent_ml": stock_diluent_ml, "drawn_ml": drawn_ml, "diluent_ml": diluent_ml}
    return read_first(now, dose, FORMULATE, typed)


@act(
    "dose.formulate_again", roles=PREPARERS, title="Read the formulation a second time",
    tells="{by} read the formulation of the dose {dose} a second time.", signed=VERIFIED, covers=covered_entry, page="/doses/{dose}",
)  # fmt: skip
def formulate_again(
    now: Now, dose: RecordCode, suspension_ml: Masked[Volume], diluent_ml: Masked[Volume], stock_diluent_ml: Masked[Volume | None] = None,
    drawn_ml: Masked[Volume | None] = None,
) -> PrepMatched | PrepMismatched:  # fmt: skip
    """The dose is made up when both read the same volumes."""
    typed = {"suspension_ml": suspension_ml, "stock_diluent_ml": stock_diluent_ml, "drawn_ml": drawn_ml, "diluent_ml": diluent_ml}
    return read_second(now, dose, FORMULATE, typed)


@act(
    "dose.fill", roles=PREPARERS, title="Record the filling", tells="{by} filled the dose {dose}.", signed=PERFORMED,
    covers=covered_entry, page="/doses/{dose}",
)  # fmt: skip
def fill(
    now: Now, dose: RecordCode, net_g: Masked[Grams], live: Masked[Squares], dead: Masked[Squares], dilution: Masked[Dilution],
) -> list[PrepReading]:  # fmt: skip
    """The net weight of the syringe and the first person's count of what was filled are in the record, covered."""
    return read_first(now, dose, FILL, {"net_g": net_g, "live": live, "dead": dead, "dilution": dilution})


@act(
    "dose.fill_again", roles=PREPARERS, title="Read the filling a second time", tells="{by} read the filling of the dose {dose} again.",
    signed=VERIFIED, covers=covered_entry, page="/doses/{dose}",
)  # fmt: skip
def fill_again(
    now: Now, dose: RecordCode, net_g: Masked[Grams], live: Masked[Squares], dead: Masked[Squares], dilution: Masked[Dilution],
) -> PrepMatched | PrepMismatched:  # fmt: skip
    """When both agree the syringe exists, its label is asked for, and the time until which cells may go in stands (decision D1).

    After a correction the syringe, its label and that time stay as they are: there is only one (decision F2).
    """
    row = read_second(now, dose, FILL, {"net_g": net_g, "live": live, "dead": dead, "dilution": dilution})
    if isinstance(row, PrepMatched) and now.session.get(DoseFilled, dose) is None:
        _syringe(now, at_work(now, dose), row)
    return row


def _syringe(now: Now, progress: Progress, matched: PrepMatched) -> DoseFilled:
    """The syringe holds what its label says; how many cells that are is nowhere open."""
    dose, trial = progress.dose, folder_of_dose(now.session, progress.dose).trial
    recipe, cells, began = recipe_of(now, dose), suspension_of(now.session, dose), progress.thaw_started_at
    if cells is None or began is None:
        raise Refused(DONE["thaw"])
    given_ml, zone = recipe.arm.volume.number, ZoneInfo(trial.time_zone)
    until = expiry(began, trial.infusions.life_after_thaw.length)
    box = make_container(
        now, SYRINGE, f"Dose of infusion {dose.infusion}", parents=[cells], batch=dose.batch_code, step="PREP-9", volume_ml=given_ml,
    )  # fmt: skip
    route = recipe.arm.route
    request_labels(now, "dose", [(box.code, label_words(now, progress, trial) | {
        "route": route, "route_name": trial.routes[route].access, "strength": recipe.route.strength,
        "infusion": f"Infusion {dose.infusion}", "filled_at": to_the_minute(now.at.astimezone(zone)),
        "expires_at": to_the_minute(until.astimezone(zone)),
    })])  # fmt: skip
    return now.add(DoseFilled(
        dose_code=dose.code, container_code=box.code, label_ml=given_ml, expires_at=until, at=now.at, by=matched.first,
        second=matched.second,
    ))  # fmt: skip

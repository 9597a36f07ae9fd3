"""What may be done before a dose is prepared: open the route of one subject, order an infusion, cancel an order.

Opening the route draws the subject's line of the sealed list. What goes on from there is the route; the arm stays sealed (decision R1).
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, StringConstraints
from sqlmodel import Session

from backend.access.rules import Role
from backend.dose.models import Order, RouteOpened
from backend.dose.reads.ordering import against_giving, against_route, bank_of, given, live_doses, next_to_order, past_of, trial_of
from backend.dose.rules import ordering as rules
from backend.ledger import Nonsense, Now, Open, RecordCode, Refused, SubjectCode, act, ask, refuse
from backend.masking.acts import draw_line
from backend.quality.acts import open_deviation
from backend.subject.reads import is_withdrawn, subject_of
from backend.trial.reads import local_time

Infusion = Annotated[int, ask("Infusion", ge=1, le=99)]
Planned = Annotated[AwareDatetime, ask("Planned start")]
Weight = Annotated[Decimal, ask("Weight", unit="kg")]
WeighedOn = Annotated[date, ask("Weighed on")]
Temperature = Annotated[Decimal, ask("Temperature", unit="°C")]
Infection = Annotated[str, StringConstraints(min_length=1, max_length=200), ask("Signs of infection", hint="“no”, or what was seen")]


def _closed(session: Session, code: str) -> bool:
    """For `ready=`: whether a released bank waits for its route."""
    return bank_of(session, code) is not None and session.get(RouteOpened, code) is None and not is_withdrawn(session, code)


@act(
    "dose.open_route", roles={Role.PREPARER}, witness_roles={Role.UNMASKED_QA}, title="Open the route", writes={"site"},
    signed="I open the route of this subject; the arm stays sealed until a dose is prepared.",
    witness="I saw the route of this subject opened; the arm stays sealed until a dose is prepared.",
    tells="{by} opened the route of the subject.", offers=("S",), ready=_closed, page="/subjects/{code}/route",
)  # fmt: skip
def open_route(now: Now, subject: SubjectCode) -> RouteOpened:
    """The next unused line of the sealed list belongs to this subject, and the route is known to those who may know it.

    Refused unless a bank is released, nothing is on hold, the subject takes part and the list is imported. The arm stays sealed.
    """
    subject_of(now.session, subject)
    bank = bank_of(now.session, subject)
    against = against_route(now.session, subject)
    if bank is None or against:
        raise Refused(*against)
    arm = trial_of(now.session, bank).arms.get(draw_line(now))
    if arm is None:
        raise Refused("The trial folder that this bank was made under does not know the arms of the randomisation list; it must.")
    return now.add(RouteOpened(
        coi=subject, batch_code=bank.code, route=arm.route, at=now.at, by=now.by, witness=now.witness or "",
    ), subject)  # fmt: skip


@act(
    "dose.order", roles={Role.PHYSICIAN}, title="Order an infusion", relies={"site"},
    signed="I examined this subject and order this infusion of their own cells.",
    tells="{by} ordered infusion {infusion} for {planned_at}.", offers=("S",), ready=next_to_order, page="/subjects/{code}/infusions",
)  # fmt: skip
def order(
    now: Now, subject: SubjectCode, infusion: Open[Infusion], planned_at: Open[Planned], weight_kg: Open[Weight],
    weighed_on: Open[WeighedOn], temperature_c: Open[Temperature], infection: Open[Infection],
) -> Order:  # fmt: skip
    """Infusion n is ordered, by the subject's own route. Refused with every reason: order of infusions, window, interval, consent, holds.

    The planned start is judged, in the site's days (decision D2). Fever and signs of infection refuse, or open a deviation of the order,
    as the trial folder says.
    """
    subject_of(now.session, subject)
    bank, opened = bank_of(now.session, subject), now.session.get(RouteOpened, subject)
    trial = trial_of(now.session, bank)
    if faults := rules.value_faults(trial, weight_kg, temperature_c):
        raise Nonsense(faults)
    wanted = rules.Wanted(
        infusion, local_time(trial, planned_at), local_time(trial, now.at), weighed_on, temperature_c, infection,
    )  # fmt: skip
    against = [
        *against_giving(now.session, subject, bank),
        *rules.against_ordering(trial, wanted, past_of(now.session, subject, bank, trial)),
    ]
    if bank is None or opened is None:
        raise Refused(rules.NOT_RELEASED if bank is None else rules.NOT_OPEN, *against)
    refuse(against)
    row = now.add(Order(
        code=now.draw("K"), coi=subject, infusion=infusion, batch_code=bank.code, route=opened.route, planned_at=planned_at,
        weight_kg=weight_kg, weighed_on=weighed_on.isoformat(), temperature_c=temperature_c, infection=infection, at=now.at, by=now.by,
    ))  # fmt: skip
    for said in rules.unfit(trial, temperature_c, infection):
        open_deviation(now, about=row.code, sentence=said, grade="major", rule="dose.fitness")
    return row


@act(
    "dose.cancel_order", roles={Role.PHYSICIAN}, title="Cancel an order", reason="open", tells="{by} cancelled the order {order}.",
)  # fmt: skip
def cancel_order(now: Now, order: RecordCode) -> Order:
    """The order has ended, for a reason, and the infusion can be ordered again. Refused once a dose is begun or the infusion was given."""
    row = now.get(Order, order, f"{order} is not an order.")
    refuse(rules.against_cancelling(
        row.ended_at is not None, any(one.infusion == row.infusion for one in given(now.session, row.coi)),
        any(one.order_code == order for one in live_doses(now.session, row.coi)),
    ))  # fmt: skip
    row.ended_at, row.ended_by, row.ended_why = now.at, now.by, now.reason
    return row

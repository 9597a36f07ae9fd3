"""Check, confirm, give. Check twice what can kill: `check` answers GIVE or STOP, `give` asks every stop again under the subject's lock."""

from typing import Annotated, Any

from pydantic import StringConstraints
from sqlmodel import Session, col, select

from backend.access.rules import Role
from backend.bedside import rules
from backend.bedside.models import Checked, Confirmed
from backend.bedside.reads import Asked, facts_of, given_for, meant
from backend.dose.models import Administration, Dose
from backend.ledger import AnyCode, LabelCode, Now, Open, RecordCode, UnknownCode, WristbandCode, act, ask, refuse

WARD = {Role.PHYSICIAN, Role.NURSE}
Access = Annotated[str, StringConstraints(min_length=1, max_length=120), ask("Access in place", hint="As it is in the patient now")]
Scan = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def _is_up(session: Session, code: str) -> bool:
    """For `ready=`: whether this is a wristband, or belongs to an infusion that is not given; without an order the answer is STOP."""
    order = meant(session, code)
    if order is None:
        return code.startswith("W")
    return all(one.infusion != order.infusion for one in given_for(session, order.coi))


@act(
    "bedside.check", roles=WARD, title="Check at the bedside", relies={"site"}, tells="{by} checked wristband and dose at the bedside.",
    offers=("W", "L", "C", "K"), ready=_is_up, page="/bedside/{code}",
)  # fmt: skip
def check(
    now: Now, order: AnyCode, access: Open[Access], wristband: Open[Annotated[Scan, ask("Wristband")]],
    dose: Open[Annotated[Scan, ask("Dose", hint="The label on the syringe")]],
) -> dict[str, Any]:  # fmt: skip
    """What was stated and scanned is in the record, with every reason to stop; without one the answer is GIVE.

    A wrong scan is no fault of the form but a STOP: wristband and dose are taken as they were read, whatever they are (decision N5).
    `order` may be a scan as well, such as the wristband: it means the live order of that subject, and where there is none that is a STOP.
    """
    if now.subject is None:  # a code of no subject means no order
        raise UnknownCode(order)
    if not order.startswith("K") and (live := meant(now.session, order)):
        order = live.code
    found = list(rules.stops(facts_of(now.session, Asked(order, access, wristband, dose), now.at)))
    row = now.add(Checked(
        code=now.draw("K"), coi=now.subject, wristband=wristband, dose=dose, order_code=order, access=access, stops="\n".join(found),
        at=now.at, by=now.by,
    ))  # fmt: skip
    return {"verdict": "STOP" if found else "GIVE", "stops": found, "checked": row.code}


@act(
    "bedside.confirm", roles=WARD, title="Confirm as the second person", relies={"site"},
    tells="{by} confirmed wristband and dose as the second person.", page="/bedside/{order}/second",
)  # fmt: skip
def confirm(now: Now, order: RecordCode, access: Open[Access], wristband: WristbandCode, dose: LabelCode) -> Confirmed:
    """Somebody on their own sign-in stated and scanned the same, and no stop speaks against it; good for ten minutes and once (W5).

    A confirmation of the same person for the same dose that was not used is replaced.
    """
    found = facts_of(now.session, Asked(order, access, wristband, dose), now.at)
    refuse(rules.stops(found))
    given = _dose(now, found)
    before = select(Confirmed).where(Confirmed.dose_code == given.code, Confirmed.by == now.by, col(Confirmed.ended_at).is_(None))
    for one in now.session.exec(before).all():
        one.ended_at, one.ended_by = now.at, now.by
    now.session.flush()  # one person has one open confirmation of a dose
    return now.add(Confirmed(
        code=now.draw("K"), coi=given.coi, dose_code=given.code, order_code=order, wristband_code=wristband, access=access, at=now.at,
        by=now.by,
    ))  # fmt: skip


@act(
    "bedside.give", roles=WARD, title="Start the infusion", relies={"site"}, tells="{by} started the infusion.", page="/bedside/{order}",
)  # fmt: skip
def give(now: Now, order: RecordCode, access: Open[Access], wristband: WristbandCode, dose: LabelCode) -> Administration:
    """Cells are going into the subject. Every stop is asked again here, under the lock, and refuses with all its reasons.

    It needs another person's confirmation of the same wristband, dose, order and access, at most ten minutes old, and uses it up (W5).
    """
    found = facts_of(now.session, Asked(order, access, wristband, dose), now.at, now.by)
    refuse(rules.stops(found))
    given, word = _dose(now, found), rules.serving(found)
    used = now.get(Confirmed, word.code if word else "", "No second person has confirmed.")
    used.ended_at, used.ended_by = now.at, now.by
    return now.add(Administration(
        code=now.draw("K"), dose_code=given.code, order_code=order, coi=given.coi, infusion=given.infusion, wristband_code=wristband,
        access=access, started_at=now.at, by=now.by, second=used.by,
    ))  # fmt: skip


def _dose(now: Now, found: rules.Facts) -> Dose:
    """The dose that was scanned; without a stop there is one."""
    return now.get(Dose, found.dose.code if found.dose else "", "There is no such dose.")

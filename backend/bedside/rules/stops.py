"""The stops of the bedside: every reason why these cells may not go into this subject now. None means GIVE.

`check`, `confirm` and `give` ask the same function; `give` asks for the second person as well. There is no way past it.
A sentence says what is and what must be, names subjects by number and CoI only, and a route only after the access was stated (R4).
"""

from collections.abc import Iterator
from datetime import UTC, timedelta

from backend.bedside.rules.facts import Facts, Word
from backend.dose.rules import timing
from backend.ledger.spelling import to_the_minute as said
from labels.codes import NotACode, expect, shown

WORD_LASTS = timedelta(minutes=10)
"""How old a second person's confirmation may be when it is used; exactly ten minutes is not too old (decision W5)."""
ENDED = {"void": "is void", "destroyed": "was destroyed", "specimen": "is a specimen for the record"}


def scanned(text: str, kind: str) -> tuple[str, str]:
    """The code of this kind in what was scanned or typed, and ""; or "" and the sentence that says why there is none."""
    try:
        return expect(text, kind), ""
    except NotACode as no:
        return "", no.sentence


def stops(facts: Facts) -> Iterator[str]:
    """Every reason why this dose may not be given to this subject now. None means GIVE."""
    yield from _wristband(facts)
    yield from _label(facts)
    yield from _one_subject(facts)
    yield from _order(facts)
    yield from _route(facts)
    yield from _decision(facts)
    yield from _holds(facts)
    yield from _custody(facts)
    yield from _expiry(facts)
    yield from _days(facts)
    yield from _already(facts)
    yield from _before(facts)
    yield from _subject(facts)
    yield from _second(facts)


def _wristband(facts: Facts) -> Iterator[str]:
    band = facts.wristband
    if facts.wristband_fault:
        yield f"What was scanned is no wristband: {facts.wristband_fault}"
    elif band is None:
        yield "The wristband that was scanned is nobody's; it must be the one that the patient wears."
    else:
        if band.void_since:
            yield f"The wristband is void since {said(band.void_since)}; it must be the live one, which was issued after it."
        if not band.verified:
            yield "The wristband was never scanned back after printing; it must be, before it stands for anybody."


def _label(facts: Facts) -> Iterator[str]:
    tag = facts.label
    if facts.label_fault:
        yield f"What was scanned is no label of a dose: {facts.label_fault}"
    elif tag is None:
        yield "The label that was scanned is on nothing of ours; it must be the label on the syringe."
    else:
        if tag.ended_at:
            yield (
                f"The label on the dose {ENDED[tag.ended_how]} since {said(tag.ended_at)} ({tag.ended_why}); "
                "a dose must carry its live label."
            )
        if not tag.verified:
            yield "The label on the dose was never scanned back after printing; it must be, before it stands for a dose."
        if not tag.applied:
            yield "The label is not in the record as put on the syringe; it must be."
        if facts.dose is None:
            yield f"What was scanned is {f'the label of “{tag.on}”' if tag.on else 'a spare label'}; it must be the label of a dose."


def _one_subject(facts: Facts) -> Iterator[str]:
    """Whose wristband, whose dose, whose order: all three must be one subject's."""
    band, dose, order = facts.wristband, facts.dose, facts.order
    if band and dose and band.of.coi != dose.of.coi:
        yield f"The wristband is of {band.of}, and the dose is of {dose.of}; both must be of one subject."
    if band and order and band.of.coi != order.of.coi:
        yield f"The wristband is of {band.of}, and the order is for {order.of}; it must be for who wears the wristband."
    if dose and order and dose.of.coi != order.of.coi:
        yield f"The dose is of {dose.of}, and the order is for {order.of}; it must be for whom the dose was made."


def _order(facts: Facts) -> Iterator[str]:
    order, dose = facts.order, facts.dose
    if order is None:
        yield "There is no such order; an infusion must be ordered by a physician."
        return
    if order.ended_at:
        yield f"The order has ended at {said(order.ended_at)} ({order.ended_why}); an order must be in force."
    if dose and dose.infusion != order.infusion:
        yield f"The dose was made for infusion {dose.infusion}, and the order is for infusion {order.infusion}; both must be the same."
    if dose and dose.order_code != order.code:
        yield (
            f"The dose was made for the order {shown(dose.order_code)}, and this is the order {shown(order.code)}; "
            "it must be given by its own order."
        )


def _route(facts: Facts) -> Iterator[str]:
    """The access in place, stated before the route was shown, compared with that of the order's route (decision R4)."""
    order = facts.order
    if order is None:
        return
    route = facts.trial.routes.get(order.route)
    if route is None:
        yield f"The order's route is “{order.route}”; it must be one of the trial's, {', '.join(facts.trial.routes)}."
    elif facts.access != route.access:
        yield f"The access in place was stated as “{facts.access}”; the order's route needs “{route.access}”."
    if order.open_route != order.route:
        yield f"The order's route is {order.route}, and the subject's is {order.open_route or 'not open'}; both must be the same."


def _decision(facts: Facts) -> Iterator[str]:
    dose = facts.dose
    if dose is None:
        return
    if dose.decision == "rejected":
        yield "The dose was rejected; it must be released."
    elif dose.decision != "released":
        yield "The dose is not released; unmasked QA must release it first."
    if not dose.bank_released:
        yield "The bank that the dose was made from is not released; it must be."


def _holds(facts: Facts) -> Iterator[str]:
    for held in facts.holds:
        yield f"{held.what} is on hold ({held.why}); QA must lift the hold first."


def _custody(facts: Facts) -> Iterator[str]:
    """A dose that was not handed over, not received, or received by somebody else than the ward has a gap in its custody."""
    if facts.dose is None:
        return
    hands = facts.dose.hands
    if hands.given_at is None:
        yield "There is a gap in custody: the dose was never handed over to the ward; it must be handed over and received by scan."
    elif not hands.received_by:
        yield (
            f"There is a gap in custody: the dose was handed over to {hands.given_to} at {said(hands.given_at)} and nobody received it; "
            "the ward must receive it by scan."
        )
    elif not hands.of_ward:
        yield (
            f"There is a gap in custody: the dose is in the hands of {hands.received_by}, who is not of the ward; "
            "a physician or nurse must receive it by scan."
        )


def _expiry(facts: Facts) -> Iterator[str]:
    """Too late to finish before expiry, judged now (decision D1)."""
    if facts.dose:
        route = facts.trial.routes.get(facts.order.route) if facts.order else None
        planned = route.planned.length if route else timedelta()
        yield from timing.against_start(facts.at, facts.dose.expires_at, planned)


def _days(facts: Facts) -> Iterator[str]:
    """Window and interval, judged now by the site's own date (decision D2)."""
    order, today = facts.order, facts.at.date()
    if order is None:
        return
    yield from timing.against_window(facts.trial, order.collected_on, today)
    last = order.before[-1] if order.before else None
    if last and last.given_on:
        yield from timing.against_interval(facts.trial, last.number, last.given_on, today)


def _already(facts: Facts) -> Iterator[str]:
    dose, order = facts.dose, facts.order
    if order and order.given_at:
        yield f"Infusion {order.infusion} was given to {order.of} at {said(order.given_at)}; each infusion is given once."
    if dose and dose.started_at:
        yield f"This dose was started at {said(dose.started_at)}; each dose is given once."
    if dose and dose.gone:
        yield f"This dose has been disposed of ({dose.gone}); it must be whole."


def _before(facts: Facts) -> Iterator[str]:
    order, most = facts.order, facts.trial.infusions.count
    if order is None:
        return
    if order.infusion > most:
        yield f"This is infusion {order.infusion}; the trial has {most}, and it must be one of them."
    for one in order.before:
        if one.given_on is None:
            yield f"Infusion {one.number} was not given; it must be given before infusion {order.infusion}."
        elif not one.cleared:
            yield f"Infusion {one.number} is not cleared; a physician must clear it before infusion {order.infusion}."
    if order.lost_undecided:
        yield "Nothing was given from the dose before this one, and QA has not decided about that; they must decide first."


def _subject(facts: Facts) -> Iterator[str]:
    order, wanted = facts.order, (facts.trial.consent.form, facts.trial.consent.protocol)
    if order and order.withdrawn_at:
        yield f"The subject has withdrawn at {said(order.withdrawn_at)}; nothing more is given to them."
    if order and order.consent != wanted:
        latest = "to {}, protocol {}".format(*order.consent) if order.consent else "not in the record"
        yield f"The latest consent is {latest}; it must be to {wanted[0]}, protocol {wanted[1]}."
    if facts.status != "active":
        yield f"The trial is {facts.status}; it must be active."


def _second(facts: Facts) -> Iterator[str]:
    """Why nobody else's confirmation stands for this infusion now; asked only when it is given (decision W5)."""
    if facts.giving is None or serving(facts):
        return
    if not facts.giving.words:
        yield "No second person has confirmed; somebody else must scan wristband and dose on their own sign-in."
        return
    yield from _against_word(facts, facts.giving.by, facts.giving.words[0])


def serving(facts: Facts) -> Word | None:
    """The newest confirmation that stands for exactly this infusion now, or None."""
    giving = facts.giving
    if giving is None:
        return None
    return next((word for word in giving.words if not any(_against_word(facts, giving.by, word))), None)


def _against_word(facts: Facts, by: str, word: Word) -> Iterator[str]:
    """Every reason why this confirmation does not serve (decision W5)."""
    if word.by == by:
        yield "The confirmation is your own; the second person must be somebody else."
    if word.used_at:
        yield f"The confirmation of {word.name} was used up at {said(word.used_at)}; the second person must confirm again."
    if facts.at.astimezone(UTC) - word.at.astimezone(UTC) > WORD_LASTS:
        yield (
            f"The confirmation of {word.name} is from {said(word.at)}, and it is {said(facts.at)}; it must be at most "
            f"{WORD_LASTS // timedelta(minutes=1)} minutes old."
        )
    named = (
        ("wristband", word.wristband_code, facts.wristband), ("dose", word.dose_code, facts.dose), ("order", word.order_code, facts.order),
    )  # fmt: skip
    for what, theirs, yours in named:
        if yours is None or theirs != yours.code:
            yield f"The confirmation of {word.name} names another {what}; it must name the same."
    if word.access != facts.access:
        yield f"The access was stated as “{word.access}” by {word.name} and as “{facts.access}” by you; both must state the same."

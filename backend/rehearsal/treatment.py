"""One subject's part after the freezer: tests, release, route, three infusions, follow-up, and what is left at the end.

A generator as in `story`: it does what is due and yields how long it waits. What goes wrong is named by the script.
"""

from collections.abc import Callable, Generator, Iterator
from datetime import timedelta

from sqlmodel import col, select

from backend.batch.models import BatchDecision
from backend.custody.reads.labelling import Waiting, waiting
from backend.dose.reads import bank_of, collected_on
from backend.dose.rules.timing import window
from backend.dossier.reads import shown_account
from backend.ledger import Ledger, Refused, digest_of
from backend.quality.models import Deviation, DeviationDecided, Hold
from backend.quality.reads import shown_deviation, shown_hold
from backend.rehearsal import bank, doses
from backend.rehearsal.cast import by, sign
from backend.rehearsal.scripts import Script
from backend.trial.reads import current, local_day

READ_OUT = timedelta(days=29)
FOLLOW_UP = timedelta(days=3)
DAY_14 = timedelta(days=11)
PAUSE = timedelta(days=15)
INFUSIONS = (1, 2, 3)
CHANGED = {"CD34 high": {"CD34": "3.1"}, "late mycoplasma": {"mycoplasma": "detected"}}
"""By incident: results of the bank that are not the usual ones."""


def treat(ledger: Ledger, script: Script, coi: str, band: str, batch: str, say: Callable[[str], None]) -> Iterator[timedelta]:
    """A frozen bank is tested and released, and its subject treated; or the story says why not."""
    number, incidents = script.who.number, script.incidents
    if script.until == "frozen":
        return
    yield READ_OUT
    yield from _test(ledger, script, coi, batch)
    if script.until == "tested":
        say(f"{number}: the bank is tested and waits for its release.")
        return
    if "late mycoplasma" in incidents:
        bank.reject(ledger, batch, "Mycoplasma was detected; it is never set aside.")
        say(f"{number}: mycoplasma was detected; the bank is rejected by QA.")
        yield from leave(ledger, script, coi, "No bank can be made of the subject's cells.", say)
        return
    bank.release(ledger, batch)
    yield timedelta(days=2)
    doses.open_route(ledger, coi)
    if script.until == "route":
        say(f"{number}: the route is open, infusion 1 waits for its order.")
        return
    yield timedelta(days=3)
    for infusion in INFUSIONS:
        if not (yield from _infusion(ledger, script, coi, band, batch, infusion, say)):
            return
    say(f"{number}: three infusions given.")
    yield from settle(ledger, script, coi, say)


def _test(ledger: Ledger, script: Script, coi: str, batch: str) -> Iterator[timedelta]:
    """Every result is there and reviewed; QA decides what a test opened and may be set aside."""
    bank.type_reference(ledger, coi)
    changed: dict[str, str] = {}
    for incident, values in CHANGED.items():
        changed |= values if incident in script.incidents else {}
    bank.test_bank(ledger, batch, changed)
    yield timedelta(days=1)
    decide_all(ledger, coi)


def decide_all(ledger: Ledger, coi: str, who: str = "QA2") -> None:
    """Every open deviation of a subject that is not masked is described and accepted by QA."""
    with ledger.read() as session:
        rows = session.exec(
            select(Deviation.code).join(DeviationDecided, col(DeviationDecided.deviation_code) == Deviation.code, isouter=True)
            .where(Deviation.chain == coi, col(DeviationDecided.deviation_code).is_(None), col(Deviation.masked).is_(False))
        ).all()  # fmt: skip
    for code in rows:
        told = {
            "deviation": code, "cause": "It was looked into with the people who were there.",
            "impact": "None on other batches.", "action": "What follows from it is in the record.",
        }  # fmt: skip
        ledger.do("quality.describe", told, by=by("TECH3"))
        with ledger.read() as session:
            shown = digest_of(shown_deviation(session, deviation=code))
        given = {"deviation": code, "decision": "accept"}
        ledger.do("quality.decide", given, by=by(who), signatures=sign(who), reason="Clarified; nothing stays open.", shown=shown)


def _infusion(
    ledger: Ledger, script: Script, coi: str, band: str, batch: str, infusion: int, say: Callable[[str], None]
) -> Generator[timedelta, None, bool]:
    """One infusion from its order to its day-14 sterility; whether the next one comes."""
    number, incidents = script.who.number, script.incidents
    if infusion == 3 and "window lost" in incidents:
        yield _until_after_the_window(ledger, coi)
        try:
            doses.order(ledger, coi, infusion)
        except Refused as no:
            say(f"{number}: infusion 3 is refused. {no.reasons[0]}")
        yield from leave(ledger, script, coi, "The window closed before the third infusion.", say)
        return False
    if infusion == 3 and "dies" in incidents:
        yield from leave(ledger, script, coi, "The subject died; the death is not related to the treatment.", say)
        return False
    order = doses.order(ledger, coi, infusion)
    if script.until == "thawed":
        doses.thaw(ledger, order)
        say(f"{number}: the vials of infusion {infusion} are freshly thawed; the wash is next.")
        return False
    made = doses.prepare(ledger, order)
    doses.bring(ledger, made)
    if "broken syringe" in incidents and infusion == 1:
        doses.lose(ledger, made)
        say(f"{number}: the syringe of infusion 1 broke at the bedside; another dose is prepared for the same order.")
        made = doses.prepare(ledger, order)
        doses.bring(ledger, made)
    given = doses.give(ledger, made, band)
    doses.pass_minutes(ledger, 20)
    _end(ledger, script, made, given, infusion)
    if script.until == "infused":
        say(f"{number}: infusion {infusion} was given just now.")
        return False
    yield FOLLOW_UP
    doses.clear(ledger, coi, infusion)
    if "code break" in incidents and infusion == 1:
        told = {
            "subject": coi, "reason_code": "serious adverse event whose treatment depends on it",
            "told": "Seizure; the treating team must know the dose.",
        }  # fmt: skip
        ledger.do("masking.unmask", told, by=by("PHYS2"), signatures=sign("PHYS2"))
        say(f"{number}: one physician was unmasked in an emergency; QA was told without the arm.")
    if "withdraws" in incidents and infusion == 1:
        yield DAY_14
        doses.read_sterility(ledger, batch, made.dose)
        yield from leave(ledger, script, coi, "The subject does not want to go on.", say)
        return False
    if "positive culture" in incidents and infusion == 2:
        yield timedelta(days=6)
        yield from _positive(ledger, script, coi, batch, made, say)
        return False
    yield DAY_14
    doses.read_sterility(ledger, batch, made.dose)
    yield PAUSE
    return True


def _end(ledger: Ledger, script: Script, made: doses.Prepared, given: str, infusion: int) -> None:
    label = doses.label_ml(ledger, made)
    if "partial dose" in script.incidents and infusion == 2:
        doses.finish(ledger, given, str(label - 1), "1.0", "The subject had a headache; the infusion was stopped.", "headache")
    else:
        doses.finish(ledger, given, str(label), "0.0")


def _until_after_the_window(ledger: Ledger, coi: str) -> timedelta:
    """How long it is until the day after the last on which an infusion may start."""
    with ledger.read() as session:
        trial, made = current(session).trial, bank_of(session, coi)
        if made is None:
            raise LookupError(f"{coi} has no released bank")
        _, last = window(trial, collected_on(session, made))
    return timedelta(days=(last - local_day(trial, ledger.clock())).days + 1)


def _positive(
    ledger: Ledger, script: Script, coi: str, batch: str, made: doses.Prepared, say: Callable[[str], None]
) -> Iterator[timedelta]:
    """The culture of a dose that was given grows: everything of the subject is held, everybody concerned told, the next order refused."""
    doses.read_sterility(ledger, batch, made.dose, "growth")
    yield timedelta(days=20)
    try:
        doses.order(ledger, coi, 3)
    except Refused as no:
        say(f"{script.who.number}: the culture of dose 2 grows; infusion 3 is refused. {no.reasons[0]}")
    yield from leave(ledger, script, coi, "A culture of the product was positive; the treatment ends.", say)


def leave(ledger: Ledger, script: Script, coi: str, why: str, say: Callable[[str], None]) -> Iterator[timedelta]:
    """The subject takes part no longer, and what is left of their cells is destroyed."""
    ledger.do("subject.withdraw", {"subject": coi}, by=by("PHYS1"), signatures=sign("PHYS1"), reason=why)
    say(f"{script.who.number}: withdrawn. {why}")
    yield from settle(ledger, script, coi, say)


def settle(ledger: Ledger, script: Script, coi: str, say: Callable[[str], None]) -> Iterator[timedelta]:
    """Every vial has its disposition: one is retained, the others are picked and destroyed; then QA closes the subject."""
    yield timedelta(days=4)
    decide_all(ledger, coi)
    with ledger.read() as session:
        batches = list(session.exec(select(BatchDecision.batch_code).where(BatchDecision.chain == coi)))
    for batch in batches:
        left = bank.vials_of(ledger, batch)
        if left:
            kept, rest = left[0], left[1:]
            dispose(ledger, [kept[0]], "retained", "Kept for the time of retention.")
            if rest:
                bank.pick(ledger, rest, "To be destroyed at the end.")
                dispose(ledger, [vial for vial, _ in rest], "destroyed", "Not needed any more.", "Autoclave, bag 7")
    void_labels(ledger, coi)
    lift_all(ledger, coi)
    with ledger.read() as session:
        shown = digest_of(shown_account(session, subject=coi))
    try:
        ledger.do(
            "dossier.close", {"subject": coi}, by=by("QA3"), signatures=sign("QA3", "TECH3"), shown=shown, reason="The account is complete."
        )
    except Refused as no:
        say(f"{script.who.number}: stays open. {no.reasons[0]}")
        return
    say(f"{script.who.number}: closed.")


def dispose(ledger: Ledger, vials: list[str], how: str, why: str, detail: str = "") -> None:
    given = {"container": vials, "how": how, "detail": detail}
    ledger.do("dossier.dispose", given, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason=why)


def void_labels(ledger: Ledger, coi: str) -> None:
    """Labels that were asked for and never printed are void."""
    with ledger.read() as session:
        mine: list[Waiting] = [one for one in waiting(session) if one.coi == coi]
    for bundle in mine:
        for label in bundle.labels:
            ledger.do("custody.void_label", {"label": label}, by=by("TECH1"), reason="Not needed any more.")


def lift_all(ledger: Ledger, coi: str) -> None:
    """QA lifts every hold of a subject that may be lifted at the end."""
    with ledger.read() as session:
        held = list(session.exec(select(Hold.code).where(Hold.chain == coi, col(Hold.ended_at).is_(None))))
    for code in held:
        with ledger.read() as session:
            shown = digest_of(shown_hold(session, hold_code=code))
        ledger.do(
            "quality.lift_hold", {"hold_code": code}, by=by("QA3"), signatures=sign("QA3"), shown=shown,
            reason="Nothing is left that could be used.",
        )  # fmt: skip

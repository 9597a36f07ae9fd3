"""One subject's part after the freezer: tests, release, route, three infusions, follow-up, and what is left at the end.

A generator as in `story`: it does what is due and yields how long it waits. What goes wrong is named by the script.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

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


@dataclass(frozen=True)
class Case:
    """One subject with a frozen bank: the record, the script, who they are, when the story ends, and to whom it is told."""

    ledger: Ledger
    script: Script
    coi: str
    band: str
    batch: str
    ends_at: datetime
    tell: Callable[[str], None]

    def say(self, words: str) -> None:
        self.tell(f"{self.script.who.number}: {words}")

    def suffers(self, incident: str) -> bool:
        return incident in self.script.incidents

    def until_shortly_before_the_end(self, span: timedelta) -> timedelta:
        """How long it is until so much before the story ends."""
        return max(self.ends_at - span - self.ledger.clock(), timedelta())


def treat(case: Case) -> Iterator[timedelta]:
    """A frozen bank is tested and released, and its subject treated; or the story says why not."""
    ledger, until = case.ledger, case.script.until
    yield READ_OUT
    yield from _test(case)
    if until == "tested":
        case.say("the bank is tested and waits for its release.")
        return
    if case.suffers("late mycoplasma"):
        bank.reject(ledger, case.batch, "Mycoplasma was detected; it is never set aside.")
        case.say("mycoplasma was detected; the bank is rejected by QA.")
        yield from leave(case, "No bank can be made of the subject's cells.")
        return
    bank.release(ledger, case.batch)
    yield timedelta(days=2)
    doses.open_route(ledger, case.coi)
    yield timedelta(days=3)
    for infusion in INFUSIONS:
        if not (yield from _infusion(case, infusion)):
            return
    case.say("three infusions given.")
    yield from settle(case)


def _test(case: Case) -> Iterator[timedelta]:
    """Every result is there and reviewed; QA decides what a test opened and may be set aside."""
    bank.type_reference(case.ledger, case.coi)
    changed = {test: value for incident, values in CHANGED.items() if case.suffers(incident) for test, value in values.items()}
    bank.test_bank(case.ledger, case.batch, changed)
    yield timedelta(days=1)
    decide_all(case.ledger, case.coi)


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


def _infusion(case: Case, infusion: int) -> Generator[timedelta, None, bool]:
    """One infusion from its order to its day-14 sterility; whether the next one comes."""
    ledger, coi = case.ledger, case.coi
    if infusion == len(INFUSIONS) and (case.suffers("window lost") or case.suffers("dies")):
        yield from _never(case)
        return False
    if case.script.until in ("thawed", "infused"):
        yield case.until_shortly_before_the_end(timedelta(minutes=15) if case.script.until == "thawed" else timedelta(hours=9))
    order = doses.order(ledger, coi, infusion, weight_kg=case.script.who.weight_kg)
    if case.script.until == "thawed":
        doses.thaw(ledger, order)
        case.say(f"the vials of infusion {infusion} are freshly thawed; the wash is next.")
        return False
    made = _brought(case, order, infusion)
    given = doses.give(ledger, made, case.band)
    doses.pass_minutes(ledger, 20)
    _end(case, made, given, infusion)
    if case.script.until == "infused":
        case.say(f"infusion {infusion} was given just now.")
        return False
    yield FOLLOW_UP
    doses.clear(ledger, coi, infusion)
    return (yield from _after(case, made, infusion))


def _brought(case: Case, order: str, infusion: int) -> doses.Prepared:
    """A dose is on the ward; the first one may break there, the wash of the second may have been misread."""
    misread = case.suffers("wash misread") and infusion == 2
    made = doses.prepare(case.ledger, order, misread)
    if misread:
        case.say("the wash of infusion 2 was misread by two people; it is corrected, read again, and the hold is lifted.")
    doses.bring(case.ledger, made)
    if case.suffers("broken syringe") and infusion == 1:
        doses.lose(case.ledger, made)
        case.say("the syringe of infusion 1 broke at the bedside; another dose is prepared for the same order.")
        made = doses.prepare(case.ledger, order)
        doses.bring(case.ledger, made)
    return made


def _after(case: Case, made: doses.Prepared, infusion: int) -> Generator[timedelta, None, bool]:
    """What follows an infusion: an emergency, a withdrawal, a positive culture, or nothing; whether the next one comes."""
    ledger = case.ledger
    if case.suffers("code break") and infusion == 1:
        told = {
            "subject": case.coi, "reason_code": "serious adverse event whose treatment depends on it",
            "told": "Seizure; the treating team must know the dose.",
        }  # fmt: skip
        ledger.do("masking.unmask", told, by=by("PHYS2"), signatures=sign("PHYS2"))
        case.say("one physician was unmasked in an emergency; QA was told without the arm.")
    if case.suffers("positive culture") and infusion == 2:
        yield timedelta(days=6)
        yield from _positive(case, made)
        return False
    yield DAY_14
    doses.read_sterility(ledger, case.batch, made.dose)
    if case.suffers("withdraws") and infusion == 1:
        yield from leave(case, "The subject does not want to go on.")
        return False
    yield PAUSE
    return True


def _end(case: Case, made: doses.Prepared, given: str, infusion: int) -> None:
    label = doses.label_ml(case.ledger, made)
    if case.suffers("partial dose") and infusion == 2:
        doses.finish(case.ledger, given, str(label - 1), "1.0", "The subject had a headache; the infusion was stopped.", "headache")
    else:
        doses.finish(case.ledger, given, str(label), "0.0")


def _never(case: Case) -> Iterator[timedelta]:
    """The last infusion is not given: its window has closed, or the subject has died."""
    if case.suffers("dies"):
        yield from leave(case, "The subject died; the death is not related to the treatment.")
        return
    yield _until_after_the_window(case.ledger, case.coi)
    case.say(f"infusion 3 is refused. {_refused(case, len(INFUSIONS))}")
    yield from leave(case, "The window closed before the third infusion.")


def _refused(case: Case, infusion: int) -> str:
    """An order that must be refused is tried; why it was."""
    try:
        doses.order(case.ledger, case.coi, infusion, weight_kg=case.script.who.weight_kg)
    except Refused as no:
        return no.reasons[0]
    raise AssertionError(f"infusion {infusion} of {case.script.who.number} was ordered, and must not have been")


def _until_after_the_window(ledger: Ledger, coi: str) -> timedelta:
    """How long it is until the day after the last on which an infusion may start."""
    with ledger.read() as session:
        trial, made = current(session).trial, bank_of(session, coi)
        if made is None:
            raise LookupError(f"{coi} has no released bank")
        _, last = window(trial, collected_on(session, made))
    return timedelta(days=(last - local_day(trial, ledger.clock())).days + 1)


def _positive(case: Case, made: doses.Prepared) -> Iterator[timedelta]:
    """The culture of a dose that was given grows: everything of the subject is held, everybody concerned told, the next order refused."""
    doses.read_sterility(case.ledger, case.batch, made.dose, "growth")
    yield timedelta(days=20)
    case.say(f"the culture of dose 2 grows; infusion 3 is refused. {_refused(case, len(INFUSIONS))}")
    yield from leave(case, "A culture of the product was positive; the treatment ends.")


def leave(case: Case, why: str) -> Iterator[timedelta]:
    """The subject takes part no longer, and what is left of their cells is destroyed."""
    case.ledger.do("subject.withdraw", {"subject": case.coi}, by=by("PHYS1"), signatures=sign("PHYS1"), reason=why)
    case.say(f"withdrawn. {why}")
    yield from settle(case)


def settle(case: Case) -> Iterator[timedelta]:
    """Every vial has its disposition: one is retained, the others are picked and destroyed; then QA closes the subject."""
    yield timedelta(days=4)
    ledger, coi = case.ledger, case.coi
    decide_all(ledger, coi)
    for kept, *rest in [found for found in (bank.vials_of(ledger, batch) for batch in _decided(ledger, coi)) if found]:
        dispose(ledger, [kept[0]], "retained", "Kept for the time of retention.")
        if rest:
            bank.pick(ledger, rest, "To be destroyed at the end.")
            dispose(ledger, [vial for vial, _ in rest], "destroyed", "Not needed any more.", "Autoclave, bag 7")
    void_labels(ledger, coi)
    lift_all(case)
    with ledger.read() as session:
        shown = digest_of(shown_account(session, subject=coi))
    why = "The account is complete."
    try:
        ledger.do("dossier.close", {"subject": coi}, by=by("QA3"), signatures=sign("QA3", "TECH3"), shown=shown, reason=why)
        case.say("closed.")
    except Refused as no:
        case.say(f"stays open. {no.reasons[0]}")


def _decided(ledger: Ledger, coi: str) -> list[str]:
    with ledger.read() as session:
        return list(session.exec(select(BatchDecision.batch_code).where(BatchDecision.chain == coi)))


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


def lift_all(case: Case) -> None:
    """QA lifts every hold of a subject that may be lifted; what germs were found in stays held for good."""
    with case.ledger.read() as session:
        held = list(session.exec(select(Hold.code).where(Hold.chain == case.coi, col(Hold.ended_at).is_(None))))
    for code in held:
        with case.ledger.read() as session:
            shown = digest_of(shown_hold(session, hold_code=code))
        try:
            case.ledger.do(
                "quality.lift_hold", {"hold_code": code}, by=by("QA3"), signatures=sign("QA3"), shown=shown,
                reason="Nothing is left that could be used.",
            )  # fmt: skip
        except Refused as no:
            case.say(f"a hold stays. {no.reasons[0]}")

"""The bedside rule against a second table, written apart from it: which words are heard when which things are wrong, and no others.

Every combination of nineteen conditions, at least one for each reason to stop that has a name, asked as an infusion is given; then every
condition that there is, alone and with every other, given and only checked. Each sentence is known by a phrase.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import combinations, compress, product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from backend.bedside.rules import Band, Before, Facts, Giving, Hands, Held, Ordered, Syringe, Tag, Whose, Word, scanned, serving, stops
from backend.trial.rules import TrialFile, read_folder
from labels.codes import draw
from tests import story

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 10, 10, 0, tzinfo=ZONE)
AGO = NOW - timedelta(hours=2)
COI = {name: draw("S") for name in ("self", "band", "dose", "order")}
BAND, LABEL = draw("W"), draw("L")
DOSE, ORDER, OTHER = draw("K"), draw("K"), draw("K")


@cache
def trial() -> TrialFile:
    return read_folder(Path(story.FOLDER)).trial


def whose(on: frozenset[str], what: str) -> Whose:
    """The one subject, or for `what` a person of its own."""
    return Whose("S09", COI[what]) if f"{what} of another" in on else Whose("S04", COI["self"])


def band(on: frozenset[str]) -> Band | None:
    if on & {"band no code", "band unknown"}:
        return None
    return Band(BAND, whose(on, "band"), AGO if "band void" in on else None, "band unverified" not in on)


def label(on: frozenset[str]) -> Tag | None:
    if on & {"label no code", "label unknown"}:
        return None
    ended = "void" if "label void" in on else "destroyed" if "label destroyed" in on else "specimen" if "label specimen" in on else ""
    name = "" if "label spare" in on else "Dose 2"
    return Tag(LABEL, name, AGO if ended else None, ended, "smudged", "label unverified" not in on, "label unapplied" not in on)


def hands(on: frozenset[str]) -> Hands:
    if "never handed over" in on:
        return Hands(None, "", "", False)
    if "on its way" in on:
        return Hands(AGO, "Ward 3", "", False)
    return Hands(AGO, "Ward 3", "Kong Bo" if "with the courier" in on else "Ning Jing", "with the courier" not in on)


def dose(on: frozenset[str]) -> Syringe | None:
    if on & {"label no code", "label unknown", "label spare", "label of no dose"}:
        return None
    late = NOW - timedelta(minutes=1) if "expired" in on else NOW + timedelta(minutes=29) if "too late" in on else NOW + timedelta(hours=3)
    return Syringe(
        code=DOSE, of=whose(on, "dose"), infusion=3 if "dose of another infusion" in on else 2,
        order_code=OTHER if "dose of another order" in on else ORDER, expires_at=late,
        decision="rejected" if "rejected" in on else "" if "not released" in on else "released",
        bank_released="bank not released" not in on, hands=hands(on), started_at=AGO if "dose started" in on else None,
        gone="destroyed at 09:00" if "disposed of" in on else "",
    )  # fmt: skip


def order(on: frozenset[str]) -> Ordered | None:
    if "no order" in on:
        return None
    given = None if "earlier not given" in on else date(2026, 5, 20) if "too soon" in on else date(2026, 5, 1)
    day = {"window closed": date(2025, 12, 9), "window not open": date(2026, 5, 11)}
    collected = next((day[one] for one in day if one in on), date(2026, 3, 2))
    return Ordered(
        code=ORDER, of=whose(on, "order"), infusion=9 if "too many" in on else 2, route="XXX" if "no such route" in on else "ICA",
        ended_at=AGO if "order ended" in on else None, ended_why="cancelled",
        open_route="XXX" if "no such route" in on else "" if "route not open" in on else "ICA",
        given_at=AGO if "infusion given" in on else None, before=(Before(1, given, "not cleared" not in on),),
        lost_undecided="lost undecided" in on, collected_on=None if "no collection" in on else collected,
        withdrawn_at=AGO if "withdrawn" in on else None,
        consent=None if "no consent" in on else ("ICF 0.9", "1.0") if "old consent" in on else ("ICF 1.0", "1.0"),
    )  # fmt: skip


def words(on: frozenset[str]) -> tuple[Word, ...]:
    if "no second person" in on:
        return ()
    late = NOW - timedelta(minutes=10, microseconds=1) if "confirmed too long ago" in on else NOW - timedelta(minutes=10)
    return (Word(
        code=OTHER, by="PHYS1" if "confirmed by the same" in on else "NURS1", name="Shen Yi", at=late,
        order_code=OTHER if "confirmed another order" in on else ORDER, dose_code=OTHER if "confirmed another dose" in on else DOSE,
        wristband_code=OTHER if "confirmed another wristband" in on else BAND,
        access="Ommaya reservoir" if "confirmed another access" in on else access(on), used_at=AGO if "confirmation used" in on else None,
    ),)  # fmt: skip


def access(on: frozenset[str]) -> str:
    return "a vein" if "wrong access" in on else "internal carotid catheter"


def facts(on: Iterable[str], giving: bool = True) -> Facts:
    """The facts when these things are wrong."""
    on = frozenset(on)
    return Facts(
        at=NOW, trial=trial(), status="suspended" if "trial halted" in on else "active", access=access(on),
        wristband_fault="This is a place label; scan the wristband." if "band no code" in on else "", wristband=band(on),
        label_fault="This is a badge; scan the label." if "label no code" in on else "", label=label(on), dose=dose(on), order=order(on),
        holds=(Held("The dose", "a positive culture"),) if "on hold" in on else (),
        giving=Giving("PHYS1", words(on)) if giving else None,
    )  # fmt: skip


# ---- the second table: a phrase, and when it is heard; `on` is what is wrong ----

On = frozenset[str]


def no_band(on: On) -> bool:
    return bool(on & {"band no code", "band unknown"})


def no_label(on: On) -> bool:
    return bool(on & {"label no code", "label unknown"})


def no_dose(on: On) -> bool:
    return no_label(on) or bool(on & {"label spare", "label of no dose"})


def no_order(on: On) -> bool:
    return "no order" in on


def alone(one: str, *stronger: str, if_: Callable[[On], bool] = lambda on: True) -> Callable[[On], bool]:
    """Heard when `one` is wrong, none of `stronger` hides it, and `if_` lets it be asked at all."""
    return lambda on: one in on and not (on & set(stronger)) and if_(on)


def with_dose(on: On) -> bool:
    return not no_dose(on)


def with_order(on: On) -> bool:
    return not no_order(on)


def with_band(on: On) -> bool:
    return not no_band(on)


def with_label(on: On) -> bool:
    return not no_label(on)


def word(on: On) -> bool:
    return "no second person" not in on


def differs(on: On, one: str, other: str) -> bool:
    return bool(on & {f"{one} of another", f"{other} of another"})


CUSTODY = ("never handed over", "on its way", "with the courier")
HEARD: dict[str, Callable[[On], bool]] = {
    "is no wristband: This is a place label": alone("band no code"),
    "is nobody's": alone("band unknown", "band no code"),
    "wristband is void since": alone("band void", if_=with_band),
    "wristband was never scanned back": alone("band unverified", if_=with_band),
    "is no label of a dose: This is a badge": alone("label no code"),
    "is on nothing of ours": alone("label unknown", "label no code"),
    "dose is void since": alone("label void", if_=with_label),
    "dose was destroyed since": alone("label destroyed", "label void", if_=with_label),
    "is a specimen for the record since": alone("label specimen", "label void", "label destroyed", if_=with_label),
    "label on the dose was never scanned back": alone("label unverified", if_=with_label),
    "not in the record as put on the syringe": alone("label unapplied", if_=with_label),
    "scanned is a spare label": alone("label spare", if_=with_label),
    "scanned is the label of “Dose 2”": alone("label of no dose", "label spare", if_=with_label),
    "both must be of one subject": lambda on: with_band(on) and with_dose(on) and differs(on, "band", "dose"),
    "must be for who wears the wristband": lambda on: with_band(on) and with_order(on) and differs(on, "band", "order"),
    "must be for whom the dose was made": lambda on: with_dose(on) and with_order(on) and differs(on, "dose", "order"),
    "no such order": no_order,
    "order has ended": alone("order ended", if_=with_order),
    "order is for infusion": lambda on: with_dose(on) and with_order(on) and bool(on & {"dose of another infusion", "too many"}),
    "given by its own order": alone("dose of another order", if_=lambda on: with_dose(on) and with_order(on)),
    "access in place was stated as “a vein”; the order": alone("wrong access", "no such route", if_=with_order),
    "must be one of the trial's": alone("no such route", if_=with_order),
    "subject's is not open": alone("route not open", "no such route", if_=with_order),
    "dose was rejected": alone("rejected", if_=with_dose),
    "dose is not released": alone("not released", "rejected", if_=with_dose),
    "bank that the dose was made from is not released": alone("bank not released", if_=with_dose),
    "is on hold (a positive culture)": alone("on hold"),
    "never handed over to the ward": alone("never handed over", if_=with_dose),
    "nobody received it": alone("on its way", "never handed over", if_=with_dose),
    "hands of Kong Bo": alone("with the courier", "never handed over", "on its way", if_=with_dose),
    "dose expired at": alone("expired", if_=with_dose),
    "too late to finish": alone("too late", "expired", if_=lambda on: with_dose(on) and with_order(on) and "no such route" not in on),
    "window closed on": alone("window closed", "no collection", if_=with_order),
    "window opens on": alone("window not open", "no collection", "window closed", if_=with_order),
    "window counts from it": alone("no collection", if_=with_order),
    "may be given from 2026-06-17": alone("too soon", "earlier not given", if_=with_order),
    "each infusion is given once": alone("infusion given", if_=with_order),
    "each dose is given once": alone("dose started", if_=with_dose),
    "disposed of (destroyed": alone("disposed of", if_=with_dose),
    "the trial has 3": alone("too many", if_=with_order),
    "Infusion 1 was not given": alone("earlier not given", if_=with_order),
    "Infusion 1 is not cleared": alone("not cleared", "earlier not given", if_=with_order),
    "QA has not decided about that": alone("lost undecided", if_=with_order),
    "subject has withdrawn": alone("withdrawn", if_=with_order),
    "consent is to ICF 0.9": alone("old consent", "no consent", if_=with_order),
    "consent is not in the record": alone("no consent", if_=with_order),
    "trial is suspended": alone("trial halted"),
}  # fmt: skip
SECOND: dict[str, Callable[[On], bool]] = {
    "No second person has confirmed": alone("no second person"),
    "confirmation is your own": alone("confirmed by the same", if_=word),
    "was used up at": alone("confirmation used", if_=word),
    "at most 10 minutes old": alone("confirmed too long ago", if_=word),
    "names another wristband": lambda on: word(on) and ("confirmed another wristband" in on or no_band(on)),
    "names another dose": lambda on: word(on) and ("confirmed another dose" in on or no_dose(on)),
    "names another order": lambda on: word(on) and ("confirmed another order" in on or no_order(on)),
    "both must state the same": alone("confirmed another access", if_=word),
}
CONDITIONS = (
    "band no code", "band unknown", "band void", "band unverified", "label no code", "label unknown", "label void", "label destroyed",
    "label specimen", "label unverified", "label unapplied", "label spare", "label of no dose", "band of another", "dose of another",
    "order of another", "no order", "order ended", "dose of another infusion", "dose of another order", "wrong access", "no such route",
    "route not open", "rejected", "not released", "bank not released", "on hold", *CUSTODY, "expired", "too late", "window closed",
    "window not open", "no collection", "too soon", "infusion given", "dose started", "disposed of", "too many", "earlier not given",
    "not cleared", "lost undecided", "withdrawn", "old consent", "no consent", "trial halted",
)  # fmt: skip
OF_SECOND = (
    "no second person", "confirmed by the same", "confirmation used", "confirmed too long ago", "confirmed another wristband",
    "confirmed another dose", "confirmed another order", "confirmed another access",
)  # fmt: skip
NINETEEN = (
    "band unknown", "band void", "label void", "label unapplied", "band of another", "dose of another", "no order", "wrong access",
    "not released", "on hold", "never handed over", "too late", "window closed", "too soon", "infusion given", "not cleared", "withdrawn",
    "trial halted", "no second person",
)  # fmt: skip
TABLE = HEARD | SECOND


def heard(on: Iterable[str], giving: bool = False) -> set[str]:
    on = frozenset(on)
    return {phrase for phrase, when in (TABLE if giving else HEARD).items() if when(on)}


@cache
def phrase_of(sentence: str) -> str:
    """The one phrase that a sentence is known by."""
    known = [phrase for phrase in TABLE if phrase in sentence]
    assert len(known) == 1, (sentence, known)
    return known[0]


def told(on: Iterable[str], giving: bool = False) -> set[str]:
    """Which phrases the rule's sentences are known by: each sentence by exactly one, and no two by the same."""
    said = [phrase_of(sentence) for sentence in stops(facts(on, giving))]
    found = set(said)
    assert len(found) == len(said), (sorted(on), said)
    return found


def test_nothing_wrong_is_give() -> None:
    assert list(stops(facts((), giving=False))) == []
    assert list(stops(facts((), giving=True))) == []


def test_every_combination_of_nineteen_conditions() -> None:
    """Unknown code, void label and wristband, wrong subject and route, not released, hold, custody, expiry, order, window, interval, given
    already, not cleared, withdrawn, halted, no second person: whatever comes together, each is said and nothing else is.
    """
    seen = 0
    for which in product((False, True), repeat=len(NINETEEN)):
        on = frozenset(compress(NINETEEN, which))
        assert told(on, giving=True) == heard(on, giving=True), on
        seen += 1
    assert seen == 2**19


@pytest.mark.parametrize("giving", [False, True])
def test_every_condition_alone_and_with_every_other(giving: bool) -> None:
    conditions = CONDITIONS + (OF_SECOND if giving else ())
    for many in (1, 2):
        for on in combinations(conditions, many):
            assert told(on, giving) == heard(on, giving), on
    assert all(told([one], True) for one in conditions)


def test_every_combination_of_what_speaks_against_a_confirmation() -> None:
    for which in product((False, True), repeat=len(OF_SECOND)):
        on = [one for one, wrong in zip(OF_SECOND, which, strict=True) if wrong]
        assert told(on, giving=True) == heard(on, giving=True), on
        assert told(on) == set()  # a check and a confirmation need no second person


def test_w5_one_confirmation_that_serves_is_enough() -> None:
    right = words(frozenset())[0]
    wrong = replace(right, by="PHYS1", name="Pan Hao", code=DOSE)
    for order_of in ((right, wrong), (wrong, right)):
        asked = replace(facts(()), giving=Giving("PHYS1", order_of))
        assert list(stops(asked)) == []
        assert serving(asked) == right
    assert serving(facts((), giving=False)) is None


def test_everything_wrong_at_once_is_said_at_once() -> None:
    assert len(list(stops(facts(CONDITIONS, giving=True)))) == len(heard(CONDITIONS, giving=True)) > 0


@pytest.mark.parametrize(("minute", "gives"), [(30, True), (31, False)])
def test_d1_the_last_start_passes_and_one_minute_later_stops(minute: int, gives: bool) -> None:
    """Expiry 13:00, planned 20 min, margin 10 min: start by 12:30, inclusive, to the last second of that minute."""
    at = datetime(2026, 6, 10, 12, minute, 0 if minute == 31 else 59, tzinfo=ZONE)
    asked = replace(facts((), giving=False), at=at)
    assert (list(stops(asked)) == []) is gives
    if not gives:
        said = " ".join(stops(asked))
        assert "expires at 2026-06-10 13:00 UTC+8: the infusion had to start by 2026-06-10 12:30 UTC+8" in said


@pytest.mark.parametrize(
    ("collected", "day", "gives"),
    [
        (date(2026, 1, 31), date(2026, 2, 28), True), (date(2026, 1, 31), date(2026, 2, 27), False),
        (date(2028, 1, 31), date(2028, 2, 29), True), (date(2028, 1, 31), date(2028, 2, 28), False),
        (date(2026, 8, 31), date(2027, 2, 28), True), (date(2026, 8, 31), date(2027, 3, 1), False),
    ],
)  # fmt: skip
def test_d2_the_window_is_judged_now_by_date_with_both_ends(collected: date, day: date, gives: bool) -> None:
    at = datetime(day.year, day.month, day.day, 23, 59, tzinfo=ZONE)
    asked = facts((), giving=False)
    assert asked.order and asked.dose
    free = replace(asked.order, collected_on=collected, before=(), infusion=1)
    held = replace(asked.dose, expires_at=at + timedelta(hours=3), infusion=1)
    assert (list(stops(replace(asked, at=at, order=free, dose=held))) == []) is gives


@pytest.mark.parametrize(("day", "gives"), [(28, False), (29, True)])
def test_d2_the_interval_is_judged_now_and_its_first_day_passes(day: int, gives: bool) -> None:
    at = datetime(2026, 5, day, 0, 1, tzinfo=ZONE)
    asked = facts((), giving=False)
    assert asked.dose
    assert (list(stops(replace(asked, at=at, dose=replace(asked.dose, expires_at=at + timedelta(hours=3))))) == []) is gives


def third(*before: Before) -> Facts:
    """The last infusion of the trial, after these."""
    asked = facts((), giving=False)
    assert asked.order and asked.dose
    return replace(asked, order=replace(asked.order, infusion=3, before=before), dose=replace(asked.dose, infusion=3))


def test_d2_the_last_infusion_counts_its_interval_from_the_one_before_it() -> None:
    first = Before(1, date(2026, 4, 2), True)
    assert list(stops(third(first, Before(2, date(2026, 5, 13), True)))) == []
    (said,) = stops(third(first, Before(2, date(2026, 5, 14), True)))
    assert said == "Infusion 2 was given on 2026-05-14; the next may be given from 2026-06-11 on, and the day is 2026-06-10."
    (said,) = stops(third(Before(1, date(2026, 4, 2), False), Before(2, date(2026, 5, 13), True)))
    assert said == "Infusion 1 is not cleared; a physician must clear it before infusion 3."


def test_a_stop_says_both_values() -> None:
    (said,) = stops(facts(["old consent"], giving=False))
    assert said == "The latest consent is to ICF 0.9, protocol 1.0; it must be to ICF 1.0, protocol 1.0."
    (said,) = stops(facts(["route not open"], giving=False))
    assert said == "The order's route is ICA, and the subject's is not open; both must be the same."
    asked = facts((), giving=False)
    assert asked.order
    (said,) = stops(replace(asked, order=replace(asked.order, open_route="OMM")))
    assert said == "The order's route is ICA, and the subject's is OMM; both must be the same."
    (said,) = stops(facts(["order ended"], giving=False))
    assert said == "The order has ended at 2026-06-10 08:00 UTC+8 (cancelled); an order must be in force."
    (said,) = stops(facts(["confirmed too long ago"]))
    assert said == (
        "The confirmation of Shen Yi is from 2026-06-10 09:49 UTC+8, and it is 2026-06-10 10:00 UTC+8; "
        "it must be at most 10 minutes old."
    )


def test_of_several_confirmations_that_do_not_serve_the_newest_is_spoken_of() -> None:
    newest = replace(words(frozenset())[0], by="PHYS1")
    older = replace(newest, by="NURS1", name="Ning Jing", at=AGO)
    (said,) = stops(replace(facts(()), giving=Giving("PHYS1", (newest, older))))
    assert said == "The confirmation is your own; the second person must be somebody else."


@pytest.mark.parametrize(("minute", "gives"), [(29, True), (30, True), (31, False)])
def test_d1_the_life_of_a_dose_runs_through_the_hour_that_is_lived_twice(minute: int, gives: bool) -> None:
    """In Berlin the clocks went back at 03:00 of 25 October 2026: a dose that expires at 02:45 after that must start by 02:15."""
    zone = ZoneInfo("Europe/Berlin")
    expires = datetime(2026, 10, 25, 3, 0, tzinfo=zone)  # 02:00 UTC
    at = datetime(2026, 10, 25, 1, minute, tzinfo=ZoneInfo("UTC")).astimezone(zone)  # 02:29 winter time
    asked = facts((), giving=False)
    assert asked.order and asked.dose
    order_now = replace(asked.order, collected_on=date(2026, 8, 1), before=(), infusion=1)
    said = list(stops(replace(asked, at=at, order=order_now, dose=replace(asked.dose, expires_at=expires, infusion=1))))
    assert (said == []) is gives
    assert gives or "start by 2026-10-25 02:30 UTC+1; it is 2026-10-25 02:31 UTC+1" in said[0]


def test_a_name_is_never_said() -> None:
    """A stop names other subjects by number and CoI: the facts hold no name that it could say."""
    said = " ".join(stops(facts(["band of another", "dose of another", "order of another"])))
    assert "subject S09 (" in said
    assert {"name", "full_name"} & {field for kind in (Whose, Band, Syringe, Ordered) for field in kind.__dataclass_fields__} == set()


@pytest.mark.parametrize("kind", ["W", "L"])
def test_what_is_no_code_of_its_kind_is_said_as_such(kind: str) -> None:
    code = draw(kind)
    assert scanned(code, kind) == (code, "")
    assert scanned(f" {code[:4]}-{code[4:].lower()}\r\n", kind) == (code, "")
    wrong = code[:5] + ("7" if code[5] != "7" else "8") + code[6:]
    assert scanned(wrong, kind)[0] == "" and "do not match its check character" in scanned(wrong, kind)[1]
    other = draw("L" if kind == "W" else "W")
    assert scanned(other, kind)[1].startswith(f"This is {'a container label' if kind == 'W' else 'a wristband'}; scan")
    assert scanned("", kind)[1].startswith("Nothing was scanned")

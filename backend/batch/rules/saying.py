"""How values and limits are said to people: powers of ten, words for large numbers, and the bar on which a value lies.

What is said is never judged: judging happens on the value as it is (decision N2).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from itertools import pairwise

from backend.ledger.words import Words, words
from backend.trial.rules import Level, Limit, NoGrowth, Reading, Verdict, judge, sentence, shown
from backend.trial.rules.readings import Limited

RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
LARGE = Decimal(100_000)
SIZES = ((Decimal(10) ** 12, words("trillion")), (Decimal(10) ** 9, words("billion")), (Decimal(10) ** 6, words("million")))
KINDS = {Level.IN_LIMITS: "go", Level.ALERT: "warn", Level.DECIDE: "stop", Level.STOP: "stop"}


@dataclass(frozen=True)
class Gauge:
    """A bar: where it begins and ends, its bands (thin, middle, thick), its ticks, and where the value lies."""

    label: str
    low: Decimal
    high: Decimal
    bands: tuple[tuple[Decimal, Decimal, str], ...]
    ticks: tuple[tuple[Decimal, str], ...]
    at: Decimal | None
    kind: str


def say(value: Decimal, limits: Iterable[Limit] = ()) -> str:
    """A number as people read it: four digits, or as many as keep it on its side of each limit; from 100 000 on a power of ten."""
    text = shown(value, *limits)
    if abs(value) < LARGE:
        return text
    digits = text.lstrip("-").split(".")[0]
    rest = (digits[1:] + "".join(text.split(".")[1:])).rstrip("0")
    power = str(len(digits) - 1).translate(RAISED)
    return f"{'-' if value < 0 else ''}{digits[0]}{'.' + rest if rest else ''}×10{power}"


def out_words(reading: Reading, value: Decimal | NoGrowth | str | bool, verdict: Verdict) -> str:
    """The sentence of a value that is out of limits, with both values: what is, and what must be."""
    if isinstance(value, bool):
        return f"{reading.ask} The answer is {'yes' if value else 'no'}; it must be {'no' if value else 'yes'}."
    return with_powers(sentence(reading.ask, value, verdict, getattr(reading, "unit", "")))


def with_powers(text: str) -> str:
    """The same sentence with its large numbers as powers of ten."""
    return re.sub(r"(?<![\w.])\d+(\.\d+)?(e\d+)?(?![\w])", lambda found: _number(found[0]), text)


def in_words(value: Decimal) -> str:
    """A large whole number in words, so that a slip of a digit is seen: 30000000 is “30 million”; small ones are not said again."""
    for size, word in SIZES:
        if value >= size:
            found = f"{(value / size).normalize():f}"
            if len(found) <= 7:
                return words("%(number)s %(size)s", number=found, size=word)
            return words("about %(number)s %(size)s", number=f"{value / size:.2f}", size=word)
    return ""


SIGNS: dict[str, Callable[[str], str]] = {
    "<=": lambda limit: words("at most %(limit)s", limit=limit), ">=": lambda limit: words("at least %(limit)s", limit=limit),
    "<": lambda limit: words("below %(limit)s", limit=limit), ">": lambda limit: words("above %(limit)s", limit=limit),
}  # fmt: skip
YESNO = {"yes": words("yes"), "no": words("no")}


def limit_words(limit: str, unit: str = "") -> str:
    """A limit as it is said beside a value: `< 70` is “below 70 %”."""
    room = f" {unit}" if unit else ""
    for sign, said in SIGNS.items():
        if limit.startswith(sign):
            return said(f"{_number(limit[len(sign) :].strip())}{room}")
    if " to " in limit:
        low, high = limit.split(" to ")
        return words("%(low)s to %(high)s", low=_number(low), high=f"{_number(high)}{room}")
    return YESNO.get(limit, f"{limit}{room}")


def _number(text: str) -> str:
    try:
        return say(Decimal(text)) if abs(Decimal(text)) >= LARGE else text
    except ArithmeticError:
        return text


LEVELS = {"alert": words("Alert"), "decide": words("QA decides"), "stop": words("Stop")}


def level_words(level: str, limit: str, unit: str = "") -> str:
    """What the limits said of a value, for the mark beside it; nothing while it is in limits."""
    if level not in LEVELS:
        return ""
    return words("%(level)s: %(limit)s", level=LEVELS[level], limit=limit_words(limit, unit)) if limit else LEVELS[level]


def limits_in_words(reading: Reading) -> str:
    """Every limit of a reading in one line: the target first, then what alerts, what QA decides, what stops."""
    target = getattr(reading, "target", None)
    unit = getattr(reading, "unit", "")
    aims = target if isinstance(target, tuple) else (target,) if target else ()

    def said(limits: Iterable[object]) -> str:
        return either(limit_words(str(one), unit) for one in limits)

    parts = [words("target %(limits)s", limits=said(aims))] if aims else []
    parts += [beyond(said(found)) for level, beyond in BEYOND.items() if (found := reading.limits.at(level))]
    return reduce(lambda one, other: words("%(one)s; %(other)s", one=one, other=other), parts) if parts else ""


BEYOND: dict[Level, Callable[[str], Words]] = {
    Level.ALERT: lambda limits: words("alert %(limits)s", limits=limits),
    Level.DECIDE: lambda limits: words("QA decides %(limits)s", limits=limits),
    Level.STOP: lambda limits: words("stop %(limits)s", limits=limits),
}


def either(said: Iterable[str]) -> str:
    """One of several, in words."""
    found = list(said)
    return reduce(lambda one, other: words("%(one)s or %(other)s", one=one, other=other), found) if found else ""


def gauge(reading: Reading, value: Decimal | None = None) -> Gauge | None:
    """The bar of a number with limits; None for what has none. Wide ranges are drawn by powers of ten."""
    if not isinstance(reading, Limited):
        return None
    limits = [one for level in (Level.ALERT, Level.DECIDE, Level.STOP) for one in reading.limits.at(level) if isinstance(one, Limit)]
    limits += [reading.target] if reading.target else []
    ends = sorted({end for one in limits for end in (one.low, one.high) if end is not None})
    if len(ends) < 2 and not any(reading.limits.at(level) for level in LIMITED):
        return None
    by_ten = ends[0] >= 1000
    scale = _by_ten if by_ten else _as_it_is
    points = [scale(end) for end in ends]
    room = (points[-1] - points[0]) * Decimal("0.6") or max(abs(points[0]) * Decimal("0.5"), Decimal(1))
    low, high = points[0] - room, points[-1] + room
    if not by_ten:
        possible = getattr(reading, "possible", None)
        floor = possible.low if possible and possible.low is not None else Decimal(0) if ends[0] >= 0 else None
        low = max(low, floor) if floor is not None and floor < points[0] else low
        high = min(high, Decimal(100)) if reading.unit == "%" and points[-1] < 100 else high
    cuts = [low, *points, high]
    bands = tuple((a, b, _band(reading, (a + b) / 2, by_ten)) for a, b in pairwise(cuts) if b > a)
    ticks = _ticks(points, ends, reading.unit, high - low)
    kind = KINDS[judge(reading.limits, value).level] if value is not None else "go"
    at = scale(value) if value is not None and (value > 0 or not by_ten) else low if value is not None else None
    label = words("Limits for %(reading)s: %(limits)s", reading=reading.ask, limits=limits_in_words(reading))
    return Gauge(label, low, high, bands, ticks, at, kind)


def _band(reading: Limited, middle: Decimal, by_ten: bool) -> str:
    value = Decimal(10) ** middle if by_ten else middle
    level = judge(reading.limits, value).level
    if level is Level.IN_LIMITS and reading.target is not None and not any(reading.limits.at(one) for one in LIMITED):
        return "go" if reading.target.met_by(value) else "stop"
    return KINDS[level]


LIMITED = (Level.ALERT, Level.DECIDE, Level.STOP)


def _ticks(points: list[Decimal], ends: list[Decimal], unit: str, width: Decimal) -> tuple[tuple[Decimal, str], ...]:
    """A tick for each end; where two would touch only the first is named, and the last one names the unit."""
    found: list[tuple[Decimal, str]] = []
    last: Decimal | None = None
    for number, (at, end) in enumerate(zip(points, ends, strict=True)):
        close = last is not None and (at - last) / width < Decimal("0.16")
        text = "" if close else say(end) if abs(end) >= LARGE else f"{end:f}"
        text += f" {unit}" if text and number == len(points) - 1 and len(unit) <= 3 else ""
        found.append((at, text))
        last = last if close else at
    return tuple(found)


def _by_ten(value: Decimal) -> Decimal:
    return round(value.log10(), 4)  # only for drawing: nothing is judged by it


def _as_it_is(value: Decimal) -> Decimal:
    return value

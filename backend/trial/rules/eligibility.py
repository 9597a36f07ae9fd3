"""Who may be enrolled: every criterion asked, every reason against said in the words of the trial file.

A person's answers are text, as typed. An answer that cannot be one is a reason too: nobody is enrolled on an answer nobody understands.
"""

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from backend.trial.rules.limits import Limit
from backend.trial.rules.trial_file import Criterion, TrialFile

OLDEST = 130  # years; a date of birth further back is a slip of the pen


@dataclass(frozen=True)
class SerologyResult:
    """What the laboratory found for one analyte, and when the sample was taken."""

    outcome: str
    sampled_on: date


def add_months(day: date, months: int) -> date:
    """The same day of the month so many calendar months later, clamped at the end of a shorter month: 31 January + 1 is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def completed_months(day: date, on: date) -> int:
    """Calendar months that have passed in full from `day` to `on`, clamped at the end of a month as add_months does."""
    months = (on.year - day.year) * 12 + on.month - day.month
    return months - 1 if add_months(day, months) > on else months


def against_answer(criterion: Criterion, answer: str, on: date) -> str | None:
    """Why this answer refuses enrolment on that day; None when it does not. ValueError when it cannot be an answer."""
    said, value = _understood(criterion, answer.strip(), on)
    accepted = criterion.accept.met_by(value) if isinstance(criterion.accept, Limit) else said in criterion.accept
    return None if accepted else criterion.otherwise.replace("{answer}", said)


def against_eligibility(trial: TrialFile, answers: Mapping[str, str], on: date) -> Iterator[str]:
    """Every reason against enrolling on this day: each criterion unanswered, not understood, or on the wrong side."""
    for criterion in trial.eligibility:
        answer = answers.get(criterion.code, "").strip()
        if not answer:
            yield f"“{criterion.ask}” has no answer; every criterion must be answered."
            continue
        try:
            reason = against_answer(criterion, answer, on)
        except ValueError as error:
            reason = str(error)
        if reason:
            yield reason
    known = {criterion.code for criterion in trial.eligibility}
    for code in sorted(set(answers) - known):
        yield f"{code} is not a criterion of this trial."


def against_serology(trial: TrialFile, results: Mapping[str, SerologyResult], on: date) -> Iterator[str]:
    """Every reason against in the serology: an analyte missing, reactive, unknown, or sampled too long before `on` (the day of harvest).

    An analyte without `accept` is recorded and never judged; an optional one may be missing. The age limit includes its last day.
    """
    longest = trial.serology.age_at_harvest
    for analyte in trial.serology.analytes:
        result = results.get(analyte.code)
        if result is None:
            if not analyte.optional:
                yield f"{analyte.name} ({analyte.code}) has no result; it must have one."
            continue
        if result.outcome not in analyte.of:
            yield f"{analyte.code} is {result.outcome!r}; it must be one of: {', '.join(analyte.of)}."
        elif analyte.accept and result.outcome not in analyte.accept:
            yield f"{analyte.code} is {result.outcome}; it must be {' or '.join(analyte.accept)}."
        if result.sampled_on > on:
            yield f"{analyte.code} was sampled on {result.sampled_on}, after {on}; it must be before."
        elif on - result.sampled_on > longest.length:
            days = (on - result.sampled_on) // timedelta(days=1)
            yield f"{analyte.code} was sampled {days} days before; it must be {longest}."
    known = {analyte.code for analyte in trial.serology.analytes}
    for code in sorted(set(results) - known):
        yield f"{code} is not an analyte of this trial."


def _understood(criterion: Criterion, answer: str, on: date) -> tuple[str, Decimal]:
    """The answer as the sentence says it, and as the number that a limit judges (0 for options)."""
    match criterion.kind:
        case "integer":
            if not re.fullmatch(r"[0-9]{1,4}", answer):
                raise ValueError(f"“{criterion.ask}” is answered {answer[:40]!r}; it must be a whole number.")
            return str(int(answer)), Decimal(int(answer))
        case "years":
            months = completed_months(_past(criterion, answer, on), on)
            if months > OLDEST * 12:
                raise ValueError(f"“{criterion.ask}” is answered {answer}, more than {OLDEST} years ago; it must be a date of this life.")
            return str(months // 12), Decimal(months // 12)
        case "months":
            return _span(_past(criterion, answer, on), on)
        case _:
            options = criterion.of if criterion.kind == "choice" else ("yes", "no")
            if answer not in options:
                raise ValueError(f"“{criterion.ask}” is answered {answer[:40]!r}; it must be one of: {', '.join(options)}.")
            return answer, Decimal(0)


def _past(criterion: Criterion, answer: str, on: date) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", answer):
        raise ValueError(f"“{criterion.ask}” is answered {answer[:40]!r}; it must be a date, as in 2026-03-02.")
    try:
        day = date.fromisoformat(answer)
    except ValueError:
        raise ValueError(f"“{criterion.ask}” is answered {answer}, which is no day of the calendar.") from None
    if day > on:
        raise ValueError(f"“{criterion.ask}” is answered {answer}, after {on}; it must be on that day or before.")
    return day


def _span(day: date, on: date) -> tuple[str, Decimal]:
    """How long ago, in words and in months; days beyond a whole month count as half of one, so 12 months and a day are more than 12."""
    months = completed_months(day, on)
    days = (on - add_months(day, months)).days
    words = f"{months} month{'' if months == 1 else 's'}"
    if days:
        words += f" and {days} day{'' if days == 1 else 's'}"
    return words, Decimal(months) + (Decimal("0.5") if days else 0)

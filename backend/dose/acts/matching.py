"""Two people read one step of the preparation, each on their own sign-in; what follows when they read the same, and when they did not.

Neither sees the other's values, unmasked or not, until both agree (decision W3). What is worked out is sealed at once.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from backend.dose.models import Dose, DoseDeviation, PrepMatched, PrepMismatched, PrepReading
from backend.dose.reads.progress import dose_of, folder_of_dose, progress_of, worked_of, worked_once
from backend.dose.reads.releasing import recipe_for
from backend.dose.rules.arithmetic import (
    Counts,
    Recipe,
    Worked,
    counts_of,
    of_counts,
    of_fill,
    of_formulation,
    of_wash,
)
from backend.dose.rules.correcting import against_reading_again, off_plan
from backend.dose.rules.preparing import (
    COUNT,
    COUNTS,
    FILL,
    FORMULATE,
    GRADES,
    LIMIT,
    MISMATCH,
    STEPS,
    WASH,
    Progress,
    Said,
    against_first,
    against_formulating,
    against_second,
    against_step,
    against_working,
    differing,
    mismatch_words,
    nonsense,
    open_words,
    out_of_limits,
)
from backend.ledger import Declared, Nonsense, Now, Refused, refuse
from backend.quality.acts import open_deviation

MASKED = Declared("masked")
MASKED_TEXT = Declared("masked", 4096)
Typed = Mapping[str, Any]
Values = Mapping[str, str]


def at_work(now: Now, code: str, step: str = "") -> Progress:
    """The dose with everything recorded of it, when something may still be done to it; otherwise Refused with every reason.

    A `step` that was corrected may be read again although the dose is on hold, decided about or given (decision F2).
    """
    progress = progress_of(now.session, dose_of(now.session, code))
    refuse(against_working(progress, step))
    return progress


def recipe_of(now: Now, dose: Dose) -> Recipe:
    """What is made for the subject of this act; refused while no arm is theirs."""
    made = recipe_for(now.session, now.ledger.keyring, dose)
    if made is None:
        raise Refused("No line of the list has been drawn for this subject; the route is opened first.")
    return made


def refuse_under_seal(found: list[Said]) -> None:
    """Refuse with the open sentence of each reason, said once, and the sealed ones beside them; return if there is none."""
    if found:
        raise Refused(*dict.fromkeys(one.open for one in found), sealed=tuple(one.sealed for one in found if one.sealed))


def read_first(now: Now, code: str, step: str, typed: Typed) -> list[PrepReading]:
    """The first person's values of a step are kept, sealed; nobody else may read them until a second person has read the same."""
    progress = at_work(now, code, step)
    refuse(against_step(progress, step), against_first(progress, step))
    values = _values(now, progress, step, typed)
    return _keep(now, progress, step, "first", values)


def read_second(now: Now, code: str, step: str, typed: Typed) -> PrepMatched | PrepMismatched:
    """Both readings are compared: the same, and the step is finished with all that follows; else both read again (decision W4).

    After a correction every later step that was finished is worked out anew as well (decision F2).
    """
    progress = at_work(now, code, step)
    refuse(against_step(progress, step), against_second(progress, step, now.by))
    values = _values(now, progress, step, typed)
    _keep(now, progress, step, "second", values)
    first = opened(now, progress, step, "first")
    if differing(first, values):
        return _mismatched(now, progress, step)
    row = _match(now, progress, step, (first, values), (progress.entered(step, "first")[0].by, now.by))
    if step in progress.reopened:
        _off_plan(now, progress, step, values)
        for later in STEPS[STEPS.index(step) + 1 :]:
            now.session.flush()
            again = progress_of(now.session, progress.dose)
            if later not in again.matched:
                break  # it is worked out, and what follows it, when two people have read it
            _anew(now, again, later)
    return row


def _match(now: Now, progress: Progress, step: str, read: tuple[Values, Values], people: tuple[str, str]) -> PrepMatched:
    """What two people read the same is worked out and sealed; what is out of its limits and was not said of this step yet is said."""
    recipe = recipe_of(now, progress.dose)
    worked = _work_out(now, progress, step, recipe, *read)
    before = [worked_once(now.session, now.ledger.keyring, one) for one in progress.superseded if one.step == step]
    said = {found.sentence for values in before for found in out_of_limits(recipe, step, values)}
    for found in out_of_limits(recipe, step, worked):
        if found.sentence not in said:
            deviate(now, progress.dose, found.sentence, GRADES[found.level], LIMIT, open_words(progress.dose.infusion))
    return now.add(PrepMatched(
        code=now.draw("K"), dose_code=progress.dose.code, step=step, number=progress.number(step), first=people[0], second=people[1],
        worked=now.seal("\n".join(f"{name}={value}" for name, value in worked.items()), MASKED_TEXT), at=now.at,
    ))  # fmt: skip


def _anew(now: Now, progress: Progress, step: str) -> PrepMatched:
    """A finished step rests on a corrected one: what it says stays as it was read, and is worked out anew.

    It is done for every later step, whether its values change or not: how many do would depend on the arm.
    """
    old = progress.matched[step]
    old.ended_at, old.ended_by = now.at, now.by
    now.session.flush()
    ended = progress_of(now.session, progress.dose)
    return _match(now, ended, step, (opened(now, ended, step, "first"), opened(now, ended, step, "second")), (old.first, old.second))


def _off_plan(now: Now, progress: Progress, step: str, values: Values) -> None:
    """The volumes of a corrected formulation are what was pipetted: beside the plan they are a masked deviation, said once."""
    if step != FORMULATE:
        return
    typed = {name: Decimal(text) for name, text in values.items()}
    said = off_plan(recipe_of(now, progress.dose), worked_in(now, progress, COUNT), typed)
    if said and said not in {now.open(one.sealed) for one in progress.deviations}:
        deviate(now, progress.dose, said, "major", LIMIT, open_words(progress.dose.infusion))


def _values(now: Now, progress: Progress, step: str, typed: Typed) -> dict[str, str]:
    """What was typed, as text. Nonsense is turned away and not recorded; volumes that are a slip are refused under seal."""
    values = {name: str(value) for name, value in typed.items() if value is not None}
    faults = nonsense(folder_of_dose(now.session, progress.dose).trial.preparation, values)
    if step == FORMULATE:  # whether a slip is still possible depends on the arm, so each is refused alike and is in the record
        faults = {name: said for name, said in faults.items() if name == "suspension_ml"}
    if faults:
        raise Nonsense(faults)
    if step == FORMULATE:
        numbers, recipe = {name: Decimal(text) for name, text in values.items()}, recipe_of(now, progress.dose)
        again = step in progress.reopened
        found = against_reading_again(recipe, numbers) if again else against_formulating(recipe, worked_in(now, progress, COUNT), numbers)
        refuse_under_seal(list(found))
    return values


def _keep(now: Now, progress: Progress, step: str, seat: str, values: Mapping[str, str]) -> list[PrepReading]:
    return [
        now.add(PrepReading(
            dose_code=progress.dose.code, step=step, seat=seat, field=name, number=progress.number(step), value=now.seal(value, MASKED),
            at=now.at, by=now.by,
        ))
        for name, value in values.items()
    ]  # fmt: skip


def opened(now: Now, progress: Progress, step: str, seat: str) -> dict[str, str]:
    """What one seat read in the try that is open or that matched."""
    return {one.field: now.open(one.value) for one in progress.entered(step, seat)}


def worked_in(now: Now, progress: Progress, step: str) -> Worked:
    """What was worked out in a finished step."""
    return worked_of(now.session, now.ledger.keyring, progress, step)


def _counts(values: Mapping[str, str]) -> Counts:
    return counts_of(values["live"], values["dead"], Decimal(values["dilution"]))


def _work_out(
    now: Now, progress: Progress, step: str, recipe: Recipe, first: Mapping[str, str], second: Mapping[str, str]
) -> Worked:  # fmt: skip
    """Everything that the program works out when a step is finished, unrounded."""
    numbers = {name: Decimal(text) for name, text in first.items() if name not in COUNTS}
    if step == COUNT:
        washed = worked_in(now, progress, WASH)
        return of_wash(recipe, of_counts(_counts(first), _counts(second)), washed["resuspended_ml"])
    if step == FORMULATE:
        return numbers | of_formulation(recipe, worked_in(now, progress, WASH), worked_in(now, progress, COUNT), numbers)
    if step == FILL:
        return of_fill(recipe, of_counts(_counts(first), _counts(second)), numbers["net_g"])
    return numbers


def _mismatched(now: Now, progress: Progress, step: str) -> PrepMismatched:
    """Both read again; from the second time on unmasked QA decides before anybody does."""
    row = now.add(PrepMismatched(code=now.draw("K"), dose_code=progress.dose.code, step=step, at=now.at, by=now.by))
    times = progress.mismatched[step] + 1
    if times > 1:
        said = f"The step “{step}” was read by two people {times} times and did not match."
        deviate(now, progress.dose, said, "major", MISMATCH, mismatch_words(progress.dose.infusion))
    return row


def deviate(now: Now, dose: Dose, sentence: str, grade: str, rule: str, words: str) -> DoseDeviation:
    """A masked deviation is open: everybody may read `words`, and what it is about is sealed (decisions S2, P2)."""
    row = open_deviation(now, about=dose.code, sentence=words, grade=grade, rule=rule, masked=True)
    return now.add(DoseDeviation(deviation_code=row.code, dose_code=dose.code, sentence=now.seal(sentence, MASKED_TEXT), at=now.at))

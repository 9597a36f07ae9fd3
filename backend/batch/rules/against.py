"""What stands against working on a step: every reason, with what is and what must be.

Out-of-limit values are no reason here. They are recorded as read; a deviation waits for QA after the step, not before the pen is down.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from backend.batch.models import FIRST, SECOND, Attempt
from backend.batch.rules.course import Course, Where, place
from backend.trial.rules import Reading, Step, spoken


def against_working(course: Course, where: Where, roles: Collection[str]) -> Iterator[str]:
    """Every reason why nobody, or not this person, may work on the step now."""
    if course.decision and course.closed(where):
        yield f"QA {course.decision.decision} this batch on {course.decision.at:%Y-%m-%d}; nothing more is recorded in it."
        return
    step = course.step(where)
    if step.role not in roles:
        yield f"{step.code} is for {ROLES[step.role]}; you are {' and '.join(sorted(roles)) or 'without a role'}."
    named = spoken(where[1], where[0])
    if where in course.done:
        yield f"{named} is finished. A value in it is corrected with a reason and a signature."
    elif where != course.next:
        comes = course.next
        first = f"{spoken(comes[1], comes[0])} {course.step(comes).title} comes first" if comes else "the master record is carried out"
        yield f"{named} is not next: {first}."
    holds, undecided = course.barred(where)
    yield from (f"The batch is on hold: {why} QA must lift the hold first." for why in holds)
    for row in undecided:
        yield f"{spoken(row.passage or None, row.step)} waits for QA: {row.sentence}"
    if course.decision is None:
        yield from against_going_on(course, where)


def against_handling(course: Course) -> str | None:
    """Why nothing is scanned, taken out or labelled any more: what went into a decided batch and came out of it is in custody's hands."""
    if course.decision is None:
        return None
    return f"QA {course.decision.decision} this batch; a corrected step is read and signed again, and what went into it stays as it is."


def against_going_on(course: Course, where: Where) -> Iterator[str]:
    """Why nobody may go on with this batch at all: a value at its stop limit, a deviation that QA did not accept."""
    for stopped, field in course.stops:
        if stopped != where:
            reading = course.step(stopped).reading(field)
            ask = reading.ask.rstrip("?") if reading else field
            yield f"{spoken(stopped[1], stopped[0])} {ask} is at its stop limit; nobody may go on with this batch."
    for row in course.deviations:
        if row.deviation_code in course.refused:
            yield f"QA did not accept this deviation, so nobody may go on with this batch: {row.sentence}"


ROLES = {"technician": "technicians", "qa": "QA"}


def seat_of(course: Course, where: Where) -> str:
    """The seat that is free to read now: the second once the performer of a checked step has signed."""
    return SECOND if course.step(where).checked and course.signature(where) else FIRST


def against_sitting(course: Course, where: Where, person: str, names: Mapping[str, str]) -> Iterator[str]:
    """Every reason why this person cannot read in the seat that is free."""
    step, seat = course.step(where), seat_of(course, where)
    named = spoken(where[1], where[0])
    if not step.checked:
        if course.signature(where):
            yield f"{named} is signed. A value in it is corrected with a reason and a signature."
        return
    if seat == SECOND and person in hands(course, where):
        yield f"You performed {named}; the second reading must be somebody else's, on their own sign-in."
    taken = course.attempt(where, seat)
    if taken is not None and taken.person != person:
        said = "is reading it a second time" if seat == SECOND else "has begun it"
        yield f"{names.get(taken.person, taken.person)} {said}; {named} is theirs until they give it back."


def hands(course: Course, where: Where) -> set[str]:
    """Everybody who had a hand in the first reading that now stands, and who signed it."""
    first, signed = course.attempt(where, FIRST), course.signature(where)
    people = {row.by for row in course.kept(first).values()}
    return people | ({first.person} if first else set()) | ({signed.by} if signed else set())


def asked(step: Step, passage: str | None, seat: str) -> list[Reading]:
    """What a person in this seat is asked to read: never what the program works out, and words only once."""
    return [one for one in step.asked_in(passage) if one.kind != "formula" and (seat == FIRST or one.read_twice)]


def against_value(course: Course, where: Where, field: str, value: object) -> Iterator[str]:
    """A choice that this passage does not offer."""
    reading = course.step(where).reading(field)
    if reading is None or reading.kind != "choice":
        return
    offered = course.master.options(where[0], field, where[1])
    if value not in offered:
        yield f"{reading.ask} is {value}; in {where[1]} it must be {' or '.join(offered)}."


def unread(course: Course, where: Where, seat: str, attempt: Attempt | None) -> Iterator[str]:
    """Each reading that is still missing in this seat."""
    kept = course.kept(attempt)
    for reading in asked(course.step(where), where[1], seat):
        if reading.code not in kept and not reading.optional:
            yield f"{reading.ask.rstrip('?')} is empty."


def unscanned(course: Course, where: Where, there: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Each thing that must still be scanned; `there` has, for each kind, the containers that the batch still has."""
    step, rows = course.step(where), course.scanned(where)
    seen = {(row.part, row.kind) for row in rows}
    for part, kind in step.supplies:
        if (part, kind) not in seen:
            yield f"No {'lot of ' if part == 'material' else ''}{kind} has been scanned."
    for uses in step.uses:
        scanned = {row.code for row in rows if row.part == "uses" and row.kind == uses.kind}
        wanted = len(there.get(uses.kind, ())) if uses.number == "all" else uses.number
        if len(scanned) < max(wanted, 1):
            yield f"{len(scanned)} of {max(wanted, 1)} {uses.kind} scanned; {'all' if uses.number == 'all' else max(wanted, 1)} must be."


def unfilled(course: Course, where: Where, filled: Mapping[str, int]) -> Iterator[str]:
    """Labels first: each container that was filled must have been scanned by its own label."""
    rows = course.scanned(where)
    for makes in course.step(where).makes:
        if makes.label_first and makes.kind in filled:
            scanned = len({row.code for row in rows if row.part == "makes" and row.kind == makes.kind})
            if scanned != filled[makes.kind]:
                yield f"{scanned} {makes.kind} labels were scanned; {filled[makes.kind]} were filled, so as many must be."


def unstored(course: Course, where: Where, tanks: Mapping[str, str], number: int) -> Iterator[str]:
    """Storing: all of so many containers in a tank, shared as evenly as can be; `tanks` maps each stored one to its tank."""
    for stores in course.step(where).stores:
        if len(tanks) < number or not number:
            yield f"{len(tanks)} of {number} {stores.kind} are stored; all must be."
        counts = sorted(Counter(tanks.values()).values())
        if len(counts) != stores.tanks:
            yield f"They are in {len(counts)} tank{'' if len(counts) == 1 else 's'}; they must be in {stores.tanks}."
        elif counts[-1] - counts[0] > 1:
            yield f"The tanks hold {' and '.join(map(str, counts))}; they must be shared as evenly as can be."


def against_correcting(course: Course, where: Where, field: str, person: str) -> Iterator[str]:
    """Only a signed value is corrected; before that it is replaced with a reason. While a check is open, only by who read it (W3).

    What QA has decided about is corrected too (decision F2), but for a step that was never finished: nothing rests on that.
    """
    named, first = spoken(where[1], where[0]), course.attempt(where, FIRST)
    if course.decision and where not in course.done and course.closed(where):
        yield f"QA {course.decision.decision} this batch before {named} was finished; nothing more is recorded in it."
    elif course.signature(where) is None:
        yield f"{named} is not signed; until then a value is replaced on the step itself, with a reason."
    elif where not in course.done and first is not None and first.person != person:
        yield f"{named} is being read a second time; until both agree only its performer corrects it."
    elif field not in course.kept(first):
        yield f"{named} has no reading {field}."


def against_lifting(course: Course) -> Iterator[str]:
    """Why a hold that a correction placed cannot be lifted yet, or ever (decision F2).

    A step is not signed again; a value is at a limit that nobody may override; QA did not accept a deviation; a released bank was not
    made as the corrected record says it must be.
    """
    for where in sorted({place(row) for row in course.performed}, key=str):
        if course.settled_before(where) and where not in course.done:
            both = "both must sign it" if course.step(where).checked else "it must be signed"
            yield f"{spoken(where[1], where[0])} was corrected and is not signed again; {both} before the hold is lifted."
    for stopped, field in course.stops:
        reading = course.step(stopped).reading(field)
        ask = reading.ask.rstrip("?") if reading else field
        yield f"{spoken(stopped[1], stopped[0])} {ask} is at its stop limit; this hold stays."
    for row in course.deviations:
        if row.deviation_code in course.refused:
            yield f"QA did not accept this deviation, so this hold stays: {row.sentence}"
    if course.decision and course.decision.decision == "released" and course.next and course.closed(course.next):
        comes = course.next
        named = f"{spoken(comes[1], comes[0])} {course.step(comes).title}"
        yield f"By the corrected record {named} would have come next, and it was never done; this hold stays."


def against_verifying(course: Course, where: Where, person: str) -> Iterator[str]:
    """Every reason why this person cannot verify the step now, apart from what is missing."""
    named = spoken(where[1], where[0])
    if not course.step(where).checked:
        yield f"{named} is not verified by a second person."
    elif course.signature(where) is None:
        yield f"{named} has not been handed over; the performer signs first."
    elif person in hands(course, where):
        yield f"You performed {named}, so somebody else must verify it."
    second = course.attempt(where, SECOND)
    if second is not None and second.person != person:
        yield f"{named} is being read a second time by {second.person}."


def again(course: Course, where: Where) -> int:
    """How often two independent readings of this step have not matched."""
    return sum(1 for row in course.mismatched if place(row) == where)


def misplaced(course: Course, where: Where, named: str) -> Iterator[str]:
    """What was scanned is not what this step asks for."""
    step = course.step(where)
    wants = [*(kind for _, kind in step.supplies), *(one.kind for one in step.uses)]
    wants += [makes.kind for makes in step.makes if makes.label_first]
    yield not_asked_for(spoken(where[1], where[0]), named, wants)


def not_asked_for(step: str, named: str, wants: Iterable[str]) -> str:
    """What is said of something that was scanned into a step that asks for other things."""
    wanted = ", ".join(dict.fromkeys(wants))
    return f"{step} does not ask for {named}; it asks for {wanted or 'nothing that is scanned'}."


def foreign(theirs: tuple[str, str], ours: tuple[str, str]) -> str:
    """A container of another subject: subject number and CoI of both, and nothing else (the sentence of the hard stop)."""
    return (
        f"{FOREIGN}: it is of {theirs[0]} ({theirs[1]}), and this batch is of {ours[0]} ({ours[1]}). Cells of two subjects are never mixed."
    )


FOREIGN = "This belongs to another subject"

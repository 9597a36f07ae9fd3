"""Containers come out of steps: children of what was scanned in, of one CoI, each with its label; what is empty is used up.

Where the master record says `label_first`, containers and labels exist before anything is filled, and a label that was not used is void.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from backend.access.rules import Role
from backend.batch.acts.bench import Passage, StepCode, at_work, sit
from backend.batch.models import Batch, SampleTaken, SampleTest
from backend.batch.rules import Course, Result, Where, against_handling, filled
from backend.batch.rules.sampling import limit_text, sampled
from backend.custody.acts import make_container, request_labels, use_up, void_labels_of
from backend.custody.models import Container, UsedUp
from backend.ledger import Now, Open, RecordCode, Refused, act, ask, refuse
from backend.subject.reads import label_values
from backend.trial.reads import folder
from backend.trial.rules import Specification, Value, add_months, spoken
from backend.trial.rules.master_record import Makes, Sample

HowMany = Annotated[int, ask("How many", ge=1, le=100)]


@act(
    "batch.prepare_labels", roles={Role.TECHNICIAN}, title="Ask for the labels first",
    tells="{by} asked for {number} labels for {passage} {step}.", page="/batches/{batch}/steps/{step}",
)  # fmt: skip
def prepare_labels(
    now: Now, batch: RecordCode, step: Open[StepCode], number: Open[HowMany], passage: Open[Passage] = ""
) -> list[Container]:
    """So many containers of the step exist and have a label to be printed and scanned back, before anything is filled.

    What goes into them must have been scanned: partial and final label are then of one CoI.
    """
    row, course, where = at_work(now, batch, step, passage)
    refuse(against_handling(course))
    first = next((makes for makes in course.step(where).makes if makes.label_first), None)
    if first is None:
        raise Refused(f"{spoken(where[1], step)} fills nothing that is labelled first.")
    if course.signature(where):
        raise Refused(f"{spoken(where[1], step)} is signed; its labels are there.")
    parents = scanned_in(now.session, course, where)
    if not parents:
        raise Refused("Scan what is to be filled first; its label and the new ones must be of one subject.")
    sit(now, row, course, where)
    there = made(now.session, row, where, first)
    return [one for n in range(len(there) + 1, len(there) + 1 + number) if (one := _one(now, row, course, where, first, parents, n))]


def scanned_in(session: Session, course: Course, where: Where) -> list[Container]:
    """The containers that were scanned into a step."""
    return [session.get_one(Container, code) for code in kinds_in(course, where)]


def kinds_in(course: Course, where: Where) -> dict[str, str]:
    """Each container that was scanned into a step, and what the master record calls it."""
    return {row.code: row.kind for row in course.scanned(where) if row.part == "uses"}


def made(session: Session, batch: Batch, where: Where, makes: Makes) -> list[Container]:
    """The containers of this kind that the step has made so far and that still hold something or are to be filled."""
    rows = session.exec(
        select(Container)
        .join(UsedUp, col(UsedUp.container_code) == Container.code, isouter=True)
        .where(Container.batch_code == batch.code, Container.step == spoken(where[1], where[0]), Container.kind == makes.kind)
        .where(col(UsedUp.container_code).is_(None))
        .order_by(col(Container.at), col(Container.code))
    )
    return list(rows)


def make_all(now: Now, batch: Batch, course: Course, where: Where, values: Mapping[str, Value], results: list[Result]) -> None:
    """Containers come out and samples are taken, once: a corrected step makes nothing anew."""
    if course.settled_before(where):
        return
    step, parents, kinds = course.step(where), scanned_in(now.session, course, where), kinds_in(course, where)
    wanted = filled(course, where, values, results)
    of_kind = {kind: [one for one in parents if kinds[one.code] == kind] for kind in kinds.values()}
    for makes in step.makes:
        there = made(now.session, batch, where, makes)
        if makes.label_first:
            there = _only_filled(now, course, where, makes, there)
        else:
            there += [_one(now, batch, course, where, makes, parents, n) for n in range(len(there) + 1, wanted.get(makes.kind, 0) + 1)]
        of_kind.setdefault(makes.kind, there)
    for sample in step.samples:
        _sample(now, batch, course, where, sample, of_kind[sample.of])


def use_up_all(now: Now, course: Course, where: Where) -> None:
    """Nothing is in the containers any more that the step used up."""
    kinds, used_up = kinds_in(course, where), {uses.kind for uses in course.step(where).uses if uses.then == "used up"}
    for one in scanned_in(now.session, course, where):
        if kinds[one.code] in used_up and now.session.get(UsedUp, one.code) is None:
            use_up(now, one, f"used in {spoken(where[1], where[0])}")


def _only_filled(now: Now, course: Course, where: Where, makes: Makes, there: list[Container]) -> list[Container]:
    """Of the containers that were labelled first, those that were filled; the label of every other one is void."""
    scanned = {row.code for row in course.scanned(where) if row.part == "makes"}
    for one in there:
        if one.code not in scanned:
            void_labels_of(now, one.code, "Not filled.")
            use_up(now, one, "never filled")
    return [one for one in there if one.code in scanned]


def _one(now: Now, batch: Batch, course: Course, where: Where, makes: Makes, parents: list[Container], number: int) -> Container:
    """One container of a kind, with its label asked for."""
    passage = _passage(makes, where, parents)
    many = (
        f" {f'P{passage}-' if passage is not None else ''}{number}" if makes.number != 1 else f" P{passage}" if passage is not None else ""
    )
    box = make_container(
        now, makes.kind, f"{makes.kind}{many}", parents=parents, batch=batch.code, step=spoken(where[1], where[0]), passage=passage,
    )  # fmt: skip
    _label(now, batch, course, box, passage)
    return box


def _passage(makes: Makes, where: Where, parents: list[Container]) -> int | None:
    """The passage that the label carries: said outright, of this round, of the next one, or that of what went in."""
    if makes.passage is None:
        return None
    if makes.passage not in ("same", "next"):
        return int(makes.passage[1:])
    same = int(where[1][1:]) if where[1] else max((one.passage for one in parents if one.passage is not None), default=0)
    return same + 1 if makes.passage == "next" else same


def _sample(now: Now, batch: Batch, course: Course, where: Where, sample: Sample, parents: list[Container]) -> None:
    """A sample is a container of its own, for the tests that it is taken for."""
    more = f" +{len(sample.tests) - 1}" if len(sample.tests) > 1 else ""  # a label has room for 33 mm
    box = make_container(
        now, sample.kind, f"sample {sample.tests[0]}{more}", parents=parents, batch=batch.code, step=spoken(where[1], where[0]),
        volume_ml=sample.amount.number,
    )  # fmt: skip
    _label(now, batch, course, box, None)
    now.add(SampleTaken(
        container_code=box.code, batch_code=batch.code, step=where[0], passage=where[1] or "", tests=",".join(sample.tests),
        amount_ml=sample.amount.number, at=now.at, by=now.by,
    ))  # fmt: skip
    now.session.flush()  # so that its tests find the sample that they are of
    for stage, tests in sampled(folder(now.session, batch.folder_code).specifications, sample.tests).items():
        take_sample_tests(now, box.code, batch.code, tests, stage)


def take_sample_tests(
    now: Now, sample_code: str, batch_code: str, tests: Iterable[Specification], stage: str, dose_code: str | None = None,
    limits: Mapping[str, str] = {},
) -> list[SampleTest]:  # fmt: skip
    """The sample is for these tests, each with the limit that applies to it (decision L2).

    `limits` gives those that only the caller knows, by test, as a limit is written; the others are the specification's.
    """
    return [
        now.add(SampleTest(
            container_code=sample_code, test=one.test, batch_code=batch_code, dose_code=dose_code, stage=stage, title=one.title,
            method=one.method, kind=one.kind, unit=str(one.unit or ""), options="\n".join(one.of),
            limit=limits.get(one.test, limit_text(one)), override=one.override, censored=one.censored or "",
            due_at=now.at + one.reads_out.length, at=now.at,
        ))
        for one in tests
    ]  # fmt: skip


def _label(now: Now, batch: Batch, course: Course, box: Container, passage: int | None) -> None:
    kind = course.master.containers[box.kind]
    trial = folder(now.session, batch.folder_code).trial
    on = now.at.astimezone(ZoneInfo(trial.time_zone)).date()
    values = {
        **label_values(now.session, batch.coi, trial), "filled_on": on.isoformat(), "storage": f"Keep at {kind.keep}",
        "expires_on": add_months(on, trial.storage.shelf_life.number).isoformat(),
    }  # fmt: skip
    if passage is not None:
        values["passage"] = f"P{passage}"
    request_labels(now, kind.label, [(box.code, values)])

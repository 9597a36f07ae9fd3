"""A label's life: requested, printed, scanned back, applied; or void, destroyed, kept as a specimen. A reprint voids the old at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from pydantic import StringConstraints
from sqlmodel import Session, col, select

from backend.access.rules import Role
from backend.custody import rules
from backend.custody.models import Container, Label, LabelApplied, LabelPrinted, LabelVerified, PaperFetched, Print
from backend.custody.reads.containers import text_of, values_of
from backend.custody.reads.labelling import against_paper, of_trial, printable, template_in, template_of
from backend.ledger import LabelCode, Now, Open, RecordCode, Refused, act, ask, refuse
from backend.trial.reads import folder_in_force_code
from labels.stocks import SHEETS
from labels.templates import LabelTemplate, needed

HANDS = {
    Role.TECHNICIAN, Role.QA, Role.ANALYST, Role.NURSE, Role.PHYSICIAN, Role.COORDINATOR, Role.PREPARER, Role.UNMASKED_QA,
}  # fmt: skip
SEALED = frozenset({"subject_name", "birth_date"})
SAMPLE_CODE = "LT7KDRNQMRSFG"  # stands for the label's own code while its text is measured: all codes are equally wide
Paper = Annotated[str, ask("Paper", hint="A sheet such as a4-24; empty means a label printer")]


def request_labels(now: Now, template: str, items: Sequence[tuple[str | None, Mapping[str, str]]]) -> list[Label]:
    """Labels are asked for: one for each (container, or None for a spare; values). They can be printed from now on.

    Values that container and trial folder know are filled in; the others must be given (`labels.fields` lists them). What cannot be
    printed whole is refused by the name of its field, and a second live label of a container is refused.
    """
    source = folder_in_force_code(now.session)
    paper = template_in(now.session, source, template)
    if found := sorted(SEALED & needed(paper)):
        raise Refused(f"The label “{template}” carries {' and '.join(found)}; names are not printed on labels here.")
    return [_request(now, source, paper, of, dict(values)) for of, values in items]


def _request(now: Now, source: str, paper: LabelTemplate, of: str | None, values: dict[str, str], replaces: Label | None = None) -> Label:
    container = now.get(Container, of, rules.NOT_A_CONTAINER) if of else None
    if container and container.chain != now.subject:
        raise Refused(f"{container.name} is another subject's; its label belongs in that subject's record.")
    known = of_trial(now.session, source, paper.stage) | (_of_container(container) if container else {})
    values = {"coi": now.subject or "", "evaluation_missing": "", "reactive_for": ""} | known | values
    values = {name: values[name] for name in sorted(needed(paper) - {"code", "printed_at"}) if name in values}
    printable((paper, values | {"code": SAMPLE_CODE, "printed_at": "2026-10-26 13:55 UTC+12:45"}))
    code = now.draw("L")
    return now.add(Label(
        code=code, of_code=of, batch_code=container.batch_code if container else None, template=paper.code, folder=source,
        values_text=text_of(values),
        replaces=replaces.code if replaces else None, at=now.at, by=now.by,
    ))  # fmt: skip


def _of_container(container: Container) -> dict[str, str]:
    known = {"container_code": container.code, "contents": container.name}
    if container.passage is not None:
        known["passage"] = f"P{container.passage}"
    return known | ({"batch": container.batch_code} if container.batch_code else {})


def void_labels_of(now: Now, code: str, why: str) -> list[Label]:
    """No label stands for this container any more; its live one is void and says why."""
    live = now.session.exec(select(Label).where(Label.of_code == code, col(Label.ended_at).is_(None))).all()
    for label in live:
        _end(now, label, "void", why)
    return list(live)


def apply_label(now: Now, code: str) -> Label:
    """The label is on its container. One that is void, spare, not printed, not scanned back or on it already is refused."""
    label = label_of(now, code)
    refuse(rules.against_applying(label, *_facts(now.session, code)))
    now.add(LabelApplied(label_code=code, at=now.at, by=now.by), label.chain)
    return label


def label_of(now: Now, code: str) -> Label:
    """The label with this code."""
    return now.get(Label, code, f"{code} is no label.")


def _facts(session: Session, code: str) -> tuple[bool, bool, bool]:
    """Printed, scanned back, applied."""
    return bool(session.get(LabelPrinted, code)), bool(session.get(LabelVerified, code)), bool(session.get(LabelApplied, code))


def _end(now: Now, label: Label, how: str, why: str) -> Label:
    label.ended_at, label.ended_by, label.ended_how, label.ended_why = now.at, now.by, how, why
    return label


def _ready(*wanted: bool | None) -> Callable[[Session, str], bool]:
    """For `ready=`: whether a label is printed, scanned back, applied as wanted (None: either way) and has not ended."""

    def ready(session: Session, code: str) -> bool:
        label = session.get(Label, code)
        facts = _facts(session, code)
        return bool(label and not label.ended_at) and all(w is None or w == fact for w, fact in zip(wanted, facts, strict=True))

    return ready


@act(
    "custody.print_labels", roles=HANDS, title="Print labels", tells="{by} printed the labels {label}.", page="/labels",
)  # fmt: skip
def print_labels(now: Now, label: list[LabelCode], sheet: Open[Paper] = "") -> Print:
    """These labels go to paper in one job, in this order. Printing again with the same key gives the same print and no second paper."""
    if sheet and sheet not in SHEETS:
        refuse(f"“{sheet}” is no sheet of labels; there are {', '.join(SHEETS)}.")
    rows = [label_of(now, code) for code in label]
    done = now.session.exec(select(LabelPrinted.label_code).where(col(LabelPrinted.label_code).in_(label))).all()
    refuse(rules.against_printing(rows, done, [template_of(now.session, row).stock for row in rows]))
    job = now.add(Print(code=now.draw("K"), sheet=sheet, at=now.at, by=now.by))
    for number, row in enumerate(rows, 1):
        now.add(LabelPrinted(label_code=row.code, print_code=job.code, place_on_sheet=number, at=now.at, by=now.by))
    return job


@act(
    "custody.fetch_paper", roles=HANDS, title="Fetch the paper of a print", tells="{by} fetched the paper of the print {print_code}.",
    page="/labels/{print_code}",
)  # fmt: skip
def fetch_paper(now: Now, print_code: RecordCode) -> PaperFetched:
    """The paper is given out to who printed it, once and for two minutes. What did not come out is reprinted under new codes."""
    now.get(Print, print_code, f"{print_code} is no print of labels.")
    refuse(against_paper(now.session, print_code, now.by, now.at, asking=True))
    return give_out(now, print_code)


def give_out(now: Now, code: str) -> PaperFetched:
    """The paper of this print job or wristband is given out; twice is refused."""
    if now.session.get(PaperFetched, code):
        refuse(PaperFetched.says["of_code"])
    return now.add(PaperFetched(of_code=code, at=now.at, by=now.by))


@act(
    "custody.verify_label", roles=HANDS, title="Scan the label back", tells="{by} scanned the label {label} back.",
    page="/labels/{print_code}",
)  # fmt: skip
def verify_label(now: Now, print_code: RecordCode, label: LabelCode) -> Label:
    """The printed label reads as it should. A label of another print is refused: it lies where it does not belong."""
    row = label_of(now, label)
    now.get(Print, print_code, f"{print_code} is no print of labels.")
    printed = now.session.get(LabelPrinted, label)
    if printed is None or printed.print_code != print_code:
        refuse("This label is not of this print. Stop; it must not lie here.")
    if row.ended_at:
        refuse(rules.against_label(row, True, True))
    if now.session.get(LabelVerified, label):
        refuse(LabelVerified.says["label_code"])
    now.add(LabelVerified(label_code=label, at=now.at, by=now.by), row.chain)
    return row


@act(
    "custody.apply_label", roles=HANDS, title="Put the label on its container", tells="{by} put the label {label} on its container.",
    offers=("L",), ready=_ready(True, True, False),
)  # fmt: skip
def apply_labels(now: Now, label: list[LabelCode]) -> list[Label]:
    """Each label is on its container."""
    return [apply_label(now, code) for code in label]


@act(
    "custody.void_label", roles=HANDS, title="Make the label void", reason="open", tells="{by} made the label {label} void.",
    offers=("L",), ready=_ready(None, None, None),
)  # fmt: skip
def void_label(now: Now, label: LabelCode) -> Label:
    """The label stands for nothing any more, wherever it is; scanning it stops whoever scans it."""
    row = label_of(now, label)
    refuse(rules.against_ending(row, "void", *_printed_applied(now.session, label)))
    return _end(now, row, "void", now.reason)


@act(
    "custody.reprint_label", roles=HANDS, title="Reprint the label", reason="open", signed="I ask for a new label in place of this one.",
    witness="I saw why this label must be replaced.", tells="{by} had the label {label} replaced.", offers=("L",),
    ready=_ready(True, None, None),
)  # fmt: skip
def reprint_label(now: Now, label: LabelCode) -> Label:
    """The old label is void at once and a new one with a code of its own is asked for, with the same text."""
    old = label_of(now, label)
    printed, applied = _printed_applied(now.session, label)
    refuse(rules.against_ending(old, "void", printed, applied))
    if not printed:
        refuse("This label was never printed, so there is nothing to print again.")
    _end(now, old, "void", f"Replaced: {now.reason}")
    now.session.flush()  # the old one must have ended before the new one is live
    source = old.folder
    values = values_of(old.values_text)
    return _request(now, source, template_of(now.session, old), old.of_code, values, old)


@act(
    "custody.destroy_label", roles=HANDS, title="Destroy labels", reason="open", signed="I destroyed these labels.",
    witness="I saw these labels destroyed.", tells="{by} destroyed the labels {label}.", offers=("L",), ready=_ready(True, None, False),
)  # fmt: skip
def destroy_label(now: Now, label: list[LabelCode]) -> list[Label]:
    """These labels exist no more. One that is on a container cannot be destroyed; it is made void."""
    rows = [label_of(now, code) for code in label]
    refuse(*(rules.against_ending(row, "destroyed", *_printed_applied(now.session, row.code)) for row in rows))
    return [_end(now, row, "destroyed", now.reason) for row in rows]


@act(
    "custody.keep_specimen", roles=HANDS, title="Keep the label as a specimen", tells="{by} kept the label {label} as a specimen: {where}.",
    offers=("L",), ready=_ready(True, None, False),
)  # fmt: skip
def keep_specimen(
    now: Now, label: LabelCode,
    where: Open[Annotated[str, StringConstraints(min_length=1, max_length=200), ask("Where it is filed", hint="Batch record, page 31")]],
) -> Label:  # fmt: skip
    """The label is in the paper record as a specimen and stands for nothing."""
    row = label_of(now, label)
    refuse(rules.against_ending(row, "specimen", *_printed_applied(now.session, label)))
    return _end(now, row, "specimen", f"Filed: {where}")


def _printed_applied(session: Session, code: str) -> tuple[bool, bool]:
    printed, _, applied = _facts(session, code)
    return printed, applied

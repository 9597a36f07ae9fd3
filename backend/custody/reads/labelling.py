"""Labels as people see them, their paper as bytes, and the sum that must come out even.

A print is made from recorded values alone: the same print gives the same bytes for as long as the record exists.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, case, col, select

from backend.access.reads import names_of
from backend.custody import rules
from backend.custody.models import Container, Label, LabelApplied, LabelPrinted, LabelVerified, PaperFetched, Print
from backend.custody.reads.containers import Frozen, counted, subject_number, subject_numbers, values_of
from backend.ledger import Ledger, Refused, each, gathered, rows_of
from backend.ledger.acts import founding
from backend.ledger.spelling import to_the_minute
from backend.settings import settings
from backend.trial import reads as trial
from labels import symbol
from labels.copies import against_fetching
from labels.fields import CannotPrint
from labels.fonts import load_fonts
from labels.layout import Filled, place
from labels.sheet import pdf
from labels.templates import LabelTemplate, fill


class LabelView(Frozen):
    """One label: what is on it, and how far it is in its life."""

    code: str
    of_code: str
    of_name: str
    path: str
    lines: tuple[str, ...]
    warnings: tuple[str, ...]
    state: str
    ended_why: str
    ended_by: str
    ended_at: datetime | None
    applied_at: datetime | None


class PrintView(Frozen):
    """One print job with its labels and the sum of what became of them."""

    code: str
    coi: str
    subject: str
    batch: str
    title: str
    at: datetime
    by: str
    verified_by: tuple[str, ...]
    labels: tuple[LabelView, ...]
    printed: int
    ended: dict[str, int]
    difference: int
    waiting: int
    fetched_at: datetime | None
    fetched_by: str
    may_be_sent: bool


class PrintLine(Frozen):
    """One print job in a list."""

    code: str
    coi: str
    subject: str
    title: str
    at: datetime
    by: str
    printed: int
    difference: int


def template_of(session: Session, label: Label) -> LabelTemplate:
    """The template that a label was asked for, as its trial folder had it."""
    return template_in(session, label.folder, label.template)


def template_in(session: Session, folder: str, code: str) -> LabelTemplate:
    """A template of a trial folder; without one of this code the sentence says which there are."""
    found = trial.folder(session, folder).labels.labels
    template = next((one for one in found if one.code == code), None)
    if template is None:
        raise Refused(f"The trial folder has no label “{code}”; it has {', '.join(one.code for one in found)}.")
    return template


def of_trial(session: Session, folder: str, stage: str) -> dict[str, str]:
    """What the trial folder says on a label of this stage: trial, product, contact, and how cold what is frozen is kept."""
    said = trial.folder(session, folder).trial
    known = {
        "trial": said.trial, "contact": said.contact.phone, "site": said.site, "product_name": said.product.name.en,
        "product_short": said.product.code,
    }  # fmt: skip
    return known | ({"storage": "Keep at −150 °C or below", "storage_short": "≤ −150 °C"} if stage in {"frozen", "box"} else {})


def is_demo(ledger: Ledger) -> bool:
    """Whether this record is a demonstration: its labels say so."""
    return bool((founding(ledger) or {}).get("demo"))


def all_filled(session: Session, labels: Sequence[Label], zone: ZoneInfo, demo: bool) -> list[Filled]:
    """Labels as they are printed, from their recorded values."""
    printed = rows_of(session, LabelPrinted, [row.code for row in labels])
    whens = [(printed[row.code].at if row.code in printed else row.at).astimezone(zone) for row in labels]
    return [
        fill(
            template_of(session, row), values_of(row.values_text) | {"code": row.code, "printed_at": to_the_minute(when)}, demo=demo,
        )
        for row, when in zip(labels, whens, strict=True)
    ]  # fmt: skip


def printable(*ways: tuple[LabelTemplate, Mapping[str, str]]) -> tuple[LabelTemplate, Mapping[str, str]]:
    """The first of these templates with their values that can be printed whole; if none can, the last is refused by its field."""
    said = ""
    for template, values in ways:
        try:
            place(fill(template, values, demo=True), load_fonts(settings().fonts))
        except CannotPrint as no:
            said = _named(no)
        else:
            return template, values
    raise Refused(said)


def _named(no: CannotPrint) -> str:
    return f"{no.field.replace('_', ' ').capitalize()}: {no.sentence}"


def live_label(session: Session, of_code: str) -> Label | None:
    """The one label that stands for this container now."""
    return session.exec(select(Label).where(Label.of_code == of_code, col(Label.ended_at).is_(None))).first()


def state_of(session: Session, label: Label) -> str:
    """Where a label is in its life: requested, printed, verified, applied, or how it ended."""
    return states_of(session, [label])[label.code]


def states_of(session: Session, labels: Sequence[Label]) -> dict[str, str]:
    """Where each of these labels is in its life, by its code."""
    return _states(session, [row.code for row in labels])


@each
def _states(session: Session, codes: list[str]) -> Mapping[str, str]:
    state = case(
        (col(Label.ended_how).is_not(None), col(Label.ended_how)), (col(LabelApplied.label_code).is_not(None), "applied"),
        (col(LabelVerified.label_code).is_not(None), "verified"), (col(LabelPrinted.label_code).is_not(None), "printed"),
        else_="requested",
    )  # fmt: skip
    rows = session.exec(
        select(Label.code, state).join(LabelPrinted, col(LabelPrinted.label_code) == Label.code, isouter=True)
        .join(LabelVerified, col(LabelVerified.label_code) == Label.code, isouter=True)
        .join(LabelApplied, col(LabelApplied.label_code) == Label.code, isouter=True).where(col(Label.code).in_(codes))
    )  # fmt: skip
    return dict(rows.all())


def label_view(session: Session, label: Label, zone: ZoneInfo, demo: bool) -> LabelView:
    """One label with its text, its symbol and its state."""
    return label_views(session, [label], zone, demo)[0]


def label_views(session: Session, labels: Sequence[Label], zone: ZoneInfo, demo: bool) -> list[LabelView]:
    """Labels with their text, their symbols and their states."""
    papers, states = all_filled(session, labels, zone, demo), states_of(session, labels)
    containers = rows_of(session, Container, [row.of_code for row in labels if row.of_code])
    applied = rows_of(session, LabelApplied, [row.code for row in labels])
    names = names_of(session, {row.ended_by for row in labels if row.ended_by})
    return [
        LabelView(
            code=row.code, of_code=row.of_code or "", of_name=containers[row.of_code].name if row.of_code in containers else "",
            path=symbol.svg_path(row.code), lines=tuple(line.whole for line in paper.lines),
            warnings=tuple(line.whole for line in paper.band) + (("DEMO",) if demo else ()), state=states[row.code],
            ended_why=row.ended_why or "", ended_by=names.get(row.ended_by, row.ended_by) if row.ended_by else "",
            ended_at=row.ended_at, applied_at=applied[row.code].at if row.code in applied else None,
        )
        for row, paper in zip(labels, papers, strict=True)
    ]  # fmt: skip


def labels_of_print(session: Session, print_code: str) -> Sequence[Label]:
    """The labels of a print in the order of the paper."""
    return labels_of_prints(session, [print_code]).get(print_code, [])


@each
def labels_of_prints(session: Session, print_codes: list[str]) -> Mapping[str, list[Label]]:
    """By print, its labels in the order of the paper."""
    return gathered(session.exec(
        select(LabelPrinted.print_code, Label).join(Label, col(Label.code) == LabelPrinted.label_code)
        .where(col(LabelPrinted.print_code).in_(print_codes)).order_by(col(LabelPrinted.place_on_sheet))
    ))  # fmt: skip


def print_view(ledger: Ledger, session: Session, print_code: str, zone: ZoneInfo) -> PrintView:
    """A print session: its labels as printed, and printed = applied + specimen + void + destroyed."""
    done = session.get_one(Print, print_code)
    rows = labels_of_print(session, print_code)
    demo = is_demo(ledger)
    views = tuple(label_views(session, rows, zone, demo))
    printed, ended, difference = rules.reconciled(Counter(v.state for v in views) | {"printed": len(views)})
    given = session.get(PaperFetched, print_code)
    people = session.exec(select(LabelVerified.by).where(col(LabelVerified.label_code).in_([r.code for r in rows])).distinct()).all()
    names = names_of(session, [done.by, *people])
    return PrintView(
        code=print_code, coi=done.chain, subject=subject_number(session, done.chain), title=template_of(session, rows[0]).title,
        batch=rows[0].batch_code or "",
        at=done.at, by=names[done.by], verified_by=tuple(sorted(names[p] for p in people)), labels=views, printed=printed, ended=ended,
        difference=difference, waiting=sum(v.state == "printed" for v in views), fetched_at=given.at if given else None,
        fetched_by=names[given.by] if given else "", may_be_sent=given is None and all(v.state == "printed" for v in views),
    )  # fmt: skip


def reconciliation(session: Session, batch_code: str, kind: str = "") -> tuple[int, dict[str, int], int]:
    """Of all labels of a batch, or of those of one kind of container: printed, what became of them, and the difference.

    A batch cannot close unless that is 0 (C4).
    """
    return reconciliations(session, [batch_code], kind)[batch_code]


def reconciliations(session: Session, batch_codes: list[str], kind: str = "") -> Mapping[str, tuple[int, dict[str, int], int]]:
    """By batch, the same."""
    printed = select(Label).join(LabelPrinted, col(LabelPrinted.label_code) == Label.code).where(col(Label.batch_code).in_(batch_codes))
    if kind:
        printed = printed.join(Container, col(Container.code) == Label.of_code).where(Container.kind == kind)
    labels = {code: list[Label]() for code in batch_codes} | gathered((row.batch_code or "", row) for row in session.exec(printed))
    states = states_of(session, [row for rows in labels.values() for row in rows])
    return {code: rules.reconciled(Counter(states[row.code] for row in rows) | {"printed": len(rows)}) for code, rows in labels.items()}


def prints(session: Session, page: int, coi: str = "", batch: str = "", size: int = 25) -> tuple[list[PrintLine], bool]:
    """One page of the print sessions, of a subject or with a label of a batch, newest first, and whether there are more."""
    query = select(Print).order_by(col(Print.at).desc(), col(Print.code))
    query = query.where(Print.chain == coi) if coi else query
    if batch:
        of_batch = select(LabelPrinted.print_code).join(Label, col(Label.code) == LabelPrinted.label_code).where(Label.batch_code == batch)
        query = query.where(col(Print.code).in_(of_batch))
    rows = session.exec(query.offset((page - 1) * size).limit(size + 1)).all()
    return _lines(session, rows[:size]), len(rows) > size


def _lines(session: Session, rows: Sequence[Print]) -> list[PrintLine]:
    names, numbers = names_of(session, {row.by for row in rows}), subject_numbers(session, {row.chain for row in rows})
    of = labels_of_prints(session, [row.code for row in rows])
    states = states_of(session, [label for labels in of.values() for label in labels])
    found = []
    for row in rows:
        labels = of[row.code]
        printed, _, difference = rules.reconciled(Counter(states[one.code] for one in labels) | {"printed": len(labels)})
        found.append(PrintLine(
            code=row.code, coi=row.chain, subject=numbers.get(row.chain, ""), title=template_of(session, labels[0]).title,
            at=row.at, by=names[row.by], printed=printed, difference=difference,
        ))  # fmt: skip
    return found


class Waiting(Frozen):
    """Labels that were asked for and are not printed, of one subject and one template."""

    coi: str
    subject: str
    template: str
    title: str
    labels: tuple[str, ...]
    since: datetime


def waiting(session: Session) -> list[Waiting]:
    """What is to be printed: the requested labels, one bundle for each subject and paper, vial 2 before vial 10."""
    return _waiting(session, _bundles(session))


def waiting_page(session: Session, page: int, size: int = 25) -> tuple[list[Waiting], int, bool]:
    """One page of the bundles that are to be printed, the number of all, and whether there are more."""
    bundles = _bundles(session)
    return _waiting(session, bundles[(page - 1) * size : page * size]), len(bundles), len(bundles) > page * size


def _bundles(session: Session) -> list[tuple[tuple[str, str, str], list[Label]]]:
    """The labels that were asked for and are not printed, by subject, trial folder and template, the oldest first."""
    rows = session.exec(
        select(Label, Container.name).join(LabelPrinted, col(LabelPrinted.label_code) == Label.code, isouter=True)
        .join(Container, col(Container.code) == Label.of_code, isouter=True)
        .where(col(LabelPrinted.label_code).is_(None), col(Label.ended_at).is_(None))
    ).all()  # fmt: skip
    bundles: dict[tuple[str, str, str], list[Label]] = {}
    for row, _ in sorted(rows, key=lambda one: (one[0].at, counted(one[1] or ""), one[0].code)):
        bundles.setdefault((row.chain, row.folder, row.template), []).append(row)
    return list(bundles.items())


def _waiting(session: Session, bundles: Sequence[tuple[tuple[str, str, str], list[Label]]]) -> list[Waiting]:
    numbers = subject_numbers(session, {chain for (chain, _, _), _ in bundles})
    return [
        Waiting(
            coi=chain, subject=numbers.get(chain, ""), template=template, title=template_in(session, folder, template).title,
            labels=tuple(row.code for row in found), since=found[0].at,
        )
        for (chain, folder, template), found in bundles
    ]  # fmt: skip


def against_paper(session: Session, print_code: str, person: str, at: datetime, *, asking: bool = False) -> Iterator[str]:
    """Every reason why this person is not given the paper of this print now; `asking` for it, when it was never given out."""
    since = given_out_at(session, print_code) or (at if asking else None)
    back = set(states_of(session, labels_of_print(session, print_code)).values()) != {"printed"}
    yield from against_fetching(session.get_one(Print, print_code).by, person, since, at, back=back, again=rules.REPRINT)


def given_out_at(session: Session, code: str) -> datetime | None:
    """When the paper of this print job or wristband was given out."""
    given = session.get(PaperFetched, code)
    return given.at if given else None


def print_pdf(ledger: Ledger, session: Session, print_code: str, zone: ZoneInfo) -> bytes:
    """The paper of a print. Whoever gives it out asks `against_paper` first."""
    demo = is_demo(ledger)
    sheet = session.get_one(Print, print_code).sheet
    return pdf(all_filled(session, labels_of_print(session, print_code), zone, demo), settings().fonts, sheet=sheet or None)


def one_label_pdf(ledger: Ledger, template: LabelTemplate, values: Mapping[str, str]) -> bytes:
    """The paper of something whose own code is on it: a place, a wristband, a badge."""
    try:
        return pdf([fill(template, values, demo=is_demo(ledger))], settings().fonts)
    except CannotPrint as no:
        raise Refused(_named(no)) from no


def labels_of(ledger: Ledger, session: Session, of_code: str, zone: ZoneInfo) -> list[LabelView]:
    """Every label that there ever was of this container, the newest first."""
    rows = session.exec(select(Label).where(Label.of_code == of_code).order_by(col(Label.at).desc())).all()
    demo = is_demo(ledger)
    return label_views(session, rows, zone, demo)

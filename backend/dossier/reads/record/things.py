"""What held the cells: containers with where they come from, their labels, where they stood, and whose hands they went through."""

from decimal import Decimal

from backend.batch.rules.saying import in_words, say
from backend.custody.models import (
    Amount,
    Container,
    ContainerParent,
    Exposed,
    HandedOver,
    Label,
    LabelApplied,
    LabelPrinted,
    LabelVerified,
    Occupancy,
    Received,
    UsedUp,
)
from backend.custody.reads.containers import counted
from backend.dossier import rules
from backend.dossier.reads.account import label_states
from backend.dossier.reads.record.parts import Cell, Facts, Section, cell
from backend.dossier.reads.record.scribe import Scribe
from backend.trial.rules import shown as rounded
from labels.codes import shown


def containers(s: Scribe) -> Section:
    """Every container of the subject: what it was made from, what it held last, and how it ended."""
    parents: dict[str, list[str]] = {}
    for row in s.rows.all(ContainerParent):
        parents.setdefault(row.child, []).append(row.parent)
    held = {row.container_code: row for row in s.rows.all(Amount)}
    used = {row.container_code: row for row in s.rows.all(UsedUp)}

    def holds(one: Container) -> str | None:
        row = held.get(one.code)
        said = [f"{say(row.volume_ml)} mL"] if row and row.volume_ml is not None else []
        said += [_cells(row.cells)] if row and row.cells is not None else []
        return ", ".join(said) or None

    def over(one: Container) -> Cell:
        row = used.get(one.code)
        return Cell(text=f"used up: {row.why}", small=s.by(row.by, row.at)) if row else cell("–")

    def sources(one: Container) -> Cell:
        made_from = sorted((s.containers[code] for code in parents.get(one.code, ())), key=lambda box: counted(box.name))
        return Cell(text=", ".join(box.name for box in made_from) or "–", small=", ".join(shown(box.code) for box in made_from))

    return Section(title="Containers and where they come from", blocks=(
        s.table(
            "Containers", s.rows.all(Container), ("Container", 34, lambda one: s.thing(one.code)),
            ("Made in", 14, lambda one: one.step or "–"),
            ("Made from", 36, sources), ("Held last", 28, holds), ("Made", 34, lambda one: s.by(one.by, one.at)), ("Ended", 34, over),
        ),
    ))  # fmt: skip


def _cells(cells: Decimal) -> str:
    words = in_words(cells)
    return f"{rounded(cells)} viable cells" + (f" ({words})" if words else "")


def labels(s: Scribe) -> Section:
    """Every label that was asked for, and the sum that must come out even (requirement C4)."""
    printed, ended, difference = rules.labels_sum(label_states(s.rows))
    facts = Facts(rows=(
        ("Printed", cell(str(printed))), *((how.capitalize(), cell(str(count))) for how, count in ended.items()),
        ("Difference", Cell(text=f"{difference}; it must be 0" if difference else "0", tone="stop" if difference else "go")),
    ))  # fmt: skip
    on_paper = {one.label_code: s.by(one.by, one.at) for one in s.rows.all(LabelPrinted)}
    back = {one.label_code: s.by(one.by, one.at) for one in s.rows.all(LabelVerified)}
    put_on = {one.label_code: s.by(one.by, one.at) for one in s.rows.all(LabelApplied)}

    def label(one: Label) -> Cell:
        return Cell(text=shown(one.code), small=one.template, tone="code")

    def on(one: Label) -> Cell:
        return s.thing(one.of_code) if one.of_code else cell("spare, on nothing")

    def over(one: Label) -> Cell:
        if one.ended_at is None:
            return cell("stands")
        return Cell(text=f"{one.ended_how}: {one.ended_why}", small=s.by(one.ended_by, one.ended_at))

    return Section(title="Labels", blocks=(
        facts,
        s.table(
            "", s.rows.all(Label), ("Label", 34, label), ("On", 30, on),
            ("Printed", 30, lambda one: on_paper.get(one.code)), ("Scanned back", 30, lambda one: back.get(one.code)),
            ("Put on", 30, lambda one: put_on.get(one.code)),
            ("Ended", 32, over),
        ),
    ))  # fmt: skip


def custody(s: Scribe) -> Section:
    """Where everything stood, how long it was out of the cold, and every hand-over from both sides."""
    received = {one.handed_over_code: one for one in s.rows.all(Received)}

    def given(one: HandedOver) -> Cell:
        return Cell(text=f"{one.condition}, {one.temperature_c} °C, seal {one.seal or '–'}", small=s.by(one.by, one.at))

    def got(one: HandedOver) -> Cell:
        row = received.get(one.code)
        if row is None:
            return Cell(text="not received", tone="stop")
        return Cell(text=f"{row.condition}, {row.temperature_c} °C, seal {row.seal or '–'}", small=s.by(row.by, row.at))

    return Section(title="Places and hand-overs", blocks=(
        s.table(
            "Places", s.rows.all(Occupancy), ("Container", 34, lambda one: s.thing(one.container_code)),
            ("Place", 56, lambda one: s.place(one.place_code)),
            ("Put there", 42, lambda one: s.pair(one.by, one.witness, one.at)),
            ("Taken away", 40, lambda one: s.by(one.ended_by, one.ended_at) if one.ended_at else "is there"),
        ),
        s.table(
            "Time out of the cold", s.rows.all(Exposed), ("Container", 44, lambda one: s.thing(one.container_code)),
            ("Seconds", 20, lambda one: str(one.seconds)), ("When it was", 30, lambda one: one.doing),
            ("By", 60, lambda one: s.by(one.by, one.at)),
        ),
        s.table(
            "Hand-overs", s.rows.all(HandedOver), ("Container", 34, lambda one: s.thing(one.container_code)),
            ("To", 28, lambda one: one.to), ("Given", 54, given), ("Received", 54, got),
        ),
    ))  # fmt: skip

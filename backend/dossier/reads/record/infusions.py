"""From the opened route to the cleared subject: orders, preparation, doses, and what went into the subject.

What tells an arm is sealed in the rows; the masked edition says “masked” in its place, in the same tables with the same rows.
"""

from backend.bedside.models import Checked, Confirmed, Finished, NothingGiven
from backend.dose.models import (
    Administration,
    Cleared,
    Dose,
    DoseDecision,
    DoseDeviation,
    DoseFilled,
    DoseHoldLifted,
    DoseScan,
    DoseVial,
    Order,
    PrepCorrected,
    PrepMatched,
    PrepMismatched,
    PrepReading,
    RouteOpened,
    Thawed,
)
from backend.dose.rules.naming import called
from backend.dossier.reads.account import dose_fates
from backend.dossier.reads.record.making import scans_table
from backend.dossier.reads.record.parts import Block, Cell, Facts, Heading, Section, Sentences, Table, cell
from backend.dossier.reads.record.scribe import Scribe
from backend.dossier.reads.rows import Chapter
from backend.dossier.rules import ADMINISTERED
from backend.masking.models import Assigned
from backend.quality.models import Hold
from labels.codes import shown

COVERED = Cell(text="covered until two people have read the same", tone="masked")
STOP, GIVE = Cell(text="STOP", tone="stop"), Cell(text="GIVE", tone="go")


def routes_and_orders(s: Scribe) -> Section:
    """The opened route, the assigned arm (sealed), and every order with what became of it."""
    rows = s.rows
    arms = {one.coi: one for one in rows.all(Assigned)}

    def over(one: Order) -> Cell | None:
        return Cell(text=one.ended_why or "ended", small=s.by(one.ended_by, one.ended_at)) if one.ended_at else None

    def arm(one: RouteOpened) -> Cell:
        assigned = arms.get(one.coi)
        return s.opened(assigned.arm) if assigned else cell("not assigned")

    return Section(title="Route and orders", blocks=(
        s.table("Route", rows.all(RouteOpened), ("Route", 20, lambda one: one.route), ("Arm", 30, arm),
                ("Opened", 70, lambda one: s.pair(one.by, one.witness, one.at)),
                empty="The route is not opened."),
        s.table("Orders", rows.all(Order), ("Infusion", 26, lambda one: Cell(text=str(one.infusion), small=shown(one.code))),
                ("Route", 12, lambda one: one.route), ("Planned for", 28, lambda one: s.minute(one.planned_at)),
                ("Weight", 26, lambda one: Cell(text=f"{one.weight_kg} kg", small=f"weighed on {one.weighed_on}")),
                ("Temperature", 20, lambda one: f"{one.temperature_c} °C"), ("Infection", 22, lambda one: one.infection),
                ("Ordered", 34, lambda one: s.by(one.by, one.at)), ("Ended", 30, over)),
        s.signatures([*(rows.made_by(RouteOpened, one.coi) for one in rows.all(RouteOpened)),
                      *(rows.made_by(Order, one.code) for one in rows.all(Order))]),
    ))  # fmt: skip


def doses(s: Scribe) -> Section:
    """Every dose from its opening to its end."""
    blocks: list[Block] = []
    for dose in s.rows.all(Dose):
        blocks += [Heading(number="", text=f"Dose of infusion {dose.infusion}", level=2, note=shown(dose.code))]
        blocks += [*_prepared(s, dose), *_decided(s, dose), *_at_the_bedside(s, dose)]
    blocks.append(s.table(
        "Checks at the bedside", s.rows.all(Checked), ("Answer", 14, lambda one: STOP if one.stops else GIVE),
        ("Reasons to stop", 60, lambda one: " ".join(one.stops.splitlines()) or "–"), ("Access stated", 30, lambda one: one.access),
        ("Wristband and dose as scanned", 40, lambda one: Cell(text=one.wristband or "–", small=one.dose or "–")),
        ("By", 36, lambda one: s.by(one.by, one.at)),
    ))  # fmt: skip
    blocks.append(s.table(
        "Clearance", s.rows.all(Cleared), ("After infusion", 24, lambda one: str(one.infusion)), ("Found", 80, lambda one: one.found),
        ("Cleared", 50, lambda one: s.by(one.by, one.at)),
    ))  # fmt: skip
    return Section(title="Doses and infusions", blocks=tuple(blocks))


def _prepared(s: Scribe, dose: Dose) -> list[Block]:
    rows = s.rows
    filled = next((one for one in rows.all(DoseFilled) if one.dose_code == dose.code), None)
    facts: list[tuple[str, Cell]] = [("Order", s.code(dose.order_code)), ("Opened by", cell(s.by(dose.by, dose.at)))]
    if filled:
        facts += [
            ("Syringe", s.thing(filled.container_code)), ("Volume on the label", cell(f"{filled.label_ml} mL")),
            ("Cells may go in until", cell(s.minute(filled.expires_at))),
            ("Filled", cell(s.pair(filled.by, filled.second, filled.at))),
        ]  # fmt: skip
    aside = [one for one in rows.all(DoseVial) if one.dose_code == dose.code]
    thawed = [one for one in rows.all(Thawed) if one.dose_code == dose.code]
    missed = [one for one in rows.all(PrepMismatched) if one.dose_code == dose.code]
    blocks: list[Block] = [
        Facts(rows=tuple(facts)),
        s.table("Vials set aside", aside, ("Vial", 50, lambda one: s.thing(one.container_code)),
                ("By", 60, lambda one: s.by(one.by, one.at)),
                ("Ended", 50, lambda one: s.by(one.ended_by, one.ended_at) if one.ended_at else None)),
        s.table("Vials thawed", thawed, ("Vial", 44, lambda one: s.thing(one.container_code)),
                ("Begun", 36, lambda one: s.minute(one.started_at)),
                ("Seconds", 24, lambda one: s.opened(one.seconds)),
                ("By", 56, lambda one: s.pair(one.by, one.witness, one.at))),
        *_scanned(s, dose), _preparation(s, dose), *_worked(s, dose),
    ]  # fmt: skip
    if missed:
        lines = tuple(
            Cell(text=f"The two readings of {one.step} did not match.", small=s.by(one.by, one.at), tone="warn") for one in missed
        )
        blocks.append(Sentences(title="Readings that did not match", lines=lines))
    return blocks + _corrected(s, dose)


def _scanned(s: Scribe, dose: Dose) -> list[Block]:
    """The lots and equipment of the steps; one that was taken out again says so."""
    found = [one for one in s.rows.all(DoseScan) if one.dose_code == dose.code]
    return [scans_table(s, "Lots and equipment of the preparation", found, ("Step", lambda one: one.step))] if found else []


def _corrected(s: Scribe, dose: Dose) -> list[Block]:
    """Which steps were corrected, by whom and why; and how the hold of it was lifted (decision F2)."""
    rows = s.rows
    found = [one for one in rows.all(PrepCorrected) if one.dose_code == dose.code]
    lifted = [one for one in rows.all(DoseHoldLifted) if one.dose_code == dose.code]
    again = {(one.dose_code, one.step) for one in rows.all(PrepMatched) if one.ended_at is None}
    held = {one.code: one for one in rows.all(Hold)}
    blocks: list[Block] = []
    if found:
        blocks.append(s.table("Corrections of the preparation", found, ("Step", 30, lambda one: one.step),
                              ("Why", 80, lambda one: s.opened(one.why) if (dose.code, one.step) in again or dose.ended_at else COVERED),
                              ("Corrected", 60, lambda one: s.by(one.by, one.at))))  # fmt: skip
    if lifted:
        blocks.append(s.table("Holds of corrections that were lifted", lifted, ("Hold", 40, lambda one: s.code(one.hold_code)),
                              ("Why it was lifted", 70, lambda one: s.opened(one.why)),
                              ("Lifted", 60, lambda one: s.by(held[one.hold_code].ended_by, one.at))))  # fmt: skip
    return blocks


def _preparation(s: Scribe, dose: Dose) -> Table:
    """Every value of the preparation in both seats; the ones before stand beside the one in force, and say what superseded them.

    What two people have not matched yet is covered, in the full edition too (decision W3).
    """
    matched = [one for one in s.rows.all(PrepMatched) if one.dose_code == dose.code]
    ended, done = {(one.step, one.number) for one in matched if one.ended_at}, {one.step: one.number for one in matched if not one.ended_at}
    found: dict[tuple[str, str], dict[str, list[PrepReading]]] = {}
    for one in sorted((row for row in s.rows.all(PrepReading) if row.dose_code == dose.code), key=lambda row: row.number):
        found.setdefault((one.step, one.field), {}).setdefault(one.seat, []).append(one)

    def superseded(old: PrepReading) -> str:
        return "superseded by a correction" if (old.step, old.number) in ended else "read again"

    def value(one: PrepReading) -> Cell:
        before = max((number for step, number in ended if step == one.step), default=0)
        return COVERED if not dose.ended_at and one.step not in done and one.number > before else s.opened(one.value)

    def read(many: list[PrepReading]) -> Cell:
        if not many:
            return cell(None)
        was = tuple((value(old).text, f"{superseded(old)} ({s.by(old.by, old.at)})") for old in many[:-1])
        last = many[-1]
        if (last.step, last.number) in ended and last.step not in done:  # nobody has read it again yet
            gone = (s.opened(last.value).text, f"{superseded(last)} ({s.by(last.by, last.at)})")
            return Cell(text="to be read again", was=(*was, gone), tone="warn")
        return value(last).model_copy(update={"was": was, "small": s.by(last.by, last.at)})

    rows = tuple(
        (cell(step), _called(name), read(seats.get("first", [])), read(seats.get("second", [])))
        for (step, name), seats in found.items()
    )
    return Table(
        title="Preparation as it was read", heads=("Step", "What", "First person", "Second person"), widths=(22, 34, 50, 50), rows=rows
    )


def _called(name: str) -> Cell:
    title, unit = called(name)
    return Cell(text=title, small=unit)


def _said(line: str) -> str:
    """`name=value` as people read it, unrounded; what is masked or erased stays as it is said."""
    name, equals, value = line.partition("=")
    title, unit = called(name)
    return f"{title}: {value} {unit}".rstrip() if equals else line


def _worked(s: Scribe, dose: Dose) -> list[Block]:
    blocks: list[Block] = []
    for one in s.rows.all(PrepMatched):
        if one.dose_code != dose.code:
            continue
        opened, over = s.opened(one.worked), f"; superseded, {s.at(one.ended_at)}" if one.ended_at else ""
        lines = tuple(Cell(text=_said(line), tone=opened.tone) for line in opened.text.splitlines() or ["–"])
        blocks.append(
            Sentences(title=f"Worked out after {one.step} ({s.name(one.first)}, {s.name(one.second)}, {s.at(one.at)}{over})", lines=lines)
        )
    return blocks


def _decided(s: Scribe, dose: Dose) -> list[Block]:
    rows = s.rows
    wrong = [one for one in rows.all(DoseDeviation) if one.dose_code == dose.code]
    decided = [one for one in rows.all(DoseDecision) if one.dose_code == dose.code]
    blocks: list[Block] = []
    if wrong:
        blocks.append(s.table("Deviations of the dose", wrong, ("Deviation", 40, lambda one: s.code(one.deviation_code)),
                              ("What it says", 90, lambda one: s.opened(one.sentence)),
                              ("Opened", 40, lambda one: s.at(one.at))))  # fmt: skip
    for one in decided:
        conforms = one.decision == "released"
        blocks.append(Facts(rows=(
            ("Conforms to its assigned specification", Cell(text="yes" if conforms else "no", tone="go" if conforms else "stop")),
            ("Decision", cell(one.decision)), ("Reason", s.opened(one.why)), ("Decided", cell(s.by(one.by, one.at))),
        )))  # fmt: skip
    return blocks


def _at_the_bedside(s: Scribe, dose: Dose) -> list[Block]:
    rows = s.rows
    given = [one for one in rows.all(Administration) if one.dose_code == dose.code]
    facts: list[tuple[str, Cell]] = []
    for one in given:
        facts += _given(s, one)
    fate = dose_fates(rows).get(dose.code)
    if fate:
        facts.append(
            (
                "Disposition of the dose",
                Cell(text=fate.how, small=f"{fate.why} {fate.detail}".strip(), tone="go" if fate.how == ADMINISTERED else ""),
            )
        )
    else:
        facts.append(("Disposition of the dose", Cell(text="none yet", tone="warn")))
    return [Facts(rows=tuple(facts)), s.signatures(_entries_of(s, dose, [one.code for one in given]))]


def _entries_of(s: Scribe, dose: Dose, given: list[str]) -> list[Chapter]:
    """The entries that made this dose what it is, in order."""
    rows, code = s.rows, dose.code
    found = [rows.made_by(Dose, code), rows.made_by(DoseFilled, code), rows.made_by(DoseDecision, code)]
    found += [rows.made_by(Thawed, one.container_code) for one in rows.all(Thawed) if one.dose_code == code]
    found += [rows.made_by(PrepMatched, one.code) for one in rows.all(PrepMatched) if one.dose_code == code]
    found += [rows.made_by(PrepCorrected, one.code) for one in rows.all(PrepCorrected) if one.dose_code == code]
    found += [rows.made_by(DoseHoldLifted, one.hold_code) for one in rows.all(DoseHoldLifted) if one.dose_code == code]
    found += [rows.made_by(Confirmed, one.code) for one in rows.all(Confirmed) if one.dose_code == code]
    for kind in (Administration, Finished, NothingGiven):
        found += [rows.made_by(kind, one) for one in given]
    return sorted({one.seq: one for one in found if one}.values(), key=lambda one: one.seq)


def _given(s: Scribe, one: Administration) -> list[tuple[str, Cell]]:
    rows = s.rows
    facts: list[tuple[str, Cell]] = [
        ("Given from", cell(f"{s.minute(one.started_at)}, by {s.name(one.by)}; second person {s.name(one.second)}")),
        ("Access, wristband", Cell(text=one.access, small=shown(one.wristband_code))),
    ]  # fmt: skip
    for end in (row for row in rows.all(Finished) if row.administration_code == one.code):
        stopped = f"stopped: {end.stopped_because}" if end.stopped_because else "to its end"
        facts += [
            ("Ended", cell(f"{s.minute(end.ended_infusion_at)}, {stopped}")),
            ("Went in, left", cell(f"{end.given_ml} mL went in, {end.left_ml} mL are left")), ("Adverse events", cell(end.events)),
        ]  # fmt: skip
    for none in (row for row in rows.all(NothingGiven) if row.administration_code == one.code):
        facts.append(
            (
                "Nothing was given",
                Cell(text=f"{none.left_ml} mL are left. {none.loss}", small=s.pair(none.by, none.witness, none.at)),
            )
        )
    if one.annulled_at:
        facts.append(("Annulled", cell(s.pair(one.annulled_by, one.annulled_witness, one.annulled_at))))
    return facts

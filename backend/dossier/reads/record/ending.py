"""What went wrong and what was decided, what became of everything, who signed, and what the program refused."""

from collections.abc import Iterable

from backend.batch.models import StepVerified
from backend.dossier import rules
from backend.dossier.models import Closed
from backend.dossier.reads.account import fates_of, label_states, vials_of
from backend.dossier.reads.record.parts import Cell, Facts, Section, Table, cell
from backend.dossier.reads.record.scribe import Scribe
from backend.dossier.reads.rows import Chapter
from backend.ledger import REGISTRY
from backend.ledger.spelling import instant
from backend.quality.models import CheckClosed, Deviation, DeviationDecided, DeviationDescribed, Hold, HoldSeen
from labels.codes import shown


def quality(s: Scribe) -> Section:
    """Every deviation with what was found out and decided, and every hold."""
    rows = s.rows
    described: dict[str, list[DeviationDescribed]] = {}
    for one in rows.all(DeviationDescribed):
        described.setdefault(one.deviation_code, []).append(one)
    decided, closed = {one.deviation_code: one for one in rows.all(DeviationDecided)}, {one.check_code for one in rows.all(CheckClosed)}

    def said(one: Deviation) -> Cell:
        open_check = one.covered_for is not None and one.covered_for not in closed
        text = "covered until the second person has read" if open_check else one.sentence
        return Cell(text=text, small=f"{shown(one.code)}, {s.by(one.by, one.at)}", tone="masked" if open_check else "")

    def found(one: Deviation) -> Cell:
        texts = [f"Cause: {d.cause} Impact: {d.impact} Action: {d.action} ({s.by(d.by, d.at)})" for d in described.get(one.code, ())]
        return cell("\n".join(texts) or None)

    def decision(one: Deviation) -> Cell:
        row = decided.get(one.code)
        if row is None:
            return Cell(text="not decided", tone="warn")
        return Cell(
            text=f"{'accepted' if row.accepted else 'rejected'}: {row.why}",
            small=s.by(row.by, row.at),
            tone="go" if row.accepted else "stop",
        )

    signed = [s.signatures((rows.made_by(DeviationDecided, code) for code in decided), "Signatures of decisions")] if decided else []
    return Section(title="Deviations and holds", blocks=(
        s.table("Deviations", rows.all(Deviation), ("Deviation", 58, said), ("Grade", 18, lambda one: one.grade),
                ("Of", 36, lambda one: s.thing(one.about)), ("What was found out", 48, found), ("Decision", 40, decision)),
        *signed, _holds(s),
    ))  # fmt: skip


def _holds(s: Scribe) -> Table:
    seen: dict[str, list[str]] = {}
    for known in s.rows.all(HoldSeen):
        seen.setdefault(known.hold_code, []).append(s.name(known.by))

    def lifted(one: Hold) -> Cell:
        return Cell(text=one.ended_why or "", small=s.by(one.ended_by, one.ended_at)) if one.ended_at else Cell(text="stands", tone="stop")

    return s.table(
        "Holds", s.rows.all(Hold), ("Hold", 56, lambda one: Cell(text=one.why, small=f"{shown(one.code)}, {s.by(one.by, one.at)}")),
        ("Of", 36, lambda one: s.thing(one.about)), ("Known to", 30, lambda one: ", ".join(seen.get(one.code, ())) or None),
        ("Lifted", 48, lifted),
    )  # fmt: skip


def account(s: Scribe) -> Section:
    """The final account: what became of every vial, the sums, and the closing."""
    fates, vials, closed = fates_of(s.rows), vials_of(s.rows), s.rows.all(Closed)
    total = rules.balance([one.code for one in vials], fates)
    printed, ended, difference = rules.labels_sum(label_states(s.rows))
    parts = [f"{count} {how}" for how, count in total.fates.items() if count] + (
        [f"{total.stock} in stock"] if total.stock or not total.filled else []
    )
    facts = Facts(rows=(
        ("Vials", Cell(text=f"{total.filled} filled = {' + '.join(parts)}", tone="go" if not total.difference else "stop")),
        ("Labels", Cell(text=f"{printed} printed = {' + '.join(f'{count} {how}' for how, count in ended.items())}"
                        + (f"; {difference} not accounted for" if difference else ""), tone="stop" if difference else "go")),
        ("Closed", cell(f"{s.pair(closed[0].by, closed[0].witness, closed[0].at)}: {closed[0].why}" if closed else "not closed")),
    ))  # fmt: skip
    others = [code for code in s.containers if code in fates and code not in {one.code for one in vials}]

    def row(code: str) -> tuple[Cell, ...]:
        fate = fates.get(code)
        if fate is None:
            return s.thing(code), Cell(text="in stock", tone="warn"), cell("–"), cell("–")
        return s.thing(code), cell(fate.how), Cell(text=fate.why, small=fate.detail), cell(s.pair(fate.by, fate.witness, fate.at))

    table = Table(
        title="Dispositions", heads=("Vial or dose", "Disposition", "Why", "By"), widths=(40, 26, 60, 50),
        rows=tuple(row(code) for code in (*(one.code for one in vials), *others)), empty="No vial was filled.",
    )  # fmt: skip
    signed = [s.signatures((s.rows.made_by(Closed, one.coi) for one in closed), "Signatures of the closing")] if closed else []
    return Section(title="Final account", blocks=(facts, table, *signed))


def signatures(s: Scribe) -> Section:
    """Every signature on this subject's chain, in order."""
    signed = [one for one in s.rows.chapters if one.signed]
    named = Table(
        title="What each entry is", heads=("Entry", "Act", "By", "Time", "Hash of the entry"), widths=(12, 56, 34, 36, 44),
        rows=tuple(
            (cell(str(one.seq)), cell(_title(one)), cell(s.name(one.body["by"])), cell(s.at(instant(one.body["at"]))),
             Cell(text=one.hash[:20], tone="code"))
            for one in signed
        ),
    )  # fmt: skip
    return Section(title="All signatures", blocks=(s.signatures(signed, ""), named))


def _title(chapter: Chapter) -> str:
    act = REGISTRY.get(chapter.body["act"])
    return act.title if act else str(chapter.body["act"])


def refusals(s: Scribe) -> Section:
    """What the program refused and why: an inspector must be able to see what it prevented."""
    turned = [one for one in s.rows.chapters if one.body["refused"]]
    rows = tuple(
        (cell(str(one.seq)), cell(_title(one)), _reasons(s, one),
         Cell(text=s.name(one.body["by"]), small=f"{s.roles(one.body['by'], instant(one.body['at']))}, {s.at(instant(one.body['at']))}"))
        for one in turned
    )  # fmt: skip
    return Section(title="What was refused", blocks=(
        Table(title="", heads=("Entry", "What was asked for", "Why it was refused", "By"), widths=(12, 40, 86, 44), rows=rows,
              empty="Nothing was refused."),
    ))  # fmt: skip


def _reasons(s: Scribe, chapter: Chapter) -> Cell:
    """Every reason; what a check covered when the chain ended here stays covered, and a sealed wording opens in the full edition alone."""
    if _covered(s, chapter):
        return Cell(text="covered until the second person has read", tone="masked")
    sealed: Iterable[str] = chapter.body.get("sealed", ())
    opened = [one.text for one in map(s.opened, sealed) if one.tone != "masked"]
    return cell("\n".join([*chapter.body["refused"], *opened]))


def _covered(s: Scribe, chapter: Chapter) -> bool:
    """Whether the act covers its values and nobody had verified that step between this entry and the head that is shown (decision W3)."""
    act, inputs, at = REGISTRY.get(chapter.body["act"]), chapter.body["inputs"], instant(chapter.body["at"])
    if act is None or act.covers is None:
        return False
    step = next((one for one in s.folder.master.steps() if one.code == inputs.get("step")), None)
    if step is not None and not step.checked:
        return False
    return not any(
        one.batch_code == inputs.get("batch")
        and one.step == inputs.get("step")
        and one.passage == (inputs.get("passage") or "")
        and one.at >= at
        for one in s.rows.all(StepVerified)
    )

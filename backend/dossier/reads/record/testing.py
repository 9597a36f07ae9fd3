"""Samples with what they were tested for and by which limit, every result as it was typed, and what QA decided about the bank."""

from backend.batch.models import Batch, BatchDecision, SampleTaken, SampleTest
from backend.dossier.reads.record.parts import Block, Cell, Facts, Heading, Section, Tone, cell
from backend.dossier.reads.record.scribe import Scribe
from backend.testing.models import Result, ResultDeviation, ResultReviewed, SampleReceived
from labels.codes import shown

VERDICTS: dict[str, tuple[str, Tone]] = {
    "in": ("in limits", "go"), "out": ("out of limits", "stop"), "inconclusive": ("inconclusive", "warn"), "reported": ("reported", ""),
}  # fmt: skip


def tests(s: Scribe) -> Section:
    """Every sample, every test of it, and all results: the newest counts, the others stay."""
    rows = s.rows
    received = {one.container_code: one for one in rows.all(SampleReceived)}

    def came(one: SampleTaken) -> Cell | None:
        row = received.get(one.container_code)
        return Cell(text=row.condition, small=s.by(row.by, row.at)) if row else None

    def limit(one: SampleTest) -> str:
        return f"{' or '.join(one.limit.splitlines())} {one.unit}".strip() if one.limit else "reported, not judged"

    return Section(title="Samples, tests and results", blocks=(
        s.table("Samples", rows.all(SampleTaken), ("Sample", 38, lambda one: s.thing(one.container_code)),
                ("Taken in", 18, lambda one: f"{one.passage} {one.step}".strip() or "–"), ("Amount", 16, lambda one: f"{one.amount_ml} mL"),
                ("Taken", 42, lambda one: s.by(one.by, one.at)), ("Received by the analyst", 48, came)),
        s.table("Tests that were asked for", rows.all(SampleTest), ("Sample", 36, lambda one: s.thing(one.container_code)),
                ("Test", 36, lambda one: Cell(text=one.title, small=one.method)), ("Stage", 20, lambda one: one.stage),
                ("Limit", 36, limit), ("Set aside", 16, lambda one: one.override), ("Reads out", 26, lambda one: s.minute(one.due_at))),
        _results(s),
        s.signatures([*(rows.made_by(Result, one.code) for one in rows.all(Result)),
                      *(rows.made_by(ResultReviewed, one.result_code) for one in rows.all(ResultReviewed))],
                     "Signatures of analysts"),
    ))  # fmt: skip


def _results(s: Scribe) -> Block:
    rows = s.rows
    reviewed = {one.result_code: one for one in rows.all(ResultReviewed)}
    deviations = {one.result_code: one.deviation_code for one in rows.all(ResultDeviation)}
    newest: dict[tuple[str, str], int] = {}
    for one in rows.all(Result):
        newest[one.container_code, one.test] = max(one.number, newest.get((one.container_code, one.test), 0))

    def value(one: Result) -> Cell:
        over = one.number < newest[one.container_code, one.test]
        kind = f"{one.kind} result{', superseded' if over else ''}"
        return Cell(text=f"{one.value} {one.unit}".strip(), small=f"{kind}. {one.why}".strip(), tone="quiet" if over else "")

    def judged(one: Result) -> Cell:
        word, tone = VERDICTS.get(one.verdict, (one.verdict, ""))
        opened = f"deviation {shown(deviations[one.code])}" if one.code in deviations else ""
        return Cell(text=f"{word}: {one.sentence}" if one.sentence else word, small=opened, tone=tone)

    def review(one: Result) -> Cell:
        row = reviewed.get(one.code)
        return cell(s.by(row.by, row.at)) if row else Cell(text="not reviewed", tone="warn")

    return s.table(
        "Results", rows.all(Result),
        ("Test", 30, lambda one: Cell(text=one.test, small=one.method)), ("Sample", 30, lambda one: s.thing(one.container_code)),
        ("Result", 32, value), ("Judged", 32, judged), ("Recorded", 28, lambda one: s.by(one.by, one.at)), ("Reviewed", 28, review),
    )  # fmt: skip


def release(s: Scribe) -> Section:
    """What QA decided about each batch."""
    blocks: list[Block] = []
    decided = {one.batch_code: one for one in s.rows.all(BatchDecision)}
    for batch in s.rows.all(Batch):
        row = decided.get(batch.code)
        blocks.append(Heading(number="", text=f"Batch {shown(batch.code)}"))
        if row is None:
            blocks.append(Facts(rows=(("Decision", Cell(text="not decided", tone="warn")),)))
            continue
        facts: tuple[tuple[str, Cell], ...] = (
            ("Decision", Cell(text=row.decision, tone="go" if row.decision == "released" else "stop")),
            ("Reason", cell(row.why)), ("Decided", cell(s.by(row.by, row.at))),
        )  # fmt: skip
        blocks += [Facts(rows=facts), s.signatures([s.rows.made_by(BatchDecision, batch.code)])]
    return Section(title="Release of the bank", blocks=tuple(blocks) or (s.table("", (), empty="No batch was opened."),))

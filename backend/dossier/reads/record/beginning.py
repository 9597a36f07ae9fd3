"""Who the subject is by number, why they may take part, and how their marrow was taken and came to the laboratory."""

from backend.collection.models import Collected, Collection, Packed, Received
from backend.dossier.reads.record.parts import Block, Cell, Facts, Heading, Section, cell
from backend.dossier.reads.record.scribe import Scribe
from backend.masking.models import Unmasked
from backend.subject.models import (
    Bound,
    Consent,
    EligibilityAnswer,
    ReferenceSample,
    Serology,
    Subject,
    Withdrawn,
    Wristband,
    WristbandPrinted,
    WristbandVerified,
)
from labels.codes import shown


def subject(s: Scribe) -> Section:
    """Enrolment, consent, serology, reference samples, the binding, wristbands. Names are sealed and stand in no edition."""
    rows = s.rows
    row = rows.all(Subject)[0]
    asked = {one.code: one.ask for one in s.folder.trial.eligibility}
    bound, gone = rows.all(Bound), rows.all(Withdrawn)
    facts: list[tuple[str, Cell]] = [
        ("Subject number", cell(row.number)),
        ("Chain of identity", s.code(row.code)),
        (
            "Name, date of birth, record number",
            Cell(text="sealed with the identity; they stand in no edition of this document", tone="quiet"),
        ),
        ("Enrolled", cell(s.by(row.by, row.at))),
        (
            "Bound to the chain of identity",
            cell(s.pair(bound[0].by, bound[0].witness, bound[0].at) if bound else None),
        ),
        ("Withdrawn", cell(s.by(gone[0].by, gone[0].at) if gone else "no")),
    ]
    return Section(title="The subject", blocks=(
        Facts(rows=tuple(facts)),
        s.table("Eligibility", rows.all(EligibilityAnswer), ("Question", 70, lambda one: asked.get(one.criterion, one.criterion)),
                ("Criterion", 20, lambda one: one.criterion), ("Answer", 24, lambda one: one.answer),
                ("Corrected", 60, lambda one: Cell(text=one.why, small=s.by(one.by, one.at)) if one.number > 1 else cell(None))),
        s.table("Consent", rows.all(Consent), ("Form", 24, lambda one: one.form), ("Protocol", 18, lambda one: one.protocol),
                ("Given by", 22, lambda one: one.given_by), ("Given on", 22, lambda one: str(one.given_on)),
                ("Recorded", 50, lambda one: s.by(one.by, one.at))),
        s.table("Serology", rows.all(Serology), ("Analyte", 20, lambda one: one.analyte), ("Result", 24, lambda one: one.outcome),
                ("Assay", 20, lambda one: one.assay), ("Laboratory", 30, lambda one: Cell(text=one.laboratory, small=one.reference)),
                ("Sampled on", 20, lambda one: str(one.sampled_on)), ("Recorded", 44, lambda one: s.by(one.by, one.at))),
        s.table("Reference samples", rows.all(ReferenceSample), ("Sample", 36, lambda one: s.thing(one.container_code)),
                ("Material", 24, lambda one: one.material), ("Taken", 34, lambda one: s.minute(one.taken_at)),
                ("Recorded", 56, lambda one: s.pair(one.by, one.witness, one.at))),
        _wristbands(s),
        s.signatures([rows.made_by(Subject, row.code), *(rows.made_by(EligibilityAnswer, one.subject_code, one.criterion, one.number)
                                                        for one in rows.all(EligibilityAnswer) if one.number > 1),
                      *(rows.made_by(Consent, one.code) for one in rows.all(Consent)[1:]),
                      *(rows.made_by(ReferenceSample, one.container_code) for one in rows.all(ReferenceSample)),
                      *(rows.made_by(Bound, one.subject_code) for one in bound),
                      *(rows.made_by(Withdrawn, one.subject_code) for one in gone)]),
        s.table("Emergency unmasking", rows.all(Unmasked), ("Shown to", 34, lambda one: s.by(one.by, one.at)),
                ("Reason", 40, lambda one: one.reason), ("What was told", 60, lambda one: s.opened(one.told))),
    ))  # fmt: skip


def _wristbands(s: Scribe) -> Block:
    printed = {one.wristband_code: one for one in s.rows.all(WristbandPrinted)}
    back = {one.wristband_code: one for one in s.rows.all(WristbandVerified)}

    def when(one: WristbandPrinted | WristbandVerified | None) -> str | None:
        return s.by(one.by, one.at) if one else None

    return s.table(
        "Wristbands", s.rows.all(Wristband), ("Wristband", 30, lambda one: s.code(one.code)),
        ("Issued", 42, lambda one: s.pair(one.by, one.witness, one.at)),
        ("Printed", 34, lambda one: when(printed.get(one.code))), ("Scanned back", 34, lambda one: when(back.get(one.code))),
        ("Ended", 34, lambda one: s.by(one.ended_by, one.ended_at) if one.ended_at else "live"),
    )  # fmt: skip


def collections(s: Scribe) -> Section:
    """Every harvest from order to receipt."""
    blocks: list[Block] = []
    for one in s.rows.all(Collection):
        blocks += [Heading(number="", text=f"Collection {one.ordinal}", note=shown(one.code)), *_collection(s, one)]
    return Section(title="Collection of the marrow", blocks=tuple(blocks) or (s.table("", (), empty="No marrow was ordered."),))


def _collection(s: Scribe, row: Collection) -> list[Block]:
    rows = s.rows
    took = next((one for one in rows.all(Collected) if one.collection_code == row.code), None)
    packed = next((one for one in rows.all(Packed) if one.collection_code == row.code), None)
    got = next((one for one in rows.all(Received) if one.collection_code == row.code), None)
    facts: list[tuple[str, Cell]] = [
        ("Ordered", cell(s.by(row.by, row.at))), ("Planned for", cell(s.minute(row.planned_at))),
        *([("Why again", cell(row.because))] if row.because else []), ("Bag", s.thing(row.container_code)),
    ]  # fmt: skip
    if took:
        facts += [
            ("Taken from", cell(f"{took.site}, {took.passes} needle passes")), ("Volume", cell(f"{took.volume_ml} mL")),
            ("Heparin", cell(f"{took.heparin_iu_per_ml} IU/mL")), ("Heparin lot", s.thing(took.heparin_lot)),
            ("Wristband", s.code(took.wristband_code)), ("Label", s.code(took.label_code)),
            ("From, to", cell(f"{s.minute(took.started_at)} to {s.minute(took.ended_at)}")),
            ("Recorded", cell(s.pair(took.by, took.witness, took.at))),
        ]  # fmt: skip
    if packed:
        box = f"box {packed.box}, seal {packed.seal}, logger {packed.logger}, {packed.temperature_c} °C"
        facts.append(("Packed", Cell(text=box, small=s.by(packed.by, packed.at))))
    if got:
        arrived = f"seal {got.seal}, {got.temperature_c} °C, {got.minutes_since_collection} min after the collection"
        facts.append(("Received at the laboratory", Cell(text=arrived, small=s.by(got.by, got.at))))
    return [Facts(rows=tuple(facts)), s.signatures([rows.made_by(Collection, row.code), rows.made_by(Collected, row.code)])]

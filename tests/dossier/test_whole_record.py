"""The record of a closed subject, both editions: each section holds what is in the tables, and the paper holds each word of it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson
import pytest
from sqlmodel import col, select

from backend.access.models import Person
from backend.batch.rules.saying import say
from backend.bedside.models import Finished
from backend.custody.models import (
    Amount,
    Container,
    ContainerParent,
    Disposed,
    Exposed,
    HandedOver,
    Label,
    LabelApplied,
    LabelPrinted,
    LabelVerified,
    Occupancy,
    Place,
    Received,
    UsedUp,
)
from backend.dose.models import Administration, DoseFilled, Thawed
from backend.dossier.models import Closed
from backend.dossier.reads.record.parts import Cell, Content, Facts, Sentences, Table
from backend.ledger import Ledger
from backend.ledger.models import Entry, Head
from backend.quality.models import Deviation, DeviationDecided, DeviationDescribed, Hold
from backend.trial.rules import shown as rounded
from labels.codes import shown
from tests.dossier import rig
from tests.dossier.reading import EDGE, EDITIONS, close_up, content, in_cell, pages, paper, printed, stands_on, when
from tests.story import Run

B = TypeVar("B", Facts, Sentences, Table)
TITLES = (
    "The subject", "Collection of the marrow", "Batch record", "Samples, tests and results", "Release of the bank", "Route and orders",
    "Doses and infusions", "Containers and where they come from", "Labels", "Places and hand-overs", "Deviations and holds",
    "Final account", "All signatures", "What was refused",
)  # fmt: skip


@dataclass
class Whole:
    """A closed subject: the ledger, an edition of the record, its content, and what every page of the paper reads."""

    ledger: Ledger
    coi: str
    edition: str
    content: Content
    sheets: list[str]

    def blocks(self, section: str, kind: type[B]) -> list[B]:
        (found,) = [one for one in self.content.sections if one.title == section]
        return [one for one in found.blocks if isinstance(one, kind)]

    def table(self, section: str, title: str) -> list[tuple[Cell, ...]]:
        (found,) = [one for one in self.blocks(section, Table) if one.title == title]
        return list(found.rows)

    def rows(self, kind: Any) -> list[Any]:
        return rig.rows_of(self.ledger, kind, chain=self.coi)

    def names(self) -> dict[str, str]:
        return {one.code: one.name for one in rig.rows_of(self.ledger, Person)}

    def by(self, who: str, at: datetime, other: str | None = None) -> str:
        """One person or two and when, as the record says it."""
        names = self.names()
        return f"{names[who]}{f' and {names[other]}' if other else ''}, {when(at)}"


KEPT: dict[tuple[str, str], tuple[Content, list[str]]] = {}
"""By engine and edition: the document of the closed subject, which is the same for each test that reads it."""


@pytest.fixture(params=list(EDITIONS))
def whole(reach: Any, at: Any, request: pytest.FixtureRequest) -> Whole:
    run, edition = reach("frozen").told, request.param
    assert isinstance(run, Run)
    ledger, coi = at("whole record", rig.whole(run), after="frozen").ledger, run.harvest.coi
    which = (ledger.engine.dialect.name, edition)
    if which not in KEPT:
        said = content(ledger, coi, edition)
        KEPT[which] = said, pages(paper(ledger, printed(ledger, coi, edition, EDITIONS[edition]), EDITIONS[edition]))
        ledger = at("whole record").ledger
    return Whole(ledger, coi, edition, *KEPT[which])


def texts(rows: list[tuple[Cell, ...]]) -> list[list[str]]:
    """Each cell as it reads: its text, and the small line below."""
    return sorted([" ".join(filter(None, in_cell(one))) for one in row] for row in rows)


# ---- the paper ----


def test_the_paper_says_everything_that_is_in_the_edition_in_its_order(whole: Whole) -> None:
    stands_on(whole.content, whole.sheets)


def test_each_edition_has_every_section_and_its_first_page_lists_them(whole: Whole) -> None:
    assert tuple(one.title for one in whole.content.sections) == TITLES
    front, *sheets = whole.sheets
    listed = dict(re.findall(r"(?:^|\s)\d+ (\D+?) (\d+)(?=\s|$)", front.partition("Contents ")[2]))
    assert tuple(listed) == TITLES
    for number, title in enumerate(TITLES, 1):
        assert f"{number} {title}" in sheets[int(listed[title]) - 2], "the number of the page leads to the section"


def test_front_and_foot_name_the_head_of_the_chain_by_seq_and_hash(whole: Whole) -> None:
    """The PDF says up to which entry of the chain it is the record, so that it can be compared with the chain."""
    made = whole.content
    with whole.ledger.read() as session:
        head = session.get_one(Head, whole.coi)
        entry = session.exec(select(Entry).where(Entry.chain == whole.coi, Entry.seq == made.seq)).one()
    assert made.head == entry.hash and len(made.head) == 64
    assert head.seq == made.seq > 600
    front = whole.sheets[0]
    sentence = f"Shown as of entry {made.seq}, {when(entry_at(entry))} SHA-256 of that entry: {made.head}"
    assert close_up(sentence) in close_up(front)
    for number, sheet in enumerate(whole.sheets, 1):
        foot = EDGE.match(sheet)
        assert foot, sheet[:200]
        assert foot.groupdict() | {"code": ""} == {
            "coi": shown(whole.coi), "edition": whole.edition.upper(), "code": "", "seq": str(made.seq), "head": f"{made.head[:16]}…",
            "page": str(number), "of": str(len(whole.sheets)),
        }  # fmt: skip


def entry_at(entry: Entry) -> datetime:
    return datetime.fromisoformat(orjson.loads(entry.body)["at"])


def test_the_editions_differ_only_where_an_arm_could_be_told(whole: Whole) -> None:
    other = content(whole.ledger, whole.coi, next(one for one in EDITIONS if one != whole.edition))
    differ = [one.title for one, another in zip(whole.content.sections, other.sections, strict=True) if one != another]
    assert differ == ["Route and orders", "Doses and infusions"]


# ---- what each section holds ----


def test_every_container_is_there_with_what_it_was_made_from_held_and_how_it_ended(whole: Whole) -> None:
    boxes = {one.code: one for one in whole.rows(Container)}
    parents: dict[str, list[str]] = {}
    for one in whole.rows(ContainerParent):
        parents.setdefault(one.child, []).append(one.parent)
    held, used = {one.container_code: one for one in sorted(whole.rows(Amount), key=lambda one: one.at)}, {
        one.container_code: one for one in whole.rows(UsedUp)
    }
    said = {row[0].small: row for row in whole.table("Containers and where they come from", "Containers")}
    assert set(said) == {shown(code) for code in boxes} and len(boxes) > 50
    for code, box in boxes.items():
        name, step, made_from, holds, made, ended = said[shown(code)]
        assert (name.text, step.text, made.text) == (box.name, box.step or "–", whole.by(box.by, box.at))
        assert set(made_from.small.split(", ")) - {""} == {shown(parent) for parent in parents.get(code, [])}
        assert set(made_from.text.split(", ")) - {"–"} == {boxes[parent].name for parent in parents.get(code, [])}
        amount, gone = held.get(code), used.get(code)
        wanted = [f"{say(amount.volume_ml)} mL"] if amount and amount.volume_ml is not None else []
        wanted += [f"{rounded(amount.cells)} viable cells"] if amount and amount.cells is not None else []
        assert all(part in holds.text for part in wanted) and (wanted or holds.text == "–"), code
        assert (ended.text, ended.small) == ((f"used up: {gone.why}", whole.by(gone.by, gone.at)) if gone else ("–", ""))


def test_every_label_is_there_with_its_life_and_the_sum_comes_out_even(whole: Whole) -> None:
    names = {one.code: f"{one.name} {shown(one.code)}" for one in whole.rows(Container)}
    done = [{one.label_code: whole.by(one.by, one.at) for one in whole.rows(kind)} for kind in (LabelPrinted, LabelVerified, LabelApplied)]

    def wanted(one: Label) -> list[str]:
        assert one.of_code is not None
        over = f"{one.ended_how}: {one.ended_why} {whole.by(one.ended_by or '', one.ended_at)}" if one.ended_at else "stands"
        return [f"{shown(one.code)} {one.template}", names[one.of_code], *(stage.get(one.code, "–") for stage in done), over]

    labels = whole.rows(Label)
    assert texts(whole.table("Labels", "")) == sorted(wanted(one) for one in labels)
    assert [one.ended_why for one in labels if one.ended_at and "smeared" in one.ended_why] == ["Replaced: It is smeared."]
    ended, on_paper = [one for one in labels if one.ended_at], {*done[0]}
    (facts,) = whole.blocks("Labels", Facts)
    said = {label: cell.text for label, cell in facts.rows}
    assert (said["Printed"], said["Difference"]) == (str(len(on_paper | {one.code for one in ended})), "0")
    assert said["Void"] == str(sum(one.ended_how == "void" for one in ended)) != "0"


def test_every_place_exposure_and_hand_over_is_there_from_both_sides(whole: Whole) -> None:
    names = {one.code: f"{one.name} {shown(one.code)}" for one in whole.rows(Container)}
    paths = {one.code: one.path for one in rig.rows_of(whole.ledger, Place)}
    stood = [
        [names[one.container_code], paths[one.place_code], whole.by(one.by, one.at, one.witness),
         whole.by(one.ended_by, one.ended_at) if one.ended_at else "is there"]
        for one in whole.rows(Occupancy)
    ]  # fmt: skip
    warm = [[names[one.container_code], str(one.seconds), one.doing, whole.by(one.by, one.at)] for one in whole.rows(Exposed)]
    got = {one.handed_over_code: one for one in whole.rows(Received)}

    def side(one: Any) -> str:
        return f"{one.condition}, {one.temperature_c} °C, seal {one.seal or '–'} {whole.by(one.by, one.at)}"

    gave = [[names[one.container_code], one.to, side(one), side(got[one.code])] for one in whole.rows(HandedOver)]
    for title, wanted in (("Places", stood), ("Time out of the cold", warm), ("Hand-overs", gave)):
        assert len(wanted) >= 4 and texts(whole.table("Places and hand-overs", title)) == sorted(wanted), title


def test_every_vial_and_dose_has_its_disposition_and_the_closing_its_signatures(whole: Whole) -> None:
    boxes = {one.code: one for one in whole.rows(Container)}
    told = {row[0].small: row for row in whole.table("Final account", "Dispositions")}
    vials = {code for code, one in boxes.items() if one.kind == "cryovial"}
    syringes = {one.container_code: one.dose_code for one in whole.rows(DoseFilled)}
    (gave,), (finished,) = whole.rows(Administration), whole.rows(Finished)
    given = {code for code, dose in syringes.items() if dose == gave.dose_code}
    assert set(told) >= {shown(code) for code in vials | set(syringes)} and len(vials) == 14 and len(syringes) == 2
    for one in whole.rows(Disposed):
        if one.container_code in given:
            continue  # it was given, whoever says what about the empty syringe
        name, how, why, people = told[shown(one.container_code)]
        assert (name.text, how.text) == (boxes[one.container_code].name, one.how)
        assert (why.text, why.small, people.text) == (one.why, one.detail, whole.by(one.by, one.at, one.witness))
    assert [[one.text for one in told[shown(code)][1:]] for code in given] == [
        ["administered", "10.0 mL went in at infusion 1.", whole.by(gave.by, finished.ended_infusion_at, gave.second)]
    ]
    doses: dict[str, list[str]] = {}
    for one in whole.rows(Thawed):
        doses.setdefault(one.dose_code, []).append(told[shown(one.container_code)][1].text)
    assert sorted(doses.values()) == [["administered"] * 2, ["destroyed"] * 2]
    (facts,) = whole.blocks("Final account", Facts)
    said = {label: cell.text for label, cell in facts.rows}
    assert said["Vials"] == "14 filled = 2 administered + 1 tested + 1 retained + 10 destroyed"
    (closed,) = whole.rows(Closed)
    assert said["Closed"] == f"{whole.by(closed.by, closed.at, closed.witness)}: {closed.why}"
    assert [row[0].small for row in whole.table("Final account", "Signatures of the closing")] == ["QA3", "TECH3"]


def test_every_deviation_and_hold_is_there_with_what_was_decided(whole: Whole) -> None:
    (deviation,), (found,), (decided,) = (whole.rows(kind) for kind in (Deviation, DeviationDescribed, DeviationDecided))
    ((said, grade, _, looked, decision),) = whole.table("Deviations and holds", "Deviations")
    assert (said.text, grade.text) == (deviation.sentence, deviation.grade)
    assert said.small == f"{shown(deviation.code)}, {whole.by(deviation.by, deviation.at)}"
    assert looked.text == f"Cause: {found.cause} Impact: {found.impact} Action: {found.action} ({whole.by(found.by, found.at)})"
    assert (decision.text, decision.small) == (f"accepted: {decided.why}", whole.by(decided.by, decided.at))
    assert [row[0].small for row in whole.table("Deviations and holds", "Signatures of decisions")] == [decided.by]
    (hold,) = whole.rows(Hold)
    ((why, _, _, lifted),) = whole.table("Deviations and holds", "Holds")
    assert (why.text, why.small) == (hold.why, f"{shown(hold.code)}, {whole.by(hold.by, hold.at)}")
    assert (lifted.text, lifted.small) == (hold.ended_why, whole.by(hold.ended_by, hold.ended_at))


def test_every_signature_of_the_chain_is_there_with_name_role_meaning_and_time_with_zone(whole: Whole) -> None:
    names = whole.names()
    with whole.ledger.read() as session:
        chain = session.exec(select(Entry).where(Entry.chain == whole.coi).order_by(col(Entry.seq))).all()
    wanted = [
        (names[one["by"]], one["by"], one["meaning"], when(entry_at(entry)), str(entry.seq))
        for entry in chain for one in orjson.loads(entry.body)["signed"]
    ]  # fmt: skip
    said = whole.table("All signatures", "")
    assert [(name.text, name.small, meaning.text, at.text, seq.text) for name, _, meaning, at, seq in said] == wanted
    roles = {name.small: role.text for name, role, *_ in said}
    assert roles["PREP1"] == "preparer" and roles["UQA1"] == "unmasked qa" and roles["TECH1"] == "technician"
    assert all(role.text not in ("", "–") for _, role, *_ in said)

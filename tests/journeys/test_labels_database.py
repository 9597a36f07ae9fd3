"""The labels of a real record, as they go to paper at two resolutions: what a scanner and an eye read there is what is in the database."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pypdfium2
import pytest
import zxingcpp
from sqlmodel import Session, select

from backend.custody.models import Label, Place
from backend.custody.reads.labelling import labels_of_print, template_of, values_of, waiting
from backend.ledger import Ledger
from backend.rehearsal.player import args
from backend.subject.models import Subject, Wristband
from backend.supplies.models import Equipment, Lot
from backend.trial.reads import current
from labels.codes import shown
from tests import story
from tests.conftest import At
from tests.people import by, sign
from tests.visit import paper, signed_in, words

WHERE = ("CRY-2", None)
DPI = (203, 300)


@dataclass
class Paper:
    """One page: the symbols that a scanner reads on it, and its words without spaces, because a long line may be broken."""

    symbols: list[str]
    words: str

    def says(self, *told: str) -> None:
        for one in told:
            assert re.sub(r"\s", "", one) in self.words, one


def papers(pdf: bytes, dpi: int) -> Iterator[Paper]:
    """Each page as it lies before somebody."""
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        found = zxingcpp.read_barcodes(page.render(scale=dpi / 72).to_pil())
        yield Paper([one.text for one in found], re.sub(r"\s", "", page.get_textpage().get_text_bounded()))
    document.close()


def fetched(ledger: Ledger, page: str, to: str, person: str = "COOR1") -> bytes:
    """A PDF as somebody gets it who presses the button for it on its page."""
    answer = paper(signed_in(ledger, person), page, f"{page}{to}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), words(answer)
    made: bytes = answer.content
    return made


def print_waiting(ledger: Ledger, template: str, person: str) -> str:
    """Whatever waits for this paper is printed; the print's code."""
    with ledger.read() as session:
        wanted = [code for bundle in waiting(session) if bundle.template == template for code in bundle.labels]
    job: str = ledger.do("custody.print_labels", {"label": wanted}, by=by(person)).result
    return job


def compare(session: Session, job: str, printed: list[Paper]) -> list[Label]:
    """Every page of a print is its label in the database: the symbol is its code, and each field that the template names is read."""
    kept = list(labels_of_print(session, job))
    assert [one.symbols for one in printed] == [[label.code] for label in kept]
    for seen, label in zip(printed, kept, strict=True):
        recorded, template = values_of(label.values_text), template_of(session, label)
        owner = session.exec(select(Subject).where(Subject.code == label.chain)).one()
        assert (recorded["coi"], recorded["subject_number"]) == (owner.code, owner.number)
        seen.says(*_named(recorded | {"code": label.code}, [line.text for line in (*template.lines, *template.statutory)]))
        seen.says("FOR AUTOLOGOUS USE ONLY", shown(owner.code), owner.number)
    return kept


def _named(values: Mapping[str, str], lines: list[str]) -> Iterator[str]:
    for name in {name for line in lines for name in re.findall(r"\{(\w+)\}", line)}:
        if value := values.get(name):
            yield shown(value) if name in {"code", "coi"} else value


def test_the_labels_of_a_print_are_what_the_database_says(at: Callable[..., At]) -> None:
    """Every vial of a batch, with the person's name nowhere on it."""
    here = at("at CRY-2", story.batch_at("CRY-2"))
    run: story.Run = here.told  # type: ignore[assignment]
    run.player.scan_all(here.ledger, run.batch, WHERE, "TECH1")
    here.ledger.do("batch.prepare_labels", args(run.batch, WHERE) | {"number": 14}, by=by("TECH1"))
    job = print_waiting(here.ledger, "cryovial", "TECH1")
    sheets = fetched(here.ledger, f"/labels/{job}", "/paper", "TECH1")
    for dpi in DPI:
        printed = list(papers(sheets, dpi))
        with here.ledger.read() as session:
            assert len(compare(session, job, printed)) == 14
        assert not [one for one in printed for part in run.harvest.who.full_name.split() if part in one.words]


@pytest.fixture
def ward(at: Callable[..., At]) -> At:
    """A bound subject, a harvest ordered, and tubes of blood: nothing of it is labelled yet."""
    here = at("bound", story.bound)
    told: story.Enrolled = here.told  # type: ignore[assignment]
    story.order(here.ledger, told.coi)
    return here


@pytest.mark.parametrize(("template", "many"), [("collection", 1), ("container", 2)])
def test_the_labels_of_a_marrow_and_of_a_tube_are_what_the_database_says(ward: At, template: str, many: int) -> None:
    job = print_waiting(ward.ledger, template, "COOR1")
    sheets = fetched(ward.ledger, f"/labels/{job}", "/paper")
    for dpi in DPI:
        printed = list(papers(sheets, dpi))
        with ward.ledger.read() as session:
            kept = compare(session, job, printed)
        assert {label.template for label in kept} == {template}
        assert len(kept) == many


def test_a_wristband_is_what_the_database_says(ward: At) -> None:
    told: story.Enrolled = ward.told  # type: ignore[assignment]
    given, ledger = story.stated(told.coi, told.who), ward.ledger
    signed = {"by": by("COOR1"), "signatures": sign("COOR1", "NURS1")}
    code = ledger.do("subject.reissue_wristband", given, reason="The first one is torn.", **signed).result
    ledger.do("subject.print_wristband", {"wristband_code": code}, by=by("COOR1"))
    with ledger.read() as session:
        band, trial = session.get_one(Wristband, code), current(session).trial
        owner = session.get_one(Subject, band.subject_code)
    sheet = fetched(ledger, f"/wristbands/{code}", "/paper")
    for dpi in DPI:
        [band_seen] = papers(sheet, dpi)
        assert set(band_seen.symbols) == {code}
        band_seen.says(shown(code), shown(owner.code), owner.number, trial.trial, trial.contact.phone)


def test_the_plates_of_places_lots_and_equipment_are_what_the_database_says(at: Callable[..., At]) -> None:
    ledger = at("folder_approved", story.folder_approved).ledger
    story.places_built(ledger)
    story.heparin(ledger)
    tank = {"kind": "cryogenic tank", "name": "Tank 1", "serial_number": "SN 1", "calibrated_until": "2027-12-31"}
    ledger.do("supplies.register_equipment", tank, by=by("TECH1"))
    with ledger.read() as session:
        places, [lot], [one] = session.exec(select(Place)).all(), session.exec(select(Lot)).all(), session.exec(select(Equipment)).all()
    first = {place.kind: place for place in sorted(places, key=lambda place: place.code)}
    assert set(first) >= {"site", "building", "room", "tank", "rack", "box", "position"}
    above = {place.code: place for place in places}
    sheets: list[tuple[str, bytes, tuple[str, ...]]] = []
    for place in first.values():
        parent = [above[place.parent_code].name] if place.parent_code else []
        made = paper(signed_in(ledger, "ADM1"), f"/places?under={place.code}", f"/places/{place.code}/plate").content
        sheets.append((place.code, made, (place.name, *parent)))
    of_lot, of_one = (lot.item, lot.lot_number, lot.expires_on.isoformat()), (one.name, one.kind)
    sheets += [(kept.code, fetched(ledger, f"/supplies/{kept.code}", "", "TECH1"), told) for kept, told in ((lot, of_lot), (one, of_one))]
    for dpi in DPI:
        for code, made, told in sheets:
            [plate] = papers(made, dpi)
            assert plate.symbols == [code]
            plate.says(shown(code), *told)

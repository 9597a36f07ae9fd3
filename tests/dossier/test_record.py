"""The record of a subject as a document: everything is in it, nothing masked is, and it can be made again to the byte."""

import re
import zlib
from typing import Any

import pypdfium2
import pytest

from backend.access.models import Person
from backend.access.reads import viewer_of
from backend.batch.models import Calculated, Reading
from backend.batch.rules import Course
from backend.dossier.models import RecordPrinted
from backend.dossier.pages.paper import pdf
from backend.dossier.reads import document, then
from backend.dossier.reads.record import content_of
from backend.dossier.reads.record.parts import Cell, Content, Table
from backend.ledger import Ledger, NotAllowed, Refused, UnknownCode
from backend.ledger.reads import Reader, entries
from labels.codes import shown
from tests.conftest import At
from tests.dossier import rig
from tests.dossier.reading import documents, pages, paper, printed, stands_on, when
from tests.people import by, sign
from tests.story import Run
from tests.visit import send, signed_in


def frozen(here: At) -> tuple[Ledger, Run, str]:
    assert isinstance(here.told, Run)
    return here.ledger, here.told, here.told.harvest.coi


def test_the_record_of_a_real_batch_says_every_step_reading_and_signature(reach: Any) -> None:
    ledger, run, coi = frozen(reach("frozen"))
    made = paper(ledger, printed(ledger, coi))
    sheets = pages(made)
    text = " ".join(sheets)
    close_up = text.replace(" ", "")
    course: Course = run.player.course(ledger, run.batch)
    for where in course.done:
        assert f"{' '.join(part for part in reversed(where) if part)} {course.step(where).title}" in text
        for asked in course.step(where).asked_in(where[1]):
            if asked.kind != "text":
                assert asked.ask.replace(" ", "").replace("₂", "2") in close_up, (where, asked.ask)
    for row in rig.rows_of(ledger, Reading):
        said = row.value if not re.match(r"\d{4}-\d\d-\d\dT", row.value) else ""
        assert said.replace(" ", "") in close_up, (row.field, row.value)
    for worked in rig.rows_of(ledger, Calculated):
        assert worked.formula.replace(" ", "") in close_up and worked.value in close_up, worked.field
    for number, sheet in enumerate(sheets, 1):
        assert sheet.startswith(f"S01 {shown(coi)}"), number
        assert "MASKED EDITION" in sheet and f"page {number} of" in sheet and str(len(sheets)) in sheet


def test_every_signature_has_name_role_meaning_and_time_with_zone(reach: Any) -> None:
    """21 CFR 11.50, read from the entries of the chain."""
    ledger, _, coi = frozen(reach("frozen"))
    text = " ".join(pages(paper(ledger, printed(ledger, coi))))
    with ledger.read() as session:
        told = entries(session, Reader("QA1", ledger.keyring, lambda _: False), chain=coi, limit=2_000)
        names = {one.code: one.name for one in session.exec(rig.select(Person))}
        roles = {who: ", ".join(sorted(viewer_of(session, who, ledger.clock()).roles)) for who in names}
    signed = [(one, s) for one in told for s in one.signed]
    assert len(signed) > 60
    for one, s in signed:
        local = one.at.astimezone(ledger_zone())
        line = f"{names[s.by]} {s.by} {roles[s.by]} {s.meaning} {local:%Y-%m-%d %H:%M:%S} UTC+8 {one.seq}"
        assert line.replace(" ", "") in text.replace(" ", ""), line


def ledger_zone() -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo("Asia/Shanghai")


def test_the_same_document_is_the_same_bytes_for_ever(reach: Any) -> None:
    """It is made from its row and the chain up to its entry; what happens afterwards changes nothing (decision N4)."""
    ledger, run, coi = frozen(reach("frozen"))
    code = printed(ledger, coi)
    first = paper(ledger, code)
    ledger.do("quality.place_hold", {"about": run.batch, "why": "The tank was warm."}, by=by("QA1"), signatures=sign("QA1"))
    rig.withdraw(ledger, coi)
    assert paper(ledger, code, "QA2") == first
    later = printed(ledger, coi)
    assert paper(ledger, later) != first
    assert "The tank was warm." in " ".join(pages(paper(ledger, later)))
    assert "The tank was warm." not in " ".join(pages(first))


SECRETS = ("ica_high", "7321456789", "61.83", "the dose was turbid", "44.17 billion")


def with_a_dose(banked: At, secrets: tuple[str, ...] = SECRETS) -> tuple[Ledger, rig.Bank]:
    """A bank with an opened dose whose sealed values are none that occur elsewhere."""
    ledger, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    at = ledger.clock()
    vials = rig.pick(ledger, told, 0, 1)
    batch = [("Batch", {"code": "$b", "coi": told.coi, "collection_code": "x", "folder_code": rig.folder_of(ledger)})]
    rows = [
        *batch, ("RouteOpened", {"coi": told.coi, "batch_code": "$b", "route": "ICA", "witness": "UQA1"}),
        ("Assigned", {"coi": told.coi, "arm": secrets[0], "witness": "UQA1"}),
        *rig.dose(at, "$b", vials, coi=told.coi),
        ("PrepReading", {"dose_code": "$dose1", "step": "count", "seat": "first", "field": "viable", "number": 1, "value": secrets[1]}),
        ("PrepReading", {"dose_code": "$dose1", "step": "count", "seat": "second", "field": "viable", "number": 1, "value": secrets[4]}),
        ("PrepMatched", {"code": "$pm", "dose_code": "$dose1", "step": "count", "number": 1, "first": "PREP1", "second": "PREP2",
                         "worked": f"viability={secrets[2]}"}),
        ("Deviation", {"code": "$d", "about": "$dose1", "sentence": "A masked deviation.", "grade": "minor"}),
        ("DoseDeviation", {"deviation_code": "$d", "dose_code": "$dose1", "sentence": secrets[3]}),
    ]  # fmt: skip
    rig.plant(ledger, told.coi, *rows)
    return ledger, told


def everything(made: bytes) -> bytes:
    """The file with every stream opened, and its text: whatever somebody could find in it."""
    streams = []
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", made, re.DOTALL):
        try:
            streams.append(zlib.decompress(found[1].strip(b"\r\n")))
        except zlib.error:
            streams.append(found[1])
    return b"\n".join([made, *streams, " ".join(pages(made)).encode()])


def test_the_masked_edition_has_no_trace_of_what_is_masked(banked: At) -> None:
    ledger, told = with_a_dose(banked)
    masked, full = paper(ledger, printed(ledger, told.coi)), None
    code = printed(ledger, told.coi, "full", "UQA1")
    full = paper(ledger, code, "UQA1")
    inside, whole = everything(masked), " ".join(pages(full))
    for secret in SECRETS:
        assert secret.encode() not in inside and secret not in " ".join(pages(masked))
        assert secret.replace("_", " ") in whole.replace("_", " "), secret
    assert " ".join(pages(masked)).count("masked") >= 8
    assert "Gao Lihua" not in whole and "MRN-204417" not in whole, "who the subject is stands in no edition"
    with pypdfium2.PdfDocument(masked) as document:
        said = {name: document.get_metadata_value(name) for name in ("Title", "Author", "Subject", "Keywords", "Creator", "Producer")}
    assert said == {
        "Title": "Record of subject S01, masked edition", "Author": "", "Subject": "", "Keywords": "", "Creator": "Marrowline",
        "Producer": "Marrowline",
    }  # fmt: skip


def placeholders(text: str) -> str:
    """What must be equal in the papers of twins: without codes and hashes (decision R5)."""
    return re.sub(r"\b[0-9a-f]{8,64}\b", "#", re.sub(r"\b[SCLWPETBDK][0-9A-Z]{3}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b", "@", text))


def test_r5_the_masked_papers_of_twins_are_one(at: Any) -> None:
    """Two subjects in one database copied twice, one in each carotid arm: every page, block and row of the masked edition is the same."""
    told = []
    for secrets in (SECRETS, ("ica_low", "9", "99.1", "a long sentence that says much more about it", "12345678")):
        ledger, bank = with_a_dose(at("dossier banked", rig.bank), secrets)
        code = printed(ledger, bank.coi)
        with ledger.read() as session:
            _, content = document(session, ledger.keyring, code, viewer_of(session, "QA1", ledger.clock()))
        made = paper(ledger, code)
        told.append((placeholders(content.model_dump_json()), [placeholders(one) for one in pages(made)]))
    assert told[0][0] == told[1][0]
    for one, other in zip(told[0][1], told[1][1], strict=True):
        assert one == other


def test_n4_each_edition_prints_the_hash_of_the_others_content(banked: At) -> None:
    """Decision N4; the salt stands in the full edition alone: with it a masked person could try both carotid arms."""
    ledger, told = with_a_dose(banked)
    masked, full = printed(ledger, told.coi), printed(ledger, told.coi, "full", "UQA1")
    rows = {one.edition: one for one in rig.rows_of(ledger, RecordPrinted)}
    texts = {"masked": pages(paper(ledger, masked))[0], "full": pages(paper(ledger, full, "UQA1"))[0]}
    for edition, row in rows.items():
        for digest in (row.content_sha256, row.other_sha256):
            assert digest in texts[edition].replace(" ", "")
    with ledger.read() as session:
        salt = {edition: ledger.keyring.open(session, told.coi, row.salt) or "" for edition, row in rows.items()}
        for edition, row in rows.items():
            chain = then(session, told.coi, row.seq)
            other = "full" if edition == "masked" else "masked"
            assert content_of(session, ledger.keyring, chain, edition).sha256(salt[edition]) == row.content_sha256
            assert content_of(session, ledger.keyring, chain, other).sha256(salt[edition]) == row.other_sha256
    assert salt["full"] in texts["full"].replace(" ", "") and salt["masked"] not in texts["masked"].replace(" ", "")
    assert len(salt["masked"]) == 32 and salt["masked"] != salt["full"]


def test_only_unmasked_qa_makes_or_opens_the_full_edition(banked: At) -> None:
    ledger, told = with_a_dose(banked)
    with pytest.raises(Refused, match="only unmasked QA prints it"):
        printed(ledger, told.coi, "full", "QA1")
    with pytest.raises(NotAllowed):
        printed(ledger, told.coi, "masked", "INSP1")
    full, masked = printed(ledger, told.coi, "full", "UQA1"), printed(ledger, told.coi)
    for who in ("QA1", "INSP1", "PHYS1", "TECH1", "PREP1"):
        assert signed_in(ledger, who).get(f"/records/{full}.pdf").status_code == 404
        assert signed_in(ledger, who).get(f"/records/{masked}.pdf").status_code == 200
    for who in ("ASSE1", "COUR1", "RAND1", "ADM1"):
        assert signed_in(ledger, who).get(f"/records/{masked}.pdf").status_code == 403
    with ledger.read() as session, pytest.raises(UnknownCode):
        document(session, ledger.keyring, full, viewer_of(session, "QA1", ledger.clock()))


def test_a_document_that_would_read_otherwise_than_it_was_printed_is_not_shown(banked: At) -> None:
    ledger, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    code = printed(ledger, told.coi)
    (row,) = rig.rows_of(ledger, RecordPrinted, code=code)
    kept = {"coi": told.coi, "edition": "masked", "seq": row.seq, "head": row.head, "other_sha256": "0" * 64, "content_sha256": "1" * 64}
    other = rig.plant(ledger, told.coi, ("RecordPrinted", kept | {"code": "$k", "salt": "s"}))["$k"]
    answer = signed_in(ledger, "QA1").get(f"/records/{other}.pdf")
    assert answer.status_code == 409 and "cannot be made again as it was" in answer.text


def rows_of_batch(made: Content) -> dict[str, list[Cell]]:
    """The rows of the batch record by what the first cell says."""
    (batch,) = [one for one in made.sections if one.title == "Batch record"]
    return {row[0].text: list(row) for block in batch.blocks if isinstance(block, Table) for row in block.rows}


def test_a_changed_value_stands_beside_its_old_one_with_the_reason(reach: Any) -> None:
    """Covered while the check is open (decision W3); once two people agree both values are there, the old one first and struck out."""
    ledger, run, coi = frozen(reach("at MNC-4"))
    where, why = ("MNC-4", None), "The balance was not at zero."
    player, values = run.player, rig.usual(("MNC-4", None)) | {"volume": "7.93"}
    player.note(ledger, run.batch, where, "volume", "7.31")
    player.note(ledger, run.batch, where, "volume", "7.93", why=why)
    player.perform(ledger, run.batch, where, {name: value for name, value in values.items() if name != "volume"})
    text = " ".join(pages(paper(ledger, printed(ledger, coi))))
    assert "7.31" not in text and "7.93" not in text and why not in text
    assert "covered until the second person has read" in text
    player.verify(ledger, run.batch, where, values | rig.usual_second(where))
    old, new, _ = rig.rows_of(ledger, Reading, field="volume")[-3:]
    assert (old.value, new.value) == ("7.31", "7.93")
    for made, sheets in documents(ledger, coi):
        (_, first, second, *_) = rows_of_batch(made)["Volume of suspension"]
        assert (first.text, first.was) == ("7.93 mL", (("7.31 mL", f"{why} (Lin Yue, {when(old.at)})"),))
        assert (second.text, second.was) == ("7.93 mL", ())
        stands_on(made, sheets)
        was = f"7.31 mL {why} (Lin Yue, {when(old.at)}) 7.93 mL Lin Yue, {when(new.at)}".replace("\u00a0", " ")
        assert f"Volume of suspension mL {was} 7.93 mL Zhou Ke" in " ".join(sheets)


def test_f2_a_corrected_value_and_what_was_worked_out_from_it_stand_beside_the_old_ones(reach: Any) -> None:
    ledger, run, coi = frozen(reach("at HAR-5"))
    where, why, player = ("HAR-2", None), "The balance was misread.", run.player
    step = {"batch": run.batch, "step": "HAR-2", "passage": ""}
    ledger.do("batch.correct", step | {"field": "volume", "value": "14.0"}, by=by("TECH1"), signatures=sign("TECH1"), reason=why)
    player.sign(ledger, run.batch, where, "TECH1")
    player.note(ledger, run.batch, where, "volume", "14.0", "TECH2", "Read again.")
    shows = player.shown(ledger, run.batch, where)
    ledger.do("batch.verify", step, by=by("TECH2"), signatures=sign("TECH2"), shown=shows)
    _, after = sorted(rig.rows_of(ledger, Calculated, step="HAR-3", field="total"), key=lambda one: one.number)
    for made, sheets in documents(ledger, coi):
        (_, first, second, *_) = rows_of_batch(made)["Volume of suspension by weight"]
        for one, said in ((first, f"{why} (Lin Yue, "), (second, "Read again. (Zhou Ke, ")):
            ((old, reason),) = one.was
            assert (one.text, old, reason.startswith(said)) == ("14.0 mL", "20.0 mL", True)
        value = rows_of_batch(made)["Viable cells"][1]
        assert (value.text, value.was) == ("1.687×10⁸", (("2.41×10⁸", f"worked out anew after a correction ({when(after.at)})"),))
        stands_on(made, sheets)


def test_a_reading_that_nobody_has_checked_yet_is_covered(reach: Any) -> None:
    """Decision W3 holds on paper too; once it is matched, a new document shows it and the old one stays as it was."""
    ledger, run, coi = frozen(reach("at MNC-9"))
    where = ("MNC-9", None)
    step = run.player.course(ledger, run.batch).step(where)
    assert step.checked
    before = printed(ledger, coi)
    run.player.perform(ledger, run.batch, where, rig.usual(where))
    code = printed(ledger, coi)
    text = " ".join(pages(paper(ledger, code)))
    assert "covered until the second person has read" in text
    assert "covered until the second person has read" not in " ".join(pages(paper(ledger, before)))
    run.player.verify(ledger, run.batch, where, rig.usual(where) | rig.usual_second(where))
    assert "covered until the second person has read" in " ".join(pages(paper(ledger, code)))
    assert "covered until the second person has read" not in " ".join(pages(paper(ledger, printed(ledger, coi))))


def test_what_was_refused_is_in_the_record(banked: At) -> None:
    ledger, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    with pytest.raises(Refused):
        rig.dispose(ledger, told.vials[:1], "destroyed", "autoclave")
    text = " ".join(pages(paper(ledger, printed(ledger, told.coi))))
    assert re.search(r"Record a disposition Vial 1 is in Cell laboratory .* it must be picked first\. Lin Yue technician", text)


def test_a_character_that_the_font_lacks_is_written_out_and_powers_stay_powers(banked: At) -> None:
    ledger, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    why = "罐 leaks: 1.5×10⁶ cells, שלום"
    ledger.do("quality.place_hold", {"about": told.coi, "why": why}, by=by("QA1"), signatures=sign("QA1"))
    text = " ".join(pages(paper(ledger, printed(ledger, told.coi))))
    assert "[U+7F50] leaks: 1.5×10" in text and "[U+05E9]" in text
    assert "罐" not in text


def test_the_pages_print_list_and_open_documents(banked: At) -> None:
    ledger, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    qa = signed_in(ledger, "QA1")
    page = f"/subjects/{told.coi}/record"
    assert "No document was made of this record yet." in qa.get(page).text and "Print the full edition" not in qa.get(page).text
    assert send(qa, page, {"edition": "masked"}).status_code == 303
    assert "/records/D" in qa.get(page).text
    uqa = signed_in(ledger, "UQA1")
    assert send(uqa, page, {"edition": "full"}).status_code == 303
    assert "for unmasked QA" in qa.get(page).text and uqa.get(page).text.count("/records/D") == 2
    assert qa.get(f"/subjects/{told.coi}").text.count(f"/subjects/{told.coi}/record") >= 1
    assert signed_in(ledger, "TECH1").get(page).status_code == 200
    assert signed_in(ledger, "ASSE1").get(page).status_code == 403


def test_two_threads_draw_the_same_bytes(banked: At) -> None:
    from concurrent.futures import ThreadPoolExecutor

    ledger, told = banked.ledger, banked.told
    assert isinstance(told, rig.Bank)
    code = printed(ledger, told.coi)
    with ledger.read() as session:
        row, content = document(session, ledger.keyring, code, viewer_of(session, "QA1", ledger.clock()))
    from backend.dossier.pages.paper import Printed

    asked = Printed(row.code, row.at, row.at_words, row.by, row.role, row.content_sha256, row.other_sha256, row.salt, True)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: pdf(content, asked), range(4)))
    assert len(set(made)) == 1

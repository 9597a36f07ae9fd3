"""The vials' labels of a real batch: what is on the paper is what is in the database."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
import zxingcpp
from sqlmodel import Session

from backend.custody.models import Label
from backend.custody.reads.labelling import labels_of_print, print_pdf
from backend.rehearsal.player import args
from labels.codes import shown
from tests import story
from tests.conftest import At
from tests.people import by

WHERE = ("CRY-2", None)


def printed(at: Callable[..., At]) -> tuple[At, story.Run, str]:
    """Fourteen vial labels are asked for and on paper."""
    here = at("at CRY-2", story.batch_at("CRY-2"))
    run: story.Run = here.told  # type: ignore[assignment]
    run.player.scan_all(here.ledger, run.batch, WHERE, "TECH1")
    here.ledger.do("batch.prepare_labels", args(run.batch, WHERE) | {"number": 14}, by=by("TECH1"))
    from backend.custody.reads.labelling import waiting

    with here.ledger.read() as session:
        wanted = [code for bundle in waiting(session) for code in bundle.labels]
    return here, run, here.ledger.do("custody.print_labels", {"label": wanted}, by=by("TECH1")).result


@pytest.mark.parametrize("dpi", [203, 300])
def test_every_vial_label_reads_back_as_the_database_says(at: Callable[..., At], dpi: int) -> None:
    here, run, job = printed(at)
    with Session(here.ledger.engine) as session:
        kept: list[Label] = list(labels_of_print(session, job))
        paper = pypdfium2.PdfDocument(print_pdf(here.ledger, session, job, ZoneInfo("Asia/Shanghai")))
    assert len(kept) == len(paper) == 14
    for page, label in zip(paper, kept, strict=True):
        picture = page.render(scale=dpi / 72).to_pil()
        found = zxingcpp.read_barcodes(picture)
        assert [one.text for one in found] == [label.code]
        words = page.get_textpage().get_text_bounded()
        for must in (shown(run.harvest.coi), shown(label.code), run.harvest.who.number, "FOR AUTOLOGOUS USE ONLY"):
            assert must in words
        assert run.harvest.who.full_name not in words
    paper.close()

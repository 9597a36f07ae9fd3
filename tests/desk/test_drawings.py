"""What is drawn of a subject: the way with today and the window, the growth of the cells, the kinship of the containers."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from backend.batch.models import Calculated
from backend.batch.reads.growing import chart_of
from backend.custody.models import Container, ContainerParent, UsedUp
from backend.custody.reads.genealogy import genealogy
from backend.ledger import Ledger
from labels.codes import draw
from tests.conftest import At
from tests.dose import rig
from tests.people import by, sign
from tests.visit import signed_in

Open = Callable[..., At]


def way(ledger: Ledger, coi: str, person: str = "QA1") -> list[tuple[str, str]]:
    """What stands at the stations of the way, from left to right: the time and the words."""
    page = signed_in(ledger, person).get(f"/subjects/{coi}").text
    drawn = page[page.index("fig way") : page.index("</figure>")]
    return re.findall(r'<text class="mut"[^>]*>([^<]*)</text><text class="b"[^>]*>([^<]*)</text>', drawn)


def test_the_way_shows_today_the_window_and_the_infusions_ahead(at: Open) -> None:
    """The window counts from the collection of 2 March: from 2 April to 2 September, both included (decision D2)."""
    here = at("window open", rig.waiting)
    coi = here.told.coi  # type: ignore[attr-defined]
    seen = [words for _, words in way(here.ledger, coi)]
    assert seen[-1] == "Last day of the window"
    assert seen.index("Window opens") < seen.index("Today")
    dates = {words: when for when, words in way(here.ledger, coi)}
    assert (dates["Window opens"], dates["Last day of the window"]) == ("2026-04-02", "2026-09-02")
    assert "Infusion 1, planned" not in dates
    ordered = rig.order(here.ledger, coi)
    assert ordered
    assert "Infusion 1, planned" in [words for _, words in way(here.ledger, coi)]


def test_the_band_of_the_window_lies_between_its_two_days(at: Open) -> None:
    here = at("window open", rig.waiting)
    page = signed_in(here.ledger, "QA1").get(f"/subjects/{here.told.coi}").text  # type: ignore[attr-defined]
    (band,) = re.findall(r'<rect class="win" x="(\d+)" y="\d+" width="(\d+)"', page)
    marks = dict(re.findall(r'<text class="b" x="(\d+)"[^>]*>(Window opens|Last day of the window)</text>', page))
    ends = {words: int(x) - 7 for x, words in marks.items()}
    assert (int(band[0]), int(band[0]) + int(band[1])) == (ends["Window opens"], ends["Last day of the window"])


def test_who_withdrew_has_no_way_ahead_and_an_assessor_sees_no_window(at: Open) -> None:
    here = at("window open", rig.waiting)
    coi = here.told.coi  # type: ignore[attr-defined]
    assert "Window" not in signed_in(here.ledger, "ASSE1").get(f"/subjects/{coi}").text
    given, why = {"subject": coi}, "Moved away."
    here.ledger.do("subject.withdraw", given, by=by("COOR1"), signatures=sign("COOR1"), reason=why)
    assert not {"Today", "Window opens", "Last day of the window"} & {words for _, words in way(here.ledger, coi)}


# ---- growth ----


def test_growth_is_drawn_on_a_logarithmic_scale_over_days(reach: Callable[[str], Any]) -> None:
    here = reach("frozen")
    with here.ledger.read() as session:
        chart = chart_of(session, here.told.batch)
        totals = session.exec(select(Calculated).where(Calculated.field == "total")).all()
    assert chart is not None
    assert [one.text.split()[0] for one in chart.points] == ["P0", "P1", "P2"]
    cells = {row.passage: Decimal(row.value) for row in totals if row.passage in {"P0", "P1", "P2"}}
    heights = {one.text.split()[0]: -float(one.y) for one in chart.points}
    assert sorted(heights, key=heights.__getitem__) == sorted(cells, key=cells.__getitem__), "more cells stand higher"
    days = [float(one.x) for one in chart.points]
    assert days == sorted(days)
    powers = {one.text: float(one.at) for one in chart.powers}
    steps = [one - two for one, two in zip(list(powers.values()), list(powers.values())[1:], strict=False)]
    assert max(steps) - min(steps) < 0.2, "a power of ten is as high as the next"
    assert powers["10⁹"] < float(chart.minimum.at) < powers["10⁸"] and chart.minimum.text == "1.75×10⁸"
    page = signed_in(here.ledger, "QA1").get(f"/batches/{here.told.batch}").text
    assert page.count('<circle class="st"') == 3 and "2.593×10⁸" in page and chart.path in page
    assert chart.path in signed_in(here.ledger, "QA1").get(f"/subjects/{here.told.harvest.coi}").text


def test_nothing_is_drawn_before_a_passage_was_counted(reach: Callable[[str], Any]) -> None:
    here = reach("at MNC-4")
    with here.ledger.read() as session:
        assert chart_of(session, here.told.batch) is None


# ---- kinship ----


def test_every_container_with_kin_is_in_one_box_and_every_scan_of_parent_and_child_is_a_line(reach: Callable[[str], Any]) -> None:
    here = reach("frozen")
    coi = here.told.harvest.coi
    with here.ledger.read() as session:
        tree = genealogy(session, coi)
        links = session.exec(select(ContainerParent).where(ContainerParent.chain == coi)).all()
        kin = {one.child for one in links} | {one.parent for one in links}
        boxes = session.exec(select(Container).where(col(Container.code).in_(kin)).order_by(col(Container.at))).all()
        used = set(session.exec(select(UsedUp.container_code)))
    assert tree is not None
    titles = [one.title for one in tree.branches]
    counted = sum(int(found[1]) if (found := re.match(r"(\d+) × ", title)) else 1 for title in titles)
    assert counted == len(boxes)
    assert titles[0] == "Bone marrow"
    assert sum(title == "7 × cryovial" for title in titles) == 2, "seven vials in each of two tanks"
    assert {one.note for one in tree.branches if one.title == "7 × cryovial"} == {"Tank 1", "Tank 2"}
    assert {one.title: one.gone for one in tree.branches}["Bone marrow"] is True
    assert all(one.code in used for one in tree.branches if one.gone)
    assert not any(one.gone for one in tree.branches if "cryovial" in one.title)
    spots = {one.code: (one.x, one.y) for one in tree.branches}
    for link in links:
        if link.child in spots and link.parent in spots:
            (left, upper), (x, y) = spots[link.parent], spots[link.child]
            assert x > left or y > upper, "what comes of something stands to its right, or in the band below"
    assert len({(one.x, one.y) for one in tree.branches}) == len(tree.branches)
    assert max(one.x for one in tree.branches) + 172 == tree.width
    assert tree.lines.count("M") >= len(tree.branches) - 1


def test_a_box_leads_to_its_container_and_only_those_who_read_the_record_see_it(reach: Callable[[str], Any]) -> None:
    here = reach("at MNC-4")
    coi = here.told.harvest.coi
    page = signed_in(here.ledger, "QA1").get(f"/subjects/{coi}").text
    first = re.findall(r'<a href="(/containers/C[^"]+)"><rect class="bg"', page)[0]
    assert signed_in(here.ledger, "QA1").get(first).status_code == 200
    assert "kinship" not in signed_in(here.ledger, "ASSE1").get(f"/subjects/{coi}").text


def test_a_subject_without_cells_has_no_kinship(at: Open) -> None:
    here = at("founded")
    with here.ledger.read() as session:
        assert genealogy(session, draw("S")) is None

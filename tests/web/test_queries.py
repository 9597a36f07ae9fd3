"""A page asks the database as often for many rows as for few: what is listed is read in one go, never one by one."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from backend.ledger import Ledger
from tests import story
from tests.conftest import At
from tests.visit import signed_in

PAGES = ("/", "/subjects", "/batches", "/labels", "/collections", "/testing", "/bedside", "/holds", "/storage", "/history", "/people")
ROOM = 3  # a subject whose first row of a kind appears may bring one look-up of a name with it


def statements(ledger: Ledger, client: Any, page: str) -> int:
    seen: list[str] = []

    def count(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    event.listen(ledger.engine, "before_cursor_execute", count)
    try:
        assert client.get(page).status_code in (200, 403), page
    finally:
        event.remove(ledger.engine, "before_cursor_execute", count)
    return len(seen)


def test_pages_ask_no_more_often_with_more_subjects(at: Callable[..., At]) -> None:
    here = at("bound", story.bound)
    client = signed_in(here.ledger, "PHYS1")
    for page in PAGES:
        client.get(page)
    few = {page: statements(here.ledger, client, page) for page in PAGES}
    others = [story.Somebody(f"S{n:02}", name, f"MRN-9000{n:02}", f"19{60 + n}-03-01", "female") for n, name in NAMES.items()]
    for who in others:
        story.enrol(here.ledger, who)
    many = {page: statements(here.ledger, client, page) for page in PAGES}
    assert {page: (few[page], many[page]) for page in PAGES if many[page] > few[page] + ROOM} == {}


NAMES = {
    4: "Bai Ruolan", 5: "Zhuo Tingting", 6: "Kang Yimin", 7: "Feng Xiaoqing", 8: "Xiao Junfeng", 9: "Luo Peiqi", 10: "Meng Haoran",
    11: "Ouyang Shu",
}  # fmt: skip

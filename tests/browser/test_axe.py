"""Axe finds nothing on any page that the program declares, seen by whoever may see it: on a desk in the light, on a phone in the dim.

The pages come from the application itself, filled with the codes of one record, so that a new page is looked at without being listed here.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from backend.ledger import Ledger
from tests import story
from tests.browser.conftest import Ward
from tests.browser.someone import Someone
from tests.journeys.treated import Treated, treated
from tests.journeys.walk import TABLES, filled, paths
from tests.visit import signed_in

Stage = Callable[..., Ward]
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_THE_SCREEN = ["color-contrast", "target-size", "scrollable-region-focusable"]  # what a width or a scheme can change
NOWHERE = {"/no/such": 404, "/scan?code=C7K3QX9M2PD44": 404, "/scan": 422}  # what is said of nothing is a page too
PEOPLE = ("TECH1", "COOR1", "PHYS1", "NURS1", "PREP1", "ANA1", "QA1", "QA3", "ADM1", "UQA1", "RAND1", "PHYS2")
DOORS = ("/sign-in", "/lock", "/locked", "/set-password")  # looked at by themselves: they end or need a session
ACTS = ("access.grant", "batch.correct", "custody.move", "quality.open", "subject.take_reference")
LEADS_ON = "/testing/results/"  # a result is dealt with on the page of its test, which is what is looked at
LATER = ("/bedside", "/doses", "/testing", "/subjects/", "/release", "/dispose", "/roles/", "/batches/", "/trace", "/containers")
ALL = ("/bedside/{code}", "/bedside/{code}/checks/{checked}", "/doses/{code}")  # what one of them looks like says little of the next
STEPS = ("REC-1", "MNC-4", "CUL-8/P2", "CRY-2", "CRY-6")


def addresses(ledger: Ledger, batch: str) -> Iterator[str]:
    """One address for every page that is declared, more where one page looks different from time to time."""
    with ledger.engine.connect() as conn:
        first = {end: conn.exec_driver_sql(sql).scalars().first() for end, sql in TABLES.items()}
        every = {path: conn.exec_driver_sql(_sql(path)).scalars().all() for path in ALL}
        act = conn.exec_driver_sql("SELECT act_id FROM entry WHERE by = 'TECH1' ORDER BY at DESC").scalars().first()
        vial = conn.exec_driver_sql("SELECT code FROM container WHERE kind = 'cryovial'").scalars().first()
        labels = conn.exec_driver_sql("SELECT code FROM label").scalars().all()
    for path in paths():
        if path.startswith("/api/") or path.endswith(".pdf") or path in DOORS:
            continue
        fills = [str(code) for end, code in first.items() if end in path and code]
        if path in ALL:
            yield from (filled(path, str(code)) for code in every[path])
            continue
        if "{step}" in path:
            fills = [] if "{passage}" in path else [f"/batches/{batch}/steps/{step}" for step in STEPS]
            yield from fills
        elif "{name}" in path:
            yield from (path.replace("{name}", name) for name in ACTS)
        elif "{act_id}" in path:
            yield path.replace("{act_id}", str(act))
        elif "{" not in path or fills:
            yield filled(path, fills[0] if fills else "")
    yield f"/containers/{vial}"  # the longest line of descent
    yield from (f"/scan?code={labels[0]}", f"/history?code={labels[0]}", "/api/docs", *NOWHERE)


def _sql(path: str) -> str:
    return next(sql for end, sql in TABLES.items() if end in path)


def seen_by(ledger: Ledger, batch: str) -> dict[str, list[str]]:
    """Who opens which address: the first of the people to whom it answers."""
    doors = {person: signed_in(ledger, person) for person in PEOPLE}
    found: dict[str, list[str]] = {person: [] for person in PEOPLE}
    for address in dict.fromkeys(addresses(ledger, batch)):
        answers = 303 if address.startswith(LEADS_ON) else NOWHERE.get(address, 200)
        who = next((person for person, door in doors.items() if door.get(address).status_code == answers), "")
        assert who, f"nobody is shown {address}"
        found[who].append(address)
    return found


def faults(page: Page) -> list[str]:
    """What axe says of a page on a desk in the light, then of what a phone in the dim changes; and whether it is wider than either."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})
    found = _said(page, {"runOnly": STANDARD})
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    return found + _said(page, {"runOnly": {"type": "rule", "values": OF_THE_SCREEN}})


def holds_together(window: Someone) -> None:
    """Axe finds nothing on the page as this window has it, in the light and in the dim, and the page is no wider than the window."""
    window.page.emulate_media(color_scheme="light")
    found = _said(window.page, {"runOnly": STANDARD})
    window.page.emulate_media(color_scheme="dark")
    found += _said(window.page, {"runOnly": {"type": "rule", "values": OF_THE_SCREEN}})
    window.page.emulate_media(color_scheme="light")
    assert found == [], f"{window.path()} as {window.person}"


def _said(page: Page, options: dict[str, object]) -> list[str]:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")  # what is folded away is on the page too
    said = Axe().run(page, options=options | {"resultTypes": ["violations"]}).response["violations"]
    for _ in range(50):  # a page that was just made narrow needs a moment until it has laid itself out
        if not (wide := page.evaluate("document.documentElement.scrollWidth > innerWidth")):
            break
        page.wait_for_timeout(100)
    return [f"{one['id']}: {one['nodes'][0]['html'][:300]}" for one in said] + (["wider than its screen"] if wide else [])


def looked_at(here: Ward, seen: dict[str, list[str]]) -> dict[str, list[str]]:
    """What is wrong with every address as its person sees it."""
    found: dict[str, list[str]] = {}
    for person, addresses_of in seen.items():
        page = here[person].page
        for address in addresses_of:
            page.goto(here.address + address)
            assert "/locked" not in page.url and "/sign-in" not in page.url
            found[f"{address} as {person}"] = faults(page)
    return found


def clean(found: dict[str, list[str]]) -> None:
    said = [f"{address}: {one}" for address, many in found.items() for one in many]
    assert not said, "\n".join(said)


def test_axe_finds_nothing_on_any_page(ward: Stage) -> None:
    here = ward("at CRY-6", story.batch_at("CRY-6"))
    made: story.Run = here.here.told  # type: ignore[assignment]
    found = looked_at(here, seen_by(here.here.ledger, made.batch))
    page = here["COOR1"].page
    for door in ("/lock", "/set-password"):
        page.goto(here.address + door)
        found[door] = faults(page)
    here["TECH1"].open("/").press("Sign out").open("/sign-in")
    found["/sign-in"] = faults(here["TECH1"].page)
    assert len(found) > 55
    clean(found)


def test_axe_finds_nothing_from_the_freezer_to_the_bedside(ward: Stage) -> None:
    """Every page that is declared opens to somebody now; those that a batch alone does not fill are looked at, and everybody's worklist."""
    here = ward("treated", treated)
    made: Treated = here.here.told  # type: ignore[assignment]
    every = seen_by(here.here.ledger, made.batch)
    opened = {pattern_of(address.split("?")[0]) for seen in every.values() for address in seen}
    unopened = {path for path in paths() if not path.startswith("/api/") and not path.endswith(".pdf")} - opened - set(DOORS)
    assert unopened == {"/batches/{code}/steps/{step}/{passage}"} - opened
    found = looked_at(here, {person: [one for one in seen if any(part in one for part in LATER)] for person, seen in every.items()})
    found |= looked_at(here, {person: ["/"] for person in PEOPLE} | working(made))
    assert len(found) > 35
    clean(found)


def working(made: Treated) -> dict[str, list[str]]:
    """What looks different to those whose work it is."""
    dose, sample, subject = f"/doses/{made.dose}", f"/testing/{made.sample}", f"/subjects/{made.coi}"
    return {
        "PREP1": ["/", dose, subject], "UQA1": ["/", dose, f"{subject}/record"], "PREP2": [dose],
        "ANA1": ["/", sample, f"{sample}?test=sterility"],
        "PHYS1": ["/", subject, f"{subject}/infusions"], "QA1": ["/", f"{subject}/account", f"{subject}/record"], "ASSE1": ["/", subject],
    }  # fmt: skip


def pattern_of(address: str) -> str:
    """The declared path of an address: the first that fits, as the application finds it."""
    app = application_paths()
    return next((path for path, fits in app if fits.fullmatch(address)), "")


@cache
def application_paths() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((path, re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))) for path in paths())

"""A route, an order and an emergency in a real browser: by those whose they are, and with nothing that axe finds on any of their pages."""

from collections.abc import Callable

from tests.browser.conftest import Ward
from tests.browser.test_axe import faults
from tests.dose import rig
from tests.people import PASSWORD


def test_two_open_a_route_a_physician_orders_and_another_unmasks(ward: Callable[..., Ward]) -> None:
    here = ward("bank released", rig.released)
    coi, found = here.here.told.coi, []  # type: ignore[attr-defined]

    def looked(person: str) -> None:
        window = here[person]
        found.extend(f"{window.path()} as {person}: {one}" for one in faults(window.page))
        window.page.set_viewport_size({"width": 1280, "height": 900})

    preparer = here["PREP1"].open(f"/subjects/{coi}/route")
    looked("PREP1")
    preparer.fill({"Password": PASSWORD, "Second person": "UQA1", "Second person’s password": PASSWORD}).press("Open the route")
    preparer.reads("Internal carotid artery", "Open since")
    looked("PREP1")

    here.here.clock.at = here.here.clock.at.replace(month=4, day=3)
    for person in ("PHYS1", "PHYS2", "ASSE1"):
        here[person].open("/")  # a month later everybody signs in anew
    physician = here["PHYS1"].open(f"/subjects/{coi}/infusions").reads("Order infusion 1")
    looked("PHYS1")
    planned = {"Planned start": "2026-04-10 09:00", "Weight": "61.5", "Weighed on": "2026-04-03", "Temperature": "36.8"}
    physician.fill(planned | {"Signs of infection": "no", "Password": PASSWORD}).press("Order this infusion")
    physician.reads("Ordered", "2026-04-10 09:00")
    looked("PHYS1")

    other = here["PHYS2"].open(f"/subjects/{coi}/unmasking").reads("This cannot be undone.")
    looked("PHYS2")
    other.page.get_by_label("suspected overdose or wrong dose").check()
    other.fill({"What happened": "Sudden coma.", "Password": PASSWORD}).press("Unmask this subject")
    other.reads("You read this alone.", "ica_low", "2,500,000 viable cells")
    looked("PHYS2")
    here["ASSE1"].open(f"/subjects/{coi}").reads("S01")
    looked("ASSE1")
    assert found == []

"""The pages about people: what an administrator and QA do there, and what nobody else is shown."""

import re

from sqlmodel import select

from backend.access import sessions
from backend.access.models import Alert, RoleGranted, Station
from backend.access.rules import Role
from backend.ledger import REGISTRY, Ledger
from backend.web.addresses import open_acts
from tests.people import CAST, PASSWORD, by
from tests.visit import SETTINGS, send, signed_in, visit, words


def test_somebody_is_added_gets_a_role_and_a_link_and_signs_in(ledger: Ledger) -> None:
    admin, qa = signed_in(ledger, "ADM1"), signed_in(ledger, "QA1")
    added = send(admin, "/people", {"person": "NEW1", "name": "New Person"})
    assert added.headers["location"] == "/people/NEW1"
    assert "No password yet" in words(admin.get("/people/NEW1"))
    assert send(admin, "/people/NEW1", {"role": "technician"}, "/people/NEW1/roles").status_code == 303
    assert "Waits for QA" in words(admin.get("/people/NEW1"))
    [code] = re.findall(r"/roles/(K\w+)/countersign", qa.get("/people").text)
    assert send(qa, f"/roles/{code}/countersign", {"password": PASSWORD}).status_code == 303
    assert "Counts" in words(admin.get("/people/NEW1"))
    shown = send(admin, "/people/NEW1", {}, "/people/NEW1/link")
    [token] = re.findall(r"set-password\?token=([\w-]+)", shown.text)
    assert token not in admin.get("/people/NEW1").text
    new = visit(ledger)
    assert new.post("/set-password", data={"token": token, "password": PASSWORD, "again": PASSWORD}).headers["location"] == "/statement"
    assert new.get("/people").status_code == 200


def test_the_record_holds_no_link(ledger: Ledger) -> None:
    shown = send(signed_in(ledger, "ADM1"), "/people/TECH1", {}, "/people/TECH1/link")
    [token] = re.findall(r"set-password\?token=([\w-]+)", shown.text)
    with ledger.engine.connect() as conn:
        bodies = b"".join(bytes(row[0]) for row in conn.exec_driver_sql("SELECT body FROM entry"))
    assert token.encode() not in bodies and sessions.hashed(token).encode() in bodies


def test_a_role_is_ended_with_a_reason(ledger: Ledger) -> None:
    admin = signed_in(ledger, "ADM1")
    with ledger.read() as session:
        granted = session.exec(select(RoleGranted.code).where(RoleGranted.person == "TECH1")).one()
    without = send(admin, "/people/TECH1", {"reason": ""}, f"/people/TECH1/roles/{granted}/end")
    assert without.status_code == 409 and "A reason is needed" in words(without)
    assert send(admin, "/people/TECH1", {"reason": "Moves to QA."}, f"/people/TECH1/roles/{granted}/end").status_code == 303
    assert "Ended" in words(admin.get("/people/TECH1"))


def test_a_locked_person_is_unlocked_and_the_alert_is_acknowledged(ledger: Ledger) -> None:
    for _ in range(5):
        sessions.sign_in(ledger, SETTINGS, "TECH1", "not my password", "")
    admin = signed_in(ledger, "ADM1")
    assert "Locked" in words(admin.get("/people"))
    assert "Alerts (1)" in words(admin.get("/people"))
    with ledger.read() as session:
        alert = session.exec(select(Alert.code)).one()
    assert send(admin, "/alerts", {"comment": "Spoke to Lin Yue."}, f"/alerts/{alert}").status_code == 303
    assert "Spoke to Lin Yue." in words(admin.get("/alerts"))
    assert "Alerts (1)" not in words(admin.get("/people"))
    assert send(admin, "/people/TECH1", {"reason": "It was them."}, "/people/TECH1/unlock").status_code == 303
    assert signed_in(ledger, "TECH1").get("/people").status_code == 200


def test_alerts_are_for_those_they_concern(ledger: Ledger) -> None:
    for _ in range(5):
        sessions.sign_in(ledger, SETTINGS, "TECH1", "not my password", "")
    assert "There is no alert for you." in words(signed_in(ledger, "TECH2").get("/alerts"))


def test_a_device_becomes_a_station_and_its_entries_name_it(ledger: Ledger) -> None:  # decision N1
    admin = signed_in(ledger, "ADM1")
    done = send(admin, "/stations", {"name": "Tablet 3, bench BSC-2"})
    cookie = done.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "max-age=34560000" in cookie
    send(admin, "/people", {"person": "NEW1", "name": "New Person"})
    with ledger.engine.connect() as conn:
        body = bytes(conn.exec_driver_sql("SELECT body FROM entry WHERE act = 'access.add_person' ORDER BY seq DESC LIMIT 1").scalar_one())
        token = conn.exec_driver_sql("SELECT token_sha256 FROM station").scalar()
    assert b'"station":"Tablet 3, bench BSC-2"' in body
    assert token == sessions.hashed(admin.cookies[sessions.STATION_COOKIE])
    assert "This device is Tablet 3, bench BSC-2." in words(admin.get("/stations"))
    with ledger.read() as session:
        code = session.exec(select(Station.code)).one()
    send(admin, "/stations", {"reason": "Broken."}, f"/stations/{code}/end")
    admin.post("/sign-out")
    admin.post("/sign-in", data={"person": "ADM1", "password": PASSWORD})
    assert "unregistered station" in words(admin.get("/stations"))


def test_long_lists_are_paged_and_can_be_searched(ledger: Ledger) -> None:
    for n in range(10):
        ledger.do("access.add_person", {"person": f"ZZ{n}", "name": f"Zacharias {n}"}, by=by("ADM1"))
    client = signed_in(ledger, "TECH1")
    first, second = client.get("/people"), client.get("/people?page=2")
    assert first.text.count('href="/people/') == 25 and second.text.count('href="/people/') == len(CAST) + 10 - 25
    found = client.get("/people?find=zachariaS 3")
    assert re.findall(r'href="/people/(\w+)"', found.text) == ["ZZ3"]
    assert "Nobody of this name or number works here." in words(client.get("/people?find=%25"))


def test_who_is_nobody_is_not_found(ledger: Ledger) -> None:
    assert signed_in(ledger, "ADM1").get("/people/NOBODY").status_code == 404


def test_only_an_administrator_is_offered_what_only_they_may_do(ledger: Ledger) -> None:
    shown = signed_in(ledger, "TECH1").get("/people/TECH2")
    assert shown.status_code == 200
    assert "<form" not in shown.text.split("<main")[1].split("</main")[0]
    assert "Add a person" not in words(signed_in(ledger, "TECH1").get("/people"))


def test_the_matrix_shows_what_the_registry_enforces(ledger: Ledger) -> None:
    page = signed_in(ledger, "INSP1").get("/permissions").text
    rows = {found[0]: found[1] for found in re.findall(r"<tr><th scope=\"row\">.*?<small>(.*?)</small></th>(.*?)</tr>", page, re.DOTALL)}
    assert set(rows) == {one.name for one in open_acts()}
    for name, cells in rows.items():
        may = [">may<" in cell for cell in re.findall(r"<td>(.*?)</td>", cells, re.DOTALL)][: len(Role)]
        roles = REGISTRY[name].roles
        assert may == ["everybody" in roles or role in roles for role in Role], name

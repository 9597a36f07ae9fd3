"""The account and the closing in a browser and by program, for each who looks; and vials that keep their balance whatever is done."""

import random
import re

import pytest

from backend.access.reads import viewer_of
from backend.app import rooms
from backend.custody.models import Container, Disposed
from backend.desk.reads.worklists import for_viewer
from backend.dossier import rules
from backend.dossier.models import Closed
from backend.dossier.reads import Live, fates_of, vials_of
from backend.ledger import Ledger, Refused
from tests import story
from tests.conftest import At
from tests.dossier import rig
from tests.people import PASSWORD
from tests.visit import send, signed_in, words

rooms()


def bank(at: At) -> tuple[Ledger, rig.Bank]:
    assert isinstance(at.told, rig.Bank)
    return at.ledger, at.told


def test_two_people_dispose_of_what_is_left_and_qa_closes_the_subject(banked: At) -> None:
    """The way of QA from the worklist to the closed subject."""
    ledger, told = bank(banked)
    rig.withdraw(ledger, told.coi)
    picked = rig.pick(ledger, told, 0, 1)
    qa = signed_in(ledger, "QA1")
    front = qa.get("/").text
    assert "Subjects to close" in front and "Open: 4" in front
    page = f"/subjects/{told.coi}/account"
    seen = qa.get(page)
    assert "4 things are open" in words(seen) and "This cannot be signed yet:" in words(seen)
    hands = signed_in(ledger, "TECH1")
    form = {"how": "destroyed", "detail": "autoclave, bag 17", "reason": "Withdrawn.", "password": PASSWORD, "second_person": "TECH2",
            "second_password": PASSWORD}  # fmt: skip
    there = f"/dispose?container={picked[0]}"
    assert "Without a disposition 4" in words(hands.get(there))
    answer = send(hands, there, form | {"container": picked}, to="/dispose")
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    rig.dispose(ledger, told.vials[2:], "retained")
    seen = qa.get(page)
    assert "Nothing is open" in words(seen) and "4 filled = 2 retained + 2 destroyed + 0 in stock" in words(seen)
    closing = {"reason": "Withdrawn.", "password": PASSWORD, "second_person": "TECH1", "second_password": PASSWORD}
    assert send(qa, page, closing, to=f"/subjects/{told.coi}/close").status_code == 303
    assert len(rig.rows_of(ledger, Closed)) == 1
    assert "Closed" in words(qa.get(page)) and "No subject has come to its end." in qa.get("/").text


def test_a_refused_disposition_comes_back_with_everything_that_was_typed(banked: At) -> None:
    ledger, told = bank(banked)
    hands = signed_in(ledger, "TECH1")
    form = {"container": told.vials[:2], "how": "destroyed", "detail": "bag 17", "reason": "Over.", "password": PASSWORD,
            "second_person": "TECH2", "second_password": PASSWORD}  # fmt: skip
    answer = send(hands, f"/dispose?container={told.vials[0]}", form, to="/dispose")
    assert answer.status_code == 409
    assert words(answer).count("it must be picked first.") == 2
    assert all(one in answer.text for one in told.vials[:2]) and "bag 17" in answer.text and PASSWORD not in answer.text


def test_who_sees_the_account_and_who_does_not(banked: At) -> None:
    """Assessors and couriers see no vial counts (decision P); an unknown subject and a forbidden one answer without telling."""
    ledger, told = bank(banked)
    page = f"/subjects/{told.coi}/account"
    for who in ("QA1", "TECH1", "PHYS1", "INSP1", "PREP1", "UQA1"):
        assert signed_in(ledger, who).get(page).status_code == 200
    for who in ("ASSE1", "COUR1", "RAND1", "ADM1"):
        assert signed_in(ledger, who).get(page).status_code == 403
    assert signed_in(ledger, "QA1").get(f"/subjects/{told.batch}/account").status_code == 404
    assert "Close the subject" not in signed_in(ledger, "TECH1").get(page).text
    assert signed_in(ledger, "PHYS1").get("/dispose").status_code == 403
    assert "Scan a vial first" in signed_in(ledger, "TECH1").get("/dispose").text


def test_the_account_by_program(banked: At) -> None:
    ledger, told = bank(banked)
    rig.dispose(ledger, told.vials[:1], "retained")
    client = signed_in(ledger, "QA1")
    opened = client.post("/api/v1/session", json={"person": "QA1", "password": PASSWORD})
    token = {"Authorization": f"Bearer {opened.json()['token']}"}
    said = client.get(f"/api/v1/subjects/{told.coi}/account", headers=token).json()
    assert (said["filled"], said["stock"], said["fates"]["retained"], said["difference"]) == (4, 3, 1, 0)
    assert said["vials"][0]["fate"]["by"] == ["Lin Yue", "Zhou Ke"] and len(said["against"]) == 4
    opened = client.post("/api/v1/session", json={"person": "ASSE1", "password": PASSWORD})
    token = {"Authorization": f"Bearer {opened.json()['token']}"}
    assert client.get(f"/api/v1/subjects/{told.coi}/account", headers=token).status_code == 404


def test_who_withdrew_is_asked_for_nothing_more(banked: At) -> None:
    """Withdrawal stops orders at once (risk 26); what was taken stays to be accounted for."""
    ledger, told = bank(banked)
    rig.withdraw(ledger, told.coi)
    with pytest.raises(Refused) as no:
        story.order(ledger, told.coi)
    assert any("withdr" in one for one in no.value.reasons)
    with pytest.raises(Refused, match="withdrawn already"):
        rig.withdraw(ledger, told.coi)
    with ledger.read() as session:
        lists = {one.title: one for one in for_viewer(session, ledger, viewer_of(session, "QA1", ledger.clock()), ledger.clock())}
    (item,) = lists["Subjects to close"].items
    assert (item.subject, item.pill, item.href) == ("S01", ("warn", "Open: 4"), f"/subjects/{told.coi}/account")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_is_done_each_vial_has_one_fate_and_the_sum_is_right(banked: At, seed: int) -> None:
    """Picks, dispositions, doses and their ends in any order: 4 = dispositions + stock after every step, and a fate never changes."""
    ledger, told = bank(banked)
    chance = random.Random(seed)
    out: set[str] = set()
    known: dict[str, str] = {}
    for step in range(24):
        vial = chance.choice(told.vials)
        try:
            if chance.random() < 0.3 and vial not in out:
                rig.pick(ledger, told, told.vials.index(vial))
                out.add(vial)
            elif chance.random() < 0.2 and vial in out and vial not in known:
                made = rig.dose(ledger.clock(), rig.batch_of(ledger, told.coi), [vial], step + 10, coi=told.coi)
                made += rig.given(ledger.clock(), told.coi, step + 10, end={"stopped_because": chance.choice(["", "fever"])})
                rig.plant(ledger, told.coi, *made)
            else:
                rig.dispose(ledger, [vial], chance.choice(sorted(rules.BY_HAND)), chance.choice(["", "bag 17"]))
        except Refused:
            pass
        with ledger.read() as session:
            rows = Live(session, told.coi)
            fates = fates_of(rows)
            total = rules.balance([one.code for one in vials_of(rows)], fates)
        assert (total.filled, total.difference) == (4, 0)
        assert known.items() <= {code: one.how for code, one in fates.items()}.items(), "a fate never changes"
        known = {code: one.how for code, one in fates.items()}
    rows_kept = rig.rows_of(ledger, Disposed)
    assert len({one.container_code for one in rows_kept}) == len(rows_kept)
    assert len(rig.rows_of(ledger, Container, kind="cryovial")) == 4


def test_the_history_says_who_disposed_of_what(banked: At) -> None:
    ledger, told = bank(banked)
    rig.dispose(ledger, told.vials[:1], "retained")
    text = words(signed_in(ledger, "QA1").get(f"/subjects/{told.coi}"))
    assert re.search(r"Lin Yue recorded that C[0-9A-Z-]+ ?: retained\.", text)

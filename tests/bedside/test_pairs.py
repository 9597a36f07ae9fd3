"""Twelve subjects, each with one dose in date: of the 12 × 12 wristband × dose pairs exactly twelve are GIVE, in pages and by program."""

from typing import Any

from tests.bedside import rig
from tests.people import PASSWORD, by
from tests.visit import send, signed_in, visit


def test_twelve_give_and_132_stop_in_pages(twelve: Any) -> None:
    ledger, all_ = twelve.ledger, twelve.told
    door = signed_in(ledger, "PHYS1")
    heard = {}
    for worn in all_:
        for held in all_:
            page = f"/bedside/{worn.order}"
            sent = send(door, page, {"access": worn.access, "wristband": worn.wristband, "dose": held.label}, f"{page}/check")
            assert sent.status_code == 303
            seen = door.get(sent.headers["location"])
            assert seen.status_code == 200
            gives, stops = 'data-sound="give"' in seen.text, 'data-sound="stop"' in seen.text
            assert gives != stops
            heard[worn.number, held.number] = gives
            if stops:
                assert "must be of one subject" in seen.text and f"Somebody {held.number}" not in seen.text
                assert "/give" not in seen.text and "Start infusion" not in seen.text
    assert (sum(heard.values()), len(heard)) == (12, 144)
    assert all(gives == (worn == held) for (worn, held), gives in heard.items())


def test_twelve_give_and_132_stop_by_program(twelve: Any) -> None:
    """And `give` with another person's confirmation of every right pair at hand: 132 answer 409, twelve are given."""
    ledger, all_ = twelve.ledger, twelve.told
    client = visit(ledger)
    token = client.post("/api/v1/session", json={"person": "PHYS1", "password": PASSWORD}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    verdicts, given = {}, {}
    pairs = sorted(((worn, held) for worn in all_ for held in all_), key=lambda pair: pair[0] is pair[1])
    for worn, held in pairs:
        asked = {"args": worn.asked(dose=held.label)}
        answer = client.post("/api/v1/acts/bedside.check", json=asked, headers=headers)
        assert answer.status_code == 200
        verdicts[worn.number, held.number] = answer.json()["result"]["verdict"]
    for one in all_:
        ledger.do("bedside.confirm", one.asked(), by=by("NURS1"))
    for worn, held in pairs:
        answer = client.post("/api/v1/acts/bedside.give", json={"args": worn.asked(dose=held.label)}, headers=headers)
        given[worn.number, held.number] = answer.status_code
        if answer.status_code == 409:
            assert any("must be of one subject" in reason for reason in answer.json()["refused"])
    assert [sorted(verdicts.values()).count(word) for word in ("GIVE", "STOP")] == [12, 132]
    assert [list(given.values()).count(status) for status in (200, 409)] == [12, 132]
    assert all((worn == held) == (given[worn, held] == 200) == (word == "GIVE") for (worn, held), word in verdicts.items())


def test_no_third_order_makes_a_wrong_pair_right(twelve: Any) -> None:
    """Wristband and dose of two subjects, by the order of the wristband's, the dose's or a third subject."""
    ledger, all_ = twelve.ledger, twelve.told
    worn, held, third = all_[0], all_[1], all_[2]
    for order in (worn, held, third):
        for access in rig.ACCESS.values():
            said = rig.stops_of(ledger, {"order": order.order, "access": access, "wristband": worn.wristband, "dose": held.label})
            assert any("both must be of one subject" in sentence for sentence in said)
    assert rig.stops_of(ledger, worn.asked(order=third.order, access=third.access)) != []

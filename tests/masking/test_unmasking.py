"""In an emergency one physician is told one arm: for a listed reason, with their own password, and QA is told that (decision P3)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_args

import pytest
from sqlmodel import select

from backend.access.models import Alert
from backend.access.rules import Role
from backend.ledger import Ledger, Nonsense, NotAllowed, Refused
from backend.masking.models import Unmasked
from backend.masking.reads import unmasking_view
from backend.masking.rules import Reason, against_unmasking
from labels.codes import draw as a_code
from tests import story
from tests.api.test_calls import V1, caller
from tests.conftest import At
from tests.masking import rig
from tests.people import PASSWORD, by, sign
from tests.visit import send, signed_in, words

WHY = get_args(Reason)[0]
TOLD = "Fever of 40.1 °C and a seizure two hours after the infusion."


@pytest.fixture
def here(at: Callable[..., At]) -> At:
    """Three subjects with an arm each, and a fourth without."""
    return at("assigned", rig.assigned)


def ask(coi: str, **more: str) -> dict[str, str]:
    return {"subject": coi, "reason_code": WHY, "told": TOLD} | more


def unmask(ledger: Ledger, coi: str, person: str = "PHYS2", **more: str) -> Any:
    return ledger.do("masking.unmask", ask(coi, **more), by=by(person), signatures=sign(person))


def seen(ledger: Ledger, coi: str, person: str = "PHYS2") -> Any:
    from backend.access.reads import viewer_of

    with ledger.read() as session:
        return unmasking_view(session, ledger, coi, viewer_of(session, person, ledger.clock()))


def coi_of(here: At, n: int = 0) -> str:
    return here.told[n]  # type: ignore[index,no-any-return]


def test_a_physician_is_told_the_arm_of_this_subject_and_of_no_other(here: At) -> None:
    """Decision P3."""
    unmask(here.ledger, coi_of(here, 1))
    mine = seen(here.ledger, coi_of(here, 1)).mine
    assert (mine.arm, mine.dose, mine.volume, mine.route) == ("ica_high", "1.0E+7 viable cells", "10.0 mL", "Internal carotid artery")
    assert (mine.reason, mine.told) == (WHY, TOLD)
    for other in (0, 2, 3):
        assert seen(here.ledger, coi_of(here, other)).mine is None
    for person in ("PHYS1", "QA1", "PREP1", "INSP1"):
        assert seen(here.ledger, coi_of(here, 1), person).mine is None


def test_qa_is_told_who_whom_and_why_and_not_what(here: At) -> None:
    """Decision P3: the alert is QA's alone, and neither it nor the record has the arm or the text in it."""
    coi = coi_of(here)
    unmask(here.ledger, coi)
    with here.ledger.read() as session:
        alert = session.exec(select(Alert)).one()
    assert alert.roles == "qa"
    assert "Fang Yun unmasked the subject" in alert.sentence and WHY in alert.sentence
    page = signed_in(here.ledger, "QA1").get("/alerts")
    assert "Fang Yun unmasked the subject" in words(page)
    assert "There is no alert for you." in words(signed_in(here.ledger, "ADM1").get("/alerts"))
    with here.ledger.engine.connect() as conn:
        bodies = [bytes(row[0]) for row in conn.exec_driver_sql("SELECT body FROM entry WHERE act = 'masking.unmask'")]
    assert len(bodies) == 2  # of the subject, and of the people
    for secret in (*story.ARMS, "seizure"):
        assert not any(secret.encode() in body for body in bodies)
        assert secret not in page.text and secret not in alert.sentence


def test_the_text_is_read_by_unmasked_people_alone(here: At) -> None:
    coi = coi_of(here)
    unmask(here.ledger, coi)
    for person, reads in (("PREP1", True), ("UQA1", True), ("QA1", False), ("PHYS2", False), ("INSP1", False)):
        page = signed_in(here.ledger, person).get(f"/history?chain={coi}&act=masking.unmask").text
        assert ("seizure" in page) == reads, person
        assert not any(arm in page for arm in story.ARMS), person


def test_it_is_told_on_its_page_and_nowhere_else(here: At) -> None:
    coi, other = coi_of(here, 1), coi_of(here, 2)
    client = signed_in(here.ledger, "PHYS2")
    form = {"reason_code": WHY, "told": TOLD, "password": PASSWORD}
    page = f"/subjects/{coi}/unmasking"
    assert "ica_high" not in client.get(page).text
    assert send(client, page, form).status_code == 303
    assert "ica_high" in client.get(page).text
    for address in ("/", f"/history?chain={coi}", f"/scan?code={coi}", f"/subjects/{other}/unmasking", "/alerts"):
        assert "ica_high" not in client.get(address).text, address
    program = caller(here.ledger, "PHYS2")
    for address in (f"/codes/{coi}", f"/history?chain={coi}"):
        assert "ica_high" not in program.get(V1 + address).text, address


@pytest.mark.parametrize("person", ["PHYS1", "NURS1", "QA1", "PREP1", "UQA1", "ASSE1", "RAND1", "INSP1", "ADM1", "COUR1"])
def test_nobody_without_the_permission_is_told_or_shown_the_form(here: At, person: str) -> None:
    coi = coi_of(here)
    unmask(here.ledger, coi)
    with pytest.raises(NotAllowed):
        unmask(here.ledger, coi, person)
    answer = signed_in(here.ledger, person).get(f"/subjects/{coi}/unmasking")
    assert answer.status_code == 403
    assert not any(arm in answer.text for arm in story.ARMS)


def test_it_is_signed_with_ones_own_password(here: At) -> None:
    for signatures, said in (((), "0 of 1 signatures"), (sign("PHYS1"), "the first signature must be yours")):
        with pytest.raises(Refused, match=said):
            here.ledger.do("masking.unmask", ask(coi_of(here)), by=by("PHYS2"), signatures=signatures)


@pytest.mark.parametrize("wrong", [{"reason_code": "curiosity"}, {"told": ""}, {"reason_code": ""}])
def test_a_reason_of_the_list_and_a_text_are_needed(here: At, wrong: dict[str, str]) -> None:
    with pytest.raises(Nonsense):
        unmask(here.ledger, coi_of(here), **wrong)


def test_it_cannot_be_undone_and_is_not_done_twice(here: At) -> None:
    unmask(here.ledger, coi_of(here))
    with pytest.raises(Refused, match="unmasked this subject already"):
        unmask(here.ledger, coi_of(here))
    with here.ledger.read() as session:
        assert len(session.exec(select(Unmasked)).all()) == 1


def test_a_subject_without_a_line_has_nothing_to_tell(here: At) -> None:
    with pytest.raises(Refused, match="No line of the randomisation list is drawn for this subject"):
        unmask(here.ledger, coi_of(here, 3))
    assert "There is nothing to tell." in words(signed_in(here.ledger, "PHYS2").get(f"/subjects/{coi_of(here, 3)}/unmasking"))


def test_an_unknown_code_is_answered_as_one(here: At) -> None:
    assert signed_in(here.ledger, "PHYS2").get(f"/subjects/{a_code('S')}/unmasking").status_code == 404


def test_who_is_not_a_physician_any_more_is_told_nothing(here: At) -> None:
    """Decision P3: the permission alone is not enough, and what was told is not shown to somebody who treats nobody."""
    unmask(here.ledger, coi_of(here))
    _end(here.ledger, Role.PHYSICIAN)
    with pytest.raises(Refused, match="You are not a physician now"):
        unmask(here.ledger, coi_of(here, 1))
    assert signed_in(here.ledger, "PHYS2").get(f"/subjects/{coi_of(here)}/unmasking").status_code == 403


def test_when_the_permission_is_over_what_was_told_may_still_be_read_and_nothing_more(here: At) -> None:
    unmask(here.ledger, coi_of(here))
    _end(here.ledger, Role.UNMASK)
    client = signed_in(here.ledger, "PHYS2")
    assert "ommaya" not in client.get(f"/subjects/{coi_of(here, 1)}/unmasking").text
    assert client.get(f"/subjects/{coi_of(here, 1)}/unmasking").status_code == 403
    assert seen(here.ledger, coi_of(here)).mine.arm in client.get(f"/subjects/{coi_of(here)}/unmasking").text


def _end(ledger: Ledger, role: str) -> None:
    with ledger.engine.connect() as conn:
        code = conn.exec_driver_sql(f"SELECT code FROM role_granted WHERE person = 'PHYS2' AND role = '{role}'").scalar_one()
    ledger.do("access.end_role", {"grant": code}, by=by("ADM1"), reason="Another task.")


def test_an_administrator_cannot_give_it_to_an_assessor_nor_make_one_of_who_has_it(here: At) -> None:
    """Decision P3."""
    ends = (here.ledger.clock() + timedelta(days=30)).isoformat()
    with pytest.raises(Refused, match="Only a physician may unmask"):
        here.ledger.do("access.grant", {"person": "ASSE1", "role": "unmask", "ends_at": ends}, by=by("ADM1"))
    with pytest.raises(Refused, match="cannot be assessor"):
        here.ledger.do("access.grant", {"person": "PHYS2", "role": "assessor"}, by=by("ADM1"))
    here.ledger.do("access.grant", {"person": "PHYS1", "role": "unmask", "ends_at": ends}, by=by("ADM1"))


def test_the_physician_may_still_treat(here: At) -> None:
    from backend.ledger import REGISTRY

    unmask(here.ledger, coi_of(here))
    gate, at = here.ledger.gate, here.ledger.clock()
    assert gate is not None
    with here.ledger.read() as session:
        for name in ("collection.order", "collection.collect", "subject.withdraw"):
            assert gate.reasons(session, REGISTRY[name], by("PHYS2"), ["PHYS2"], at) == (True, [])


def test_every_reason_against_is_said_at_once() -> None:
    assert len(list(against_unmasking(False, False, True))) == 3
    assert list(against_unmasking(True, True, False)) == []

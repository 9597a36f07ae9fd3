"""Several people at once: one success where one is right, and nobody waits for ever."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import func, select

from backend.access.models import RoleCountersigned
from backend.ledger import REGISTRY, Code, Ledger, Now, Refused, SubjectCode, chains
from backend.ledger.models import Entry
from backend.ledger.verify import verify
from labels.codes import draw
from tests.ledger.invented import BY, a_subject, acts
from tests.people import by, sign


@pytest.mark.parametrize("turn", range(3))
def test_eight_countersign_one_role_at_once_and_one_has_done_it(ledger: Ledger, turn: int) -> None:
    ledger.do("access.add_person", {"person": "NEW1", "name": "New"}, by=by("ADM1"))
    grant = ledger.do("access.grant", {"person": "NEW1", "role": "nurse"}, by=by("ADM1")).result

    def countersign(n: int) -> str:
        person = ("QA1", "QA2")[n % 2]
        try:
            ledger.do("access.countersign", {"grant": grant}, by=by(person), signatures=sign(person))
        except Refused as no:
            return str(no)
        return "done"

    with ThreadPoolExecutor(8) as pool:
        got = Counter(pool.map(countersign, range(8)))
    assert got == {"done": 1, "This role is countersigned already.": 7}
    with ledger.read() as session:
        assert session.exec(select(func.count()).select_from(RoleCountersigned)).one() == 1
        assert session.exec(select(func.count()).select_from(Entry).where(Entry.act == "access.countersign")).one() == 8


def test_eight_use_one_key_of_a_table_at_once_and_only_the_unique_decides(ledger: Ledger) -> None:
    """Eight subjects, so no lock is shared: the database alone says once, and each loser is told the table's own sentence."""
    code, subjects = draw("K"), [a_subject(ledger) for _ in range(8)]

    def take(now: Now, subject: SubjectCode) -> None:
        """Takes a code without looking whether it is taken."""
        now.add(Code(code=code, kind="K"))

    def send(subject: str) -> str:
        try:
            ledger.do("test.take", {"subject": subject}, by=BY)
        except Refused as no:
            return str(no)
        return "done"

    says = Code.says
    Code.says = {"code": "This code is taken."}
    try:
        with acts(take, writes=set()), ThreadPoolExecutor(8) as pool:
            got = Counter(pool.map(send, subjects))
    finally:
        Code.says = says
    assert got == {"done": 1, "This code is taken.": 7}


def storm(ledger: Ledger, rounds: int) -> Counter[str]:
    """Acts that write one to four subjects and lean on `supplies` or write it, in any order, from eight threads."""
    subjects = [a_subject(ledger) for _ in range(5)]
    dice = random.Random(7)

    def touch(now: Now, about: list[SubjectCode]) -> None:
        """One row on each of the subjects' chains."""
        for chain in sorted(now.heads.keys() - {"supplies"}, key=lambda c: dice.random()):
            now.add(Code(code=draw("K"), kind="K"), chain=chain)
            now.session.flush()

    def block(now: Now) -> None:
        """One row on the chain that the others lean on."""
        now.add(Code(code=draw("K"), kind="K"), chain="supplies")

    def go(n: int) -> Counter[str]:
        own, seen = random.Random(n), Counter[str]()
        for _ in range(rounds):
            try:
                if own.random() < 0.2:
                    ledger.do("test.block", by=BY)
                else:
                    ledger.do("test.touch", {"about": own.sample(subjects, own.randint(1, 4))}, by=BY)
                seen["done"] += 1
            except Exception as error:  # noqa: BLE001  # whatever it is, it is counted and told
                seen[f"{type(error).__name__}: {str(error)[:80]}"] += 1
        return seen

    total: Counter[str] = Counter()
    with acts(touch, writes=set(), relies={"supplies"}), acts(block, writes={"supplies"}):
        assert REGISTRY["test.touch"].codes == {"about": ("S",)}
        with ThreadPoolExecutor(8) as pool:
            for seen in pool.map(go, range(8)):
                total += seen
    return total


def test_no_order_of_chains_deadlocks(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.ledger.perform.TRIES", 1)
    assert storm(ledger, 12) == {"done": 96}
    assert list(verify(ledger.engine)) == []


def test_locks_that_are_not_sorted_do_deadlock_so_the_hunt_can_find_one(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def shuffled(things: Any) -> list[Any]:
        return random.sample(given := list(things), len(given))

    monkeypatch.setattr(chains, "sorted", shuffled, raising=False)
    monkeypatch.setattr("backend.ledger.perform.TRIES", 1)
    if ledger.engine.dialect.name == "sqlite":  # one lock for all chains, whatever their order
        assert storm(ledger, 2) == {"done": 16}
        return
    found: Counter[str] = Counter()
    for _ in range(20):
        found += storm(ledger, 2)
        if any("deadlock" in said.lower() for said in found):
            return
    raise AssertionError(f"no deadlock was found in {found}")


def test_a_head_that_moved_under_its_lock_is_our_mistake(ledger: Ledger) -> None:
    def behind(now: Now) -> None:
        """Somebody moves the head without asking for the lock."""
        now.heads["site"] = chains.Tip(now.heads["site"].seq, "not the hash", "")

    with acts(behind), pytest.raises(RuntimeError, match="the head of site moved under its lock"):
        ledger.do("test.behind", by=BY)


def test_an_act_on_a_chain_that_is_not_there_is_our_mistake(ledger: Ledger) -> None:
    def nowhere(now: Now) -> None:
        """Writes where nothing is."""

    with acts(nowhere, writes={"nowhere"}), pytest.raises(RuntimeError, match="there is no chain"):
        ledger.do("test.nowhere", by=BY)


def test_an_act_that_is_undone_for_ever_says_so(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    from backend.ledger import perform

    def again(*_: Any) -> None:
        raise perform._Again

    monkeypatch.setattr(perform._Run, "_tell", again)
    with pytest.raises(RuntimeError, match=r"access\.sign_in was undone 8 times"):
        ledger.do("access.sign_in", by=by("TECH1"))

"""How often there may be paper: one row for each way in which it is given out, printed again or scanned back, or is not."""

from datetime import UTC, datetime, timedelta

import pytest

from labels.copies import FIRST, GIVEN_OUT_FOR, Copy, against_fetching, against_paper, against_printing, against_scanning_back

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
JUST_TOO_LATE = AT - GIVEN_OUT_FOR - timedelta(milliseconds=1)
ONCE = Copy("K1", 1, FIRST, AT, "TECH1", None)


@pytest.mark.parametrize(("person", "since", "back", "said"), [
    ("TECH1", AT, False, []),
    ("TECH1", AT - GIVEN_OUT_FOR, False, []),
    ("TECH1", JUST_TOO_LATE, False, ["The paper was given out at 2026-03-02 00:57 UTC; it is given out once."]),
    ("TECH2", AT, False, ["TECH1 printed this, so nobody else is given its paper; you are TECH2."]),
    ("TECH1", AT, True, ["This was scanned back or has ended, so it is on paper; two things with the same label are worse than none."]),
    ("TECH1", None, False, ["Nobody has asked for this paper yet; the page of the print has a button for it."]),
])  # fmt: skip
def test_paper_is_given_for_two_minutes_to_who_printed_it(person: str, since: datetime | None, back: bool, said: list[str]) -> None:
    found = list(against_fetching("TECH1", person, since, AT, back=back, again="Do this instead."))
    assert found == [*said, *(["Do this instead."] if said else [])]


def test_every_reason_against_giving_paper_out_is_said_and_what_to_do_comes_once() -> None:
    assert len(list(against_fetching("TECH1", "QA1", AT, AT + timedelta(hours=1), back=True, again="Do this instead."))) == 4


@pytest.mark.parametrize(("newest", "person", "said"), [
    (None, "TECH1", ["It was never printed, so there is no paper of it."]),
    (ONCE, "TECH1", []),
    (ONCE._replace(back_at=AT), "TECH1", ["scanned back", "each print is counted"]),
    (ONCE, "TECH2", ["nobody else", "each print is counted"]),
])  # fmt: skip
def test_what_carries_its_own_code_gives_its_paper_out_with_the_print(newest: Copy | None, person: str, said: list[str]) -> None:
    found = list(against_paper(newest, person, AT))
    assert len(found) == len(said) and all(part in sentence for part, sentence in zip(said, found, strict=True))


@pytest.mark.parametrize(("newest", "why", "said"), [
    (None, FIRST, []), (None, "worn out", []), (ONCE, "worn out", []),
    (ONCE, FIRST, ["It was printed once, the last time at 2026-03-02 01:00 UTC by TECH1; a reprint must say why."]),
    (ONCE._replace(number=3), FIRST, ["It was printed 3 times, the last time at 2026-03-02 01:00 UTC by TECH1; a reprint must say why."]),
])  # fmt: skip
def test_a_reprint_says_why(newest: Copy | None, why: str, said: list[str]) -> None:
    assert list(against_printing(newest, why)) == said


@pytest.mark.parametrize(("newest", "said"), [
    (ONCE, []), (None, ["It was never printed; it must be printed before it is scanned back."]),
    (ONCE._replace(back_at=AT), ["The newest print of it was scanned back already, at 2026-03-02 01:00 UTC."]),
])  # fmt: skip
def test_the_newest_print_is_scanned_back_once(newest: Copy | None, said: list[str]) -> None:
    assert list(against_scanning_back(newest)) == said

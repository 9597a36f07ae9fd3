"""The randomisation list: every way in which it can be wrong, said without an arm."""

import pytest

from backend.masking.rules import against_list, checksum, lines_of

ARMS = ("ommaya", "ica_low", "ica_high")
GOOD = "line,arm\n" + "".join(f"{n},{ARMS[n % 3]}\n" for n in range(1, 13))


def said(text: str, planned: int = 12) -> list[str]:
    return list(against_list(text, checksum(text), ARMS, planned))


def test_a_whole_list_has_nothing_against_it() -> None:
    assert said(GOOD) == []
    assert [line.number for line in lines_of(GOOD)] == [str(n) for n in range(1, 13)]


def test_line_ends_and_the_case_of_the_checksum_make_no_difference() -> None:
    windows = GOOD.replace("\n", "\r\n") + "\r\n"
    assert list(against_list(windows, checksum(GOOD).upper(), ARMS, 12)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("line,arm", "number,group"), "The first line must be"),
        (GOOD.replace("12,ommaya\n", ""), "The list has 11 lines; it must have 12."),
        (GOOD + "13,ommaya\n", "The list has 13 lines; it must have 12."),
        (GOOD.replace("5,ica_high", "5,ica_medium"), "in row 6 of the file is no arm"),
        (GOOD.replace("5,ica_high", "5,"), "in row 6 of the file; each row must have both"),
        (GOOD.replace("5,ica_high\n", "\n"), "in row 6 of the file; each row must have both"),
        (GOOD.replace("5,ica_high", "5,ica_high,late"), "in row 6 of the file; each row must have both"),
        (GOOD.replace("7,", "6,"), "not 1 to 12, each once"),
        (GOOD.replace("5,ica_high", "5,ica_low"), "each must have 4 of 12 lines"),
        ("", "The first line must be"),
    ],
)
def test_a_wrong_list_is_named_without_an_arm(text: str, words: str) -> None:
    sentences = " ".join(said(text))
    assert words in sentences
    assert not any(arm in sentences for arm in (*ARMS, "ica_medium"))


def test_a_checksum_of_another_file_is_refused() -> None:
    assert "is not the checksum of this file" in " ".join(against_list(GOOD, checksum(GOOD + "x"), ARMS, 12))

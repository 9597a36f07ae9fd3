"""The code grammar: what is drawn, what is read, and that nothing wrong is read."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels import codes
from labels.codes import ALPHABET, KINDS, NotACode, draw, expect, read, shown

MANY = [draw(kind) for kind in KINDS for _ in range(30)]
EVERY_LETTER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
GOOD = "SK0KPKFMV0A14"


def is_code(text: str) -> bool:
    try:
        return read(text) == text
    except NotACode:
        return False


@pytest.mark.parametrize("kind", KINDS)
def test_a_drawn_code_has_its_kind_and_thirteen_characters_that_read_back(kind: str) -> None:  # C1
    code = draw(kind)
    assert code[0] == kind
    assert len(code) == 13
    assert set(code[1:]) <= set(ALPHABET)
    assert read(code) == read(shown(code)) == code


def test_a_code_is_shown_in_groups_of_four() -> None:
    assert shown("C7K3QX9M2PD44") == "C7K3-QX9M-2PD4-4"


def test_every_single_wrong_character_is_refused() -> None:  # C2
    read_anyway = [
        wrong
        for code in MANY
        for at in range(13)
        for character in EVERY_LETTER
        if character != code[at] and is_code(wrong := code[:at] + character + code[at + 1 :])
    ]
    assert read_anyway == []


def test_every_swap_of_neighbours_is_refused() -> None:  # C2
    swaps = [code[:at] + code[at + 1] + code[at] + code[at + 2 :] for code in MANY for at in range(12) if code[at] != code[at + 1]]
    assert len(swaps) > 3000
    assert [swap for swap in swaps if is_code(swap)] == []


def test_the_check_character_alone_would_let_some_swaps_through() -> None:
    """This is why a code is drawn again."""
    unlucky = 0
    for _ in range(3000):
        stem = "C" + "".join(codes.secrets.choice(ALPHABET) for _ in range(11))
        code = stem + codes.mod_37_36.calc_check_digit(stem)
        unlucky += any(
            codes.mod_37_36.is_valid(code[:at] + code[at + 1] + code[at] + code[at + 2 :]) for at in range(12) if code[at] != code[at + 1]
        )
    assert unlucky > 0


def test_codes_do_not_repeat_and_tell_no_order() -> None:  # C2, C3
    drawn = [draw("C") for _ in range(2000)]
    assert len(set(drawn)) == 2000
    rising = sum(first < second for first, second in pairwise(drawn))
    assert 800 < rising < 1200


def test_an_unknown_kind_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="'X' is no kind of code"):
        draw("X")


def test_drawing_takes_no_seed() -> None:
    assert codes.secrets.choice.__self__.__class__.__name__ == "SystemRandom"
    assert draw.__code__.co_varnames[: draw.__code__.co_argcount] == ("kind",)


@pytest.mark.parametrize(
    "text",
    [
        f"{GOOD}\n", f"{GOOD}\t", f"  {GOOD}\r\n", f"]Q3{GOOD}", f"]Q1{GOOD}\n", f"]q3{GOOD.lower()}", "SK0K-PKFM-V0A1-4",
        "sk0k pkfm v0a1 4",
        "sK0k-PkFm v0A1-4",
    ],
)  # fmt: skip
def test_what_a_scanner_or_a_person_adds_is_taken_away(text: str) -> None:
    assert read(text) == GOOD


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Nothing was scanned"),
        (" - \n", "Nothing was scanned"),
        ("]Q3", "Nothing was scanned"),
        ("XK0KPKFMV0A14", "begins with X"),
        ("XK0K", "begins with X"),  # the kind is looked at before the length
        ("SK0KPKFMV0A1", "has 12 characters; a code has 13"),
        (GOOD + "4", "has 14 characters; a code has 13"),
        ("SK0KPKFMVOA14", "contains O"),
        ("SK0KPKFMV0AI4", "contains I"),
        ("SK0KPKFMV0AL4", "contains L"),
        ("SK0KPKFMV0A1U", "contains U"),
        ("SK0KPKFMV0A1!", "contains !"),
        ("SK0KPKFMV0A15", "do not match its check character 5"),
        ("=G123498654321", "ISBT 128"),
        ("&/CHA99992112345", "ISBT 128"),
        ("SK0K\x00PKFMV0A14", r"control character \(number 0\)"),
        (GOOD + "\x1d", r"control character \(number 29\)"),
        ("SK0K\nPKFMV0A14", r"control character \(number 10\)"),
        (GOOD + "\x85", r"control character \(number 133\)"),
        ("\u017fK0KPKFMV0A14", "half-width"),  # a long s, whose capital is S
        ("ＳK0KPKFMV0A14", "half-width"),
        ("SK0K\u2013PKFM\u2013V0A1\u20134", "half-width"),
        ("SK0K\u00a0PKFMV0A14", "half-width"),
        ("SK0K\u202ePKFMV0A14", "half-width"),
        ("<script>alert(1)</script>", "begins with <"),
        ("S" * 10_000_000, "has 10000000 characters"),
    ],
    ids=lambda value: str(value)[:20].encode("ascii", "backslashreplace").decode(),
)
def test_what_is_not_a_code_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(NotACode, match=sentence) as refused:
        read(text)
    assert len(refused.value.sentence) < 180
    assert refused.value.sentence.endswith(".")
    assert all(character.isprintable() for character in refused.value.sentence)


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_refused_and_nothing_else(text: str) -> None:
    try:
        code = read(text)
    except NotACode as refused:
        assert refused.sentence
    else:
        assert is_code(code)


@given(st.text(alphabet=EVERY_LETTER + "abcilou-] ", min_size=11, max_size=16))
def test_what_looks_like_a_code_is_read_only_when_it_is_one(text: str) -> None:
    if is_code(text):
        assert codes.mod_37_36.is_valid(text)
        assert set(text[1:]) <= set(ALPHABET)


@pytest.mark.parametrize("wanted", KINDS)
@pytest.mark.parametrize("seen", KINDS)
def test_a_code_of_another_kind_is_refused_and_says_what_it_is(wanted: str, seen: str) -> None:
    code = draw(seen)
    if wanted == seen:
        assert expect(code, wanted) == code
        return
    with pytest.raises(NotACode) as refused:
        expect(code, wanted)
    assert refused.value.sentence == codes.WRONG_KIND[wanted, seen]
    assert KINDS[seen] in refused.value.sentence


def test_a_place_for_a_wristband_is_refused_in_these_words() -> None:
    with pytest.raises(NotACode) as refused:
        expect(draw("P"), "W")
    assert refused.value.sentence == "This is a place label; scan the wristband on the subject."


def test_one_of_several_kinds_is_enough_and_the_first_is_asked_for() -> None:
    label, container = draw("L"), draw("C")
    assert (expect(label, "L", "C"), expect(container, "L", "C")) == (label, container)
    with pytest.raises(NotACode, match="scan the label on the container"):
        expect(draw("B"), "L", "C")

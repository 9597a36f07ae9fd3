"""What a value is worth: a table written without the program, and a second way of judging that tries the numbers a value leaves open."""

from decimal import Decimal

import pytest

from backend.testing.rules import Asked, compared, judged, must_be, profile_of, spelled, typed

IN, OUT, OPEN = "in", "out", "inconclusive"
TABLE = [
    # limit, value, verdict
    ("<= 2.0", "2.0", IN),
    ("<= 2.0", "2.00", IN),
    ("<= 2.0", "2.0000001", OUT),  # unrounded
    ("<= 2.0", "0", IN),
    ("<= 2.0", "< 2.0", IN),
    ("<= 2.0", "<= 2.0", IN),
    ("<= 2.0", "< 2.1", OPEN),
    ("<= 2.0", "> 2.0", OUT),
    ("<= 2.0", ">= 2.0", OPEN),
    ("<= 2.0", "> 1.9", OPEN),
    ("<= 5.4", "< 10", OPEN),
    ("<= 5.4", "< 2", IN),
    ("<= 5.4", "> 5", OPEN),
    ("<= 5.4", "> 6", OUT),
    ("<= 5.4", "5.4", IN),
    ("<= 5.4", "5.41", OUT),
    ("< 5", "5", OUT),
    ("< 5", "4.999", IN),
    ("< 5", "< 5", IN),
    ("< 5", "<= 5", OPEN),
    (">= 95", "95", IN),
    (">= 95", "94.99", OUT),
    (">= 95", "> 95", IN),
    (">= 95", "> 90", OPEN),
    (">= 95", ">= 95", IN),
    (">= 95", "< 95", OUT),
    (">= 95", "<= 95", OPEN),
    (">= 95", "< 99", OPEN),
    ("> 70", "70", OUT),
    ("> 70", "> 70", IN),
    ("> 70", ">= 70", OPEN),
    (">= 80", "79.96", OUT),  # shown as 80.0 it would pass
    ("5.0 to 15.0", "5.0", IN),
    ("5.0 to 15.0", "15", IN),
    ("5.0 to 15.0", "15.01", OUT),
    ("5.0 to 15.0", "< 5", OUT),
    ("5.0 to 15.0", "< 6", OPEN),
    ("5.0 to 15.0", "> 4", OPEN),
    ("5.0 to 15.0", "> 15", OUT),
]  # fmt: skip


def number(limit: str, unit: str = "EU/mL", title: str = "Endotoxin") -> Asked:
    return Asked("C1", "endotoxin", title, "number", "harvest", unit=unit, limit=limit)


@pytest.mark.parametrize(("limit", "value", "verdict"), TABLE)
def test_a_number_is_judged_as_the_table_says(limit: str, value: str, verdict: str) -> None:
    asked = number(limit)
    found = judged(asked, typed(asked, value))
    assert found.verdict == verdict
    assert bool(found.sentence) == (verdict != IN)


@pytest.mark.parametrize(("limit", "value", "verdict"), TABLE)
def test_a_number_is_judged_as_the_numbers_that_it_leaves_open(limit: str, value: str, verdict: str) -> None:
    """The same, the other way round: every candidate on a fine grid that the value allows is tried against the limit."""
    grid = [Decimal(n) / 100 for n in range(20_001)] + [Decimal(v.strip("<>= ")) for v in (value,)]
    possible = [one for one in grid if _meets(value, one)]
    good = {_meets(limit, one) for one in possible}
    assert verdict == (IN if good == {True} else OUT if good == {False} else OPEN)


def _meets(limit: str, number: Decimal) -> bool:
    if " to " in limit:
        low, high = (Decimal(part) for part in limit.split(" to "))
        return low <= number <= high
    sign = limit.rstrip("0123456789. ")
    end = Decimal(limit[len(sign) :].strip())
    return {"<": number < end, "<=": number <= end, ">": number > end, ">=": number >= end, "": number == end}[sign]


@pytest.mark.parametrize(
    ("limit", "value", "sentence"),
    [
        ("<= 2.0", "2.10", "Endotoxin is 2.10 EU/mL; it must be at most 2.0 EU/mL."),
        ("< 5", "5", "Endotoxin is 5 EU/mL; it must be below 5 EU/mL."),
        (">= 95", "94", "Endotoxin is 94 EU/mL; it must be at least 95 EU/mL."),
        ("> 70", "70", "Endotoxin is 70 EU/mL; it must be above 70 EU/mL."),
        ("5.0 to 15.0", "16", "Endotoxin is 16 EU/mL; it must be 5.0 to 15.0 EU/mL."),
        ("<= 5.4", "< 10", "Endotoxin is < 10 EU/mL; it must be at most 5.4 EU/mL, and this value does not show whether it is."),
    ],
)
def test_a_sentence_says_what_is_and_what_must_be(limit: str, value: str, sentence: str) -> None:
    asked = number(limit)
    assert judged(asked, typed(asked, value)).sentence == sentence


CHOICE = Asked("C1", "sterility", "Sterility", "choice", "harvest", options=("no growth", "growth"), limit="no growth", override="never")


def test_a_choice_is_in_when_it_is_accepted() -> None:
    assert judged(CHOICE, typed(CHOICE, "no growth")).verdict == IN
    out = judged(CHOICE, typed(CHOICE, "growth"))
    assert (out.verdict, out.sentence) == (OUT, "Sterility is growth; it must be no growth.")


@pytest.mark.parametrize("value", ["", "Growth", "none"])
def test_a_choice_is_one_of_its_options(value: str) -> None:
    with pytest.raises(ValueError, match="it is no growth or growth"):
        typed(CHOICE, value)


@pytest.mark.parametrize("value", ["", "low", "-1", "1,5", "< ", "1e3", "NaN", "= 5", "<> 5", "٣", "1" * 13])
def test_a_number_is_written_out_in_digits(value: str) -> None:
    with pytest.raises(ValueError, match="is no value of Endotoxin"):
        typed(number("<= 2.0"), value)


@pytest.mark.parametrize(("value", "kept"), [("<10", "< 10"), ("< 10", "< 10"), (">=5.0", ">= 5.0"), ("7.50", "7.50")])
def test_a_number_keeps_its_digits(value: str, kept: str) -> None:
    assert typed(number("<= 2.0"), value) == kept


def test_what_is_reported_is_not_judged() -> None:
    report = Asked("C1", "potency", "Potency", "report", "harvest")
    assert judged(report, typed(report, " three lineages ")).verdict == "reported"
    assert judged(number(""), "1").verdict == "reported"
    with pytest.raises(ValueError, match="reported in words; nothing was said"):
        typed(report, " ")


def test_what_must_be_is_said_in_words() -> None:
    assert must_be(number("<= 2.0")) == "at most 2.0 EU/mL"
    assert must_be(number("7", "")) == "7"
    assert must_be(number("")) == ""
    assert must_be(CHOICE) == "no growth"


# ---- profiles ----

OWN = "TH01: 6, 9.3\nD3S1358: 15, 17\nAMEL: X\nvWA: 16, 18"


def profiles(product: str, *references: str) -> tuple[str, str]:
    found = compared("STR profile", profile_of(product), [profile_of(one) for one in references])
    return found.verdict, found.sentence


@pytest.mark.parametrize(
    "product", [OWN, "vwa=18/16; th01=9.3,6; AMEL: X, X; D3S1358: 17 15", OWN.replace("\n", "\r\n"), OWN.replace("\n", ";\n")]
)
def test_a_profile_is_equal_however_it_is_written(product: str) -> None:
    assert profiles(product, OWN) == (IN, "")


def test_a_mismatch_names_its_loci_and_no_allele() -> None:
    verdict, sentence = profiles("TH01: 7, 9.3\nD3S1358: 14, 17\nAMEL: X\nvWA: 16, 18", OWN)
    assert verdict == OUT
    assert sentence == "STR profile differs from the subject's own reference sample at D3S1358 and TH01; it must be equal at every locus."
    verdict, sentence = profiles("TH01: 6\nD3S1358: 15, 17\nAMEL: X\nvWA: 16, 18", OWN)
    assert (verdict, "at TH01;" in sentence) == (OUT, True)
    assert profiles("TH01: 7\nD3S1358: 1\nAMEL: Y\nvWA: 1", OWN)[1].count("AMEL, D3S1358, TH01 and VWA") == 1


def test_a_third_allele_is_a_mismatch_and_no_nonsense() -> None:
    assert profiles(OWN.replace("6, 9.3", "6, 7, 9.3"), OWN)[0] == OUT


def test_a_locus_of_one_profile_only_shows_nothing() -> None:
    verdict, sentence = profiles(OWN.replace("\nvWA: 16, 18", ""), OWN)
    assert (verdict, "VWA was read in one of the two only" in sentence) == (OPEN, True)
    verdict, sentence = profiles(OWN + "\nFGA: 20, 21", OWN.replace("\nvWA: 16, 18", ""))
    assert (verdict, "FGA and VWA were read in one of the two only" in sentence) == (OPEN, True)


def test_a_mismatch_counts_more_than_a_missing_locus() -> None:
    assert profiles("TH01: 7, 9.3", OWN)[0] == OUT


def test_every_reference_must_agree() -> None:
    assert profiles(OWN, OWN, OWN.replace("15, 17", "15, 18"))[0] == OUT


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "0 were given"), ("TH01", "Line 1 is no locus"), ("TH01: 6\nTH01: 6", "TH01 is given twice"), ("TH01: six", "read at TH01"),
        ("TH01: ,", "read at TH01"), ("TH01: 100", "read at TH01"), ("\n".join(f"L{n}A: 1" for n in range(61)), "61 were given"),
    ],
)  # fmt: skip
def test_what_is_no_profile_is_said_without_an_allele(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as no:
        profile_of(text)
    assert "six" not in str(no.value)


def test_a_profile_has_one_spelling() -> None:
    assert spelled(profile_of("vWA: 18, 9.3, 6\nAMEL: Y, X")) == "AMEL: X, Y\nVWA: 6, 9.3, 18"

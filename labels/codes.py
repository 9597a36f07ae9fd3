"""The code on every printed thing: kind letter, eleven random characters, one check character.

One idea: a code tells nothing but itself. It is drawn from the operating system's random source, carries no
sequence and no arm, and is drawn again until every single wrong character and every swap of two neighbours
would be noticed, so that a scanned or typed code is either right or refused.
"""

import secrets
from collections.abc import Iterator

from stdnum.iso7064 import mod_37_36

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # base 32 without I, L, O and U
LENGTH = 13

KINDS = {
    "S": "a chain-of-identity code",
    "C": "a container code",
    "L": "a container label",
    "W": "a wristband",
    "P": "a place label",
    "E": "an equipment label",
    "T": "a material lot label",
    "B": "a badge",
    "D": "a document code",
    "K": "a record code",
}
"""Kind letter to what a code of this kind is, as it is said in a sentence."""

SCAN = {
    "S": "scan the chain-of-identity code of the subject",
    "C": "scan the code of the container",
    "L": "scan the label on the container",
    "W": "scan the wristband on the subject",
    "P": "scan the label of the place",
    "E": "scan the label on the equipment",
    "T": "scan the label on the material lot",
    "B": "scan the badge of the person",
    "D": "scan the code on the document",
    "K": "scan the code of the record",
}
"""Kind letter to what must be scanned when a code of this kind is wanted."""

WRONG_KIND = {(wanted, seen): f"This is {KINDS[seen]}; {SCAN[wanted]}." for wanted in KINDS for seen in KINDS if wanted != seen}
"""(wanted kind, seen kind) to the sentence a person reads."""

_ENDS = " \t\r\n"  # what a scanner or a pasted text leaves around a code; str.strip() would also eat control characters such as FS and GS
_AIM = tuple(f"]Q{n}" for n in range(7))  # the symbology identifiers of a QR symbol


class NotACode(ValueError):
    """What was scanned or typed is no code of ours; `sentence` says what was seen and what must be."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def draw(kind: str) -> str:
    """A new code of this kind, from the operating system's random source; an unknown kind raises ValueError.

    Drawn again when the check character is I, L, O or U, or when a swap of two neighbours would check as well:
    ISO 7064 MOD 37,36 finds every single wrong character by itself, but not every swap.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of code; the kinds are {', '.join(KINDS)}.")
    while True:
        stem = kind + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 2))
        code = stem + mod_37_36.calc_check_digit(stem)
        if code[-1] in ALPHABET and not any(_checks(swapped) for swapped in _swaps(code)):
            return code


def shown(code: str) -> str:
    """The code in groups of four for people to read: C7K3-QX9M-2PD4-4."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read(text: str) -> str:
    """The code in what a scanner or a person gave, as 13 capital characters; anything else raises NotACode.

    Blanks, tabs and line ends around it, blanks and hyphens in it, small letters and a scanner's prefix ]Q0 to ]Q6
    are accepted. I, L, O and U are refused and never taken for 1, 1, 0 and V: a wrong character is a wrong code.
    """
    seen = _bare(text)
    _refuse_foreign_characters(seen)
    code = seen.replace(" ", "").replace("-", "").upper()
    if not code:
        raise NotACode("Nothing was scanned or typed; a code has 13 characters.")
    if code[0] not in KINDS:
        raise NotACode(f"“{_short(seen)}” begins with {code[0]}; a code begins with one of {', '.join(KINDS)}.")
    if len(code) != LENGTH:
        raise NotACode(f"“{_short(seen)}” has {len(code)} characters; a code has {LENGTH}.")
    strange = next((character for character in code[1:] if character not in ALPHABET), None)
    if strange:
        raise NotACode(f"“{_short(seen)}” contains {strange}; codes are made of digits and letters without I, L, O and U.")
    if not _checks(code):
        raise NotACode(f"“{shown(code)}” is not a code: its characters do not match its check character {code[-1]}; read it again.")
    return code


def expect(text: str, *kinds: str) -> str:
    """The code in the text if it is of one of these kinds; NotACode says what was seen and what must be scanned.

    With several kinds the sentence asks for the first.
    """
    code = read(text)
    if code[0] not in kinds:
        raise NotACode(WRONG_KIND[kinds[0], code[0]])
    return code


def _bare(text: str) -> str:
    """The text without what surrounds a code: line ends, blanks and the scanner's own prefix."""
    seen = text.strip(_ENDS)
    if seen[:3].upper() in _AIM:
        seen = seen[3:].strip(_ENDS)
    return seen


def _refuse_foreign_characters(seen: str) -> None:
    if seen.startswith(("=", "&")):
        raise NotACode(f"“{_short(seen)}” is an ISBT 128 code, because it begins with {seen[0]}; scan the square Marrowline code.")
    for character in seen:
        if ord(character) < 32 or 127 <= ord(character) < 160:
            raise NotACode(f"“{_short(seen)}” contains a control character (number {ord(character)}); a code has letters and digits only.")
        if ord(character) > 127:
            raise NotACode(
                f"“{_short(seen)}” contains “{_short(character)}”; a code has the letters A to Z and the digits 0 to 9 in half-width form."
            )


def _short(seen: str) -> str:
    """What was seen, short enough for a sentence and with nothing in it that a screen would obey."""
    printable = "".join(character if character.isprintable() else "�" for character in seen[:24])
    return printable + ("…" if len(seen) > 24 else "")


def _checks(code: str) -> bool:
    return mod_37_36.is_valid(code)  # type: ignore[no-any-return,unused-ignore]


def _swaps(code: str) -> Iterator[str]:
    for at in range(LENGTH - 1):
        if code[at] != code[at + 1]:
            yield code[:at] + code[at + 1] + code[at] + code[at + 2 :]

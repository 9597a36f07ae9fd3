"""The fixed words of the desk, in English and ready to be said in another language.

A view is made without knowing who reads it in which language. So a fixed text is a `Words`: English for programs, and beside it the text
that the message catalogue is keyed by, with what is filled in; pages say it with the filter `said`. `make messages` gathers what is
written in `words("…")`.
"""

from typing import Annotated

from pydantic import SkipValidation


class Words(str):
    """A fixed text in English; `fixed` is the key of the catalogue, `given` what is filled in."""

    __slots__ = ("fixed", "given")
    fixed: str
    given: dict[str, str]


Text = Annotated[str, SkipValidation]
"""A field of a view that may hold `Words`: a validated text would be plain English."""


def words(text: str, /, **given: object) -> Words:
    """A fixed text with its %(names)s filled in; a text without any is given as it is, so "%" needs no second one."""
    filled = {name: str(value) for name, value in given.items()}
    made = Words(text % filled if filled else text)
    made.fixed, made.given = text, filled
    return made


LISTED = (
    words("On hold"), words("Waits for QA"), words("Ready"), words("Begun"), words("Second person"), words("Second reading begun"),
    words("Corrected"), words("a value was corrected; it is signed again"),
    words("by you"), words("a deviation must be decided before anybody goes on"), words("somebody else reads this again"),
    words("read it again on your own"), words("Read again what was corrected"), words("Lift the hold of a correction"),
    words("Minor"), words("Major"), words("Critical"),
    words("minor"), words("major"), words("critical"),
    words("Requested"), words("Printed"), words("Verified"), words("Applied"), words("Void"), words("Destroyed"), words("Specimen"),
    words("void"), words("destroyed"), words("specimen"),
    words("quarantine"), words("released"),
    words("a chain-of-identity code"), words("a container code"), words("a container label"), words("a wristband"), words("a place label"),
    words("an equipment label"), words("a material lot label"), words("a badge"), words("a document code"), words("a record code"),
    words("site"), words("building"), words("room"), words("bench"), words("incubator"), words("refrigerator"), words("shelf"),
    words("tank"), words("rack"), words("box"), words("position"),
)  # fmt: skip
"""Words that other rooms keep in their rows or rules and the desk says: states, grades, zones, kinds of codes and of places."""
_BY_TEXT = {str(one): one for one in LISTED}


def listed(text: str) -> str:
    """The same as `Words` when it is one of the listed; otherwise what it is: a name, a sentence, a text of the trial folder."""
    return _BY_TEXT.get(text, text)

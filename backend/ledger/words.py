"""Fixed words of what is read, in English and ready to be said in another language.

A view is made without knowing who reads it in which language. So a fixed text is a `Words`: English for programs, for sentences and in
print, and beside it the text that the message catalogue is keyed by, with what is filled in; pages say it with the filter `said`.
`make messages` gathers what is written in `words("…")`.
"""

from typing import Annotated

from pydantic import SkipValidation


class Words(str):
    """A fixed text in English; `fixed` is the key of the catalogue, `given` what is filled in, which may be fixed words again."""

    __slots__ = ("fixed", "given")
    fixed: str
    given: dict[str, str]


Text = Annotated[str, SkipValidation]
"""A field of a view that may hold `Words`: a validated text would be plain English."""


def words(text: str, /, **given: object) -> Words:
    """A fixed text with its %(names)s filled in; a text without any is given as it is, so "%" needs no second one."""
    filled = {name: value if isinstance(value, str) else str(value) for name, value in given.items()}
    made = Words(text % filled if filled else text)
    made.fixed, made.given = text, filled
    return made

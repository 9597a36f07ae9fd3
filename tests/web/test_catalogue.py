"""The message catalogue: every text is in it, and English says what is written."""

import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.pofile import read_po

from backend.desk.reads.words import listed
from backend.ledger.words import Words
from backend.web.frame import say, spoken, translations
from backend.web.locale.gather import LANGUAGES, LOCALE, po_of, texts


def test_the_catalogue_is_what_make_messages_gathers() -> None:
    found = texts()
    for language in LANGUAGES:
        text, compiled = po_of(language, found)
        folder = LOCALE / language / "LC_MESSAGES"
        assert (folder / "messages.po").read_bytes() == text, "run: make messages"
        assert (folder / "messages.mo").read_bytes() == compiled, "run: make messages"


def test_texts_of_templates_of_pages_and_of_acts_are_gathered() -> None:
    known = {message.id for message in texts()}
    assert {"Sign in", "Sign in first.", "Give a role", "I agree that this person has this role.", "Staff number"} <= known
    assert ("One reason", "%(num)s reasons") in known


def test_english_says_what_is_written() -> None:
    token = spoken.set(translations("en"))
    try:
        assert say("Sign in") == "Sign in"
        assert say("not in any catalogue") == "not in any catalogue"
    finally:
        spoken.reset(token)


def _spoken(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for one in ast.walk(ast.parse(path.read_text())):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "words":
            yield f"{path.name}:{one.lineno}", one


def test_every_fixed_word_of_the_desk_is_in_the_catalogue() -> None:
    """A text that is put together before it is named would never be found by whoever translates."""
    known = {message.id for message in read_po(BytesIO((LOCALE / "en" / "LC_MESSAGES" / "messages.po").read_bytes()), "en")}
    desk = LOCALE.parent.parent / "desk"
    calls = [one for path in [*desk.glob("*.py"), *desk.glob("reads/*.py")] for one in _spoken(path)]
    assert len(calls) > 100
    texts = [(place, call.args[0].value if isinstance(call.args[0], ast.Constant) else None) for place, call in calls]
    assert [(place, text) for place, text in texts if text not in known] == []
    assert {"Deviations to decide", "No deviation is open.", "Serial number", "Enrolled", "quarantine"} <= known


def test_what_the_desk_lists_of_other_rooms_is_what_they_say() -> None:
    """Words that are kept elsewhere are listed at the desk; a new kind of place or of code must be listed too."""
    from backend.custody.rules import UNDER, ZONES
    from labels.codes import KINDS

    assert [one for one in (*UNDER, *ZONES, *KINDS.values()) if not isinstance(listed(one), Words)] == []
    states = ("requested", "printed", "verified", "applied", "void", "destroyed", "specimen")
    assert [one for one in (*states, "minor", "major", "critical") if not isinstance(listed(one.capitalize()), Words)] == []

"""The message catalogue: every text is in it, and English says what is written."""

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

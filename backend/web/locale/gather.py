"""Gathers every text that a person may read into the message catalogue, and compiles it: `make messages`.

Texts come from four places: templates, `_()` in Python, `words()` in what is read, and the registry, whose titles, sentences and meanings
are shown by generated pages and the history. The English text is the key, so the English catalogue says the same on both sides and a
missing translation is read in English.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from backend.app import NAV, rooms
from backend.ledger.registry import REGISTRY
from backend.web.pages.act_form import fields_of

LOCALE = Path(__file__).parent
BACKEND = LOCALE.parent.parent
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
LANGUAGES = ("en",)
WHEN = datetime(2026, 1, 1, tzinfo=UTC)  # a catalogue changes when a text does, not when somebody gathers


def texts() -> Catalog:
    """Every text of the program, with the file that it stands in."""
    made = Catalog(project="Marrowline", version=version("marrowline"), creation_date=WHEN, fuzzy=False)
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "words": None}
    for name, _line, message, comments, context in extract_from_dir(str(BACKEND), METHODS, {}, keywords):
        made.add(message, locations=[(f"backend/{name}", 0)], user_comments=comments, context=context)
    for place, text in (*_of_acts(), *(("backend/app.py", title) for title, _, _ in NAV)):
        made.add(text, locations=[(place, 0)])
    return made


def _of_acts() -> Iterator[tuple[str, str]]:
    rooms()
    for act in REGISTRY.values():
        shown = [act.title, act.tells, act.signed, act.witness, act.doc.split("\n")[0]]
        for field in fields_of(act):
            shown += [field.title, field.unit, field.hint, *(option for _, option in field.options)]
        yield from ((f"backend/{act.room}/acts", text) for text in shown if text)


def po_of(language: str, found: Catalog) -> tuple[bytes, bytes]:
    """The catalogue of a language as it must be now, as text and compiled; what was translated stays translated."""
    path = LOCALE / language / "LC_MESSAGES" / "messages.po"
    made = Catalog(
        language, header_comment="# The texts of Marrowline; gathered by `make messages`.", project=found.project, version=found.version,
        creation_date=WHEN, revision_date=WHEN, fuzzy=False, msgid_bugs_address="", last_translator="", language_team="",
    )  # fmt: skip
    before = read_po(BytesIO(path.read_bytes()), language) if path.exists() else Catalog(language)
    for message in found:
        if message.id:
            old = before.get(message.id, message.context)
            string = message.id if language == "en" else old.string if old else ""
            made.add(message.id, string, sorted(set(message.locations)), context=message.context)
    text, compiled = BytesIO(), BytesIO()
    write_po(text, made, sort_output=True, include_lineno=False, width=140)
    write_mo(compiled, made)
    return text.getvalue(), compiled.getvalue()


def main() -> None:
    """Write the catalogues."""
    found = texts()
    for language in LANGUAGES:
        folder = LOCALE / language / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        text, compiled = po_of(language, found)
        (folder / "messages.po").write_bytes(text)
        (folder / "messages.mo").write_bytes(compiled)
        sys.stdout.write(f"{language}: {len(found)} texts\n")


if __name__ == "__main__":
    main()

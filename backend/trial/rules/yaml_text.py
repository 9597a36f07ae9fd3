"""YAML read as text with line numbers: blocks become dicts, lists become tuples, every scalar stays the text that was written.

The models give the text its type, so `1.0` is never a float and `no` never a boolean. Anchors, aliases, tags, keys written twice,
more than 1 MB and more than 20 levels are refused: none of them has a place in a file that people approve.
"""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

LARGEST = 1_000_000
DEEPEST = 20

Path: TypeAlias = tuple[str | int, ...]
Tree: TypeAlias = dict[str, Any] | tuple[Any, ...] | str


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong, with the file and line where it is written."""

    file: str
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.says}"


@dataclass
class Text:
    """One file as it was read: its tree, the line of every key and item by its path, and what was wrong with the reading."""

    file: str
    tree: Tree | None = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line where the path is written, or the nearest part of it that is."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, path: Path, says: str) -> Fault:
        """A fault at this path."""
        return Fault(self.file, self.line(path), says)


class _Unreadable(Exception):
    """The file cannot be read any further."""


def read_text(file: str, content: bytes) -> Text:
    """The file as text with lines; faults are listed in it and never raised."""
    text = Text(file)
    if len(content) > LARGEST:
        text.faults.append(Fault(file, 1, f"The file has {len(content)} bytes; it may have at most {LARGEST}."))
        return text
    try:
        written = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        text.faults.append(Fault(file, line, "This line is not UTF-8 text."))
        return text
    try:
        _Reader(text, written).read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        text.faults.append(Fault(file, mark.line + 1 if mark else 1, f"This is not YAML: {error.problem or error.context}."))
    except yaml.reader.ReaderError as error:
        line = written[: error.position].count("\n") + 1
        text.faults.append(Fault(file, line, "This line holds a character that YAML does not allow."))
    except _Unreadable:
        pass
    if text.faults:
        text.tree = None
    return text


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Reader:
    """Builds the tree from YAML events, so that an anchor or a deep nest is refused before anything is expanded."""

    def __init__(self, text: Text, written: str) -> None:
        self.text = text
        self.events = yaml.parse(written, Loader=yaml.SafeLoader)

    def read(self) -> None:
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(event, "A second document begins here; a file holds one.")
                self.text.tree = self._value(next(self.events), ())
        if not documents:
            self.text.faults.append(Fault(self.text.file, 1, "The file is empty."))

    def _refuse(self, event: yaml.Event, says: str) -> None:
        self.text.faults.append(Fault(self.text.file, _line(event), says))
        raise _Unreadable

    def _value(self, event: yaml.Event, path: Path) -> Tree:
        self.text.lines.setdefault(path, _line(event))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._refuse(event, "Anchors and aliases (& and *) are not used here; write the value where it belongs.")
        if tag := getattr(event, "tag", None):
            self._refuse(event, f"Tags such as {tag} are not used here.")
        if len(path) > DEEPEST:
            self._refuse(event, f"This is nested more than {DEEPEST} levels deep.")
        if isinstance(event, yaml.MappingStartEvent):
            return self._block(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(path)
        return str(getattr(event, "value", ""))

    def _list(self, path: Path) -> Tree:
        items: list[Tree] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return tuple(items)

    def _block(self, path: Path) -> Tree:
        block: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse(event, "A key must be a word.")
            key, line = str(getattr(event, "value", "")), _line(event)
            if key in block:
                first = self.text.lines[(*path, key)]
                self.text.faults.append(Fault(self.text.file, line, f"{key} is written twice; it is already on line {first}."))
            else:
                self.text.lines[(*path, key)] = line
            block[key] = self._value(next(self.events), (*path, key))
        return block

"""A trial folder: four files that are read, checked against each other, and known by one fingerprint.

The same folder can be made from a directory or from the bytes that a database keeps; both give the same fingerprint. A folder with
any fault is not made: every fault is said at once, each with file and line.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from backend.trial.rules.agreement import disagreements
from backend.trial.rules.labels_file import LabelsFile
from backend.trial.rules.master_record import MasterRecord
from backend.trial.rules.specifications import Specifications
from backend.trial.rules.trial_file import TrialFile
from backend.trial.rules.yaml_text import LARGEST, Fault, Text, read_text

MODELS: dict[str, type[BaseModel]] = {
    "trial.yaml": TrialFile,
    "master-record.yaml": MasterRecord,
    "specifications.yaml": Specifications,
    "labels.yaml": LabelsFile,
}


class FolderFaults(ValueError):
    """The folder cannot be used; `faults` says everything that is wrong with it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True)
class Folder:
    """One trial as its four files say it. `files` holds the bytes that the fingerprint is of."""

    trial: TrialFile
    master: MasterRecord
    specifications: Specifications
    labels: LabelsFile
    fingerprint: str
    files: Mapping[str, bytes] = field(repr=False)


def fingerprint(files: Mapping[str, bytes] | Path) -> str:
    """SHA-256 over the names and bytes of the folder's files, sorted by name, each with its length in front; 64 hex digits."""
    given = _bytes_of(files) if isinstance(files, Path) else files
    digest = hashlib.sha256()
    for name in sorted(given):
        for part in (name.encode(), given[name]):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def read_folder(path: Path) -> Folder:
    """The folder in this directory; FolderFaults with every fault when there is one."""
    return folder_of(_bytes_of(path))


def folder_of(files: Mapping[str, bytes]) -> Folder:
    """The folder that these named bytes make; FolderFaults with every fault when there is one."""
    found, made = _read(files)
    if found:
        raise FolderFaults(tuple(found))
    return Folder(
        trial=made["trial.yaml"],
        master=made["master-record.yaml"],
        specifications=made["specifications.yaml"],
        labels=made["labels.yaml"],
        fingerprint=fingerprint(files),
        files=dict(files),
    )


def faults(path: Path) -> list[str]:
    """Everything that is wrong with a folder, or with one file of it, as sentences with file and line; empty when nothing is."""
    if path.is_file() and path.name in MODELS:
        text, _ = _typed(path.name, path.read_bytes())
        return [str(fault) for fault in sorted(text.faults)]
    if not path.is_dir():
        return [f"{path.name}:1 There is no trial folder here; the files are {', '.join(MODELS)}."]
    return [str(fault) for fault in _read(_bytes_of(path))[0]]


def _bytes_of(path: Path) -> dict[str, bytes]:
    """The YAML files of a directory, none of them read further than one byte past the limit."""
    given = {}
    for file in sorted(path.glob("*.yaml")):
        with file.open("rb") as opened:
            given[file.name] = opened.read(LARGEST + 1)
    return given


def _read(files: Mapping[str, bytes]) -> tuple[list[Fault], dict[str, Any]]:
    """Every fault of the files and between them, and the models of those that are typed."""
    found = [Fault(name, 1, f"The folder has no {name}.") for name in MODELS if name not in files]
    found += [Fault(name, 1, f"This file has no place here; the files are {', '.join(MODELS)}.") for name in files if name not in MODELS]
    texts: dict[str, Text] = {}
    made: dict[str, Any] = {}
    for name in MODELS:
        if name in files:
            texts[name], model = _typed(name, files[name])
            found += texts[name].faults
            if model is not None:
                made[name] = model
    found += [texts[name].fault(path, says) for name, path, says in disagreements(*(made.get(name) for name in MODELS))]
    return sorted(found), made


@lru_cache(maxsize=16)
def _typed(name: str, content: bytes) -> tuple[Text, BaseModel | None]:
    """One file read and typed; its faults are in the text. The same bytes are read once, for they cannot read differently."""
    text = read_text(name, content)
    if text.tree is None:
        return text, None
    try:
        return text, MODELS[name].model_validate(text.tree)
    except ValidationError as error:
        text.faults.extend(_said(text, error))
        return text, None


KEY = "[key]"
"""How the models mark a fault of a key itself, not of what stands under it."""


def _said(text: Text, error: ValidationError) -> Iterator[Fault]:
    """Each error of the model as a sentence at its line."""
    for one in error.errors(include_url=False):
        path, node, missing = _place(text, one["loc"])
        yield text.fault(path, _sentence(text, one, path, node, missing))


def _place(text: Text, loc: tuple[str | int, ...]) -> tuple[tuple[str | int, ...], Any, str]:
    """The part of `loc` that is written in the file (the model's own tags are not), what stands there, and the key that is missing."""
    path: tuple[str | int, ...] = ()
    missing = ""
    node: Any = text.tree
    for part in loc:
        keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, tuple) else ()
        if part in keys:
            path, node = (*path, part), node[part]
        elif not str(part).startswith("="):
            missing = str(part)
    return path, node, missing


def _sentence(text: Text, one: Any, path: tuple[str | int, ...], node: Any, missing: str) -> str:
    if missing == KEY:
        path, node, missing = path[:-1], path[-1], ""
    where = _named(text, path)
    context = one.get("ctx") or {}
    match one["type"]:
        case "missing":
            return f"{where} has no {missing}."
        case "extra_forbidden":
            return f"{where} is not a key that belongs here."
        case "value_error":
            return f"{where}: {context['error']}."
        case "literal_error":
            return f"{where} is {node!r}; it must be {context['expected']}."
        case "string_pattern_mismatch":
            return f"{where} is {node!r}; it must look like {context['pattern']}."
        case "union_tag_invalid":
            kinds = context["expected_tags"].replace("=", "").replace("'", "")
            return f"{where} is of the kind {context['tag'].removeprefix('=')!r}; the kinds are {kinds}."
        case "string_too_short" | "too_short":
            return f"{where} is empty; it must not be."
        case "string_type" | "tuple_type" | "dict_type" | "model_type" | "model_attributes_type":
            wanted = {"string_type": "a text", "tuple_type": "a list"}.get(one["type"], "a block of keys")
            return f"{where} is {_what(node)}; it must be {wanted}."
        case _:
            return f"{where} is {node!r}: {one['msg']}."


def _what(node: Any) -> str:
    if isinstance(node, dict):
        return "a block of keys"
    return "a list" if isinstance(node, tuple) else "empty" if node == "" else f"the text {node!r}"


def _named(text: Text, path: tuple[str | int, ...]) -> str:
    """The path as people say it: `MNC-4 viability, unit`; an item without a code is counted from 1."""
    node: Any = text.tree
    codes: list[str] = []
    rest: list[str] = []
    for part in path:
        node = node[part]
        code = next((node[key] for key in ("code", "test") if isinstance(node.get(key), str)), None) if isinstance(node, dict) else None
        if code is not None:
            codes = [*(one for one in codes if not code.startswith(one + "-")), code]
            rest = []
        else:
            rest.append(str(part + 1) if isinstance(part, int) else part)
    return ", ".join(one for one in (" ".join(codes), " ".join(rest)) if one) or "The file"

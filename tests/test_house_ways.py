"""House rules about how a thing is said: where it is decided, with every reason, in sentences, and without a layer that only forwards."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import nodes

from backend.access.rules import Role
from backend.web.frame import environment
from tests.test_house import TEMPLATES, trees, where

ROLES = {role.value for role in Role}
NAMES_OF_ROLES = {"kit.html"}  # there each role has its word
FIRST = {
    "against_working", "against_place", "against_ending", "against_ordering", "against_vials", "against_formulating",
    "against_window", "against_disposing", "against_closing", "against_list", "against_deciding", "against_lifting", "against",
    "against_paper",
}  # fmt: skip
"""Here a first reason leaves nothing else to ask: what is not there has no dates, a list that cannot be read has no lines."""
STATEFUL = {"Inks", "Lives", "Live", "_Kept", "Speaking", "Shield", "NoGrowth"}
"""Classes with one method that keep something between calls, or that a library calls."""
NAMED = {"sign", "instant", "by", "say", "say_many", "digest", "_checks"}
"""One line that gives a library's call the name that it has here, or fills a slot that others fill otherwise."""
SENTENCE = re.compile(r"""[A-Z…“"{].*[.?…}]|…""", re.DOTALL)


def functions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path, tree in trees():
        yield from ((path, one) for one in ast.walk(tree) if isinstance(one, ast.FunctionDef))


def reasons() -> Iterator[tuple[Path, ast.FunctionDef]]:
    """Every rule that says what stands against something."""
    yield from ((path, one) for path, one in functions() if one.name.startswith("against"))


def written(one: ast.AST | None) -> str | None:
    """A text as it stands in the code, with {…} for what is filled in."""
    if isinstance(one, ast.Constant) and isinstance(one.value, str):
        return one.value
    if isinstance(one, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in one.values)
    return None


# ---- 1: say it where it is decided ----


def test_no_page_and_no_template_decides_by_a_role() -> None:
    """A role stands in an act, or beside the address that it may read; what may be done is asked of the registry."""
    faults, parser = [], environment(ZoneInfo("Asia/Shanghai"))
    for path in TEMPLATES:
        page = parser.parse(path.read_text())
        asked = [one for compared in page.find_all(nodes.Compare) for one in compared.find_all(nodes.Const)]
        faults += [f"{where(path)}:{one.lineno} {one.value}" for one in asked if path.name not in NAMES_OF_ROLES and one.value in ROLES]
    for path, tree in trees():
        if "pages" in {path.stem, path.parent.name}:
            branches = [one.test for one in ast.walk(tree) if isinstance(one, ast.If | ast.IfExp)]
            named = [one for test in branches for one in ast.walk(test) if isinstance(one, ast.Name) and one.id == "Role"]
            faults += [f"{where(path)}:{one.lineno}" for one in named]
    assert faults == []


# ---- 4: give every reason ----


def _stops(rule: ast.FunctionDef) -> bool:
    """Whether it returns right after a reason."""
    blocks = [lines for one in ast.walk(rule) for lines in (getattr(one, "body", None), getattr(one, "orelse", None))]
    pairs = [pair for lines in blocks if isinstance(lines, list) for pair in pairwise(lines)]
    said = [after for before, after in pairs if isinstance(before, ast.Expr) and isinstance(before.value, ast.Yield | ast.YieldFrom)]
    return any(isinstance(one, ast.Return) for one in said)


def test_a_rule_goes_on_after_its_first_reason() -> None:
    assert {rule.name for _, rule in reasons() if _stops(rule)} == FIRST


def test_a_rule_of_more_than_one_reason_is_a_list_of_them() -> None:
    """A rule that answers with one text or none has one sentence for each way that it can go."""
    faults = []
    for path, rule in reasons():
        yields = any(isinstance(one, ast.Yield | ast.YieldFrom) for one in ast.walk(rule))
        several = rule.returns is not None and any(word in ast.unparse(rule.returns) for word in ("Iterator", "list[", "dict["))
        if yields != (several and "Iterator" in ast.unparse(rule.returns or ast.Constant(""))):
            faults.append(f"{where(path)}:{rule.lineno} {rule.name}")
    assert faults == []


# ---- 5: refuse in sentences ----


def test_what_is_refused_is_said_in_a_sentence() -> None:
    faults, looked_at = [], 0
    for path, tree in trees():
        calls = [one.args[0] for one in ast.walk(tree) if isinstance(one, ast.Call) and one.args and ast.unparse(one.func) == "Refused"]
        faults += [f"{where(path)}:{one.lineno} {text}" for one in calls if (text := written(one)) and not SENTENCE.fullmatch(text)]
        looked_at += len(calls)
    for path, rule in reasons():
        yielded = [one.value for one in ast.walk(rule) if isinstance(one, ast.Yield)]
        faults += [f"{where(path)}:{rule.lineno} {text}" for one in yielded if (text := written(one)) and not SENTENCE.fullmatch(text)]
        looked_at += len(yielded)
    assert looked_at > 200
    assert faults == []


# ---- 11: delete the layer ----


def test_a_class_does_more_than_one_thing_or_keeps_something() -> None:
    faults = []
    for path, tree in trees():
        for one in ast.walk(tree):
            if isinstance(one, ast.ClassDef) and not one.bases and one.name not in STATEFUL:
                methods = [line for line in one.body if isinstance(line, ast.FunctionDef) and line.name != "__init__"]
                fields = [line for line in one.body if isinstance(line, ast.AnnAssign | ast.Assign)]
                if len(methods) == 1 and not fields:
                    faults.append(f"{where(path)}:{one.lineno} {one.name}")
    assert faults == []


def test_nothing_only_forwards() -> None:
    faults = []
    for path, one in functions():
        lines = [line for line in one.body if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))]
        if len(lines) != 1 or not isinstance(lines[0], ast.Return) or not isinstance(lines[0].value, ast.Call) or one.decorator_list:
            continue
        call, taken = lines[0].value, [arg.arg for arg in (*one.args.args, *one.args.kwonlyargs) if arg.arg != "self"]
        handed = [ast.unparse(arg) for arg in (*call.args, *(key.value for key in call.keywords))]
        if taken and taken == handed and one.name not in NAMED:
            faults.append(f"{where(path)}:{one.lineno} {one.name}")
    assert faults == []


def test_the_exceptions_are_still_needed() -> None:
    """A name that stands above without a reason any more would hide the next fault."""
    names = {one.name for _, tree in trees() for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.ClassDef)}
    assert (STATEFUL | NAMED) - names == set()
    assert {one.name for one in TEMPLATES} >= NAMES_OF_ROLES

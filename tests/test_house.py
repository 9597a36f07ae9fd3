"""The house rules, as tests: what would otherwise have to be remembered. Each test collects every fault, so one run says all of them."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter
from typing import Any, get_args, get_type_hints
from zoneinfo import ZoneInfo

import pytest
from fastapi.routing import APIRoute
from jinja2 import Environment, nodes
from pydantic import BaseModel
from sqlalchemy import JSON, Float, Numeric
from sqlmodel import SQLModel

from backend.app import ROOMS, rooms
from backend.ledger import REGISTRY, Declared
from backend.ledger.guards import DELETABLE, UNRECORDED
from backend.ledger.models import recorded_tables
from backend.ledger.registry import act
from backend.web.frame import environment
from tests.visit import routes_of

HERE = Path(__file__).resolve().parent.parent
OURS = sorted([*(HERE / "backend").rglob("*.py"), *(HERE / "labels").rglob("*.py"), *(HERE / "migrations").glob("*.py")])
TEMPLATES = sorted((HERE / "backend").glob("*/templates/*.html"))
PARTS = {"models", "rules", "reads", "acts", "pages", "templates", "__init__"}
MORE = {"access": {"gate", "sessions"}}  # it fills the ledger's gate
rooms()


def where(path: Path) -> str:
    return str(path.relative_to(HERE))


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in OURS:
        yield path, ast.parse(path.read_text())


def found(matches: Callable[[Path, ast.AST], bool]) -> list[str]:
    """Where the program has something that matches, as file:line."""
    return [f"{where(path)}:{getattr(one, 'lineno', 0)}" for path, tree in trees() for one in ast.walk(tree) if matches(path, one)]


def tracked() -> list[Path]:
    """Every file of the project that is text, as git knows it or would."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=HERE, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    files = [HERE / one for one in listed] or [one for one in HERE.rglob("*") if ".venv" not in one.parts]
    return [one for one in files if one.is_file() and one.suffix not in {".pdf", ".png", ".ttf"}]


def test_a_room_has_its_five_files_and_nothing_else() -> None:
    faults = []
    for room in ROOMS:
        there = {one.stem for one in (HERE / "backend" / room).iterdir() if one.name != "__pycache__"}
        if strange := there - PARTS - MORE.get(room, set()):
            faults.append(f"{room}: {sorted(strange)}")
    assert faults == []


def test_every_folder_of_the_program_is_a_room_or_known() -> None:
    there = {one.name for one in (HERE / "backend").iterdir() if one.is_dir() and one.name != "__pycache__"}
    assert there == {*ROOMS, "ledger", "web", "api", "rehearsal"}


def test_a_file_fits_a_sitting() -> None:
    assert [(where(path), n) for path in OURS if (n := len(path.read_text().splitlines())) > 400] == []


def test_a_function_fits_a_screen() -> None:
    def long(_: Path, one: ast.AST) -> bool:
        return isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and (one.end_lineno or 0) - one.lineno + 1 > 50

    assert found(long) == []


def test_every_module_says_what_it_is() -> None:
    assert [where(path) for path, tree in trees() if path.read_text().strip() and not ast.get_docstring(tree)] == []


def test_every_act_says_what_is_true_afterwards() -> None:
    assert [one.name for one in REGISTRY.values() if not one.doc or not one.title or not one.tells] == []


BANNED = {"manager", "helper", "helpers", "util", "utils", "service", "handler", "data", "info", "process", "base"}
PEOPLE = {"user", "patient", "donor", "client"}
THEIRS = {"handler", "process_bind_param", "process_result_value", "in_process"}  # a library's names, and GMP's "in-process"


def _names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for one in ast.walk(tree):
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield one.lineno, one.name
        elif isinstance(one, ast.arg):
            yield one.lineno, one.arg
        elif isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            yield one.lineno, one.id


def _words(name: str) -> set[str]:
    return {word.lower() for part in name.split("_") for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", part)}


def test_nothing_is_called_by_a_name_that_says_nothing() -> None:
    faults = [where(path) for path in OURS if _words(path.stem) & (BANNED | PEOPLE)]
    for path, tree in trees():
        faults += [f"{where(path)}:{line} {name}" for line, name in _names(tree) if _words(name) & (BANNED | PEOPLE) and name not in THEIRS]
    assert faults == []


RECORD = ("models", "rules", "acts", "reads")


def _of_record(path: Path) -> bool:
    parts = path.relative_to(HERE).parts
    return parts[0] == "backend" and len(parts) > 2 and parts[1] in ROOMS and parts[2].removesuffix(".py") in RECORD


def test_there_are_no_floats_in_the_record() -> None:
    def floating(path: Path, one: ast.AST) -> bool:
        bare = isinstance(one, ast.Name) and one.id == "float"
        return _of_record(path) and (bare or (isinstance(one, ast.Constant) and isinstance(one.value, float)))

    assert found(floating) == []
    tables = SQLModel.metadata.tables.values()
    assert [f"{t.name}.{c.name} is {c.type}" for t in tables for c in t.columns if isinstance(c.type, Float | Numeric | JSON)] == []


def test_rules_know_no_session_and_no_query() -> None:
    def asks(path: Path, one: ast.AST) -> bool:
        rules = _of_record(path) and "rules" in {path.stem, path.parent.name}
        return rules and isinstance(one, ast.Name) and one.id in {"Session", "select"}

    assert found(asks) == []


def _called(one: ast.AST) -> tuple[str, str] | None:
    """What is called as (name, attribute): `now.add(…)` is ("now", "add")."""
    if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and isinstance(one.func.value, ast.Name):
        return one.func.value.id, one.func.attr
    return None


def test_there_is_one_clock() -> None:
    """Only the ledger reads the time, and a rehearsal, which brings a clock of its own; everybody else is given it."""
    clocks = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}
    seen = found(lambda _, one: _called(one) in clocks)
    assert [one for one in seen if not one.startswith(("backend/ledger/", "backend/rehearsal/"))] == []


def test_only_acts_add_rows_to_the_record() -> None:
    """`now.add` and `now.draw` are called in acts alone."""

    def adds(path: Path, one: ast.AST) -> bool:
        parts = path.relative_to(HERE).parts
        room = parts[0] == "backend" and len(parts) > 2 and parts[1] in ROOMS and not parts[2].startswith("acts")
        return room and _called(one) in {("now", "add"), ("now", "draw")}

    assert found(adds) == []


def test_s1_every_recorded_column_is_declared() -> None:
    faults = []
    for name, kind in recorded_tables().items():
        for column, info in kind.model_fields.items():
            if not any(isinstance(one, Declared) for one in info.metadata):
                faults.append(f"{name}.{column}")
    assert faults == []


def test_s1_an_act_with_an_undeclared_argument_is_refused() -> None:
    with pytest.raises(TypeError, match="declared neither open nor identity nor masked"):

        @act("house.undeclared", roles={"nobody"}, title="x", tells="x")
        def undeclared(now: Any, remark: str) -> None:
            """Never registered."""


def test_a_sealed_column_is_long_enough_for_its_ciphertext_and_never_a_number() -> None:
    for name, kind in recorded_tables().items():
        for column, info in kind.model_fields.items():
            declared = next(one for one in info.metadata if isinstance(one, Declared))
            if declared.secrecy != "open":
                assert info.annotation in (str, str | None), f"{name}.{column} holds ciphertext, which is text"


def test_what_ends_is_named_and_may_be_empty() -> None:
    for name, kind in recorded_tables().items():
        columns = SQLModel.metadata.tables[name].columns
        assert ("ended_by" in columns) == ("ended_by" in kind.ends), name
        assert [one for one in kind.ends if not columns[one].nullable] == [], name


def test_the_tables_that_are_not_recorded_are_listed_with_their_reasons() -> None:
    assert set(SQLModel.metadata.tables) - set(recorded_tables()) == set(UNRECORDED) - {"alembic_version"}
    assert all(UNRECORDED.values())


def test_f4_the_deletable_tables_are_three() -> None:
    assert {"draft", "session", "subject_key"} == DELETABLE


def test_an_act_is_told_with_its_open_arguments_only() -> None:
    faults = []
    for one in REGISTRY.values():
        known = {name for name, kept in one.secrecy.items() if kept.secrecy == "open"} | {"by", "witness", "subject"}
        said = {name for _, name, _, _ in Formatter().parse(one.tells) if name}
        if said - known:
            faults.append(f"{one.name}: {sorted(said - known)}")
    assert faults == []


def test_an_act_lives_in_the_room_that_its_name_says() -> None:
    assert [one.name for one in REGISTRY.values() if not one.run.__module__.startswith(f"backend.{one.room}.acts")] == []


def test_no_route_returns_a_table_row() -> None:
    from backend.api import doing, reading

    faults = []
    for route in [*doing.router.routes, *reading.router.routes, *_page_routes()]:
        if isinstance(route, APIRoute):
            returned = get_type_hints(route.endpoint, include_extras=True).get("return")
            if any(isinstance(one, type) and issubclass(one, SQLModel) for one in _deep(returned, set())):
                faults.append(route.path)
    assert faults == []


def _page_routes() -> Iterator[Any]:
    from importlib import import_module

    for room in (*ROOMS, "web"):
        path = HERE / "backend" / room / "pages"
        if path.is_dir() or path.with_suffix(".py").exists():
            yield from routes_of(import_module(f"backend.{room}.pages").router)


def _deep(kind: Any, seen: set[Any]) -> set[Any]:
    """A type and everything inside it: type arguments, and the fields of views."""
    if kind in seen:
        return seen
    seen.add(kind)
    for one in get_args(kind):
        if isinstance(one, type) or get_args(one):
            _deep(one, seen)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for info in kind.model_fields.values():
            _deep(info.annotation, seen)
    return seen


ALONE = {"/sign-in", "/sign-out", "/unlock", "/scan", "/history/verify", "/set-password"}  # forms that begin no act with a key of its own


def test_every_form_carries_its_key() -> None:
    faults = []
    for path in TEMPLATES:
        for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", path.read_text(), re.DOTALL):
            action = re.search(r'action="([^"]*)"', form)
            alone = (action and action[1] in ALONE) or path.name in {"first-password.html", "layout.html"}
            if not alone and not re.search(r"\.(hidden|sign|signing)\(|name=\"key\"", form):
                faults.append(f"{where(path)}: {form[:80]}")
    assert faults == []


def test_every_visible_text_goes_through_the_catalogue() -> None:
    env, faults = environment(ZoneInfo("UTC")), []
    for path in TEMPLATES:
        tree = env.parse(path.read_text())
        faults += [f"{where(path)}: {text}" for text in _bare(tree)]
    assert faults == []


MARKLESS = {"Marrowline", "UTC"}


def _bare(tree: nodes.Template) -> Iterator[str]:
    """Words that a person would read and no catalogue has seen: between tags, and in texts that are passed on."""
    styling = [block for block in tree.find_all(nodes.Block) if block.name in {"body", "main"}]  # these hold names of classes
    classes = {id(one) for block in styling for one in block.find_all(nodes.TemplateData)}
    markup = "".join(
        one.data if isinstance(one, nodes.TemplateData) and id(one) not in classes else "\x00"
        for output in tree.find_all(nodes.Output)
        for one in output.nodes
    )
    between = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", "\x00", markup, flags=re.DOTALL)
    for text in re.split(r"\x00", between):
        word = re.sub(r"&\w+;", "", text).strip(" \n\t.,:;()–·×%/|→←“”[]")
        if re.search(r"[A-Za-z]{2}", word) and word not in MARKLESS and "<" not in word and '"' not in word and "=" not in word:
            yield word[:60]
    translated = {id(const) for call in tree.find_all(nodes.Call) if _is_say(call) for const in call.find_all(nodes.Const)}
    for const in tree.find_all(nodes.Const):
        said = isinstance(const.value, str) and re.match(r"[A-Z][a-z]+( |$|\.|,)", const.value)
        if said and id(const) not in translated and const.value not in MARKLESS:
            yield const.value[:60]


def _is_say(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name in {"_", "gettext", "ngettext"}


def test_the_search_for_bare_texts_finds_them() -> None:
    env = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    seen = list(_bare(env.parse("<p>Hello there</p>{{ _('Known') }}{{ f.text('name', 'Printed name') }}{{ x }}<b>{{ _('Yes') }}</b>")))
    assert seen == ["Hello there", "Printed name"]


def test_the_project_stands_alone() -> None:
    """No machine's path, no registry's address, nothing of how it came to be."""
    strangers = ["/wo" + "rk/", "pypi." + "org", "files.python" + "hosted", "clau" + "de", "anthro" + "pic"]
    strangers += ["chat" + "gpt", "open" + "ai", "co" + "pilot"]
    faults = []
    for path in tracked():
        try:
            text = path.read_text().lower()
        except UnicodeDecodeError:
            continue
        faults += [f"{where(path)}: {one}" for one in strangers if one in text]
    assert faults == []


def test_the_import_contracts_hold() -> None:  # decisions L1, L3
    lint = HERE / ".venv" / "bin" / "lint-imports"
    if not lint.exists():
        pytest.skip("import-linter is not installed beside this Python")
    done = subprocess.run([str(lint), "--no-cache"], cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3_000:]

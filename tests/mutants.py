"""Break one thing of a rule, run the rule's own tests, put it right again: every change of a decision must be noticed.

`make mutants` runs it by hand; no other run does. What is broken: comparisons, and/or, not, conditions, + - * /, numbers by one in their
last digit, what is returned or yielded, min and max. A mutant that no test notices survives. KNOWN holds those that change no decision,
each with the reason; any other survivor ends the run with 1.
"""

import argparse
import ast
import copy
import importlib
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent.parent
BEDSIDE = ("tests/bedside/test_stops.py", "tests/bedside/test_after.py")
RULES = {
    "backend/bedside/rules/facts.py": BEDSIDE,
    "backend/bedside/rules/stops.py": BEDSIDE,
    "backend/bedside/rules/after.py": BEDSIDE,
    "backend/dose/rules/arithmetic.py": ("tests/dose/test_arithmetic.py",),
    "backend/dose/rules/timing.py": ("tests/dose/test_timing.py",),
    "backend/trial/rules/formulas.py": ("tests/trial/test_formulas.py",),
}
"""The rules that are broken, and the tests that must notice: pure ones, which open no record."""
SECONDS = 60
"""How long the processor may work on one mutant; one that needs more was noticed."""
LAST = "test_every_combination_of_nineteen_conditions"
"""The slowest test; it is asked when the others noticed nothing."""

PAIRED = "a trial folder that names a working stock without the volume made from it, or that without a stock, is refused"
EXPONENT = "only the exponent of this number counts, and it is the same"
FARTHEST = "no number of cells, millilitres or grams comes near 10 to the power of ±998"
WHOLE = "5.05 and 4.95 are both said as 5; nothing is compared with it"
KNOWN = {
    "bedside/rules/after.py against_nothing: 100 -> 101": WHOLE,
    "bedside/rules/after.py against_nothing: 100 -> 99": WHOLE,
    "dose/rules/arithmetic.py plan: route.stock is None or route.made is None -> route.stock is None and route.made is None": PAIRED,
    "dose/rules/arithmetic.py of_formulation: recipe.route.stock is None or recipe.route.made is None -> "
    "recipe.route.stock is None and recipe.route.made is None": PAIRED,
    "dose/rules/arithmetic.py endotoxin: Decimal('0.0001') -> Decimal('0.0002')": EXPONENT,
    "dose/rules/arithmetic.py endotoxin: Decimal('0.0001') -> Decimal('0.0000')": EXPONENT,
    "dose/rules/arithmetic.py pipetted: Decimal('0.001') -> Decimal('0.002')": EXPONENT,
    "dose/rules/arithmetic.py pipetted: Decimal('0.001') -> Decimal('0.000')": EXPONENT,
    "trial/rules/formulas.py module: 999 -> 1000": FARTHEST,
    "trial/rules/formulas.py module: 999 -> 998": FARTHEST,
    "trial/rules/formulas.py module: 999 -> 1000 #2": FARTHEST,
    "trial/rules/formulas.py module: 999 -> 998 #2": FARTHEST,
}
"""The survivors that change no decision, each with the reason."""

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
COUNTED: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.FloorDiv: (ast.Mult,),
}  # fmt: skip
SWAPPED = {"min": "max", "max": "min"}


@dataclass(frozen=True)
class Mutant:
    """One thing broken: the file, the function, what stood there and what stands there now, and the whole module so broken."""

    path: str
    name: str
    tree: ast.Module


def broken(node: ast.AST) -> Iterator[ast.AST]:
    """Everything that may stand in the place of this."""
    match node:
        case ast.Compare(ops=[op]):
            for other in COMPARED[type(op)]:
                yield ast.Compare(node.left, [other()], node.comparators)
        case ast.BoolOp(op=op):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp(op=op) if type(op) in COUNTED:
            for sign in COUNTED[type(op)]:
                yield ast.BinOp(node.left, sign(), node.right)
        case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=str(text))]):
            step = Decimal((0, (1,), int(Decimal(text).as_tuple().exponent)))
            yield from (ast.Call(node.func, [ast.Constant(str(Decimal(text) + by))], []) for by in (step, -step))
        case ast.Call(func=ast.Name(id=name)) if name in SWAPPED:
            yield ast.Call(ast.Name(SWAPPED[name], ast.Load()), node.args, node.keywords)
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            yield from (ast.Constant(number + 1), ast.Constant(number - 1))
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield ast.Return(ast.Constant(None))
        case ast.Return(value=None):
            yield ast.Pass()
        case ast.Yield() | ast.YieldFrom():
            yield ast.YieldFrom(ast.Tuple([], ast.Load()))


def conditions(node: ast.AST) -> Iterator[ast.AST]:
    """This with its condition turned round, where no comparison inside is turned round already."""
    if isinstance(node, ast.If | ast.IfExp) and isinstance(node.test, ast.Name | ast.Attribute | ast.Call | ast.BoolOp):
        turned = copy.copy(node)
        turned.test = ast.UnaryOp(ast.Not(), node.test)
        yield turned
    if isinstance(node, ast.BoolOp):
        for at, one in enumerate(node.values):
            if isinstance(one, ast.Name | ast.Attribute | ast.Call):
                yield ast.BoolOp(node.op, [*node.values[:at], ast.UnaryOp(ast.Not(), one), *node.values[at + 1 :]])


def places(node: ast.AST, inside: str = "module") -> Iterator[tuple[ast.AST, str, int | None, ast.AST, str]]:
    """Every node that runs: its parent, where it hangs there, itself and the function that it is in. Decorators and types are left out."""
    for field, value in ast.iter_fields(node):
        if field in {"decorator_list", "annotation", "returns"}:
            continue
        for at, one in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(one, ast.AST):
                named = one.name if isinstance(one, ast.FunctionDef) else inside
                yield node, field, at, one, named
                yield from places(one, named)


def hang(parent: ast.AST, field: str, at: int | None, one: ast.AST) -> None:
    if at is None:
        setattr(parent, field, one)
    else:
        getattr(parent, field)[at] = one


def short(node: ast.AST) -> str:
    """A node as it is written, its condition alone when it has one."""
    match node:
        case ast.If(test=test):
            return f"if {ast.unparse(test)}"
        case _:
            return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())


def mutants(path: str) -> Iterator[Mutant]:
    """Every mutant of this file, one thing broken in each."""
    tree = ast.parse((HERE / path).read_text())
    seen: dict[str, int] = {}
    for parent, field, at, one, inside in list(places(tree)):
        for other in [*broken(one), *conditions(one)]:
            name = f"{inside}: {short(one)} -> {short(other)}"
            seen[name] = seen.get(name, 0) + 1
            hang(parent, field, at, other)
            yield Mutant(path, f"{name} #{seen[name]}" if seen[name] > 1 else name, ast.fix_missing_locations(copy.deepcopy(tree)))
            hang(parent, field, at, one)


def key(mutant: Mutant) -> str:
    """How KNOWN calls a mutant: the file without `backend/`, and what is broken."""
    return f"{mutant.path.removeprefix('backend/')} {mutant.name}"


def functions(space: dict[str, Any]) -> Iterator[tuple[str, FunctionType]]:
    """Every function of a module or a class, by its name."""
    for name, one in space.items():
        if isinstance(one, FunctionType):
            yield name, one
        elif isinstance(one, property) and isinstance(one.fget, FunctionType):
            yield name, one.fget
        elif isinstance(one, type):
            inside = [pair for pair in functions(dict(vars(one))) if pair[1].__module__ == one.__module__]
            yield from ((f"{name}.{inner}", function) for inner, function in inside)


def put(mutant: Mutant) -> None:
    """Let the broken functions and numbers of this process stand where the whole ones stood, whoever has imported them."""
    name = mutant.path.removesuffix(".py").replace("/", ".")
    real = importlib.import_module(name)
    fresh = ModuleType(name)
    code: CodeType = compile(mutant.tree, mutant.path, "exec")
    exec(code, fresh.__dict__)
    whole = dict(functions(vars(real)))
    for function_name, function in functions(vars(fresh)):
        if function.__module__ == name and not function.__code__.co_freevars:
            whole[function_name].__code__ = function.__code__
            whole[function_name].__defaults__ = function.__defaults__
            whole[function_name].__kwdefaults__ = function.__kwdefaults__
    for constant in [one for one in vars(real) if one.isupper() and one != "CATALOGUE"]:
        was = vars(real)[constant]
        for module in list(sys.modules.values()):
            if getattr(module, constant, None) is was:
                setattr(module, constant, vars(fresh)[constant])


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Run:
    """Collects the tests once, and runs them for each mutant in a process of its own."""

    def __init__(self, paths: list[str]) -> None:
        self.paths = paths
        self.many = 0
        self.survivors: list[Mutant] = []

    def pytest_sessionstart(self) -> None:
        """Ask hypothesis for a failure only, not for the smallest one, nor to remember it."""
        from hypothesis import Phase, settings  # pytest must see it first

        settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate], database=None, deadline=None)
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of the loop of pytest."""
        for path in self.paths:
            items = [item for item in session.items if item.nodeid.split("::")[0] in RULES[path]]
            items.sort(key=lambda item: item.name == LAST)
            whole = Mutant(path, "", ast.parse((HERE / path).read_text()))
            if self.noticed(session, items, whole):
                sys.exit(f"The tests of {path} fail before anything is broken.")
            begun = time.monotonic()
            for mutant in mutants(path):
                self.many += 1
                if not self.noticed(session, items, mutant):
                    self.survivors.append(mutant)
                    say(f"    {'known' if key(mutant) in KNOWN else 'SURVIVES'}: {key(mutant)}")
            say(f"{path}: {self.many} mutants so far, {time.monotonic() - begun:.0f} s")
        return True

    def noticed(self, session: pytest.Session, items: list[pytest.Item], mutant: Mutant) -> bool:
        """Whether one of the tests fails, in a process that ends with its answer."""
        child = os.fork()
        if not child:
            try:
                resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
                for stream in (1, 2):
                    os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
                put(mutant)
                for at, item in enumerate(items):
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=items[at + 1] if at + 1 < len(items) else None)
                    if session.testsfailed:
                        os._exit(1)
                os._exit(0)
            finally:
                os._exit(1)
        return os.waitpid(child, 0)[1] != 0


def main() -> int:
    """Run every mutant of the files that were named, or of all; 1 when one survives that is not KNOWN, or one that is does not."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("part", nargs="*", help="only the files whose path holds one of these")
    parts = parser.parse_args().part
    paths = [path for path in RULES if not parts or any(part in path for part in parts)]
    run = Run(paths)
    asked = ["-q", "-s", "--tb=no", "--hypothesis-seed=0", *sorted({test for path in paths for test in RULES[path]})]
    ended = pytest.main([*asked, "-p", "no:terminalreporter"], plugins=[run])
    names = {key(one) for one in run.survivors}
    new = sorted(names - set(KNOWN))
    dead = sorted(one for one in set(KNOWN) - names if any(one.startswith(path.removeprefix("backend/") + " ") for path in paths))
    say(f"{run.many} mutants, {len(names)} survivors, {len(new)} of them not known")
    for one in dead:
        say(f"known, and noticed or gone: {one}")
    return int(bool(new or dead or ended not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}))


if __name__ == "__main__":
    sys.exit(main())

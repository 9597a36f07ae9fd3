"""Where an act or a code is found: every room says it on its acts, and no page has to know another room's addresses."""

from string import Formatter
from typing import Any
from urllib.parse import quote, urlencode

from backend.ledger import REGISTRY, SYSTEM, Act


def of_act(act: Act, **given: Any) -> str:
    """The page on which an act is done: its own when its address can be filled from `given`, otherwise the generic form, filled in."""
    wanted = [name for _, name, _, _ in Formatter().parse(act.page) if name]
    if act.page and all(name in given for name in wanted):
        return act.page.format(**{name: quote(str(given[name]), safe="") for name in wanted})
    asked = {name: value for name, value in given.items() if name in act.arguments.model_fields}
    return f"/act/{act.name}" + (f"?{urlencode(asked, doseq=True)}" if asked else "")


def of_act_on(act: Act, code: str) -> str:
    """The page on which an act is done to what this code is: it goes to the first argument that takes codes of its kind."""
    argument = next((name for name, kinds in act.codes.items() if code[0] in kinds), None)
    return of_act(act, **({argument: code} if argument else {}), code=code)


def of_code(code: str) -> str:
    """Where a code is answered with what it is."""
    return f"/scan?code={quote(code)}"


def open_acts() -> list[Act]:
    """Every act that a person can do: all but the program's own."""
    return [one for one in REGISTRY.values() if SYSTEM not in one.roles or len(one.roles) > 1]

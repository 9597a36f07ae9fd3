"""Every act there is, and what is said about it: who may, what it means to sign it, whom it tells, where it is offered.

Pages, API, permission matrix, tests and documents are all made from this one table.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo
from sqlmodel import Session

from backend.ledger.arguments import Arguments, Scanned
from backend.ledger.columns import Declared
from backend.ledger.models import Code

F = TypeVar("F", bound=Callable[..., Any])
SYSTEM = "system"
"""The role of what the program does by itself; no person can be given it."""

Shown = list[tuple[str, list[str], int]]


@dataclass(frozen=True)
class Act:
    """One thing that may be done. See `act` for the meaning of each field."""

    name: str
    run: Callable[..., Any]
    arguments: type[Arguments]
    secrecy: Mapping[str, Declared]
    codes: Mapping[str, tuple[str, ...]]
    roles: frozenset[str]
    signed: str = ""
    witness: str = ""
    witness_roles: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    relies: frozenset[str] = frozenset()
    founds: bool = False
    seals: str = ""
    reason: Literal["", "open", "identity", "masked"] = ""
    shows: Callable[..., Shown] | None = None
    tells: str = ""
    offers: tuple[str, ...] = ()
    ready: Callable[[Session, str], bool] | None = None
    covers: Callable[[Session, Mapping[str, Any], str], bool] | None = None
    page: str = ""
    closed: str = ""
    title: str = ""
    doc: str = field(default="", repr=False)

    @property
    def room(self) -> str:
        return self.name.split(".")[0]


REGISTRY: dict[str, Act] = {}
ENDED: dict[str, Callable[[Session, str], str | None]] = {}
"""By the act that closes the record of a chain: what says that it is closed, in a sentence; None while it is open.

A room downstream fills it at start-up.
"""

FORESEEN: list[Callable[[Session, list[dict[str, Any]]], None]] = []
"""What looks up in one go that which each body of a page of entries is going to ask for.

A room downstream fills it at start-up.
"""


def ended(session: Session, chain: str) -> list[str]:
    """Every sentence by which nothing is added to this chain any more."""
    return [said for one in ENDED.values() if (said := one(session, chain))]


def act(
    name: str,
    *,
    roles: Iterable[str],
    title: str,
    tells: str,
    signed: str = "",
    witness: str = "",
    witness_roles: Iterable[str] = (),
    writes: Iterable[str] = (),
    relies: Iterable[str] = (),
    founds: bool = False,
    seals: str = "",
    reason: Literal["", "open", "identity", "masked"] = "",
    shows: Callable[..., Shown] | None = None,
    offers: tuple[str, ...] = (),
    ready: Callable[[Session, str], bool] | None = None,
    covers: Callable[[Session, Mapping[str, Any], str], bool] | None = None,
    page: str = "",
    closed: str = "",
) -> Callable[[F], F]:
    """Register a function as the act `room.verb`; it runs only through `Ledger.do`.

    The function takes `now: Now` and arguments declared Open, Identity or Masked; code arguments find the subject chains to lock.
    roles: who may. title: what a button says. tells: the sentence of the timeline, with {by} and open arguments.
    signed: the meaning of the first signature ("" = unsigned). witness: the meaning of the second signer's (witnessed acts, W1), who has
    one of `witness_roles` (as `roles` if empty).
    writes: chains besides those of the code arguments. relies: chains whose facts the act leans on (share-locked, cited).
    founds: a new CoI and its keys are drawn before the rules run. seals: whose keys seal what is not open, when no subject is part of
    the act. reason: asked for, and how it is kept.
    shows: from the session and the arguments, the (table, key, version) that the page displayed. offers: the kinds of code that this
    act is a next step for. ready: whether it is one for this very code, now. covers: whether the values of an
    entry, by its body, are covered for a reader (W3). page: the address of its own page; without one the generic form serves.
    closed: why it is done also when the record that it adds to is closed ("" = it is refused then).
    """

    def register(run: F) -> F:
        if name in REGISTRY and REGISTRY[name].run.__qualname__ != run.__qualname__:
            raise TypeError(f"two acts are called {name}")
        arguments, secrecy, codes = _arguments(name, run)
        REGISTRY[name] = Act(
            name, run, arguments, secrecy, codes, frozenset(str(r) for r in roles), signed, witness,
            frozenset(str(r) for r in witness_roles) or frozenset(str(r) for r in roles), frozenset(writes), frozenset(relies), founds,
            seals, reason, shows, tells, offers, ready, covers, page, closed, title, inspect.cleandoc(run.__doc__ or ""),
        )  # fmt: skip
        return run

    return register


def _arguments(name: str, run: Callable[..., Any]) -> tuple[type[Arguments], dict[str, Declared], dict[str, tuple[str, ...]]]:
    """The model of an act's arguments, read off its signature. An argument with no declaration raises TypeError (decision S1)."""
    hints = get_type_hints(run, include_extras=True)
    fields: dict[str, Any] = {}
    secrecy: dict[str, Declared] = {}
    codes: dict[str, tuple[str, ...]] = {}
    for parameter in list(inspect.signature(run).parameters.values())[1:]:
        hint = hints[parameter.name]
        marks = list(_marks(hint))
        scanned = next((m for m in marks if isinstance(m, Scanned)), None)
        declared = next((m for m in marks if isinstance(m, Declared)), Declared("open") if scanned else None)
        if declared is None:
            raise TypeError(f"{name}: the argument {parameter.name} is declared neither open nor identity nor masked")
        secrecy[parameter.name] = declared
        if scanned:
            codes[parameter.name] = scanned.kinds
        fields[parameter.name] = (hint, ... if parameter.default is inspect.Parameter.empty else parameter.default)
    model: type[Arguments] = create_model(name.replace(".", "_"), __base__=Arguments, **fields)
    return model, secrecy, codes


def _marks(hint: Any) -> Iterable[Any]:
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        yield from marks
        yield from _marks(inner)
    else:
        for inner in get_args(hint):
            yield from _marks(inner)


def titles(model: type[BaseModel]) -> dict[str, str]:
    """What each argument is called on a form and in a sentence."""
    return {name: _title(name, asked) for name, asked in model.model_fields.items()}


def _title(name: str, asked: FieldInfo) -> str:
    return asked.title or name.replace("_", " ").capitalize()


def offered(session: Session, code: str, kind: str, roles: frozenset[str]) -> list[Act]:
    """The acts that a person with these roles may do next with this code, in the order they were declared."""
    known = session.get(Code, code)
    over = known is not None and bool(ended(session, known.chain))
    found = [a for a in REGISTRY.values() if kind in a.offers and roles & a.roles and (a.closed or not over)]
    return [a for a in found if a.ready is None or a.ready(session, code)]

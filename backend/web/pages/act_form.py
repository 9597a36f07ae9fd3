"""The form that any act has, made from the registry: so whatever can be done can be done in a browser, also where no page was drawn for it.

An act that says what it shows is asked in two goes: first what it is about, then the signature over exactly that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import AwareDatetime
from pydantic.fields import FieldInfo
from sqlmodel import col, select
from starlette.exceptions import HTTPException

from backend.ledger import REGISTRY, SYSTEM, Act, Nonsense, Shown
from backend.ledger.arguments import read_arguments
from backend.ledger.models import Entry
from backend.ledger.reads import readable
from backend.ledger.registry import titles
from backend.web import addresses
from backend.web.forms import Form, Sent
from backend.web.me import Me, Signed, safe

router = APIRouter()
CODES_AT_ONCE = 16


@dataclass(frozen=True)
class Field:
    """One argument as a form asks for it."""

    name: str
    title: str
    kind: str  # code, codes, number, whole, yesno, choice, choices, date, moment, text, area, lines
    required: bool
    unit: str = ""
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    default: str = ""


def fields_of(act: Act) -> list[Field]:
    """What the form of this act asks for, in the order of its arguments."""
    called = titles(act.arguments)
    return [_field(act, name, called[name], asked) for name, asked in act.arguments.model_fields.items()]


def _field(act: Act, name: str, title: str, asked: FieldInfo) -> Field:
    inner, many = _inner(asked.annotation)
    extra = asked.json_schema_extra if isinstance(asked.json_schema_extra, dict) else {}
    default = "" if asked.is_required() or asked.default in (None, "") else _words(asked.default)
    kind, options = _kind(act, name, inner, many)
    roomy = act.secrecy[name].room > 256 or any((getattr(m, "max_length", 0) or 0) > 200 for m in asked.metadata)
    if kind == "text" and roomy:
        kind = "area"
    return Field(name, title, kind, asked.is_required(), str(extra.get("unit", "")), asked.description or "", options, default)


def _inner(hint: Any) -> tuple[Any, bool]:
    """The bare type of one value, and whether there are many."""
    while True:
        origin, inside = get_origin(hint), get_args(hint)
        if origin is Annotated:
            hint = inside[0]
        elif origin in (Union, UnionType):
            hint = next(one for one in inside if one is not type(None))
        elif origin in (list, tuple, set, frozenset):
            return _inner(inside[0])[0], True
        else:
            return hint, False


def _kind(act: Act, name: str, inner: Any, many: bool) -> tuple[str, tuple[tuple[str, str], ...]]:
    if name in act.codes:
        return ("codes" if many else "code"), ()
    if get_origin(inner) is Literal:
        return ("choices" if many else "choice"), tuple((str(one), str(one)) for one in get_args(inner))
    if isinstance(inner, type) and issubclass(inner, Enum):
        return ("choices" if many else "choice"), tuple((str(one.value), str(one.value)) for one in inner)
    if many or get_origin(inner) in (dict, Mapping) or inner in (dict, Mapping):
        return "lines", ()
    plain = {bool: "yesno", int: "whole", Decimal: "number", date: "date", datetime: "moment", AwareDatetime: "moment"}
    return plain.get(inner, "text"), ()


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value.value if isinstance(value, Enum) else value)


@router.get("/act/{name}")
def act_page(name: str, request: Request, me: Signed) -> Response:
    act = _known(name)
    if not me.may(name):
        me.must(*act.roles)
    given = {one: request.query_params.getlist(one) for one in request.query_params}
    ready, shown = (False, []) if act.shows and not given else _shown(act, Sent(given), me)
    return me.show(
        "act.html", act=act, fields=fields_of(act), prefilled=given, ask_first=act.shows is not None and not ready, displayed=shown,
        digest=me.digest(shown) if act.shows and ready else "", second=bool(act.witness), next=safe(given.get("next", [""])[-1] or "/"),
        rows=CODES_AT_ONCE, typed={},
    )  # fmt: skip


def _known(name: str) -> Act:
    act = REGISTRY.get(name)
    if act is None or act.roles == {SYSTEM}:
        raise HTTPException(404)
    return act


def _shown(act: Act, sent: Sent, me: Me) -> tuple[bool, Shown]:
    """Whether all that is asked first is there, and then what the act says it displays."""
    if act.shows is None:
        return True, []
    try:
        values = read_arguments(act.arguments, sent.arguments(act, me.settings.zone, {}))
    except Nonsense:
        return False, []
    return True, act.shows(me.session, **dict(values))


@router.post("/act/{name}")
def do_act(name: str, form: Form, me: Signed) -> Response:
    _known(name)
    receipt = me.do(name, form)
    onwards = safe(form.get("next", "/"))
    return me.go(f"/done/{receipt.act_id}?{urlencode({'next': onwards})}")


@router.get("/done/{act_id}")
def done(act_id: str, me: Signed, next: str = "/") -> Response:  # noqa: A002  # the name in the address
    """What an act left behind, for the person who did it."""
    entries = me.session.exec(select(Entry).where(Entry.act_id == act_id, Entry.by == me.person).order_by(col(Entry.chain))).all()
    if not entries:
        raise HTTPException(404)
    body = orjson.loads(entries[0].body)
    act = REGISTRY[entries[0].act]
    told = [(one.chain, one.seq, one.hash) for one in entries if readable(one.chain, me.viewer.reads_record)]
    codes = [(code, addresses.of_code(code)) for code in _codes(body["result"])]
    at = datetime.fromisoformat(entries[0].at)
    return me.show("done.html", title=act.title, at=at, told=told, codes=codes, next=safe(next), signed=body["signed"])


def _codes(result: Any) -> list[str]:
    if isinstance(result, str):
        return [result]
    if isinstance(result, dict):
        return [code for value in result.values() for code in _codes(value)]
    return [code for value in result for code in _codes(value)] if isinstance(result, list) else []

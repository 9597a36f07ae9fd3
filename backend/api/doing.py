"""Signing in and acting by program: the same acts, roles, signatures and refusals as in the pages."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response
from pydantic import AwareDatetime, Field
from starlette.exceptions import HTTPException

from backend.access import sessions
from backend.access.reads import person_of, viewer_of
from backend.api.asking import Answer, Who
from backend.ledger import REGISTRY, Act, Credential, NotAllowed, Refused, UnknownCode, digest_of
from backend.ledger.acts import turn_away
from backend.ledger.arguments import read_arguments
from backend.ledger.reads import readable
from backend.ledger.registry import SYSTEM
from backend.web.addresses import open_acts

router = APIRouter()


class SignIn(Answer):
    """Who signs in."""

    person: str = Field(max_length=64)
    password: str = Field(max_length=256)


class SignedIn(Answer):
    """A token to be sent as `Authorization: Bearer …`."""

    token: str
    person: str
    roles: list[str]
    expires_at: AwareDatetime


class Signing(Answer):
    """One signature: a person and their own password."""

    person: str = Field(max_length=64)
    password: str = Field(max_length=256)


class Doing(Answer):
    """What an act is given. `shown` is the digest that GET /acts/{name}/shown gave, for acts that say what they show."""

    args: dict[str, Any] = {}
    reason: str = ""
    signatures: list[Signing] = Field(default=[], max_length=2)
    shown: str | None = Field(default=None, max_length=64)
    occurred_at: AwareDatetime | None = None


class EntryMade(Answer):
    """One entry of the record."""

    chain: str
    seq: int
    hash: str


class Done(Answer):
    """What an act left behind: its result in codes, and its entries; those on a subject's chain for whoever reads the record."""

    result: Any
    act_id: str
    at: AwareDatetime
    entries: list[EntryMade]


class ActDescribed(Answer):
    """What can be done, by whom, and what it asks for (JSON schema)."""

    name: str
    title: str
    sentence: str
    description: str
    roles: list[str]
    signed: str
    witnessed: str
    witness_roles: list[str]
    needs_reason: bool
    needs_shown: bool
    offered_on: list[str]
    arguments: dict[str, Any]


@router.post("/session", tags=["session"])
def sign_in(request: Request, asked: SignIn, x_marrowline_station: Annotated[str, Header()] = "") -> SignedIn:
    """Sign in; the token is good until it expires or is given back."""
    ledger, settings = request.app.state.ledger, request.app.state.settings
    with ledger.read() as session:
        person, station = person_of(session, asked.person), sessions.station_of(session, {}, x_marrowline_station)
    try:
        opened = sessions.sign_in(ledger, settings, person, asked.password, station)
    except Refused as no:
        raise HTTPException(401, " ".join(no.reasons)) from no
    if opened is None:
        raise HTTPException(401, "Person and password do not fit.")
    with ledger.read() as session:
        viewer = viewer_of(session, person, ledger.clock())
    return SignedIn(token=opened[0], person=person, roles=sorted(viewer.roles), expires_at=opened[1])


@router.delete("/session", status_code=204, tags=["session"])
def sign_out(who: Who) -> Response:
    """Give the token back; it opens nothing any more."""
    sessions.sign_out(who.ledger, sessions.SignedInHere(who.viewer, who.token, who.station, False))
    return Response(status_code=204)


def described(act: Act) -> ActDescribed:
    return ActDescribed(
        name=act.name, title=act.title, sentence=act.tells, description=act.doc, roles=sorted(act.roles), signed=act.signed,
        witnessed=act.witness, witness_roles=sorted(act.witness_roles) if act.witness else [], needs_reason=bool(act.reason),
        needs_shown=act.shows is not None, offered_on=list(act.offers), arguments=act.arguments.model_json_schema(),
    )  # fmt: skip


@router.get("/acts", tags=["acts"])
def acts(who: Who) -> list[ActDescribed]:
    """Everything that can be done."""
    del who
    return [described(one) for one in open_acts()]


def known(name: str) -> Act:
    act = REGISTRY.get(name)
    if act is None or act.roles == {SYSTEM}:
        raise HTTPException(404, f"There is no act called {name[:60]}.")
    return act


@router.post("/acts/{name}", tags=["acts"])
def do(
    name: str, asked: Doing, who: Who,
    idempotency_key: Annotated[str, Header(description="The same key again gets the same answer and makes no second entry")] = "",
) -> Done:  # fmt: skip
    """Do it. What is refused is in the record and answers 409, or 403 when the role does not allow it."""
    known(name)
    signatures = tuple(Credential(person_of(who.session, one.person), one.password) for one in asked.signatures)
    try:
        receipt = who.ledger.do(
            name, asked.args, by=who.caller, signatures=signatures, reason=asked.reason, shown=asked.shown, key=idempotency_key or None,
            occurred_at=asked.occurred_at,
        )  # fmt: skip
    except UnknownCode as no:
        turn_away(who.ledger, name, no, who.caller)
    made = [one for one in receipt.entries if readable(one[0], who.viewer.reads_record)]
    entries = [EntryMade(chain=chain, seq=seq, hash=digest) for chain, seq, digest in made]
    return Done(result=receipt.result, act_id=receipt.act_id, at=receipt.at, entries=entries)


@router.get("/acts/{name}/shown", tags=["acts"])
def shown(name: str, request: Request, who: Who) -> JSONResponse:
    """The rows that a signature would cover, and their digest; the act's arguments stand in the query."""
    act = known(name)
    if "everybody" not in act.roles and not who.viewer.roles & act.roles:
        raise NotAllowed(f"{act.title}: this is for {' or '.join(sorted(act.roles))}.")
    if act.shows is None:
        return JSONResponse({"shown": None, "rows": []})
    asked = {one: request.query_params.getlist(one) for one in request.query_params}
    fields = act.arguments.model_fields
    given = {k: v if "list" in str(fields[k].annotation) else v[-1] for k, v in asked.items() if k in fields}
    rows = act.shows(who.session, **dict(read_arguments(act.arguments, given)))
    return JSONResponse({"shown": digest_of(rows), "rows": [{"table": t, "key": list(k), "version": v} for t, k, v in rows]})

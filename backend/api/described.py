"""The API described: OpenAPI with one path for each act of the registry, and the same as a page of our own that runs no foreign script."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute

from backend.ledger import Act
from backend.web.addresses import open_acts
from backend.web.me import render

router = APIRouter()
REFUSED = {"type": "object", "properties": {"refused": {"type": "array", "items": {"type": "string"}}}, "required": ["refused"]}
SAID = {
    "401": "Nobody is signed in with this token.",
    "403": "The role does not allow it. It is in the record.",
    "404": "There is no such code, or none that this person may see.",
    "409": "It was refused, with every reason. It is in the record.",
    "422": "What was sent is not a value of its kind. Nothing was recorded.",
}


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> JSONResponse:
    return JSONResponse(document(request))


def document(request: Request) -> dict[str, Any]:
    """OpenAPI of all calls. `POST /acts/{name}` stands once in general and once for each act with its own arguments."""
    state = request.app.state
    if getattr(state, "openapi", None) is None:
        from backend.api import doing, reading

        routes = [one for part in (doing, reading) for one in part.router.routes]
        made = get_openapi(
            title="Marrowline", version=version("marrowline"), routes=routes, servers=[{"url": "/api/v1"}],
            description="Every act and every view. People, roles and masking are those of the pages.",
        )  # fmt: skip
        _secure(made, [one for one in routes if isinstance(one, APIRoute)])
        for act in open_acts():
            made["paths"][f"/acts/{act.name}"] = {"post": _act(act)}
        state.openapi = made
    found: dict[str, Any] = state.openapi
    return found


def _secure(made: dict[str, Any], routes: list[APIRoute]) -> None:
    made.setdefault("components", {})["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"bearer": []}]
    for path in ("/session", "/health"):
        made["paths"][path]["post" if path == "/session" else "get"]["security"] = []
    for one in routes:
        for method in one.methods or ():
            said = made["paths"][one.path_format][method.lower()]
            said["responses"] |= _answers(*(("401",) if one.path_format == "/health" else SAID))


def _answers(*statuses: str) -> dict[str, Any]:
    return {one: {"description": SAID[one], "content": {"application/json": {"schema": REFUSED}}} for one in statuses}


def _act(act: Act) -> dict[str, Any]:
    arguments = act.arguments.model_json_schema()
    body = {
        "type": "object", "additionalProperties": False, "required": ["args"] if arguments.get("required") else [],
        "properties": {
            "args": arguments,
            "reason": {"type": "string", "description": "Asked for." if act.reason else "Not asked for."},
            "signatures": {"type": "array", "maxItems": 2, "items": {"$ref": "#/components/schemas/Signing"}},
            "shown": {"type": ["string", "null"], "description": "The digest of what was displayed." if act.shows else "Not asked for."},
            "occurred_at": {"type": ["string", "null"], "format": "date-time"},
        },
    }  # fmt: skip
    signed = f" Signed: “{act.signed}”" if act.signed else ""
    witnessed = f" and, by a second person: “{act.witness}”" if act.witness else ""
    done = {"description": "It is done.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Done"}}}}
    return {
        "tags": ["acts"], "summary": act.title, "operationId": act.name,
        "description": f"{act.doc}{signed}{witnessed} For: {', '.join(sorted(act.roles))}.",
        "parameters": [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"200": done} | _answers(*SAID),
    }  # fmt: skip


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> Response:
    calls = [
        (path, method.upper(), one) for path, methods in sorted(document(request)["paths"].items()) for method, one in methods.items()
    ]  # fmt: skip
    return render(request, "api.html", calls=[(path, method, one, _rows(one)) for path, method, one in calls])


def _rows(call: dict[str, Any]) -> list[list[str]]:
    """The arguments of a call as (name, what it is, type, whether it must be there)."""
    schema = call.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    args = schema.get("properties", {}).get("args", {})
    must = args.get("required", [])
    return [
        [
            name,
            ", ".join(filter(None, (one.get("title"), one.get("description"), one.get("unit")))),
            _type(one),
            "yes" if name in must else "",
        ]
        for name, one in args.get("properties", {}).items()
    ]


def _type(one: dict[str, Any]) -> str:
    kinds = [one.get("format") or str(one.get("type", ""))] if "anyOf" not in one else [_type(part) for part in one["anyOf"]]
    return ", ".join(kind for kind in kinds if kind and kind != "null")

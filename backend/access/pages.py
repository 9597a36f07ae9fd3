"""People as an administrator and QA see them, the permission matrix made from the registry, the stations, and the alerts."""

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.access import reads, sessions
from backend.access.rules import EVERYBODY, Role
from backend.ledger import UnknownCode
from backend.web.addresses import open_acts
from backend.web.forms import Form, PageNumber
from backend.web.me import Me, Signed
from labels.copies import against_paper

router = APIRouter()
A_YEAR = 400 * 24 * 3600  # browsers keep a cookie no longer


@router.get("/people")
def people(me: Signed, find: str = "", page: PageNumber = 1) -> Response:
    lines, more = reads.people(me.session, me.now, find, page)
    waiting = reads.waiting_roles(me.session) if me.may("access.countersign") else []
    return me.show("access/people.html", lines=lines, more=more, page=page, find=find, waiting=waiting, may_add=me.may("access.add_person"))


@router.post("/people")
def add(form: Form, me: Signed) -> Response:
    """Somebody new; the next thing to do is on their own page."""
    added = me.do("access.add_person", form)
    return me.go(f"/people/{added.result}")


@router.get("/people/{code}")
def person(code: str, me: Signed) -> Response:
    return _person(code, me)


def _person(code: str, me: Me, link: str = "") -> Response:
    seen = reads.person_view(me.session, code)
    if seen is None:
        raise UnknownCode(code[:40])
    copy = reads.copy_of_badge(me.session, reads.live_badge(me.session, code))
    return me.show(
        "access/person.html", person=seen, roles=[str(role) for role in Role], link=link, may_grant=me.may("access.grant"),
        may_countersign=me.may("access.countersign"), may_end=me.may("access.end_role"),
        may_badge=me.may("access.replace_badge"), paper_open=not any(against_paper(copy, me.person, me.now)),
    )  # fmt: skip


@router.post("/people/{code}/roles")
def grant(code: str, form: Form, me: Signed) -> Response:
    me.do("access.grant", form, person=code)
    return me.go(f"/people/{code}")


@router.post("/people/{code}/roles/{granted}/end")
def end_role(code: str, granted: str, form: Form, me: Signed) -> Response:
    me.do("access.end_role", form, grant=granted)
    return me.go(f"/people/{code}")


@router.get("/roles/{granted}/countersign")
def countersign_page(granted: str, me: Signed) -> Response:
    waiting = next((one for one in reads.waiting_roles(me.session) if one.code == granted), None)
    if waiting is None:
        raise UnknownCode(granted[:40])
    return me.show("access/countersign.html", role=waiting)


@router.post("/roles/{granted}/countersign")
def countersign(granted: str, form: Form, me: Signed) -> Response:
    me.do("access.countersign", form, grant=granted)
    return me.go("/people")


@router.post("/people/{code}/link")
def link(code: str, form: Form, me: Signed, request: Request) -> Response:
    """A one-time link. It is shown in this answer and never again: the record keeps only its hash."""
    token = secrets.token_urlsafe(32)
    me.do("access.issue_link", form, person=code, token_sha256=sessions.hashed(token))
    return _person(code, me, f"{request.url.scheme}://{request.url.netloc}/set-password?token={token}")


@router.post("/people/{code}/badge/new")
def replace_badge(code: str, form: Form, me: Signed) -> Response:
    me.do("access.replace_badge", form, person=code)
    return me.go(f"/people/{code}")


@router.post("/people/{code}/unlock")
def unlock(code: str, form: Form, me: Signed) -> Response:
    me.do("access.unlock", form, person=code)
    return me.go(f"/people/{code}")


@router.post("/people/{code}/leave")
def leave(code: str, form: Form, me: Signed) -> Response:
    me.do("access.leave", form, person=code)
    sessions.revoke(me.ledger, code)
    return me.go(f"/people/{code}")


@router.get("/permissions")
def permissions(me: Signed) -> Response:
    """Every act by every role, as the registry has it: what is shown here is what is enforced."""
    rows = [
        (one.title, one.name, [EVERYBODY in one.roles or role in one.roles for role in Role], bool(one.signed), bool(one.witness))
        for one in open_acts()
    ]  # fmt: skip
    return me.show("access/permissions.html", roles=[str(role) for role in Role], rows=sorted(rows, key=lambda row: row[1]))


@router.get("/stations")
def stations(me: Signed, page: PageNumber = 1) -> Response:
    found, more = reads.stations(me.session, page)
    may = me.may("access.register_station")
    return me.show("access/stations.html", stations=found, more=more, page=page, here=me.here.station, may_register=may)


@router.post("/stations")
def register(form: Form, me: Signed, request: Request) -> Response:
    """This very device is a station from now on: it holds a token that signs nobody in and only says where it stands."""
    token = secrets.token_urlsafe(32)
    me.do("access.register_station", form, token_sha256=sessions.hashed(token))
    answer = me.go("/stations")
    answer.set_cookie(
        sessions.STATION_COOKIE, token, max_age=A_YEAR, httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/"
    )
    sessions.stand_at(me.ledger, me.here.token, form.get("name").strip())
    return answer


@router.post("/stations/{code}/end")
def end_station(code: str, form: Form, me: Signed) -> Response:
    me.do("access.end_station", form, station=code)
    return me.go("/stations")


@router.get("/alerts")
def alerts(me: Signed, page: PageNumber = 1) -> Response:
    found, more = reads.alerts(me.session, me.viewer.roles, page)
    return me.show("access/alerts.html", alerts=found, more=more, page=page, may_answer=me.may("access.acknowledge"))


@router.post("/alerts/{code}")
def acknowledge(code: str, form: Form, me: Signed) -> Response:
    me.do("access.acknowledge", form, alert=code)
    return me.go("/alerts")

"""The release page of a bank: review by exception first, then the two meanings that QA can sign."""

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import REVIEWS
from backend.ledger import REGISTRY, Nonsense
from backend.release.reads import review
from backend.web.forms import Form
from backend.web.me import Me, Signed

router = APIRouter()
MEANINGS = {"release": "release.approve", "reject": "release.reject"}


@router.get("/batches/{code}/release")
def release_page(code: str, me: Signed) -> Response:
    me.must(*REVIEWS)
    return _show(me, code)


def _show(me: Me, code: str) -> Response:
    meanings = {word: REGISTRY[name].signed for word, name in MEANINGS.items()}
    return me.show("release/release.html", it=review(me.session, code, me.viewer), meanings=meanings)


@router.post("/batches/{code}/release")
def decide(code: str, form: Form, me: Signed) -> Response:
    """The button that was pressed says which of the two meanings is signed."""
    meaning = form.get("meaning")
    if meaning not in MEANINGS:
        raise Nonsense({"meaning": "What the signature means was not said; it must be released or rejected."})
    me.do(MEANINGS[meaning], form, batch=code)
    return me.go(f"/batches/{code}/release")

"""The badge of a person. It is a label of the trial folder, and people know nothing of labels, so it is printed here."""

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import Role
from backend.custody.reads import one_label_pdf
from backend.custody.reads.labelling import template_in
from backend.custody.reads.papers import badge_values
from backend.trial.reads import folder_in_force_code
from backend.web.me import Signed

router = APIRouter()


@router.get("/people/{code}/badge.pdf")
def badge(me: Signed, code: str) -> Response:
    """The badge as it goes to paper; its code is the person's own, so it may be printed again when it wears out or the roles change."""
    me.must(Role.ADMINISTRATOR)
    values = badge_values(me.session, code, me.now)
    made = one_label_pdf(me.ledger, template_in(me.session, folder_in_force_code(me.session), "badge"), values)
    return Response(made, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="badge-{code}.pdf"'})

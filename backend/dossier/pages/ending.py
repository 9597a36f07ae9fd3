"""The last account of a subject on the screen, what became of each vial, the closing, and the documents of the record."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import READS_RECORD
from backend.custody.reads import container_of
from backend.custody.reads.labelling import is_demo
from backend.dossier import reads, rules
from backend.dossier.pages.paper import Printed, pdf
from backend.ledger import REGISTRY, Refused, UnknownCode
from backend.settings import Settings
from backend.subject.reads import subject_of
from backend.web.forms import Form
from backend.web.me import Me, Signed
from labels.fonts import FontMissing, Fonts

router = APIRouter()
ROWS = 4


@router.get("/subjects/{coi}/account")
def account(me: Signed, coi: str) -> Response:
    """Every vial, dose and label with what became of it, and everything that keeps the subject open."""
    me.must(*READS_RECORD)
    seen = reads.account_view(me.session, coi)
    digest = me.digest(reads.shown_account(me.session, coi))
    return me.show("dossier/account.html", it=seen, digest=digest, act=REGISTRY["dossier.close"], hows=rules.DISPOSITIONS)


@router.post("/subjects/{coi}/close")
def close(form: Form, me: Signed, coi: str) -> Response:
    me.do("dossier.close", form, subject=coi)
    return me.go(f"/subjects/{coi}/account")


@router.get("/dispose")
def dispose_page(me: Signed, container: str = "") -> Response:
    """Two people say what became of containers; beside the form is what of this subject has no disposition yet."""
    act = REGISTRY["dossier.dispose"]
    me.must(*act.roles)
    coi = _chain_of(me, container)
    left = [one for one in reads.account_view(me.session, coi).vials if one.fate is None] if coi else []
    hows = [one for one in rules.DISPOSITIONS if one in rules.BY_HAND]
    return me.show("dossier/dispose.html", act=act, first=container, left=left, hows=hows, rows=ROWS, coi=coi)


def _chain_of(me: Me, container: str) -> str:
    """Whose containers this is about; a label that stops leads to an empty form, and the act says why."""
    try:
        return container_of(me.session, container).chain if container else ""
    except (Refused, UnknownCode):
        return ""


@router.post("/dispose")
def dispose(form: Form, me: Signed) -> Response:
    me.do("dossier.dispose", form)
    return me.go(f"/subjects/{_chain_of(me, form.all('container')[0])}/account")


@router.get("/subjects/{coi}/record")
def record(me: Signed, coi: str) -> Response:
    """The documents that were made of this subject's record, and the forms that make another."""
    me.must(*READS_RECORD)
    subject = subject_of(me.session, coi)
    prints, full = reads.prints_of(me.session, coi, me.viewer), reads.may_open(rules.FULL_EDITION, me.viewer)
    return me.show("dossier/record.html", number=subject.number, coi=coi, prints=prints, may_full=full)


@router.post("/subjects/{coi}/record")
def print_record(form: Form, me: Signed, coi: str) -> Response:
    me.do("dossier.print_record", form, subject=coi)
    return me.go(f"/subjects/{coi}/record")


@router.get("/records/{code}.pdf")
def paper(me: Signed, code: str) -> Response:
    """One document, made again from its row: the same bytes each time."""
    me.must(*READS_RECORD)
    row, content = reads.document(me.session, me.ledger.keyring, code, me.viewer)
    printed = Printed(
        code=row.code, at=row.at, at_words=row.at_words, by=row.by, role=row.role, content_sha256=row.content_sha256,
        other_sha256=row.other_sha256, salt=row.salt, demo=is_demo(me.ledger),
    )  # fmt: skip
    try:
        made = pdf(content, printed, fonts_of(me.settings))
    except FontMissing as no:
        raise Refused(no.sentence) from no
    name = f"record-{content.number}-{content.edition}-{code}.pdf"
    return Response(made, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


def fonts_of(settings: Settings) -> Fonts:
    """The font that the site configured for labels and documents, or the one that is built in."""
    return Fonts(regular=Path(settings.label_font)) if settings.label_font else Fonts()

"""The trial as people read it: what is in force, every folder there was, and the forms that propose, approve, suspend."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import Role
from backend.ledger import Refused, UnknownCode
from backend.trial import reads
from backend.trial.models import FolderProposed
from backend.trial.rules import Folder
from backend.web.forms import Form, PageNumber, Sent
from backend.web.me import Me, Signed

router = APIRouter()
SEES = tuple(Role)
SEES_FILES = tuple(set(Role) - {Role.ASSESSOR, Role.COURIER})  # the files name routes and doses, which an assessor has no use for
FILES = ("trial.yaml", "master-record.yaml", "specifications.yaml", "labels.yaml")


@router.get("/trial")
def trial(me: Signed, page: PageNumber = 1) -> Response:
    """What is in force, who approved it, and whether the trial is active."""
    me.must(*SEES)
    lines, more = reads.folders(me.session, page)
    return me.show(
        "trial/trial.html", folder=_current(me), folders=lines, page=page, more=more, now_is=reads.status(me.session),
        changes=reads.status_lines(me.session), statuses=[one for one in reads.STATUSES if one != reads.status(me.session)],
    )  # fmt: skip


@router.post("/trial")
def set_status(form: Form, me: Signed) -> Response:
    me.do("trial.set_status", form)
    return me.go("/trial")


@router.get("/trial/propose")
def propose_page(me: Signed) -> Response:
    me.must(Role.QA, Role.TECHNICIAN)
    return me.show("trial/propose.html", files=FILES, installed=sorted(_installed(me)))


@router.post("/trial/propose")
def propose(form: Form, me: Signed) -> Response:
    files = _installed(me) if form.get("which") == "installed" else _uploaded(form)
    receipt = me.do("trial.propose_folder", form, files=files)
    return me.go(f"/trial/folders/{receipt.result}")


@router.get("/trial/folders/{code}")
def folder(me: Signed, code: str) -> Response:
    """One folder, whole: what it says, and its files as they are written."""
    me.must(*SEES_FILES)
    if me.session.get(FolderProposed, code) is None:
        raise UnknownCode(code)
    line = reads.folder_line(me.session, code)
    return me.show(
        "trial/folder.html", folder=reads.folder(me.session, code), line=line, may_approve=me.may("trial.approve_folder"),
        digest=me.digest(reads.shown_folder(me.session, folder=code)),
        files={name: content.decode() for name, content in sorted(reads.files_of(me.session, code).items())},
    )  # fmt: skip


@router.post("/trial/folders/{code}")
def approve(form: Form, me: Signed, code: str) -> Response:
    me.do("trial.approve_folder", form, folder=code)
    return me.go(f"/trial/folders/{code}")


def _current(me: Me) -> Folder | None:
    try:
        return reads.current(me.session)
    except Refused:
        return None


def _installed(me: Me) -> dict[str, bytes]:
    """The folder that lies beside the program, as this installation names it."""
    path: Path = me.settings.templates_dir / me.settings.trial
    return {name: (path / name).read_bytes() for name in FILES if (path / name).is_file()}


def _uploaded(form: Sent) -> dict[str, bytes]:
    return {name: form[name].encode() for name in FILES if form.get(name)}

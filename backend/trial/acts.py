"""What may be done about the trial: propose a folder, approve it, suspend the trial and let it go on.

A folder is approved by two people who both see it whole and of whom neither wrote it: one of QA, and one of QA, a physician or a
coordinator. Its author signs when proposing it, so three people have looked.
"""

from typing import Annotated, Literal

from pydantic import StringConstraints
from sqlmodel import select

from backend.access.rules import Role
from backend.ledger import Now, Open, RecordCode, Refused, act, ask, refuse
from backend.trial.models import FolderApproved, FolderFile, FolderProposed, TrialStatus
from backend.trial.reads import STOPPED, shown_folder, status
from backend.trial.rules import FolderFaults, folder_of

Files = Annotated[dict[str, bytes], ask("Files of the folder", hint="Each file's name and its bytes")]
Why = Annotated[str, StringConstraints(min_length=1, max_length=1000), ask("Reason")]


@act(
    "trial.propose_folder", roles={Role.QA, Role.TECHNICIAN}, title="Propose a trial folder", writes={"site"},
    signed="I wrote or checked these files and propose them as the trial folder.", tells="{by} proposed a trial folder.",
    page="/trial/propose",
)  # fmt: skip
def propose_folder(now: Now, files: Open[Files]) -> FolderProposed:
    """The folder is kept with its fingerprint and can be approved. Refused with every fault of every file, each with file and line."""
    try:
        folder = folder_of(files)
    except FolderFaults as wrong:
        raise Refused(*(str(fault) for fault in wrong.faults)) from wrong
    if now.session.exec(select(FolderProposed).where(FolderProposed.fingerprint == folder.fingerprint)).first():
        refuse(FolderProposed.says["fingerprint"])
    master = folder.master
    row = now.add(FolderProposed(
        code=now.draw("K"), fingerprint=folder.fingerprint, trial=folder.trial.trial, trial_version=folder.trial.version,
        master_record=f"{master.record} {master.version}", at=now.at, by=now.by,
    ))  # fmt: skip
    for name, content in sorted(files.items()):
        now.add(FolderFile(folder_code=row.code, name=name, text=content.decode()))
    return row


@act(
    "trial.approve_folder", roles={Role.QA}, witness_roles={Role.QA, Role.PHYSICIAN, Role.COORDINATOR}, title="Approve the trial folder",
    writes={"site"}, signed="I have read this trial folder and approve it for use.",
    witness="I have read this trial folder and approve it for use.", shows=shown_folder, tells="{by} approved the trial folder {folder}.",
    page="/trial/folders/{code}",
)  # fmt: skip
def approve_folder(now: Now, folder: RecordCode) -> FolderApproved:
    """The folder is in force from now on. Its author may neither approve nor witness it."""
    row = now.get(FolderProposed, folder, f"{folder} is not a trial folder.")
    if now.session.get(FolderApproved, folder):
        refuse(FolderApproved.says["folder_code"])
    if row.by == now.by:
        refuse("You proposed this folder, so somebody else must approve it.")
    if row.by == now.witness:
        refuse("The second person proposed this folder, so somebody else must be the second.")
    return now.add(FolderApproved(folder_code=folder, at=now.at, by=now.by, witness=now.witness or ""))


@act(
    "trial.set_status", roles={Role.QA}, title="Suspend, stop or continue the trial", writes={"site"},
    signed="I decide that the trial has this status from now on.", tells="{by} set the trial to {status_is}: {why}", page="/trial",
)  # fmt: skip
def set_status(
    now: Now, status_is: Open[Annotated[Literal["active", "suspended", "stopped"], ask("Status")]], why: Open[Why]
) -> TrialStatus:
    """While it is not active nobody is enrolled and no marrow is ordered or taken. A stopped trial does not start again."""
    was = status(now.session)
    if was == status_is:
        refuse(f"The trial is {was} already.")
    if was == STOPPED:
        refuse("The trial is stopped; a stopped trial does not start again.")
    return now.add(TrialStatus(code=now.draw("K"), status=status_is, reason=why, at=now.at, by=now.by))

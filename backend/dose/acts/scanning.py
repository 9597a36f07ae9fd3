"""Lots and equipment are scanned into the steps of a preparation, so that a recalled lot leads to every dose that it touched.

What a step asks for is the same for every arm, and so are the scans. Nothing here is sealed.
"""

from typing import Annotated, Literal

from backend.dose.acts.preparing import PREPARERS
from backend.dose.models import DoseScan
from backend.dose.reads.progress import dose_of, folder_of_dose, progress_of
from backend.dose.rules.scanning import against_changing, against_scanning
from backend.ledger import AnyCode, Now, Open, RecordCode, Refused, act, ask, refuse
from backend.supplies.reads import supply_of
from backend.trial.reads import local_day
from backend.trial.rules.preparation_file import PrepStep

Step = Annotated[PrepStep, ask("Step of the preparation")]


@act(
    "dose.scan", roles=PREPARERS, title="Scan into the preparation", tells="{by} scanned {code} into the {step} of the dose {dose}.",
    relies={"supplies"}, page="/doses/{dose}",
)  # fmt: skip
def scan(now: Now, dose: RecordCode, step: Open[Step], code: AnyCode, how: Open[Literal["scan", "typed"]] = "typed") -> DoseScan:
    """A lot or a piece of equipment is part of this step, also when the step is read already: it is late then, and not lost.

    Refused: what the step does not ask for, a lot that is expired or ended, equipment without a calibration that counts, and everything
    from the decision about the dose on.
    """
    if code[0] not in "ET":
        raise Refused("This is neither a lot nor a piece of equipment; only these are scanned into a preparation.")
    row = dose_of(now.session, dose)
    found, progress = folder_of_dose(now.session, row), progress_of(now.session, row)
    thing = supply_of(now.session, code, local_day(found.trial, now.at), found.master.equipment)
    refuse(against_scanning(progress, found.trial.preparation, step, code, thing), thing.against)
    number = 1 + sum((one.step, one.code) == (step, code) for one in progress.scans)
    return now.add(DoseScan(
        dose_code=dose, step=step, code=code, number=number, part=thing.part, kind=thing.kind, how=how, at=now.at, by=now.by,
    ))  # fmt: skip


@act(
    "dose.unscan", roles=PREPARERS, title="Take out of the preparation", tells="{by} took {code} out of the {step} of the dose {dose}.",
    reason="open", page="/doses/{dose}",
)  # fmt: skip
def unscan(now: Now, dose: RecordCode, step: Open[Step], code: AnyCode) -> DoseScan:
    """What was scanned by mistake is no longer part of the step; that it was stays in the record."""
    progress = progress_of(now.session, dose_of(now.session, dose))
    refuse(against_changing(progress))
    row = next((one for one in progress.scanned(step) if one.code == code), None)
    if row is None:
        raise Refused("This was not scanned into this step.")
    row.ended_at, row.ended_by = now.at, now.by
    return row

"""The rules of the trial folder: read it, say everything that is wrong with it, judge a value, work out a formula.

Pure functions from text to typed facts: no session, no clock, no HTTP. The names that other rooms use are exported here.
"""

from backend.trial.rules.calculation import Worked, calculated, start_by
from backend.trial.rules.eligibility import (
    SerologyResult,
    add_months,
    against_answer,
    against_eligibility,
    against_serology,
    completed_months,
)
from backend.trial.rules.folder import Folder, FolderFaults, faults, fingerprint, folder_of, read_folder
from backend.trial.rules.formulas import CATALOGUE, Count, formula_named, recount_agrees, recount_difference, work_out
from backend.trial.rules.limits import NO_GROWTH, Level, Limit, NoGrowth, Verdict, judge, must_be, sentence, shown
from backend.trial.rules.master_record import MasterRecord, Phase, Repeat, Step, due, spoken
from backend.trial.rules.readings import Reading, Value, agree, judged, settled, typed, unit_of
from backend.trial.rules.specifications import Specification, Specifications
from backend.trial.rules.trial_file import Criterion, TrialFile

__all__ = [
    "CATALOGUE", "NO_GROWTH", "Count", "Criterion", "Folder", "FolderFaults", "Level", "Limit", "MasterRecord", "NoGrowth", "Phase",
    "Reading", "Repeat", "SerologyResult", "Specification", "Specifications", "Step", "TrialFile", "Value", "Verdict", "Worked",
    "add_months", "against_answer", "against_eligibility", "against_serology", "agree", "calculated", "completed_months", "due", "faults",
    "fingerprint", "folder_of", "formula_named", "judge", "judged", "must_be", "read_folder", "recount_agrees", "recount_difference",
    "sentence", "settled", "shown", "spoken", "start_by", "typed", "unit_of", "work_out",
]  # fmt: skip

"""What may be done at the bedside: check, confirm, give; then the end, or that nothing was given, and the clearance for the next.

The ward takes the dose over by scan in the custody room (`custody.receive`).
"""

from backend.bedside.acts.giving import check, confirm, give  # isort: skip  # the order in which acts are offered
from backend.bedside.acts.after import clear, finish, nothing_given

__all__ = ["check", "clear", "confirm", "finish", "give", "nothing_given"]

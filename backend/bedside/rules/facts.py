"""What the bedside asks, as values: wristband, label, dose, the order with where its subject stands, holds, the second person.

Times are in the site's zone. What a scan meant is None when it meant nothing of ours.
"""

from dataclasses import dataclass
from datetime import date, datetime

from backend.custody.rules import whose
from backend.trial.rules import TrialFile


@dataclass(frozen=True)
class Whose:
    """A subject as a stop may name them: by number and CoI, never by name."""

    number: str
    coi: str

    def __str__(self) -> str:
        return whose(self.number, self.coi)


@dataclass(frozen=True)
class Band:
    """The wristband that was scanned."""

    code: str
    of: Whose
    void_since: datetime | None
    verified: bool


@dataclass(frozen=True)
class Tag:
    """The label that was scanned. `on` names the container it was printed for, "" for a spare."""

    code: str
    on: str
    ended_at: datetime | None
    ended_how: str
    ended_why: str
    verified: bool
    applied: bool


@dataclass(frozen=True)
class Hands:
    """Who has the syringe: when it was last handed over and to whom, who received it, and whether that person is of the ward."""

    given_at: datetime | None
    given_to: str
    received_by: str
    of_ward: bool


@dataclass(frozen=True)
class Syringe:
    """The dose whose label was scanned. `decision` is released, rejected, or "" while nobody has decided.

    `started_at` is set when this dose was ever given, also when nothing went in; `gone` says how it was disposed of, "" when it was not.
    """

    code: str
    of: Whose
    infusion: int
    order_code: str
    expires_at: datetime
    decision: str
    bank_released: bool
    hands: Hands
    started_at: datetime | None
    gone: str


@dataclass(frozen=True)
class Before:
    """One earlier infusion of the subject: the day it was given, or None, and whether a physician cleared it."""

    number: int
    given_on: date | None
    cleared: bool


@dataclass(frozen=True)
class Ordered:
    """The order that the clinician works by, and where its subject stands. It ends when it is cancelled or its dose is lost.

    `open_route` is the subject's route, "" while it is not open; `given_at` is set when this infusion has been given; `lost_undecided`
    when nothing was given from a dose before this one and QA has not decided about that; `consent` is the latest (form, protocol).
    """

    code: str
    of: Whose
    infusion: int
    route: str
    ended_at: datetime | None
    ended_why: str
    open_route: str
    given_at: datetime | None
    before: tuple[Before, ...]
    lost_undecided: bool
    collected_on: date | None
    withdrawn_at: datetime | None
    consent: tuple[str, str] | None


@dataclass(frozen=True)
class Held:
    """A hold: on what, and why."""

    what: str
    why: str


@dataclass(frozen=True)
class Word:
    """What a second person confirmed, when, and when it was used up."""

    code: str
    by: str
    name: str
    at: datetime
    order_code: str
    dose_code: str
    wristband_code: str
    access: str
    used_at: datetime | None


@dataclass(frozen=True)
class Giving:
    """Who gives, and every confirmation of this subject, the newest first."""

    by: str
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Facts:
    """Everything that is asked before cells may go in.

    `wristband_fault` and `label_fault` say why what was scanned is no code of the kind that is wanted. `giving` is None for a check or
    a confirmation, which need no second person.
    """

    at: datetime
    trial: TrialFile
    status: str
    access: str
    wristband_fault: str
    wristband: Band | None
    label_fault: str
    label: Tag | None
    dose: Syringe | None
    order: Ordered | None
    holds: tuple[Held, ...]
    giving: Giving | None

"""The ledger: who did what, when and why, hash-chained for each subject, signed by each person, and proved by `verify`."""

from backend.ledger.arguments import (
    AnyCode,
    Arguments,
    BadgeCode,
    ContainerCode,
    EquipmentCode,
    LabelCode,
    LotCode,
    PlaceCode,
    RecordCode,
    SubjectCode,
    SupplyCode,
    WristbandCode,
    ask,
)
from backend.ledger.columns import Declared, Identity, IdentityText, Masked, MaskedText, Number, Open, When
from backend.ledger.errors import NoGate, Nonsense, NotAllowed, Refused, UnknownCode, Unrecorded, refuse
from backend.ledger.looking import each, gathered, once, rows_of
from backend.ledger.models import Code, Recorded, one_open
from backend.ledger.perform import Caller, Credential, Ledger, Now, Receipt, digest_of
from backend.ledger.registry import ENDED, REGISTRY, SYSTEM, Act, Shown, act, offered

from backend.ledger import acts as _acts  # isort: skip
from backend.ledger import capture as _capture  # isort: skip  # listening for flushes is part of being imported

__all__ = [
    "ENDED",
    "REGISTRY",
    "SYSTEM",
    "Act",
    "AnyCode",
    "Arguments",
    "BadgeCode",
    "Caller",
    "Code",
    "ContainerCode",
    "Credential",
    "Declared",
    "EquipmentCode",
    "Identity",
    "IdentityText",
    "LabelCode",
    "Ledger",
    "LotCode",
    "Masked",
    "MaskedText",
    "NoGate",
    "Nonsense",
    "NotAllowed",
    "Now",
    "Number",
    "Open",
    "PlaceCode",
    "Receipt",
    "RecordCode",
    "Recorded",
    "Refused",
    "Shown",
    "SubjectCode",
    "SupplyCode",
    "UnknownCode",
    "Unrecorded",
    "When",
    "WristbandCode",
    "act",
    "ask",
    "digest_of",
    "each",
    "gathered",
    "offered",
    "once",
    "one_open",
    "refuse",
    "rows_of",
]

_ = (_acts, _capture)

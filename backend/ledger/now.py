"""What an act is given, and what it leaves behind.

`Now` is one moment of one act: its session, its clock reading, its person, the chains it holds, and the changes noted so far.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy.orm.attributes import set_attribute
from sqlmodel import Session

from backend.ledger.chains import Tip
from backend.ledger.columns import Declared
from backend.ledger.errors import Refused
from backend.ledger.keys import Signer
from backend.ledger.models import Code, Recorded
from backend.ledger.registry import Act, Shown
from backend.ledger.sealing import Keyring
from backend.ledger.spelling import canonical, digest, plain
from labels.codes import draw

if TYPE_CHECKING:
    from backend.ledger.perform import Ledger

R = TypeVar("R", bound=Recorded)


@dataclass(frozen=True)
class Caller:
    """Who asks, and at which station."""

    person: str
    station: str = ""


@dataclass(frozen=True)
class Credential:
    """A person and their password, for one signature."""

    person: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Receipt:
    """What an act left behind: its id, its time, its entries as (chain, seq, hash), and its result in codes."""

    act_id: str
    at: datetime
    entries: tuple[tuple[str, int, str], ...]
    result: Any = None


class Gate(Protocol):
    """Who may act and who may sign; `access` fills it at start-up (decision L3)."""

    def signers(self, ledger: "Ledger", act: Act, by: Caller, given: tuple[Credential, ...]) -> tuple[list[Signer], list[str]]:
        """The opened keys, and every reason why a signature is not one. Runs before the lock."""

    def reasons(self, session: Session, act: Act, by: Caller, signers: list[str], at: datetime) -> tuple[bool, list[str]]:
        """Whether the person's roles allow the act, and every reason against. Runs inside the lock."""


@dataclass(eq=False)
class Now:
    """What an act is given: one session, one clock reading, one person, and the chains it holds."""

    ledger: "Ledger"
    session: Session
    act: Act
    by: str
    at: datetime
    station: str
    witness: str | None
    heads: dict[str, Tip]
    subject: str | None
    reason: str = ""
    changes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    flushed: bool = False

    def add(self, row: R, chain: str | None = None) -> R:
        """Record a new row on `chain`, or on the only chain there is: the subject's, or else the one that the act writes."""
        set_attribute(row, "chain", chain or self.subject or next(iter(self.heads)))
        self.session.add(row)
        return row

    def get(self, kind: type[R], key: Any, otherwise: str) -> R:
        """The row with this key; without one the act is refused with the sentence `otherwise`."""
        row = self.session.get(kind, key)
        if row is None:
            raise Refused(otherwise)
        return row

    def draw(self, kind: str, chain: str | None = None) -> str:
        """A new code of this kind, known from now on as part of `chain`."""
        return self.add(Code(code=draw(kind), kind=kind, chain=""), chain).code

    def seal(self, value: Any, kept: Declared, chain: str | None = None) -> str:
        """The ciphertext of a value under a key of the subject (`kept` is a declaration such as IDENTITY)."""
        return seal(self.ledger.keyring, self.session, chain or self.subject or self.act.seals, value, kept)

    def open(self, sealed: str, chain: str | None = None) -> str:
        """The plain text of a sealed value of the subject; "erased" when its key was destroyed."""
        text = self.ledger.keyring.open(self.session, chain or self.subject or self.act.seals, sealed)
        return "erased" if text is None else text


def seal(keyring: Keyring, session: Session, chain: str, value: Any, kept: Declared) -> str:
    text = value if isinstance(value, str) else canonical(plain(value)).decode()
    if kept.secrecy == "open":
        raise TypeError("an open value is not sealed")
    return keyring.seal(session, chain, kept.secrecy, text, kept.room)


def spelled(result: Any) -> Any:
    """An act's result as codes: a row becomes its own code (decision I2)."""
    if isinstance(result, Recorded):
        return getattr(result, "code", None)
    if isinstance(result, (list, tuple)):
        return [spelled(one) for one in result]
    if isinstance(result, dict):
        return {str(k): spelled(v) for k, v in result.items()}
    return plain(result)


def digest_of(shown: Shown) -> str:
    """The digest of what was displayed: sorted (table, key, version), never values (decision S6)."""
    return digest(canonical(sorted([table, list(key), version] for table, key, version in shown)))

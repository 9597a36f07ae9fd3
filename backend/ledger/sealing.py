"""What must not be read is encrypted before it reaches a row or a body: two keys per subject, both wrapped by the site key.

Identity says who the subject is and may be erased with its key; masked says what a masked person must not know. Ciphertext is padded,
so a dump shows neither a value nor its length, and it is made once, so row, entry and replay hold the same bytes (decisions S4, S5).
"""

import base64
import hmac
import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from sqlalchemy import Connection, select
from sqlmodel import Session

from backend.ledger.models import SubjectKey

Purpose = Literal["identity", "masked"]
MARK: dict[str, Purpose] = {"~identity.": "identity", "~masked.": "masked"}
PURPOSES: tuple[Purpose, ...] = ("identity", "masked")


class KeysLost(Exception):
    """A key that is needed is not there: the site key is another one, or a subject's was destroyed."""


class Keyring:
    """The site key, and what is made from it. Losing it loses every name and every masked value for ever."""

    def __init__(self, site_key: bytes) -> None:
        self._site = site_key
        self._derived: dict[str, bytes] = {}

    @classmethod
    def at(cls, folder: Path) -> "Keyring":
        """The keyring kept in `folder`; made there, readable by its owner alone, when there is none."""
        path = folder / "site.key"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
                new.write(os.urandom(32))
        return cls(path.read_bytes())

    @property
    def name(self) -> str:
        """Which site key this is, without telling it: the record keeps it to notice a lost or exchanged key."""
        return self.derive("name").hex()[:32]

    def derive(self, use: str) -> bytes:
        """32 bytes for one named use, from the site key (HKDF-Expand, RFC 5869)."""
        if use not in self._derived:
            self._derived[use] = HKDFExpand(algorithm=SHA256(), length=32, info=f"marrowline {use}".encode()).derive(self._site)
        return self._derived[use]

    def mac(self, body: bytes) -> str:
        """Shows that two inputs were the same without keeping either."""
        return hmac.new(self.derive("answer"), body, sha256).hexdigest()

    def make_keys(self, conn: Connection, chain: str) -> None:
        """Draw the two keys of a new subject and keep them, wrapped."""
        for purpose in PURPOSES:
            raw, nonce = AESGCM.generate_key(256), os.urandom(12)
            box = nonce + AESGCM(self.derive("wrapping")).encrypt(nonce, raw, f"{chain} {purpose}".encode())
            conn.execute(SubjectKey.__table__.insert().values(chain=chain, purpose=purpose, wrapped=box))  # type: ignore[attr-defined]

    def keep_keys(self, conn: Connection, scope: str) -> None:
        """Make sure of the keys of something that is no subject: the randomisation list."""
        table = SubjectKey.__table__  # type: ignore[attr-defined]
        if conn.execute(select(table.c.chain).where(table.c.chain == scope)).first() is None:
            self.make_keys(conn, scope)

    def fetch(self, session: Session, chains: Iterable[str]) -> None:
        """The keys of all these are at hand in this session, read in one go, for a list that opens something of each."""
        table = SubjectKey.__table__  # type: ignore[attr-defined]
        wanted = set(chains) - {chain for chain, _ in self._opened(session)}
        if wanted:
            rows = session.connection().execute(select(table.c.chain, table.c.purpose, table.c.wrapped).where(table.c.chain.in_(wanted)))
            for chain, purpose, box in rows:
                self._opened(session)[chain, purpose] = self._unwrap(chain, purpose, box)

    def _opened(self, session: Session) -> dict[tuple[str, str], bytes]:
        """Remembered for one session only: a key that was destroyed must not live on in a process that once opened it."""
        opened: dict[tuple[str, str], bytes] = session.info.setdefault("keys", {})
        return opened

    def _unwrap(self, chain: str, purpose: str, box: bytes) -> bytes:
        try:
            return AESGCM(self.derive("wrapping")).decrypt(box[:12], box[12:], f"{chain} {purpose}".encode())
        except InvalidTag as other:
            raise KeysLost("The site key is not the one that this record was made with.") from other

    def _key(self, session: Session, chain: str, purpose: Purpose) -> bytes | None:
        opened = self._opened(session)
        if (chain, purpose) not in opened:
            table = SubjectKey.__table__  # type: ignore[attr-defined]
            box = session.connection().execute(select(table.c.wrapped).where(table.c.chain == chain, table.c.purpose == purpose)).scalar()
            if box is None:
                return None
            opened[chain, purpose] = self._unwrap(chain, purpose, box)
        return opened[chain, purpose]

    def seal(self, session: Session, chain: str, purpose: Purpose, text: str, room: int = 256) -> str:
        """The ciphertext of `text` for this subject, always the length of `room` bytes. A longer text raises ValueError."""
        raw = text.encode()
        if len(raw) > room - 2:
            raise ValueError(f"{len(raw)} bytes; at most {room - 2} can be kept sealed")
        key = self._key(session, chain, purpose)
        if key is None:
            raise KeysLost(f"The {purpose} key of {chain} has been destroyed.")
        nonce = os.urandom(12)
        padded = len(raw).to_bytes(2, "big") + raw.ljust(room - 2, b"\0")
        box = nonce + AESGCM(key).encrypt(nonce, padded, f"{chain} {purpose}".encode())
        return f"~{purpose}." + base64.b64encode(box).decode()

    def open(self, session: Session, chain: str, sealed: str) -> str | None:
        """The plain text of a sealed value, or None when its key has been destroyed. A forged one raises ValueError."""
        purpose = purpose_of(sealed)
        if purpose is None:
            raise ValueError("this value is not sealed")
        key = self._key(session, chain, purpose)
        if key is None:
            return None
        box = base64.b64decode(sealed.split(".", 1)[1])
        try:
            padded = AESGCM(key).decrypt(box[:12], box[12:], f"{chain} {purpose}".encode())
        except InvalidTag as forged:
            raise ValueError(f"a sealed value of {chain} is not its own") from forged
        return padded[2 : 2 + int.from_bytes(padded[:2], "big")].decode()

    def lock(self, use: str, raw: bytes) -> bytes:
        """`raw`, encrypted under the site key for one named use (drafts of forms)."""
        nonce = os.urandom(12)
        return nonce + AESGCM(self.derive(use)).encrypt(nonce, raw, use.encode())

    def unlock(self, use: str, box: bytes) -> bytes:
        return AESGCM(self.derive(use)).decrypt(box[:12], box[12:], use.encode())


def purpose_of(value: object) -> Purpose | None:
    """Which key a value is sealed under; None for an open one."""
    if isinstance(value, str) and value.startswith("~"):
        return next((purpose for mark, purpose in MARK.items() if value.startswith(mark)), None)
    return None

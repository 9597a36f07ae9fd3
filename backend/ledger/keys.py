"""A person's signing key: Ed25519, sealed by AES-256-GCM under an Argon2id key that only their password makes.

Nobody else, the owner of the database included, can open it, so nobody else can sign for them.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from threading import BoundedSemaphore

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_cores = BoundedSemaphore(os.cpu_count() or 1)  # each opening takes 64 MiB; more at once than cores only takes memory


@dataclass(frozen=True)
class Cost:
    """What an Argon2id hash costs: passes, KiB of memory, lanes. It is kept beside each key (decision K1)."""

    time: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 1


CHEAP = Cost(1, 8, 1)


@dataclass(frozen=True)
class Signer:
    """An opened key. It lives for one act and its retries."""

    person: str
    public: str
    private: Ed25519PrivateKey

    def sign(self, body: bytes) -> bytes:
        return self.private.sign(body)


def _key(password: str, salt: bytes, cost: Cost) -> bytes:
    with _cores:
        return hash_secret_raw(
            password.encode(), salt, time_cost=cost.time, memory_cost=cost.memory_kib, parallelism=cost.lanes, hash_len=32, type=Type.ID
        )


def make(person: str, password: str, cost: Cost) -> tuple[str, bytes]:
    """A new key pair: the public key in hex, and the private key sealed under the password."""
    private, salt, nonce = Ed25519PrivateKey.generate(), os.urandom(16), os.urandom(12)
    public = private.public_key().public_bytes_raw().hex()
    box = AESGCM(_key(password, salt, cost)).encrypt(nonce, private.private_bytes_raw(), f"{person} {public}".encode())
    return public, salt + nonce + box


def unseal(person: str, public: str, sealed: bytes, password: str, cost: Cost) -> Signer | None:
    """The opened key, or None for a wrong password (or a key that was sealed for somebody else)."""
    salt, nonce, box = sealed[:16], sealed[16:28], sealed[28:]
    try:
        raw = AESGCM(_key(password, salt, cost)).decrypt(nonce, box, f"{person} {public}".encode())
    except InvalidTag:
        return None
    return Signer(person, public, Ed25519PrivateKey.from_private_bytes(raw))


@lru_cache(maxsize=1024)
def _public(public: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))


def verifies(public: str, signature: bytes, body: bytes) -> bool:
    """Whether the owner of this public key signed exactly these bytes."""
    try:
        _public(public).verify(signature, body)
    except (InvalidSignature, ValueError):
        return False
    return True

"""How fast the record is proved, against the floor: reading, parsing and hashing the same bodies, and bare verification of signatures."""

import os
from collections.abc import Iterator
from hashlib import sha256
from time import perf_counter

import orjson

from backend.ledger.keys import verifies
from backend.ledger.verify import verify
from backend.rehearsal.bench.ground import CALLER, SIGNS, Ground, Number, Size, Told


def measure(ground: Ground, size: Size) -> Iterator[Told]:
    """The share of the floor that verify reaches, and of bare Ed25519; interleaved rounds."""
    for n in range(size.entries):
        ground.add(ground.subjects[n % len(ground.subjects)], 1)
    shares, rates = [], []
    for _ in range(size.rounds):
        floor, entries = _floor(ground)
        begun = perf_counter()
        faults = list(verify(ground.ledger.engine, since=_skipped(ground)))
        proved = perf_counter() - begun
        shares.append(floor / proved)
        rates.append(entries / proved)
    _must_be_clean(faults)
    share, rate = Number.of(shares), Number.of(rates)
    words = f"verify, unsigned, as a share of its floor: 1/{1 / share.median:.1f} (1/{1 / share.low:.1f} to 1/{1 / share.high:.1f})"
    yield Told("verify_unsigned", {"share": share, "entries_per_second": rate}, f"{words}, about {rate.median:,.0f} entries/s")
    signed = _signed(ground, size)
    words = f"verify of signatures, as a share of bare Ed25519: {signed.median:.2f} ({signed.low:.2f} to {signed.high:.2f})"
    yield Told("verify_signed", {"share": signed}, words)


def _must_be_clean(faults: list[str]) -> None:
    """Subjects here are of no folder, which no entry says otherwise; anything else that verify finds is wrong."""
    if faults:
        raise ValueError(f"the measured record has faults: {faults[:3]}")


def _skipped(ground: Ground) -> dict[str, int]:
    """Every entry, so that no signature is verified."""
    with ground.ledger.engine.connect() as conn:
        return {row[0]: row[1] for row in conn.exec_driver_sql("SELECT chain, seq FROM head")}


def _floor(ground: Ground) -> tuple[float, int]:
    begun, entries = perf_counter(), 0
    with ground.ledger.engine.connect() as conn:
        for (body,) in conn.exec_driver_sql("SELECT body FROM entry"):
            orjson.loads(bytes(body))
            sha256(bytes(body)).hexdigest()
            entries += 1
    return perf_counter() - begun, entries


def _signed(ground: Ground, size: Size) -> Number:
    """Bare verification of the signatures against what signatures add to verify."""
    for n in range(size.signed):
        given = {"subject": ground.subjects[n % len(ground.subjects)], "criterion": os.urandom(6).hex()}
        ground.ledger.do("bench.sign", given, by=CALLER, signatures=(SIGNS,))
    with ground.ledger.engine.connect() as conn:
        rows = conn.exec_driver_sql("SELECT body, signatures FROM entry WHERE act = 'bench.sign'").all()
    shares: list[float] = []
    while len(shares) < size.rounds:
        begun = perf_counter()
        for body, signature in rows:
            if not verifies(orjson.loads(bytes(body))["signed"][0]["key"], bytes(signature), bytes(body)):
                raise ValueError("a measured signature does not fit")
        bare = perf_counter() - begun
        times = []
        for signatures in (False, True):
            begun = perf_counter()
            list(verify(ground.ledger.engine, since={} if signatures else _skipped(ground)))
            times.append(perf_counter() - begun)
        if times[1] > times[0]:  # a round in which the machine's noise was more than all signatures is measured again
            shares.append(bare / (times[1] - times[0]))
    return Number.of(shares)

"""One student's own numbers, drawn from the bank by a key that nobody can guess, the same on every machine and for ever.

A variant's stream of random numbers is SHAKE-256 (FIPS 202) of an HMAC-SHA256 (RFC 2104) under the course secret, so the
same inputs give the same sheet with any version of Python or numpy, and no sheet tells anything of another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.load import Bank
from rnnquiz.decimals import Array

SECRET_BYTES = 32


@dataclass(frozen=True)
class Variant:
    """The givens of one student's sheet: exact numbers by quantity, row by row. `candidate` counts the draws refused before."""

    student: str
    attempt: int
    token: str
    candidate: int
    givens: Mapping[str, tuple[Fraction, ...]]


def keyed(secret: bytes, purpose: str, *parts: str | int) -> bytes:
    """HMAC-SHA256 of the parts under the course secret; parts cannot run into one another."""
    return hmac.new(secret, json.dumps([purpose, *parts], ensure_ascii=True).encode(), hashlib.sha256).digest()


def seed_of(secret: bytes, bank: Bank, student: str, attempt: int) -> bytes:
    return keyed(secret, "variant", bank.written.id, bank.written.version, student, attempt)


def token_of(secret: bytes, bank: Bank, student: str, attempt: int) -> str:
    """What is printed on the sheet: 50 bits of a keyed hash, in three groups; says nothing of the numbers."""
    digest = keyed(secret, "token", bank.written.id, bank.written.version, student, attempt)
    letters = base64.b32encode(digest).decode().lower()[:10]
    return f"{letters[:4]}-{letters[4:7]}-{letters[7:]}"


def draws(bank: Bank, seeds: Sequence[bytes], candidates: Sequence[int]) -> NDArray[np.int64]:
    """Which choice each entry of each given takes, (number of seeds, entries), entries in the order of `samplers`.

    Choice k of n is the 64-bit word modulo n; its bias, below 1e-15, is nothing to anybody.
    """
    sizes = np.array([len(entry) for sampler in bank.samplers.values() for entry in sampler.choices], dtype=np.uint64)
    stream = b"".join(
        hashlib.shake_256(seed + candidate.to_bytes(8, "big")).digest(8 * len(sizes))
        for seed, candidate in zip(seeds, candidates, strict=True)
    )
    words = np.frombuffer(stream, dtype=">u8").reshape(len(seeds), len(sizes))
    return (words % sizes).astype(np.int64)


def givens_of(bank: Bank, chosen: NDArray[np.int64]) -> dict[str, Array]:
    """Numbers of the draws as arrays (N, *shape)."""
    columns = iter(range(chosen.shape[1]))
    found: dict[str, Array] = {}
    for name, sampler in bank.samplers.items():
        parts = [np.array([float(value) for value in entry])[chosen[:, next(columns)]] for entry in sampler.choices]
        found[name] = np.stack(parts, axis=1).reshape(len(chosen), *sampler.shape)
    return found


def exact_givens(bank: Bank, chosen: NDArray[np.int64]) -> dict[str, tuple[Fraction, ...]]:
    """Numbers of one draw, exactly."""
    columns = iter(chosen.tolist())
    return {name: tuple(entry[next(columns)] for entry in sampler.choices) for name, sampler in bank.samplers.items()}


def arrays_of(bank: Bank, variants: Sequence[Variant]) -> dict[str, Array]:
    """Givens of several variants as arrays (N, *shape)."""
    found: dict[str, Array] = {}
    for q in bank.graph.givens:
        flat = np.array([[float(value) for value in variant.givens[q.name]] for variant in variants])
        found[q.name] = flat.reshape(len(variants), *q.shape)
    return found

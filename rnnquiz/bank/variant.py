"""One student's own numbers, drawn from the bank by a key that nobody can guess, the same on every
machine and for ever.

A variant's stream of random numbers is SHAKE-256 (FIPS 202) of an HMAC-SHA256 (RFC 2104) under the
course secret, so the same inputs give the same sheet with any version of Python or numpy, and no
sheet tells anything of another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, count

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task import WHICH
from rnnquiz.bank.task_kind import TaskKind
from rnnquiz.decimals import Array
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.text import shortened

SECRET_BYTES = 32  # as many as the HMAC gives: a longer key is no safer (RFC 2104, section 3)
DRAWN = "drawn mistake"  # among the numbers drawn: which of the bank's candidates


@dataclass(frozen=True)
class Variant:
    """The givens of one student's exercise: exact numbers by quantity, row by row. `candidate`
    counts the draws refused before; `exercise` is its key in the course, empty for a bank alone."""

    student: str
    attempt: int
    token: str
    candidate: int
    givens: Mapping[str, tuple[Fraction, ...]]
    exercise: str = ""

    def __repr__(self) -> str:
        return f"<Variant of {shortened(self.student)}, attempt {self.attempt}, {self.token}>"


def keyed(secret: bytes, purpose: str, *parts: str | int) -> bytes:
    """HMAC-SHA256 of the parts under the course secret; parts cannot run into one another."""
    message = json.dumps([purpose, *parts], ensure_ascii=True)
    made = hmac.new(secret, message.encode(), hashlib.sha256)
    return made.digest()


# Not the text of the bank: a sentence that is mended must not give a class other numbers.
def seed_of(secret: bytes, bank: Bank, student: str, attempt: int) -> bytes:
    """What all numbers of a variant are drawn by."""
    return keyed(secret, "variant", bank.written.id, bank.written.version, student, attempt)


def token_of(secret: bytes, bank: Bank, student: str, attempt: int) -> str:
    """What is printed on the sheet: 50 bits of a keyed hash, in three groups; says nothing of the
    numbers."""
    return printed_token(
        keyed(secret, "token", bank.written.id, bank.written.version, student, attempt)
    )


def printed_token(digest: bytes) -> str:
    """The first 50 bits of a digest, as they are printed."""
    # Base 32 has no 0, 1, 8 and 9, which may be taken for letters when a token is copied by hand.
    letters = base64.b32encode(digest).decode().lower()
    groups = letters[:4], letters[4:7], letters[7:10]
    return "-".join(groups)


def draws(bank: Bank, seeds: Sequence[bytes], candidates: Sequence[int]) -> NDArray[np.int64]:
    """Which choice each draw takes, (number of seeds, draws), in the order of `bank.sizes`.

    Choice k of n is the 64-bit word modulo n; its bias, below 1e-15, is nothing to anybody.
    """
    sizes = np.array(bank.sizes, dtype=np.uint64)
    length = 8 * len(sizes)
    streams = []
    for seed, candidate in zip(seeds, candidates, strict=True):
        number = candidate.to_bytes(8, "big")
        stream = hashlib.shake_256(seed + number)
        streams.append(stream.digest(length))
    # The order of bytes is said, so that every machine reads the same words.
    words = np.frombuffer(b"".join(streams), dtype=">u8")
    rows = words.reshape(len(seeds), len(sizes))
    return (rows % sizes).astype(np.int64)


def givens_of(bank: Bank, chosen: NDArray[np.int64]) -> dict[str, Array]:
    """Numbers of the draws as arrays (N, *shape): the givens of the whole problem, and which
    mistake was drawn."""
    columns = iter(chosen.T)
    found: dict[str, Array] = {}
    for name, sampler in bank.samplers.items():
        # Each group takes the next column: its choices are rows, one of which is picked.
        rows = (np.array(group, dtype=float) for group in sampler.groups)
        parts = [choices[next(columns)] for choices in rows]
        flat = np.concatenate(parts, axis=1)
        found[name] = flat.reshape(len(chosen), *sampler.shape)
    if bank.candidates:
        which = next(columns)
        found[DRAWN] = which.astype(float)  # an array of numbers as all the others
    return found


def problem_of(bank: Bank, drawn: Mapping[str, Array]) -> dict[str, Array]:
    """The givens of the task, from the givens of the whole problem: with the numbers that the sheet
    shows.

    What is shown is the chain of somebody who rounds each step (`shown_digits` finer than asked),
    in a find task of somebody who makes the mistake that was drawn.
    """
    task = bank.task
    if task.kind == TaskKind.COMPUTE:
        return dict(drawn)
    known = _mistaken(bank, drawn) if bank.candidates else {}
    values = evaluate(bank.full, drawn, bank.rounding, shown_digits(bank), known)
    names = (q.name for q in task.graph.givens)
    found = {name: values[name] for name in filter(values.__contains__, names)}
    if bank.candidates:
        # The sheet numbers its lines from 1.
        numbers = dict(zip(task.lines, count(1.0)))
        line_of = np.array([numbers[mistake.quantity] for mistake in bank.candidates])
        which = drawn[DRAWN].astype(np.int64)
        found[WHICH] = line_of[which]
    return found


def shown_digits(bank: Bank) -> int:
    """Digits beyond those asked that printed numbers keep: none where each step is rounded, three
    where only the end is."""
    if bank.rounding.when == "every step":
        return 0
    return 3


def _mistaken(bank: Bank, drawn: Mapping[str, Array]) -> dict[str, Array]:
    """For each variant the wrong value of the line in which its mistake is made; NaN in all other
    lines."""
    values = evaluate(bank.full, drawn, bank.rounding, shown_digits(bank))
    which = drawn[DRAWN].astype(np.int64)
    known: dict[str, Array] = {}
    for k in np.unique(which):
        mistake = bank.candidates[k]
        exact = np.broadcast_to(value_of(mistake.formula, values), which.shape)
        wrong = bank.rounding.round(exact, shown_digits(bank))
        # Several mistakes may be made in one line, each in variants of its own.
        line = known.setdefault(mistake.quantity, np.full(which.shape, np.nan))
        its_own = which == k
        line[its_own] = wrong[its_own]
    return known


def exact_givens(bank: Bank, chosen: NDArray[np.int64]) -> dict[str, tuple[Fraction, ...]]:
    """Numbers of one draw, exactly: all givens of the task, also those that the sheet shows."""
    columns = iter(chosen.tolist())
    found: dict[str, tuple[Fraction, ...]] = {}
    for name, sampler in bank.samplers.items():
        parts = (group[next(columns)] for group in sampler.groups)
        found[name] = tuple(chain.from_iterable(parts))
    if bank.task.kind == TaskKind.COMPUTE:
        return found
    digits = shown_digits(bank)
    for name, value in problem_of(bank, givens_of(bank, chosen[None])).items():
        if name not in found:
            # By way of the text, so that the number is the one that the sheet prints.
            entries = value.ravel().tolist()
            texts = (bank.rounding.format(number, digits) for number in entries)
            found[name] = tuple(map(Fraction, texts))
    return found


def choices_of(bank: Bank, variant: Variant) -> NDArray[np.int64]:
    """The draws behind a variant, -1 where they cannot be told from it."""
    chosen: list[int] = []
    for name, sampler in bank.samplers.items():
        rest = variant.givens[name]
        for group, places in zip(sampler.groups, sampler.places, strict=True):
            width = len(group[0])
            entries, rest = rest[:width], rest[width:]
            # The bank may have had other ranges when the sheet was issued.
            place = places.get(entries, -1)
            chosen.append(place)
    # Which mistake was drawn stands in no given.
    whole = np.full(len(bank.sizes), -1, dtype=np.int64)
    whole[: len(chosen)] = chosen
    return whole


def arrays_of(bank: Bank, variants: Sequence[Variant]) -> dict[str, Array]:
    """Givens of the task for several variants as arrays (N, *shape)."""
    found: dict[str, Array] = {}
    for q in bank.graph.givens:
        rows = [variant.givens[q.name] for variant in variants]
        flat = np.array(rows, dtype=float)
        found[q.name] = flat.reshape(len(variants), *q.shape)
    return found

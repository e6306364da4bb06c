"""Drawing and certifying variants: for each student the first draw of their own stream that
passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.targets import TEXT, notated
from rnnquiz.algebra.typeset import symbol_leaf, typeset
from rnnquiz.bank.soundness import blamed_on, givens_line, require_key
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import (
    Variant,
    choices_of,
    draws,
    exact_givens,
    givens_of,
    seed_of,
    token_of,
)
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.errors import BankError, Problem
from rnnquiz.variants.certify import Certifier

MOST_DRAWS = 2000
BATCH = 500  # students for whom is drawn together
# Draws tested together, and for each student: few large steps take less time than many small ones.
DRAWS, FEWEST, MOST = 3200, 8, 512
# sheets of two students differ in more entries than this, where the bank has that many to choose
NEARLY_EQUAL = 2


@dataclass
class Report:
    """How many draws were refused, and why; `waived` variants were issued as they are because the
    bank is fixed."""

    drawn: int = 0
    issued: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, other: Report) -> None:
        self.drawn += other.drawn
        self.issued += other.issued
        self.reasons.update(other.reasons)


def issue_variants(
    bank: Bank, secret: bytes, students: Sequence[tuple[str, int]], taken: Sequence[Variant] = (),
    progress: Callable[[int], None] = lambda n: None,
) -> tuple[list[Variant], Report]:  # fmt: skip
    """One certified variant for each (student, attempt), in order, unlike those in `taken` and one
    another.

    BankError, naming the reasons and ranges at fault, where the bank's ranges do not give enough
    variants.
    """
    issuer = Issuer(bank, secret, taken)
    variants: list[Variant] = []
    for at in range(0, len(students), BATCH):
        group = students[at : at + BATCH]
        for variant in issuer.issue(group, first_accepted(issuer.certifier, issuer.seeds(group))):
            variants.append(variant)
            progress(1)
    return variants, issuer.report


@dataclass(frozen=True)
class Found:
    """For each of some seeds the number and the choices of the first candidate that is certified,
    and what was refused before."""

    candidates: list[tuple[int, NDArray[np.int64]]]
    report: Report


def first_accepted(certifier: Certifier, seeds: Sequence[bytes]) -> Found:
    """The first certified candidate of each seed; it depends on nothing but bank and seed, and can
    be found anywhere, in any order."""
    with blamed_on(certifier.bank):
        return _first_accepted(certifier, seeds)


def _first_accepted(certifier: Certifier, seeds: Sequence[bytes]) -> Found:
    bank, report = certifier.bank, Report()
    if bank.fixed:
        chosen = np.zeros(len(bank.sizes), dtype=np.int64)
        _check_fixed(bank, chosen)
        report.drawn = len(seeds)
        return Found([(0, chosen)] * len(seeds), report)
    block = max(FEWEST, min(MOST, DRAWS // max(1, len(seeds))))
    found: dict[int, tuple[int, NDArray[np.int64]]] = {}
    for start in range(0, MOST_DRAWS, block):
        waiting = [i for i in range(len(seeds)) if i not in found]
        if not waiting:
            break
        owners = np.repeat(waiting, min(block, MOST_DRAWS - start))
        numbers = np.tile(np.arange(start, min(start + block, MOST_DRAWS)), len(waiting))
        chosen = draws(bank, [seeds[i] for i in owners], numbers.tolist())
        certificate = certifier.certify(givens_of(bank, chosen))
        report.drawn += len(owners)
        report.reasons.update(certificate.counts())
        for k in np.flatnonzero(certificate.accepted):
            found.setdefault(int(owners[k]), (int(numbers[k]), chosen[k]))
    if len(found) < len(seeds):
        raise not_enough(bank, report)
    return Found([found[i] for i in range(len(seeds))], report)


class Issuer:
    """Issues the variants of a course in the order of its students: each unlike all issued before.
    `report` counts what was refused."""

    def __init__(self, bank: Bank, secret: bytes, taken: Sequence[Variant] = ()) -> None:
        self.bank, self.secret, self.certifier, self.report = (
            bank,
            secret,
            Certifier(bank),
            Report(),
        )
        self.others = None if bank.fixed else _Others(bank, taken)

    def seeds(self, students: Sequence[tuple[str, int]]) -> list[bytes]:
        """The seed of each (student, attempt): all that is needed to draw for them; says nothing of
        the secret."""
        return [seed_of(self.secret, self.bank, student, attempt) for student, attempt in students]

    def issue(self, students: Sequence[tuple[str, int]], found: Found) -> Iterator[Variant]:
        """The variants of (student, attempt), from the first certified candidates of their
        seeds."""
        self.report.add(found.report)
        for (student, attempt), candidate in zip(students, found.candidates, strict=True):
            number, chosen = self._unlike(student, attempt, *candidate)
            self.report.issued += 1
            token = token_of(self.secret, self.bank, student, attempt)
            yield Variant(student, attempt, token, number, exact_givens(self.bank, chosen))

    def _unlike(
        self, student: str, attempt: int, number: int, chosen: NDArray[np.int64]
    ) -> tuple[int, NDArray[np.int64]]:
        """The first certified candidate from this one on that is no near copy of another student's
        sheet."""
        if self.others is None:
            return number, chosen
        seed = seed_of(self.secret, self.bank, student, attempt)
        while self.others.near(chosen):
            self.report.reasons["nearly the same as another student's"] += 1
            while True:
                number += 1
                if number >= MOST_DRAWS:
                    raise not_enough(self.bank, self.report)
                chosen = draws(self.bank, [seed], [number])[0]
                self.report.drawn += 1
                if self.certifier.certify(givens_of(self.bank, chosen[None])).accepted[0]:
                    break
        self.others.add(chosen)
        return number, chosen


def _check_fixed(bank: Bank, chosen: NDArray[np.int64]) -> None:
    """BankError where some quantity has no value with the bank's fixed numbers, or the key is not
    right."""
    values = evaluate(bank.full, givens_of(bank, chosen[None]))
    for q in bank.full.computed:
        if not np.isfinite(values[q.name]).all():
            text = notated(TEXT, bank.notation)
            formula = typeset(q.formula, text, symbol_leaf(text)) if q.formula is not None else ""
            found = f"{bank.notation.text(q.name)} = {formula} has no value with these numbers"
            remedy = (
                "change them: a logarithm needs a positive number, a fraction a denominator that is"
                " not zero"
            )
            raise BankError(bank.source, Problem("givens", found, remedy, givens_line(bank)))
    require_key(bank, values)


class _Others:
    """The choices of all sheets issued so far; near copies are found without looking at every one
    of them.

    Two sheets that differ in at most `limit` of the free entries agree in one of `limit` + 1 parts
    of them as a whole.
    """

    def __init__(self, bank: Bank, taken: Sequence[Variant]) -> None:
        numbers = sum(
            len(sampler.groups) for sampler in bank.samplers.values()
        )  # the choices that can be told from a stored sheet
        self.free = np.flatnonzero(np.array(bank.sizes[:numbers]) > 1)
        self.limit = min(NEARLY_EQUAL, len(self.free) - 1)
        self.parts = np.array_split(np.arange(len(self.free)), self.limit + 1)
        self.rows: list[NDArray[np.int64]] = []
        self.alike: list[dict[bytes, list[int]]] = [{} for _ in self.parts]
        for variant in taken:
            self.add(choices_of(bank, variant))

    def near(self, chosen: NDArray[np.int64]) -> bool:
        own = chosen[self.free]
        found = {
            row
            for part, known in zip(self.parts, self.alike, strict=True)
            for row in known.get(own[part].tobytes(), ())
        }
        return bool(found) and bool(
            ((np.array([self.rows[row] for row in found]) != own).sum(axis=1) <= self.limit).any()
        )

    def add(self, chosen: NDArray[np.int64]) -> None:
        own = chosen[self.free]
        for part, known in zip(self.parts, self.alike, strict=True):
            known.setdefault(own[part].tobytes(), []).append(len(self.rows))
        self.rows.append(own)


def not_enough(bank: Bank, report: Report) -> BankError:
    """The error for a bank whose ranges are too narrow for the class."""
    reasons = ", ".join(
        f"{reason} ({count})" for reason, count in report.reasons.most_common() if count
    )
    free = [(name, sampler) for name, sampler in bank.samplers.items() if not sampler.fixed]
    narrow = sorted(free, key=lambda row: max(map(len, row[1].groups)))
    ranges = "; ".join(f"{name}: {sampler.describe()}" for name, sampler in narrow[:4])
    found = f"{report.drawn} draws did not give enough variants; refused: {reasons or 'none'}"
    remedy = (
        f"widen the ranges (narrowest: {ranges}), or see what would help: rnnquiz check BANK"
        f" --stress {MOST_DRAWS}"
    )
    return BankError(bank.source, Problem("givens", found, remedy, givens_line(bank)))

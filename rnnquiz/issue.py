"""Drawing and certifying variants: for each student the first draw of their own stream that passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.targets import TEXT, notated
from rnnquiz.algebra.typeset import symbol_leaf, typeset
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant, choices_of, draws, exact_givens, givens_of, seed_of, token_of
from rnnquiz.certify import Certifier
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.errors import BankError, Problem

MOST_DRAWS = 2000
BATCH = 512
NEARLY_EQUAL = 2  # sheets of two students differ in more entries than this, where the bank has that many to choose


@dataclass
class Report:
    """How many draws were refused, and why; `waived` variants were issued as they are because the bank is fixed."""

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
    """One certified variant for each (student, attempt), in order, unlike those in `taken` and one another.

    BankError, naming the reasons and ranges at fault, where the bank's ranges do not give enough variants.
    """
    report = Report()
    if bank.fixed:
        chosen = np.zeros(len(bank.sizes), dtype=np.int64)
        _check_defined(bank, chosen)
        report.drawn = report.issued = len(students)
        return [_variant(bank, secret, s, a, 0, chosen) for s, a in students], report
    certifier = Certifier(bank)
    others = _Others(bank, taken)
    variants: list[Variant] = []
    block = max(8, BATCH // max(1, len(students)))
    for at in range(0, len(students), BATCH):
        group = students[at : at + BATCH]
        drawn = _first_accepted(bank, certifier, secret, group, block, report)
        for (student, attempt), found in zip(group, drawn, strict=True):
            variants.append(_unlike(bank, certifier, secret, student, attempt, found, others, report))
            progress(1)
    report.issued = len(variants)
    return variants, report


def _check_defined(bank: Bank, chosen: NDArray[np.int64]) -> None:
    """BankError where some quantity has no value with the bank's fixed numbers."""
    values = evaluate(bank.full, givens_of(bank, chosen[None]))
    for q in bank.full.computed:
        if not np.isfinite(values[q.name]).all():
            text = notated(TEXT, bank.notation)
            formula = typeset(q.formula, text, symbol_leaf(text)) if q.formula is not None else ""
            found = f"{bank.notation.text(q.name)} = {formula} has no value with these numbers"
            remedy = "change them: a logarithm needs a positive number, a fraction a denominator that is not zero"
            raise BankError(bank.source, Problem("givens", found, remedy))


def _first_accepted(
    bank: Bank, certifier: Certifier, secret: bytes, group: Sequence[tuple[str, int]], block: int, report: Report
) -> list[tuple[int, NDArray[np.int64]]]:
    """For each student the number and the choices of the first candidate that is certified."""
    seeds = [seed_of(secret, bank, student, attempt) for student, attempt in group]
    found: dict[int, tuple[int, NDArray[np.int64]]] = {}
    for start in range(0, MOST_DRAWS, block):
        waiting = [i for i in range(len(group)) if i not in found]
        if not waiting:
            break
        owners = np.repeat(waiting, block)
        numbers = np.tile(np.arange(start, start + block), len(waiting))
        chosen = draws(bank, [seeds[i] for i in owners], numbers.tolist())
        certificate = certifier.certify(givens_of(bank, chosen))
        report.drawn += len(owners)
        report.reasons.update(certificate.counts())
        for k in np.flatnonzero(certificate.accepted):
            found.setdefault(int(owners[k]), (int(numbers[k]), chosen[k]))
    if len(found) < len(group):
        raise not_enough(bank, report)
    return [found[i] for i in range(len(group))]


def _unlike(
    bank: Bank, certifier: Certifier, secret: bytes, student: str, attempt: int, found: tuple[int, NDArray[np.int64]],
    others: _Others, report: Report,
) -> Variant:  # fmt: skip
    """The first certified candidate from `found` on that is no near copy of another student's sheet."""
    number, chosen = found
    seed = seed_of(secret, bank, student, attempt)
    while others.near(chosen):
        report.reasons["nearly the same as another student's"] += 1
        while True:
            number += 1
            if number >= MOST_DRAWS:
                raise not_enough(bank, report)
            chosen = draws(bank, [seed], [number])[0]
            report.drawn += 1
            if certifier.certify(givens_of(bank, chosen[None])).accepted[0]:
                break
    others.add(chosen)
    return _variant(bank, secret, student, attempt, number, chosen)


def _variant(bank: Bank, secret: bytes, student: str, attempt: int, number: int, chosen: NDArray[np.int64]) -> Variant:
    return Variant(student, attempt, token_of(secret, bank, student, attempt), number, exact_givens(bank, chosen))


class _Others:
    """The choices of all sheets issued so far; near copies are found without looking at every one of them.

    Two sheets that differ in at most `limit` of the free entries agree in one of `limit` + 1 parts of them as a whole.
    """

    def __init__(self, bank: Bank, taken: Sequence[Variant]) -> None:
        self.free = np.flatnonzero(np.array(bank.sizes) > 1)
        self.limit = min(NEARLY_EQUAL, len(self.free) - 1)
        self.parts = np.array_split(np.arange(len(self.free)), self.limit + 1)
        self.rows: list[NDArray[np.int64]] = []
        self.alike: list[dict[bytes, list[int]]] = [{} for _ in self.parts]
        for variant in taken:
            self.add(choices_of(bank, variant))

    def near(self, chosen: NDArray[np.int64]) -> bool:
        own = chosen[self.free]
        found = {row for part, known in zip(self.parts, self.alike, strict=True) for row in known.get(own[part].tobytes(), ())}
        return bool(found) and bool(((np.array([self.rows[row] for row in found]) != own).sum(axis=1) <= self.limit).any())

    def add(self, chosen: NDArray[np.int64]) -> None:
        own = chosen[self.free]
        for part, known in zip(self.parts, self.alike, strict=True):
            known.setdefault(own[part].tobytes(), []).append(len(self.rows))
        self.rows.append(own)


def not_enough(bank: Bank, report: Report) -> BankError:
    """The error for a bank whose ranges are too narrow for the class."""
    reasons = ", ".join(f"{reason} ({count})" for reason, count in report.reasons.most_common() if count)
    free = [(name, sampler) for name, sampler in bank.samplers.items() if not sampler.fixed]
    narrow = sorted(free, key=lambda row: max(map(len, row[1].groups)))
    ranges = "; ".join(f"{name}: {sampler.describe()}" for name, sampler in narrow[:4])
    found = f"{report.drawn} draws did not give enough variants; refused: {reasons or 'none'}"
    remedy = f"widen the ranges (narrowest: {ranges}), ask for more digits, or list mistakes under certify.waive"
    return BankError(bank.source, Problem("givens", found, remedy))

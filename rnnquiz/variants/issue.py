"""Drawing and certifying variants: for each student the first draw of their own stream that
passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import filterfalse, islice

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.shown_symbols import symbol_leaf
from rnnquiz.algebra.targets import TEXT, notated
from rnnquiz.algebra.typeset import typeset
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
from rnnquiz.derivation.graph import Quantity
from rnnquiz.errors import BankError, Problem
from rnnquiz.variants.certify import Certifier, certifier_of
from rnnquiz.variants.others import others_of

MOST_DRAWS = 2000
_BATCH = 500  # students for whom is drawn together
# Draws tested together, and for each student: few large steps take less time than many small ones.
_DRAWS, _FEWEST, _MOST = 3200, 8, 512
SHOWN_RANGES = 4  # of the narrowest, in a message
Candidate = tuple[int, NDArray[np.int64]]  # how many draws come before it, and its choices
TOGETHER = 16  # further draws for one student, certified together
PATIENCE = 12  # certified draws among which the one is taken that is least like another sheet


@dataclass
class Report:
    """How many draws were refused, and why; `waived` variants were issued as they are because the
    bank is fixed."""

    drawn: int = 0
    issued: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, other: Report) -> None:
        """Adds what was drawn and refused elsewhere."""
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
    for at in range(0, len(students), _BATCH):
        group = students[at : at + _BATCH]
        for variant in issuer.issue(group, first_accepted(issuer.certifier, issuer.seeds(group))):
            variants.append(variant)
            progress(1)
    return variants, issuer.report


@dataclass(frozen=True)
class Certified:
    """For each of some seeds the number and the choices of the first candidate that is certified,
    and what was refused before."""

    candidates: list[Candidate]
    report: Report


def first_accepted(certifier: Certifier, seeds: Sequence[bytes]) -> Certified:
    """The first certified candidate of each seed; it depends on nothing but bank and seed, and can
    be found anywhere, in any order."""
    with blamed_on(certifier.bank):
        return _first_accepted(certifier, seeds)


def _first_accepted(certifier: Certifier, seeds: Sequence[bytes]) -> Certified:
    bank, report = certifier.bank, Report()
    if bank.fixed:
        chosen = np.zeros(len(bank.sizes), dtype=np.int64)
        _check_fixed(bank, chosen)
        report.drawn = len(seeds)
        same = [(0, chosen)] * len(seeds)
        return Certified(same, report)
    everybody, block = range(len(seeds)), _block(len(seeds))
    found: dict[int, Candidate] = {}
    for start in range(0, MOST_DRAWS, block):
        waiting = list(filterfalse(found.__contains__, everybody))
        if not waiting:
            break
        end = min(start + block, MOST_DRAWS)
        next_ones = np.arange(start, end)
        owners = np.repeat(waiting, len(next_ones))
        numbers = np.tile(next_ones, len(waiting))
        their_seeds = [seeds[owner] for owner in owners]
        chosen = draws(bank, their_seeds, numbers.tolist())
        certificate = certifier.certify(givens_of(bank, chosen))
        report.drawn += len(owners)
        report.reasons.update(certificate.counts())
        for k in np.flatnonzero(certificate.accepted):
            owner, number = int(owners[k]), int(numbers[k])
            # The first of a student counts, however many were tested together.
            found.setdefault(owner, (number, chosen[k]))
    if len(found) < len(seeds):
        raise not_enough(bank, report)
    in_order = map(found.__getitem__, everybody)
    return Certified(list(in_order), report)


def _block(students: int) -> int:
    """How many candidates of each student are tested at once."""
    share = _DRAWS // max(1, students)
    return max(_FEWEST, min(_MOST, share))


class Issuer:
    """Issues the variants of a course in the order of its students: each unlike all issued before.
    `report` counts what was refused."""

    def __init__(self, bank: Bank, secret: bytes, taken: Sequence[Variant] = ()) -> None:
        self.bank, self.secret = bank, secret
        self.certifier, self.report = certifier_of(bank), Report()
        self.others = others_of(bank, taken)

    def seeds(self, students: Sequence[tuple[str, int]]) -> list[bytes]:
        """The seed of each (student, attempt): all that is needed to draw for them; says nothing of
        the secret."""
        return [seed_of(self.secret, self.bank, student, attempt) for student, attempt in students]

    def avoid(self, variant: Variant) -> None:
        """Somebody has got these numbers elsewhere: nobody gets them, or nearly the same, here."""
        if self.others is not None:
            self.others.add(choices_of(self.bank, variant))

    def issue(self, students: Sequence[tuple[str, int]], found: Certified) -> Iterator[Variant]:
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
        """The first certified candidate from this one on that is unlike all other students' sheets;
        the least like of some, where each is like one."""
        if self.others is None:
            return number, chosen
        best, tried = (np.inf, number, chosen), 0
        for candidate in self._certified(student, attempt, number, chosen):
            # A near copy is taken in no case, not even as the best of all.
            if self.others.near(candidate[1]):
                self.report.reasons["nearly the same as another student's"] += 1
                continue
            tried += 1
            likeness = self.others.likeness(candidate[1])
            # Of equal likeness the earlier draw: numbers differ, so arrays are never compared.
            best = min(best, (likeness, *candidate))
            if best[0] <= self.others.most_alike or tried >= PATIENCE:
                break
            self.report.reasons["much like another student's"] += 1
        if not tried:
            raise not_enough(self.bank, self.report)
        self.others.add(best[2])
        return best[1:]

    def _certified(
        self, student: str, attempt: int, number: int, chosen: NDArray[np.int64]
    ) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """This candidate, and all certified ones after it."""
        yield number, chosen
        seed = seed_of(self.secret, self.bank, student, attempt)
        for start in range(number + 1, MOST_DRAWS, TOGETHER):
            end = min(start + TOGETHER, MOST_DRAWS)
            numbers = range(start, end)
            some = draws(self.bank, [seed] * len(numbers), numbers)
            self.report.drawn += len(numbers)
            certificate = self.certifier.certify(givens_of(self.bank, some))
            self.report.reasons.update(certificate.counts())
            for k in np.flatnonzero(certificate.accepted):
                yield numbers[int(k)], some[k]


def _check_fixed(bank: Bank, chosen: NDArray[np.int64]) -> None:
    """BankError where some quantity has no value with the bank's fixed numbers, or the key is not
    right."""
    # They cannot be drawn again: what refuses another draw is a fault of the bank here.
    givens = givens_of(bank, chosen[None])
    values = evaluate(bank.full, givens)
    for q in bank.full.computed:
        if not np.isfinite(values[q.name]).all():
            raise _without_value(bank, q)
    require_key(bank, values)


def _without_value(bank: Bank, q: Quantity) -> BankError:
    assert q.formula is not None
    text = notated(TEXT, bank.notation)
    formula = typeset(q.formula, text, symbol_leaf(text))
    found = f"{bank.notation.text(q.name)} = {formula} has no value with these numbers"
    remedy = (
        "change them: a logarithm needs a positive number, a fraction a denominator that is not"
        " zero"
    )
    problem = Problem("givens", found, remedy, givens_line(bank))
    return BankError(bank.source, problem)


def not_enough(bank: Bank, report: Report) -> BankError:
    """The error for a bank whose ranges are too narrow for the class."""
    counts = +report.reasons
    reasons = ", ".join(f"{reason} ({count})" for reason, count in counts.most_common())
    ranges = "; ".join(islice(_narrowest(bank), SHOWN_RANGES))
    found = f"{report.drawn} draws did not give enough variants; refused: {reasons or 'none'}"
    remedy = (
        f"widen the ranges (narrowest: {ranges}), or see what would help: rnnquiz check BANK"
        f" --stress {MOST_DRAWS}"
    )
    problem = Problem("givens", found, remedy, givens_line(bank))
    return BankError(bank.source, problem)


def _narrowest(bank: Bank) -> Iterator[str]:
    """What is drawn from the fewest choices first."""
    samplers = bank.samplers
    choices: dict[str, int] = {}
    for name, sampler in samplers.items():
        choices[name] = max(map(len, sampler.groups))
    for name in sorted(choices, key=choices.__getitem__):
        # A number that is fixed is meant to be, and its choices are not too few.
        if not samplers[name].fixed:
            yield f"{name}: {samplers[name].describe()}"

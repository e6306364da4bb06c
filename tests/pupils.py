"""Students of tests, said as sentences:

Pupil("bptt_scalar").slips("h[2]").leaves_out("L").hands_in().verdict("yhat[2]")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.files.resources import folder
from rnnquiz.grade.marked import Marked
from rnnquiz.grade.results import BoxResult
from rnnquiz.grade.simulate import texts_of
from tests_support import corrected, shipped, variants_of


@cache
def _with(name: str, keys: str) -> Bank:
    """A bank that ships, with more keys."""
    if not keys:
        return shipped(name)
    path = folder("question_banks") / f"{name}.yaml"
    return parse_bank(path.read_text(encoding="utf-8") + keys)


@dataclass(frozen=True)
class ReturnedSheet:
    """What comes back to a pupil."""

    marked: Marked

    @property
    def rows(self) -> dict[str, BoxResult]:
        return {row.box: row for row in self.marked.results(0)}

    def verdict(self, box: str) -> str:
        return self.rows[box].verdict

    def verdicts(self, but: str = "") -> set[str]:
        return {row.verdict for box, row in self.rows.items() if box != but}

    @property
    def total(self) -> float:
        return float(self.marked.totals[0])

    @property
    def maximum(self) -> float:
        return float(self.marked.maxima[0])

    def marks_of(self, verdict: str) -> float:
        """All marks that a verdict earned."""
        return sum(row.marks for row in self.rows.values() if row.verdict == verdict)

    def marks_of_kind(self, kind: str) -> float:
        got, _ = self.marked.by_skill(0)[kind]
        return got

    def least_of_a_kind(self) -> float:
        """The marks of the kind of boxes with the fewest."""
        return min(got for got, _ in self.marked.by_skill(0).values())


@dataclass(frozen=True)
class Pupil:
    """A student with the first numbers of a bank, who computes all boxes and rounds each of them.

    `bank`: the name of one that ships, or a bank. `keys`: lines of YAML that it has besides. Each
    word gives another pupil, who is the same but for that.
    """

    bank: str | Bank
    keys: str = ""
    slipped: Mapping[str, float] = field(default_factory=dict)
    rounds: bool = True
    more_digits: int = 0
    changed: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    def slips(self, box: str, by: float = 0.25) -> Pupil:
        """Writes a number that is wrong by so much, and goes on with it."""
        return replace(self, slipped={**self.slipped, box: by})

    def keeps_all_digits(self, written: int = 0) -> Pupil:
        """Goes on with what the calculator shows, and writes so many digits more than asked."""
        return replace(self, rounds=False, more_digits=written)

    def writes(self, texts: Mapping[str, str]) -> Pupil:
        """Writes this into boxes and goes on with the right numbers."""
        return replace(self, changed={**self.changed, **texts})

    def cuts_the_last_digit(self, *boxes: str) -> Pupil:
        return self.writes({box: self.texts[box][:-1] for box in boxes})

    def leaves_out(self, *boxes: str) -> Pupil:
        return replace(self, left_out=self.left_out | set(boxes))

    def fills_only(self, *boxes: str) -> Pupil:
        return self.leaves_out(*(box for box in self.boxes if box not in boxes))

    @property
    def the_bank(self) -> Bank:
        if isinstance(self.bank, Bank):
            return self.bank
        return _with(self.bank, self.keys)

    @property
    def boxes(self) -> list[str]:
        return [box.name for box in self.the_bank.boxes]

    @property
    def values(self) -> dict[str, np.ndarray]:
        """What is computed, with what follows from each slip."""
        bank = self.the_bank
        givens = arrays_of(bank, variants_of(bank, 1))
        rounding = bank.rounding if self.rounds else None
        right = evaluate(bank.graph, givens, rounding)
        places = {box.name: box for box in bank.boxes}
        known: dict[str, np.ndarray] = {}
        for name, difference in self.slipped.items():
            box = places[name]
            value = known.setdefault(box.quantity, right[box.quantity].copy())
            value.reshape(1, -1)[:, box.entry] += difference
            known[box.quantity] = bank.rounding.round(value)
        return evaluate(bank.graph, givens, rounding, known=known)

    @property
    def texts(self) -> dict[str, str]:
        """What stands on the sheet."""
        (texts,) = texts_of(self.the_bank, self.values, self.more_digits)
        whole = {**texts, **self.changed}
        return {box: text for box, text in whole.items() if box not in self.left_out}

    def hands_in(self) -> ReturnedSheet:
        bank = self.the_bank
        givens = arrays_of(bank, variants_of(bank, 1))
        return ReturnedSheet(corrected(bank, givens, [self.texts]))

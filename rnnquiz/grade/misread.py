"""Givens that a student misread: one or two other numbers in their places make several wrong boxes
right.

Who misread W works with another W throughout; one unknown explains each box that reads it. Somebody
else's numbers agree with no single change of the givens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from rnnquiz.algebra.expression import Expression, Ref, refs, replace
from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.specification import Bank, trivial
from rnnquiz.decimals import Array, Bools

MOST_UNKNOWNS = 16  # entries of givens that are taken two at a time; above, sheets have bits enough
ROUNDS = 8  # of Newton's method; a sum in tanh needs four
STEP = 1e-6
MOST_PLACES = 6
WITHIN = 1.5  # half-widths of what is accepted


@dataclass(frozen=True)
class MisreadEntry:
    """One entry of a given."""

    name: str
    entry: int


class Misreadings:
    """Looks on M sheets for other givens that explain wrong boxes.

    `own`: each quantity as the student goes on with it, givens as they are. `written`, `half`: the
    numbers of the asked boxes and half the width of what is accepted there, `wrong`: which of them
    are. All (M, *shape) by quantity.
    """

    def __init__(
        self,
        bank: Bank,
        own: Mapping[str, Array],
        written: Mapping[str, Array],
        half: Mapping[str, Array],
        wrong: Mapping[str, Bools],
    ) -> None:
        self.bank, self.own, self.written, self.half, self.wrong = bank, own, written, half, wrong
        self.formulas = dict(_inlined(bank))
        self.places = {q.name: _places(own[q.name]) for q in bank.graph.givens}

    def explanations(
        self, telling: Sequence[str]
    ) -> Iterator[tuple[tuple[MisreadEntry, ...], dict[str, Bools]]]:
        """One or two unknowns, and the wrong boxes that they make right, where on some sheet these
        are more."""
        unknowns = [
            MisreadEntry(n, e)
            for n in telling
            for e in range(int(np.prod(self.bank.graph.shapes[n])))
        ]
        for some in self._hypotheses(unknowns):
            readers = [
                q for q in self.formulas if any(u.name in refs(self.formulas[q]) for u in some)
            ]
            for start in self._starts(some, readers):
                explained = self._explained(some, start, readers)
                count = sum(mask.reshape(len(mask), -1).sum(axis=1) for mask in explained.values())
                if (np.asarray(count) > len(some)).any():
                    yield some, explained

    def _hypotheses(self, unknowns: Sequence[MisreadEntry]) -> Iterator[tuple[MisreadEntry, ...]]:
        yield from ((u,) for u in unknowns)
        if len(unknowns) <= MOST_UNKNOWNS:
            for first, second in combinations(unknowns, 2):
                if any(
                    {first.name, second.name} <= set(refs(formula))
                    for formula in self.formulas.values()
                ):
                    yield first, second

    def _starts(
        self, some: tuple[MisreadEntry, ...], readers: list[str]
    ) -> Iterator[list[tuple[str, int]]]:
        """The boxes from which the unknowns are worked out: the first and the last that read
        them."""
        boxes = [(q, e) for q in readers for e in range(int(np.prod(self.bank.graph.shapes[q])))]
        if len(boxes) > len(some):
            yield boxes[: len(some)]
            if len(boxes) > 2 * len(some) - 1:
                yield boxes[-len(some) :]

    def _explained(
        self, some: tuple[MisreadEntry, ...], start: list[tuple[str, int]], readers: list[str]
    ) -> dict[str, Bools]:
        """Wrong boxes that are right with the unknowns that the boxes of `start` give, as they are
        or as they would be printed."""
        values = np.stack(
            [self.own[u.name].reshape(len(self.own[u.name]), -1)[:, u.entry] for u in some], axis=1
        )
        aim = np.stack([self._entry(self.written[q], e) for q, e in start], axis=1)
        with np.errstate(all="ignore"):
            for _ in range(ROUNDS):
                here = self._at(some, values, start)
                slopes = np.stack(
                    [
                        (self._at(some, values + _moved(k, len(some)), start) - here) / STEP
                        for k in range(len(some))
                    ],
                    axis=2,
                )
                values = values + _solved(slopes, aim - here)
            printed = np.stack(
                [values[:, k].round(self.places[u.name]) for k, u in enumerate(some)], axis=1
            )
            return self._more(
                self._fitting(some, printed, readers), self._fitting(some, values, readers)
            )

    def _fitting(
        self, some: tuple[MisreadEntry, ...], values: Array, readers: list[str]
    ) -> dict[str, Bools]:
        """Wrong boxes that are right with these values of the unknowns."""
        found: dict[str, Bools] = {}
        changed = self._given(some, values)
        for q in readers:
            result = np.broadcast_to(value_of(self.formulas[q], changed), self.written[q].shape)
            near = np.abs(result - self.written[q]) <= WITHIN * self.half[q]
            found[q] = near & self.wrong[q]
        return found

    @staticmethod
    def _more(one: dict[str, Bools], two: dict[str, Bools]) -> dict[str, Bools]:
        """On each sheet the boxes of the one that has more."""
        counts = [
            sum(mask.reshape(len(mask), -1).sum(axis=1) for mask in part.values())
            for part in (one, two)
        ]
        better = np.asarray(counts[0] >= counts[1])
        return {
            q: np.where(better.reshape(-1, *([1] * (one[q].ndim - 1))), one[q], two[q]) for q in one
        }

    def _at(
        self, some: tuple[MisreadEntry, ...], values: Array, boxes: list[tuple[str, int]]
    ) -> Array:
        """(M, boxes): what the formulas give in some boxes."""
        changed = self._given(some, values)
        results = [
            np.broadcast_to(value_of(self.formulas[q], changed), self.written[q].shape)
            for q, _ in boxes
        ]
        return np.stack(
            [self._entry(result, e) for result, (_, e) in zip(results, boxes, strict=True)], axis=1
        )

    def _given(self, some: tuple[MisreadEntry, ...], values: Array) -> dict[str, Array]:
        changed = dict(self.own)
        for k, u in enumerate(some):
            flat = changed[u.name].reshape(len(values), -1).copy()
            flat[:, u.entry] = values[:, k]
            changed[u.name] = flat.reshape(changed[u.name].shape)
        return changed

    @staticmethod
    def _entry(values: Array, entry: int) -> Array:
        return np.asarray(values.reshape(len(values), -1)[:, entry])


def _places(values: Array) -> int:
    """Decimals with which these givens are printed."""
    scaled = [np.abs(values * 10.0**k) for k in range(MOST_PLACES)]
    return next(
        (k for k, v in enumerate(scaled) if (np.abs(v - np.rint(v)) < 1e-6).all()), MOST_PLACES
    )


def _moved(k: int, size: int) -> Array:
    return np.asarray(STEP * (np.arange(size) == k))


def _solved(slopes: Array, gap: Array) -> Array:
    """The step of Newton's method, none where there is no way."""
    if slopes.shape[2] == 1:
        step = gap / slopes[:, :, 0]
    else:
        (a, b), (c, d) = slopes[:, 0].T, slopes[:, 1].T
        determinant = a * d - b * c
        step = (
            np.stack([d * gap[:, 0] - b * gap[:, 1], a * gap[:, 1] - c * gap[:, 0]], axis=1)
            / determinant[:, None]
        )
    return np.asarray(np.nan_to_num(step, nan=0.0, posinf=0.0, neginf=0.0))


def _inlined(bank: Bank) -> Iterator[tuple[str, Expression]]:
    """Formulas of the asked quantities over givens and other asked ones."""
    asked = set(bank.asked)
    known: dict[str, Expression] = {}
    for q in bank.graph.computed:
        assert q.formula is not None
        tree = replace(
            q.formula, lambda node: known.get(node.name) if isinstance(node, Ref) else None
        )
        if q.name in asked and not trivial(q):
            yield q.name, tree
        else:
            known[q.name] = tree

"""What misread givens explain of the wrong boxes of a sheet, and how many causes are left beside
them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.telling import MISREAD
from rnnquiz.decimals import Array, Bools
from rnnquiz.grade.answers import as_rows
from rnnquiz.grade.givens_fit import GivensFit
from rnnquiz.grade.misread import Misreadings
from rnnquiz.grade.states import Standing


@dataclass(frozen=True)
class Misread:
    """What one or two misread givens explain, (M,) each. `explained`: how many wrong boxes, less
    one for each given, as so many were worked out from other numbers. `causes`: how many givens
    were misread and steps are wrong beside that, at least; one if no step is."""

    explained: Array
    causes: NDArray[np.int64]


class MisreadBoxes:
    """What one or two misread givens explain on M sheets."""

    def __init__(self, fitting: GivensFit) -> None:
        self.fitting = fitting

    def of_sheets(self, some: NDArray[np.int64]) -> Misread:
        """What misread givens explain on some sheets."""
        most = np.zeros(len(some))
        made_up = self.fitting.side_by_side(self.fitting.trivial.made_up)[some]
        wrong = self.fitting.side_by_side(self.fitting.open_boxes)[some]
        causes = self._causes(some, wrong, made_up)
        for unknowns, boxes in self.apart(some):
            number = boxes.sum(axis=1)
            # Anybody's zero is explained by a zero in place of a given.
            worked = (boxes & ~made_up).sum(axis=1)
            most = np.maximum(most, worked - unknowns)
            tells = (worked > 0) & (number > unknowns)
            left = self._steps_of(wrong & ~boxes)
            # Who misread two numbers, and did nothing else wrong, read the sheet badly once.
            with_slips = np.where(left > 0, unknowns + left, 1)
            causes = np.where(tells, np.minimum(causes, with_slips), causes)
        return Misread(most, causes)

    def _causes(self, some: NDArray[np.int64], wrong: Bools, made_up: Bools) -> NDArray[np.int64]:
        """(sheets,): how many steps are wrong. Two that read givens are one cause, as misread
        givens explain any two such steps: whose third one was mended has made no more mistakes."""
        steps = self.fitting.wrong_steps[some]
        reads = self._read_givens[some]
        elsewhere = (wrong & ~reads).any(axis=1)
        worked = (wrong & ~made_up).any(axis=1)
        at_once = (steps <= MISREAD) & ~elsewhere & worked
        return np.where(at_once, np.minimum(steps, 1), steps)

    @cached_property
    def _read_givens(self) -> Bools:
        """(M, boxes): boxes whose formula reads a telling given."""
        columns = []
        for fit, reads in zip(self.fitting.fit, self.fitting.reading.of_sheets, strict=True):
            some = np.any(reads > 0, axis=1, keepdims=True)
            columns.append(np.broadcast_to(some, fit.shape))
        return np.concatenate(columns, axis=1)

    def _steps_of(self, boxes: Bools) -> NDArray[np.int64]:
        """(sheets,): in how many quantities some of the boxes lie, (sheets, boxes)."""
        sizes = [fit.shape[1] for fit in self.fitting.fit]
        starts = np.cumsum([0, *sizes[:-1]])
        touched = np.logical_or.reduceat(boxes, starts, axis=1)
        return np.asarray(touched.sum(axis=1))

    def apart(self, some: NDArray[np.int64]) -> Iterator[tuple[int, Bools]]:
        """How many unknowns, and the wrong boxes that they explain, (sheets, boxes); of two that no
        formula reads together, those of both."""
        single = []
        for unknowns, explained in self.search(some).explanations(list(self.fitting.bits)):
            masks = self.masks(explained, [fit[some] for fit in self.fitting.fit])
            boxes = np.concatenate(masks, axis=1)
            yield len(unknowns), boxes
            if len(unknowns) == 1:
                # One box that one unknown explains may hold anything.
                tells = boxes.sum(axis=1, keepdims=True) > 1
                single.append(boxes & tells)
        for one, other in combinations(single, MISREAD):
            yield MISREAD, one | other

    def search(self, some: NDArray[np.int64]) -> Misreadings:
        """The search for other givens on some sheets."""
        names, judged = self.fitting.bank.asked, self.fitting.judged
        own = {name: form.centre[some] for name, form in judged.own.carried.items()}
        written = {name: self.fitting.answers.values[name][some] for name in names}
        half = {name: judged.accepted[name].half_width[some] for name in names}
        standing = {name: judged.standing[name][some] for name in names}
        wrong = {name: of == Standing.OPEN for name, of in standing.items()}
        return Misreadings(self.fitting.bank, own, written, half, wrong)

    def masks(self, explained: Mapping[str, Bools], fits: list[Array]) -> list[Bools]:
        """For each asked quantity (M, entries): which of its boxes are explained."""
        masks = []
        for q, fit in zip(self.fitting.asked, fits, strict=True):
            nothing = np.zeros(fit.shape, dtype=bool)
            mask = explained.get(q.name, nothing)
            masks.append(as_rows(mask))
        return masks

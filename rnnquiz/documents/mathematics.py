"""What is mathematics in a document: symbols, formulas and values, set for any output."""

from __future__ import annotations

from dataclasses import dataclass

from rnnquiz.algebra.expression import Expression
from rnnquiz.algebra.shown_numbers import value_piece
from rnnquiz.algebra.shown_symbols import symbol
from rnnquiz.algebra.targets import Target
from rnnquiz.algebra.typeset import typeset_symbols
from rnnquiz.algebra.writing import WRITTEN_FORMS
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.roles import Role
from rnnquiz.documents import sizes
from rnnquiz.documents.columns import longest_cells
from rnnquiz.documents.leaves import FOUND, Found, TimeStep, Word
from rnnquiz.pages.shown import Statement
from rnnquiz.solution.lines import Printed, flat


@dataclass(frozen=True)
class Symbol:
    """The symbol of a quantity; with `now`, times are shown relative to that step (h[2] as h_t),
    numbers of updates to `update`."""

    name: str
    now: int | None = None
    update: int | None = None

    def show(self, target: Target) -> str:
        """The symbol typeset."""
        return symbol(self.name, target, self.now, self.update)


@dataclass(frozen=True)
class Formula:
    """A formula over symbols; `now` and `update` as for a symbol."""

    tree: Expression
    now: int | None = None
    update: int | None = None

    def show(self, target: Target) -> str:
        """The formula typeset."""
        return typeset_symbols(self.tree, target, self.now, self.update)


@dataclass(frozen=True)
class Value:
    """A printed number, vector or matrix; a vector that is `lying` is a row with the sign of a
    transpose."""

    printed: Printed
    lying: bool = False

    def show(self, target: Target) -> str:
        """The number, vector or matrix typeset."""
        # In a notation of rows it lies anyway.
        if self.lying and target.notation.layout == "columns":
            row = value_piece([list(self.printed)], target).text
            transposed = target.of(WRITTEN_FORMS["transpose"].prints)
            return transposed.format(row)
        return value_piece(self.printed, target).text

    def rows(self, layout: str) -> list[list[str]]:
        """The rows of a matrix, or of a vector that is one, as a layout prints it; else none."""
        if isinstance(self.printed, str) or self.lying:
            return []
        if not isinstance(self.printed[0], str):
            matrix = [flat(row) for row in self.printed]
            if layout != "rows":
                return matrix
            columns = zip(*matrix, strict=True)
            return list(map(list, columns))
        return [flat(self.printed)] if layout == "rows" else []

    def wide(self, layout: str) -> list[list[str]]:
        """Its rows where they are wider than a telephone."""
        rows = self.rows(layout)
        letters = longest_cells(rows)
        width = sum(letters) + sizes.GAP * len(letters)
        return rows if width > sizes.TELEPHONE else []


Math = Symbol | Formula | Value | Word | Statement | TimeStep | Found


def name_of(q: Quantity) -> Symbol | Found:
    """What a quantity is called on a page: its symbol, or the word for what is to be found."""
    return FOUND[q.name] if q.role == Role.FINDING else Symbol(q.name)

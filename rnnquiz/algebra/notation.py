"""How a course writes things: letters, where the time stands, rows or columns. It changes what is
shown, never what is computed.

Names inside of the program are those of the equations. What a student reads and writes (symbols,
names of boxes) is what a notation makes of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Literal

from rnnquiz.algebra.expression import ONE, Apply, Expression, add, applies, neg, number
from rnnquiz.algebra.symbols import KEPT_SYMBOLS, Derivative, QuantitySymbol, Variable, parse_symbol

Layout = Literal["columns", "rows", "stored"]
TimeStyle = Literal["below", "(t)", "<t>", "[t]"]


@dataclass(frozen=True)
class Notation:
    """`letters` maps each base letter of the equations to the one shown; those that are missing
    stay.

    `first` is the number that the first step is shown with. `layout`: column vectors and W x; row
    vectors and x W with the matrix transposed; or row vectors and x W^T with the matrix as it is
    stored. `slope` is the form in which the derivative of an activation is written, by its output
    (1 - h^2) or by its argument; `tanh_slope` how the latter is printed. `delta` is the base letter
    whose gradient dL/d(letter) is shown as a delta. `direct`: the direct part of a total derivative
    carries a plus.

    The others are of one network. `trained`: parameters that several passes change, which have the
    number of the update that gave them; `fixed`: what else there are gradients by, and no update
    changes. `alone`: parameters to whose gradient one step contributes, which is all of it.
    `each`: the letter for any parameter.
    """

    name: str = ""
    letters: Mapping[str, str] = field(default_factory=dict)
    time: TimeStyle = "below"
    first: int = 1
    layout: Layout = "columns"
    slope: Literal["output", "argument"] | None = None
    tanh_slope: Literal["sech2", "1-tanh2"] = "sech2"
    delta: str = ""
    direct: bool = True
    trained: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    each: str = "theta"

    def __post_init__(self) -> None:
        # Name and letters nearly always tell notations apart. It is looked up for every symbol.
        letters = tuple(sorted(self.letters.items()))
        object.__setattr__(self, "_hash", hash((self.name, letters)))

    def __hash__(self) -> int:
        return self._hash  # type: ignore[attr-defined, no-any-return]

    def letter(self, base: str) -> str:
        """The letter shown for a base; what belongs to a parameter (m_U) follows the parameter."""
        if base in self.letters:
            return self.letters[base]
        kept, _, parameter = base.partition("_")
        if parameter in self.letters:
            return f"{kept}_{self.letters[parameter]}"
        return base

    def shown_step(self, step: int | None) -> int | None:
        """The number that a step is shown with."""
        if step is None:
            return None
        return step + self.first - 1

    @cached_property
    def of_one_pass(self) -> Notation:
        """The same without the numbers of parameters: a pass is said at what is differentiated by
        alone."""
        return replace(self, trained=frozenset())

    def in_training(self, v: Variable) -> Variable:
        """The variable with its number: a parameter that is given is that of update 0."""
        if v.number is None and not v.mark and str(v) in self.trained:
            return replace(v, number=0)
        return v

    def in_pass(self, symbol: Derivative) -> Derivative:
        """The derivative with the number of its pass at either side: the loss of pass k is
        differentiated at what update k - 1 gave."""
        number = symbol.number
        by: int | None = number
        if number is None or not self.trained:
            return replace(symbol, by=replace(symbol.by, number=number))
        if str(symbol.by) in self.trained:
            by = number - 1
        elif str(symbol.by) in self.fixed:
            by = None
        of = replace(symbol.of, number=number)
        return replace(symbol, of=of, by=replace(symbol.by, number=by))

    def part_of(self, symbol: Derivative) -> int | None:
        """The step whose part of a gradient it is; None where that is all of it."""
        if str(symbol.by) in self.alone:
            return None
        return symbol.at

    def variable(self, v: Variable) -> Variable:
        """A variable in the letters and the count of time of the notation."""
        return replace(v, base=self.letter(v.base), time=self.shown_step(v.time))

    def symbol(self, symbol: QuantitySymbol) -> QuantitySymbol:
        """A symbol in the letters and the count of time of the notation."""
        if isinstance(symbol, Variable):
            return self.variable(symbol)
        of, by = self.variable(symbol.of), self.variable(symbol.by)
        return replace(symbol, of=of, by=by, at=self.shown_step(symbol.at))

    @lru_cache(maxsize=KEPT_SYMBOLS)  # noqa: B019 - notations are few and live as long as it
    def text(self, name: str) -> str:
        """The stable name of a quantity as students read and write it."""
        return str(self.symbol(parse_symbol(name)))

    def is_delta(self, symbol: Derivative) -> bool:
        """True for the derivative of the loss that the notation writes as a delta."""
        if not self.delta or symbol.by.base != self.delta:
            return False
        # The part that one step contributes to a gradient is no delta.
        return str(symbol.of) == "L" and symbol.at is None

    def entry(self, row: int, column: int) -> tuple[int, int]:
        """Row and column of a matrix entry as it is shown."""
        if self.layout == "rows":
            return column, row
        return row, column

    @lru_cache(maxsize=KEPT_SYMBOLS)  # noqa: B019 - as above
    def laid_out(self, tree: Expression) -> Expression:
        """The formula as it is shown: products in the order of rows or columns, the derivative of
        tanh in its form."""
        if not isinstance(tree, Apply):
            return tree
        args = tuple(map(self.laid_out, tree.args))
        if tree.op == "sech2" and self.tanh_slope == "1-tanh2":
            squared = Apply("pow", (Apply("tanh", args), number(2)))
            return add(ONE, neg(squared))
        if self.layout == "columns":
            return Apply(tree.op, args)
        return _in_rows(tree.op, args, self.layout == "stored")


def _in_rows(op: str, args: tuple[Expression, ...], stored: bool) -> Expression:
    """An operation with row vectors in the place of column vectors; the matrices are transposed, or
    stay as they are stored."""
    match op:
        # A row is multiplied from the left, and by the transpose. Where a matrix is shown as it is
        # stored, x W^T says so; in the layout of rows the letter W itself stands for that.
        case "matvec":
            matrix, vector = args
            shown = _transposed(matrix) if stored else matrix
            return Apply("vecmat", (vector, shown))
        case "vecmat":
            vector, matrix = args
            shown = matrix if stored else _transposed(matrix)
            return Apply("vecmat", (vector, shown))
        case "matmat" if not stored:
            return Apply("matmat", args[::-1])
        case "outer":
            return Apply("outer_rows", args if stored else args[::-1])
        case "dot":
            return Apply("dot_rows", args[::-1])
    return Apply(op, args)


def _transposed(tree: Expression) -> Expression:
    if applies(tree, "transpose"):
        return tree.args[0]
    return Apply("transpose", (tree,))


OWN = Notation()

"""Expression trees as mathematics to be read: LaTeX, Typst, MathML and plain text, from the same
operation table.

A leaf is shown by a function that the caller gives: as a symbol, or as the number that stands for
it. Signs and brackets are put where a hand would put them: a - b, not a + -b; (-0.171) in a
product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from rnnquiz.algebra.expression import Apply, Expression, Number, Ref, refs
from rnnquiz.algebra.operations import ELEMENTWISE
from rnnquiz.algebra.symbols import Variable, parse_symbol
from rnnquiz.algebra.targets import TEXT, Target
from rnnquiz.algebra.writing import ENTRYWISE, WRITTEN, Prints
from rnnquiz.decimals import plain

ATOM = 6
KEPT = 50_000  # symbols, formulas and numbers of one class that are typeset once


@dataclass(frozen=True)
class Piece:
    """A typeset part: how tightly it binds, and whether it is a number (then products need a dot).

    A negative number has its text without the sign in `unsigned`.
    """

    text: str
    binding: float = ATOM
    number: bool = False
    unsigned: str = ""
    matrix: bool = False

    @property
    def negative(self) -> bool:
        return bool(self.unsigned)


Leaf = Callable[[str], Piece]


@lru_cache(maxsize=KEPT)
def symbol(
    name: str, target: Target, now: int | None = None, update: int | None = None, entry: str = ""
) -> str:
    """The symbol of a quantity; where `now` is a step, its time is shown relative to it, as t or
    t-1; numbers of updates relative to `update`, as k or k-1. `entry`: the index of one entry."""
    parsed, notation = parse_symbol(name), target.notation

    def shown(variable: Variable) -> str:
        variable = replace(relative(variable, now, update), entry=entry)
        return target.variable(notation.variable(variable), notation)

    if isinstance(parsed, Variable):
        return shown(parsed)
    if notation.is_delta(parsed) and target.column != TEXT.column:
        return target.variable(
            Variable("delta", notation.variable(parsed.by).time, "", parsed.number), notation
        )
    at = None if parsed.at is None else parsed.at + notation.first - 1
    parsed = replace(parsed, at=at, direct=parsed.direct and notation.direct)
    # the number of the pass stands once, with the lower part
    return target.derivative(
        parsed, shown(parsed.of), shown(replace(parsed.by, number=parsed.number))
    )


def relative(variable: Variable, now: int | None, update: int | None = None) -> Variable:
    """The variable with its time as t, t-1, t+1 and its number as k, k-1, for display."""
    if variable.time is not None and now is not None:
        variable = replace(variable, shown=_from("t", variable.time - now))
    if variable.number is not None and update is not None:
        variable = replace(variable, counted=_from("k", variable.number - update))
    return variable


def _from(letter: str, shift: int) -> str:
    return f"{letter}{shift:+d}" if shift else letter


@lru_cache(maxsize=KEPT)
def typeset_symbols(
    tree: Expression, target: Target, now: int | None = None, update: int | None = None
) -> str:
    """The formula with symbols."""
    return typeset(tree, target, symbol_leaf(target, now, update))


@dataclass(frozen=True)
class SymbolLeaf:
    """Shows names as symbols; with `entry` those of one of their entries."""

    target: Target
    now: int | None = None
    update: int | None = None
    entry: str = ""

    def __call__(self, name: str) -> Piece:
        parsed, target = parse_symbol(name), self.target
        atom = isinstance(parsed, Variable) or target.notation.is_delta(parsed)
        shown = symbol(name, target, self.now, self.update, self.entry)
        raised = target.column != TEXT.column and (
            "^" in shown or "'" in shown or "<msup" in shown or "<msubsup" in shown
        )
        return Piece(shown, ATOM if atom and not raised else 4)


def symbol_leaf(target: Target, now: int | None = None, update: int | None = None) -> Leaf:
    return SymbolLeaf(target, now, update)


def value_piece(printed: Any, target: Target) -> Piece:
    """A printed value: the text of a number, or nested lists of them for a vector or a matrix."""
    if isinstance(printed, str):
        return _number_piece(printed, target)
    if not isinstance(printed[0], list):
        rows = [[cell] for cell in printed] if target.notation.layout == "columns" else [printed]
    else:
        rows = (
            printed
            if target.notation.layout != "rows"
            else [list(row) for row in zip(*printed, strict=True)]
        )
    cells = [[target.number(cell) for cell in row] for row in rows]
    return Piece(target.matrix(cells), ATOM, True, matrix=True)


@lru_cache(maxsize=KEPT)
def _number_piece(printed: str, target: Target) -> Piece:
    unsigned = target.number(printed[1:]) if printed.startswith("-") else ""
    return Piece(target.number(printed), 1 if unsigned else ATOM, True, unsigned)


def typeset(tree: Expression, target: Target, leaf: Leaf) -> str:
    return _piece(target.notation.laid_out(tree), target, leaf).text


def _piece(tree: Expression, target: Target, leaf: Leaf) -> Piece:
    if isinstance(tree, Ref):
        return leaf(tree.name)
    if isinstance(tree, Number):
        return _constant(tree, target)
    assert isinstance(tree, Apply), tree
    if tree.op == "add":
        return _sum(tree.args, target, leaf)
    if tree.op == "sum" and target.column != TEXT.column and isinstance(leaf, SymbolLeaf):
        inside = of_entries(tree.args[0])
        if inside is not None and all(isinstance(parse_symbol(n), Variable) for n in refs(inside)):
            return _summed(inside, target, replace(leaf, entry=ENTRY))
    pieces = [_piece(arg, target, leaf) for arg in tree.args]
    if len(pieces) == 1 and pieces[0].matrix and tree.op in WRITTEN:
        form = WRITTEN[tree.op].prints[target.column]
        if (bare := _without_brackets(form, target)) != form:
            return Piece(bare.format(pieces[0].text), WRITTEN[tree.op].binding)
    if tree.op in _ROWS:
        table = _READ if target.column == TEXT.column else _RAISED
        raised = table.get(tree.op, (0, 0) if table is _READ else (5, 5))
        shown = [
            _bracketed(piece, need, target) for piece, need in zip(pieces, raised, strict=False)
        ]
        return Piece(_ROWS[tree.op][target.column].format(*shown), 3)
    row = WRITTEN[tree.op]
    needs = row.needs if isinstance(row.needs, tuple) else (row.needs,) * len(pieces)
    if tree.op.startswith("spread") and _is_dot(tree.args[0]):
        needs = (4, *needs[1:])  # (a b) 1: a scalar product, then the ones
    if target.column == TEXT.column and isinstance(row.needs, tuple):
        needs = (min(row.needs),) * len(pieces)  # nothing is raised in plain text
    if target.column == TEXT.column and row.prints[TEXT.column].endswith("({0})"):
        needs = (0,)  # written as a call, which has brackets of its own
    elif (
        target.column == TEXT.column
        and len(pieces) == 2
        and row.binding in (3, ENTRYWISE)
        and tree.op != "mul"
    ):
        needs = (
            needs[0],
            3 if tree.op == "hadamard" and pieces[1].binding == ENTRYWISE else 4,
        )  # read from left to right
    shown = [_bracketed(piece, need, target) for piece, need in zip(pieces, needs, strict=True)]
    if tree.op == "mul":
        return Piece(_product(pieces, shown, target), row.binding)
    if row.binding == 3 and any(piece.number for piece in pieces) and tree.op.startswith("scale"):
        return Piece(target.join([shown[0], target.dot, shown[1]]), 3)
    if tree.op == "pow":
        shown = [_bracketed(pieces[0], 5, target), pieces[1].text]
    return Piece(row.prints[target.column].format(*shown), row.binding)


def of_entries(tree: Expression) -> Expression | None:
    """What is summed, for one entry: products entry by entry are products of numbers. None where an
    entry needs more than the same entry of the names."""
    if not isinstance(tree, Apply):
        return tree
    args = [of_entries(arg) for arg in tree.args]
    if tree.op not in ELEMENTWISE or any(arg is None for arg in args):
        return None
    return Apply("mul" if tree.op == "hadamard" else tree.op, tuple(arg for arg in args if arg))


def _summed(inside: Expression, target: Target, leaf: Leaf) -> Piece:
    """A sum over the entries, by name of the index."""
    piece = _piece(inside, target, leaf)
    return Piece(WRITTEN["sum"].prints[target.column].format(_bracketed(piece, 2.5, target)), 2)


def _without_brackets(form: str, target: Target) -> str:
    """How a function of a matrix is written, which has brackets of its own."""
    return form.replace(_BRACKETS[target.column], _UNBRACKETED[target.column])


def _is_dot(tree: Expression) -> bool:
    return isinstance(tree, Apply) and tree.op == "dot"


def _constant(tree: Number, target: Target) -> Piece:
    text = plain(abs(tree.value))
    if tree.value.denominator != 1 and (tree.value.denominator <= 10 or "/" in text):
        fraction = target.fraction(str(abs(tree.value.numerator)), str(tree.value.denominator))
        shown = Piece(fraction, 3 if target.column == 3 else 5, False)
    else:
        shown = Piece(target.number(text), ATOM, True)
    return (
        shown
        if tree.value >= 0
        else Piece(target.join([target.minus, shown.text]), 1, shown.number, shown.text)
    )


def _bracketed(piece: Piece, needs: float, target: Target) -> str:
    return piece.text if piece.binding >= needs else target.bracket(piece.text)


def _product(pieces: list[Piece], shown: list[str], target: Target) -> str:
    parts = [shown[0]]
    for before, piece, text in zip(pieces, pieces[1:], shown[1:], strict=False):
        thin = target.column != 3 and not (piece.number or before.number)
        parts += [_THIN[target.column] if thin else target.dot, text]
    return target.join(parts)


def _sum(terms: tuple[Expression, ...], target: Target, leaf: Leaf) -> Piece:
    parts: list[str] = []
    for term in terms:
        negated = isinstance(term, Apply) and term.op == "neg"
        piece = _piece(
            term.args[0] if isinstance(term, Apply) and term.op == "neg" else term, target, leaf
        )
        body, sign = _bracketed(piece, 2, target), target.minus if negated else _PLUS[target.column]
        if piece.negative and not negated and parts:
            body, sign = piece.unsigned, target.minus  # a - 0.3 rather than a + (-0.3)
        elif piece.negative and not negated:
            body = piece.text
        if parts or negated:
            parts.append(_SPACED[target.column].format(sign) if parts else sign)
        parts.append(body)
    return Piece(target.join(parts), 1)


_ROWS: dict[str, Prints] = {  # for display only: a sum over all parameters, products of row vectors
    "sum_p": (
        r"\sum_{{\theta}} {0}",
        "sum_theta {0}",
        "<mrow><munder><mo>&#8721;</mo><mi>θ</mi></munder>{0}</mrow>",
        "sum_p({0})",
    ),
    "outer_rows": (
        "{0}^{{\\top}}{1}",
        "{0}^top {1}",
        "<mrow><msup>{0}<mo>&#8868;</mo></msup>{1}</mrow>",
        "outer({0}, {1})",
    ),
    "dot_rows": (
        "{0}\\,{1}^{{\\top}}",
        "{0} thin {1}^top",
        "<mrow>{0}<msup>{1}<mo>&#8868;</mo></msup></mrow>",
        "{0} @ {1}",
    ),
}
_RAISED = {"outer_rows": (5, 3), "dot_rows": (3, 5)}
_READ = {"dot_rows": (3, 4)}  # in plain text, from left to right
ENTRY = "k"  # the index of an entry in a sum
_BRACKETS = (r"\left({0}\right)", "({0})", "<mo>(</mo>{0}<mo>)</mo>", "({0})")
_UNBRACKETED = (" {0}", " {0}", "{0}", "({0})")  # in plain text a function is a call
_THIN = ("\\,", " thin ", "<mo>&#8290;</mo>", "")
_PLUS = ("+", "+", "<mo>+</mo>", "+")
_SPACED = (" {} ", " {} ", "{}", " {} ")

"""Expression trees as mathematics to be read: LaTeX, Typst, MathML and plain text, from the same
operation table.

A leaf is shown by a function that the caller gives: as a symbol, or as the number that stands for
it. Signs and brackets are put where a hand would put them: a - b, not a + -b; (-0.171) in a
product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

from rnnquiz.algebra.expression import ONE, Apply, Expression, Number, Ref, applies, under
from rnnquiz.algebra.language import is_tiny
from rnnquiz.algebra.sums import ENTRYWISE_OPS
from rnnquiz.algebra.symbols import Variable, parse_symbol
from rnnquiz.algebra.targets import MATHML, TEXT, Target
from rnnquiz.algebra.writing import (
    BARE_ONES,
    BY_ROWS,
    ENTRYWISE,
    INVISIBLE_TIMES,
    POWER,
    PRODUCT,
    SPREAD,
    SUM,
    TIMES,
    WRITTEN,
    Prints,
    WrittenForm,
)
from rnnquiz.decimals import plain

ATOM = 6  # binds so tightly that it never needs brackets
RAISED = 4  # a letter with something above it: it is no base of a power
LARGEST_DENOMINATOR = 10  # 1/10 is read as a fraction, 1/16 as 0.0625
KEPT_TYPESET = 50_000  # symbols, formulas and numbers of one class that are typeset once


@dataclass(frozen=True)
class Typeset:
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


Leaf = Callable[[str], Typeset]


@lru_cache(maxsize=KEPT_TYPESET)
def symbol(
    name: str, target: Target, now: int | None = None, update: int | None = None, entry: str = ""
) -> str:
    """The symbol of a quantity; where `now` is a step, its time is shown relative to it, as t or
    t-1; numbers of updates relative to `update`, as k or k-1. `entry`: the index of one entry."""
    parsed, notation = parse_symbol(name), target.notation
    # In a typed name the number of the pass stands once, and a given parameter has none.
    numbering = notation.of_one_pass if target.typed else notation

    def shown(variable: Variable, entry: str = "") -> str:
        numbered = numbering.in_training(variable)
        variable = replace(relative(numbered, now, update), entry=entry)
        in_notation = notation.variable(variable)
        return target.variable(in_notation, notation)

    if isinstance(parsed, Variable):
        return shown(parsed, entry)
    if notation.is_delta(parsed) and target.column != TEXT.column:
        time = notation.variable(parsed.by).time
        delta = Variable("delta", time, "", parsed.number, entry=entry)
        return target.variable(delta, notation)
    at = notation.shown_step(notation.part_of(parsed))
    direct = parsed.direct and notation.direct
    parsed = replace(numbering.in_pass(parsed), at=at, direct=direct)
    text = target.derivative(parsed, shown(parsed.of), shown(parsed.by))
    if entry:
        return _entry_of(text, entry, target)
    return text


def _entry_of(text: str, entry: str, target: Target) -> str:
    """One entry of what has more than a letter."""
    if target.column == MATHML.column:
        indices = [f"<mi>{index}</mi>" for index in entry.split(",")]
        entry = "<mo>,</mo>".join(indices)
    form = WRITTEN["entry"].prints[target.column]
    return form.format(text, entry)


def relative(variable: Variable, now: int | None, update: int | None = None) -> Variable:
    """The variable with its time as t, t-1, t+1 and its number as k, k-1, for display."""
    if variable.time is not None and now is not None:
        shown = _from("t", variable.time - now)
        variable = replace(variable, shown=shown)
    if variable.number is not None and update is not None:
        counted = _from("k", variable.number - update)
        variable = replace(variable, counted=counted)
    return variable


def _from(letter: str, shift: int) -> str:
    if shift:
        return f"{letter}{shift:+d}"
    return letter


@lru_cache(maxsize=KEPT_TYPESET)
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

    def __call__(self, name: str) -> Typeset:
        parsed, target = parse_symbol(name), self.target
        atom = isinstance(parsed, Variable) or target.notation.is_delta(parsed)
        shown = symbol(name, target, self.now, self.update, self.entry)
        # In plain text nothing stands above a letter.
        raised = target.column != TEXT.column and any(sign in shown for sign in _ABOVE)
        if atom:
            return Typeset(shown, RAISED if raised else ATOM)
        # An entry of a derivative has brackets of its own. Without them a power would seem to be
        # one of its numerator.
        return Typeset(shown, ATOM if self.entry else RAISED)


def symbol_leaf(target: Target, now: int | None = None, update: int | None = None) -> Leaf:
    return SymbolLeaf(target, now, update)


def value_piece(printed: Any, target: Target) -> Typeset:
    """A printed value: the text of a number, or nested lists of them for a vector or a matrix."""
    if isinstance(printed, str):
        return _number(printed, target)
    rows = _as_rows(printed, target.notation.layout)
    cells = [list(map(target.number, row)) for row in rows]
    return Typeset(target.matrix(cells), ATOM, True, matrix=True)


def _as_rows(printed: list[Any], layout: str) -> list[list[str]]:
    """The rows of a vector or a matrix, as the notation lays it out."""
    if isinstance(printed[0], list):
        if layout == "rows":
            columns = zip(*printed, strict=True)
            return list(map(list, columns))
        return printed
    if layout == "columns":
        return [[cell] for cell in printed]
    return [printed]


@lru_cache(maxsize=KEPT_TYPESET)
def _number(printed: str, target: Target) -> Typeset:
    text = target.number(printed)
    if printed.startswith("-"):
        return Typeset(text, SUM, True, target.number(printed[1:]))
    # A power of ten is a product, of which a power needs brackets.
    return Typeset(text, PRODUCT if is_tiny(printed) else ATOM, True)


def typeset(tree: Expression, target: Target, leaf: Leaf) -> str:
    return _piece(target.notation.laid_out(tree), target, leaf).text


def _piece(tree: Expression, target: Target, leaf: Leaf) -> Typeset:
    if isinstance(tree, Ref):
        return leaf(tree.name)
    if isinstance(tree, Number):
        return _constant(tree, target)
    assert isinstance(tree, Apply), tree
    if tree.op == "add":
        return _sum(tree.args, target, leaf)
    if tree.op in ENTRIES and isinstance(leaf, SymbolLeaf):
        inside = _one_entry(tree.args[0], target)
        if inside is not None:
            of_entry = replace(leaf, entry=ENTRIES[tree.op])
            return _summed(tree.op, inside, target, of_entry)
    pieces = [_piece(arg, target, leaf) for arg in tree.args]
    if tree.op in _IN_LINES:
        return _IN_LINES[tree.op](pieces, target)
    if tree.op in SPREAD and tree.args[0] == ONE:
        return Typeset(BARE_ONES[target.column])
    if tree.op in _ROWS:
        return _of_rows(tree.op, pieces, target)
    return _written(tree, WRITTEN[tree.op], pieces, target)


def _one_entry(tree: Expression, target: Target) -> Expression | None:
    """What is summed, for one entry by the name of the index; None in plain text, and where an
    index cannot stand."""
    if target.column == TEXT.column:
        return None
    return of_entries(tree)


def _written(tree: Apply, row: WrittenForm, pieces: Sequence[Typeset], target: Target) -> Typeset:
    """An operation by its row of the table, with brackets around what needs them."""
    form = row.prints[target.column]
    if len(pieces) == 1 and pieces[0].matrix and _BRACKETS[0] in row.prints[0]:
        (only,) = pieces
        bare = _without_brackets(form, target)
        return Typeset(bare.format(only.text), row.binding)
    needs = _needs(tree, row, pieces, target)
    with_needs = zip(pieces, needs, strict=True)
    shown = [_bracketed(piece, need, target) for piece, need in with_needs]
    if tree.op == "mul":
        return Typeset(_product(pieces, shown, target), row.binding)
    # Two numbers side by side would be read as one.
    if tree.op.startswith("scale") and any(piece.number for piece in pieces):
        factor, scaled = shown
        return Typeset(target.join([factor, target.dot, scaled]), PRODUCT)
    if tree.op == "pow":
        base, exponent = pieces
        shown = [_bracketed(base, POWER, target), _exponent(exponent, target)]
    text = form.format(*shown)
    divided = target.column == TEXT.column and tree.op in QUOTIENTS
    # A power of a number begins with a digit: beside it a product needs its dot.
    number = tree.op == "pow" and pieces[0].number
    return Typeset(text, PRODUCT if divided else row.binding, number)


def _exponent(piece: Typeset, target: Target) -> str:
    # It stands above and needs no brackets there; in plain text x^1/2 would be half of x.
    if target.column == TEXT.column and "/" in piece.text:
        return target.bracket(piece.text)
    return piece.text


def _needs(
    tree: Apply, row: WrittenForm, pieces: Sequence[Typeset], target: Target
) -> tuple[float, ...]:
    """How tightly each argument has to bind not to need brackets."""
    needs: tuple[float, ...]
    needs = row.needs if isinstance(row.needs, tuple) else (row.needs,) * len(pieces)
    if tree.op in SPREAD and applies(tree.args[0], "dot"):
        needs = (RAISED, *needs[1:])  # (a b) 1: a scalar product, then the ones
    if target.column == TEXT.column:
        return _needs_in_text(tree.op, row, pieces, needs)
    return needs


def _needs_in_text(
    op: str, row: WrittenForm, pieces: Sequence[Typeset], needs: tuple[float, ...]
) -> tuple[float, ...]:
    """The same in plain text, where nothing is raised and products are read from left to right."""
    if row.prints[TEXT.column].endswith("({0})"):
        return (0,)  # written as a call, which has brackets of its own
    if op in QUOTIENTS:
        return PRODUCT, RAISED
    if isinstance(row.needs, tuple):
        needs = (min(row.needs),) * len(pieces)
    if len(pieces) == 2 and row.binding in (PRODUCT, ENTRYWISE) and op != "mul":
        entrywise = op == "hadamard" and pieces[1].binding == ENTRYWISE
        return (needs[0], PRODUCT if entrywise else RAISED)
    return needs


def _column(pieces: Sequence[Typeset], target: Target) -> Typeset:
    """A vector of formulas."""
    cells = [piece.text for piece in pieces]
    return Typeset(target.matrix(_as_rows(cells, target.notation.layout)), ATOM, True, matrix=True)


def _times(pieces: Sequence[Typeset], target: Target) -> Typeset:
    """A product of numbers with the sign of the first in front, where a sum can take it up."""
    first, *others = pieces
    shown = [_bracketed(piece, PRODUCT, target) for piece in others]
    if not first.negative:
        begun = _bracketed(first, PRODUCT, target)
        return Typeset(_product(pieces, [begun, *shown], target), PRODUCT)
    positive = _product(pieces, [first.unsigned, *shown], target)
    return Typeset(target.join([target.minus, positive]), SUM, unsigned=positive)


_IN_LINES = {BY_ROWS: _column, TIMES: _times}


def _of_rows(op: str, pieces: Sequence[Typeset], target: Target) -> Typeset:
    """What is for display only, such as a product of row vectors."""
    needs = _RAISED.get(op, (POWER, POWER))
    if target.column == TEXT.column:
        needs = _READ.get(op, (0, 0))
    # A sum over all parameters has one argument, the others two.
    with_needs = zip(pieces, needs, strict=False)
    shown = [_bracketed(piece, need, target) for piece, need in with_needs]
    form, notation = _ROWS[op][target.column], target.notation
    each = target.variable(Variable(notation.each), notation)
    return Typeset(form.format(*shown, each=each), PRODUCT)


def of_entries(tree: Expression) -> Expression | None:
    """What is summed, for one entry: products entry by entry are products of numbers. None where an
    entry needs more than the same entry of the names."""
    if not isinstance(tree, Apply):
        return tree
    if tree.op in SPREAD:
        return of_entries(tree.args[0])
    if tree.op not in ENTRYWISE_OPS:
        return None
    args: list[Expression] = []
    for arg in tree.args:
        inside = of_entries(arg)
        if inside is None:
            return None
        args.append(inside)
    of_numbers = _OF_NUMBERS.get(tree.op, tree.op)
    return Apply(of_numbers, tuple(args))


def _summed(op: str, inside: Expression, target: Target, leaf: Leaf) -> Typeset:
    """A sum over the entries, by name of the index."""
    shown = _bracketed(_piece(inside, target, leaf), ENTRYWISE, target)
    form = WRITTEN[op].prints[target.column]
    return Typeset(form.format(shown), 2)


def _without_brackets(form: str, target: Target) -> str:
    """How a function of a matrix is written, which has brackets of its own."""
    return form.replace(_BRACKETS[target.column], _UNBRACKETED[target.column])


def _constant(tree: Number, target: Target) -> Typeset:
    shown = _unsigned(abs(tree.value), target)
    if tree.value >= 0:
        return shown
    text = target.join([target.minus, shown.text])
    return Typeset(text, SUM, shown.number, shown.text)


def _unsigned(value: Fraction, target: Target) -> Typeset:
    """A constant that is not negative: 1/3 and 1/2 as fractions, 0.05 as a decimal number."""
    text = plain(value)
    top, bottom = value.numerator, value.denominator
    # What has no finite decimal expansion (1/37) can be shown in no other way.
    if bottom != 1 and (bottom <= LARGEST_DENOMINATOR or "/" in text):
        fraction = target.fraction(str(top), str(bottom))
        return Typeset(fraction, PRODUCT if target.column == TEXT.column else POWER)
    return _number(text, target)


def _bracketed(piece: Typeset, needs: float, target: Target) -> str:
    if piece.binding >= needs:
        return piece.text
    return target.bracket(piece.text)


def _product(pieces: Sequence[Typeset], shown: Sequence[str], target: Target) -> str:
    """Factors side by side, with a dot where one of two neighbours is a number."""
    first, *others = shown
    parts = [first]
    for (before, piece), text in zip(pairwise(pieces), others, strict=True):
        has_number = piece.number or before.number
        thin = target.column != TEXT.column and not has_number
        parts += [_THIN[target.column] if thin else target.dot, text]
    return target.join(parts)


def _sum(terms: Sequence[Expression], target: Target, leaf: Leaf) -> Typeset:
    parts: list[str] = []
    for term in terms:
        sign, body = _signed(term, not parts, target, leaf)
        if parts:
            parts.append(_SPACED[target.column].format(sign))
        elif sign != _PLUS[target.column]:
            parts.append(sign)
        parts.append(body)
    return Typeset(target.join(parts), SUM)


def _signed(term: Expression, first: bool, target: Target, leaf: Leaf) -> tuple[str, str]:
    """A term's sign, and the term without it: a - 0.3 rather than a + (-0.3)."""
    bare = under("neg", term)
    piece = _piece(bare, target, leaf)
    if bare is not term:
        return target.minus, _bracketed(piece, 2, target)
    if not piece.negative:
        return _PLUS[target.column], _bracketed(piece, 2, target)
    if first:
        return _PLUS[target.column], piece.text
    return target.minus, piece.unsigned


QUOTIENTS = ("div", "over")  # have no line of a fraction in plain text
_OF_NUMBERS = {"hadamard": "mul", "over": "div"}  # what entry by entry is among numbers
_ROWS: dict[str, Prints] = {  # for display only: a sum over all parameters, products of row vectors
    "sum_p": (
        "\\sum_{{{each}}} {0}",
        "sum_{each} {0}",
        "<mrow><munder><mo>&#8721;</mo>{each}</munder>{0}</mrow>",
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
ENTRIES = {"sum": "k", "total": "j,k"}  # the index of an entry in sums over vectors and matrices
_READ = {"dot_rows": (3, 4)}  # in plain text, from left to right
_ABOVE = ("^", "'", "<msup", "<msubsup")  # what shows that something stands above a letter
_BRACKETS = (r"\left({0}\right)", "({0})", "<mo>(</mo>{0}<mo>)</mo>", "({0})")
_UNBRACKETED = (" {0}", " {0}", "{0}", "({0})")  # in plain text a function is a call
_THIN = ("\\,", " thin ", INVISIBLE_TIMES, "")
_PLUS = ("+", "+", "<mo>+</mo>", "+")
_SPACED = (" {} ", " {} ", "{}", " {} ")

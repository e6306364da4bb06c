"""Expression trees as mathematics to be read: LaTeX, Typst, MathML and plain text, from the same
operation table.

A leaf is shown by a function that the caller gives: as a symbol, or as the number that stands for
it. Signs and brackets are put where a hand would put them: a - b, not a + -b; (-0.171) in a
product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from rnnquiz.algebra.expression import ONE, Apply, Expression, Number, Ref, applies, is_pair, under
from rnnquiz.algebra.prints import Prints
from rnnquiz.algebra.shown_numbers import matrix_rows, typeset_constant
from rnnquiz.algebra.shown_symbols import KEPT_TYPESET, SymbolLeaf, symbol_leaf
from rnnquiz.algebra.sum_entries import ENTRIES, of_entries
from rnnquiz.algebra.symbols import Variable
from rnnquiz.algebra.targets import Target
from rnnquiz.algebra.typeset_part import ATOM, RAISED, Leaf, Typeset, bracketed
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
    WRITTEN_FORMS,
    WrittenForm,
)


@lru_cache(maxsize=KEPT_TYPESET)
def typeset_symbols(
    tree: Expression, target: Target, now: int | None = None, update: int | None = None
) -> str:
    """The formula with symbols."""
    return typeset(tree, target, symbol_leaf(target, now, update))


def typeset(tree: Expression, target: Target, leaf: Leaf) -> str:
    """A tree as text of a target, laid out in the target's notation."""
    return _piece(target.notation.laid_out(tree), target, leaf).text


def _piece(tree: Expression, target: Target, leaf: Leaf) -> Typeset:
    if isinstance(tree, Ref):
        return leaf(tree.name)
    if isinstance(tree, Number):
        return typeset_constant(tree, target)
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
        return Typeset(target.of(BARE_ONES))
    if tree.op in _ROWS:
        return _of_rows(tree.op, pieces, target)
    return _written(tree, WRITTEN_FORMS[tree.op], pieces, target)


def _one_entry(tree: Expression, target: Target) -> Expression | None:
    """What is summed, for one entry by the name of the index; None in plain text, and where an
    index cannot stand."""
    if target.is_text:
        return None
    return of_entries(tree)


def _written(tree: Apply, row: WrittenForm, pieces: Sequence[Typeset], target: Target) -> Typeset:
    """An operation by its row of the table, with brackets around what needs them."""
    form = target.of(row.prints)
    if len(pieces) == 1 and pieces[0].matrix and _BRACKETS.latex in row.prints.latex:
        (only,) = pieces
        bare = _without_brackets(form, target)
        return Typeset(bare.format(only.text), row.binding)
    needs = _needs(tree, row, pieces, target)
    with_needs = zip(pieces, needs, strict=True)
    shown = [bracketed(piece, need, target) for piece, need in with_needs]
    if tree.op == "mul":
        return Typeset(_product(pieces, shown, target), row.binding)
    # Two numbers side by side would be read as one.
    if tree.op.startswith("scale") and any(piece.number for piece in pieces):
        factor, scaled = shown
        return Typeset(target.join([factor, target.dot, scaled]), PRODUCT)
    if tree.op == "pow":
        base, exponent = pieces
        shown = [bracketed(base, POWER, target), _exponent(exponent, target)]
    text = form.format(*shown)
    divided = target.is_text and tree.op in QUOTIENTS
    # A power of a number begins with a digit: beside it a product needs its dot.
    number = tree.op == "pow" and pieces[0].number
    return Typeset(text, PRODUCT if divided else row.binding, number)


def _exponent(piece: Typeset, target: Target) -> str:
    # It stands above and needs no brackets there; in plain text x^1/2 would be half of x.
    if target.is_text and "/" in piece.text:
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
    if target.is_text:
        return _needs_in_text(tree.op, row, pieces, needs)
    return needs


def _needs_in_text(
    op: str, row: WrittenForm, pieces: Sequence[Typeset], needs: tuple[float, ...]
) -> tuple[float, ...]:
    """The same in plain text, where nothing is raised and products are read from left to right."""
    if row.prints.text.endswith("({0})"):
        return (0,)  # written as a call, which has brackets of its own
    if op in QUOTIENTS:
        return PRODUCT, RAISED
    if isinstance(row.needs, tuple):
        needs = (min(row.needs),) * len(pieces)
    if is_pair(pieces) and row.binding in (PRODUCT, ENTRYWISE) and op != "mul":
        entrywise = op == "hadamard" and pieces[1].binding == ENTRYWISE
        return (needs[0], PRODUCT if entrywise else RAISED)
    return needs


def _column(pieces: Sequence[Typeset], target: Target) -> Typeset:
    """A vector of formulas."""
    cells = [piece.text for piece in pieces]
    return Typeset(
        target.matrix(matrix_rows(cells, target.notation.layout)), ATOM, True, matrix=True
    )


def _times(pieces: Sequence[Typeset], target: Target) -> Typeset:
    """A product of numbers with the sign of the first in front, where a sum can take it up."""
    first, *others = pieces
    shown = [bracketed(piece, PRODUCT, target) for piece in others]
    if not first.negative:
        begun = bracketed(first, PRODUCT, target)
        return Typeset(_product(pieces, [begun, *shown], target), PRODUCT)
    positive = _product(pieces, [first.unsigned, *shown], target)
    return Typeset(target.join([target.minus, positive]), SUM, unsigned=positive)


_IN_LINES = {BY_ROWS: _column, TIMES: _times}


def _of_rows(op: str, pieces: Sequence[Typeset], target: Target) -> Typeset:
    """What is for display only, such as a product of row vectors."""
    needs = _RAISED.get(op, (POWER, POWER))
    if target.is_text:
        needs = _READ.get(op, (0, 0))
    # A sum over all parameters has one argument, the others two.
    with_needs = zip(pieces, needs, strict=False)
    shown = [bracketed(piece, need, target) for piece, need in with_needs]
    form, notation = target.of(_ROWS[op]), target.notation
    each = target.variable(Variable(notation.each), notation)
    return Typeset(form.format(*shown, each=each), PRODUCT)


def _summed(op: str, inside: Expression, target: Target, leaf: Leaf) -> Typeset:
    """A sum over the entries, by name of the index."""
    shown = bracketed(_piece(inside, target, leaf), ENTRYWISE, target)
    form = target.of(WRITTEN_FORMS[op].prints)
    return Typeset(form.format(shown), 2)


def _without_brackets(form: str, target: Target) -> str:
    """How a function of a matrix is written, which has brackets of its own."""
    return form.replace(target.of(_BRACKETS), target.of(_UNBRACKETED))


def _product(pieces: Sequence[Typeset], shown: Sequence[str], target: Target) -> str:
    """Factors side by side, with a dot where one of two neighbours is a number."""
    first, *others = shown
    parts = [first]
    for (before, piece), text in zip(pairwise(pieces), others, strict=True):
        has_number = piece.number or before.number
        thin = not target.is_text and not has_number
        parts += [target.of(_THIN) if thin else target.dot, text]
    return target.join(parts)


def _sum(terms: Sequence[Expression], target: Target, leaf: Leaf) -> Typeset:
    parts: list[str] = []
    for term in terms:
        sign, body = _signed(term, not parts, target, leaf)
        if parts:
            parts.append(target.of(_SPACED).format(sign))
        elif sign != target.of(_PLUS):
            parts.append(sign)
        parts.append(body)
    return Typeset(target.join(parts), SUM)


def _signed(term: Expression, first: bool, target: Target, leaf: Leaf) -> tuple[str, str]:
    """A term's sign, and the term without it: a - 0.3 rather than a + (-0.3)."""
    bare = under("neg", term)
    piece = _piece(bare, target, leaf)
    if bare is not term:
        return target.minus, bracketed(piece, 2, target)
    if not piece.negative:
        return target.of(_PLUS), bracketed(piece, 2, target)
    if first:
        return target.of(_PLUS), piece.text
    return target.minus, piece.unsigned


QUOTIENTS = ("div", "over")  # have no line of a fraction in plain text
_ROWS: dict[
    str, Prints[str]
] = {  # for display only: a sum over all parameters, products of row vectors
    "sum_p": Prints(
        "\\sum_{{{each}}} {0}",
        "sum_{each} {0}",
        "<mrow><munder><mo>&#8721;</mo>{each}</munder>{0}</mrow>",
        "sum_p({0})",
    ),
    "outer_rows": Prints(
        "{0}^{{\\top}}{1}",
        "{0}^top {1}",
        "<mrow><msup>{0}<mo>&#8868;</mo></msup>{1}</mrow>",
        "outer({0}, {1})",
    ),
    "dot_rows": Prints(
        "{0}\\,{1}^{{\\top}}",
        "{0} thin {1}^top",
        "<mrow>{0}<msup>{1}<mo>&#8868;</mo></msup></mrow>",
        "{0} @ {1}",
    ),
}
_RAISED = {"outer_rows": (5, 3), "dot_rows": (3, 5)}
_READ = {"dot_rows": (3, 4)}  # in plain text, from left to right
_BRACKETS = Prints(r"\left({0}\right)", "({0})", "<mo>(</mo>{0}<mo>)</mo>", "({0})")
_UNBRACKETED = Prints(" {0}", " {0}", "{0}", "({0})")  # in plain text a function is a call
_THIN = Prints("\\,", " thin ", INVISIBLE_TIMES, "")
_PLUS = Prints("+", "+", "<mo>+</mo>", "+")
_SPACED = Prints(" {} ", " {} ", "{}", " {} ")

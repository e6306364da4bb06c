"""A statement of a page in the languages of documents, set from what was read: nothing that was
typed is run, and one tree serves HTML, LaTeX and Typst.

latex2mathml (3.81) was tried for the student's own lines. It converts every formula of the
handwritten page, but for HTML alone, and nothing of what was typed as text (h₁, ŷ). What stands in
a \\text comes out as it is, with tags in it; & and menclose are not what browsers take for MathML;
and some thousand braces end it with a RecursionError.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnquiz.algebra.prints import Prints
from rnnquiz.algebra.symbols import Derivative, Variable
from rnnquiz.algebra.targets import MATHML, Target
from rnnquiz.algebra.writing import WRITTEN_FORMS
from rnnquiz.pages.mathematics.written import Der, DerOf, Name, Node, Num, Op

if TYPE_CHECKING:
    from rnnquiz.pages.stated.chains import Chain

_SIGNS = {
    "=": Prints(" = ", " = ", "<mo>=</mo>", " = "),
    "≈": Prints(r" \approx ", " approx ", "<mo>≈</mo>", " ~ "),
    "←": Prints(r" \leftarrow ", " arrow.l ", "<mo>←</mo>", " <- "),
    "⊙": Prints(r" \odot ", " dot.o ", "<mo>⊙</mo>", " * "),
    "+": Prints(" + ", " + ", "<mo>+</mo>", " + "),
}
_DERIVED = Prints(
    r"\frac{{\partial}}{{\partial {0}}}\left({1}\right)", "frac(partial, partial {0}) ({1})",
    "<mrow><mfrac><mo>∂</mo><mrow><mo>∂</mo>{0}</mrow></mfrac><mo>(</mo>{1}<mo>)</mo></mrow>",
    "d/d{0}({1})",
)  # fmt: skip
_RAISED = Prints(
    "{0}^{{{1}}}", "{0}^({1})", "<msup><mrow>{0}</mrow><mrow>{1}</mrow></msup>", "{0}^{1}"
)
_OVER = Prints(
    r"\frac{{{0}}}{{{1}}}",
    "frac({0}, {1})",
    "<mfrac><mrow>{0}</mrow><mrow>{1}</mrow></mfrac>",
    "({0}) / ({1})",
)
_CALLED = Prints(
    r"\operatorname{{{0}}}\left({1}\right)",
    'op("{0}")({1})',
    "<mrow><mi>{0}</mi><mo>(</mo>{1}<mo>)</mo></mrow>",
    "{0}({1})",
)
_UNREAD = Prints(r"\ldots ", "dots ", "<mo>…</mo>", "...")


@dataclass(frozen=True)
class Statement:
    """A chain of a page, to be shown."""

    chain: Chain

    def show(self, target: Target) -> str:
        """The line typeset, its members with the signs that the student wrote between them."""
        parts: list[str] = []
        for member in self.chain.members:
            if parts:
                signs = _SIGNS.get(member.relation, _SIGNS["="])
                parts.append(target.of(signs))
            if member.tree is None:
                parts.append(target.of(_UNREAD))
            else:
                parts.append(show(member.tree, target))
        return target.join(parts)


def show(node: Node, target: Target) -> str:
    """A tree in a language."""
    if isinstance(node, Num):
        return _number(node, target)
    if isinstance(node, Name):
        return target.variable(_variable(node), target.notation)
    if isinstance(node, Der):
        at = int(node.at) if node.at.isdigit() else None
        # Only how it is written counts: whether it is direct, and its step.
        any_variable = Variable("L")
        parsed = Derivative(any_variable, any_variable, node.direct, at)
        of, by = show(node.of, target), show(node.by, target)
        return target.derivative(parsed, of, by)
    if isinstance(node, DerOf):
        by, arg = show(node.by, target), show(node.arg, target)
        return target.of(_DERIVED).format(by, arg)
    return _operation(node, target)


def _operation(node: Op, target: Target) -> str:
    args = node.args
    if node.op == "add":
        return _sum(args, target)
    if node.op == "neg":
        inner = _tight(args[0], target)
        return target.join([target.minus, inner])
    if node.op in ("mul", "matmul", "outer", "odot"):
        return _product(node, target)
    if node.op == "div":
        top, bottom = show(args[0], target), show(args[1], target)
        return target.of(_OVER).format(top, bottom)
    if node.op == "pow":
        base, exponent = _tight(args[0], target), show(args[1], target)
        return target.of(_RAISED).format(base, exponent)
    if node.op == "list":
        rows = [[show(cell, target) for cell in row] for row in _rows(args)]
        return target.matrix(rows)
    inner = ", ".join(show(arg, target) for arg in args)
    if node.op in WRITTEN_FORMS and len(args) == 1:
        form = target.of(WRITTEN_FORMS[node.op].prints)
        return form.format(inner)
    name = node.op.replace("'", "")
    return target.of(_CALLED).format(name, inner)


def _product(node: Op, target: Target) -> str:
    sign = target.of(_SIGNS["⊙"]) if node.op == "odot" else target.dot
    parts: list[str] = []
    for factor in node.args:
        if parts:
            parts.append(sign)
        parts.append(_tight(factor, target))
    return target.join(parts)


def _rows(entries: tuple[Node, ...]) -> list[tuple[Node, ...]]:
    """The rows of a matrix; a list of numbers alone is one row."""
    rows: list[tuple[Node, ...]] = []
    nested = False
    for entry in entries:
        if isinstance(entry, Op) and entry.op == "list":
            nested = True
            rows.append(entry.args)
        else:
            rows.append((entry,))
    return rows if nested else [entries]


def _sum(terms: tuple[Node, ...], target: Target) -> str:
    parts: list[str] = []
    for term in terms:
        if isinstance(term, Op) and term.op == "neg":
            body = _tight(term.args[0], target)
            # MathML sets the blanks around a sign itself.
            spaced = parts and target.language != MATHML.language
            parts.append(f" {target.minus} " if spaced else target.minus)
        else:
            body = show(term, target)
            if parts:
                parts.append(target.of(_SIGNS["+"]))
        parts.append(body)
    return target.join(parts)


def _tight(node: Node, target: Target) -> str:
    """A factor, in brackets where it is a sum or has a sign."""
    text = show(node, target)
    if isinstance(node, Op) and node.op in ("add", "neg"):
        return target.bracket(text)
    return text


def _number(node: Num, target: Target) -> str:
    mantissa, _, exponent = node.text.lower().partition("e")
    if not exponent:
        return target.number(node.text)
    base, raised = target.number("10"), target.number(exponent)
    power = target.of(_RAISED).format(base, raised)
    return target.join([target.number(mantissa), target.dot, power])


def _variable(name: Name) -> Variable:
    """A written name as a variable, for its letter and its indices."""
    numbers = [number for _, number in name.numbers]
    # A letter of another alphabet has no command in LaTeX or Typst.
    letter = name.letter if name.letter.isascii() else "?"
    words = filter(str.isalnum, name.words)
    base = "_".join([f"{letter}{name.accent}", *words])
    mark = "'" if name.primes else ""
    if not numbers or not all(map(_plain, numbers)):
        return Variable(base, None, mark)
    # Any step will do: what is shown is written in its place.
    return Variable(base, 0, mark, None, ",".join(numbers))


def _plain(number: str) -> bool:
    without_signs = number.replace("+", "").replace("-", "")
    return not without_signs or without_signs.isalnum()

"""A statement of a page in the languages of documents, set from what was read: nothing that was
typed is run, and one tree serves HTML, LaTeX and Typst.

latex2mathml (3.81) was tried for the student's own lines. It converts every formula of the
handwritten page, but for HTML alone, and nothing of what was typed as text (h₁, ŷ). What stands in
a \\text comes out as it is, with tags in it; & and menclose are not what browsers take for MathML;
and some thousand braces end it with a RecursionError.
"""

from __future__ import annotations

from dataclasses import dataclass

from rnnquiz.algebra.symbols import Derivative, Variable
from rnnquiz.algebra.targets import MATHML, Target
from rnnquiz.algebra.writing import WRITTEN
from rnnquiz.pages.parts import Chain
from rnnquiz.pages.written import Der, DerOf, Name, Node, Num, Op

_SIGNS = {  # by the column of the target: LaTeX, Typst, MathML, text
    "=": (" = ", " = ", "<mo>=</mo>", " = "),
    "≈": (r" \approx ", " approx ", "<mo>≈</mo>", " ~ "),
    "←": (r" \leftarrow ", " arrow.l ", "<mo>←</mo>", " <- "),
    "⊙": (r" \odot ", " dot.o ", "<mo>⊙</mo>", " * "),
    "+": (" + ", " + ", "<mo>+</mo>", " + "),
}
_DERIVED = (
    r"\frac{{\partial}}{{\partial {0}}}\left({1}\right)", "frac(partial, partial {0}) ({1})",
    "<mrow><mfrac><mo>∂</mo><mrow><mo>∂</mo>{0}</mrow></mfrac><mo>(</mo>{1}<mo>)</mo></mrow>",
    "d/d{0}({1})",
)  # fmt: skip
_RAISED = ("{0}^{{{1}}}", "{0}^({1})", "<msup><mrow>{0}</mrow><mrow>{1}</mrow></msup>", "{0}^{1}")
_OVER = (
    r"\frac{{{0}}}{{{1}}}",
    "frac({0}, {1})",
    "<mfrac><mrow>{0}</mrow><mrow>{1}</mrow></mfrac>",
    "({0}) / ({1})",
)
_CALLED = (
    r"\operatorname{{{0}}}\left({1}\right)",
    'op("{0}")({1})',
    "<mrow><mi>{0}</mi><mo>(</mo>{1}<mo>)</mo></mrow>",
    "{0}({1})",
)
_UNREAD = (r"\ldots ", "dots ", "<mo>…</mo>", "...")


@dataclass(frozen=True)
class Statement:
    """A chain of a page, to be shown."""

    chain: Chain

    def show(self, target: Target) -> str:
        parts: list[str] = []
        for member in self.chain.members:
            if parts:
                sign = member.relation if member.relation in _SIGNS else "="
                parts.append(_SIGNS[sign][target.column])
            parts.append(
                _UNREAD[target.column] if member.tree is None else show(member.tree, target)
            )
        return target.join(parts)


def show(node: Node, target: Target) -> str:
    """A tree in a language."""
    column = target.column
    if isinstance(node, Num):
        return _number(node, target)
    if isinstance(node, Name):
        return target.variable(_variable(node), target.notation)
    if isinstance(node, Der):
        at = int(node.at) if node.at.isdigit() else None
        parsed = Derivative(Variable("L"), Variable("L"), node.direct, at)
        return target.derivative(parsed, show(node.of, target), show(node.by, target))
    if isinstance(node, DerOf):
        return _DERIVED[column].format(show(node.by, target), show(node.arg, target))
    return _operation(node, target)


def _operation(node: Op, target: Target) -> str:
    column, args = target.column, node.args
    if node.op == "add":
        return _sum(args, target)
    if node.op == "neg":
        return target.join([target.minus, _tight(args[0], target)])
    if node.op in ("mul", "matmul", "outer", "odot"):
        sign = _SIGNS["⊙"][column] if node.op == "odot" else target.dot
        factors = [_tight(arg, target) for arg in args]
        return target.join([part for factor in factors for part in (sign, factor)][1:])
    if node.op == "div":
        return _OVER[column].format(show(args[0], target), show(args[1], target))
    if node.op == "pow":
        return _RAISED[column].format(_tight(args[0], target), show(args[1], target))
    if node.op == "list":
        rows = [arg.args if isinstance(arg, Op) and arg.op == "list" else (arg,) for arg in args]
        if all(len(row) == 1 for row in rows) and not any(
            isinstance(arg, Op) and arg.op == "list" for arg in args
        ):
            rows = [args]
        return target.matrix([[show(cell, target) for cell in row] for row in rows])
    inner = ", ".join(show(arg, target) for arg in args)
    if node.op in WRITTEN and len(args) == 1:
        return WRITTEN[node.op].prints[column].format(inner)
    return _CALLED[column].format(node.op.replace("'", ""), inner)


def _sum(terms: tuple[Node, ...], target: Target) -> str:
    parts: list[str] = []
    for term in terms:
        negated = isinstance(term, Op) and term.op == "neg"
        body = (
            _tight(term.args[0], target) if isinstance(term, Op) and negated else show(term, target)
        )
        if parts:
            parts.append(
                f" {target.minus} "
                if negated and target.column != MATHML.column
                else target.minus
                if negated
                else _SIGNS["+"][target.column]
            )
        elif negated:
            parts.append(target.minus)
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
    power = _RAISED[target.column].format(target.number("10"), target.number(exponent))
    return target.join([target.number(mantissa), target.dot, power])


def _variable(name: Name) -> Variable:
    """A written name as a variable, for its letter and its indices."""
    numbers = [number for _, number in name.numbers]
    letter = name.letter if name.letter.isascii() else "?"
    base = "_".join([f"{letter}{name.accent}", *(word for word in name.words if word.isalnum())])
    shown = ",".join(numbers) if numbers and all(_plain(number) for number in numbers) else None
    return Variable(base, 0 if shown else None, "'" if name.primes else "", None, shown)


def _plain(number: str) -> bool:
    return all(letter.isalnum() or letter in "+-" for letter in number)

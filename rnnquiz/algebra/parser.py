"""Equations as text, numpy-like, to expression trees. Python's own parser reads the syntax; nothing
is ever evaluated."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from fractions import Fraction

from rnnquiz.algebra.expression import Apply, Expression, Number, Ref, Timed, add, mul, neg, number
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.symbols import in_latin
from rnnquiz.text import nearest, shortened

LONGEST_FORMULA = 2000  # characters; the longest of the catalogue has 63
DEEPEST_NESTING = 40  # brackets, or signs in a row: Python's parser recurses for each
_MANY_SIGNS = re.compile(rf"(?:[-+~*]\s*){{{DEEPEST_NESTING}}}")
# No exponents: 1e999999999 would be a fraction of a thousand million digits.
_NUMBER = re.compile(r"\d{1,20}(\.\d{0,20})?|\.\d{1,20}", re.ASCII)

TIME_SUMS = ("sum_t", "mean_t", "last_t")
PARAMETER_SUM = "sum_p"
_PARTS = "give a part of it a name and an equation of its own"
ARGUMENTS = {  # how many each function takes
    **dict.fromkeys((*FUNCTIONS, "softmax", "sum", "mean", "transpose"), 1),
    **dict.fromkeys((*TIME_SUMS, PARAMETER_SUM), 1),
    **dict.fromkeys(("outer", "like", "clip", "minimum", "maximum", "concat"), 2),
}


class EquationError(ValueError):
    """A text that is no equation; `remedy` says what would be one, `column` counts from 1."""

    def __init__(self, found: str, remedy: str, column: int = 1) -> None:
        super().__init__(found)
        self.remedy, self.column = remedy, column


@dataclass(frozen=True)
class Equation:
    """target[t] = formula, or target = formula where `timed` is False. `line` of the text, 0 where
    it is none of the author's."""

    target: str
    timed: bool
    formula: Expression
    line: int = 1


def parse_equations(text: str, index: str = "t") -> tuple[Equation, ...]:
    """One equation a line; blank lines and # comments are passed over. Errors carry the line.

    `index` is the letter that counts: t for the steps of a network, k for the updates of an
    optimiser (there it may also be an exponent).
    """
    equations = []
    for line, raw in enumerate(text.splitlines(), start=1):
        source = raw.split("#", 1)[0].strip()
        if source:
            try:
                equations.append(_equation(source, line, index))
            except EquationError as error:
                where = f"equation {line}, column {error.column}"
                raise EquationError(f"{where}: {error}", error.remedy, error.column) from None
    return tuple(equations)


def _equation(source: str, line: int, index: str) -> Equation:
    left, equals, right = source.partition("=")
    if not equals:
        raise EquationError(f"{shortened(source)} has no =", f"write  name[{index}] = formula")
    name = left.strip()
    target = parse_expression(name, index)
    # A mistake on the left is told before the right side is read, as people read the line.
    if isinstance(target, Timed) and target.offset == 0:
        formula = parse_expression(right.strip(), index)
        return Equation(target.base, True, formula, line)
    if isinstance(target, Ref):
        formula = parse_expression(right.strip(), index)
        return Equation(target.name, False, formula, line)
    remedy = f"write a name on the left, such as h[{index}] or L"
    raise EquationError(f"{name!r} on the left side is no name", remedy)


def parse_expression(text: str, index: str = "t") -> Expression:
    """The tree of a formula; EquationError with the column where it is none."""
    if len(text) > LONGEST_FORMULA:
        found = f"a formula has at most {LONGEST_FORMULA} characters"
        raise EquationError(found, _PARTS)
    if _depth(text) > DEEPEST_NESTING or _MANY_SIGNS.search(text):
        found = f"a formula nests at most {DEEPEST_NESTING} levels"
        raise EquationError(found, _PARTS)
    text = re.sub(r"\blambda\b", "λ", text)  # a word of Python, and a usual letter
    try:
        tree = ast.parse(text, mode="eval")
        return _Reader(text, index).read(tree.body)
    # Python's parser raises each of these for some text: zero bytes, too much nesting.
    except (SyntaxError, MemoryError, RecursionError, ValueError) as error:
        if isinstance(error, EquationError):
            raise
        why = getattr(error, "msg", error)
        column = getattr(error, "offset", 1) or 1
        found = f"not a formula: {text!r} ({why})"
        remedy = "write one like  W @ h[t-1] + b, with every bracket closed and * for a product"
        raise EquationError(found, remedy, column) from None


def _quotient(top: Expression, bottom: Expression) -> Expression:
    """1/3 is a constant; 1/0 is left to be refused where it is computed."""
    if isinstance(top, Number) and isinstance(bottom, Number) and bottom.value:
        return number(top.value / bottom.value)
    return Apply("div", (top, bottom))


def _depth(text: str) -> int:
    """How many brackets are open at once at the most."""
    depth = deepest = 0
    for character in text:
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        deepest = max(deepest, depth)
    return deepest


class _Reader:
    """Turns the nodes of Python's syntax tree that an equation may have into ours, and refuses all
    others."""

    def __init__(self, text: str, index: str) -> None:
        self.text = text
        self.index = index

    def fail(self, node: ast.AST, found: str, remedy: str) -> EquationError:
        column = getattr(node, "col_offset", 0) + 1
        return EquationError(found, remedy, column)

    def name(self, node: ast.AST, name: str) -> str:
        try:
            return in_latin(name)
        except ValueError as error:
            raise self.fail(node, str(error), "write it out: alpha, W_alpha") from None

    def read(self, node: ast.expr) -> Expression:
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(node, op, self.read(left), self.read(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return neg(self.read(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand)
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                return self.constant(node)
            case ast.Name(id=name):
                return Ref(self.name(node, name))
            case ast.Subscript(value=ast.Name(id=name), slice=index):
                return self.timed(self.name(node, name), index)
            case ast.Attribute(value=value, attr="T"):
                return Apply("transpose", (self.read(value),))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self.call(node, name, args)
        found = ast.get_source_segment(self.text, node) or self.text
        remedy = "write it with numbers, names, + - * / ** @ and functions: rnnquiz help extending"
        raise self.fail(node, f"{found!r} is not part of the language of equations", remedy)

    def binary(
        self, node: ast.BinOp, op: ast.operator, left: Expression, right: Expression
    ) -> Expression:
        match op:
            case ast.Add():
                return add(left, right)
            case ast.Sub():
                return add(left, neg(right))
            case ast.Mult():
                return mul(left, right)
            case ast.Div():
                return _quotient(left, right)
            case ast.MatMult():
                return Apply("matmul", (left, right))
            case ast.Pow():
                counted = self.index != "t" and right == Ref(self.index)
                if isinstance(right, Number) or counted:
                    return Apply("pow", (left, right))
                # The table has no derivative by an exponent: it would take a logarithm of the base.
                found = "an exponent is a constant number"
                raise self.fail(node, found, "write a number behind **, as in h[t]**2")
        found = ast.get_source_segment(self.text, node) or self.text
        raise self.fail(node, f"{found!r} has another operator", "use one of + - * / ** @")

    def constant(self, node: ast.Constant) -> Expression:
        # The text, not the value: 0.1 is a tenth here, not the nearest float.
        source = ast.get_source_segment(self.text, node) or ""
        if not _NUMBER.fullmatch(source):
            raise self.fail(node, f"{source!r} is no number", "write numbers like 2 or 0.5")
        return number(Fraction(source))

    def timed(self, name: str, index: ast.expr) -> Expression:
        match index:
            case ast.Name(id=self.index):
                return Timed(name, 0)
            case ast.BinOp(
                left=ast.Name(id=self.index),
                op=ast.Add() | ast.Sub() as op,
                right=ast.Constant(value=int() as shift),
            ):
                return Timed(name, shift if isinstance(op, ast.Add) else -shift)
            case ast.Constant(value=int() as time):
                return Ref(f"{name}[{time}]")
        i = self.index
        found = f"{name} has another index than {i} and whole numbers"
        raise self.fail(index, found, f"write  {name}[{i}], {name}[{i}-1], ... or {name}[0]")

    def call(self, node: ast.Call, name: str, args: list[ast.expr]) -> Expression:
        if name not in ARGUMENTS:
            near = nearest(name, sorted(ARGUMENTS))
            raise self.fail(node, f"unknown function {name!r}", near)
        arity = ARGUMENTS[name]
        if len(args) != arity:
            many = "s" if arity > 1 else ""
            found = f"{name} takes {arity} argument{many}, found {len(args)}"
            example = ", ".join("abc"[:arity])
            raise self.fail(node, found, f"write  {name}({example})")
        return Apply(name, tuple(map(self.read, args)))

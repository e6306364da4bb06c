"""Expression trees as mathematics to be read: LaTeX, Typst, MathML and plain text, from the same operation table.

A leaf is shown by a function that the caller gives: as a symbol, or as the number that stands for it. Signs and brackets
are put where a hand would put them: a - b, not a + -b; (-0.171) in a product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from rnnquiz.algebra.expression import Apply, Expression, Number, Ref
from rnnquiz.algebra.operations import OPERATIONS
from rnnquiz.algebra.symbols import Derivative, Variable, parse_symbol
from rnnquiz.decimals import plain

ATOM = 6
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ", "lambda": "λ", "mu": "μ",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "psi": "ψ", "omega": "ω",
}  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """A typeset part: how tightly it binds, and whether it is a number (then products need a dot).

    A negative number has its text without the sign in `unsigned`.
    """

    text: str
    binding: int = ATOM
    number: bool = False
    unsigned: str = ""

    @property
    def negative(self) -> bool:
        return bool(self.unsigned)


@dataclass(frozen=True)
class Target:
    """How one output language writes what is not in the operation table. `column` is its place in a row's `prints`."""

    column: int
    dot: str
    bracket: Callable[[str], str]
    minus: str
    fraction: Callable[[str, str], str]
    number: Callable[[str], str]
    matrix: Callable[[list[list[str]]], str]
    variable: Callable[[Variable], str]
    derivative: Callable[[Derivative, str, str], str]
    join: Callable[[list[str]], str] = "".join


Leaf = Callable[[str], Piece]


def symbol(name: str, target: Target, now: int | None = None) -> str:
    """The symbol of a quantity; where `now` is a step, its time is shown relative to it, as t or t-1."""
    parsed = parse_symbol(name)
    if isinstance(parsed, Variable):
        return target.variable(parsed if now is None else relative(parsed, now))
    return target.derivative(parsed, target.variable(parsed.of), target.variable(parsed.by))


def relative(variable: Variable, now: int) -> Variable:
    """The variable with its time as t, t-1, t+1, for display."""
    if variable.time is None:
        return variable
    shift = variable.time - now
    return replace(variable, shown=f"t{shift:+d}" if shift else "t")


def symbol_leaf(target: Target, now: int | None = None) -> Leaf:
    def leaf(name: str) -> Piece:
        return Piece(symbol(name, target, now), ATOM if isinstance(parse_symbol(name), Variable) else 4)

    return leaf


def value_piece(printed: Any, target: Target) -> Piece:
    """A printed value: the text of a number, or nested lists of them for a vector (a column) or a matrix."""
    if isinstance(printed, str):
        unsigned = target.number(printed[1:]) if printed.startswith("-") else ""
        return Piece(target.number(printed), 1 if unsigned else ATOM, True, unsigned)
    rows = [row if isinstance(row, list) else [row] for row in printed]
    return Piece(target.matrix([[target.number(cell) for cell in row] for row in rows]), ATOM, True)


def typeset(tree: Expression, target: Target, leaf: Leaf) -> str:
    return _piece(tree, target, leaf).text


def _piece(tree: Expression, target: Target, leaf: Leaf) -> Piece:
    if isinstance(tree, Ref):
        return leaf(tree.name)
    if isinstance(tree, Number):
        return _constant(tree, target)
    assert isinstance(tree, Apply), tree
    if tree.op == "add":
        return _sum(tree.args, target, leaf)
    pieces = [_piece(arg, target, leaf) for arg in tree.args]
    row = OPERATIONS[tree.op]
    shown = [_bracketed(piece, row.needs, target) for piece in pieces]
    if tree.op == "mul":
        return Piece(_product(pieces, shown, target), row.binding)
    if row.binding == 3 and any(piece.number for piece in pieces) and tree.op.startswith("scale"):
        return Piece(target.join([shown[0], target.dot, shown[1]]), 3)
    if tree.op == "pow":
        shown = [_bracketed(pieces[0], 5, target), pieces[1].text]
    return Piece(row.prints[target.column].format(*shown), row.binding)


def _constant(tree: Number, target: Target) -> Piece:
    text = plain(abs(tree.value))
    if tree.value.denominator != 1 and (tree.value.denominator <= 10 or "/" in text):
        fraction = target.fraction(str(abs(tree.value.numerator)), str(tree.value.denominator))
        shown = Piece(fraction, 3 if target.column == 3 else 5, False)
    else:
        shown = Piece(target.number(text), ATOM, True)
    return shown if tree.value >= 0 else Piece(target.join([target.minus, shown.text]), 1, shown.number, shown.text)


def _bracketed(piece: Piece, needs: int, target: Target) -> str:
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
        piece = _piece(term.args[0] if isinstance(term, Apply) and term.op == "neg" else term, target, leaf)
        body, sign = _bracketed(piece, 2, target), target.minus if negated else _PLUS[target.column]
        if piece.negative and not negated and parts:
            body, sign = piece.unsigned, target.minus  # a - 0.3 rather than a + (-0.3)
        elif piece.negative and not negated:
            body = piece.text
        if parts or negated:
            parts.append(_SPACED[target.column].format(sign) if parts else sign)
        parts.append(body)
    return Piece(target.join(parts), 1)


_THIN = ("\\,", " thin ", "<mo>&#8290;</mo>", "")
_PLUS = ("+", "+", "<mo>+</mo>", "+")
_SPACED = (" {} ", " {} ", "{}", " {} ")


# --- the four targets ---------------------------------------------------------------------------------------------------


def _letters(base: str) -> tuple[str, str, str]:
    """Letter, accent and lower index of a base: yhat -> y, hat; W_f -> W with index f."""
    letter, _, index = base.partition("_")
    for accent in ("hat", "tilde", "bar"):
        if letter.endswith(accent) and len(letter) > len(accent):
            return letter.removesuffix(accent), accent, index
    return letter, "", index


def _indices(variable: Variable, index: str) -> list[str]:
    time = variable.shown or ("" if variable.time is None else str(variable.time))
    return [part for part in (index, time) if part]


def _is_short(part: str) -> bool:
    """True for an index that is written as mathematics: a number, a letter, a time such as t-1."""
    return len(part) == 1 or part.lstrip("-").isdigit() or part.startswith(("t+", "t-"))


def _latex_variable(variable: Variable) -> str:
    letter, accent, index = _letters(variable.base)
    text = f"\\{letter}" if letter in GREEK else letter if len(letter) == 1 else rf"\mathit{{{letter}}}"
    text = rf"\{accent}{{{text}}}" if accent else text
    text += {"'": "'", "_new": r"^{\mathrm{new}}"}.get(variable.mark, "")
    below = [part if _is_short(part) else rf"\mathrm{{{part}}}" for part in _indices(variable, index)]
    return text + (f"_{{{','.join(below)}}}" if below else "")


def _latex_derivative(symbol_: Derivative, of: str, by: str) -> str:
    text = rf"\frac{{\partial{'^{+}' if symbol_.direct else ''} {of}}}{{\partial {by}}}"
    return text if symbol_.at is None else rf"\left.{text}\right|_{{t={symbol_.at}}}"


def _typst_variable(variable: Variable) -> str:
    letter, accent, index = _letters(variable.base)
    text = letter if len(letter) == 1 or letter in GREEK else f'"{letter}"'
    text = f"{'macron' if accent == 'bar' else accent}({text})" if accent else text
    above = {"'": "prime", "_new": '"new"'}.get(variable.mark, "")
    below = ", ".join(part if _is_short(part) else f'"{part}"' for part in _indices(variable, index))
    return f"{text}{f'^({above})' if above else ''}{f'_({below})' if below else ''}"


def _typst_derivative(symbol_: Derivative, of: str, by: str) -> str:
    text = f"frac(partial{'^+' if symbol_.direct else ''} {of}, partial {by})"
    return text if symbol_.at is None else f"lr({text} |)_(t = {symbol_.at})"


_ACCENTS = {"hat": "^", "tilde": "~", "bar": "¯"}


def _mathml_variable(variable: Variable) -> str:
    letter, accent, index = _letters(variable.base)
    text = f"<mi>{escape(GREEK.get(letter, letter))}</mi>"
    if accent:
        text = f'<mover accent="true">{text}<mo>{_ACCENTS[accent]}</mo></mover>'
    above = {"'": "<mo>′</mo>", "_new": "<mi>new</mi>"}.get(variable.mark, "")
    parts = _indices(variable, index)
    below = "<mo>,</mo>".join(f"<mn>{p}</mn>" if p.lstrip("-").isdigit() else f"<mi>{escape(p)}</mi>" for p in parts)
    if above and below:
        return f"<msubsup>{text}<mrow>{below}</mrow><mrow>{above}</mrow></msubsup>"
    return f"<msup>{text}{above}</msup>" if above else f"<msub>{text}<mrow>{below}</mrow></msub>" if below else text


def _mathml_derivative(symbol_: Derivative, of: str, by: str) -> str:
    d = "<msup><mo>∂</mo><mo>+</mo></msup>" if symbol_.direct else "<mo>∂</mo>"
    text = f"<mfrac><mrow>{d}{of}</mrow><mrow><mo>∂</mo>{by}</mrow></mfrac>"
    if symbol_.at is None:
        return text
    return f"<msub><mrow>{text}<mo>|</mo></mrow><mrow><mi>t</mi><mo>=</mo><mn>{symbol_.at}</mn></mrow></msub>"


def _rows(cells: list[list[str]], cell: str, row: str) -> str:
    return row.join(cell.join(line) for line in cells)


LATEX = Target(
    0, r" \cdot ", lambda s: rf"\left({s}\right)", "-", lambda a, b: rf"\frac{{{a}}}{{{b}}}", str,
    lambda rows: r"\begin{pmatrix}" + _rows(rows, " & ", r" \\ ") + r"\end{pmatrix}", _latex_variable, _latex_derivative,
)  # fmt: skip
TYPST = Target(
    1, " dot ", lambda s: f"({s})", "-", lambda a, b: f"frac({a}, {b})", str,
    lambda rows: f'mat(delim: "(", {_rows(rows, ", ", "; ")})', _typst_variable, _typst_derivative,
)  # fmt: skip
MATHML = Target(
    2, "<mo>&#8901;</mo>", lambda s: f"<mrow><mo>(</mo>{s}<mo>)</mo></mrow>", "<mo>&#8722;</mo>",
    lambda a, b: f"<mfrac><mn>{a}</mn><mn>{b}</mn></mfrac>",
    lambda text: f'<mo form="prefix">&#8722;</mo><mn>{text[1:]}</mn>' if text.startswith("-") else f"<mn>{text}</mn>",
    lambda rows: "<mrow><mo>(</mo><mtable>" + "".join(
        "<mtr>" + "".join(f"<mtd>{cell}</mtd>" for cell in row) + "</mtr>" for row in rows) + "</mtable><mo>)</mo></mrow>",
    _mathml_variable, _mathml_derivative, lambda parts: f"<mrow>{''.join(parts)}</mrow>",
)  # fmt: skip
TEXT = Target(
    3, " * ", lambda s: f"({s})", "-", lambda a, b: f"{a}/{b}", str, lambda rows: f"[{_rows(rows, ', ', '; ')}]",
    lambda v: f"{v.base}{v.mark}[{v.shown}]" if v.shown else str(v), lambda symbol_, of, by: str(symbol_),
)  # fmt: skip
TARGETS = {"latex": LATEX, "typst": TYPST, "mathml": MATHML, "text": TEXT}

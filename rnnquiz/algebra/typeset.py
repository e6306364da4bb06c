"""Expression trees as mathematics to be read: LaTeX, Typst, MathML and plain text, from the same operation table.

A leaf is shown by a function that the caller gives: as a symbol, or as the number that stands for it. Signs and brackets
are put where a hand would put them: a - b, not a + -b; (-0.171) in a product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from typing import Any

from rnnquiz.algebra.expression import Apply, Expression, Number, Ref
from rnnquiz.algebra.notation import OWN, Notation
from rnnquiz.algebra.operations import OPERATIONS, Prints
from rnnquiz.algebra.symbols import Derivative, Variable, parse_symbol
from rnnquiz.decimals import plain

ATOM = 6
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ", "lambda": "λ", "mu": "μ",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "psi": "ψ", "omega": "ω", "Gamma": "Γ",
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
    """How one output language writes what is not in the operation table, in one notation. `column`: its place in `prints`."""

    column: int
    dot: str
    bracket: Callable[[str], str]
    minus: str
    fraction: Callable[[str, str], str]
    number: Callable[[str], str]
    matrix: Callable[[list[list[str]]], str]
    variable: Callable[[Variable, Notation], str]
    derivative: Callable[[Derivative, str, str], str]
    join: Callable[[list[str]], str] = "".join
    notation: Notation = OWN


Leaf = Callable[[str], Piece]


@cache
def notated(target: Target, notation: Notation) -> Target:
    """The output language in a notation."""
    return replace(target, notation=notation)


def symbol(name: str, target: Target, now: int | None = None, update: int | None = None) -> str:
    """The symbol of a quantity; where `now` is a step, its time is shown relative to it, as t or t-1; numbers of updates
    relative to `update`, as k or k-1."""
    parsed, notation = parse_symbol(name), target.notation

    def shown(variable: Variable) -> str:
        return target.variable(notation.variable(relative(variable, now, update)), notation)

    if isinstance(parsed, Variable):
        return shown(parsed)
    if notation.is_delta(parsed) and target.column != TEXT.column:
        return target.variable(Variable("delta", notation.variable(parsed.by).time, "", parsed.number), notation)
    at = None if parsed.at is None else parsed.at + notation.first - 1
    parsed = replace(parsed, at=at, direct=parsed.direct and notation.direct)
    # the number of the pass stands once, with the lower part
    return target.derivative(parsed, shown(parsed.of), shown(replace(parsed.by, number=parsed.number)))


def relative(variable: Variable, now: int | None, update: int | None = None) -> Variable:
    """The variable with its time as t, t-1, t+1 and its number as k, k-1, for display."""
    if variable.time is not None and now is not None:
        variable = replace(variable, shown=_from("t", variable.time - now))
    if variable.number is not None and update is not None:
        variable = replace(variable, counted=_from("k", variable.number - update))
    return variable


def _from(letter: str, shift: int) -> str:
    return f"{letter}{shift:+d}" if shift else letter


def symbol_leaf(target: Target, now: int | None = None, update: int | None = None) -> Leaf:
    def leaf(name: str) -> Piece:
        parsed = parse_symbol(name)
        atom = isinstance(parsed, Variable) or target.notation.is_delta(parsed)
        shown = symbol(name, target, now, update)
        raised = target.column != TEXT.column and ("^" in shown or "'" in shown or "<msup" in shown or "<msubsup" in shown)
        return Piece(shown, ATOM if atom and not raised else 4)

    return leaf


def value_piece(printed: Any, target: Target) -> Piece:
    """A printed value: the text of a number, or nested lists of them for a vector or a matrix."""
    if isinstance(printed, str):
        unsigned = target.number(printed[1:]) if printed.startswith("-") else ""
        return Piece(target.number(printed), 1 if unsigned else ATOM, True, unsigned)
    if not isinstance(printed[0], list):
        rows = [[cell] for cell in printed] if target.notation.layout == "columns" else [printed]
    else:
        rows = printed if target.notation.layout != "rows" else [list(row) for row in zip(*printed, strict=True)]
    return Piece(target.matrix([[target.number(cell) for cell in row] for row in rows]), ATOM, True)


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
    pieces = [_piece(arg, target, leaf) for arg in tree.args]
    if tree.op in _ROWS:
        raised = (0, 0) if target.column == TEXT.column else _RAISED.get(tree.op, (5, 5))
        shown = [_bracketed(piece, need, target) for piece, need in zip(pieces, raised, strict=False)]
        return Piece(_ROWS[tree.op][target.column].format(*shown), 3)
    row = OPERATIONS[tree.op]
    needs = row.needs if isinstance(row.needs, tuple) else (row.needs,) * len(pieces)
    if target.column == TEXT.column and isinstance(row.needs, tuple):
        needs = (min(row.needs),) * len(pieces)  # nothing is raised in plain text
    shown = [_bracketed(piece, need, target) for piece, need in zip(pieces, needs, strict=True)]
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


_ROWS: dict[str, Prints] = {  # for display only: a sum over all parameters, products of row vectors
    "sum_p": (r"\sum_{{\theta}} {0}", "sum_theta {0}", "<mrow><munder><mo>&#8721;</mo><mi>θ</mi></munder>{0}</mrow>", "sum_p({0})"),
    "outer_rows": ("{0}^{{\\top}}{1}", "{0}^top {1}", "<mrow><msup>{0}<mo>&#8868;</mo></msup>{1}</mrow>", "outer({0}, {1})"),
    "dot_rows": ("{0}\\,{1}^{{\\top}}", "{0} thin {1}^top", "<mrow>{0}<msup>{1}<mo>&#8868;</mo></msup></mrow>", "{0} @ {1}"),
}
_RAISED = {"outer_rows": (5, 3), "dot_rows": (3, 5)}
_THIN = ("\\,", " thin ", "<mo>&#8290;</mo>", "")
_PLUS = ("+", "+", "<mo>+</mo>", "+")
_SPACED = (" {} ", " {} ", "{}", " {} ")


# --- the four targets ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Parts:
    """A variable taken apart: letter and accent; what stands below and above it, in the order of writing."""

    letter: str
    accent: str
    prime: bool
    below: tuple[str, ...]
    above: tuple[str, ...]


def _parts(variable: Variable, notation: Notation) -> _Parts:
    """yhat[2] -> y, hat, below 2; W_f -> W, below f; h_1[2] -> h, below 2, above (1): a numbered layer stands above.

    Greek letters are constants: their numbers stand below.
    """
    letter, _, index = variable.base.partition("_")
    accent = next((a for a in ("hat", "tilde", "bar") if letter.endswith(a) and len(letter) > len(a)), "")
    time = variable.shown or ("" if variable.time is None else str(variable.time))
    below: list[str] = []
    above: list[str] = []
    for part in index.split("_") if index else []:
        layer = part.isdigit() and letter not in GREEK
        (above if layer else below).append(f"({part})" if layer else part)
    if time and notation.time == "below":
        below.append(time)
    elif time:
        above.append(notation.time.replace("t", time))
    if variable.mark == "_new" and variable.number is None:
        above.append("new")
    if variable.number is not None:
        above.append(f"[{variable.counted or variable.number}]")
    return _Parts(letter.removesuffix(accent), accent, variable.mark == "'", tuple(below), tuple(above))


def _is_short(part: str) -> bool:
    """True for an index that is written as mathematics: a number, a letter, a time such as t-1, with or without brackets."""
    bare = part.strip("()[]<>")
    return len(bare) == 1 or bare.lstrip("-").isdigit() or bare.startswith(("t+", "t-", "k+", "k-"))


def _latex_variable(variable: Variable, notation: Notation) -> str:
    p = _parts(variable, notation)
    text = f"\\{p.letter}" if p.letter in GREEK else p.letter if len(p.letter) == 1 else rf"\mathit{{{p.letter}}}"
    text = rf"\{p.accent}{{{text}}}" if p.accent else text

    def index(part: str) -> str:
        shown = f"\\{part}" if part in GREEK else part.replace("<", r"\langle ").replace(">", r"\rangle")
        return shown if part in GREEK or _is_short(part) else rf"\mathrm{{{shown}}}"

    above = ",".join(map(index, p.above))
    text += ("'" if p.prime else "") + (f"^{{{above}}}" if above else "")
    return text + (f"_{{{','.join(map(index, p.below))}}}" if p.below else "")


def _latex_derivative(symbol_: Derivative, of: str, by: str) -> str:
    text = rf"\frac{{\partial{'^{+}' if symbol_.direct else ''} {of}}}{{\partial {by}}}"
    return text if symbol_.at is None else rf"\left.{text}\right|_{{t={symbol_.at}}}"


def _typst_variable(variable: Variable, notation: Notation) -> str:
    p = _parts(variable, notation)
    text = p.letter if len(p.letter) == 1 or p.letter in GREEK else f'"{p.letter}"'
    text = f"{'macron' if p.accent == 'bar' else p.accent}({text})" if p.accent else text

    def index(part: str) -> str:
        if not _is_short(part) and part not in GREEK:
            return f'"{part}"'
        return f'"⟨" {part[1:-1]} "⟩"' if part.startswith("<") else part

    above = ", ".join(map(index, p.above))
    above = f"prime {above}".strip() if p.prime else above
    below = ", ".join(map(index, p.below))
    return f"{text}{f'^({above})' if above else ''}{f'_({below})' if below else ''}"


def _typst_derivative(symbol_: Derivative, of: str, by: str) -> str:
    text = f"frac(partial{'^+' if symbol_.direct else ''} {of}, partial {by})"
    return text if symbol_.at is None else f"lr({text} |)_(t = {symbol_.at})"


_ACCENTS = {"hat": "^", "tilde": "~", "bar": "¯"}


def _mathml_variable(variable: Variable, notation: Notation) -> str:
    p = _parts(variable, notation)
    text = f"<mi>{escape(GREEK.get(p.letter, p.letter))}</mi>"
    if p.accent:
        text = f'<mover accent="true">{text}<mo>{_ACCENTS[p.accent]}</mo></mover>'

    def index(part: str) -> str:
        shown = GREEK.get(part) or escape(part.replace("<", "⟨").replace(">", "⟩"))
        return f"<mn>{shown}</mn>" if part.lstrip("-").isdigit() else f"<mi>{shown}</mi>"

    above = ("<mo>′</mo>" if p.prime else "") + "<mo>,</mo>".join(map(index, p.above))
    below = "<mo>,</mo>".join(map(index, p.below))
    if above and below:
        return f"<msubsup>{text}<mrow>{below}</mrow><mrow>{above}</mrow></msubsup>"
    if above:
        return f"<msup>{text}<mrow>{above}</mrow></msup>"
    return f"<msub>{text}<mrow>{below}</mrow></msub>" if below else text


def _mathml_derivative(symbol_: Derivative, of: str, by: str) -> str:
    d = "<msup><mo>∂</mo><mo>+</mo></msup>" if symbol_.direct else "<mo>∂</mo>"
    text = f"<mfrac><mrow>{d}{of}</mrow><mrow><mo>∂</mo>{by}</mrow></mfrac>"
    if symbol_.at is None:
        return text
    return f"<msub><mrow>{text}<mo>|</mo></mrow><mrow><mi>t</mi><mo>=</mo><mn>{symbol_.at}</mn></mrow></msub>"


def _text_variable(v: Variable) -> str:
    time = "" if v.time is None else f"[{v.shown or v.time}]"
    return f"{v.base}{v.mark}{time}" + ("" if v.number is None else f"#{v.counted or v.number}")


def _text_derivative(symbol_: Derivative, of: str, by: str) -> str:
    at = "" if symbol_.at is None else f"@{symbol_.at}"
    by, numbered, number = by.partition("#")
    return f"d{'+' if symbol_.direct else ''}{of}/d{by}{at}{numbered}{number}"


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
    lambda v, notation: _text_variable(v), _text_derivative,
)  # fmt: skip
TARGETS = {"latex": LATEX, "typst": TYPST, "mathml": MATHML, "text": TEXT}

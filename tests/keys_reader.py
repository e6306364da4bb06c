"""Reads keys back from the text of an output, and computes what the numbers printed in them give; shares no code with the program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from xml.etree import ElementTree

import numpy as np

TIE = Decimal("1e-9")


class Unread(ValueError):
    """A text that is no line of a key as far as this reader knows."""


@dataclass(frozen=True)
class Token:
    """A piece of mathematics; `text` is what it is in all outputs (value, symbol, an operator, the name of a function)."""

    kind: str
    text: str = ""
    entries: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Line:
    """symbol = right side = right side ...; `source` as it stands in the output, `signs` before each right side."""

    source: str
    symbol: str
    signs: tuple[str, ...]
    sides: tuple[tuple[Token, ...], ...]

    @property
    def value(self):
        """The entries printed last, row by row; None where a box stands in their place."""
        return literal(self.sides[-1])

    @property
    def recomputed(self):
        """True where numbers with operations between them stand before the value."""
        return any(numeric(side) and literal(side) is None for side in self.sides)


@dataclass(frozen=True)
class Key:
    """A key read back: what is given, the numbered lines of a derivation, the worked lines."""

    givens: list[Line]
    derivation: list[Line]
    lines: list[Line]


# How the outputs spell mathematics: what matches is a token of the kind named; SAME: of the kind of its own text.

SKIP, SAME = "skip", "same"
GREEK = "alpha|beta|gamma|delta|epsilon|eta|theta|lambda|mu|rho|sigma|tau|phi|psi|omega|Gamma"
NAMES = "tanh|sigmoid|relu|step|exp|log|ln|sqrt|tan|sin|cos|softmax|clip|min|sech2|outer|sum|diag"

_BRACES = r"\{(?:[^{}]|\{[^{}]*\})*\}"
_LETTER = rf"(?:[A-Za-z]|\\(?:{GREEK})(?![A-Za-z])|\\mathit\{{\w+\}})"
_SYMBOL = rf"(?:\\(?:hat|tilde|bar)\{{{_LETTER}\}}|{_LETTER})'?(?:\^(?=\{{(?:[(\[]|\\mathrm|\\langle)){_BRACES})?(?:_{_BRACES})?"
_SLOPE = rf"\\frac\{{\\partial(?:\^\{{\+\}})? {_SYMBOL}\}}\{{\\partial {_SYMBOL}\}}"
LATEX = {
    r"\\begin\{pmatrix\}(?P<matrix>.*?)\\end\{pmatrix\}": "value",
    r"\d+(?:\.\d+)?": "value",
    r",\\,": ",",
    r"\}\{": ",",
    r"\\,": "thin",
    r"\\cdot(?![a-z])": "dot",
    r"\\odot(?![a-z])": "odot",
    r"\\approx(?![a-z])": "~",
    r"\\pm(?![a-z])": SKIP,
    r"\^\{\\top\}": "top",
    r"\\operatorname\{sech\}\^\{2\}": "sech2",
    r"\\operatorname\{(\w+)\}(?=\\left)": "name",
    r"\\(tanh|exp|ln|tan|sin|cos|min)(?=\\left)": "name",
    r"\\(sqrt|frac)(?=\{(?!\\partial))": "name",
    r"\\(sigma)(?=\\left)": "name",
    r"\\sum_\{k\}": "sum",
    r"\\mathbf\{1\}": "ones",
    rf"\\left\.{_SLOPE}\\right\|_\{{t=\d+\}}|{_SLOPE}|{_SYMBOL}": "symbol",
    r"\\left\.|\\right\.|\\left(?=\()|\\right(?=\))|\\quad(?![a-z])|\\sheetframe\{.*?\}|\s+": SKIP,
    r"[({]": "(",
    r"[)}]": ")",
    r"[-+=^]": SAME,
}  # fmt: skip

_PARENS = r"\((?:[^()]|\([^()]*\))*\)"
_LETTER_T = rf'(?:(?:{GREEK})(?![A-Za-z])|[A-Za-z](?![A-Za-z])|"[^"]*")'
_SYMBOL_T = rf'(?:(?:hat|tilde|macron)\({_LETTER_T}\)|{_LETTER_T})(?:\^(?=\((?:[(\["]|prime)){_PARENS})?(?:_{_PARENS})?'
_SLOPE_T = rf"frac\(partial(?:\^\+)? {_SYMBOL_T}, partial {_SYMBOL_T}\)"
TYPST = {
    r'mat\(delim: "\(", (?P<matrix>[^()]*)\)': "value",
    r"\d+(?:\.\d+)?": "value",
    r"thin(?![a-z])": "thin",
    r"dot\.o(?![a-z])": "odot",
    r"dot(?![a-z.])": "dot",
    r"approx(?![a-z])": "~",
    r"plus\.minus(?![a-z])": SKIP,
    r"\^top(?![a-z])": "top",
    r'op\("sech"\)\^2(?=\\?\()': "sech2",
    r'op\("(\w+)"\)(?=\\?\()': "name",
    r"(sqrt|min)(?=\()": "name",
    rf"(frac)\((?!partial)": "name(",
    r"sum_k(?![a-z])": "sum",
    r"bold\(1\)": "ones",
    rf"lr\({_SLOPE_T} \|\)_\(t = \d+\)|{_SLOPE_T}|{_SYMBOL_T}": "symbol",
    r"\\(?=[()])|quad(?![a-z])|&|\\(?= &)|\s+": SKIP,
    r"/": "over",
    r"[-+=^,()]": SAME,
}  # fmt: skip

_SYMBOL_P = r"[A-Za-z]+(?:_[A-Za-z0-9]+)*'?(?:\[-?\w+\])?"
TEXT = {
    r"\[(?P<matrix>-?\d[^]]*)\]": "value",
    r"\d+(?:\.\d+)?": "value",
    r"\.T(?!\w)": "top",
    rf"({NAMES})(?=\()": "name",
    r"ones(?!\w)": "ones",
    rf"d\+?{_SYMBOL_P}/d{_SYMBOL_P}(?:@\d+)?(?:#\d+)?|{_SYMBOL_P}(?:#\d+)?": "symbol",
    r"\s+": SKIP,
    r"[-+=^,()*@/~]": SAME,
}  # fmt: skip
TABLES = {output: [(re.compile(p), kind) for p, kind in table.items()] for output, table in
          {"latex": LATEX, "typst": TYPST, "markdown": TEXT}.items()}  # fmt: skip
CELLS = {"latex": (r"\\", "&"), "typst": (";", ","), "markdown": (";", ",")}
OPERATORS = {"+": "+", "−": "-", "=": "=", "≈": "~", "⋅": "dot", "\u2062": "thin", "⊙": "odot", "(": "(", ")": ")", ",": ",", "±": SKIP, "∑": "sum"}
RENAMED = {"σ": "sigmoid", "sigma": "sigmoid", "ln": "log"}
FUNCTION = re.compile(f"{NAMES}|σ|sech")


def tokens(text, output):
    """The tokens of mathematics in any output; Unread where something in it is not known."""
    if output == "html":
        return _elements(ElementTree.fromstring(text))
    found, place = [], 0
    while place < len(text):
        match, kind = next(((m, kind) for pattern, kind in TABLES[output] if (m := pattern.match(text, place))), (None, ""))
        if match is None:
            raise Unread(f"{text[place : place + 30]!r} in {text!r}")
        found += _read(match, kind, output)
        place = match.end()
    return found


def _read(match, kind, output):
    if kind == "value":
        matrix = match.groupdict().get("matrix")
        row, cell = CELLS[output]
        rows = [[match[0]]] if matrix is None else [line.split(cell) for line in matrix.split(row)]
        return [Token("value", match[0], tuple(tuple(c.strip() for c in line) for line in rows))]
    if kind in ("name", "name("):
        return [_name(match[1])] + [Token("(")] * kind.endswith("(")
    if kind in ("sech2", "sum"):
        return [_name(kind)]
    return [] if kind == SKIP else [Token(match[0] if kind == SAME else kind, match[0])]


def _name(text):
    return Token("name", RENAMED.get(text, text))


def _all(elements):
    return [token for element in elements for token in _elements(element)]


def _elements(element):
    """MathML as it is seen: rows are no brackets."""
    if element.tag not in MATHML:
        raise Unread(f"element {element.tag}")
    return MATHML[element.tag](element, list(element))


def _seen(element):
    return "".join(element.itertext())


def _row(element, parts):
    """A row; a table between brackets in it is a vector or a matrix."""
    if len(parts) == 3 and parts[1].tag == "mtable":
        rows = tuple(tuple(_seen(cell).replace("−", "-") for cell in row) for row in parts[1])
        return [Token("value", _seen(element), rows)]
    if len(parts) > 1 and _seen(parts[0]) == "sech":
        raise Unread("sech without its square")
    return _all(parts)


def _identifier(element, parts):
    return [_name(element.text) if FUNCTION.fullmatch(element.text) else _symbol(element)]


def _symbol(element):
    return Token("symbol", ElementTree.tostring(element, encoding="unicode"))


def _fraction(element, parts):
    if len(parts) != 2:
        raise Unread(f"a fraction of {len(parts)} parts: {_seen(element)}")
    if "∂" in _seen(element):
        return [_symbol(element)]
    return [_name("frac"), Token("("), *_elements(parts[0]), Token(","), *_elements(parts[1]), Token(")")]


def _raised(element, parts):
    base, script = parts
    if base.tag in ("mi", "mover") and _seen(script)[0] in "([′n⟨":
        return [_symbol(element)]
    if _seen(base) == "sech":
        return [_name("sech2")]
    if _seen(script) == "⊤":
        return [*_elements(base), Token("top")]
    return [*_elements(base), Token("^"), Token("("), *_elements(script), Token(")")]


MATHML = {
    "math": _row, "mrow": _row, "mi": _identifier, "mfrac": _fraction, "msup": _raised,
    "mn": lambda element, parts: [Token("value", element.text, ((element.text,),))],
    "mo": lambda element, parts: [Token(OPERATORS[element.text])] if OPERATORS[element.text] != SKIP else [],
    "munder": lambda element, parts: [_name("sum")],
    "msqrt": lambda element, parts: [_name("sqrt"), Token("("), *_all(parts), Token(")")],
    **dict.fromkeys(("msub", "msubsup", "mover"), lambda element, parts: [_symbol(element)]),
}  # fmt: skip


# What the tokens mean: vectors are columns unless they are printed as rows, one number is a scalar.


def number(value):
    """An array of one entry as a scalar."""
    return float(value.reshape(-1)[0]) if np.size(value) == 1 and np.ndim(value) else value


def _same(a, b):
    if np.ndim(a) and np.ndim(b) and a.shape != b.shape:
        raise Unread(f"entry by entry, with shapes {a.shape} and {b.shape}")


def _entrywise(function):
    def apply(a, b):
        _same(a, b)
        return function(a, b)

    return apply


def product(a, b):
    """A product without a sign: of numbers, or of matrices and vectors as their shapes say."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    if a.shape[1] != b.shape[0]:
        raise Unread(f"a product of shapes {a.shape} and {b.shape}")
    return number(a @ b)


def scaled(a, b):
    """A product with a dot has a number in it."""
    if np.ndim(a) and np.ndim(b):
        raise Unread("a dot between two vectors")
    return a * b


def at(a, b):
    """@ of plain text, where a vector is as long as it is wide."""
    vectors = [np.ndim(part) and 1 in part.shape for part in (a, b)]
    if all(vectors):
        return float(a.reshape(-1) @ b.reshape(-1))
    return product(a.T, b).T if vectors[0] and a.shape[1] != b.shape[0] else product(a, b)


def softmax(x):
    powers = np.exp(x - np.max(x))
    return powers / powers.sum()


FUNCTIONS = {
    "tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "relu": lambda x: np.maximum(x, 0.0), "step": lambda x: (np.asarray(x) > 0) * 1.0,
    "sech2": lambda x: np.cosh(x) ** -2.0, "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "tan": np.tan, "sin": np.sin, "cos": np.cos,
    "softmax": softmax, "clip": lambda x, c: np.clip(x, -c, c), "min": np.minimum, "outer": lambda a, b: np.outer(a, b),
    "frac": _entrywise(np.divide), "sum": np.sum, "diag": lambda m: np.diag(np.diag(m)),
}  # fmt: skip
PRODUCTS = {"odot": (3, _entrywise(np.multiply)), "dot": (4, scaled), "thin": (4, product), "@": (4, at), "*": (4, _entrywise(np.multiply)),
            "/": (4, _entrywise(np.divide)), "over": (5, _entrywise(np.divide))}  # fmt: skip
INFIX = {"+": (1, _entrywise(np.add)), "-": (1, _entrywise(np.subtract)), **PRODUCTS, "^": (6, np.power)}
SUM, SIGNED, PRODUCT, RAISED = 1, 2, 4, 6


class Formula:
    """Tokens of a formula, computed from left to right; names of symbols have the values given."""

    def __init__(self, side, values):
        self.rest, self.values = [*side, Token("end")], values

    def compute(self):
        with np.errstate(all="ignore"):
            found = self.expression(0)
        self.take("end")
        return found

    @property
    def next(self):
        return self.rest[0].kind

    def take(self, kind):
        if self.next != kind:
            raise Unread(f"{self.rest[0]} where {kind!r} was expected")
        return self.rest.pop(0)

    def expression(self, least):
        left = self.first(least)
        while True:
            if self.next in INFIX and INFIX[self.next][0] > least:
                binding, function = INFIX[self.rest.pop(0).kind]
                left = function(left, self.expression(0 if binding == RAISED and self.next == "-" else binding))
            elif self.next == "top":
                self.take("top")
                left = np.transpose(left)
            elif self.next in ("(", "name", "symbol", "ones") and least < PRODUCT or self.next == "value" and "[" in self.rest[0].text:
                left = product(left, self.expression(PRODUCT))
            else:
                return left

    def first(self, least):
        token = self.rest.pop(0)
        if token.kind == "-" and least <= SUM:
            return -self.expression(SIGNED)
        if token.kind == "value":
            return number(np.array(token.entries, float))
        if token.kind == "symbol":
            return self.values[token.text]
        if token.kind == "ones":
            return 1.0
        if token.kind == "(":
            return self.closed()
        if token.kind == "name":
            return self.call(token.text)
        raise Unread(f"{token} where a number was expected")

    def closed(self):
        found = self.expression(0)
        self.take(")")
        return found

    def call(self, name):
        if name == "sum" and self.next != "(":
            return np.sum(self.expression(PRODUCT))
        self.take("(")
        found = [self.expression(0)]
        while self.next == ",":
            self.take(",")
            found.append(self.expression(0))
        self.take(")")
        return number(FUNCTIONS[name](*found))

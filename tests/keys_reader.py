"""Reads keys back from the text of an output and computes what the numbers printed in them give; it
shares no code with the program."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import chain
from xml.etree import ElementTree

import numpy as np

TIE = Decimal("1e-9")  # of a unit in the last place


class Unread(ValueError):
    """Something that no line of a key has, as far as this reader knows."""


@dataclass(frozen=True)
class Token:
    """A piece of mathematics: its kind is the same in all outputs. `entries`: the texts of the
    numbers in it, row by row."""

    kind: str
    text: str = ""
    entries: tuple[tuple[str, ...], ...] = ()
    cells: tuple[tuple[tuple["Token", ...], ...], ...] = ()  # of a matrix of formulas


@dataclass(frozen=True)
class Line:
    """symbol = right side = right side ~ rounded value; `source` as it stands in the output,
    `signs` before the right sides."""

    source: str
    symbol: str
    signs: tuple[str, ...]
    sides: tuple[tuple[Token, ...], ...]

    @property
    def value(self):
        """The value that is printed last; None where a gap stands in its place."""
        return literal(self.sides[-1])

    @property
    def carried(self):
        """The value with which other lines go on."""
        return self.value if self.signs[-1] == "=" else literal(self.sides[-2])

    @property
    def recomputed(self):
        """True where a formula with numbers stands before the value."""
        return any(numeric(side) and literal(side) is None for side in self.sides)


@dataclass(frozen=True)
class Key:
    """A key read back: what is given, the numbered lines of a derivation, the worked lines."""

    givens: list[Line]
    derivation: list[Line]
    lines: list[Line]


# How mathematics is spelt: what matches is a token of the kind named; SAME: of its own text as
# kind; SKIP: none.

SKIP, SAME = "skip", "same"
GREEK = (
    "(?:alpha|beta|gamma|delta|epsilon|eta|theta|lambda|mu|rho|sigma|tau|phi|psi|omega|Gamma)"
    "(?![A-Za-z])"
)
NAMES = "tanh|sigmoid|relu|step|exp|log|ln|sqrt|tan|sin|cos|softmax|clip|min|sech2|outer|sum"
DIGITS = r"\d+(?:\.\d+)?"

BRACES = r"\{(?:[^{}]|\{[^{}]*\})*\}"
LETTER = rf"(?:[A-Za-z]|\\(?:var)?{GREEK}|\\mathit\{{\w+\}})"
SYMBOL = (
    rf"(?:\\(?:hat|tilde|bar)\{{{LETTER}\}}|{LETTER})'?"
    rf"(?:\^(?=\{{(?:[(\[]|\\mathrm|\\langle)){BRACES})?(?:_{BRACES})?"
)
SLOPE = rf"\\frac\{{\\partial(?:\^\{{\+\}})? {SYMBOL}\}}\{{\\partial {SYMBOL}\}}"
LATEX = {
    r"\\mbox\{(?:\\ttfamily )?(?:[^{}]|\{[^{}]*\})*\}": "symbol",
    r"\\begin\{pmatrix\}(?P<matrix>.*?)\\end\{pmatrix\}": "matrix",
    DIGITS: "number",
    r",\\,|\}\{": ",",
    r"\\,": "thin",
    r"\\cdot(?![a-z])": "dot",
    r"\\odot(?![a-z])": "odot",
    r"\\oslash(?![a-z])": "oslash",
    r"\\approx(?![a-z])": "~",
    r"\^\{\\top\}": "top",
    r"\\sum_\{(?:j,)?k\}": "sigma",
    r"\\mathbf\{1\}": "ones",
    r"\\operatorname\{sech\}\^\{2\}(?= ?\\(?:left|begin))": "sech2",
    r"\\operatorname\{\w+\}(?= ?\\(?:left|begin))": "name",
    r"\\(?:tanh|sigma|exp|ln|tan|sin|cos|min)(?= ?\\(?:left|begin))": "name",
    r"\\(?:sqrt|frac)(?=\{(?!\\partial))": "name",
    rf"\\left\({SLOPE}\\right\)_\{{(?:j,)?k\}}": "symbol",
    rf"\\left\.{SLOPE}\\right\|_\{{t=\d+\}}|{SLOPE}|{SYMBOL}": "symbol",
    r"\\left\.|\\right\.|\\left(?=\()|\\right(?=\))": SKIP,
    r"\\onward(?![a-z])|\\pm(?![a-z])|\\sheetframe\{.*?\}|\s+": SKIP,
    r"[({]": "(",
    r"[)}]": ")",
    r"[-+=^]": SAME,
}

PARENS = r"\((?:[^()]|\([^()]*\))*\)"
LETTER = rf'(?:italic\({GREEK}\)|{GREEK}|[A-Za-z](?![A-Za-z])|italic\("[^"]*"\)|"[^"]*")'
SYMBOL = (
    rf"(?:(?:hat|tilde|macron)\({LETTER}\)|{LETTER})"
    rf'(?:\^(?=\((?:[(\["]|prime)){PARENS})?(?:_{PARENS})?'
)
SLOPE = rf"frac\(partial(?:\^\+)? {SYMBOL}, partial {SYMBOL}\)"
TYPST = {
    r'mat\(delim: "\(", (?P<matrix>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)': "matrix",
    DIGITS: "number",
    r"thin(?![a-z])": "thin",
    r"dot\.o(?![a-z])": "odot",
    r"⊘": "oslash",
    r"dot(?![a-z.])": "dot",
    r"approx(?![a-z])": "~",
    r"\^top(?![a-z])": "top",
    r"sum_(?:k(?![a-z])|\(j, k\))": "sigma",
    r"bold\(1\)": "ones",
    r'op\("sech"\)\^2(?=\\?\(| mat)': "sech2",
    r'op\((?:"\w+"|italic\("\w"\))\)(?=\\?\(| mat)': "name",
    r"(?:sqrt|min)(?=\()|frac(?=\((?!partial))": "name",
    rf"\({SLOPE}\)_\((?:j,)?k\)|lr\({SLOPE} \|\)_\(t = \d+\)|{SLOPE}|{SYMBOL}": "symbol",
    r"\\(?=[()])|\\ (?=&)|quad(?![a-z])|med(?![a-z])|plus\.minus(?![a-z])|&|\s+": SKIP,
    "/": "over",
    r"[-+=^,()]": SAME,
}

SYMBOL = r"[A-Za-z]+(?:_[A-Za-z0-9]+)*'?(?:\[-?\w+\])?"
PLAIN = {
    r"\[(?P<matrix>[-(]*\d[^]]*)\]": "matrix",
    DIGITS: "number",
    r"\.T(?!\w)": "top",
    r"ones(?!\w)": "ones",
    r'"[^"]*"': "symbol",
    r"diag(?=\()": "diagonal",
    rf"(?:{NAMES})(?=\()": "name",
    rf"d\+?{SYMBOL}/d{SYMBOL}(?:@\d+)?(?:#\d+)?|{SYMBOL}(?:#\d+)?": "symbol",
    r"\s+": SKIP,
    r"[-+=^,()*@/~]": SAME,
}
SPELLINGS = {"latex": LATEX, "typst": TYPST, "markdown": PLAIN}
CELLS = {"latex": (r"\\", "&"), "typst": (";", ","), "markdown": (";", ",")}
RENAMED = {"σ": "sigmoid", "sigma": "sigmoid", "ln": "log"}
SEEN = {
    "−": "-",
    "≈": "~",
    "⋅": "dot",
    "\u2062": "thin",
    "⊙": "odot",
    "⊘": "oslash",
    "±": SKIP,
    "\u2061": SKIP,
    **{sign: sign for sign in "+=(),"},
}


@lru_cache
def _spelling(output):
    """One expression for all of a language, with a group for each row of its table; and the kinds
    of these groups."""
    table = SPELLINGS[output]
    return re.compile("|".join(f"(?P<row{k}>{pattern})" for k, pattern in enumerate(table))), {
        f"row{k}": kind for k, kind in enumerate(table.values())
    }


def tokens(text, output):
    """The tokens of a formula in any output; Unread where something in it is not known."""
    return with_powers(_tokens(text, output))


RAISED_TEN = (["^", "(", "-", "number", ")"], ["^", "-", "number"])
POWER_OF_TEN = re.compile(r"(?:([\d.]+)\s*(?:\\cdot|dot|\*|⋅)\s*)?10\^?[({]?-(\d+)[})]?")


def with_powers(found):
    """Tokens in which a number times a power of ten is one number, with all its digits written
    out."""
    merged = []
    for token in found:
        merged.append(token)
        for raised in RAISED_TEN:
            place = len(merged) - len(raised) - 1
            kinds = [part.kind for part in merged]
            if place < 0 or kinds[place + 1 :] != raised or merged[place].text != "10":
                continue
            has_digits = (
                place > 1 and kinds[place - 1] in ("dot", "*") and kinds[place - 2] == "number"
            )
            start = place - 2 if has_digits else place
            exponent = [part.text for part in merged[place + 1 :] if part.kind == "number"]
            text = _written_out(merged[start].text if has_digits else "1", exponent[0])
            merged[start:] = [Token("number", text, ((text,),))]
    return merged


def _written_out(digits, exponent):
    return format(Decimal(digits).scaleb(-int(exponent)), "f")


def _cell(text):
    """The number in a cell of a matrix."""
    power = POWER_OF_TEN.fullmatch(text.removeprefix("-"))
    if power is None:
        return text
    return "-" * text.startswith("-") + _written_out(power[1] or "1", power[2])


def _tokens(text, output):
    if output == "html":
        return _elements(ElementTree.fromstring(text))
    spelling, kinds = _spelling(output)
    found, place = [], 0
    while place < len(text):
        match = spelling.match(text, place)
        if match is None:
            raise Unread(f"{text[place : place + 30]!r} is not known")
        found += _token(match, kinds[match.lastgroup], output)
        place = match.end()
    return found


def _token(match, kind, output):
    if kind == "number":
        return [Token(kind, match[0], ((match[0],),))]
    if kind == "matrix":
        row, cell = CELLS[output]
        texts = [[c.strip() for c in line.split(cell)] for line in match["matrix"].split(row)]
        return [_matrix(match[0], texts, lambda text: tokens(text, output))]
    if kind in ("name", "sech2", "diagonal"):
        return [_name(re.findall(r"\w+", match[0])[-1] if kind == "name" else kind)]
    return [] if kind == SKIP else [Token(match[0] if kind == SAME else kind, match[0])]


def _matrix(source, cells, spelt):
    """A matrix of numbers, or of formulas, which are worked out row by row."""
    texts = tuple(tuple(map(_cell, row)) for row in cells)
    if all(re.fullmatch(rf"-?{DIGITS}", text) for row in texts for text in row):
        return Token("matrix", source, texts)
    return Token(
        "rows", source, (), tuple(tuple(tuple(spelt(cell)) for cell in row) for row in cells)
    )


def _name(text):
    return Token("name", RENAMED.get(text, text))


def _text(element):
    return "".join(element.itertext())


def _elements(element):
    """MathML as it is seen: a row is no bracket."""
    if element.tag not in MATHML:
        raise Unread(f"element {element.tag}")
    return MATHML[element.tag](element, list(element))


def _row(element, parts):
    """A row; a table between brackets in it is a vector or a matrix."""
    if len(parts) == 3 and parts[1].tag == "mtable":
        texts = [[_text(cell).replace("−", "-") for cell in row] for row in parts[1]]
        found = dict(zip(chain(*texts), chain(*parts[1]), strict=True))
        return [
            _matrix(_text(element), texts, lambda text: with_powers(_row(element, found[text])))
        ]
    return [token for part in parts for token in _elements(part)]


def _symbol(element, parts):
    return [Token("symbol", ElementTree.tostring(element, encoding="unicode"))]


def _identifier(element, parts):
    if element.text == "𝟏":
        return [Token("ones")]
    return (
        [_name(element.text)]
        if re.fullmatch(f"{NAMES}|diag|σ", element.text)
        else _symbol(element, parts)
    )


def _operator(element, parts):
    if element.text not in SEEN:
        raise Unread(f"operator {element.text}")
    return [Token(SEEN[element.text])] if SEEN[element.text] != SKIP else []


def _fraction(element, parts):
    if len(parts) != 2:
        raise Unread(f"a fraction of {len(parts)} parts")
    if parts[0].tag == "mrow" and parts[0][0].tag in ("mo", "msup") and _text(parts[0])[0] == "∂":
        return _symbol(element, parts)
    return [
        _name("frac"),
        Token("("),
        *_elements(parts[0]),
        Token(","),
        *_elements(parts[1]),
        Token(")"),
    ]


def _lowered_and_raised(element, parts):
    """A power that stands above an index; an index above is a row."""
    if len(parts) == 3 and (parts[2].tag == "mn" or _text(parts[2]) == "⊤"):
        base, index, script = parts
        lowered = ElementTree.Element("msub")
        lowered.extend([base, index])
        return _raised(element, [lowered, script])
    return _symbol(element, parts)


def _raised(element, parts):
    if len(parts) != 2:
        raise Unread(f"a power of {len(parts)} parts")
    base, script = parts
    if base.tag in ("mi", "mover") and _text(script)[0] in "([′n⟨":
        return _symbol(element, parts)
    if _text(script) == "⊤":
        return [*_elements(base), Token("top")]
    return (
        [_name("sech2")]
        if _text(base) == "sech"
        else [*_elements(base), Token("^"), Token("("), *_elements(script), Token(")")]
    )


MATHML = {
    "math": _row,
    "mrow": _row,
    "mi": _identifier,
    "mo": _operator,
    "mfrac": _fraction,
    "msup": _raised,
    "msub": _symbol,
    "msubsup": _lowered_and_raised,
    "mover": _symbol,
    "mtext": _symbol,
    "mn": lambda element, parts: [Token("number", element.text, ((element.text,),))],
    "munder": lambda element, parts: [Token("sigma")],
    "msqrt": lambda element, parts: [_name("sqrt"), Token("("), *_row(element, parts), Token(")")],
}


ENTRY = re.compile(
    r"(?:,\s?j)?,\s?k(?=[})])|(?:<mo>,</mo><mi>j</mi>)?<mo>,</mo><mi>k</mi>"
    r"|_\{(?:j,)?k\}|_\((?:j, ?)?k\)"
)
BRACKETED = re.compile(
    r"\\left\((\\frac.*)\\right\)|\((frac.*)\)"
    r"|<msub><mrow><mo>\(</mo>(<mfrac>.*</mfrac>)<mo>\)</mo></mrow><mrow>.*</mrow></msub>"
)


def entry_removed(symbol):
    """The symbol of a vector, from that of its entry k."""
    bracketed = BRACKETED.fullmatch(re.sub(r"_(?:\{(?:j,)?k\}|\((?:j,)?k\))$", "", symbol))
    if bracketed:  # an entry of a derivative
        return next(filter(None, bracketed.groups()))
    bare = ENTRY.sub("", symbol)
    return re.sub(r"<msub><mi>(\w+)</mi><mrow><mi>k</mi></mrow></msub>", r"<mi>\1</mi>", bare)


# What the tokens mean: vectors have one column, or one row where they are printed so; one number is
# a scalar.


def number(value):
    """An array of one entry as a scalar."""
    return float(np.reshape(value, ())) if np.size(value) == 1 else value


def _entrywise(function):
    def apply(a, b):
        if np.ndim(a) and np.ndim(b) and a.shape != b.shape:
            raise Unread(f"entry by entry, with shapes {a.shape} and {b.shape}")
        return function(a, b)

    return apply


def _product(a, b):
    """A product of numbers, or of matrices and vectors as their shapes say."""
    if np.ndim(a) and np.ndim(b) and a.shape[1] != b.shape[0]:
        raise Unread(f"a product of shapes {a.shape} and {b.shape}")
    return number(a @ b) if np.ndim(a) and np.ndim(b) else a * b


@dataclass(frozen=True)
class Ones:
    """A vector or a matrix all of whose entries are one number."""

    value: float

    def __neg__(self):
        return Ones(-self.value)


def _added(function):
    """A sum: of numbers or of vectors, but not of a number and a vector."""
    of_vectors = _entrywise(function)

    def apply(a, b):
        both = [part.value if isinstance(part, Ones) else part for part in (a, b)]
        alone = [np.ndim(part) == 0 and not isinstance(part, Ones) for part in (a, b)]
        if alone[0] != alone[1] and np.size(both[0]) != np.size(both[1]):
            raise Unread("a number added to a vector")
        found = of_vectors(*both)
        return Ones(found) if isinstance(a, Ones) and isinstance(b, Ones) else found

    return apply


def _bare(function):
    """A function for which a vector of ones is a number."""
    return lambda *parts: function(
        *(part.value if isinstance(part, Ones) else part for part in parts)
    )


def _multiplied(a, b):
    """A product, also of a number and a vector of ones."""
    if isinstance(b, Ones) and np.ndim(a) == 0:
        return Ones(a * b.value)
    return _bare(_product)(a, b)


def _scaled(a, b):
    if np.ndim(a) and np.ndim(b):
        raise Unread("a dot between two vectors")
    return a * b


def _at(a, b):
    """@ of plain text, where a vector is neither row nor column."""
    vectors = [1 in np.shape(part) for part in (a, b)]
    if all(vectors):
        return float(np.ravel(a) @ np.ravel(b))
    return _product(a.T, b).T if vectors[0] and a.shape[1] != b.shape[0] else _product(a, b)


def _times(a, b):
    """A star of plain text: entry by entry, or a number and a vector of ones."""
    return _multiplied(a, b) if isinstance(b, Ones) else _bare(_entrywise(np.multiply))(a, b)


def _softmax(scores):
    powers = np.exp(scores - np.max(scores))
    return powers / powers.sum()


FUNCTIONS = {
    "tanh": np.tanh,
    "sigmoid": lambda u: 1 / (1 + np.exp(-u)),
    "relu": lambda u: np.maximum(u, 0.0),
    "step": lambda u: np.heaviside(u, 0.0),
    "sech2": lambda u: 1 - np.tanh(u) ** 2,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "sin": np.sin,
    "cos": np.cos,
    "softmax": _softmax,
    "clip": lambda u, limit: np.clip(u, -limit, limit),
    "min": np.minimum,
    "sum": np.sum,
    "frac": _entrywise(np.divide),
    "outer": np.outer,
    "diag": lambda matrix: np.diag(np.diag(matrix)),
    "diagonal": lambda matrix: np.diag(matrix)[:, None],
}
INFIX = {
    "+": (1, _added(np.add)),
    "-": (1, _added(np.subtract)),
    "odot": (3, _bare(_entrywise(np.multiply))),
    "oslash": (3, _bare(_entrywise(np.divide))),
    "dot": (4, _bare(_scaled)),
    "thin": (4, _multiplied),
    "@": (4, _bare(_at)),
    "*": (4, _times),
    "/": (4, _bare(_entrywise(np.divide))),
    "over": (5, _bare(_entrywise(np.divide))),
}
SIGNED, TERM, PRODUCT, RAISED = 2, 2, 4, 6
BESIDE = (
    "(",
    "name",
    "symbol",
    "ones",
    "matrix",
    "rows",
)  # what may follow a factor without a sign


def _worked_out(token):
    """A matrix of formulas of numbers."""
    return number(np.array([[Formula(cell, {}).compute() for cell in row] for row in token.cells]))


class Formula:
    """Tokens of a formula; `values` are what its symbols stand for."""

    def __init__(self, side, values):
        self.rest, self.values = [*side, Token("end")], values
        self.summing = 0  # within a sum over entries products are those of numbers

    def compute(self):
        with np.errstate(all="ignore"):
            found = self.expression(0)
        self.take("end")
        return found.value if isinstance(found, Ones) else found

    @property
    def next(self):
        return self.rest[0].kind

    def take(self, *kinds):
        if self.next not in kinds:
            raise Unread(f"{self.next!r} where {' or '.join(map(repr, kinds))} was expected")
        return self.rest.pop(0)

    def expression(self, least):
        left = self.first(least)
        while True:
            if self.next in INFIX and INFIX[self.next][0] > least:
                binding, function = INFIX[self.take(*INFIX).kind]
                right = self.expression(binding)
                left = self.joined(function, left, right)
            elif self.next == "^":
                left = np.power(left, self.exponent())
            elif self.next == "top":
                self.take("top")
                left = np.transpose(left)
            elif self.next in BESIDE and least < PRODUCT:
                right = self.expression(PRODUCT)
                left = left * right if self.summing else _multiplied(left, right)
            else:
                return left

    def joined(self, function, left, right):
        """Two parts with a sign between them; in a sum over entries each stands for a number."""
        if self.summing and function is _multiplied:
            return left * right
        if self.summing and function in (INFIX["+"][1], INFIX["-"][1]):
            return left + right if function is INFIX["+"][1] else left - right
        return function(left, right)

    def exponent(self):
        self.take("^")
        if self.next == "-":
            self.take("-")
            return -self.first(RAISED)
        return self.first(RAISED)

    def first(self, least):
        """A factor; a sign only where an expression begins."""
        token = self.take(
            "number",
            "matrix",
            "rows",
            "symbol",
            "ones",
            "sigma",
            "(",
            "name",
            *(["-"] if least == 0 else []),
        )
        if token.kind == "-":
            return -self.expression(SIGNED)
        if token.kind in ("number", "matrix"):
            return number(np.array(token.entries, float))
        if token.kind == "rows":
            return _worked_out(token)
        if token.kind == "symbol":
            name = entry_removed(token.text) if self.summing else token.text
            if name not in self.values:
                raise Unread(f"{name} has no value yet")
            return number(np.array(self.values[name], float))
        if token.kind == "sigma":
            self.summing += 1
            found = np.sum(self.expression(TERM))
            self.summing -= 1
            return found
        return (
            Ones(1.0)
            if token.kind == "ones"
            else self.call(token.text)
            if token.kind == "name"
            else self.closed()[0]
        )

    def call(self, name):
        if self.next in ("matrix", "rows"):  # which have brackets of their own
            return number(FUNCTIONS[name](self.first(RAISED)))
        self.take("(")
        return number(FUNCTIONS[name](*self.closed()))

    def closed(self):
        """What stands between brackets, with commas between."""
        found = [self.expression(0)]
        while self.next == ",":
            self.take(",")
            found.append(self.expression(0))
        self.take(")")
        return found


def numeric(side):
    """True for a right side without symbols."""
    return bool(side) and all(token.kind != "symbol" for token in side)


def literal(side):
    """The entries of a right side that is a value, or a row with the sign of a transpose."""
    if [token.kind for token in side] == ["matrix", "top"]:
        return tuple(zip(*side[0].entries, strict=True))
    signed = len(side) == 2 and side[0].kind == "-" and side[1].kind == "number"
    if not signed and (len(side) != 1 or side[0].kind not in ("number", "matrix")):
        return None
    return ((f"-{side[1].text}",),) if signed else side[0].entries


def agrees(computed, text):
    """True where a number rounded to the digits of a text is that text; ties go either way."""
    unit = Decimal(1).scaleb(Decimal(text).as_tuple().exponent)
    ends = [Decimal(float(computed)) + side * TIE * unit for side in (-1, 1)]
    return Decimal(text) in [end.quantize(unit, ROUND_HALF_UP) for end in ends] and (
        Decimal(text) != 0 or text[0] != "-"
    )


# Where the lines stand in an output: a given, a numbered line of a derivation, a worked line; and
# what in them is no mathematics.

QUOTED = r'"(?:[^"\\]|\\.)*"'
PLACES = {
    "latex": (
        r"\\given\{\$(.*)\$\}",
        r"(?m)^\\derived(?:\[.*?\])?\{\d+\.\}\{(.*)\}$",
        r"(?m)^\\workedline (.*)\\done$",
    ),
    "typst": (
        rf"#box\(inset: \(y: 2pt\)\)\[#eq\({QUOTED}, \$display\((.*?)\)\$\)\]",
        rf"\[\d+\.\], \[#eq\({QUOTED}, \$display\((.*?)\)\$\)\]",
        rf"(?m)^(?:worked|broken)line\({QUOTED}, (\$ .* \$, \[.*\])\), (?:\),)?$",
    ),
    "html": (
        r'<span class="box">(<math>.*?</math>)</span>',
        r'<p class="line">\d+\. (.*?)</p>',
        r'<p class="line">((?:<span class="steps">)?<math>.*?)</p>',
    ),
    "markdown": (
        r"(?m)^    (\S+ = (?:-?[\d.]+|\[.*\](?:\.T)?|[^\s=\[#(]+))$",
        r"(?m)^    \d+\. (.*?)(?: [✗→])?$",
        r"(?m)^    (?!\d+\. )(.*? = .*?)(?:   \(exact: .*\))?$",
    ),
}
CLEANED = {
    "latex": {
        r"\\note.*$": "",
        rf"\\sheetvalue\{{((?:[^{{}}]|{BRACES})*)\}}": r"\1",
        r"\\(?:gives|nextpiece|result)(?![a-z])": " ",
        r"&=": "=",
    },
    "html": {
        r' ?<span class="sign.*?</span>': "",
        r' ?<span class="note(?: exact)?">.*?</span>': "",
        r"</?span[^>]*>": "",
        r'</math>\s*<math(?: class="[^"]*")?>': "",
    },
    "typst": {
        r", \[.*\]$": "",
        r'#text\(font: [^,]*, size: 0\.9em, ("[^"]*")\)': r"\1",
        r'#boxed\(eq\("", \$display\((.*?)\)\$\)\)': r"\1",
        r"lr\((\\\( .*?)\)(?= *\$)": r"\1",
        r"lr\(((?:(?!lr\().)*? \\\))\)(?= *\$)": r"\1",
        r"\$, \(\$|\$, \(?\), \$|\$, \$|^\$|\$$": " ",
    },
}
ENDS = {"latex": r"\\endgroup\n", "markdown": r"\n(?:Round|Keep) .*\n|\n## Results"}


def read(text, output):
    """The key in a text; Unread where a line in it is not understood."""
    places = PLACES[output]
    parts = re.split(ENDS[output], text) if output in ENDS else [text, text]
    texts = (parts[0], parts[1], parts[1]) if output in ENDS else (text,) * 3
    found = [
        [line(source, output) for source in re.findall(pattern, part)]
        for pattern, part in zip(places, texts, strict=True)
    ]
    return Key(*found)


def line(source, output):
    cleaned = without_narrow(source)
    for pattern, replacement in CLEANED.get(output, {}).items():
        cleaned = re.sub(pattern, replacement, cleaned)
    try:
        if any(
            row.count(r"\left") != row.count(r"\right")
            for row in re.split(r"\\(?:gives|nextpiece|result)", source)
        ):
            raise Unread(r"a \left without its \right in a row")
        return _apart(source, tokens(cleaned, output))
    except (Unread, ElementTree.ParseError) as error:
        raise Unread(f"{error} in {source}") from None


def without_narrow(source):
    """Without what a telephone shows in place of a wide piece: that says the same once more."""
    before, opened, rest = source.partition('<span class="narrow')
    depth, place = 1, 0
    while opened and depth:
        tag = re.compile("</?span").search(rest, place)
        depth, place = depth + (1 if tag[0] == "<span" else -1), tag.end()
    return before + without_narrow(rest[place + 1 :]) if opened else before


def _apart(source, found):
    signs = [k for k, token in enumerate(found) if token.kind in "=~"]
    ends = [*signs[1:], len(found)]
    if not signs or [token.kind for token in found[: signs[0]]] != ["symbol"]:
        raise Unread("no symbol before the first =")
    sides = tuple(tuple(found[k + 1 : end]) for k, end in zip(signs, ends, strict=True))
    return Line(source, found[0].text, tuple(found[k].kind for k in signs), sides)


# The results: each quantity with its entries, and the ends of what is accepted for each.

RESULTS = {
    "latex": (
        r"(?m)^(?:\\resultfree\{[\d.]+em\})*\\resulted\{[\d.]+em\}\{(.*?)\}\{((?:\\left\(|[-{\d]|\\resultcells).*)\}$"
    ),
    "typst": rf"(?m)^\([\d.]+em, eq\({QUOTED}, \$(.*) = (.*)\$\)\), (?:\(|\)|$)",
    "html": (
        r'(?s)<span class="unknown">(?:<span class="as-wide"><math aria-hidden="true">.*?</math>)?'
        r'(<math>.*?</math>)(?:</span>)?\s*<span class="numbers">(.*?)</span></span>\n'
    ),
    "markdown": r"(?m)^    (\S+) = (.*)$",
}
NUMBER = r"-?\d+(?:\.\d+)?"
ENTRIES = {
    "latex": (
        rf"(?P<value>{NUMBER})\}}?&?(?:\\within\{{(?P<up>\d*)\}}\{{(?P<down>\d*)\}}|\\between\{{\$(?P<low>{NUMBER})\$"
        rf" to \$(?P<high>{NUMBER})\$\}})?"
    ),
    "typst": (
        rf"(?<![+\d] )(?P<value>{NUMBER})(?: & )?(?: thin #smaller\(\$plus\.minus"
        rf" (?P<both>\d+)\$\)| thin #smaller\[\((?P<low>{NUMBER}) to"
        rf" (?P<high>{NUMBER})\)\]|(?:\"\")?(?:\^\(#small\(\$\+"
        r" (?P<up>\d+)\$\)\))?(?:_\(#small\(\$- (?P<down>\d+)\$\)\))?)"
    ),
    "html": (
        rf'<span class="got"><span>(?P<value>{NUMBER})</span>(?: <small>(?P<low>{NUMBER}) to'
        rf" (?P<high>{NUMBER})</small>)?"
    ),
    "markdown": rf"(?P<value>{NUMBER})(?: \((?P<low>{NUMBER}) to (?P<high>{NUMBER})\))?",
}


@dataclass(frozen=True)
class Result:
    """A quantity, the texts of its entries, and for each the least and the greatest number that is
    accepted."""

    symbol: str
    values: tuple[str, ...]
    ends: tuple[tuple[Decimal, Decimal], ...]


def results(text, output):
    """The results that a key gives, read back."""
    _, part = re.split(r"Results,(?:\{\})? and what is accepted", text)
    part, *_ = part.split("For the teacher")
    found = []
    for symbol, body in re.findall(RESULTS[output], part):
        (token,) = [t for t in tokens(symbol, output) if t.kind == "symbol"]
        plain = body.replace("\u2212", "-").replace("#h(8pt)", "")
        entries = list(re.finditer(ENTRIES[output], plain))
        values = tuple(entry["value"] for entry in entries)
        found.append(Result(token.text, values, tuple(map(_ends, entries))))
    return found


def _ends(entry):
    """What is accepted: from where to where, or so many units of the last digit up and down."""
    groups = {name: text for name, text in entry.groupdict().items() if text}
    if "low" in groups:
        return Decimal(groups["low"]), Decimal(groups["high"])
    value = Decimal(entry["value"])
    unit = Decimal(1).scaleb(value.as_tuple().exponent)
    up, down = (groups.get(side, groups.get("both", 0)) for side in ("up", "down"))
    return value - int(down) * unit, value + int(up) * unit


# The laws.


def faults(key):
    """What is wrong in the worked lines: the lines, each with a reason."""
    values = known([*key.givens, *key.derivation])
    found = []
    for worked in key.lines:
        found += wrong(worked, values)
        if values.setdefault(worked.symbol, worked.carried) != worked.carried:
            found.append(f"two values of {worked.symbol}: {worked.source}")
    return found


def known(lines):
    """The values of symbols; one that is another symbol (the letter of a one-hot vector) has its
    value."""
    values = {line.symbol: line.carried for line in lines if line.value}
    for line in lines:
        if len(line.sides) == 1 and [token.kind for token in line.sides[0]] == ["symbol"]:
            stood_for = values.get(line.sides[0][0].text)
            values |= {line.symbol: stood_for} if stood_for else {}
    return values


def mistaken(key):
    """The numbers of the lines of a derivation that do not follow from the others."""
    values = known([*key.givens, *key.lines, *key.derivation])
    return [
        k for k, derived in enumerate(key.derivation, 1) if derived.value and wrong(derived, values)
    ]


def wrong(worked, values):
    """Why a line is wrong: a right side that does not give the value after it, from its numbers or
    from those of its symbols."""
    found = [] if worked.value else [f"no value: {worked.source}"]
    found += misworked(worked, values)
    for k, side in enumerate(worked.sides[:-1], 1):
        expected = (
            next(filter(None, map(literal, worked.sides[k:])), None)
            if numeric(side)
            else worked.carried
        )
        try:
            given = Formula(side, values).compute()
            found += (
                [] if expected and _agree(given, expected) else [f"gives {given}: {worked.source}"]
            )
        except Unread as error:
            found.append(f"{error}: {worked.source}")
    return found


def misworked(worked, values):
    """The terms that are worked in the numbers but do not follow, to the digits printed, from the
    terms in symbols that they stand for."""
    found = []
    for before, after in zip(worked.sides, worked.sides[1:], strict=False):
        for symbols, numbers in pairs_of_terms(before, after):
            try:
                computed = Formula(symbols, values).compute()
                if not _follows(computed, numbers):
                    found.append(f"a term gives {computed}: {worked.source}")
            except Unread as error:
                found.append(f"{error}: {worked.source}")
    return found


def _is_worked(term):
    """A product in symbols, or one that is written out row by row."""
    return [token.kind for token in term] == ["rows"] or (len(term) > 1 and not numeric(term))


def _follows(computed, numbers):
    """True where a vector of numbers is what was computed to the digits printed, and one written
    out row by row is just that."""
    if numbers[0].kind == "matrix":
        return _agree(computed, literal(numbers))
    return np.allclose(computed, _worked_out(numbers[0]), rtol=0, atol=1e-12)


def pairs_of_terms(before, after):
    """The terms of a formula, each with the same term one side further: a product in symbols with
    its rows or its numbers, its rows with its numbers."""
    if not numeric(after):
        return []
    while before and after and before[0] == after[0] and before[0].kind in ("name", "("):
        before, after = before[1:], after[1:]
    terms = [list(terms_of(side)) for side in (before, after)]
    if len(terms[0]) != len(terms[1]):
        return []
    return [
        (symbols, numbers)
        for symbols, numbers in zip(*terms, strict=True)
        if [token.kind for token in numbers] in (["matrix"], ["rows"])
        and _is_worked(symbols)
        and {"(", ")"} & {token.kind for token in symbols} in (set(), {"(", ")"})
    ]


def needless_brackets(side):
    """Brackets that hold nothing but brackets, a matrix (which has its own) or a number without a
    sign; those of a call, of an exponent and of a quotient of Typst are no brackets to be seen."""
    kinds = [token.kind for token in side]
    found, opened = [], []
    for token in side:
        for cell in chain(*token.cells):
            found += needless_brackets(cell)
    for k, kind in enumerate(kinds):
        if kind == "(":
            opened.append(k)
        elif kind == ")" and opened:
            start = opened.pop()
            unseen = {*kinds[max(start - 1, 0) : start], *kinds[k + 1 : k + 2]}
            inside = side[start + 1 : k]
            if not unseen & {"name", "^", "over"} and _alone(inside):
                found.append("".join(token.text for token in side[start : k + 1]))
    return found


def _alone(inside):
    if len(inside) == 1:
        return inside[0].kind in ("number", "matrix", "rows")
    depth = 0
    for k, token in enumerate(inside):
        depth += (token.kind == "(") - (token.kind == ")")
        if depth == 0:
            return k == len(inside) - 1 > 0
    return False


def terms_of(side):
    """The terms of a sum, without their signs; brackets are not looked into."""
    term, depth = [], 0
    for token in side:
        depth += (token.kind == "(") - (token.kind == ")")
        if token.kind in "+-" and depth == 0 and term:
            yield tuple(term)
            term = []
        elif depth >= 0 and not (token.kind in "+-" and not term):
            term.append(token)
    if term:
        yield tuple(term)


def _agree(computed, entries):
    shape = np.shape(np.array(entries))
    if np.ndim(computed) and np.shape(computed) != shape:
        return False
    wanted = np.ravel(np.broadcast_to(computed, shape))
    return all(agrees(value, text) for value, text in zip(wanted, np.ravel(entries), strict=True))

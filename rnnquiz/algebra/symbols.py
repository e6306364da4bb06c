"""Names of quantities: the stable text (h[2], dL[3]/dU, U_new) and the structure behind it.

| text        | meaning                                                                            |
| ----------- | ---------------------------------------------------------------------------------- |
| `h[2]`      | the variable h at time 2                                                           |
| `L`         | a variable without time                                                            |
| `h'[2]`     | slope: derivative of the outer function of h[2] with respect to its whole argument |
| `dh[3]/dU`  | total derivative                                                                   |
| `d+h[3]/dU` | direct part of it, earlier states held fixed                                       |
| `dL/dU@2`   | the part of the gradient that step 2 contributes (delta recursion)                 |
| `U_new`     | the parameter after the update; `h_new[0]` the initial state after it              |
| `m_U#1`     | a value that the optimiser keeps for U, after update 1                             |
| `h[2]#2`    | the same quantity in the second of several passes, with parameters updated         |
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache


@dataclass(frozen=True)
class Variable:
    """A named value: base letter, time step (None where it has none), a mark ("'" for a slope,
    "_new").

    `number` is the pass (or update) that it belongs to, where there are several. `shown` and
    `counted` stand for time and number where they are displayed relative to others, as t-1 and k-1;
    `entry` is the index of an entry, where one is displayed.
    """

    base: str
    time: int | None = None
    mark: str = ""
    number: int | None = None
    shown: str | None = None
    counted: str | None = None
    entry: str = ""

    def __str__(self) -> str:
        time = "" if self.time is None else f"[{self.time}]"
        return f"{self.base}{self.mark}{time}{_numbered(self.number)}"


@dataclass(frozen=True)
class Derivative:
    """d of / d by; `direct`: only where `by` stands in the formula itself; `at`: contribution of
    one time step.

    `of` and `by` have no number of their own; `number` is the pass that the derivative belongs to.
    """

    of: Variable
    by: Variable
    direct: bool = False
    at: int | None = None
    number: int | None = None

    def __str__(self) -> str:
        at = "" if self.at is None else f"@{self.at}"
        direct = "+" if self.direct else ""
        return f"d{direct}{self.of}/d{self.by}{at}{_numbered(self.number)}"


QuantitySymbol = Variable | Derivative

KEPT_SYMBOLS = 50_000  # names: a hundred banks have as many; what is typed must not fill the memory

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_SPELLED = {letter: word for word, letter in GREEK.items()}
_PART = re.compile(r"([^\W\d_]+)")
_OF_BY = re.compile(r"(d\+?|)(.*?)/d(.*)", re.DOTALL)
_ACCENTED = re.compile(r"(.)(hat|tilde|bar|)")

# _new is a mark and no part of a letter.
BASE = r"[A-Za-z][A-Za-z0-9]*(?:_(?!new\b)[A-Za-z0-9]+)*"
# ASCII: digits of other scripts would be digits, too.
_VARIABLE = re.compile(rf"({BASE})('|_new)?(?:\[(-?\d+)\])?(?:#(\d+))?", re.ASCII)
_DERIVATIVE = re.compile(r"d(\+?)([^/]+)/d([^/@#]+)(?:@(-?\d+))?(?:#(\d+))?", re.ASCII)


def _numbered(number: int | None) -> str:
    return "" if number is None else f"#{number}"


def _int(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text)


@lru_cache(maxsize=KEPT_SYMBOLS)
def parse_symbol(name: str) -> QuantitySymbol:
    """The structure of a stable name; ValueError where it is none."""
    derivative = _DERIVATIVE.fullmatch(name)
    if derivative:
        direct, of, by, at, number = derivative.groups()
        above, below = _variable(of), _variable(by)
        return Derivative(above, below, bool(direct), _int(at), _int(number))
    return _variable(name)


def _variable(name: str) -> Variable:
    match = _VARIABLE.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} is not the name of a quantity")
    base, mark, time, number = match.groups()
    return Variable(base, _int(time), mark or "", _int(number))


def in_latin(name: str) -> str:
    """A name with its Greek letters as words: α_1 becomes alpha_1, and dL/dα becomes dL/dalpha.

    ValueError where a Greek letter stands beside another letter, for deltah would be read as one
    word.
    """
    if name.isascii():
        return name
    derivative = _OF_BY.fullmatch(name)
    if derivative is None:
        return _words(name)
    # Taken apart: the d before a letter is no part of its name.
    d, of, by = derivative.groups()
    return f"{d}{_words(of)}/d{_words(by)}"


def _words(name: str) -> str:
    return "".join(map(_word, _PART.split(name)))


def _word(part: str) -> str:
    # A combining accent is part of its letter; bold and italic letters are plain ones.
    part = unicodedata.normalize("NFKC", part)
    found = _ACCENTED.fullmatch(part)
    if part.isascii() or found is None or found[1] not in _SPELLED:
        if not part.isascii() and any(letter in _SPELLED for letter in part):
            raise ValueError(
                f"{part!r}: a Greek letter stands alone in a name, or with _ beside it, as in α"
                " or W_α"
            )
        return part
    return _SPELLED[found[1]] + found[2]


def is_base(name: str) -> bool:
    """True for a letter that equations may give to a quantity: no index, no mark, no number."""
    return re.fullmatch(BASE, name, re.ASCII) is not None


def at_one_step(symbol: QuantitySymbol) -> QuantitySymbol:
    """The symbol at step 0 and in pass 0, where it has a step and a pass: two that differ in
    nothing else are one."""
    number = _nought(symbol.number)
    if isinstance(symbol, Variable):
        return replace(symbol, time=_nought(symbol.time), number=number)
    of = replace(symbol.of, time=_nought(symbol.of.time))
    by = replace(symbol.by, time=_nought(symbol.by.time))
    return Derivative(of, by, symbol.direct, _nought(symbol.at), number)


def _nought(step: int | None) -> int | None:
    return None if step is None else 0


def base_and_step(name: str) -> tuple[str, str]:
    """A name in two: what stands before its step, and the step with its bracket and all after it
    (h and [2] of h[2]); no step is empty."""
    base, bracket, time = name.partition("[")
    return base, f"{bracket}{time}"


def without_step(name: str) -> str:
    """The name without its step: h of h[2]."""
    base, _ = base_and_step(name)
    return base


def updated(name: str) -> str:
    """The name of a parameter after the update: U_new, and h_new[0] for h[0]."""
    base, step = base_and_step(name)
    return f"{base}_new{step}"


def in_pass(name: str, number: int | None) -> str:
    """The name of the same quantity in another pass (None: the only one)."""
    bare, _, _ = name.partition("#")
    return f"{bare}{_numbered(number)}"

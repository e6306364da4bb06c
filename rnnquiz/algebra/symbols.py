"""Names of quantities: the stable text (h[2], dL[3]/dU, U_new) and the structure behind it.

| text            | meaning                                                                             |
| --------------- | ----------------------------------------------------------------------------------- |
| `h[2]`          | the variable h at time 2                                                            |
| `L`             | a variable without time                                                             |
| `h'[2]`         | slope: derivative of the outer function of h[2] with respect to its whole argument  |
| `dh[3]/dU`      | total derivative                                                                    |
| `d+h[3]/dU`     | direct part of it, earlier states held fixed                                        |
| `dL/dU@2`       | the part of the gradient that step 2 contributes (delta recursion)                  |
| `U_new`         | the parameter after the update                                                      |
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Variable:
    """A named value: base letter, time step (None where it has none), a mark ("'" for a slope, "_new").

    `shown` stands for the time where it is displayed relative to another one, as t or t-1.
    """

    base: str
    time: int | None = None
    mark: str = ""
    shown: str | None = None

    def __str__(self) -> str:
        return f"{self.base}{self.mark}" + ("" if self.time is None else f"[{self.time}]")


@dataclass(frozen=True)
class Derivative:
    """d of / d by; `direct`: only where `by` stands in the formula itself; `at`: contribution of one time step."""

    of: Variable
    by: Variable
    direct: bool = False
    at: int | None = None

    def __str__(self) -> str:
        return f"d{'+' if self.direct else ''}{self.of}/d{self.by}" + ("" if self.at is None else f"@{self.at}")


Symbol = Variable | Derivative

BASE = r"[A-Za-z][A-Za-z0-9]*(?:_(?!new\b)[A-Za-z0-9]+)*"
_VARIABLE = re.compile(rf"({BASE})('|_new)?(?:\[(-?\d+)\])?", re.ASCII)
_DERIVATIVE = re.compile(r"d(\+?)([^/]+)/d([^/@]+)(?:@(\d+))?", re.ASCII)


@cache
def parse_symbol(name: str) -> Symbol:
    """The structure of a stable name; ValueError where it is none."""
    derivative = _DERIVATIVE.fullmatch(name)
    if derivative:
        direct, of, by, at = derivative.groups()
        return Derivative(_variable(of), _variable(by), bool(direct), int(at) if at else None)
    return _variable(name)


def _variable(name: str) -> Variable:
    match = _VARIABLE.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} is not the name of a quantity")
    base, mark, time = match.groups()
    return Variable(base, None if time is None else int(time), mark or "")

"""Second names of a number: L where there is one loss L[3], dL/dV where one step contributes.

People fill in the name that they think of. Where two names stand for one number by definition,
either is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rnnquiz.algebra.expression import Ref
from rnnquiz.algebra.symbols import Derivative, QuantitySymbol, Variable, in_pass, parse_symbol
from rnnquiz.derivation.graph import LOSS, Graph


def second_names(full: Graph) -> dict[str, str]:
    """Names that stand for a quantity of the whole problem beside its own; some are quantities
    (copies) themselves."""
    names: dict[str, str] = {}
    for q in full.computed:
        formula = q.formula
        # A copy under another letter, such as an output that is the state, is a number of its own.
        if isinstance(formula, Ref) and _bare(q.name) == _bare(formula.name):
            names[q.name] = formula.name
    return {**_by_the_one_loss(full, names), **names}


def _bare(name: str) -> QuantitySymbol:
    """A name without the step of a loss, or of a contribution to a gradient."""
    symbol = parse_symbol(name)
    if isinstance(symbol, Derivative) and symbol.of.base == LOSS:
        return replace(symbol, of=replace(symbol.of, time=None), at=None)
    if isinstance(symbol, Variable) and symbol.base == LOSS:
        return replace(symbol, time=None)
    return symbol


def _by_the_one_loss(full: Graph, names: Mapping[str, str]) -> dict[str, str]:
    """dL[3]/dh[2] for dL/dh[2], and the other way round, where the loss is that of one step."""
    found = {}
    for q in full.computed:
        symbol = q.symbol
        whole = in_pass(LOSS, symbol.number)
        # The sum L is a copy only where it has one term.
        if not isinstance(symbol, Derivative) or symbol.of.base != LOSS or whole not in names:
            continue
        one = parse_symbol(names[whole])
        assert isinstance(one, Variable)
        time = one.time if symbol.of.time is None else None
        loss = replace(symbol.of, time=time)
        other = str(replace(symbol, of=loss))
        if other not in full.quantities:
            found[other] = names.get(q.name, q.name)
    return found

"""Where a mistake can be made: the kinds of quantities that `where` of a rule names."""

from __future__ import annotations

from collections.abc import Iterator

from rnnquiz.algebra.expression import Ref, applies, walk
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.symbols import Derivative, Variable, in_pass
from rnnquiz.derivation.graph import LOSS, Graph, Quantity
from rnnquiz.derivation.roles import COMPUTED, Role

PLACES = (*COMPUTED, "slope", "direct", "hop", "error", "total-loss", "log-loss")


def places(q: Quantity, graph: Graph) -> set[str]:
    """The kinds of quantities that q is."""
    if isinstance(q.symbol, Variable):
        return {q.role, *_of_variable(q, q.symbol)}
    return {q.role, *_of_derivative(q, q.symbol, graph)}


def _of_variable(q: Quantity, symbol: Variable) -> Iterator[str]:
    if symbol.mark == "'":
        yield "slope"
    if symbol.base == LOSS and symbol.time is None:
        yield "total-loss"
    if q.role == Role.LOSS and _has_logarithm(q):
        yield "log-loss"


def _has_logarithm(q: Quantity) -> bool:
    if q.formula is None:
        return False
    logarithms = (applies(node, "log") for node in walk(q.formula))
    return any(logarithms)


def _of_derivative(q: Quantity, symbol: Derivative, graph: Graph) -> Iterator[str]:
    if symbol.direct:
        yield "direct"
    of = graph.quantities.get(in_pass(str(symbol.of), symbol.number))
    by = graph.quantities.get(in_pass(str(symbol.by), symbol.number))
    if q.role != Role.LOCAL or by is None or by.role != Role.FORWARD:
        return
    if of is None:
        if str(symbol.of) == LOSS:  # a single loss L[2] has no sum L
            yield "error"
    elif of.role == Role.LOSS:
        yield "error"
    elif of.role == Role.FORWARD:
        yield "hop"
        if _is_function_of(of, by):
            yield "slope"


def _is_function_of(of: Quantity, by: Quantity) -> bool:
    """True where `of` is a curved function of `by` and of nothing else."""
    # A state that is a function of a written-out sum has factors beside its slope.
    if not applies(of.formula, *FUNCTIONS):
        return False
    return of.formula.args == (Ref(by.name),)


def is_gate(q: Quantity) -> bool:
    """A quantity of the forward pass that lies between 0 and 1 and multiplies others."""
    return q.role == Role.FORWARD and applies(q.formula, "sigmoid")

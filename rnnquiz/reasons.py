"""Why a line of the backward pass is as it is: the formula that it comes from, and the rules of
calculus on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rnnquiz.algebra.expression import Apply, Expression, Ref, refs
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.operations import OPERATIONS
from rnnquiz.algebra.symbols import Derivative, Variable, in_pass
from rnnquiz.bank.specification import Bank
from rnnquiz.derivation.graph import Graph, Quantity


@dataclass(frozen=True)
class Reason:
    """Names of the quantities whose formulas a line comes from, and the rules used, in words."""

    sources: tuple[str, ...]
    words: str


def reason_of(bank: Bank, q: Quantity) -> Reason | None:
    """The reason of a line; None where the formula is given: in the forward pass and in the
    update."""
    symbol = q.symbol
    if q.role in ("given", "forward", "loss", "update", "finding"):
        return None
    if isinstance(symbol, Variable):
        source = bank.full[
            in_pass(
                f"{symbol.base}" + (f"[{symbol.time}]" if symbol.time is not None else ""),
                symbol.number,
            )
        ]
        assert isinstance(source.formula, Apply)
        return Reason(
            (source.name,),
            f"The derivative of the outer function: {_function_rule(source.formula.op)}.",
        )
    return _of_derivative(bank, q, symbol)


def _of_derivative(bank: Bank, q: Quantity, symbol: Derivative) -> Reason:
    graph, show = bank.full, bank.notation.text
    of, by = in_pass(str(symbol.of), symbol.number), _by(graph, symbol)
    shown = show(by)
    if q.role == "sum":
        return Reason((), f"{shown} is the same in every step: its contributions add up.")
    if by in graph.parents.get(of, ()) and (q.role == "local" or symbol.direct):
        held = (
            "; earlier values are held fixed, as only the direct part is meant"
            if symbol.direct
            else ""
        )
        return Reason((of,), _path(graph, of, by) + held + ".")
    if bank.written.style == "total":
        ways = [
            p
            for p in graph.parents[of]
            if graph[p].formula is not None and by in graph.ancestors[p]
        ]
        through = " and ".join(map(show, ways))
        if by in graph.parents[of]:
            both = (
                f"{shown} stands in the formula of {show(of)} itself, and reaches it through"
                f" {through}"
            )
            return Reason((of,), f"{both}: the direct part plus the chain rule for each other way.")
        return Reason(
            (of,), f"The chain rule along the way from {shown} to {show(of)}, through {through}."
        )
    users = [
        c.name
        for c in graph.computed
        if c.role in ("forward", "loss")
        and by in graph.parents[c.name]
        and (c.name, by) not in graph.cuts
        and (symbol.at is None or c.time == symbol.at)
        and c.symbol.number == symbol.number
    ]
    if not users:
        return Reason((), "The chain rule.")
    parts = [f"back through {show(c)}: {_path(graph, c, by)}" for c in users]
    joined = (
        f"; what comes back through {' and '.join(map(show, users))} adds up"
        if len(users) > 1
        else ""
    )
    return Reason(
        tuple(users),
        f"{shown} is used in {', '.join(map(show, users))}. Going {'; '.join(parts)}{joined}.",
    )


def _by(graph: Graph, symbol: Derivative) -> str:
    """The name that the derivative is taken by: in a later pass a parameter has the name of its
    updated value."""
    name = str(symbol.by)
    for one in graph.passes:
        if one.number == symbol.number and name in one.parameters:
            return one.parameters[name]
    return in_pass(name, symbol.number)


def _path(graph: Graph, of: str, by: str) -> str:
    """The rules met on the way from the outside of a formula to a name in it, each once, in
    order."""
    formula = graph[of].formula
    assert formula is not None
    rules = list(dict.fromkeys(_rules(formula, by)))
    return ", ".join(rules) if rules else "the derivative of a quantity by itself is 1"


def _rules(tree: Expression, by: str) -> Iterator[str]:
    if not isinstance(tree, Apply):
        return
    reached = [arg for arg in tree.args if by in refs(arg)]
    if not reached:
        return
    if tree.op in FUNCTIONS:
        yield f"chain rule ({_function_rule(tree.op)})"
    elif tree.op in ("mul", "hadamard") and len(reached) > 1:
        yield "product rule"
    elif rule := OPERATIONS[tree.op].rule:
        yield rule
    for arg in reached:
        if arg != Ref(by):
            yield from _rules(arg, by)


def _function_rule(name: str) -> str:
    row = FUNCTIONS[name]
    shown = row.by_argument.replace("**", "^")
    value = (
        f", or {row.by_output.replace('**', '^')} with v = {name}(u)"
        if row.by_output and row.by_output != row.by_argument
        else ""
    )
    return f"the derivative of {name}(u) is {shown}{value}"

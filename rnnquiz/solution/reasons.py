"""Why a line of the backward pass is as it is: the formula that it comes from, and the rules of
calculus on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial, reduce

from rnnquiz.algebra.expression import ONE, Apply, Expression, Ref, refs
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.named import Named, named_formula, named_quantity
from rnnquiz.algebra.operations import OPERATIONS
from rnnquiz.algebra.parser import parse_expression
from rnnquiz.algebra.symbols import Derivative, Variable, in_pass
from rnnquiz.bank.specification import Bank
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.roles import Role
from rnnquiz.languages.sentences import Message, said, strung

Show = Callable[[str], Named]
"""A name as students read it."""


@dataclass(frozen=True)
class Reason:
    """Names of the quantities whose formulas a line comes from, and the rules used, in words."""

    sources: tuple[str, ...]
    words: Message


def reason_of(bank: Bank, q: Quantity) -> Reason | None:
    """The reason of a line; None where the formula is given: in the forward pass and in the
    update."""
    symbol = q.symbol
    if q.role in (Role.GIVEN, Role.FORWARD, Role.LOSS, Role.UPDATE, Role.FINDING):
        return None
    if isinstance(symbol, Variable):
        return _of_slope(bank, symbol)
    return _of_derivative(bank, q, symbol)


def _of_slope(bank: Bank, symbol: Variable) -> Reason:
    """The reason of h'[2]: the activation that h[2] is."""
    # A slope has the name of what it is the slope of, and a mark.
    unmarked = Variable(symbol.base, symbol.time, "", symbol.number)
    source = bank.full[str(unmarked)]
    assert isinstance(source.formula, Apply)
    rule = _function_rule(source.formula.op)
    return Reason((source.name,), said("The derivative of the outer function: {rule}.", rule=rule))


def _of_derivative(bank: Bank, q: Quantity, symbol: Derivative) -> Reason:
    graph, show = bank.full, partial(named_quantity, notation=bank.notation)
    of, by = in_pass(str(symbol.of), symbol.number), _by(graph, symbol)
    if q.role == Role.SUM:
        name = show(by)
        return Reason((), _of_sum(graph, name, q))
    if by in graph.parents.get(of, ()) and (q.role == Role.LOCAL or symbol.direct):
        return Reason((of,), _of_direct(_path(graph, of, by), symbol.direct))
    if bank.written.style == "total":
        return _of_total(graph, of, by, show)
    return _of_delta(graph, symbol, by, show)


def _of_sum(graph: Graph, name: Named, q: Quantity) -> Message:
    """The reason of a sum over the steps, or over those that have a share in it."""
    if len(graph.parents[q.name]) > 1:
        return said("{name} is the same in every step: its contributions add up.", name=name)
    return said("{name} is read in one place only: this is its whole gradient.", name=name)


def _of_direct(rules: Message, only: bool) -> Message:
    """The reason of a derivative whose name stands in the formula; `only`: of its direct part."""
    if only:
        return said(
            "{rules}; earlier values are held fixed, as only the direct part is meant.",
            rules=rules,
        )
    return said("{rules}.", rules=rules)


def _of_total(graph: Graph, of: str, by: str, show: Show) -> Reason:
    """The reason of a total derivative: every way from one to the other."""
    between = map(show, _between(graph, of, by))
    through = _all_of(list(between))
    names = {"by": show(by), "of": show(of), "through": through}
    if by in graph.parents[of]:
        words = said(
            "{by} stands in the formula of {of} itself, and reaches it through {through}: the"
            " direct part plus the chain rule for each other way.",
            **names,
        )
        return Reason((of,), words)
    words = said("The chain rule along the way from {by} to {of}, through {through}.", **names)
    return Reason((of,), words)


def _between(graph: Graph, of: str, by: str) -> Iterator[str]:
    """What stands in the formula of one quantity and depends on the other."""
    for name in graph.parents[of]:
        if graph[name].formula is not None and by in graph.ancestors[name]:
            yield name


def _of_delta(graph: Graph, symbol: Derivative, by: str, show: Show) -> Reason:
    """The reason of a gradient that runs backwards: back through each quantity that reads the
    other."""
    users = []
    for q in graph.computed:
        if _uses(graph, q, by, symbol):
            users.append(q.name)
    if not users:
        return Reason((), said("The chain rule."))
    names = [show(user) for user in users]
    ways = [
        said("back through {user}: {rules}", user=name, rules=_path(graph, user, by))
        for user, name in zip(users, names, strict=True)
    ]
    facts = {"by": show(by), "users": strung(", ", names), "ways": strung("; ", ways)}
    if len(users) > 1:
        words = said(
            "{by} is used in {users}. Going {ways}; what comes back through {all} adds up.",
            **facts,
            all=_all_of(names),
        )
        return Reason(tuple(users), words)
    return Reason(tuple(users), said("{by} is used in {users}. Going {ways}.", **facts))


def _all_of(names: Sequence[str]) -> str:
    """Names with `and` between them."""
    if not names:
        return ""
    # One in the other, so that a catalogue has one sentence for any number of names.
    return reduce(_and, names)


def _and(first: str, last: str) -> str:
    return said("{first} and {last}", first=first, last=last)


def _uses(graph: Graph, q: Quantity, by: str, symbol: Derivative) -> bool:
    """True for what reads a name, and where the gradient goes back through it (in its own step and
    pass)."""
    # Derivatives read names as well, and no gradient goes back through them.
    if not q.role.runs_forward or by not in graph.parents[q.name]:
        return False
    here = q.symbol.number == symbol.number and symbol.at in (None, q.time)
    # Where backpropagation is truncated, nothing comes back through a cut.
    return here and (q.name, by) not in graph.cuts


def _by(graph: Graph, symbol: Derivative) -> str:
    """The name that the derivative is taken by: in a later pass a parameter has the name of its
    updated value."""
    name = str(symbol.by)
    for one in graph.passes:
        if one.number == symbol.number and name in one.parameters:
            return one.parameters[name]
    return in_pass(name, symbol.number)


def _path(graph: Graph, of: str, by: str) -> Message:
    """The rules met on the way from the outside of a formula to a name in it, each once, in
    order."""
    formula = graph[of].formula
    assert formula is not None
    rules = list(dict.fromkeys(_rules(formula, by)))
    one = said("the derivative of a quantity by itself is {one}", one=named_formula(ONE))
    return strung(", ", rules or [one])


def _rules(tree: Expression, by: str) -> Iterator[Message]:
    if not isinstance(tree, Apply):
        return
    reached = []
    for arg in tree.args:
        if by in refs(arg):
            reached.append(arg)
    if not reached:
        return
    if tree.op in FUNCTIONS:
        yield said("chain rule ({rule})", rule=_function_rule(tree.op))
    # With the name in one factor only, the other is a constant.
    elif tree.op in ("mul", "hadamard") and len(reached) > 1:
        yield said("product rule")
    elif rule := OPERATIONS[tree.op].rule:
        yield rule
    # At the name itself the way ends.
    for arg in reached:
        if arg != Ref(by):
            yield from _rules(arg, by)


@cache
def _function_rule(name: str) -> Message:
    row = FUNCTIONS[name]
    function = _shown(f"{name}(u)")
    facts = {"function": function, "derivative": _shown(row.by_argument)}
    # The slope of log has no form by the output; that of some others has the same in both.
    if row.by_output in ("", row.by_argument):
        return said("the derivative of {function} is {derivative}", **facts)
    return said(
        "the derivative of {function} is {derivative}, or {by_output} with {output} = {function}",
        **facts,
        by_output=_shown(row.by_output),
        output=_shown("v"),
    )


def _shown(form: str) -> Named:
    """A form of the table of functions, as it is typed there."""
    return named_formula(parse_expression(form), text=form.replace("**", "^"))

"""The same quantities by other means: high-precision central differences (mpmath) over the forward
equations alone.

Nothing of the backward derivation is used: a derivative is a difference quotient of the forward
pass, with one quantity, one use of a parameter, or one argument moved.
"""

from __future__ import annotations

import itertools

import mpmath as mp
import numpy as np

from rnnquiz.algebra.expression import Apply, Number, Ref
from rnnquiz.algebra.symbols import Variable, parse_symbol
from rnnquiz.derivation.graph import Graph

mp.mp.dps = 50
STEP = mp.mpf(10) ** -16


def value(tree, env):
    """The tree over mpmath numbers in numpy object arrays; an evaluator of its own, without the
    operation table."""
    if isinstance(tree, Ref):
        return env[tree.name]
    if isinstance(tree, Number):
        return mp.mpf(tree.value.numerator) / tree.value.denominator
    assert isinstance(tree, Apply)
    args = [value(arg, env) for arg in tree.args]
    return _RULES[tree.op](*args)


def _each(function):
    return lambda v: (
        np.vectorize(function, otypes=[object])(v) if isinstance(v, np.ndarray) else function(v)
    )


def _plus(*terms):
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _times(*factors):
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product


def _softmax(scores):
    powers = _each(mp.exp)(scores)
    return powers / powers.sum()


_RULES = {
    "add": _plus,
    "neg": lambda a: -a,
    "mul": _times,
    "hadamard": _times,
    "scale1": _times,
    "scale2": _times,
    "div": lambda a, b: a / b,
    "over": lambda a, b: a / b,
    "pow": lambda a, b: _each(lambda x: x ** int(b))(a),
    "dot": lambda a, b: a.dot(b),
    "matvec": lambda a, b: a.dot(b),
    "vecmat": lambda a, b: a.dot(b),
    "matmat": lambda a, b: a.dot(b),
    "transpose": lambda a: a.T,
    "concat": lambda a, b: np.concatenate([a, b]),
    "lift": lambda a: np.array([a], dtype=object),
    "part": lambda v, first, last: v[int(first) - 1 : int(last)],
    "entry": lambda v, place: v[int(place) - 1],
    "softmax": _softmax,
    "spread1": lambda g, like: g * (like * 0 + 1),
    "spread2": lambda g, like: g * (like * 0 + 1),
    "outer": np.multiply.outer,
    "sum": lambda a: a.sum(),
    "total": lambda a: a.sum(),
    "tanh": _each(mp.tanh),
    "sech2": _each(lambda x: mp.sech(x) ** 2),
    "sigmoid": _each(lambda x: 1 / (1 + mp.exp(-x))),
    "exp": _each(mp.exp),
    "log": _each(mp.log),
    "sqrt": _each(mp.sqrt),
    "sin": _each(mp.sin),
    "cos": _each(mp.cos),
    "tan": _each(mp.tan),
    "relu": _each(lambda x: max(x, mp.mpf(0))),
    "step": _each(lambda x: mp.mpf(1 if x > 0 else 0)),
}


def lifted(givens):
    """Givens of one variant as mpmath numbers."""
    return {
        k: mp.mpf(v) if np.ndim(v) == 0 else np.vectorize(mp.mpf, otypes=[object])(v)
        for k, v in givens.items()
    }


def forward(graph: Graph, givens, moved=None, at_step=None, held=None):
    """Forward pass and loss; `moved` adds (entry, shift) to a quantity once it is known, only in
    formulas of `at_step`.

    `held` are the values of an unmoved pass, which are read where no gradient goes.
    """
    env = dict(givens)
    if moved and moved[0] in env and at_step is None:
        env[moved[0]] = _moved(env[moved[0]], *moved[1:])
    for q in graph.computed:
        if q.role not in ("forward", "loss"):
            continue
        local = env
        if moved and at_step is not None and q.time == at_step:
            local = {**env, moved[0]: _moved(env[moved[0]], *moved[1:])}
        if held is not None:
            local = {
                **local,
                **{parent: held[parent] for child, parent in graph.cuts if child == q.name},
            }
        env[q.name] = value(q.formula, local)
        if moved and q.name == moved[0]:
            env[q.name] = _moved(env[q.name], *moved[1:])
    return env


def _moved(old, entry, shift):
    if not isinstance(old, np.ndarray):
        return old + shift
    new = old.copy()
    new[entry] = new[entry] + shift
    return new


def gradient(graph, givens, of, by, at_step=None):
    """Total derivative of the scalar `of` by every entry of `by`, by central differences of the
    whole forward pass."""
    shape = graph.shapes[by]
    held = forward(graph, givens) if graph.cuts else None

    def quotient(entry):
        up = forward(graph, givens, (by, entry, STEP), at_step, held)[of]
        down = forward(graph, givens, (by, entry, -STEP), at_step, held)[of]
        return (up - down) / (2 * STEP)

    if shape == ():
        return quotient(())
    found = np.empty(shape, dtype=object)
    for entry in itertools.product(*map(range, shape)):
        found[entry] = quotient(entry)
    return found


def partial(graph, env, of, by):
    """Derivative of the formula of the scalar `of` by `by`, everything else in it held fixed."""
    tree = graph[of].formula

    def at(entry, shift):
        return value(tree, {**env, by: _moved(env[by], entry, shift)})

    shape = graph.shapes[by]
    if shape == ():
        return (at((), STEP) - at((), -STEP)) / (2 * STEP)
    found = np.empty(shape, dtype=object)
    for entry in itertools.product(*map(range, shape)):
        found[entry] = (at(entry, STEP) - at(entry, -STEP)) / (2 * STEP)
    return found


def expected(graph: Graph, givens, name: str, update):
    """The value of any named quantity by difference quotients; `update(p, g)` is the training
    step."""
    env = forward(graph, givens)
    symbol = parse_symbol(name)
    if isinstance(symbol, Variable):
        if symbol.mark == "'":
            outer = graph[str(Variable(symbol.base, symbol.time))].formula
            inside = value(outer.args[0], env)
            slope = _each(
                lambda u: (_RULES[outer.op](u + STEP) - _RULES[outer.op](u - STEP)) / (2 * STEP)
            )
            return slope(inside)
        if symbol.mark == "_new":
            return update(givens[symbol.base], gradient(graph, givens, "L", symbol.base))
        return env[name]
    of, by = str(symbol.of), str(symbol.by)
    if symbol.at is not None:
        return gradient(graph, givens, of, by, symbol.at)
    if symbol.direct or (
        graph[name].role == "local" and graph[of].formula is not None and by in graph.parents[of]
    ):
        return partial(graph, env, of, by)
    return gradient(graph, givens, of, by)

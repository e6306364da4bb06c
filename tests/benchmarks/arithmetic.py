"""Formulas worked out once more, apart from the package: values, and how much of it is work for
a person.

Only the trees of a bank's graph are read (`quantity.formula`); nothing here uses the package's own
operations or rounding. Arrays have the students first, then the axes of the quantity.

Where work begins: an operation is free (nothing was computed by whoever wrote its result) if it is

- a product with 0, 1 or a power of ten (a shift of the decimal point), or of two numbers of one
  digit whose product has one digit, too (0.5 * 0.4);
- a sum with nothing (0, or less than half a unit of what is written, or lost beside a huge number),
  or one that leaves one digit (a target copied with one digit changed, minus the target);
- the square, the root or the quotient of numbers of one digit or powers of ten, likewise;
- a function where it is flat or straight to the digits asked: tanh and sigmoid far out, tanh next
to
  zero, powers of 0, logarithm of 1, softmax of equal numbers; comparisons (ReLU, step, clip,
  minimum) always.

Everything else, such as 0.35 * 0.4, 0.8 * 0.3, 0.3721 - 0.2 or 0.2 + 0.008, counts as an operation
that somebody had to do: it is what a right box takes, too, where the givens have one or two digits.
What people do in their heads can be made free as well, see MENTAL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import Apply, Expression, Number, Ref
from rnnquiz.decimals import Rounding
from rnnquiz.derivation.graph import Graph, Quantity

MENTAL = [0]
"""1: the multiplication table and sums of two numbers of one digit are free as well; 2: any product
and sum with a number of one digit."""
Array = NDArray[np.float64]
Unit = Callable[[Array], Array]


@dataclass(frozen=True)
class Done:
    """Numbers, and how many operations somebody did for each of them that are not free."""

    value: Array
    work: Array

    def over(self, change: Callable[[Array], Array]) -> Done:
        return Done(change(self.value), change(self.work))


def known(value: Array) -> Done:
    return Done(value, np.zeros(np.shape(value)))


def unit_of(rounding: Rounding, values: Array) -> Array:
    """One unit in the last place asked at each value."""
    if rounding.kind == "decimals":
        return np.full(np.shape(values), 10.0**-rounding.digits)
    with np.errstate(all="ignore"):
        size = np.floor(np.log10(np.abs(values)) + 1e-12)
    size = np.where(np.isfinite(size), size, 0.0)
    return np.asarray(10.0 ** (size - rounding.digits + 1))


def rounded(rounding: Rounding, values: Array) -> Array:
    """Half away from zero; a decimal tie blurred by binary arithmetic counts as one."""
    unit = unit_of(rounding, values)
    with np.errstate(all="ignore"):
        units = np.floor(np.abs(values) / unit + 0.5 + 1e-9)
        small = np.copysign(units / np.round(1 / unit), values)
        return np.where(unit < 1, small, np.copysign(units * unit, values)) + 0.0


def one_digit(values: Array) -> NDArray[np.bool_]:
    """Zero, or one digit and a power of ten."""
    with np.errstate(all="ignore"):
        lead = np.abs(values) / 10.0 ** np.floor(np.log10(np.abs(values)) + 1e-9)
        return np.asarray((values == 0) | (np.abs(lead - np.rint(lead)) < 1e-7))


def power_of_ten(values: Array) -> NDArray[np.bool_]:
    """Zero, or one, or a shift of the decimal point."""
    with np.errstate(all="ignore"):
        lead = np.abs(values) / 10.0 ** np.floor(np.log10(np.abs(values)) + 1e-9)
        return np.asarray((values == 0) | (np.abs(lead - 1) < 1e-7))


def _easy(a: Array, b: Array) -> NDArray[np.bool_]:
    """Numbers that are put together in the head, as far as that is free."""
    both, one = one_digit(a) & one_digit(b), one_digit(a) | one_digit(b)
    return np.asarray(one if MENTAL[0] == 2 else both & (MENTAL[0] == 1))


def _plus(a: Done, b: Done, unit: Unit) -> Done:
    value = a.value + b.value
    least, most = (
        np.minimum(np.abs(a.value), np.abs(b.value)),
        np.maximum(np.abs(a.value), np.abs(b.value)),
    )
    digits = _easy(a.value, b.value)
    free = (least < unit(value) / 2) | (least < 1e-10 * most) | digits | one_digit(value)
    return Done(value, a.work + b.work + ~free)


def _times(a: Done, b: Done, unit: Unit) -> Done:
    value = a.value * b.value
    nothing = (a.value == 0) | (b.value == 0)
    short = one_digit(a.value) & one_digit(b.value) & one_digit(value)
    free = power_of_ten(a.value) | power_of_ten(b.value) | _easy(a.value, b.value) | short
    if not _relative(unit):
        free = free | (np.abs(value) < unit(value) / 2)
    work = np.where(
        nothing,
        np.minimum(np.where(a.value == 0, a.work, np.inf), np.where(b.value == 0, b.work, np.inf)),
        a.work + b.work,
    )
    return Done(value, work + ~(free | nothing))


def _relative(unit: Unit) -> bool:
    return bool(unit(np.array(1.0)) != unit(np.array(100.0)))


def _power(a: Done, exponent: float, unit: Unit) -> Done:
    if exponent == 2:
        return _times(a, a, unit)
    value = np.power(a.value, exponent)
    return Done(value, a.work + ~(power_of_ten(a.value) | (one_digit(a.value) & one_digit(value))))


def _over(a: Done, b: Done, unit: Unit) -> Done:
    value = a.value / b.value
    free = (
        (a.value == 0)
        | power_of_ten(b.value)
        | (one_digit(a.value) & one_digit(b.value) & one_digit(value))
    )
    return Done(value, a.work + b.work + ~free)


def _function(
    value: Callable[[Array], Array], flat: Callable[[Array, Array, Array], NDArray[np.bool_]]
) -> Callable[[Done, Unit], Done]:
    def apply(a: Done, unit: Unit) -> Done:
        result = value(a.value)
        return Done(result, a.work + ~flat(a.value, result, unit(result)))

    return apply


def _sigmoid(u: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(u, -700, 700))))


def _sech2(u: Array) -> Array:
    return np.asarray(1 / np.cosh(np.clip(u, -300, 300)) ** 2)


FUNCTIONS: dict[str, Callable[[Done, Unit], Done]] = {
    "tanh": _function(
        np.tanh, lambda u, v, unit: (np.abs(v - u) < unit / 2) | (1 - np.abs(v) < unit / 2)
    ),
    "sech2": _function(
        _sech2, lambda u, v, unit: (np.abs(1 - v) < unit / 2) | (v < np.minimum(unit / 2, 1e-4))
    ),
    "sigmoid": _function(
        _sigmoid,
        lambda u, v, unit: (u == 0) | (v < np.minimum(unit / 2, 1e-4)) | (1 - v < unit / 2),
    ),
    "relu": _function(
        lambda u: np.maximum(u, 0.0), lambda u, v, unit: np.ones(u.shape, dtype=bool)
    ),
    "step": _function(
        lambda u: np.where(u > 0, 1.0, 0.0), lambda u, v, unit: np.ones(u.shape, dtype=bool)
    ),
    "exp": _function(
        lambda u: np.exp(np.minimum(u, 700)), lambda u, v, unit: (u == 0) | (np.abs(u) < unit / 2)
    ),
    "log": _function(np.log, lambda u, v, unit: np.abs(v) < unit / 2),
    "sqrt": _function(np.sqrt, lambda u, v, unit: one_digit(u) & one_digit(v)),
    "tan": _function(np.tan, lambda u, v, unit: np.abs(v - u) < unit / 2),
    "sin": _function(np.sin, lambda u, v, unit: np.abs(v - u) < unit / 2),
    "cos": _function(np.cos, lambda u, v, unit: np.abs(1 - v) < unit / 2),
}


def _softmax(a: Done, unit: Unit) -> Done:
    powers = np.exp(a.value - a.value.max(-1, keepdims=True))
    value = powers / powers.sum(-1, keepdims=True)
    equal = np.ptp(a.value, axis=-1, keepdims=True) == 0
    clear = (np.minimum(value, 1 - value) < 1e-5).all(-1, keepdims=True)
    return Done(
        value, np.broadcast_to(a.work.sum(-1, keepdims=True) + ~(equal | clear), value.shape)
    )


def _axis(at: int) -> Callable[[Array], Array]:
    return lambda values: np.expand_dims(values, at)


def _summed(a: Done, unit: Unit, axes: int = 1) -> Done:
    for _ in range(axes):
        parts = [a.over(lambda v, k=k: v[..., k]) for k in range(a.value.shape[-1])]  # type: ignore[misc]
        a = reduce(lambda x, y: _plus(x, y, unit), parts)
    return a


def _contract(a: Done, b: Done, unit: Unit) -> Done:
    return _summed(_times(a, b, unit), unit)


def _swap(a: Done) -> Done:
    return a.over(lambda v: np.swapaxes(v, -1, -2))


def _like(axes: tuple[int, ...]) -> Callable[..., Done]:
    def apply(g: Done, like: Done, unit: Unit) -> Done:
        return g.over(lambda v: np.expand_dims(v, axes) * np.ones_like(like.value))

    return apply


def _clip(a: Done, limit: Done, unit: Unit) -> Done:
    wide = limit.value.reshape(limit.value.shape + (1,) * (a.value.ndim - limit.value.ndim))
    return Done(np.clip(a.value, -wide, wide), a.work)


def _minimum(a: Done, b: Done, unit: Unit) -> Done:
    return Done(np.minimum(a.value, b.value), a.work + b.work)


def _maximum(a: Done, b: Done, unit: Unit) -> Done:
    return Done(np.maximum(a.value, b.value), a.work + b.work)


def _concat(a: Done, b: Done, unit: Unit) -> Done:
    def joined(*parts: Array) -> Array:
        lead = np.broadcast_shapes(*(p.shape[:-1] for p in parts))
        return np.concatenate([np.broadcast_to(p, (*lead, p.shape[-1])) for p in parts], axis=-1)

    return Done(joined(a.value, b.value), joined(a.work, b.work))


def _part(a: Done, first: Done, last: Done, unit: Unit) -> Done:
    return a.over(lambda v: v[..., int(first.value) - 1 : int(last.value)])


def _select(which: Done, *rest: Any) -> Done:
    *values, _unit = rest
    index = (which.value - 1).astype(int)[..., None]

    def taken(parts: list[Array]) -> Array:
        return np.asarray(
            np.take_along_axis(np.stack(np.broadcast_arrays(*parts), axis=-1), index, axis=-1)[
                ..., 0
            ]
        )

    return Done(taken([v.value for v in values]), taken([v.work for v in values]))


OPERATIONS: dict[str, Callable[..., Done]] = {
    "neg": lambda a, unit: Done(-a.value, a.work),
    "div": _over,
    "over": _over,
    "hadamard": _times,
    "scale1": lambda s, v, unit: _times(s.over(_axis(-1)), v, unit),
    "scale2": lambda s, v, unit: _times(s.over(_axis(-1)).over(_axis(-1)), v, unit),
    "dot": _contract,
    "matvec": lambda m, v, unit: _contract(m, v.over(_axis(-2)), unit),
    "vecmat": lambda v, m, unit: _contract(_swap(m), v.over(_axis(-2)), unit),
    "matmat": lambda m, n, unit: _contract(m.over(_axis(-2)), _swap(n).over(_axis(-3)), unit),
    "outer": lambda a, b, unit: _times(a.over(_axis(-1)), b.over(_axis(-2)), unit),
    "diagonal": lambda m, v, unit: _times(
        m.over(lambda x: np.diagonal(x, axis1=-2, axis2=-1)), v, unit
    ),
    "transpose": lambda m, unit: _swap(m),
    "sum": lambda v, unit: _summed(v, unit),
    "total": lambda m, unit: _summed(m, unit, 2),
    "spread1": _like((-1,)),
    "spread2": _like((-2, -1)),
    "like1": _like((-1,)),
    "like2": _like((-2, -1)),
    "softmax": _softmax,
    "clip": _clip,
    "minimum": _minimum,
    "maximum": _maximum,
    "concat": _concat,
    "part": _part,
    "entry": lambda a, place, unit: a.over(lambda v: v[..., int(place.value) - 1]),
    "lift": lambda a, unit: a.over(_axis(-1)),
    "select": _select,
    **FUNCTIONS,
}


def compute(tree: Expression, values: Mapping[str, Done], unit: Unit) -> Done:
    """The tree over numbers, with the work in it."""
    if isinstance(tree, Ref):
        return values[tree.name]
    if isinstance(tree, Number):
        return known(np.asarray(float(tree.value)))
    assert isinstance(tree, Apply), tree
    if tree.op == "pow":
        assert isinstance(tree.args[1], Number)
        return _power(compute(tree.args[0], values, unit), float(tree.args[1].value), unit)
    args = [compute(arg, values, unit) for arg in tree.args]
    if tree.op in ("add", "mul"):
        return reduce(lambda a, b: (_plus if tree.op == "add" else _times)(a, b, unit), args)
    return OPERATIONS[tree.op](*args, unit)


def of_quantity(
    q: Quantity, values: Mapping[str, Done], unit: Unit, count: int, form: int = 0
) -> Done:
    """A quantity by its formula (form 0) or one of its other forms, (count, *shape)."""
    tree = (q.formula, *q.alternatives)[form]
    assert tree is not None
    with np.errstate(all="ignore"):
        done = compute(tree, values, unit)
    return done.over(lambda v: np.broadcast_to(v, (count, *q.shape)).astype(float))


def chain(
    graph: Graph, givens: Mapping[str, Array], rounding: Rounding, round_each: bool = False
) -> dict[str, Array]:
    """All quantities from the givens: exactly, or each one rounded and gone on with."""
    count = len(next(iter(givens.values())))
    values = {name: known(value) for name, value in givens.items()}

    def unit(v: Array) -> Array:
        return unit_of(rounding, v)

    for q in graph.computed:
        done = of_quantity(q, values, unit, count)
        values[q.name] = known(rounded(rounding, done.value)) if round_each else known(done.value)
    return {name: done.value for name, done in values.items()}


def honest_range(
    graph: Graph, givens: Mapping[str, Array], rounding: Rounding, chains: int = 300, seed: int = 0
) -> dict[str, tuple[Array, Array]]:
    """Lowest and highest number that many honest students of one variant write, each rounding
    any of the steps, up or down at half, by any usual form; half a unit more, and as far again,
    as the furthest of so few are not the furthest of all."""
    generator = np.random.default_rng(seed)
    values = {name: known(np.repeat(value[:1], chains, axis=0)) for name, value in givens.items()}

    def unit(v: Array) -> Array:
        return unit_of(rounding, v)

    found: dict[str, tuple[Array, Array]] = {}
    for q in graph.computed:
        forms = [
            of_quantity(q, values, unit, chains, k).value for k in range(1 + len(q.alternatives))
        ]
        value = np.choose(
            generator.integers(len(forms), size=(chains, *(1,) * len(q.shape))), forms
        )
        keep = generator.random(value.shape) < generator.random((chains, *(1,) * len(q.shape)))
        values[q.name] = known(np.where(keep, rounded(rounding, value), value))
        low, high = value.min(axis=0), value.max(axis=0)
        slack = 0.5 * (high - low) + 0.5 * np.maximum(unit(low), unit(high)) * (1 + 1e-6)
        found[q.name] = (low - slack, high + slack)
    return found

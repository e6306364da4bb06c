"""How far an honest answer can be from the exact value, from the rounding rule alone.

Each named quantity that somebody rounds is a source of error of half a unit in the last place.
Errors run along the graph as affine forms: first order with signs kept for each source, plus a
rigorous remainder.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.affine import Affine, Bounded, exact, laid_over, merged, uncertain
from rnnquiz.algebra.expression import Expression
from rnnquiz.algebra.operations import bound
from rnnquiz.decimals import TIE, Array, Rounding, power_of_ten
from rnnquiz.derivation.graph import Graph, Quantity


@dataclass(frozen=True)
class Interval:
    """Accepted values, both ends included. Shapes (N, *shape)."""

    low: Array
    high: Array

    def holds(self, values: Array) -> np.ndarray:
        """True where the value lies within; never where the interval is not finite or the value is
        missing."""
        with np.errstate(invalid="ignore"):
            finite = np.isfinite(self.low) & np.isfinite(self.high)
            return np.asarray(finite & (self.low <= values) & (values <= self.high))

    @property
    def half_width(self) -> Array:
        return (self.high - self.low) / 2


def around(value: Affine, own: Array) -> Interval:
    """The interval of a value that is written with an own error of at most `own`; ends are a hair
    wide for ties."""
    reach = value.radius + own * (1 + 2 * TIE) + HAIR * np.abs(value.centre)
    return Interval(value.centre - reach, value.centre + reach)


# Of a value: what some hundred operations in binary can lose of it (each 1.1e-16).
HAIR = 1e-13
# Of half a unit of the last place: a float nearer to a decimal number than this is that number.
REPRESENTABLE = 1e-12

Ends = dict[str, tuple[Array, Array, NDArray[np.int64]]]


def rounded_ends(
    intervals: Mapping[str, Interval], exact_: Mapping[str, Array], rounding: Rounding
) -> Ends:
    """Of each quantity the least and the greatest number within, with the digits asked, and their
    last place."""
    found = {}
    for name, interval in intervals.items():
        place = rounding.exponent(exact_[name])
        unit = power_of_ten(place)
        low = np.ceil(interval.low / unit - TIE) * unit
        high = np.floor(interval.high / unit + TIE) * unit
        found[name] = low, high, place
    return found


def own_error(rounding: Rounding, values: Array) -> Array:
    """Largest error of rounding `values` by the rule: half a unit, a whole one where truncation is
    allowed."""
    return rounding.unit(values) * (1.0 if rounding.truncation else 0.5)


def formula_bound(
    formula: Expression, values: Mapping[str, Affine], batch: int, quantity: Quantity
) -> Affine:
    """The formula over values with errors, as (N, *shape) also where it is a constant."""
    result: Bounded = bound(formula, values)
    if isinstance(result, float):
        return exact(np.full((batch, *quantity.shape), result))
    return result


def first_sources(graph: Graph) -> dict[str, int]:
    """The number of the first source of each computed quantity; its entries count on from there."""
    numbers, following = {}, 0
    for q in graph.computed:
        numbers[q.name] = following
        following += int(np.prod(q.shape))
    return numbers


def propagate(graph: Graph, givens: Mapping[str, Array], rounding: Rounding) -> dict[str, Affine]:
    """Each quantity with the errors of an honest chain: every named value before it may have been
    rounded, or not.

    The own rounding of a quantity is not yet in its form; `around(form, own_error(...))` adds it.
    """
    sources = first_sources(graph)
    batch = len(next(iter(givens.values())))
    forms: dict[str, Affine] = {}
    carried: dict[str, Affine] = {}
    for q in graph:
        if q.formula is None:
            carried[q.name] = forms[q.name] = exact(givens[q.name])
            continue
        form = widened(q, carried, batch)
        forms[q.name] = form
        carried[q.name] = with_source(form, rounding_error(rounding, form), sources[q.name])
    return forms


def written_error(own: Array, forms: Sequence[Affine], written: Array) -> Array:
    """How far what somebody goes on with can be from the number written, which rounds it by at most
    `own`.

    It lies in what one of the formulas gives, so a number that its operands give exactly has no
    error of its own (2 * 0.7790 = 1.558).
    """
    with np.errstate(invalid="ignore"):
        apart = [np.abs(written - form.centre) + form.radius for form in forms]
    return np.asarray(np.fmin(own, reduce(np.maximum, apart)))


def after_key(
    graph: Graph,
    givens: Mapping[str, Array],
    printed: Mapping[str, Array],
    rounding: Rounding,
    asked: Collection[str],
) -> dict[str, Affine]:
    """Each computed quantity from the numbers of the key: what is `asked` is written there, as
    `printed`.

    `around(form, own_error(rounding, |centre| + radius))` is what is accepted of a student who is
    right so far.
    """
    sources = first_sources(graph)
    batch = len(next(iter(givens.values())))
    forms: dict[str, Affine] = {}
    carried = {q.name: exact(givens[q.name]) for q in graph.givens}
    for q in graph.computed:
        assert q.formula is not None
        every = [
            formula_bound(formula, carried, batch, q) for formula in (q.formula, *q.alternatives)
        ]
        form = forms[q.name] = every[0]
        if q.name in asked:
            written = rounding.round(printed[q.name])
            own = own_error(rounding, np.abs(form.centre) + form.radius)
            carried[q.name] = with_source(
                exact(written), written_error(own, every, written), sources[q.name]
            )
        else:
            carried[q.name] = with_source(form, rounding_error(rounding, form), sources[q.name])
    return forms


def accepted(rounding: Rounding, form: Affine) -> Interval:
    """From where to where a number is accepted as a rounding of the form."""
    return around(form, own_error(rounding, np.abs(form.centre) + form.radius))


def rounding_error(rounding: Rounding, form: Affine) -> Array:
    """Largest error that rounding this value can add; none where the value is known exactly and
    needs no rounding."""
    own = own_error(rounding, np.abs(form.centre) + form.radius)
    with np.errstate(invalid="ignore"):
        off = np.abs(rounding.round(form.centre) - form.centre)
        representable = (form.radius == 0) & (off <= REPRESENTABLE * own)
    return np.where(representable, 0.0, own)


def widened(q: Quantity, values: Mapping[str, Affine], batch: int) -> Affine:
    """The quantity's formula with errors, widened so that its alternative formulas fit in as
    well."""
    assert q.formula is not None
    return joined_forms(
        [formula_bound(formula, values, batch, q) for formula in (q.formula, *q.alternatives)]
    )


def joined_forms(forms: Sequence[Affine]) -> Affine:
    """The first form, widened so that the others fit in as well.

    All of them agree exactly where nothing was rounded; the remainder takes up by how much they can
    differ.
    """
    form = forms[0]
    for other in forms[1:]:
        reach = np.maximum(np.abs(other.centre - form.centre) + other.radius - form.radius, 0.0)
        form = Affine(form.centre, form.coefficients, form.sources, form.remainder + reach)
    return form


def with_source(form: Affine, radius: Array, first_source: int) -> Affine:
    """The form with one more independent error on each entry."""
    fresh = uncertain(form.centre, radius, first_source)
    sources = merged(form, fresh)
    coefficients = laid_over(form.coefficients, form, sources, form.centre) + laid_over(
        fresh.coefficients, fresh, sources, form.centre
    )
    return Affine(form.centre, coefficients, sources, form.remainder)

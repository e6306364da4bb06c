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
from rnnquiz.derivation.evaluate import batch_of
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
            # An end that is infinite means that nothing is known, not that all is right.
            finite = np.isfinite(self.low) & np.isfinite(self.high)
            above, below = self.low <= values, values <= self.high
            return np.asarray(finite & above & below)

    @property
    def half_width(self) -> Array:
        """Half of its width, (N, ...)."""
        return (self.high - self.low) / 2


def around(value: Affine, own: Array) -> Interval:
    """The interval of a value that is written with an own error of at most `own`; ends are a hair
    wide for ties."""
    rounding = own * (1 + 2 * TIE)
    hair = HAIR * np.abs(value.centre)
    reach = value.radius + rounding + hair
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
        # An end that is a whole number of units belongs to the interval, a hair off in binary, too.
        least = np.ceil(interval.low / unit - TIE)
        greatest = np.floor(interval.high / unit + TIE)
        low, high = least * unit, greatest * unit
        found[name] = low, high, place
    return found


def own_error(rounding: Rounding, values: Array) -> Array:
    """Largest error of rounding `values` by the rule: half a unit, a whole one where truncation is
    allowed."""
    units = 1.0 if rounding.truncation else 0.5
    return rounding.unit(values) * units


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
    batch = batch_of(givens)
    forms: dict[str, Affine] = {}
    carried: dict[str, Affine] = {}
    for q in graph:
        if q.formula is None:
            given = exact(givens[q.name])
            forms[q.name] = carried[q.name] = given
            continue
        form = forms[q.name] = widened(q, carried, batch)
        error = rounding_error(rounding, form)
        carried[q.name] = with_source(form, error, sources[q.name])
    return forms


def written_error(own: Array, forms: Sequence[Affine], written: Array) -> Array:
    """How far what somebody goes on with can be from the number written, which rounds it by at most
    `own`.

    It lies in what one of the formulas gives, so a number that its operands give exactly has no
    error of its own (2 * 0.7790 = 1.558).
    """
    with np.errstate(invalid="ignore"):
        farthest = reduce(np.maximum, [_farthest(form, written) for form in forms])
        # fmin, not minimum: where a formula has no value, the error of rounding alone is known.
        return np.asarray(np.fmin(own, farthest))


def _farthest(form: Affine, written: Array) -> Array:
    """How far a value of the form can be from the number written."""
    return np.abs(written - form.centre) + form.radius


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
    batch = batch_of(givens)
    forms: dict[str, Affine] = {}
    carried = {q.name: exact(givens[q.name]) for q in graph.givens}
    for q in graph.computed:
        every = _every_form(q, carried, batch)
        goes_on = form = forms[q.name] = every[0]
        if q.name in asked:
            written = rounding.round(printed[q.name])
            own = own_error(rounding, largest(form))
            goes_on = exact(written)
            error = written_error(own, every, written)
        else:
            # It stands nowhere: who goes on with it may have rounded it, or not.
            error = rounding_error(rounding, form)
        carried[q.name] = with_source(goes_on, error, sources[q.name])
    return forms


def _every_form(q: Quantity, values: Mapping[str, Affine], batch: int) -> list[Affine]:
    """What each formula of a quantity gives, its own first."""
    assert q.formula is not None
    formulas = (q.formula, *q.alternatives)
    return [formula_bound(formula, values, batch, q) for formula in formulas]


def largest(form: Affine) -> Array:
    """The greatest size that a value may have."""
    return np.abs(form.centre) + form.radius


def accepted(rounding: Rounding, form: Affine) -> Interval:
    """From where to where a number is accepted as a rounding of the form."""
    own = own_error(rounding, largest(form))
    return around(form, own)


def rounding_error(rounding: Rounding, form: Affine) -> Array:
    """Largest error that rounding this value can add; none where the value is known exactly and
    needs no rounding."""
    own = own_error(rounding, largest(form))
    with np.errstate(invalid="ignore"):
        as_written = rounding.round(form.centre)
        off = np.abs(as_written - form.centre)
        unchanged = off <= REPRESENTABLE * own
        representable = (form.radius == 0) & unchanged
    return np.where(representable, 0.0, own)


def widened(q: Quantity, values: Mapping[str, Affine], batch: int) -> Affine:
    """The quantity's formula with errors, widened so that its alternative formulas fit in as
    well."""
    return joined_forms(_every_form(q, values, batch))


def joined_forms(forms: Sequence[Affine]) -> Affine:
    """The first form, widened so that the others fit in as well.

    All of them agree exactly where nothing was rounded; the remainder takes up by how much they can
    differ.
    """
    form = forms[0]
    for other in forms[1:]:
        apart = np.abs(other.centre - form.centre)
        beyond = apart + other.radius - form.radius
        reach = np.maximum(beyond, 0.0)
        # Into the remainder: by how much two formulas differ has no sign that could cancel later.
        form = Affine(form.centre, form.coefficients, form.sources, form.remainder + reach)
    return form


def with_source(form: Affine, radius: Array, first_source: int) -> Affine:
    """The form with one more independent error on each entry."""
    fresh = uncertain(form.centre, radius, first_source)
    sources = merged(form, fresh)
    own = laid_over(form.coefficients, form, sources, form.centre)
    new = laid_over(fresh.coefficients, fresh, sources, form.centre)
    return Affine(form.centre, own + new, sources, form.remainder)
